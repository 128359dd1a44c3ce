// SPDX-License-Identifier: EUPL-1.2

// Package vault keeps what may be forgotten: it seals the bodies, cells, recordings and secrets of an instance, and
// holds the keys whose destruction erases them.
//
// Three levels. A KEK, outside the database, wraps one random key per subject; that key seals the subject's bodies and
// cells and wraps the keys of its recordings; destroying it makes all of them unreadable wherever they were copied.
// Everything is AES-256-GCM with random nonces, the form that crypto/fips140 accepts.
package vault

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"rivage.example/rivage"
)

// Keys is where the wrapped keys of subjects rest.
type Keys interface {
	// SubjectKey is the wrapped key of a subject, or an error of code NotFound when there is none, or none any more.
	SubjectKey(ctx context.Context, subject rivage.ID) (rivage.SubjectKey, error)
}

// Config is what a Vault needs. KEK, Keys and Clock are required.
type Config struct {
	KEK   *KEK
	Keys  Keys
	Clock rivage.Clock
	// Hold is how long an unwrapped key is kept from its first use; 0 is five minutes.
	Hold time.Duration
	// Held is how many unwrapped keys are kept at most; 0 is 16 384, about 20 MB.
	Held int
}

// Vault seals and opens. Its methods may be called at the same time.
type Vault struct {
	keys  Keys
	ring  atomic.Pointer[ring] // replaced whole by Adopt
	cache *cache
}

// New makes a Vault.
func New(c Config) (*Vault, error) {
	if c.KEK == nil || c.Keys == nil || c.Clock == nil {
		return nil, fmt.Errorf("open vault: a key, the table of keys and a clock are required")
	}
	if c.Hold == 0 {
		c.Hold = 5 * time.Minute
	}
	if c.Held == 0 {
		c.Held = 16384
	}
	v := &Vault{keys: c.Keys, cache: newCache(c.Clock, c.Hold, c.Held)}
	return v, v.Adopt(c.KEK)
}

// Adopt makes v work under another KEK of the same instance: one epoch more, or less.
func (v *Vault) Adopt(k *KEK) error {
	r, err := newRing(k)
	if err != nil {
		return fmt.Errorf("adopt key: %w", err)
	}
	if old := v.ring.Load(); old != nil && old.instance != r.instance {
		return fmt.Errorf("adopt key: it belongs to another instance")
	}
	v.ring.Store(r)
	return nil
}

// ring is what is derived from a KEK, ready for use.
type ring struct {
	instance string // check value
	index    []byte // HMAC key of the blind indexes
	org      cipher.AEAD
	epoch    int64 // the one that wraps
	wraps    map[int64]cipher.AEAD
}

func newRing(k *KEK) (*ring, error) {
	r := &ring{
		instance: checkValue(k.instance), index: derive(k.instance, "index"),
		epoch: k.Epoch(), wraps: make(map[int64]cipher.AEAD, len(k.epochs)),
	}
	var err error
	if r.org, err = newAEAD(derive(k.instance, "organisation")); err != nil {
		return nil, err
	}
	for _, e := range k.epochs {
		if r.wraps[e.n], err = newAEAD(derive(e.master, "wrap")); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// overhead is what sealing adds: a nonce of 12 bytes in front, a tag of 16 behind.
const overhead = 28

// newAEAD is AES-256-GCM that draws its own nonces: good for 2^32 messages per key (NIST SP 800-38D section 8.3).
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Blind is the value under which a number, an address or a login is looked up: without the index key, which is never
// in the database, it tells nothing. Letter case does not matter.
func (v *Vault) Blind(principal rivage.ID, kind, value string) []byte {
	return v.ring.Load().blind(principal, kind, value)
}

func (r *ring) blind(principal rivage.ID, kind, value string) []byte {
	m := hmac.New(sha256.New, r.index)
	b := make([]byte, 0, 128)
	b = append(b, principal...)
	b = append(b, 0)
	b = append(b, kind...)
	b = append(b, 0)
	b = append(b, strings.ToLower(strings.TrimSpace(value))...)
	_, _ = m.Write(b)
	return m.Sum(nil)
}
