// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// replayed is a random day on which people also change settings and rules, desks fall late and lose their microphone,
// sounds cannot be had, and the journal refuses offers: what a replay must find again in entries and settings alone.
type replayed struct {
	*walk
	past      map[rivage.Seq]Past // by the last entry of their settings
	presences map[rivage.ID]*rivage.AgentStateSet
	stories   map[rivage.ID][]rivage.Facts
	offers    int
	chosen    int // areas
	tally     *Tally
	reasons   map[string]int
	looked    int // entries replayed
}

// Promise 9: whoever has the log can decide each offer again, and finds the agent, the runners-up and the counts of its
// entry. Each reason for which somebody is set aside comes up.
func TestEachOfferOfARandomDayIsReplayedFromEntries(t *testing.T) {
	offers, chosen, reasons := 0, 0, map[string]int{}
	for seed := range shorter(24, 8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newReplayed(t, seed)
			w.day(w.step)
			offers, chosen = offers+w.offers, chosen+w.chosen
			for why, n := range w.reasons {
				reasons[why] += n
			}
		})
	}
	for _, why := range []string{
		"share", "trunk", "late", "microphone", "site_not_ready", "policy", "skill", "declined", "offline", "paused", "engaged", "wrap_up", "unreachable",
	} {
		if reasons[why] == 0 {
			t.Errorf("nobody was set aside because of %q in %d offers: %v", why, offers, reasons)
		}
	}
	if chosen == 0 {
		t.Error("nobody chose an area")
	}
	t.Logf("%d offers, %d areas chosen, set aside %v", offers, chosen, reasons)
}

func newReplayed(t *testing.T, seed uint64) *replayed {
	g := newStage(t)
	w := &replayed{
		walk: &walk{
			stage: g, r: rand.New(rand.NewPCG(seed, 2)), ranks: map[rivage.ID]rivage.Rank{}, ended: map[rivage.ID]bool{},
			opened: map[rivage.ID]bool{}, told: map[rivage.ID]rivage.ID{},
		},
		past: map[rivage.Seq]Past{}, presences: map[rivage.ID]*rivage.AgentStateSet{},
		stories: map[rivage.ID][]rivage.Facts{}, reasons: map[string]int{}, tally: NewTally(),
	}
	w.reconfigure()
	return w
}

func (w *replayed) step() {
	switch w.r.IntN(16) {
	case 0:
		w.reconfigure()
	case 1:
		w.refuseOffer()
	case 2: // a desk that reloads, and does not prove its microphone at once
		a := w.s.agents[everybody[w.r.IntN(len(everybody))]]
		_ = w.try(SessionOpened{Agent: a.row.Agent, Session: "d", Place: w.s.place(a.set.Site, rivage.Declared)})
	case 3: // the rest of the day goes faster, so that offers are made
		for leg := range maps.Clone(w.plays) {
			if p := w.plays[leg]; !p.Loop {
				_ = w.try(Played{Leg: leg, Play: p.Play, Frames: 40, Complete: true})
			}
		}
	case 4: // a sound that cannot be had when it is to be played
		for leg := range maps.Clone(w.plays) {
			if p := w.plays[leg]; !p.Loop {
				_ = w.try(Played{Leg: leg, Play: p.Play, Unread: true})
				break
			}
		}
	case 5: // and is there again
		for audio := range w.s.unread {
			if h, err := rivage.ParseHash(audio); err == nil {
				_ = w.try(Readable{Audio: h})
			}
		}
	case 6: // callers who want to be answered from France
		for leg, c := range w.s.legs {
			if leg == c.row.CallerLeg && w.r.IntN(3) == 0 {
				_ = w.try(Digit{Leg: leg, Digit: '1'})
				break
			}
		}
	default:
		w.walk.step()
	}
	w.look()
}

