// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"rivage.example/rivage/wire/rtp"
	"rivage.example/rivage/wire/sdp"
)

func TestBridgeCarriesEachVoiceToTheOther(t *testing.T) {
	for _, loops := range []int{1, 2} {
		e := engine(t, loops)
		a, b := newPhone(t, "127.0.0.1"), newPhone(t, "127.0.0.1")
		la, lb := a.leg(e, LegConf{}), b.leg(e, LegConf{})
		if err := e.Bridge(la, lb); err != nil {
			t.Fatal(err)
		}
		if la.loop.Load() != lb.loop.Load() {
			t.Fatal("two loops write the outputs of one bridge")
		}
		a.say(rtp.Tone(time.Second, -10, 400))
		b.say(rtp.Tone(time.Second, -10, 1000))
		atB, atA := b.listen(rtp.Rate*9/10), a.listen(rtp.Rate*9/10)
		for _, c := range []struct {
			name      string
			audio     []byte
			hz, other float64
		}{{"b hears a", atB, 400, 1000}, {"a hears b", atA, 1000, 400}} {
			if got := rtp.Presence(c.audio, c.hz); got < 0.9 {
				t.Errorf("%d loops, %s: tone in %.2f of the blocks", loops, c.name, got)
			}
			if got := rtp.Presence(c.audio, c.other); got > 0 {
				t.Errorf("%d loops, %s: own voice in %.2f of the blocks", loops, c.name, got)
			}
		}
	}
}

func TestBridgeTurnsMuLawIntoALawAndBack(t *testing.T) {
	e := engine(t, 1)
	a, b := newPhone(t, "127.0.0.1"), newPhone(t, "127.0.0.1")
	la, lb := a.leg(e, LegConf{}), b.leg(e, LegConf{})
	b.h.PT = sdp.PCMU
	plan := b.plan()
	plan.PT, plan.AudioOut, plan.MuLaw = map[uint8]uint8{0: sdp.PCMU}, 0, true
	if err := errors.Join(lb.Apply(plan), e.Bridge(la, lb)); err != nil {
		t.Fatal(err)
	}
	tone := rtp.Tone(time.Second/2, -10, 400)
	mu := make([]byte, len(tone))
	for i, v := range tone {
		mu[i] = rtp.AToMu[v]
	}
	a.say(tone)
	b.say(mu)
	want := make([]byte, len(mu))
	for i, v := range mu {
		want[i] = rtp.MuToA[v]
	}
	if got := a.listen(len(want)); !bytes.Equal(got, want) { // byte for byte: a wrong law still hums at 400 Hz
		t.Error("µ-law does not arrive as A-law")
	}
	if got := b.listen(len(mu)); !bytes.Equal(got, mu) {
		t.Error("A-law does not arrive as µ-law")
	}
}

func TestBridgeIsOneToOne(t *testing.T) {
	e := engine(t, 1)
	p := newPhone(t, "127.0.0.1")
	a, b, c := p.leg(e, LegConf{}), p.leg(e, LegConf{}), p.leg(e, LegConf{})
	if err := errors.Join(e.Bridge(a, b), e.Bridge(b, a)); err != nil {
		t.Errorf("same bridge again: got %v, want nil", err)
	}
	if err := e.Bridge(a, c); !errors.Is(err, ErrBridged) {
		t.Errorf("third leg: got %v, want ErrBridged", err)
	}
	b.Close()
	if err := e.Bridge(a, c); err != nil {
		t.Errorf("after the peer closed: got %v, want nil", err)
	}
	if err := e.Bridge(a, a); err == nil {
		t.Error("a leg was bridged to itself")
	}
}

