// SPDX-License-Identifier: EUPL-1.2

package sqlite_test

import (
	"path/filepath"
	"testing"

	"rivage.example/rivage/record/store/sqlite"
	"rivage.example/rivage/record/store/storetest"
)

func BenchmarkAppend(b *testing.B) {
	dir := b.TempDir()
	s, err := sqlite.Open(filepath.Join(dir, "journal.db"))
	if err != nil {
		b.Fatal(err)
	}
	storetest.Bench(b, s, dir)
	if err := s.Close(); err != nil {
		b.Error(err)
	}
}
