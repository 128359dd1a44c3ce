// SPDX-License-Identifier: EUPL-1.2

// Package store keeps the one log, the rows folded from it and the head of its tree, in one transaction.
//
// An append goes through one group-commit writer: many appends, one transaction, one fsync, then each is acknowledged.
// The dense sequence is commit order, leaf index and feed cursor in one. Rows are folds of facts and cells, never of a
// body, so that a rebuild gives the same rows and an erasure changes no figure.
package store

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"rivage.example/rivage"
)

// Config is what a store may be given; its zero value works.
type Config struct {
	// Clock gives the time to leases. The default is the machine's.
	Clock rivage.Clock
	// After waits between two probes of a journal that is down, and between two looks at a lease. The default is
	// time.After.
	After func(time.Duration) <-chan time.Time
	// Pause waits while a crowd gathers, a few milliseconds. The default is time.After.
	Pause func(time.Duration) <-chan time.Time
}

// Store is the journal of one database. Its methods may be called from any goroutine. Reads are those of Reader.
type Store struct {
	Reader
	db    DB
	clock rivage.Clock
	after func(time.Duration) <-chan time.Time
	pause func(time.Duration) <-chan time.Time

	size atomic.Uint64 // entries committed, as this process knows
	down atomic.Bool   // the last transaction failed, and no probe has passed since
	feed feed
	warm warmth // owned by the writer

	recent recent
	fresh  fresh

	mu     sync.Mutex
	queue  []*request // owned by mu: what waits for the writer, in order
	closed bool       // owned by mu
	wake   chan struct{}
	gone   chan struct{} // closed when the writer returns
}

// New makes the store of a database, brings its tables up to date and starts the writer. The store owns db from then
// on, also when New fails.
func New(ctx context.Context, db DB, c Config) (*Store, error) {
	if err := migrate(ctx, db); err != nil {
		return nil, closing(db, fmt.Errorf("open journal: %w", err))
	}
	if c.Clock == nil {
		c.Clock = machineClock{time.Now()}
	}
	if c.After == nil {
		c.After = time.After
	}
	if c.Pause == nil {
		c.Pause = time.After
	}
	s := &Store{
		Reader: Reader{db}, db: db, clock: c.Clock, after: c.After, pause: c.Pause,
		wake: make(chan struct{}, 1), gone: make(chan struct{}),
	}
	head, err := s.Head(ctx)
	if err != nil {
		return nil, closing(db, fmt.Errorf("open journal: %w", err))
	}
	s.size.Store(head.Size)
	go s.run()
	return s, nil
}

func closing(db DB, err error) error {
	if e := db.Close(); e != nil {
		return fmt.Errorf("%w (and close: %w)", err, e)
	}
	return err
}

// Close commits what was submitted, stops the writer and closes the database.
func (s *Store) Close() error {
	s.mu.Lock()
	closed := s.closed
	s.closed = true
	s.mu.Unlock()
	if !closed {
		s.rouse()
	}
	<-s.gone
	if closed {
		return nil
	}
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close journal: %w", err)
	}
	return nil
}

// Size is how many entries are committed, as far as this process knows.
func (s *Store) Size() rivage.Seq { return s.size.Load() }

// Down says that the journal takes nothing at the moment: the disk is full or dead, or the database gone. The store
// tries again by itself.
func (s *Store) Down() bool { return s.down.Load() }

// machineClock is the clock of the machine.
type machineClock struct{ start time.Time }

func (machineClock) Now() time.Time           { return time.Now().UTC() }
func (m machineClock) Elapsed() time.Duration { return time.Since(m.start) }
