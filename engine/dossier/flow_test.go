// SPDX-License-Identifier: EUPL-1.2

package dossier

import (
	"encoding/json"
	"maps"
	"testing"

	"rivage.example/rivage"
)

func TestWhatWentToASiteIsCountedBeforeAndAfterItsDecision(t *testing.T) {
	tunis, brest := rivage.Place{Site: "tunis", Country: "TN"}, rivage.Place{Site: "brest", Country: "FR"}
	seen := rivage.Place{Site: "brest", Country: "FR", Evidence: rivage.Unknown, Seen: "TN"}
	leaf := func(site rivage.ID) []byte { return (&rivage.Leaf{Site: site}).Append(nil) }
	set := func(verdict rivage.OpeningVerdict) *rivage.SettingSet {
		doc, err := json.Marshal(rivage.Opening{ID: "tunis", Decision: &rivage.OpeningDecision{Verdict: verdict}})
		if err != nil {
			t.Fatal(err)
		}
		return &rivage.SettingSet{Type: rivage.TypeOpening, ID: "tunis", Doc: doc}
	}
	f := FlowTo("tunis", "TN")
	take := func(facts rivage.Facts, leaf []byte) { f.Take(&rivage.Stored{Facts: facts, LeafText: leaf}) }
	for _, quiet := range []struct {
		facts rivage.Facts
		leaf  []byte
	}{
		{&rivage.InteractionOffered{Place: brest}, nil}, {&rivage.InteractionAnswered{Place: brest}, nil}, {&rivage.SignedIn{Place: brest}, nil},
		{&rivage.FieldShown{Allowed: true}, leaf("brest")}, {&rivage.FieldShown{}, leaf("tunis")}, {&rivage.CardAsked{}, leaf("brest")},
		{&rivage.RecordingStarted{Site: "brest"}, nil}, {&rivage.RecordingPlayed{}, leaf("")}, {&rivage.Exported{}, leaf("brest")},
		{&rivage.SettingSet{Type: rivage.TypeOpening, ID: "dakar", Doc: []byte(`{"decision":{"verdict":"go"}}`)}, nil},
	} {
		take(quiet.facts, quiet.leaf)
	}
	if f.N() != 0 || f.Sessions() != 0 || f.Unread != 0 || len(f.Entries) != 0 {
		t.Fatalf("what went elsewhere is counted: %+v", f)
	}
	take(&rivage.SignedIn{Place: tunis}, nil)
	take(set(rivage.NoGo), nil)
	for _, facts := range []rivage.Facts{
		&rivage.InteractionOffered{Place: tunis}, &rivage.InteractionOffered{Place: seen}, &rivage.InteractionAnswered{Place: tunis}, &rivage.FieldShown{Allowed: true},
		&rivage.CardAsked{}, &rivage.RecordingPlayed{}, &rivage.RecordingStarted{Site: "tunis"}, &rivage.Exported{},
	} {
		take(facts, leaf("tunis"))
	}
	for _, facts := range []rivage.Facts{ // who states Brest, from a network of Tunis
		&rivage.FieldShown{Allowed: true, Seen: "TN"}, &rivage.CardAsked{Seen: "TN"}, &rivage.RecordingPlayed{Seen: "TN"}, &rivage.Exported{Seen: "TN"},
	} {
		take(facts, leaf("brest"))
	}
	after := map[string]int{FlowOffer: 2, FlowConversation: 1, FlowField: 2, FlowCard: 2, FlowRecording: 3, FlowExport: 2}
	if !maps.Equal(f.After, after) || !maps.Equal(f.Before, map[string]int{FlowSession: 1}) || len(f.Entries) != 13 {
		t.Errorf("got %v before and %v after", f.Before, f.After)
	}
	take(set(rivage.NoGo), nil) // an answer was added: the decision is the one it was
	if len(f.After) == 0 {
		t.Error("an edit of the dossier counts as another decision")
	}
	take(set(rivage.Go), nil)
	take(&rivage.FieldShown{Allowed: true}, nil)
	take(nil, nil)
	if len(f.After) != 0 || f.N() != 12 || f.Unread != 2 {
		t.Errorf("got %v before, %v after, %d unread", f.Before, f.After, f.Unread)
	}
}
