// SPDX-License-Identifier: EUPL-1.2

package main

import "time"

// clock is the machine's: wall time for people, monotonic time for durations.
type clock struct{ origin time.Time }

func newClock() clock { return clock{time.Now()} }

// Now implements rivage.Clock.
func (clock) Now() time.Time { return time.Now().UTC() }

// Elapsed implements rivage.Clock.
func (c clock) Elapsed() time.Duration { return time.Since(c.origin) }

// After implements floor.Clock.
func (clock) After(d time.Duration) <-chan time.Time { return time.After(d) }
