// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/retention"
	"rivage.example/rivage/record/store"
)

// expire ends the retention of recordings, at the start and each minute; what the entries name, erase unlinks.
func (h *house) expire(ctx context.Context) {
	s := h.retention(h.journal)
	for ; ctx.Err() == nil; wait(ctx, sweepEvery) {
		n, err := s.Sweep(ctx)
		if n > 0 {
			h.log.Info("recordings destroyed at the end of their retention", "count", n)
		}
		if err != nil && ctx.Err() == nil {
			h.log.Warn("end the retention of recordings", "error", err.Error())
		}
	}
}

// retention makes the sweep of this instance's recordings.
func (i *instance) retention(j *journal) *retention.Sweeper {
	return retention.New(retention.Config{Clock: i.clock, Rows: recordings{i.store}, Journal: j})
}

// recordings lets retention read the recordings, and keep the date that it believed.
type recordings struct{ *store.Store }

// dateCursor keeps a date in seconds since 1970 where consumers keep their place.
const dateCursor = "retention"

// Believed implements retention.Rows.
func (r recordings) Believed(ctx context.Context) (time.Time, error) {
	seconds, err := r.Cursor(ctx, dateCursor)
	switch size := r.Size(); {
	case err != nil || seconds == 0 && size == 0:
		return time.Time{}, err
	case seconds == 0:
		last, err := r.Entry(ctx, size-1)
		return last.At.Time(), err
	}
	return time.Unix(int64(seconds), 0).UTC(), nil
}

// Believe implements retention.Rows.
func (r recordings) Believe(ctx context.Context, date time.Time) error {
	return r.SetCursor(ctx, dateCursor, rivage.Seq(max(date.Unix(), 1)))
}
