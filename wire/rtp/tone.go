// SPDX-License-Identifier: EUPL-1.2

package rtp

import (
	"math"
	"time"
)

// fullScale is the peak of a sine at +3.14 dBm0, the A-law overload point (ITU-T G.711).
const fullScale, overload = 32635.0, 3.14

// Tone returns A-law audio of the sum of sines at hz, each at level dBm0, for d. Whole frames loop without a click
// when every frequency is a multiple of 50 Hz.
func Tone(d time.Duration, level float64, hz ...float64) []byte {
	out := make([]byte, int(d*Rate/time.Second))
	amp := fullScale * math.Pow(10, (level-overload)/20)
	for i := range out {
		var v float64
		for _, f := range hz {
			v += amp * math.Sin(2*math.Pi*f*float64(i)/Rate)
		}
		out[i] = EncodeALaw(clamp(v))
	}
	return out
}

// Silence returns A-law silence for d.
func Silence(d time.Duration) []byte { return Tone(d, 0) }

// block is 50 ms: bins 20 Hz apart, short enough to follow speech.
const block = Rate / 20

// Presence returns the share of 50 ms blocks of A-law audio in which hz carries most of the energy, by Goertzel's
// filter. Silent blocks count as absent. Audio shorter than a block has presence 0.
func Presence(alaw []byte, hz float64) float64 {
	var hit, n int
	for ; len(alaw) >= block; alaw = alaw[block:] {
		n++
		var energy float64
		for _, b := range alaw[:block] {
			v := float64(DecodeALaw(b))
			energy += v * v
		}
		// A pure sine of energy E over N samples gives a Goertzel power of E·N/2.
		if energy > block*100 && Goertzel(alaw[:block], hz) > 0.5*energy*block/2 {
			hit++
		}
	}
	if n == 0 {
		return 0
	}
	return float64(hit) / float64(n)
}

// Goertzel returns the power of hz in A-law audio: the squared magnitude of its discrete Fourier term.
func Goertzel(alaw []byte, hz float64) float64 {
	c := 2 * math.Cos(2*math.Pi*hz/Rate)
	var s1, s2 float64
	for _, b := range alaw {
		s1, s2 = float64(DecodeALaw(b))+c*s1-s2, s1
	}
	return s1*s1 + s2*s2 - c*s1*s2
}

func clamp(v float64) int16 {
	return int16(math.Round(min(max(v, math.MinInt16), math.MaxInt16)))
}
