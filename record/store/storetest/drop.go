// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/record/store"
)

// testDropped: texts of a class go before an instant, hashes and facts stay, and a check wants an entry that says so.
func testDropped(t *testing.T, e Engine) {
	db, err := e.Fresh(t)()
	if err != nil {
		t.Fatal(err)
	}
	s := over(t, db, store.Config{})
	own := int64(0)
	for _, a := range newDay(5).appends {
		must(t, s, a)
		for _, e := range a.Entries {
			if e.Facts.Kind().Kept() == rivage.KeptSecurity {
				own++
			}
		}
	}
	var many rivage.SealedAppend
	for i := range 1200 { // more than one transaction drops
		at := Start.Add(time.Duration(i) * time.Minute)
		many.Entries = append(many.Entries, Entry("access/anne", rivage.Organisation, at, &rivage.SignedIn{Account: "anne"}))
	}
	must(t, s, many)
	head, err := s.Head(t.Context())
	report(t, err)
	before := rivage.At(Start.Add(1100 * time.Minute))
	d, err := s.Droppable(t.Context(), rivage.KeptSecurity, before, head.Size)
	report(t, err)
	if d.Count != 1100+own || d.Last != head.Size-101 {
		t.Fatalf("%+v of %d entries, want the 1100 before and the %d of the day", d, head.Size, own)
	}
	report(t, s.DropLeaves(t.Context(), d))
	r, err := s.Check(t.Context(), Unseal)
	if err != nil || len(r.Faults) == 0 || !strings.Contains(r.Faults[0].What, "no entry says that it was dropped") || r.Dropped != d.Count {
		t.Errorf("check of %d dropped before anybody says so: %v, %v", r.Dropped, r.Faults, err)
	}
	d.Rule = "deliberation-2021-122"
	must(t, s, rivage.SealedAppend{Entries: []rivage.SealedEntry{Entry("system", rivage.Organisation, Start, &d)}})
	if r := sound(t, s); r.Dropped != d.Count {
		t.Errorf("%d dropped, want %d", r.Dropped, d.Count)
	}
	if left, err := s.Droppable(t.Context(), rivage.KeptSecurity, before, head.Size); err != nil || left.Count != 0 {
		t.Errorf("%d are left (%v)", left.Count, err)
	}
	// A text of another class, in the same range, is not covered by it.
	report(t, db.Script(t.Context(), `UPDATE entry SET leaf=NULL WHERE seq=(SELECT min(seq) FROM entry WHERE kind='FieldShown')`))
	if r, err := s.Check(t.Context(), Unseal); err != nil || len(r.Faults) != 1 {
		t.Errorf("a text taken away beside: %v, %v", r.Faults, err)
	}
}
