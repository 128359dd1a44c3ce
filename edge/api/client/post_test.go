// SPDX-License-Identifier: EUPL-1.2

package client

import (
	"context"
	"errors"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/api"
	"rivage.example/rivage/engine/view"
)

func post(t *testing.T, s *server) (over chan error, stop context.CancelFunc) {
	t.Helper()
	d, err := newDesk(s.config(), quick)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	over = make(chan error, 1)
	go func() { over <- d.post(ctx, quick.again); close(over) }()
	t.Cleanup(func() {
		stop()
		for range over { // until it has ended
		}
	})
	return over, stop
}

// expect takes a command and answers it with the entry that tells of its effect.
func (c *channel) expect(t *testing.T, want api.LiveCommand, seq rivage.Seq, e view.Event) {
	t.Helper()
	got := take(t, c.commands)
	c.answer(got, seq)
	if got.ID = ""; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	c.event(seq, seq, e)
}

func TestAPostIsReadyAndDisposesWithTheFirstCode(t *testing.T) {
	s := serve(t)
	over, stop := post(t, s)
	p := s.accept(t, 1, view.DeskSnapshot{Me: agent(rivage.AgentPaused, "")})
	ready, wrapping := agent(rivage.AgentReady, ""), agent(rivage.AgentWrapUp, "i1")
	asked := api.LiveCommand{Do: "ready", Microphone: true}
	p.expect(t, asked, 2, view.Event{Agent: &ready})

	p.event(3, 3, view.Event{Interaction: wrapUp("i1")})
	p.event(4, 4, view.Event{Agent: &wrapping})
	disposed := api.LiveCommand{Do: "dispose", Interaction: "i1", Disposition: "traite"}
	p.expect(t, disposed, 5, view.Event{Interaction: &view.Interaction{ID: "i1", State: rivage.Closed}})
	p.event(6, 6, view.Event{Agent: &ready})

	missed := agent(rivage.AgentPaused, "")
	missed.Reason = rivage.PauseNoAnswer
	p.event(7, 7, view.Event{Agent: &missed})
	p.expect(t, asked, 8, view.Event{Agent: &ready})

	stop()
	if err := take(t, over); err != nil {
		t.Errorf("got %v, want nil", err)
	}
	if got := len(p.commands); got != 0 {
		t.Errorf("commands nobody asked for: got %d, want 0", got)
	}
}

// An overdue wrap-up shows as a pause that still has its interaction: ready would be refused.
func TestAPostDisposesBeforeItIsReady(t *testing.T) {
	s := serve(t)
	post(t, s)
	p := s.accept(t, 1, view.DeskSnapshot{Me: agent(rivage.AgentPaused, "i1"), Interaction: wrapUp("i1")})
	cmd := take(t, p.commands)
	if cmd.Do != "dispose" {
		t.Fatalf("got %q, want dispose", cmd.Do)
	}
	p.send(api.LiveAnswer{Re: cmd.ID, Error: &api.LiveError{Code: "unavailable"}})
	if again := take(t, p.commands); again.Do != "dispose" || again.ID == cmd.ID {
		t.Errorf("after a refusal: got %+v, want dispose under a new id", again)
	}
}

func TestAPostLeavesToANewerDesk(t *testing.T) {
	s := serve(t)
	over, _ := post(t, s)
	p := s.accept(t, 1, view.DeskSnapshot{Me: agent(rivage.AgentReady, "")})
	_ = p.ws.Close(closeReplaced, "a newer desk of the same agent")
	if err := take(t, over); !errors.Is(err, ErrReplaced) {
		t.Errorf("got %v, want ErrReplaced", err)
	}
}
