// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"errors"
	"net/netip"
	"os"
	"sync"
	"testing"
	"time"

	"rivage.example/rivage/wire/rtp"
	"rivage.example/rivage/wire/sdp"
)

func TestStrangersAreCountedAndNotHeard(t *testing.T) {
	e := engine(t, 1)
	a, b, stranger := newPhone(t, "127.0.0.1"), newPhone(t, "127.0.0.1"), newPhone(t, "127.0.0.9")
	la, lb := a.leg(e, LegConf{}), b.leg(e, LegConf{})
	if err := e.Bridge(la, lb); err != nil {
		t.Fatal(err)
	}
	stranger.to = a.to
	stranger.say(rtp.Tone(time.Second/5, -10, 1000)) // before the latch: user space refuses
	eventually(t, "ten strangers", func() bool { return la.Quality().Strangers == 10 })
	if q := la.Quality(); q.Latched || q.In != 0 {
		t.Errorf("a stranger was latched: %+v", q)
	}
	a.say(rtp.Tone(time.Second/2, -10, 400))
	stranger.say(rtp.Tone(time.Second/5, -10, 1000)) // after: the kernel refuses, or we do
	got := b.listen(3200)
	if rtp.Presence(got, 400) < 0.9 || rtp.Presence(got, 1000) > 0 {
		t.Error("the stranger's tone is heard, or the party's is not")
	}
	eventually(t, "25 packets in", func() bool { return la.Quality().In == 25 })
}

func TestWhereTheVoiceMayComeFrom(t *testing.T) {
	type from int
	const (
		described from = iota // the description's address and port
		samePort              // its address, another port
		elsewhere             // the address of the signalling
	)
	cases := []struct {
		name       string
		nat        bool
		from       from
		taken      bool
		answeredTo from
	}{
		{"described", false, described, true, described},
		{"described host, other port, once", false, samePort, false, described},
		{"elsewhere", false, elsewhere, false, described},
		{"NAT, signalling's address", true, elsewhere, true, elsewhere},
		{"NAT, described after all", true, described, true, described},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := engine(t, 1)
			phones := []*phone{newPhone(t, "127.0.0.1"), newPhone(t, "127.0.0.1"), newPhone(t, "127.0.0.8")}
			conf := LegConf{NAT: c.nat, Signalling: netip.MustParseAddr("127.0.0.8")}
			g := phones[described].leg(e, conf)
			src := phones[c.from]
			src.to = g.LocalAddr()
			src.say(rtp.Tone(time.Second/50, -10, 400))
			eventually(t, "the packet", func() bool { q := g.Quality(); return q.In+q.Strangers == 1 })
			if q := g.Quality(); (q.In == 1) != c.taken || q.Latched != c.taken {
				t.Errorf("got %+v, want taken %v", q, c.taken)
			}
			g.Play(Source(rtp.Tone(time.Second, -10, 400)), PlayOpts{Loop: true}, nil)
			phones[c.answeredTo].listen(rtp.FrameSize)
		})
	}
}

func TestALatchedSourceKeepsOthersOut(t *testing.T) {
	e, g := still(t)
	pkt := make([]byte, rtp.HeaderLen+rtp.FrameSize)
	rtp.Header{PT: 8}.Put(pkt)
	from := func(a string) Quality {
		g.input(pkt, netip.MustParseAddrPort(a), e.Now())
		return g.quality(e.Now())
	}
	// What a stranger had queued before connect is still read: its address decides.
	if q := from("127.0.0.9:4000"); q.Strangers != 1 || q.In != 0 {
		t.Errorf("queued stranger: got %+v", q)
	}
	g.unlatch()
	g.conf.NAT, g.conf.Signalling = true, netip.MustParseAddr("192.0.2.1") // signalling came from an undeclared network
	if q := from("192.0.2.1:4000"); q.Strangers != 2 || q.Latched {
		t.Errorf("undeclared: got %+v", q)
	}
}

