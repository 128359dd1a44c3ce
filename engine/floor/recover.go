// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/flow"
)

// Kept is what a restart reads back: rows only, whatever the process before was doing.
type Kept struct {
	Interactions []Known             // all that have not ended, callbacks owed included
	Agents       []rivage.AgentRow   //
	Recordings   []Unfinished        // that nobody ended
	Handled      []rivage.HandledRow // of today, by queue
	Tally        *Tally              // of today, from the log; nil where no queue has shares
	Software     string              // of this process
	Unclean      bool                // the process before did not say goodbye
}

// Known is an interaction's row, and whether the caller's number was ever known: one who withheld it cannot be called.
type Known struct {
	Row       rivage.InteractionRow
	Reachable bool
}

// Unfinished is a recording a process left open, as found on disk: readable to its last whole second.
type Unfinished struct {
	Principal rivage.ID
	Facts     rivage.RecordingEnded
}

// Recover puts the floor back as a crash or a stop left it: calls that were cut are each owed a callback at their
// rank, wrap-ups go on, everybody is offline until their desk is back.
func (s *State) Recover(now Moment, k Kept) Result {
	s.now = now
	if k.Tally != nil {
		s.tally = k.Tally
	}
	for _, h := range k.Handled {
		s.handled(h.Queue, h.Handled/int64(h.Closed))
	}
	s.newDay()
	b := &batch{s: s, now: now, world: true}
	b.add(rivage.Entry{
		Stream: "system", Principal: rivage.Organisation, Leaf: rivage.Leaf{Role: "system", Outcome: "started"},
		Facts: &rivage.Started{Software: k.Software, Unclean: k.Unclean},
	})
	for _, u := range k.Recordings {
		s.recordingEnded(b, RecordingEnded{Principal: u.Principal, Facts: u.Facts})
	}
	slices.SortFunc(k.Interactions, func(x, y Known) int {
		return cmp.Or(cmp.Compare(x.Row.Rank, y.Row.Rank), cmp.Compare(x.Row.ID, y.Row.ID))
	})
	for _, i := range k.Interactions {
		s.recoverInteraction(b, i)
	}
	for _, row := range k.Agents {
		s.recoverAgent(b, row)
	}
	return b.result()
}

func (s *State) recoverInteraction(b *batch, i Known) {
	row := i.Row
	switch {
	case row.State == rivage.CallbackOwed:
		s.owe(row)
	case row.State == rivage.WrapUp:
		c := &call{row: row, wrap: b.now.Elapsed}
		s.calls[row.ID] = c
		left := max(row.Deadline.Time().Sub(b.now.Wall), 0)
		if q := s.settings.Queues[row.Queue]; q != nil { // the wall clock may have been set back between two processes
			left = min(left, time.Duration(q.WrapUp+q.WrapUpMore)*time.Second)
		}
		c.timer = s.after(b.now, left, func(b *batch) { s.overdue(b, c) })
	case !i.Reachable:
		b.fail(row, "crash")
	default:
		if row.Queue == "" {
			if f := s.settings.Flows[row.Flow]; f != nil {
				row.Queue = flow.QueueOf(f)
			}
		}
		s.promise(b, row, "crash")
	}
}

// recoverAgent: the desks are gone with the process; whoever comes back says so.
func (s *State) recoverAgent(b *batch, row rivage.AgentRow) {
	a := s.agents[row.Agent]
	if a == nil {
		return
	}
	a.row = row
	if row.State == rivage.AgentOffline {
		return
	}
	c := s.unfinished(a)
	a.row.Session = ""
	s.setAgent(b, a, rivage.AgentOffline, "", c, 0)
}

// Goodbye is the last entry of a process that leaves in order.
func (s *State) Goodbye(now Moment) Result {
	b := &batch{s: s, now: now, world: true}
	s.flushDoor(b)
	for _, id := range slices.Sorted(maps.Keys(s.agents)) {
		if a := s.agents[id]; a.row.State != rivage.AgentOffline {
			a.row.Session = ""
			s.setAgent(b, a, rivage.AgentOffline, "", s.unfinished(a), 0)
		}
	}
	b.add(rivage.Entry{
		Stream: "system", Principal: rivage.Organisation, Leaf: rivage.Leaf{Role: "system", Outcome: "stopped"},
		Facts: &rivage.Stopped{Reason: "asked"},
	})
	return b.result()
}

// SetDown says whether the journal takes appends. While it does not, nothing is decided.
func (s *State) SetDown(down bool) { s.down = down }
