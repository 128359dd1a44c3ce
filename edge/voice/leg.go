// SPDX-License-Identifier: EUPL-1.2

package voice

import (
	"sync"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/voice/media"
	"rivage.example/rivage/edge/voice/sip"
	"rivage.example/rivage/edge/voice/webrtc"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/wire/sdp"
)

// leg is one party: a SIP dialog or a browser's connection, with its media.
type leg struct {
	v      *Voice
	id     rivage.ID
	caller bool

	mu       sync.Mutex         // guards what follows
	sound    *media.Leg         // nil while a browser is waited for
	incoming *sip.Incoming      // of a caller over SIP
	dialog   *sip.Dialog        // over SIP
	browser  *webrtc.Leg        // over a browser
	caps     sdp.Caps           // what we last told a SIP peer
	session  sdp.Description    // the same, as text; kept for re-INVITEs
	plan     sdp.Plan           // agreed on, not applied before the call is answered
	late     bool               // the caller's INVITE had no offer: ours is out
	waiting  []func(*media.Leg) // what is to be done once there is media
	quiet    *time.Timer        // of a leg that sends nothing
	patience *time.Timer        // of a browser that is waited for
	bridged  bool               // to a caller, once
	over     bool
}

// with runs f on the leg's media, now or as soon as there is some.
func (l *leg) with(f func(*media.Leg)) {
	l.mu.Lock()
	if l.over {
		l.mu.Unlock()
		return
	}
	if l.sound == nil {
		l.waiting = append(l.waiting, f)
		l.mu.Unlock()
		return
	}
	sound := l.sound
	l.mu.Unlock()
	f(sound)
}

// arrived gives the leg its media and does what waited for it. False when the leg is over already.
func (l *leg) arrived(sound *media.Leg) bool {
	l.mu.Lock()
	if l.over {
		l.mu.Unlock()
		return false
	}
	l.sound = sound
	waiting := l.waiting
	l.waiting = nil
	l.mu.Unlock()
	for _, f := range waiting {
		f(sound)
	}
	return true
}

// claimed: the floor bridged the leg, nobody need wait for it any more.
func (l *leg) claimed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	stop(l.patience)
	l.bridged = true
}

func stop(t *time.Timer) {
	if t != nil {
		t.Stop()
	}
}

// close lets everything of the leg go, and gives its figures. It may be called twice.
func (l *leg) close() rivage.LegMeasured {
	l.mu.Lock()
	over := l.over
	l.over = true
	l.waiting = nil
	stop(l.quiet)
	stop(l.patience)
	sound, dialog, browser := l.sound, l.dialog, l.browser
	l.mu.Unlock()
	facts := rivage.LegMeasured{Leg: l.id}
	if over {
		return facts
	}
	if dialog != nil {
		dialog.HangUp()
	}
	if sound != nil {
		facts = measured(l.id, sound.Quality())
		sound.Close()
	}
	if browser != nil {
		browser.Close()
	}
	return facts
}

func measured(id rivage.ID, q media.Quality) rivage.LegMeasured {
	f := rivage.LegMeasured{
		Leg: id, In: int64(q.In), Out: int64(q.Out), Lost: int64(q.Lost), Jitter: q.Jitter.Microseconds(),
		Strangers: int64(q.Strangers), Known: q.Reported,
	}
	if mos, known := q.MOS(); known {
		f.MOS = int64(mos*100 + 0.5)
	}
	return f
}

// end takes a leg down because the world did: the floor hears who and why, then the figures.
func (v *Voice) end(l *leg, by, cause string) {
	if !v.takeThis(l) {
		return
	}
	v.c.Floor.Post(floor.LegEnded{Leg: l.id, By: by, Cause: cause})
	v.c.Floor.Post(floor.LegMeasured{Facts: l.close()})
}

// silence watches a leg that sends nothing at all: after twenty seconds its party is gone.
func (l *leg) silence(silent bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	stop(l.quiet)
	l.quiet = nil
	if silent && !l.over {
		l.quiet = time.AfterFunc(silenceEnds, func() { l.v.end(l, "system", "silence") })
	}
}

// digit reports a key.
func (l *leg) digit(d byte) { l.v.c.Floor.Post(floor.Digit{Leg: l.id, Digit: d}) }
