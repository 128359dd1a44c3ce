// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"testing"

	"rivage.example/rivage"
)

func run(from, n rivage.Seq) []rivage.Stored {
	list := make([]rivage.Stored, n)
	for i := range list {
		list[i].Seq = from + rivage.Seq(i)
	}
	return list
}

func TestRecentEntries(t *testing.T) {
	var r recent
	for from := rivage.Seq(0); from < 5*maxRecent; from += 100 {
		r.add(run(from, 100))
	}
	last := r.list[len(r.list)-1].Seq
	for _, x := range []struct {
		name  string
		from  rivage.Seq
		limit int
		want  int
	}{
		{"the last one", last, 10, 1},
		{"a part", last - 20, 10, 10},
		{"as many as are promised", last - maxRecent + 1, 2 * maxRecent, maxRecent},
		{"too old", 0, 10, 0},
		{"not there yet", last + 1, 10, 0},
	} {
		got := r.from(x.from, x.limit)
		if len(got) != x.want || len(got) > 0 && got[0].Seq != x.from {
			t.Errorf("%s: %d entries, want %d", x.name, len(got), x.want)
		}
	}
	if len(r.list) > 3*maxRecent {
		t.Errorf("%d entries kept, at most %d", len(r.list), 3*maxRecent)
	}
	r.add(run(last+10, 5)) // another writer put nine between
	if got := r.from(last, 10); len(got) != 0 {
		t.Errorf("entries before a gap: %d, want none", len(got))
	}
	if got := r.from(last+10, 10); len(got) != 5 {
		t.Errorf("entries after a gap: %d, want 5", len(got))
	}
}
