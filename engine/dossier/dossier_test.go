// SPDX-License-Identifier: EUPL-1.2

package dossier

import (
	"fmt"
	"testing"
	"time"

	"rivage.example/rivage"
)

func zone(c rivage.Country) rivage.Zone {
	return map[rivage.Country]rivage.Zone{"FR": rivage.ZoneFR, "RE": rivage.ZoneFRRUP, "PT": rivage.ZoneEU}[c]
}

var start = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// log is a log in the making.
type log struct {
	d *Dossier
	n int
	s *rivage.Settings
}

func newLog() *log {
	return &log{d: New(zone, start, start.AddDate(0, 1, 0)), s: &rivage.Settings{
		Sites:  map[rivage.ID]*rivage.Site{"lome": {ID: "lome", Company: "golfe", Country: "TG"}, "brest": {ID: "brest", Company: "armor", Country: "FR"}},
		Queues: map[rivage.ID]*rivage.Queue{"colis": {ID: "colis", Class: rivage.ClassTracking}},
	}}
}

func (l *log) say(at time.Time, leaf rivage.Leaf, f rivage.Facts) {
	l.n++
	leaf.Kind, leaf.At = f.Kind(), at.Unix()
	l.d.Take(&rivage.Stored{Seq: rivage.Seq(l.n), Principal: "messagerie", At: rivage.At(at), Kind: f.Kind(), LeafText: leaf.Append(nil), Facts: f}, l.s)
}

// call is one that is answered at a place, told or not, after a choice or not.
func (l *log) call(at time.Time, id rivage.ID, p rivage.Place, told bool, area rivage.Area) {
	l.say(at, rivage.Leaf{}, &rivage.InteractionOpened{Interaction: id, Class: rivage.ClassPublic})
	l.say(at, rivage.Leaf{}, &rivage.InteractionQueued{Interaction: id, Queue: "colis"})
	if area != "" {
		l.say(at, rivage.Leaf{}, &rivage.AreaChosen{Interaction: id, Queue: "colis", Area: area})
	}
	l.say(at, rivage.Leaf{}, &rivage.DisclosurePlayed{Interaction: id, Frames: 50, Complete: told})
	l.say(at, rivage.Leaf{}, &rivage.InteractionAnswered{Interaction: id, Place: p})
}

func place(site, company rivage.ID, country rivage.Country, e rivage.Evidence) rivage.Place {
	return rivage.Place{Site: site, Company: company, Country: country, Evidence: e}
}

func TestContactsAreCountedByWhereTheyWereAnswered(t *testing.T) {
	l := newLog()
	lome, brest := place("lome", "golfe", "TG", rivage.Attested), place("brest", "armor", "FR", rivage.Attested)
	l.call(start, "1", lome, true, "")
	l.call(start, "2", lome, false, "")
	l.call(start, "3", brest, true, "")
	l.call(start, "4", place("brest", "armor", "FR", rivage.Unknown), true, "")
	l.call(start.Add(-time.Second), "before", lome, true, "")
	l.call(start.AddDate(0, 1, 0), "after", lome, true, "")
	for k, want := range map[Contacts]Told{
		{"messagerie", "golfe", "TG", rivage.Attested}: {2, 1},
		{"messagerie", "armor", "FR", rivage.Attested}: {1, 1},
		{"messagerie", "armor", "", rivage.Unknown}:    {1, 1}, // unknown is never France
	} {
		if got := l.d.Contacts[k]; got == nil || *got != want {
			t.Errorf("%+v: got %+v, want %+v", k, got, want)
		}
	}
	if len(l.d.Contacts) != 3 {
		t.Errorf("got %v", l.d.Contacts)
	}
}

