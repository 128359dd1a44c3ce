// SPDX-License-Identifier: EUPL-1.2

package voice

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/voice/media"
	"rivage.example/rivage/engine/floor"
)

// recording is one capture under way: two taps, a recorder, a sealed sink.
type recording struct {
	v        *Voice
	effect   floor.Record
	recorder *media.Recorder
	ready    chan struct{} // closed once the sink is open, or could not be
	mu       sync.Mutex    // guards what follows
	sink     Sink
	early    []second // what was captured before the sink was open
	caller   *media.Leg
	agent    *media.Leg
	dropped  int64
	last     bool // the last chunk was written
	ended    bool
	cause    string // why it was interrupted
}

// second is one chunk as the recorder gives it.
type second struct {
	sound []byte
	last  bool
}

// maxEarly is how many seconds may wait for a sink to open, as many as one takes at once.
const maxEarly = 4

// record begins a capture, or goes on with one after a pause or on the agent's new leg. Capture begins with the bridge;
// the sink is opened beside the executor, since nobody waits for a disk.
func (v *Voice) record(e floor.Record) {
	caller, agent := v.find(e.Caller), v.find(e.Agent)
	v.mu.Lock()
	r := v.recordings[e.Object]
	first := r == nil
	why := ""
	switch err := e.Grant.Check(rivage.ActRecord, e.Object, v.c.Clock.Now()); {
	case err != nil:
		why = "policy" // the call goes on, unrecorded
	case first && (caller == nil || agent == nil):
		why = "gone" // it ended before it began: nobody would stop it
	}
	if why != "" {
		v.mu.Unlock()
		if !first { // what was captured is reported once it is on the disk
			v.ends.Go(func() { r.fail(why) })
			return
		}
		v.c.Floor.Post(floor.RecordingEnded{Principal: e.Principal, Facts: rivage.RecordingEnded{
			Interaction: e.Interaction, Object: e.Object, Outcome: "interrupted", Reason: why,
		}})
		return
	}
	if first {
		r = &recording{v: v, effect: e, ready: make(chan struct{})}
		r.recorder = v.engine.NewRecorder(r.write, func(error) { v.ends.Go(func() { r.fail("disk") }) })
		v.recordings[e.Object] = r
	}
	v.mu.Unlock()
	if first {
		v.ends.Go(r.open)
	}
	if caller == nil || agent == nil { // one of them is gone again: nothing is captured until the next time
		return
	}
	caller.with(func(c *media.Leg) {
		agent.with(func(a *media.Leg) { r.listen(c, a) })
	})
}

// pauseRecording has silence written until record goes on.
func (v *Voice) pauseRecording(e floor.PauseRecording) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if r := v.recordings[e.Object]; r != nil {
		r.recorder.Pause()
	}
}

// open opens the sink and gives it what was captured meanwhile. A recording that cannot be written is interrupted; the
// call goes on.
func (r *recording) open() {
	defer close(r.ready)
	sink, err := r.v.c.Recordings.Sink(context.Background(), r.effect.Subject, r.effect.Object)
	if err != nil {
		r.v.c.Logger.Error("start a recording", slog.Any("error", err))
		r.mu.Lock()
		r.cause = "sink"
		r.mu.Unlock()
		r.v.ends.Go(func() { r.fail("sink") })
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sink = sink
	for _, s := range r.early {
		if err = sink.Write(s.sound, s.last); err != nil {
			r.v.ends.Go(func() { r.fail("disk") })
			break
		}
	}
	r.early = nil
}

// listen taps what both parties say; from then on it is kept.
func (r *recording) listen(caller, agent *media.Leg) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return
	}
	r.untap()
	r.caller, r.agent = caller, agent
	for _, t := range []struct {
		leg *media.Leg
		tap *media.Tap
	}{{caller, r.recorder.Caller}, {agent, r.recorder.Agent}} {
		if err := t.leg.Tap(media.In, t.tap); err != nil {
			r.v.c.Logger.Warn("tap a leg", slog.Any("error", err))
		}
	}
	r.recorder.Resume()
}

