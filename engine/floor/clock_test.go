// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// points are where, in the day below, the wall clock steps: a call in each of its states.
var points = []string{"waiting", "offered", "told", "talking", "held", "parked", "waiting again", "wrap-up", "extended"}

// A step of the wall clock by an hour, as of a machine that is told the time or of one that took summer time for it,
// changes nothing of a day: no deadline fires early or late, no order changes, no duration is counted wrong.
func TestAStepOfTheWallClockChangesNothing(t *testing.T) {
	want := steppedDay(t, "", 0)
	for _, at := range points {
		for _, by := range []time.Duration{time.Hour, -time.Hour} {
			t.Run(fmt.Sprint(at, by), func(t *testing.T) {
				got := steppedDay(t, at, by)
				for i := range min(len(got), len(want)) {
					if got[i] != want[i] {
						t.Fatalf("entry %d:\n got %s\nwant %s", i, got[i], want[i])
					}
				}
				if len(got) != len(want) {
					t.Errorf("%d entries, want %d", len(got), len(want))
				}
			})
		}
	}
}

// steppedDay plays a day in which the wall clock steps once, and tells what was written and when, by what has elapsed.
func steppedDay(t *testing.T, at string, by time.Duration) (trace []string) {
	g := newStage(t)
	look := func() {
		for _, e := range g.entries {
			trace = append(trace, fmt.Sprintf("%v %s %s", g.now.Elapsed, e.Facts.Kind(), withoutInstants(t, e.Facts)))
		}
		g.entries = nil
	}
	point := func(name string) {
		if name == at {
			g.now.Wall = g.now.Wall.Add(by)
		}
	}
	pass := func(d time.Duration) { // a second at a time, so that what fires is seen when it does
		for range int(d / time.Second) {
			g.pass(time.Second)
			look()
		}
	}
	first := g.call("L", parcels, "+33612345601")
	pass(5 * time.Second)
	point("waiting")
	g.call("M", parcels, "+33612345602")
	pass(5 * time.Second)
	g.call("N", parcels, "+33612345603")
	if a, _ := g.s.acd.Position(first.row.ID); a != 1 || g.s.acd.Len("parcels") != 3 {
		t.Errorf("who came first is at position %d", a)
	}
	g.ready("koffi")
	point("offered")
	pass(20 * time.Second) // not answered: the next who waits longest gets the next agent
	g.ready("yann")
	if first.offer == nil {
		t.Fatalf("who came first is %s", first.row.State)
	}
	g.hear("L")
	point("told")
	pass(3 * time.Second)
	g.do(Accept{Agent: "yann", Offer: first.offer.id})
	g.do(LegAnswered{Leg: first.offer.leg})
	pass(5 * time.Second)
	point("talking")
	pass(5 * time.Second)
	g.do(Hold{"yann", first.row.ID})
	pass(5 * time.Second)
	point("held")
	pass(5 * time.Second)
	g.do(Resume{"yann", first.row.ID})
	pass(5 * time.Second)
	g.do(LegEnded{Leg: first.row.AgentLeg, By: "system", Cause: "ice"})
	pass(5 * time.Second)
	point("parked")
	pass(parkTime)
	point("waiting again")
	pass(5 * time.Second)
	g.ready("anne")
	g.do(Accept{Agent: "anne", Offer: first.offer.id})
	g.do(LegAnswered{Leg: first.offer.leg})
	if p, ok := g.plays["L"]; ok && !p.Loop {
		g.hear("L")
	}
	pass(5 * time.Second)
	g.do(HangUp{"anne", first.row.ID})
	pass(5 * time.Second)
	point("wrap-up")
	pass(5 * time.Second)
	g.do(Extend{"anne", first.row.ID})
	point("extended")
	pass(3 * time.Minute)
	g.do(Dispose{Agent: "anne", Interaction: first.row.ID, Disposition: "done"}) // and the next who waits is offered
	pass(time.Minute)
	return trace
}

