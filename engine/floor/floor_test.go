// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"slices"
	"testing"
	"time"

	"rivage.example/rivage"
)

const parcels, health = "+33100000001", "+33100000002"

func TestCallFromArrivalToDisposition(t *testing.T) {
	g := newStage(t)
	g.ready("koffi")
	g.kinds()
	g.did()
	step := func(what, kinds, effects string) {
		t.Helper()
		if got := g.kinds(); got != kinds {
			t.Errorf("%s: entries\n got %s\nwant %s", what, got, kinds)
		}
		if got := g.did(); got != effects {
			t.Errorf("%s: effects\n got %s\nwant %s", what, got, effects)
		}
	}
	g.do(matched{Arrived: Arrived{CallerLeg: "L", Number: parcels, Caller: "+33612345678"}})
	step("arrival", "InteractionOpened", "AnswerCaller Play")
	c := g.s.legs["L"]
	g.hear("L")
	step("greeting heard", "PromptPlayed", "Play")
	g.hear("L")
	step("notice heard", "PromptPlayed InteractionQueued InteractionOffered koffi=offered", "Play Ring Play")
	g.do(Accept{Agent: "koffi", Offer: c.offer.id})
	step("accepted", "OfferAccepted", "")
	g.do(LegAnswered{Leg: c.offer.leg})
	step("media connected", "", "")
	g.pass(2 * time.Second)
	g.hear("L")
	step("sentence heard", "DisclosurePlayed InteractionAnswered koffi=engaged RecordingStarted", "Bridge Record")
	g.pass(10 * time.Second)
	g.do(Hold{"koffi", c.row.ID})
	step("hold", "InteractionHeld", "PauseRecording Unbridge Play")
	g.pass(5 * time.Second)
	g.do(Resume{"koffi", c.row.ID})
	step("resume", "InteractionResumed", "Bridge Record")
	g.do(LegEnded{Leg: "L", By: "caller", Cause: "bye"})
	if want := (10 * time.Second).Microseconds(); c.row.Talk != want || c.row.Hold != want/2 {
		t.Errorf("talk %d hold %d, want %d and %d", c.row.Talk, c.row.Hold, want, want/2)
	}
	step("hang-up", "InteractionEnded koffi=wrap_up", "StopRecording Unbridge EndLeg EndLeg")
	g.do(Dispose{Agent: "koffi", Interaction: c.row.ID, Disposition: "done", Note: "colis livré"})
	step("disposition", "InteractionClosed koffi=ready", "")
	g.do(RecordingEnded{Facts: rivage.RecordingEnded{Interaction: c.row.ID, Object: c.recording.object, Outcome: "complete"}})
	g.do(LegMeasured{Facts: rivage.LegMeasured{Leg: "L", In: 10}})
	g.do(LegMeasured{Facts: rivage.LegMeasured{Leg: c.row.AgentLeg}})
	step("what is reported after the end", "RecordingEnded LegMeasured", "")
	if len(g.s.unmeasured) != 0 || len(g.s.captures) != 0 {
		t.Errorf("still waited for: %v %v", g.s.unmeasured, g.s.captures)
	}
	g.clean()
}

func TestHealthIsNeverOfferedToLome(t *testing.T) {
	g := newStage(t)
	g.ready("koffi") // idle for longer
	g.ready("anne")
	c := g.call("L", health, "+33612345678")
	if c.row.Agent != "anne" {
		t.Fatalf("offered to %q, want anne", c.row.Agent)
	}
	var offered *rivage.InteractionOffered
	for _, e := range g.entries {
		if f, ok := e.Facts.(*rivage.InteractionOffered); ok {
			offered = f
		}
	}
	want := rivage.Count{Reason: "policy", Site: "lome", N: 1}
	if !slices.Contains(offered.SetAside, want) {
		t.Errorf("set aside: got %+v, want %+v among them", offered.SetAside, want)
	}
}

