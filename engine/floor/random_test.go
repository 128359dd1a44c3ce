// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"rivage.example/rivage"
)

// walk plays a long random day and checks after each step what must always hold.
type walk struct {
	*stage
	r      *rand.Rand
	legs   []rivage.ID // callers on the line
	calls  int
	ranks  map[rivage.ID]rivage.Rank
	ended  map[rivage.ID]bool
	opened map[rivage.ID]bool
	told   map[rivage.ID]rivage.ID // interaction → prompt last heard to its end
	seen   int                     // entries looked at
}

func TestRandomDaysKeepThePromises(t *testing.T) {
	for seed := range shorter(20, 5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			g := newStage(t)
			w := &walk{
				stage: g, r: rand.New(rand.NewPCG(seed, 1)), ranks: map[rivage.ID]rivage.Rank{}, ended: map[rivage.ID]bool{},
				opened: map[rivage.ID]bool{}, told: map[rivage.ID]rivage.ID{},
			}
			w.day(w.step)
			w.endOfDay()
		})
	}
}

// shorter is n, or few with -short, as under the race detector, which finds nothing in what one goroutine does alone.
func shorter(n, few uint64) uint64 {
	if testing.Short() {
		return few
	}
	return n
}

// day plays the steps of a day, and looks at the floor after each.
func (w *walk) day(step func()) {
	w.t.Helper()
	for range 1500 {
		step()
		w.check()
		if w.t.Failed() {
			return
		}
	}
}

var everybody = []rivage.ID{"anne", "koffi", "yann"}

func (w *walk) step() {
	agent := everybody[w.r.IntN(len(everybody))]
	a := w.s.agents[agent]
	id := a.row.Interaction
	c := w.s.calls[id]
	switch w.r.IntN(16) {
	case 0, 1:
		w.calls++
		leg := rivage.ID(fmt.Sprintf("L%d", w.calls))
		w.legs = append(w.legs, leg)
		number := []string{parcels, health}[w.r.IntN(2)]
		_ = w.try(matched{Arrived: Arrived{CallerLeg: leg, Number: number, Caller: rivage.Phone(fmt.Sprintf("+336%08d", w.calls))}})
	case 2, 3, 4:
		for _, leg := range w.legs {
			if p, ok := w.plays[leg]; ok && !p.Loop && w.r.IntN(2) == 0 {
				_ = w.try(Played{Leg: leg, Play: p.Play, Frames: 40, Complete: w.r.IntN(20) != 0})
			}
		}
	case 5:
		if len(w.legs) > 0 {
			i := w.r.IntN(len(w.legs))
			_ = w.try(LegEnded{Leg: w.legs[i], By: "caller", Cause: "bye"})
			w.legs = append(w.legs[:i], w.legs[i+1:]...)
		}
	case 6:
		_ = w.try(SessionOpened{Agent: agent, Session: "d", Place: w.s.place(a.set.Site, rivage.Evidences[w.r.IntN(3)])})
		_ = w.try(SetReady{Agent: agent, Session: "d", Microphone: true})
	case 7:
		_ = w.try(Accept{Agent: agent, Offer: a.row.Offer})
		if c != nil && c.offer != nil {
			_ = w.try(LegAnswered{Leg: c.offer.leg})
		}
	case 8:
		_ = w.try(Decline{Agent: agent, Offer: a.row.Offer})
	case 9:
		_ = w.try(SessionLost{Agent: agent, Session: "d", Stage: []string{"late", "closed", "unreachable", "back"}[w.r.IntN(4)]})
	case 10:
		_ = w.try([]Command{Hold{agent, id}, Resume{agent, id}, HangUp{agent, id}, Rejoin{agent, id, w.s.ids.New()}}[w.r.IntN(4)])
	case 11, 12:
		_ = w.try(Dispose{Agent: agent, Interaction: id, Disposition: "done"})
	case 13:
		if c != nil {
			_ = w.try(LegEnded{Leg: c.row.AgentLeg, By: "system", Cause: "ice"})
		}
	case 14:
		_ = w.try([]Command{SetPaused{agent, "repas"}, SetOffline{agent}, Extend{agent, id}, Oppose{agent, id}}[w.r.IntN(4)])
	case 15:
		w.pass(time.Duration(w.r.IntN(20)) * time.Second)
	}
}

