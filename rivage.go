// SPDX-License-Identifier: EUPL-1.2

// Package rivage holds the words every other package speaks: interactions, agents, places, decisions and the
// entries of the one log. It does no I/O and imports the standard library only.
package rivage

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
	"time"
)

// ID names a thing without describing it: 128 bits that cannot be guessed, 26 lower-case base32 characters. Things that
// people name in configuration (a queue, a site, a Principal) carry a short slug of theirs instead, [a-z0-9-], at most 40.
type ID string

var idEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewID returns a fresh random ID.
func NewID() ID {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, crypto/rand documentation
	return ID(strings.ToLower(idEncoding.EncodeToString(b[:])))
}

// NewIDAt returns a fresh ID that begins with 48 bits of its time in milliseconds and goes on with 80 random bits. What
// is made together lies together in the indexes: each entry of a call then touches pages that other calls of the moment
// touch as well. It says when and nothing else, as the facts of the same entry do.
func NewIDAt(t time.Time) ID {
	var b [16]byte
	_, _ = rand.Read(b[6:]) // as above
	ms := uint64(t.UnixMilli())
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	return ID(strings.ToLower(idEncoding.EncodeToString(b[:])))
}

// ValidSlug says whether s may name a configured thing.
func ValidSlug(s string) bool {
	if s == "" || len(s) > 40 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// Seq is the rank of an entry in the log, dense from 0: commit order, leaf index and feed cursor in one.
type Seq = uint64

// Clock gives the time to packages that may not read it themselves.
type Clock interface {
	// Now is the wall clock in UTC, for what people read.
	Now() time.Time
	// Elapsed is a monotonic reading since an arbitrary origin of this process, for durations and deadlines: a step
	// of the wall clock does not move it.
	Elapsed() time.Duration
}

// Steady is a clock whose wall time does not step: the wall clock as it was when Steady was made, moved on by Elapsed. It
// is for what this process compares with what it noted earlier. What people read, and the dates of rules, codes and
// invitations, follow the wall clock itself.
type Steady struct {
	Clock
	wall  time.Time
	began time.Duration
}

// NewSteady takes the wall clock as it is now.
func NewSteady(c Clock) Steady { return Steady{c, c.Now().Round(0), c.Elapsed()} }

// Now implements Clock.
func (s Steady) Now() time.Time { return s.wall.Add(s.Elapsed() - s.began) }

// Micros is an instant as facts and rows keep it: microseconds since 1970, UTC.
type Micros int64

// At converts an instant for facts and rows.
func At(t time.Time) Micros { return Micros(t.UnixMicro()) }

// Time is the instant in UTC.
func (m Micros) Time() time.Time { return time.UnixMicro(int64(m)).UTC() }
