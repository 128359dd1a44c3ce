// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"encoding/json"
	"iter"
	"sync"

	"rivage.example/rivage"
)

// maxRecent is how many of the last entries stay in memory: whoever follows the log reads there, and neither asks the
// database nor decodes what another follower has.
const maxRecent = 4096

// recent is the end of the log as this process wrote it. Entries in it are never changed.
type recent struct {
	mu   sync.RWMutex
	list []rivage.Stored // owned by mu: dense, oldest first
}

// add takes what a transaction committed. What another writer put before it is not here: then nothing older is.
func (r *recent) add(entries []rivage.Stored) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.list); n > 0 && r.list[n-1].Seq+1 != entries[0].Seq {
		r.list = nil
	}
	if len(r.list) >= 2*maxRecent { // readers keep the slice they were given
		r.list = append(make([]rivage.Stored, 0, 3*maxRecent), r.list[len(r.list)-maxRecent:]...)
	}
	r.list = append(r.list, entries...)
}

// from gives the entries from a sequence number on, at most limit; none when the first of them is not here.
func (r *recent) from(seq rivage.Seq, limit int) []rivage.Stored {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if len(r.list) == 0 || seq < r.list[0].Seq || seq-r.list[0].Seq >= uint64(len(r.list)) {
		return nil
	}
	i := int(seq - r.list[0].Seq)
	j := min(i+limit, len(r.list))
	return r.list[i:j:j]
}

// Entries is Reader's, from memory when the entries are recent: they are shared with every other reader, and not to be
// changed.
func (s *Store) Entries(ctx context.Context, from rivage.Seq, limit int) ([]rivage.Stored, error) {
	if limit <= 0 || limit > maxFeed {
		limit = maxFeed
	}
	if list := s.recent.from(from, limit); len(list) > 0 {
		return list, nil
	}
	return s.Reader.Entries(ctx, from, limit)
}

// Leaves is Reader's, from memory as long as the leaves are recent.
func (s *Store) Leaves(ctx context.Context, from, to rivage.Seq) iter.Seq2[Leaf, error] {
	return func(yield func(Leaf, error) bool) {
		for from < to {
			list := s.recent.from(from, int(min(to-from, maxFeed)))
			if len(list) == 0 {
				break
			}
			for i := range list {
				if !yield(Leaf{list[i].Seq, list[i].LeafText, list[i].LeafHash}, nil) {
					return
				}
			}
			from += uint64(len(list))
		}
		for l, err := range s.Reader.Leaves(ctx, from, to) {
			if !yield(l, err) {
				return
			}
		}
	}
}

// stored is an entry as the database would give it.
func (w *written) stored(e *rivage.SealedEntry, seq rivage.Seq) (rivage.Stored, error) {
	s := rivage.Stored{
		Seq: seq, Stream: e.Stream, Version: w.version, Principal: e.Principal, At: w.at, Kind: e.Facts.Kind(),
		LeafText: w.leaf, LeafHash: rivage.Hash(w.hash), FactsText: w.facts, Facts: e.Facts,
	}
	if !e.Late.IsZero() {
		s.Late = rivage.At(e.Late)
	}
	if f, ok := e.Facts.(*rivage.SettingSet); ok { // its document may be spaced otherwise than what was written
		text, err := json.Marshal(f)
		if err != nil {
			return s, err
		}
		canonical := new(rivage.SettingSet)
		s.Facts = canonical
		return s, json.Unmarshal(text, canonical)
	}
	return s, nil
}
