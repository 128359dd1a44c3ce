// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"

	"rivage.example/rivage"
	"rivage.example/rivage/record/store"
)

// eachEntry visits the entries of the log up to a size, a page at a time.
func eachEntry(ctx context.Context, s *store.Store, size rivage.Seq, visit func(*rivage.Stored) error) error {
	return eachEntryFrom(ctx, s, 0, size, visit)
}

func eachEntryFrom(ctx context.Context, s *store.Store, from, size rivage.Seq, visit func(*rivage.Stored) error) error {
	for from < size {
		page, err := s.Entries(ctx, from, int(min(size-from, feedBatch)))
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return fmt.Errorf("the journal ends at entry %d of %d; run rivage check", from, size)
		}
		for i := range page {
			if err := visit(&page[i]); err != nil {
				return err
			}
		}
		from = page[len(page)-1].Seq + 1
	}
	return nil
}
