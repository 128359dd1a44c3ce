// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rivage.example/rivage"
)

// The writer's goroutine is the only one that appends. A journal that is down is probed at these intervals.
const (
	firstProbe = 100 * time.Millisecond
	lastProbe  = 5 * time.Second
)

// gather is the shortest time between the beginnings of two transactions in a crowd. Most of what a small transaction
// costs does not depend on what it holds: on a fast disk, writing whatever has come would spend several times the work.
const gather = 10 * time.Millisecond

func (s *Store) run() {
	defer close(s.gone)
	ctx := context.Background() // an append under way is not abandoned: Close waits for it
	wait := firstProbe
	var probe <-chan time.Time // set while the journal is down
	for {
		if probe == nil && s.down.Load() {
			probe = s.after(wait)
		}
		select {
		case <-s.wake:
		case <-probe:
			probe, wait = nil, min(2*wait, lastProbe)
			if s.probe(ctx) == nil {
				wait = firstProbe
				s.turn(false)
			}
		}
		if s.drain(ctx) {
			return
		}
	}
}

// drain serves all that waits, and says whether the store was closed.
func (s *Store) drain(ctx context.Context) (closed bool) {
	for {
		batch, closed := s.take()
		if len(batch) == 0 {
			return closed
		}
		begin := s.clock.Elapsed()
		s.serve(ctx, batch)
		for _, r := range batch {
			if r.err != nil {
				r.receipt = rivage.Receipt{}
			}
			r.done(r.receipt, r.err)
		}
		if rest := gather - (s.clock.Elapsed() - begin); len(batch) > 1 && rest > 0 {
			<-s.pause(rest)
		}
	}
}

// take gives what waits already: alone, a caller pays one fsync and waits for nothing else; in a crowd, a share of one.
func (s *Store) take() (batch []*request, closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(s.queue), maxBatch)
	batch = s.queue[:n:n]
	if s.queue = s.queue[n:]; len(s.queue) == 0 {
		s.queue = nil // lets the answered ones go
	}
	return batch, s.closed
}

// serve commits a batch and gives each request its answer. When the database refuses a row, the batch's appends are
// run one per transaction, so that the bad one fails alone. When the database is in trouble, replaying thousands would
// be thousands of timeouts: all of it is Unavailable.
func (s *Store) serve(ctx context.Context, batch []*request) {
	if s.down.Load() {
		refuseAll(batch, errDown)
		return
	}
	err := s.commit(ctx, batch)
	switch {
	case err == nil:
		return
	case !s.db.Refused(err):
		s.turn(true)
		refuseAll(batch, &rivage.Error{Code: rivage.Unavailable, Message: "append: the journal is down", Err: err})
	case len(batch) > 1:
		for _, r := range batch {
			s.serve(ctx, []*request{r})
		}
	default:
		refuseAll(batch, &rivage.Error{Code: rivage.Invalid, Message: "append: the journal refuses it", Err: err})
	}
}

var errDown = &rivage.Error{Code: rivage.Unavailable, Message: "append: the journal is down"}

func refuseAll(batch []*request, err error) {
	for _, r := range batch {
		if !r.refused {
			r.err = err
		}
	}
}

// turn notes that the journal went down or came back.
func (s *Store) turn(down bool) {
	s.down.Store(down)
	s.feed.hint()
}

// probe writes for real, and little: the journal is back when this commits. The head is read again, because a commit
// whose answer was lost may have moved it.
func (s *Store) probe(ctx context.Context) error {
	if err := update(ctx, s.db, `UPDATE ledger_head SET size=size WHERE id=1`); err != nil {
		return err
	}
	head, err := s.Head(ctx)
	if err == nil {
		s.grown(head.Size)
	}
	return err
}

// commit writes one batch: lock, read, admit, fold, write, commit. An append that is refused gets its own answer and
// writes nothing; an error rolls the batch back.
func (s *Store) commit(ctx context.Context, batch []*request) error {
	tx, err := s.db.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin batch: %w", err)
	}
	defer tx.Rollback()
	b, err := readBatch(ctx, tx, batch, &s.warm)
	if err != nil {
		return fmt.Errorf("read batch: %w", err)
	}
	for _, r := range batch {
		if r.refused {
			continue
		}
		r.receipt, r.err = b.admit(&r.add)
		if r.err != nil && !answers(r.err) {
			return r.err
		}
	}
	if b.empty() {
		s.fresh.take(b.state, b.start, b.anew)
		s.warm = warmth{b.start, b.state}
		return nil // nothing but repeats and refusals
	}
	if err := b.write(ctx, tx); err != nil {
		return fmt.Errorf("write batch: %w", err)
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit batch: %w", err)
	}
	s.fresh.take(b.state, b.frontier.Size(), b.anew)
	b.state.committed()
	s.warm = warmth{b.frontier.Size(), b.state}
	s.recent.add(b.stored)
	s.grown(b.frontier.Size())
	return nil
}

// answers says whether an error is the answer to one append, which spoils no other.
func answers(err error) bool {
	var e *rivage.Error
	return errors.As(err, &e)
}
