// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"net/netip"

	"rivage.example/rivage/wire/rtp"
)

const (
	silentAfter   = 3 * rtp.Rate // without a packet: the leg is silent, and may have moved
	doubtFor      = rtp.Rate / 2 // before another port of the described host is believed to be the peer
	trustAfter    = rtp.Rate     // after connect, what a stranger had queued before is gone
	maxPerSecond  = 500          // packets taken from one peer; twenty milliseconds give 50, keys a few more
	maxKeyNotices = 32           // key presses waiting for their callback
)

// input is what a leg hears. The owning loop owns it.
type input struct {
	recv    rtp.Receiver
	keys    rtp.EventReader
	place   anchor
	last    int64 // clock of the last packet taken
	any     bool  // last is set
	since   int64 // clock from which silence counts
	silent  bool
	window  int // packets in the current second
	packets uint64

	unknown, malformed, strangers, excess uint64
}

// latch is where a UDP leg's peer really is. The owning loop owns it.
type latch struct {
	heard     netip.AddrPort // the one source taken; invalid until the first packet
	doubted   netip.AddrPort // a port of the described host that is not the described one
	doubtedAt int64          // when it was first heard
	connected bool
	trustAt   int64
	to        sockaddr // where we send while not connected
}

// trusted reports whether the kernel has let through only the latched source for long enough.
func (t *latch) trusted(now int64) bool { return t.connected && now >= t.trustAt }

// plausible says whether a datagram may come from this source at all.
func (g *Leg) plausible(r *route, from netip.AddrPort) bool {
	if g.ext != nil {
		return from == g.heard
	}
	if g.heard.IsValid() {
		return from == g.heard || !g.conf.NAT && from == r.remote
	}
	a := from.Addr()
	described := r.remote.IsValid() && a == r.remote.Addr()
	return (described || g.conf.NAT && a == g.conf.Signalling) && within(g.conf.Networks, a)
}

// believed says whether a plausible source is the peer, and latches on it. The described port is, at once and also
// after another. Another port of the same host is when it alone has spoken for a while: a carrier's gateway sends all its
// calls from one host, and what is left of somebody else's call may still come to a port that is ours now.
func (g *Leg) believed(r *route, from netip.AddrPort, now int64) bool {
	switch {
	case g.ext != nil || from == g.heard:
		return true
	case g.conf.NAT || from == r.remote:
	case from != g.doubted:
		g.doubted, g.doubtedAt = from, now
		return false
	case now-g.doubtedAt < doubtFor:
		return false
	}
	g.settle(r, from, now)
	return true
}

// settle latches on from. Behind NAT the source is also where we answer. A described peer that sends from another
// port is heard, and answered where it asked; only a symmetric one is connected.
func (g *Leg) settle(r *route, from netip.AddrPort, now int64) {
	g.heard = from
	if !g.conf.NAT && from != r.remote {
		return
	}
	g.aim(from)
	if connect(g.fd, &g.to) == 0 {
		g.connected, g.trustAt = true, now+trustAfter
	}
}

// aim sets where packets go until a source is heard; outside the declared networks, nowhere.
func (g *Leg) aim(at netip.AddrPort) {
	if !at.IsValid() || !within(g.conf.Networks, at.Addr()) {
		at = netip.AddrPort{}
	}
	g.to.set(at)
}

// unlatch hears every plausible source again: a connected socket does not hear a peer that moved.
func (g *Leg) unlatch() {
	if g.connected {
		connect(g.fd, nil)
	}
	g.heard, g.doubted, g.connected = netip.AddrPort{}, netip.AddrPort{}, false
}

// input takes one datagram of the RTP port.
func (g *Leg) input(b []byte, from netip.AddrPort, now int64) {
	r := g.route.Load()
	if !g.plausible(r, from) {
		g.in.strangers++
		return
	}
	if rtp.IsRTCP(b) {
		if r.mux || g.ext != nil {
			g.report(b, now)
		}
		return
	}
	p, err := rtp.View(b)
	if err != nil {
		g.in.malformed++
		return
	}
	kind := r.kind[p.PT()]
	if kind == drop {
		g.in.unknown++
		return
	}
	if g.in.window++; g.in.window > maxPerSecond {
		g.in.excess++
		return
	}
	if !g.believed(r, from, now) {
		g.in.strangers++
		return
	}
	g.take(r, p, kind, now)
}

// take counts a packet of the peer and passes it on.
func (g *Leg) take(r *route, p rtp.Packet, kind uint8, now int64) {
	g.in.packets++
	g.in.last, g.in.any = now, true
	if g.in.silent {
		g.tellSilence(false)
	}
	g.in.recv.Take(p.SSRC(), p.Seq(), p.TS(), uint32(now))
	if kind == event {
		g.takeKey(p)
	} else {
		g.in.recv.TakeJitter(p.TS(), uint32(now))
	}
	if !r.receive { // we asked it not to send: nobody is to hear this
		return
	}
	if kind != event && len(r.tapIn) > 0 {
		at := g.in.place.at(p.SSRC(), p.TS(), len(p.Payload()), now)
		for _, t := range r.tapIn {
			t.put(at, p.Payload(), kind == muLaw)
		}
	}
	if r.peer != nil && !r.muted && !(kind == event && r.swallow) {
		r.peer.forward(p, kind, g.id, now)
	}
}

func (g *Leg) takeKey(p rtp.Packet) {
	e, err := rtp.ParseEvent(p.Payload())
	if err != nil {
		g.in.malformed++
		return
	}
	key, pressed := g.in.keys.Take(p.SSRC(), p.TS(), e)
	if !pressed || g.conf.OnDigit == nil {
		return
	}
	if g.notices.Add(1) > maxKeyNotices { // no finger is that fast
		g.notices.Add(-1)
		g.in.excess++
		return
	}
	g.eng.notes.add(func() {
		g.notices.Add(-1)
		g.conf.OnDigit(key)
	})
}

func (g *Leg) tellSilence(silent bool) {
	g.in.silent = silent
	if f := g.conf.OnSilence; f != nil {
		g.eng.notes.add(func() { f(silent) })
	}
}

// watch runs each second: the rate window, and silence.
func (g *Leg) watch(now int64) {
	g.in.window = 0
	r := g.route.Load()
	if !r.receive {
		g.in.since = now
		return
	}
	if now-max(g.in.last, g.in.since) < silentAfter {
		return
	}
	if !g.in.silent {
		g.tellSilence(true)
	}
	if g.heard.IsValid() {
		g.unlatch()
	}
}
