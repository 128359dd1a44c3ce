// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"crypto/sha256"
	"strings"

	"rivage.example/rivage"
)

// Limits on one append, far above what the product writes.
const (
	maxWaiting = 1 << 16 // appends that wait for the writer
	maxBatch   = 4096    // appends of one transaction
	maxEntries = 4096    // entries of one append
	maxBody    = 1 << 20 // bytes of one sealed body
	maxCell    = 1 << 16 // bytes of one sealed cell
	maxBlob    = 16 << 20
	maxName    = 200 // bytes of a stream's name
)

// request is an append on its way through the writer, which alone owns it once it is queued.
type request struct {
	add     rivage.SealedAppend
	done    func(rivage.Receipt, error)
	receipt rivage.Receipt
	err     error
	refused bool // before any transaction: err stands
}

// Submit hands an append to the writer and returns at once. done is called from the writer when the append is durable
// or refused, in the order of submission; it must not block. Until then the append must not be changed. Errors are of
// code Conflict (a stream moved, a lease was lost, a subject is erased), Invalid, Busy (too much waits) or
// Unavailable (the journal is down: the outcome is unknown, repeat the command). After Close, done is called before
// Submit returns.
func (s *Store) Submit(a rivage.SealedAppend, done func(rivage.Receipt, error)) {
	r := &request{add: a, done: done}
	if err := check(&a); err != nil {
		r.refuse(err)
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		done(rivage.Receipt{}, errClosed)
		return
	}
	if len(s.queue) >= maxWaiting {
		r.refuse(&rivage.Error{Code: rivage.Busy, Message: "append: too many wait for the journal"})
	}
	s.queue = append(s.queue, r)
	s.mu.Unlock()
	s.rouse()
}

// Append is Submit that waits. When ctx ends first the outcome is unknown: repeat the command.
func (s *Store) Append(ctx context.Context, a rivage.SealedAppend) (rivage.Receipt, error) {
	type answer struct {
		receipt rivage.Receipt
		err     error
	}
	c := make(chan answer, 1)
	s.Submit(a, func(r rivage.Receipt, err error) { c <- answer{r, err} })
	select {
	case a := <-c:
		return a.receipt, a.err
	case <-ctx.Done():
		return rivage.Receipt{}, &rivage.Error{Code: rivage.Unavailable, Message: "append: gave up waiting", Err: ctx.Err()}
	}
}

var errClosed = &rivage.Error{Code: rivage.Unavailable, Message: "append: the journal is closed"}

func (s *Store) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// refuse answers the request in its turn, without keeping its content.
func (r *request) refuse(err error) { r.add, r.err, r.refused = rivage.SealedAppend{}, err, true }

// check refuses what no database needs to be asked for.
func check(a *rivage.SealedAppend) error {
	if n := len(a.Entries); n == 0 || n > maxEntries {
		return invalid("%d entries, want 1 to %d", n, maxEntries)
	}
	if err := checkText(a.CommandID, "command id"); err != nil {
		return err
	}
	for i := range a.Entries {
		if err := checkEntry(&a.Entries[i], a); err != nil {
			return err
		}
	}
	for _, k := range a.Keys {
		if k.Subject == "" || len(k.Wrapped) == 0 {
			return invalid("a subject key without subject or key")
		}
	}
	for _, b := range a.Blobs {
		if len(b.Content) == 0 || len(b.Content) > maxBlob {
			return invalid("blob of %d bytes, want 1 to %d", len(b.Content), maxBlob)
		}
		if sha256.Sum256(b.Content) != b.Hash {
			return invalid("blob %s is not what its name says", b.Hash)
		}
	}
	return nil
}

func checkEntry(e *rivage.SealedEntry, a *rivage.SealedAppend) error {
	if e.Facts == nil || len(e.Facts.Kind().Owners()) == 0 {
		return invalid("an entry without facts of a known kind")
	}
	kind := e.Facts.Kind()
	if e.Stream == "" || len(e.Stream) > maxName || e.Principal == "" {
		return invalid("%s without a stream and its principal", kind)
	}
	if err := checkText(string(e.Stream), "stream"); err != nil {
		return err
	}
	if sealed := e.Body != nil || len(e.Cells) > 0 || len(e.Indexes) > 0; sealed != (e.Subject != "") {
		return invalid("%s: a subject goes with a body, cells or indexes, and they with a subject", kind)
	}
	if (e.Body != nil) != (e.Commit != rivage.Hash{}) || len(e.Body) > maxBody || e.Body != nil && len(e.Body) == 0 {
		return invalid("%s: a body of 1 to %d bytes goes with its commitment", kind, maxBody)
	}
	for i, c := range e.Cells {
		if c.Name == "" || len(c.Value) == 0 || len(c.Value) > maxCell {
			return invalid("%s: cell %d has no name, or is not of 1 to %d bytes", kind, i, maxCell)
		}
	}
	for _, x := range e.Indexes {
		if x.Kind == "" || x.Value == "" || len(x.Value) > 64 {
			return invalid("%s: an index is a kind and at most 64 bytes", kind)
		}
	}
	switch f := e.Facts.(type) {
	case *rivage.PersonErased:
		return checkErased(kind, f.Subjects, a)
	case *rivage.OrganisationErased:
		return checkErased(kind, []rivage.ID{f.Subject}, a)
	}
	return nil
}

// checkErased refuses an entry that says more than its append does.
func checkErased(kind rivage.Kind, subjects []rivage.ID, a *rivage.SealedAppend) error {
	gone := map[rivage.ID]bool{}
	for _, id := range a.Erase {
		gone[id] = true
	}
	for _, id := range subjects {
		if !gone[id] {
			return invalid("%s names subject %s, which this append does not erase", kind, id)
		}
	}
	return nil
}

// checkText refuses what PostgreSQL cannot hold in a text, so that both engines take the same.
func checkText(s, what string) error {
	if strings.ContainsRune(s, 0) || strings.ToValidUTF8(s, "") != s {
		return invalid("%s is not text", what)
	}
	return nil
}
