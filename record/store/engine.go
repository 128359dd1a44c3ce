// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
)

// A DB is a database as one of the openers connects it. It hides what SQLite and PostgreSQL do differently: the write
// lock, the pipeline, the snapshot. The SQL is the same text for both.
type DB interface {
	Querier // reads what is committed, on connections of their own

	// Begin starts a write transaction. It may wait until another one of this process is over.
	Begin(ctx context.Context) (Tx, error)

	// View starts a read-only transaction over one moment of the database.
	View(ctx context.Context) (View, error)

	// Scratch opens an empty database that is gone once it is closed, for folding the log again.
	Scratch(ctx context.Context) (DB, error)

	// Script runs statements without arguments, separated by semicolons, in one transaction.
	Script(ctx context.Context, text string) error

	// Refused says whether err means that the database refuses a row: a constraint, a value it cannot hold. Any other
	// error means that the database is in trouble.
	Refused(err error) bool

	Close() error
}

// A Querier runs queries with $1 placeholders. Arguments are string, int64, []byte or nil.
type Querier interface {
	Query(ctx context.Context, query string, args ...any) (Rows, error)
}

// Rows is what a query selects. Close may be called twice and gives the error that ended the rows early.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close() error
}

// A Tx is a write transaction. Reads come before the first Queue: on PostgreSQL, what is queued goes to the server in
// one pipeline at Commit; on SQLite it runs at once.
type Tx interface {
	Querier

	// Lock takes the head lock, which makes all writers of all processes serial, and reads the head under it.
	Lock(ctx context.Context) (size int64, frontier []byte, err error)

	Queue(ctx context.Context, query string, args ...any) error
	Commit(ctx context.Context) error
	Rollback() // no-op after Commit
}

// A View is a read-only transaction. Close ends it.
type View interface {
	Querier
	Close() error
}

// errNoRow is what queryRow gives when nothing is selected.
var errNoRow = errors.New("no row")

// queryRow scans the one row a query selects.
func queryRow(ctx context.Context, q Querier, query string, args []any, dest ...any) error {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close() // an error of Close is also one of Err, which is read below
	if !rows.Next() {
		return cmp.Or(rows.Err(), errNoRow)
	}
	if err := rows.Scan(dest...); err != nil {
		return err
	}
	return rows.Close()
}

// queryAll scans every row a query selects; scan is given the row's Scan.
func queryAll(ctx context.Context, q Querier, query string, args []any, scan func(scan func(...any) error) error) error {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close() // as in queryRow
	for rows.Next() {
		if err := scan(rows.Scan); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return rows.Close()
}

// update runs one statement in a transaction of its own, for what is not a fold.
func update(ctx context.Context, db DB, query string, args ...any) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := tx.Queue(ctx, query, args...); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// maxList is how many values one statement lists: beyond it a reader asks again. PostgreSQL takes 65 535 parameters,
// SQLite 32 766.
const maxList = 4096

// listOf gives "$from,$from+1,…" for n values, and the values padded by repeating the last one up to a power of two:
// so few texts exist, and each stays prepared.
func listOf[T any](from int, values []T) (string, []T) {
	n := 1
	for n < len(values) {
		n *= 2
	}
	padded := values
	if n > len(values) {
		padded = append(make([]T, 0, n), values...)
		for len(padded) < n {
			padded = append(padded, values[len(values)-1])
		}
	}
	return placeholders(from, n), padded
}

// placeholders gives "$from,…" for n values.
func placeholders(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(from + i))
	}
	return b.String()
}
