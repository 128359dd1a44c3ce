// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"

	"rivage.example/rivage"
)

// maxInbox is how many entries may wait for one desk.
const maxInbox = 256

// tellDesks follows the log once for all desks, and gives each the entries that are about its agent: two thousand desks
// that each read every entry would do nothing else.
func (s *Server) tellDesks(ctx context.Context) {
	hints, stop := s.c.Feed.Subscribe()
	defer stop()
	next := s.c.Feed.Size()
	about := map[rivage.ID]rivage.ID{} // interaction → its agent, "" for none yet
	for ctx.Err() == nil {
		if next >= s.c.Feed.Size() {
			if wait(ctx, hints) != nil {
				return
			}
			continue
		}
		entries, err := s.c.Feed.Entries(ctx, next, feedBatch)
		if err != nil {
			s.c.Log.Error("follow the log for the desks", "error", err)
			if wait(ctx, hints) != nil {
				return
			}
			continue
		}
		for i := range entries {
			e := &entries[i]
			next = e.Seq + 1
			agent, err := s.c.View.AgentOf(ctx, e, about)
			if err != nil {
				s.c.Log.Error("find whose an entry is", "error", err)
			}
			if c := s.live.desk(agent); c != nil {
				c.deliver(e)
			}
		}
	}
}

// desk is the newest desk of an agent, nil for none.
func (h *hub) desk(agent rivage.ID) *channel {
	if agent == "" {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.desks[agent]
}

// deliver puts an entry in the desk's inbox. A desk that lets too many wait is closed: nobody waits for it.
func (c *channel) deliver(e *rivage.Stored) {
	c.mu.Lock()
	full := len(c.inbox) >= maxInbox
	if !full {
		c.inbox = append(c.inbox, e)
	}
	c.mu.Unlock()
	if full {
		c.end(closeSlow, "slow reader: refetch")
		return
	}
	select {
	case c.mail <- struct{}{}:
	default:
	}
}

// attend sends the snapshot, then what each delivered entry means to this desk.
func (c *channel) attend(ctx context.Context) {
	hints, stop := c.s.c.Feed.Subscribe()
	last, err := c.first(ctx, hints)
	stop()
	for err == nil {
		select {
		case <-ctx.Done():
			return
		case <-c.mail:
		}
		c.mu.Lock()
		entries := c.inbox
		c.inbox = nil
		c.mu.Unlock()
		if last, err = c.show(ctx, last, entries); err != nil {
			break
		}
	}
	if ctx.Err() == nil {
		c.s.c.Log.Error("live channel", "error", err)
		c.end(1011, "refetch")
	}
}
