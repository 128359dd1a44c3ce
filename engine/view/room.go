// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"
	"strings"

	"rivage.example/rivage"
)

// Room is what one user's control room is shown over one connection.
type Room struct {
	v *View
	u User
}

// Room makes the view of a control room.
func (v *View) Room(u User) *Room { return &Room{v: v, u: u} }

// Snapshot is what the control room starts from.
func (r *Room) Snapshot(ctx context.Context) (any, error) {
	b, err := r.v.Board(ctx)
	if err != nil {
		return nil, err
	}
	out := ControlSnapshot{Queues: b.For(r.u), Unready: b.Unready(r.u), Agents: []Agent{}, Waiting: []Interaction{}, Journal: r.v.Journal(), CertificateEnds: r.v.CertificateEnds()}
	rows, err := r.v.c.Rows.Agents(ctx)
	if err != nil {
		return nil, err
	}
	s := r.v.c.Settings()
	for i := range rows {
		if !r.u.seesAgent(s, rows[i].Agent, rows[i].Place.Site) {
			continue
		}
		a, err := r.v.agent(ctx, r.u, &rows[i])
		if err != nil {
			return nil, err
		}
		out.Agents = append(out.Agents, a)
	}
	if out.Contradictions, err = r.contradictions(ctx); err != nil {
		return nil, err
	}
	if out.Unusual, err = r.unusuals(ctx); err != nil {
		return nil, err
	}
	for _, state := range []rivage.InteractionState{rivage.Queued, rivage.Offered} {
		l, err := r.v.Interactions(ctx, r.u, Query{State: state, Page: rivage.Page{Limit: maxPage}})
		if err != nil {
			return nil, err
		}
		out.Waiting = append(out.Waiting, l.Interactions...)
	}
	return out, nil
}

// Event is what an entry means to this control room.
func (r *Room) Event(ctx context.Context, e *rivage.Stored) (Event, error) {
	if f, ok := e.Facts.(*rivage.AgentStateSet); ok {
		if !r.u.seesAgent(r.v.c.Settings(), f.Agent, f.Place.Site) {
			return Event{}, nil
		}
		row, err := r.v.c.Rows.Agent(ctx, f.Agent)
		if err != nil {
			return Event{}, err
		}
		a, err := r.v.agent(ctx, r.u, &row)
		return Event{At: instant(e.At), Agent: &a}, err
	}
	if account := contradicted(e); account != "" {
		return r.contradiction(ctx, e, account)
	}
	if account, what := oddOf(e); account != "" {
		return r.unusual(ctx, e, account, what)
	}
	id, ok := interactionOf(e)
	if !ok {
		return Event{}, nil
	}
	row, err := r.v.c.Rows.Interaction(ctx, r.u.reach(r.v.c.Settings()), id)
	if rivage.CodeOf(err) == rivage.NotFound {
		return Event{}, nil
	}
	if err != nil || !r.u.sees(&row) {
		return Event{}, err
	}
	i, err := r.v.interaction(ctx, r.u, &row)
	return Event{At: instant(e.At), Interaction: &i}, err
}

// Journal is "down" while the log takes no entries, else "ok".
func (v *View) Journal() string {
	if v.c.Down() {
		return "down"
	}
	return "ok"
}

// CertificateEnds is when the certificate of the pages ends, once people have to act; "" before.
func (v *View) CertificateEnds() Instant {
	if ends := v.c.Certificate(); !ends.IsZero() {
		return instant(rivage.At(ends))
	}
	return ""
}

// interactionOf is the interaction whose stream an entry belongs to. What this package itself writes about reading
// stands in the person's stream and moves nothing.
func interactionOf(e *rivage.Stored) (rivage.ID, bool) {
	id, ok := strings.CutPrefix(string(e.Stream), "interaction/")
	return rivage.ID(id), ok
}
