// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"

	"rivage.example/rivage"
)

// Cost is what one password hash takes (RFC 9106 section 3.1).
type Cost struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// DefaultCost takes 19 MiB and about 30 ms.
var DefaultCost = Cost{Memory: 19 << 10, Time: 2, Threads: 1}

// The bounds of a hash that is read: what a hash asks for is memory of ours.
const (
	maxMemory   = 256 << 10 // KiB
	maxTime     = 16
	maxThreads  = 8
	minSalt     = 8
	minKey      = 16
	maxPart     = 64 // bytes of salt or key
	maxPassword = 256
)

// phc is an argon2id hash in the PHC string format.
type phc struct {
	cost      Cost
	salt, key []byte
}

var errPHC = errors.New("parse password hash: not an argon2id hash within bounds")

func parsePHC(s string) (phc, error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return phc{}, errPHC
	}
	var h phc
	fields := strings.Split(parts[3], ",")
	if len(fields) != 3 {
		return phc{}, errPHC
	}
	memory, okM := number(fields[0], "m=", maxMemory)
	passes, okT := number(fields[1], "t=", maxTime)
	threads, okP := number(fields[2], "p=", maxThreads)
	var errSalt, errKey error
	h.salt, errSalt = base64.RawStdEncoding.Strict().DecodeString(parts[4])
	h.key, errKey = base64.RawStdEncoding.Strict().DecodeString(parts[5])
	h.cost = Cost{memory, passes, uint8(threads)}
	if !okM || !okT || !okP || errSalt != nil || errKey != nil || strings.ContainsAny(s, "\r\n") ||
		len(h.salt) < minSalt || len(h.salt) > maxPart || len(h.key) < minKey || len(h.key) > maxPart {
		return phc{}, errPHC
	}
	return h, nil
}

// number reads a parameter written as the format wants it: from 1, no sign, no leading zero.
func number(field, name string, most uint32) (uint32, bool) {
	text, ok := strings.CutPrefix(field, name)
	n, err := strconv.ParseUint(text, 10, 32)
	return uint32(n), ok && err == nil && n >= 1 && n <= uint64(most) && text == strconv.FormatUint(n, 10)
}

func (h phc) String() string {
	e := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.cost.Memory, h.cost.Time, h.cost.Threads,
		e.EncodeToString(h.salt), e.EncodeToString(h.key))
}

func (h phc) of(password string) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.cost.Time, h.cost.Memory, h.cost.Threads, uint32(len(h.key)))
}

// hasher hashes passwords, two at a time: fifty sign-ins at once must not take a gigabyte.
type hasher struct {
	cost    Cost
	slots   chan struct{}
	waiting atomic.Int64
	dummy   phc // what the password of an unknown account is held against
}

const (
	hashesAtOnce = 2
	maxWaiting   = 200 // about three seconds of sign-ins
	maxWait      = 3 * time.Second
)

func newHasher(c Cost) (*hasher, error) {
	if c.Memory < 8 || c.Memory > maxMemory || c.Time < 1 || c.Time > maxTime || c.Threads < 1 || c.Threads > maxThreads {
		return nil, errors.New("make access control: the cost of a password hash is out of bounds")
	}
	h := &hasher{cost: c, slots: make(chan struct{}, hashesAtOnce)}
	h.dummy = phc{cost: c, salt: make([]byte, 16), key: make([]byte, 32)}
	_, _ = rand.Read(h.dummy.salt) // never fails, crypto/rand documentation
	_, _ = rand.Read(h.dummy.key)
	return h, nil
}

// hash makes the PHC string of a new password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	p := phc{cost: h.cost, salt: make([]byte, 16), key: make([]byte, 32)}
	_, _ = rand.Read(p.salt) // never fails, crypto/rand documentation
	key, err := h.run(ctx, p, password)
	if err != nil {
		return "", err
	}
	p.key = key
	return p.String(), nil
}

// matches holds a password against a stored hash. With no hash it takes as long, and never matches.
func (h *hasher) matches(ctx context.Context, stored, password string) (bool, error) {
	p, known := h.dummy, false
	if stored != "" {
		var err error
		if p, err = parsePHC(stored); err != nil {
			return false, err
		}
		known = true
	}
	key, err := h.run(ctx, p, password)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(key, p.key) == 1 && known, nil
}

// stale says whether a hash was made at another cost than is asked for now.
func (h *hasher) stale(stored string) bool {
	p, err := parsePHC(stored)
	return err == nil && p.cost != h.cost
}

func (h *hasher) run(ctx context.Context, p phc, password string) ([]byte, error) {
	defer h.waiting.Add(-1)
	if h.waiting.Add(1) > maxWaiting {
		return nil, &rivage.Error{Code: rivage.Busy, Message: "too many people sign in at this moment", Err: &blocked{Blocked, maxWait}}
	}
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-h.slots }()
	return p.of(password), nil
}
