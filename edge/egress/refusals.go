// SPDX-License-Identifier: EUPL-1.2

package egress

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"rivage.example/rivage"
)

// maxKinds bounds what one minute may add to the log; the rest is counted together.
const maxKinds = 32

// refusal is what is counted together.
type refusal struct {
	minute      int64 // since 1970
	use, reason string
}

// refusals counts refused connections, one entry for each use, reason and minute.
type refusals struct {
	clock   rivage.Clock
	journal Journal

	mu     sync.Mutex        // guards what follows
	counts map[refusal]int64 // not yet durable
}

func newRefusals(c rivage.Clock, j Journal) *refusals {
	return &refusals{clock: c, journal: j, counts: map[refusal]int64{}}
}

func (r *refusals) count(use, reason string) {
	k := refusal{minuteOf(r.clock.Now()), use, reason}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.counts[k]; !known && len(r.counts) >= maxKinds {
		k = refusal{k.minute, "other", "other"}
	}
	r.counts[k]++
}

// flush writes down all minutes but the present one, or all: after a step of the wall clock the others may lie ahead. What
// could not be written stays counted.
func (r *refusals) flush(ctx context.Context, all bool) error {
	now := r.clock.Now()
	taken := r.take(minuteOf(now), all)
	if len(taken) == 0 {
		return nil
	}
	keys := make([]refusal, 0, len(taken))
	for k := range taken {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b refusal) int {
		return cmp.Or(cmp.Compare(a.minute, b.minute), cmp.Compare(a.use, b.use), cmp.Compare(a.reason, b.reason))
	})
	a := rivage.Append{}
	for _, k := range keys {
		a.Entries = append(a.Entries, rivage.Entry{
			Stream: "door", Principal: rivage.Organisation, At: now,
			Leaf: rivage.Leaf{Role: "system", Outcome: "refused"},
			Facts: &rivage.EgressRefused{
				Use: k.use, Reason: k.reason, Minute: rivage.At(time.Unix(k.minute*60, 0)), Count: taken[k],
			},
		})
	}
	if _, err := r.journal.Append(ctx, a); err != nil {
		r.giveBack(taken)
		return err
	}
	return nil
}

func (r *refusals) take(minute int64, all bool) map[refusal]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := map[refusal]int64{}
	for k, n := range r.counts {
		if all || k.minute != minute {
			taken[k] = n
			delete(r.counts, k)
		}
	}
	return taken
}

func (r *refusals) giveBack(taken map[refusal]int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k, n := range taken {
		r.counts[k] += n
	}
}

func minuteOf(t time.Time) int64 { return t.Unix() / 60 }
