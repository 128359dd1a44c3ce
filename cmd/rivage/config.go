// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/config"
)

func configCommand() *cobra.Command {
	c := &cobra.Command{Use: "config", Short: "Configuration : le fichier de la machine, et ce que les personnes règlent"}
	c.AddCommand(configExport(), configApply(), configCheck(), configDescribe())
	return c
}

func configDescribe() *cobra.Command {
	return &cobra.Command{
		Use: "describe", Short: "Montrer rivage.toml, annoté, avec ses valeurs par défaut", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			m := defaultMachine()
			text, err := m.text()
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
	}
}

func configCheck() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use: "check --dir DIR", Short: "Vérifier rivage.toml", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := readMachine(dir); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), "rivage.toml est valable.")
			return nil
		},
	}
	dirFlag(c, &dir)
	return c
}

func configExport() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "export FOLDER --dir DIR",
		Short: "Écrire tout ce qui est réglé dans un dossier de fichiers TOML",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withSettings(cmd, dir, func(s *settings) error { return exportFolder(cmd, s, args[0]) })
		},
	}
	dirFlag(c, &dir)
	return c
}

func exportFolder(cmd *cobra.Command, s *settings, folder string) error {
	docs, err := s.documents(cmd.Context())
	if err != nil {
		return err
	}
	files, err := docs.Export(func(hash string) ([]byte, error) { return s.wav(cmd.Context(), hash) })
	if err != nil {
		return err
	}
	if left, err := os.ReadDir(folder); err == nil && len(left) > 0 {
		return &rivage.Error{Code: rivage.Conflict, Message: folder + " is not empty: export into a new folder"}
	}
	for name, content := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("export: %w", err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return fmt.Errorf("export: %w", err)
		}
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%d documents écrits dans %s (noms et identifiants de personnes compris : protégez ce dossier).\n", docs.Len(), folder)
	return nil
}

// applyOptions are the flags of config apply.
type applyOptions struct {
	dir         string
	dry, remove bool
	links       string
}

func configApply() *cobra.Command {
	var o applyOptions
	c := &cobra.Command{
		Use:   "apply FOLDER --dir DIR",
		Short: "Appliquer un dossier : différence lisible, tout ou rien",
		Long:  "Reads a folder as `config export` writes it, shows what would change, and writes it in one append: all of it or nothing. New accounts get invitation links, no passwords.",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withSettings(cmd, o.dir, func(s *settings) error { return applyFolder(cmd, s, args[0], o) })
		},
	}
	dirFlag(c, &o.dir)
	f := c.Flags()
	f.BoolVar(&o.dry, "dry-run", false, "montrer la différence, ne rien écrire")
	f.BoolVar(&o.remove, "remove", false, "retirer ce que le dossier ne contient pas")
	f.StringVar(&o.links, "invitations", "", "fichier où écrire les liens d'invitation (sinon : sortie standard)")
	return c
}

func applyFolder(cmd *cobra.Command, s *settings, folder string, o applyOptions) error {
	if _, err := os.Stat(folder); err != nil {
		return &rivage.Error{Code: rivage.Invalid, Message: folder + ": no such folder"}
	}
	plan, err := s.applyFolder(cmd.Context(), config.By{Role: "administrator"}, os.DirFS(folder), o.remove, o.dry)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	for _, line := range plan.Lines() {
		fmt.Fprintln(out, line)
	}
	for _, line := range plan.Warnings(s.instance.clock.Now()) {
		fmt.Fprintln(out, "! "+line)
	}
	if o.dry {
		fmt.Fprintln(out, "Rien n'a été écrit (--dry-run).")
		return nil
	}
	return inviteAll(cmd, s, o.links, added(plan)...)
}

// openSettings reads what people set, for a verb.
func openSettings(ctx context.Context, i *instance) (*settings, error) {
	s := newSettings(i, newJournal(i.vault, i.store), nil, nil)
	return s, s.reload(ctx)
}

// withSettings opens an instance and its settings for the time of one verb.
func withSettings(cmd *cobra.Command, dir string, do func(*settings) error) error {
	return withInstance(cmd, dir, func(i *instance) error {
		s, err := openSettings(cmd.Context(), i)
		if err != nil && s.force.Load() == nil {
			return err
		}
		return errors.Join(do(s), err)
	})
}
