// SPDX-License-Identifier: EUPL-1.2

package rtp

import (
	"math"
	"testing"
)

func TestG711Vectors(t *testing.T) {
	cases := []struct {
		pcm     int16
		alaw    byte
		mulaw   byte
		alawPCM int16
		muPCM   int16
	}{
		{0, 0xd5, 0xff, 8, 0},
		{-1, 0x55, 0x7e, -8, -8},
		{1000, 0xfa, 0xce, 1008, 988},
		{-1000, 0x7a, 0x4e, -1008, -988},
		{8031, 0x8a, 0xa0, 8064, 7932},
		{32767, 0xaa, 0x80, 32256, 32124},
		{-32768, 0x2a, 0x00, -32256, -32124},
	}
	for _, c := range cases {
		a, m := EncodeALaw(c.pcm), EncodeMuLaw(c.pcm)
		if a != c.alaw || m != c.mulaw || DecodeALaw(a) != c.alawPCM || DecodeMuLaw(m) != c.muPCM {
			t.Errorf("%d: got A %#x %d, µ %#x %d; want %#x %d, %#x %d", c.pcm, a, DecodeALaw(a), m, DecodeMuLaw(m), c.alaw, c.alawPCM, c.mulaw, c.muPCM)
		}
	}
}

func TestG711CodesSurviveDecoding(t *testing.T) {
	for i := range 256 {
		if got := EncodeALaw(DecodeALaw(byte(i))); got != byte(i) {
			t.Errorf("A-law %#x: got %#x", i, got)
		}
		// µ-law has two zeros.
		if got := EncodeMuLaw(DecodeMuLaw(byte(i))); got != byte(i) && i != 0x7f {
			t.Errorf("µ-law %#x: got %#x", i, got)
		}
	}
}

func TestG711QuantisesAndTranscodesFinely(t *testing.T) {
	for s := -32000; s <= 32000; s += 7 {
		tolerance := 18 + math.Abs(float64(s))/16
		for name, got := range map[string]int16{
			"A-law":      DecodeALaw(EncodeALaw(int16(s))),
			"µ-law":      DecodeMuLaw(EncodeMuLaw(int16(s))),
			"µ-law to A": DecodeALaw(MuToA[EncodeMuLaw(int16(s))]),
			"A-law to µ": DecodeMuLaw(AToMu[EncodeALaw(int16(s))]),
		} {
			if math.Abs(float64(int(got)-s)) > tolerance {
				t.Fatalf("%s of %d: got %d", name, s, got)
			}
		}
	}
}
