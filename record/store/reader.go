// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rivage.example/rivage"
)

// AllPrincipals, in a list of Principals, means every one. An empty list means none: nothing is read by forgetting to
// say for whom.
const AllPrincipals rivage.ID = "*"

// maxRows bounds a listing.
const maxRows = 500

// Reader reads rows and entries, each committed. What belongs to Principals is read for a list of them: others' rows
// are not found, as if there were none.
type Reader struct{ q Querier }

// Snapshot runs f over one moment of the journal: what it reads belongs together, and Head says which moment. It is to
// be short: on SQLite, a long one keeps the write-ahead log from shrinking.
func (s *Store) Snapshot(ctx context.Context, f func(Reader) error) error {
	v, err := s.db.View(ctx)
	if err != nil {
		return unavailable("open snapshot", err)
	}
	if err := f(Reader{v}); err != nil {
		return errors.Join(err, v.Close())
	}
	if err := v.Close(); err != nil {
		return unavailable("close snapshot", err)
	}
	return nil
}

// one reads the row that follows a WHERE; what names it for an error.
func one[K ~string, R any](ctx context.Context, q Querier, t *table[K, R], what, where string, args ...any) (R, error) {
	list, err := t.selectRows(ctx, q, where, args...)
	switch {
	case err != nil:
		var zero R
		return zero, unavailable("read "+what, err)
	case len(list) == 0:
		var zero R
		return zero, notFound(what)
	}
	return list[0], nil
}

// many reads the rows that follow a WHERE.
func many[K ~string, R any](ctx context.Context, q Querier, t *table[K, R], where string, args ...any) ([]R, error) {
	list, err := t.selectRows(ctx, q, where, args...)
	if err != nil {
		return nil, unavailable("read", err)
	}
	return list, nil
}

// clause builds a WHERE with its arguments.
type clause struct {
	text string
	args []any
}

// and adds a condition; each ? in it is the next argument.
func (c *clause) and(condition string, args ...any) {
	if c.text == "" {
		c.text = "WHERE "
	} else {
		c.text += " AND "
	}
	next := len(c.args)
	for _, r := range condition {
		if r == '?' {
			next++
			c.text += fmt.Sprintf("$%d", next)
			continue
		}
		c.text += string(r)
	}
	c.args = append(c.args, args...)
}

// of restricts to Principals.
func (c *clause) of(who []rivage.ID) {
	switch {
	case slices.Contains(who, AllPrincipals):
		return
	case len(who) == 0:
		c.and("1=0")
		return
	}
	in, args := idList(len(c.args)+1, who)
	c.and("principal IN (" + in + ")")
	c.args = append(c.args, args...)
}

func notFound(what string) error {
	return &rivage.Error{Code: rivage.NotFound, Message: "no such " + what}
}

func unavailable(act string, err error) error {
	return &rivage.Error{Code: rivage.Unavailable, Message: act, Err: err}
}

// rowError codes the error of a query for one row.
func rowError(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errNoRow):
		return notFound(what)
	}
	return unavailable("read "+what, err)
}
