// SPDX-License-Identifier: EUPL-1.2

package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"rivage.example/rivage/record/store"
)

// transaction queues what it writes and sends it as one pipeline: a round trip per statement would cost three to four
// times as much.
type transaction struct {
	pool  *pool
	conn  *pgx.Conn
	tx    pgx.Tx
	batch pgx.Batch
	over  bool
}

// Begin starts a transaction.
func (d *database) Begin(ctx context.Context) (store.Tx, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	c, err := d.writers.take(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := c.Begin(ctx)
	if err != nil {
		d.writers.give(c)
		return nil, err
	}
	return &transaction{pool: d.writers, conn: c, tx: tx}, nil
}

// Lock takes the head lock. As the first statement of every batch it makes all writers of all processes serial, so that
// two batches never hold rows that the other wants.
func (t *transaction) Lock(ctx context.Context) (size int64, frontier []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err = t.tx.QueryRow(ctx, `SELECT size, frontier FROM ledger_head WHERE id=1 FOR UPDATE`).Scan(&size, &frontier)
	return size, frontier, err
}

func (t *transaction) Query(ctx context.Context, query string, args ...any) (store.Rows, error) {
	ctx, cancel := context.WithTimeout(ctx, limit) // until the rows are closed
	r, err := t.tx.Query(ctx, query, args...)
	return &rows{Rows: r, end: cancel}, err
}

func (t *transaction) Queue(_ context.Context, query string, args ...any) error {
	t.batch.Queue(query, args...)
	return nil
}

// Commit sends what was queued, then commits.
func (t *transaction) Commit(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := t.tx.SendBatch(ctx, &t.batch).Close(); err != nil {
		return err // Rollback follows
	}
	if err := t.tx.Commit(ctx); err != nil {
		return err // the answer may be lost: Rollback closes the connection
	}
	t.end()
	return nil
}

// Rollback undoes what is not committed. When that cannot be said to the server, the connection is closed, and the
// server does the same.
func (t *transaction) Rollback() {
	if t.over {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	_ = t.tx.Rollback(ctx) // give looks at the connection
	t.end()
}

func (t *transaction) end() {
	t.over = true
	t.pool.give(t.conn)
}
