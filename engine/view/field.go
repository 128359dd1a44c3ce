// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"
	"slices"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/policy"
)

// The fields of an interaction that identify or describe a person.
const (
	FieldCaller = "caller"
	FieldNote   = "note"
)

// fields is the closed list.
var fields = []string{FieldCaller, FieldNote}

// Fields decides each field of an interaction for u, writes down what is shown and what is refused, and only then
// opens what is allowed.
func (v *View) Fields(ctx context.Context, u User, id rivage.ID, names []string) ([]Field, error) {
	row, err := v.readable(ctx, u, id)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 || len(names) > len(fields) {
		return nil, &rivage.Error{Code: rivage.Invalid, Message: "name one to two fields: caller, note"}
	}
	for i, name := range names {
		if !slices.Contains(fields, name) || slices.Contains(names[:i], name) {
			return nil, &rivage.Error{Code: rivage.Invalid, Message: "unknown or repeated field; the fields are caller and note"}
		}
	}
	return v.show(ctx, u, &row, names)
}

// readable is an interaction that u may know of, as a reader or as the agent who handles it.
func (v *View) readable(ctx context.Context, u User, id rivage.ID) (rivage.InteractionRow, error) {
	row, err := v.c.Rows.Interaction(ctx, u.reach(v.c.Settings()), id)
	if err != nil {
		return row, err
	}
	if !u.sees(&row) && !u.owns(&row) && !u.owes(v.c.Settings(), &row) { // the answer for what is not his is the answer for what is not
		return rivage.InteractionRow{}, notFound("read interaction")
	}
	return row, nil
}

func (v *View) show(ctx context.Context, u User, row *rivage.InteractionRow, names []string) ([]Field, error) {
	out := make([]Field, len(names))
	entries := make([]rivage.Entry, len(names))
	for i, name := range names {
		q := v.request(u, row, rivage.ActField, row.ID)
		q.Field = name
		d := v.c.Gate().Decide(q, v.c.Clock.Now())
		out[i] = Field{
			Field: name, Class: q.Class, Asked: true, Allowed: d.Allowed, Masked: d.Masked, Remote: d.Remote, Reason: d.Reason, Rule: d.Rule, Basis: d.Basis,
		}
		entries[i] = v.entry(u, row, q, d, &rivage.FieldShown{
			Account: u.Account, Interaction: row.ID, Person: row.Person, Field: name,
			Allowed: d.Allowed, Masked: d.Masked, Remote: d.Remote, Seen: u.Place.Seen,
		})
	}
	if !u.owns(row) && slices.ContainsFunc(out, func(f Field) bool { return f.Allowed }) {
		if err := v.reach(ctx, u, row.Person); err != nil {
			return nil, err
		}
	}
	if err := v.writeDown(ctx, entries); err != nil {
		return nil, err
	}
	for i := range out {
		if !out[i].Allowed {
			continue
		}
		q := v.request(u, row, rivage.ActField, row.ID)
		q.Field = out[i].Field
		if err := v.reveal(ctx, u, row, q, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// reveal opens a field whose entry is durable, as far as it was decided. An erased one has no value.
func (v *View) reveal(ctx context.Context, u User, row *rivage.InteractionRow, q policy.Request, f *Field) error {
	sealed := row.Caller
	if f.Field == FieldNote {
		sealed = row.Note
	}
	if sealed == nil {
		return nil
	}
	clear, err := v.c.Opener.OpenCell(ctx, row.Subject, f.Field, sealed)
	switch {
	case rivage.CodeOf(err) == rivage.NotFound:
		return nil
	case err != nil:
		return err
	}
	value := string(clear)
	if f.Masked {
		value = masked(value)
	}
	if f.Remote {
		f.Image = imagePath + v.panes.put(u, q, value, f.Masked, v.c.Clock.Now())
		return nil
	}
	f.Value = &value
	return nil
}

// entry is one of this package's about an interaction: in the person's stream, so that it never races with the floor
// for the interaction's version, and belongs to the Principal.
func (v *View) entry(u User, row *rivage.InteractionRow, q policy.Request, d rivage.Decision, f rivage.Facts) rivage.Entry {
	outcome := "refused"
	switch {
	case d.Allowed && q.Action == rivage.ActField && d.Remote:
		outcome = "remote"
	case d.Allowed && q.Action == rivage.ActField && d.Masked:
		outcome = "masked"
	case d.Allowed && q.Action == rivage.ActField:
		outcome = "shown"
	case d.Allowed:
		outcome = "played"
	}
	return rivage.Entry{
		Stream: rivage.StreamOf("person", row.Person), Principal: row.Principal, At: v.c.Clock.Now(), Facts: f,
		Actor: u.Subject,
		Leaf: rivage.Leaf{
			Role: v.role(u, row), Site: u.Place.Site, Country: u.Place.Vouched(), Evidence: u.Place.Evidence,
			Class: q.Class, Field: q.Field, Mode: q.Mode, Purpose: q.Purpose,
			Basis: d.Basis, Rule: d.Rule, Rules: d.Rules, Outcome: outcome,
		},
	}
}

// role is the one in which u reads an interaction.
func (v *View) role(u User, row *rivage.InteractionRow) string {
	if u.owns(row) {
		return access.RoleAgent
	}
	return u.actsAs(readers...)
}
