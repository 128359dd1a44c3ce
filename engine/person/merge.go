// SPDX-License-Identifier: EUPL-1.2

package person

import (
	"rivage.example/rivage"
)

// Merge makes one person of two: the subjects of from go to into, and nothing is sealed again. Someone known to two
// Principals is two persons, always (promise 8).
func Merge(from, into rivage.PersonRow, by By) (rivage.Append, error) {
	switch {
	case from.Principal != into.Principal: // as if there were no such person: that there is one is not for who asks
		return rivage.Append{}, &rivage.Error{Code: rivage.NotFound, Message: "no such person"}
	case from.ID == into.ID:
		return rivage.Append{}, &rivage.Error{Code: rivage.Conflict, Message: "they are one person already"}
	case from.ErasedAt != 0 || into.ErasedAt != 0:
		return rivage.Append{}, &rivage.Error{Code: rivage.Conflict, Message: "one of the two persons is erased"}
	}
	return rivage.Append{Entries: []rivage.Entry{by.entry(into.Principal, rivage.StreamOf("person", into.ID), "merged", &rivage.PersonsMerged{
		From: from.ID, Into: into.ID, Subjects: from.Subjects, Interaction: by.Interaction, By: by.Account,
	})}}, nil
}

// Towards says which of two persons the other is merged into: who has a card stays, and of two the one asked for first.
func Towards(first, second rivage.PersonRow) (from, into rivage.PersonRow) {
	if first.Card == "" && second.Card != "" {
		return first, second
	}
	return second, first
}

// Undo takes a merge back: subjects are those that it moved, or that the persons merged before it had. Conflict, with the
// reason, when it no longer can be.
func Undo(from rivage.ID, into rivage.PersonRow, subjects []rivage.ID, by By) (rivage.Append, error) {
	switch {
	case into.ErasedAt != 0:
		return rivage.Append{}, &rivage.Error{Code: rivage.Conflict, Message: "the person is erased: there is nothing to give back"}
	case len(subjects) == 0:
		return rivage.Append{}, &rivage.Error{Code: rivage.Conflict, Message: "the two persons are not merged any more"}
	}
	return rivage.Append{Entries: []rivage.Entry{by.entry(into.Principal, rivage.StreamOf("person", into.ID), "undone", &rivage.MergeUndone{
		From: from, Into: into.ID, Subjects: subjects, Interaction: by.Interaction, By: by.Account,
	})}}, nil
}
