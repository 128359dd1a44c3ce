// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"time"

	"rivage.example/rivage"
)

// The bounds of what is read of the log to count the last hour again.
const (
	recallPage = 1000
	maxRecall  = 500 // pages
)

// recall gives the entries of the last hour, from the end of the log as the process found it: what people looked up and reached
// is counted again, so that a restart begins no new hour.
func recall(ctx context.Context, i *instance, size rivage.Seq, take func(*rivage.Stored)) error {
	since := rivage.At(i.clock.Now().Add(-time.Hour))
	for page := 0; page < maxRecall && size > 0; page++ {
		from := size - min(size, recallPage)
		entries, err := i.store.Entries(ctx, from, int(size-from))
		if err != nil || len(entries) == 0 {
			return err
		}
		for k := range entries {
			if entries[k].At >= since && entries[k].Seq < size {
				take(&entries[k])
			}
		}
		if entries[0].At < since {
			return nil
		}
		size = from
	}
	return nil
}
