// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"slices"
	"testing"

	"rivage.example/rivage"
)

func TestOfSeveralEntriesAboutOneThingTheLastIsTold(t *testing.T) {
	call := func(seq rivage.Seq, id rivage.ID, f rivage.Facts) *rivage.Stored {
		return &rivage.Stored{Seq: seq, Stream: rivage.StreamOf("interaction", id), Facts: f}
	}
	state := func(seq rivage.Seq, agent rivage.ID) *rivage.Stored {
		return &rivage.Stored{Seq: seq, Stream: rivage.StreamOf("agent", agent), Facts: &rivage.AgentStateSet{Agent: agent}}
	}
	page := []*rivage.Stored{
		call(1, "a", &rivage.InteractionOffered{}),
		state(2, "anne"),
		call(3, "b", &rivage.InteractionQueued{}),
		call(4, "a", &rivage.OfferEnded{}), // told, whatever follows
		call(5, "a", &rivage.InteractionQueued{}),
		state(6, "bruno"),
		state(7, "anne"),
		{Seq: 8, Stream: "person/p", Facts: &rivage.FieldShown{}}, // moves nothing on a screen
	}
	var got []rivage.Seq
	for _, e := range Telling(page) {
		got = append(got, e.Seq)
	}
	if want := []rivage.Seq{3, 4, 5, 6, 7}; !slices.Equal(got, want) {
		t.Errorf("got entries %v, want %v", got, want)
	}
}

func TestEventsJoinWhenNoPartIsSaidTwice(t *testing.T) {
	me, call, ended := Event{At: "1", Agent: &Agent{}}, Event{At: "2", Interaction: &Interaction{}}, Event{At: "3", OfferEnded: &OfferEnded{}}
	e, ok := Event{}.With(me)
	for _, next := range []Event{call, ended} {
		if ok {
			e, ok = e.With(next)
		}
	}
	if !ok || e.At != "3" || e.Agent != me.Agent || e.Interaction != call.Interaction || e.OfferEnded != ended.OfferEnded {
		t.Errorf("got %+v, %t, want all three parts", e, ok)
	}
	for _, again := range []Event{me, call, ended} {
		if same, ok := e.With(again); ok || same != e {
			t.Errorf("%+v was said twice", again)
		}
	}
}
