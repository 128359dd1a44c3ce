// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"cmp"
	"slices"
	"time"

	"rivage.example/rivage"
)

// The steps of an access of support.
const (
	SupportOpened    = "opened"
	SupportConfirmed = "confirmed"
	SupportClosed    = "closed"
)

// supported sees to it that an access of support opens by two persons: one says for whom and until when, another, who is
// signed in and is not the one who comes, confirms it. Other terms are another access, to be confirmed again. step is "" when
// nothing changes.
func supported(account rivage.ID, old, wanted *rivage.Support, by By) (_ *rivage.Support, step string, _ error) {
	switch {
	case wanted == nil && old == nil:
		return nil, "", nil
	case wanted == nil:
		return nil, SupportClosed, nil
	case !wanted.Same(old):
		t := *wanted
		t.OpenedBy, t.ConfirmedBy = cmp.Or(by.Account, rivage.CommandLine), ""
		return &t, SupportOpened, nil
	case wanted.ConfirmedBy == old.ConfirmedBy:
		return old, "", nil
	case wanted.ConfirmedBy == "": // a confirmation is not taken back: the access is closed
		return old, "", nil
	case old.ConfirmedBy != "":
		return old, "", nil
	case !by.second(old.OpenedBy) || by.Account == account:
		return nil, "", &rivage.Error{Code: rivage.Denied, Message: "confirm an access of support: a second person, signed in, confirms it, not who opened it, not who comes, and not the command line"}
	}
	t := *old
	t.ConfirmedBy = by.Account
	return &t, SupportConfirmed, by.apart(old.OpenedBy)
}

// support writes the step into an account's document, and gives the entry that says so; nil when there is none.
func (p *Plan) support(a *rivage.Account, by By, at time.Time) (*rivage.Account, *rivage.Entry, error) {
	var old *rivage.Support
	if was := find[rivage.Account](p.before, rivage.TypeAccount, a.ID); was != nil {
		old = was.Support
	}
	next, step, err := supported(a.ID, old, a.Support, by)
	if err != nil {
		return nil, nil, err
	}
	if step == SupportConfirmed && !at.Before(next.Until) {
		return nil, nil, invalid("confirm an access of support: its time is over")
	}
	t := *a
	t.Support = next
	if step == "" {
		return &t, nil, nil
	}
	terms := cmp.Or(next, old)
	return &t, &rivage.Entry{
		Stream: rivage.StreamOf("access", a.ID), Principal: rivage.Organisation, At: at,
		Leaf: rivage.Leaf{Country: terms.Country, Mode: rivage.ModeAdmin, Purpose: rivage.PurposeAdmin, Outcome: step},
		Facts: &rivage.SupportChanged{
			Account: a.ID, Step: step, Company: terms.Company, Country: terms.Country, From: rivage.At(terms.From), Until: rivage.At(terms.Until),
			By: by.Account,
		},
	}, nil
}

// kept gives a support that a folder states again who opened and confirmed it: a file never says so.
func keptSupport(old, wanted *rivage.Account) *rivage.Support {
	if old != nil && wanted.Support != nil && wanted.Support.OpenedBy == "" && wanted.Support.Same(old.Support) {
		return old.Support
	}
	return wanted.Support
}

// OpenSupport writes that an account of support is let in on some terms, for another person to confirm.
func (d *Documents) OpenSupport(account rivage.ID, terms rivage.Support) error {
	return d.changeSupport(account, func(*rivage.Support) (*rivage.Support, error) {
		terms.OpenedBy, terms.ConfirmedBy = "", ""
		return &terms, nil
	})
}

// ConfirmSupport writes that somebody confirms it, on the terms that they saw: Conflict when it was opened anew on others.
func (d *Documents) ConfirmSupport(account, by rivage.ID, seen rivage.Support) error {
	return d.changeSupport(account, func(s *rivage.Support) (*rivage.Support, error) {
		if s == nil {
			return nil, &rivage.Error{Code: rivage.NotFound, Message: "confirm an access of support: none is open"}
		}
		if s.Company != seen.Company || s.Country != seen.Country || !s.Until.Equal(seen.Until) {
			return nil, &rivage.Error{Code: rivage.Conflict, Message: "confirm an access of support: it was opened anew on other terms; read them again"}
		}
		t := *s
		t.ConfirmedBy = by
		return &t, nil
	})
}

// CloseSupport takes it away.
func (d *Documents) CloseSupport(account rivage.ID) error {
	return d.changeSupport(account, func(*rivage.Support) (*rivage.Support, error) { return nil, nil })
}

func (d *Documents) changeSupport(account rivage.ID, change func(*rivage.Support) (*rivage.Support, error)) error {
	a := find[rivage.Account](d, rivage.TypeAccount, account)
	if a == nil || !slices.ContainsFunc(a.Roles, func(r rivage.Role) bool { return r.Name == rivage.RoleSupport }) {
		return &rivage.Error{Code: rivage.NotFound, Message: "there is no such account of support"}
	}
	next, err := change(a.Support)
	if err != nil {
		return err
	}
	t := *a
	t.Support = next
	k := Key{rivage.TypeAccount, account}
	d.things[k] = &t
	delete(d.origins, k)
	return nil
}

// support refuses an access that has no end within hours, and a role beside others: who comes from outside gets that one only.
func (c *checker) support(t *rivage.Account) {
	helps := slices.ContainsFunc(t.Roles, func(r rivage.Role) bool { return r.Name == rivage.RoleSupport })
	if helps && (len(t.Roles) > 1 || t.Agent != nil || t.Site != "") {
		c.fail("roles", `an account with the role "support" has no other role, is no agent and works at no site of ours`)
	}
	if t.Support == nil {
		return
	}
	if !helps {
		c.fail("support", `only an account with the role "support" is let in for a time`)
	}
	c.exists("support.company", rivage.TypeCompany, t.Support.Company)
	c.country("support.country", t.Support.Country)
	switch length := t.Support.Until.Sub(t.Support.From); {
	case length <= 0:
		c.fail("support.until", "it ends before it begins")
	case length > rivage.MaxSupport:
		c.fail("support.until", "%v, at most %v", length, rivage.MaxSupport)
	}
}
