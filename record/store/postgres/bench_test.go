// SPDX-License-Identifier: EUPL-1.2

package postgres_test

import (
	"testing"

	"rivage.example/rivage/record/store/postgres"
	"rivage.example/rivage/record/store/storetest"
)

func BenchmarkAppend(b *testing.B) {
	s, err := postgres.Open(b.Context(), storetest.StartPostgres(b, "fsync=on").Database(b))
	if err != nil {
		b.Fatal(err)
	}
	storetest.Bench(b, s, b.TempDir())
	if err := s.Close(); err != nil {
		b.Error(err)
	}
}
