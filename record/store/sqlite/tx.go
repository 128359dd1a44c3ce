// SPDX-License-Identifier: EUPL-1.2

package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"rivage.example/rivage/record/store"
)

// transaction is the one write transaction. Statements stay prepared on its connection from one to the next.
type transaction struct {
	db   *database
	over bool
}

// Begin takes the write lock: BEGIN IMMEDIATE is SQLite's head lock.
func (d *database) Begin(ctx context.Context) (store.Tx, error) {
	select {
	case d.token <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	t := &transaction{db: d}
	if err := t.Queue(ctx, "BEGIN IMMEDIATE"); err != nil {
		<-d.token
		return nil, fmt.Errorf("lock journal: %w", err)
	}
	return t, nil
}

// Lock reads the head; the lock is held since Begin.
func (t *transaction) Lock(ctx context.Context) (size int64, frontier []byte, err error) {
	s, err := t.stmt(ctx, `SELECT size, frontier FROM ledger_head WHERE id=1`)
	if err != nil {
		return 0, nil, err
	}
	err = s.QueryRowContext(ctx).Scan(&size, &frontier)
	return size, frontier, err
}

func (t *transaction) Query(ctx context.Context, query string, args ...any) (store.Rows, error) {
	s, err := t.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// Queue runs a statement at once.
func (t *transaction) Queue(ctx context.Context, query string, args ...any) error {
	s, err := t.stmt(ctx, query)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(ctx, args...)
	return err
}

// maxStatements bounds what stays prepared; the product's own texts are far fewer.
const maxStatements = 500

func (t *transaction) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := t.db.stmts[query]; ok {
		return s, nil
	}
	if len(t.db.stmts) >= maxStatements {
		for text, s := range t.db.stmts {
			delete(t.db.stmts, text)
			if err := s.Close(); err != nil {
				return nil, err
			}
		}
	}
	// OR FAIL: a statement that is refused leaves what it had written to the rollback that follows, and so SQLite need
	// not note each page before the statement touches it.
	text := strings.Replace(positional(query), "INSERT INTO", "INSERT OR FAIL INTO", 1)
	s, err := t.db.conn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	t.db.stmts[query] = s
	return s, nil
}

// Commit returns once the write-ahead log is on the disk.
func (t *transaction) Commit(ctx context.Context) error {
	if err := t.Queue(ctx, "COMMIT"); err != nil {
		return err // Rollback follows
	}
	t.end()
	return nil
}

// Rollback undoes what is not committed. An error means that SQLite has rolled back by itself.
func (t *transaction) Rollback() {
	if t.over {
		return
	}
	_ = t.Queue(context.Background(), "ROLLBACK") // nothing is left to undo when it fails
	t.end()
}

func (t *transaction) end() {
	t.over = true
	<-t.db.token
}

// positional writes $1, $2, … as ? when they stand in order, each once. To SQLite $1 is a name, and the driver looks
// every name up in a list: a statement that writes 32 rows would cost the square of its parameters.
func positional(query string) string {
	var b strings.Builder
	rest := query
	for n := 1; ; n++ {
		before, after, found := strings.Cut(rest, "$")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		digits := len(after) - len(strings.TrimLeft(after, "0123456789"))
		if after[:digits] != strconv.Itoa(n) {
			return query
		}
		b.WriteByte('?')
		rest = after[digits:]
	}
}
