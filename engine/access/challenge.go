// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"sync"
	"time"

	"rivage.example/rivage"
)

const (
	challengeHolds = time.Minute
	nonceSize      = 16
	challengeSize  = nonceSize + 8 + sha256.Size
)

// challenges are made without being kept, so that a flood of askers pushes nobody's out; only those that a workstation
// signed are remembered, until they are over.
type challenges struct {
	key [32]byte // of this process: a restart makes all older ones void

	mu   sync.Mutex           // guards what follows
	used map[string]time.Time // when each is forgotten
}

func newChallenges() *challenges {
	c := &challenges{used: make(map[string]time.Time)}
	_, _ = rand.Read(c.key[:]) // never fails, crypto/rand documentation
	return c
}

// Challenge is what a workstation signs to prove itself to a session, "" for the one that a sign-in makes.
func (c *Control) Challenge(session rivage.ID) string {
	b := make([]byte, nonceSize, challengeSize)
	_, _ = rand.Read(b) // never fails, crypto/rand documentation
	b = binary.BigEndian.AppendUint64(b, uint64(rivage.At(c.steady.Now())))
	return base64.RawURLEncoding.EncodeToString(append(b, c.challenges.seal(b, session)...))
}

func (c *challenges) seal(b []byte, session rivage.ID) []byte {
	h := hmac.New(sha256.New, c.key[:])
	h.Write(b)
	h.Write([]byte(session))
	return h.Sum(nil)
}

// take says whether a challenge was made here for this session, within its minute, and never taken before.
func (c *challenges) take(text string, session rivage.ID, now time.Time) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != challengeSize || !hmac.Equal(b[nonceSize+8:], c.seal(b[:nonceSize+8], session)) {
		return false
	}
	over := rivage.Micros(binary.BigEndian.Uint64(b[nonceSize:])).Time().Add(challengeHolds)
	if !now.Before(over) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for old, at := range c.used {
		if !now.Before(at) {
			delete(c.used, old)
		}
	}
	if _, again := c.used[text]; again {
		return false
	}
	c.used[text] = over
	return true
}
