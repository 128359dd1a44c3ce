// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"
	"slices"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/person"
)

// Limits of a search: what one agent may look for in an hour, and how many persons an answer has.
const (
	searchesPerHour = 120
	maxCandidates   = 10
)

// noSearch refuses whoever does not see whole what is searched: an answer would say what they may not read.
const noSearch = "On ne cherche que par une donnée que l'on voit entière à cet endroit."

// PersonsFound are persons of the interaction's Principal among whom an agent picks.
type PersonsFound struct {
	Persons []PersonFound `json:"persons" nullable:"false"`
	More    bool          `json:"more,omitempty" doc:"there are others: say more"`
}

// PersonFound is a person with those of its standard fields that are shown whole.
type PersonFound struct {
	Person rivage.ID     `json:"person"`
	Fields []PersonField `json:"fields" nullable:"false"`
}

// searchesOf is under what the searches of a Principal's persons are counted, beside the look-ups of its sources.
func searchesOf(principal rivage.ID) rivage.ID { return "person/" + principal }

// SearchPersons looks for persons by a number, an address or words of a name; by the caller's number when nothing is typed.
// It answers with what u may see whole, and to nobody who may not see whole what is searched.
func (v *View) SearchPersons(ctx context.Context, u User, id rivage.ID, text string) (PersonsFound, error) {
	out := PersonsFound{Persons: []PersonFound{}}
	row, p, err := v.personInHand(ctx, u, id)
	if err != nil {
		return out, err
	}
	if text == "" {
		if text, err = v.openCell(ctx, row.Subject, FieldCaller, row.Caller); err != nil {
			return out, err
		}
	}
	search, err := person.SearchFor(text)
	if err != nil {
		return out, err
	}
	if err := v.maySearch(ctx, u, &row, p.ID, search); err != nil {
		return out, err
	}
	found, more, err := v.c.Finder.Find(ctx, row.Principal, search.Kind, search.Values...)
	if err != nil {
		return out, err
	}
	found = slices.DeleteFunc(found, func(x rivage.PersonRow) bool {
		return x.ID == p.ID || x.Principal != row.Principal || x.ErasedAt != 0
	})
	out.More = more || len(found) > maxCandidates
	return out, v.candidates(ctx, u, &row, found[:min(len(found), maxCandidates)], &out)
}

// maySearch decides a search and writes it down, found or not: values can be guessed.
func (v *View) maySearch(ctx context.Context, u User, row *rivage.InteractionRow, id rivage.ID, search person.Search) error {
	q, d := v.askPerson(u, row, rivage.ID(search.Field), rivage.ClassCommon)
	if !whole(d) {
		if d.Allowed {
			d = rivage.Decision{Rule: d.Rule, Reason: noSearch, Basis: d.Basis, Rules: d.Rules}
		}
		if err := v.writeDown(ctx, []rivage.Entry{v.shownOf(u, row, id, q, d)}); err != nil {
			return err
		}
		return &rivage.Error{Code: rivage.Denied, Message: "search persons", Decision: &d}
	}
	if !v.looks.take(u.Account, &rivage.CardSource{ID: searchesOf(row.Principal), PerHour: searchesPerHour}, v.c.Clock.Now()) {
		return &rivage.Error{Code: rivage.Busy, Message: "too many searches in an hour"}
	}
	e := v.entry(u, row, q, d, &rivage.PersonsSearched{Account: u.Account, Interaction: row.ID, Person: id, By: search.Field})
	e.Leaf.Outcome = "searched"
	return v.writeDown(ctx, []rivage.Entry{e})
}

// candidates shows who was found. What is not seen whole is left out of a list.
func (v *View) candidates(ctx context.Context, u User, row *rivage.InteractionRow, found []rivage.PersonRow, out *PersonsFound) error {
	fields := v.c.Settings().PersonFields(row.Principal)[:3] // the standard ones
	var entries []rivage.Entry
	var reached []rivage.ID
	for _, x := range found {
		c := PersonFound{Person: x.ID}
		_, shown, said := v.decidePerson(u, row, x.ID, fields)
		for i := range shown {
			if shown[i].Whole {
				c.Fields, entries = append(c.Fields, shown[i]), append(entries, said[i])
			}
		}
		out.Persons = append(out.Persons, c)
		if len(c.Fields) > 0 {
			reached = append(reached, x.ID)
		}
	}
	if len(entries) == 0 {
		return nil
	}
	if err := v.reach(ctx, u, reached...); err != nil {
		return err
	}
	if err := v.writeDown(ctx, entries); err != nil {
		return err
	}
	for i, x := range found {
		card, err := v.sheet(ctx, x)
		if err != nil {
			return err
		}
		for j := range out.Persons[i].Fields {
			f := &out.Persons[i].Fields[j]
			at := slices.IndexFunc(fields, func(k rivage.Field) bool { return k.ID == f.ID })
			value, err := v.openPerson(ctx, card, &fields[at])
			if err != nil {
				return err
			}
			if value != "" {
				f.Value = &value
			}
		}
	}
	return nil
}
