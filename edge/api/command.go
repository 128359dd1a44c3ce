// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"unicode/utf8"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/floor"
)

// The bounds of a command.
const (
	maxCommandID = 64
	maxWord      = 64
	maxNote      = 4000 // characters
	keptAnswers  = 128  // of one account
)

// answers remembers the last answers given to one account, so that a command repeated after a reconnection is not done
// twice. Its lock is held while a command runs: two channels of one account take turns.
type answers struct {
	mu    sync.Mutex
	by    map[string]LiveAnswer
	order []string
}

// parseCommand reads a command and refuses what it does not know.
func parseCommand(text []byte) (LiveCommand, error) {
	var cmd LiveCommand
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&cmd); err != nil || d.More() {
		return LiveCommand{}, &rivage.Error{Code: rivage.Invalid, Message: "read command: want one JSON object of known members"}
	}
	for _, word := range []string{
		cmd.Do, cmd.Device, cmd.Reason, string(cmd.Offer), string(cmd.Interaction), cmd.Disposition,
	} {
		if len(word) > maxWord {
			return cmd, &rivage.Error{Code: rivage.Invalid, Message: "read command: a member is too long"}
		}
	}
	if cmd.ID == "" || len(cmd.ID) > maxCommandID {
		return LiveCommand{}, &rivage.Error{Code: rivage.Invalid, Message: "read command: id of 1 to 64 characters"}
	}
	if utf8.RuneCountInString(cmd.Note) > maxNote {
		return cmd, &rivage.Error{Code: rivage.Invalid, Message: "read command: a note has at most 4000 characters"}
	}
	return cmd, nil
}

// command does what a frame asks, or gives the answer it got the first time.
func (c *channel) command(ctx context.Context, text []byte) LiveAnswer {
	cmd, err := parseCommand(text)
	if err != nil {
		return refusal(cmd.ID, err)
	}
	if !c.limiter.Allow() {
		return refusal(cmd.ID, problem(http.StatusTooManyRequests, string(rivage.Busy)))
	}
	if cmd.Do == "heartbeat" && c.desk {
		c.heartbeat(ctx)
		return LiveAnswer{Re: cmd.ID}
	}
	a := c.s.live.answersOf(c.who.Account)
	a.mu.Lock()
	defer a.mu.Unlock()
	if first, ok := a.by[cmd.ID]; ok {
		return first
	}
	answer, final := c.do(ctx, cmd)
	if final {
		a.keep(cmd.ID, answer)
	}
	return answer
}

// do runs a command. An answer that says "later" is not final: the same command may be tried again.
func (c *channel) do(ctx context.Context, cmd LiveCommand) (answer LiveAnswer, final bool) {
	f, err := c.floorCommand(cmd)
	var seq rivage.Seq
	if err == nil {
		seq, err = c.s.c.Floor.Do(ctx, "live/"+string(c.who.Account)+"/"+cmd.ID, f)
	}
	switch rivage.CodeOf(err) {
	case "":
		return LiveAnswer{Re: cmd.ID, Seq: &seq}, true
	case rivage.Busy, rivage.Unavailable:
		return refusal(cmd.ID, err), false
	case rivage.Internal:
		c.s.c.Log.Error("live command", "do", cmd.Do, "error", err)
		return refusal(cmd.ID, err), false
	}
	return refusal(cmd.ID, err), true
}

// floorCommand says a command in the floor's words.
func (c *channel) floorCommand(cmd LiveCommand) (floor.Command, error) {
	if !c.desk {
		return nil, problem(http.StatusForbidden, codeRole)
	}
	me := c.who.Account
	switch cmd.Do {
	case "ready":
		if c.who.Agent.Device.Kind == "browser" && !c.secure {
			return nil, problem(http.StatusForbidden, "secure_required")
		}
		return floor.SetReady{Agent: me, Session: c.who.ID, Microphone: cmd.Microphone}, nil
	case "pause":
		return floor.SetPaused{Agent: me, Reason: cmd.Reason}, nil
	case "offline":
		return floor.SetOffline{Agent: me}, nil
	case "accept":
		return floor.Accept{Agent: me, Offer: cmd.Offer}, nil
	case "decline":
		return floor.Decline{Agent: me, Offer: cmd.Offer, Reason: cmd.Reason}, nil
	case "hold":
		return floor.Hold{Agent: me, Interaction: cmd.Interaction}, nil
	case "resume":
		return floor.Resume{Agent: me, Interaction: cmd.Interaction}, nil
	case "hangup":
		return floor.HangUp{Agent: me, Interaction: cmd.Interaction}, nil
	case "oppose":
		return floor.Oppose{Agent: me, Interaction: cmd.Interaction}, nil
	case "dispose":
		return floor.Dispose{Agent: me, Interaction: cmd.Interaction, Disposition: cmd.Disposition, Note: cmd.Note}, nil
	case "extend":
		return floor.Extend{Agent: me, Interaction: cmd.Interaction}, nil
	}
	return nil, &rivage.Error{Code: rivage.Invalid, Message: "unknown command"}
}

func refusal(id string, err error) LiveAnswer {
	p := problemOf(err)
	return LiveAnswer{Re: id, Error: &LiveError{Code: p.Code, Detail: p.Detail, Rule: p.Rule, Reason: p.Reason}}
}

// answersOf is the memory of an account. It outlives a channel, and goes with the least recent when there are too many.
func (h *hub) answersOf(account rivage.ID) *answers {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.given[account]
	if a == nil {
		if len(h.given) >= maxChannels {
			clear(h.given) // the floor still knows the command ids themselves
		}
		a = &answers{by: map[string]LiveAnswer{}}
		h.given[account] = a
	}
	return a
}

// keep remembers an answer in place of the oldest. The caller holds the lock.
func (a *answers) keep(id string, answer LiveAnswer) {
	if len(a.order) >= keptAnswers {
		delete(a.by, a.order[0])
		a.order = a.order[1:]
	}
	a.by[id] = answer
	a.order = append(a.order, id)
}