// check holds the floor to its promises: nobody reserved twice, nobody bridged untold or against the rules, ranks that
// never move, no interaction that is nowhere.
func (w *walk) check() {
	w.t.Helper()
	for ; w.seen < len(w.entries); w.seen++ {
		w.entry(w.entries[w.seen])
	}
	busy := map[rivage.ID]rivage.ID{}
	for id, c := range w.s.calls {
		switch c.row.State {
		case rivage.Queued:
			if _, ok := w.s.acd.Position(id); !ok {
				w.t.Errorf("%s is queued and in no line", id)
			}
		case rivage.Offered:
			a := c.offer.agent
			if a.row.State != rivage.AgentOffered || a.row.Offer != c.offer.id {
				w.t.Errorf("%s is offered to %s, who is %s with %s", id, a.row.Agent, a.row.State, a.row.Offer)
			}
			if other := busy[a.row.Agent]; other != "" {
				w.t.Errorf("%s has %s and %s", a.row.Agent, id, other)
			}
			busy[a.row.Agent] = id
		case rivage.Connected, rivage.Held:
			if a := w.s.agents[c.row.Agent]; a.row.Interaction != id || a.row.State != rivage.AgentEngaged {
				w.t.Errorf("%s talks with %s, who is %s with %s", id, c.row.Agent, a.row.State, a.row.Interaction)
			}
			if other := busy[c.row.Agent]; other != "" {
				w.t.Errorf("%s has %s and %s", c.row.Agent, id, other)
			}
			busy[c.row.Agent] = id
		}
	}
}

func (w *walk) entry(e rivage.Entry) {
	switch f := e.Facts.(type) {
	case *rivage.InteractionOpened:
		w.opened[f.Interaction] = true
	case *rivage.InteractionQueued:
		if r, ok := w.ranks[f.Interaction]; ok && r != f.Rank {
			w.t.Errorf("the rank of %s moved from %d to %d", f.Interaction, r, f.Rank)
		}
		w.ranks[f.Interaction] = f.Rank
	case *rivage.InteractionOffered:
		if e.Principal == "health-co" && f.Place.Vouched() != "FR" {
			w.t.Errorf("%s, health, is offered to %s at %+v", f.Interaction, f.Agent, f.Place)
		}
	case *rivage.DisclosurePlayed:
		if f.Complete {
			w.told[f.Interaction] = f.Prompt
		}
	case *rivage.InteractionAnswered:
		if want := w.s.settings.Sentence(f.Place).ID; w.told[f.Interaction] != want {
			w.t.Errorf("%s was bridged to %s having heard %q", f.Interaction, f.Place.Site, w.told[f.Interaction])
		}
	case *rivage.InteractionClosed, *rivage.InteractionAbandoned, *rivage.InteractionDeflected, *rivage.CallbackPromised:
		id := rivage.ID(e.Stream[len("interaction/"):])
		if w.ended[id] {
			w.t.Errorf("%s ended twice", id)
		}
		w.ended[id] = true
	}
}

// endOfDay sends everybody home: every interaction has ended once, and nothing is left.
func (w *walk) endOfDay() {
	w.t.Helper()
	for _, leg := range w.legs {
		_ = w.try(LegEnded{Leg: leg, By: "caller", Cause: "bye"})
	}
	w.pass(10 * time.Minute)
	for _, c := range w.s.calls {
		a := w.s.agents[c.row.Agent]
		_ = w.try(SessionOpened{Agent: a.row.Agent, Session: "d", Place: w.s.place(a.set.Site, rivage.Attested)})
		_ = w.try(Dispose{Agent: a.row.Agent, Interaction: a.row.Interaction, Disposition: "done"})
	}
	for len(w.s.calls) > 0 { // an agent may have had several to wrap up, one after the other
		left := len(w.s.calls)
		for _, c := range w.s.calls {
			_ = w.try(SessionOpened{Agent: c.row.Agent, Session: "d", Place: w.s.place("brest", rivage.Attested)})
			_ = w.try(Dispose{Agent: c.row.Agent, Interaction: w.s.agents[c.row.Agent].row.Interaction, Disposition: "done"})
		}
		if len(w.s.calls) == left {
			break
		}
	}
	w.check()
	for id := range w.opened {
		if !w.ended[id] {
			w.t.Errorf("%s was forgotten", id)
		}
	}
	w.clean()
}
