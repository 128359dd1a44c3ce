// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"crypto/sha256"
	"fmt"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/tlog"
)

// page is a run of entries with what belongs to them.
type page struct {
	entries []rivage.Stored
	bodies  map[rivage.Seq]sealed
	cells   map[rivage.Seq][]rivage.Cell
	indexes map[rivage.Seq][]rivage.Index
	subject map[rivage.Seq]rivage.ID // of cells and indexes
	commits map[rivage.Seq]rivage.Hash
}

type sealed struct {
	subject rivage.ID
	bytes   []byte
}

// page reads the next n entries and checks each by itself.
func (c *checker) page(ctx context.Context, n rivage.Seq) (*page, error) {
	p := &page{
		bodies: map[rivage.Seq]sealed{}, cells: map[rivage.Seq][]rivage.Cell{},
		indexes: map[rivage.Seq][]rivage.Index{}, subject: map[rivage.Seq]rivage.ID{},
		commits: map[rivage.Seq]rivage.Hash{},
	}
	from, to := c.next, c.next+n
	if err := c.attached(ctx, p, from, to); err != nil {
		return nil, unavailable("read bodies", err)
	}
	var broken bool
	err := queryAll(ctx, c.live.q, entryColumns+`WHERE seq>=$1 AND seq<$2 ORDER BY seq`,
		[]any{int64(from), int64(to)}, func(scan func(...any) error) error {
			var s rivage.Stored
			var hash []byte
			err := scan(&s.Seq, (*string)(&s.Stream), &s.Version, (*int64)(&s.At), (*string)(&s.Kind), &s.LeafText, &hash, &s.FactsText)
			if err != nil {
				return err
			}
			if s.Seq != c.next && !broken {
				broken = true
				c.fault(Fault{Seq: c.next, Table: "entry", What: "is missing"})
			}
			c.next = s.Seq + 1
			copy(s.LeafHash[:], hash)
			c.frontier.Append(tlog.Hash(s.LeafHash))
			if !c.entry(p, &s) {
				broken = true
			}
			p.entries = append(p.entries, s)
			c.report.Entries++
			return nil
		})
	if err != nil {
		return nil, unavailable("read entries", err)
	}
	if c.next != to {
		c.fault(Fault{Seq: c.next, Table: "entry", What: "is missing"})
		broken = true
	}
	if err := c.bodies(ctx, p); err != nil {
		return nil, err
	}
	if broken {
		return nil, errStop
	}
	return p, nil
}

// entry checks one entry's leaf and facts, and says whether it can be folded.
func (c *checker) entry(p *page, s *rivage.Stored) bool {
	bad := func(format string, args ...any) {
		c.fault(Fault{Seq: s.Seq, Table: "entry", What: fmt.Sprintf(format, args...)})
	}
	row := *s
	if err := rivage.DecodeFacts(s.FactsText, s); err != nil {
		bad("%v", err)
		return false
	}
	if row.Stream != s.Stream || row.Version != s.Version || row.At != s.At || row.Kind != s.Kind {
		bad("stream, version, time or kind differ from its facts")
	}
	if r, ok := s.Facts.(*rivage.Restored); ok {
		c.restored = append(c.restored, *r)
	}
	if s.LeafText == nil {
		c.report.Dropped++
		if !c.lost(s, nil) {
			c.toldDropped(s)
		}
		return true
	}
	if got := rivage.Hash(tlog.LeafHash(s.LeafText)); got != s.LeafHash {
		bad("leaf does not have its hash")
	}
	leaf, err := rivage.ParseLeaf(s.LeafText)
	if err != nil {
		bad("%v", err)
		return true
	}
	if c.lost(s, &leaf) {
		return true
	}
	if leaf.Facts != sha256.Sum256(s.FactsText) {
		bad("facts are not those of its leaf")
	}
	if leaf.Kind != s.Kind || leaf.At != s.At.Time().Unix() {
		bad("leaf and facts differ in kind or time")
	}
	if leaf.Commit != (rivage.Hash{}) {
		p.commits[s.Seq] = leaf.Commit
	}
	return true
}