// untap ends listening; the caller holds mu.
func (r *recording) untap() {
	if r.caller != nil {
		r.caller.Untap(media.In, r.recorder.Caller)
	}
	if r.agent != nil {
		r.agent.Untap(media.In, r.recorder.Agent)
	}
	r.caller, r.agent = nil, nil
}

// secondOfSound is what a whole chunk holds: two channels of 8 000 samples.
const secondOfSound = 2 * 8000

// write hands one second over to the sink, or keeps it until there is one: on the goroutine of all recorders, or that
// of end.
func (r *recording) write(chunk []byte, dropped int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := len(chunk) < secondOfSound
	switch {
	case r.sink != nil:
		if err := r.sink.Write(chunk, last); err != nil {
			return err
		}
	case len(r.early) == maxEarly:
		return errors.New("the sink did not open in time")
	default:
		r.early = append(r.early, second{slices.Clone(chunk), last})
	}
	r.dropped += int64(dropped)
	r.last = last
	return nil
}

func (v *Voice) stopRecording(e floor.StopRecording) {
	v.mu.Lock()
	r := v.recordings[e.Object]
	delete(v.recordings, e.Object)
	v.mu.Unlock()
	switch {
	case r != nil:
		v.ends.Go(func() { r.end(e.Destroy) })
	case e.Destroy:
		v.ends.Go(func() { v.destroy(e) })
	}
}

// destroy leaves nothing of a recording that ended before the caller opposed it.
func (v *Voice) destroy(e floor.StopRecording) {
	ctx, stop := context.WithTimeout(context.Background(), endTime)
	defer stop()
	facts := rivage.RecordingEnded{Interaction: e.Interaction, Object: e.Object, Outcome: "destroyed", Reason: "opposition"}
	if err := v.c.Recordings.Destroy(ctx, e.Object); err != nil {
		v.c.Logger.Error("destroy a recording", slog.Any("error", err))
		facts.Outcome, facts.Reason = "interrupted", "destroy_failed"
	}
	v.c.Floor.Post(floor.RecordingEnded{Principal: e.Principal, Facts: facts})
}

// fail ends a recording that can no longer be written.
func (r *recording) fail(cause string) {
	r.v.mu.Lock()
	delete(r.v.recordings, r.effect.Object)
	r.v.mu.Unlock()
	r.mu.Lock()
	r.cause = cause
	r.mu.Unlock()
	r.end(false)
}

// end brings what was captured to the disk, or destroys it, and reports what became of it. Once.
func (r *recording) end(destroy bool) {
	r.mu.Lock()
	if r.ended {
		r.mu.Unlock()
		return
	}
	r.ended = true
	r.untap() // nothing more is taken, however long the sink needs
	r.mu.Unlock()
	<-r.ready
	r.mu.Lock()
	sink, cause := r.sink, r.cause
	r.mu.Unlock()
	facts := rivage.RecordingEnded{Interaction: r.effect.Interaction, Object: r.effect.Object, Outcome: "interrupted", Reason: cause}
	err := r.recorder.Stop()
	if sink != nil {
		r.close(sink, err, destroy, &facts)
	}
	r.v.c.Floor.Post(floor.RecordingEnded{Principal: r.effect.Principal, Facts: facts})
}

// close ends the sink and fills in what became of it; err is the recorder's.
func (r *recording) close(sink Sink, err error, destroy bool, facts *rivage.RecordingEnded) {
	ctx, stop := context.WithTimeout(context.Background(), endTime)
	defer stop()
	if destroy {
		facts.Outcome, facts.Reason = "destroyed", "opposition"
		if err := sink.Destroy(ctx); err != nil {
			r.v.c.Logger.Error("destroy a recording", slog.Any("error", err))
			facts.Outcome, facts.Reason = "interrupted", "destroy_failed"
		}
		return
	}
	if err == nil && !r.last {
		err = sink.Write(nil, true)
	}
	c, endErr := sink.End(ctx)
	facts.Bytes, facts.Seconds, facts.Dropped, facts.Cipher = c.Bytes, c.Seconds, r.dropped, c.Cipher.String()
	switch {
	case err != nil || endErr != nil || !c.Complete:
		if facts.Reason == "" {
			facts.Reason = "disk"
		}
	default:
		facts.Outcome, facts.Reason = "complete", ""
	}
}
