// SPDX-License-Identifier: EUPL-1.2

//go:build linux

package media

import (
	"errors"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rivage.example/rivage/wire/rtp"
)

// BenchmarkForward is one packet from the kernel to the kernel: received, rewritten, sent.
func BenchmarkForward(b *testing.B) {
	e, x := still(b)
	y := stillLeg(b, e)
	x.reroute(func(r *route) { r.peer = y })
	y.reroute(func(r *route) { r.peer = x })
	pkt := make([]byte, rtp.HeaderLen+rtp.FrameSize)
	var seq uint16
	b.ReportAllocs()
	for b.Loop() {
		seq++
		rtp.Header{PT: 8, Seq: seq, TS: uint32(seq) * 160, SSRC: 9}.Put(pkt)
		x.in.window = 0
		x.input(pkt, x.heard, 1000)
	}
}

// BenchmarkBridges keeps 200 bridges talking both ways, 50 packets a second each, for three seconds, and reports
// the processor time of the loop's thread per call and second: taps are part of it, what recorders hand over is not.
func BenchmarkBridges(b *testing.B) {
	b.Run("plain", func(b *testing.B) { benchmarkBridges(b, false) })
	b.Run("tapped", func(b *testing.B) { benchmarkBridges(b, true) })
}

func benchmarkBridges(b *testing.B, tapped bool) {
	const calls, seconds = 200, 3
	e := engine(b, 1)
	var phones []*phone
	for range calls {
		x, y := newPhone(b, "127.0.0.1"), newPhone(b, "127.0.0.1")
		lx, ly := x.leg(e, LegConf{}), y.leg(e, LegConf{})
		if err := e.Bridge(lx, ly); err != nil {
			b.Fatal(err)
		}
		if tapped {
			r := e.NewRecorder(func([]byte, int) error { return nil }, nil)
			if err := errors.Join(lx.Tap(In, r.Caller), ly.Tap(In, r.Agent)); err != nil {
				b.Fatal(err)
			}
		}
		phones = append(phones, x, y)
	}
	in0, out0 := carried(b, e) // the silence they were told before they were bridged
	for b.Loop() {
		before := threadTime(b, e.loops[0])
		sent, start := 0, time.Now()
		tick := time.NewTicker(time.Millisecond)
		frame := rtp.Tone(20*time.Millisecond, -10, 400)
		for done := 0; done < seconds*50*len(phones); {
			<-tick.C
			due := min(int(time.Since(start)*50*time.Duration(len(phones))/time.Second), seconds*50*len(phones))
			for ; done < due; done++ {
				phones[done%len(phones)].say(frame)
				sent++
			}
		}
		tick.Stop()
		used := threadTime(b, e.loops[0]) - before
		b.ReportMetric(float64(used.Microseconds())/calls/seconds, "µs/call-second")
		b.ReportMetric(float64(used.Nanoseconds())/float64(sent), "ns/packet")
	}
	in, out := carried(b, e)
	b.ReportMetric(float64(in-in0), "in")
	b.ReportMetric(float64(out-out0), "out")
}

// carried is how many packets all legs have taken and sent.
func carried(b *testing.B, e *Engine) (in, out uint64) {
	err := e.loops[0].do(func() {
		for g := range e.loops[0].legs {
			q := g.quality(e.Now())
			in, out = in+q.In, out+q.Out
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	return in, out
}

func threadTime(b *testing.B, l *loop) time.Duration {
	var r unix.Rusage
	var failed error
	if err := l.do(func() { failed = unix.Getrusage(unix.RUSAGE_THREAD, &r) }); err != nil || failed != nil {
		b.Fatal(err, failed)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
