// SPDX-License-Identifier: EUPL-1.2

package person

import (
	"strings"

	"rivage.example/rivage"
)

// The cells of a customer organisation.
const (
	OrganisationName  = "name"
	OrganisationSIREN = "siren"
)

// Join says that a person belongs to a customer organisation: known, or new with its SIREN and name. The name of one that
// is known changes when another is given. A person belongs to one at most: the one before is erased when it has nobody else.
func Join(p rivage.PersonRow, m rivage.Membership, known *rivage.OrganisationRow, siren, name string, by By) (rivage.Append, error) {
	siren, ok := rivage.SIREN(siren)
	name = strings.TrimSpace(name)
	switch {
	case !ok:
		return rivage.Append{}, wrong("is not a SIREN: nine digits, the last one its key")
	case known == nil && name == "":
		return rivage.Append{}, wrong("has no name: nobody has this SIREN yet")
	case strings.ContainsFunc(name, control):
		return rivage.Append{}, wrong("holds a control character")
	case short(name, maxName) != nil:
		return rivage.Append{}, short(name, maxName)
	}
	var a rivage.Append
	var id rivage.ID
	if known != nil {
		id = known.ID
	}
	if known == nil || name != "" {
		f := &rivage.OrganisationKept{Organisation: id, New: known == nil, By: by.Account}
		if f.New {
			id, f.Subject = by.New(), by.New()
			f.Organisation, a.NewSubjects = id, []rivage.ID{f.Subject}
		} else {
			f.Subject = known.Subject
		}
		e := by.entry(p.Principal, rivage.StreamOf("organisation", id), "kept", f)
		e.Indexes = []rivage.Index{{Kind: IndexSIREN, Value: siren}}
		seal(&e, f.Subject, []Change{{OrganisationName, name}, {OrganisationSIREN, siren}})
		a.Entries = append(a.Entries, e)
	}
	if p.Organisation == id {
		return a, nil
	}
	a.Entries = append(a.Entries, by.entry(p.Principal, rivage.StreamOf("person", p.ID), "joined",
		&rivage.PersonJoined{Person: p.ID, Organisation: id, By: by.Account}))
	for _, o := range m.Sole {
		if o.ID == m.Own && o.ID != id {
			erase(&a, o, by)
		}
	}
	return a, nil
}

// Leave says that a person, with those merged into it, belongs to no customer organisation any more. One to which nobody
// else belongs is erased: its name and SIREN may be those of somebody who works alone.
func Leave(p rivage.PersonRow, m rivage.Membership, by By) rivage.Append {
	if p.Organisation == "" {
		return rivage.Append{}
	}
	a := rivage.Append{Entries: []rivage.Entry{by.entry(p.Principal, rivage.StreamOf("person", p.ID), "left",
		&rivage.PersonLeft{Person: p.ID, Organisation: p.Organisation, Others: m.Others, By: by.Account})}}
	for _, o := range m.Sole {
		erase(&a, o, by)
	}
	return a
}

// erase destroys the key of a customer organisation that nobody belongs to any more.
func erase(a *rivage.Append, o rivage.OrganisationRow, by By) {
	a.Erase = append(a.Erase, o.Subject)
	a.Entries = append(a.Entries, by.entry(o.Principal, rivage.StreamOf("organisation", o.ID), "done",
		&rivage.OrganisationErased{Organisation: o.ID, Subject: o.Subject, By: by.Account}))
}
