// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"net/netip"

	"rivage.example/rivage/wire/sdp"
)

// What a payload type carries.
const (
	drop = iota
	aLaw
	muLaw
	event
)

// route says what happens to the packets of a leg. It is immutable: verbs store a changed copy.
type route struct {
	kind     [128]uint8 // by payload type received
	audioOut uint8
	muLawOut bool
	eventOut uint8 // 0: the peer takes no events
	send     bool
	receive  bool
	remote   netip.AddrPort // from the description; where we send until a source is heard
	rtcp     netip.AddrPort // invalid: nowhere
	mux      bool           // RTCP shares the RTP port

	peer    *Leg // what this leg says goes there
	muted   bool // … but not now
	swallow bool // digits are reported and not passed on
	tapIn   []*Tap
	tapOut  []*Tap
}

// plan takes over what a description agreed on. In an old-style hold the address is unspecified: the old one stays
// known, since that peer may still send.
func (r *route) plan(p sdp.Plan) {
	r.kind = [128]uint8{}
	for pt, codec := range p.PT {
		switch codec {
		case sdp.PCMA:
			r.kind[pt&0x7f] = aLaw
		case sdp.PCMU:
			r.kind[pt&0x7f] = muLaw
		case sdp.Event:
			r.kind[pt&0x7f] = event
		}
	}
	r.audioOut, r.muLawOut, r.eventOut = p.AudioOut, p.MuLaw, p.EventOut
	r.send, r.receive, r.mux = p.Dir.Sends(), p.Dir.Receives(), p.RTCPMux
	if reachable(p.RTP) {
		r.remote, r.rtcp = unmapped(p.RTP), unmapped(p.RTCP)
	} else {
		r.send = r.send && !p.RTP.IsValid() // an external leg has no address
	}
}

func reachable(a netip.AddrPort) bool {
	return a.IsValid() && !a.Addr().IsUnspecified() && a.Port() != 0
}

func unmapped(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

func within(networks []netip.Prefix, a netip.Addr) bool {
	for _, n := range networks {
		if n.Contains(a) {
			return true
		}
	}
	return false
}
