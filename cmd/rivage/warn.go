// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"log/slog"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// warnEvery is how often the ends of safeguards are looked at.
const warnEvery = time.Hour

// warnings logs once for each safeguard and each of policy.Warnings that its end is near, and once that it is over.
type warnings struct {
	log  *slog.Logger
	told map[warned]bool // owned by the loop
}

type warned struct {
	safeguard rivage.ID
	until     rivage.Date
	warning   int
}

// look tells what has come nearer since the last look.
func (w *warnings) look(s *rivage.Settings, now time.Time) {
	for _, d := range policy.DueAt(s.Safeguards, now) {
		k := warned{d.Safeguard.ID, d.Safeguard.Until, d.Warning}
		if w.told[k] {
			continue
		}
		w.told[k] = true
		what := "a safeguard ends soon: what it carries will be refused"
		if d.Days < 0 {
			what = "a safeguard has ended: what it carried is refused"
		}
		w.log.Warn(what, "safeguard", d.Safeguard.ID, "kind", d.Safeguard.Kind, "until", d.Safeguard.Until, "days", d.Days)
	}
}

// warn looks until ctx ends.
func (h *house) warn(ctx context.Context) {
	w := warnings{log: h.log, told: map[warned]bool{}}
	for ; ctx.Err() == nil; wait(ctx, warnEvery) {
		w.look(h.settings.Settings(), h.clock.Now())
	}
}
