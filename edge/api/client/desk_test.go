// SPDX-License-Identifier: EUPL-1.2

package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/api"
	"rivage.example/rivage/engine/view"
)

func TestOpenSignsInFromItsAddressAndTakesTheSnapshot(t *testing.T) {
	s := serve(t)
	c := s.config()
	c.LocalAddr = netip.MustParseAddr("127.0.0.9")
	d, err := newDesk(c, quick)
	if err != nil {
		t.Fatal(err)
	}
	opened := make(chan error, 1)
	go func() { opened <- d.open(t.Context()) }()
	p := s.accept(t, 41, view.DeskSnapshot{Me: agent(rivage.AgentPaused, ""), Callbacks: 3})
	if err := take(t, opened); err != nil {
		t.Fatal(err)
	}
	got := d.Snapshot()
	if !got.Connected || got.Seq != 41 || got.Me.State != rivage.AgentPaused || got.Callbacks != 3 || d.Me().Name != "Koffi A." {
		t.Errorf("got %+v of %+v", got, d.Me())
	}
	s.mu.Lock()
	if want := netip.MustParseAddr("127.0.0.9"); s.from != want {
		t.Errorf("the server saw %v, want %v", s.from, want)
	}
	s.mu.Unlock()

	ctx, stop := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() { over <- d.Run(ctx) }()
	for range 3 {
		take(t, s.beats)
	}
	stop()
	if err := take(t, over); err != nil {
		t.Errorf("an orderly end: got %v, want nil", err)
	}
	take(t, p.gone)
	if got, want := s.count(), 1; got != want {
		t.Errorf("sign-ins: got %d, want %d: Run takes Open's channel", got, want)
	}
	if _, err := d.Ready(t.Context()); !errors.Is(err, errEnded) {
		t.Errorf("a command after the end: got %v, want %v", err, errEnded)
	}
}

func TestOpenRefused(t *testing.T) {
	s := serve(t)
	c := s.config()
	c.Password = "wrong"
	_, err := Open(t.Context(), c)
	var r *Refused
	if !errors.As(err, &r) || r.Status != 401 || r.Code != "bad_credentials" {
		t.Errorf("got %v, want Refused 401 bad_credentials", err)
	}
}

func TestAPasswordGoesOnlyWhereItMay(t *testing.T) {
	for _, c := range []struct {
		base string
		ok   bool
	}{
		{"https://rivage.example", true}, {"https://rivage.example:8443/", true}, {"http://127.0.0.5:8080", true},
		{"http://localhost:8080", true}, {"http://[::1]:8080", true}, {"http://rivage.example", false},
		{"http://192.0.2.1", false}, {"ftp://127.0.0.1", false}, {"https://rivage.example/desk", false},
		{"https://", false}, {"", false}, {"https://a b", false},
	} {
		_, err := newDesk(Config{Base: c.base}, quick)
		if got := err == nil; got != c.ok {
			t.Errorf("%q: got %v, want accepted %v", c.base, err, c.ok)
		}
	}
}

func TestFramesBringTheSnapshotForward(t *testing.T) {
	s := serve(t)
	d, _, _ := desk(t, s.config())
	p := s.accept(t, 10, view.DeskSnapshot{Me: agent(rivage.AgentReady, "")})
	offer := agent(rivage.AgentOffered, "i1")
	p.event(11, 12, view.Event{Interaction: offered("i1", "o1")})
	p.event(13, 13, view.Event{Agent: &offer})
	p.send(api.LiveBoard{Board: []view.Queue{{ID: "colis", Waiting: 7}}, Journal: "down"})
	got := until(t, d, "the board", func(s Snapshot) bool { return s.Journal == "down" })
	if got.Seq != 13 || got.Me.State != rivage.AgentOffered || got.Interaction == nil || got.Queues[0].Waiting != 7 {
		t.Errorf("offered: got %+v", got)
	}
	p.event(14, 14, view.Event{OfferEnded: &view.OfferEnded{Offer: "another", Outcome: "declined"}})
	if got := until(t, d, "14", func(s Snapshot) bool { return s.Seq == 14 }); got.Interaction == nil {
		t.Error("the end of another offer took this one away")
	}
	p.event(15, 15, view.Event{OfferEnded: &view.OfferEnded{Offer: "o1", Outcome: "no_answer"}})
	if got := until(t, d, "15", func(s Snapshot) bool { return s.Seq == 15 }); got.Interaction != nil {
		t.Errorf("the offer ended: got %+v, want no interaction", got.Interaction)
	}
	p.event(16, 16, view.Event{Interaction: wrapUp("i2")})
	p.event(17, 17, view.Event{Interaction: &view.Interaction{ID: "i2", State: rivage.Closed}})
	if got := until(t, d, "17", func(s Snapshot) bool { return s.Seq == 17 }); got.Interaction != nil {
		t.Errorf("closed: got %+v, want no interaction", got.Interaction)
	}
	p.event(18, 30, view.Event{}) // what this user may not see only advances
	until(t, d, "30", func(s Snapshot) bool { return s.Seq == 30 && s.Connected })
}

