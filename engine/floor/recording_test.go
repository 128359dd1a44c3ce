// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"slices"
	"testing"

	"rivage.example/rivage"
)

func TestOppositionDestroysAndTheCallGoesOn(t *testing.T) {
	for _, x := range []struct {
		name  string
		press func(*stage, *call)
	}{
		{"key", func(g *stage, _ *call) { g.do(Digit{Leg: "L", Digit: '9'}) }},
		{"button", func(g *stage, c *call) { g.do(Oppose{"koffi", c.row.ID}) }},
	} {
		g := newStage(t)
		g.ready("koffi")
		c := g.talk("L", parcels, "+33612345678")
		g.did()
		x.press(g, c)
		if got := g.effects; len(got) != 1 || got[0] != (StopRecording{Interaction: c.row.ID, Principal: "parcels-co", Object: c.recording.object, Destroy: true}) {
			t.Errorf("%s: effects %+v", x.name, got)
		}
		g.effects = nil
		g.do(Hold{"koffi", c.row.ID})
		g.do(Resume{"koffi", c.row.ID})
		if got := g.did(); got != "Unbridge Play Bridge" {
			t.Errorf("%s: after the opposition: %s, want no Record", x.name, got)
		}
		g.finish(c)
	}
}

func TestNoNoticeNoRecording(t *testing.T) {
	for _, x := range []struct {
		name    string
		prepare func(*stage)
	}{
		{"notice cut", func(g *stage) {
			g.do(Played{Leg: "L", Play: g.plays["L"].Play, Frames: 3})
		}},
		{"key during the notice", func(g *stage) {
			g.do(Digit{Leg: "L", Digit: '9'})
			g.hear("L")
		}},
	} {
		g := newStage(t)
		g.ready("koffi")
		g.do(matched{Arrived: Arrived{CallerLeg: "L", Number: parcels}})
		g.hear("L")
		x.prepare(g)
		c := g.s.legs["L"]
		g.do(Accept{Agent: "koffi", Offer: c.offer.id})
		g.do(LegAnswered{Leg: c.offer.leg})
		g.hear("L")
		if slices.ContainsFunc(g.effects, func(e Effect) bool { _, ok := e.(Record); return ok }) {
			t.Errorf("%s: recorded all the same", x.name)
		}
	}
}

// Where recordings rest decides: at no declared place, or where the class may not rest, nothing is captured, and the entry
// says why.
func TestNothingIsRecordedWhereItMayNotRest(t *testing.T) {
	for name, rests := range map[string]map[rivage.ID]*rivage.Rest{
		"nowhere":          nil,
		"another kind":     {"base": {ID: "base", What: rivage.RestDatabase, Site: "brest"}},
		"a site that went": {"sons": {ID: "sons", What: rivage.RestRecordings, Site: "gone"}},
	} {
		g := newStage(t)
		g.s.settings.Rests = rests
		g.ready("koffi")
		c := g.talk("L", parcels, "+33612345678")
		if slices.ContainsFunc(g.effects, func(e Effect) bool { _, ok := e.(Record); return ok }) {
			t.Errorf("%s: recorded all the same", name)
		}
		if !slices.ContainsFunc(g.entries, func(e rivage.Entry) bool {
			f, ok := e.Facts.(*rivage.RecordingEnded)
			return ok && f.Outcome == "refused" && f.Interaction == c.row.ID
		}) {
			t.Errorf("%s: no entry says that it was refused", name)
		}
		g.finish(c)
	}
}
