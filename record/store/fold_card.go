// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"slices"

	"rivage.example/rivage"
)

// indexKinds says under which kinds of index the values of a field are found; a value that is written anew, or taken away,
// takes those of before with it.
var indexKinds = map[string]string{rivage.PersonName: "name", rivage.PersonEmail: "mail", rivage.PersonPhones: "tel"}

// pastPhone is the kind of index of numbers that were taken off a card. The journal holds them, sealed, and calls may have
// come from them: an erasure has to find whose they were, and nobody else does.
const pastPhone = "tel-past"

// personKept folds values of a card. The first of a card makes its subject, and the person when nobody knew it.
func (s *state) personKept(e *event, f *rivage.PersonKept) error {
	if err := e.on("person", f.Person); err != nil {
		return err
	}
	if f.New {
		if s.persons.at(f.Person) != nil || !f.Card {
			return invalid("person %s exists already, or is made without a card", f.Person)
		}
		s.persons.put(&personRow{ID: f.Person, Principal: e.principal, CreatedAt: e.at})
	} else if _, err := s.standing(e, f.Person); err != nil {
		return err
	}
	known := s.subjects.at(f.Subject)
	switch {
	case f.Card && known != nil:
		return invalid("subject %s exists already", f.Subject)
	case f.Card:
		s.subjects.put(&subjectRow{ID: f.Subject, Principal: e.principal, Person: f.Person, Seq: e.seq, Card: true})
	case known == nil || !known.Card || known.home() != f.Person:
		return invalid("subject %s holds no card of person %s", f.Subject, f.Person)
	}
	if e.subject != "" && e.subject != f.Subject { // the erasure of another would not find the copies
		return invalid("values of person %s are sealed under another subject", f.Person)
	}
	for _, field := range slices.Concat(f.Set, f.Cleared) {
		cleared := slices.Contains(f.Cleared, field)
		r := &valueRow{ID: valueID(f.Subject, field), Principal: e.principal, ValueRow: rivage.ValueRow{
			Subject: f.Subject, Field: field, Seq: e.seq, Over: f.Over, Cleared: cleared,
		}}
		if !cleared {
			r.Sealed = e.cell(field)
		}
		s.values.put(r)
		if field == rivage.PersonPhones {
			s.do(`INSERT INTO subject_index(principal,kind,bidx,subject) SELECT principal,$3,bidx,subject FROM subject_index
				WHERE subject=$1 AND kind=$2 ON CONFLICT DO NOTHING`, string(f.Subject), indexKinds[field], pastPhone)
		}
		if kind := indexKinds[field]; kind != "" {
			s.do(`DELETE FROM subject_index WHERE subject=$1 AND kind=$2`, string(f.Subject), kind)
		}
	}
	return nil
}

// standing is a person that stands for itself: of the entry's Principal, neither erased nor merged into another.
func (s *state) standing(e *event, id rivage.ID) (*personRow, error) {
	p := s.persons.edit(id)
	switch {
	case p == nil || p.Principal != e.principal:
		return nil, invalid("%s speaks of person %s, which %s does not have", e.facts.Kind(), id, e.principal)
	case p.ErasedAt != 0:
		return nil, conflict("person %s is erased", id)
	case p.MergedInto != "":
		return nil, conflict("person %s is merged into another", id)
	}
	return p, nil
}

func (s *state) needMerge(from, into rivage.ID, subjects []rivage.ID) {
	s.persons.need(from)
	s.persons.need(into)
	for _, id := range subjects {
		s.subjects.need(id)
	}
}

// personsMerged moves subjects. Whom an interaction was opened for stays: the person of its subject says whose it is.
func (s *state) personsMerged(e *event, f *rivage.PersonsMerged) error {
	if err := e.on("person", f.Into); err != nil {
		return err
	}
	from, err := s.standing(e, f.From)
	if err != nil {
		return err
	}
	if _, err := s.standing(e, f.Into); err != nil {
		return err
	}
	if f.From == f.Into || len(f.Subjects) == 0 {
		return invalid("a person is not merged into itself, nor without its subjects")
	}
	for _, id := range f.Subjects {
		r := s.subjects.edit(id)
		if r == nil || r.Person != f.From {
			return conflict("subject %s is not with person %s", id, f.From)
		}
		r.Home, r.Person = r.home(), f.Into
	}
	from.MergedInto, from.MergedAt = f.Into, e.at
	return nil
}

// mergeUndone takes back what a merge moved.
func (s *state) mergeUndone(e *event, f *rivage.MergeUndone) error {
	if err := e.on("person", f.Into); err != nil {
		return err
	}
	if _, err := s.standing(e, f.Into); err != nil {
		return err
	}
	from := s.persons.edit(f.From)
	if from == nil || from.MergedInto != f.Into {
		return conflict("person %s is not merged into %s", f.From, f.Into)
	}
	for _, id := range f.Subjects {
		r := s.subjects.edit(id)
		if r == nil || r.Person != f.Into || r.Home == "" {
			return conflict("subject %s did not come to person %s", id, f.Into)
		}
		r.Person = f.From
		if r.Home == f.From {
			r.Home = ""
		}
	}
	from.MergedInto, from.MergedAt = "", 0
	return nil
}
