// SPDX-License-Identifier: EUPL-1.2

package postgres_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"rivage.example/rivage/record/store/postgres"
	"rivage.example/rivage/record/store/storetest"
)

// Who takes the database's changes is listed by the name that it gives itself.
func TestReplicasAreListed(t *testing.T) {
	dsn := storetest.Postgres(t)
	if list, err := postgres.Replicas(t.Context(), dsn); err != nil || len(list) != 0 {
		t.Fatalf("nobody follows yet: %v, %v", list, err)
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_receivewal")
	if err != nil || len(found) == 0 {
		t.Fatal("pg_receivewal is missing: install the package postgresql-client")
	}
	follower := exec.CommandContext(t.Context(), found[0], "-D", t.TempDir(), "--no-sync", "-d", dsn)
	follower.Env = append(os.Environ(), "PGAPPNAME=rivage-brest")
	follower.Stderr = os.Stderr
	if err := follower.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = follower.Process.Kill()
		_ = follower.Wait()
	}()
	for end := time.Now().Add(time.Minute); ; {
		list, err := postgres.Replicas(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 1 && list[0].Name == "rivage-brest" {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("got %v, want the one that follows", list)
		}
	}
	if h := postgres.Host("postgres://user:secret@db.example/rivage"); h != "db.example" {
		t.Errorf("got %q, want the host alone", h)
	}
}
