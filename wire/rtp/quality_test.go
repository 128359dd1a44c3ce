// SPDX-License-Identifier: EUPL-1.2

package rtp

import (
	"math"
	"testing"
	"time"
)

func TestRatingVectors(t *testing.T) {
	cases := []struct {
		delay, loss          float64
		r, mos, plcR, plcMOS float64
	}{
		{20, 0, 92.72, 4.400, 92.72, 4.400},
		{50, 0, 92.00, 4.385, 92.00, 4.385},
		{150, 0, 89.60, 4.329, 89.60, 4.329},
		{150, 1, 71.68, 3.675, 85.96, 4.228},
		{250, 0, 79.20, 3.994, 79.20, 3.994},
		{250, 1, 61.28, 3.166, 75.56, 3.846},
		{400, 0, 59.10, 3.053, 59.10, 3.053},
		{400, 2, 28.94, 1.566, 52.09, 2.685},
	}
	for _, c := range cases {
		d := time.Duration(c.delay) * time.Millisecond
		r, plc := R(d, c.loss, BplPlain), R(d, c.loss, BplPLC)
		for _, v := range []struct {
			name      string
			got, want float64
		}{{"R", r, c.r}, {"MOS", MOS(r), c.mos}, {"R with PLC", plc, c.plcR}, {"MOS with PLC", MOS(plc), c.plcMOS}} {
			tolerance := 0.0051
			if v.want < 5 {
				tolerance = 0.00051
			}
			if math.Abs(v.got-v.want) > tolerance {
				t.Errorf("%v ms, %v %%: %s: got %.4f, want %v", c.delay, c.loss, v.name, v.got, v.want)
			}
		}
	}
	for r, want := range map[float64]float64{-5: 1, 0: 1, 3: 1, 50: 2.575, 60: 3.1, 70: 3.597, 80: 4.024, 90: 4.339, 93.2: 4.409, 100: 4.5, 120: 4.5} {
		if got := MOS(r); math.Abs(got-want) > 0.00051 {
			t.Errorf("MOS(%v): got %.4f, want %v", r, got, want)
		}
	}
}

func TestReceiverCountsLossAndJitter(t *testing.T) {
	cases := []struct {
		name           string
		seqs           []uint16
		expected, lost uint64
	}{
		{"all", []uint16{1, 2, 3}, 3, 0},
		{"a gap", []uint16{1, 2, 5}, 5, 2},
		{"wrap", []uint16{65534, 65535, 0, 1}, 4, 0},
		{"gap over the wrap", []uint16{65534, 1}, 4, 2},
		{"reordered", []uint16{1, 3, 2, 4}, 4, 0},
		{"restart is not loss", []uint16{1, 2, 40000, 40001}, 4, 0},
		{"none", nil, 0, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var r Receiver
			for i, s := range c.seqs {
				r.Take(7, s, uint32(i)*160, uint32(i)*160)
			}
			if r.Expected() != c.expected || r.Lost() != c.lost {
				t.Errorf("got %d expected, %d lost; want %d, %d", r.Expected(), r.Lost(), c.expected, c.lost)
			}
		})
	}
	var steady, shaken Receiver
	for i := range uint32(1000) {
		steady.Take(1, uint16(i), i*160, i*160)
		steady.TakeJitter(i*160, i*160)
		late := i % 2 * 80 // every second packet 10 ms late
		shaken.Take(1, uint16(i), i*160, i*160+late)
		shaken.TakeJitter(i*160, i*160+late)
	}
	if got := steady.Jitter(); got != 0 {
		t.Errorf("steady stream: got %v, want 0", got)
	}
	if got := shaken.Jitter(); got < 9*time.Millisecond || got > 11*time.Millisecond {
		t.Errorf("shaken stream: got %v, want about 10ms", got)
	}
}

func TestReportBlockSaysTheLastInterval(t *testing.T) {
	var r Receiver
	for _, s := range []uint16{1, 2, 3, 4} {
		r.Take(7, s, 0, 0)
	}
	if b := r.Block(1, 2); b.Fraction != 0 || b.Lost != 0 || b.Highest != 4 || b.SSRC != 7 || b.LSR != 1 || b.DLSR != 2 {
		t.Errorf("first: got %+v", b)
	}
	r.Take(7, 6, 0, 0)
	if b := r.Block(0, 0); b.Fraction != 128 || b.Lost != 1 {
		t.Errorf("second: got %+v, want fraction 128, lost 1", b)
	}
}
