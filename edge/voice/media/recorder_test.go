// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"errors"
	"testing"
	"time"

	"rivage.example/rivage/wire/rtp"
)

// split is a sink that takes the channels apart.
type split struct {
	sizes         []int
	caller, agent []byte
	dropped       int
	err           error
}

func (b *split) take(chunk []byte, dropped int) error {
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
	var sink split
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
	return newRecorder(func() int64 { return now }, func() int64 { return 0 }, sink, nil), &now
}

func TestRecorderFillsGapsAndCountsDrops(t *testing.T) {
	var sink split
	r, now := recording(sink.take)
	tone := rtp.Tone(20*time.Millisecond, -10, 1000)
	r.Caller.put(800, tone, false)
	r.Agent.put(rtp.Rate-80, tone, false) // crosses into the second block
	*now = rtp.Rate + recordGrace
	r.drain()
	r.Caller.put(100, tone, false) // too late for its block
	for k := range int64(3) {      // at the place of a block that may not be gone yet, and beyond
		r.Agent.put(openSeconds*rtp.Rate+k*rtp.Rate, tone, false)
	}
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
	var sink split
	r, now := recording(sink.take)
	tone := rtp.Tone(20*time.Millisecond, -10, 1000)
	r.Caller.put(0, tone, false)
	r.Pause()
	r.Caller.put(160, tone, false)
	r.Resume()
	r.Caller.put(320, tone, false)
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
	sink := split{err: full}
	told := make(chan error, 2)
	e := engine(t, 1)
	r := newRecorder(e.Now, e.behind, sink.take, func(err error) { told <- err })
	r.began -= 10 * rtp.Rate
	r.drains = &e.drains
	e.drains.add(r)
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

func TestASecondIsNotTakenFromALoopThatWritesOrIsLate(t *testing.T) {
	var sink split
	var now, late int64
	r := newRecorder(func() int64 { return now }, func() int64 { return late }, sink.take, nil)
	tone := rtp.Tone(20*time.Millisecond, -10, 1000)
	now = rtp.Rate + recordGrace
	for _, c := range []struct {
		name  string
		set   func()
		taken int
	}{
		{"the loop was stopped for a while", func() { late = 2 * recordGrace }, 0},
		{"it has read what waited", func() { r.Caller.put(160, tone, false); now += 2 * recordGrace }, 1},
		{"it hangs", func() { late = 60 * rtp.Rate; now = 2*rtp.Rate + maxLate }, 2},
		{"a frame is being written", func() { r.Caller.busy.Store(true); now += rtp.Rate }, 2},
		{"it was written", func() { r.Caller.busy.Store(false) }, 3},
	} {
		c.set()
		if r.drain(); len(sink.sizes) != c.taken {
			t.Errorf("%s: got %d seconds, want %d", c.name, len(sink.sizes), c.taken)
		}
	}
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	if string(sink.caller[160:320]) != string(tone) || sink.dropped != 0 {
		t.Errorf("what came while the second was kept open is lost, %d frames dropped", sink.dropped)
	}
}

func TestBlocksComeBackSilent(t *testing.T) {
	r, now := recording(func([]byte, int) error { return nil })
	tone := rtp.Tone(20*time.Millisecond, -10, 1000)
	for k := range int64(3) {
		r.Caller.put(k*rtp.Rate, tone, false)
		r.Agent.put(k*rtp.Rate+rtp.Rate-80, tone, false)
		*now = (k+1)*rtp.Rate + recordGrace
		r.drain()
	}
	r.Caller.put(3*rtp.Rate+5000, tone, false) // beyond the end
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	if got := len(r.shelf.free); got != 2 {
		t.Errorf("got %d blocks, want the same two used again and again", got)
	}
	for range 2 {
		b := r.shelf.take()
		if !silent(b[0][:]) || !silent(b[1][:]) {
			t.Error("a block comes back with somebody's voice")
		}
		r.shelf.give(b)
	}
	if r.shelf.trim(1); len(r.shelf.free) != 1 {
		t.Errorf("%d blocks wait, want 1", len(r.shelf.free))
	}
	r.Caller.put(2*rtp.Rate, tone, false)
	if r.Caller.dropped.Load() != 1 {
		t.Error("a frame was taken after the end")
	}
}

func TestATapServesOnePlaceAtATime(t *testing.T) {
	e := engine(t, 2)
	p := newPhone(t, "127.0.0.1")
	a, b := p.leg(e, LegConf{}), p.leg(e, LegConf{})
	r := e.NewRecorder(new(split).take, nil)
	tap := r.Caller
	if err := a.Tap(Out, tap); err != nil {
		t.Fatal(err)
	}
	if err := b.Tap(In, tap); !errors.Is(err, ErrTap) {
		t.Errorf("attached twice: got %v, want ErrTap", err)
	}
	eventually(t, "what the party hears", func() bool { return r.open[0].Load() != nil })
	a.Untap(Out, tap)
	if err := b.Tap(In, tap); err != nil {
		t.Errorf("after Untap: got %v, want nil", err)
	}
}

func TestATapHoldsALawWhateverThePartySpeaks(t *testing.T) {
	var sink split
	r, now := recording(sink.take)
	mu := make([]byte, 240)
	for i := range mu {
		mu[i] = byte(i)
	}
	r.Agent.put(1000, mu, true)
	*now = 1240
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	got := sink.agent[1000:]
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
