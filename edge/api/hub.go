// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/coder/websocket"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/view"
)

// A desk whose heartbeat is that old is late, then unreachable.
const (
	lateAfter        = 5 * time.Second
	unreachableAfter = 20 * time.Second
)

// A board is read within boardRead of the second it is sent in, so what a screen shows is never two seconds old; when
// it cannot be read, the last one goes out again with its age.
const boardRead = 500 * time.Millisecond

// hub knows every live channel: the one desk of each agent, who watches, whose heartbeat is late.
type hub struct {
	s *Server

	mu       sync.Mutex // guards what follows
	channels map[*channel]struct{}
	desks    map[rivage.ID]*channel // the newest of each agent
	given    map[rivage.ID]*answers // by account

	// Owned by tick.
	board  *view.Board   // the last that could be read; nil before the first
	readAt time.Duration // when its reading began
	unread bool          // the next one could not be read, and the log says so
}

func newHub(s *Server) *hub {
	return &hub{
		s: s, channels: map[*channel]struct{}{}, desks: map[rivage.ID]*channel{}, given: map[rivage.ID]*answers{},
	}
}

// join adds a channel; a desk replaces the agent's older one.
func (h *hub) join(c *channel) error {
	h.mu.Lock()
	if len(h.channels) >= maxChannels {
		h.mu.Unlock()
		return &rivage.Error{Code: rivage.Busy, Message: "too many live channels"}
	}
	h.channels[c] = struct{}{}
	var old *channel
	if c.desk {
		old = h.desks[c.who.Account]
		h.desks[c.who.Account] = c
	}
	h.mu.Unlock()
	if old != nil {
		old.end(closeReplaced, "a newer desk of the same agent")
	}
	return nil
}

// leave removes a channel, and says whether it was its agent's desk until now.
func (h *hub) leave(c *channel) (current bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.channels, c)
	if h.desks[c.who.Account] != c {
		return false
	}
	delete(h.desks, c.who.Account)
	return true
}

// all is every channel at this moment.
func (h *hub) all() []*channel {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]*channel, 0, len(h.channels))
	for c := range h.channels {
		out = append(out, c)
	}
	return out
}

// Run keeps boards and heartbeats until ctx is done, then closes every channel.
func (s *Server) Run(ctx context.Context) error {
	var counting sync.WaitGroup
	counting.Go(func() { s.tellRefusals(ctx) })
	counting.Go(func() { s.tellDesks(ctx) })
	defer counting.Wait()
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			for _, c := range s.live.all() {
				c.end(websocket.StatusGoingAway, "the server stops")
			}
			return nil
		case <-t.C:
			s.live.tick(ctx)
		}
	}
}

// tick is what happens once a second: one board for all who watch, and a look at each desk's heartbeat.
func (h *hub) tick(ctx context.Context) {
	channels := h.all()
	if len(channels) == 0 {
		return
	}
	now := h.s.c.Clock.Elapsed()
	for _, c := range channels {
		if !h.s.c.View.Current(c.user) {
			c.end(closeEnded, "rights changed")
		}
		c.checkBeat(now)
	}
	h.read(ctx)
	if h.board == nil {
		return
	}
	age := h.s.c.Clock.Elapsed() - h.readAt
	frame := LiveBoard{
		At: instantOf(h.s.c.Clock.Now()), AgeMs: age.Milliseconds(), Journal: h.s.c.View.Journal(),
		CertificateEnds: h.s.c.View.CertificateEnds(),
	}
	texts := map[string][]byte{} // by the queues seen: most who watch see the same
	for _, c := range channels {
		if !c.begun.Load() {
			continue
		}
		part := h.board.Part(c.user)
		text, written := texts[part]
		if !written {
			frame.Board, frame.Unready = h.board.For(c.user), h.board.Unready(c.user)
			var err error
			if text, err = json.Marshal(frame); err != nil {
				h.s.c.Log.Error("send board", "error", err)
				return
			}
			texts[part] = text
		}
		c.enqueue(text)
	}
}

// read reads the board, and keeps the one before when that cannot be done: a room without its database is told so.
func (h *hub) read(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, boardRead)
	defer cancel()
	began := h.s.c.Clock.Elapsed()
	b, err := h.s.c.View.Board(ctx)
	if err == nil {
		h.board, h.readAt = b, began
	} else if !h.unread { // said once, not every second
		h.s.c.Log.Error("read board", "error", err)
	}
	h.unread = err != nil
}

// checkBeat tells the floor when the desk's heartbeat reaches a stage of lateness, once for each.
func (c *channel) checkBeat(now time.Duration) {
	if !c.desk {
		return
	}
	c.mu.Lock()
	stage := c.stage
	switch age := now - c.beat; {
	case age >= unreachableAfter:
		c.stage = "unreachable"
	case age >= lateAfter:
		c.stage = "late"
	}
	changed := c.stage != stage
	stage = c.stage
	c.mu.Unlock()
	if changed {
		c.lost(stage)
	}
}

// heartbeat notes that the desk is there again.
func (c *channel) heartbeat(ctx context.Context) {
	now := c.s.c.Clock.Elapsed()
	c.mu.Lock()
	was := c.stage
	c.beat, c.stage = now, ""
	c.mu.Unlock()
	switch was {
	case "late":
		c.lost("back")
	case "unreachable":
		c.open(ctx)
	}
}
