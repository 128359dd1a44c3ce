// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"

	"rivage.example/rivage"
)

// LastBefore reads, of each stream of a family such as "agent", the last entry before a sequence: how things stood at
// that moment of the log.
func (r Reader) LastBefore(ctx context.Context, family string, before rivage.Seq) ([]rivage.Stored, error) {
	return r.entries(ctx, `WHERE seq IN (
		SELECT max(seq) FROM entry WHERE stream>=$1 AND stream<$2 AND seq<$3 GROUP BY stream) ORDER BY seq`,
		family+"/", family+"0", int64(before))
}
