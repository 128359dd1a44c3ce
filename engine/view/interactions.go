// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"
	"slices"

	"rivage.example/rivage"
)

// The bounds of a listing.
const (
	defaultPage = 50
	maxPage     = 500
	maxScan     = 10 // pages read for one answer, whatever the filter leaves
)

// List is a page of interactions; Next is the "before" of the next page, absent at the end.
type List struct {
	Interactions []Interaction `json:"interactions" nullable:"false"`
	Next         string        `json:"next,omitempty"`
}

// Interactions lists what u may know of, newest first.
func (v *View) Interactions(ctx context.Context, u User, q Query) (List, error) {
	out := List{Interactions: []Interaction{}}
	rows, next, err := v.visible(ctx, u, q)
	if err != nil {
		return out, err
	}
	for i := range rows {
		item, err := v.interaction(ctx, u, &rows[i])
		if err != nil {
			return out, err
		}
		out.Interactions = append(out.Interactions, item)
	}
	if next != 0 { // in microseconds, as rows are ordered: a rounded one would skip
		out.Next = next.Time().Format("2006-01-02T15:04:05.000000Z")
	}
	return out, nil
}

// visible reads pages until one of the asked size is full of rows that u sees. The Principals are filtered by the
// store, queues and sites here.
func (v *View) visible(ctx context.Context, u User, q Query) ([]rivage.InteractionRow, rivage.Micros, error) {
	of := u.principals(v.c.Settings(), readers...)
	if !u.Is(readers...) { // an agent: what he handled himself, on behalf of whomever
		of, q.Agent = u.reach(v.c.Settings()), u.Account
	}
	if q.Principal != "" {
		if !among(of, q.Principal) {
			return nil, 0, nil
		}
		of = []rivage.ID{q.Principal}
	}
	if len(of) == 0 {
		return nil, 0, nil
	}
	if q.Page.Limit <= 0 {
		q.Page.Limit = defaultPage
	}
	q.Page.Limit = min(q.Page.Limit, maxPage)
	want := q.Page.Limit
	var out []rivage.InteractionRow
	for range maxScan {
		rows, err := v.c.Rows.Interactions(ctx, of, q)
		if err != nil {
			return nil, 0, err
		}
		for i := range rows {
			q.Page.Before = rows[i].OpenedAt
			if among(of, rows[i].Principal) && (u.sees(&rows[i]) || u.owns(&rows[i])) {
				out = append(out, rows[i])
			}
			if len(out) == want {
				return out, q.Page.Before, nil
			}
		}
		if len(rows) < q.Page.Limit {
			return out, 0, nil
		}
	}
	return out, q.Page.Before, nil
}

// Interaction is one that u may know of, without values.
func (v *View) Interaction(ctx context.Context, u User, id rivage.ID) (Interaction, error) {
	row, err := v.readable(ctx, u, id)
	if err != nil {
		return Interaction{}, err
	}
	return v.interaction(ctx, u, &row)
}

// owed are the interactions whose person is owed a call, first in rank first.
func (v *View) owed(ctx context.Context, u User) ([]rivage.InteractionRow, error) {
	s := v.c.Settings()
	rows, err := v.c.Rows.Callbacks(ctx, u.reach(s))
	return slices.DeleteFunc(rows, func(r rivage.InteractionRow) bool { return !u.sees(&r) && !u.owes(s, &r) }), err
}

// Callbacks are the calls owed, first in rank first.
func (v *View) Callbacks(ctx context.Context, u User) ([]Interaction, error) {
	out := []Interaction{}
	rows, err := v.owed(ctx, u)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		item, err := v.interaction(ctx, u, &rows[i])
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, nil
}
