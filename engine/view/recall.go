// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"slices"
	"strings"
	"time"

	"rivage.example/rivage"
)

// Recall counts what an entry of the last hour says was looked up or reached, so that a restart begins no new hour: it is for a
// process that has just started. Which persons an agent's search listed, and which were in hand, entries do not tell apart:
// those begin anew, the searches themselves do not.
func (v *View) Recall(e *rivage.Stored) {
	at := e.At.Time()
	switch f := e.Facts.(type) {
	case *rivage.CardAsked:
		v.looks.recall(lookKey{f.Account, f.Source}, at)
	case *rivage.PersonsSearched:
		v.looks.recall(lookKey{f.Account, searchesOf(e.Principal)}, at)
	case *rivage.FieldShown:
		if f.Allowed {
			v.recallReach(e, f.Account, at)
		}
	case *rivage.RecordingPlayed:
		v.recallReach(e, f.Account, at)
	}
}

// recallReach counts the person in whose stream an entry of a reader's stands.
func (v *View) recallReach(e *rivage.Stored, account rivage.ID, at time.Time) {
	leaf, err := rivage.ParseLeaf(e.LeafText)
	id, ok := strings.CutPrefix(string(e.Stream), "person/")
	if err == nil && ok && slices.Contains(readers, leaf.Role) {
		v.reaches.recall(account, rivage.ID(id), at)
	}
}

func (l *looks) recall(k lookKey, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil {
		l.of = map[lookKey][]time.Time{}
	}
	l.of[k] = append(l.of[k], at)
}

func (r *reaches) recall(account, person rivage.ID, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	x := r.at(account)
	if old, ok := x.persons[person]; !ok || old.Before(at) {
		x.persons[person] = at
	}
}
