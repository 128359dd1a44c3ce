// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"

	"rivage.example/rivage"
)

// Unusual is the last of somebody's unusual accesses, of one sort.
type Unusual struct {
	Account  rivage.ID      `json:"account"`
	Name     string         `json:"name"`
	What     rivage.Unusual `json:"what" enum:"persons,hours,place"`
	Site     rivage.ID      `json:"site,omitempty"`
	SiteName string         `json:"site_name,omitempty"`
	Persons  int64          `json:"persons,omitempty" doc:"within an hour, in no interaction of the account's"`
	Stopped  bool           `json:"stopped,omitempty" doc:"the limit was reached: no other person was shown"`
	At       Instant        `json:"at"`
	Seq      rivage.Seq     `json:"seq"`
	Count    int64          `json:"count" doc:"since somebody took note"`
	Noted    bool           `json:"noted,omitempty" doc:"somebody took note"`
	Mine     bool           `json:"mine,omitempty" doc:"of who asks, who cannot take note of it"`
}

// oddOf is the account and sort that an entry moves, "" for none.
func oddOf(e *rivage.Stored) (rivage.ID, rivage.Unusual) {
	switch f := e.Facts.(type) {
	case *rivage.AccessUnusual:
		return f.Account, f.What
	case *rivage.UnusualSeen:
		return f.Account, f.What
	}
	return "", ""
}

func (r *Room) unusuals(ctx context.Context) ([]Unusual, error) {
	rows, err := r.v.c.Rows.Unusuals(ctx)
	if err != nil {
		return nil, err
	}
	var list []Unusual
	for i := range rows {
		if !r.u.watches(r.v.c.Settings(), rows[i].Account, rows[i].Site) {
			continue
		}
		x, err := r.v.unusualOf(ctx, r.u, &rows[i])
		if err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	return list, nil
}

func (r *Room) unusual(ctx context.Context, e *rivage.Stored, account rivage.ID, what rivage.Unusual) (Event, error) {
	row, err := r.v.c.Rows.Unusual(ctx, account, what)
	if rivage.CodeOf(err) == rivage.NotFound || err == nil && !r.u.watches(r.v.c.Settings(), row.Account, row.Site) {
		return Event{}, nil
	}
	if err != nil {
		return Event{}, err
	}
	x, err := r.v.unusualOf(ctx, r.u, &row)
	return Event{At: instant(e.At), Unusual: &x}, err
}

func (v *View) unusualOf(ctx context.Context, u User, row *rivage.UnusualRow) (Unusual, error) {
	name, err := v.name(ctx, row.Account)
	return Unusual{
		Account: row.Account, Name: name, What: row.What, Site: row.Site, SiteName: siteName(v.c.Settings(), row.Site), Persons: row.Persons,
		Stopped: row.Stopped, At: instant(row.At), Seq: row.Seq, Count: row.Count, Noted: row.SeenAt != 0, Mine: row.Account == u.Account,
	}, err
}

// NoteUnusual takes note of an account's unusual accesses of one sort, as they stood at an entry: one that came since stays
// open. Nobody takes note of their own.
func (v *View) NoteUnusual(ctx context.Context, u User, account rivage.ID, what rivage.Unusual, seq rivage.Seq) error {
	row, err := v.c.Rows.Unusual(ctx, account, what)
	switch {
	case err != nil:
		return err
	case !u.watches(v.c.Settings(), row.Account, row.Site):
		return notFound("take note")
	case account == u.Account:
		return &rivage.Error{Code: rivage.Denied, Message: "take note: of one's own access somebody else does"}
	case row.SeenAt != 0:
		return nil
	case row.Seq != seq:
		return &rivage.Error{Code: rivage.Conflict, Message: "take note: another came meanwhile"}
	}
	return v.noted(ctx, u, account, &rivage.UnusualSeen{Account: account, What: what, By: u.Account})
}
