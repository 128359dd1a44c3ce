// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

// moments are the states of a call.
var moments = []string{
	"greeting", "notice", "queued", "offered", "told", "accepted", "joining", "connected", "held", "parked", "wrap-up", "overdue",
}

// moment brings a call of koffi's, ready before, to one of them.
func (g *stage) moment(name string) *call {
	before := g.moment
	switch name {
	case "greeting":
		g.do(matched{Arrived: Arrived{CallerLeg: "L", Number: parcels, Caller: "+33612345678"}})
		return g.s.legs["L"]
	case "notice":
		c := before("greeting")
		g.hear("L")
		return c
	case "queued":
		g.do(SetPaused{Agent: "koffi", Reason: "repas"})
		return g.call("L", parcels, "+33612345678")
	case "offered":
		return g.call("L", parcels, "+33612345678")
	case "told":
		c := before("offered")
		g.hear("L")
		return c
	case "accepted":
		c := before("offered")
		g.do(Accept{Agent: "koffi", Offer: c.offer.id})
		return c
	case "joining":
		c := before("accepted")
		g.do(LegAnswered{Leg: c.offer.leg})
		return c
	case "connected":
		return g.talk("L", parcels, "+33612345678")
	case "held":
		c := before("connected")
		g.do(Hold{"koffi", c.row.ID})
		return c
	case "parked":
		c := before("connected")
		g.do(LegEnded{Leg: c.row.AgentLeg, By: "system", Cause: "ice"})
		return c
	case "wrap-up":
		c := before("connected")
		g.do(HangUp{"koffi", c.row.ID})
		return c
	case "overdue":
		c := before("wrap-up")
		g.pass(time.Minute)
		return c
	}
	g.t.Fatalf("no moment %q", name)
	return nil
}

// lost is what a desk's heartbeat tells, stage by stage.
func (g *stage) lost(stages ...string) {
	for _, s := range stages {
		g.do(SessionLost{Agent: "koffi", Session: g.s.agents["koffi"].row.Session, Stage: s})
	}
}

// back opens the desk again, and goes back to a call as a desk does: when it is told that it has one.
func (g *stage) back(c *call) {
	g.do(SessionOpened{Agent: "koffi", Session: "desk2", Place: g.s.place("lome", rivage.Attested)})
	switch c.row.State {
	case rivage.Connected, rivage.Held, rivage.Parked:
		if g.s.agents["koffi"].row.Interaction == c.row.ID {
			g.do(Rejoin{Agent: "koffi", Interaction: c.row.ID, Leg: "back"})
		}
	}
}

// offer is the present or last offer of a call, for an agent who answers late.
func (g *stage) offer() (id rivage.ID) {
	for _, e := range g.effects {
		if r, ok := e.(Ring); ok {
			id = r.Offer
		}
	}
	return id
}

// accidents are what the world does to a call.
var accidents = []struct {
	name   string
	happen func(*stage, *call)
}{
	{"hangs up", func(g *stage, _ *call) { g.do(LegEnded{Leg: "L", By: "caller", Cause: "bye"}) }},
	{"cancels", func(g *stage, _ *call) { g.do(LegEnded{Leg: "L", By: "caller", Cause: "cancel"}) }}, // it crossed our answer
	{"no ACK", func(g *stage, _ *call) { g.do(LegEnded{Leg: "L", By: "system", Cause: "timeout"}) }},
	{"refuses", func(g *stage, _ *call) { _ = g.try(Decline{Agent: "koffi", Offer: g.offer(), Reason: "repas"}) }},
	{"15 s pass", func(g *stage, _ *call) { g.pass(15 * time.Second) }},
	{"closes", func(g *stage, _ *call) { g.lost("closed"); g.pass(parkTime) }},
	{"lost 20 s", func(g *stage, c *call) {
		g.pass(5 * time.Second)
		g.lost("late")
		g.pass(15 * time.Second)
		g.lost("unreachable")
		g.back(c)
	}},
	{"lost for long", func(g *stage, _ *call) {
		g.pass(5 * time.Second)
		g.lost("late")
		g.pass(15 * time.Second)
		g.lost("unreachable")
		g.pass(parkTime)
	}},
	{"reloads", func(g *stage, c *call) { g.lost("closed"); g.back(c) }},
}

