// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"net/netip"
	"time"

	"rivage.example/rivage/wire/rtp"
)

// reportEvery is the seconds between our RTCP reports (RFC 3550 section 6.2).
const reportEvery = 5

// Quality is the state of a leg's two streams since it was opened.
type Quality struct {
	In, Out  uint64 // RTP packets taken, sent
	Expected uint64 // sent to us, by their numbers
	Lost     uint64 // of those
	Jitter   time.Duration

	Strangers uint64 // datagrams from elsewhere: counted, not heard
	Unknown   uint64 // payload types nobody agreed on
	Malformed uint64
	Excess    uint64 // beyond the rate limit
	Late      uint64 // overtaken across a splice, not forwarded
	Failed    uint64 // packets the kernel or the browser connection did not take

	LastIn  time.Duration // age of the last packet; negative when there was none
	Latched bool          // the peer's source is known

	Reported   bool // the peer sent RTCP about our stream: the fields below are known
	RemoteLost uint32
	RemoteLoss float64 // percent, in its last report
	RoundTrip  time.Duration
	TripKnown  bool
}

// remote is what the peer reports. The owning loop owns it.
type remote struct {
	heard     bool // a report about our stream came
	block     rtp.Block
	trip      time.Duration
	tripKnown bool
	lsr       uint32 // of the peer's last sender report
	lsrAt     int64
}

// Quality returns the leg's figures; after Close, the last ones.
func (g *Leg) Quality() Quality {
	var q Quality
	if err := g.verb(func() { q = g.quality(g.eng.Now()) }); err != nil {
		if last := g.final.Load(); last != nil {
			return *last
		}
	}
	return q
}

func (g *Leg) quality(now int64) Quality {
	in, out, rem := &g.in, &g.out, &g.remote
	q := Quality{
		In: in.packets, Out: out.packet, Expected: in.recv.Expected(), Lost: in.recv.Lost(), Jitter: in.recv.Jitter(),
		Strangers: in.strangers, Unknown: in.unknown, Malformed: in.malformed, Excess: in.excess,
		Late: out.late, Failed: out.failed, LastIn: -1, Latched: g.heard.IsValid(),
		Reported: rem.heard, RemoteLost: rem.block.Lost, RemoteLoss: float64(rem.block.Fraction) / 2.56,
		RoundTrip: rem.trip, TripKnown: rem.tripKnown,
	}
	if in.any {
		q.LastIn = time.Duration(now-in.last) * time.Second / rtp.Rate
	}
	return q
}

// MOS is the mean opinion score of what this leg's party hears, by formula rtp.MOSFormula: loss as the peer reports
// it, delay as half the round trip, a frame, and twice the jitter for the peer's buffer. known is false without
// RTCP from the peer: the figure is then unknown, not good.
func (q Quality) MOS() (mos float64, known bool) {
	if !q.Reported || !q.TripKnown {
		return 0, false
	}
	delay := q.RoundTrip/2 + 20*time.Millisecond + 2*q.Jitter
	return rtp.MOS(rtp.R(delay, q.RemoteLoss, rtp.BplPlain)), true
}

// takeRTCP takes a datagram of the RTCP port. It need not come from the latched port, only from its host.
func (g *Leg) takeRTCP(b []byte, from netip.Addr, now int64) {
	r := g.route.Load()
	described := r.rtcp.IsValid() && from == r.rtcp.Addr()
	if !described && (!g.heard.IsValid() || from != g.heard.Addr()) || !within(g.conf.Networks, from) {
		g.in.strangers++
		return
	}
	g.report(b, now)
}

func (g *Leg) report(b []byte, now int64) {
	var r rtp.RTCP
	if r.Parse(b) != nil {
		g.in.malformed++
		return
	}
	if r.Sender {
		g.remote.lsr, g.remote.lsrAt = rtp.Middle(r.NTP), now
	}
	for _, b := range r.Blocks[:r.N] {
		if b.SSRC != g.out.ssrc && g.ext == nil { // a browser connection numbers our stream itself
			continue
		}
		g.remote.heard, g.remote.block = true, b
		if trip, ok := b.RoundTrip(rtp.NTP(g.eng.wall())); ok && g.ext == nil {
			g.remote.trip, g.remote.tripKnown = trip, true
		}
	}
}

// sendReport tells the peer what we sent and heard. An external connection reports for itself.
func (g *Leg) sendReport(now int64) {
	r := g.route.Load()
	if g.ext != nil || !r.send && !r.receive {
		return
	}
	o := &g.out
	rep := rtp.RTCP{SSRC: o.ssrc, Sender: o.packet > o.reported}
	if rep.Sender {
		rep.NTP, rep.TS = rtp.NTP(g.eng.wall()), o.ts+uint32(now-o.at)-rtp.FrameSize
		rep.Packets, rep.Octets = uint32(o.packet), uint32(o.octets)
	}
	o.reported = o.packet
	if g.in.any {
		var since uint32
		if g.remote.lsr != 0 {
			since = uint32((now - g.remote.lsrAt) * 65536 / rtp.Rate)
		}
		rep.N, rep.Blocks[0] = 1, g.in.recv.Block(g.remote.lsr, since)
	}
	l := g.loop.Load()
	g.sendRTCP(r, rep.Append(l.report[:0], g.cname))
}

func (g *Leg) sendRTCP(r *route, b []byte) {
	if r.mux {
		if g.connected || g.to.size > 0 {
			g.send(b)
		}
		return
	}
	at := r.rtcp
	if g.conf.NAT && g.heard.IsValid() && g.heard.Port() < 65535 {
		at = netip.AddrPortFrom(g.heard.Addr(), g.heard.Port()+1)
	}
	if !at.IsValid() || at.Port() == 0 || !within(g.conf.Networks, at.Addr()) {
		return
	}
	var to sockaddr
	to.set(at)
	if sendto(g.rtcpFD, b, &to) != 0 {
		g.out.failed++
	}
}
