// SPDX-License-Identifier: EUPL-1.2

package sdp

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Caps is what one side of a call can do and where it listens. Zero Audio, PTime and Event take the defaults:
// PCMA then PCMU, 20 ms, 101.
type Caps struct {
	Audio    []uint8 // PCMA, PCMU by preference
	Event    uint8   // payload type of telephone-event in our offers
	NoEvent  bool    // do not offer or accept telephone-event
	PTime    int     // milliseconds of a packet
	Addr     netip.Addr
	Port     uint16 // RTP; RTCP is on Port+1 unless both sides take RTCPMux
	Dir      Direction
	RTCPMux  bool
	Session  uint64 // o= session id, constant for a dialog
	Revision uint64 // o= version, one more for each new description
}

// Plan is all that a leg needs to know after an offer and its answer.
type Plan struct {
	PT       map[uint8]uint8 // payload type they send → PCMA, PCMU or Event; absent: drop
	AudioOut uint8           // payload type of the audio we send
	MuLaw    bool            // the audio we send is µ-law
	EventIn  uint8           // payload type of the events they send; 0: none
	EventOut uint8           // payload type of the events we send; 0: none
	Dir      Direction       // ours
	RTP      netip.AddrPort  // where we send; the address is unspecified (0.0.0.0) in an old-style hold
	RTCP     netip.AddrPort
	RTCPMux  bool
}

// Held reports whether the other side put us on hold: it does not listen.
func (p Plan) Held() bool { return !p.Dir.Sends() }

func (c Caps) withDefaults() Caps {
	if len(c.Audio) == 0 {
		c.Audio = []uint8{PCMA, PCMU}
	}
	c.Event, c.PTime = cmp.Or(c.Event, Event), cmp.Or(c.PTime, 20)
	return c
}

// Offer describes all that local can do.
func Offer(local Caps) Description {
	c := local.withDefaults()
	list := make([]format, 0, len(c.Audio)+1)
	for _, a := range c.Audio {
		list = append(list, format{a, a})
	}
	if !c.NoEvent {
		list = append(list, format{c.Event, Event})
	}
	d := c.session()
	d.Media = []Media{c.media("RTP/AVP", list, c.Dir, c.RTCPMux)}
	return d
}

// Reoffer is Offer inside a dialog: it keeps the streams of current, our own last description, in their places,
// since a later offer may not have fewer (RFC 3264 section 8).
func Reoffer(local Caps, current Description) Description {
	d := Offer(local)
	audio := d.Media[0]
	if i := slices.IndexFunc(current.Media, live); i >= 0 {
		d.Media = refuseAll(current.Media)
		d.Media[i] = audio
	}
	return d
}

// Answer chooses from an offer. The answer carries one audio codec, ours by preference, and the offer's own
// payload type numbers.
func Answer(local Caps, offer Description) (Description, Plan, error) {
	c := local.withDefaults()
	i, theirs, err := choose(offer, c)
	if err != nil {
		return Description{}, Plan{}, fmt.Errorf("answer offer: %w", err)
	}
	m := offer.Media[i]
	var chosen []format
	for _, a := range c.Audio {
		if j := slices.IndexFunc(theirs, func(f format) bool { return f.codec == a }); j >= 0 {
			chosen = append(chosen, theirs[j])
			break
		}
	}
	if j := slices.IndexFunc(theirs, func(f format) bool { return f.codec == Event }); j >= 0 && !c.NoEvent {
		chosen = append(chosen, theirs[j])
	}
	p, err := c.plan(m, chosen)
	if err != nil {
		return Description{}, Plan{}, fmt.Errorf("answer offer: %w", err)
	}
	for _, f := range chosen {
		p.PT[f.pt] = f.codec
		if f.codec == Event {
			p.EventIn = f.pt
		}
	}
	d := c.session()
	d.Media = refuseAll(offer.Media)
	d.Media[i] = c.media(m.Proto, chosen, p.Dir, p.RTCPMux)
	return d, p, nil
}

