// SPDX-License-Identifier: EUPL-1.2

package sqlite

import (
	"context"
	"errors"
	"fmt"
)

// Copy writes the journal in a file, as it stands at one moment, into a new file; whoever works on it goes on meanwhile.
// What was deleted is not in the copy: only what the tables hold is written.
func Copy(ctx context.Context, from, to string) error {
	db, err := pool(from, 1, "synchronous(FULL)")
	if err != nil {
		return err
	}
	if _, err = db.ExecContext(ctx, "VACUUM INTO $1", to); err != nil {
		err = fmt.Errorf("copy journal %s: %w", from, err)
	}
	return errors.Join(err, db.Close())
}
