// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// warnEvery is how often the ends of legal bases and connections are looked at.
const warnEvery = time.Hour

// warnings logs once for each safeguard, adequacy of a country where something is, or connection, and each of
// policy.Warnings that its end is near, and once that it is over; once too for a connection that is closed for want of a
// declaration.
type warnings struct {
	log  *slog.Logger
	told map[warned]bool // owned by the loop
}

type warned struct {
	what    string // "basis:cct", "trunk:boucle", "rest:base"
	until   rivage.Date
	warning int
}

// look tells what has come nearer since the last look.
func (w *warnings) look(s *rivage.Settings, now time.Time) {
	for _, d := range policy.DueAt(s, now) {
		if !w.first("basis:"+string(d.Name()), d.Until, d.Warning) {
			continue
		}
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
	for _, d := range policy.EndingAt(s, now) {
		if c := d.Connection; w.first(c.ID, c.Declared.Until, d.Warning) {
			what := "a declared connection ends soon: nothing will pass it"
			if d.Days < 0 {
				what = "a declared connection has ended: nothing passes it"
			}
			w.log.Warn(what, "connection", c.ID, "until", c.Declared.Until, "days", d.Days)
		}
	}
	for _, c := range policy.Connections(s) {
		if c.Declared == nil && w.first(c.ID, "", 0) {
			w.log.Error("a connection is closed: it has no declaration; add its table [declared]", "connection", c.ID)
		}
	}
}

// first says whether this was not told yet, and notes that it is.
func (w *warnings) first(what string, until rivage.Date, warning int) bool {
	k := warned{what, until, warning}
	if w.told[k] {
		return false
	}
	w.told[k] = true
	return true
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
		what := "rest:" + f.What
		if f.Rest != nil {
			what = fmt.Sprintf("rest:%s/%s/%s", f.Rest.ID, f.Held.Principal, f.Held.Class)
		}
		if !w.first(what, "", 0) {
			continue
		}
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
