// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"rivage.example/rivage"
)

// kindsKept lists the kinds of a class, for an IN.
func kindsKept(class rivage.Kept) []rivage.ID {
	kinds := map[rivage.ID]bool{}
	for k := range rivage.Kinds() {
		if k.Kept() == class {
			kinds[rivage.ID(k)] = true
		}
	}
	return slices.Sorted(maps.Keys(kinds))
}

// Droppable says what of a class and before an instant still has its text, among the first size entries; Count is 0 when
// there is nothing.
func (r Reader) Droppable(ctx context.Context, class rivage.Kept, before rivage.Micros, size rivage.Seq) (rivage.LeavesDropped, error) {
	d := rivage.LeavesDropped{Class: class, Before: before}
	in, args := idList(3, kindsKept(class))
	err := queryRow(ctx, r.q, `SELECT COALESCE(min(seq),0), COALESCE(max(seq),0), count(*) FROM entry
		WHERE leaf IS NOT NULL AND at<$1 AND seq<$2 AND kind IN (`+in+`)`,
		append([]any{int64(before), int64(size)}, args...), &d.First, &d.Last, &d.Count)
	return d, rowError("leaves", err)
}

// maxDrop bounds one transaction that drops texts.
const maxDrop = 1000

// DropLeaves drops the texts that d names; the entry that says so is durable by now. A text is overwritten first, so that
// SQLite keeps nothing of it in its pages; PostgreSQL does until its next vacuum.
func (s *Store) DropLeaves(ctx context.Context, d rivage.LeavesDropped) error {
	for next := d.First; next <= d.Last; {
		last, err := s.dropSome(ctx, d, next)
		if err != nil {
			return unavailable("drop leaves", err)
		}
		if last < 0 {
			break
		}
		next = rivage.Seq(last) + 1
	}
	return nil
}

// dropSome drops some texts from an entry on and gives the last one, -1 when none was left.
func (s *Store) dropSome(ctx context.Context, d rivage.LeavesDropped, from rivage.Seq) (last int64, err error) {
	in, kinds := idList(4, kindsKept(d.Class))
	last = -1
	type text struct{ seq, length int64 }
	var texts []text
	err = queryAll(ctx, s.db, fmt.Sprintf(`SELECT seq, length(leaf) FROM entry WHERE leaf IS NOT NULL
		AND at<$1 AND seq>=$2 AND seq<=$3 AND kind IN (%s) ORDER BY seq LIMIT %d`, in, maxDrop),
		append([]any{int64(d.Before), int64(from), int64(d.Last)}, kinds...), func(scan func(...any) error) error {
			var t text
			err := scan(&t.seq, &t.length)
			texts = append(texts, t)
			return err
		})
	if err != nil || len(texts) == 0 {
		return last, err
	}
	tx, err := s.db.Begin(ctx)
	if err != nil {
		return last, err
	}
	defer tx.Rollback()
	if _, _, err := tx.Lock(ctx); err != nil { // no batch of entries in between
		return last, err
	}
	for _, t := range texts {
		last = t.seq
		if err := tx.Queue(ctx, `UPDATE entry SET leaf=$2 WHERE seq=$1`, t.seq, make([]byte, t.length)); err != nil {
			return last, err
		}
		if err := tx.Queue(ctx, `UPDATE entry SET leaf=NULL WHERE seq=$1`, t.seq); err != nil {
			return last, err
		}
	}
	return last, tx.Commit(ctx)
}

// readDropped reads, before the entries, what LeavesDropped say: they stand behind what they speak of.
func (c *checker) readDropped(ctx context.Context) error {
	return queryAll(ctx, c.live.q, `SELECT facts FROM entry WHERE kind=$1 ORDER BY seq`, []any{string(rivage.KindLeavesDropped)},
		func(scan func(...any) error) error {
			var text []byte
			var s rivage.Stored
			if err := scan(&text); err != nil {
				return err
			}
			if err := rivage.DecodeFacts(text, &s); err != nil {
				return nil // named when its turn comes
			}
			if d, ok := s.Facts.(*rivage.LeavesDropped); ok { // another kind is named as well
				c.dropped = append(c.dropped, *d)
			}
			return nil
		})
}

// toldDropped names a leaf without text that no LeavesDropped speaks of: whoever takes texts away does not say so.
func (c *checker) toldDropped(s *rivage.Stored) {
	for _, d := range c.dropped {
		if s.Kind.Kept() == d.Class && s.At < d.Before && d.First <= s.Seq && s.Seq <= d.Last {
			return
		}
	}
	c.fault(Fault{Seq: s.Seq, Table: "entry", What: "its leaf has no text, and no entry says that it was dropped"})
}
