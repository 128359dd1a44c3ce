// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"testing"

	"rivage.example/rivage"
)

// unplaced opens the desk of an agent whose place is not established, and has them ready.
func (g *stage) unplaced(agent rivage.ID, p rivage.Place) {
	g.t.Helper()
	g.do(SessionOpened{Agent: agent, Session: "desk-" + agent, Place: p})
	g.do(SetReady{Agent: agent, Session: "desk-" + agent, Microphone: true})
}

// An agent whose place is not verified gets calls only by a rule that names it, and the caller is told just that, by the
// site's own sentence or the organisation's. No leaf and no disclosure names the country that is merely stated.
func TestAnUnknownPlaceIsToldAndNeedsARuleThatNamesIt(t *testing.T) {
	contradicted := rivage.Place{Site: "brest", Company: "armor", Country: "FR", Zone: rivage.ZoneOther, Evidence: rivage.Unknown}
	for name, x := range map[string]struct {
		place rivage.Place
		own   bool // the site has such a sentence
		want  rivage.ID
	}{
		"without a site":                  {rivage.Place{Zone: rivage.ZoneOther, Evidence: rivage.Unknown}, false, rivage.PromptPlaceUnknown},
		"at another site's":               {contradicted, false, rivage.PromptPlaceUnknown},
		"at another site's, own sentence": {contradicted, true, "hello"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newStage(t)
			if x.own {
				g.s.settings.Sites["brest"].Sentence.Unknown = x.want
			}
			g.unplaced("anne", x.place)
			if c := g.call("L1", health, "+33612345678"); c.offer != nil {
				t.Errorf("health is offered to %+v: no rule names the unknown", c.offer.place)
			}
			c := g.talk("L2", parcels, "+33612345679")
			if c.told != x.want {
				t.Errorf("the caller heard %q, want %q", c.told, x.want)
			}
			for _, e := range g.entries {
				if _, rests := e.Facts.(*rivage.RecordingStarted); e.Leaf.Country != "" && !rests { // it rests at its own site
					t.Errorf("%s says %s, which is not verified", e.Facts.Kind(), e.Leaf.Country)
				}
				if f, ok := e.Facts.(*rivage.DisclosurePlayed); ok && (f.Country != "" || f.Evidence != rivage.Unknown) {
					t.Errorf("the caller was told %q, %s", f.Country, f.Evidence)
				}
			}
		})
	}
}

// Without a sentence that can be heard, an unknown place is not ready, whatever the rules say.
func TestAnUnknownPlaceWithoutSoundIsNotReady(t *testing.T) {
	g := newStage(t)
	g.s.settings.Prompts[rivage.PromptPlaceUnknown].Audio = ""
	g.unplaced("anne", rivage.Place{Evidence: rivage.Unknown})
	a := g.s.agents["anne"]
	if got := unavailable(g.s.settings, a.set, g.s.present(a)); got != "site_not_ready" {
		t.Errorf("got %q, want site_not_ready", got)
	}
	if c := g.call("L1", parcels, "+33612345678"); c.offer != nil {
		t.Error("a call is offered to somebody of whom the caller can be told nothing")
	}
}
