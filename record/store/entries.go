// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"slices"

	"rivage.example/rivage"
)

const entryColumns = `SELECT seq, stream, version, at, kind, leaf, leaf_hash, facts FROM entry `

// maxFeed bounds one read of the feed.
const maxFeed = 1000

// Entries reads the log from a sequence number on, that one included: the feed. At most 1 000 at once.
func (r Reader) Entries(ctx context.Context, from rivage.Seq, limit int) ([]rivage.Stored, error) {
	if limit <= 0 || limit > maxFeed {
		limit = maxFeed
	}
	return r.entries(ctx, `WHERE seq>=$1 ORDER BY seq LIMIT $2`, int64(from), int64(limit))
}

// Entry reads one entry.
func (r Reader) Entry(ctx context.Context, seq rivage.Seq) (rivage.Stored, error) {
	list, err := r.entries(ctx, `WHERE seq=$1`, int64(seq))
	if err != nil {
		return rivage.Stored{}, err
	}
	if len(list) == 0 {
		return rivage.Stored{}, notFound("entry")
	}
	return list[0], nil
}

// StreamEntries reads a stream after a version, 0 for all of it. A stream of a Principal that is not in who is empty.
func (r Reader) StreamEntries(ctx context.Context, who []rivage.ID, stream rivage.Stream, after int64, limit int,
) ([]rivage.Stored, error) {
	if ok, err := r.readable(ctx, who, stream); !ok {
		return nil, err
	}
	return r.entries(ctx, `WHERE stream=$1 AND version>$2 ORDER BY version LIMIT $3`, string(stream), after,
		int64(bounded(limit)))
}

// LastStreamEntries reads the last entries of a stream, oldest first; see StreamEntries.
func (r Reader) LastStreamEntries(ctx context.Context, who []rivage.ID, stream rivage.Stream, limit int) ([]rivage.Stored, error) {
	if ok, err := r.readable(ctx, who, stream); !ok {
		return nil, err
	}
	list, err := r.entries(ctx, `WHERE stream=$1 ORDER BY version DESC LIMIT $2`, string(stream), int64(bounded(limit)))
	slices.Reverse(list)
	return list, err
}

// StreamSince reads what a stream has of one kind from an instant on, oldest first; see StreamEntries. It is for kinds that
// people cause one by one.
func (r Reader) StreamSince(ctx context.Context, who []rivage.ID, stream rivage.Stream, kind rivage.Kind, since rivage.Micros) ([]rivage.Stored, error) {
	if ok, err := r.readable(ctx, who, stream); !ok {
		return nil, err
	}
	return r.entries(ctx, `WHERE stream=$1 AND kind=$2 AND at>=$3 ORDER BY version`, string(stream), string(kind), int64(since))
}

// readable says whether a stream is there for readers of these Principals.
func (r Reader) readable(ctx context.Context, who []rivage.ID, stream rivage.Stream) (bool, error) {
	var c clause
	c.and("name=?", string(stream))
	c.of(who)
	list, err := many(ctx, r.q, &streamTable, c.text, c.args...)
	return len(list) > 0, err
}

// StreamVersion is where a stream stands, 0 when it does not exist: what an append expects.
func (r Reader) StreamVersion(ctx context.Context, stream rivage.Stream) (int64, error) {
	row, err := one(ctx, r.q, &streamTable, "stream", "WHERE name=$1", string(stream))
	if rivage.CodeOf(err) == rivage.NotFound {
		return 0, nil
	}
	return row.Version, err
}

// StreamVersions is where every stream of a family stands, such as "agent".
func (r Reader) StreamVersions(ctx context.Context, family string) (map[rivage.Stream]int64, error) {
	// '0' is the character after '/': the range is an index scan on both engines.
	list, err := many(ctx, r.q, &streamTable, "WHERE name>=$1 AND name<$2", family+"/", family+"0")
	if err != nil {
		return nil, err
	}
	versions := make(map[rivage.Stream]int64, len(list))
	for _, s := range list {
		versions[s.Name] = s.Version
	}
	return versions, nil
}

func (r Reader) entries(ctx context.Context, where string, args ...any) ([]rivage.Stored, error) {
	var list []rivage.Stored
	err := queryAll(ctx, r.q, entryColumns+where, args, func(scan func(...any) error) error {
		s, err := scanEntry(scan)
		list = append(list, s)
		return err
	})
	if err != nil {
		return nil, unavailable("read entries", err)
	}
	return list, nil
}

