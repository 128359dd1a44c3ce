// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"slices"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
)

func TestAContradictionReachesWhoWatchesTheAgent(t *testing.T) {
	w := newWorld(t)
	w.settings.Accounts["adele"] = &rivage.Account{ID: "adele"} // answers nothing
	w.contradicted = []rivage.ContradictionRow{
		{Account: "bob", Session: "s-1", Site: "lome", Lost: rivage.ByNetwork, Seen: "TG", At: rivage.At(day), Count: 2, Seq: 40},
		{Account: "adele", Site: "brest", Lost: rivage.ByCertificate, Count: 1, Seq: 41},
	}
	elsewhere := as(access.RoleSupervisor, "*")
	elsewhere.Rights = access.RightsOf([]rivage.Role{{Name: access.RoleSupervisor, Principals: []rivage.ID{"*"}, Queues: []rivage.ID{"*"}, Sites: []rivage.ID{"lisbonne"}}})
	for name, c := range map[string]struct {
		u    User
		want []rivage.ID
	}{
		"a supervisor of their queue":        {as(access.RoleSupervisor, "colis"), []rivage.ID{"bob"}},
		"the organisation's DPO":             {as(access.RoleDPO, "*"), []rivage.ID{"bob", "adele"}},
		"a supervisor of another client":     {as(access.RoleSupervisor, "mutuelle"), nil},
		"a supervisor of another site":       {elsewhere, nil},
		"an administrator":                   {as(access.RoleAdministrator, "*"), nil},
		"the agent, whose screen is another": {agentAna(), nil},
	} {
		room := w.view().Room(c.u)
		snapshot, err := room.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var shown, told []rivage.ID
		for _, x := range snapshot.(ControlSnapshot).Contradictions {
			shown = append(shown, x.Account)
		}
		for _, account := range []rivage.ID{"bob", "adele"} {
			e, err := room.Event(t.Context(), &rivage.Stored{Stream: rivage.StreamOf("access", account), Facts: &rivage.PlaceContradicted{Account: account}})
			if err != nil {
				t.Fatal(err)
			}
			if e.Contradiction != nil {
				told = append(told, e.Contradiction.Account)
			}
			err = w.view().NoteContradiction(t.Context(), c.u, account, map[rivage.ID]rivage.Seq{"bob": 40, "adele": 41}[account])
			if (err == nil) != slices.Contains(c.want, account) {
				t.Errorf("%s: takes note of %s: %v", name, account, err)
			}
		}
		if !slices.Equal(shown, c.want) || !slices.Equal(told, c.want) {
			t.Errorf("%s: shown %v, told %v, want %v", name, shown, told, c.want)
		}
	}
}

func TestTakingNoteIsAnEntryAndLeavesWhatCameSince(t *testing.T) {
	w := newWorld(t)
	w.contradicted = []rivage.ContradictionRow{{Account: "ana", Site: "brest", Count: 1, Seq: 40}}
	u, v := as(access.RoleSupervisor, "colis"), w.view()
	if err := v.NoteContradiction(t.Context(), u, "ana", 39); rivage.CodeOf(err) != rivage.Conflict || len(w.appended) > 0 {
		t.Errorf("of an older one: %v", err)
	}
	if err := v.NoteContradiction(t.Context(), u, "ana", 40); err != nil {
		t.Fatal(err)
	}
	e := w.appended[0].Entries[0]
	if f := e.Facts.(*rivage.ContradictionSeen); f.Account != "ana" || f.By != u.Account || e.Stream != "access/ana" || e.Leaf.Role != access.RoleSupervisor {
		t.Errorf("%+v %+v", e, f)
	}
	w.contradicted[0].SeenAt = 1
	if err := v.NoteContradiction(t.Context(), u, "ana", 40); err != nil || len(w.appended) != 1 {
		t.Errorf("twice: %v, %d entries", err, len(w.appended))
	}
}

func TestAFrameTellsEachContradiction(t *testing.T) {
	one, two := Event{Contradiction: &Contradiction{Account: "ana"}}, Event{Contradiction: &Contradiction{Account: "bob"}}
	if _, ok := one.With(two); ok {
		t.Error("one took the place of the other")
	}
	if e, ok := (Event{Agent: &Agent{ID: "ana"}}).With(one); !ok || e.Contradiction == nil || e.Agent == nil {
		t.Errorf("%+v, %t", e, ok)
	}
	page := []*rivage.Stored{
		{Seq: 1, Stream: "access/ana", Facts: &rivage.PlaceContradicted{Account: "ana"}}, {Seq: 2, Stream: "access/bob", Facts: &rivage.PlaceContradicted{Account: "bob"}},
		{Seq: 3, Stream: "access/ana", Facts: &rivage.ContradictionSeen{Account: "ana"}},
	}
	if got := Telling(page); len(got) != 2 || got[0].Seq != 2 || got[1].Seq != 3 {
		t.Errorf("%d told", len(got))
	}
}
