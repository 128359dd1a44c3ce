// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"sync/atomic"

	"rivage.example/rivage/wire/rtp"
)

// Tap copies one direction of a leg into one channel of a recording. The leg's loop writes frames straight to their
// place in the second under way; the recorder takes a second only when no frame is being written. Neither waits.
type Tap struct {
	to      *Recorder
	channel int
	taken   atomic.Bool   // attached to a leg
	busy    atomic.Bool   // a frame is being written
	dropped atomic.Uint64 // frames whose second was not open
}

// put copies a payload in, as A-law, where it belongs on the engine's clock.
func (t *Tap) put(at int64, payload []byte, mu bool) {
	r := t.to
	if r.paused.Load() {
		return
	}
	pos := at - r.began
	if pos < 0 { // it was said before
		payload = payload[min(-pos, int64(len(payload))):]
		pos = 0
	}
	lost := false
	t.busy.Store(true) // before looking which seconds are open
	for len(payload) > 0 {
		off := int(pos % rtp.Rate)
		n := min(len(payload), rtp.Rate-off)
		if b := r.second(pos / rtp.Rate); b != nil {
			recode(b[t.channel][off:off+copy(b[t.channel][off:], payload[:n])], mu, false)
		} else {
			lost = true
		}
		payload, pos = payload[n:], pos+int64(n)
	}
	t.busy.Store(false)
	if lost {
		t.dropped.Add(1)
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
