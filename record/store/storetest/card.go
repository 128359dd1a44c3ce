// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"strings"

	"rivage.example/rivage"
)

// Card writes the appends about the card of one person.
type Card struct{ Principal, Person, Subject rivage.ID }

// NewCard is the card of somebody new.
func NewCard(principal rivage.ID) *Card { return &Card{principal, newID(), newID()} }

func (c *Card) append(f rivage.Facts) rivage.SealedAppend {
	return rivage.SealedAppend{Entries: []rivage.SealedEntry{Entry(rivage.StreamOf("person", c.Person), c.Principal, Start, f)}}
}

// kept writes values: a field and its value, alternately.
func (c *Card) kept(f *rivage.PersonKept, values ...string) rivage.SealedAppend {
	f.Person, f.Subject, f.Source = c.Person, c.Subject, "desk"
	var cells []rivage.Cell
	for i := 0; i < len(values); i += 2 {
		f.Set = append(f.Set, values[i])
		cells = append(cells, rivage.Cell{Name: values[i], Value: []byte(values[i+1])})
	}
	a := c.append(f)
	if f.Card {
		a.Keys = []rivage.SubjectKey{Key(c.Subject)}
	}
	if len(cells) == 0 {
		return a
	}
	e := &a.Entries[0]
	Seal(e, c.Subject, `{"card":"`+strings.Join(values, `","`)+`"}`, cells...)
	for i := 0; i < len(values); i += 2 {
		if kind := map[string]string{"phones": "tel", "email": "mail", "name": "name"}[values[i]]; kind != "" {
			e.Indexes = append(e.Indexes, rivage.Index{Kind: kind, Value: Blind(c.Principal, kind, values[i+1])})
		}
	}
	return a
}

// Made makes the person with its card.
func (c *Card) Made(values ...string) rivage.SealedAppend {
	return c.kept(&rivage.PersonKept{New: true, Card: true}, values...)
}

// First makes the card of a person who is there.
func (c *Card) First(values ...string) rivage.SealedAppend {
	return c.kept(&rivage.PersonKept{Card: true}, values...)
}

// Kept writes further values.
func (c *Card) Kept(values ...string) rivage.SealedAppend {
	return c.kept(&rivage.PersonKept{}, values...)
}

// Over writes values in the place of those of the persons merged into it.
func (c *Card) Over(values ...string) rivage.SealedAppend {
	return c.kept(&rivage.PersonKept{Over: true}, values...)
}

// Cleared takes a value away.
func (c *Card) Cleared(field string) rivage.SealedAppend {
	return c.kept(&rivage.PersonKept{Cleared: []string{field}})
}

// Into merges the person into another, with subjects.
func (c *Card) Into(other *Card, subjects ...rivage.ID) rivage.SealedAppend {
	return other.append(&rivage.PersonsMerged{From: c.Person, Into: other.Person, Subjects: subjects})
}

// Apart undoes it.
func (c *Card) Apart(other *Card, subjects ...rivage.ID) rivage.SealedAppend {
	return other.append(&rivage.MergeUndone{From: c.Person, Into: other.Person, Subjects: subjects})
}

// Joins and Leaves say to which customer organisation the person belongs.
func (c *Card) Joins(organisation rivage.ID) rivage.SealedAppend {
	return c.append(&rivage.PersonJoined{Person: c.Person, Organisation: organisation})
}

// Leaves says that it belongs to none any more.
func (c *Card) Leaves(organisation rivage.ID, others ...rivage.ID) rivage.SealedAppend {
	return c.append(&rivage.PersonLeft{Person: c.Person, Organisation: organisation, Others: others})
}

// Erased erases the person with subjects.
func (c *Card) Erased(subjects ...rivage.ID) rivage.SealedAppend {
	a := c.append(&rivage.PersonErased{Person: c.Person, Subjects: subjects, By: "dpo"})
	a.Erase = subjects
	return a
}

// OrganisationKept writes a customer organisation down.
func OrganisationKept(principal, id, subject rivage.ID, made bool, name, siren string) rivage.SealedAppend {
	a := rivage.SealedAppend{Entries: []rivage.SealedEntry{Entry(rivage.StreamOf("organisation", id), principal, Start,
		&rivage.OrganisationKept{Organisation: id, Subject: subject, New: made})}}
	if made {
		a.Keys = []rivage.SubjectKey{Key(subject)}
	}
	e := &a.Entries[0]
	Seal(e, subject, `{"siren":"`+siren+`"}`, rivage.Cell{Name: "name", Value: []byte(name)}, rivage.Cell{Name: "siren", Value: []byte(siren)})
	e.Indexes = []rivage.Index{{Kind: "siren", Value: Blind(principal, "siren", siren)}}
	return a
}

// OrganisationErased takes a customer organisation away.
func OrganisationErased(principal, id, subject rivage.ID) rivage.SealedAppend {
	return rivage.SealedAppend{Erase: []rivage.ID{subject}, Entries: []rivage.SealedEntry{Entry(rivage.StreamOf("organisation", id), principal, Start,
		&rivage.OrganisationErased{Organisation: id, Subject: subject})}}
}
