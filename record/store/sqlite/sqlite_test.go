// SPDX-License-Identifier: EUPL-1.2

package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"rivage.example/rivage/record/store"
	"rivage.example/rivage/record/store/sqlite"
	"rivage.example/rivage/record/store/storetest"
)

// engine makes databases in folders of the test.
func engine() storetest.Engine {
	var last string // path of the database made last
	return storetest.Engine{
		Fresh: func(t testing.TB) func() (store.DB, error) {
			path := filepath.Join(t.TempDir(), "journal.db")
			last = path
			return func() (store.DB, error) { return sqlite.Connect(path) }
		},
		Integers: func(t testing.TB) []string { return sqlite.NotIntegers(t, last) },
	}
}

func TestMain(m *testing.M) { storetest.Main(m, sqlite.Open) }

func TestStore(t *testing.T) { storetest.Run(t, engine()) }

func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	storetest.Kill(t, path, func() (store.DB, error) { return sqlite.Connect(path) })
}

func TestPositional(t *testing.T) {
	for query, want := range map[string]string{
		`SELECT 1`:                            `SELECT 1`,
		`INSERT INTO t VALUES($1,$2),($3,$4)`: `INSERT INTO t VALUES(?,?),(?,?)`,
		`SELECT $2 || $1`:                     `SELECT $2 || $1`,
		`SELECT $1 || $1`:                     `SELECT $1 || $1`,
		`UPDATE t SET a=$2 WHERE b=$1`:        `UPDATE t SET a=$2 WHERE b=$1`,
	} {
		if got := sqlite.Positional(query); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
}

// TestOddPath: a path is a path, whatever its characters mean in a URI; only its owner may read the file.
func TestOddPath(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a b?mode=ro#%41.db")
	s, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := s.Append(t.Context(), storetest.NewCall("messagerie", "colis", "anne", "", storetest.Start).Opened()); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 3 {
		t.Errorf("%d files (%v), want the database, its log and its index", len(files), err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v (%v), want 0600", f.Name(), info.Mode(), err)
		}
	}
}
