// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/api"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/record/ledger"
	"rivage.example/rivage/record/store"
	"rivage.example/rivage/record/vault"
)

// The lease that the one process working on a database holds, and the house's rhythms.
const (
	floorLease = "floor"
	leaseLife  = 15 * time.Second
	leaseRenew = 5 * time.Second
	sweepEvery = time.Minute
	publishGap = time.Second // between two publications
)

// lock makes this process the only one that serves a data folder, for as long as it lives: the kernel lets go of it
// even after kill -9, so that a restart need not wait for the lease of the dead.
func (i *instance) lock() (unlock func() error, err error) {
	path := i.machine.data("lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the instance: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(&rivage.Error{Code: rivage.Busy, Message: "this instance is served by another process: stop it first"}, f.Close())
	}
	return f.Close, nil
}

// takeFloor takes the floor's lease under the name of this host, folder and process. A former holder of the same host
// and folder is dead, for this process has the folder's lock.
func (i *instance) takeFloor(ctx context.Context) (store.Lease, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "?"
	}
	dir, err := filepath.Abs(i.machine.path(i.machine.Data))
	if err != nil {
		return store.Lease{}, err
	}
	here := fmt.Sprintf("%s:%s, process ", host, dir)
	return i.store.Acquire(ctx, floorLease, fmt.Sprintf("%s%d", here, os.Getpid()), leaseLife, func(other string) bool {
		return strings.HasPrefix(other, here)
	})
}

// alone does something while no process serves the instance.
func (i *instance) alone(ctx context.Context, do func(context.Context) error) (err error) {
	unlock, err := i.lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	lease, err := i.takeFloor(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, i.store.Release(context.WithoutCancel(ctx), lease)) }()
	return do(ctx)
}

// keepLease renews a lease until ctx ends. Losing it ends the process's work: another one has the floor.
func keepLease(ctx context.Context, s *store.Store, l store.Lease, lost func(error)) {
	for ctx.Err() == nil {
		wait(ctx, leaseRenew)
		next, err := s.Renew(ctx, l, leaseLife)
		switch {
		case err == nil:
			l = next
		case rivage.CodeOf(err) == rivage.Unavailable || ctx.Err() != nil: // the database is gone: the journal says so itself
		default:
			lost(err)
			return
		}
	}
}

// kept reads what a process before left: interactions, presences, and recordings nobody ended.
func kept(ctx context.Context, i *instance, r *vault.Recordings) (floor.Kept, error) {
	k := floor.Kept{Software: "rivage " + version}
	open, err := i.store.OpenInteractions(ctx, []rivage.ID{store.AllPrincipals})
	if err != nil {
		return k, err
	}
	for _, row := range open {
		k.Interactions = append(k.Interactions, floor.Known{Row: row, Reachable: row.Caller != nil})
	}
	if k.Agents, err = i.store.Agents(ctx); err != nil {
		return k, err
	}
	if k.Handled, err = i.store.Handled(ctx, rivage.At(policy.LegalDay(i.clock.Now()))); err != nil {
		return k, err
	}
	if k.Tally, err = tallied(ctx, i); err != nil {
		return k, err
	}
	if k.Recordings, err = unfinished(ctx, i, r); err != nil {
		return k, err
	}
	k.Unclean, err = unclean(ctx, i.store)
	return k, err
}

// tallied counts the conversations of today where a queue has least shares of a day; nil where none has.
func tallied(ctx context.Context, i *instance) (*floor.Tally, error) {
	size := i.store.Size()
	s, _, err := settingsAt(ctx, i.store, size)
	if s == nil {
		return nil, err
	}
	for _, q := range s.Queues { // what does not load is told elsewhere, and answers nobody
		if len(q.Shares) > 0 {
			return tallyOf(ctx, i.store, i.clock.Now(), size)
		}
	}
	return nil, nil
}

