// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"rivage.example/rivage/wire/rtp"
	"rivage.example/rivage/wire/sdp"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

func engine(t testing.TB, loops int) *Engine {
	t.Helper()
	e, err := New(Config{Loops: loops})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// phone is a peer with a real socket.
type phone struct {
	t    testing.TB
	conn *net.UDPConn
	to   netip.AddrPort
	h    rtp.Header
}

func newPhone(t testing.TB, at string) *phone {
	t.Helper()
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort(at+":0")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &phone{t: t, conn: conn, h: rtp.Header{PT: sdp.PCMA, Seq: 1000, TS: 5000, SSRC: 77}}
}

func (p *phone) addr() netip.AddrPort { return p.conn.LocalAddr().(*net.UDPAddr).AddrPort() }

// plan is what a leg agreed with this phone: A-law, events as 101.
func (p *phone) plan() sdp.Plan {
	a := p.addr()
	return sdp.Plan{
		PT: map[uint8]uint8{8: sdp.PCMA, 101: sdp.Event}, AudioOut: 8, EventIn: 101, EventOut: 101,
		RTP: a, RTCP: netip.AddrPortFrom(a.Addr(), a.Port()+1),
	}
}

// leg opens a leg that talks to this phone.
func (p *phone) leg(e *Engine, conf LegConf) *Leg {
	p.t.Helper()
	conf.Networks = loopback
	g, err := e.NewLeg(conf)
	if err != nil {
		p.t.Fatal(err)
	}
	p.to = g.LocalAddr()
	if err := g.Apply(p.plan()); err != nil {
		p.t.Fatal(err)
	}
	return g
}

// raw sends one packet as the header says.
func (p *phone) raw(payload []byte) {
	p.t.Helper()
	b := make([]byte, rtp.HeaderLen, rtp.HeaderLen+len(payload))
	p.h.Put(b)
	if _, err := p.conn.WriteToUDPAddrPort(append(b, payload...), p.to); err != nil {
		p.t.Fatal(err)
	}
}

// say sends audio as 20 ms packets, unpaced.
func (p *phone) say(audio []byte) {
	p.t.Helper()
	for ; len(audio) >= rtp.FrameSize; audio = audio[rtp.FrameSize:] {
		p.raw(audio[:rtp.FrameSize])
		p.h.Seq++
		p.h.TS += rtp.FrameSize
	}
}

// press sends a key as a phone does: updates, then the end three times.
func (p *phone) press(key byte) {
	w, _ := rtp.NewEventWriter(key)
	audio := p.h.PT
	p.h.PT = 101
	for more := true; more; {
		var e rtp.Event
		var send bool
		if e, _, send, more = w.Next(); send {
			var b [rtp.EventLen]byte
			e.Put(b[:])
			p.raw(b[:])
			p.h.Seq++
		}
	}
	p.h.PT = audio
	p.h.TS += 2000
}

// heard is one packet as a phone receives it.
type heard struct {
	rtp.Header
	payload []byte
}

func (p *phone) next() heard {
	p.t.Helper()
	b := make([]byte, 2048)
	if err := p.conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		p.t.Fatal(err)
	}
	n, err := p.conn.Read(b)
	if err != nil {
		p.t.Fatal("the phone hears nothing: ", err)
	}
	v, err := rtp.View(b[:n])
	if err != nil {
		p.t.Fatal(err)
	}
	return heard{rtp.Header{Marker: v.Marker(), PT: v.PT(), Seq: v.Seq(), TS: v.TS(), SSRC: v.SSRC()}, v.Payload()}
}

// listen collects n bytes of audio that is not silence.
func (p *phone) listen(n int) []byte {
	p.t.Helper()
	var out []byte
	for len(out) < n {
		if h := p.next(); h.PT == p.h.PT && !silent(h.payload) {
			out = append(out, h.payload...)
		}
	}
	return out
}

func silent(b []byte) bool {
	for _, v := range b {
		if v&0x7f != rtp.ALawSilence&0x7f && v&0x7f != 0x7f { // the zeros of A-law and of µ-law
			return false
		}
	}
	return true
}

// eventually polls until ok, and fails the test after five seconds.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	end := time.After(5 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal("not seen in time: ", what)
		}
	}
}
