// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/time/rate"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/engine/view"
)

// Close codes of the live channel.
const (
	closeEnded    websocket.StatusCode = 4001 // the session ended
	closeSlow     websocket.StatusCode = 4008 // the reader is too slow: refetch
	closeReplaced websocket.StatusCode = 4009 // a newer desk of the same agent
)

// The limits of one channel.
const (
	maxUnsent    = 256 << 10 // bytes
	maxCommand   = 16 << 10  // bytes
	feedBatch    = 500       // entries
	commandRate  = 20        // a second
	commandBurst = 40
	maxChannels  = 20_000 // of the instance
)

// watched is what a channel is shown.
type watched interface {
	Snapshot(ctx context.Context) (any, error)
	Event(ctx context.Context, e *rivage.Stored) (view.Event, error)
}

// channel is one live channel. Its three goroutines are the reader (commands), the follower (entries) and the writer.
type channel struct {
	s       *Server
	ws      *websocket.Conn
	who     access.Session
	token   string        // of the session
	from    access.Origin // of the request that became the channel
	user    view.User
	desk    bool
	secure  bool
	view    watched // owned by the follower
	limiter *rate.Limiter

	mu     sync.Mutex // guards what follows
	queue  [][]byte   // frames not yet written
	unsent int        // bytes in queue and in the write under way
	beat   time.Duration
	stage  string // "" is on time, else "late" or "unreachable"
	code   websocket.StatusCode
	reason string
	inbox  []*rivage.Stored // of a desk: entries about its agent

	begun atomic.Bool   // the snapshot is on its way: boards may follow
	mail  chan struct{} // the follower's: something is in the inbox; of capacity 1
	wake  chan struct{} // the writer's: something is queued; of capacity 1
	stop  context.CancelFunc
}

// serveLive upgrades a request and serves the channel until it ends.
func (s *Server) serveLive(w http.ResponseWriter, r *http.Request) {
	c, err := s.newChannel(r)
	if err != nil {
		s.fail(r.Context(), route{id: "live"}, err).write(w)
		return
	}
	// A request without an Origin does not come from a page; one with another Origin is refused.
	if c.ws, err = websocket.Accept(w, r, nil); err != nil {
		return // Accept has answered
	}
	defer c.ws.CloseNow() //nolint:errcheck // closed already in the good case
	c.ws.SetReadLimit(maxCommand)
	ctx, stop := context.WithCancel(context.WithoutCancel(r.Context()))
	defer stop()
	c.stop = stop
	if err := s.live.join(c); err != nil {
		_ = c.ws.Close(websocket.StatusTryAgainLater, "full") // the client may be gone
		return
	}
	c.run(ctx)
}

func (s *Server) newChannel(r *http.Request) (*channel, error) {
	who, err := s.who(r)
	if err != nil {
		return nil, err
	}
	u := user(who)
	c := &channel{
		s: s, who: who, token: sessionToken(r), from: fromOf(r), user: u, secure: secureOrigin(r), wake: make(chan struct{}, 1), mail: make(chan struct{}, 1),
		limiter: rate.NewLimiter(commandRate, commandBurst), beat: s.c.Clock.Elapsed(),
	}
	switch app := r.URL.Query().Get("app"); {
	case app == "desk" && u.Is(access.RoleAgent) && who.Agent != nil:
		c.desk, c.view = true, s.c.View.Desk(u)
	case app == "control" && u.Is(access.RoleSupervisor, access.RoleDPO, access.RoleAdministrator, access.RoleSupport):
		c.view = s.c.View.Room(u)
	case app == "desk" || app == "control":
		return nil, problem(http.StatusForbidden, codeRole)
	default:
		return nil, &rivage.Error{Code: rivage.Invalid, Message: "app: want desk or control"}
	}
	return c, nil
}

// run serves the channel and tells why it closes.
func (c *channel) run(ctx context.Context) {
	if c.desk {
		c.open(ctx) // before any command of this desk
	}
	var parts sync.WaitGroup
	follow := c.follow
	if c.desk {
		follow = c.attend
	}
	for _, part := range []func(context.Context){c.read, follow, c.write, c.watchSession} {
		parts.Go(func() { part(ctx) })
	}
	<-ctx.Done()
	current := c.s.live.leave(c)
	c.mu.Lock()
	code, reason := c.code, c.reason
	c.mu.Unlock()
	if code == 0 {
		code = websocket.StatusNormalClosure
	}
	_ = c.ws.Close(code, reason) // a client that is gone does not answer
	parts.Wait()
	if c.desk && current {
		c.lost("closed")
	}
}

// end closes the channel for a reason; the first one counts.
func (c *channel) end(code websocket.StatusCode, reason string) {
	c.mu.Lock()
	if c.code == 0 {
		c.code, c.reason = code, reason
	}
	c.mu.Unlock()
	c.stop()
}

// watchSession closes the channel with its session, and looks whether the session still stands whenever settings changed: a
// network or certificate taken off its site ends it now, not at the next request.
func (c *channel) watchSession(ctx context.Context) {
	every := time.NewTicker(time.Second)
	defer every.Stop()
	var seen rivage.Seq
	told := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.who.Ended:
			c.end(closeEnded, "session ended")
			return
		case <-every.C:
		}
		now, err := c.s.c.Access.Still(ctx, c.token, c.from, seen)
		var refused access.Refusal
		switch {
		case err == nil:
			seen, told = now, false
		case errors.As(err, &refused):
			c.end(closeEnded, "session ended")
			return
		case ctx.Err() == nil && !told: // it looks again in a second
			c.s.c.Log.Error("live channel: look at its session", "error", err)
			told = true
		}
	}
}

