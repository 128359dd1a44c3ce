// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"sync"
	"time"

	"rivage.example/rivage"
)

// feed tells whoever reads the log that there is more to read. A lost hint costs delay, never data.
type feed struct {
	mu   sync.Mutex
	subs map[chan struct{}]struct{} // owned by mu
}

// Subscribe gives a channel that receives after each commit, and whenever the journal goes down or comes back; several
// may be told as one. Read Size, Down and Entries then. stop ends the subscription and must be called.
func (s *Store) Subscribe() (hints <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	if s.feed.subs == nil {
		s.feed.subs = map[chan struct{}]struct{}{}
	}
	s.feed.subs[c] = struct{}{}
	return c, func() {
		s.feed.mu.Lock()
		defer s.feed.mu.Unlock()
		delete(s.feed.subs, c)
	}
}

func (f *feed) hint() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.subs {
		select {
		case c <- struct{}{}:
		default: // a hint waits there already
		}
	}
}

// Look reads how long the log is by now: another process may have appended, and a store that commits nothing itself does
// not hear of it.
func (s *Store) Look(ctx context.Context) error {
	head, err := s.Head(ctx)
	if err == nil {
		s.grown(head.Size)
	}
	return err
}

// grown notes how long the log is, and tells the consumers when that is news.
func (s *Store) grown(size rivage.Seq) {
	for known := s.size.Load(); known < size; known = s.size.Load() {
		if s.size.CompareAndSwap(known, size) {
			s.feed.hint()
		}
	}
}

// readYourWrites bounds how long a read waits for an entry it must see.
const readYourWrites = time.Second

// Reach waits until entry seq is committed: what a read does that must see the answer of a command. After a second it
// gives Unavailable.
func (s *Store) Reach(ctx context.Context, seq rivage.Seq) error {
	hints, stop := s.Subscribe()
	defer stop()
	late := s.after(readYourWrites)
	for s.Size() <= seq {
		select {
		case <-hints:
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			return &rivage.Error{Code: rivage.Unavailable, Message: "the journal has not reached that entry yet: try again"}
		}
	}
	return nil
}
