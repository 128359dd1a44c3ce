// SPDX-License-Identifier: EUPL-1.2

// Package person owns the cards of persons and their merges: it says what a typed value is, what a card shows, who may be
// merged, and makes the entries that say so.
package person

import (
	"encoding/json"
	"time"

	"rivage.example/rivage"
)

// By is who writes, from where, and during what.
type By struct {
	Account     rivage.ID
	Subject     rivage.ID // whose key masks the actor of entries; "" for the command line
	Role        string
	Place       rivage.Place
	Interaction rivage.ID // "" outside one
	Source      string    // "desk" or "import"
	At          time.Time
	New         func() rivage.ID
}

func (b By) entry(principal rivage.ID, stream rivage.Stream, outcome string, f rivage.Facts) rivage.Entry {
	return rivage.Entry{
		Stream: stream, Principal: principal, At: b.At, Actor: b.Subject, Facts: f,
		Leaf: rivage.Leaf{
			Role: b.Role, Site: b.Place.Site, Country: b.Place.Vouched(), Evidence: b.Place.Evidence,
			Mode: rivage.ModeAdmin, Purpose: rivage.PurposeService, Outcome: outcome,
		},
	}
}

// seal puts values under a subject: one body that the leaf commits to, and each as a cell.
func seal(e *rivage.Entry, subject rivage.ID, values []Change) {
	if len(values) == 0 {
		return
	}
	body := map[string]string{}
	for _, c := range values {
		body[string(c.Field)] = c.Value
		e.Cells = append(e.Cells, rivage.Cell{Name: string(c.Field), Value: []byte(c.Value)})
	}
	text, err := json.Marshal(body)
	if err != nil { // texts by texts always encode
		return
	}
	e.Subject, e.Body = subject, text
}

// Change is one value of a card, in the form that Clean gives; "" takes it away.
type Change struct {
	Field rivage.ID
	Value string
}

// Keep writes values of different fields on the card of a person, and begins the card when there is none yet. Without an
// id, p is somebody new of its Principal. It gives the person's id.
func Keep(p rivage.PersonRow, changes []Change, by By) (rivage.Append, rivage.ID) {
	f := &rivage.PersonKept{
		Person: p.ID, Subject: p.Card, New: p.ID == "", Card: p.Card == "", Over: len(p.Merged) > 0, Source: by.Source,
		Interaction: by.Interaction, By: by.Account,
	}
	var a rivage.Append
	if f.New {
		f.Person = by.New()
	}
	if f.Card {
		f.Subject = by.New()
		a.NewSubjects = []rivage.ID{f.Subject}
	}
	e := by.entry(p.Principal, rivage.StreamOf("person", f.Person), "kept", f)
	var set []Change
	for _, c := range changes {
		if c.Value == "" {
			f.Cleared = append(f.Cleared, string(c.Field))
			continue
		}
		f.Set, set = append(f.Set, string(c.Field)), append(set, c)
		e.Indexes = append(e.Indexes, indexes(c.Field, c.Value)...)
	}
	seal(&e, f.Subject, set)
	a.Entries = []rivage.Entry{e}
	return a, f.Person
}
