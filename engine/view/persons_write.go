// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"
	"slices"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/person"
)

// PersonChange is one value that somebody typed; "" takes it away.
type PersonChange struct {
	Field rivage.ID `json:"field" minLength:"1" maxLength:"64"`
	Value string    `json:"value" maxLength:"2000"`
}

// KeepPerson writes values on the card of the person in hand, as it was seen: ErrCardChanged when it is another by now. Who
// does not see a field whole does not change it.
func (v *View) KeepPerson(ctx context.Context, u User, id rivage.ID, seen CardVersion, typed []PersonChange) (PersonCard, error) {
	row, p, err := v.personInHand(ctx, u, id)
	if err != nil {
		return PersonCard{}, err
	}
	changes, err := v.clean(u, &row, typed)
	if err != nil {
		return PersonCard{}, err
	}
	err = v.settle(ctx, []rivage.ID{p.ID}, func() (rivage.Append, error) {
		now, err := v.unchanged(ctx, &row, p.ID, seen)
		if err != nil {
			return rivage.Append{}, err
		}
		a, _ := person.Keep(now, changes, v.by(u, &row))
		return a, nil
	})
	if err != nil {
		return PersonCard{}, err
	}
	return v.PersonCard(ctx, u, id)
}

// clean checks what was typed: fields of the Principal, each once, seen whole, with a value of its kind.
func (v *View) clean(u User, row *rivage.InteractionRow, typed []PersonChange) ([]person.Change, error) {
	fields := v.c.Settings().PersonFields(row.Principal)
	if len(typed) == 0 || len(typed) > len(fields) {
		return nil, &rivage.Error{Code: rivage.Invalid, Message: "name one field of the card at least, each once"}
	}
	changes := make([]person.Change, 0, len(typed))
	for i, c := range typed {
		at := slices.IndexFunc(fields, func(f rivage.Field) bool { return f.ID == c.Field })
		if at < 0 || slices.ContainsFunc(typed[:i], func(o PersonChange) bool { return o.Field == c.Field }) {
			return nil, &rivage.Error{Code: rivage.Invalid, Message: "unknown or repeated field of the card"}
		}
		if err := v.mayChange(u, row, &fields[at]); err != nil {
			return nil, err
		}
		value, err := person.Clean(&fields[at], c.Value)
		if err != nil {
			return nil, &rivage.Error{Code: rivage.Invalid, Message: "field " + string(c.Field), Err: err}
		}
		changes = append(changes, person.Change{Field: c.Field, Value: value})
	}
	return changes, nil
}

// mayChange refuses who does not see a field whole.
func (v *View) mayChange(u User, row *rivage.InteractionRow, f *rivage.Field) error {
	_, d := v.askPerson(u, row, f.ID, f.Class)
	if whole(d) {
		return nil
	}
	if d.Allowed {
		d = rivage.Decision{Rule: d.Rule, Reason: noChange, Basis: d.Basis, Rules: d.Rules}
	}
	return &rivage.Error{Code: rivage.Denied, Message: "change a card", Decision: &d}
}

// noChange refuses whoever sees a field in part or as an image only.
const noChange = "On ne modifie que ce que l'on voit entier à cet endroit."

// standing is a person that is still the one that was read.
func (v *View) standing(ctx context.Context, row *rivage.InteractionRow, id rivage.ID) (rivage.PersonRow, error) {
	p, err := v.personOf(ctx, row, id)
	switch {
	case err != nil:
		return p, err
	case p.ID != id:
		return p, &rivage.Error{Code: rivage.Conflict, Message: "the person was merged meanwhile: look again"}
	case p.ErasedAt != 0:
		return p, &rivage.Error{Code: rivage.Conflict, Message: "the person is erased"}
	}
	return p, nil
}

func (v *View) by(u User, row *rivage.InteractionRow) person.By {
	return person.By{
		Account: u.Account, Subject: u.Subject, Role: access.RoleAgent, Place: u.Place, Interaction: row.ID, Source: "desk",
		At: v.c.Clock.Now(), New: v.c.NewID,
	}
}

// settleTries is how often an append about persons is made again when something else was written about them meanwhile.
const settleTries = 4

// settle appends what is made of persons as they stand: where one moves in between, it is made again.
func (v *View) settle(ctx context.Context, persons []rivage.ID, make func() (rivage.Append, error)) error {
	var err error
	for range settleTries {
		var expect []rivage.StreamVersion
		for _, id := range persons {
			s := rivage.StreamOf("person", id)
			n, err := v.c.Log.StreamVersion(ctx, s)
			if err != nil {
				return err
			}
			expect = append(expect, rivage.StreamVersion{Stream: s, Version: n})
		}
		var a rivage.Append
		if a, err = make(); err != nil || len(a.Entries) == 0 {
			return err
		}
		a.Expect = append(a.Expect, expect...)
		if _, err = v.c.Journal.Append(ctx, a); rivage.CodeOf(err) != rivage.Conflict {
			return err
		}
	}
	return err
}

