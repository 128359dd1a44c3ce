// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/record/store"
	"rivage.example/rivage/record/vault"
)

// feedBatch is how many entries a consumer reads at once.
const feedBatch = 500

// feed is the log as consumers follow it. A hint wakes them; every second they look all the same.
type feed struct{ store *store.Store }

// Size implements api.Feed.
func (f feed) Size() rivage.Seq { return f.store.Size() }

// Subscribe implements api.Feed.
func (f feed) Subscribe() (hints <-chan struct{}, stop func()) { return f.store.Subscribe() }

// Reach implements api.Feed.
func (f feed) Reach(ctx context.Context, seq rivage.Seq) error { return f.store.Reach(ctx, seq) }

// Entries implements api.Feed.
func (f feed) Entries(ctx context.Context, from rivage.Seq, limit int) ([]rivage.Stored, error) {
	return f.store.Entries(ctx, from, limit)
}

// wait returns once the log is longer than size, or ctx is done.
func (f feed) wait(ctx context.Context, size rivage.Seq) {
	hints, stop := f.store.Subscribe()
	defer stop()
	for f.store.Size() <= size {
		select {
		case <-hints:
		case <-ctx.Done():
			return
		}
	}
}

// follow gives every entry from a sequence on to take, in order, until ctx ends. An error of take is logged and the
// entry tried again after a second: a consumer that skips is a consumer that forgets.
func (f feed) follow(ctx context.Context, log *slog.Logger, name string, from rivage.Seq, take func(context.Context, *rivage.Stored) error) {
	for ctx.Err() == nil {
		entries, err := f.Entries(ctx, from, feedBatch)
		for i := range entries {
			if err = take(ctx, &entries[i]); err != nil {
				break
			}
			from = entries[i].Seq + 1
		}
		if err != nil && ctx.Err() == nil {
			log.Warn("follow the journal", "consumer", name, "seq", from, "error", err.Error())
			wait(ctx, time.Second)
			continue
		}
		if len(entries) < feedBatch {
			f.wait(ctx, from)
		}
	}
}

// look keeps up with what another process (rivage config apply) appends: a hint comes from this one's commits only.
func (f feed) look(ctx context.Context) {
	for wait(ctx, time.Second); ctx.Err() == nil; wait(ctx, time.Second) {
		_ = f.store.Look(ctx) // the journal says itself when it is down
	}
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// eraser does outside the database what a committed erasure asks: keys dropped from memory, the list kept apart from
// the backups, the files of recordings unlinked. A recording whose retention has passed goes the same way; it needs no
// list, for a restored backup states the same retention.
type eraser struct {
	store      *store.Store
	vault      *vault.Vault
	recordings *vault.Recordings
	list       *vault.Erasures
}

const eraserCursor = "eraser"

func (e eraser) take(ctx context.Context, s *rivage.Stored) error {
	switch f := s.Facts.(type) {
	case *rivage.PersonErased:
		if err := e.person(ctx, s.Seq, f); err != nil {
			return err
		}
	case *rivage.OrganisationErased:
		if err := e.keys(s.Seq, f.Subject); err != nil {
			return err
		}
	case *rivage.RecordingExpired:
		if err := e.unlink(f.Object); err != nil {
			return err
		}
	default:
		return nil
	}
	return e.store.SetCursor(ctx, eraserCursor, s.Seq+1)
}

func (e eraser) person(ctx context.Context, seq rivage.Seq, f *rivage.PersonErased) error {
	if err := e.keys(seq, f.Subjects...); err != nil {
		return err
	}
	objects, err := e.store.ObjectsOf(ctx, f.Subjects)
	if err != nil {
		return err
	}
	for _, o := range objects {
		if err := e.unlink(o.ID); err != nil {
			return err
		}
	}
	return nil
}

// keys drops keys from memory and lists them as erased.
func (e eraser) keys(seq rivage.Seq, subjects ...rivage.ID) error {
	e.vault.Forget(subjects...)
	return e.list.Add(vault.Erasure{Seq: seq, Subjects: subjects})
}

// unlink removes a recording's file, and the key in it.
func (e eraser) unlink(object rivage.ID) error {
	if err := e.recordings.Destroy(object); err != nil && rivage.CodeOf(err) != rivage.NotFound {
		return fmt.Errorf("unlink recording %s: %w", object, err)
	}
	return nil
}
