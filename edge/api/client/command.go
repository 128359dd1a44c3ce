// SPDX-License-Identifier: EUPL-1.2

package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/coder/websocket"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/api"
)

// maxWaiting is how many commands may wait for their answers.
const maxWaiting = 64

// errEnded ends the commands that still wait when Run returns.
var errEnded = errors.New("the desk has closed")

// command is one that is not answered yet; sent is guarded by Desk.mu.
type command struct {
	id     string
	text   []byte
	answer chan *frame // of capacity 1; nil is the end of Run
	sent   *websocket.Conn
}

// Ready asks for calls; a softphone's desk says that its microphone was heard.
func (d *Desk) Ready(ctx context.Context) (rivage.Seq, error) {
	return d.do(ctx, api.LiveCommand{Do: "ready", Microphone: true})
}

// Pause stops the calls, for one of the snapshot's reasons.
func (d *Desk) Pause(ctx context.Context, reason string) (rivage.Seq, error) {
	return d.do(ctx, api.LiveCommand{Do: "pause", Reason: reason})
}

// Offline leaves.
func (d *Desk) Offline(ctx context.Context) (rivage.Seq, error) {
	return d.do(ctx, api.LiveCommand{Do: "offline"})
}

// Accept takes an offer. A fixed device is answered instead.
func (d *Desk) Accept(ctx context.Context, offer rivage.ID) (rivage.Seq, error) {
	return d.do(ctx, api.LiveCommand{Do: "accept", Offer: offer})
}

// Decline refuses an offer.
func (d *Desk) Decline(ctx context.Context, offer rivage.ID, reason string) (rivage.Seq, error) {
	return d.do(ctx, api.LiveCommand{Do: "decline", Offer: offer, Reason: reason})
}

// Hold lets the caller hear music; Resume takes the call back.
func (d *Desk) Hold(ctx context.Context, interaction rivage.ID) (rivage.Seq, error) {
	return d.do(ctx, api.LiveCommand{Do: "hold", Interaction: interaction})
}

// Resume ends Hold.
func (d *Desk) Resume(ctx context.Context, interaction rivage.ID) (rivage.Seq, error) {
	return d.do(ctx, api.LiveCommand{Do: "resume", Interaction: interaction})
}

// HangUp ends the conversation.
func (d *Desk) HangUp(ctx context.Context, interaction rivage.ID) (rivage.Seq, error) {
	return d.do(ctx, api.LiveCommand{Do: "hangup", Interaction: interaction})
}

// Oppose stops and destroys the recording, as the caller asked.
func (d *Desk) Oppose(ctx context.Context, interaction rivage.ID) (rivage.Seq, error) {
	return d.do(ctx, api.LiveCommand{Do: "oppose", Interaction: interaction})
}

// Dispose closes the interaction with a code of its queue; the note may be empty.
func (d *Desk) Dispose(ctx context.Context, interaction rivage.ID, code, note string) (rivage.Seq, error) {
	return d.do(ctx, api.LiveCommand{Do: "dispose", Interaction: interaction, Disposition: code, Note: note})
}

// Extend asks once for more time to wrap up.
func (d *Desk) Extend(ctx context.Context, interaction rivage.ID) (rivage.Seq, error) {
	return d.do(ctx, api.LiveCommand{Do: "extend", Interaction: interaction})
}

// do sends a command and waits for its answer, through reconnections: the id stays, so it is done once at most. The
// sequence is the last entry of what it did. When ctx ends first, it may have been done.
func (d *Desk) do(ctx context.Context, cmd api.LiveCommand) (rivage.Seq, error) {
	c := &command{id: string(rivage.NewID()), answer: make(chan *frame, 1)}
	cmd.ID = c.id
	var err error
	if c.text, err = json.Marshal(cmd); err == nil {
		err = d.await(c)
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", cmd.Do, err)
	}
	select {
	case <-ctx.Done():
		d.forget(c)
		return 0, fmt.Errorf("%s: %w", cmd.Do, ctx.Err())
	case f := <-c.answer:
		switch {
		case f == nil:
			return 0, fmt.Errorf("%s: %w", cmd.Do, d.why())
		case f.Error != nil:
			e := f.Error
			return 0, fmt.Errorf("%s: %w", cmd.Do, &Refused{Code: e.Code, Detail: e.Detail, Rule: e.Rule, Reason: e.Reason})
		case f.Seq != nil:
			return *f.Seq, nil
		}
		return 0, nil
	}
}

// await puts a command in the line.
func (d *Desk) await(c *command) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.ended != nil:
		return d.ended
	case len(d.waiting) >= maxWaiting:
		return &rivage.Error{Code: rivage.Busy, Message: "too many commands wait for an answer"}
	}
	d.waiting = append(d.waiting, c)
	poke(d.wake)
	return nil
}

// unsent are the commands that were not sent on a connection yet; now they are.
func (d *Desk) unsent(ws *websocket.Conn) [][]byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	var texts [][]byte
	for _, c := range d.waiting {
		if c.sent != ws {
			c.sent = ws
			texts = append(texts, c.text)
		}
	}
	return texts
}

// answered hands an answer to who waits for it; heartbeats' are for nobody.
func (d *Desk) answered(f *frame) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, c := range d.waiting {
		if c.id == f.Re {
			d.waiting = slices.Delete(d.waiting, i, i+1)
			c.answer <- f
			return
		}
	}
}

func (d *Desk) forget(c *command) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting = slices.DeleteFunc(d.waiting, func(w *command) bool { return w == c })
}

// end tells everybody who waits that Run is over; a nil err is an orderly end.
func (d *Desk) end(err error) {
	if err == nil {
		err = errEnded
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = err
	for _, c := range d.waiting {
		c.answer <- nil
	}
	d.waiting = nil
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *Desk) why() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ended
}
