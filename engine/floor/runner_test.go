// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rivage.example/rivage"
)

// tape is a journal that a test holds in its hands: answers are given when it says so, in order.
type tape struct {
	mu      sync.Mutex
	waiting []held
	taken   []rivage.Append
	fail    error // answer of everything, when set
	hold    bool  // answers wait for flush

	refuseSealed error // answer of what holds a body
}

type held struct {
	add  rivage.Append
	done func(rivage.Receipt, error)
}

func (t *tape) Submit(a rivage.Append, done func(rivage.Receipt, error)) {
	t.mu.Lock()
	t.waiting = append(t.waiting, held{a, done})
	hold := t.hold
	t.mu.Unlock()
	if !hold {
		go t.flush()
	}
}

// flush answers everything that waits.
func (t *tape) flush() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, h := range t.waiting {
		if t.fail != nil {
			h.done(rivage.Receipt{}, t.fail)
			continue
		}
		if t.refuseSealed != nil && slices.ContainsFunc(h.add.Entries, func(e rivage.Entry) bool { return e.Subject != "" }) {
			h.done(rivage.Receipt{}, t.refuseSealed)
			continue
		}
		t.taken = append(t.taken, h.add)
		h.done(rivage.Receipt{First: rivage.Seq(len(t.taken)), Last: rivage.Seq(len(t.taken))}, nil)
	}
	t.waiting = nil
}

func (t *tape) set(fail error, hold bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fail, t.hold = fail, hold
}

func (t *tape) kinds() (kinds []string, late int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, a := range t.taken {
		for _, e := range a.Entries {
			kinds = append(kinds, string(e.Facts.Kind()))
			if !e.Late.IsZero() {
				late++
			}
		}
	}
	t.taken = nil
	return kinds, late
}

type nobody struct{}

func (nobody) Match(context.Context, rivage.ID, rivage.Phone) (Who, error) {
	return Who{}, nil
}

// bubbleClock is the clock of a synctest bubble.
type bubbleClock struct{ origin time.Time }

func (bubbleClock) Now() time.Time                         { return time.Now() }
func (c bubbleClock) Elapsed() time.Duration               { return time.Since(c.origin) }
func (bubbleClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// loop is a running Runner with its tape and the effects that left.
type loop struct {
	*Runner
	tape *tape
	mu   sync.Mutex
	left []Effect
}

func startLoop(t *testing.T) *loop {
	t.Helper()
	return startLoopWith(t, bubbleClock{time.Now()})
}

func startLoopWith(t *testing.T, clock Clock) *loop {
	t.Helper()
	l := &loop{tape: &tape{}}
	n := 0
	next := func() rivage.ID { n++; return rivage.ID(fmt.Sprintf("id%d", n)) }
	state := New(Moment{Wall: clock.Now()}, testSettings(), testGate(t), IDs{New: next, Object: next})
	l.Runner = NewRunner(Config{
		State: state, Journal: l.tape, People: nobody{}, Clock: clock,
		Execute: func(e []Effect) { l.mu.Lock(); l.left = append(l.left, e...); l.mu.Unlock() },
	})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { l.Run(ctx, Kept{}); close(done) }()
	t.Cleanup(func() { l.tape.set(nil, false); go l.tape.flush(); stop(); <-done })
	return l
}

func (l *loop) effects() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var names []string
	for _, e := range l.left {
		names = append(names, fmt.Sprintf("%T", e)[len("floor."):])
	}
	l.left = nil
	return names
}

func (l *loop) play(leg rivage.ID) {
	l.mu.Lock()
	var p Play
	for _, e := range l.left {
		if x, ok := e.(Play); ok && x.Leg == leg {
			p = x
		}
	}
	l.mu.Unlock()
	l.Post(Played{Leg: leg, Play: p.Play, Frames: 50, Complete: true})
}

func TestEffectsLeaveOnlyAfterTheirEntryIsDurable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLoop(t)
		synctest.Wait()
		l.tape.set(nil, true)
		l.Post(Arrived{CallerLeg: "L", Number: parcels})
		synctest.Wait()
		if got := l.effects(); len(got) != 0 {
			t.Errorf("before the entry is durable: %v", got)
		}
		l.tape.flush()
		synctest.Wait()
		if got, want := l.effects(), []string{"AnswerCaller", "Play"}; !slices.Equal(got, want) {
			t.Errorf("after: got %v, want %v", got, want)
		}
	})
}

func TestRepeatedCommandGetsTheFirstAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLoop(t)
		ready := SetReady{Agent: "anne", Session: "d", Microphone: true}
		l.Post(SessionOpened{Agent: "anne", Session: "d", Place: l.State.place("brest", rivage.Attested)})
		first, err := l.Do(t.Context(), "c1", ready)
		if err != nil {
			t.Fatal(err)
		}
		l.tape.kinds()
		again, err := l.Do(t.Context(), "c1", ready)
		if err != nil || again != first {
			t.Errorf("got %d, %v, want %d", again, err, first)
		}
		if kinds, _ := l.tape.kinds(); len(kinds) != 0 {
			t.Errorf("the repetition wrote %v", kinds)
		}
	})
}

// The journal goes down in the middle of a call: what the world did is kept and appended late, in order; nothing is
// decided meanwhile; it comes back by itself.
func TestJournalDownForgetsNothingAndDecidesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLoop(t)
		l.Post(SessionOpened{Agent: "koffi", Session: "d", Place: l.State.place("lome", rivage.Attested)})
		if _, err := l.Do(t.Context(), "", SetReady{Agent: "koffi", Session: "d", Microphone: true}); err != nil {
			t.Fatal(err)
		}
		l.Post(Arrived{CallerLeg: "L", Number: parcels})
		synctest.Wait()
		l.play("L") // greeting
		synctest.Wait()
		l.tape.kinds()
		l.effects()

		l.tape.set(&rivage.Error{Code: rivage.Unavailable, Message: "disk full"}, false)
		l.Post(Played{Leg: "L", Play: l.State.legs["L"].playing.id, Frames: 50, Complete: true}) // notice: queued, and an offer is possible
		synctest.Wait()
		if got, want := l.effects(), []string{"Play"}; !slices.Equal(got, want) {
			t.Errorf("down: got %v, want the music and no offer", got)
		}
		if a := l.State.agents["koffi"].row; a.State != rivage.AgentReady || a.Interaction != "" {
			t.Errorf("the agent of the offer taken back: %+v", a)
		}
		l.Post(Arrived{CallerLeg: "M", Number: parcels})
		synctest.Wait()
		if got, want := l.effects(), []string{"RejectCaller"}; !slices.Equal(got, want) {
			t.Errorf("new call: got %v, want a refusal", got)
		}
		if got := l.RetryAfter(); got != retryAfter {
			t.Errorf("down: new calls are told to wait %d s, want %d", got, retryAfter)
		}
		if _, err := l.Do(t.Context(), "", SetPaused{Agent: "koffi", Reason: "pause"}); rivage.CodeOf(err) != rivage.Unavailable {
			t.Errorf("a decision of a person: %v, want unavailable", err)
		}

		l.tape.set(nil, false)
		time.Sleep(2 * probeEvery)
		synctest.Wait()
		kinds, late := l.tape.kinds()
		want := []string{"PromptPlayed", "InteractionQueued", "InteractionOffered", "AgentStateSet"}
		if !slices.Equal(kinds, want) || late != 2 {
			t.Errorf("back: wrote %v, %d late; want %v, 2 late", kinds, late, want)
		}
		if got, want := l.effects(), []string{"Ring", "Play"}; !slices.Equal(got, want) {
			t.Errorf("back: effects %v, want %v", got, want)
		}
		if got := l.RetryAfter(); got != 0 {
			t.Errorf("back: new calls are told to wait %d s", got)
		}
		l.Post(Drain{})
		synctest.Wait()
		if got := l.RetryAfter(); got != retryAfter {
			t.Errorf("draining: new calls are told to wait %d s, want %d", got, retryAfter)
		}
	})
}

func TestCallerLeavesWhileTheJournalIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLoop(t)
		l.Post(Arrived{CallerLeg: "L", Number: parcels})
		synctest.Wait()
		l.tape.kinds()
		l.tape.set(&rivage.Error{Code: rivage.Unavailable}, false)
		l.Post(LegEnded{Leg: "L", By: "caller", Cause: "bye"})
		synctest.Wait()
		if got := l.effects(); !slices.Contains(got, "EndLeg") {
			t.Errorf("the leg is not let go: %v", got)
		}
		l.tape.set(nil, false)
		time.Sleep(2 * probeEvery)
		synctest.Wait()
		if kinds, late := l.tape.kinds(); !slices.Equal(kinds, []string{"InteractionAbandoned"}) || late != 1 {
			t.Errorf("wrote %v, %d late", kinds, late)
		}
	})
}

