// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"rivage.example/rivage"
)

// shifts are sessions of working days before Monday 2027-03-29, from an hour to another; until 0 is one that nobody closed.
func shifts(days int, from, until time.Duration) (ins, outs []rivage.Stored) {
	for day := time.Date(2027, 3, 26, 0, 0, 0, 0, time.UTC); len(ins) < days; day = day.AddDate(0, 0, -1) {
		if weekend(day) {
			continue
		}
		id := rivage.ID(fmt.Sprint("s", len(ins)))
		ins = append(ins, rivage.Stored{At: rivage.At(day.Add(from)), Facts: &rivage.SignedIn{Session: id}})
		if until != 0 {
			outs = append(outs, rivage.Stored{At: rivage.At(day.Add(until)), Facts: &rivage.SignedOut{Session: id, Reason: "asked"}})
		} else {
			outs = append(outs, rivage.Stored{At: rivage.At(day.Add(from + 23*time.Hour)), Facts: &rivage.SignedOut{Session: id, Reason: "expired"}})
		}
	}
	return ins, outs
}

func TestOddHoursAreThoseOfNoSession(t *testing.T) {
	const h = time.Hour
	monday := time.Date(2027, 3, 29, 0, 0, 0, 0, time.UTC) // summer time began the day before
	for name, c := range map[string]struct {
		days        int
		from, until time.Duration
		at          time.Time
		odd         bool
	}{
		"within the day":                       {10, 8 * h, 17 * h, monday.Add(11 * h), false},
		"an hour before, as after the change":  {10, 8 * h, 17 * h, monday.Add(7 * h), false},
		"an hour after":                        {10, 8 * h, 17 * h, monday.Add(18 * h), false},
		"earlier than that":                    {10, 8 * h, 17 * h, monday.Add(6*h + 59*time.Minute), true},
		"later than that":                      {10, 8 * h, 17 * h, monday.Add(18*h + time.Minute), true},
		"at night":                             {10, 8 * h, 17 * h, monday.Add(2 * h), true},
		"a long day that was closed":           {10, 6 * h, 19 * h, monday.Add(19*h + 30*time.Minute), false},
		"a session closed the next morning":    {10, 8 * h, 31 * h, monday.Add(day + 2*h), true},
		"on a Saturday":                        {10, 8 * h, 17 * h, monday.Add(-2*day + 11*h), true},
		"four days are no habit":               {4, 8 * h, 17 * h, monday.Add(2 * h), false},
		"five are":                             {5, 8 * h, 17 * h, monday.Add(2 * h), true},
		"a night shift":                        {10, 22 * h, 30 * h, monday.Add(3 * h), false},
		"a night shift, at noon":               {10, 22 * h, 30 * h, monday.Add(12 * h), true},
		"a session left open covers no night":  {10, 8 * h, 0, monday.Add(day + 2*h), true},
		"a session left open covers its shift": {10, 8 * h, 0, monday.Add(day + 16*h), false},
		"what is older than four weeks":        {10, 8 * h, 17 * h, monday.AddDate(0, 0, 28).Add(2 * h), false},
	} {
		ins, outs := shifts(c.days, c.from, c.until)
		if got := oddHour(ins, outs, c.at); got != c.odd {
			t.Errorf("%s: odd %v, want %v", name, got, c.odd)
		}
	}
	ins, outs := shifts(10, 8*h, 17*h)
	tonight := monday.Add(2 * h)
	ins = append(ins, rivage.Stored{At: rivage.At(tonight.Add(-h)), Facts: &rivage.SignedIn{Session: "tonight"}})
	if !oddHour(ins, outs, tonight) {
		t.Error("the session in question makes its own hour usual")
	}
}

func TestAnUnusualSignInIsWrittenDown(t *testing.T) {
	c, w := newWorld(t)
	w.settings.Sites["maison"] = &rivage.Site{ID: "maison", Company: "ponant", Country: "FR", Telework: true}
	w.settings.Accounts["yann"].Telework = []rivage.ID{"maison"}
	in := func(from Origin) {
		t.Helper()
		_, token, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", from)
		if err != nil {
			t.Fatal(err)
		}
		w.clock.advance(8 * time.Hour)
		if err := c.SignOut(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	what := func() (list []rivage.Unusual) {
		for _, f := range facts[*rivage.AccessUnusual](w) {
			list = append(list, f.What)
		}
		return list
	}
	enrol(t, c, w, "yann", false) // the first sign-in of all
	atHome := home
	atHome.Site = "maison"
	if _, _, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", atHome); err != nil || len(what()) != 0 {
		t.Fatalf("on the first day any place is new: %v, %v", err, what())
	}
	w.settings.Sites["ailleurs"] = &rivage.Site{ID: "ailleurs", Company: "ponant", Country: "FR", Telework: true}
	w.settings.Accounts["yann"].Telework = []rivage.ID{"maison", "ailleurs"}
	for range 5 {
		in(brest)
		w.clock.advance(16 * time.Hour)
	}
	if got := what(); len(got) != 0 {
		t.Fatalf("a working week is unusual: %v", got)
	}
	elsewhere := home
	elsewhere.Site = "ailleurs"
	in(elsewhere) // on a Saturday
	in(elsewhere)
	w.clock.advance(placesAgo + 8*time.Hour)
	in(elsewhere) // nobody was there for long
	want := []rivage.Unusual{rivage.UnusualPlace, rivage.UnusualHours, rivage.UnusualHours, rivage.UnusualPlace}
	if got := what(); !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for _, e := range w.entries {
		if _, ok := e.Facts.(*rivage.AccessUnusual); ok && (e.Stream != "access/yann" || e.Leaf.Outcome != "unusual" || e.Leaf.Site != "ailleurs") {
			t.Errorf("the entry is %+v", e)
		}
	}
}
