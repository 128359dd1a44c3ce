// SPDX-License-Identifier: EUPL-1.2

package webrtc

import (
	"context"
	"math/rand/v2"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	pion "github.com/pion/webrtc/v4"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/voice/media"
	"rivage.example/rivage/wire/rtp"
	"rivage.example/rivage/wire/sdp"
)

func tone(hz float64) []byte { return rtp.Tone(time.Second, -10, hz) }

// passing waits until a leg could have sent five frames.
func passing(t *testing.T, e *media.Engine) {
	t.Helper()
	from := e.Now()
	eventually(t, "100 ms on the engine's clock", func() bool { return e.Now()-from > rtp.Rate/10 })
}

func TestABrowserHearsAndIsHeard(t *testing.T) {
	for _, c := range []struct {
		name string
		look look
		pt   uint8
	}{{"A-law", look{}, 8}, {"µ-law only", look{muLaw: true}, 0}} {
		t.Run(c.name, func(t *testing.T) {
			g := gateway(t, Config{})
			b, leg := call(t, g, c.look, Events{})
			var kept []byte
			r := g.conf.Engine.NewRecorder(func(chunk []byte, _ int) error { kept = append(kept, chunk...); return nil }, nil)
			if err := leg.Tap(media.In, r.Agent); err != nil {
				t.Fatal(err)
			}
			b.say(c.pt, tone(440)[:5*rtp.FrameSize])
			eventually(t, "five packets at the leg", func() bool { return leg.Stats().In >= 5 })
			passing(t, g.conf.Engine) // they came ahead of the clock
			if got := voice(t, r.Stop, &kept); len(got) < 4*rtp.FrameSize || rtp.Presence(got, 440) < 0.9 {
				t.Errorf("440 Hz of the browser: presence %v in %d samples", rtp.Presence(got, 440), len(got))
			}
			if leg.Stats().Unknown == 0 {
				t.Error("a packet of unknown type was not counted")
			}
			leg.Play(tone(1000), media.PlayOpts{}, nil)
			audio := b.audio(c.pt, 45*rtp.FrameSize)
			if c.pt == 0 {
				for i, v := range audio {
					audio[i] = rtp.MuToA[v]
				}
			}
			if got := rtp.Presence(audio, 1000); got < 0.9 {
				t.Errorf("1000 Hz at the browser: presence %v", got)
			}
		})
	}
}