func TestWhatBecameOfWhoAskedForFrance(t *testing.T) {
	l := newLog()
	l.call(start, "1", place("brest", "armor", "RE", rivage.Attested), true, rivage.AreaFrance)
	l.call(start, "2", place("lome", "golfe", "TG", rivage.Attested), true, rivage.AreaFrance)
	l.call(start, "3", place("x", "tejo", "PT", rivage.Declared), true, rivage.AreaUnion)
	l.call(start, "4", place("brest", "armor", "FR", rivage.Unknown), true, rivage.AreaFrance)
	l.say(start, rivage.Leaf{}, &rivage.InteractionOpened{Interaction: "5"})
	l.say(start, rivage.Leaf{}, &rivage.AreaChosen{Interaction: "5", Area: rivage.AreaFrance})
	l.say(start, rivage.Leaf{}, &rivage.InteractionAbandoned{Interaction: "5"})
	l.say(start, rivage.Leaf{}, &rivage.InteractionOpened{Interaction: "6"})
	l.say(start, rivage.Leaf{}, &rivage.AreaChosen{Interaction: "6", Area: rivage.AreaFrance, Owed: true})
	l.say(start, rivage.Leaf{}, &rivage.CallbackClosed{Interaction: "6", Outcome: "called"})
	l.say(start, rivage.Leaf{}, &rivage.InteractionOpened{Interaction: "7"})
	l.say(start, rivage.Leaf{}, &rivage.AreaChosen{Interaction: "7", Area: rivage.AreaFrance, Told: 60e6})
	l.say(start, rivage.Leaf{}, &rivage.InteractionAnswered{Interaction: "7", Place: place("brest", "armor", "FR", rivage.Attested), Wait: 75e6})
	want := Asked{N: 7, Within: 3, Elsewhere: 2, Owed: 1, Gone: 1, Told: 1, Said: time.Minute, Real: 75 * time.Second}
	if got := *l.d.Asked["messagerie"]; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	l.say(start, rivage.Leaf{}, &rivage.InteractionAnswered{Interaction: "1", Place: place("lome", "golfe", "TG", rivage.Attested)})
	if got := l.d.Asked["messagerie"].Elsewhere; got != 2 {
		t.Errorf("a second answer counts again: %d", got)
	}
}

func TestEachWayOfReachingDataIsItsOwnAccess(t *testing.T) {
	l := newLog()
	l.call(start, "1", place("brest", "armor", "FR", rivage.Attested), true, "")
	leaf := rivage.Leaf{Site: "lome", Country: "TG", Evidence: rivage.Attested, Class: rivage.ClassCommon}
	for n, f := range []rivage.Facts{
		&rivage.FieldShown{Interaction: "1", Allowed: true}, &rivage.FieldShown{Interaction: "1", Allowed: true, Remote: true},
		&rivage.FieldShown{Interaction: "1", Allowed: true, Remote: true}, &rivage.FieldShown{Interaction: "1", Allowed: true, Masked: true},
		&rivage.FieldShown{Interaction: "1"}, // refused: nothing was reached
		&rivage.RecordingPlayed{Interaction: "1"}, &rivage.Exported{},
	} {
		l.say(start.Add(time.Duration(n)*time.Minute), leaf, f)
	}
	var got []string
	for _, a := range l.d.Outside() {
		s := l.d.Accesses[a]
		got = append(got, fmt.Sprintf("%s %s %s %d %s", a.Company, a.Country, a.Way, s.N, s.Last.Sub(s.First)))
	}
	want := []string{"golfe TG consultation à distance 2 1m0s", "golfe TG copie 1 0s", "golfe TG vue 1 0s", "golfe TG vue masquée 1 0s", "golfe TG écoute d'enregistrement 1 0s"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if n := len(l.d.Sorted()); n != 6 { // and the conversation in Brest
		t.Errorf("%d accesses", n)
	}
	l.d.Take(&rivage.Stored{Principal: "messagerie", At: rivage.At(start), Facts: &rivage.FieldShown{Interaction: "1", Allowed: true}}, l.s)
	if a := (Access{Principal: "messagerie", Evidence: rivage.Unknown, Way: WayView, Class: rivage.ClassTracking}); l.d.Accesses[a] == nil {
		t.Error("an access whose leaf was dropped is not counted")
	}
}
