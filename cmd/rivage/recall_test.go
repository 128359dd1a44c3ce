// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"testing"
	"time"

	"rivage.example/rivage"
)

func TestRecallReadsTheLastHourOnce(t *testing.T) {
	withHouse(t, func(h *house) error {
		now := h.clock.Now()
		write := func(n int, at time.Time) {
			a := rivage.Append{}
			for range n {
				a.Entries = append(a.Entries, rivage.Entry{
					Stream: "door", Principal: rivage.Organisation, At: at, Leaf: rivage.Leaf{Role: "system"}, Facts: &rivage.DoorRefused{Door: "sip", Reason: "other", Count: 1},
				})
			}
			if _, err := h.journal.Append(t.Context(), a); err != nil {
				t.Fatal(err)
			}
		}
		write(recallPage+10, now.Add(-2*time.Hour))
		write(recallPage+500, now.Add(-30*time.Minute)) // more than a page
		size := h.store.Size()
		write(3, now) // since the process started
		seen := map[rivage.Seq]int{}
		if err := recall(t.Context(), h.instance, size, func(e *rivage.Stored) {
			if _, ok := e.Facts.(*rivage.DoorRefused); ok {
				seen[e.Seq]++
			}
		}); err != nil {
			return err
		}
		if len(seen) != recallPage+500 {
			t.Errorf("%d entries, want %d", len(seen), recallPage+500)
		}
		for seq, n := range seen {
			if n != 1 || seq >= size {
				t.Errorf("entry %d: %d times", seq, n)
			}
		}
		return nil
	})
}
