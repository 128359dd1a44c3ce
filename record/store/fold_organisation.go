// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"

	"rivage.example/rivage"
)

// organisationKept makes a customer organisation, or changes its name and SIREN.
func (s *state) organisationKept(e *event, f *rivage.OrganisationKept) error {
	if err := e.on("organisation", f.Organisation); err != nil {
		return err
	}
	r := s.companies.edit(f.Organisation)
	switch {
	case f.New && (r != nil || s.subjects.at(f.Subject) != nil):
		return invalid("organisation %s or its subject exists already", f.Organisation)
	case !f.New && r == nil:
		return conflict("organisation %s is not there: nobody belonged to it any more", f.Organisation)
	case !f.New && (r.Principal != e.principal || r.Subject != f.Subject):
		return invalid("%s has no organisation %s", e.principal, f.Organisation)
	case f.New:
		r = &rivage.OrganisationRow{ID: f.Organisation, Principal: e.principal, Subject: f.Subject, CreatedAt: e.at}
		s.companies.put(r)
		s.subjects.put(&subjectRow{ID: f.Subject, Principal: e.principal, Seq: e.seq})
	}
	if e.subject == f.Subject || e.subject == "" {
		r.Name, r.SIREN = e.cell("name"), e.cell("siren")
	}
	s.do(`DELETE FROM subject_index WHERE subject=$1`, string(f.Subject))
	return nil
}

// belongs sets the customer organisation of a person, "" for none.
func (s *state) belongs(e *event, person, organisation rivage.ID) error {
	if err := e.on("person", person); err != nil {
		return err
	}
	p, err := s.standing(e, person)
	if err != nil {
		return err
	}
	if organisation != "" {
		switch o := s.companies.at(organisation); {
		case o == nil:
			return conflict("organisation %s is not there: nobody belonged to it any more", organisation)
		case o.Principal != e.principal:
			return invalid("%s has no organisation %s", e.principal, organisation)
		}
	}
	p.Organisation = organisation
	return nil
}

// personLeft: a person belongs to none any more, nor do those merged into it.
func (s *state) personLeft(e *event, f *rivage.PersonLeft) error {
	if err := s.belongs(e, f.Person, ""); err != nil {
		return err
	}
	for _, id := range f.Others {
		p := s.persons.edit(id)
		if p == nil || p.Principal != e.principal || p.MergedInto == "" {
			return conflict("person %s is not merged into another", id)
		}
		p.Organisation = ""
	}
	return nil
}

// organisationErased takes a customer organisation away that nobody belongs to. Somebody who joined since the caller looked
// keeps it.
func (s *state) organisationErased(e *event, f *rivage.OrganisationErased) error {
	if err := e.on("organisation", f.Organisation); err != nil {
		return err
	}
	if r := s.companies.at(f.Organisation); r == nil || r.Principal != e.principal || r.Subject != f.Subject {
		return conflict("%s has no organisation %s under subject %s", e.principal, f.Organisation, f.Subject)
	}
	for id := range s.persons.kept {
		if p := s.persons.at(id); p != nil && p.Organisation == f.Organisation && p.ErasedAt == 0 {
			return conflict("somebody belongs to organisation %s", f.Organisation)
		}
	}
	s.companies.drop(f.Organisation)
	return nil
}

// readLeft asks for whoever belongs to the organisations that are to be taken away.
func (s *state) readLeft(ctx context.Context, q Querier) error {
	for _, id := range s.left {
		err := queryAll(ctx, q, `SELECT id FROM person WHERE organisation=$1 AND erased_at=0`, []any{string(id)}, func(scan func(...any) error) error {
			var person string
			err := scan(&person)
			s.persons.need(rivage.ID(person))
			return err
		})
		if err != nil {
			return err
		}
	}
	s.left = s.left[:0]
	return nil
}
