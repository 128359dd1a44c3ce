// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"errors"
	"slices"

	"rivage.example/rivage"
)

var errFull = errors.New("more than was foreseen is kept in memory: repair the journal now")

// With the journal down, live calls go on: what the world did is kept in memory in order and appended late, marked with
// both times; what we decide waits, and offers that were on their way are taken back.

func (r *Runner) goDown(err error) {
	if r.down {
		return
	}
	r.down, r.probeAt = true, r.Clock.Elapsed()+probeEvery
	r.State.SetDown(true)
	r.warn("journal down", err)
	if r.Alarm != nil {
		r.Alarm(true)
	}
}

// keep holds an outcome until the journal is back. An offer nobody saw is dropped instead; what the world did has
// effects that cannot wait.
func (r *Runner) keep(o *outcome) {
	if o.result.Offer != "" {
		r.undo(o)
		o.durable, o.done = true, true
		r.release()
		return
	}
	if len(r.pending) == maxKept { // said once: memory is the limit now
		r.warn("keep what happened while the journal is down", errFull)
	}
	if o.result.World && !o.done {
		r.outrun(o)
		o.finish(r.Execute)
	}
}

// happened says whether a command is an act of the world although somebody asked: a desk that closed, a hang-up, an
// opposition. They are kept like a caller's hang-up, and not refused.
func happened(c Command) bool {
	switch c.(type) {
	case SessionOpened, SessionLost, HangUp, Oppose:
		return true
	}
	return false
}

// outrun takes off the outcomes that still wait what o ends: a leg that is hung up now must not be bridged or recorded
// when the journal is back.
func (r *Runner) outrun(o *outcome) {
	ended := map[rivage.ID]bool{}
	for _, e := range o.result.Effects {
		switch e := e.(type) {
		case EndLeg:
			ended[e.Leg] = true
		case StopRecording:
			ended[e.Object] = true
		}
	}
	for _, p := range r.pending {
		if p == o {
			return
		}
		if !p.done {
			p.result.Effects = slices.DeleteFunc(p.result.Effects, func(e Effect) bool { return touches(e, ended) })
		}
	}
}

// touches says whether an effect is about a leg or a recording that ended.
func touches(e Effect, ended map[rivage.ID]bool) bool {
	switch e := e.(type) {
	case Play:
		return ended[e.Leg]
	case Ring:
		return ended[e.Leg]
	case Bridge:
		return ended[e.Caller] || ended[e.Agent]
	case Unbridge:
		return ended[e.Caller] || ended[e.Agent]
	case Record:
		return ended[e.Caller] || ended[e.Agent] || ended[e.Object]
	case PauseRecording:
		return ended[e.Object]
	}
	return false
}

func (r *Runner) undo(o *outcome) {
	if o.result.Offer != "" {
		r.State.Undo(r.moment(), o.result.Offer)
	}
}

// probe tries the oldest kept append; its success brings the others.
func (r *Runner) probe() {
	for _, o := range r.pending {
		if o.sent {
			return // being tried
		}
		if !o.durable {
			r.resubmit(o)
			return
		}
	}
	r.up() // nothing was kept: the next command finds out
}

// up: the journal takes appends again. Everything kept follows in order, then decisions are made again.
func (r *Runner) up() {
	r.down = false
	r.State.SetDown(false)
	if r.Alarm != nil {
		r.Alarm(false)
	}
	for _, o := range r.pending {
		if !o.durable && !o.sent {
			r.resubmit(o)
		}
	}
}

// resubmit appends late: At is now, Late is when it happened.
func (r *Runner) resubmit(o *outcome) {
	now := r.Clock.Now().UTC()
	for i := range o.append.Entries {
		e := &o.append.Entries[i]
		if e.Late.IsZero() {
			e.Late = e.At
		}
		e.At = now
	}
	r.submit(o)
}
