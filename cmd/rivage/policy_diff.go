// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/config"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/engine/view"
)

func policyDiff() *cobra.Command {
	var dir string
	var days int
	c := &cobra.Command{
		Use:   "diff FOLDER --dir DIR",
		Short: "Montrer les réponses qu'un dossier de réglages changerait, et ce qu'il aurait refusé ces derniers jours",
		Long:  "Compares every answer in force with those of a folder, before `rivage config apply`: by site, evidence, class, action and purpose. With --days the decisions of the journal are made again under the folder.",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withSettings(cmd, dir, func(s *settings) error { return diffPolicy(cmd, s, args[0], days) })
		},
	}
	dirFlag(c, &dir)
	c.Flags().IntVar(&days, "days", 0, "rejouer aussi les décisions des derniers jours")
	return c
}

func diffPolicy(cmd *cobra.Command, s *settings, folder string, days int) error {
	if days < 0 {
		return usageError{fmt.Errorf("--days: want a number of days, 0 for none")}
	}
	wanted, problems := config.Parse(os.DirFS(folder), decodeWAV)
	if len(problems) > 0 {
		return &rivage.Error{Code: rivage.Invalid, Err: errProblems(problems)}
	}
	current, err := s.documents(cmd.Context())
	if err != nil {
		return err
	}
	plan, problems := config.Diff(current, wanted, config.Options{})
	if len(problems) > 0 {
		return &rivage.Error{Code: rivage.Invalid, Err: errProblems(problems)}
	}
	after, gate, err := plan.After().Settings()
	if err != nil {
		return err
	}
	since := time.Time{}
	if days > 0 {
		since = s.clock.Now().AddDate(0, 0, -days)
	}
	t, err := tryChange(cmd.Context(), s, after, gate, since)
	if err != nil {
		return err
	}
	if err := t.printChanges(cmd.OutOrStdout()); err != nil || days == 0 {
		return err
	}
	return t.printRefusals(cmd.OutOrStdout(), days)
}

// answerChange is one question whose answer a change turns.
type answerChange struct {
	principal rivage.ID
	place     rivage.Place
	request   policy.Request
	from, to  rivage.Decision
}

// printChanges lists what changes, a line for each site, evidence, class, action and purpose.
func (t *trial) printChanges(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, c := range t.changes {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s → %s\n", c.principal, cmp.Or(c.place.Site, "sans site"), evidenceName(c.place.Evidence), c.request.Class,
			c.request.Action, c.request.Purpose, answerText(c.from), answerText(c.to))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d réponse(s) changeraient.\n", len(t.changes))
	return err
}

func answerText(d rivage.Decision) string {
	return verdictWord(d) + " (" + cmp.Or(d.Rule, "aucune règle") + ")"
}

// answerChanges are the answers that would be others, each once: at the first instant of the week that tells them apart.
func answerChanges(before, after *rivage.Settings, from, to *policy.Gate, at time.Time) (list []answerChange) {
	instants := append(from.Instants(at), to.Instants(at)...)
	principals := slices.Compact(slices.Sorted(both(maps.Keys(before.Principals), maps.Keys(after.Principals))))
	for _, principal := range principals {
		for _, place := range placesOf(before, after) {
			for _, r := range questions(from, to, principal, at) {
				for _, at := range instants {
					r.Place = place[0]
					old := from.Decide(from.Tried(r), at)
					r.Place = place[1]
					now := to.Decide(to.Tried(r), at)
					if old.Allowed != now.Allowed || old.Masked != now.Masked || old.Remote != now.Remote {
						list = append(list, answerChange{principal, place[1], r, old, now})
						break
					}
				}
			}
		}
	}
	return list
}

// questions are what either gate tells apart: the fields that the rules of one of them name count for both.
func questions(from, to *policy.Gate, principal rivage.ID, at time.Time) (list []policy.Request) {
	seen := map[policy.Request]bool{}
	for _, gate := range []*policy.Gate{to, from} {
		for c := range gate.Matrix(principal, []rivage.Place{{}}, at) {
			if r := c.Request; usualMode(r) && !seen[r] {
				seen[r] = true
				list = append(list, r)
			}
		}
	}
	return list
}

// both goes through one sequence and then another.
func both[T any](a, b iter.Seq[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		for v := range a {
			if !yield(v) {
				return
			}
		}
		b(yield)
	}
}

// usualMode leaves out the combinations that nothing asks: each action reaches data by one mode.
func usualMode(r policy.Request) bool {
	return r.Mode == view.ModeOf(r.Action)
}

// placesOf pairs each site as it is with each as it would be, by evidence, and adds who has none.
func placesOf(before, after *rivage.Settings) (list [][2]rivage.Place) {
	none := rivage.Place{Evidence: rivage.Unknown}
	list = append(list, [2]rivage.Place{none, none})
	for _, site := range slices.Compact(slices.Sorted(both(maps.Keys(before.Sites), maps.Keys(after.Sites)))) {
		for _, e := range rivage.Evidences {
			list = append(list, [2]rivage.Place{placeOf(before, site, e), placeOf(after, site, e)})
		}
	}
	return list
}

// trial is what a change would do: to answers, and to what happened since an instant.
type trial struct {
	changes   []answerChange
	decisions int
	refused   map[trialRefusal]int
}

// trialRefusal is what a decision that was let happen would meet.
type trialRefusal struct {
	principal rivage.ID
	action    rivage.Action
	rule      string // "" for no rule
}

// goesThrough says whether an answer lets happen what happened.
func (d *pastDecision) goesThrough(answer rivage.Decision) bool {
	return answer.Allowed && (!answer.Masked || d.masked) && (!answer.Remote || d.remote)
}

// tryChange makes every answer, and the decisions of the log since an instant, under another gate: what that one would refuse
// and the one in force would not. A zero instant leaves the log alone.
func tryChange(ctx context.Context, s *settings, after *rivage.Settings, gate *policy.Gate, since time.Time) (trial, error) {
	at, now := s.clock.Now(), s.Settings()
	t := trial{changes: answerChanges(now, after, s.Gate(), gate, at), refused: map[trialRefusal]int{}}
	if since.IsZero() {
		return t, nil
	}
	err := newDecisions(s.store).each(ctx, s.store.Size(), func(d *pastDecision, _ []inForceAt) error {
		if d.at.Before(since) {
			return nil
		}
		t.decisions++
		then := policy.SameHour(d.at, at)
		if answer := gate.DecideField(after, d.request, then); !d.goesThrough(answer) && d.goesThrough(s.Gate().DecideField(now, d.request, then)) {
			t.refused[trialRefusal{d.request.Principal, d.request.Action, answer.Rule}]++
		}
		return nil
	})
	return t, err
}

// refusals are in a fixed order.
func (t *trial) refusals() []trialRefusal {
	return slices.SortedFunc(maps.Keys(t.refused), func(a, b trialRefusal) int {
		return cmp.Or(cmp.Compare(a.principal, b.principal), cmp.Compare(a.action, b.action), cmp.Compare(a.rule, b.rule))
	})
}

// printRefusals lists what the last days would have been refused.
func (t *trial) printRefusals(out io.Writer, days int) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	sum := 0
	for _, r := range t.refusals() {
		sum += t.refused[r]
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", t.refused[r], r.principal, r.action, cmp.Or(r.rule, "aucune règle"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d décision(s) sur %d jour(s) ; %d auraient été refusées.\n", t.decisions, days, sum)
	return err
}
