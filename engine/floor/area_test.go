// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

// choosing are settings in which the callers of parcels may ask for France with 1.
func choosing() *rivage.Settings {
	s := testSettings()
	s.Queues["parcels"].Choice = &rivage.Choice{Area: rivage.AreaFrance, Key: "1", Prompt: "choose", Accepted: "chosen", Later: "later"}
	for i, id := range []rivage.ID{"choose", "chosen", "later"} {
		s.Prompts[id] = &rivage.Prompt{ID: id, Audio: audio(20 + i), Source: "recorded"}
	}
	return s
}

func choiceStage(t *testing.T, ready ...rivage.ID) *stage {
	g := newStage(t)
	g.do(Reconfigure{Settings: choosing(), Gate: testGate(t)})
	for _, agent := range ready {
		g.ready(agent)
	}
	return g
}

// arriving brings a caller to the prompt that names the key.
func (g *stage) arriving(leg rivage.ID) *call {
	g.t.Helper()
	g.do(matched{Arrived: Arrived{CallerLeg: leg, Number: parcels, Trunk: "t", Caller: "+33612345678"}, Who: Who{Person: "person-" + leg, Subject: "s-" + leg}})
	c := g.s.legs[leg]
	for c.beforeLine == nil {
		g.hear(leg)
	}
	return c
}

func TestWhoChoosesFranceIsAnsweredThere(t *testing.T) {
	g := choiceStage(t, "koffi", "anne")
	g.do(SetPaused{Agent: "anne", Reason: "pause"})
	c := g.arriving("L1")
	g.do(Digit{Leg: "L1", Digit: '1'})
	g.hear("L1") // what was chosen
	if c.row.State != rivage.Queued || c.offer != nil {
		t.Fatalf("%s, offered %v: Lomé is idle, and was not asked for", c.row.State, c.offer)
	}
	g.do(SetReady{Agent: "anne", Session: "desk-anne", Microphone: true})
	if c.offer == nil || c.offer.agent.row.Agent != "anne" {
		t.Fatal("not offered to France")
	}
	if got := g.kinds(); strings.Count(got, "AreaChosen") != 1 {
		t.Errorf("entries %s", got)
	}
	g.do(Digit{Leg: "L1", Digit: '1'}) // once is enough
	if got := g.kinds(); got != "" || c.offer == nil {
		t.Errorf("the second key: %s", got)
	}
}

func TestWhoDoesNotChooseIsAnsweredFromAnywhere(t *testing.T) {
	g := choiceStage(t, "koffi")
	if c := g.call("L1", parcels, "+33612345678"); c.offer == nil || c.offer.agent.row.Agent != "koffi" {
		t.Error("not offered to Lomé")
	}
}

// The sentence says Lomé, and the caller presses the key: the offer is taken back, the rank is that of the arrival, and
// Lomé is as idle as before.
func TestAnOfferFromElsewhereIsTakenBackByTheChoice(t *testing.T) {
	g := choiceStage(t, "koffi")
	c := g.call("L1", parcels, "+33612345678")
	rank, idle := c.row.Rank, g.s.agents["koffi"].row.IdleSince
	g.ready("anne")
	g.do(SetPaused{Agent: "anne", Reason: "pause"})
	g.pass(3 * time.Second)
	other := g.call("L2", parcels, "+33612345679")
	g.kinds()
	g.do(Digit{Leg: "L1", Digit: '1'})
	if c.offer != nil || c.row.State != rivage.Queued || c.row.Rank != rank {
		t.Fatalf("%s at %d, offered %v", c.row.State, c.row.Rank, c.offer)
	}
	if k := g.s.agents["koffi"].row; k.IdleSince != idle || other.offer == nil || other.offer.agent.row.Agent != "koffi" {
		t.Errorf("Lomé is idle since %d, was %d; the next is offered %v", k.IdleSince, idle, other.offer)
	}
	if g.s.position(c) != 1 {
		t.Errorf("position %d", g.s.position(c))
	}
	g.do(SetReady{Agent: "anne", Session: "desk-anne", Microphone: true})
	if c.offer == nil || c.offer.agent.row.Agent != "anne" {
		t.Error("not offered to France")
	}
}

func TestAChoiceThatIsMetAlreadyChangesNothing(t *testing.T) {
	g := choiceStage(t, "anne")
	c := g.call("L1", parcels, "+33612345678")
	g.do(Digit{Leg: "L1", Digit: '1'})
	if c.offer == nil || c.offer.agent.row.Agent != "anne" || !strings.Contains(g.kinds(), "AreaChosen") {
		t.Error("the offer from France was taken back, or the choice is no entry")
	}
}

