// SPDX-License-Identifier: EUPL-1.2

package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/api"
	"rivage.example/rivage/engine/view"
)

// The close codes of the live channel that mean something to a desk.
const (
	closeEnded    websocket.StatusCode = 4001
	closeReplaced websocket.StatusCode = 4009
)

// maxFrame bounds one frame, in bytes: a snapshot of many queues is the largest.
const maxFrame = 4 << 20

// errGap: frames were missed, or went back. A new snapshot repairs that.
var errGap = errors.New("the frames do not follow each other")

// frame is any frame: the first one, what happened, the board of each second, or an answer.
type frame struct {
	Seq      *rivage.Seq        `json:"seq"`
	From     *rivage.Seq        `json:"from"`
	Snapshot *view.DeskSnapshot `json:"snapshot"`
	view.Event
	Board   *[]view.Queue  `json:"board"`
	Journal string         `json:"journal"`
	Re      string         `json:"re"`
	Error   *api.LiveError `json:"error"`
}

// Run keeps the live channel until ctx is done, and then closes it and returns nil. It reconnects after every other end,
// and signs in again when the session ended. It gives up with ErrReplaced, or with the *Refused of a sign-in that more
// tries cannot make good. Call it once.
func (d *Desk) Run(ctx context.Context) error {
	if d.running.Swap(true) {
		return errors.New("run desk: it runs already")
	}
	calls, stop := context.WithCancel(ctx)
	var callbacks sync.WaitGroup
	callbacks.Go(func() { d.callBack(calls) })
	err := d.keep(ctx)
	if ctx.Err() != nil {
		err = nil
	}
	d.end(err)
	stop()
	callbacks.Wait()
	d.http.CloseIdleConnections()
	return err
}

// keep serves one connection after the other.
func (d *Desk) keep(ctx context.Context) error {
	ws, failures := d.opened, 0
	d.opened = nil
	var err error
	for {
		if ws == nil {
			ws, err = d.reconnect(ctx)
		}
		if err == nil {
			failures = 0
			err = d.serve(ctx, ws)
		}
		ws = nil
		if ctx.Err() != nil || errors.Is(err, ErrReplaced) || lasting(err) {
			return err
		}
		if !d.pause(ctx, failures, err) {
			return ctx.Err()
		}
		err = nil
		failures++
	}
}

// reconnect opens the live channel again, with a new session when the old one has ended.
func (d *Desk) reconnect(ctx context.Context) (*websocket.Conn, error) {
	if d.Me().Account != "" {
		ws, err := d.connect(ctx)
		if !refusedBy(err, http.StatusUnauthorized) {
			return ws, err
		}
	}
	if err := d.signIn(ctx); err != nil {
		return nil, err
	}
	return d.connect(ctx)
}

// pause waits before the next try; longer each time, and not in step with other desks.
func (d *Desk) pause(ctx context.Context, failures int, err error) bool {
	wait := min(d.pace.first<<min(failures, 20), d.pace.most)
	wait = wait/2 + rand.N(wait/2+1)
	var r *Refused
	if errors.As(err, &r) {
		wait = max(wait, r.After)
	}
	return sleep(ctx, wait)
}

