// SPDX-License-Identifier: EUPL-1.2

// Package postgres opens the journal in a PostgreSQL database, version 15 or later.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"rivage.example/rivage/record/store"
)

const (
	maxWriters = 2 // the journal's writer, and what is kept beside the log
	maxReaders = 8

	// limit is how long a write transaction may take: a server that does not answer is a journal that is down.
	limit = 10 * time.Second
)

// Open opens the journal in a database, by a connection string or URL, and makes its tables when there are none.
func Open(ctx context.Context, dsn string) (*store.Store, error) {
	return OpenWith(ctx, dsn, store.Config{})
}

// OpenWith is Open with a clock of the caller's.
func OpenWith(ctx context.Context, dsn string, c store.Config) (*store.Store, error) {
	db, err := Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	return store.New(ctx, db, c)
}

// database is a store.DB over two pools.
type database struct {
	writers *pool
	readers *pool // the same one for a scratch database
}

// Connect connects without looking into the database; store.New does. Every commit is on the disk of the server, and
// of the standby it waits for, when it returns.
func Connect(ctx context.Context, dsn string) (store.DB, error) {
	c, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err) // pgx leaves the password out
	}
	c.RuntimeParams["application_name"] = "rivage"
	c.RuntimeParams["synchronous_commit"] = "on" // whatever the server's default is
	r := c.Copy()
	r.RuntimeParams["default_transaction_read_only"] = "on"
	d := &database{writers: newPool(c, maxWriters), readers: newPool(r, maxReaders)}
	conn, err := d.readers.take(ctx)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	d.readers.give(conn)
	return d, nil
}

// Scratch opens tables that only one connection sees and that end with it.
func (d *database) Scratch(context.Context) (store.DB, error) {
	c := d.writers.config.Copy()
	c.RuntimeParams["search_path"] = "pg_temp"
	p := newPool(c, 1)
	return &database{p, p}, nil
}

// Close ends the connections once they are free.
func (d *database) Close() error {
	d.writers.close()
	if d.readers != d.writers {
		d.readers.close()
	}
	return nil
}

// Refused says whether the server refuses a row: SQLSTATE classes of data, constraints and limits.
func (d *database) Refused(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) &&
		(strings.HasPrefix(e.Code, "22") || strings.HasPrefix(e.Code, "23") || strings.HasPrefix(e.Code, "54"))
}

// Script runs statements in one transaction: without arguments, they go as one simple query.
func (d *database) Script(ctx context.Context, text string) error {
	c, err := d.writers.take(ctx)
	if err != nil {
		return err
	}
	defer d.writers.give(c)
	_, err = c.Exec(ctx, text)
	return err
}

// Query reads what is committed.
func (d *database) Query(ctx context.Context, query string, args ...any) (store.Rows, error) {
	c, err := d.readers.take(ctx)
	if err != nil {
		return nil, err
	}
	r, err := c.Query(ctx, query, args...)
	if err != nil {
		d.readers.give(c)
		return nil, err
	}
	return &rows{Rows: r, end: sync.OnceFunc(func() { d.readers.give(c) })}, nil
}

// rows gives pgx's rows a Close that says what ended them, and that frees the connection.
type rows struct {
	pgx.Rows
	end func()
}

func (r *rows) Close() error {
	r.Rows.Close()
	r.end()
	return r.Err()
}

// View starts a transaction over one moment of the database.
func (d *database) View(ctx context.Context) (store.View, error) {
	c, err := d.readers.take(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := c.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		d.readers.give(c)
		return nil, err
	}
	return &view{d.readers, c, tx}, nil
}

type view struct {
	pool *pool
	conn *pgx.Conn
	tx   pgx.Tx
}

func (v *view) Query(ctx context.Context, query string, args ...any) (store.Rows, error) {
	r, err := v.tx.Query(ctx, query, args...)
	return &rows{Rows: r, end: func() {}}, err
}

// Close ends the transaction, which has nothing to keep.
func (v *view) Close() error {
	defer v.pool.give(v.conn)
	return v.tx.Rollback(context.Background())
}
