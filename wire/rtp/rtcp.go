// SPDX-License-Identifier: EUPL-1.2

package rtp

import (
	"encoding/binary"
	"time"
)

// RTCP packet types (RFC 3550 section 12.1).
const (
	typeSR   = 200
	typeRR   = 201
	typeSDES = 202
	typeBye  = 203
)

// maxBlocks is how many report blocks are kept of a packet; a telephone sends one.
const maxBlocks = 4

// RTCP is what we keep of a compound packet: the last sender report, the first report blocks, and whether the
// source says goodbye.
type RTCP struct {
	SSRC    uint32
	Sender  bool   // the four fields below are there
	NTP     uint64 // 32.32 seconds since 1900
	TS      uint32
	Packets uint32
	Octets  uint32
	Bye     bool
	Blocks  [maxBlocks]Block
	N       int // blocks in use
}

// Block is one receiver's report on one source (RFC 3550 section 6.4.1).
type Block struct {
	SSRC     uint32
	Fraction uint8  // of 256, since the last report
	Lost     uint32 // in all; a negative count of the wire reads as 0
	Highest  uint32
	Jitter   uint32 // samples
	LSR      uint32 // middle of the NTP time of the last sender report
	DLSR     uint32 // 1/65536 s since then
}

// Parse replaces r by what the compound packet b says. Unknown types are skipped.
func (r *RTCP) Parse(b []byte) error {
	*r = RTCP{}
	if len(b) > MaxPacket || !IsRTCP(b) {
		return ErrMalformed
	}
	for len(b) > 0 {
		if len(b) < 4 || b[0]>>6 != 2 {
			return ErrMalformed
		}
		size := 4 + 4*int(binary.BigEndian.Uint16(b[2:]))
		if size > len(b) {
			return ErrMalformed
		}
		if err := r.one(b[:size]); err != nil {
			return err
		}
		b = b[size:]
	}
	return nil
}

func (r *RTCP) one(b []byte) error {
	count := int(b[0] & 0x1f)
	blocks := 8
	switch b[1] {
	case typeSR:
		blocks = 28
		if len(b) < blocks {
			return ErrMalformed
		}
		r.Sender, r.NTP, r.TS = true, binary.BigEndian.Uint64(b[8:]), binary.BigEndian.Uint32(b[16:])
		r.Packets, r.Octets = binary.BigEndian.Uint32(b[20:]), binary.BigEndian.Uint32(b[24:])
	case typeRR:
	case typeBye:
		r.Bye = true
		return nil
	default:
		return nil
	}
	if len(b) < blocks+24*count {
		return ErrMalformed
	}
	r.SSRC = binary.BigEndian.Uint32(b[4:])
	for i := range count {
		if r.N < maxBlocks {
			r.Blocks[r.N] = readBlock(b[blocks+24*i:])
			r.N++
		}
	}
	return nil
}

func readBlock(b []byte) Block {
	lost := binary.BigEndian.Uint32(b[4:]) & 0xffffff
	if lost > 0x7fffff {
		lost = 0
	}
	return Block{
		SSRC: binary.BigEndian.Uint32(b), Fraction: b[4], Lost: lost, Highest: binary.BigEndian.Uint32(b[8:]),
		Jitter: binary.BigEndian.Uint32(b[12:]), LSR: binary.BigEndian.Uint32(b[16:]), DLSR: binary.BigEndian.Uint32(b[20:]),
	}
}

// Append writes the compound packet for r, a report followed by the canonical name every report needs (RFC 3550
// section 6.1), and a goodbye when r.Bye.
func (r *RTCP) Append(dst []byte, cname string) []byte {
	be := binary.BigEndian
	typ, words := byte(typeRR), 1
	if r.Sender {
		typ, words = typeSR, 6
	}
	dst = append(dst, 0x80|byte(r.N), typ)
	dst = be.AppendUint16(dst, uint16(words+6*r.N))
	dst = be.AppendUint32(dst, r.SSRC)
	if r.Sender {
		dst = be.AppendUint64(dst, r.NTP)
		dst = be.AppendUint32(dst, r.TS)
		dst = be.AppendUint32(dst, r.Packets)
		dst = be.AppendUint32(dst, r.Octets)
	}
	for _, b := range r.Blocks[:r.N] {
		dst = be.AppendUint32(dst, b.SSRC)
		dst = be.AppendUint32(dst, uint32(b.Fraction)<<24|b.Lost&0xffffff)
		dst = be.AppendUint32(dst, b.Highest)
		dst = be.AppendUint32(dst, b.Jitter)
		dst = be.AppendUint32(dst, b.LSR)
		dst = be.AppendUint32(dst, b.DLSR)
	}
	cname = cname[:min(len(cname), 255)]
	pad := 4 - (2+len(cname))%4 // at least one zero ends the list
	dst = append(dst, 0x81, typeSDES)
	dst = be.AppendUint16(dst, uint16(1+(2+len(cname)+pad)/4))
	dst = be.AppendUint32(dst, r.SSRC)
	dst = append(dst, 1, byte(len(cname)))
	dst = append(dst, cname...)
	dst = append(dst, 0, 0, 0, 0)[:len(dst)+pad]
	if r.Bye {
		dst = append(dst, 0x81, typeBye, 0, 1)
		dst = be.AppendUint32(dst, r.SSRC)
	}
	return dst
}

// NTP is t as the 32.32 fixed point seconds since 1900 of a sender report.
func NTP(t time.Time) uint64 {
	const since1900 = 2208988800
	return uint64(t.Unix()+since1900)<<32 | uint64(t.Nanosecond())<<32/1e9
}

// Middle is the 32 bits of an NTP time that a report echoes as LSR.
func Middle(ntp uint64) uint32 { return uint32(ntp >> 16) }

// RoundTrip is the time between our report and its echo in b, at now; false when b echoes none (RFC 3550 section
// 6.4.1).
func (b Block) RoundTrip(now uint64) (time.Duration, bool) {
	rtt := int32(Middle(now) - b.LSR - b.DLSR)
	if b.LSR == 0 || rtt < 0 {
		return 0, false
	}
	return time.Duration(rtt) * time.Second / 65536, true
}
