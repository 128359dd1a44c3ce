// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"strings"
	"testing"

	"rivage.example/rivage"
)

func TestAnAgentListsWhatHeHandledAndNothingElse(t *testing.T) {
	w := newWorld(t)
	u := agentAna()
	l, err := w.view().Interactions(t.Context(), u, Query{})
	if err != nil || len(l.Interactions) == 0 {
		t.Fatalf("got %+v, %v, want those of ana", l, err)
	}
	for _, i := range l.Interactions {
		if i.Agent != u.Account {
			t.Errorf("%s of %q is listed to ana", i.ID, i.Agent)
		}
	}
	u.Account = "nobody"
	if l, err := w.view().Interactions(t.Context(), u, Query{}); err != nil || len(l.Interactions) != 0 {
		t.Errorf("somebody who handled nothing: %+v, %v", l, err)
	}
}

func TestAnAgentSeesTheCallsOwedInTheQueuesHeServes(t *testing.T) {
	w := newWorld(t)
	v, u := w.view(), agentAna()
	for agent, want := range map[rivage.ID]int{"ana": 2, "bob": 1, "mia": 1, "nobody": 0} {
		u.Account = agent
		owed, err := v.Callbacks(t.Context(), u)
		if err != nil || len(owed) != want {
			t.Errorf("%s: got %d, %v, want %d", agent, len(owed), err, want)
		}
		for _, i := range owed {
			if _, err := v.Interaction(t.Context(), u, i.ID); err != nil {
				t.Errorf("%s cannot open %s: %v", agent, i.ID, err)
			}
		}
	}
}

func TestEntriesGoToTheDeskTheyAreAbout(t *testing.T) {
	w := newWorld(t)
	v, about := w.view(), map[rivage.ID]rivage.ID{}
	for _, c := range []struct {
		facts rivage.Facts
		want  rivage.ID
	}{
		{&rivage.InteractionOpened{Interaction: "x"}, ""},
		{&rivage.InteractionQueued{Interaction: "x"}, ""},
		{&rivage.InteractionOffered{Interaction: "x", Agent: "ana"}, "ana"},
		{&rivage.OfferEnded{Interaction: "x", Agent: "ana"}, "ana"},
		{&rivage.InteractionOffered{Interaction: "x", Agent: "bob"}, "bob"},
		{&rivage.DisclosurePlayed{Interaction: "x", Agent: "bob"}, "bob"},
		{&rivage.InteractionHeld{Interaction: "x", Agent: "bob"}, "bob"},
		{&rivage.AgentStateSet{Agent: "mia"}, "mia"},
		{&rivage.InteractionClosed{Interaction: "x"}, "bob"},
		{&rivage.SettingSet{}, ""},
	} {
		stream := rivage.Stream("interaction/x")
		if _, ok := c.facts.(*rivage.SettingSet); ok {
			stream = "config/queue/x"
		}
		got, err := v.AgentOf(t.Context(), &rivage.Stored{Facts: c.facts, Kind: c.facts.Kind(), Stream: stream}, about)
		if err != nil || got != c.want {
			t.Errorf("%s: got %q, %v, want %q", c.facts.Kind(), got, err, c.want)
		}
	}
	if len(about) != 0 {
		t.Errorf("kept of what is over: %v", about)
	}
}

// Whoever is there and of whom no sentence can tell callers where, is shown so: no call is presented to them.
func TestAnAgentWhoCannotBeAnnouncedIsShownSo(t *testing.T) {
	w := newWorld(t)
	v, u := w.view(), as("supervisor", "*")
	unannounced := func() map[rivage.ID]bool {
		room, err := v.Room(u).Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		names := map[rivage.ID]bool{}
		for _, a := range room.(ControlSnapshot).Agents {
			if a.Unannounced {
				names[a.ID] = true
			}
		}
		return names
	}
	before := unannounced()
	w.settings.Prompts["p-brest"].Audio = strings.Repeat("a", 64)
	w.settings.Sites["brest"].Sentence.Attested = "p-brest"
	after := unannounced()
	w.unread = map[string]bool{w.settings.Prompts["p-brest"].Audio: true}
	silent := unannounced()
	if !before["ana"] || after["ana"] || !silent["ana"] {
		t.Errorf("without the sentence %v, with it %v, with one that cannot be read %v: want Ana in the first and the last", before, after, silent)
	}
}
