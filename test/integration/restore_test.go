// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rivage.example/rivage/record/store/storetest"
)

// Somebody puts an older PostgreSQL database back with its own tools, while more was published: a start is refused,
// `restore` in place takes the leaves back, and the log goes on from the checkpoint that people kept.
func TestADatabasePutBackByItsOwnTools(t *testing.T) {
	t.Parallel()
	postgres := storetest.StartPostgres(t)
	database := postgres.Database(t)
	i := install(t, setup{database: database, settings: settings{accounts: []account{supervisor("sup")}}})
	i.rivage(t, "checkpoint")
	older := postgres.Copy(t, database)

	lost := settings{accounts: []account{supervisor("sup"), supervisor("autre")}}.write(t)
	i.rivage(t, "config", "apply", lost)
	later := filepath.Join(t.TempDir(), "later")
	if err := os.WriteFile(later, []byte(i.rivage(t, "checkpoint")), 0o600); err != nil {
		t.Fatal(err)
	}

	i.configure(t, setup{database: older})
	out, err := try(t, program, "serve", "--dir", i.dir)
	if err == nil || !strings.Contains(out, "pull the leaves back from the tiles first (rivage restore DIR)") {
		t.Fatalf("serve on a journal behind what was published: %v\n%s", err, out)
	}
	if out := command(t, program, "restore", i.dir, "--no-erasures"); !strings.Contains(out, "leurs faits et leurs textes sont perdus") {
		t.Errorf("restore does not say what is lost: %s", out)
	}
	if out := i.rivage(t, "check"); !strings.Contains(out, "dont seule la feuille est revenue des tuiles") {
		t.Errorf("check does not say what is lost: %s", out)
	}
	command(t, program, "verify", i.dir, "--since", later)

	// It serves, and what was lost can be set again.
	p := i.serve(t)
	if out := i.rivage(t, "config", "apply", lost); !strings.Contains(out, "autre") {
		t.Errorf("the lost account is not set again: %s", out)
	}
	p.stop(t)
	i.check(t)
	command(t, program, "verify", i.dir, "--since", later)
}
