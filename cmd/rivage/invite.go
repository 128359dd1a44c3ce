// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/config"
)

func inviteCommand() *cobra.Command {
	var dir, file string
	c := &cobra.Command{
		Use:   "invite LOGIN... --dir DIR",
		Short: "Donner à des comptes un nouveau mot de passe, par un lien d'invitation",
		Long: "Makes an invitation for each account, in place of the one still open: it replaces password and one-time codes when it is taken up. " +
			"It is how the last administrator comes back in, and how an account that another invited becomes a second person at once.",
		Args: atLeast(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withSettings(cmd, dir, func(s *settings) error {
				ids := make([]rivage.ID, len(args))
				for i, login := range args {
					var err error
					ids[i], err = directory{s.instance, s}.AccountByLogin(cmd.Context(), login)
					if rivage.CodeOf(err) == rivage.NotFound {
						return &rivage.Error{Code: rivage.NotFound, Message: fmt.Sprintf("invite %s: no account has this login; `rivage config export` lists them", login)}
					}
					if err != nil {
						return fmt.Errorf("invite %s: %w", login, err)
					}
				}
				return inviteAll(cmd, s, file, ids...)
			})
		},
	}
	dirFlag(c, &dir)
	c.Flags().StringVar(&file, "invitations", "", "fichier où écrire les liens d'invitation (sinon : sortie standard)")
	return c
}

// added are the accounts that a plan adds.
func added(plan *config.Plan) (ids []rivage.ID) {
	for _, c := range plan.Changes {
		if c.Type == rivage.TypeAccount && c.Op == config.Add {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// inviteAll makes invitations and hands their links over: into a new file, or on the standard output. The file comes first: an
// invitation whose link is lost would have taken the place of one that somebody holds.
func inviteAll(cmd *cobra.Command, s *settings, file string, ids ...rivage.ID) error {
	if len(ids) == 0 {
		return nil
	}
	if file == "" {
		links, err := s.invite(cmd.Context(), ids...)
		if err != nil {
			return err
		}
		return writeLinks(cmd.OutOrStdout(), links)
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the invitations: %w", err)
	}
	defer f.Close() //nolint:errcheck // Sync says what went wrong
	links, err := s.invite(cmd.Context(), ids...)
	if err != nil {
		return errors.Join(err, os.Remove(file)) // nothing stands in it
	}
	return errors.Join(writeLinks(f, links), f.Sync())
}

// invitation is a link to hand to one person.
type invitation struct{ login, url string }

func writeLinks(w io.Writer, links []invitation) error {
	for _, l := range links {
		if _, err := fmt.Fprintf(w, "%s\t%s\n", l.login, l.url); err != nil {
			return fmt.Errorf("write the invitations: %w", err)
		}
	}
	return nil
}

// invite makes invitations, in place of those still open.
func (s *settings) invite(ctx context.Context, ids ...rivage.ID) ([]invitation, error) {
	control, err := newAccess(s.instance, s, s.journal)
	if err != nil {
		return nil, err
	}
	made, err := control.Invite(ctx, "", ids...)
	if err != nil {
		return nil, err
	}
	var links []invitation
	for _, m := range made {
		_, login, err := directory{s.instance, s}.Names(ctx, m.Account)
		if err != nil {
			return nil, err
		}
		links = append(links, invitation{login, s.machine.url() + "/desk/?invitation=" + m.Token})
	}
	slices.SortFunc(links, func(a, b invitation) int { return strings.Compare(a.login, b.login) })
	return links, nil
}
