// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"fmt"
	"sync"
	"time"

	"rivage.example/rivage/wire/rtp"
)

const (
	drainEvery = 200 * time.Millisecond
	// recordGrace is how long a block stays open after its second, for packets that come late.
	recordGrace = rtp.Rate / 10
	window      = 2 * rtp.Rate // the block under way and the one after it
)

// Recorder turns two taps into blocks of one second, A-law, two channels interleaved (caller, agent, caller …),
// silence where nothing was said. It keeps nothing: the sink seals and stores. Attach Caller and Agent with
// Leg.Tap; a transfer moves Agent to another leg while the recording goes on.
type Recorder struct {
	Caller, Agent *Tap

	clock  func() int64
	sink   func(chunk []byte, dropped int) error
	failed func(error)
	quit   chan struct{}
	ended  chan struct{}

	mu      sync.Mutex // the drainer against Pause, Resume and Stop; never the packet path
	paused  bool
	stopped bool
	err     error           // the sink's refusal
	began   int64           // clock of the first sample of all
	start   int64           // clock of the first sample of the block under way
	audio   [2][window]byte // from start
	seen    [2]uint64       // drops of the taps already told
	late    int             // frames that came after their block had left
	chunk   [2 * rtp.Rate]byte
}

// NewRecorder begins a recording now. sink gets each second, and the rest at Stop: 16000 bytes, fewer in the last,
// with the number of frames dropped; it may neither keep chunk nor use
// the recorder. When it returns an error the recording ends, failed is
// told (on the recorder's goroutine), and the call goes on.
func (e *Engine) NewRecorder(sink func(chunk []byte, dropped int) error, failed func(error)) *Recorder {
	r := newRecorder(e.Now, sink, failed)
	go r.run()
	return r
}

func newRecorder(clock func() int64, sink func([]byte, int) error, failed func(error)) *Recorder {
	r := &Recorder{
		Caller: NewTap(), Agent: NewTap(), clock: clock, sink: sink, failed: failed,
		quit: make(chan struct{}), ended: make(chan struct{}), began: clock(),
	}
	r.start = r.began
	for c := range r.audio {
		hush(r.audio[c][:])
	}
	return r
}

func (r *Recorder) run() {
	defer close(r.ended)
	tick := time.NewTicker(drainEvery)
	defer tick.Stop()
	for {
		select {
		case <-r.quit:
			return
		case <-tick.C:
		}
		r.mu.Lock()
		r.drain(r.clock())
		err := r.err
		r.mu.Unlock()
		if err != nil {
			if r.failed != nil {
				r.failed(err)
			}
			return
		}
	}
}

// Pause writes silence from now on; what was said before stays.
func (r *Recorder) Pause() { r.pause(true) }

// Resume ends Pause.
func (r *Recorder) Resume() { r.pause(false) }

func (r *Recorder) pause(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return
	}
	r.drain(r.clock()) // frames up to now follow the old rule
	r.paused = on
}

// Stop hands the rest to the sink and returns the sink's error, if it ever gave one. Untap first, or frames of the
// last 20 ms may be missing. Further calls return the same.
func (r *Recorder) Stop() error {
	r.mu.Lock()
	if r.stopped {
		defer r.mu.Unlock()
		return r.err
	}
	r.stopped = true
	r.mu.Unlock()
	close(r.quit)
	<-r.ended
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock()
	r.drain(now)
	for now > r.start && r.err == nil {
		r.emit(int(min(now-r.start, rtp.Rate)))
	}
	return r.err
}

// drain moves frames from the taps into the window and emits the blocks that are over. The caller holds mu.
func (r *Recorder) drain(now int64) {
	for r.err == nil {
		full := r.fill(0, r.Caller)
		full = r.fill(1, r.Agent) || full
		if !full && now < r.start+rtp.Rate+recordGrace {
			return
		}
		r.emit(rtp.Rate)
	}
}

// fill writes the frames of a tap at their places; true when the next one lies beyond the window.
func (r *Recorder) fill(channel int, t *Tap) bool {
	for at, audio, ok := t.Next(); ok; at, audio, ok = t.Next() {
		off := at - r.start
		switch {
		case off+int64(len(audio)) > window:
			return true
		case r.paused:
		case off >= 0:
			copy(r.audio[channel][off:], audio)
		default: // what is left of it still counts
			if at >= r.began {
				r.late++
			}
			copy(r.audio[channel][:], audio[min(-off, int64(len(audio))):])
		}
		t.Pop()
	}
	return false
}

// emit hands the first n samples of the window to the sink and moves it on.
func (r *Recorder) emit(n int) {
	for i := range n {
		r.chunk[2*i], r.chunk[2*i+1] = r.audio[0][i], r.audio[1][i]
	}
	dropped := r.late
	r.late = 0
	for c, t := range []*Tap{r.Caller, r.Agent} {
		d := t.Dropped()
		dropped += int(d - r.seen[c])
		r.seen[c] = d
		rest := copy(r.audio[c][:], r.audio[c][n:])
		hush(r.audio[c][rest:])
	}
	r.start += int64(n)
	if err := r.sink(r.chunk[:2*n], dropped); err != nil {
		r.err = fmt.Errorf("record call: %w", err)
	}
}

func hush(b []byte) {
	for i := range b {
		b[i] = rtp.ALawSilence
	}
}
