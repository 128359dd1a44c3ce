// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"sync/atomic"
	"testing"
	"time"

	"rivage.example/rivage/wire/rtp"
	"rivage.example/rivage/wire/sdp"
)

// wire is an external connection that carries what one leg sends to another.
type wire struct {
	ready atomic.Bool
	to    *Leg // set before ready
	got   chan heard
}

func (w *wire) WriteRTP(b []byte) {
	if w.ready.Load() {
		w.to.Feed(b)
	}
	if v, err := rtp.View(b); err == nil && w.got != nil {
		select {
		case w.got <- heard{rtp.Header{PT: v.PT(), SSRC: v.SSRC(), Seq: v.Seq(), TS: v.TS()}, append([]byte(nil), v.Payload()...)}:
		default:
		}
	}
}

func (w *wire) leg(t testing.TB, e *Engine, conf LegConf) *Leg {
	t.Helper()
	g, err := e.NewExternal(conf, w)
	if err != nil {
		t.Fatal(err)
	}
	plan := sdp.Plan{PT: map[uint8]uint8{8: sdp.PCMA, 126: sdp.Event}, AudioOut: 8, EventIn: 126, EventOut: 126}
	if err := g.Apply(plan); err != nil {
		t.Fatal(err)
	}
	return g
}

func TestAnExternalLegIsBridgedPlayedToAndTapped(t *testing.T) {
	e := engine(t, 2)
	phone, browser := newPhone(t, "127.0.0.1"), &wire{got: make(chan heard, 512)}
	keys := make(chan byte, 1)
	lp, lb := phone.leg(e, LegConf{}), browser.leg(t, e, LegConf{OnDigit: func(d byte) { keys <- d }})
	r := e.NewRecorder(new(split).take, nil)
	if err := lb.Tap(In, r.Agent); err != nil {
		t.Fatal(err)
	}
	listen := func(hz float64) {
		t.Helper()
		var audio []byte
		for len(audio) < 1600 {
			select {
			case h := <-browser.got:
				if h.PT == 8 && !silent(h.payload) {
					audio = append(audio, h.payload...)
				}
			case <-time.After(5 * time.Second):
				t.Fatal("the browser hears nothing")
			}
		}
		if rtp.Presence(audio, hz) < 0.9 {
			t.Errorf("the browser does not hear %v Hz", hz)
		}
	}
	lb.Play(Source(rtp.Tone(time.Second/5, -10, 1000)), PlayOpts{}, nil)
	listen(1000)
	if err := e.Bridge(lp, lb); err != nil {
		t.Fatal(err)
	}
	lb.Stop()
	phone.say(rtp.Tone(time.Second/5, -10, 400))
	listen(400)

	tone := rtp.Tone(time.Second/5, -10, 1400)
	b := make([]byte, rtp.HeaderLen+rtp.FrameSize)
	for i := range 10 {
		rtp.Header{PT: 8, Seq: uint16(i), TS: uint32(i * rtp.FrameSize), SSRC: 3}.Put(b)
		copy(b[rtp.HeaderLen:], tone[i*rtp.FrameSize:])
		if !lb.Feed(b) {
			t.Fatal("a packet was not taken")
		}
	}
	if got := phone.listen(1600); rtp.Presence(got, 1400) < 0.9 {
		t.Error("the phone does not hear the browser")
	}
	rtp.Header{PT: 126, Seq: 10, TS: 1600, SSRC: 3}.Put(b)
	rtp.Event{Code: 7, Duration: 160}.Put(b[rtp.HeaderLen:])
	lb.Feed(b[:rtp.HeaderLen+rtp.EventLen])
	if got := <-keys; got != '7' {
		t.Errorf("browser's key: got %c, want 7", got)
	}
	for h := phone.next(); h.PT != 101; h = phone.next() { // mapped from 126
	}
	if r.open[0].Load() == nil {
		t.Error("the browser's voice was not tapped")
	}
	if lb.Feed(make([]byte, slotSize+1)) || lp.Feed(b) {
		t.Error("a packet too long, or for a UDP leg, was taken")
	}
	lb.Close()
}
