// SPDX-License-Identifier: EUPL-1.2

package rtp

import (
	"encoding/binary"
	"strings"
)

// EventLen is the size of a telephone-event payload.
const EventLen = 4

// Event is a telephone-event payload (RFC 4733 section 2.3).
type Event struct {
	Code     uint8 // 0–9, 10 *, 11 #, 12–15 A–D
	End      bool
	Volume   uint8  // −dBm0, 0–63
	Duration uint16 // samples since the packet's timestamp
}

const digits = "0123456789*#ABCD"

// Digit returns the key of the event, or 0 when it is no key.
func (e Event) Digit() byte {
	if int(e.Code) < len(digits) {
		return digits[e.Code]
	}
	return 0
}

// EventCode returns the event of a key: 0–9, *, #, A–D.
func EventCode(digit byte) (uint8, bool) {
	i := strings.IndexByte(digits, digit)
	return uint8(i), i >= 0
}

// ParseEvent reads the first event of a payload.
func ParseEvent(b []byte) (Event, error) {
	if len(b) < EventLen {
		return Event{}, ErrMalformed
	}
	return Event{b[0], b[1]&0x80 != 0, b[1] & 0x3f, binary.BigEndian.Uint16(b[2:])}, nil
}

// Put writes the EventLen bytes of e to the start of b.
func (e Event) Put(b []byte) {
	b[0], b[1] = e.Code, e.Volume&0x3f
	if e.End {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], e.Duration)
}

// EventReader turns event packets into key presses: one for each timestamp, at its first packet, however many
// packets or repeated ends follow, in whatever order. One goroutine owns it.
type EventReader struct {
	any  bool
	ssrc uint32
	ts   uint32
	last Event
}

// Take returns the key that starts with this packet, if one does.
func (r *EventReader) Take(ssrc, ts uint32, e Event) (byte, bool) {
	if r.any && ssrc == r.ssrc {
		ahead := int32(ts - r.ts)
		if ahead <= 0 && ahead > -10*Rate { // the same press, or an older one that was overtaken
			if ahead == 0 && (e.End || !r.last.End) {
				r.last = e
			}
			return 0, false
		}
		// RFC 4733 section 2.5.1.3: a press longer than the duration field goes on under a new timestamp.
		goesOn := !r.last.End && e.Code == r.last.Code && ahead == 0xffff
		if goesOn {
			r.ts, r.last = ts, e
			return 0, false
		}
	}
	r.any, r.ssrc, r.ts, r.last = true, ssrc, ts, e
	d := e.Digit()
	return d, d != 0
}

// A press that we send: five packets of 20 ms, the last being its end, said three times (RFC 4733 section
// 2.5.1.4), then a pause so that the next press is a new one to every listener.
const (
	pressFrames = 5
	pressEnds   = 3
	pressPause  = 4
	pressTotal  = pressFrames + pressEnds - 1 + pressPause
	pressVolume = 10
)

// EventWriter gives the packets of one press, one each 20 ms; all carry the timestamp of its start.
type EventWriter struct {
	code uint8
	step int
}

// NewEventWriter starts a press of digit; false when digit is no key.
func NewEventWriter(digit byte) (EventWriter, bool) {
	code, ok := EventCode(digit)
	return EventWriter{code: code}, ok
}

// Next returns the event for this frame. send is false during the pause after the press; more is false when the
// pause is over and the writer is used up. The first packet wants the marker bit.
func (w *EventWriter) Next() (e Event, first, send, more bool) {
	w.step++
	n := min(w.step, pressFrames)
	e = Event{Code: w.code, End: w.step >= pressFrames, Volume: pressVolume, Duration: uint16(n * FrameSize)}
	return e, w.step == 1, w.step < pressFrames+pressEnds, w.step < pressTotal
}
