// SPDX-License-Identifier: EUPL-1.2

package acd

import (
	"slices"

	"rivage.example/rivage"
)

// Turns is how many conversations have to end, on average, before an interaction at a rank in a line has its turn, and
// how many agents at work may serve that line; false when none does. 0 turns is at once.
//
// Who waits before it, in whatever line, counts for the part of its agents who also serve this one: with agents free at
// random, that part of those callers takes one of this line's agents.
func (a *ACD) Turns(line rivage.ID, rank rivage.Rank) (turns float64, servers int, ok bool) {
	s := a.queues[line]
	if s == nil {
		return 0, 0, false
	}
	serves := map[*class]bool{}
	for _, v := range s.verdicts {
		if v.eligible {
			serves[v.class] = true
			servers += v.class.atWork()
		}
	}
	if servers == 0 {
		return 0, 0, false
	}
	turns = 1 - float64(s.free)
	for _, other := range a.queues {
		if ahead := other.before(rank); ahead > 0 {
			turns += float64(ahead) * other.part(serves)
		}
	}
	return max(0, turns), servers, true
}

// before is how many wait at an earlier rank.
func (s *queue) before(rank rivage.Rank) int {
	n, _ := slices.BinarySearchFunc(s.line, rank, func(w *Waiting, r rivage.Rank) int {
		if w.Rank < r {
			return -1
		}
		return 1
	})
	return n
}

// part is how much of who serves a queue is in a set of classes.
func (s *queue) part(of map[*class]bool) float64 {
	in, all := 0, 0
	for _, v := range s.verdicts {
		if !v.eligible {
			continue
		}
		n := v.class.atWork()
		all += n
		if of[v.class] {
			in += n
		}
	}
	if all == 0 {
		return 0
	}
	return float64(in) / float64(all)
}

// atWork counts the agents of a class who take calls one after the other: free, or with one.
func (c *class) atWork() int {
	n := len(c.free)
	for _, a := range c.away {
		if a.why == Offered || a.why == Engaged || a.why == WrapUp {
			n += a.n
		}
	}
	return n
}
