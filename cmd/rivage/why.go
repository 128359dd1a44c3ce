// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/acd"
	"rivage.example/rivage/engine/policy"
)

func whyCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "why SEQ --dir DIR",
		Short: "Rejouer une décision : pourquoi cet agent, pourquoi ce champ, pourquoi pas les autres",
		Long:  "Reads an InteractionOffered, rebuilds settings, rules and presences as they stood before it, runs the routing again and prints the verdict on every agent. Of any other decision (a field, a conversation, a recording, a playback, an export) it prints what was asked, each layer and each rule, under what was in force then.",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			seq, err := strconv.ParseUint(args[0], 10, 63)
			if err != nil {
				return usageError{fmt.Errorf("%q is not the number of an entry", args[0])}
			}
			i, err := openInstance(cmd.Context(), dir)
			if err != nil {
				return err
			}
			defer i.Close()
			e, err := i.store.Entry(cmd.Context(), seq)
			if err != nil {
				return err
			}
			if e.Kind != rivage.KindInteractionOffered {
				return whyDecided(cmd, i, &e)
			}
			r, err := replay(cmd.Context(), i.store, seq)
			if err != nil {
				return err
			}
			if err := r.print(cmd, agentNames(cmd.Context(), i)); err != nil {
				return err
			}
			return r.agrees()
		},
	}
	dirFlag(c, &dir)
	return c
}

// whyDecided explains a decision that chose nobody.
func whyDecided(cmd *cobra.Command, i *instance, e *rivage.Stored) error {
	d, err := redecide(cmd.Context(), i.store, e.Seq)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "Écriture %d, %s, %s : %s\n", e.Seq, e.At.Time().Format(time.RFC3339), e.Kind, caseText(d.Request))
	for _, v := range d.InForce {
		fmt.Fprintf(out, "en vigueur : %s %s, version %d, écriture %d\n", v.Type, v.ID, v.Version, v.Seq)
	}
	if err := printExplanation(out, d.Decision, d.Bounds, d.Rules); err != nil {
		return err
	}
	if e.LeafText == nil {
		return nil
	}
	leaf, err := rivage.ParseLeaf(e.LeafText)
	if err == nil && (leaf.Rules != d.Decision.Rules || leaf.Rule != d.Decision.Rule) {
		err = fmt.Errorf("la décision rejouée n'est pas celle de l'écriture %d : elle cite %s sous %s", e.Seq, orNone(leaf.Rule), orNone(leaf.Rules))
	}
	return err
}

// agrees is an error when the decision, run again, is not the one of the entry.
func (r *replayed) agrees() error {
	if len(r.Differs) == 0 {
		return nil
	}
	names := make([]string, len(r.Differs))
	for i, d := range r.Differs {
		names[i] = map[string]string{
			"agent": "l'agent choisi", "place": "son lieu", "idle": "depuis quand il était libre", "candidates": "le nombre de candidats",
			"runners_up": "les suivants", "set_aside": "les écartés",
		}[d]
	}
	return fmt.Errorf("la décision rejouée n'est pas celle de l'écriture %d, pour %s", r.entry.Seq, strings.Join(names, ", "))
}

// dirFlag adds --dir, the folder of the instance that a verb reads.
func dirFlag(c *cobra.Command, dir *string) {
	c.Flags().StringVar(dir, "dir", ".", "dossier de l'instance")
}

// agentNames are the names of who answers, by account; somebody erased is left out.
func agentNames(ctx context.Context, i *instance) map[rivage.ID]string {
	names := map[rivage.ID]string{}
	rows, err := i.store.SettingRows(ctx)
	if err != nil {
		return names
	}
	for _, r := range rows {
		if r.Type != rivage.TypeAccount {
			continue
		}
		if name, err := i.vault.OpenCell(ctx, r.Subject, "name", r.Name); err == nil {
			names[r.ID] = string(name)
		}
	}
	return names
}

// print gives the replay as a table, the chosen agent first.
func (r *replayed) print(cmd *cobra.Command, names map[rivage.ID]string) error {
	name := func(id rivage.ID) string { return cmp.Or(names[id], string(id)) }
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "Écriture %d, %s : interaction %s de la file %s, présentée à %s.\n",
		r.entry.Seq, r.entry.At.Time().Format(time.RFC3339), r.offered.Interaction, r.offered.Queue, name(r.offered.Agent))
	fmt.Fprintf(out, "%d candidat(s) possible(s) sur %d agent(s) connus à cet instant.\n\n", r.offered.Candidates, len(r.Verdicts))
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "agent\tsite\tpays\tlieu\tlibre depuis\tverdict\trègle")
	for _, v := range r.Verdicts {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", name(v.Agent), v.Place.Site, countryName(v.Place.Vouched()), evidenceName(v.Place.Evidence),
			idle(v.Idle), r.verdict(v), v.Rule)
	}
	return t.Flush()
}

func countryName(c rivage.Country) string {
	if c == "" {
		return "inconnu"
	}
	return policy.CountryName(c, "fr")
}

func evidenceName(e rivage.Evidence) string {
	switch e {
	case rivage.Attested:
		return "attesté"
	case rivage.Declared:
		return "déclaré"
	}
	return "inconnu"
}

func idle(us int64) string {
	if us <= 0 {
		return "–"
	}
	return (time.Duration(us) * time.Microsecond).Round(time.Second).String()
}

func (r *replayed) verdict(v acd.Verdict) string {
	switch {
	case v.Agent == r.Agent:
		return "choisi"
	case v.Eligible:
		return "possible"
	case v.Reason == acd.Policy:
		return "refusé : " + v.Decision.Reason
	}
	return "écarté : " + cmp.Or(asideWords[v.Reason], v.Reason)
}

// asideWords says why somebody was set aside, for people.
var asideWords = map[string]string{
	acd.Offered: "un appel lui est présenté", "engaged": "déjà en appel", acd.WrapUp: "en post-appel", acd.Paused: "en pause",
	acd.Offline: "hors ligne", acd.Unreachable: "injoignable", acd.Skill: "compétence insuffisante", acd.NotInQueue: "pas de cette file",
	"late": "son poste ne répond plus", "microphone": "microphone pas encore entendu", "site_not_ready": "site pas prêt",
}
