// SPDX-License-Identifier: EUPL-1.2

package workforce

import (
	"fmt"
	"math"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/acd"
)

const hour = rivage.Micros(3600e6)

// site is agents who take everybody's line, and the area's where they sit in it.
func site(country rivage.Country, n int, from, to rivage.Micros) (list []Shift) {
	for i := range n {
		list = append(list, Shift{
			Agent: acd.Agent{ID: rivage.ID(fmt.Sprint(country, i)), Place: rivage.Place{Country: country}, Queues: []rivage.ID{"colis", "colis@FR"}},
			From:  from, To: to,
		})
	}
	return list
}

func plan(asking float64) Plan {
	return Plan{
		Lines: []acd.Queue{{ID: "colis"}, {ID: "colis@FR"}}, Queue: "colis", Area: "colis@FR", Asking: asking, Target: 20 * time.Second, Seed: 7,
		Allow: func(line rivage.ID, of acd.Stance) rivage.Decision {
			return rivage.Decision{Allowed: line == "colis" || of.Country == "FR"}
		},
	}
}

func supposed(perHour float64, handle, patience time.Duration, hours int) Supposed {
	return Supposed{Queue: "colis", PerHour: perHour, Handle: handle, Patience: patience, For: time.Duration(hours) * time.Hour, Seed: 3}
}

// erlangC is the mean wait of callers who never leave (Erlang, 1917): what the run is held against.
func erlangC(servers int, load float64, handle time.Duration) time.Duration {
	sum, term := 0.0, 1.0
	for k := range servers {
		if k > 0 {
			term *= load / float64(k)
		}
		sum += term
	}
	term *= load / float64(servers) * float64(servers) / (float64(servers) - load)
	return time.Duration(term / (sum + term) * float64(handle) / (float64(servers) - load))
}

func TestARunAgreesWithErlang(t *testing.T) {
	floors := []struct {
		servers int
		perHour float64
	}{{2, 20}, {5, 60}, {10, 130}}
	if testing.Short() { // one goroutine: the race detector finds nothing in it
		floors = floors[:1]
	}
	for _, c := range floors {
		s := supposed(c.perHour, 4*time.Minute, 0, 3000)
		out := Run(Load{s.Arrivals(), site("FR", c.servers, 0, 4000*hour)}, plan(0))
		got, want := out.Others.Mean(), erlangC(c.servers, c.perHour*4/60, 4*time.Minute)
		if math.Abs(float64(got-want)) > 0.1*float64(want) || out.Others.Answered != out.Others.N || out.Asked.N != 0 {
			t.Errorf("%d agents, %v an hour: waits %v on average, Erlang says %v; %+v", c.servers, c.perHour, got, want, out.Others.N)
		}
	}
}

// The more callers ask for a place where few sit, the longer these wait, and who does not ask waits less for it.
func TestMoreWhoAskWaitLonger(t *testing.T) {
	s := supposed(110, 4*time.Minute, 5*time.Minute, 200)
	load := Load{s.Arrivals(), append(site("FR", 3, 0, 300*hour), site("TG", 6, 0, 300*hour)...)}
	var last Outcome
	for i, asking := range []float64{0.05, 0.2, 0.6} {
		out := Run(load, plan(asking))
		if all := float64(out.Asked.N + out.Others.N); math.Abs(float64(out.Asked.N)/all-asking) > 0.02 {
			t.Errorf("%d of %v ask, want %v", out.Asked.N, all, asking)
		}
		for _, x := range []Service{out.Asked, out.Others} {
			if x.N != x.Answered+x.Abandoned+x.Owed+x.Left {
				t.Errorf("%+v: somebody is nowhere", x)
			}
		}
		if i > 0 && (out.Asked.Mean() <= last.Asked.Mean() || out.Asked.Within(0.9) < last.Asked.Within(0.9) || out.Asked.Abandoned*last.Asked.N <= last.Asked.Abandoned*out.Asked.N) {
			t.Errorf("with %v asking they wait %v, %d left; before %v, %d", asking, out.Asked.Mean(), out.Asked.Abandoned, last.Asked.Mean(), last.Asked.Abandoned)
		}
		last = out
	}
	if last.Others.Mean() >= last.Asked.Mean() {
		t.Errorf("who asks waits %v, who does not %v", last.Asked.Mean(), last.Others.Mean())
	}
	if again := Run(load, plan(0.6)); again.Asked.Mean() != last.Asked.Mean() || again.Others.N != last.Others.N {
		t.Error("two runs of one load differ")
	}
}

// Nobody of the area at work: owed. The last one leaves: owed, the others wait on. Nobody at all: left.
func TestWhoAsksForNobodyIsOwed(t *testing.T) {
	arrivals := []Arrival{
		{At: hour, Queue: "colis", Rank: 1, Handle: 2 * time.Hour},     // taken by the one in France
		{At: hour + 1, Queue: "colis", Rank: 2, Handle: time.Minute},   // waits, and the one in France goes home
		{At: 9 * hour, Queue: "colis", Rank: 3, Handle: time.Minute},   // nobody of France
		{At: 9*hour + 1, Queue: "autre", Rank: 4, Handle: time.Minute}, // of another queue, and counts nowhere
	}
	out := Run(Load{arrivals, site("FR", 1, 0, 2*hour)}, plan(1))
	if want := (Service{N: 3, Answered: 1, InTarget: 1, Owed: 2}); out.Asked.N != want.N || out.Asked.Owed != want.Owed || out.Asked.Answered != 1 {
		t.Errorf("got %+v", out.Asked)
	}
	out = Run(Load{arrivals, site("FR", 1, 0, 2*hour)}, plan(0))
	if out.Others.Answered != 1 || out.Others.Left != 2 {
		t.Errorf("nobody asks: %+v", out.Others)
	}
}

// Two shifts that follow one another are one agent at work, and a conversation is not cut by the end of a shift.
func TestAShiftThatGoesOn(t *testing.T) {
	shifts := append(site("FR", 1, 0, hour), site("FR", 1, hour, 3*hour)...)
	out := Run(Load{[]Arrival{
		{At: hour - 1, Queue: "colis", Rank: 1, Handle: time.Minute}, {At: hour + 1, Queue: "colis", Rank: 2, Handle: 3 * time.Hour},
		{At: 2 * hour, Queue: "colis", Rank: 3, Handle: time.Minute},
	}, shifts}, plan(0))
	if out.Others.Answered != 2 || out.Others.Left != 1 || out.Others.Mean() >= time.Minute {
		t.Errorf("got %+v, %v", out.Others, out.Others.Mean())
	}
}

// Patience drawn from what was seen leaves at the rate that was seen.
func TestPatienceIsDrawnFromWhoLeft(t *testing.T) {
	draw, sum := Patience(1, 10, 1000*time.Second), time.Duration(0)
	for range 20_000 {
		sum += draw()
	}
	if mean := sum / 20_000; mean < 97*time.Second || mean > 103*time.Second {
		t.Errorf("mean %v, want 100 s", mean)
	}
	if Patience(1, 0, time.Hour)() != 0 {
		t.Error("nobody ever left, and somebody would")
	}
}