// reconfigure puts other settings in force: skills, a sentence without sound, a rule that ends in a minute, one more
// agent who never signed in.
func (w *replayed) reconfigure() {
	settings := testSettings()
	if w.r.IntN(3) > 0 {
		settings = choosing()
	}
	settings.Seq = rivage.Seq(len(w.past) + 1)
	if w.r.IntN(2) == 0 {
		settings.Queues["parcels"].Shares = []rivage.Share{{Area: rivage.AreaFrance, Least: 30}, {Area: rivage.AreaEEA, Least: 60}}[w.r.IntN(2):]
	}
	for _, id := range everybody {
		settings.Agents[id].Skills = map[rivage.ID]int{"fr": 1 + w.r.IntN(3)}
		if w.r.IntN(4) == 0 {
			settings.Agents[id].Queues = []rivage.ID{"parcels"}
		}
		if w.r.IntN(6) == 0 {
			settings.Agents[id].Device = rivage.Device{Kind: DeviceSIP, Trunk: "t"}
		}
	}
	settings.Trunks = map[rivage.ID]*rivage.Trunk{"t": {ID: "t", Declared: carries(
		"2020-01-01", rivage.Date(w.now.Wall.Format(time.DateOnly)), []rivage.DataClass{rivage.ClassTracking, rivage.ClassHealth}[w.r.IntN(2):]...)}}
	settings.Queues["parcels"].Skills = map[rivage.ID]int{"fr": 1 + w.r.IntN(3)}
	if w.r.IntN(3) == 0 {
		settings.Prompts[[]rivage.ID{"in-fr", "in-fr-declared", "in-tg", rivage.PromptPlaceUnknown}[w.r.IntN(4)]].Audio = ""
	}
	if w.r.IntN(6) == 0 {
		delete(settings.Queues, "health")
	}
	if w.r.IntN(2) == 0 {
		settings.Agents["never"] = &rivage.Agent{ID: "never", Site: "lome", Queues: []rivage.ID{"parcels", "health"}}
	}
	gate := testGate(w.t)
	if w.r.IntN(2) == 0 {
		gate = w.dated()
	}
	w.past[settings.Seq] = Past{Settings: settings, Gate: gate}
	_ = w.try(Reconfigure{Settings: settings, Gate: gate})
}

// dated is a gate whose rule for parcels holds from the next midnight on, and the one for health until it.
func (w *replayed) dated() *policy.Gate {
	today := w.now.Wall.Truncate(24 * time.Hour)
	var tables []*policy.Table
	for principal, edge := range map[rivage.ID]func(*policy.Rule){
		"parcels-co": func(r *policy.Rule) { r.From = today.AddDate(0, 0, 1) }, "health-co": func(r *policy.Rule) { r.To = today },
	} {
		rule := testGate(w.t).Table(principal).Rules()[0]
		edge(&rule)
		table, err := policy.Compile(principal, []policy.Rule{rule})
		if err != nil {
			w.t.Fatal(err)
		}
		tables = append(tables, table)
	}
	if w.r.IntN(3) == 0 { // just before the edge: the next matches are made at its other side, before its timer is looked at
		w.pass(today.AddDate(0, 0, 1).Sub(w.now.Wall) - time.Millisecond)
		w.now.Wall, w.now.Elapsed = w.now.Wall.Add(time.Second), w.now.Elapsed+time.Second
	}
	return policy.NewGate(policy.Unbounded(), tables...)
}

// refuseOffer is a journal that does not take an offer: its entries never were.
func (w *replayed) refuseOffer() {
	w.calls++
	leg := rivage.ID(fmt.Sprintf("L%d", w.calls))
	w.legs = append(w.legs, leg)
	w.note(w.s.Step(w.now, matched{Arrived: Arrived{CallerLeg: leg, Number: parcels}}))
	for p, ok := w.plays[leg]; ok && !p.Loop; p, ok = w.plays[leg] {
		w.note(w.s.Step(w.now, Played{Leg: leg, Play: p.Play, Frames: 40, Complete: true}))
	}
	if r, ok := w.s.Match(w.now); ok {
		w.s.Undo(w.now, r.Offer)
	}
	_ = w.try(LegEnded{Leg: leg, By: "caller", Cause: "bye"})
}