// MergePerson makes one person of the one in hand, as it was seen, and another of the same Principal. Who does not see whole
// all that either card holds does not merge them.
func (v *View) MergePerson(ctx context.Context, u User, id rivage.ID, seen CardVersion, other rivage.ID) (PersonCard, error) {
	row, p, err := v.personInHand(ctx, u, id)
	if err != nil {
		return PersonCard{}, err
	}
	o, err := v.personOf(ctx, &row, other)
	if err != nil {
		return PersonCard{}, err
	}
	if err := v.mayMerge(ctx, u, &row, p, o); err != nil {
		return PersonCard{}, err
	}
	err = v.settle(ctx, []rivage.ID{p.ID, o.ID}, func() (rivage.Append, error) {
		first, err := v.unchanged(ctx, &row, p.ID, seen)
		if err != nil {
			return rivage.Append{}, err
		}
		second, err := v.standing(ctx, &row, o.ID)
		if err != nil {
			return rivage.Append{}, err
		}
		from, into := person.Towards(first, second)
		return person.Merge(from, into, v.by(u, &row))
	})
	if err != nil {
		return PersonCard{}, err
	}
	return v.PersonCard(ctx, u, id)
}

// mayMerge refuses who does not see whole the standard fields, and every other that one of the persons has a value of.
func (v *View) mayMerge(ctx context.Context, u User, row *rivage.InteractionRow, persons ...rivage.PersonRow) error {
	held := map[string]bool{rivage.PersonName: true, rivage.PersonPhones: true, rivage.PersonEmail: true}
	for _, p := range persons {
		rows, err := v.c.Rows.Values(ctx, []rivage.ID{p.Principal}, p.ID)
		if err != nil {
			return err
		}
		for _, r := range rows {
			held[r.Field] = held[r.Field] || !r.Cleared
		}
	}
	fields := v.c.Settings().PersonFields(row.Principal)
	for i := range fields {
		if !held[string(fields[i].ID)] {
			continue
		}
		if err := v.mayChange(u, row, &fields[i]); err != nil {
			return err
		}
	}
	return nil
}

// UndoMerge takes apart the person in hand, as it was seen, and one that was merged into it.
func (v *View) UndoMerge(ctx context.Context, u User, id rivage.ID, seen CardVersion, from rivage.ID) (PersonCard, error) {
	row, p, err := v.personInHand(ctx, u, id)
	if err != nil {
		return PersonCard{}, err
	}
	if !slices.ContainsFunc(p.Merged, func(m rivage.Merge) bool { return m.Person == from }) {
		return PersonCard{}, &rivage.Error{Code: rivage.Conflict, Message: "this merge is undone already, or another one has to be undone first"}
	}
	if err := v.mayMerge(ctx, u, &row, p); err != nil {
		return PersonCard{}, err
	}
	err = v.settle(ctx, []rivage.ID{p.ID}, func() (rivage.Append, error) {
		into, err := v.unchanged(ctx, &row, p.ID, seen)
		if err != nil {
			return rivage.Append{}, err
		}
		subjects, err := v.c.Rows.Merged(ctx, from, into.ID)
		if err != nil {
			return rivage.Append{}, err
		}
		return person.Undo(from, into, subjects, v.by(u, &row))
	})
	if err != nil {
		return PersonCard{}, err
	}
	return v.PersonCard(ctx, u, id)
}

// SetOrganisation says to which customer organisation the person in hand, as it was seen, belongs, by its SIREN; to none
// without one.
func (v *View) SetOrganisation(ctx context.Context, u User, id rivage.ID, seen CardVersion, siren, name string) (PersonCard, error) {
	row, p, err := v.personInHand(ctx, u, id)
	if err != nil {
		return PersonCard{}, err
	}
	fields := v.cardFields(row.Principal)
	for _, f := range fields[len(fields)-2:] {
		if err := v.mayChange(u, &row, &f); err != nil {
			return PersonCard{}, err
		}
	}
	err = v.settle(ctx, []rivage.ID{p.ID}, func() (rivage.Append, error) {
		now, err := v.unchanged(ctx, &row, p.ID, seen)
		if err != nil {
			return rivage.Append{}, err
		}
		m, err := v.c.Rows.Membership(ctx, p.ID)
		if err != nil || siren == "" {
			return person.Leave(now, m, v.by(u, &row)), err
		}
		known, err := v.organisationOf(ctx, row.Principal, siren)
		if err != nil {
			return rivage.Append{}, err
		}
		return person.Join(now, m, known, siren, name, v.by(u, &row))
	})
	if err != nil {
		return PersonCard{}, err
	}
	return v.PersonCard(ctx, u, id)
}

// organisationOf is the customer organisation with a SIREN, nil for none.
func (v *View) organisationOf(ctx context.Context, principal rivage.ID, siren string) (*rivage.OrganisationRow, error) {
	siren, ok := rivage.SIREN(siren)
	if !ok {
		return nil, nil // Join says what is wrong with it
	}
	o, err := v.c.Finder.FindOrganisation(ctx, principal, siren)
	if rivage.CodeOf(err) == rivage.NotFound || err == nil && o.Principal != principal {
		return nil, nil
	}
	return &o, err
}
