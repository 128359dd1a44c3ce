// SPDX-License-Identifier: EUPL-1.2

package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Copy writes the journal in a file, as it stands at one moment, into a new file; whoever works on it goes on meanwhile.
// What was deleted is not in the copy: only what the tables hold is written.
func Copy(ctx context.Context, from, to string) error {
	// SQLite writes into an empty file, which only its owner may read.
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("copy journal: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("copy journal: %w", err)
	}
	db, err := pool(from, 1, "synchronous(FULL)")
	if err != nil {
		return err
	}
	if _, err = db.ExecContext(ctx, "VACUUM INTO $1", to); err != nil {
		err = fmt.Errorf("copy journal %s: %w", from, err)
	}
	return errors.Join(err, db.Close())
}
