// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
)

// again is what a process that starts counts of what another one wrote.
func again(t *testing.T, w *world) *View {
	t.Helper()
	v := w.view()
	for _, a := range w.appended {
		for _, e := range a.Entries {
			e.Leaf.At, e.Leaf.Kind = e.At.Unix(), e.Facts.Kind()
			v.Recall(&rivage.Stored{Stream: e.Stream, Principal: e.Principal, At: rivage.At(e.At), Kind: e.Facts.Kind(), Facts: e.Facts, LeafText: e.Leaf.Append(nil)})
		}
	}
	return v
}

func TestARestartBeginsNoNewHour(t *testing.T) {
	w := crowd(t, 8)
	u := as(access.RoleSupervisor, "colis")
	show := func(v *View, i int) error {
		_, err := v.Fields(t.Context(), u, rivage.ID(fmt.Sprint("i-", i)), []string{FieldCaller})
		return err
	}
	v := w.view()
	for i := range 6 {
		if err := show(v, i); err != nil {
			t.Fatal(err)
		}
	}
	v = again(t, w)
	if err := show(v, 6); !errors.Is(err, ErrReach) {
		t.Errorf("a seventh person after a restart: %v", err)
	}
	if err := show(v, 5); err != nil {
		t.Errorf("somebody who was shown before it: %v", err)
	}
	w.now = w.now.Add(time.Hour)
	if err := show(again(t, w), 6); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

func TestARestartLeavesSearchesAndLookUpsCounted(t *testing.T) {
	w := newWorld(t)
	cards(w)
	parcels(w)
	noHealth(t, w)
	v := w.view()
	for range searchesPerHour {
		if _, err := v.SearchPersons(t.Context(), agentAna(), "i-c-talk", "nobody"); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		if _, err := v.Card(t.Context(), agentAna(), "i-c-talk", "suivi", "PN1"); err != nil {
			t.Fatal(err)
		}
	}
	v = again(t, w)
	if _, err := v.SearchPersons(t.Context(), agentAna(), "i-c-talk", "nobody"); rivage.CodeOf(err) != rivage.Busy {
		t.Errorf("one more search: %v", err)
	}
	if _, err := v.Card(t.Context(), agentAna(), "i-c-talk", "suivi", "PN1"); rivage.CodeOf(err) != rivage.Busy {
		t.Errorf("one more look-up: %v", err)
	}
	if got := told(w); len(got) != 0 {
		t.Errorf("an agent's own calls are reached: %+v", got)
	}
}
