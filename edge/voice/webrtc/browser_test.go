// SPDX-License-Identifier: EUPL-1.2

package webrtc

import (
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/interceptor"
	pion "github.com/pion/webrtc/v4"

	"rivage.example/rivage/edge/voice/media"
	"rivage.example/rivage/wire/rtp"
)

var here = netip.MustParseAddrPort("127.0.0.1:0")

// gateway opens a gateway and its engine on loopback.
func gateway(t testing.TB, conf Config) *Gateway {
	t.Helper()
	e, err := media.New(media.Config{Loops: 1})
	if err != nil {
		t.Fatal(err)
	}
	conf.Engine = e
	if !conf.Listen.IsValid() {
		conf.Listen = here
	}
	conf.Logger = slog.New(slog.DiscardHandler)
	g, err := New(conf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// browser is the other end: codecs as Chromium lists them, and a socket that can be torn away.
type browser struct {
	t    testing.TB
	pc   *pion.PeerConnection
	sock *net.UDPConn
	mic  *track
	up   chan struct{}
	got  chan heard
	seq  uint16
	ts   uint32
}

// heard is a packet as a browser receives it.
type heard struct {
	rtp.Header
	payload []byte
}

// look says what a browser offers.
type look struct {
	muLaw    bool // no PCMA
	listener bool // no microphone
}

func browserCodecs(l look) *pion.MediaEngine {
	me := &pion.MediaEngine{}
	for _, c := range []struct {
		pt   pion.PayloadType
		name string
		rate uint32
	}{
		{111, pion.MimeTypeOpus, 48000}, {9, pion.MimeTypeG722, 8000}, {0, pion.MimeTypePCMU, 8000},
		{8, pion.MimeTypePCMA, 8000}, {110, "audio/telephone-event", 48000}, {126, "audio/telephone-event", 8000},
	} {
		if l.muLaw && c.pt == 8 {
			continue
		}
		channels := uint16(0)
		if c.pt == 111 {
			channels = 2
		}
		err := me.RegisterCodec(pion.RTPCodecParameters{PayloadType: c.pt, RTPCodecCapability: pion.RTPCodecCapability{
			MimeType: c.name, ClockRate: c.rate, Channels: channels,
		}}, pion.RTPCodecTypeAudio)
		if err != nil {
			panic(err)
		}
	}
	return me
}

func newBrowser(t testing.TB, l look) *browser {
	t.Helper()
	sock, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(here))
	if err != nil {
		t.Fatal(err)
	}
	se := pion.SettingEngine{LoggerFactory: silent()}
	se.SetIncludeLoopbackCandidate(true)
	mux := pion.NewICEUDPMux(silent().NewLogger("ice"), sock)
	se.SetICEUDPMux(mux)
	se.SetFireOnTrackBeforeFirstRTP(true)
	api := pion.NewAPI(pion.WithMediaEngine(browserCodecs(l)), pion.WithSettingEngine(se),
		pion.WithInterceptorRegistry(&interceptor.Registry{}))
	b := &browser{t: t, sock: sock, up: make(chan struct{}), got: make(chan heard, 4096), seq: 500, ts: 9000}
	b.mic = &track{bound: func() { close(b.up) }}
	if b.pc, err = api.NewPeerConnection(pion.Configuration{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.pc.GracefulClose()
		mux.Close()
	})
	b.pc.OnTrack(b.listen)
	if l.listener {
		_, err = b.pc.AddTransceiverFromKind(pion.RTPCodecTypeAudio, pion.RTPTransceiverInit{Direction: pion.RTPTransceiverDirectionRecvonly})
	} else {
		_, err = b.pc.AddTrack(b.mic)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *browser) listen(in *pion.TrackRemote, _ *pion.RTPReceiver) {
	buf := make([]byte, 1500)
	for {
		n, _, err := in.Read(buf)
		if n == 0 && err != nil {
			return
		}
		if v, err := rtp.View(buf[:n]); err == nil {
			b.got <- heard{rtp.Header{PT: v.PT(), Seq: v.Seq(), TS: v.TS(), SSRC: v.SSRC()}, append([]byte(nil), v.Payload()...)}
		}
	}
}

// offer describes the browser at once, as a page does.
func (b *browser) offer() string {
	b.t.Helper()
	o, err := b.pc.CreateOffer(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.pc.SetLocalDescription(o); err != nil {
		b.t.Fatal(err)
	}
	return o.SDP
}

// accept takes the answer.
func (b *browser) accept(answer string) {
	b.t.Helper()
	if err := b.pc.SetRemoteDescription(pion.SessionDescription{Type: pion.SDPTypeAnswer, SDP: answer}); err != nil {
		b.t.Fatal(err)
	}
}

// call connects a new browser to g and waits until both ends carry.
func call(t testing.TB, g *Gateway, l look, ev Events) (*browser, *Leg) {
	t.Helper()
	b := newBrowser(t, l)
	connected, told := make(chan struct{}), ev.OnConnected
	ev.OnConnected = func() {
		if told != nil {
			told()
		}
		close(connected)
	}
	leg, answer, err := g.Answer(t.Context(), b.offer(), ev)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(leg.Close)
	b.accept(answer)
	soon(t, "the leg's connection", connected)
	if !l.listener {
		soon(t, "the browser's connection", b.up)
		pt := uint8(8)
		if l.muLaw {
			pt = 0
		}
		eventually(t, "the browser's first packet", func() bool { // the library loses those that come too early
			b.send(1, b.ts, make([]byte, 20)) // a type nobody agreed on, first of all, makes nobody deaf
			b.say(pt, rtp.Silence(20*time.Millisecond))
			return leg.Quality().In > 0
		})
	}
	return b, leg
}

// send puts one packet of the browser on its way.
func (b *browser) send(pt uint8, ts uint32, payload []byte) {
	pkt := make([]byte, rtp.HeaderLen, rtp.HeaderLen+len(payload))
	rtp.Header{PT: pt, Seq: b.seq, TS: ts}.Put(pkt)
	b.seq++
	b.mic.WriteRTP(append(pkt, payload...))
}

// say sends audio in the law of pt, unpaced; at most 60 frames fit into the leg's ring at once.
func (b *browser) say(pt uint8, alaw []byte) {
	for ; len(alaw) >= rtp.FrameSize; alaw = alaw[rtp.FrameSize:] {
		frame := append([]byte(nil), alaw[:rtp.FrameSize]...)
		if pt == 0 {
			for i, v := range frame {
				frame[i] = rtp.AToMu[v]
			}
		}
		b.send(pt, b.ts, frame)
		b.ts += rtp.FrameSize
	}
}

// press sends keys as browsers do: each its packets, all with the timestamp of their start.
func (b *browser) press(keys string) {
	for _, k := range []byte(keys) {
		w, _ := rtp.NewEventWriter(k)
		for more := true; more; {
			var e rtp.Event
			var send bool
			if e, _, send, more = w.Next(); send {
				p := make([]byte, rtp.EventLen)
				e.Put(p)
				b.send(126, b.ts, p)
			}
		}
		b.ts += 2000
	}
}

// next is the next packet that the browser hears.
func (b *browser) next() heard {
	b.t.Helper()
	select {
	case h := <-b.got:
		return h
	case <-time.After(5 * time.Second):
		b.t.Fatal("the browser hears nothing")
	}
	panic("unreachable")
}

// manyPackets is how long a test listens through silence: 10 s.
const manyPackets = 500

// audio collects n bytes that are not silence.
func (b *browser) audio(pt uint8, n int) []byte {
	b.t.Helper()
	var out []byte
	for range manyPackets {
		if h := b.next(); h.PT == pt && !quiet(h.payload) {
			out = append(out, h.payload...)
		}
		if len(out) >= n {
			return out
		}
	}
	b.t.Fatalf("the browser hears %d bytes, want %d", len(out), n)
	return nil
}

func quiet(b []byte) bool {
	for _, v := range b {
		if v&0x7f != rtp.ALawSilence&0x7f && v&0x7f != rtp.AToMu[rtp.ALawSilence]&0x7f {
			return false
		}
	}
	return true
}

// voice is what a recording that ends now kept of its agent, without the silence before and after.
func voice(t testing.TB, stop func() error, sound *[]byte) []byte {
	t.Helper()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	var out []byte
	for i := 1; i < len(*sound); i += 2 {
		out = append(out, (*sound)[i])
	}
	for len(out) > 0 && quiet(out[:1]) {
		out = out[1:]
	}
	for len(out) > 0 && quiet(out[len(out)-1:]) {
		out = out[:len(out)-1]
	}
	return out
}

func soon(t testing.TB, what string, c <-chan struct{}) {
	t.Helper()
	receive(t, what, c)
}

func receive[T any](t testing.TB, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(8 * time.Second):
		t.Fatal("not seen in time: ", what)
	}
	return v
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	end := time.After(8 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal("not seen in time: ", what)
		}
	}
}
