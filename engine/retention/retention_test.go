// SPDX-License-Identifier: EUPL-1.2

package retention

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

// shelf keeps recordings in memory, as the store does: an entry moves the row it names.
type shelf struct {
	wall    time.Time
	elapsed time.Duration
	objects []rivage.ObjectRow
	entries []rivage.Entry
	fails   int       // appends that are still taken; the next one is not
	date    time.Time // that was believed
}

func (s *shelf) Believed(context.Context) (time.Time, error) { return s.date, nil }

func (s *shelf) Believe(_ context.Context, date time.Time) error {
	s.date = date
	return nil
}

func (s *shelf) Now() time.Time         { return s.wall }
func (s *shelf) Elapsed() time.Duration { return s.elapsed }

// pass lets time pass, on both clocks.
func (s *shelf) pass(d time.Duration) { s.wall, s.elapsed = s.wall.Add(d), s.elapsed+d }

func (s *shelf) ExpiredObjects(_ context.Context, now rivage.Micros, limit int) ([]rivage.ObjectRow, error) {
	var due []rivage.ObjectRow
	for _, o := range s.objects {
		if until := o.KeptUntil(); o.Kept() && until > 0 && until <= now && len(due) < limit {
			due = append(due, o)
		}
	}
	return due, nil
}

func (s *shelf) Append(_ context.Context, a rivage.Append) (rivage.Receipt, error) {
	if s.fails == 0 {
		return rivage.Receipt{}, errors.New("the disk is full")
	}
	s.fails--
	f := a.Entries[0].Facts.(*rivage.RecordingExpired)
	i := slices.IndexFunc(s.objects, func(o rivage.ObjectRow) bool { return o.ID == f.Object })
	s.objects[i].State = "expired"
	s.entries = append(s.entries, a.Entries...)
	return rivage.Receipt{}, nil
}

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func recording(id string, days int, state string) rivage.ObjectRow {
	return rivage.ObjectRow{
		ID: rivage.ID(id), Principal: "colis", Interaction: "i-" + rivage.ID(id), Purpose: rivage.PurposeQuality, Site: "brest",
		StartedAt: rivage.At(start), RetentionDays: days, State: state,
	}
}

func newShelf(objects ...rivage.ObjectRow) (*shelf, *Sweeper) {
	s := &shelf{wall: start, objects: objects, fails: 1000}
	return s, New(Config{Clock: s, Rows: s, Journal: s})
}

func sweep(t *testing.T, w *Sweeper, want int) {
	t.Helper()
	if n, err := w.Sweep(t.Context()); err != nil || n != want {
		t.Errorf("%d recordings gone, error %v, want %d", n, err, want)
	}
}

func TestARecordingGoesWhenItsRetentionHasPassed(t *testing.T) {
	s, w := newShelf(recording("month", 30, "complete"), recording("cut", 30, "interrupted"), recording("year", 365, "complete"),
		recording("opposed", 30, "destroyed"), recording("forgotten", 30, "erased"), recording("live", 30, "open"), recording("unstated", 0, "complete"))
	s.pass(30*24*time.Hour - time.Second)
	sweep(t, w, 0)
	s.pass(time.Second)
	sweep(t, w, 2)
	sweep(t, w, 0) // what is gone is not destroyed twice
	s.pass(335 * 24 * time.Hour)
	sweep(t, w, 1)
	var gone []rivage.ID
	for _, e := range s.entries {
		gone = append(gone, e.Facts.(*rivage.RecordingExpired).Object)
	}
	if want := []rivage.ID{"month", "cut", "year"}; !slices.Equal(gone, want) {
		t.Errorf("gone %v, want %v", gone, want)
	}
}

