// SPDX-License-Identifier: EUPL-1.2

package rtp

import "time"

// MOSFormula names the formula of R and MOS, for screens and journal.
const MOSFormula = "mos@1"

// Loss robustness of G.711 (ITU-T G.113): without and with packet loss concealment.
const (
	BplPlain = 4.3
	BplPLC   = 25.1
)

// R is the transmission rating of ITU-T G.107 for narrowband G.711 with random loss, in the planning approximation
// of the delay term: delay is one way, loss is in percent.
func R(delay time.Duration, loss, bpl float64) float64 {
	d := float64(delay) / float64(time.Millisecond)
	delayImpairment := 0.024 * d
	if d > 177.3 {
		delayImpairment += 0.11 * (d - 177.3)
	}
	return 93.2 - delayImpairment - 95*loss/(loss+bpl)
}

// MOS turns a rating into a mean opinion score, 1 to 4.5 (ITU-T G.107 annex B).
func MOS(r float64) float64 {
	switch {
	case r <= 0:
		return 1
	case r >= 100:
		return 4.5
	}
	return max(1, 1+0.035*r+r*(r-60)*(100-r)*7e-6) // the cubic dips under 1 near r = 3
}

// Receiver counts what arrives in one stream, as RFC 3550 appendices A.3 and A.8 do. A change of SSRC, or a jump
// of the sequence, starts a new count on top of the old. One goroutine owns it.
type Receiver struct {
	any      bool
	ssrc     uint32
	base     uint16
	high     uint32 // extended highest sequence number
	got      uint64 // in this count
	past     uint64 // expected in earlier counts
	pastGot  uint64
	transit  uint32
	jitter16 uint32 // jitter in samples, times 16

	reportExpected, reportGot uint64 // at the last report
}

// maxJump is how far a sequence number may leap before it counts as a restart (RFC 3550 MAX_DROPOUT).
const maxJump = 3000

// Take counts a packet that arrived at arrival, in samples of any constant origin.
func (r *Receiver) Take(ssrc uint32, seq uint16, ts, arrival uint32) {
	ahead := int16(seq - uint16(r.high))
	if !r.any || ssrc != r.ssrc || ahead > maxJump || ahead < -maxJump {
		r.past, r.pastGot = r.Expected(), r.pastGot+r.got
		r.any, r.ssrc, r.base, r.high, r.got = true, ssrc, seq, uint32(seq), 1
		r.transit = arrival - ts
		return
	}
	r.got++
	if ahead > 0 {
		r.high += uint32(ahead)
	}
}

// TakeJitter updates the jitter. It is for audio only: an event keeps one timestamp while it lasts.
func (r *Receiver) TakeJitter(ts, arrival uint32) {
	transit := arrival - ts
	d := int32(transit - r.transit)
	r.transit = transit
	if d < 0 {
		d = -d
	}
	if d < 10*Rate { // a leap is a new clock, not jitter
		r.jitter16 += uint32(d) - (r.jitter16+8)>>4
	}
}

// SSRC is the source now counted.
func (r *Receiver) SSRC() uint32 { return r.ssrc }

// Highest is the extended highest sequence number received.
func (r *Receiver) Highest() uint32 { return r.high }

// Expected is how many packets were sent to us, by their numbers.
func (r *Receiver) Expected() uint64 {
	if !r.any {
		return 0
	}
	return r.past + uint64(r.high-uint32(r.base)) + 1
}

// Lost is how many of them did not arrive; a duplicate hides a loss, as in RFC 3550.
func (r *Receiver) Lost() uint64 {
	return r.Expected() - min(r.Expected(), r.pastGot+r.got)
}

// Jitter is the interarrival jitter.
func (r *Receiver) Jitter() time.Duration {
	return time.Duration(r.jitter16>>4) * time.Second / Rate
}

// Block makes the report block since the last one.
func (r *Receiver) Block(lsr, dlsr uint32) Block {
	expected, got := r.Expected(), r.pastGot+r.got
	de, dg := expected-r.reportExpected, got-r.reportGot
	r.reportExpected, r.reportGot = expected, got
	var fraction uint8
	if de > dg && de > 0 {
		fraction = uint8(min((de-dg)*256/de, 255))
	}
	return Block{
		SSRC: r.ssrc, Fraction: fraction, Lost: uint32(min(r.Lost(), 0x7fffff)),
		Highest: r.high, Jitter: r.jitter16 >> 4, LSR: lsr, DLSR: dlsr,
	}
}