// withoutInstants is an entry's facts but for the wall-clock instants in them, which are for people.
func withoutInstants(t *testing.T, f rivage.Facts) string {
	t.Helper()
	text, err := json.Marshal(f)
	m := map[string]any{}
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err == nil {
		for _, k := range []string{"deadline", "since", "queued_at"} {
			delete(m, k)
		}
		text, err = json.Marshal(m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// datedGate allows health calls in France only, from a day to the end of another.
func datedGate(t *testing.T, from, to time.Time) *policy.Gate {
	t.Helper()
	r := policy.Rule{
		ID: "dated", Effect: policy.Allow, Reason: "test", Basis: "test", From: from, To: to,
		Classes: []rivage.DataClass{policy.Any}, Actions: []rivage.Action{policy.Any}, Modes: []rivage.Mode{policy.Any},
		Zones: []rivage.Zone{rivage.ZoneFR}, Evidence: []rivage.Evidence{policy.Any}, Purposes: []rivage.Purpose{policy.Any},
	}
	table, err := policy.Compile("health-co", []policy.Rule{r})
	if err != nil {
		t.Fatal(err)
	}
	return policy.NewGate(policy.Unbounded(), table)
}

// A rule's dates are the wall clock's, wherever it steps to: within a minute on an idle floor, at once for whoever asks.
func TestRulesFollowTheWallClock(t *testing.T) {
	midnight := testStart.Truncate(24 * time.Hour)
	const day = 24 * time.Hour
	for _, x := range []struct {
		name     string
		from, to time.Duration // days of the rule, from midnight
		start    time.Duration // as well
		steps    []time.Duration
		offered  []bool // after each step
	}{
		{"it begins", 0, day, -30 * time.Minute, []time.Duration{0, time.Hour}, []bool{false, true}},
		{"it had ended", -2 * day, -day, 30 * time.Minute, []time.Duration{0, -time.Hour}, []bool{false, true}},
		{"it had begun, and the clock is corrected", 0, day, 30 * time.Minute, []time.Duration{-time.Hour, time.Hour}, []bool{false, true}},
	} {
		t.Run(x.name, func(t *testing.T) {
			g := newStage(t)
			g.now.Wall = midnight.Add(x.start)
			g.do(Reconfigure{Settings: testSettings(), Gate: datedGate(t, midnight.Add(x.from), midnight.Add(x.to))})
			g.do(SessionOpened{Agent: "anne", Session: "d", Place: g.s.place("brest", rivage.Attested)})
			for i, by := range x.steps {
				g.now.Wall = g.now.Wall.Add(by)
				if i == 0 {
					g.do(SetReady{Agent: "anne", Session: "d", Microphone: true})
					g.do(matched{Arrived: Arrived{CallerLeg: "L", Number: health}})
					for g.s.legs["L"].row.State == rivage.InFlow {
						g.hear("L")
					}
				}
				g.pass(ruleCheck)
				if got := strings.Contains(g.kinds(), "InteractionOffered"); got != x.offered[i] {
					t.Errorf("after step %d: offered %v, want %v", i, got, x.offered[i])
				}
			}
		})
	}
}

// A rule that ended while the clock was wrong is not believed a moment longer once somebody asks.
func TestARuleThatEndedByAStepIsNotUsed(t *testing.T) {
	g := newStage(t)
	midnight := testStart.Truncate(24 * time.Hour)
	g.now.Wall = midnight.Add(-30 * time.Minute)
	g.do(Reconfigure{Settings: testSettings(), Gate: datedGate(t, midnight.Add(-48*time.Hour), midnight.Add(-24*time.Hour))})
	g.ready("anne")
	g.now.Wall = g.now.Wall.Add(time.Hour)
	if c := g.call("L", health, "+33612345678"); c.offer != nil {
		t.Error("offered under a rule that is over")
	}
}

// A wrap-up that a restart finds goes on for no longer than a queue gives, though the clock was set back meanwhile.
func TestRecoveredWrapUpIsBounded(t *testing.T) {
	g := newStage(t)
	g.note(g.s.Recover(g.now, Kept{
		Interactions: []Known{{Row: rivage.InteractionRow{
			ID: "wrapping", Principal: "parcels-co", Queue: "parcels", Agent: "anne", State: rivage.WrapUp, Deadline: rivage.At(testStart.Add(time.Hour)),
		}}},
		Agents: []rivage.AgentRow{{Agent: "anne", State: rivage.AgentWrapUp, Interaction: "wrapping"}},
	}))
	q := g.s.settings.Queues["parcels"]
	g.pass(time.Duration(q.WrapUp+q.WrapUpMore) * time.Second)
	if !g.s.calls["wrapping"].overdue {
		t.Error("the wrap-up waits for a wall clock that was set back")
	}
}

// steppingClock is a bubble's clock whose wall clock a test sets.
type steppingClock struct {
	bubbleClock
	shift *atomic.Int64 // of the wall clock, nanoseconds
}

func (c steppingClock) Now() time.Time { return time.Now().Round(0).Add(time.Duration(c.shift.Load())) }

// The loop around the floor waits by what has elapsed: an offer ends after its time, on either side of a step.
func TestTheLoopDoesNotWaitByTheWallClock(t *testing.T) {
	for _, by := range []time.Duration{time.Hour, -time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			var shift atomic.Int64
			l := startLoopWith(t, steppingClock{bubbleClock{time.Now()}, &shift})
			l.Post(SessionOpened{Agent: "koffi", Session: "d", Place: l.State.place("lome", rivage.Attested)})
			if _, err := l.Do(t.Context(), "", SetReady{Agent: "koffi", Session: "d", Microphone: true}); err != nil {
				t.Fatal(err)
			}
			l.Post(Arrived{CallerLeg: "L", Number: parcels})
			synctest.Wait()
			l.play("L")
			synctest.Wait()
			l.play("L")
			synctest.Wait()
			l.tape.kinds()
			time.Sleep(5 * time.Second)
			shift.Store(int64(by))
			for _, x := range []struct {
				after time.Duration
				ended bool
			}{{9 * time.Second, false}, {time.Second, true}} {
				time.Sleep(x.after)
				synctest.Wait()
				kinds, _ := l.tape.kinds()
				if got := slices.Contains(kinds, "OfferEnded"); got != x.ended {
					t.Errorf("step %v, %v later: offer ended %v, want %v: %v", by, x.after, got, x.ended, kinds)
				}
			}
		})
	}
}