// follow sends the snapshot, then what each entry means to this user.
func (c *channel) follow(ctx context.Context) {
	hints, stop := c.s.c.Feed.Subscribe() // before the snapshot: nothing falls between
	defer stop()
	last, err := c.first(ctx, hints)
	for err == nil {
		if last+1 < c.s.c.Feed.Size() {
			last, err = c.catchUp(ctx, last)
			continue
		}
		err = wait(ctx, hints)
	}
	if ctx.Err() == nil {
		c.s.c.Log.Error("live channel", "error", err)
		c.end(websocket.StatusInternalError, "refetch")
	}
}

// wait returns on a hint, and every second all the same.
func wait(ctx context.Context, hints <-chan struct{}) error {
	t := time.NewTimer(time.Second)
	defer t.Stop()
	select {
	case <-hints:
		return nil
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *channel) first(ctx context.Context, hints <-chan struct{}) (rivage.Seq, error) {
	for c.s.c.Feed.Size() == 0 { // an empty log has no sequence to start from
		if err := wait(ctx, hints); err != nil {
			return 0, err
		}
	}
	last := c.s.c.Feed.Size() - 1 // read before the rows, which may be ahead of it: what follows repeats, never skips
	snapshot, err := c.view.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	if err := c.send(LiveFirst[any]{Seq: last, Snapshot: snapshot}); err != nil {
		return last, err
	}
	c.begun.Store(true)
	return last, nil
}

// catchUp sends the frames of the entries after last and returns the new last.
func (c *channel) catchUp(ctx context.Context, last rivage.Seq) (rivage.Seq, error) {
	entries, err := c.s.c.Feed.Entries(ctx, last+1, feedBatch)
	if err != nil || len(entries) == 0 {
		return last, err
	}
	page := make([]*rivage.Stored, len(entries))
	for i := range entries {
		page[i] = &entries[i]
	}
	end := page[len(page)-1].Seq
	if last, err = c.show(ctx, last, page); err != nil || last == end {
		return last, err
	}
	return end, c.send(LiveFrame{Seq: end, From: last + 1})
}

// show sends what entries after last mean to this user, in as few frames as can say it, and returns the last entry that
// a frame covers. Entries that he may not see are covered by the next frame's From.
func (c *channel) show(ctx context.Context, last rivage.Seq, page []*rivage.Stored) (rivage.Seq, error) {
	var frame LiveFrame // zero while nothing waits to be sent
	for _, e := range view.Telling(page) {
		if e.Seq <= last { // in the snapshot already
			continue
		}
		event, err := c.view.Event(ctx, e)
		if err != nil {
			return last, err
		}
		if event == (view.Event{}) {
			continue
		}
		joined, ok := frame.Event.With(event)
		if !ok {
			if err := c.send(frame); err != nil {
				return last, err
			}
			last, joined = frame.Seq, event
		}
		frame = LiveFrame{Seq: e.Seq, From: last + 1, Event: joined}
	}
	if frame.Event == (view.Event{}) {
		return last, nil
	}
	return frame.Seq, c.send(frame)
}

// send queues a frame. A channel whose reader leaves too much unsent is closed: nobody waits for it.
func (c *channel) send(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	c.enqueue(text)
	return nil
}

func (c *channel) enqueue(text []byte) {
	c.mu.Lock()
	full := c.unsent > 0 && c.unsent+len(text) > maxUnsent // a snapshot alone may be larger
	if !full {
		c.queue = append(c.queue, text)
		c.unsent += len(text)
	}
	c.mu.Unlock()
	if full {
		c.end(closeSlow, "slow reader: refetch")
		return
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// write sends what is queued. It is not interrupted by ctx: that would drop the socket before it is told why.
func (c *channel) write(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
		}
		for text := c.next(); text != nil; text = c.next() {
			err := c.ws.Write(context.WithoutCancel(ctx), websocket.MessageText, text)
			c.mu.Lock()
			c.unsent -= len(text)
			c.mu.Unlock()
			if err != nil {
				c.stop()
				return
			}
		}
	}
}

func (c *channel) next() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.queue) == 0 {
		return nil
	}
	text := c.queue[0]
	c.queue = c.queue[1:]
	return text
}

// read takes commands, one after the other.
func (c *channel) read(ctx context.Context) {
	for {
		kind, text, err := c.ws.Read(context.WithoutCancel(ctx))
		if err != nil { // the client closed, or the frame was too large
			c.stop()
			return
		}
		if kind != websocket.MessageText {
			c.end(websocket.StatusUnsupportedData, "text only")
			return
		}
		answer := c.command(ctx, text)
		if err := c.send(answer); err != nil {
			c.s.c.Log.Error("live answer", "error", err)
		}
	}
}

// open tells the floor that the agent's desk is there.
func (c *channel) open(ctx context.Context) {
	_, err := c.s.c.Floor.Do(ctx, "", floor.SessionOpened{Agent: c.who.Account, Session: c.who.ID, Place: c.who.Place})
	if err != nil && !errors.Is(err, context.Canceled) {
		c.s.c.Log.Error("open desk", "error", err)
		c.end(websocket.StatusTryAgainLater, "refetch")
	}
}

// lost tells the floor that the agent's desk is late, gone or back, and waits for nothing: boards and the heartbeats of
// the others do not stop while the journal is down.
func (c *channel) lost(stage string) {
	c.s.c.Floor.Post(floor.SessionLost{Agent: c.who.Account, Session: c.who.ID, Stage: stage})
}
