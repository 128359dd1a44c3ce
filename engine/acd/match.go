// SPDX-License-Identifier: EUPL-1.2

package acd

import (
	"cmp"
	"slices"

	"rivage.example/rivage"
)

// Bounds of what a Match tells, those of rivage.InteractionOffered.
const (
	maxRunnersUp = 5
	maxSetAside  = 32
)

// Match is a pair taken out: the interaction left its line and the agent is no longer available.
type Match struct {
	Interaction rivage.ID
	Queue       rivage.ID
	Rank        rivage.Rank
	Declined    []rivage.ID // as it was enqueued
	Agent       rivage.ID
	Place       rivage.Place
	IdleSince   rivage.Micros
	Idle        int64             // µs
	Candidates  int               // available, eligible agents, the chosen one included
	RunnersUp   []rivage.RunnerUp // the next in fairness, at most 5
	SetAside    []rivage.Count    // agents of the queue who could not be chosen, at most 32 rows, the rest summed in the last
	Decision    rivage.Decision   // what policy said of the queue and the agent's place
}

// queue is a line and the classes that may serve it.
type queue struct {
	id       rivage.ID
	set      bool
	skills   map[rivage.ID]int
	line     []*Waiting // by rank
	verdicts []*verdict
	free     int // available agents of the eligible classes
}

// sooner orders a line: the rank, which never changes, then the id so that no two orders are possible.
func sooner(x, y *Waiting) int {
	return cmp.Or(cmp.Compare(x.Rank, y.Rank), cmp.Compare(x.Interaction, y.Interaction))
}

func (s *queue) search(w *Waiting) (int, bool) { return slices.BinarySearchFunc(s.line, w, sooner) }

func (s *queue) insert(w *Waiting) {
	i, _ := s.search(w)
	s.line = slices.Insert(s.line, i, w)
}

func (s *queue) remove(w *Waiting) {
	if i, found := s.search(w); found {
		s.line = slices.Delete(s.line, i, i+1)
	}
}

// Next takes the best pair out: of the interactions that somebody available may take, the one at the smallest rank; of
// those agents, the one idle for longest. The agent is then Offered until SetAgent says otherwise. Call it until it
// says false. now only measures: Idle and the runners-up are microseconds before it.
func (a *ACD) Next(now rivage.Micros) (Match, bool) {
	w := a.first(false)
	if w == nil {
		w = a.first(true)
	}
	if w == nil {
		return Match{}, false
	}
	s := a.queues[w.Queue]
	declined := a.declined(s, w)
	best := s.best(declined)
	m := Match{
		Interaction: w.Interaction, Queue: w.Queue, Rank: w.Rank, Declined: w.Declined,
		Agent: best[0].ID, Place: best[0].Place, IdleSince: best[0].IdleSince, Idle: int64(now - best[0].IdleSince),
		Candidates: s.free - len(declined), SetAside: s.setAside(declined), Decision: best[0].class.verdict(s).decision,
	}
	for _, g := range best[1:] {
		m.RunnersUp = append(m.RunnersUp, rivage.RunnerUp{Agent: g.ID, Idle: now - g.IdleSince})
	}
	a.Remove(w.Interaction)
	chosen := best[0]
	chosen.class.take(chosen)
	chosen.Available, chosen.Why = false, Offered
	chosen.class.put(chosen)
	return m, true
}

// first is the interaction at the smallest rank that can be matched; among agents who declined it only if again.
func (a *ACD) first(again bool) *Waiting {
	var best *Waiting
	for _, s := range a.queues {
		if s.free == 0 || len(s.line) == 0 || best != nil && sooner(best, s.line[0]) < 0 {
			continue
		}
		if w := s.first(again); w != nil && (best == nil || sooner(w, best) < 0) {
			best = w
		}
	}
	return best
}

func (s *queue) first(again bool) *Waiting {
	if again {
		return s.line[0]
	}
	var free []*agent // gathered only when so few are free that all may have declined
	for _, w := range s.line {
		if s.free > len(w.Declined) {
			return w
		}
		if free == nil {
			free = s.gather()
		}
		if slices.ContainsFunc(free, func(g *agent) bool { return !slices.Contains(w.Declined, g.ID) }) {
			return w
		}
	}
	return nil
}

// gather lists the available agents of the eligible classes.
func (s *queue) gather() []*agent {
	free := make([]*agent, 0, s.free)
	for _, v := range s.verdicts {
		if v.eligible {
			free = append(free, v.class.free...)
		}
	}
	return free
}

// declined lists the agents who are free for the queue but refused w; none when there are no others.
func (a *ACD) declined(s *queue, w *Waiting) []*agent {
	var list []*agent
	for _, id := range w.Declined {
		g, ok := a.agents[id]
		if !ok || !g.Available {
			continue
		}
		if v := g.class.verdict(s); v != nil && v.eligible {
			list = append(list, g)
		}
	}
	if len(list) == s.free {
		return nil
	}
	return list
}

// best is the chosen agent, then the runners-up.
func (s *queue) best(declined []*agent) []*agent {
	best := make([]*agent, 0, maxRunnersUp+2)
	for _, v := range s.verdicts {
		if !v.eligible {
			continue
		}
		for _, g := range v.class.free {
			if len(best) > maxRunnersUp && longer(best[maxRunnersUp], g) < 0 {
				break // the rest of the class is idle for less
			}
			if slices.Contains(declined, g) {
				continue
			}
			i, _ := slices.BinarySearchFunc(best, g, longer)
			best = slices.Insert(best, i, g)
			best = best[:min(len(best), maxRunnersUp+1)]
		}
	}
	return best
}

// setAside counts, per reason, rule and site, the agents of the queue who could not be chosen. It walks over classes.
func (s *queue) setAside(declined []*agent) []rivage.Count {
	counts := make(map[rivage.Count]int)
	for _, v := range s.verdicts {
		site := v.class.of.Site
		for _, w := range v.class.away {
			if w.n > 0 {
				counts[rivage.Count{Reason: w.why, Site: site}] += w.n
			}
		}
		if !v.eligible && len(v.class.free) > 0 {
			counts[rivage.Count{Reason: v.reason, Rule: v.rule(), Site: site}] += len(v.class.free)
		}
	}
	for _, g := range declined {
		counts[rivage.Count{Reason: Declined, Site: g.Place.Site}]++
	}
	rows := make([]rivage.Count, 0, len(counts))
	for row, n := range counts {
		row.N = n
		rows = append(rows, row)
	}
	slices.SortFunc(rows, telling)
	return fold(rows)
}

// rule is the rule that policy named, "" when the verdict is not policy's.
func (v *verdict) rule() string {
	if v.reason == Policy {
		return v.decision.Rule
	}
	return ""
}

// telling orders rows: what was decided before what merely was the case, then the greatest counts.
func telling(x, y rivage.Count) int {
	return cmp.Or(
		cmp.Compare(weight(x.Reason), weight(y.Reason)), cmp.Compare(y.N, x.N),
		cmp.Compare(x.Reason, y.Reason), cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Site, y.Site),
	)
}

func weight(reason string) int {
	if i := slices.Index([]string{Policy, Skill, Declined}, reason); i >= 0 {
		return i
	}
	return 3
}

// fold sums what goes beyond the last row.
func fold(rows []rivage.Count) []rivage.Count {
	if len(rows) <= maxSetAside {
		return rows
	}
	rest := rivage.Count{Reason: Other}
	for _, row := range rows[maxSetAside-1:] {
		rest.N += row.N
	}
	return append(rows[:maxSetAside-1:maxSetAside-1], rest)
}
