// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"

	"rivage.example/rivage/wire/tlog"
)

// migrations are numbered and only go forward. Each runs with the previous program too: add, fill, use, and drop in a
// later release. Entries are never migrated.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the tables to what this program reads. A database that a later program has already moved further is
// left as it is.
func migrate(ctx context.Context, db DB) error {
	if err := db.Script(ctx, `CREATE TABLE IF NOT EXISTS migration(name TEXT PRIMARY KEY)`); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	var done []string
	err := queryAll(ctx, db, `SELECT name FROM migration`, nil, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		done = append(done, name)
		return err
	})
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for _, name := range names {
		if slices.Contains(done, name) {
			continue
		}
		text, err := migrations.ReadFile(name)
		if err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		// The names are those of this folder, so they need no quoting.
		if err := db.Script(ctx, string(text)+";INSERT INTO migration(name) VALUES('"+name+"')"); err != nil {
			return fmt.Errorf("migrate: %s: %w", name, err)
		}
	}
	return plant(ctx, db)
}

// plant makes the head of an empty log, which is also the lock of all writers.
func plant(ctx context.Context, db DB) error {
	var n int64
	if err := queryRow(ctx, db, `SELECT count(*) FROM ledger_head`, nil, &n); err != nil || n == 1 {
		return err
	}
	frontier, err := new(tlog.Frontier).MarshalBinary()
	if err != nil {
		return err
	}
	root := tlog.EmptyTree().Root
	return update(ctx, db, `INSERT INTO ledger_head(id,size,root,frontier) VALUES(1,0,$1,$2) ON CONFLICT(id) DO NOTHING`,
		root[:], frontier)
}
