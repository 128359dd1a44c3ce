// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"slices"
	"testing"

	"rivage.example/rivage"
)

// Promise 2 and the country sentence: nobody is bridged before the caller was told where that agent sits, whatever the
// order in which the three conditions come.
func TestBridgeWaitsForAcceptanceMediaAndSentence(t *testing.T) {
	acts := map[string]func(*stage, *call){
		"accept":  func(g *stage, c *call) { g.do(Accept{Agent: "koffi", Offer: c.offer.id}) },
		"connect": func(g *stage, c *call) { g.do(LegAnswered{Leg: c.offer.leg}) },
		"told":    func(g *stage, _ *call) { g.hear("L") },
	}
	for _, order := range [][]string{
		{"accept", "connect", "told"}, {"accept", "told", "connect"}, {"connect", "accept", "told"},
		{"connect", "told", "accept"}, {"told", "accept", "connect"}, {"told", "connect", "accept"},
	} {
		g := newStage(t)
		g.ready("koffi")
		c := g.call("L", parcels, "+33612345678")
		for i, act := range order {
			if bridged := slices.ContainsFunc(g.effects, func(e Effect) bool { _, ok := e.(Bridge); return ok }); bridged {
				t.Errorf("%v: bridged before step %d", order, i)
			}
			acts[act](g, c)
		}
		if c.row.State != rivage.Connected {
			t.Errorf("%v: %s, want connected", order, c.row.State)
		}
	}
}

func TestSentenceCutShortIsNotDisclosure(t *testing.T) {
	g := newStage(t)
	g.ready("koffi")
	c := g.call("L", parcels, "+33612345678")
	g.do(Accept{Agent: "koffi", Offer: c.offer.id})
	g.do(LegAnswered{Leg: c.offer.leg})
	g.do(Played{Leg: "L", Play: g.plays["L"].Play, Frames: 10, Complete: false})
	if c.row.State == rivage.Connected {
		t.Error("bridged although the sentence was not heard to its end")
	}
}

// A sentence whose sound cannot be had: the caller hears music at once and waits at the same rank, the agent stays as
// idle as before but gets nothing, and others of the same place neither, until the sound is there or another is given.
func TestSentenceThatCannotBePlayed(t *testing.T) {
	g := newStage(t)
	g.ready("koffi")
	c := g.call("L", parcels, "+33612345678")
	rank, idle := c.row.Rank, c.offer.agent.row.IdleSince
	g.do(Accept{Agent: "koffi", Offer: c.offer.id})
	g.do(LegAnswered{Leg: c.offer.leg})
	g.kinds()
	g.did()
	g.do(Played{Leg: "L", Play: g.plays["L"].Play, Unread: true})
	said := g.entries
	if got, want := g.kinds(), "DisclosurePlayed OfferEnded koffi=ready InteractionQueued"; got != want {
		t.Errorf("entries %s, want %s", got, want)
	}
	if got, want := g.did(), "EndLeg Play"; got != want {
		t.Errorf("effects %s, want %s", got, want)
	}
	if d := said[0].Facts.(*rivage.DisclosurePlayed); d.Reason != "unreadable" || d.Complete || d.Frames != 0 {
		t.Errorf("the sentence: %+v", d)
	}
	if o := said[1].Facts.(*rivage.OfferEnded); o.Outcome != "failed" || o.Reason != "sentence_unreadable" {
		t.Errorf("the offer: %+v", o)
	}
	if p := g.plays["L"]; !p.Loop {
		t.Errorf("the caller hears %+v, want music", p)
	}
	if a := g.s.agents["koffi"]; c.row.State != rivage.Queued || c.row.Rank != rank || a.row.IdleSince != idle || unavailable(g.s.settings, a.set, g.s.present(a)) != "site_not_ready" {
		t.Errorf("call %s at %d (was %d), agent idle since %d (was %d), unavailable: %q", c.row.State, c.row.Rank, rank, a.row.IdleSince, idle, unavailable(g.s.settings, a.set, g.s.present(a)))
	}

	g.ready("anne") // of another place
	if c.offer == nil || c.offer.agent.row.Agent != "anne" {
		t.Fatalf("not offered to anne: %+v", c.offer)
	}
	second := g.call("M", parcels, "+33612345679")
	if second.offer != nil {
		t.Errorf("offered to %s", second.offer.agent.row.Agent)
	}
	g.do(Readable{Audio: rivage.Hash{1}}) // another one
	if second.offer != nil {
		t.Error("offered although the sound is not back")
	}
	hash, err := rivage.ParseHash(g.s.settings.Prompts["in-tg"].Audio)
	if err != nil {
		t.Fatal(err)
	}
	g.do(Readable{Audio: hash})
	if second.offer == nil || second.offer.agent.row.Agent != "koffi" {
		t.Errorf("not offered once the sound is back: %+v", second.offer)
	}
}

func TestSentenceThatIsGivenAnotherSound(t *testing.T) {
	g := newStage(t)
	g.ready("koffi")
	c := g.call("L", parcels, "+33612345678")
	g.do(Played{Leg: "L", Play: g.plays["L"].Play, Unread: true})
	g.do(Reconfigure{Settings: testSettings(), Gate: g.s.gate})
	if c.offer != nil {
		t.Error("offered although nothing was repaired")
	}
	repaired := testSettings()
	repaired.Prompts["in-tg"].Audio = audio(99)
	g.do(Reconfigure{Settings: repaired, Gate: g.s.gate})
	if c.offer == nil {
		t.Error("not offered although another sound was given")
	}
}