// attached reads bodies, cells and indexes of [from, to).
func (c *checker) attached(ctx context.Context, p *page, from, to rivage.Seq) error {
	args := []any{int64(from), int64(to)}
	const where = ` WHERE seq>=$1 AND seq<$2 ORDER BY seq`
	err := queryAll(ctx, c.live.q, `SELECT seq, subject, sealed FROM body`+where, args, func(scan func(...any) error) error {
		var seq rivage.Seq
		var b sealed
		err := scan(&seq, (*string)(&b.subject), &b.bytes)
		p.bodies[seq] = b
		return err
	})
	if err != nil {
		return err
	}
	err = queryAll(ctx, c.live.q, `SELECT seq, subject, name, sealed FROM cell`+where, args, func(scan func(...any) error) error {
		var seq rivage.Seq
		var subject string
		var x rivage.Cell
		err := scan(&seq, &subject, &x.Name, &x.Value)
		p.subject[seq], p.cells[seq] = rivage.ID(subject), append(p.cells[seq], x)
		return err
	})
	if err != nil {
		return err
	}
	return queryAll(ctx, c.live.q, `SELECT seq, subject, kind, bidx FROM body_index`+where, args, func(scan func(...any) error) error {
		var seq rivage.Seq
		var subject string
		var x rivage.Index
		var bidx []byte
		err := scan(&seq, &subject, &x.Kind, &bidx)
		x.Value = string(bidx)
		p.subject[seq], p.indexes[seq] = rivage.ID(subject), append(p.indexes[seq], x)
		return err
	})
}

// bodies compares bodies with what the leaves commit to: one that is there, with its text; one that is not, with the
// erasure that took it.
func (c *checker) bodies(ctx context.Context, p *page) error {
	var gone []rivage.Stored
	for i := range p.entries {
		s := &p.entries[i]
		commit, committed := p.commits[s.Seq]
		b, there := p.bodies[s.Seq]
		switch {
		case there && !committed && s.LeafText != nil:
			c.fault(Fault{Seq: s.Seq, Table: "body", What: "its leaf commits to none"})
		case there:
			c.report.Bodies++
			if committed && c.open != nil {
				c.body(ctx, s.Seq, b, commit)
			}
		case committed:
			c.report.Erased++
			gone = append(gone, *s)
		}
	}
	return c.missing(ctx, gone)
}

func (c *checker) body(ctx context.Context, seq rivage.Seq, b sealed, commit rivage.Hash) {
	clear, err := c.open(ctx, b.subject, b.bytes)
	switch {
	case err != nil:
		c.fault(Fault{Seq: seq, Table: "body", What: fmt.Sprintf("does not open: %v", err)})
	case sha256.Sum256(clear) != commit:
		c.fault(Fault{Seq: seq, Table: "body", What: "is not what its leaf commits to"})
	default:
		c.report.Opened++
	}
}

// missing finds bodies that are gone though nobody erased them: their subject, where the facts tell it, has a key.
func (c *checker) missing(ctx context.Context, gone []rivage.Stored) error {
	for i := range gone {
		subject, err := c.sealedUnder(ctx, &gone[i])
		if err != nil {
			return err
		}
		_, err = c.live.SubjectKey(ctx, subject)
		switch {
		case err == nil:
			c.fault(Fault{Seq: gone[i].Seq, Table: "body", What: "is gone, and its subject was not erased"})
		case rivage.CodeOf(err) != rivage.NotFound:
			return err
		}
	}
	return nil
}

// sealedUnder tells under whose key an entry's body was sealed, as far as its facts say it.
func (c *checker) sealedUnder(ctx context.Context, s *rivage.Stored) (rivage.ID, error) {
	switch f := s.Facts.(type) {
	case *rivage.InteractionOpened:
		return f.Subject, nil
	case *rivage.PersonKept:
		return f.Subject, nil
	case *rivage.OrganisationKept:
		return f.Subject, nil
	case *rivage.SettingSet:
		return subjectOfDoc(f.Type, f.Doc), nil
	}
	id := interactionOf(s.Facts)
	if id == "" {
		return "", nil
	}
	row, err := c.live.Interaction(ctx, []rivage.ID{AllPrincipals}, id)
	if rivage.CodeOf(err) == rivage.NotFound {
		return "", nil // its row is compared apart
	}
	return row.Subject, err
}