func scanEntry(scan func(...any) error) (rivage.Stored, error) {
	var s rivage.Stored
	var stream string
	var version, at int64
	var kind string
	var hash []byte
	if err := scan(&s.Seq, &stream, &version, &at, &kind, &s.LeafText, &hash, &s.FactsText); err != nil {
		return s, err
	}
	if len(hash) != len(s.LeafHash) {
		return s, fmt.Errorf("entry %d: leaf hash of %d bytes: run check", s.Seq, len(hash))
	}
	s.LeafHash = rivage.Hash(hash)
	if err := rivage.DecodeFacts(s.FactsText, &s); err != nil {
		return s, fmt.Errorf("entry %d: %w", s.Seq, err)
	}
	if string(s.Stream) != stream || s.Version != version || int64(s.At) != at || string(s.Kind) != kind {
		return s, fmt.Errorf("entry %d: its columns and its facts differ: run check", s.Seq)
	}
	return s, nil
}

// Leaf is what the tree is made of.
type Leaf struct {
	Seq  rivage.Seq
	Text []byte // nil once it was dropped under a retention class
	Hash rivage.Hash
}

// Leaves reads the leaves of [from, to), in order.
func (r Reader) Leaves(ctx context.Context, from, to rivage.Seq) iter.Seq2[Leaf, error] {
	return func(yield func(Leaf, error) bool) {
		for from < to {
			n := min(to-from, maxFeed)
			list, err := r.leaves(ctx, from, from+n)
			if err == nil && uint64(len(list)) != n {
				err = fmt.Errorf("entries %d to %d: %d found: run check", from, from+n-1, len(list))
			}
			if err != nil {
				yield(Leaf{}, unavailable("read leaves", err))
				return
			}
			for _, l := range list {
				if !yield(l, nil) {
					return
				}
			}
			from += n
		}
	}
}

func (r Reader) leaves(ctx context.Context, from, to rivage.Seq) ([]Leaf, error) {
	var list []Leaf
	err := queryAll(ctx, r.q, `SELECT seq, leaf, leaf_hash FROM entry WHERE seq>=$1 AND seq<$2 ORDER BY seq`,
		[]any{int64(from), int64(to)}, func(scan func(...any) error) error {
			var l Leaf
			var hash []byte
			if err := scan(&l.Seq, &l.Text, &hash); err != nil {
				return err
			}
			if len(hash) != len(l.Hash) {
				return fmt.Errorf("entry %d: leaf hash of %d bytes: run check", l.Seq, len(hash))
			}
			l.Hash = rivage.Hash(hash)
			list = append(list, l)
			return nil
		})
	return list, err
}

// Body reads the sealed body of an entry and whose key opens it; NotFound when it has none, or no longer.
func (r Reader) Body(ctx context.Context, seq rivage.Seq) (subject rivage.ID, sealed []byte, err error) {
	err = queryRow(ctx, r.q, `SELECT subject, sealed FROM body WHERE seq=$1`, []any{int64(seq)}, (*string)(&subject), &sealed)
	return subject, sealed, rowError("body", err)
}

// Cells reads the sealed cells of an entry and whose key opens them; none, or no longer, is an empty list.
func (r Reader) Cells(ctx context.Context, seq rivage.Seq) (subject rivage.ID, cells []rivage.Cell, err error) {
	err = queryAll(ctx, r.q, `SELECT subject, name, sealed FROM cell WHERE seq=$1 ORDER BY name`, []any{int64(seq)},
		func(scan func(...any) error) error {
			var c rivage.Cell
			err := scan((*string)(&subject), &c.Name, &c.Value)
			cells = append(cells, c)
			return err
		})
	if err != nil {
		return "", nil, unavailable("read cells", err)
	}
	return subject, cells, nil
}

// ErrAltered is what is no longer the content that its name says.
var ErrAltered = errors.New("it was altered: give it again")

// Blob reads public content by its hash.
func (r Reader) Blob(ctx context.Context, hash rivage.Hash) ([]byte, error) {
	var content []byte
	err := queryRow(ctx, r.q, `SELECT content FROM blob WHERE hash=$1`, []any{hash[:]}, &content)
	if err == nil && sha256.Sum256(content) != hash {
		return nil, &rivage.Error{Code: rivage.Internal, Message: "read blob " + hash.String(), Err: ErrAltered}
	}
	return content, rowError("blob", err)
}
