// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"bytes"
	"testing"
	"time"

	"rivage.example/rivage/wire/rtp"
	"rivage.example/rivage/wire/sdp"
)

type played struct {
	frames   int
	complete bool
}

func result(t *testing.T, c chan played) played {
	t.Helper()
	select {
	case p := <-c:
		return p
	case <-time.After(5 * time.Second):
		t.Fatal("the source never ended")
		return played{}
	}
}

func TestPlaySendsEveryFrameAndSaysSoOnce(t *testing.T) {
	e := engine(t, 1)
	p := newPhone(t, "127.0.0.1")
	g := p.leg(e, LegConf{})
	want := rtp.Tone(210*time.Millisecond, -10, 400) // the last frame is half full
	done := make(chan played, 8)
	g.Play(Source(want), PlayOpts{}, func(n int, c bool) { done <- played{n, c} })
	got := p.listen(11 * rtp.FrameSize)
	if !bytes.Equal(got[:len(want)], want) {
		t.Error("what was heard is not what was played")
	}
	if r := result(t, done); r != (played{11, true}) {
		t.Errorf("got %+v, want 11 frames, complete", r)
	}
	g.Stop()
	g.Close()
	e.Close()
	if len(done) != 0 {
		t.Error("the end was told again")
	}
}

func TestAnEndedSourceIsNotComplete(t *testing.T) {
	long := Source(rtp.Tone(time.Minute, -10, 400))
	cases := map[string]func(g *Leg){
		"stopped":       func(g *Leg) { g.Stop() },
		"replaced":      func(g *Leg) { g.Play(long, PlayOpts{}, nil) },
		"closed":        func(g *Leg) { g.Close() },
		"engine closed": func(g *Leg) { g.eng.Close() },
	}
	for name, end := range cases {
		t.Run(name, func(t *testing.T) {
			e := engine(t, 1)
			p := newPhone(t, "127.0.0.1")
			g := p.leg(e, LegConf{})
			done := make(chan played, 1)
			g.Play(long, PlayOpts{}, func(n int, c bool) { done <- played{n, c} })
			p.listen(2 * rtp.FrameSize)
			end(g)
			if r := result(t, done); r.complete || r.frames < 2 {
				t.Errorf("got %+v, want some frames, not complete", r)
			}
		})
	}
	e := engine(t, 1)
	done := make(chan played, 1)
	g := newPhone(t, "127.0.0.1").leg(e, LegConf{})
	g.Play(nil, PlayOpts{}, func(n int, c bool) { done <- played{n, c} })
	if r := result(t, done); r != (played{}) {
		t.Errorf("an empty source: got %+v, want nothing played", r)
	}
}

func TestASentenceWaitsWhileThePartyIsOnHold(t *testing.T) {
	e := engine(t, 1)
	p := newPhone(t, "127.0.0.1")
	g := p.leg(e, LegConf{})
	held, plan := p.plan(), p.plan()
	held.Dir = sdp.Inactive
	if err := g.Apply(held); err != nil {
		t.Fatal(err)
	}
	done := make(chan played, 1)
	g.Play(Source(rtp.Tone(200*time.Millisecond, -10, 400)), PlayOpts{}, func(n int, c bool) { done <- played{n, c} })
	turns := func() (n uint64) {
		if err := g.verb(func() { n = g.turns }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	start := turns()
	eventually(t, "twelve turns of the wheel", func() bool { return turns() > start+12 })
	if len(done) != 0 || g.Quality().Out > 2 { // at most the silence before the hold
		t.Fatal("the sentence was played to a party on hold")
	}
	if err := g.Apply(plan); err != nil {
		t.Fatal(err)
	}
	if r := result(t, done); r != (played{10, true}) {
		t.Errorf("got %+v, want 10 frames, complete", r)
	}
}

func TestALoopedSourceIsCompleteAfterOneRound(t *testing.T) {
	e := engine(t, 1)
	p := newPhone(t, "127.0.0.1")
	g := p.leg(e, LegConf{})
	done := make(chan played, 1)
	g.Play(Source(rtp.Tone(40*time.Millisecond, -10, 400)), PlayOpts{Loop: true}, func(n int, c bool) { done <- played{n, c} })
	p.listen(5 * rtp.FrameSize)
	g.Stop()
	if r := result(t, done); !r.complete || r.frames < 5 {
		t.Errorf("got %+v, want complete after five frames or more", r)
	}
}
