// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"

	"rivage.example/rivage"
)

// Pauses are the reasons an agent may give for a pause; screens have the words.
var Pauses = []string{"pause", "dejeuner", "formation", "reunion", "technique"}

// Desk is what one agent's desk is shown over one connection, which owns it.
type Desk struct {
	v     *View
	u     User
	of    rivage.ID // interaction of shown
	shown Field     // the caller, decided once for each interaction and connection
}

// Desk makes the view of an agent's desk.
func (v *View) Desk(u User) *Desk { return &Desk{v: v, u: u} }

// Snapshot is what the desk starts from.
func (d *Desk) Snapshot(ctx context.Context) (any, error) {
	me, err := d.me(ctx)
	if err != nil {
		return nil, err
	}
	b, err := d.v.Board(ctx)
	if err != nil {
		return nil, err
	}
	out := DeskSnapshot{Queues: b.For(d.u), Pauses: Pauses}
	if out.Me, err = d.v.agent(ctx, d.u, &me); err != nil {
		return nil, err
	}
	if me.Interaction != "" {
		if out.Interaction, err = d.interaction(ctx, me.Interaction); err != nil {
			return nil, err
		}
	}
	s := d.v.c.Settings()
	owed, err := d.v.c.Rows.Callbacks(ctx, d.u.reach(s))
	for _, row := range owed {
		if q := s.Queues[row.Queue]; q != nil && d.u.seesQueue(s, q) {
			out.Callbacks++
		}
	}
	return out, err
}

func (d *Desk) me(ctx context.Context) (rivage.AgentRow, error) {
	row, err := d.v.c.Rows.Agent(ctx, d.u.Account)
	if rivage.CodeOf(err) == rivage.NotFound { // never seen on the floor yet
		return rivage.AgentRow{Agent: d.u.Account, State: rivage.AgentOffline, Place: d.u.Place}, nil
	}
	return row, err
}

// Event is what an entry means to this desk: its own presence, its own interaction, the end of its offer.
func (d *Desk) Event(ctx context.Context, e *rivage.Stored) (Event, error) {
	switch f := e.Facts.(type) {
	case *rivage.AgentStateSet:
		if f.Agent != d.u.Account {
			return Event{}, nil
		}
		me, err := d.me(ctx)
		if err != nil {
			return Event{}, err
		}
		a, err := d.v.agent(ctx, d.u, &me)
		return Event{At: instant(e.At), Agent: &a}, err
	case *rivage.OfferEnded:
		if f.Agent != d.u.Account {
			return Event{}, nil
		}
		return Event{At: instant(e.At), OfferEnded: &OfferEnded{Offer: f.Offer, Outcome: f.Outcome}}, nil
	}
	id, ok := interactionOf(e)
	if !ok {
		return Event{}, nil
	}
	i, err := d.interaction(ctx, id)
	if i == nil || err != nil {
		return Event{}, err
	}
	return Event{At: instant(e.At), Interaction: i}, nil
}

// interaction is one that is this agent's, with its caller decided; nil when it is not his.
func (d *Desk) interaction(ctx context.Context, id rivage.ID) (*Interaction, error) {
	row, err := d.v.c.Rows.Interaction(ctx, d.u.reach(d.v.c.Settings()), id)
	if rivage.CodeOf(err) == rivage.NotFound {
		return nil, nil
	}
	if err != nil || !d.u.owns(&row) {
		return nil, err
	}
	i, err := d.v.interaction(ctx, d.u, &row)
	if err != nil {
		return nil, err
	}
	if d.of != row.ID && row.State.Ended() { // over before this connection showed it: nothing more to show
		return &i, nil
	}
	if d.of != row.ID {
		shown, err := d.v.show(ctx, d.u, &row, []string{FieldCaller})
		if rivage.CodeOf(err) == rivage.Unavailable { // what cannot be written down is not shown; the call goes on
			return &i, nil
		}
		if err != nil {
			return nil, err
		}
		d.of, d.shown = row.ID, shown[0]
	}
	i.Caller = d.shown
	return &i, nil
}

// AgentOf is the agent whose desk an entry is about, "" for none: his presence, his offer, his interaction. about keeps
// whose each interaction is from one entry to the next, and is the caller's to own.
func (v *View) AgentOf(ctx context.Context, e *rivage.Stored, about map[rivage.ID]rivage.ID) (rivage.ID, error) {
	switch f := e.Facts.(type) {
	case *rivage.AgentStateSet:
		return f.Agent, nil
	case *rivage.OfferEnded:
		return f.Agent, nil
	}
	id, ok := interactionOf(e)
	if !ok {
		return "", nil
	}
	agent, known := about[id]
	switch f := e.Facts.(type) {
	case *rivage.InteractionOpened:
		about[id] = ""
		return "", nil
	case *rivage.InteractionOffered:
		agent, known = f.Agent, true
	case *rivage.InteractionAnswered:
		agent, known = f.Agent, true
	case *rivage.InteractionRejoined:
		agent, known = f.Agent, true
	case *rivage.InteractionClosed, *rivage.CallbackClosed, *rivage.InteractionFailed, *rivage.InteractionDeflected, *rivage.InteractionAbandoned:
		delete(about, id)
		if known {
			return agent, nil
		}
	}
	if !known { // begun before this process, or over: what is measured after the end is not kept
		row, err := v.c.Rows.Interaction(ctx, allPrincipals, id)
		return row.Agent, err
	}
	about[id] = agent
	return agent, nil
}
