// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/record/vault"
)

func secretCommand() *cobra.Command {
	c := &cobra.Command{Use: "secret", Short: "Secrets nommés par la configuration (mots de passe des opérateurs…)"}
	var dir string
	set := &cobra.Command{
		Use:   "set NOM --dir DIR",
		Short: "Ranger un secret lu sur l'entrée standard",
		Long:  "Reads the value from standard input, seals it under the organisation's key and keeps it under its name. It never stands in an entry, an export, a log or on a command line.",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			value, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), vault.MaxSecret+1))
			if err != nil {
				return fmt.Errorf("read the secret: %w", err)
			}
			value = bytes.TrimRight(value, "\r\n")
			if len(value) == 0 {
				return &rivage.Error{Code: rivage.Invalid, Message: "the secret is empty: give it on standard input"}
			}
			return withInstance(cmd, dir, func(i *instance) error {
				return i.vault.Secrets(i.store).PutSecret(cmd.Context(), args[0], value)
			})
		},
	}
	list := &cobra.Command{
		Use: "list --dir DIR", Short: "Nommer les secrets rangés, sans leurs valeurs", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withInstance(cmd, dir, func(i *instance) error {
				names, err := i.store.Secrets(cmd.Context())
				for _, n := range names {
					fmt.Fprintln(cmd.OutOrStdout(), n)
				}
				return err
			})
		},
	}
	for _, sub := range []*cobra.Command{set, list} {
		dirFlag(sub, &dir)
		c.AddCommand(sub)
	}
	return c
}
