// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/person"
)

// Persons finds, in each Principal a data protection officer reaches, the persons under a telephone number, on their card or
// taken off it: until they are erased, the journal holds it. A number known to two Principals is two persons.
// more says that there are others: who asks erases these first.
func (v *View) Persons(ctx context.Context, u User, tel rivage.Phone) (found []Person, more bool, err error) {
	if tel.Anonymous() {
		return nil, false, &rivage.Error{Code: rivage.Invalid, Message: "give a telephone number of 3 to 15 digits"}
	}
	found = []Person{}
	for _, principal := range u.principals(v.c.Settings(), access.RoleDPO) {
		rows, others, err := v.c.Finder.FindEver(ctx, principal, tel)
		if err != nil {
			return nil, false, err
		}
		more = more || others
		for _, row := range rows {
			if row.Principal != principal {
				continue
			}
			p, err := v.person(ctx, row)
			if err != nil {
				return nil, false, err
			}
			found = append(found, p)
		}
	}
	return found, more, nil
}

func (v *View) person(ctx context.Context, row rivage.PersonRow) (Person, error) {
	q := Query{Person: row.ID, Page: rivage.Page{Limit: maxPage}}
	rows, err := v.c.Rows.Interactions(ctx, []rivage.ID{row.Principal}, q)
	return Person{
		ID: row.ID, Principal: row.Principal, CreatedAt: instant(row.CreatedAt), ErasedAt: instant(row.ErasedAt),
		Interactions: len(rows),
	}, err
}

// Erase destroys what identifies a person: every key of theirs goes in the transaction of the entry that says so. It
// returns how many subjects that were. GDPR art. 17.
func (v *View) Erase(ctx context.Context, u User, id rivage.ID) (int, error) {
	row, err := v.c.Rows.Person(ctx, u.principals(v.c.Settings(), access.RoleDPO), id)
	if err != nil {
		return 0, err
	}
	if !u.Covers(row.Principal, access.RoleDPO) {
		return 0, notFound("read person")
	}
	if row.ErasedAt != 0 {
		return 0, &rivage.Error{Code: rivage.Conflict, Message: "the person is erased already"}
	}
	n := 0
	err = v.settle(ctx, []rivage.ID{row.ID}, func() (rivage.Append, error) {
		now, err := v.c.Rows.Person(ctx, []rivage.ID{row.Principal}, row.ID)
		if err != nil {
			return rivage.Append{}, err
		}
		m, err := v.c.Rows.Membership(ctx, now.ID)
		a := person.Erase(now, m, person.By{
			Account: u.Account, Subject: u.Subject, Role: access.RoleDPO, Place: u.Place, At: v.c.Clock.Now(), New: v.c.NewID,
		})
		n = len(a.Erase)
		return a, err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}
