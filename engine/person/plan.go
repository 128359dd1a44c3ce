// SPDX-License-Identifier: EUPL-1.2

package person

import (
	"fmt"
	"slices"
	"strings"

	"rivage.example/rivage"
)

// Outcome is what becomes of one record of a file.
type Outcome string

// The outcomes. Only the first two write anything.
const (
	Create    Outcome = "create"
	Update    Outcome = "update"
	Same      Outcome = "same"
	Ambiguous Outcome = "ambiguous" // several persons match: a person decides, on the desk
	Refused   Outcome = "refused"
)

// Planned is one record with what becomes of it.
type Planned struct {
	Record       Record
	Outcome      Outcome
	Why          string           // of Ambiguous and Refused; it repeats no value
	Person       rivage.PersonRow // whose card changes; nobody's for Create
	Changes      []Change
	Organisation bool // SIREN and name are to be written too
}

// Indexes are what a record is matched by: its numbers and its address.
func (p *Planned) Indexes() []rivage.Index {
	var list []rivage.Index
	for _, c := range p.Changes {
		if string(c.Field) != rivage.PersonName {
			list = append(list, indexes(c.Field, c.Value)...)
		}
	}
	return list
}

// Importer plans the records of one file.
type Importer struct {
	Fields []rivage.Field
	taken  map[rivage.Index]int // the line that has an index
	person map[rivage.ID]int    // the line that changes a person
}

// Read cleans a record, in the order of the fields. A value that is none of its kind refuses all of it: a card is right or
// is not written.
func (m *Importer) Read(r Record) Planned {
	p := Planned{Record: r, Outcome: Create}
	refuse := func(format string, a ...any) Planned {
		p.Outcome, p.Why, p.Changes = Refused, fmt.Sprintf(format, a...), nil
		return p
	}
	for i := range m.Fields {
		f := &m.Fields[i]
		value, err := Clean(f, r.Values[f.ID])
		if err != nil {
			return refuse("%s: %s", f.ID, err)
		}
		if value != "" { // an empty cell says nothing: it takes nothing away
			p.Changes = append(p.Changes, Change{f.ID, value})
		}
	}
	switch _, ok := rivage.SIREN(r.SIREN); {
	case len(p.Changes) == 0:
		return refuse("it says nothing about a person")
	case strings.TrimSpace(r.SIREN) != "" && !ok:
		return refuse("siren: nine digits, the last one its key")
	case ok:
		p.Organisation = true
		if strings.ContainsFunc(r.Organisation, control) || short(r.Organisation, maxName) != nil {
			return refuse("organisation: it is too long, or holds a control character")
		}
	}
	return m.within(p)
}

// within refuses a record that shares a number or an address with one before: which of them is right is not for a program
// to say.
func (m *Importer) within(p Planned) Planned {
	if m.taken == nil {
		m.taken, m.person = map[rivage.Index]int{}, map[rivage.ID]int{}
	}
	for _, x := range p.Indexes() {
		if line := m.taken[x]; line != 0 && line != p.Record.Line {
			p.Outcome, p.Why = Ambiguous, fmt.Sprintf("line %d has the same number or address", line)
			return p
		}
	}
	for _, x := range p.Indexes() {
		m.taken[x] = p.Record.Line
	}
	return p
}

// Match says whose record it is, of the persons found under any of its indexes. current gives the value of a field of a
// person as it stands.
func (m *Importer) Match(p Planned, found []rivage.PersonRow, current func(rivage.PersonRow, *rivage.Field) (string, error)) (Planned, error) {
	if p.Outcome != Create {
		return p, nil
	}
	found = slices.DeleteFunc(slices.Clone(found), func(x rivage.PersonRow) bool { return x.ErasedAt != 0 })
	slices.SortFunc(found, func(a, b rivage.PersonRow) int { return strings.Compare(string(a.ID), string(b.ID)) })
	found = slices.CompactFunc(found, func(a, b rivage.PersonRow) bool { return a.ID == b.ID })
	switch {
	case len(found) == 0:
		return p, nil
	case len(found) > 1:
		p.Outcome, p.Why = Ambiguous, fmt.Sprintf("%d persons have its numbers or its address", len(found))
		return p, nil
	}
	p.Person = found[0]
	if line := m.person[p.Person.ID]; line != 0 {
		p.Outcome, p.Why = Ambiguous, fmt.Sprintf("line %d is about the same person", line)
		return p, nil
	}
	m.person[p.Person.ID] = p.Record.Line
	var changed []Change
	for _, c := range p.Changes {
		at := slices.IndexFunc(m.Fields, func(f rivage.Field) bool { return f.ID == c.Field })
		value, err := current(p.Person, &m.Fields[at])
		if err != nil {
			return p, err
		}
		if string(c.Field) == rivage.PersonPhones && value != "" { // those that are known stay
			c.Value = Together([]string{value, c.Value})
			if strings.Count(c.Value, "\n") >= MaxPhones {
				p.Outcome, p.Why = Refused, fmt.Sprintf("phones: with those that are known, more than %d", MaxPhones)
				return p, nil
			}
		}
		if value != c.Value {
			changed = append(changed, c)
		}
	}
	p.Outcome, p.Changes = Update, changed
	if len(changed) == 0 && !p.Organisation {
		p.Outcome = Same
	}
	return p, nil
}