func TestMuteIsSilenceForThePeerOnly(t *testing.T) {
	e := engine(t, 1)
	a, b := newPhone(t, "127.0.0.1"), newPhone(t, "127.0.0.1")
	la, lb := a.leg(e, LegConf{}), b.leg(e, LegConf{})
	if err := e.Bridge(la, lb); err != nil {
		t.Fatal(err)
	}
	la.Mute(true)
	r := e.NewRecorder(new(split).take, nil)
	if err := la.Tap(In, r.Caller); err != nil {
		t.Fatal(err)
	}
	a.say(rtp.Tone(time.Second/5, -10, 400))
	eventually(t, "tapped speech", func() bool { return r.open[0].Load() != nil })
	for range 5 {
		if h := b.next(); !silent(h.payload) {
			t.Fatal("a muted party is heard")
		}
	}
}

func TestAPartyHearsSilenceWhileItsPeerIsOnHold(t *testing.T) {
	e := engine(t, 1)
	a, b := newPhone(t, "127.0.0.1"), newPhone(t, "127.0.0.1")
	la, lb := a.leg(e, LegConf{}), b.leg(e, LegConf{})
	plan := a.plan()
	plan.Dir = sdp.SendOnly // we hold a: it is not to be heard
	if err := errors.Join(e.Bridge(la, lb), la.Apply(plan)); err != nil {
		t.Fatal(err)
	}
	a.say(rtp.Tone(time.Second/10, -10, 400))
	for range 10 {
		if h := b.next(); !silent(h.payload) {
			t.Fatal("a held party is heard")
		}
	}
}

// line checks that what a phone hears is one stream.
type line struct {
	t    *testing.T
	p    *phone
	last *heard
}

func (l *line) until(what string, ok func(heard) bool) heard {
	l.t.Helper()
	for range 500 {
		h := l.p.next()
		if l.last != nil {
			if h.SSRC != l.last.SSRC || h.Seq != l.last.Seq+1 {
				l.t.Fatalf("%s: ssrc %x seq %d after %x %d", what, h.SSRC, h.Seq, l.last.SSRC, l.last.Seq)
			}
			sameKey := h.PT == 101 && l.last.PT == 101
			if d := int32(h.TS - l.last.TS); d <= 0 && !(sameKey && d == 0) || d > 5*rtp.Rate {
				l.t.Fatalf("%s: timestamp moves by %d", what, d)
			}
		}
		l.last = &h
		if ok(h) {
			return h
		}
	}
	l.t.Fatal("never heard: ", what)
	return heard{}
}

func TestSplicesAreOneStream(t *testing.T) {
	e := engine(t, 1)
	a, b := newPhone(t, "127.0.0.1"), newPhone(t, "127.0.0.1")
	la, lb := a.leg(e, LegConf{}), b.leg(e, LegConf{})
	l := &line{t: t, p: b}
	is := func(hz float64) func(heard) bool {
		return func(h heard) bool { // 20 ms are too short for Presence: compare powers
			return h.PT == 8 && !silent(h.payload) && rtp.Goertzel(h.payload, hz) > 4*rtp.Goertzel(h.payload, 1800-hz)
		}
	}
	l.until("silence", func(h heard) bool { return silent(h.payload) })
	lb.Play(Source(rtp.Tone(time.Second/10, -10, 400)), PlayOpts{Loop: true}, nil)
	if h := l.until("music", is(400)); !h.Marker {
		t.Error("no marker on the first packet of the music")
	}
	if err := e.Bridge(la, lb); err != nil {
		t.Fatal(err)
	}
	lb.Stop()
	a.h.TS, a.h.Seq = 0xffffff00, 65530 // the incoming stream wraps on its way
	a.say(rtp.Tone(time.Second/4, -10, 1400))
	if h := l.until("the other party", is(1400)); !h.Marker {
		t.Error("no marker on the first bridged packet")
	}
	a.h.SSRC++ // the other party's phone starts anew
	a.h.TS, a.h.Seq = 7, 9
	a.say(rtp.Tone(time.Second/4, -10, 400))
	l.until("the other party again", is(400))
	a.h.TS, a.h.Seq = a.h.TS-900000, a.h.Seq+20000 // it leaps without a new source
	a.say(rtp.Tone(time.Second/4, -10, 1400))
	l.until("the other party after its leap", is(1400))
	if err := lb.SendDigits("5"); err != nil {
		t.Fatal(err)
	}
	l.until("a key", func(h heard) bool { return h.PT == 101 })
	eventually(t, "end of the key press", func() bool {
		var busy bool
		err := lb.verb(func() { busy = lb.pressing || lb.queued > 0 })
		return err == nil && !busy
	})
	a.say(rtp.Tone(time.Second/4, -10, 1400))
	l.until("the other party after the key", is(1400))
	e.Unbridge(la)
	l.until("silence again", func(h heard) bool { return silent(h.payload) })
}

