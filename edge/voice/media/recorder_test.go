// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"errors"
	"testing"
	"time"

	"rivage.example/rivage/wire/rtp"
)

// blocks is a sink that splits what it gets.
type blocks struct {
	sizes         []int
	caller, agent []byte
	dropped       int
	err           error
}

func (b *blocks) take(chunk []byte, dropped int) error {
	b.sizes = append(b.sizes, len(chunk))
	b.dropped += dropped
	for i := 0; i < len(chunk); i += 2 {
		b.caller, b.agent = append(b.caller, chunk[i]), append(b.agent, chunk[i+1])
	}
	return b.err
}

func TestRecorderKeepsThePartiesApart(t *testing.T) {
	e := engine(t, 1)
	a, b := newPhone(t, "127.0.0.1"), newPhone(t, "127.0.0.1")
	la, lb := a.leg(e, LegConf{}), b.leg(e, LegConf{})
	if err := e.Bridge(la, lb); err != nil {
		t.Fatal(err)
	}
	var sink blocks
	r := e.NewRecorder(sink.take, nil)
	if err := errors.Join(la.Tap(In, r.Caller), lb.Tap(In, r.Agent)); err != nil {
		t.Fatal(err)
	}
	a.say(rtp.Tone(100*time.Millisecond, -10, 400))
	b.say(rtp.Tone(100*time.Millisecond, -10, 1000))
	a.listen(5 * rtp.FrameSize)
	b.listen(5 * rtp.FrameSize)
	// Unpaced packets carry audio ahead of the clock: the recording ends when it has come.
	end := e.Now() + rtp.Rate/5
	eventually(t, "the clock", func() bool { return e.Now() > end })
	la.Untap(In, r.Caller)
	lb.Untap(In, r.Agent)
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		audio     []byte
		hz, other float64
	}{{"caller", sink.caller, 400, 1000}, {"agent", sink.agent, 1000, 400}} {
		if rtp.Goertzel(c.audio, c.hz) < 1000*rtp.Goertzel(c.audio, c.other) {
			t.Errorf("%s: the other party's tone is on the channel, or its own is not", c.name)
		}
	}
	if sink.dropped != 0 {
		t.Errorf("dropped: got %d, want 0", sink.dropped)
	}
}

// recording is a recorder whose clock the test sets.
func recording(sink func([]byte, int) error) (*Recorder, *int64) {
	var now int64
	return newRecorder(func() int64 { return now }, sink, nil), &now
}

func TestRecorderFillsGapsAndCountsDrops(t *testing.T) {
	var sink blocks
	r, now := recording(sink.take)
	tone := rtp.Tone(20*time.Millisecond, -10, 1000)
	r.Caller.put(800, tone, false)
	r.Agent.put(rtp.Rate-80, tone, false) // crosses into the second block
	*now = rtp.Rate + recordGrace
	r.drain(*now)
	r.Caller.put(100, tone, false) // too late for its block
	for range tapSlots + 3 {
		r.Agent.put(rtp.Rate+160, tone, false)
	}
	r.drain(*now)
	go r.run()
	*now = rtp.Rate + 4000
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	if len(sink.sizes) != 2 || sink.sizes[0] != 16000 || sink.sizes[1] != 8000 {
		t.Errorf("block sizes: got %v, want [16000 8000]", sink.sizes)
	}
	if sink.dropped != 4 {
		t.Errorf("dropped: got %d, want 1 late and 3 without room", sink.dropped)
	}
	if !silent(sink.caller[:800]) || string(sink.caller[800:960]) != string(tone) || !silent(sink.caller[960:]) {
		t.Error("caller: the frame is not at its place in silence")
	}
	if string(sink.agent[rtp.Rate-80:rtp.Rate+80]) != string(tone) || !silent(sink.agent[:rtp.Rate-80]) {
		t.Error("agent: the frame across two blocks is torn")
	}
}

func TestRecorderPauseIsSilence(t *testing.T) {
	var sink blocks
	r, now := recording(sink.take)
	tone := rtp.Tone(20*time.Millisecond, -10, 1000)
	r.Caller.put(0, tone, false)
	r.Pause()
	r.Caller.put(160, tone, false)
	r.Resume()
	r.Caller.put(320, tone, false)
	go r.run()
	*now = 480
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	if got := sink.caller; len(got) != 480 || silent(got[:160]) || !silent(got[160:320]) || silent(got[320:]) {
		t.Error("the pause is not silence, or more than the pause is")
	}
}

func TestRecorderThatCannotWriteStopsAndSaysSo(t *testing.T) {
	full := errors.New("disk full")
	sink := blocks{err: full}
	told := make(chan error, 2)
	e := engine(t, 1)
	r := newRecorder(func() int64 { return e.Now() + 10*rtp.Rate }, sink.take, func(err error) { told <- err })
	r.start = 0
	go r.run()
	if err := <-told; !errors.Is(err, full) {
		t.Errorf("told %v, want disk full", err)
	}
	if err := r.Stop(); !errors.Is(err, full) || len(sink.sizes) != 1 || len(told) != 0 {
		t.Errorf("stop: got %v after %d chunks, want disk full after 1", err, len(sink.sizes))
	}
	if err := r.Stop(); !errors.Is(err, full) {
		t.Errorf("second stop: got %v", err)
	}
}

func TestATapServesOnePlaceAtATime(t *testing.T) {
	e := engine(t, 2)
	p := newPhone(t, "127.0.0.1")
	a, b := p.leg(e, LegConf{}), p.leg(e, LegConf{})
	tap := NewTap()
	if err := a.Tap(Out, tap); err != nil {
		t.Fatal(err)
	}
	if err := b.Tap(In, tap); !errors.Is(err, ErrTap) {
		t.Errorf("attached twice: got %v, want ErrTap", err)
	}
	eventually(t, "what the party hears", func() bool { _, _, ok := tap.Next(); return ok })
	a.Untap(Out, tap)
	if err := b.Tap(In, tap); err != nil {
		t.Errorf("after Untap: got %v, want nil", err)
	}
}

func TestATapHoldsALawWhateverThePartySpeaks(t *testing.T) {
	tap := NewTap()
	mu := make([]byte, 240) // a packet of 30 ms is two frames
	for i := range mu {
		mu[i] = byte(i)
	}
	tap.put(1000, mu, true)
	var got []byte
	for at, audio, ok := tap.Next(); ok; at, audio, ok = tap.Next() {
		if at != int64(1000+len(got)) {
			t.Errorf("frame at %d, want %d", at, 1000+len(got))
		}
		got = append(got, audio...)
		tap.Pop()
	}
	for i, v := range got {
		if v != rtp.MuToA[i] {
			t.Fatalf("sample %d: got %#x, want %#x", i, v, rtp.MuToA[i])
		}
	}
	if len(got) != len(mu) {
		t.Errorf("got %d samples, want %d", len(got), len(mu))
	}
}

func TestAnchorKeepsThePlaceThroughJitterAndFindsItAfterALeap(t *testing.T) {
	var a anchor
	for _, c := range []struct {
		name string
		ssrc uint32
		ts   uint32
		now  int64
		want int64
	}{
		{"first", 1, 0xffffff60, 1160, 1000},
		{"50 ms late", 1, 0, 1320 + 400, 1160},
		{"pause in speech", 1, 8000, 9160 + 160, 9160},
		{"clock leaps", 1, 800000, 9480 + 160, 9480},
		{"new source", 2, 5, 9640 + 160, 9640},
	} {
		if got := a.at(c.ssrc, c.ts, 160, c.now); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}
