// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"strings"
	"sync"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/record/store"
)

// hands is a clock that only moves when somebody waits on it: waiting takes no time.
type hands struct {
	mu    sync.Mutex
	now   time.Time           // owned by mu
	shift time.Duration       // of Now against what has elapsed; owned by mu
	waits func(now time.Time) // called after each wait; may be nil
}

func (h *hands) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now.Add(h.shift)
}

func (h *hands) Elapsed() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now.Sub(Start)
}

// step sets the wall clock forward or back.
func (h *hands) step(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.shift += d
}

func (h *hands) after(d time.Duration) <-chan time.Time {
	h.mu.Lock()
	h.now = h.now.Add(d)
	now := h.now
	h.mu.Unlock()
	if h.waits != nil {
		h.waits(now)
	}
	c := make(chan time.Time, 1)
	c <- now
	return c
}

// testLease: a second living process is refused and told who holds the place; a dead one is waited out, or not even
// that when it is known to be dead.
func testLease(t *testing.T, e Engine) {
	connect := e.Fresh(t)
	h := &hands{now: Start}
	db, err := connect()
	if err != nil {
		t.Fatal(err)
	}
	s := over(t, db, store.Config{Clock: h, After: h.after})
	ctx, ttl := t.Context(), 10*time.Second
	held, err := s.Acquire(ctx, "serve", "machine-1 process 10", ttl, nil)
	if err != nil || held.Epoch != 1 {
		t.Fatalf("%+v, %v", held, err)
	}

	h.waits = func(time.Time) { // the holder lives
		if l, err := s.Renew(ctx, held, ttl); err != nil {
			t.Error(err)
		} else {
			held = l
		}
	}
	_, err = s.Acquire(ctx, "serve", "machine-2 process 20", ttl, func(string) bool { return false })
	if rivage.CodeOf(err) != rivage.Busy || !strings.Contains(err.Error(), "machine-1 process 10") {
		t.Errorf("a second process: %v; want Busy, naming the holder", err)
	}

	h.waits = nil // the holder was killed
	next, err := s.Acquire(ctx, "serve", "machine-2 process 20", ttl, nil)
	if err != nil || next.Epoch != 2 || h.Now().Before(held.ExpiresAt.Time()) {
		t.Errorf("after a crash: %+v at %s, %v; want epoch 2 once the first expired at %s", next, h.Now(), err, held.ExpiresAt.Time())
	}
	if _, err := s.Renew(ctx, held, ttl); rivage.CodeOf(err) != rivage.Conflict {
		t.Errorf("the first, awake again, renews: %v", err)
	}

	before := h.Now()
	third, err := s.Acquire(ctx, "serve", "machine-2 process 21", ttl, func(holder string) bool { return holder == "machine-2 process 20" })
	if err != nil || third.Epoch != 3 || h.Now() != before {
		t.Errorf("with a holder known to be dead: %+v, %v, waited %s", third, err, h.Now().Sub(before))
	}
	report(t, s.Release(ctx, third))
	l, err := s.Acquire(ctx, "serve", "machine-2 process 22", ttl, nil)
	if err != nil || l.Epoch != 4 || h.Now() != before {
		t.Errorf("after a release: %+v, %v", l, err)
	}

	h.step(-time.Hour) // the holder lives, and the wall clock is set back: what it renews to is earlier than before
	h.waits = func(time.Time) {
		if l, err = s.Renew(ctx, l, ttl); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Acquire(ctx, "serve", "machine-3 process 30", ttl, nil); rivage.CodeOf(err) != rivage.Busy {
		t.Errorf("with a clock that was set back: %v; want Busy", err)
	}
	h.waits = nil // it died, and the clock is set back again: its lease seems to last an hour
	h.step(-time.Hour)
	began := h.Elapsed()
	if l, err := s.Acquire(ctx, "serve", "machine-3 process 31", ttl, nil); err != nil || l.Epoch != 5 || h.Elapsed()-began > 2*ttl {
		t.Errorf("after a crash and a clock that was set back: %+v, %v, waited %v; want some %v", l, err, h.Elapsed()-began, ttl)
	}
}
