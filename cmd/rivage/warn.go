// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"log/slog"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// warnEvery is how often the ends of safeguards and connections are looked at.
const warnEvery = time.Hour

// warnings logs once for each safeguard or connection and each of policy.Warnings that its end is near, and once that it
// is over; once too for a connection that is closed for want of a declaration.
type warnings struct {
	log  *slog.Logger
	told map[warned]bool // owned by the loop
}

type warned struct {
	what    string // "safeguard:cct", "trunk:boucle"
	until   rivage.Date
	warning int
}

// look tells what has come nearer since the last look.
func (w *warnings) look(s *rivage.Settings, now time.Time) {
	for _, d := range policy.DueAt(s.Safeguards, now) {
		if g := d.Safeguard; w.first("safeguard:"+string(g.ID), g.Until, d.Warning) {
			what := "a safeguard ends soon: what it carries will be refused"
			if d.Days < 0 {
				what = "a safeguard has ended: what it carried is refused"
			}
			w.log.Warn(what, "safeguard", g.ID, "kind", g.Kind, "until", g.Until, "days", d.Days)
		}
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

// warn looks until ctx ends.
func (h *house) warn(ctx context.Context) {
	w := warnings{log: h.log, told: map[warned]bool{}}
	for ; ctx.Err() == nil; wait(ctx, warnEvery) {
		w.look(h.settings.Settings(), h.clock.Now())
	}
}
