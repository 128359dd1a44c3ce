// SPDX-License-Identifier: EUPL-1.2

// Package rtp holds the formats of a voice stream: RTP and RTCP packets (RFC 3550), G.711, digits (RFC 4733), WAV
// files, tones, and the figures drawn from them.
//
// What runs per packet allocates nothing. A stream has 8000 samples a second and one byte a sample; a frame is
// 20 ms.
package rtp

import (
	"encoding/binary"
	"errors"
)

const (
	Rate      = 8000      // samples a second, and ticks of the RTP clock
	FrameSize = Rate / 50 // bytes of a 20 ms frame
	HeaderLen = 12        // bytes of a header without CSRC and extension
	MaxPacket = 1500      // bytes; longer packets are refused
)

// ErrMalformed is every refusal of the readers in this package; test with errors.Is.
var ErrMalformed = errors.New("malformed packet")

// Packet is a checked view into the bytes of one RTP packet; it does not own them.
type Packet struct {
	b          []byte
	head, tail int // the payload is b[head:tail]
}

// View checks b and returns its view. Extension and padding are measured, not read.
func View(b []byte) (Packet, error) {
	if len(b) < HeaderLen || len(b) > MaxPacket || b[0]>>6 != 2 {
		return Packet{}, ErrMalformed
	}
	head, tail := HeaderLen+4*int(b[0]&0x0f), len(b)
	if b[0]&0x10 != 0 { // extension: RFC 3550 section 5.3.1
		if tail < head+4 {
			return Packet{}, ErrMalformed
		}
		head += 4 + 4*int(binary.BigEndian.Uint16(b[head+2:]))
	}
	if head > tail {
		return Packet{}, ErrMalformed
	}
	if b[0]&0x20 != 0 { // padding: its length is the last byte
		pad := int(b[tail-1])
		if pad == 0 || head+pad > tail {
			return Packet{}, ErrMalformed
		}
		tail -= pad
	}
	return Packet{b, head, tail}, nil
}

// PT is the payload type.
func (p Packet) PT() uint8 { return p.b[1] & 0x7f }

// Marker is the marker bit: in audio, the start of a talk spurt.
func (p Packet) Marker() bool { return p.b[1]&0x80 != 0 }

// Seq is the sequence number.
func (p Packet) Seq() uint16 { return binary.BigEndian.Uint16(p.b[2:]) }

// TS is the timestamp, in samples.
func (p Packet) TS() uint32 { return binary.BigEndian.Uint32(p.b[4:]) }

// SSRC is the source.
func (p Packet) SSRC() uint32 { return binary.BigEndian.Uint32(p.b[8:]) }

// Payload is what the packet carries, without extension and padding.
func (p Packet) Payload() []byte { return p.b[p.head:p.tail] }

// Rewrite puts a plain header before the payload, in place, and returns the new packet. CSRC list, extension and
// padding are gone: their numbering was agreed with the other leg.
func (p Packet) Rewrite(h Header) []byte {
	out := p.b[p.head-HeaderLen : p.tail]
	h.Put(out)
	return out
}

// Header is a plain RTP header.
type Header struct {
	Marker bool
	PT     uint8
	Seq    uint16
	TS     uint32
	SSRC   uint32
}

// Put writes the HeaderLen bytes of h to the start of b.
func (h Header) Put(b []byte) {
	_ = b[HeaderLen-1]
	b[0], b[1] = 0x80, h.PT&0x7f
	if h.Marker {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], h.Seq)
	binary.BigEndian.PutUint32(b[4:], h.TS)
	binary.BigEndian.PutUint32(b[8:], h.SSRC)
}

// IsRTCP tells RTCP from RTP on a shared port (RFC 5761 section 4).
func IsRTCP(b []byte) bool { return len(b) >= 8 && b[0]>>6 == 2 && b[1] >= 192 && b[1] <= 223 }