func TestWhatIsPlayedBeforeTheConnectionIsHeardWhole(t *testing.T) {
	g, b := gateway(t, Config{}), newBrowser(t, look{})
	leg, answer, err := g.Answer(t.Context(), b.offer(), Events{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(leg.Close)
	frames := make(chan int, 1)
	leg.Play(tone(700)[:20*rtp.FrameSize], media.PlayOpts{}, func(n int, complete bool) {
		if !complete {
			n = -1
		}
		frames <- n
	})
	passing(t, g.conf.Engine)
	b.accept(answer)
	b.audio(8, 20*rtp.FrameSize)
	if got := receive(t, "the end of the sentence", frames); got != 20 {
		t.Errorf("frames told as played: got %d, want 20", got)
	}
}

func TestDigitsPassBothWaysOnceEach(t *testing.T) {
	const keys = "0159*#D"
	typed := make(chan byte, 64)
	b, leg := call(t, gateway(t, Config{}), look{}, Events{OnDigit: func(d byte) { typed <- d }})
	b.press(keys)
	if err := leg.SendDigits(keys); err != nil {
		t.Fatal(err)
	}
	var reader rtp.EventReader
	var atBrowser, atLeg []byte
	for range manyPackets {
		if len(atBrowser) == len(keys) {
			break
		}
		if h := b.next(); h.PT == 126 {
			e, err := rtp.ParseEvent(h.payload)
			if err != nil {
				t.Fatal(err)
			}
			if k, ok := reader.Take(h.SSRC, h.TS, e); ok {
				atBrowser = append(atBrowser, k)
			}
		}
	}
	before := leg.Quality().In
	b.say(8, tone(440)[:rtp.FrameSize])
	eventually(t, "the audio after the keys", func() bool { return leg.Quality().In > before })
	for len(atLeg) < len(keys) {
		atLeg = append(atLeg, receive(t, "a key at the leg", typed))
	}
	if string(atBrowser) != keys || string(atLeg) != keys || len(typed) != 0 {
		t.Errorf("got %q at the browser, %q at the leg and %d more, want %q", atBrowser, atLeg, len(typed), keys)
	}
}

func TestABrowserTalksWithAPhone(t *testing.T) {
	g := gateway(t, Config{})
	b, leg := call(t, g, look{}, Events{})
	phone, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(here))
	if err != nil {
		t.Fatal(err)
	}
	defer phone.Close()
	other, err := g.conf.Engine.NewLeg(media.LegConf{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	at := phone.LocalAddr().(*net.UDPAddr).AddrPort()
	if err := other.Apply(sdp.Plan{PT: map[uint8]uint8{8: sdp.PCMA, 101: sdp.Event}, AudioOut: 8, EventIn: 101, EventOut: 101, RTP: at, RTCP: at}); err != nil {
		t.Fatal(err)
	}
	if err := g.conf.Engine.Bridge(leg.Leg, other); err != nil {
		t.Fatal(err)
	}
	voice := tone(440)
	for i := range 50 {
		pkt := make([]byte, rtp.HeaderLen, rtp.HeaderLen+rtp.FrameSize)
		rtp.Header{PT: 8, Seq: uint16(i), TS: uint32(i * rtp.FrameSize), SSRC: 5}.Put(pkt)
		if _, err := phone.WriteToUDPAddrPort(append(pkt, voice[i*rtp.FrameSize:][:rtp.FrameSize]...), other.LocalAddr()); err != nil {
			t.Fatal(err)
		}
	}
	if got := rtp.Presence(b.audio(8, 40*rtp.FrameSize), 440); got < 0.9 {
		t.Errorf("the phone's 440 Hz at the browser: presence %v", got)
	}
	b.say(8, tone(1000)[:40*rtp.FrameSize])
	b.press("7")
	var audio []byte
	key := false
	buf := make([]byte, 1500)
	for len(audio) < 35*rtp.FrameSize || !key {
		if err := phone.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, err := phone.Read(buf)
		if err != nil {
			t.Fatalf("the phone heard %d bytes, key %v: %v", len(audio), key, err)
		}
		v, err := rtp.View(buf[:n])
		if err != nil {
			t.Fatal(err)
		}
		key = key || v.PT() == 101 && v.Payload()[0] == 7 // 126 at the browser
		if v.PT() == 8 && !quiet(v.Payload()) {
			audio = append(audio, v.Payload()...)
		}
	}
	if got := rtp.Presence(audio, 1000); got < 0.9 {
		t.Errorf("the browser's 1000 Hz at the phone: presence %v", got)
	}
}

func TestAListenerWithoutMicrophoneHears(t *testing.T) {
	b, leg := call(t, gateway(t, Config{}), look{listener: true}, Events{})
	leg.Play(tone(600), media.PlayOpts{}, nil)
	if got := rtp.Presence(b.audio(8, 20*rtp.FrameSize), 600); got < 0.9 {
		t.Errorf("presence %v", got)
	}
}

func TestAnUnspecifiedAddressIsEachOfTheHost(t *testing.T) {
	free, err := net.ListenUDP("udp4", &net.UDPAddr{})
	if err != nil {
		t.Fatal(err)
	}
	port := free.LocalAddr().(*net.UDPAddr).AddrPort().Port()
	free.Close()
	g := gateway(t, Config{Listen: netip.AddrPortFrom(netip.IPv4Unspecified(), port), Loopback: true})
	b, leg := call(t, g, look{}, Events{})
	leg.Play(tone(600), media.PlayOpts{}, nil)
	if got := rtp.Presence(b.audio(8, 20*rtp.FrameSize), 600); got < 0.9 {
		t.Errorf("presence %v", got)
	}
}

func TestThirtyBrowsersShareOnePortThroughGarbage(t *testing.T) {
	g := gateway(t, Config{})
	stranger, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(here))
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	garbage := func(r *rand.Rand) {
		b := make([]byte, r.IntN(1400))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		if len(b) > 8 {
			copy(b, [][]byte{{0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42}, {22, 0xfe, 0xff}, {0x80, 8}, {0x80, 200}}[r.IntN(4)])
		}
		if _, err := stranger.WriteToUDPAddrPort(b, g.Addr()); err != nil {
			t.Error(err)
		}
	}
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(i)))
			for range 50 {
				garbage(r)
			}
			b := newBrowser(t, look{})
			up := make(chan struct{})
			leg, answer, err := g.Answer(t.Context(), b.offer(), Events{OnConnected: func() { close(up) }})
			if err != nil {
				t.Error(err)
				return
			}
			b.accept(answer)
			if !strings.Contains(answer, " "+g.Addr().String()[len("127.0.0.1:"):]+" typ host") {
				t.Errorf("answer names another port than %v", g.Addr())
			}
			select {
			case <-up:
			case <-time.After(15 * time.Second):
				t.Errorf("browser %d does not connect", i)
				return
			}
			hz := 300 + 50*float64(i)
			leg.Play(rtp.Tone(time.Second, -10, hz), media.PlayOpts{}, nil)
			var audio []byte
			for len(audio) < 10*rtp.FrameSize {
				select {
				case h := <-b.got:
					if !quiet(h.payload) {
						audio = append(audio, h.payload...)
					}
				case <-time.After(8 * time.Second):
					t.Errorf("browser %d hears nothing", i)
					return
				}
			}
			if rtp.Presence(audio, hz) < 0.9 {
				t.Errorf("browser %d hears another's tone", i)
			}
		})
	}
	all.Wait()
	if got := g.Legs(); got != 30 {
		t.Errorf("got %d legs, want 30", got)
	}
}

