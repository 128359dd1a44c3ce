// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rivage.example/rivage/wire/rtp"
	"rivage.example/rivage/wire/sdp"
)

// still is an engine whose loop does not run, so that a test can call its parts, with one leg that has latched on a
// phone.
func still(t testing.TB) (*Engine, *Leg) {
	t.Helper()
	e, err := build(Config{Loops: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.loops[0].poll.close)
	return e, stillLeg(t, e)
}

func stillLeg(t testing.TB, e *Engine) *Leg {
	t.Helper()
	p := newPhone(t, "127.0.0.1")
	port, fd, rtcp, err := e.ports.open(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	g := e.newLeg(LegConf{Networks: loopback})
	g.fd, g.rtcpFD, g.local = fd, rtcp, netip.AddrPortFrom(e.conf.Listen, port)
	g.loop.Store(e.loops[0])
	g.reroute(func(r *route) { r.plan(p.plan()) })
	g.settle(g.route.Load(), p.addr(), 0)
	if !g.connected {
		t.Fatal("not connected")
	}
	t.Cleanup(func() { g.shut(0) })
	return g
}

func TestThePacketPathAllocatesNothing(t *testing.T) {
	e, a := still(t)
	b := stillLeg(t, e)
	seconds := 0
	rec, clock := recording(func([]byte, int) error { seconds++; return nil })
	a.reroute(func(r *route) { r.peer, r.tapIn = b, []*Tap{rec.Caller} })
	b.reroute(func(r *route) { r.peer, r.tapOut, r.muLawOut = a, []*Tap{rec.Agent}, true })
	pkt := make([]byte, rtp.HeaderLen+rtp.FrameSize)
	var seq uint16
	now := int64(1000)
	next := func() {
		seq++
		rtp.Header{PT: 8, Seq: seq, TS: uint32(seq) * 160, SSRC: 9}.Put(pkt)
		a.in.window = 0
	}
	forward := func() { next(); a.input(pkt, a.heard, now) }
	press := make([]byte, rtp.HeaderLen+rtp.EventLen)
	key := func() {
		seq++
		rtp.Header{PT: 101, Seq: seq, TS: 77, SSRC: 9}.Put(press)
		rtp.Event{Code: 5, Duration: uint16(160 * seq)}.Put(press[rtp.HeaderLen:])
		a.in.window = 0
		a.input(press, a.heard, now)
	}
	tone := Source(rtp.Tone(time.Second, -10, 400))
	frame := func() { now += 160; b.turn(now) }
	tap := func() {
		now += rtp.FrameSize
		forward()
		*clock = now
		rec.drain()
	}
	mouth, its := mouth(t)
	var to sockaddr
	to.set(a.local)
	receive := func() {
		next()
		sendto(mouth, pkt, &to)
		e.loops[0].readable(a.fd, now)
	}
	e.loops[0].ends = make([]end, max(a.fd, b.fd)+1)
	e.loops[0].ends[a.fd] = end{leg: a}
	check := func(name string, f func()) {
		t.Helper()
		out := b.out.packet
		if n := testing.AllocsPerRun(200, f); n != 0 {
			t.Errorf("%s: got %v allocations, want 0", name, n)
		}
		if b.out.packet < out+200 {
			t.Errorf("%s: %d packets were sent, want at least 200", name, b.out.packet-out)
		}
	}
	check("forward", forward)
	check("tap", tap)
	if dropped := rec.Caller.dropped.Load() + rec.Agent.dropped.Load(); seconds < 3 || dropped > 0 {
		t.Errorf("tap: got %d seconds and %d frames dropped, want 4 seconds at 50 frames each", seconds, dropped)
	}
	check("key", key)
	connect(a.fd, nil)
	a.connected, a.heard = false, its
	check("receive from anybody", receive)
	to.set(its)
	connect(a.fd, &to)
	to.set(a.local)
	a.connected, a.trustAt = true, now
	check("receive", receive)
	b.player = &player{source: tone, loop: true}
	check("frame", frame)
}

func TestAPacketOfABrowserAllocatesNothing(t *testing.T) {
	e, a := still(t)
	x := e.newLeg(LegConf{})
	x.ext = &external{pending: make(chan struct{}, 1), stop: make(chan struct{})}
	x.reroute(func(r *route) {
		r.plan(sdp.Plan{PT: map[uint8]uint8{8: sdp.PCMA}, AudioOut: 8})
		r.peer = a
	})
	a.reroute(func(r *route) { r.peer = x })
	e.loops[0].externals = []*Leg{x}
	pkt := make([]byte, rtp.HeaderLen+rtp.FrameSize)
	var seq uint16
	next := func(g *Leg) []byte {
		seq++
		g.in.window = 0
		rtp.Header{PT: 8, Seq: seq, TS: uint32(seq) * 160, SSRC: 9}.Put(pkt)
		return pkt
	}
	for _, c := range []struct {
		name string
		pass func()
		to   *Leg
	}{
		{"from it", func() { x.ext.in.put(next(x)); e.loops[0].feeds(1000) }, a},
		{"to it", func() { a.input(next(a), a.heard, 1000); x.ext.out.pop() }, x},
	} {
		before := c.to.out.packet
		if n := testing.AllocsPerRun(200, c.pass); n != 0 || c.to.out.packet < before+200 {
			t.Errorf("%s: got %v allocations and %d packets, want 0 and 200 at least", c.name, n, c.to.out.packet-before)
		}
	}
}

// mouth is a socket that speaks without allocating, and its address.
func mouth(t *testing.T) (fd int, at netip.AddrPort) {
	t.Helper()
	fd, err := bind(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	sa, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	v4 := sa.(*unix.SockaddrInet4)
	return fd, netip.AddrPortFrom(netip.AddrFrom4(v4.Addr), uint16(v4.Port))
}

func TestATakenPortIsSkipped(t *testing.T) {
	taken := newPhone(t, "127.0.0.1")
	// Ports around one that another process holds; the first of the pair or the second.
	port := taken.addr().Port() &^ 1
	e, err := New(Config{PortMin: port - 2, PortMax: port + 3, Quarantine: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var got []*Leg
	for {
		g, err := e.NewLeg(LegConf{Networks: loopback})
		if errors.Is(err, ErrNoPort) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, g)
		if p := g.LocalAddr().Port(); p == port || p%2 != 0 {
			t.Errorf("got port %d, want an even one that is not %d", p, port)
		}
	}
	if len(got) == 0 {
		t.Error("one taken port failed the call")
	}
}

func TestReturnedPortsRest(t *testing.T) {
	p := newPorts(Config{PortMin: 4001, PortMax: 4007, Quarantine: 5 * time.Second})
	now := time.Unix(1000, 0)
	seen := map[uint16]bool{}
	for range 2 {
		port, ok := p.take(now)
		if !ok || port%2 != 0 {
			t.Fatalf("got %d %v, want an even port", port, ok)
		}
		seen[port] = true
	}
	if !seen[4002] || !seen[4004] { // 4006 has its RTCP port 4007 inside the range
		if _, ok := p.take(now); !ok {
			t.Error("a port of the range was not handed out")
		}
	}
	p = newPorts(Config{PortMin: 4000, PortMax: 4001, Quarantine: 5 * time.Second})
	port, _ := p.take(now)
	p.give(port, now)
	if _, ok := p.take(now.Add(4 * time.Second)); ok {
		t.Error("a port was reused inside its quarantine")
	}
	if again, ok := p.take(now.Add(5 * time.Second)); !ok || again != port {
		t.Error("a rested port is not handed out again")
	}
}

func TestConfigIsChecked(t *testing.T) {
	for name, c := range map[string]Config{
		"low ports":    {PortMin: 80, PortMax: 90},
		"empty range":  {PortMin: 5000, PortMax: 5000},
		"three loops":  {Loops: 3},
		"no such host": {Listen: netip.MustParseAddr("192.0.2.1")},
	} {
		e, err := New(c)
		if name == "no such host" {
			if err != nil {
				t.Fatal(err)
			}
			_, err = e.NewLeg(LegConf{Networks: loopback})
			e.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "start media") && !strings.Contains(err.Error(), "open leg") {
			t.Errorf("%s: got %v, want an error", name, err)
		}
	}
}

func TestSixIsServedAsFour(t *testing.T) {
	var s sockaddr
	for _, want := range []string{"192.0.2.1:4000", "[2001:db8::7]:65535"} {
		a := netip.MustParseAddrPort(want)
		s.set(a)
		if got := s.addrPort(); got != a {
			t.Errorf("got %v, want %v", got, a)
		}
	}
	conn, err := net.ListenUDP("udp6", &net.UDPAddr{IP: net.IPv6loopback})
	if err != nil {
		t.Fatal("IPv6 loopback is needed: ", err)
	}
	e, err := New(Config{Listen: netip.IPv6Loopback()})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	p := &phone{t: t, conn: conn, h: rtp.Header{PT: 8}}
	defer conn.Close()
	g, err := e.NewLeg(LegConf{Networks: []netip.Prefix{netip.MustParsePrefix("::1/128")}})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Apply(p.plan()); err != nil {
		t.Fatal(err)
	}
	p.to = g.LocalAddr()
	p.say(rtp.Silence(20 * time.Millisecond))
	eventually(t, "the packet", func() bool { q := g.Quality(); return q.In == 1 && q.Latched })
	p.next()
}

func TestQualityComesFromBothEnds(t *testing.T) {
	e, g := still(t)
	now := e.Now()
	pkt := make([]byte, rtp.HeaderLen+rtp.FrameSize)
	for _, seq := range []uint16{1, 2, 4} { // one lost
		rtp.Header{PT: 8, Seq: seq, TS: uint32(seq) * 160, SSRC: 5}.Put(pkt)
		g.input(pkt, g.heard, now+int64(seq)*160)
	}
	if _, known := g.quality(now).MOS(); known {
		t.Error("a score without RTCP from the peer")
	}
	rep := rtp.RTCP{SSRC: 5, Sender: true, NTP: rtp.NTP(time.Now()), N: 1}
	rep.Blocks[0] = rtp.Block{SSRC: g.out.ssrc, Fraction: 26, Lost: 7, LSR: rtp.Middle(rtp.NTP(time.Now().Add(-100 * time.Millisecond)))}
	b := rep.Append(nil, "phone")
	g.input(b, g.heard, now) // not agreed to share the RTP port
	g.takeRTCP(b, netip.MustParseAddr("127.0.0.9"), now)
	if q := g.quality(now); q.Reported || q.Strangers != 1 {
		t.Errorf("a stranger's report was taken: %+v", q)
	}
	described := g.route.Load().rtcp
	g.reroute(func(r *route) { r.rtcp = netip.MustParseAddrPort("192.0.2.1:4001") })
	g.takeRTCP(b, netip.MustParseAddr("192.0.2.1"), now) // described, and outside the declared networks
	if q := g.quality(now); q.Reported || q.Strangers != 2 {
		t.Errorf("an undeclared network's report was taken: %+v", q)
	}
	g.reroute(func(r *route) { r.rtcp = described })
	g.takeRTCP(b, netip.MustParseAddr("127.0.0.1"), now)
	q := g.quality(now + 4*160)
	if q.In != 3 || q.Lost != 1 || q.Expected != 4 || q.RemoteLost != 7 || !q.TripKnown || q.RoundTrip < 90*time.Millisecond || q.LastIn != 0 {
		t.Errorf("got %+v", q)
	}
	if mos, known := q.MOS(); !known || mos < 1 || mos > 2.6 { // 10 % loss without concealment
		t.Errorf("got %v %v, want a poor score", mos, known)
	}
}

func TestReportsLeaveOnThePortTheyShould(t *testing.T) {
	for _, mux := range []bool{false, true} {
		e, g := still(t)
		rtcp := newPhone(t, "127.0.0.1")
		media := newPhone(t, "127.0.0.1")
		g.unlatch()
		g.reroute(func(r *route) {
			r.plan(media.plan())
			r.rtcp, r.mux = rtcp.addr(), mux
		})
		g.aim(media.addr())
		g.speak(g.route.Load(), fromSilence, nil, e.Now())
		at := rtcp
		if mux {
			at = media
			at.next() // the audio
		}
		g.sendReport(e.Now())
		b := make([]byte, 1500)
		if err := at.conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, err := at.conn.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		var r rtp.RTCP
		if err := r.Parse(b[:n]); err != nil || !r.Sender || r.SSRC != g.out.ssrc || r.Packets != 1 || r.Octets != 160 {
			t.Errorf("mux %v: got %+v, %v", mux, r, err)
		}
	}
}
