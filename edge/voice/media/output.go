// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"encoding/binary"

	"rivage.example/rivage/wire/rtp"
)

// origin names what a leg is sending; a change of origin is a splice.
type origin struct {
	kind byte   // one of the from… constants; 0: nothing sent yet
	leg  uint64 // of the bridge
	ssrc uint32 // in the bridge
}

const (
	fromSilence = iota + 1
	fromPlayer
	fromKeys
	fromBridge
)

const (
	gap        = 3 * rtp.FrameSize // a pause beyond this moves the timestamp on (RFC 3550 section 5.1)
	backwards  = 128               // packets that may come late inside one origin
	maxForward = 1000              // a leap of the incoming sequence beyond this is a splice
	maxRewind  = rtp.Rate          // so is a timestamp that goes back further
)

// output is what a leg sends: one SSRC, one sequence, one timestamp line whatever the origin. The owning loop owns
// it.
type output struct {
	ssrc uint32
	seq  uint16 // of the next packet
	ts   uint32 // of the next packet
	at   int64  // clock of the last packet

	from  origin
	dseq  uint16 // ours minus theirs, fixed at the splice
	dts   uint32
	floor uint16 // packets of this origin start here: older ones would repeat numbers

	place  anchor
	frame  [rtp.HeaderLen + rtp.FrameSize]byte
	packet uint64
	octets uint64

	late, failed, reported uint64
}

// turnTo prepares for a packet of the origin; true when it wants the marker bit.
func (o *output) turnTo(from origin, now int64) bool {
	fresh := o.from != from
	o.from = from
	if pause := now - o.at - rtp.FrameSize; o.packet > 0 && pause > gap && (fresh || from.kind != fromBridge) {
		o.ts += uint32(pause)
		return true
	}
	return fresh
}

// strays reports whether a bridged stream has left its own numbering: a splice inside one SSRC.
func (o *output) strays(seq uint16, ts uint32, kind uint8) bool {
	ahead := int16(seq + o.dseq - o.seq)
	return ahead > maxForward || ahead < -backwards || kind != event && int32(ts+o.dts-o.ts) < -maxRewind
}

// sends reports whether a packet may leave now.
func (g *Leg) sends(r *route) bool {
	return r.send && (g.ext != nil || g.connected || g.to.size > 0)
}

// send hands a packet to the kernel or to the external leg; false when it was not taken.
func (g *Leg) send(b []byte) bool {
	var ok bool
	switch {
	case g.ext != nil:
		ok = g.ext.out.put(b)
		g.ext.wake()
	case g.connected:
		ok = sendto(g.fd, b, nil) == 0
	case g.to.size > 0:
		ok = sendto(g.fd, b, &g.to) == 0
	}
	if !ok {
		g.out.failed++
	}
	return ok
}

// sent counts an RTP packet.
func (o *output) sent(payload int, now int64) {
	o.packet++
	o.octets += uint64(payload)
	o.at = now
}

// forward sends a bridged packet of the leg from; p is changed in place.
func (g *Leg) forward(p rtp.Packet, kind uint8, from uint64, now int64) {
	r := g.route.Load()
	if !g.sends(r) || g.player != nil || g.pressing || kind == event && r.eventOut == 0 {
		return
	}
	o := &g.out
	h := rtp.Header{Marker: p.Marker(), PT: r.audioOut, SSRC: o.ssrc}
	if o.turnTo(origin{fromBridge, from, p.SSRC()}, now) || o.strays(p.Seq(), p.TS(), kind) {
		h.Marker = true
		o.dseq, o.dts, o.floor = o.seq-p.Seq(), o.ts-p.TS(), o.seq
	}
	h.Seq, h.TS = p.Seq()+o.dseq, p.TS()+o.dts
	if int16(h.Seq-o.floor) < 0 {
		o.late++
		return
	}
	payload := p.Payload()
	until := h.TS + uint32(len(payload))
	if kind == event {
		h.PT, until = r.eventOut, h.TS
		if len(payload) >= rtp.EventLen {
			until += uint32(binary.BigEndian.Uint16(payload[2:]))
		}
	} else {
		g.hearOut(r, h.TS, payload, kind == muLaw, now)
		recode(payload, kind == muLaw, r.muLawOut)
	}
	if !g.send(p.Rewrite(h)) {
		return
	}
	o.sent(len(payload), now)
	if int16(h.Seq-o.seq) >= 0 {
		o.seq = h.Seq + 1
	}
	if int32(until-o.ts) > 0 {
		o.ts = until
	}
	if o.seq-o.floor > backwards {
		o.floor = o.seq - backwards
	}
}

// speak sends 20 ms of our own A-law audio; false when it did not leave.
func (g *Leg) speak(r *route, kind byte, alaw []byte, now int64) bool {
	o := &g.out
	marker := o.turnTo(origin{kind: kind}, now)
	rtp.Header{Marker: marker, PT: r.audioOut, Seq: o.seq, TS: o.ts, SSRC: o.ssrc}.Put(o.frame[:])
	body := o.frame[rtp.HeaderLen:]
	n := copy(body, alaw)
	for i := n; i < len(body); i++ {
		body[i] = rtp.ALawSilence
	}
	g.hearOut(r, o.ts, body, false, now)
	recode(body, false, r.muLawOut)
	if !g.send(o.frame[:]) {
		return false
	}
	o.sent(len(body), now)
	o.seq++
	o.ts += rtp.FrameSize
	return true
}

// hearOut copies what the party hears to the taps.
func (g *Leg) hearOut(r *route, ts uint32, payload []byte, mu bool, now int64) {
	if len(r.tapOut) == 0 {
		return
	}
	at := g.out.place.at(g.out.ssrc, ts, len(payload), now)
	for _, t := range r.tapOut {
		t.put(at, payload, mu)
	}
}

// recode turns a payload from one law to the other, in place.
func recode(b []byte, muIn, muOut bool) {
	if muIn == muOut {
		return
	}
	table := &rtp.MuToA
	if muOut {
		table = &rtp.AToMu
	}
	for i, v := range b {
		b[i] = table[v]
	}
}