func TestCloseEndsAllGoroutinesOfALeg(t *testing.T) {
	g := gateway(t, Config{})
	before := runtime.NumGoroutine()
	for range 3 {
		b, leg := call(t, g, look{}, Events{})
		left := make(chan struct{})
		b.pc.OnConnectionStateChange(func(s pion.PeerConnectionState) {
			if s == pion.PeerConnectionStateClosed {
				close(left)
			}
		})
		leg.Close()
		leg.Close()
		soon(t, "the end, at the browser", left)
		if got := leg.Stats().State; got != Closed {
			t.Errorf("state: got %v, want closed", got)
		}
		b.pc.GracefulClose()
		b.sock.Close()
	}
	eventually(t, "the end of the goroutines", func() bool { return runtime.NumGoroutine() <= before })
	if got := g.Legs(); got != 0 {
		t.Errorf("got %d legs, want 0", got)
	}
}

func TestALostBrowserIsToldOnce(t *testing.T) {
	for _, c := range []struct {
		name, want string
		leave      func(*browser)
	}{
		{"its network is gone", "ice", func(b *browser) { b.sock.Close() }},
		{"its page is closed", "closed", func(b *browser) { b.pc.Close() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			why := make(chan string, 4)
			g := gateway(t, Config{LostAfter: 300 * time.Millisecond})
			b, leg := call(t, g, look{}, Events{OnLost: func(r string) { why <- r }})
			c.leave(b)
			if got := receive(t, "the loss", why); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := leg.Stats().State; got != Lost {
				t.Errorf("state: got %v, want lost", got)
			}
			played := make(chan int, 1)
			leg.Play(tone(440), media.PlayOpts{}, func(n int, _ bool) { played <- n })
			passing(t, g.conf.Engine)
			leg.Close()
			if got := receive(t, "the end of what was played", played); got != 0 {
				t.Errorf("%d frames told as heard by a browser that is gone", got)
			}
			if len(why) != 0 {
				t.Error("told twice")
			}
		})
	}
}

func TestABrowserThatNeverComesIsLost(t *testing.T) {
	why := make(chan string, 1)
	g, b := gateway(t, Config{SetUp: 200 * time.Millisecond}), newBrowser(t, look{})
	leg, _, err := g.Answer(t.Context(), b.offer(), Events{OnLost: func(r string) { why <- r }})
	if err != nil {
		t.Fatal(err)
	}
	defer leg.Close()
	if got := receive(t, "the loss", why); got != "ice" {
		t.Errorf("got %q, want ice", got)
	}
}

func TestALegMayBeClosedFromItsEvents(t *testing.T) {
	g := gateway(t, Config{})
	b := newBrowser(t, look{})
	self, done := make(chan *Leg, 1), make(chan struct{})
	leg, answer, err := g.Answer(t.Context(), b.offer(), Events{
		OnConnected: func() { (<-self).Close(); close(done) },
		OnLost:      func(string) { t.Error("a closed leg was lost") },
	})
	if err != nil {
		t.Fatal(err)
	}
	self <- leg
	b.accept(answer)
	soon(t, "the end of Close", done)
}

func TestLegsAreBounded(t *testing.T) {
	g := gateway(t, Config{MaxLegs: 1})
	b := newBrowser(t, look{})
	offer := b.offer()
	leg, _, err := g.Answer(t.Context(), offer, Events{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := g.Answer(t.Context(), offer, Events{}); rivage.CodeOf(err) != rivage.Busy {
		t.Errorf("second leg: got %v, want busy", err)
	}
	leg.Close()
	ctx, cancel := context.WithCancel(t.Context())
	again, _, err := g.Answer(ctx, offer, Events{})
	if err != nil {
		t.Errorf("after Close: %v", err)
	} else {
		again.Close()
	}
	cancel()
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := g.Answer(t.Context(), offer, Events{}); rivage.CodeOf(err) != rivage.Unavailable {
		t.Errorf("closed gateway: got %v, want unavailable", err)
	}
}
