// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
)

// Contradiction is the last of somebody's places that the evidence contradicted: what was open at it is closed.
type Contradiction struct {
	Account  rivage.ID      `json:"account"`
	Name     string         `json:"name"`
	Site     rivage.ID      `json:"site,omitempty"`
	SiteName string         `json:"site_name,omitempty" doc:"that was stated"`
	Lost     rivage.Proof   `json:"lost,omitempty" enum:"network,certificate,workstation" doc:"what had attested the session"`
	Seen     rivage.Country `json:"seen,omitempty" doc:"of the site whose network or certificate it was"`
	At       Instant        `json:"at"`
	Seq      rivage.Seq     `json:"seq"`
	Count    int64          `json:"count" doc:"since somebody took note"`
	Noted    bool           `json:"noted,omitempty" doc:"somebody took note"`
}

// contradicted is the account whose contradictions an entry moves, "" for none.
func contradicted(e *rivage.Stored) rivage.ID {
	switch f := e.Facts.(type) {
	case *rivage.PlaceContradicted:
		return f.Account
	case *rivage.ContradictionSeen:
		return f.Account
	}
	return ""
}

// watches says whether u may know where somebody is: an agent in his scope, and, of who answers nothing, the
// organisation's own watchers.
func (u User) watches(s *rivage.Settings, account, site rivage.ID) bool {
	if s.Agents[account] == nil {
		return s.Accounts[account] != nil && u.canSee(readers, rivage.Organisation, "", site)
	}
	return u.Is(readers...) && u.seesAgent(s, account, site)
}

func (r *Room) contradictions(ctx context.Context) ([]Contradiction, error) {
	rows, err := r.v.c.Rows.Contradictions(ctx)
	if err != nil {
		return nil, err
	}
	var list []Contradiction
	for i := range rows {
		if !r.u.watches(r.v.c.Settings(), rows[i].Account, rows[i].Site) {
			continue
		}
		c, err := r.v.contradictionOf(ctx, &rows[i])
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

func (r *Room) contradiction(ctx context.Context, e *rivage.Stored, account rivage.ID) (Event, error) {
	row, err := r.v.c.Rows.Contradiction(ctx, account)
	if rivage.CodeOf(err) == rivage.NotFound || err == nil && !r.u.watches(r.v.c.Settings(), row.Account, row.Site) {
		return Event{}, nil
	}
	if err != nil {
		return Event{}, err
	}
	c, err := r.v.contradictionOf(ctx, &row)
	return Event{At: instant(e.At), Contradiction: &c}, err
}

func (v *View) contradictionOf(ctx context.Context, row *rivage.ContradictionRow) (Contradiction, error) {
	name, err := v.name(ctx, row.Account)
	return Contradiction{
		Account: row.Account, Name: name, Site: row.Site, SiteName: siteName(v.c.Settings(), row.Site), Lost: row.Lost, Seen: row.Seen,
		At: instant(row.At), Seq: row.Seq, Count: row.Count, Noted: row.SeenAt != 0,
	}, err
}

// NoteContradiction takes note of an account's contradictions, as they stood at an entry: one that came since stays open.
func (v *View) NoteContradiction(ctx context.Context, u User, account rivage.ID, seq rivage.Seq) error {
	row, err := v.c.Rows.Contradiction(ctx, account)
	switch {
	case err != nil:
		return err
	case !u.watches(v.c.Settings(), row.Account, row.Site):
		return notFound("take note")
	case row.SeenAt != 0:
		return nil
	case row.Seq != seq:
		return &rivage.Error{Code: rivage.Conflict, Message: "take note: another came meanwhile"}
	}
	return v.noted(ctx, u, account, &rivage.ContradictionSeen{Account: account, By: u.Account})
}

// noted writes down that u took note of something about an account.
func (v *View) noted(ctx context.Context, u User, account rivage.ID, f rivage.Facts) error {
	role := access.RoleSupervisor
	if !u.Is(role) {
		role = access.RoleDPO
	}
	_, err := v.c.Journal.Append(ctx, rivage.Append{Entries: []rivage.Entry{{
		Stream: rivage.StreamOf("access", account), Principal: rivage.Organisation, At: v.c.Clock.Now(), Actor: u.Subject,
		Facts: f,
		Leaf:  rivage.Leaf{Role: role, Site: u.Place.Site, Country: u.Place.Vouched(), Evidence: u.Place.Evidence, Outcome: "noted"},
	}}})
	return err
}