// What a gateway still sends of another call, from the described host, is not taken for the peer; a peer that never speaks
// from the port it described is, after a while, until it does.
func TestLeftoversOfAnotherCallAreNotHeard(t *testing.T) {
	_, g := still(t)
	pkt := make([]byte, rtp.HeaderLen+rtp.FrameSize)
	rtp.Header{PT: 8}.Put(pkt)
	peer := g.route.Load().remote
	other, third := netip.MustParseAddrPort("127.0.0.1:4000"), netip.MustParseAddrPort("127.0.0.1:4002")
	g.unlatch()
	for _, x := range []struct {
		at            int64
		from          netip.AddrPort
		in, strangers uint64
		heard         netip.AddrPort
	}{
		{0, other, 0, 1, netip.AddrPort{}},
		{doubtFor - 1, other, 0, 2, netip.AddrPort{}},
		{doubtFor, third, 0, 3, netip.AddrPort{}}, // not alone: the time of each begins again
		{doubtFor + 1, other, 0, 4, netip.AddrPort{}},
		{2 * doubtFor, other, 0, 5, netip.AddrPort{}},
		{2*doubtFor + 1, other, 1, 5, other}, // nobody else spoke for a while
		{2*doubtFor + 2, third, 1, 6, other},
		{2*doubtFor + 3, peer, 2, 6, peer}, // the described port itself
		{2*doubtFor + 4, other, 2, 7, peer},
	} {
		g.input(pkt, x.from, x.at)
		if g.in.packets != x.in || g.in.strangers != x.strangers || g.heard != x.heard {
			t.Errorf("at %d from %s: %d taken, %d strangers, heard %s; want %d, %d, %s", x.at, x.from, g.in.packets, g.in.strangers,
				g.heard, x.in, x.strangers, x.heard)
		}
	}
	if !g.connected {
		t.Error("the described port is not connected: others still reach the process")
	}
}

func TestNothingIsSentOutsideTheDeclaredNetworks(t *testing.T) {
	e := engine(t, 1)
	if _, err := e.NewLeg(LegConf{}); !errors.Is(err, ErrNetwork) {
		t.Errorf("no network: got %v, want ErrNetwork", err)
	}
	p := newPhone(t, "127.0.0.1")
	plan := p.plan()
	plan.RTP = netip.MustParseAddrPort("192.0.2.1:4000")
	for _, nat := range []bool{false, true} {
		g, err := e.NewLeg(LegConf{Networks: loopback, NAT: nat})
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Apply(plan); errors.Is(err, ErrNetwork) == nat {
			t.Errorf("NAT %v: got %v", nat, err)
		}
		done := make(chan int, 1)
		g.Play(Source(rtp.Silence(time.Second)), PlayOpts{}, func(n int, _ bool) { done <- n })
		g.Close()
		if n := <-done; n != 0 {
			t.Errorf("NAT %v: %d frames left for an undeclared network", nat, n)
		}
	}
}

func TestAPeerThatMovedIsHeardAgain(t *testing.T) {
	e := engine(t, 1)
	old, moved := newPhone(t, "127.0.0.1"), newPhone(t, "127.0.0.8")
	states := make(chan bool, 8)
	g := old.leg(e, LegConf{NAT: true, Signalling: moved.addr().Addr(), OnSilence: func(s bool) { states <- s }})
	old.say(rtp.Tone(time.Second/50, -10, 400))
	eventually(t, "the latch", func() bool { return g.Quality().Latched })
	if err := g.verb(func() { g.watch(e.Now() + silentAfter + 1) }); err != nil { // three seconds later
		t.Fatal(err)
	}
	if q := g.Quality(); q.Latched {
		t.Error("still latched on a silent source")
	}
	moved.to = g.LocalAddr()
	moved.h.Seq += 5
	moved.say(rtp.Tone(time.Second/50, -10, 400))
	eventually(t, "the moved peer", func() bool { return g.Quality().In == 2 })
	if a, b := <-states, <-states; !a || b {
		t.Errorf("silence told as %v then %v, want true then false", a, b)
	}
}