// Every state of a call, every way it can go wrong: nothing leaks, an unanswered interaction is at its rank, and the
// agent who did not answer is out.
func TestBadDays(t *testing.T) {
	type after struct {
		kinds string
		agent rivage.AgentState
		why   string
		state rivage.InteractionState // "" when the call is gone
	}
	offered := func(g *stage) *call { return g.call("L", parcels, "+33612345678") }
	talking := func(g *stage) *call { return g.talk("L", parcels, "+33612345678") }
	for _, x := range []struct {
		name   string
		before func(*stage) *call
		event  func(*stage, *call)
		want   after
	}{
		{"caller leaves while offered", offered, func(g *stage, c *call) { g.do(LegEnded{Leg: "L", By: "caller", Cause: "bye"}) },
			after{"OfferEnded koffi=ready InteractionAbandoned", rivage.AgentReady, "", ""}},
		{"agent refuses", offered, func(g *stage, c *call) { g.do(Decline{Agent: "koffi", Offer: c.offer.id}) },
			after{"OfferEnded koffi=ready InteractionQueued InteractionOffered koffi=offered", rivage.AgentOffered, "", rivage.Offered}},
		{"agent does not answer", offered, func(g *stage, c *call) { g.pass(15 * time.Second) },
			after{"OfferEnded koffi=paused:non-reponse InteractionQueued", rivage.AgentPaused, rivage.PauseNoAnswer, rivage.Queued}},
		{"accepted, media never comes", offered, func(g *stage, c *call) {
			g.do(Accept{Agent: "koffi", Offer: c.offer.id})
			g.pass(parkTime)
		}, after{"OfferAccepted OfferEnded koffi=paused:non-reponse InteractionQueued", rivage.AgentPaused, rivage.PauseNoAnswer, rivage.Queued}},
		{"desk closed while offered", offered, func(g *stage, c *call) {
			g.do(SessionLost{Agent: "koffi", Session: "desk-koffi", Stage: "closed"})
		}, after{"OfferEnded koffi=unreachable:closed InteractionQueued", rivage.AgentUnreachable, "closed", rivage.Queued}},
		{"device lost while offered", offered, func(g *stage, c *call) {
			g.do(LegEnded{Leg: c.offer.leg, By: "agent", Cause: "ice"})
		}, after{"OfferEnded koffi=paused:non-reponse InteractionQueued", rivage.AgentPaused, rivage.PauseNoAnswer, rivage.Queued}},
		{"caller leaves in the talk", talking, func(g *stage, c *call) { g.do(LegEnded{Leg: "L", By: "caller", Cause: "bye"}) },
			after{"InteractionEnded koffi=wrap_up", rivage.AgentWrapUp, "", rivage.WrapUp}},
		{"caller falls silent in the talk", talking, func(g *stage, c *call) { g.do(LegEnded{Leg: "L", By: "system", Cause: "silence"}) },
			after{"InteractionEnded koffi=wrap_up", rivage.AgentWrapUp, "", rivage.WrapUp}},
		{"agent's page reloads in the talk", talking, func(g *stage, c *call) {
			g.do(SessionLost{Agent: "koffi", Session: "desk-koffi", Stage: "closed"})
			g.do(SessionOpened{Agent: "koffi", Session: "desk2", Place: g.s.place("lome", rivage.Attested)})
			g.do(Rejoin{Agent: "koffi", Interaction: c.row.ID, Leg: "new"})
		}, after{"InteractionParked koffi=engaged InteractionRejoined", rivage.AgentEngaged, "", rivage.Connected}},
		{"agent's network gone for 20 s in the talk", talking, func(g *stage, c *call) {
			g.pass(5 * time.Second)
			g.do(SessionLost{Agent: "koffi", Session: "desk-koffi", Stage: "late"})
			g.pass(15 * time.Second)
			g.do(SessionLost{Agent: "koffi", Session: "desk-koffi", Stage: "unreachable"})
			g.do(SessionOpened{Agent: "koffi", Session: "desk2", Place: g.s.place("lome", rivage.Attested)})
			g.do(Rejoin{Agent: "koffi", Interaction: c.row.ID, Leg: "new"})
		}, after{"InteractionParked koffi=engaged InteractionRejoined", rivage.AgentEngaged, "", rivage.Connected}},
		{"agent never comes back", talking, func(g *stage, c *call) {
			g.do(LegEnded{Leg: c.row.AgentLeg, By: "system", Cause: "ice"})
			g.pass(parkTime)
		}, after{"InteractionParked koffi=unreachable:agent_lost InteractionQueued", rivage.AgentUnreachable, "agent_lost", rivage.Queued}},
		{"caller leaves while parked", talking, func(g *stage, c *call) {
			g.do(LegEnded{Leg: c.row.AgentLeg, By: "system", Cause: "ice"})
			g.do(LegEnded{Leg: "L", By: "caller", Cause: "bye"})
		}, after{"InteractionParked InteractionEnded koffi=wrap_up", rivage.AgentWrapUp, "", rivage.WrapUp}},
		{"caller leaves on hold", talking, func(g *stage, c *call) {
			g.do(Hold{"koffi", c.row.ID})
			g.do(LegEnded{Leg: "L", By: "caller", Cause: "bye"})
		}, after{"InteractionHeld InteractionEnded koffi=wrap_up", rivage.AgentWrapUp, "", rivage.WrapUp}},
	} {
		t.Run(x.name, func(t *testing.T) {
			g := newStage(t)
			g.ready("koffi")
			c := x.before(g)
			rank := c.row.Rank
			g.kinds()
			x.event(g, c)
			a := g.s.agents["koffi"]
			state := rivage.InteractionState("")
			if g.s.calls[c.row.ID] != nil {
				state = c.row.State
			}
			got := after{g.kinds(), a.row.State, a.row.Reason, state}
			if got != x.want {
				t.Errorf("\n got %+v\nwant %+v", got, x.want)
			}
			if c.row.Rank != rank {
				t.Errorf("rank moved from %d to %d", rank, c.row.Rank)
			}
			if c.row.State == rivage.Queued {
				if _, ok := g.s.acd.Position(c.row.ID); !ok {
					t.Error("queued, but not in the line")
				}
				if p := g.plays["L"]; !p.Loop {
					t.Errorf("the caller hears %+v, want music", p)
				}
			}
			g.finish(c)
		})
	}
}

