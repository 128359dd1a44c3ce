// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/person"
)

// CardVersion is a state of a card that somebody was shown. What is written on the card says which it was, so that nobody
// writes over what they did not see.
type CardVersion string

// ErrCardChanged refuses what was written on a card that is not as it was shown any more.
var ErrCardChanged = &rivage.Error{Code: rivage.Conflict, Message: "the card was changed meanwhile: look again"}

// sheet is what a card is made of, sealed.
type sheet struct {
	person       rivage.PersonRow
	values       []rivage.ValueRow
	organisation *rivage.OrganisationRow // nil for none
}

func (s *sheet) version() CardVersion {
	return CardVersion(person.Version(s.person, s.values, s.organisation))
}

// sheet reads the card of a person.
func (v *View) sheet(ctx context.Context, p rivage.PersonRow) (sheet, error) {
	s := sheet{person: p}
	var err error
	if s.values, err = v.c.Rows.Values(ctx, []rivage.ID{p.Principal}, p.ID); err != nil || p.Organisation == "" {
		return s, err
	}
	o, err := v.c.Rows.Organisation(ctx, []rivage.ID{p.Principal}, p.Organisation)
	switch {
	case rivage.CodeOf(err) == rivage.NotFound || err == nil && o.Principal != p.Principal:
		return s, nil
	case err != nil:
		return s, err
	}
	s.organisation = &o
	return s, nil
}

// unchanged is a person whose card is still the one that somebody saw.
func (v *View) unchanged(ctx context.Context, row *rivage.InteractionRow, id rivage.ID, seen CardVersion) (rivage.PersonRow, error) {
	p, err := v.standing(ctx, row, id)
	if err != nil {
		return p, err
	}
	s, err := v.sheet(ctx, p)
	if err == nil && s.version() != seen {
		err = ErrCardChanged
	}
	return p, err
}

// openPerson is the value of a field, "" when there is none, or no longer.
func (v *View) openPerson(ctx context.Context, s sheet, f *rivage.Field) (string, error) {
	switch f.ID {
	case fieldOrganisation, fieldSIREN:
		return v.openOrganisation(ctx, s.organisation, f.ID)
	}
	var values []string
	for _, r := range person.Shown(f, s.values) {
		value, err := v.openCell(ctx, r.Subject, r.Field, r.Sealed)
		if err != nil {
			return "", err
		}
		if value != "" {
			values = append(values, value)
		}
	}
	return person.Together(values), nil
}

func (v *View) openOrganisation(ctx context.Context, o *rivage.OrganisationRow, field rivage.ID) (string, error) {
	switch {
	case o == nil:
		return "", nil
	case field == fieldSIREN:
		return v.openCell(ctx, o.Subject, person.OrganisationSIREN, o.SIREN)
	}
	return v.openCell(ctx, o.Subject, person.OrganisationName, o.Name)
}

// openCell is a sealed value, "" once it is erased.
func (v *View) openCell(ctx context.Context, subject rivage.ID, name string, sealed []byte) (string, error) {
	if sealed == nil {
		return "", nil
	}
	clear, err := v.c.Opener.OpenCell(ctx, subject, name, sealed)
	if rivage.CodeOf(err) == rivage.NotFound {
		return "", nil
	}
	return string(clear), err
}
