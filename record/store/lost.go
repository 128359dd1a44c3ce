// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"crypto/sha256"
	"fmt"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/tlog"
)

// lostStream holds the entries of which only the leaf is left: which stream they stood in went with their facts.
const lostStream rivage.Stream = "restored"

// RestoreLeaves puts leaves back that were published and that the journal lost, each at its place behind the last entry.
// They move no row: what they did is not known. A Restored that the caller appends says how many they are.
func (s *Store) RestoreLeaves(ctx context.Context, leaves []Leaf) error {
	tx, err := s.db.Begin(ctx)
	if err != nil {
		return unavailable("restore leaves", err)
	}
	defer tx.Rollback()
	b, err := readBatch(ctx, tx, nil, &warmth{})
	if err == nil {
		b.state.streams.need(lostStream)
		err = b.state.read(ctx, tx)
	}
	if err != nil {
		return unavailable("restore leaves", err)
	}
	for i := range leaves {
		if err := b.restore(&leaves[i]); err != nil {
			return err
		}
	}
	b.state.keep()
	if err := b.write(ctx, tx); err != nil {
		return unavailable("restore leaves", err)
	}
	if err := tx.Commit(ctx); err != nil {
		return unavailable("restore leaves", err)
	}
	s.size.Store(b.frontier.Size())
	s.feed.hint()
	return nil
}

// Lost is how many entries have nothing but their leaf: their stream counts them.
func (r Reader) Lost(ctx context.Context) (uint64, error) {
	n, err := r.StreamVersion(ctx, lostStream)
	return uint64(n), err
}

// restore adds one leaf to the batch.
func (b *batch) restore(l *Leaf) error {
	if next := b.frontier.Size(); l.Seq != next {
		return conflict("leaf %d does not follow the %d entries that are here", l.Seq, next)
	}
	r := b.state.streams.edit(lostStream)
	if r == nil {
		r = &streamRow{Name: lostStream, Principal: rivage.Organisation}
		b.state.streams.put(r)
	}
	lost := new(rivage.LeafRestored)
	if l.Text != nil {
		leaf, err := rivage.ParseLeaf(l.Text)
		if err != nil || tlog.LeafHash(l.Text) != tlog.Hash(l.Hash) {
			return invalid("leaf %d is not one, or does not have its hash (%v)", l.Seq, err)
		}
		lost.Was, r.At = leaf.Kind, max(r.At, rivage.Micros(leaf.At)*1e6)
	}
	r.Version++
	facts, err := rivage.EncodeFacts(&rivage.SealedEntry{Entry: rivage.Entry{
		Stream: lostStream, Principal: rivage.Organisation, At: r.At.Time(), Facts: lost,
	}}, r.Version)
	if err != nil {
		return fmt.Errorf("restore leaf %d: %w", l.Seq, err)
	}
	var text any // NULL once it was dropped
	if l.Text != nil {
		text = l.Text
	}
	b.entries.add(int64(l.Seq), string(lostStream), r.Version, int64(r.At), string(lost.Kind()), text, l.Hash[:], facts)
	b.frontier.Append(tlog.Hash(l.Hash))
	return nil
}

// gap is a run of entries of which only the leaves are left.
type gap struct{ from, to rivage.Seq } // to is the first behind it

// lost notes an entry whose facts are gone, and says whether it is one.
func (c *checker) lost(s *rivage.Stored, leaf *rivage.Leaf) bool {
	f, ok := s.Facts.(*rivage.LeafRestored)
	if !ok || leaf != nil && leaf.Facts == sha256.Sum256(s.FactsText) {
		return false
	}
	c.report.Lost++
	if n := len(c.gaps); n > 0 && c.gaps[n-1].to == s.Seq {
		c.gaps[n-1].to++
	} else {
		c.gaps = append(c.gaps, gap{s.Seq, s.Seq + 1})
	}
	if leaf != nil && leaf.Kind != f.Was {
		c.fault(Fault{Seq: s.Seq, Table: "entry", What: "leaf and facts differ in kind"})
	}
	return true
}

// told names each run of lost facts that no Restored speaks of: whoever takes facts away does not say so.
func (c *checker) told() {
	for _, g := range c.gaps {
		said := false
		for _, r := range c.restored {
			said = said || g.from == rivage.Seq(r.Head) && g.to == rivage.Seq(r.Published)
		}
		if !said {
			c.fault(Fault{Seq: g.from, Table: "entry", What: fmt.Sprintf(
				"the facts of %d entries are gone, and no entry says that they were lost", g.to-g.from)})
		}
	}
}
