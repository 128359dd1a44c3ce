// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"

	"rivage.example/rivage"
)

// OfferLeg is the leg that an agent's browser may connect for an offer of his that is pending.
func (v *View) OfferLeg(ctx context.Context, u User, offer rivage.ID) (rivage.ID, error) {
	me, err := v.c.Rows.Agent(ctx, u.Account)
	if err != nil {
		return "", err
	}
	if me.Offer != offer || me.Interaction == "" {
		return "", notFound("read offer")
	}
	row, err := v.c.Rows.Interaction(ctx, u.reach(v.c.Settings()), me.Interaction)
	if err != nil {
		return "", err
	}
	if row.State != rivage.Offered || row.Offer != offer || !u.owns(&row) {
		return "", notFound("read offer")
	}
	return row.AgentLeg, nil
}

// Rejoinable says whether u may come back to an interaction on a new leg: it is his, and its conversation is not over,
// whether or not the loss of the old leg has been noticed yet.
func (v *View) Rejoinable(ctx context.Context, u User, id rivage.ID) error {
	row, err := v.c.Rows.Interaction(ctx, u.reach(v.c.Settings()), id)
	if err != nil {
		return err
	}
	if !u.owns(&row) {
		return notFound("read interaction")
	}
	switch row.State {
	case rivage.Connected, rivage.Held, rivage.Parked:
		return nil
	}
	return &rivage.Error{Code: rivage.Conflict, Message: "the conversation is not going on"}
}
