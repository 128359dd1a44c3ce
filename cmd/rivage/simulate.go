// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/engine/workforce"
)

// simulation is what is asked of a run.
type simulation struct {
	queue   rivage.ID
	area    rivage.Area
	asking  []int // percent
	days    int
	perHour float64 // of a load nobody has had yet; 0 plays the log
	handle  int     // seconds, of such a load
	staff   map[string]int
	hours   int
}

func simulateCommand() *cobra.Command {
	var dir, area string
	var s simulation
	c := &cobra.Command{
		Use:   "simulate QUEUE --dir DIR",
		Short: "Montrer le service si 5, 20 ou 60 % des appelants demandent une zone, avant de leur laisser le choix",
		Long:  "Plays what came in over the last days again, on the real routing and the agents who were at work, with a part of the callers asking to be answered from an area. With --calls, a supposed load and supposed agents are played instead. Nothing is changed.",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s.queue, s.area = rivage.ID(args[0]), rivage.Area(area)
			return withPolicy(cmd, dir, func(i *instance, set *rivage.Settings, gate *policy.Gate) error {
				r, err := s.run(cmd.Context(), i, set, gate)
				if err != nil {
					return err
				}
				return r.print(cmd.OutOrStdout())
			})
		},
	}
	dirFlag(c, &dir)
	c.Flags().StringVar(&area, "area", "FR", "zone demandée : FR, EU ou EEA")
	c.Flags().IntSliceVar(&s.asking, "asking", []int{5, 20, 60}, "parts d'appelants qui la demandent, en pour cent")
	c.Flags().IntVar(&s.days, "days", 7, "jours du journal à rejouer")
	c.Flags().Float64Var(&s.perHour, "calls", 0, "appels par heure d'une charge supposée, au lieu du journal")
	c.Flags().IntVar(&s.handle, "handle", 240, "secondes qu'un appel supposé prend, post-appel compris")
	c.Flags().StringToIntVar(&s.staff, "staff", nil, "conseillers supposés par site : brest=6,lome=10")
	c.Flags().IntVar(&s.hours, "hours", 100, "heures d'une charge supposée")
	return c
}

// simulated is what the runs found.
type simulated struct {
	simulation
	name    string
	target  time.Duration
	calls   int
	shared  bool // some queue has least shares of a day, which a run does not keep
	outcome []workforce.Outcome
}

func (s simulation) check(set *rivage.Settings) (*rivage.Queue, error) {
	q := set.Queues[s.queue]
	if q == nil {
		return nil, &rivage.Error{Code: rivage.NotFound, Message: fmt.Sprintf("there is no queue %q", s.queue)}
	}
	if !slices.Contains(rivage.Areas, s.area) {
		return nil, usageError{fmt.Errorf("--area %q: want one of %v", s.area, rivage.Areas)}
	}
	for _, percent := range s.asking {
		if percent < 0 || percent > 100 {
			return nil, usageError{fmt.Errorf("--asking %d: want 0 to 100", percent)}
		}
	}
	if s.days < 1 || s.days > 366 || s.hours < 1 || s.hours > 1000 || s.handle < 1 || s.handle > 36_000 || s.perHour < 0 || s.perHour > 100_000 {
		return nil, usageError{fmt.Errorf("--days: 1 to 366; --hours: 1 to 1000; --handle: 1 to 36000; --calls: at most 100000")}
	}
	for site, n := range s.staff {
		if set.Sites[rivage.ID(site)] == nil || n < 1 || n > 10_000 {
			return nil, usageError{fmt.Errorf("--staff %s=%d: want a site and 1 to 10000", site, n)}
		}
	}
	return q, nil
}

