// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

func policyPacks() *cobra.Command {
	var dir string
	var preview bool
	c := &cobra.Command{
		Use:   "packs --dir DIR",
		Short: "Lister les paquets de règles : droit daté, avec sa référence et ce qu'on en sait ; --preview montre aussi les propositions et ce qui est éteint",
		Args:  exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withPolicy(cmd, dir, func(_ *instance, _ *rivage.Settings, gate *policy.Gate) error {
				return printPacks(cmd.OutOrStdout(), gate.Packs(), preview)
			})
		},
	}
	dirFlag(c, &dir)
	c.Flags().BoolVar(&preview, "preview", false, "montrer aussi les propositions et les paquets éteints, qui ne décident rien")
	return c
}

var standings = map[string]string{
	policy.StandsVerified: "vérifié", policy.StandsUnverified: "non vérifié", policy.StandsProposal: "proposition", policy.StandsRepealed: "abrogé",
}

func printPacks(out io.Writer, packs []policy.PackState, preview bool) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "paquet\trègle\tétat\tconfiance\tdu\tau\tà relire\teffet\tréférence")
	hidden := 0
	for _, p := range packs {
		name := string(p.Pack.ID())
		if !p.On {
			name += " (éteint)"
		}
		for _, r := range p.Pack.Rows() {
			if !preview && (!p.On || r.Standing() == policy.StandsProposal) {
				hidden++
				continue
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", name, r.ID, standings[r.Standing()], r.Confidence,
				cmp.Or(r.ValidFrom, "–"), cmp.Or(r.ValidTo, "–"), cmp.Or(r.ReviewDue, "–"), packEffect(&r), r.LegalRef)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out, "Rien ici n'a été relu par un juriste. Un paquet resserre, il ne permet jamais ; « non vérifié » n'est pas du droit.")
	if hidden > 0 {
		fmt.Fprintf(out, "%d ligne(s) éteintes ou proposées ne sont pas montrées : --preview\n", hidden)
	}
	return nil
}

// packEffect is what a row does, in French.
func packEffect(r *policy.PackRow) string {
	var scope []string
	for _, list := range [][]string{textsOf(r.Classes), textsOf(r.Zones), r.Exposures, textsOf(r.Columns)} {
		scope = append(scope, cmp.Or(strings.Join(list, ","), "*"))
	}
	switch r.Effect {
	case policy.PackRefuse:
		return "refuse " + strings.Join(scope, " ")
	case policy.PackRequire:
		return "exige " + strings.Join(textsOf(r.Safeguards), "+") + " pour " + strings.Join(scope, " ")
	}
	return "aucun"
}

func textsOf[T ~string](list []T) []string {
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = string(v)
	}
	return texts
}