func TestTimestampsCountThePauses(t *testing.T) {
	_, g := still(t)
	r := g.route.Load()
	g.speak(r, fromSilence, nil, 1000)
	ts := g.out.ts
	g.speak(r, fromPlayer, nil, 1000+rtp.FrameSize+10) // jitter of the wheel is no pause
	g.speak(r, fromPlayer, nil, 1000+rtp.FrameSize+rtp.Rate)
	if got, want := g.out.ts-ts, uint32(rtp.FrameSize+rtp.Rate-10); got != want {
		t.Errorf("got %d samples on, want %d", got, want)
	}
}

func TestAStallIsNotMadeUpInABurst(t *testing.T) {
	e, g := still(t)
	l := e.loops[0]
	if err := l.attach(g); err != nil {
		t.Fatal(err)
	}
	l.tick = 1000
	l.turn(l.tick*perMS + 40*perMS) // two or three frames late
	if got := g.out.packet; got < 2 || got > 3 {
		t.Errorf("40 ms: got %d frames, want 2 or 3", got)
	}
	l.turn(l.tick*perMS + 2000*perMS)
	if got := g.out.packet; got > 4 {
		t.Errorf("2 s: got %d frames in a burst", got)
	}
}

func TestLossStaysVisibleAndNothingElseIsLost(t *testing.T) {
	e := engine(t, 1)
	a, b := newPhone(t, "127.0.0.1"), newPhone(t, "127.0.0.1")
	la, lb := a.leg(e, LegConf{}), b.leg(e, LegConf{})
	if err := e.Bridge(la, lb); err != nil {
		t.Fatal(err)
	}
	before := lb.Quality().Out
	tone := rtp.Tone(200*time.Millisecond, -10, 400)
	a.say(tone)
	a.h.Seq, a.h.TS = a.h.Seq+2, a.h.TS+2*rtp.FrameSize // two packets lost on their way to us
	a.say(tone)
	var seqs []uint16 // from the first
	var first uint16
	for len(seqs) < 20 {
		if h := b.next(); !silent(h.payload) {
			if len(seqs) == 0 {
				first = h.Seq
			}
			seqs = append(seqs, h.Seq-first)
		}
	}
	if seqs[9] != 9 || seqs[10] != 12 || seqs[19] != 21 {
		t.Errorf("got numbers %v, want a hole of two after the tenth", seqs)
	}
	if in, out := la.Quality(), lb.Quality(); in.In != 20 || in.Lost != 2 || out.Out-before != 20 {
		t.Errorf("got %d in, %d lost, %d out; want 20, 2, 20", in.In, in.Lost, out.Out-before)
	}
}

func TestLatePacketsDoNotRepeatNumbersAcrossASplice(t *testing.T) {
	e := engine(t, 1)
	a, b := newPhone(t, "127.0.0.1"), newPhone(t, "127.0.0.1")
	la, lb := a.leg(e, LegConf{}), b.leg(e, LegConf{})
	if err := e.Bridge(la, lb); err != nil {
		t.Fatal(err)
	}
	tone := rtp.Tone(time.Second/50, -10, 400)
	a.say(tone)
	a.h.Seq -= 3 // overtaken: sent before the packet that began the splice
	a.say(tone)
	eventually(t, "late packet counted", func() bool { return lb.Quality().Late == 1 })
}
