// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"log/slog"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// warnEvery is how often the ends of legal bases are looked at.
const warnEvery = time.Hour

// warnings logs once for each safeguard, or adequacy of a country where something is, and each of policy.Warnings that its end is near, and once that it is over.
type warnings struct {
	log  *slog.Logger
	told map[warned]bool // owned by the loop
}

type warned struct {
	basis   rivage.ID
	until   rivage.Date
	warning int
}

// look tells what has come nearer since the last look.
func (w *warnings) look(s *rivage.Settings, now time.Time) {
	for _, d := range policy.DueAt(s, now) {
		k := warned{d.Name(), d.Until, d.Warning}
		if w.told[k] {
			continue
		}
		w.told[k] = true
		if d.Safeguard == nil {
			w.adequacy(d)
			continue
		}
		what := "a safeguard ends soon: what it carries will be refused"
		if d.Days < 0 {
			what = "a safeguard has ended: what it carried is refused"
		}
		w.log.Warn(what, "safeguard", d.Safeguard.ID, "kind", d.Safeguard.Kind, "until", d.Safeguard.Until, "days", d.Days)
	}
}

func (w *warnings) adequacy(d policy.Due) {
	what := "the adequacy of a country ends soon: it will be a country without one"
	if d.Days < 0 {
		what = "the adequacy of a country has ended: it is a country without one"
	}
	w.log.Warn(what, "country", d.Adequacy, "until", d.Until, "days", d.Days)
}

// warn looks until ctx ends.
func (h *house) warn(ctx context.Context) {
	w := warnings{log: h.log, told: map[warned]bool{}}
	for ; ctx.Err() == nil; wait(ctx, warnEvery) {
		w.look(h.settings.Settings(), h.clock.Now())
	}
}
