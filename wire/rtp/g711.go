// SPDX-License-Identifier: EUPL-1.2

package rtp

import "math/bits"

// ALawSilence is the A-law byte nearest to zero.
const ALawSilence = 0xd5

// The transcode tables of a leg that speaks µ-law: index by the byte, in place.
var (
	MuToA = transcode(DecodeMuLaw, EncodeALaw)
	AToMu = transcode(DecodeALaw, EncodeMuLaw)

	aLaw  = decodeTable(decodeALaw)
	muLaw = decodeTable(decodeMuLaw)
)

// DecodeALaw returns the 16-bit sample of an A-law byte.
func DecodeALaw(b byte) int16 { return aLaw[b] }

// DecodeMuLaw returns the 16-bit sample of a µ-law byte.
func DecodeMuLaw(b byte) int16 { return muLaw[b] }

// EncodeALaw returns the A-law byte of a 16-bit sample (ITU-T G.711 table 1).
func EncodeALaw(s int16) byte {
	mask, v := byte(0xd5), int(s)>>3 // 13 bits
	if v < 0 {
		mask, v = 0x55, -v-1
	}
	seg := max(bits.Len(uint(v))-5, 0)
	if seg < 2 {
		return byte(seg<<4|v>>1&0x0f) ^ mask
	}
	return byte(seg<<4|v>>seg&0x0f) ^ mask
}

// EncodeMuLaw returns the µ-law byte of a 16-bit sample (ITU-T G.711 table 2).
func EncodeMuLaw(s int16) byte {
	const bias, clip = 33, 8158 // of 14 bits
	mask, v := byte(0xff), int(s)>>2
	if v < 0 {
		mask, v = 0x7f, -v
	}
	v = min(v, clip) + bias
	seg := bits.Len(uint(v)) - 6
	return byte(seg<<4|v>>(seg+1)&0x0f) ^ mask
}

func decodeALaw(b byte) int16 {
	b ^= 0x55
	v, seg := int16(b&0x0f)<<4+8, b>>4&7
	if seg > 0 {
		v = (v + 0x100) << (seg - 1)
	}
	if b&0x80 == 0 {
		v = -v
	}
	return v
}

func decodeMuLaw(b byte) int16 {
	b = ^b
	v := (int16(b&0x0f)<<3+0x84)<<(b>>4&7) - 0x84
	if b&0x80 != 0 {
		v = -v
	}
	return v
}

func decodeTable(f func(byte) int16) (t [256]int16) {
	for i := range t {
		t[i] = f(byte(i))
	}
	return t
}

func transcode(decode func(byte) int16, encode func(int16) byte) (t [256]byte) {
	for i := range t {
		t[i] = encode(decode(byte(i)))
	}
	return t
}
