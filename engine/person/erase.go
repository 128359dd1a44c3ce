// SPDX-License-Identifier: EUPL-1.2

package person

import (
	"rivage.example/rivage"
)

// Erase destroys every key of a person (GDPR art. 17), and those of the customer organisations to which nobody else belongs.
func Erase(p rivage.PersonRow, m rivage.Membership, by By) rivage.Append {
	a := Leave(p, m, by)
	e := by.entry(p.Principal, rivage.StreamOf("person", p.ID), "done", &rivage.PersonErased{Person: p.ID, Subjects: p.Subjects, By: by.Account})
	a.Entries, a.Erase = append(a.Entries, e), append(a.Erase, p.Subjects...)
	a.CommandID = "erase/" + string(p.ID)
	for i := range a.Entries {
		a.Entries[i].Leaf.Purpose = rivage.PurposeAdmin
	}
	return a
}
