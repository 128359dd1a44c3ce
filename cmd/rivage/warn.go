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

// rest tells once of each place that nobody declared, and of each class that is written where it may not rest any more: a
// basis may have ended since the settings were taken.
func (w *warnings) rest(faults []policy.RestFault) {
	for _, f := range faults {
		k := warned{basis: "rest/" + rivage.ID(f.What)}
		if f.Rest != nil {
			k.basis += "/" + f.Rest.ID + "/" + f.Held.Principal + "/" + rivage.ID(f.Held.Class)
		}
		if w.told[k] {
			continue
		}
		w.told[k] = true
		if f.Rest == nil {
			w.log.Warn("nobody declared where this rests", "what", f.What)
			continue
		}
		w.log.Error("a class is written where it may not rest", "what", f.What, "place", f.Rest.ID, "principal", f.Held.Principal,
			"class", f.Held.Class, "reason", f.Decision.Reason)
	}
}

// warn looks until ctx ends.
func (h *house) warn(ctx context.Context) {
	w := warnings{log: h.log, told: map[warned]bool{}}
	for ; ctx.Err() == nil; wait(ctx, warnEvery) {
		w.look(h.settings.Settings(), h.clock.Now())
		w.rest(h.settings.Gate().RestFaults(h.settings.Settings(), h.clock.Now()))
	}
}
