// SPDX-License-Identifier: EUPL-1.2

package postgres_test

import (
	"context"
	"fmt"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/record/store"
	"rivage.example/rivage/record/store/postgres"
	"rivage.example/rivage/record/store/storetest"
)

// engine makes schemas in one database: much faster than databases, and as empty.
func engine(t testing.TB, dsn string) storetest.Engine {
	admin, err := postgres.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := admin.Close(); err != nil {
			t.Error(err)
		}
	})
	made := 0
	return storetest.Engine{Fresh: func(t testing.TB) func() (store.DB, error) {
		made++
		schema := fmt.Sprint("s", made)
		if err := admin.Script(t.Context(), "CREATE SCHEMA "+schema); err != nil {
			t.Fatal(err)
		}
		return func() (store.DB, error) { return postgres.Connect(t.Context(), dsn+"&search_path="+schema) }
	}}
}

func TestMain(m *testing.M) {
	storetest.Main(m, func(dsn string) (*store.Store, error) { return postgres.Open(context.Background(), dsn) })
}

func TestStore(t *testing.T) { storetest.Run(t, engine(t, storetest.Postgres(t))) }

// TestServerGone: the server dies and comes back. The journal says so both times, keeps what it acknowledged, and takes
// appends again by itself.
func TestServerGone(t *testing.T) {
	c := storetest.StartPostgres(t)
	s, err := postgres.Open(t.Context(), c.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	opened := func() rivage.SealedAppend {
		return storetest.NewCall("messagerie", "colis", "anne", "+33612345678", storetest.Start).Opened()
	}
	if _, err := s.Append(t.Context(), opened()); err != nil {
		t.Fatal(err)
	}
	c.Stop(t)
	if _, err := s.Append(t.Context(), opened()); rivage.CodeOf(err) != rivage.Unavailable || !s.Down() {
		t.Errorf("without a server: %v, down %t; want Unavailable", err, s.Down())
	}
	c.Start(t)
	storetest.Until(t, "the journal coming back", func() bool { return !s.Down() })
	if r, err := s.Append(t.Context(), opened()); err != nil || r.First != 1 {
		t.Errorf("after it came back: %+v, %v; want entry 1", r, err)
	}
	r, err := s.Check(t.Context(), storetest.Unseal)
	if err != nil || len(r.Faults) > 0 {
		t.Errorf("check: %v, %v", r.Faults, err)
	}
}

func TestKill(t *testing.T) {
	dsn := storetest.Postgres(t)
	storetest.Kill(t, dsn, func() (store.DB, error) { return postgres.Connect(t.Context(), dsn) })
}
