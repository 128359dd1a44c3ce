// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"sync/atomic"

	"rivage.example/rivage/wire/rtp"
)

// tapSlots is 2.5 s of frames: a reader that looks every 200 ms has ten times its need.
const tapSlots = 128

// Tap is a ring of A-law frames of one direction of a leg. The loop writes, one other goroutine reads with Next;
// neither waits. When it is full, frames are dropped and counted.
type Tap struct {
	taken      atomic.Bool   // attached to a leg
	head, tail atomic.Uint64 // next to read, next to write
	dropped    atomic.Uint64
	slots      [tapSlots]slot
}

type slot struct {
	at   int64
	n    int
	data [rtp.FrameSize]byte
}

// NewTap returns a tap to attach with Leg.Tap.
func NewTap() *Tap { return &Tap{} }

// Next returns the oldest frame and its place on Engine.Now's clock, in samples; audio is at most 20 ms, valid
// until Pop. A gap between frames is silence. ok is false when there is none.
func (t *Tap) Next() (at int64, audio []byte, ok bool) {
	h := t.head.Load()
	if h == t.tail.Load() {
		return 0, nil, false
	}
	s := &t.slots[h%tapSlots]
	return s.at, s.data[:s.n], true
}

// Pop frees the frame that Next returned.
func (t *Tap) Pop() { t.head.Add(1) }

// Dropped is how many frames found the ring full.
func (t *Tap) Dropped() uint64 { return t.dropped.Load() }

// put copies a payload in, as A-law, in frames of at most 20 ms.
func (t *Tap) put(at int64, payload []byte, mu bool) {
	for len(payload) > 0 {
		n := min(len(payload), rtp.FrameSize)
		tail := t.tail.Load()
		if tail-t.head.Load() == tapSlots {
			t.dropped.Add(1)
		} else {
			s := &t.slots[tail%tapSlots]
			s.at, s.n = at, copy(s.data[:], payload[:n])
			recode(s.data[:n], mu, false)
			t.tail.Store(tail + 1)
		}
		payload, at = payload[n:], at+int64(n)
	}
}

// Bounds on how far a packet's arrival may be from the place its timestamp gives it. Beyond, the sender's clock
// has leapt or drifted, and the place is taken anew from the arrival.
const (
	maxEarly = rtp.Rate / 10     // 100 ms
	maxLate  = rtp.Rate * 4 / 10 // 400 ms
)

// anchor ties a stream's timestamps to the engine's clock, so that jitter does not shake what is recorded.
type anchor struct {
	any  bool
	ssrc uint32
	ts   uint32
	pos  int64
}

// at returns where n samples stamped ts, arrived at now, belong.
func (a *anchor) at(ssrc, ts uint32, n int, now int64) int64 {
	arrived := now - int64(n)
	if a.any && ssrc == a.ssrc {
		pos := a.pos + int64(int32(ts-a.ts))
		if late := arrived - pos; late >= -maxEarly && late <= maxLate {
			if pos > a.pos {
				a.ts, a.pos = ts, pos
			}
			return pos
		}
	}
	*a = anchor{true, ssrc, ts, arrived}
	return arrived
}
