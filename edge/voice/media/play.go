// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"fmt"
	"sync/atomic"

	"rivage.example/rivage/wire/rtp"
)

// Source is A-law audio at 8 kHz, encoded once and shared by all who play it: nobody writes to it.
type Source []byte

// PlayOpts says how a source is played.
type PlayOpts struct {
	Loop bool // again from the start until stopped
}

// player is a source under way. The owning loop owns it.
type player struct {
	source Source
	loop   bool
	done   func(frames int, complete bool)
	off    int
	frames int // of 20 ms, handed to the kernel
	whole  bool
}

// Play sends the source to the leg instead of the bridge or silence, replacing what plays. A frame that cannot
// leave (the leg is on hold, has no peer yet, the buffer is full) is sent later, not skipped. done is called once,
// when the source ends or is stopped, with the frames that really left; complete means the source was sent to its
// last frame at least once. It may be nil.
func (g *Leg) Play(s Source, o PlayOpts, done func(frames int, complete bool)) {
	p := &player{source: s, loop: o.Loop, done: done}
	err := g.verb(func() {
		g.endPlay(false)
		if g.player = p; len(s) == 0 {
			g.endPlay(false)
		}
	})
	if err != nil && done != nil {
		g.eng.notes.add(func() { done(0, false) })
	}
}

// Stop ends what plays: the leg hears its bridge again, or silence.
func (g *Leg) Stop() {
	// On a closed leg nothing plays.
	_ = g.verb(func() { g.endPlay(false) })
}

func (g *Leg) endPlay(complete bool) {
	p := g.player
	g.player = nil
	if p == nil || p.done == nil {
		return
	}
	g.eng.notes.add(func() { p.done(p.frames, complete || p.whole) })
}

// presses is what a leg types. The owning loop owns it, but for notices.
type presses struct {
	queue    [maxPresses]byte
	queued   int
	pressing bool
	writer   rtp.EventWriter
	start    uint32       // timestamp of the press under way
	notices  atomic.Int32 // incoming keys whose callback has not run
}

const maxPresses = 32

// SendDigits types 0–9 * # A–D to the peer, after those still to be typed; other audio of the leg waits. A peer
// without telephone-event gets an error: use SIP INFO.
func (g *Leg) SendDigits(digits string) error {
	for _, d := range []byte(digits) {
		if _, ok := rtp.EventCode(d); !ok {
			return fmt.Errorf("send digits: %w: only 0–9 * # A–D", ErrDigits)
		}
	}
	var refused error
	err := g.verb(func() {
		switch {
		case g.route.Load().eventOut == 0:
			refused = fmt.Errorf("%w: the peer takes no telephone-event", ErrDigits)
		case g.queued+len(digits) > maxPresses:
			refused = fmt.Errorf("%w: more than %d are waiting", ErrDigits, maxPresses)
		default:
			g.queued += copy(g.queue[g.queued:], digits)
		}
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return fmt.Errorf("send digits: %w", err)
	}
	return nil
}

// turn is the leg's 20 ms slot of the wheel.
func (g *Leg) turn(now int64) {
	const second = 1000 / slots
	if g.turns++; g.turns%second == 0 {
		g.watch(now)
		if (g.turns/second+g.id)%reportEvery == 0 {
			g.sendReport(now)
		}
	}
	r := g.route.Load()
	if !g.sends(r) {
		return
	}
	if !g.pressing && g.queued > 0 {
		g.nextPress()
	}
	switch {
	case g.pressing:
		g.press(r, now)
	case g.player != nil:
		g.playFrame(r, now)
	case !fed(r):
		g.speak(r, fromSilence, nil, now)
	}
}

// fed reports whether the leg's peer may send to it, so that we need not.
func fed(r *route) bool {
	if r.peer == nil {
		return false
	}
	p := r.peer.route.Load()
	return p.receive && !p.muted
}

func (g *Leg) playFrame(r *route, now int64) {
	p := g.player
	stop := min(p.off+rtp.FrameSize, len(p.source))
	if !g.speak(r, fromPlayer, p.source[p.off:stop], now) {
		return
	}
	p.frames++
	if p.off = stop; p.off < len(p.source) {
		return
	}
	p.whole = true
	if p.off = 0; !p.loop {
		g.endPlay(true)
	}
}

func (g *Leg) nextPress() {
	g.writer, g.pressing = rtp.NewEventWriter(g.queue[0]) // checked by SendDigits: it is a key
	copy(g.queue[:], g.queue[1:g.queued])
	g.queued--
}

// press sends the next packet of a key press; time goes on during the pause after it.
func (g *Leg) press(r *route, now int64) {
	o := &g.out
	marker := o.turnTo(origin{kind: fromKeys}, now)
	e, first, send, more := g.writer.Next()
	if first {
		g.start = o.ts
	}
	if send && r.eventOut != 0 {
		b := o.frame[:rtp.HeaderLen+rtp.EventLen]
		rtp.Header{Marker: first || marker, PT: r.eventOut, Seq: o.seq, TS: g.start, SSRC: o.ssrc}.Put(b)
		e.Put(b[rtp.HeaderLen:])
		if g.send(b) {
			o.seq++
			o.sent(rtp.EventLen, now)
		}
	}
	o.at = now
	o.ts += rtp.FrameSize
	g.pressing = more
}
