// SPDX-License-Identifier: EUPL-1.2

package voice_test

import (
	"crypto/sha256"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/voice/media"
	"rivage.example/rivage/edge/voice/sip"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/wire/rtp"
	"rivage.example/rivage/wire/sdp"
)

var loopback = netip.MustParseAddr("127.0.0.1")

// peer is a telephone of the test: a SIP stack of its own and a media leg.
type peer struct {
	t     *testing.T
	stack *sip.Stack
	leg   *media.Leg
	trunk *rivage.Trunk
	take  func(*peer, *sip.Incoming) // what it does when it is called

	mu    sync.Mutex
	heard []string
}

func newPeer(t *testing.T, take func(*peer, *sip.Incoming)) *peer {
	t.Helper()
	all := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	p := &peer{t: t, take: take, trunk: &rivage.Trunk{ID: "house", Networks: all, Media: all}}
	e, err := media.New(media.Config{PortMin: 22000, PortMax: 22999, Quarantine: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if p.leg, err = e.NewLeg(media.LegConf{Networks: all}); err != nil {
		t.Fatal(err)
	}
	settings := &rivage.Settings{Trunks: map[rivage.ID]*rivage.Trunk{"house": p.trunk}}
	p.stack, err = sip.Listen(sip.Config{
		UDP: "127.0.0.1:0", Settings: func() *rivage.Settings { return settings }, Closed: opened[string], ClosedOut: opened[rivage.DataClass], Clock: wallClock{time.Now()},
		OnInvite: func(in *sip.Incoming) { in.Handle(p); p.take(p, in) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.leg.Close()
		if err := errors.Join(p.stack.Close(), e.Close()); err != nil {
			t.Error(err)
		}
	})
	return p
}

func (p *peer) caps() sdp.Caps {
	at := p.leg.LocalAddr()
	return sdp.Caps{Addr: at.Addr(), Port: at.Port()}
}

// call dials a number of the house.
func (p *peer) call(h *house, number string) *sip.Dialog {
	p.t.Helper()
	d, err := p.stack.Dial(sip.Target{URI: "sip:" + number + "@" + h.UDPAddr().String(), Trunk: p.trunk}, "+33612345678", []byte(sdp.Offer(p.caps()).String()), p)
	if err != nil {
		p.t.Fatal(err)
	}
	return d
}

// answer picks a call of the house up.
func answer(p *peer, in *sip.Incoming) {
	offer, err := sdp.Parse(in.Offer)
	if err != nil {
		p.t.Error(err)
		return
	}
	ours, plan, err := sdp.Answer(p.caps(), offer)
	if err == nil {
		err = p.leg.Apply(plan)
	}
	if err != nil {
		p.t.Error(err)
	}
	in.Answer([]byte(ours.String()))
}

func (p *peer) note(s string) {
	p.mu.Lock()
	p.heard = append(p.heard, s)
	p.mu.Unlock()
}

func (p *peer) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.heard, " ")
}

func (p *peer) Ringing()                       {}
func (p *peer) Confirmed()                     { p.note("confirmed") }
func (p *peer) Digit(byte)                     {}
func (p *peer) Offered([]byte) ([]byte, error) { return nil, errors.New("not now") }
func (p *peer) Ended(e sip.Ending)             { p.note("ended:" + e.Cause) }

func (p *peer) Answered(answer []byte) {
	d, err := sdp.Parse(answer)
	if err == nil {
		var plan sdp.Plan
		if plan, err = sdp.Apply(p.caps(), d); err == nil {
			err = p.leg.Apply(plan)
		}
	}
	if err != nil && !errors.Is(err, media.ErrClosed) { // the test may be over
		p.t.Error(err)
	}
	p.note("answered")
}

func device(p *peer) rivage.Device {
	return rivage.Device{Kind: floor.DeviceSIP, URI: "sip:agent@" + p.stack.UDPAddr().String(), Trunk: trunkID}
}

// talking brings a caller and an agent together.
func talking(t *testing.T) (h *house, caller, agent *peer, callerLeg rivage.ID) {
	t.Helper()
	h = open(t, loopback)
	caller, agent = newPeer(t, nil), newPeer(t, answer)
	caller.call(h, "+33298000001")
	in := want[floor.Arrived](t, h.floor)
	if in.Caller != "+33612345678" {
		t.Errorf("caller %q", string(in.Caller))
	}
	h.do(floor.AnswerCaller{Leg: in.CallerLeg},
		floor.Ring{Leg: "agent", Device: device(agent), Grant: h.grant(t, rivage.ActOffer, "agent")})
	want[floor.LegAnswered](t, h.floor)
	h.do(floor.Bridge{Caller: in.CallerLeg, Agent: "agent", Grant: h.grant(t, rivage.ActLeg, "agent")})
	return h, caller, agent, in.CallerLeg
}

func ended(t *testing.T, h *house, leg rivage.ID, by, cause string) {
	t.Helper()
	if got, want := want[floor.LegEnded](t, h.floor), (floor.LegEnded{Leg: leg, By: by, Cause: cause}); got != want {
		t.Errorf("ended: %+v, want %+v", got, want)
	}
	if got := want[floor.LegMeasured](t, h.floor).Facts; got.Leg != leg {
		t.Errorf("measured %q, want %q", got.Leg, leg)
	}
}

func TestWhoHangsUpIsReported(t *testing.T) {
	h, caller, agent, leg := talking(t)
	h.do(floor.EndLeg{Leg: "agent", Cause: "bye"})
	if got := want[floor.LegMeasured](t, h.floor).Facts; got.Leg != "agent" {
		t.Errorf("measured %q", got.Leg)
	}
	eventually(t, "the agent's end", func() bool { return strings.HasSuffix(agent.String(), "ended:bye") })
	if err := caller.stack.Close(); err != nil {
		t.Error(err)
	}
	ended(t, h, leg, "caller", "bye")
}

func TestCallerWhoLeavesWhileItRings(t *testing.T) {
	h := open(t, loopback)
	p := newPeer(t, nil)
	d := p.call(h, "+33298000001")
	in := want[floor.Arrived](t, h.floor)
	d.HangUp()
	ended(t, h, in.CallerLeg, "caller", "cancel")
	h.do(floor.AnswerCaller{Leg: in.CallerLeg}, floor.Play{Leg: in.CallerLeg, Play: "x"}) // too late: nothing happens
}

func TestRejectedCallers(t *testing.T) {
	h := open(t, loopback)
	p := newPeer(t, nil)
	p.call(h, "+33298000009")
	h.do(floor.RejectCaller{Leg: want[floor.Arrived](t, h.floor).CallerLeg, Status: 486})
	eventually(t, "the refusal", func() bool { return p.String() == "ended:busy" })
}

// While no call may come in, one costs neither a leg nor a word to the floor.
func TestCallsThatMayNotComeIn(t *testing.T) {
	h := open(t, loopback)
	h.busy.Store(5)
	p := newPeer(t, nil)
	p.call(h, "+33298000001")
	eventually(t, "the refusal", func() bool { return strings.HasPrefix(p.String(), "ended:") })
	if _, _, err := h.BrowserCaller(t.Context(), "+33298000001", "no description"); rivage.CodeOf(err) != rivage.Unavailable {
		t.Errorf("a call from a browser: %v, want unavailable", err)
	}
	h.floor.mu.Lock()
	defer h.floor.mu.Unlock()
	if len(h.floor.told) != 0 {
		t.Errorf("the floor was told %v", h.floor.told)
	}
}

func TestDevicesThatDoNotTakeTheCall(t *testing.T) {
	h := open(t, loopback)
	for _, c := range []struct {
		name, by, cause string
		take            func(*peer, *sip.Incoming)
	}{
		{"busy", "agent", "busy", func(_ *peer, in *sip.Incoming) { in.Reject(486, 0) }},
		{"declined", "agent", "declined", func(_ *peer, in *sip.Incoming) { in.Reject(603, 0) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPeer(t, c.take)
			h.do(floor.Ring{Leg: "leg", Device: device(p), Grant: h.grant(t, rivage.ActOffer, "leg")})
			ended(t, h, "leg", c.by, c.cause)
		})
	}
	t.Run("address outside its trunk", func(t *testing.T) {
		h.do(floor.Ring{Leg: "far", Grant: h.grant(t, rivage.ActOffer, "far"),
			Device: rivage.Device{Kind: floor.DeviceSIP, URI: "sip:a@192.0.2.1", Trunk: trunkID}})
		ended(t, h, "far", "system", "error")
	})
	t.Run("a class that its trunk does not carry", func(t *testing.T) {
		p := newPeer(t, func(_ *peer, in *sip.Incoming) { t.Error("the device rang"); in.Reject(486, 0) })
		h.do(floor.Ring{Leg: "closed", Device: device(p), Class: rivage.ClassHealth, Grant: h.grant(t, rivage.ActOffer, "closed")})
		ended(t, h, "closed", "system", "policy")
	})
	t.Run("ringing is stopped", func(t *testing.T) {
		rung := make(chan struct{})
		p := newPeer(t, func(_ *peer, in *sip.Incoming) { in.Ring(); close(rung) })
		h.do(floor.Ring{Leg: "ring", Device: device(p), Grant: h.grant(t, rivage.ActOffer, "ring")})
		<-rung
		h.do(floor.EndLeg{Leg: "ring", Cause: "no_answer"})
		if got := want[floor.LegMeasured](t, h.floor).Facts.Leg; got != "ring" {
			t.Errorf("measured %q", got)
		}
		eventually(t, "the CANCEL", func() bool { return p.String() == "ended:cancel" })
	})
}

// Promise 2: no leg, bridge or recording without the gate's grant for exactly that.
func TestNothingOpensWithoutItsGrant(t *testing.T) {
	rung := make(chan struct{}, 1)
	h := open(t, loopback)
	p := newPeer(t, func(_ *peer, in *sip.Incoming) { rung <- struct{}{}; in.Reject(480, 0) })
	for name, g := range map[string]policy.Grant{
		"none": {}, "another leg": h.grant(t, rivage.ActOffer, "other"), "another action": h.grant(t, rivage.ActLeg, "leg"),
	} {
		t.Run(name, func(t *testing.T) {
			h.do(floor.Ring{Leg: "leg", Device: device(p), Grant: g})
			ended(t, h, "leg", "system", "policy")
		})
	}
	select {
	case <-rung:
		t.Error("a device rang without a grant")
	default:
	}
}

func TestBridgeWithoutGrantIsRefused(t *testing.T) {
	h, _, _, leg := talking(t)
	h.do(floor.Unbridge{Caller: leg, Agent: "agent"}, floor.Bridge{Caller: leg, Agent: "agent"})
	ended(t, h, "agent", "system", "policy")
	h.do(floor.EndLeg{Leg: leg, Cause: "bye"})
}

func TestRecordingThatCannotBeWritten(t *testing.T) {
	h, _, _, leg := talking(t)
	h.memory.mu.Lock()
	h.memory.fail = errors.New("disk full")
	h.memory.mu.Unlock()
	h.do(floor.Record{Caller: leg, Agent: "agent", Interaction: "i", Principal: "client", Subject: "s", Object: "sound", Grant: h.grant(t, rivage.ActRecord, "sound")})
	got := want[floor.RecordingEnded](t, h.floor)
	if got.Facts.Outcome != "interrupted" || got.Facts.Reason == "" || got.Principal != "client" || got.Facts.Interaction != "i" {
		t.Errorf("got %+v", got)
	}
	h.do(floor.EndLeg{Leg: leg, Cause: "bye"}, floor.EndLeg{Leg: "agent", Cause: "bye"}) // the call went on until here
	for range 2 {
		want[floor.LegMeasured](t, h.floor)
	}
}

// While a call is held neither party is captured: the seconds go on in silence, on both channels alike.
func TestHeldCallIsRecordedAsSilence(t *testing.T) {
	h, caller, agent, leg := talking(t)
	say := func(callerHz, agentHz float64) {
		caller.leg.Play(tone(time.Second, callerHz), media.PlayOpts{Loop: true}, nil)
		agent.leg.Play(tone(time.Second, agentHz), media.PlayOpts{Loop: true}, nil)
	}
	take := func() floor.Record {
		return floor.Record{Caller: leg, Agent: "agent", Interaction: "i", Principal: "client", Subject: "s", Object: "sound",
			Grant: h.grant(t, rivage.ActRecord, "sound")}
	}
	say(400, 1000)
	h.do(take())
	talked(t, h, "sound", 2*time.Second)
	h.do(floor.PauseRecording{Object: "sound"}, floor.Unbridge{Caller: leg, Agent: "agent"})
	eventually(t, "a second of silence", func() bool { return lastSecondIsSilent(h) })
	say(700, 1300) // beside the call
	at := h.memory.length("sound")
	talked(t, h, "sound", at+2*time.Second)
	say(400, 1000)
	callerSent, agentSent := caller.leg.Quality().Out, agent.leg.Quality().Out
	eventually(t, "the old tones are on the line", func() bool {
		return caller.leg.Quality().Out > callerSent+5 && agent.leg.Quality().Out > agentSent+5
	})
	h.do(floor.Bridge{Caller: leg, Agent: "agent", Grant: h.grant(t, rivage.ActLeg, "agent")}, take())
	talked(t, h, "sound", h.memory.length("sound")+2*time.Second)
	h.do(floor.StopRecording{Object: "sound"}, floor.EndLeg{Leg: leg, Cause: "bye"}, floor.EndLeg{Leg: "agent", Cause: "bye"})
	if got := want[floor.RecordingEnded](t, h.floor).Facts; got.Outcome != "complete" {
		t.Errorf("recording: %+v", got)
	}
	from, to := quiet(h.memory.channel("sound", 0))
	if to-from < 2*rtp.Rate {
		t.Fatalf("the caller's channel is silent for %d samples, want two seconds at least", to-from)
	}
	for n, hz := range []float64{400, 1000} {
		sound := h.memory.channel("sound", n)
		if before, after := total(sound[:from], hz), total(sound[to:], hz); before < 500*time.Millisecond || after < 500*time.Millisecond {
			t.Errorf("channel %d holds %v of its party before the hold and %v after", n, before, after)
		}
		aside := slices.Concat(sound[:to], sound[min(to+rtp.Rate/3, len(sound)):]) // what still stood in a socket at the resume
		if got := longest(aside, []float64{700, 1300}[n]); got > 0 {
			t.Errorf("channel %d holds %v of what was said beside the call", n, got)
		}
		const edge = rtp.Rate / 5 // the parties' frames do not end at the same sample
		if !silent(sound[from+edge : to-edge]) {
			t.Errorf("channel %d is not silent during the hold", n)
		}
	}
}

// total is for how long a tone is heard in all.
func total(alaw []byte, hz float64) (d time.Duration) {
	for ; len(alaw) >= 400; alaw = alaw[400:] {
		if rtp.Presence(alaw[:400], hz) > 0 {
			d += 50 * time.Millisecond
		}
	}
	return d
}

// quiet is the longest stretch of silence.
func quiet(alaw []byte) (from, to int) {
	start := 0
	for i, b := range alaw {
		if b != rtp.ALawSilence {
			start = i + 1
		}
		if i+1-start > to-from {
			from, to = start, i+1
		}
	}
	return from, to
}

func lastSecondIsSilent(h *house) bool {
	a, b := h.memory.channel("sound", 0), h.memory.channel("sound", 1)
	return len(a) > 8000 && silent(a[len(a)-8000:]) && silent(b[len(b)-8000:])
}

func silent(alaw []byte) bool {
	return !slices.ContainsFunc(alaw, func(b byte) bool { return b != rtp.ALawSilence })
}

func TestCaptureBeginsWithTheBridgeHoweverLateTheSinkOpens(t *testing.T) {
	h, caller, _, leg := talking(t)
	h.memory.slow = make(chan struct{})
	h.do(floor.Record{Caller: leg, Agent: "agent", Interaction: "i", Principal: "client", Subject: "s", Object: "sound", Grant: h.grant(t, rivage.ActRecord, "sound")})
	h.do(floor.Play{Leg: leg, Play: "mark", Audio: h.prompts.add(tone(20*time.Millisecond, 1000))})
	want[floor.Played](t, h.floor) // effects are carried out in order: the capture began before
	said := make(chan struct{})
	caller.leg.Play(tone(1500*time.Millisecond, 440), media.PlayOpts{}, func(int, bool) { close(said) })
	<-said
	close(h.memory.slow)
	talked(t, h, "sound", time.Second)
	h.do(floor.StopRecording{Object: "sound"})
	if got := want[floor.RecordingEnded](t, h.floor).Facts; got.Outcome != "complete" {
		t.Errorf("recording: %+v", got)
	}
	if got := total(h.memory.channel("sound", 0), 440); got < time.Second { // a busy machine may tear it apart
		t.Errorf("the recording holds %v of what was said before its sink opened, want 1.5 s", got)
	}
	h.do(floor.EndLeg{Leg: leg, Cause: "bye"}, floor.EndLeg{Leg: "agent", Cause: "bye"})
}

func TestOpposedRecordingIsDestroyed(t *testing.T) {
	h, _, _, leg := talking(t)
	h.do(floor.Record{Caller: leg, Agent: "agent", Interaction: "i", Principal: "client", Subject: "s", Object: "sound", Grant: h.grant(t, rivage.ActRecord, "sound")})
	talked(t, h, "sound", time.Second)
	h.do(floor.StopRecording{Object: "sound", Destroy: true})
	if got := want[floor.RecordingEnded](t, h.floor).Facts; got.Outcome != "destroyed" || got.Bytes != 0 {
		t.Errorf("got %+v", got)
	}
	if s := h.memory.sinks["sound"]; !s.destroyed || len(s.sound) != 0 {
		t.Error("something is left")
	}
	h.do(floor.EndLeg{Leg: leg, Cause: "bye"}, floor.EndLeg{Leg: "agent", Cause: "bye"})
}

func TestRecordingWithoutGrantIsRefused(t *testing.T) {
	h, _, _, leg := talking(t)
	h.do(floor.Record{Caller: leg, Agent: "agent", Object: "sound", Grant: h.grant(t, rivage.ActLeg, "sound")})
	if got := want[floor.RecordingEnded](t, h.floor).Facts; got.Outcome != "interrupted" || got.Reason != "policy" {
		t.Errorf("got %+v", got)
	}
	if len(h.memory.sinks) != 0 {
		t.Error("a sink was opened")
	}
	h.do(floor.EndLeg{Leg: leg, Cause: "bye"}) // the call went on
}

// A sound that cannot be had is said to be so, looked for, and heard once it is there.
func TestPromptThatIsMissingPlaysNoFrame(t *testing.T) {
	h := open(t, loopback)
	p := newPeer(t, nil)
	p.call(h, "+33298000001")
	leg := want[floor.Arrived](t, h.floor).CallerLeg
	hash := rivage.Hash(sha256.Sum256(lost))
	h.do(floor.AnswerCaller{Leg: leg}, floor.Play{Leg: leg, Play: "p", Audio: hash})
	if got, want := want[floor.Played](t, h.floor), (floor.Played{Leg: leg, Play: "p", Unread: true}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	h.prompts.add(lost)
	if got := want[floor.Readable](t, h.floor); got.Audio != hash {
		t.Errorf("got %v, want %v", got.Audio, hash)
	}
	h.do(floor.Play{Leg: leg, Play: "again", Audio: hash})
	if got, want := want[floor.Played](t, h.floor), (floor.Played{Leg: leg, Play: "again", Frames: 5, Complete: true}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	h.do(floor.EndLeg{Leg: leg, Cause: "bye"})
}

func TestPromptThatIsReplacedIsCut(t *testing.T) {
	h := open(t, loopback)
	long, short := h.prompts.add(tone(10*time.Second, 440)), h.prompts.add(tone(100*time.Millisecond, 1000))
	p := newPeer(t, nil)
	p.call(h, "+33298000001")
	leg := want[floor.Arrived](t, h.floor).CallerLeg
	h.do(floor.AnswerCaller{Leg: leg}, floor.Play{Leg: leg, Play: "long", Audio: long})
	eventually(t, "media", func() bool { return p.leg.Quality().In > 5 })
	h.do(floor.Play{Leg: leg, Play: "short", Audio: short})
	if got := want[floor.Played](t, h.floor); got.Play != "long" || got.Complete || got.Frames == 0 || got.Frames > 400 {
		t.Errorf("got %+v, want the long one cut", got)
	}
	if got := want[floor.Played](t, h.floor); got.Play != "short" || !got.Complete || got.Frames != 5 {
		t.Errorf("got %+v, want five frames", got)
	}
	h.do(floor.EndLeg{Leg: leg, Cause: "bye"})
}

func TestOfferWithoutACodecOfOurs(t *testing.T) {
	h := open(t, loopback)
	p := newPeer(t, nil)
	const opus = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 111\r\na=rtpmap:111 opus/48000/2\r\n"
	if _, err := p.stack.Dial(sip.Target{URI: "sip:+33298000001@" + h.UDPAddr().String(), Trunk: p.trunk}, "", []byte(opus), p); err != nil {
		t.Fatal(err)
	}
	eventually(t, "488", func() bool { return p.String() == "ended:error" })
	if len(h.floor.told) != 0 {
		t.Errorf("the floor was told %v", h.floor.told)
	}
}

func TestBrowserLegsAreExpected(t *testing.T) {
	h := open(t, loopback)
	if _, err := h.BrowserLeg(t.Context(), "back", "no description"); rivage.CodeOf(err) != rivage.Invalid {
		t.Errorf("a desk that comes back: %v", err)
	}
	h.do(floor.Ring{Leg: "leg", Offer: "o", Device: rivage.Device{Kind: "browser"}, Grant: h.grant(t, rivage.ActOffer, "leg")})
	if _, err := h.BrowserLeg(t.Context(), "leg", "no description"); rivage.CodeOf(err) != rivage.Invalid {
		t.Errorf("a bad description: %v", err)
	}
	h.do(floor.EndLeg{Leg: "leg"})
	if got := want[floor.LegMeasured](t, h.floor).Facts.Leg; got != "leg" {
		t.Errorf("measured %q", got)
	}
}
