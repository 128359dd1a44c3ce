// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"rivage.example/rivage"
)

// refold folds a page into the scratch tables.
func (c *checker) refold(ctx context.Context, p *page) error {
	tx, err := c.scratch.Begin(ctx)
	if err != nil {
		return unavailable("fold again", err)
	}
	defer tx.Rollback()
	st := newState()
	for i := range p.entries {
		st.streams.need(p.entries[i].Stream)
		st.needs(p.entries[i].Facts)
	}
	if err := st.read(ctx, tx); err != nil {
		return unavailable("fold again", err)
	}
	for i := range p.entries {
		s := &p.entries[i]
		if !c.advance(st, s) {
			return errStop
		}
		if err := st.fold(&event{
			seq: s.Seq, stream: s.Stream, principal: s.Principal, at: happened(s.At, lateOf(s)), facts: s.Facts,
			subject: p.subject[s.Seq], cells: p.cells[s.Seq], indexes: p.indexes[s.Seq],
		}); err != nil {
			c.fault(Fault{Seq: s.Seq, Table: "entry", What: err.Error()})
			return errStop
		}
		st.keep()
	}
	if err := st.write(ctx, tx); err != nil {
		return unavailable("fold again", err)
	}
	if err := tx.Commit(ctx); err != nil {
		return unavailable("fold again", err)
	}
	return nil
}

func lateOf(s *rivage.Stored) time.Time {
	if s.Late == 0 {
		return time.Time{}
	}
	return s.Late.Time()
}

// advance moves the entry's stream, and checks that its versions are dense and its time never goes back.
func (c *checker) advance(st *state, s *rivage.Stored) bool {
	r := st.streams.edit(s.Stream)
	if r == nil {
		r = &streamRow{Name: s.Stream, Principal: s.Principal}
		st.streams.put(r)
	}
	if s.Version != r.Version+1 || s.At < r.At || s.Principal != r.Principal {
		c.fault(Fault{Seq: s.Seq, Table: "entry", What: fmt.Sprintf(
			"does not follow version %d of stream %s", r.Version, s.Stream)})
		return false
	}
	r.Version, r.At = s.Version, s.At
	return true
}

// compare reads a table and its rebuilt form side by side, in order of the key, and names the first row that differs.
func (c *checker) compare(ctx context.Context, table string, columns []string, key int) error {
	query := "SELECT " + strings.Join(columns, ",") + " FROM " + table + " ORDER BY " + strings.Join(columns[:key], ",")
	live, err := c.live.q.Query(ctx, query)
	if err != nil {
		return unavailable("read "+table, err)
	}
	defer live.Close() // its error is one of Err, read by nextRow
	again, err := c.scratch.Query(ctx, query)
	if err != nil {
		return unavailable("read rebuilt "+table, err)
	}
	defer again.Close() // likewise
	for {
		a, errA := nextRow(live, len(columns))
		b, errB := nextRow(again, len(columns))
		if err := errors.Join(errA, errB); err != nil {
			return unavailable("compare "+table, err)
		}
		if a == nil && b == nil {
			return nil
		}
		if what := difference(a, b, columns, key); what != "" {
			c.fault(Fault{Table: table, Key: keyText(a, b, key), What: what})
			return nil
		}
		c.report.Rows++
	}
}

// nextRow reads a row of any table; nil at the end.
func nextRow(r Rows, n int) ([]any, error) {
	if !r.Next() {
		return nil, r.Err()
	}
	values, dest := make([]any, n), make([]any, n)
	for i := range values {
		dest[i] = &values[i]
	}
	return values, r.Scan(dest...)
}

// difference says how two rows differ: "" when they do not. Values are not told, they may be sealed.
func difference(live, again []any, columns []string, key int) string {
	switch {
	case again == nil:
		return "the log does not make this row"
	case live == nil:
		return "is missing"
	}
	for i := range columns {
		if !equal(live[i], again[i]) {
			if i < key {
				return fmt.Sprintf("is there where the log makes %s", keyText(again, nil, key))
			}
			return "differs from the log in " + columns[i]
		}
	}
	return ""
}

// keyText names a row, the second one when there is no first. Bytes of a key are blind indexes: hexadecimal.
func keyText(row, other []any, key int) string {
	if row == nil {
		row = other
	}
	parts := make([]string, key)
	for i := range parts {
		if b, ok := row[i].([]byte); ok {
			parts[i] = fmt.Sprintf("%x", b)
			continue
		}
		parts[i] = fmt.Sprint(row[i])
	}
	return strings.Join(parts, "/")
}

// equal compares two values as a driver gives them.
func equal(a, b any) bool {
	x, isBytes := a.([]byte)
	y, both := b.([]byte)
	if isBytes != both {
		return false
	}
	if isBytes {
		return (x == nil) == (y == nil) && bytes.Equal(x, y)
	}
	return a == b
}
