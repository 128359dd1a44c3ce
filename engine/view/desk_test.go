// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
)

func offered(w *world, id rivage.ID) *rivage.Stored {
	for i := range w.entries {
		if f, ok := w.entries[i].Facts.(*rivage.InteractionOffered); ok && f.Interaction == id {
			return &w.entries[i]
		}
	}
	return nil
}

func (w *world) row(id rivage.ID) *rivage.InteractionRow {
	for i := range w.interactions {
		if w.interactions[i].ID == id {
			return &w.interactions[i]
		}
	}
	return nil
}

// The caller of an offer arrives decided and written down, once for each interaction and connection.
func TestTheDeskSeesItsCallerDecidedOnce(t *testing.T) {
	w := newWorld(t)
	d := w.view().Desk(agentAna())
	for range 3 {
		e, err := d.Event(t.Context(), offered(w, "i-c-ring"))
		if err != nil || e.Interaction == nil {
			t.Fatalf("got %+v, %v, want the offered interaction", e, err)
		}
		c := e.Interaction.Caller
		if !c.Asked || !c.Allowed || c.Value == nil || *c.Value != callerNumber {
			t.Errorf("got caller %+v, want it shown", c)
		}
		if o := e.Interaction.Offer; o == nil || o.ID != "o-c" || o.Told || o.Device != "browser" {
			t.Errorf("got offer %+v", o)
		}
		if told := e.Interaction.Told; told == nil || told.Text == "" || told.Complete || told.Evidence != rivage.Attested {
			t.Errorf("got told %+v", told)
		}
	}
	if len(w.appended) != 1 {
		t.Errorf("got %d appends, want 1", len(w.appended))
	}
	if got := w.appended[0].Entries[0].Leaf; got.Role != access.RoleAgent || got.Purpose != rivage.PurposeService {
		t.Errorf("got leaf %+v, want an agent's for service", got)
	}
}

// While the journal is down the call goes on: it is shown without the value, which comes once it can be written down.
func TestTheDeskGoesOnWithoutTheJournal(t *testing.T) {
	w := newWorld(t)
	d := w.view().Desk(agentAna())
	w.down = true
	e, err := d.Event(t.Context(), offered(w, "i-c-ring"))
	if err != nil || e.Interaction == nil || e.Interaction.Caller.Value != nil || e.Interaction.Caller.Asked {
		t.Fatalf("got %+v, %v, want the interaction without its caller", e, err)
	}
	w.down = false
	if e, err = d.Event(t.Context(), offered(w, "i-c-ring")); err != nil || e.Interaction.Caller.Value == nil {
		t.Errorf("got %+v, %v, want the caller now", e.Interaction, err)
	}
}

func TestTheDeskSeesOnlyWhatIsItsAgents(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]func(*rivage.InteractionRow){
		"of another agent":         func(r *rivage.InteractionRow) { r.Agent = "bob" },
		"back in the queue":        func(r *rivage.InteractionRow) { r.State = rivage.Queued },
		"abandoned while it rang":  func(r *rivage.InteractionRow) { r.State = rivage.Abandoned },
		"owed after it was missed": func(r *rivage.InteractionRow) { r.State = rivage.CallbackOwed },
	} {
		t.Run(name, func(t *testing.T) {
			row := w.row("i-c-ring")
			kept := *row
			defer func() { *row = kept }()
			change(row)
			e, err := w.view().Desk(agentAna()).Event(t.Context(), offered(w, "i-c-ring"))
			if err != nil || e != (Event{}) {
				t.Errorf("got %+v, %v, want nothing", e, err)
			}
		})
	}
	other := &rivage.Stored{Stream: "interaction/i-c-ring", Facts: &rivage.OfferEnded{Agent: "bob", Offer: "o-x"}}
	if e, err := w.view().Desk(agentAna()).Event(t.Context(), other); err != nil || e.OfferEnded != nil {
		t.Errorf("got %+v, %v, want nothing about another agent's offer", e, err)
	}
}

func TestTheDeskStartsFromItsOwnState(t *testing.T) {
	w := newWorld(t)
	s, err := w.view().Desk(agentAna()).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := s.(DeskSnapshot)
	if got.Me.State != rivage.AgentEngaged || got.Interaction == nil || got.Interaction.ID != "i-m-talk" || len(got.Queues) != 2 {
		t.Errorf("got %+v", got)
	}
	if got.Interaction.Caller.Value == nil || got.Interaction.Recording == nil || got.Interaction.Recording.State != "notice" {
		t.Errorf("got caller %+v and recording %+v", got.Interaction.Caller, got.Interaction.Recording)
	}
}

