// SPDX-License-Identifier: EUPL-1.2

package vault

import (
	"context"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"rivage.example/rivage"
)

// subjectKey is an unwrapped key of a subject, ready for use; read-only once made.
type subjectKey struct {
	aead  cipher.AEAD
	actor []byte // masks the subject as an actor in leaves; opens nothing
}

func newSubjectKey(raw []byte) (*subjectKey, error) {
	aead, err := newAEAD(raw)
	if err != nil {
		return nil, err
	}
	actor, err := hkdf.Key(sha256.New, raw, nil, "rivage actor", 32)
	return &subjectKey{aead, actor}, err
}

// newKey makes a subject's key and wraps it. It is not kept: an append may fail, or turn out to be a repeated one whose
// first keys stand, so the next use reads what was really stored.
func (r *ring) newKey(subject rivage.ID) (rivage.SubjectKey, *subjectKey, error) {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails, crypto/rand documentation
	k, err := newSubjectKey(raw[:])
	return r.wrap(subject, raw[:]), k, err
}

func (r *ring) wrap(subject rivage.ID, raw []byte) rivage.SubjectKey {
	return rivage.SubjectKey{
		Subject: subject, Epoch: r.epoch,
		Wrapped: r.wraps[r.epoch].Seal(make([]byte, 0, len(raw)+overhead), nil, raw, wrapData(subject, r.epoch)),
	}
}

func (r *ring) unwrap(k rivage.SubjectKey) ([]byte, error) {
	aead, ok := r.wraps[k.Epoch]
	if !ok {
		return nil, &rivage.Error{Code: rivage.Denied,
			Message: fmt.Sprintf("unwrap key: epoch %d is not in the key file: it was destroyed, or the file is an old copy", k.Epoch)}
	}
	raw, err := aead.Open(nil, nil, k.Wrapped, wrapData(k.Subject, k.Epoch))
	if err != nil {
		return nil, &rivage.Error{Code: rivage.Denied, Message: "unwrap key: it was damaged, or belongs to another subject", Err: err}
	}
	return raw, nil
}

func wrapData(subject rivage.ID, epoch int64) []byte {
	return strconv.AppendInt([]byte(string(subject)+"|key|"), epoch, 10)
}

// key is the unwrapped key of a subject, from the cache or from the table.
func (v *Vault) key(ctx context.Context, subject rivage.ID) (*subjectKey, error) {
	k, turn := v.cache.get(subject)
	if k != nil {
		return k, nil
	}
	wrapped, err := v.keys.SubjectKey(ctx, subject)
	if rivage.CodeOf(err) == rivage.NotFound {
		return nil, &rivage.Error{Code: rivage.NotFound, Message: "open key: the subject is not known, or was erased", Err: err}
	}
	if err != nil {
		return nil, fmt.Errorf("open key: %w", err)
	}
	if wrapped.Subject != subject {
		return nil, errors.New("open key: the table answered with the key of another subject")
	}
	raw, err := v.ring.Load().unwrap(wrapped)
	if err != nil {
		return nil, err
	}
	if k, err = newSubjectKey(raw); err != nil {
		return nil, fmt.Errorf("open key: %w", err)
	}
	v.cache.put(subject, k, turn)
	return k, nil
}

// ActorKey is the key that masks a subject as an actor in leaves. Whoever holds it can tell that person's entries from
// the others', and nothing else.
func (v *Vault) ActorKey(ctx context.Context, subject rivage.ID) ([]byte, error) {
	k, err := v.key(ctx, subject)
	if err != nil {
		return nil, err
	}
	return k.actor, nil
}

// Forget drops the unwrapped keys of erased subjects. It is called once the erasure is committed, by whoever committed
// it and by whoever sees it on the feed; from its return on, nothing can be sealed or opened under them.
func (v *Vault) Forget(subjects ...rivage.ID) { v.cache.forget(subjects) }

// cache holds unwrapped keys for a short time.
type cache struct {
	clock rivage.Clock
	hold  time.Duration
	most  int

	mu    sync.RWMutex
	turn  uint64 // counts erasures; guarded by mu
	held  map[rivage.ID]heldKey
	swept time.Duration // when expired ones were last dropped; guarded by mu
}

type heldKey struct {
	key *subjectKey
	end time.Duration // by Clock.Elapsed; uses do not prolong it
}

func newCache(c rivage.Clock, hold time.Duration, most int) *cache {
	return &cache{clock: c, hold: hold, most: most, held: make(map[rivage.ID]heldKey)}
}

// get is the key of a subject, or nil and the turn in which it may be put.
func (c *cache) get(subject rivage.ID) (*subjectKey, uint64) {
	now := c.clock.Elapsed()
	c.mu.RLock()
	defer c.mu.RUnlock()
	if h, ok := c.held[subject]; ok && now < h.end {
		return h.key, c.turn
	}
	return nil, c.turn
}

// put keeps a key that was read in a turn. When something was erased since, the reading may be older than the erasure,
// and is not kept.
func (c *cache) put(subject rivage.ID, k *subjectKey, turn uint64) {
	now := c.clock.Elapsed()
	c.mu.Lock()
	defer c.mu.Unlock()
	if turn != c.turn {
		return
	}
	if len(c.held) >= c.most || now-c.swept >= c.hold {
		c.sweep(now)
	}
	c.held[subject] = heldKey{k, now + c.hold}
}

// sweep drops what has expired, and any others while there are too many. The caller holds mu.
func (c *cache) sweep(now time.Duration) {
	c.swept = now
	for s, h := range c.held {
		if now >= h.end {
			delete(c.held, s)
		}
	}
	for s := range c.held {
		if len(c.held) < c.most {
			return
		}
		delete(c.held, s)
	}
}

func (c *cache) forget(subjects []rivage.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn++
	for _, s := range subjects {
		delete(c.held, s)
	}
}
