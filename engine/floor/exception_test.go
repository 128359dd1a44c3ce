// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// An exception begins and ends by itself, for one agent alone, and what is shown stays an image.
func TestAnExceptionOffersImagesToOneAgentWhileItHolds(t *testing.T) {
	midnight := testStart.Truncate(24 * time.Hour)
	today, tomorrow := rivage.Date(midnight.Format(time.DateOnly)), rivage.Date(midnight.AddDate(0, 0, 1).Format(time.DateOnly))
	yesterday := rivage.Date(midnight.AddDate(0, 0, -1).Format(time.DateOnly))
	for _, c := range []struct {
		name          string
		of            rivage.ID
		from, until   rivage.Date
		before, after bool // offered before and after midnight
	}{
		{"today", "koffi", yesterday, today, true, false},
		{"from tomorrow on", "koffi", tomorrow, tomorrow, false, true},
		{"over", "koffi", yesterday, yesterday, false, false},
		{"somebody else's", "anne", yesterday, tomorrow, false, false},
		{"its days are none", "koffi", "", "demain", false, false},
	} {
		g := newStage(t)
		s := testSettings()
		s.Agents["koffi"].ByEar = true
		s.Exceptions = map[rivage.ID]*rivage.Exception{"x": {ID: "x", Agent: c.of, From: c.from, Until: c.until}}
		g.now.Wall = midnight.AddDate(0, 0, 1).Add(-10 * time.Second)
		gate := framed(t, s)
		g.do(Reconfigure{Settings: s, Gate: gate})
		g.ready("koffi")
		one := g.call("L1", parcels, "+33612345678")
		if got := one.offer != nil; got != c.before {
			t.Errorf("%s: before midnight offered %v", c.name, got)
		}
		if one.offer != nil {
			g.do(Decline{Agent: "koffi", Offer: one.offer.id})
		}
		g.pass(time.Minute)
		g.do(SetReady{Agent: "koffi", Session: "desk-koffi", Microphone: true})
		two := g.call("L2", parcels, "+33612345679")
		if got := two.offer != nil || one.offer != nil; got != c.after {
			t.Errorf("%s: after midnight offered %v", c.name, got)
		}
		view := policy.Request{Principal: "parcels-co", Action: rivage.ActField, Class: rivage.ClassTracking, Mode: rivage.ModeView,
			Purpose: rivage.PurposeService, Place: g.s.place("lome", rivage.Attested), Field: "caller"}
		if d := gate.Decide(view, g.now.Wall); !d.Remote {
			t.Errorf("%s: a field is no image any more", c.name)
		}
	}
}

// The replay of an offer finds the exception that it was made under, and not another day's.
func TestAnOfferUnderAnExceptionIsReplayed(t *testing.T) {
	g := newStage(t)
	s := testSettings()
	s.Agents["koffi"].ByEar = true
	day := rivage.Date(testStart.Format(time.DateOnly))
	s.Exceptions = map[rivage.ID]*rivage.Exception{"x": {ID: "x", Agent: "koffi", From: day, Until: day}}
	gate := framed(t, s)
	g.do(Reconfigure{Settings: s, Gate: gate})
	g.ready("koffi")
	if g.call("L1", parcels, "+33612345678").offer == nil {
		t.Fatal("not offered")
	}
	past := Past{Settings: s, Gate: gate}
	var offer *rivage.InteractionOffered
	var at time.Time
	for _, e := range g.entries {
		switch f := e.Facts.(type) {
		case *rivage.AgentStateSet:
			if offer == nil {
				past.Presences = append(past.Presences, f)
			}
		case *rivage.InteractionOffered:
			offer, at = f, e.At
		}
	}
	if f := past.Presences[len(past.Presences)-1]; f.State == rivage.AgentOffered { // it stands before the offer
		past.Presences = past.Presences[:len(past.Presences)-1]
	}
	if r := past.Replay(offer, at); r.Agent != "koffi" || len(r.Differs) > 0 {
		t.Errorf("replayed: %q, differs in %v", r.Agent, r.Differs)
	}
	if r := past.Replay(offer, at.AddDate(0, 0, 1)); r.Agent != "" {
		t.Errorf("the day after: %q", r.Agent)
	}
}
