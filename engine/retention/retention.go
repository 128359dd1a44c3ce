// SPDX-License-Identifier: EUPL-1.2

// Package retention decides when what was kept for a stated time has to go, and writes it down (GDPR art. 5(1)(e)).
//
// The entry comes first: whoever follows the log destroys what it names, and does it again after a crash. What is due
// follows from the recording's own row and the clock, so that a backup from before is swept in the same way.
package retention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rivage.example/rivage"
)

// Rows gives the recordings whose retention has passed at a moment and that are still there, oldest first.
type Rows interface {
	ExpiredObjects(ctx context.Context, now rivage.Micros, limit int) ([]rivage.ObjectRow, error)
	// Believed is the date that was believed last, of any process; without one, when the log was last written to; zero for
	// neither.
	Believed(ctx context.Context) (time.Time, error)
	// Believe keeps a date for the next process.
	Believe(ctx context.Context, date time.Time) error
}

// Journal takes the entries of this package.
type Journal interface {
	Append(ctx context.Context, a rivage.Append) (rivage.Receipt, error)
}

// Config is what a Sweeper needs. Every field is required.
type Config struct {
	Clock   rivage.Clock
	Rows    Rows
	Journal Journal
}

// Sweeper ends retentions. One goroutine uses it.
type Sweeper struct {
	c       Config
	wall    time.Time     // of the last sweep
	elapsed time.Duration // at the last sweep
	held    time.Duration // until when nothing is destroyed; by Clock.Elapsed
	begun   bool          // the date was compared with what was believed before this process
	kept    time.Time     // the date that Believe was told last
}

// New makes a Sweeper.
func New(c Config) *Sweeper {
	return &Sweeper{c: c, wall: c.Clock.Now(), elapsed: c.Clock.Elapsed()}
}

// A clock that was set by more than maxStep, or that a start finds before the date believed last or maxRest after it, is
// believed after a day: what is destroyed for a wrong date does not come back when the date does.
const (
	maxStep = time.Hour
	maxRest = 7 * 24 * time.Hour
	doubt   = 24 * time.Hour
)

// ErrDoubted is why nothing is destroyed for a while.
var ErrDoubted = errors.New("the date is far from the one that was believed last")

// page is how many recordings are read at once.
const page = 200

// Sweep writes an entry for each recording whose retention has passed, and returns how many that were. After an error
// the next sweep does the rest.
func (s *Sweeper) Sweep(ctx context.Context) (int, error) {
	now := s.c.Clock.Now()
	if err := s.begin(ctx, now); err != nil {
		return 0, err
	}
	if err := s.doubted(now); err != nil {
		return 0, err
	}
	if err := s.believe(ctx, now); err != nil {
		return 0, err
	}
	n := 0
	for {
		due, err := s.c.Rows.ExpiredObjects(ctx, rivage.At(now), page)
		if err != nil {
			return n, fmt.Errorf("read recordings past their retention: %w", err)
		}
		for i := range due {
			if err := s.expire(ctx, &due[i], now); err != nil {
				return n, fmt.Errorf("end the retention of recording %s: %w", due[i].ID, err)
			}
			n++
		}
		if len(due) < page {
			return n, nil
		}
	}
}

// begin compares the date with the one that was believed before this process, once.
func (s *Sweeper) begin(ctx context.Context, now time.Time) error {
	if s.begun {
		return nil
	}
	last, err := s.c.Rows.Believed(ctx)
	if err != nil {
		return fmt.Errorf("read the date that was believed last: %w", err)
	}
	if away := now.Sub(last); !last.IsZero() && (away < -maxStep || away > maxRest) {
		s.held = s.c.Clock.Elapsed() + doubt
	}
	s.begun, s.kept = true, last
	return nil
}

// believe keeps the date, once an hour.
func (s *Sweeper) believe(ctx context.Context, now time.Time) error {
	if now.Sub(s.kept).Abs() < time.Hour {
		return nil
	}
	if err := s.c.Rows.Believe(ctx, now); err != nil {
		return fmt.Errorf("keep the date that is believed: %w", err)
	}
	s.kept = now
	return nil
}

// doubted says why nothing is destroyed at the moment, nil when something may be.
func (s *Sweeper) doubted(now time.Time) error {
	elapsed := s.c.Clock.Elapsed()
	step := now.Sub(s.wall) - (elapsed - s.elapsed)
	s.wall, s.elapsed = now, elapsed
	if step.Abs() > maxStep {
		s.held = elapsed + doubt
	}
	if elapsed < s.held {
		return &rivage.Error{Code: rivage.Unavailable, Err: ErrDoubted, Message: fmt.Sprintf(
			"no recording is destroyed for %s more; check the clock", s.held-elapsed)}
	}
	return nil
}

// expire writes down that one recording goes.
func (s *Sweeper) expire(ctx context.Context, o *rivage.ObjectRow, now time.Time) error {
	_, err := s.c.Journal.Append(ctx, rivage.Append{
		CommandID: "expire/" + string(o.ID), // an answer that was lost is asked for again
		Entries: []rivage.Entry{{
			Stream: rivage.StreamOf("interaction", o.Interaction), Principal: o.Principal, At: now,
			Facts: &rivage.RecordingExpired{
				Interaction: o.Interaction, Object: o.ID, Purpose: o.Purpose, RetentionDays: o.RetentionDays, Until: o.KeptUntil(),
			},
			Leaf: rivage.Leaf{Role: "system", Site: o.Site, Mode: rivage.ModeCopy, Purpose: o.Purpose, Outcome: "destroyed"},
		}},
	})
	return err
}