func TestALegIsForThePendingOfferOfItsAgent(t *testing.T) {
	w := newWorld(t)
	w.agents[0].Offer, w.agents[0].Interaction = "o-c", "i-c-ring"
	v := w.view()
	if leg, err := v.OfferLeg(t.Context(), agentAna(), "o-c"); err != nil || leg != "l-c" {
		t.Errorf("got %q, %v, want l-c", leg, err)
	}
	for name, try := range map[string]func() (rivage.ID, error){
		"another offer": func() (rivage.ID, error) { return v.OfferLeg(t.Context(), agentAna(), "o-m") },
		"another agent": func() (rivage.ID, error) {
			u := agentAna()
			u.Account = "bob"
			return v.OfferLeg(t.Context(), u, "o-c")
		},
		"no longer offered": func() (rivage.ID, error) {
			w.row("i-c-ring").State = rivage.Queued
			return v.OfferLeg(t.Context(), agentAna(), "o-c")
		},
	} {
		if leg, err := try(); rivage.CodeOf(err) != rivage.NotFound {
			t.Errorf("%s: got %q, %v, want not found", name, leg, err)
		}
	}
}

func TestOneComesBackToOnesOwnConversationOnly(t *testing.T) {
	w := newWorld(t)
	v := w.view()
	for state, want := range map[rivage.InteractionState]rivage.Code{
		rivage.Connected: "", rivage.Held: "", rivage.Parked: "", rivage.WrapUp: rivage.Conflict, rivage.Closed: rivage.Conflict,
		rivage.Queued: rivage.NotFound,
	} {
		w.row("i-c-talk").State = state
		if got := rivage.CodeOf(v.Rejoinable(t.Context(), agentAna(), "i-c-talk")); got != want {
			t.Errorf("%s: got %q, want %q", state, got, want)
		}
	}
	u := agentAna()
	u.Account = "bob"
	w.row("i-c-talk").State = rivage.Parked
	if err := v.Rejoinable(t.Context(), u, "i-c-talk"); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("another agent: got %v, want not found", err)
	}
}

func TestTheDeskCountsTheCallsOwedInItsQueues(t *testing.T) {
	w := newWorld(t)
	u := agentAna()
	for agent, want := range map[rivage.ID]int{"ana": 2, "bob": 1, "mia": 1} {
		u.Account = agent
		s, err := w.view().Desk(u).Snapshot(t.Context())
		if err != nil || s.(DeskSnapshot).Callbacks != want {
			t.Errorf("%s: got %+v, %v, want %d", agent, s, err, want)
		}
	}
}

// Promise 6: a place nobody stated is said to be unknown.
func TestAPlaceWithoutEvidenceIsUnknown(t *testing.T) {
	w := newWorld(t)
	if got := w.view().Place(rivage.Place{Site: "brest", Country: "FR"}); got.Evidence != rivage.Unknown || got.SiteName != "Brest" {
		t.Errorf("got %+v", got)
	}
}

// A page that the filter leaves short is filled from the next ones, and the last says that it is the last.
func TestAPageIsFilledFromWhatMayBeSeen(t *testing.T) {
	w := newWorld(t)
	for i := range w.interactions { // within one millisecond
		w.interactions[i].OpenedAt = rivage.At(day) + rivage.Micros(i)
	}
	v, u := w.view(), as(access.RoleSupervisor, "colis")
	seen := map[rivage.ID]bool{}
	var q Query
	q.Page.Limit = 2
	for range 10 {
		l, err := v.Interactions(t.Context(), u, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range l.Interactions {
			if seen[i.ID] {
				t.Errorf("%s twice", i.ID)
			}
			seen[i.ID] = true
		}
		if l.Next == "" {
			break
		}
		q.Page.Before = before(t, l.Next)
	}
	if len(seen) != 5 {
		t.Errorf("got %d interactions, want the 5 of colis", len(seen))
	}
}

func before(t *testing.T, next string) rivage.Micros {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, next)
	if err != nil {
		t.Fatal(err)
	}
	return rivage.At(at)
}