// finish brings whatever is left of a call to its end, and checks that nothing leaks.
func (g *stage) finish(c *call) {
	g.t.Helper()
	if c.live && g.s.legs["L"] != nil {
		g.do(LegEnded{Leg: "L", By: "caller", Cause: "bye"})
	}
	if c.row.State == rivage.WrapUp {
		g.do(Dispose{Agent: c.row.Agent, Interaction: c.row.ID, Disposition: "done"})
	}
	g.clean()
}

func TestWrapUpMustHaveADisposition(t *testing.T) {
	g := newStage(t)
	g.ready("koffi")
	c := g.talk("L", parcels, "+33612345678")
	g.do(HangUp{"koffi", c.row.ID})
	g.do(Extend{"koffi", c.row.ID})
	if err := g.try(Extend{"koffi", c.row.ID}); rivage.CodeOf(err) != rivage.Conflict {
		t.Errorf("second extension: %v, want a conflict", err)
	}
	g.pass(119 * time.Second)
	if got := g.s.agents["koffi"].row.State; got != rivage.AgentWrapUp {
		t.Errorf("before the extended deadline: %s", got)
	}
	g.pass(time.Second)
	if a := g.s.agents["koffi"].row; a.State != rivage.AgentPaused || a.Reason != PauseDisposition {
		t.Errorf("after the deadline: %s %s", a.State, a.Reason)
	}
	if err := g.try(SetReady{Agent: "koffi", Session: "desk-koffi", Microphone: true}); rivage.CodeOf(err) != rivage.Conflict {
		t.Errorf("ready without a disposition: %v, want a conflict", err)
	}
	if err := g.try(Dispose{Agent: "koffi", Interaction: c.row.ID, Disposition: "made-up"}); rivage.CodeOf(err) != rivage.Invalid {
		t.Errorf("a code of no queue: %v, want invalid", err)
	}
	g.do(Dispose{Agent: "koffi", Interaction: c.row.ID, Disposition: "done"})
	if got := g.s.agents["koffi"].row.State; got != rivage.AgentReady {
		t.Errorf("after the disposition: %s, want ready", got)
	}
	g.clean()
}

func TestReadyNeedsTheMicrophoneAndTheRightDesk(t *testing.T) {
	g := newStage(t)
	g.do(SessionOpened{Agent: "anne", Session: "d1", Place: g.s.place("brest", rivage.Attested)})
	for _, x := range []struct {
		cmd  SetReady
		want rivage.Code
	}{
		{SetReady{Agent: "anne", Session: "d1"}, rivage.Invalid},
		{SetReady{Agent: "anne", Session: "d2", Microphone: true}, rivage.Conflict},
		{SetReady{Agent: "nobody", Session: "d1", Microphone: true}, rivage.NotFound},
		{SetReady{Agent: "anne", Session: "d1", Microphone: true}, ""},
	} {
		if got := rivage.CodeOf(g.try(x.cmd)); got != x.want {
			t.Errorf("%+v: got %q, want %q", x.cmd, got, x.want)
		}
	}
	g.do(SessionOpened{Agent: "anne", Session: "d2", Place: g.s.place("brest", rivage.Attested)})
	a := g.s.agents["anne"]
	if got := unavailable(g.s.settings, a.set, g.s.present(a)); got != "microphone" {
		t.Errorf("after a reload, before the probe: %q, want microphone", got)
	}
}

