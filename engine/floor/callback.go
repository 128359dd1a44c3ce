// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"rivage.example/rivage"
)

// debt is a callback owed to a person, at the rank of the interaction that was cut.
type debt struct {
	row rivage.InteractionRow
}

// owe notes a debt. A person owed several is served at the oldest rank first.
func (s *State) owe(row rivage.InteractionRow) {
	d := &debt{row: row}
	s.debts[row.ID] = d
	if old := s.owed[row.Person]; old == nil || d.row.Rank < old.row.Rank {
		s.owed[row.Person] = d
	}
}

// returned settles the debt of a caller who rang again: the new interaction took its rank.
func (s *State) returned(b *batch, d *debt, c *call) {
	b.settle(d, &rivage.CallbackClosed{Interaction: d.row.ID, Outcome: "returned", Return: c.row.ID}).Leaf.Role = "caller"
}

// settle ends a debt, and puts the person's next one forward.
func (b *batch) settle(d *debt, facts *rivage.CallbackClosed) *rivage.Entry {
	s := b.s
	delete(s.debts, d.row.ID)
	if s.owed[d.row.Person] == d {
		delete(s.owed, d.row.Person)
		for _, other := range s.debts {
			if o := s.owed[other.row.Person]; other.row.Person == d.row.Person && (o == nil || other.row.Rank < o.row.Rank) {
				s.owed[other.row.Person] = other
			}
		}
	}
	return b.add(rivage.Entry{
		Stream: rivage.StreamOf("interaction", d.row.ID), Principal: d.row.Principal,
		Leaf: rivage.Leaf{Class: d.row.Class, Outcome: facts.Outcome}, Facts: facts,
	})
}
