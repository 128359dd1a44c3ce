// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/tlog"
)

// written is an entry of the append in hand, encoded.
type written struct {
	version int64
	at      rivage.Micros
	facts   []byte
	leaf    []byte
	hash    tlog.Hash
}

// admit checks an append against what the batch knows and folds it. An error leaves the batch as it was.
func (b *batch) admit(a *rivage.SealedAppend) (rivage.Receipt, error) {
	if r, ok := b.commands[a.CommandID]; ok && a.CommandID != "" {
		return r, nil
	}
	if err := b.expect(a); err != nil {
		return rivage.Receipt{}, err
	}
	edge := b.frontier
	known := len(b.stored)
	list, err := b.fold(a, &edge)
	if err != nil {
		b.state.forget()
		b.stored = b.stored[:known]
		return rivage.Receipt{}, err
	}
	b.state.keep()
	r := rivage.Receipt{First: b.frontier.Size(), Last: edge.Size() - 1}
	b.frontier = edge
	b.insert(a, list, r)
	return r, nil
}

// expect compares streams and leases with what the caller read before it decided.
func (b *batch) expect(a *rivage.SealedAppend) error {
	for _, l := range a.Fence {
		if epoch, ok := b.epochs[l.Name]; !ok || epoch != l.Epoch {
			return conflict("lease %s is no longer held under epoch %d: another process took over", l.Name, l.Epoch)
		}
	}
	for _, x := range a.Expect {
		var version int64
		if r := b.state.streams.at(x.Stream); r != nil {
			version = r.Version
		}
		if version != x.Version {
			return conflict("stream %s stands at version %d, not %d: read it again", x.Stream, version, x.Version)
		}
	}
	return nil
}

// fold encodes the entries of an append, adds them to the edge of the tree and folds them into the state's drafts.
func (b *batch) fold(a *rivage.SealedAppend, edge *tlog.Frontier) ([]written, error) {
	if err := b.giveKeys(a); err != nil {
		return nil, err
	}
	list := make([]written, len(a.Entries))
	for i := range a.Entries {
		e := &a.Entries[i]
		w, err := b.encode(e, edge.Size())
		if err != nil {
			return nil, err
		}
		if err := b.state.fold(&event{
			seq: edge.Size(), stream: e.Stream, principal: e.Principal, at: happened(w.at, e.Late), facts: e.Facts,
			subject: e.Subject, cells: e.Cells, indexes: e.Indexes,
		}); err != nil {
			return nil, err
		}
		kept, err := w.stored(e, edge.Size())
		if err != nil {
			return nil, invalid("%s: %v", e.Facts.Kind(), err)
		}
		b.stored = append(b.stored, kept)
		edge.Append(w.hash)
		list[i] = w
	}
	b.state.erase(a.Erase)
	return list, nil
}

// happened is the instant that rows keep of an entry: its own, when the journal could not take it at the time.
func happened(at rivage.Micros, late time.Time) rivage.Micros {
	if late.IsZero() {
		return at
	}
	return rivage.At(late)
}

// giveKeys adds the keys of new subjects and refuses entries of subjects that have none: their person was erased
// since the caller looked, and what it sealed could neither be read nor be found by an erasure.
func (b *batch) giveKeys(a *rivage.SealedAppend) error {
	keys := &b.state.keys
	for i := range a.Keys {
		k := a.Keys[i]
		if _, gone := keys.moved[k.Subject]; gone || keys.at(k.Subject) != nil {
			return conflict("subject %s has, or had, a key", k.Subject)
		}
		keys.put(&k)
	}
	for i := range a.Entries {
		if id := a.Entries[i].Subject; id != "" && keys.at(id) == nil {
			return conflict("subject %s has no key: it was erased, or never made", id)
		}
	}
	return nil
}

// encode moves the entry's stream and makes its facts and leaf.
func (b *batch) encode(e *rivage.SealedEntry, seq rivage.Seq) (written, error) {
	at := rivage.At(e.At)
	s := b.state.streams.edit(e.Stream)
	switch {
	case s == nil:
		s = &streamRow{Name: e.Stream, Principal: e.Principal}
		b.state.streams.put(s)
	case s.Principal != e.Principal:
		return written{}, invalid("stream %s belongs to %s, not to %s", e.Stream, s.Principal, e.Principal)
	}
	s.Version++
	s.At = max(s.At, at) // time never goes back within a stream
	dated := *e
	dated.At = s.At.Time()
	facts, err := rivage.EncodeFacts(&dated, s.Version)
	if err != nil {
		return written{}, invalid("%v", err)
	}
	// What is not UTF-8 would be folded as it came and rebuilt as U+FFFD; a NUL does not fit a text of PostgreSQL.
	if bytes.Contains(facts, []byte(`\ufffd`)) || bytes.Contains(facts, []byte(`\u0000`)) {
		return written{}, invalid("%s: facts hold what is not text", e.Facts.Kind())
	}
	leaf := dated.Leaf
	leaf.At, leaf.Kind, leaf.Actor = dated.At.Unix(), e.Facts.Kind(), actor(e.ActorKey, seq)
	leaf.Facts, leaf.Commit = sha256.Sum256(facts), e.Commit
	text := leaf.Append(nil)
	if len(text) > rivage.MaxLeaf {
		return written{}, invalid("%s: leaf of %d bytes, at most %d", e.Facts.Kind(), len(text), rivage.MaxLeaf)
	}
	return written{version: s.Version, at: s.At, facts: facts, leaf: text, hash: tlog.LeafHash(text)}, nil
}

// actor masks who acted: the same person gives another value in each entry, and only that person's key shows which.
func actor(key []byte, seq rivage.Seq) string {
	if key == nil {
		return ""
	}
	m := hmac.New(sha256.New, key)
	m.Write(binary.BigEndian.AppendUint64(nil, seq)) // never fails, hash.Hash documentation
	return hex.EncodeToString(m.Sum(nil))
}

// insert collects what an admitted append adds beside the rows.
func (b *batch) insert(a *rivage.SealedAppend, list []written, r rivage.Receipt) {
	for i, w := range list {
		e, seq := &a.Entries[i], int64(r.First)+int64(i)
		b.entries.add(seq, string(e.Stream), w.version, int64(w.at), string(e.Facts.Kind()), w.leaf, list[i].hash[:], w.facts)
		if e.Body != nil {
			b.bodies.add(seq, string(e.Subject), e.Body)
		}
		for _, c := range e.Cells {
			b.cells.add(seq, c.Name, string(e.Subject), c.Value)
		}
		for _, x := range e.Indexes {
			b.indexes.add(seq, x.Kind, []byte(x.Value), string(e.Subject))
		}
	}
	for _, x := range a.Blobs { // given again, it takes the place of one that was damaged
		if !b.held[x.Hash] {
			b.held[x.Hash] = true
			b.blobs.add(x.Hash[:], x.Content)
		}
	}
	if a.CommandID != "" {
		b.given.add(a.CommandID, int64(r.First), int64(r.Last))
		b.commands[a.CommandID] = rivage.Receipt{First: r.First, Last: r.Last, Repeated: true}
	}
}

func conflict(format string, args ...any) error {
	return &rivage.Error{Code: rivage.Conflict, Message: "append: " + fmt.Sprintf(format, args...)}
}