func TestCommandsSayWhatAnAgentSays(t *testing.T) {
	s := serve(t)
	d, _, _ := desk(t, s.config())
	p := s.accept(t, 1, view.DeskSnapshot{})
	ctx := t.Context()
	for _, c := range []struct {
		do   func() (rivage.Seq, error)
		want api.LiveCommand
	}{
		{func() (rivage.Seq, error) { return d.Ready(ctx) }, api.LiveCommand{Do: "ready", Microphone: true}},
		{func() (rivage.Seq, error) { return d.Pause(ctx, "dejeuner") }, api.LiveCommand{Do: "pause", Reason: "dejeuner"}},
		{func() (rivage.Seq, error) { return d.Offline(ctx) }, api.LiveCommand{Do: "offline"}},
		{func() (rivage.Seq, error) { return d.Accept(ctx, "o") }, api.LiveCommand{Do: "accept", Offer: "o"}},
		{func() (rivage.Seq, error) { return d.Decline(ctx, "o", "r") }, api.LiveCommand{Do: "decline", Offer: "o", Reason: "r"}},
		{func() (rivage.Seq, error) { return d.Hold(ctx, "i") }, api.LiveCommand{Do: "hold", Interaction: "i"}},
		{func() (rivage.Seq, error) { return d.Resume(ctx, "i") }, api.LiveCommand{Do: "resume", Interaction: "i"}},
		{func() (rivage.Seq, error) { return d.HangUp(ctx, "i") }, api.LiveCommand{Do: "hangup", Interaction: "i"}},
		{func() (rivage.Seq, error) { return d.Oppose(ctx, "i") }, api.LiveCommand{Do: "oppose", Interaction: "i"}},
		{func() (rivage.Seq, error) { return d.Extend(ctx, "i") }, api.LiveCommand{Do: "extend", Interaction: "i"}},
		{
			func() (rivage.Seq, error) { return d.Dispose(ctx, "i", "traite", "vu") },
			api.LiveCommand{Do: "dispose", Interaction: "i", Disposition: "traite", Note: "vu"},
		},
	} {
		var seq rivage.Seq
		done := make(chan error, 1)
		go func() {
			var err error
			seq, err = c.do()
			done <- err
		}()
		got := take(t, p.commands)
		p.answer(got, 99)
		if err := take(t, done); err != nil || seq != 99 {
			t.Errorf("%s: got %d, %v, want 99", c.want.Do, seq, err)
		}
		if got.ID == "" {
			t.Errorf("%s: no id", c.want.Do)
		}
		if got.ID = ""; got != c.want {
			t.Errorf("got %+v, want %+v", got, c.want)
		}
	}
}

