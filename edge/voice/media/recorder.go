// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"rivage.example/rivage/wire/rtp"
)

const (
	drainEvery = 50 * time.Millisecond
	// recordGrace is how long a second stays open after its end, for packets that come late. When our own loops are
	// late it is longer, up to the latest packet that keeps its place (maxLate).
	recordGrace = rtp.Rate / 10
	// openSeconds is how many a recording may have open: one under way, the one before it, and what the goroutine
	// that hands them over is behind.
	openSeconds = 4
)

// Recorder turns two taps into blocks of one second, A-law, two channels interleaved (caller, agent, caller …),
// silence where nothing was said. It keeps nothing: the sink seals and stores. Attach Caller and Agent with
// Leg.Tap; a transfer moves Agent to another leg while the recording goes on.
type Recorder struct {
	Caller, Agent *Tap

	drains *drains
	shelf  *shelf
	clock  func() int64
	behind func() int64
	sink   func(chunk []byte, dropped int) error
	failed func(error)
	began  int64 // clock of the first sample
	paused atomic.Bool

	// The seconds under way, by number modulo openSeconds. Loops put a block where there is none; only the recorder
	// takes one out, once first has passed it and neither tap is busy.
	first atomic.Int64 // the oldest that takes frames
	open  [openSeconds]atomic.Pointer[block]

	mu      sync.Mutex // hand-over against Stop; never the packet path
	handed  int64      // seconds given to the sink
	told    uint64     // drops given to the sink
	stopped bool
	err     error // the sink's refusal
}

// NewRecorder begins a recording now. sink gets each second, and the rest at Stop: 16000 bytes, fewer in the last,
// with the number of frames dropped; it may neither keep chunk, nor wait, nor use the recorder: one goroutine serves
// all recordings. When it returns an error the recording ends, failed is told (there, too), and the call goes on.
func (e *Engine) NewRecorder(sink func(chunk []byte, dropped int) error, failed func(error)) *Recorder {
	r := newRecorder(e.Now, e.behind, sink, failed)
	r.drains, r.shelf = &e.drains, e.drains.shelf
	e.drains.add(r)
	return r
}

func newRecorder(clock, behind func() int64, sink func([]byte, int) error, failed func(error)) *Recorder {
	r := &Recorder{shelf: newShelf(), clock: clock, behind: behind, sink: sink, failed: failed, began: clock()}
	r.Caller, r.Agent = &Tap{to: r}, &Tap{to: r, channel: 1}
	return r
}

// Pause writes silence from now on; what was said before stays.
func (r *Recorder) Pause() { r.paused.Store(true) }

// Resume ends Pause.
func (r *Recorder) Resume() { r.paused.Store(false) }

// Stop hands the rest to the sink and returns the sink's error, if it ever gave one. Untap first, or frames of the
// last 20 ms may be missing. Further calls return the same.
func (r *Recorder) Stop() error {
	if r.drains != nil {
		r.drains.remove(r)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return r.err
	}
	r.stopped = true
	r.first.Store(math.MaxInt64)
	for r.busy() { // for as long as a frame takes
		runtime.Gosched()
	}
	for left := r.clock() - r.began - r.handed*rtp.Rate; left > 0 && r.err == nil; left -= rtp.Rate {
		r.hand(int(min(left, rtp.Rate)))
	}
	for i := range r.open {
		r.shelf.give(r.open[i].Swap(nil))
	}
	return r.err
}

// second is the block that holds a second; nil when it is over, or too far ahead. For loops.
func (r *Recorder) second(k int64) *block {
	// One less than fit: the block that is being taken out may still stand at its place.
	if first := r.first.Load(); k < first || k-first >= openSeconds-1 {
		return nil
	}
	at := &r.open[k%openSeconds]
	if b := at.Load(); b != nil {
		return b
	}
	b := r.shelf.take()
	if b == nil || at.CompareAndSwap(nil, b) {
		return b
	}
	r.shelf.give(b) // the other party's loop was first
	return at.Load()
}

func (r *Recorder) busy() bool { return r.Caller.busy.Load() || r.Agent.busy.Load() }

// drain hands over the seconds that are complete; false when that was the last of it.
func (r *Recorder) drain() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock() - recordGrace - min(r.behind(), maxLate-recordGrace)
	for !r.stopped && r.err == nil && now >= r.began+(r.handed+1)*rtp.Rate {
		r.first.Store(r.handed + 1) // before looking whether somebody writes
		if r.busy() {
			return true // a loop is in the middle of a frame: next time
		}
		r.hand(rtp.Rate)
	}
	return r.err == nil
}

// hand gives the first n samples of the oldest second to the sink. The caller holds mu, and nobody writes to it.
func (r *Recorder) hand(n int) {
	b := r.open[r.handed%openSeconds].Swap(nil)
	c := chunks.Get().(*chunk)
	c.fill(b)
	r.shelf.give(b)
	dropped := r.Caller.dropped.Load() + r.Agent.dropped.Load()
	err := r.sink(c[:2*n], int(dropped-r.told))
	chunks.Put(c)
	r.handed, r.told = r.handed+1, dropped
	if err != nil {
		r.err = fmt.Errorf("record call: %w", err)
	}
}

// drains are the recordings under way, on one goroutine.
type drains struct {
	mu   sync.Mutex
	list map[*Recorder]struct{} // guarded by mu
	wake chan struct{}          // holds a token once there is one more
	quit chan struct{}

	shelf *shelf
}

func (d *drains) add(r *Recorder) {
	d.mu.Lock()
	d.list[r] = struct{}{}
	d.mu.Unlock()
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *drains) remove(r *Recorder) {
	d.mu.Lock()
	delete(d.list, r)
	d.mu.Unlock()
}

// run looks at all recordings from time to time, and sleeps while there is none.
func (d *drains) run() {
	tick := time.NewTicker(drainEvery)
	defer tick.Stop()
	defer d.shelf.trim(0)
	for {
		select {
		case <-d.quit:
			return
		case <-tick.C:
		}
		if list := d.under(); len(list) > 0 {
			d.drain(list)
			d.shelf.trim(len(list)/8 + 8)
			continue
		}
		tick.Stop()
		d.shelf.trim(0)
		select {
		case <-d.quit:
			return
		case <-d.wake:
		}
		tick.Reset(drainEvery)
	}
}

func (d *drains) under() []*Recorder {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]*Recorder, 0, len(d.list))
	for r := range d.list {
		list = append(list, r)
	}
	return list
}

func (d *drains) drain(list []*Recorder) {
	for _, r := range list {
		if r.drain() {
			continue
		}
		d.remove(r)
		if r.failed != nil {
			r.failed(r.err)
		}
	}
}
