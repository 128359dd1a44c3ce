// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// sharing are settings in which a part of the parcels of a day is answered from France.
func sharing(least int) *rivage.Settings {
	s := testSettings()
	s.Queues["parcels"].Shares = []rivage.Share{{Area: rivage.AreaFrance, Least: least}}
	s.Queues["parcels"].Recording = nil
	return s
}

func shareStage(t *testing.T, least int, ready ...rivage.ID) *stage {
	g := newStage(t)
	g.do(Reconfigure{Settings: sharing(least), Gate: testGate(t)})
	for _, agent := range ready {
		g.ready(agent)
	}
	return g
}

// answered plays a call to its end, and says who answered it.
func (g *stage) answered(leg rivage.ID) rivage.ID {
	g.t.Helper()
	c := g.talk(leg, parcels, "+33612345678")
	agent := c.row.Agent
	g.do(LegEnded{Leg: leg, By: "caller", Cause: "bye"})
	g.do(Dispose{Agent: agent, Interaction: c.row.ID, Disposition: "done"})
	return agent
}

// Half of the day is answered from France: Lomé, idle for longest each time, gets a call only when France had one more, and the
// entry says why it was set aside.
func TestTheShareOfFranceIsKept(t *testing.T) {
	g := shareStage(t, 50, "koffi", "anne")
	var who []string
	for _, leg := range []rivage.ID{"L1", "L2", "L3", "L4"} {
		who = append(who, string(g.answered(leg)))
		g.pass(time.Minute)
	}
	if got := strings.Join(who, " "); got != "anne koffi anne koffi" {
		t.Errorf("answered by %s", got)
	}
	var aside []rivage.Count
	for _, e := range g.entries {
		if f, ok := e.Facts.(*rivage.InteractionOffered); ok && f.Agent == "anne" {
			aside = f.SetAside
		}
	}
	if len(aside) == 0 || aside[0].Rule != "part:FR" || aside[0].Site != "lome" {
		t.Errorf("set aside: %+v", aside)
	}
}

// An offer under way outside counts as answered: two at once do not break the share, and one that ends without a conversation
// leaves its room to the next.
func TestOffersUnderWayCount(t *testing.T) {
	g := shareStage(t, 50, "anne")
	g.answered("L1")
	g.do(SetPaused{Agent: "anne", Reason: "pause"})
	g.s.settings.Agents["yann"].Site = "lome"
	g.ready("koffi")
	g.ready("yann")
	first, second := g.call("L2", parcels, "+33612345671"), g.call("L3", parcels, "+33612345672")
	if first.offer == nil || second.offer != nil {
		t.Fatalf("offered %v and %v: room for one", first.offer, second.offer)
	}
	g.do(LegEnded{Leg: "L2", By: "caller", Cause: "cancel"})
	if second.offer == nil {
		t.Error("the room that an offer left is not used")
	}
	g.s.Undo(g.now, second.row.ID)
	if g.s.tally.pending[second.row.ID] != (tallied{}) || len(g.s.tally.offered) != 0 {
		t.Errorf("an offer that never was counts: %+v", g.s.tally)
	}
}

// At midnight, legal time, the day begins anew: Lomé waits for France again.
func TestAShareIsOfADay(t *testing.T) {
	g := shareStage(t, 50, "anne")
	g.answered("L1")
	g.do(SetPaused{Agent: "anne", Reason: "pause"})
	g.ready("koffi")
	midnight := policy.LegalDay(g.now.Wall.Add(24 * time.Hour))
	if midnight.Hour() != 23 {
		t.Fatalf("the day ends at %s", midnight)
	}
	g.pass(midnight.Sub(g.now.Wall) - time.Second)
	if g.s.reshare("parcels"); g.s.shut["parcels"] != 0 {
		t.Fatal("no room a second before midnight")
	}
	g.pass(2 * time.Second)
	g.do(SetPaused{Agent: "koffi", Reason: "pause"})
	g.do(SetReady{Agent: "koffi", Session: "desk-koffi", Microphone: true})
	if c := g.call("L2", parcels, "+33612345678"); c.offer != nil {
		t.Error("the room of yesterday is used today")
	}
}

// What a process before counted is read back.
func TestAShareOutlivesAProcess(t *testing.T) {
	for n, want := range map[int]bool{0: false, 1: true} {
		g := newStage(t)
		g.s = New(g.now, sharing(50), testGate(t), g.s.ids)
		tally := NewTally()
		for range n {
			tally.See(g.now.Wall, &rivage.InteractionOffered{Interaction: "i", Queue: "parcels", Place: rivage.Place{Country: "FR", Evidence: rivage.Attested}})
			tally.See(g.now.Wall, &rivage.InteractionAnswered{Interaction: "i"})
		}
		g.note(g.s.Recover(g.now, Kept{Tally: tally}))
		g.ready("koffi")
		if c := g.call("L1", parcels, "+33612345678"); (c.offer != nil) != want {
			t.Errorf("after %d from France: offered %v", n, c.offer)
		}
	}
}

// A share that comes into force, or goes, does so for who waits already.
func TestAShareThatChangesIsAskedAgain(t *testing.T) {
	g := shareStage(t, 50, "koffi")
	c := g.call("L1", parcels, "+33612345678")
	if c.offer != nil {
		t.Fatal("offered to Lomé")
	}
	g.do(Reconfigure{Settings: testSettings(), Gate: testGate(t)})
	if c.offer == nil {
		t.Error("still waits for a share that is gone")
	}
}

// Somebody is at work, and the law lets none of them answer: who can be called is owed a call within half a minute and hears
// so; who cannot hears so.
func TestWhomNobodyMayAnswerIsOwedACall(t *testing.T) {
	g := newStage(t)
	s := testSettings()
	s.Queues["health"].Nobody = "nobody"
	s.Prompts["nobody"] = &rivage.Prompt{ID: "nobody", Audio: audio(30), Source: "recorded"}
	g.do(Reconfigure{Settings: s, Gate: testGate(t)})
	none := g.call("L0", health, "+33612345670")
	g.pass(2 * lineCheck)
	if none.row.State != rivage.Queued {
		t.Fatalf("%s: nobody at all is at work, which the law has no part in", none.row.State)
	}
	g.do(LegEnded{Leg: "L0", By: "caller", Cause: "bye"})
	g.ready("koffi")
	g.ready("anne")
	g.do(SetPaused{Agent: "anne", Reason: "pause"})
	known, anonymous := g.call("L1", health, "+33612345678"), g.call("L2", health, "")
	g.pass(2 * lineCheck)
	if known.row.State != rivage.Queued || anonymous.row.State != rivage.Queued {
		t.Fatalf("%s and %s while France is at work, in a pause", known.row.State, anonymous.row.State)
	}
	g.do(SetOffline{Agent: "anne"})
	g.kinds()
	g.pass(lineCheck)
	for _, leg := range []rivage.ID{"L1", "L2"} {
		if p := g.plays[leg]; p.Audio.String() != audio(30) {
			t.Errorf("%s hears %+v", leg, p)
			continue
		}
		g.hear(leg)
		g.do(LegEnded{Leg: leg, By: "system", Cause: noAgent})
	}
	if got := g.kinds(); g.s.debts[known.row.ID] == nil || !strings.Contains(got, "CallbackPromised") || !strings.Contains(got, "InteractionFailed") {
		t.Errorf("entries %s", got)
	}
	g.clean()
}