// days is what becomes of the call and of its agent: for each moment, the outcome and the accidents that lead to it.
const days = `
greeting
	abandoned ready: hangs up, cancels, no ACK
	in_flow ready: refuses, 15 s pass, reloads
	in_flow unreachable:unreachable: closes, lost for long
	in_flow paused:connexion: lost 20 s

notice
	abandoned ready: hangs up, cancels, no ACK
	in_flow ready: refuses, 15 s pass, reloads
	in_flow unreachable:unreachable: closes, lost for long
	in_flow paused:connexion: lost 20 s

queued
	abandoned paused:repas: hangs up, cancels, no ACK
	queued paused:repas: refuses, 15 s pass, reloads
	queued unreachable:unreachable: closes, lost for long
	queued paused:connexion: lost 20 s

offered
	abandoned ready: hangs up, cancels, no ACK
	offered offered: refuses
	queued paused:non-reponse: 15 s pass
	queued unreachable:closed: closes
	queued paused:connexion: lost 20 s, reloads
	queued unreachable:late: lost for long

told
	abandoned ready: hangs up, cancels, no ACK
	offered offered: refuses
	queued paused:non-reponse: 15 s pass
	queued unreachable:closed: closes
	queued paused:connexion: lost 20 s, reloads
	queued unreachable:late: lost for long

accepted
	abandoned ready: hangs up, cancels, no ACK
	offered offered: refuses, 15 s pass
	queued unreachable:closed: closes
	queued paused:connexion: lost 20 s, reloads
	queued unreachable:late: lost for long

joining
	abandoned ready: hangs up, cancels, no ACK
	offered offered: refuses, 15 s pass
	queued unreachable:closed: closes
	queued paused:connexion: lost 20 s, reloads
	queued unreachable:late: lost for long

connected
	wrap_up wrap_up: hangs up, cancels, no ACK
	connected engaged: refuses, 15 s pass, lost 20 s, reloads
	queued unreachable:agent_lost: closes, lost for long

held
	wrap_up wrap_up: hangs up, cancels, no ACK
	held engaged: refuses, 15 s pass
	queued unreachable:agent_lost: closes, lost for long
	connected engaged: lost 20 s, reloads

parked
	wrap_up wrap_up: hangs up, cancels, no ACK
	parked engaged: refuses, 15 s pass
	queued unreachable:agent_lost: closes, lost for long
	connected engaged: lost 20 s, reloads

wrap-up
	wrap_up wrap_up: hangs up, cancels, no ACK, refuses, 15 s pass, closes, lost 20 s, lost for long, reloads

overdue
	wrap_up paused:qualification: hangs up, cancels, no ACK, refuses, 15 s pass, closes, lost 20 s, lost for long, reloads
`

// Every state of a call and everything that may happen to it: the call is where it should be, at its rank, its agent in
// the state that says why, and afterwards no leg, recording, timer or reservation is left.
func TestEveryStateOnEveryBadDay(t *testing.T) {
	var got strings.Builder
	for _, m := range moments {
		var outcomes []string
		by := map[string][]string{}
		for _, a := range accidents {
			t.Run(m+", "+a.name, func(t *testing.T) {
				g := newStage(t)
				g.ready("koffi")
				c := g.moment(m)
				rank := c.row.Rank
				a.happen(g, c)
				o := g.outcome(c)
				if by[o] == nil {
					outcomes = append(outcomes, o)
				}
				by[o] = append(by[o], a.name)
				if rank != 0 && c.row.Rank != rank {
					t.Errorf("the rank moved from %d to %d", rank, c.row.Rank)
				}
				g.heardSomething(c)
				g.finish(c)
				g.nothingOpen()
				g.serves("koffi")
			})
		}
		fmt.Fprintf(&got, "\n%s\n", m)
		for _, o := range outcomes {
			fmt.Fprintf(&got, "\t%s: %s\n", o, strings.Join(by[o], ", "))
		}
	}
	if got.String() != days {
		t.Errorf("got %s\nwant %s", got.String(), days)
	}
}

// outcome is the state of a call, and of its agent with the reason.
func (g *stage) outcome(c *call) string {
	a := g.s.agents["koffi"].row
	out := string(c.row.State) + " " + string(a.State)
	if a.Reason != "" {
		out += ":" + a.Reason
	}
	return out
}

// heardSomething: a caller on the line hears a prompt, music or an agent, and one who waits is in the line.
func (g *stage) heardSomething(c *call) {
	g.t.Helper()
	if g.s.legs["L"] == nil {
		return
	}
	_, plays := g.plays["L"]
	if !plays && c.row.State != rivage.Connected && c.row.State != rivage.Offered { // told, and about to be joined
		g.t.Errorf("a caller who is %s hears nothing", c.row.State)
	}
	if _, ok := g.s.acd.Position(c.row.ID); ok != (c.row.State == rivage.Queued) {
		g.t.Errorf("a call that is %s: in the line %v", c.row.State, ok)
	}
}

// nothingOpen holds that every leg and recording that an effect began was ended by an effect or by the world.
func (g *stage) nothingOpen() {
	g.t.Helper()
	open := map[rivage.ID]string{}
	for _, e := range g.effects {
		switch e := e.(type) {
		case AnswerCaller:
			open[e.Leg] = "the caller's leg"
		case Ring:
			open[e.Leg] = "an agent's leg"
		case Bridge:
			open[e.Agent] = "an agent's leg"
		case Record:
			open[e.Object] = "a recording"
		case EndLeg:
			delete(open, e.Leg)
		case StopRecording:
			delete(open, e.Object)
		}
	}
	for id, what := range open {
		if !g.ended[id] {
			g.t.Errorf("%s, %s, is left open", what, id)
		}
	}
}

// serves holds that nothing is still reserved: the agent comes back and is offered the next call.
func (g *stage) serves(agent rivage.ID) {
	g.t.Helper()
	g.ready(agent)
	if c := g.call("next", parcels, "+33699999999"); c.row.Agent != agent || c.row.State != rivage.Offered {
		g.t.Errorf("the next call is %s to %q, want offered to %s", c.row.State, c.row.Agent, agent)
	}
}
