// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"cmp"
	"slices"

	"rivage.example/rivage"
)

// debt is a callback owed to a person, at the rank of the interaction that was cut.
type debt struct {
	row rivage.InteractionRow
}

// claim is where a debt counts: a person who rings takes the rank they are owed in the queue that they reach, and in no
// other.
type claim struct{ person, queue rivage.ID }

func claimOf(row *rivage.InteractionRow) claim { return claim{row.Person, row.Queue} }

// owe notes a debt. A person owed several in one queue is served at the oldest rank.
func (s *State) owe(row rivage.InteractionRow) {
	d := &debt{row: row}
	s.debts[row.ID] = d
	k := claimOf(&row)
	s.owed[k] = append(s.owed[k], d)
	slices.SortFunc(s.owed[k], byRank)
}

func byRank(x, y *debt) int {
	return cmp.Or(cmp.Compare(x.row.Rank, y.row.Rank), cmp.Compare(x.row.ID, y.row.ID))
}

// owing are the debts to somebody in a queue, the oldest first: a debt stands under the person its call was opened for, and is
// owed to whoever that is by now.
func (s *State) owing(w Who, queue rivage.ID) []*debt {
	debts := s.owed[claim{w.Person, queue}]
	for _, other := range w.Others {
		debts = slices.Concat(debts, s.owed[claim{other, queue}])
	}
	if len(w.Others) > 0 {
		slices.SortFunc(debts, byRank)
	}
	return debts
}

// promise owes the person of an interaction that is cut a call, at its rank.
func (s *State) promise(b *batch, row rivage.InteractionRow, reason string) {
	if row.Rank == 0 { // it had not reached the line: its arrival is its rank
		row.Rank = rivage.RankOf(row.OpenedAt, 0, 0)
	}
	row.State = rivage.CallbackOwed
	b.about(&call{row: row}, rivage.Leaf{Role: "system", Outcome: "callback_owed"}, &rivage.CallbackPromised{
		Interaction: row.ID, Queue: row.Queue, Rank: row.Rank, Reason: reason,
	})
	s.owe(row)
}

// fail ends an interaction of somebody who cannot be called back.
func (b *batch) fail(row rivage.InteractionRow, reason string) {
	row.State = rivage.Failed
	b.about(&call{row: row}, rivage.Leaf{Role: "system", Outcome: "failed"}, &rivage.InteractionFailed{Interaction: row.ID, Reason: reason})
}

// strand ends the waiting of those whose queue is gone.
func (s *State) strand(b *batch) {
	var list []*call
	for _, c := range s.calls {
		if s.settings.Queues[c.row.Queue] == nil && (c.row.State == rivage.Queued || c.row.State == rivage.Offered) {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(x, y *call) int { return cmp.Compare(x.row.ID, y.row.ID) })
	for _, c := range list {
		if o := c.offer; o != nil {
			s.endOffer(b, c, "withdrawn", queueRemoved)
			s.idleAgain(b, o.agent)
		}
		s.stranded(b, c)
	}
}

// stranded: nobody will be matched to a call whose queue is gone. Its caller is not left with music for ever: they are
// owed a call, where they can be called.
func (s *State) stranded(b *batch, c *call) {
	s.acd.Remove(c.row.ID)
	if c.caller.Anonymous() {
		b.fail(c.row, queueRemoved)
	} else {
		s.promise(b, c.row, queueRemoved)
	}
	b.do(EndLeg{Leg: c.row.CallerLeg, Cause: queueRemoved})
	s.forget(c)
}

const queueRemoved = "queue_removed"

// returned settles what a caller who rang again was owed in the queue: the new interaction has the oldest rank.
func (s *State) returned(b *batch, debts []*debt, c *call) {
	for _, d := range slices.Clone(debts) {
		b.settle(d, &rivage.CallbackClosed{Interaction: d.row.ID, Outcome: "returned", Return: c.row.ID}).Leaf.Role = "caller"
	}
}

// settle ends a debt.
func (b *batch) settle(d *debt, facts *rivage.CallbackClosed) *rivage.Entry {
	s, k := b.s, claimOf(&d.row)
	delete(s.debts, d.row.ID)
	s.owed[k] = slices.DeleteFunc(s.owed[k], func(o *debt) bool { return o == d })
	if len(s.owed[k]) == 0 {
		delete(s.owed, k)
	}
	return b.add(rivage.Entry{
		Stream: rivage.StreamOf("interaction", d.row.ID), Principal: d.row.Principal,
		Leaf: rivage.Leaf{Class: d.row.Class, Outcome: facts.Outcome}, Facts: facts,
	})
}