// sleep waits, and says whether it could to the end.
func sleep(ctx context.Context, wait time.Duration) bool {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// connect opens the live channel and takes its first frame.
func (d *Desk) connect(ctx context.Context) (*websocket.Conn, error) {
	ws, resp, err := websocket.Dial(ctx, d.base.String()+"/api/live?app=desk", &websocket.DialOptions{HTTPClient: d.http})
	if err != nil {
		if resp != nil {
			if refused := refusal(resp); refused != nil {
				err = refused
			}
		}
		return nil, fmt.Errorf("open live channel: %w", err)
	}
	ws.SetReadLimit(maxFrame)
	f, err := d.read(ctx, ws)
	if err == nil && (f.Snapshot == nil || f.Seq == nil) {
		err = errors.New("the first frame is no snapshot")
	}
	if err != nil {
		_ = ws.CloseNow() // of no use any more
		return nil, fmt.Errorf("open live channel: %w", d.reason(err))
	}
	d.update(func(s *Snapshot) { *s = Snapshot{DeskSnapshot: *f.Snapshot, Seq: *f.Seq, Connected: true} })
	return ws, nil
}

// read takes one frame. Boards come each second: a long silence is a dead connection.
func (d *Desk) read(ctx context.Context, ws *websocket.Conn) (frame, error) {
	ctx, stop := context.WithTimeout(ctx, d.pace.silence)
	defer stop()
	var f frame
	kind, text, err := ws.Read(ctx)
	if err != nil {
		return f, err
	}
	if kind != websocket.MessageText {
		return f, errors.New("a frame is not text")
	}
	return f, json.Unmarshal(text, &f)
}

// reason says why a connection ended.
func (d *Desk) reason(err error) error {
	switch websocket.CloseStatus(err) {
	case closeReplaced:
		return &rivage.Error{Code: rivage.Conflict, Message: "keep desk", Err: ErrReplaced}
	case closeEnded:
		d.mu.Lock()
		d.me.Account = "" // the next connection signs in first
		d.mu.Unlock()
	}
	return fmt.Errorf("live channel: %w", err)
}

// serve reads frames and sends commands until the connection ends, and says why.
func (d *Desk) serve(ctx context.Context, ws *websocket.Conn) error {
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	var parts sync.WaitGroup
	parts.Go(func() { d.write(life, ws) })
	parts.Go(func() {
		select {
		case <-life.Done():
		case <-ctx.Done(): // an orderly end: the server hears that the desk has closed
			_ = ws.Close(websocket.StatusNormalClosure, "the desk closes")
		}
	})
	err := d.follow(life, ws)
	if errors.Is(err, errGap) {
		_ = ws.Close(websocket.StatusNormalClosure, "refetch")
	}
	stop()
	_ = ws.CloseNow() // the reason is known
	parts.Wait()
	d.update(func(s *Snapshot) { s.Connected = false })
	return d.reason(err)
}

// follow takes frames until one cannot be had.
func (d *Desk) follow(ctx context.Context, ws *websocket.Conn) error {
	for {
		f, err := d.read(ctx, ws)
		if err == nil {
			err = d.take(&f)
		}
		if err != nil {
			return err
		}
	}
}

// take takes what a frame says.
func (d *Desk) take(f *frame) error {
	switch {
	case f.Re != "":
		d.answered(f)
	case f.Board != nil:
		d.update(func(s *Snapshot) { s.Queues, s.Journal = *f.Board, f.Journal })
	case f.Seq != nil && f.From != nil:
		if last := d.Snapshot().Seq; *f.From != last+1 || *f.Seq < *f.From {
			return fmt.Errorf("%w: %d to %d after %d", errGap, *f.From, *f.Seq, last)
		}
		d.update(func(s *Snapshot) { s.happened(*f.Seq, &f.Event) })
	}
	return nil
}

// happened brings the snapshot to a later entry.
func (s *Snapshot) happened(seq rivage.Seq, e *view.Event) {
	s.Seq = seq
	if e.Interaction != nil {
		s.Interaction = e.Interaction
	}
	if e.Agent != nil {
		s.Me = *e.Agent
	}
	i := s.Interaction
	switch {
	case i == nil:
	case i.State.Ended(), e.Agent != nil && e.Agent.Interaction == "":
		s.Interaction = nil
	case e.OfferEnded != nil && i.State == rivage.Offered && i.Offer != nil && i.Offer.ID == e.OfferEnded.Offer:
		s.Interaction = nil
	}
}

// write sends heartbeats and the commands that wait, all of them again on a new connection: the server gives a repeated
// one its first answer.
func (d *Desk) write(ctx context.Context, ws *websocket.Conn) {
	beat := time.NewTicker(d.pace.beat)
	defer beat.Stop()
	for n := 0; ; n++ {
		texts := d.unsent(ws)
		if n == 0 || len(texts) == 0 {
			heartbeat, err := json.Marshal(api.LiveCommand{ID: "beat-" + strconv.Itoa(n), Do: "heartbeat"})
			if err != nil {
				return
			}
			texts = append(texts, heartbeat)
		}
		for _, text := range texts {
			if err := ws.Write(ctx, websocket.MessageText, text); err != nil {
				return // the reader hears of it too
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
		case <-beat.C:
		}
	}
}