// A caller's person is erased between the look-up and the append: the call is not forgotten for that.
func TestAppendRefusedForWhatIsSealedIsWrittenWithoutIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLoop(t)
		synctest.Wait()
		l.tape.kinds()
		l.tape.refuseSealed = &rivage.Error{Code: rivage.Conflict, Message: "the subject has no key"}
		l.Post(Arrived{CallerLeg: "L", Number: parcels, Caller: "+33612345678"})
		synctest.Wait()
		if kinds, _ := l.tape.kinds(); !slices.Equal(kinds, []string{"InteractionOpened"}) {
			t.Errorf("wrote %v", kinds)
		}
		if got := l.effects(); !slices.Equal(got, []string{"AnswerCaller", "Play"}) {
			t.Errorf("effects %v", got)
		}
	})
}

func TestEveryAppendCanBeRepeatedWithoutBeingWrittenTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLoop(t)
		l.Post(Arrived{CallerLeg: "L", Number: parcels})
		synctest.Wait()
		l.tape.mu.Lock()
		defer l.tape.mu.Unlock()
		seen := map[string]bool{"": true}
		for _, a := range l.tape.taken {
			if seen[a.CommandID] {
				t.Errorf("command id %q is empty or stands twice", a.CommandID)
			}
			seen[a.CommandID] = true
		}
	})
}

func TestRefusedAppendIsToldToItsCallerAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLoop(t)
		synctest.Wait()
		l.tape.set(&rivage.Error{Code: rivage.Conflict, Message: "stale lease", Err: errors.New("epoch")}, false)
		l.Post(SessionOpened{Agent: "koffi", Session: "d", Place: l.State.place("lome", rivage.Attested)})
		if _, err := l.Do(t.Context(), "", SetReady{Agent: "koffi", Session: "d", Microphone: true}); rivage.CodeOf(err) != rivage.Conflict {
			t.Errorf("got %v, want the conflict", err)
		}
	})
}

// Messages that keep coming do not keep the journal down.
func TestJournalComesBackUnderTraffic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLoop(t)
		l.Post(Arrived{CallerLeg: "L", Number: parcels})
		synctest.Wait()
		l.tape.set(&rivage.Error{Code: rivage.Unavailable}, false)
		l.Post(LegEnded{Leg: "L", By: "caller", Cause: "bye"})
		synctest.Wait()
		l.tape.set(nil, false)
		for range 10 {
			time.Sleep(probeEvery / 2)
			l.Post(Digit{Leg: "nobody", Digit: '1'})
			synctest.Wait()
		}
		if l.down {
			t.Error("still down")
		}
	})
}

// What was asked before the outage and is overtaken by a hang-up during it has no effect afterwards.
func TestHangUpDuringAnOutageOverrulesWhatWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLoop(t)
		l.Post(SessionOpened{Agent: "koffi", Session: "d", Place: l.State.place("lome", rivage.Attested)})
		l.Post(SetReady{Agent: "koffi", Session: "d", Microphone: true})
		l.Post(Arrived{CallerLeg: "L", Number: health})
		synctest.Wait()
		l.Post(SessionOpened{Agent: "anne", Session: "d", Place: l.State.place("brest", rivage.Attested)})
		l.Post(SetReady{Agent: "anne", Session: "d", Microphone: true})
		l.play("L")
		synctest.Wait()
		c := l.State.legs["L"]
		l.Post(LegAnswered{Leg: c.offer.leg})
		l.play("L")
		synctest.Wait()
		l.effects()
		l.tape.set(&rivage.Error{Code: rivage.Unavailable}, false)
		l.Post(Accept{Agent: "anne", Offer: c.offer.id})
		synctest.Wait()
		l.Post(LegEnded{Leg: "L", By: "caller", Cause: "bye"})
		synctest.Wait()
		l.tape.set(nil, false)
		time.Sleep(2 * probeEvery)
		synctest.Wait()
		if got := l.effects(); slices.Contains(got, "Bridge") {
			t.Errorf("bridged after the hang-up: %v", got)
		}
	})
}
