// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"slices"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
)

func TestAnUnusualAccessReachesWhoWatchesTheAccount(t *testing.T) {
	w := newWorld(t)
	dpo := as(access.RoleDPO, "*")
	w.settings.Accounts[dpo.Account] = &rivage.Account{ID: dpo.Account} // answers nothing
	w.unusual = []rivage.UnusualRow{
		{Account: "bob", What: rivage.UnusualHours, Site: "lome", Count: 2, Seq: 40},
		{Account: dpo.Account, What: rivage.UnusualPersons, Persons: 31, Count: 1, Seq: 41},
	}
	for name, c := range map[string]struct {
		u     User
		shown []rivage.ID
		notes []rivage.ID
	}{
		"a supervisor of the agent's queue":  {as(access.RoleSupervisor, "colis"), []rivage.ID{"bob"}, []rivage.ID{"bob"}},
		"a supervisor of another client":     {as(access.RoleSupervisor, "mutuelle"), nil, nil},
		"a supervisor of everything":         {as(access.RoleSupervisor, "*"), []rivage.ID{"bob", dpo.Account}, []rivage.ID{"bob", dpo.Account}},
		"the officer, of whom one is":        {dpo, []rivage.ID{"bob", dpo.Account}, []rivage.ID{"bob"}},
		"an administrator":                   {as(access.RoleAdministrator, "*"), nil, nil},
		"the agent, whose screen is another": {agentAna(), nil, nil},
	} {
		room := w.view().Room(c.u)
		snapshot, err := room.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var shown, told []rivage.ID
		for _, x := range snapshot.(ControlSnapshot).Unusual {
			shown = append(shown, x.Account)
			if x.Mine != (x.Account == c.u.Account) {
				t.Errorf("%s: %+v", name, x)
			}
		}
		for _, row := range w.unusual {
			e, err := room.Event(t.Context(), &rivage.Stored{Stream: rivage.StreamOf("access", row.Account), Facts: &rivage.AccessUnusual{Account: row.Account, What: row.What}})
			if err != nil {
				t.Fatal(err)
			}
			if e.Unusual != nil {
				told = append(told, e.Unusual.Account)
			}
			err = w.view().NoteUnusual(t.Context(), c.u, row.Account, row.What, row.Seq)
			if (err == nil) != slices.Contains(c.notes, row.Account) {
				t.Errorf("%s: takes note of %s: %v", name, row.Account, err)
			}
		}
		if !slices.Equal(shown, c.shown) || !slices.Equal(told, c.shown) {
			t.Errorf("%s: shown %v, told %v, want %v", name, shown, told, c.shown)
		}
	}
}

func TestTakingNoteOfTheUnusualLeavesWhatCameSince(t *testing.T) {
	w := newWorld(t)
	w.unusual = []rivage.UnusualRow{{Account: "ana", What: rivage.UnusualPlace, Site: "brest", Seq: 40}}
	u, v := as(access.RoleSupervisor, "colis"), w.view()
	if err := v.NoteUnusual(t.Context(), u, "ana", rivage.UnusualPlace, 39); rivage.CodeOf(err) != rivage.Conflict || len(w.appended) > 0 {
		t.Errorf("of an older one: %v", err)
	}
	if err := v.NoteUnusual(t.Context(), u, "ana", rivage.UnusualPlace, 40); err != nil {
		t.Fatal(err)
	}
	e := w.appended[0].Entries[0]
	if f := e.Facts.(*rivage.UnusualSeen); *f != (rivage.UnusualSeen{Account: "ana", What: rivage.UnusualPlace, By: u.Account}) || e.Stream != "access/ana" {
		t.Errorf("%+v %+v", e, f)
	}
	one, other := Event{Unusual: &Unusual{Account: "ana"}}, Event{Unusual: &Unusual{Account: "bob"}}
	if _, ok := one.With(other); ok {
		t.Error("one took the place of the other")
	}
	page := []*rivage.Stored{
		{Seq: 1, Facts: &rivage.AccessUnusual{Account: "ana", What: rivage.UnusualPlace}}, {Seq: 2, Facts: &rivage.AccessUnusual{Account: "ana", What: rivage.UnusualHours}},
		{Seq: 3, Facts: &rivage.UnusualSeen{Account: "ana", What: rivage.UnusualPlace}},
	}
	if got := Telling(page); len(got) != 2 || got[0].Seq != 2 || got[1].Seq != 3 {
		t.Errorf("%d told", len(got))
	}
}

func TestWhoCountsAsOnePersonIsShown(t *testing.T) {
	w := newWorld(t)
	officer, other := as(access.RoleDPO, "*"), as(access.RoleAdministrator, "*")
	all := []rivage.Role{{Name: access.RoleDPO, Principals: []rivage.ID{"*"}}}
	w.settings.Accounts[officer.Account] = &rivage.Account{ID: officer.Account, Roles: all}
	w.settings.Accounts[other.Account] = &rivage.Account{ID: other.Account}
	w.settings.Frame = &rivage.Frame{Profile: rivage.Souverain, Proposed: rivage.Encadre, ProposedBy: other.Account}
	if f, err := w.view().Frame(t.Context(), officer); err != nil || f.Tied || f.Mine {
		t.Errorf("two persons: %+v (%v)", f, err)
	}
	w.ties = []access.Tie{{Account: officer.Account, By: other.Account, What: access.TiePassword, Until: day}}
	if f, err := w.view().Frame(t.Context(), officer); err != nil || !f.Tied || f.Mine {
		t.Errorf("one person: %+v (%v)", f, err)
	}
	c, err := w.view().Connections(t.Context(), officer)
	if err != nil || len(c.Ties) != 1 || c.Ties[0].Account != officer.Account || c.Ties[0].Role != access.RoleDPO || c.Ties[0].What != "password" {
		t.Errorf("ties %+v (%v)", c.Ties, err)
	}
}
