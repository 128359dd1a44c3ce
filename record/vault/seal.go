// SPDX-License-Identifier: EUPL-1.2

package vault

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"rivage.example/rivage"
)

// The limits of one append.
const (
	MaxBody     = 1 << 20  // bytes of one body
	MaxCell     = 64 << 10 // bytes of one cell
	maxCells    = 64
	maxIndexes  = 16
	maxSubjects = 20_000 // new ones: an import of accounts makes one each
	saltSize    = 32
)

// Seal makes an append ready for the store: it creates the keys of new subjects, seals bodies and cells under their
// subjects' keys, replaces indexes by their HMAC and draws the salts. It changes nothing of a. An entry under a
// subject that is erased, or is being erased by a itself, fails with NotFound or Denied.
func (v *Vault) Seal(ctx context.Context, a rivage.Append) (rivage.SealedAppend, error) {
	s := rivage.SealedAppend{CommandID: a.CommandID, Expect: a.Expect, Fence: a.Fence, Erase: a.Erase, Blobs: a.Blobs}
	w := sealer{v: v, ring: v.ring.Load(), erase: a.Erase}
	if err := w.makeKeys(a.NewSubjects, &s); err != nil {
		return rivage.SealedAppend{}, fmt.Errorf("seal append: %w", err)
	}
	s.Entries = make([]rivage.SealedEntry, len(a.Entries))
	for i := range a.Entries {
		s.Entries[i].Entry = a.Entries[i]
		if err := w.entry(ctx, &s.Entries[i]); err != nil {
			return rivage.SealedAppend{}, fmt.Errorf("seal %s: %w", kindOf(a.Entries[i].Facts), err)
		}
	}
	return s, nil
}

func kindOf(f rivage.Facts) rivage.Kind {
	if f == nil {
		return "entry"
	}
	return f.Kind()
}

// sealer is the work on one append.
type sealer struct {
	v     *Vault
	ring  *ring
	fresh map[rivage.ID]*subjectKey // keys this append makes
	erase []rivage.ID
}

func (w *sealer) makeKeys(subjects []rivage.ID, s *rivage.SealedAppend) error {
	switch {
	case len(subjects) == 0:
		return nil
	case len(subjects) > maxSubjects:
		return invalid("%d new subjects, at most %d", len(subjects), maxSubjects)
	}
	w.fresh = make(map[rivage.ID]*subjectKey, len(subjects))
	s.Keys = make([]rivage.SubjectKey, len(subjects))
	for i, id := range subjects {
		if _, twice := w.fresh[id]; twice || !plain(string(id)) {
			return invalid("a new subject has no id, or comes twice")
		}
		var err error
		if s.Keys[i], w.fresh[id], err = w.ring.newKey(id); err != nil {
			return fmt.Errorf("make key: %w", err)
		}
	}
	return nil
}

func (w *sealer) key(ctx context.Context, subject rivage.ID) (*subjectKey, error) {
	if k, ok := w.fresh[subject]; ok {
		return k, nil
	}
	return w.v.key(ctx, subject)
}

// entry seals e in place; slices that e shares with the caller's entry are replaced, never written to.
func (w *sealer) entry(ctx context.Context, e *rivage.SealedEntry) error {
	if err := w.check(e); err != nil {
		return err
	}
	var random [16 + saltSize]byte
	_, _ = rand.Read(random[:]) // never fails, crypto/rand documentation
	copy(e.Salt[:], random[:16])
	if e.Actor != "" {
		k, err := w.key(ctx, e.Actor)
		if err != nil {
			return fmt.Errorf("actor: %w", err)
		}
		e.ActorKey = k.actor
	}
	e.Indexes = w.indexes(e.Principal, e.Indexes)
	if e.Body == nil && len(e.Cells) == 0 {
		return nil
	}
	k, err := w.key(ctx, e.Subject)
	if err != nil {
		return err
	}
	if e.Body != nil {
		clear := make([]byte, 0, saltSize+len(e.Body))
		clear = append(append(clear, random[16:]...), e.Body...)
		e.Commit = sha256.Sum256(clear)
		e.Body = k.aead.Seal(make([]byte, 0, len(clear)+overhead), nil, clear, bodyData(e.Subject, e.Stream))
	}
	cells := make([]rivage.Cell, len(e.Cells))
	for i, c := range e.Cells {
		sealed := k.aead.Seal(make([]byte, 0, len(c.Value)+overhead), nil, c.Value, cellData(e.Subject, c.Name))
		cells[i] = rivage.Cell{Name: c.Name, Value: sealed}
	}
	e.Cells = cells
	return nil
}

func (w *sealer) indexes(principal rivage.ID, in []rivage.Index) []rivage.Index {
	if len(in) == 0 {
		return nil
	}
	out := make([]rivage.Index, len(in))
	for i, x := range in {
		out[i] = rivage.Index{Kind: x.Kind, Value: string(w.ring.blind(principal, x.Kind, x.Value))}
	}
	return out
}

func (w *sealer) check(e *rivage.SealedEntry) error {
	switch sealed := e.Body != nil || len(e.Cells) > 0 || len(e.Indexes) > 0; {
	case sealed && !plain(string(e.Subject)):
		return invalid("it has something to seal and no subject")
	case sealed && slices.Contains(w.erase, e.Subject):
		return &rivage.Error{Code: rivage.Denied, Message: "its subject is erased by the same append"}
	case len(e.Body) > MaxBody:
		return invalid("body of %d bytes, at most %d", len(e.Body), MaxBody)
	case len(e.Cells) > maxCells || len(e.Indexes) > maxIndexes:
		return invalid("%d cells and %d indexes, at most %d and %d", len(e.Cells), len(e.Indexes), maxCells, maxIndexes)
	}
	for i, c := range e.Cells {
		switch {
		case !plain(c.Name):
			return invalid("a cell's name is empty or holds a bar")
		case len(c.Value) > MaxCell:
			return invalid("cell %s of %d bytes, at most %d", c.Name, len(c.Value), MaxCell)
		case slices.ContainsFunc(e.Cells[:i], func(o rivage.Cell) bool { return o.Name == c.Name }):
			return invalid("cell %s comes twice", c.Name)
		}
	}
	return nil
}

func invalid(format string, args ...any) error {
	return &rivage.Error{Code: rivage.Invalid, Message: fmt.Sprintf(format, args...)}
}

// plain says whether a name may stand in additional data, where bars divide.
func plain(s string) bool { return s != "" && !strings.Contains(s, "|") }

// Additional data binds what is sealed to where it belongs. A cell has two parts, "subject|name", all else three.

func cellData(subject rivage.ID, name string) []byte { return []byte(string(subject) + "|" + name) }

func bodyData(subject rivage.ID, stream rivage.Stream) []byte {
	return []byte(string(subject) + "|body|" + string(stream))
}

func objectData(subject, object rivage.ID) []byte {
	return []byte(string(subject) + "|object|" + string(object))
}