// Nobody in France is at work: a call is owed, at the rank of the arrival, and the caller hears so.
func TestAChoiceThatNobodyCanMeetIsOwed(t *testing.T) {
	g := choiceStage(t, "koffi")
	c := g.call("L1", parcels, "+33612345678")
	rank := c.row.Rank
	g.do(Digit{Leg: "L1", Digit: '1'})
	g.hear("L1")
	if got := g.kinds(); !strings.Contains(got, "AreaChosen") || !strings.Contains(got, "CallbackPromised") {
		t.Errorf("entries %s", got)
	}
	if d := g.s.debts[c.row.ID]; d == nil || d.row.Rank != rank {
		t.Errorf("owed %+v, at rank %d", d, rank)
	}
	if got := g.did(); !strings.Contains(got, "EndLeg") {
		t.Errorf("effects %s", got)
	}
	g.do(LegEnded{Leg: "L1", By: "system", Cause: "area"})
	g.clean()
	g.s.debts = map[rivage.ID]*debt{}
	anonymous := g.call("L2", parcels, "")
	g.do(Digit{Leg: "L2", Digit: '1'})
	if anonymous.offer == nil || anonymous.offer.agent.row.Agent != "koffi" || len(g.s.debts) != 0 {
		t.Errorf("who cannot be called back is %s", anonymous.row.State)
	}
	hangsUp := g.call("L3", parcels, "+33612345670")
	g.do(Digit{Leg: "L3", Digit: '1'})
	g.do(LegEnded{Leg: "L3", By: "caller", Cause: "bye"})
	if g.s.debts[hangsUp.row.ID] == nil || g.s.calls[hangsUp.row.ID] != nil {
		t.Error("the promise does not outlive the call")
	}
}

func TestAnAreaThatIsNoLongerOfferedLeavesNobodyBehind(t *testing.T) {
	g := choiceStage(t, "koffi", "anne")
	g.do(SetPaused{Agent: "anne", Reason: "pause"})
	g.do(SetPaused{Agent: "koffi", Reason: "pause"})
	c := g.call("L1", parcels, "+33612345678")
	g.do(Digit{Leg: "L1", Digit: '1'})
	g.do(SetReady{Agent: "koffi", Session: "desk-koffi", Microphone: true})
	if c.offer != nil {
		t.Fatal("offered to Lomé")
	}
	g.do(Reconfigure{Settings: testSettings(), Gate: testGate(t)})
	if c.offer == nil || c.offer.agent.row.Agent != "koffi" {
		t.Error("still waits for an area that is not offered")
	}
}

// The last agent of the area leaves while callers wait for it: within the half minute they are owed a call, and who cannot be
// called back waits with everybody.
func TestAnAreaWithoutAnybodyLeftKeepsNobodyWaiting(t *testing.T) {
	g := choiceStage(t, "anne", "koffi")
	for _, a := range []rivage.ID{"anne", "koffi"} {
		g.do(SetPaused{Agent: a, Reason: "pause"})
	}
	known, anonymous := g.call("L1", parcels, "+33612345678"), g.call("L2", parcels, "")
	g.do(Digit{Leg: "L1", Digit: '1'})
	g.do(Digit{Leg: "L2", Digit: '1'})
	g.pass(time.Minute)
	if known.row.State != rivage.Queued || anonymous.row.State != rivage.Queued {
		t.Fatalf("%s and %s while France is at work, in a pause", known.row.State, anonymous.row.State)
	}
	g.do(SetOffline{Agent: "anne"})
	g.pass(lineCheck)
	if g.s.debts[known.row.ID] == nil {
		t.Errorf("who can be called back is %s", known.row.State)
	}
	g.do(SetReady{Agent: "koffi", Session: "desk-koffi", Microphone: true})
	if anonymous.offer == nil || anonymous.offer.agent.row.Agent != "koffi" {
		t.Errorf("who cannot be called back is %s", anonymous.row.State)
	}
}

// Before they choose, callers hear how long the wait for the area is, once a conversation of the queue has ended: with one
// agent there who is engaged, what one conversation takes. The choice says what they were told.
func TestTheWaitForAnAreaIsTold(t *testing.T) {
	g := newStage(t)
	s := choosing()
	s.Prompts["wait-3"] = &rivage.Prompt{ID: "wait-3", Audio: audio(40), Source: "recorded"}
	g.do(Reconfigure{Settings: s, Gate: testGate(t)})
	g.ready("anne")
	first := g.talk("L1", parcels, "+33612345678")
	if strings.Contains(g.kinds(), "wait") || first.toldWait != 0 {
		t.Fatal("a wait is told before anything is known of it")
	}
	g.pass(100 * time.Second)
	g.do(LegEnded{Leg: "L1", By: "caller", Cause: "bye"})
	g.pass(40 * time.Second)
	g.do(Dispose{Agent: "anne", Interaction: first.row.ID, Disposition: "done"})
	g.talk("L2", parcels, "+33612345679")
	c := g.arriving("L3")
	g.hear("L3") // the prompt that names the key
	if p := g.plays["L3"]; p.Audio.String() != audio(40) {
		t.Fatalf("hears %+v, want about 140 s", p)
	}
	g.hear("L3")
	if c.row.State != rivage.Queued {
		t.Fatalf("%s after the wait was told", c.row.State)
	}
	g.kinds()
	g.do(Digit{Leg: "L3", Digit: '1'})
	for _, e := range g.entries {
		if f, ok := e.Facts.(*rivage.AreaChosen); ok {
			if told := time.Duration(f.Told) * time.Microsecond; told.Round(time.Second) != 140*time.Second {
				t.Errorf("told %v", told)
			}
			return
		}
	}
	t.Error("no choice")
}

func TestAWaitHasItsPrompt(t *testing.T) {
	for wait, want := range map[time.Duration]rivage.ID{
		0: "wait-1", 59 * time.Second: "wait-1", time.Minute: "wait-2", 9*time.Minute + 59*time.Second: "wait-10", 10 * time.Minute: "wait-more", time.Hour: "wait-more",
	} {
		if got := WaitPrompt(wait); got != want {
			t.Errorf("%v: %s, want %s", wait, got, want)
		}
	}
}
