// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// stage plays a whole floor by hand: commands in, entries and effects looked at.
type stage struct {
	t       *testing.T
	s       *State
	now     Moment
	ids     int
	entries []rivage.Entry
	effects []Effect
	plays   map[rivage.ID]Play // what each leg hears now
	ended   map[rivage.ID]bool // legs that the world ended
}

var testStart = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// audio is a made-up hash, one for each prompt.
func audio(n int) string { return fmt.Sprintf("%064x", n) }

func testSettings() *rivage.Settings {
	st := &rivage.Settings{
		Principals: map[rivage.ID]*rivage.Principal{"parcels-co": {ID: "parcels-co"}, "health-co": {ID: "health-co"}},
		Companies: map[rivage.ID]*rivage.Company{
			"armor": {ID: "armor", Country: "FR"}, "togocall": {ID: "togocall", Country: "TG"},
		},
		Sites: map[rivage.ID]*rivage.Site{
			"brest": {ID: "brest", Company: "armor", Country: "FR", Sentence: rivage.Sentences{Attested: "in-fr", Declared: "in-fr-declared"}},
			"lome":  {ID: "lome", Company: "togocall", Country: "TG", Sentence: rivage.Sentences{Attested: "in-tg", Declared: "in-tg-declared"}},
		},
		Rests: map[rivage.ID]*rivage.Rest{"sons": {ID: "sons", What: rivage.RestRecordings, Site: "brest"}},
		Queues: map[rivage.ID]*rivage.Queue{
			"parcels": {
				ID: "parcels", Principal: "parcels-co", Class: rivage.ClassTracking, OfferTimeout: 15, WrapUp: 60, WrapUpMore: 60,
				Music: "music", Dispositions: []rivage.Disposition{{Code: "done"}}, PriorityStep: 60,
				Recording: &rivage.Recording{Purpose: rivage.PurposeQuality, RetentionDays: 30, Notice: "notice", OppositionKey: "9"},
			},
			"health": {
				ID: "health", Principal: "health-co", Class: rivage.ClassHealth, OfferTimeout: 15, WrapUp: 60, Music: "music",
				Dispositions: []rivage.Disposition{{Code: "done"}},
			},
		},
		Agents:      map[rivage.ID]*rivage.Agent{},
		Accounts:    map[rivage.ID]*rivage.Account{},
		Numbers:     map[string]*rivage.Number{},
		Flows:       map[rivage.ID]*rivage.Flow{},
		FlowVersion: map[rivage.ID]int64{"parcels": 1, "health": 1},
		Prompts:     map[rivage.ID]*rivage.Prompt{},
	}
	for i, id := range []rivage.ID{"hello", "notice", "music", "in-fr", "in-fr-declared", "in-tg", "in-tg-declared", rivage.PromptPlaceUnknown} {
		st.Prompts[id] = &rivage.Prompt{ID: id, Audio: audio(i + 1), Source: "recorded"}
	}
	for _, q := range []rivage.ID{"parcels", "health"} {
		st.Flows[q] = &rivage.Flow{ID: q, Steps: []rivage.Step{{Do: "announce", Prompt: "hello"}, {Do: "queue", Queue: q}}}
	}
	st.Numbers["+33100000001"] = &rivage.Number{ID: "parcels", Principal: "parcels-co", Number: "+33100000001", Flow: "parcels"}
	st.Numbers["+33100000002"] = &rivage.Number{ID: "health", Principal: "health-co", Number: "+33100000002", Flow: "health"}
	for id, site := range map[rivage.ID]rivage.ID{"anne": "brest", "koffi": "lome", "yann": "brest"} {
		st.Agents[id] = &rivage.Agent{
			ID: id, Subject: "subject-" + id, Site: site, Queues: []rivage.ID{"parcels", "health"}, Device: rivage.Device{Kind: DeviceBrowser},
		}
	}
	return st
}

func testGate(t *testing.T) *policy.Gate {
	t.Helper()
	from := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)
	anyOf := policy.Rule{
		Effect: policy.Allow, Reason: "test", Basis: "test", From: from,
		Classes: []rivage.DataClass{policy.Any}, Actions: []rivage.Action{policy.Any}, Modes: []rivage.Mode{policy.Any},
		Zones: []rivage.Zone{policy.Any}, Evidence: []rivage.Evidence{policy.Any}, Purposes: []rivage.Purpose{policy.Any},
	}
	france := anyOf
	france.ID, france.Zones = "france-only", []rivage.Zone{rivage.ZoneFR}
	everywhere := anyOf
	everywhere.ID, everywhere.Evidence = "everywhere", rivage.Evidences
	var tables []*policy.Table
	for principal, r := range map[rivage.ID]policy.Rule{"parcels-co": everywhere, "health-co": france} {
		table, err := policy.Compile(principal, []policy.Rule{r})
		if err != nil {
			t.Fatal(err)
		}
		tables = append(tables, table)
	}
	return policy.NewGate(policy.Unbounded(), tables...)
}

func newStage(t *testing.T) *stage {
	t.Helper()
	g := &stage{t: t, now: Moment{Wall: testStart, Elapsed: time.Hour}, plays: map[rivage.ID]Play{}, ended: map[rivage.ID]bool{}}
	next := func() rivage.ID { g.ids++; return rivage.ID(fmt.Sprintf("id%d", g.ids)) }
	g.s = New(g.now, testSettings(), testGate(t), IDs{New: next, Object: next})
	return g
}