func TestARefusedCommandSaysWhyWithoutTheDetail(t *testing.T) {
	s := serve(t)
	d, _, _ := desk(t, s.config())
	p := s.accept(t, 1, view.DeskSnapshot{})
	done := make(chan error, 1)
	go func() {
		_, err := d.Accept(t.Context(), "o")
		done <- err
	}()
	p.send(api.LiveAnswer{Re: take(t, p.commands).ID, Error: &api.LiveError{Code: "conflict", Detail: "Mme Martin", Rule: "r7"}})
	err := take(t, done)
	var r *Refused
	if !errors.As(err, &r) || r.Code != "conflict" || r.Rule != "r7" || strings.Contains(err.Error(), "Martin") {
		t.Errorf("got %v, want a Refused conflict without its detail", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		_, err := d.Ready(ctx)
		done <- err
	}()
	take(t, p.commands)
	stop()
	if err := take(t, done); !errors.Is(err, context.Canceled) {
		t.Errorf("a command nobody waits for: got %v, want %v", err, context.Canceled)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if got := len(d.waiting); got != 0 {
		t.Errorf("waiting: got %d, want 0", got)
	}
}

func TestACommandIsRepeatedWithItsIDAfterAReconnection(t *testing.T) {
	s := serve(t)
	d, _, _ := desk(t, s.config())
	p := s.accept(t, 1, view.DeskSnapshot{})
	done := make(chan error, 1)
	go func() {
		_, err := d.Dispose(t.Context(), "i", "traite", "")
		done <- err
	}()
	first := take(t, p.commands)
	_ = p.ws.CloseNow() // before the answer
	p = s.accept(t, 5, view.DeskSnapshot{})
	second := take(t, p.commands)
	if first != second {
		t.Errorf("got %+v, want %+v again", second, first)
	}
	p.answer(second, 5)
	if err := take(t, done); err != nil {
		t.Errorf("got %v, want the answer", err)
	}
	if got, want := s.count(), 1; got != want {
		t.Errorf("sign-ins: got %d, want %d", got, want)
	}
}

func TestWhatDoesNotFollowIsFetchedAgain(t *testing.T) {
	for _, c := range []struct {
		name      string
		from, seq rivage.Seq
	}{
		{"a gap", 12, 12}, {"a repetition", 10, 10}, {"backwards", 11, 9},
	} {
		s := serve(t)
		d, _, _ := desk(t, s.config())
		p := s.accept(t, 10, view.DeskSnapshot{Me: agent(rivage.AgentPaused, "")})
		wrong := agent(rivage.AgentEngaged, "x")
		p.event(c.from, c.seq, view.Event{Agent: &wrong})
		take(t, p.gone)
		s.accept(t, 20, view.DeskSnapshot{Me: agent(rivage.AgentReady, "")})
		got := until(t, d, c.name, func(s Snapshot) bool { return s.Seq == 20 })
		if got.Me.State != rivage.AgentReady {
			t.Errorf("%s: got %q, want the new snapshot", c.name, got.Me.State)
		}
	}
}

func TestAnEndedSessionSignsInAgain(t *testing.T) {
	for name, end := range map[string]func(p *channel){
		"told by 4001":         func(p *channel) { _ = p.ws.Close(4001, "session ended") },
		"told by the next 401": func(p *channel) { _ = p.ws.CloseNow() },
	} {
		s := serve(t)
		d, _, _ := desk(t, s.config())
		p := s.accept(t, 1, view.DeskSnapshot{})
		until(t, d, name, func(s Snapshot) bool { return s.Connected })
		s.revoke()
		end(p)
		s.accept(t, 2, view.DeskSnapshot{})
		until(t, d, name, func(s Snapshot) bool { return s.Connected && s.Seq == 2 })
		if got, want := s.count(), 2; got != want {
			t.Errorf("%s: sign-ins: got %d, want %d", name, got, want)
		}
	}
}

func TestARefusedSignInEndsTheDesk(t *testing.T) {
	s := serve(t)
	_, over, _ := desk(t, s.config())
	p := s.accept(t, 1, view.DeskSnapshot{})
	s.mu.Lock()
	s.password = "changed"
	s.mu.Unlock()
	_ = p.ws.Close(4001, "session ended")
	if err := take(t, over); !refusedBy(err, 401) {
		t.Errorf("got %v, want the refusal: trying on would block the account", err)
	}
}

func TestAReplacedDeskStops(t *testing.T) {
	s := serve(t)
	d, over, _ := desk(t, s.config())
	p := s.accept(t, 1, view.DeskSnapshot{})
	done := make(chan error, 1)
	go func() {
		_, err := d.Ready(t.Context())
		done <- err
	}()
	take(t, p.commands)
	_ = p.ws.Close(4009, "a newer desk of the same agent")
	if err := take(t, over); !errors.Is(err, ErrReplaced) || rivage.CodeOf(err) != rivage.Conflict {
		t.Errorf("got %v, want ErrReplaced", err)
	}
	if err := take(t, done); !errors.Is(err, ErrReplaced) {
		t.Errorf("the command that waited: got %v, want ErrReplaced", err)
	}
	if _, err := d.Until(t.Context(), func(Snapshot) bool { return false }); !errors.Is(err, ErrReplaced) {
		t.Errorf("who waits: got %v, want ErrReplaced", err)
	}
	if got := len(s.channels); got != 0 {
		t.Errorf("live channels since: got %d, want 0", got)
	}
}

func TestAServerThatIsAwayIsTriedAgain(t *testing.T) {
	s := serve(t)
	s.busy = 3
	d, _, _ := desk(t, s.config())
	p := s.accept(t, 1, view.DeskSnapshot{})
	for _, code := range []websocket.StatusCode{websocket.StatusGoingAway, 4008, websocket.StatusInternalError} {
		_ = p.ws.Close(code, "later")
		p = s.accept(t, rivage.Seq(code), view.DeskSnapshot{})
		until(t, d, code.String(), func(s Snapshot) bool { return s.Connected && s.Seq == rivage.Seq(code) })
	}
}

func TestASilentConnectionIsLeft(t *testing.T) {
	s := serve(t)
	d, err := newDesk(s.config(), pace{beat: quick.silence, silence: quick.beat, first: quick.first, most: quick.most})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() { over <- d.Run(ctx) }()
	for range 3 {
		take(t, s.channels) // says nothing: not even the first frame
	}
	stop()
	if err := take(t, over); err != nil {
		t.Errorf("got %v, want nil", err)
	}
}

func TestCallbacksComeInOrderAndMayGiveCommands(t *testing.T) {
	s := serve(t)
	c := s.config()
	var d *Desk
	made := make(chan struct{})
	states := make(chan rivage.AgentState, 8)
	accepted := make(chan error, 8)
	c.OnState = func(a view.Agent) { states <- a.State }
	c.OnOffer = func(i view.Interaction) {
		<-made
		_, err := d.Accept(t.Context(), i.Offer.ID)
		accepted <- err
	}
	d, _, _ = desk(t, c)
	close(made)
	p := s.accept(t, 1, view.DeskSnapshot{Me: agent(rivage.AgentReady, "")})
	inOffer, engaged := agent(rivage.AgentOffered, "i1"), agent(rivage.AgentEngaged, "i1")
	p.event(2, 2, view.Event{Interaction: offered("i1", "o1"), Agent: &inOffer})
	p.event(3, 3, view.Event{Interaction: offered("i1", "o1")}) // the same offer: announced once
	cmd := take(t, p.commands)
	if cmd.Do != "accept" || cmd.Offer != "o1" {
		t.Errorf("got %+v, want accept o1", cmd)
	}
	p.answer(cmd, 4)
	p.event(4, 4, view.Event{Agent: &engaged})
	if err := take(t, accepted); err != nil {
		t.Error(err)
	}
	var got []rivage.AgentState
	for range 3 {
		got = append(got, take(t, states))
	}
	if want := []rivage.AgentState{rivage.AgentReady, rivage.AgentOffered, rivage.AgentEngaged}; !slices.Equal(got, want) {
		t.Errorf("states: got %q, want %q", got, want)
	}
	if got := len(accepted); got != 0 {
		t.Errorf("offers announced again: got %d, want 0", got)
	}
}

// Whatever frames come, the sequence never goes back.
func FuzzFrame(f *testing.F) {
	for _, s := range []string{
		`{"seq":6,"from":6,"agent":{"id":"a","state":"ready"}}`, `{"seq":5,"from":6}`, `{"board":[],"journal":"ok"}`,
		`{"re":"x","seq":7}`, `{"re":"x","error":{"code":"conflict"}}`, `{"seq":9}`, `{"snapshot":{}}`, `[]`, `{`,
		`{"seq":6,"from":6,"interaction":{"id":"i","state":"offered"}}`, `{"seq":18446744073709551615,"from":6}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := newDesk(Config{Base: "http://127.0.0.1:1"}, quick)
		if err != nil {
			t.Fatal(err)
		}
		d.now.Seq = 5
		var m frame
		if json.Unmarshal([]byte(text), &m) != nil {
			return
		}
		if err := d.take(&m); err != nil && !errors.Is(err, errGap) {
			t.Errorf("got %v, want a gap or nothing", err)
		}
		if got := d.Snapshot().Seq; got < 5 {
			t.Errorf("sequence: got %d, want at least 5", got)
		}
	})
}
