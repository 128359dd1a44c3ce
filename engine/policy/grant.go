// SPDX-License-Identifier: EUPL-1.2

// Package policy decides, from facts about place, company, data and purpose, whether something may happen, and makes
// the Grant that every gate demands.
package policy

import (
	"fmt"
	"time"

	"rivage.example/rivage"
)

// Grant is the proof that the gate allowed one action on one target until an instant. Only this package makes one, and
// its zero value allows nothing.
type Grant struct {
	action   rivage.Action
	target   rivage.ID
	end      time.Time
	decision rivage.Decision
}

// Check says whether g allows action on target at an instant. now is a reading of the machine's clock, as the one that
// the grant was made with: their difference is monotonic, and a step of the wall clock between them ends no grant. Every
// constructor of a leg, recording, playback, view or export calls it; the error is Denied.
func (g Grant) Check(action rivage.Action, target rivage.ID, now time.Time) error {
	switch {
	case !g.decision.Allowed:
		return &rivage.Error{Code: rivage.Denied, Message: "no grant", Decision: &g.decision}
	case g.action != action || g.target != target:
		return &rivage.Error{Code: rivage.Denied, Message: fmt.Sprintf("the grant is for another %s", g.action)}
	case !now.Before(g.end):
		return &rivage.Error{Code: rivage.Denied, Message: "the grant has ended"}
	}
	return nil
}

// Decision is what the gate answered.
func (g Grant) Decision() rivage.Decision { return g.decision }