func TestTheEntrySaysPurposeRetentionAndWhen(t *testing.T) {
	s, w := newShelf(recording("month", 30, "complete"))
	s.pass(40 * 24 * time.Hour)
	sweep(t, w, 1)
	e := s.entries[0]
	want := rivage.RecordingExpired{
		Interaction: "i-month", Object: "month", Purpose: rivage.PurposeQuality, RetentionDays: 30,
		Until: rivage.At(time.Date(2026, 3, 31, 9, 0, 0, 0, time.UTC)),
	}
	if got := *e.Facts.(*rivage.RecordingExpired); got != want {
		t.Errorf("facts %+v, want %+v", got, want)
	}
	if e.Stream != "interaction/i-month" || e.Principal != "colis" || !e.At.Equal(s.wall) ||
		e.Leaf.Purpose != rivage.PurposeQuality || e.Leaf.Outcome != "destroyed" || e.Leaf.Site != "brest" {
		t.Errorf("entry %+v", e)
	}
}

// A journal that takes nothing loses nothing: the next sweep goes on.
func TestASweepThatFailsIsGoneOnWith(t *testing.T) {
	s, w := newShelf(recording("first", 30, "complete"), recording("second", 30, "complete"))
	s.pass(31 * 24 * time.Hour)
	s.fails = 1
	if n, err := w.Sweep(t.Context()); n != 1 || err == nil || !strings.Contains(err.Error(), "second") {
		t.Errorf("%d gone, error %v, want one and an error that names the other", n, err)
	}
	s.fails = 1
	sweep(t, w, 1)
}

// More recordings than one page holds.
func TestASweepTakesAllThatIsDue(t *testing.T) {
	s, w := newShelf()
	for i := range 2*page + 1 {
		s.objects = append(s.objects, recording(string(rivage.NewID())[:8], 1+i%3, "complete"))
	}
	s.pass(3 * 24 * time.Hour)
	sweep(t, w, 2*page+1)
}

// Somebody sets the machine's clock a year ahead: nothing is destroyed before a day has shown that it stays so.
func TestAClockThatWasSetDestroysNothing(t *testing.T) {
	s, w := newShelf(recording("month", 30, "complete"))
	sweep(t, w, 0)
	s.wall = s.wall.Add(365 * 24 * time.Hour)
	for range 23 {
		if n, err := w.Sweep(t.Context()); n != 0 || rivage.CodeOf(err) != rivage.Unavailable {
			t.Fatalf("%d gone, error %v, want none and unavailable", n, err)
		}
		s.pass(time.Hour)
	}
	s.wall = s.wall.Add(-365 * 24 * time.Hour) // repaired: doubted for a day again, and nothing is due
	if n, err := w.Sweep(t.Context()); n != 0 || err == nil {
		t.Errorf("%d gone, error %v", n, err)
	}
	s.pass(24 * time.Hour)
	sweep(t, w, 0)
	s.wall = s.wall.Add(60 * 24 * time.Hour)
	_, _ = w.Sweep(t.Context())
	s.pass(24 * time.Hour)
	sweep(t, w, 1) // it was the right date after all
}

// A start may find a wrong date, as of a machine whose clock stood still: nothing is destroyed before a day has shown that
// it stays so, whatever restarts there are meanwhile.
func TestAStartThatFindsAnotherDateDestroysNothing(t *testing.T) {
	for _, c := range []struct {
		name string
		by   time.Duration
		gone bool
	}{
		{"a weekend later", 3 * 24 * time.Hour, true},
		{"a year ahead", 365 * 24 * time.Hour, false},
		{"before what was believed", -2 * time.Hour, false},
	} {
		s, w := newShelf(recording("month", 30, "complete"))
		s.pass(30*24*time.Hour - time.Hour)
		sweep(t, w, 0)
		for range 2 { // the second is a restart in the time of doubt
			s.wall = s.date.Add(c.by)
			w = New(Config{Clock: s, Rows: s, Journal: s})
			if n, err := w.Sweep(t.Context()); (n == 1) != c.gone || errors.Is(err, ErrDoubted) == c.gone {
				t.Errorf("%s: %d gone, error %v, want gone %t", c.name, n, err, c.gone)
			}
			if c.gone {
				break
			}
		}
	}
}