// look decides each new offer again, from the entries before it.
func (w *replayed) look() {
	w.t.Helper()
	for ; w.looked < len(w.entries); w.looked++ {
		e := w.entries[w.looked]
		switch f := e.Facts.(type) {
		case *rivage.AgentStateSet:
			w.presences[f.Agent] = f
		case *rivage.OfferEnded:
			w.stories[f.Interaction] = append(w.stories[f.Interaction], f)
		case *rivage.AreaChosen:
			w.chosen++
			w.stories[f.Interaction] = append(w.stories[f.Interaction], f)
		case *rivage.InteractionOffered:
			w.offers++
			p := w.past[f.Settings]
			p.Presences, p.Interaction, p.Tally = slices.Collect(maps.Values(w.presences)), w.stories[f.Interaction], w.tally
			if why, broken := w.tally.BreaksShare(p.Settings, f, e.At); broken {
				w.t.Errorf("entry %d: %s", w.looked, why)
			}
			if r := p.Replay(f, e.At); len(r.Differs) != 0 {
				w.t.Errorf("entry %d at %v: the replay has other %v and chooses %s\n%+v\n%+v", w.looked, e.At, r.Differs, r.Agent, f, r.Verdicts)
			}
			for _, n := range f.SetAside {
				w.reasons[n.Reason] += n.N
				if strings.HasPrefix(n.Rule, "part:") {
					w.reasons["share"] += n.N
				}
				if strings.HasPrefix(n.Rule, "connexion:") {
					w.reasons["trunk"] += n.N
				}
			}
		}
		w.tally.See(e.At, e.Facts)
	}
}

// The wall clock passed the end of a rule and the timer has not fired yet: no offer is made under the old answer.
func TestNoOfferUnderARuleThatEnded(t *testing.T) {
	g := newStage(t)
	rule := testGate(t).Table("parcels-co").Rules()[0]
	rule.To = g.now.Wall.Truncate(24 * time.Hour)
	table, err := policy.Compile("parcels-co", []policy.Rule{rule})
	if err != nil {
		t.Fatal(err)
	}
	g.do(Reconfigure{Settings: testSettings(), Gate: policy.NewGate(policy.Unbounded(), table)})
	g.ready("anne")
	g.now.Wall = rule.To.AddDate(0, 0, 1)
	if c := g.call("L1", parcels, "+33612345678"); c.offer != nil {
		t.Errorf("offered to %s at %v, when the only rule had ended", c.offer.agent.row.Agent, g.now.Wall)
	}
}

// The journal refuses an offer, but an entry that the desk was opened anew while it was on its way is kept: the log does
// not go on saying that the agent has an offer.
func TestAnOfferTakenBackIsNotSaidByALaterEntry(t *testing.T) {
	g := newStage(t)
	g.s.settings.Agents["anne"].Device = rivage.Device{Kind: DeviceSIP}
	g.ready("anne")
	g.note(g.s.Step(g.now, matched{Arrived: Arrived{CallerLeg: "L", Number: health}}))
	g.note(g.s.Step(g.now, Played{Leg: "L", Play: g.plays["L"].Play, Frames: 40, Complete: true}))
	r, ok := g.s.Match(g.now)
	if !ok {
		t.Fatal("nothing is offered")
	}
	g.note(g.s.Step(g.now, SessionOpened{Agent: "anne", Session: "d2", Place: g.s.place("brest", rivage.Attested)}))
	g.s.Undo(g.now, r.Offer)
	g.note(g.s.Step(g.now, tick{}))
	var last rivage.AgentState
	for _, e := range g.entries {
		if f, ok := e.Facts.(*rivage.AgentStateSet); ok && f.Agent == "anne" {
			last = f.State
		}
	}
	if last != rivage.AgentReady {
		t.Errorf("the log ends with anne %s, the floor has her %s", last, g.s.agents["anne"].row.State)
	}
}
