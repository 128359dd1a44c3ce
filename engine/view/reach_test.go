// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
)

// crowd is a world whose client "colis" had one interaction with each of n persons, with a bound of four told, six at most.
func crowd(t *testing.T, n int) *world {
	t.Helper()
	w := newWorld(t)
	w.settings.Frame = &rivage.Frame{Profile: rivage.Souverain, Watch: &rivage.Watch{Told: 4, Most: 6}}
	at := slices.IndexFunc(w.interactions, func(r rivage.InteractionRow) bool { return r.ID == "i-c-done" })
	for i := range n {
		row := w.interactions[at]
		row.ID, row.Person = rivage.ID(fmt.Sprint("i-", i)), rivage.ID(fmt.Sprint("p-", i))
		w.interactions = append(w.interactions, row)
	}
	return w
}

// told are the unusual accesses that were written down.
func told(w *world) (list []rivage.AccessUnusual) {
	for _, a := range w.appended {
		for _, e := range a.Entries {
			if f, ok := e.Facts.(*rivage.AccessUnusual); ok {
				list = append(list, *f)
			}
		}
	}
	return list
}

func TestManyPersonsWithoutAnInteractionAreToldThenStopped(t *testing.T) {
	w := crowd(t, 8)
	v, u := w.view(), as(access.RoleSupervisor, "colis")
	show := func(i int) error {
		f, err := v.Fields(t.Context(), u, rivage.ID(fmt.Sprint("i-", i)), []string{FieldCaller})
		if err != nil && len(f) > 0 {
			t.Errorf("shown beside an error: %+v", f)
		}
		return err
	}
	for i := range 3 {
		if err := show(i); err != nil || len(told(w)) != 0 {
			t.Fatalf("person %d: %v, told %v", i, err, told(w))
		}
	}
	for range 3 {
		if err := show(2); err != nil || len(told(w)) != 0 {
			t.Fatalf("the same person again: %v, told %v", err, told(w))
		}
	}
	for i := 3; i < 6; i++ {
		if err := show(i); err != nil {
			t.Fatal(err)
		}
	}
	want := rivage.AccessUnusual{Account: u.Account, What: rivage.UnusualPersons, Persons: 4, Place: brest()}
	if got := told(w); len(got) != 1 || got[0] != want {
		t.Fatalf("told %+v, want once %+v", got, want)
	}
	before := len(w.order)
	if err := show(6); rivage.CodeOf(err) != rivage.Busy || !errors.Is(err, ErrReach) {
		t.Fatalf("a seventh person: %v", err)
	}
	if got := told(w); len(got) != 2 || !got[1].Stopped || got[1].Persons != 6 || len(w.order) != before+1 {
		t.Errorf("told %+v, done %v", got, w.order[before:])
	}
	if err := show(7); !errors.Is(err, ErrReach) || len(told(w)) != 2 {
		t.Errorf("told twice within an hour: %v, %+v", err, told(w))
	}
	if err := show(5); err != nil {
		t.Errorf("somebody who was shown already: %v", err)
	}
	w.now = w.now.Add(time.Hour)
	if err := show(7); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

func TestOnesOwnCallsAreNoReach(t *testing.T) {
	w := crowd(t, 8)
	for i := range w.interactions {
		w.interactions[i].Agent = "ana"
	}
	v := w.view()
	for i := range 8 {
		if _, err := v.Fields(t.Context(), agentAna(), rivage.ID(fmt.Sprint("i-", i)), []string{FieldCaller}); err != nil {
			t.Fatal(err)
		}
	}
	if len(told(w)) != 0 {
		t.Errorf("told %+v", told(w))
	}
}

func TestWhatIsRefusedReachesNobody(t *testing.T) {
	w := crowd(t, 8)
	v, u := w.view(), as(access.RoleSupervisor, "colis")
	u.Place = rivage.Place{Site: "lome", Company: "ponant", Country: "TG", Evidence: rivage.Attested}
	for i := range 8 {
		if _, err := v.Fields(t.Context(), u, rivage.ID(fmt.Sprint("i-", i)), []string{FieldCaller}); err != nil {
			t.Fatal(err)
		}
	}
	if len(told(w)) != 0 {
		t.Errorf("told %+v", told(w))
	}
}

func TestPersonsFoundBySearchingAreReached(t *testing.T) {
	w := newWorld(t)
	cards(w)
	w.settings.Frame = &rivage.Frame{Profile: rivage.Souverain, Watch: &rivage.Watch{Told: 1, Most: 1}}
	v := w.view()
	if got, err := v.SearchPersons(t.Context(), agentAna(), "i-c-talk", "bruno"); err != nil || len(got.Persons) != 1 {
		t.Fatalf("%+v (%v)", got, err)
	}
	if got := told(w); len(got) != 1 || got[0].Persons != 1 || got[0].Account != "ana" {
		t.Errorf("told %+v", got)
	}
	w.persons = append(w.persons, rivage.PersonRow{ID: "p-d", Principal: "colis", Subjects: []rivage.ID{"k-b"}, Card: "k-b"})
	w.values["p-d"] = w.values["p-b"]
	w.found["name bruno"] = []rivage.ID{"p-d"}
	if got, err := v.SearchPersons(t.Context(), agentAna(), "i-c-talk", "bruno"); !errors.Is(err, ErrReach) {
		t.Errorf("%+v (%v)", got, err)
	}
}

func TestRecordingsOfOthersAreReached(t *testing.T) {
	w := newWorld(t)
	w.settings.Frame = &rivage.Frame{Profile: rivage.Souverain, Watch: &rivage.Watch{Told: 1, Most: 1}}
	v, u := w.view(), as(access.RoleDPO, "colis")
	heard := 0
	for i := range w.objects {
		if a, err := v.Playback(t.Context(), u, w.objects[i].ID); err == nil {
			heard++
			_ = a.WAV.Close()
		}
	}
	if got := told(w); heard == 0 || len(got) != 1 || got[0].Persons != 1 {
		t.Errorf("%d heard, told %+v", heard, got)
	}
}

func TestReachingAtAnOddHourIsToldOnceAnHour(t *testing.T) {
	w := crowd(t, 3)
	w.odd = true
	v, u := w.view(), as(access.RoleSupervisor, "colis")
	w.down = true
	if _, err := v.Fields(t.Context(), u, "i-0", []string{FieldCaller}); rivage.CodeOf(err) != rivage.Unavailable {
		t.Fatalf("with the journal down: %v", err)
	}
	w.down = false
	for i := range 3 {
		if _, err := v.Fields(t.Context(), u, rivage.ID(fmt.Sprint("i-", i)), []string{FieldCaller}); err != nil {
			t.Fatal(err)
		}
	}
	if got := told(w); len(got) != 1 || got[0].What != rivage.UnusualHours {
		t.Errorf("told %+v", got)
	}
	w.now = w.now.Add(time.Hour)
	if _, err := v.Fields(t.Context(), u, "i-0", []string{FieldCaller}); err != nil || len(told(w)) != 2 {
		t.Errorf("an hour later: %v, told %+v", err, told(w))
	}
}