func TestANewAddressInAReinviteIsLatchedAnew(t *testing.T) {
	e := engine(t, 1)
	a, b := newPhone(t, "127.0.0.1"), newPhone(t, "127.0.0.1")
	g := a.leg(e, LegConf{})
	a.say(rtp.Tone(time.Second/50, -10, 400))
	eventually(t, "the latch", func() bool { return g.Quality().Latched })
	if err := g.Apply(b.plan()); err != nil {
		t.Fatal(err)
	}
	if g.Quality().Latched {
		t.Error("still latched on the old address")
	}
	g.Play(Source(rtp.Tone(time.Second, -10, 400)), PlayOpts{Loop: true}, nil)
	b.listen(rtp.FrameSize)
	b.to = g.LocalAddr()
	b.say(rtp.Tone(time.Second/50, -10, 400))
	eventually(t, "the new phone", func() bool { return g.Quality().In == 2 })
}

func TestDigitsAreToldOnceAndPassedOnByTheRoute(t *testing.T) {
	e := engine(t, 1)
	a, b := newPhone(t, "127.0.0.1"), newPhone(t, "127.0.0.1")
	var mu sync.Mutex
	var got string
	la := a.leg(e, LegConf{OnDigit: func(d byte) { mu.Lock(); got += string(d); mu.Unlock() }})
	lb := b.leg(e, LegConf{})
	plan := b.plan()
	plan.EventOut = 96 // b numbers its events otherwise
	if err := errors.Join(lb.Apply(plan), e.Bridge(la, lb)); err != nil {
		t.Fatal(err)
	}
	told := func(want string) {
		t.Helper()
		eventually(t, "digits "+want, func() bool { mu.Lock(); defer mu.Unlock(); return len(got) >= len(want) })
		if mu.Lock(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		mu.Unlock()
	}
	for _, d := range []byte("15*#") {
		a.press(d)
	}
	told("15*#")
	var r rtp.EventReader
	var passed string
	for len(passed) < 4 {
		h := b.next()
		if h.PT != 96 {
			continue
		}
		ev, err := rtp.ParseEvent(h.payload)
		if err != nil {
			t.Fatal(err)
		}
		if d, ok := r.Take(h.SSRC, h.TS, ev); ok {
			passed += string(d)
		}
	}
	if passed != "15*#" {
		t.Errorf("passed on: got %q", passed)
	}
	la.SwallowDigits(true)
	out := lb.Quality().Out
	a.press('9')
	told("15*#9")
	if q := lb.Quality(); q.Out != out {
		t.Errorf("%d packets of a swallowed digit were passed on", q.Out-out)
	}
}

func TestSentDigitsAreReadByThePeerLeg(t *testing.T) {
	e := engine(t, 1)
	keys := make(chan byte, 16)
	x, y := &wire{got: make(chan heard, 512)}, &wire{}
	gx, gy := x.leg(t, e, LegConf{}), y.leg(t, e, LegConf{OnDigit: func(d byte) { keys <- d }})
	x.to, y.to = gy, gx
	x.ready.Store(true)
	if err := gx.SendDigits("12#"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []byte("12#") {
		select {
		case got := <-keys:
			if got != want {
				t.Errorf("got %c, want %c", got, want)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("no digit")
		}
	}
	gx.Close() // nothing more comes into x.got
	packets, ends := 0, 0
	for len(x.got) > 0 {
		h := <-x.got
		if ev, err := rtp.ParseEvent(h.payload); h.PT == 126 && err == nil {
			packets++
			if ev.End {
				ends++
			}
		}
	}
	if packets < 15 || ends < 6 { // the third press has just begun
		t.Errorf("got %d event packets with %d ends, want seven and three for each press", packets, ends)
	}
}

func TestDigitsAreNotPassedToAPeerWithoutEvents(t *testing.T) {
	e, a := still(t)
	b := stillLeg(t, e)
	a.reroute(func(r *route) { r.peer = b })
	b.reroute(func(r *route) { r.eventOut = 0 })
	pkt := make([]byte, rtp.HeaderLen+rtp.EventLen)
	rtp.Header{PT: 101, SSRC: 1}.Put(pkt)
	rtp.Event{Code: 1, Duration: 160}.Put(pkt[rtp.HeaderLen:])
	a.input(pkt, a.heard, e.Now())
	if a.in.packets != 1 || b.out.packet != 0 {
		t.Errorf("got %d in, %d out; want 1, 0", a.in.packets, b.out.packet)
	}
}

func TestDigitsThatCannotBeSentAreRefused(t *testing.T) {
	e := engine(t, 1)
	gx := (&wire{}).leg(t, e, LegConf{})
	if err := gx.SendDigits("1x"); !errors.Is(err, ErrDigits) {
		t.Errorf("not a key: got %v, want ErrDigits", err)
	}
	if err := gx.SendDigits("000000000000000000000000000000000000000"); !errors.Is(err, ErrDigits) {
		t.Errorf("too many: got %v, want ErrDigits", err)
	}
	if err := gx.Apply(sdp.Plan{PT: map[uint8]uint8{8: 8}, AudioOut: 8}); err != nil {
		t.Fatal(err)
	}
	if err := gx.SendDigits("1"); !errors.Is(err, ErrDigits) {
		t.Errorf("peer without events: got %v, want ErrDigits", err)
	}
}

func TestUnknownAndMalformedPacketsAreCounted(t *testing.T) {
	e := engine(t, 1)
	p := newPhone(t, "127.0.0.1")
	g := p.leg(e, LegConf{})
	p.h.PT = 1
	p.raw(make([]byte, 160))
	if _, err := p.conn.WriteToUDPAddrPort([]byte("INVITE sip:"), p.to); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both counts", func() bool { q := g.Quality(); return q.Unknown == 1 && q.Malformed == 1 && q.In == 0 })
}

func TestAFloodFromThePeerIsCut(t *testing.T) {
	e, g := still(t)
	b := make([]byte, rtp.HeaderLen+rtp.FrameSize)
	for i := range maxPerSecond + 100 {
		rtp.Header{PT: 8, Seq: uint16(i)}.Put(b)
		g.input(b, g.heard, e.Now())
	}
	if q := g.quality(e.Now()); q.In != maxPerSecond || q.Excess != 100 {
		t.Errorf("got %d in, %d excess; want %d, 100", q.In, q.Excess, maxPerSecond)
	}
}

func TestLegsLeaveNoDescriptorAndVerbsAfterCloseAreSafe(t *testing.T) {
	e := engine(t, 2)
	count := func() int {
		list, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	p := newPhone(t, "127.0.0.1")
	before := count()
	var legs []*Leg
	for range 200 {
		legs = append(legs, p.leg(e, LegConf{}))
	}
	for i := 0; i < len(legs); i += 2 {
		if err := e.Bridge(legs[i], legs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if got := count(); got < before+400 {
		t.Errorf("%d descriptors with 200 legs, %d before: the count is blind", got, before)
	}
	for _, g := range legs {
		g.Close()
		g.Close()
	}
	if got := count(); got != before {
		t.Errorf("got %d descriptors, want %d", got, before)
	}
	g := legs[0]
	done := make(chan bool, 1)
	g.Play(Source(rtp.Silence(time.Second)), PlayOpts{}, func(_ int, complete bool) { done <- complete })
	if <-done {
		t.Error("a closed leg played to the end")
	}
	if err := g.Apply(p.plan()); !errors.Is(err, ErrClosed) {
		t.Errorf("apply: got %v, want ErrClosed", err)
	}
	if err := e.Bridge(g, legs[1]); !errors.Is(err, ErrClosed) {
		t.Errorf("bridge: got %v, want ErrClosed", err)
	}
	if err := g.Tap(In, &Tap{}); !errors.Is(err, ErrClosed) {
		t.Errorf("tap: got %v, want ErrClosed", err)
	}
	if err := g.SendDigits("1"); !errors.Is(err, ErrClosed) {
		t.Errorf("digits: got %v, want ErrClosed", err)
	}
	g.Stop()
	g.Mute(true)
	g.Quality()
}