func TestDeskThatClosedAndStaysAwayMakesTheAgentUnreachable(t *testing.T) {
	for _, back := range []bool{false, true} {
		g := newStage(t)
		g.ready("anne")
		g.do(SessionLost{Agent: "anne", Session: "desk-anne", Stage: "closed"})
		if back {
			g.do(SessionOpened{Agent: "anne", Session: "desk2", Place: g.s.place("brest", rivage.Attested)})
		}
		g.pass(unreachableAfter)
		want := rivage.AgentUnreachable
		if back {
			want = rivage.AgentReady
		}
		if got := g.s.agents["anne"].row.State; got != want {
			t.Errorf("back in time %v: %s, want %s", back, got, want)
		}
	}
}

func TestAgentOfASiteWithoutItsSentenceGetsNoCall(t *testing.T) {
	g := newStage(t)
	g.s.settings.Sites["brest"].Sentence.Declared = ""
	g.do(SessionOpened{Agent: "anne", Session: "d", Place: g.s.place("brest", rivage.Declared)})
	g.do(SetReady{Agent: "anne", Session: "d", Microphone: true})
	if c := g.call("L", parcels, "+33612345678"); c.row.State != rivage.Queued {
		t.Errorf("%s, want queued: the caller could not be told", c.row.State)
	}
}

// Promise 1: a killed process comes back knowing everybody, in rank.
func TestRecoverOwesEveryCutCallACallback(t *testing.T) {
	g := newStage(t)
	rows := []Known{
		{Row: rivage.InteractionRow{ID: "talking", Principal: "parcels-co", Person: "p1", Queue: "parcels", Rank: 30, State: rivage.Connected}, Reachable: true},
		{Row: rivage.InteractionRow{ID: "waiting", Principal: "parcels-co", Person: "p2", Queue: "parcels", Rank: 10, State: rivage.Queued}, Reachable: true},
		{Row: rivage.InteractionRow{ID: "greeted", Principal: "parcels-co", Person: "p3", Flow: "parcels", Rank: 7, State: rivage.InFlow}, Reachable: true},
		{Row: rivage.InteractionRow{ID: "hidden", Principal: "parcels-co", Person: "p4", Queue: "parcels", Rank: 5, State: rivage.Queued}},
		{Row: rivage.InteractionRow{ID: "owed", Principal: "parcels-co", Person: "p5", Queue: "parcels", Rank: 1, State: rivage.CallbackOwed}, Reachable: true},
		{Row: rivage.InteractionRow{ID: "wrapping", Principal: "parcels-co", Person: "p6", Queue: "parcels", Agent: "anne", Rank: 2, State: rivage.WrapUp, Deadline: rivage.At(testStart.Add(30 * time.Second))}},
	}
	g.note(g.s.Recover(g.now, Kept{Interactions: rows, Unclean: true, Agents: []rivage.AgentRow{{Agent: "anne", State: rivage.AgentWrapUp, Interaction: "wrapping"}}}))
	var promised []string
	for _, e := range g.entries {
		if f, ok := e.Facts.(*rivage.CallbackPromised); ok {
			promised = append(promised, string(f.Interaction))
		}
	}
	if want := []string{"greeted", "waiting", "talking"}; !slices.Equal(promised, want) {
		t.Errorf("promised %v, want %v", promised, want)
	}
	if len(g.s.debts) != 4 {
		t.Errorf("%d debts, want 4", len(g.s.debts))
	}
	g.kinds()

	// A caller who rings again takes the rank; the debt is settled in the same append.
	g.do(matched{Arrived: Arrived{CallerLeg: "L", Number: parcels, Caller: "+33612345678"}, Who: Who{Person: "p1", Subject: "s1"}})
	if got, want := g.kinds(), "CallbackClosed InteractionOpened"; got != want {
		t.Errorf("return: got %s, want %s", got, want)
	}
	if got := g.s.legs["L"].row.Rank; got != 30 {
		t.Errorf("rank of the return: %d, want 30", got)
	}
	g.do(CloseCallback{Account: "anne", Interaction: "waiting", Outcome: "unreachable"})
	if err := g.try(CloseCallback{Account: "anne", Interaction: "waiting", Outcome: "called"}); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("settled twice: %v, want not found", err)
	}

	// The wrap-up goes on for the agent who comes back.
	g.kinds()
	g.do(SessionOpened{Agent: "anne", Session: "d", Place: g.s.place("brest", rivage.Attested)})
	if got := g.s.agents["anne"].row; got.State != rivage.AgentWrapUp || got.Interaction != "wrapping" {
		t.Errorf("anne is back: %+v", got)
	}
	g.do(Dispose{Agent: "anne", Interaction: "wrapping", Disposition: "done"})
}