// Apply reads the answer to what Offer(local) described.
func Apply(local Caps, answer Description) (Plan, error) {
	c := local.withDefaults()
	i, theirs, err := choose(answer, c)
	if err != nil {
		if !slices.ContainsFunc(answer.Media, live) {
			err = ErrRejected
		}
		return Plan{}, fmt.Errorf("apply answer: %w", err)
	}
	theirs = slices.DeleteFunc(theirs, func(f format) bool { return f.codec == Event && c.NoEvent })
	p, err := c.plan(answer.Media[i], theirs)
	if err != nil {
		return Plan{}, fmt.Errorf("apply answer: %w", err)
	}
	for _, f := range theirs {
		ours := f.codec
		if f.codec == Event {
			ours, p.EventIn = c.Event, c.Event
		}
		p.PT[ours] = f.codec
	}
	for _, f := range theirs { // some peers send with the number they listen on
		if _, taken := p.PT[f.pt]; !taken {
			p.PT[f.pt] = f.codec
		}
	}
	return p, nil
}

func (c Caps) session() Description {
	d := Description{Origin: Origin{Session: c.Session, Version: c.Revision}, Addr: c.Addr}
	if c.Addr.IsValid() {
		d.Origin.Addr = c.Addr.String()
	}
	return d
}

func (c Caps) media(proto string, list []format, dir Direction, mux bool) Media {
	m := Media{Kind: "audio", Port: c.Port, Proto: proto, Addr: c.Addr, Dir: dir}
	for _, f := range list {
		pt := strconv.Itoa(int(f.pt))
		m.Formats = append(m.Formats, pt)
		m.Attributes = append(m.Attributes, Attribute{"rtpmap", pt + " " + codecName(f.codec) + "/8000"})
		if f.codec == Event {
			m.Attributes = append(m.Attributes, Attribute{"fmtp", pt + " 0-15"})
		}
	}
	m.Attributes = append(m.Attributes, Attribute{"ptime", strconv.Itoa(c.PTime)})
	if mux {
		m.Attributes = append(m.Attributes, Attribute{Key: "rtcp-mux"})
	}
	return m
}

// plan is what both sides agreed about the remote stream m; the caller fills the incoming payload types.
func (c Caps) plan(m Media, agreed []format) (Plan, error) {
	if !m.Addr.IsValid() {
		return Plan{}, bad("no c= line for the audio stream")
	}
	theirs := m.Dir
	if m.Addr.IsUnspecified() { // the hold of RFC 2543: they do not listen (RFC 3264 section 8.4)
		theirs = theirs.Meet(SendOnly)
	}
	p := Plan{
		PT:  make(map[uint8]uint8, len(agreed)),
		Dir: c.Dir.Meet(theirs.Reverse()),
		RTP: netip.AddrPortFrom(m.Addr, m.Port),
	}
	first := true
	for _, f := range agreed {
		switch {
		case f.codec == Event:
			p.EventOut = cmp.Or(p.EventOut, f.pt)
		case first: // RFC 3264 section 7: send the first format listed
			p.AudioOut, p.MuLaw, first = f.pt, f.codec == PCMU, false
		}
	}
	_, mux := m.Attr("rtcp-mux")
	p.RTCPMux = mux && c.RTCPMux
	p.RTCP = rtcpAddress(m, p.RTCPMux)
	return p, nil
}

// rtcpAddress follows rtcp-mux (RFC 5761), then a=rtcp (RFC 3605), then port+1 (RFC 3550 section 11).
func rtcpAddress(m Media, mux bool) netip.AddrPort {
	if mux {
		return netip.AddrPortFrom(m.Addr, m.Port)
	}
	if v, ok := m.Attr("rtcp"); ok {
		f := strings.Fields(v)
		if len(f) > 0 {
			port, err := strconv.ParseUint(f[0], 10, 16)
			if err == nil && len(f) == 1 {
				return netip.AddrPortFrom(m.Addr, uint16(port))
			}
			if a, aerr := address(f[1:]); err == nil && aerr == nil {
				return netip.AddrPortFrom(a, uint16(port))
			}
		}
	}
	if m.Port == 65535 {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(m.Addr, m.Port+1)
}

func live(m Media) bool { return m.Kind == "audio" && m.Port != 0 }

func refuseAll(offered []Media) []Media {
	out := make([]Media, len(offered))
	for i, m := range offered {
		out[i] = Media{Kind: m.Kind, Proto: m.Proto, Formats: m.Formats, Dir: Inactive}
	}
	return out
}
