// SPDX-License-Identifier: EUPL-1.2

package acd

import (
	"cmp"
	"slices"

	"rivage.example/rivage"
)

// Verdict is how one agent stands towards a queue.
type Verdict struct {
	Agent    rivage.ID
	Place    rivage.Place
	Eligible bool            // could be chosen now
	Reason   string          // why not, "" when eligible
	Rule     string          // of policy, when it decided
	Idle     int64           // µs, when available
	Decision rivage.Decision // of policy on the queue and the agent's place; zero for an agent not of the queue
}

// Explain gives the verdict on every agent: those who could be chosen in the order in which they would be, then the
// available ones of the queue whom policy or a skill refuses, then the others of the queue, then everybody else; each
// group idle for longest first. It walks over agents: for a person who asks why.
func (a *ACD) Explain(queue rivage.ID, now rivage.Micros) []Verdict {
	s := a.queues[queue]
	list := make([]*agent, 0, len(a.agents))
	for _, g := range a.agents {
		list = append(list, g)
	}
	slices.SortFunc(list, longer)
	verdicts := make([]Verdict, len(list))
	for i, g := range list {
		verdicts[i] = g.explain(s, now)
	}
	slices.SortStableFunc(verdicts, func(x, y Verdict) int { return cmp.Compare(x.group(), y.group()) })
	return verdicts
}

func (g *agent) explain(s *queue, now rivage.Micros) Verdict {
	e := Verdict{Agent: g.ID, Place: g.Place}
	if g.Available {
		e.Idle = int64(now - g.IdleSince)
	}
	var v *verdict
	if s != nil {
		v = g.class.verdict(s)
	}
	if v != nil {
		e.Decision = v.decision
	}
	switch {
	case v == nil:
		e.Reason = NotInQueue
	case !g.Available:
		e.Reason = g.why()
	default:
		e.Eligible, e.Reason, e.Rule = v.eligible, v.reason, v.rule()
	}
	return e
}

func (v *Verdict) group() int {
	switch {
	case v.Eligible:
		return 0
	case v.Reason == NotInQueue:
		return 3
	case v.Reason == Policy || v.Reason == Skill:
		return 1
	}
	return 2
}