func TestDrainRefusesNewCallsAndKeepsTheOthers(t *testing.T) {
	g := newStage(t)
	g.ready("koffi")
	c := g.talk("L", parcels, "+33612345678")
	g.do(Drain{})
	g.did()
	g.do(matched{Arrived: Arrived{CallerLeg: "M", Number: parcels}})
	if got := g.effects; len(got) != 1 || got[0] != (RejectCaller{Leg: "M", Status: 503, RetryAfter: retryAfter}) {
		t.Errorf("effects %+v, want a 503", got)
	}
	if !g.s.Busy() {
		t.Error("not busy with a live call")
	}
	g.finish(c)
	g.do(RecordingEnded{Facts: rivage.RecordingEnded{Interaction: c.row.ID, Object: c.recording.object, Outcome: "complete"}})
	if g.s.Busy() {
		t.Error("busy with no call")
	}
}

// An hour's flood at both doors, whatever the second it begins in and whatever the wall clock does meanwhile.
func TestFloodAtTheDoorIsAFewEntries(t *testing.T) {
	for _, begins := range []time.Duration{0, 30 * time.Second} {
		for _, step := range []time.Duration{0, 20 * time.Minute, -20 * time.Minute} {
			g := newStage(t)
			g.now.Wall = g.now.Wall.Add(begins)
			refusals := 0
			for i := range 3600 {
				if i == 1000 {
					g.now.Wall = g.now.Wall.Add(step)
				}
				for j := range 10 {
					door := []string{"sip", "https"}[j%2]
					g.do(Refused{Door: door, Source: "stranger", Reason: string(rune('a' + (i+j)%20))})
					refusals++
				}
				g.pass(time.Second)
			}
			if n := len(g.entries); n == 0 || n >= 1000 {
				t.Errorf("begun at second %v, clock stepped by %v: an hour's flood added %d entries, want fewer than 1 000", begins, step, n)
			}
			g.pass(time.Minute)
			for _, e := range g.entries {
				refusals -= int(e.Facts.(*rivage.DoorRefused).Count)
			}
			if refusals != 0 {
				t.Errorf("begun at second %v, clock stepped by %v: %d refusals are counted nowhere", begins, step, refusals)
			}
		}
	}
}

func TestPersonOwedACallIsNotTurnedAwayByAFullQueue(t *testing.T) {
	g := newStage(t)
	g.s.settings.Queues["parcels"].MaxWaiting = 1
	g.s.owe(rivage.InteractionRow{ID: "debt", Principal: "parcels-co", Person: "person-+33612345678", Queue: "parcels", Rank: 1})
	g.call("L", parcels, "+33699999999")
	g.did()
	if c := g.call("M", parcels, "+33612345678"); c.row.State != rivage.Queued || c.row.Rank != 1 {
		t.Errorf("%s at rank %d, want queued at the rank of the debt", c.row.State, c.row.Rank)
	}
	g.did()
	g.do(matched{Arrived: Arrived{CallerLeg: "N", Number: parcels}})
	if got := g.did(); got != "RejectCaller" {
		t.Errorf("somebody else: %s, want a refusal", got)
	}
}

