// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"rivage.example/rivage/wire/rtp"
	"rivage.example/rivage/wire/sdp"
)

// frame is what one packet carries.
const frame = 20 * time.Millisecond

// maxHeard bounds what an ear keeps: ten minutes.
const maxHeard = 10 * 60 * rtp.Rate

// sound is one party's mouth and ear: it says a tone, and keeps all it hears in the sender's time.
type sound struct {
	caps sdp.Caps
	conn *net.UDPConn
	rtcp *net.UDPConn // bound so that nobody else hears the reports
	work sync.WaitGroup
	stop chan struct{}
	keys chan byte

	mu     sync.Mutex // guards what follows
	plan   *sdp.Plan
	says   []byte // A-law, said again and again
	muted  bool   // nothing at all is sent
	heard  []byte // A-law, 8 000 bytes a second
	ssrc   uint32
	origin uint32 // timestamp of heard[0]
	began  bool
	took   int // packets
}

// newSound binds a pair of ports and is silent until it is told where to.
func newSound(t testing.TB, at netip.Addr, hz float64) *sound {
	t.Helper()
	s := &sound{stop: make(chan struct{}), keys: make(chan byte, 4), says: rtp.Tone(time.Second, loudness, hz)}
	if hz == 0 {
		s.says = rtp.Silence(time.Second)
	}
	for range 100 {
		var err error
		if s.conn, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(at, 0))); err != nil {
			t.Fatal(err)
		}
		port := s.conn.LocalAddr().(*net.UDPAddr).AddrPort().Port()
		s.rtcp, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(at, port+1)))
		if port%2 == 0 && err == nil {
			s.caps = sdp.Caps{Addr: at, Port: port, Session: rand.Uint64() >> 1, Audio: []uint8{sdp.PCMA}}
			s.work.Go(s.listen)
			s.work.Go(s.speak)
			return s
		}
		if err == nil {
			s.rtcp.Close() //nolint:errcheck // nothing was sent
		}
		s.conn.Close() //nolint:errcheck // as above
	}
	t.Fatal("no pair of ports is free")
	return nil
}

func (s *sound) close() {
	close(s.stop)
	s.conn.Close() //nolint:errcheck // which ends the reader
	s.rtcp.Close() //nolint:errcheck // as above
	s.work.Wait()
}

// say changes the tone that is said.
func (s *sound) say(hz float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.says = rtp.Tone(time.Second, loudness, hz)
}

// mute sends nothing at all, or speaks again.
func (s *sound) mute(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.muted = on
}

// follow says where to speak, nil to nobody.
func (s *sound) follow(p *sdp.Plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plan = p
}

// forget drops what was heard: a new call begins.
func (s *sound) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard, s.began = nil, false
}

func (s *sound) listen() {
	b := make([]byte, rtp.MaxPacket)
	for {
		n, _, err := s.conn.ReadFromUDPAddrPort(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if p, bad := rtp.View(b[:n]); err == nil && bad == nil && p.PT() == sdp.PCMA {
			s.keep(p)
		}
	}
}

// keep puts a packet in its place; what never came is silence.
func (s *sound) keep(p rtp.Packet) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.took++
	if !s.began || p.SSRC() != s.ssrc {
		s.began, s.ssrc, s.origin = true, p.SSRC(), p.TS()-uint32(len(s.heard))
	}
	at := int(int32(p.TS() - s.origin))
	end := at + len(p.Payload())
	if at < 0 || end > maxHeard {
		return
	}
	for len(s.heard) < end {
		s.heard = append(s.heard, rtp.ALawSilence)
	}
	copy(s.heard[at:], p.Payload())
}

// speak sends a frame each 20 ms.
func (s *sound) speak() {
	tick := time.NewTicker(frame)
	defer tick.Stop()
	h := rtp.Header{Seq: uint16(rand.Uint32()), TS: rand.Uint32(), SSRC: rand.Uint32()}
	var key rtp.EventWriter
	var pressed bool
	var keyTS uint32
	packet := make([]byte, rtp.HeaderLen+rtp.FrameSize)
	for n := 0; ; n++ {
		select {
		case <-s.stop:
			return
		case <-tick.C:
		}
		s.mu.Lock()
		plan, says, muted := s.plan, s.says, s.muted
		s.mu.Unlock()
		h.TS += rtp.FrameSize
		if plan == nil || muted || !plan.RTP.IsValid() {
			continue
		}
		at := n * rtp.FrameSize % len(says)
		body := packet[rtp.HeaderLen : rtp.HeaderLen+copy(packet[rtp.HeaderLen:], says[at:at+rtp.FrameSize])]
		now := h
		now.PT = plan.AudioOut
		select {
		case k := <-s.keys:
			key, pressed = rtp.NewEventWriter(k)
			keyTS = h.TS
		default:
		}
		if pressed {
			e, first, send, more := key.Next()
			pressed = more
			if send {
				body = body[:rtp.EventLen]
				e.Put(body)
				now.PT, now.Marker, now.TS = plan.EventOut, first, keyTS
			}
		}
		now.Put(packet)
		h.Seq++
		_, _ = s.conn.WriteToUDPAddrPort(packet[:rtp.HeaderLen+len(body)], plan.RTP) // the call may just be over
	}
}

// length is how much was heard, in bytes.
func (s *sound) length() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.heard)
}

// since is what was heard from a length on.
func (s *sound) since(from int) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]byte(nil), s.heard[min(from, len(s.heard)):]...)
}

// hears waits until a tone alone was heard for half a second, from now on.
func (s *sound) hears(t testing.TB, what string, hz float64) {
	t.Helper()
	from := s.length()
	until(t, what, func() bool {
		from = max(from, s.length()-3*rtp.Rate)
		for _, r := range runs(s.since(from)) {
			if r.hz == hz && r.lasts >= 500*time.Millisecond {
				return true
			}
		}
		return false
	})
}

// run is a tone, 0 for silence, that was heard for some time without another.
type run struct {
	hz    float64
	lasts time.Duration
}

// known are the tones that these tests tell apart.
var known = []float64{
	toneGreeting, toneNotice, toneChoice, tonePosition, toneSentence, toneEnd, toneDeclared, toneMusic, toneCaller, toneAgent,
	toneLast, toneAside,
}

// block is the shortest sound that is judged.
const (
	block     = 50 * time.Millisecond
	blockSize = int(block * rtp.Rate / time.Second)
)

// runs tells by Goertzel's filter what was heard, in order. What lasted less than two blocks is a transition.
func runs(alaw []byte) []run {
	var raw, out []run
	for ; len(alaw) >= blockSize; alaw = alaw[blockSize:] {
		hz := toneOf(alaw[:blockSize])
		if n := len(raw); n > 0 && raw[n-1].hz == hz {
			raw[n-1].lasts += block
		} else {
			raw = append(raw, run{hz, block})
		}
	}
	for _, r := range raw {
		switch n := len(out); {
		case r.hz < 0 || r.lasts < 2*block:
		case n > 0 && out[n-1].hz == r.hz:
			out[n-1].lasts += r.lasts
		default:
			out = append(out, r)
		}
	}
	return out
}

// toneOf is the tone of a block, 0 for silence, −1 for anything else.
func toneOf(alaw []byte) float64 {
	for _, hz := range known {
		if rtp.Presence(alaw, hz) == 1 {
			return hz
		}
	}
	for _, b := range alaw {
		if s := rtp.DecodeALaw(b); s > 100 || s < -100 {
			return -1
		}
	}
	return 0
}
