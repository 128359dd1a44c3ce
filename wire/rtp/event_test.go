// SPDX-License-Identifier: EUPL-1.2

package rtp

import (
	"errors"
	"testing"
)

func TestEventRoundTrip(t *testing.T) {
	want := Event{Code: 11, End: true, Volume: 10, Duration: 800}
	var b [EventLen]byte
	want.Put(b[:])
	if b != [4]byte{11, 0x8a, 3, 32} {
		t.Errorf("wire form: got %x", b)
	}
	if got, err := ParseEvent(b[:]); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if _, err := ParseEvent(b[:3]); !errors.Is(err, ErrMalformed) {
		t.Errorf("short: got %v, want ErrMalformed", err)
	}
}

func TestEventReaderSaysEachPressOnce(t *testing.T) {
	type in struct {
		ssrc, ts uint32
		e        Event
	}
	press := func(code uint8, dur uint16, end bool) Event { return Event{Code: code, Duration: dur, End: end} }
	cases := []struct {
		name string
		in   []in
		want string
	}{
		{"three ends", []in{{1, 100, press(5, 160, false)}, {1, 100, press(5, 320, true)}, {1, 100, press(5, 320, true)}, {1, 100, press(5, 320, true)}}, "5"},
		{"only an end arrives", []in{{1, 100, press(7, 800, true)}}, "7"},
		{"same key twice", []in{{1, 100, press(1, 800, true)}, {1, 2000, press(1, 800, true)}}, "11"},
		{"overtaken end", []in{{1, 100, press(1, 160, false)}, {1, 2000, press(2, 160, false)}, {1, 100, press(1, 800, true)}, {1, 2000, press(2, 800, true)}}, "12"},
		{"clock wraps", []in{{1, 0xffffff00, press(3, 800, true)}, {1, 0x100, press(4, 800, true)}}, "34"},
		{"long press goes on", []in{{1, 100, press(9, 0xffff, false)}, {1, 100 + 0xffff, press(9, 160, false)}}, "9"},
		{"new source, same clock", []in{{1, 100, press(9, 800, true)}, {2, 100, press(8, 800, true)}}, "98"},
		{"clock set back", []in{{1, 900000, press(9, 800, true)}, {1, 100, press(8, 800, true)}}, "98"},
		{"hook flash is no key", []in{{1, 100, press(16, 800, true)}}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var r EventReader
			var got string
			for _, p := range c.in {
				if d, ok := r.Take(p.ssrc, p.ts, p.e); ok {
					got += string(d)
				}
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestEventWriterIsReadBackOnce(t *testing.T) {
	for _, key := range []byte(digits) {
		w, ok := NewEventWriter(key)
		if !ok {
			t.Fatalf("%c is no key", key)
		}
		var r EventReader
		var got string
		ends, last := 0, uint16(0)
		for more := true; more; {
			var e Event
			var first, send bool
			e, first, send, more = w.Next()
			if !send {
				continue
			}
			if first != (last == 0) || e.Duration < last {
				t.Errorf("%c: first %v at duration %d after %d", key, first, e.Duration, last)
			}
			last = e.Duration
			if e.End {
				ends++
			}
			if d, ok := r.Take(1, 100, e); ok {
				got += string(d)
			}
		}
		if got != string(key) || ends != pressEnds || last != pressFrames*FrameSize {
			t.Errorf("%c: got %q with %d ends, duration %d", key, got, ends, last)
		}
	}
	if _, ok := NewEventWriter('x'); ok {
		t.Error("x is taken for a key")
	}
}

func FuzzEvent(f *testing.F) {
	f.Add(uint32(1), uint32(100), []byte{5, 0x8a, 3, 32})
	f.Add(uint32(1), uint32(0), []byte{255, 255, 255, 255, 0})
	f.Fuzz(func(t *testing.T, ssrc, ts uint32, b []byte) {
		e, err := ParseEvent(b)
		if err != nil {
			return
		}
		var r EventReader
		_, first := r.Take(ssrc, ts, e)
		if _, again := r.Take(ssrc, ts, e); again || first != (e.Digit() != 0) {
			t.Fatalf("event %+v: first %v, again %v", e, first, again)
		}
	})
}
