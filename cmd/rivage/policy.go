// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

func policyCommand() *cobra.Command {
	c := &cobra.Command{Use: "policy", Short: "Ce que les règles, les matrices et les garanties répondent, et la preuve qu'elles ont été suivies"}
	c.AddCommand(policyMatrix(), policyExplain(), policyDiff(), policyProve(), policyPacks())
	return c
}

// withPolicy opens what is in force in an instance.
func withPolicy(cmd *cobra.Command, dir string, do func(i *instance, s *rivage.Settings, gate *policy.Gate) error) error {
	return withInstance(cmd, dir, func(i *instance) error {
		head, err := i.store.Head(cmd.Context())
		if err != nil {
			return err
		}
		s, gate, err := settingsAt(cmd.Context(), i.store, head.Size)
		if err != nil {
			return err
		}
		return do(i, s, gate)
	})
}

func policyMatrix() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "matrix PRINCIPAL --dir DIR",
		Short: "Montrer la table totale au-dessus des règles d'un donneur d'ordre : classe × zone × exposition × mode",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withPolicy(cmd, dir, func(i *instance, s *rivage.Settings, gate *policy.Gate) error {
				principal := rivage.ID(args[0])
				if s.Principals[principal] == nil {
					return &rivage.Error{Code: rivage.NotFound, Message: fmt.Sprintf("there is no principal %q", principal)}
				}
				return printMatrix(cmd.OutOrStdout(), gate, principal, i.clock.Now())
			})
		},
	}
	dirFlag(c, &dir)
	return c
}

func printMatrix(out io.Writer, gate *policy.Gate, principal rivage.ID, at time.Time) error {
	fmt.Fprintf(out, "profil %s, donneur d'ordre %s\n", gate.Profile(), principal)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "classe\tzone\tsociété\tvoix\tvue\tcopie\tadministration\tlieu de conservation\tgaranties")
	table := gate.FrameTable(principal, at)
	for row := range slices.Chunk(table, len(policy.Columns)) {
		words := make([]string, len(row))
		needs := ""
		for i, c := range row {
			words[i] = outcomeWord(c)
			needs = cmp.Or(needs, needsText(c.Needs))
		}
		who := "Union"
		if row[0].Exposed {
			who = "exposée"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", row[0].Class, row[0].Zone, who, strings.Join(words, "\t"), needs)
	}
	if len(table) == 0 {
		fmt.Fprintln(t, "aucune règle n'est chargée : tout est refusé")
	}
	return t.Flush()
}

// outcomeWord is an outcome in French, with the layer that refuses.
func outcomeWord(c policy.FrameCell) string {
	if c.Layer != "" {
		return "refusé (" + map[string]string{policy.LayerProfile: "profil", policy.LayerPack: "paquet", policy.LayerFloor: "organisation", policy.LayerMatrix: "matrice"}[c.Layer] + ")"
	}
	return map[string]string{"full": "plein", "masked": "masqué", "remote": "à distance", "masked-remote": "à distance, masqué"}[c.Outcome]
}

func needsText(sets [][]rivage.SafeguardKind) string {
	texts := make([]string, len(sets))
	for i, set := range sets {
		words := make([]string, len(set))
		for j, kind := range set {
			words[j] = policy.SafeguardName(kind)
		}
		texts[i] = strings.Join(words, " + ")
	}
	return strings.Join(texts, ", ou ")
}

func policyExplain() *cobra.Command {
	var dir, at string
	r := policy.Request{Place: rivage.Place{}}
	flags := []struct {
		name, value, help string
		to                func(string)
	}{
		{"class", "suivi", "classe de données", func(v string) { r.Class = rivage.DataClass(v) }},
		{"action", "offer", "offer, leg, record, playback, field ou export", func(v string) { r.Action = rivage.Action(v) }},
		{"mode", "voice", "voice, view, copy ou admin", func(v string) { r.Mode = rivage.Mode(v) }},
		{"purpose", "service", "finalité", func(v string) { r.Purpose = rivage.Purpose(v) }},
		{"site", "", "site d'où vient la demande : donne société et pays", func(v string) { r.Place.Site = rivage.ID(v) }},
		{"company", "", "société", func(v string) { r.Place.Company = rivage.ID(v) }},
		{"country", "", "pays, deux lettres", func(v string) { r.Place.Country = rivage.Country(v) }},
		{"evidence", "attested", "attested, declared ou unknown", func(v string) { r.Place.Evidence = rivage.Evidence(v) }},
		{"field", "", "nom du champ", func(v string) { r.Field = v }},
		{"queue", "", "file ; sans elle, une file de l'essai en cours au site", func(v string) { r.Queue = rivage.ID(v) }},
	}
	values := make([]*string, len(flags))
	c := &cobra.Command{
		Use: "explain PRINCIPAL --dir DIR", Short: "Expliquer une réponse : règles qui s'appliquent, celles qui manquent de peu, et chaque couche du cadre", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for i := range flags {
				flags[i].to(*values[i])
			}
			r.Principal = rivage.ID(args[0])
			return withPolicy(cmd, dir, func(i *instance, s *rivage.Settings, gate *policy.Gate) error {
				when, err := instantOf(at, i.clock.Now())
				if err != nil {
					return err
				}
				if site := s.Sites[r.Place.Site]; site != nil {
					r.Place.Company, r.Place.Country = site.Company, site.Country
				} else if r.Place.Site != "" {
					return &rivage.Error{Code: rivage.NotFound, Message: fmt.Sprintf("there is no site %q", r.Place.Site)}
				}
				r = gate.Tried(r)
				return printExplanation(cmd.OutOrStdout(), gate.Decide(r, when), gate.Bounds(r, when), gate.Explain(r, when))
			})
		},
	}
	dirFlag(c, &dir)
	for i, f := range flags {
		values[i] = c.Flags().String(f.name, f.value, f.help)
	}
	c.Flags().StringVar(&at, "at", "", "instant de la demande (RFC 3339) ; maintenant quand il manque")
	return c
}

func instantOf(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return now, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, usageError{fmt.Errorf("--at: want an instant like 2026-11-28T19:00:00Z")}
	}
	return t, nil
}

func printExplanation(out io.Writer, d rivage.Decision, bounds []policy.Bound, rules []policy.RuleTrace) error {
	fmt.Fprintf(out, "%s : %s\n", verdictWord(d), cmp.Or(d.Reason, "–"))
	fmt.Fprintf(out, "règle %s, base %s, empreinte %s\n", orNone(d.Rule), orNone(d.Basis), orNone(d.Rules))
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, b := range bounds {
		fmt.Fprintf(t, "cadre\t%s\t%s\t%s\n", b.Layer, b.Outcome, b.Reason)
	}
	for _, tr := range rules {
		state := "s'applique"
		switch {
		case tr.Decides:
			state = "décide"
		case !tr.Applies:
			state = "manque de peu : " + strings.Join(tr.Misses, ", ")
		}
		fmt.Fprintf(t, "règle\t%s\t%s\t%s\n", tr.Rule, tr.Effect, state)
	}
	return t.Flush()
}

func verdictWord(d rivage.Decision) string {
	switch {
	case !d.Allowed:
		return "refusé"
	case d.Remote:
		return "permis, en image seulement"
	case d.Masked:
		return "permis, en partie masqué"
	}
	return "permis"
}