// unfinished are the recordings that an entry began and none ended, as the disk has them.
func unfinished(ctx context.Context, i *instance, r *vault.Recordings) ([]floor.Unfinished, error) {
	objects, err := i.store.OpenObjects(ctx)
	if err != nil {
		return nil, err
	}
	var list []floor.Unfinished
	for _, o := range objects {
		f := rivage.RecordingEnded{Interaction: o.Interaction, Object: o.ID, Outcome: "interrupted", Reason: "crash"}
		gone, err := destroyOpposed(ctx, i.store, r, &o)
		if err != nil {
			return nil, err
		}
		c, err := r.Inspect(o.ID)
		switch {
		case gone:
			f.Outcome, f.Reason = "destroyed", "opposition"
		case rivage.CodeOf(err) == rivage.NotFound:
			f.Outcome, f.Reason = "destroyed", "no_file"
		case err != nil:
			f.Reason = "damaged"
		default:
			f.Bytes, f.Seconds, f.Cipher = c.Bytes, c.Seconds, c.Cipher.String()
			if c.Complete {
				f.Outcome, f.Reason = "complete", ""
			}
		}
		list = append(list, floor.Unfinished{Principal: o.Principal, Facts: f})
	}
	return list, nil
}

// destroyOpposed finishes what a crash interrupted: the caller had opposed, and the sound was still there.
func destroyOpposed(ctx context.Context, s *store.Store, r *vault.Recordings, o *rivage.ObjectRow) (bool, error) {
	entries, err := s.StreamEntries(ctx, []rivage.ID{o.Principal}, rivage.StreamOf("interaction", o.Interaction), 0, 500)
	if err != nil {
		return false, err
	}
	for i := range entries {
		if f, ok := entries[i].Facts.(*rivage.RecordingOpposed); ok && f.Object == o.ID {
			return true, r.Destroy(o.ID)
		}
	}
	return false, nil
}

// unclean says whether the process before left without a word.
func unclean(ctx context.Context, s *store.Store) (bool, error) {
	last, err := s.LastStreamEntries(ctx, everyone, "system", 1)
	if err != nil || len(last) == 0 {
		return false, err
	}
	_, started := last[0].Facts.(*rivage.Started) // neither stopped since, nor restored
	return started, nil
}

// tailSize is how many of the last entries a start looks at when the process before left without a word.
const tailSize = 1000

// checkTail says what is wrong with them and stops nothing: people who called are owed their calls. rivage check looks
// at everything.
func (h *house) checkTail(ctx context.Context) error {
	if !h.kept.Unclean {
		return nil
	}
	report, err := h.store.CheckTail(ctx, tailSize)
	for _, f := range report.Faults {
		h.log.Error("the end of the journal is not as it was written: run rivage check", "fault", f.String())
	}
	return err
}

// public is the published log as edge/api serves it.
type public struct {
	*instance
	publisher *ledger.Publisher
	root      *os.Root // of the published folder
}

// State implements api.Ledger.
func (p public) State(ctx context.Context) (api.JournalState, error) {
	head, err := p.store.Head(ctx)
	if err != nil {
		return api.JournalState{}, err
	}
	last, err := p.store.Published(ctx)
	if err != nil {
		return api.JournalState{}, err
	}
	lost, err := p.store.Lost(ctx)
	return api.JournalState{
		Size: head.Size, Root: head.Root.String(), Published: last.Size, Lost: lost, Checkpoint: string(last.Checkpoint),
	}, err
}

// Public implements api.Ledger.
func (p public) Public(path string) ([]byte, error) {
	if !filepath.IsLocal(path) {
		return nil, &rivage.Error{Code: rivage.NotFound, Message: "no such file"}
	}
	content, err := p.root.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, &rivage.Error{Code: rivage.NotFound, Message: "no such file"}
	}
	return content, err
}

// publish keeps the published log at the journal's head until ctx ends.
func (p public) publish(ctx context.Context, log *slog.Logger) {
	f := feed{p.store}
	for size := rivage.Seq(0); ctx.Err() == nil; {
		f.wait(ctx, size)
		size = p.store.Size()
		if _, err := p.publisher.Publish(ctx); err != nil && ctx.Err() == nil {
			log.Error("publish the journal", "error", err.Error())
			var fork *ledger.StandingError
			if errors.As(err, &fork) {
				return // a person decides; the log says what
			}
		}
		wait(ctx, publishGap)
	}
}
