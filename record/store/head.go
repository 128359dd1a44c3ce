// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/tlog"
)

// Head is the tree's head as the last transaction left it.
type Head struct {
	Size     rivage.Seq
	Root     rivage.Hash
	Frontier tlog.Frontier
}

// Head reads the head of the tree.
func (r Reader) Head(ctx context.Context) (Head, error) {
	var h Head
	var root, frontier []byte
	err := queryRow(ctx, r.q, `SELECT size, root, frontier FROM ledger_head WHERE id=1`, nil, &h.Size, &root, &frontier)
	if err != nil {
		return Head{}, rowError("tree head", err)
	}
	if err := h.Frontier.UnmarshalBinary(frontier); err != nil {
		return Head{}, unavailable("read head: run check", err)
	}
	copy(h.Root[:], root)
	return h, nil
}

// Published is the last checkpoint that left.
type Published struct {
	Size       rivage.Seq
	Root       rivage.Hash
	Checkpoint []byte // the signed text
}

// Published reads what was published last; the zero value before the first time.
func (r Reader) Published(ctx context.Context) (Published, error) {
	var p Published
	var root []byte
	err := queryRow(ctx, r.q, `SELECT size, root, checkpoint FROM ledger_published WHERE id=1`, nil,
		&p.Size, &root, &p.Checkpoint)
	if err := rowError("published checkpoint", err); err != nil {
		if rivage.CodeOf(err) == rivage.NotFound {
			return Published{}, nil
		}
		return Published{}, err
	}
	copy(p.Root[:], root)
	return p, nil
}

// SetPublished notes what was published. A smaller size than the one noted is refused: nothing published is taken back.
func (s *Store) SetPublished(ctx context.Context, p Published) error {
	last, err := s.Published(ctx)
	if err != nil {
		return err
	}
	if p.Size < last.Size {
		return conflict("published size %d, and now %d", last.Size, p.Size)
	}
	return s.put(ctx, "published checkpoint", `INSERT INTO ledger_published(id,size,root,checkpoint) VALUES(1,$1,$2,$3)
		ON CONFLICT(id) DO UPDATE SET size=excluded.size, root=excluded.root, checkpoint=excluded.checkpoint`,
		int64(p.Size), p.Root[:], p.Checkpoint)
}

// put runs one statement on what is not a fold.
func (s *Store) put(ctx context.Context, what, query string, args ...any) error {
	if err := update(ctx, s.db, query, args...); err != nil {
		if s.db.Refused(err) {
			return &rivage.Error{Code: rivage.Invalid, Message: "write " + what, Err: err}
		}
		return unavailable("write "+what, err)
	}
	return nil
}

// Cursor reads how far a consumer of the feed has come: the next entry it wants, 0 at first.
func (r Reader) Cursor(ctx context.Context, consumer string) (rivage.Seq, error) {
	var seq rivage.Seq
	err := rowError("cursor", queryRow(ctx, r.q, `SELECT seq FROM cursor WHERE consumer=$1`, []any{consumer}, &seq))
	if rivage.CodeOf(err) == rivage.NotFound {
		return 0, nil
	}
	return seq, err
}

// SetCursor notes the next entry a consumer wants.
func (s *Store) SetCursor(ctx context.Context, consumer string, seq rivage.Seq) error {
	return s.put(ctx, "cursor", `INSERT INTO cursor(consumer,seq) VALUES($1,$2)
		ON CONFLICT(consumer) DO UPDATE SET seq=excluded.seq`, consumer, int64(seq))
}
