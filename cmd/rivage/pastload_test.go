// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/workforce"
)

// What came in, what it took and who was at work are read from entries: a pause ends a shift, a conversation does not, and an
// offer that came to nothing does not count somebody twice.
func TestThePastIsPlayedAsItWas(t *testing.T) {
	s := proveSettings()
	s.Agents = map[rivage.ID]*rivage.Agent{"anne": {ID: "anne", Site: "brest", Queues: []rivage.ID{"q"}}}
	from := rivage.At(proveDay)
	p := pastLoad{since: from, calls: map[rivage.ID]*pastCall{}, presence: map[rivage.ID]*workforce.Shift{}}
	brest := rivage.Place{Site: "brest", Company: "c", Country: "FR", Evidence: rivage.Attested}
	minute := rivage.Micros(60e6)
	for _, e := range []struct {
		at    rivage.Micros
		state rivage.AgentState
	}{{-5, rivage.AgentReady}, {1, rivage.AgentOffered}, {2, rivage.AgentEngaged}, {5, rivage.AgentWrapUp}, {6, rivage.AgentReady}, {10, rivage.AgentPaused}, {20, rivage.AgentReady}} {
		p.present(from+e.at*minute, &rivage.AgentStateSet{Agent: "anne", State: e.state, Place: brest}, s)
	}
	p.present(from, &rivage.AgentStateSet{Agent: "gone", State: rivage.AgentReady, Place: brest}, s) // whom nobody employs any more
	p.leave(from+30*minute, "anne")
	var got []rivage.Micros
	for _, x := range p.shifts {
		got = append(got, (x.From-from)/minute, (x.To-from)/minute)
	}
	if len(got) != 4 || got[0] != 0 || got[1] != 10 || got[2] != 20 || got[3] != 30 {
		t.Errorf("shifts %v, want 0 to 10 and 20 to 30", got)
	}

	for _, f := range []rivage.Facts{
		&rivage.InteractionQueued{Interaction: "a", Queue: "q", Rank: 1},
		&rivage.InteractionQueued{Interaction: "b", Queue: "q", Rank: 2},
		&rivage.InteractionQueued{Interaction: "a", Queue: "q", Rank: 1, Again: "declined"},
		&rivage.InteractionAnswered{Interaction: "a", Wait: 30e6},
		&rivage.InteractionAbandoned{Interaction: "b", Wait: 90e6},
		&rivage.InteractionEnded{Interaction: "a", Talk: 100e6, Hold: 20e6},
		&rivage.InteractionClosed{Interaction: "a", Wrap: 40e6},
		&rivage.InteractionQueued{Interaction: "c", Queue: "other", Rank: 3},
	} {
		p.call(from+minute, f)
	}
	list := p.arrivals()
	if len(list) != 2 || list[0].Handle != 160*time.Second || list[1].Handle != 160*time.Second || list[1].Rank != 2 || list[0].Patience == 0 {
		t.Errorf("arrivals %+v: two, which take 160 s", list)
	}
}
