// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"math"
	"time"

	"rivage.example/rivage"
)

// handling is how long a conversation of a queue takes an agent, wrap-up included: a mean over the last ones.
type handling struct {
	mean float64 // µs
	n    int
}

// handlingOver is over how many conversations the mean looks back.
const handlingOver = 50

func (h *handling) add(us int64) {
	h.n = min(h.n+1, handlingOver)
	h.mean += (float64(us) - h.mean) / float64(h.n)
}

// handled takes the time of one more conversation.
func (s *State) handled(queue rivage.ID, us int64) {
	h := s.handling[queue]
	if h == nil {
		h = &handling{}
		s.handling[queue] = h
	}
	h.add(us)
}

// estimate is how long a caller who comes into a line now will wait there; false while nobody serves it, or before the first
// conversation of the queue ended.
func (s *State) estimate(queue rivage.ID, line rivage.ID, rank rivage.Rank) (time.Duration, bool) {
	h := s.handling[queue]
	turns, servers, ok := s.acd.Turns(line, rank)
	if !ok || h == nil {
		return 0, false
	}
	return time.Duration(turns*h.mean/float64(servers)) * time.Microsecond, true
}

// WaitPrompt is the prompt that says how long the wait for an area is: "wait-1" for less than a minute, to "wait-10", then
// "wait-more".
func WaitPrompt(wait time.Duration) rivage.ID {
	minutes := int(math.Floor(wait.Minutes())) + 1
	if minutes > 10 {
		return "wait-more"
	}
	return "wait" + rivage.ID(PositionPrompt(minutes)[len("position"):])
}

// tellWait tells the caller how long they would wait for the area that they may choose, where it can be said.
func (s *State) tellWait(b *batch, c *call, q *rivage.Queue, then func(*batch)) {
	rank := c.row.Rank
	if rank == 0 {
		rank = rivage.RankOf(s.steady(), q.Priority, rivage.Micros(q.PriorityStep)*1e6)
	}
	wait, ok := s.estimate(q.ID, LineOf(q.ID, q.Choice.Area), rank)
	p := s.settings.Prompts[WaitPrompt(wait)]
	if _, audible := audioOf(p); !ok || !audible {
		then(b)
		return
	}
	s.play(b, c, p, func(b *batch, p2 Played) {
		b.promptPlayed(c, p, p2)
		if p2.Complete {
			c.toldWait = wait
		}
		then(b)
	})
}