func TestTalkIsTheSumOfConversationsAndNeverNegative(t *testing.T) {
	g := newStage(t)
	g.ready("koffi")
	c := g.talk("L", parcels, "+33612345678")
	g.pass(10 * time.Second)
	g.do(Hold{"koffi", c.row.ID})
	g.pass(time.Minute)
	g.do(LegEnded{Leg: c.row.AgentLeg, By: "system", Cause: "ice"})
	g.pass(parkTime)
	g.ready("yann")
	g.do(Accept{Agent: "yann", Offer: c.offer.id})
	g.do(LegAnswered{Leg: c.offer.leg})
	g.hear("L")
	g.pass(5 * time.Second)
	g.do(HangUp{"yann", c.row.ID})
	if want := (15 * time.Second).Microseconds(); c.row.Talk != want {
		t.Errorf("talk %v, want %v", c.row.Talk, want)
	}
}

func TestPauseAskedForDuringAnOfferHoldsWhenTheOfferGoes(t *testing.T) {
	g := newStage(t)
	g.ready("koffi")
	g.call("L", parcels, "+33612345678")
	g.do(SetPaused{Agent: "koffi", Reason: "repas"})
	g.do(LegEnded{Leg: "L", By: "caller", Cause: "bye"})
	if a := g.s.agents["koffi"].row; a.State != rivage.AgentPaused || a.Reason != "repas" {
		t.Errorf("%s %s, want the pause", a.State, a.Reason)
	}
}

// A queue that is removed leaves nobody with music for ever: who waits or is being offered is owed a call at their rank,
// or has failed without a number; a conversation goes on.
func TestQueueRemovedEndsTheWaitingInIt(t *testing.T) {
	g := newStage(t)
	g.ready("anne")
	talking := g.talk("L1", parcels, "+33612345671")
	g.ready("koffi")
	offered := g.call("L2", parcels, "+33612345672")
	waiting := g.call("L3", parcels, "+33612345673")
	hidden := g.call("L4", parcels, "")
	other := g.call("L5", health, "+33612345675")
	g.do(matched{Arrived: Arrived{CallerLeg: "L6", Number: parcels, Caller: "+33612345676"}, Who: Who{Person: "p6", Subject: "s6"}})
	greeted := g.s.legs["L6"]
	rank := waiting.row.Rank
	g.kinds()
	st := testSettings()
	delete(st.Queues, "parcels")
	g.do(Reconfigure{Settings: st, Gate: testGate(t)})
	for g.s.legs["L6"] != nil { // the greeting leads to a line that is gone
		g.hear("L6")
	}
	promised, failed := map[rivage.ID]rivage.Rank{}, ""
	for _, e := range g.entries {
		switch f := e.Facts.(type) {
		case *rivage.CallbackPromised:
			promised[f.Interaction] = f.Rank
			if f.Reason != "queue_removed" || f.Queue != "parcels" {
				t.Errorf("promised %+v", f)
			}
		case *rivage.InteractionFailed:
			failed += string(f.Interaction)
		}
	}
	if len(promised) != 3 || promised[waiting.row.ID] != rank || promised[offered.row.ID] == 0 || promised[greeted.row.ID] == 0 {
		t.Errorf("promised %v, want the one that waits at %d, the one that is offered, and the one that was greeted", promised, rank)
	}
	if failed != string(hidden.row.ID) {
		t.Errorf("failed %q, want the one without a number, %s", failed, hidden.row.ID)
	}
	for _, leg := range []rivage.ID{"L2", "L3", "L4", "L6"} {
		if !slices.Contains(g.effects, Effect(EndLeg{Leg: leg, Cause: "queue_removed"})) {
			t.Errorf("leg %s is left with music", leg)
		}
	}
	if talking.row.State != rivage.Connected || other.row.State != rivage.Queued {
		t.Errorf("a conversation is %s and another queue's call %s", talking.row.State, other.row.State)
	}
	if a := g.s.agents["koffi"].row; a.State != rivage.AgentReady {
		t.Errorf("koffi, whose offer was withdrawn, is %s", a.State)
	}
}

