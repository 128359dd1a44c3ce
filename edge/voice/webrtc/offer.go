// SPDX-License-Identifier: EUPL-1.2

package webrtc

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	psdp "github.com/pion/sdp/v3"
	pion "github.com/pion/webrtc/v4"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/sdp"
)

// Limits of an offer. Chromium's, with all its codecs, is about 3 KB with 60 attributes.
const (
	maxOffer      = 64 << 10 // bytes
	maxFormats    = 64
	maxAttributes = 512
)

// offer is what we keep of a browser's description.
type offer struct {
	pion.SessionDescription
	muLaw bool // it takes µ-law only
}

// understood are the attributes that are handed to the library. The browser's candidates are not among them.
var understood = []string{
	"group", "mid", "msid", "ssrc", "rtpmap", "fmtp", "rtcp-mux", "sendrecv", "sendonly", "recvonly", "inactive",
	"ice-ufrag", "ice-pwd", "ice-options", "fingerprint", "setup",
}

func invalid(why string) error {
	return &rivage.Error{Code: rivage.Invalid, Message: "answer browser: " + why}
}

// readOffer checks a description and reduces it. Errors do not repeat its text.
func readOffer(text string) (offer, error) {
	if len(text) > maxOffer {
		return offer{}, invalid("the offer is longer than 64 KB")
	}
	var d psdp.SessionDescription
	if d.UnmarshalString(text) != nil {
		return offer{}, invalid("the offer is no session description")
	}
	if len(d.MediaDescriptions) != 1 || d.MediaDescriptions[0].MediaName.Media != "audio" {
		return offer{}, invalid("offer one audio stream and nothing else")
	}
	m := d.MediaDescriptions[0]
	if p := m.MediaName.Protos; !slices.Equal(p, []string{"UDP", "TLS", "RTP", "SAVPF"}) || m.MediaName.Port.Value == 0 {
		return offer{}, invalid("the audio stream must be UDP/TLS/RTP/SAVPF")
	}
	if len(m.MediaName.Formats) > maxFormats || len(m.Attributes)+len(d.Attributes) > maxAttributes {
		return offer{}, invalid("the offer has too many formats or attributes")
	}
	if role, _ := m.Attribute("setup"); role == "passive" { // RFC 8842 section 5.2: we stay the server
		return offer{}, invalid("offer setup:actpass")
	}
	d.Attributes = reduce(d.Attributes)
	m.Attributes = reduce(m.Attributes)
	known := codecs(m)
	laws := slices.Collect(maps.Values(known))
	if !slices.Contains(laws, sdp.PCMA) && !slices.Contains(laws, sdp.PCMU) {
		return offer{}, invalid("the offer has neither PCMA nor PCMU")
	}
	b, err := d.Marshal()
	if err != nil {
		return offer{}, invalid("the offer is no session description")
	}
	return offer{
		pion.SessionDescription{Type: pion.SDPTypeOffer, SDP: string(b)}, !slices.Contains(laws, sdp.PCMA),
	}, nil
}

// reduce keeps what is understood, and of the sources the first.
func reduce(list []psdp.Attribute) []psdp.Attribute {
	source := ""
	return slices.DeleteFunc(list, func(a psdp.Attribute) bool {
		if a.Key == "ssrc" {
			id, _, _ := strings.Cut(a.Value, " ")
			if source == "" {
				source = id
			}
			return id != source
		}
		return !slices.Contains(understood, a.Key)
	})
}

// codecs maps the payload types of a stream to PCMA, PCMU or Event.
func codecs(m *psdp.MediaDescription) map[uint8]uint8 {
	known := map[uint8]uint8{}
	for _, f := range m.MediaName.Formats {
		n, err := strconv.ParseUint(f, 10, 7)
		if err != nil {
			continue
		}
		name, mapped := "", false
		for _, a := range m.Attributes {
			if v, ok := strings.CutPrefix(a.Value, f+" "); ok && a.Key == "rtpmap" {
				name, mapped = strings.ToUpper(strings.TrimSuffix(strings.TrimSpace(v), "/1")), true
				break
			}
		}
		switch pt := uint8(n); {
		case name == "PCMA/8000" || !mapped && pt == sdp.PCMA: // RFC 3551 section 6
			known[pt] = sdp.PCMA
		case name == "PCMU/8000" || !mapped && pt == sdp.PCMU:
			known[pt] = sdp.PCMU
		case name == "TELEPHONE-EVENT/8000":
			known[pt] = sdp.Event
		}
	}
	return known
}

// plan reads our own answer: what it says is what both sides do.
func plan(answer string) (sdp.Plan, error) {
	var d psdp.SessionDescription
	if d.UnmarshalString(answer) != nil || len(d.MediaDescriptions) != 1 {
		return sdp.Plan{}, invalid("the offer cannot be answered")
	}
	m := d.MediaDescriptions[0]
	p := sdp.Plan{PT: codecs(m), RTCPMux: true, Dir: direction(m)}
	audio := false
	for _, pt := range slices.Sorted(maps.Keys(p.PT)) {
		switch codec := p.PT[pt]; {
		case codec == sdp.Event:
			p.EventIn, p.EventOut = pt, pt
		case !audio:
			p.AudioOut, p.MuLaw, audio = pt, codec == sdp.PCMU, true
		}
	}
	if !audio || m.MediaName.Port.Value == 0 {
		return sdp.Plan{}, invalid("the offer's audio codecs cannot be agreed on")
	}
	return p, nil
}

func direction(m *psdp.MediaDescription) sdp.Direction {
	for d := sdp.SendRecv; d <= sdp.Inactive; d++ {
		if _, ok := m.Attribute(d.String()); ok {
			return d
		}
	}
	return sdp.SendRecv
}
