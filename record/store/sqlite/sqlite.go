// SPDX-License-Identifier: EUPL-1.2

// Package sqlite opens the journal in one file, with SQLite inside the program.
package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"modernc.org/sqlite"

	"rivage.example/rivage/record/store"
)

// maxReaders bounds the connections that read at the same time.
const maxReaders = 8

// Open opens the journal in a file, and makes it when there is none.
func Open(path string) (*store.Store, error) { return OpenWith(path, store.Config{}) }

// OpenWith is Open with a clock of the caller's.
func OpenWith(path string, c store.Config) (*store.Store, error) {
	db, err := Connect(path)
	if err != nil {
		return nil, err
	}
	return store.New(context.Background(), db, c)
}

// database is a store.DB over one file: one connection writes, others read.
type database struct {
	writer  *sql.DB
	readers *sql.DB
	conn    *sql.Conn            // of writer; its holder is whoever has the token
	stmts   map[string]*sql.Stmt // prepared on conn; owned by whoever has the token
	token   chan struct{}        // one write transaction at a time
	remove  string               // folder to remove at Close

	mu    sync.Mutex
	reads map[string]*sql.Stmt // prepared on readers; owned by mu
}

// Connect opens the file without looking into it; store.New does. Every commit is on the disk when it returns:
// write-ahead log, synchronous=FULL.
func Connect(path string) (store.DB, error) {
	// The write lock is taken at BEGIN: a transaction that read first could not upgrade once another has written.
	return connect(path, "FULL")
}

func connect(path, synchronous string) (*database, error) {
	// The file is made here, so that only its owner may read it; SQLite gives its companions the same mode.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	d := &database{stmts: map[string]*sql.Stmt{}, token: make(chan struct{}, 1), reads: map[string]*sql.Stmt{}}
	if d.writer, err = pool(path, 1, "synchronous("+synchronous+")"); err != nil {
		return nil, err
	}
	if d.conn, err = d.writer.Conn(context.Background()); err != nil {
		return nil, errors.Join(fmt.Errorf("open journal %s: %w", path, err), d.writer.Close())
	}
	if d.readers, err = pool(path, maxReaders, "query_only(1)"); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// pool opens connections to the file. The order of pragmas matters: busy_timeout first, so that the others wait.
func pool(path string, n int, pragma string) (*sql.DB, error) {
	q := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", pragma, "cache_size(-65536)", "temp_store(MEMORY)",
		"journal_size_limit(67108864)", "wal_autocheckpoint(8000)", // 32 MB: fewer pages are written twice
	}, "_txlock": {"immediate"}}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}
	c, err := sqlite.NewConnector(u.String())
	if err != nil {
		return nil, fmt.Errorf("open journal %s: %w", path, err)
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// Close ends the connections.
func (d *database) Close() error {
	var errs []error
	d.token <- struct{}{}
	defer func() { <-d.token }()
	for _, s := range d.stmts {
		errs = append(errs, s.Close())
	}
	clear(d.stmts)
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.reads {
		errs = append(errs, s.Close())
	}
	clear(d.reads)
	if d.readers != nil {
		errs = append(errs, d.readers.Close())
	}
	errs = append(errs, d.conn.Close(), d.writer.Close())
	if d.remove != "" {
		errs = append(errs, os.RemoveAll(d.remove))
	}
	return errors.Join(errs...)
}

// Scratch opens a database in a folder of its own, removed at Close; nothing in it need survive anything.
func (d *database) Scratch(context.Context) (store.DB, error) {
	dir, err := os.MkdirTemp("", "rivage-check-")
	if err != nil {
		return nil, fmt.Errorf("open scratch database: %w", err)
	}
	s, err := connect(filepath.Join(dir, "scratch.db"), "OFF")
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s.remove = dir
	return s, nil
}

// Refused says whether SQLite refuses a row: a constraint, a wrong type, a value that is too big.
func (d *database) Refused(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff { // the primary result code
	case codeConstraint, codeMismatch, codeTooBig, codeRange:
		return true
	}
	return false
}

// Result codes, https://sqlite.org/rescode.html.
const (
	codeTooBig     = 18
	codeConstraint = 19
	codeMismatch   = 20
	codeRange      = 25
)

// maxReads bounds the texts that stay prepared for reading: to parse one costs more than to find a row.
const maxReads = 200

// Query reads what is committed.
func (d *database) Query(ctx context.Context, query string, args ...any) (store.Rows, error) {
	s, err := d.read(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return d.readers.QueryContext(ctx, query, args...)
	}
	return s.QueryContext(ctx, args...)
}

// read gives a statement that stays prepared, nil when there are too many.
func (d *database) read(ctx context.Context, query string) (*sql.Stmt, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s, ok := d.reads[query]; ok || len(d.reads) >= maxReads {
		return s, nil
	}
	s, err := d.readers.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	d.reads[query] = s
	return s, nil
}

// Script runs statements in one transaction.
func (d *database) Script(ctx context.Context, text string) error {
	tx, err := d.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	// An INTEGER PRIMARY KEY is SQLite's row number: one tree instead of a tree and its index. The rest of the text is
	// the same for both engines.
	text = strings.ReplaceAll(text, "BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY")
	// Rows that are written once lie in the tree of their key: again one tree instead of two.
	text = strings.ReplaceAll(text, ") /* by key */;", ") WITHOUT ROWID;")
	if _, err := d.conn.ExecContext(ctx, text); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// View starts a transaction over one moment of the file.
func (d *database) View(ctx context.Context) (store.View, error) {
	c, err := d.readers.Conn(ctx)
	if err != nil {
		return nil, err
	}
	// DEFERRED whatever _txlock says: a reader takes no write lock. The first read fixes the moment.
	if _, err := c.ExecContext(ctx, "BEGIN DEFERRED"); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return view{c}, nil
}

type view struct{ conn *sql.Conn }

func (v view) Query(ctx context.Context, query string, args ...any) (store.Rows, error) {
	return v.conn.QueryContext(ctx, query, args...)
}

// Close ends the transaction. When that fails, the connection is not used again.
func (v view) Close() error {
	_, err := v.conn.ExecContext(context.Background(), "ROLLBACK")
	if err != nil {
		err = errors.Join(err, v.conn.Raw(func(any) error { return driver.ErrBadConn }))
	}
	return errors.Join(err, v.conn.Close())
}
