// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rivage.example/rivage"
)

// Lease says who owns something that one process at a time may do. Its epoch grows with each owner: an append that
// states an older one is refused in its own transaction, whatever the clocks say. The expiry only says when another
// may try.
type Lease struct {
	Name      string
	Holder    string // names the process for people: host and process id
	Epoch     int64
	ExpiresAt rivage.Micros
}

// Lease reads a lease; NotFound when nobody ever held it.
func (r Reader) Lease(ctx context.Context, name string) (Lease, error) {
	return readLease(ctx, r.q, name)
}

func readLease(ctx context.Context, q Querier, name string) (Lease, error) {
	l := Lease{Name: name}
	err := queryRow(ctx, q, `SELECT holder, epoch, expires_at FROM lease WHERE name=$1`, []any{name},
		&l.Holder, &l.Epoch, (*int64)(&l.ExpiresAt))
	return l, rowError("lease", err)
}

// Acquire takes a lease for ttl. While another process renews it, Acquire gives Busy and names the holder; a holder
// that does not renew for ttl, because it crashed, is waited out, whatever became of the wall clock. dead, which may be
// nil, says that a holder is certainly gone: then nothing is waited for.
func (s *Store) Acquire(ctx context.Context, name, holder string, ttl time.Duration, dead func(holder string) bool) (Lease, error) {
	var seen Lease
	began := s.clock.Elapsed()
	for {
		over := func(held Lease) bool { // it did not move for as long as it lasts
			return dead != nil && dead(held.Holder) || held == seen && s.clock.Elapsed()-began >= ttl
		}
		l, other, err := s.try(ctx, name, holder, ttl, over)
		if err != nil || other.Epoch == 0 {
			return l, err
		}
		if seen.Epoch != 0 && other != seen { // renewed, also to an earlier time by a wall clock that was set back
			return Lease{}, &rivage.Error{Code: rivage.Busy, Message: fmt.Sprintf(
				"%s is held by %s, which is running: stop it first; only one process may work on a database", name, other.Holder)}
		}
		seen = other
		wait := min(other.ExpiresAt.Time().Sub(s.clock.Now()), ttl) + time.Millisecond
		select {
		case <-s.after(max(wait/4, time.Millisecond)): // a living holder renews well within its time
		case <-ctx.Done():
			return Lease{}, fmt.Errorf("wait for lease %s held by %s: %w", name, other.Holder, ctx.Err())
		}
	}
}

// try tries once. other is the lease in the way, with epoch 0 when there was none.
func (s *Store) try(ctx context.Context, name, holder string, ttl time.Duration, over func(Lease) bool) (l, other Lease, err error) {
	tx, err := s.db.Begin(ctx)
	if err != nil {
		return l, other, unavailable("acquire lease", err)
	}
	defer tx.Rollback()
	// Under the head lock, so that no batch checks the old epoch and commits after the new one.
	if _, _, err := tx.Lock(ctx); err != nil {
		return l, other, unavailable("acquire lease", err)
	}
	held, err := readLease(ctx, tx, name)
	if err != nil && rivage.CodeOf(err) != rivage.NotFound {
		return l, other, err
	}
	now := s.clock.Now()
	if held.Epoch > 0 && held.ExpiresAt > rivage.At(now) && !over(held) {
		return l, held, nil
	}
	l = Lease{Name: name, Holder: holder, Epoch: held.Epoch + 1, ExpiresAt: rivage.At(now.Add(ttl))}
	err = tx.Queue(ctx, `INSERT INTO lease(name,holder,epoch,expires_at) VALUES($1,$2,$3,$4)
		ON CONFLICT(name) DO UPDATE SET holder=excluded.holder, epoch=excluded.epoch, expires_at=excluded.expires_at`,
		name, holder, l.Epoch, int64(l.ExpiresAt))
	if err == nil {
		err = tx.Commit(ctx)
	}
	if err != nil {
		return Lease{}, Lease{}, unavailable("acquire lease", err)
	}
	return l, Lease{}, nil
}

// Renew holds a lease for another ttl; Conflict when another process took it.
func (s *Store) Renew(ctx context.Context, l Lease, ttl time.Duration) (Lease, error) {
	l.ExpiresAt = rivage.At(s.clock.Now().Add(ttl))
	return l, s.hold(ctx, l)
}

// Release lets a lease go, so that the next process need not wait.
func (s *Store) Release(ctx context.Context, l Lease) error {
	l.ExpiresAt = 0
	return s.hold(ctx, l)
}

func (s *Store) hold(ctx context.Context, l Lease) error {
	err := s.put(ctx, "lease", `UPDATE lease SET expires_at=$3 WHERE name=$1 AND epoch=$2`, l.Name, l.Epoch, int64(l.ExpiresAt))
	if err != nil {
		return err
	}
	now, err := s.Lease(ctx, l.Name)
	if err != nil {
		return err
	}
	if now.Epoch != l.Epoch {
		return &rivage.Error{Code: rivage.Conflict, Message: "renew lease " + l.Name, Err: errors.New("held by " + now.Holder)}
	}
	return nil
}
