// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"container/heap"
	"time"
)

// tick is the command the Runner gives when a deadline is due.
type tick struct{}

func (tick) command() {}

// deadline is one timer. It runs on monotonic time: a step of the wall clock neither fires nor delays it.
type deadline struct {
	at   time.Duration
	fire func(*batch)
	dead bool // cancelled; dropped when it comes up
}

// deadlines is a heap of timers, earliest first.
type deadlines []*deadline

func (d deadlines) Len() int           { return len(d) }
func (d deadlines) Less(i, j int) bool { return d[i].at < d[j].at }
func (d deadlines) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }

// Push implements heap.Interface.
func (d *deadlines) Push(x any) { *d = append(*d, x.(*deadline)) }

// Pop implements heap.Interface.
func (d *deadlines) Pop() any {
	old := *d
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*d = old[:len(old)-1]
	return last
}

// next drops what was cancelled and tells when the earliest of the others is due.
func (d *deadlines) next() (time.Duration, bool) {
	for d.Len() > 0 && (*d)[0].dead {
		heap.Pop(d)
	}
	if d.Len() == 0 {
		return 0, false
	}
	return (*d)[0].at, true
}

// after arms a timer and gives it back for cancelling.
func (s *State) after(now Moment, d time.Duration, fire func(*batch)) *deadline {
	t := &deadline{at: now.Elapsed + d, fire: fire}
	heap.Push(&s.deadlines, t)
	return t
}

// cancel disarms a timer; nil is none.
func cancel(t *deadline) {
	if t != nil {
		t.dead = true
	}
}

// due fires the earliest timer that is due. One a step, so that each has an append of its own.
func (s *State) due(b *batch) {
	at, ok := s.deadlines.next()
	if ok && at <= b.now.Elapsed {
		t := heap.Pop(&s.deadlines).(*deadline)
		t.fire(b)
	}
}