// A person owed calls in several queues takes, in the queue that they ring, the oldest rank they are owed in it; all that
// they are owed there is settled by the one call, and nothing of another queue.
func TestWhoRingsAgainTakesTheOldestRankOfThatQueue(t *testing.T) {
	g := newStage(t)
	owed := func(id, queue rivage.ID, rank rivage.Rank) Known {
		return Known{Row: rivage.InteractionRow{ID: id, Principal: "parcels-co", Person: "p", Queue: queue, Rank: rank, State: rivage.CallbackOwed}, Reachable: true}
	}
	g.s.settings.Queues["parcels"].MaxWaiting = 1
	g.note(g.s.Recover(g.now, Kept{Interactions: []Known{
		owed("elsewhere", "returns", 1), owed("later", "parcels", 30), owed("sooner", "parcels", 20), owed("health", "health", 25),
	}}))
	g.call("L0", parcels, "+33600000000") // the line is full: only a debt of this very queue passes
	g.entries = nil
	g.do(matched{Arrived: Arrived{CallerLeg: "L", Number: parcels, Caller: "+33612345678"}, Who: Who{Person: "p", Subject: "s"}})
	c := g.s.legs["L"]
	if c == nil || c.row.Rank != 20 {
		t.Fatalf("rings parcels: %+v, want the rank 20", c)
	}
	var settled []rivage.ID
	for _, e := range g.entries {
		switch f := e.Facts.(type) {
		case *rivage.CallbackClosed:
			settled = append(settled, f.Interaction)
			if f.Return != c.row.ID {
				t.Errorf("%s returned as %s", f.Interaction, f.Return)
			}
		case *rivage.InteractionOpened:
			if f.Returns != "sooner" {
				t.Errorf("returns %s, want the oldest of the queue", f.Returns)
			}
		}
	}
	if !slices.Equal(settled, []rivage.ID{"sooner", "later"}) || g.s.debts["elsewhere"] == nil || g.s.debts["health"] == nil {
		t.Errorf("settled %v, left %v", settled, g.s.debts)
	}
	g.do(matched{Arrived: Arrived{CallerLeg: "M", Number: parcels, Caller: "+33612345678"}, Who: Who{Person: "p", Subject: "s"}})
	if g.s.legs["M"] != nil {
		t.Error("a debt of another queue passes a full line")
	}
}

// A debt stands under the person whose call was cut; whoever that person is merged into is owed it, and no one else.
func TestADebtIsOwedToWhomThePersonIsMergedInto(t *testing.T) {
	for name, x := range map[string]struct {
		who     Who
		rank    rivage.Rank
		settled []rivage.ID
	}{
		"merged into the caller":   {Who{Person: "into", Subject: "s", Others: []rivage.ID{"from", "third"}}, 20, []rivage.ID{"of-from", "of-into"}},
		"the caller was merged":    {Who{Person: "third", Subject: "s", Others: []rivage.ID{"into", "from"}}, 20, []rivage.ID{"of-from", "of-into"}},
		"taken apart, or not one":  {Who{Person: "into", Subject: "s"}, 30, []rivage.ID{"of-into"}},
		"one who is owed nothing":  {Who{Person: "third", Subject: "s", Others: []rivage.ID{"fourth"}}, 0, nil},
		"somebody nobody knew yet": {Who{}, 0, nil},
	} {
		g := newStage(t)
		owed := func(id, person rivage.ID, rank rivage.Rank) Known {
			return Known{Row: rivage.InteractionRow{ID: id, Principal: "parcels-co", Person: person, Queue: "parcels", Rank: rank, State: rivage.CallbackOwed}, Reachable: true}
		}
		g.note(g.s.Recover(g.now, Kept{Interactions: []Known{owed("of-into", "into", 30), owed("of-from", "from", 20)}}))
		g.entries = nil
		g.do(matched{Arrived: Arrived{CallerLeg: "L", Number: parcels, Caller: "+33612345678"}, Who: x.who})
		var settled []rivage.ID
		for _, e := range g.entries {
			if f, ok := e.Facts.(*rivage.CallbackClosed); ok {
				settled = append(settled, f.Interaction)
			}
		}
		if c := g.s.legs["L"]; c == nil || !slices.Equal(settled, x.settled) || x.rank != 0 && c.row.Rank != x.rank {
			t.Errorf("%s: settled %v, call %+v", name, settled, c)
		}
	}
}

func TestRemovedAgentGetsNothingMore(t *testing.T) {
	g := newStage(t)
	g.ready("koffi")
	c := g.talk("L", parcels, "+33612345678")
	st := testSettings()
	delete(st.Agents, "koffi")
	g.do(Reconfigure{Settings: st, Gate: testGate(t)})
	g.do(HangUp{"koffi", c.row.ID})
	g.do(Dispose{Agent: "koffi", Interaction: c.row.ID, Disposition: "done"})
	if other := g.call("M", parcels, "+33699999999"); other.row.State != rivage.Queued {
		t.Errorf("the next call is %s, want queued: nobody is left", other.row.State)
	}
}