// do takes one command and whatever it makes possible; a refusal fails the test.
func (g *stage) do(c Command) {
	g.t.Helper()
	if err := g.try(c); err != nil {
		g.t.Fatalf("%T: %v", c, err)
	}
}

func (g *stage) try(c Command) error {
	r := g.s.Step(g.now, c)
	g.note(r)
	if l, ok := c.(LegEnded); ok {
		g.ended[l.Leg] = true
	}
	for m, ok := g.s.Match(g.now); ok; m, ok = g.s.Match(g.now) {
		g.note(m)
	}
	return r.Err
}

func (g *stage) note(r Result) {
	g.entries = append(g.entries, r.Entries...)
	g.effects = append(g.effects, r.Effects...)
	for _, e := range r.Effects {
		switch e := e.(type) {
		case Play:
			g.plays[e.Leg] = e
		case Silence:
			delete(g.plays, e.Leg)
		case Bridge:
			delete(g.plays, e.Caller)
		case EndLeg:
			delete(g.plays, e.Leg)
		}
	}
}

// pass lets time go by, firing what comes due on the way.
func (g *stage) pass(d time.Duration) {
	g.t.Helper()
	end := g.now.Elapsed + d
	for {
		at, ok := g.s.Deadline()
		if !ok || at > end {
			break
		}
		g.now.Wall, g.now.Elapsed = g.now.Wall.Add(at-g.now.Elapsed), at
		g.do(tick{})
	}
	g.now.Wall, g.now.Elapsed = g.now.Wall.Add(end-g.now.Elapsed), end
}

// hear lets what a leg hears go on to its end.
func (g *stage) hear(leg rivage.ID) {
	g.t.Helper()
	p, ok := g.plays[leg]
	if !ok || p.Loop {
		g.t.Fatalf("leg %s hears no prompt that ends: %+v", leg, p)
	}
	g.do(Played{Leg: leg, Play: p.Play, Frames: 50, Complete: true})
}

// ready brings an agent's desk up at their own site, attested, and has them take calls.
func (g *stage) ready(agent rivage.ID) {
	g.t.Helper()
	set := g.s.settings.Agents[agent]
	g.do(SessionOpened{Agent: agent, Session: "desk-" + agent, Place: g.s.place(set.Site, rivage.Attested)})
	g.do(SetReady{Agent: agent, Session: "desk-" + agent, Microphone: true})
	g.pass(time.Second)
}

// call brings a caller into the line.
func (g *stage) call(leg rivage.ID, number string, caller rivage.Phone) *call {
	g.t.Helper()
	g.do(matched{Arrived: Arrived{CallerLeg: leg, Number: number, Trunk: "t", Caller: caller}, Who: Who{Person: "person-" + rivage.ID(caller), Subject: "s-" + rivage.ID(caller)}})
	c := g.s.legs[leg]
	if c == nil {
		g.t.Fatalf("no call on leg %s: %+v", leg, g.effects)
	}
	for c.row.State == rivage.InFlow {
		g.hear(leg)
	}
	return c
}

// talk brings a call to the conversation.
func (g *stage) talk(leg rivage.ID, number string, caller rivage.Phone) *call {
	g.t.Helper()
	c := g.call(leg, number, caller)
	if c.offer == nil {
		g.t.Fatalf("call on %s is %s, not offered", leg, c.row.State)
	}
	g.do(Accept{Agent: c.offer.agent.row.Agent, Offer: c.offer.id})
	g.do(LegAnswered{Leg: c.offer.leg})
	g.hear(leg)
	if c.row.State != rivage.Connected {
		g.t.Fatalf("call on %s is %s, not connected", leg, c.row.State)
	}
	return c
}

// kinds lists the kinds of an interaction's entries since the last look.
func (g *stage) kinds() string {
	var b strings.Builder
	for _, e := range g.entries {
		k := string(e.Facts.Kind())
		if a, ok := e.Facts.(*rivage.AgentStateSet); ok {
			k = fmt.Sprintf("%s=%s", a.Agent, a.State)
			if a.Reason != "" {
				k += ":" + a.Reason
			}
		}
		b.WriteString(k + " ")
	}
	g.entries = nil
	return strings.TrimSpace(b.String())
}

func (g *stage) did() string {
	var b strings.Builder
	for _, e := range g.effects {
		b.WriteString(strings.TrimPrefix(fmt.Sprintf("%T", e), "floor.") + " ")
	}
	g.effects = nil
	return strings.TrimSpace(b.String())
}

// clean fails when anything of a call is left.
func (g *stage) clean() {
	g.t.Helper()
	for id, c := range g.s.calls {
		g.t.Errorf("call %s is left, %s", id, c.row.State)
	}
	for leg := range g.s.legs {
		g.t.Errorf("leg %s is left", leg)
	}
	for id, a := range g.s.agents {
		if a.row.Interaction != "" || a.row.Offer != "" {
			g.t.Errorf("agent %s still has %s %s", id, a.row.Interaction, a.row.Offer)
		}
	}
	for _, q := range []rivage.ID{"parcels", "health"} {
		if n := g.s.acd.Len(q); n != 0 {
			g.t.Errorf("%d still wait in %s", n, q)
		}
	}
	for _, d := range g.s.deadlines {
		if !d.dead && d != g.s.rules {
			g.t.Errorf("a timer is left, due in %v", d.at-g.now.Elapsed)
		}
	}
}

// place is a site as the place of a session.
func (s *State) place(site rivage.ID, e rivage.Evidence) rivage.Place {
	st := s.settings.Sites[site]
	if st == nil {
		return rivage.Place{Evidence: rivage.Unknown}
	}
	return s.placeOf(st, e)
}