// run plays the load once for each part that asks, as if the queue had the choice.
func (s simulation) run(ctx context.Context, i *instance, set *rivage.Settings, gate *policy.Gate) (*simulated, error) {
	q, err := s.check(set)
	if err != nil {
		return nil, err
	}
	as := *q
	as.Choice = &rivage.Choice{Area: s.area}
	changed := *set
	changed.Queues = maps.Clone(set.Queues)
	changed.Queues[q.ID] = &as
	shared := false
	for id, other := range changed.Queues { // a run keeps no tally of a day
		if len(other.Shares) > 0 {
			without := *other
			without.Shares, shared = nil, true
			changed.Queues[id] = &without
		}
	}
	now := i.clock.Now()
	load, err := s.load(ctx, i, &changed, now)
	if err != nil {
		return nil, err
	}
	out := &simulated{simulation: s, name: q.Name, target: time.Duration(q.Target) * time.Second, shared: shared}
	for _, a := range load.Arrivals {
		if a.Queue == q.ID {
			out.calls++
		}
	}
	if out.calls == 0 {
		return nil, &rivage.Error{Code: rivage.NotFound, Message: fmt.Sprintf("nobody waited in %s over the last %d days: suppose a load (--calls 60 --staff brest=6,lome=10)", q.ID, s.days)}
	}
	for _, percent := range append([]int{0}, s.asking...) {
		out.outcome = append(out.outcome, workforce.Run(load, workforce.Plan{
			Lines: floor.Lines(&changed), Allow: floor.Allow(&changed, gate, now), Queue: q.ID, Area: floor.LineOf(q.ID, s.area),
			Asking: float64(percent) / 100, Target: out.target, Seed: 1,
		}))
	}
	return out, nil
}

func (s simulation) load(ctx context.Context, i *instance, set *rivage.Settings, now time.Time) (workforce.Load, error) {
	if s.perHour == 0 {
		return loadSince(ctx, i.store, now.AddDate(0, 0, -s.days), now, set)
	}
	span := time.Duration(s.hours) * time.Hour
	load := workforce.Load{Arrivals: workforce.Supposed{
		Queue: s.queue, From: rivage.At(now), For: span, PerHour: s.perHour, Handle: time.Duration(s.handle) * time.Second, Patience: 3 * time.Minute, Seed: 1,
	}.Arrivals()}
	for site, n := range s.staff {
		for k := range n {
			agent := &rivage.Agent{ID: rivage.ID(site + "-" + strconv.Itoa(k)), Queues: []rivage.ID{s.queue}, Skills: set.Queues[s.queue].Skills}
			present := &rivage.AgentStateSet{Agent: agent.ID, State: rivage.AgentReady, Place: placeOf(set, rivage.ID(site), rivage.Attested)}
			load.Shifts = append(load.Shifts, workforce.Shift{
				Agent: floor.Candidate(set, agent, present), From: rivage.At(now), To: rivage.At(now.Add(span + 24*time.Hour)),
			})
		}
	}
	return load, nil
}

func (r *simulated) print(out io.Writer) error {
	source := fmt.Sprintf("%d appels des %d derniers jours, rejoués avec les conseillers qui étaient en poste", r.calls, r.days)
	if r.perHour > 0 {
		source = fmt.Sprintf("%d appels supposés, %g par heure, %d s chacun", r.calls, r.perHour, r.handle)
	}
	fmt.Fprintf(out, "File %s, zone %s : %s.\n", r.name, r.area, source)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "demandent\tqui\tappels\trépondus\ten moins de %d s\tattente moyenne\t9 sur 10 sous\tpartis\trappels dus\tsans réponse\n", int(r.target.Seconds()))
	for k, o := range r.outcome {
		percent := 0
		if k > 0 {
			percent = r.asking[k-1]
		}
		for _, who := range []struct {
			name string
			s    *workforce.Service
		}{{"la zone", &o.Asked}, {"les autres", &o.Others}} {
			if who.s.N > 0 {
				fmt.Fprintf(t, "%d %%\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", percent, who.name, who.s.N, part(who.s.Answered, who.s.N), part(who.s.InTarget, who.s.N),
					seconds(who.s.Mean()), seconds(who.s.Within(0.9)), part(who.s.Abandoned, who.s.N), part(who.s.Owed, who.s.N), part(who.s.Left, who.s.N))
			}
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	notes := []string{"C'est un calcul, pas une promesse : chacun garde la patience et la durée d'appel qu'on a vues."}
	if r.shared {
		notes = append(notes, "Les parts minimales des files n'y sont pas tenues.")
	}
	_, err := fmt.Fprintln(out, strings.Join(notes, " "))
	return err
}

func part(n, of int) string { return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of)) }

func seconds(d time.Duration) string { return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds())) }
