// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"strings"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/record/store"
)

// testLost: a journal that fell behind what was published takes the leaves back. Its root is the published one again, it
// goes on, its rows are what the entries before the gap make of them, and a check counts what is lost.
func testLost(t *testing.T, e Engine) {
	whole, s := fresh(t, e), fresh(t, e)
	d := newDay(3)
	kept := len(d.appends) / 2
	for i, a := range d.appends {
		must(t, whole, a)
		if i < kept {
			must(t, s, a)
		}
	}
	head, size := s.Size(), whole.Size()
	var leaves []store.Leaf
	for l, err := range whole.Leaves(t.Context(), head, size) {
		report(t, err)
		if (l.Seq-head)%7 == 6 {
			l.Text = nil // dropped from the tiles
		}
		leaves = append(leaves, l)
	}
	altered := leaves[1]
	altered.Text = append([]byte(nil), altered.Text...)
	altered.Text[10] ^= 1
	for name, bad := range map[string]struct {
		leaves []store.Leaf
		want   rivage.Code
	}{
		"one left out": {leaves[1:], rivage.Conflict}, "one altered": {[]store.Leaf{leaves[0], altered}, rivage.Invalid},
	} {
		if err := s.RestoreLeaves(t.Context(), bad.leaves); rivage.CodeOf(err) != bad.want || s.Size() != head {
			t.Errorf("%s: %v, %d entries, want %s and nothing taken", name, err, s.Size(), bad.want)
		}
	}
	for n := len(leaves) / 3; len(leaves) > 0; n = len(leaves) { // in two transactions
		report(t, s.RestoreLeaves(t.Context(), leaves[:n]))
		leaves = leaves[n:]
	}
	want, err := whole.Head(t.Context())
	report(t, err)
	if got, err := s.Head(t.Context()); err != nil || got.Root != want.Root || got.Size != want.Size {
		t.Errorf("head of %d entries, root %s (%v), want the published one", got.Size, got.Root, err)
	}

	// Nobody said yet that facts were lost: that is how a check sees it.
	r, err := s.Check(t.Context(), Unseal)
	if err != nil || len(r.Faults) != 1 || !strings.Contains(r.Faults[0].What, "no entry says that they were lost") || r.Faults[0].Seq != head {
		t.Errorf("check before Restored: %v, %v", r.Faults, err)
	}
	must(t, s, rivage.SealedAppend{Entries: []rivage.SealedEntry{Entry("system", rivage.Organisation, Start, &rivage.Restored{
		Head: int64(head), Published: int64(size),
	})}})
	for _, a := range NewCall("messagerie", "colis", "nobody", "+33699999999", Start).Whole(1e6) {
		must(t, s, a)
	}
	if r := sound(t, s); r.Lost != int64(size-head) || r.Dropped == 0 || r.Dropped >= r.Lost {
		t.Errorf("%d lost, %d of them without text; want %d lost", r.Lost, r.Dropped, size-head)
	}
	if n, err := s.Lost(t.Context()); err != nil || n != size-head {
		t.Errorf("%d lost (%v), want %d", n, err, size-head)
	}
	list, err := s.Reader.Entries(t.Context(), head, 1)
	if err != nil || len(list) != 1 || list[0].Kind != rivage.KindLeafRestored {
		t.Errorf("the first lost entry reads %+v (%v)", list, err)
	}
}
