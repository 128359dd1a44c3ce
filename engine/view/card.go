// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// CardValue is one field that a client organisation's own system answered.
type CardValue struct{ Name, Text string }

// Look asks a source for the record of a key. Its errors repeat neither.
type Look func(ctx context.Context, src *rivage.CardSource, key string) ([]CardValue, error)

// CardSource is where records about an interaction can be looked up.
type CardSource struct {
	ID       rivage.ID `json:"id"`
	Name     string    `json:"name"`
	KeyLabel string    `json:"key_label"`
}

// Card is a record of a client organisation's own system, field by field as the gate decided.
type Card struct {
	Source rivage.ID   `json:"source"`
	Name   string      `json:"name"`
	Fields []CardField `json:"fields" nullable:"false"`
}

// CardField is one field of a record. It has a value, or an image, or neither and a reason.
type CardField struct {
	Name    string           `json:"name"`
	Label   string           `json:"label"`
	Class   rivage.DataClass `json:"class"`
	Allowed bool             `json:"allowed"`
	Masked  bool             `json:"masked,omitempty"`
	Remote  bool             `json:"remote,omitempty"`
	Value   *string          `json:"value,omitempty"`
	Image   string           `json:"image,omitempty" doc:"where the image is, once and for half a minute"`
	Reason  string           `json:"reason,omitempty"`
	Rule    string           `json:"rule,omitempty"`
	Basis   string           `json:"basis,omitempty"`
}

// CardSources lists where records about an interaction can be looked up by u.
func (v *View) CardSources(ctx context.Context, u User, id rivage.ID) ([]CardSource, error) {
	row, err := v.inHand(ctx, u, id)
	if err != nil {
		return nil, err
	}
	list := []CardSource{}
	for _, src := range v.c.Settings().Cards {
		if src.Principal == row.Principal {
			list = append(list, CardSource{src.ID, src.Name, src.KeyLabel})
		}
	}
	slices.SortFunc(list, func(a, b CardSource) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return list, nil
}

// inHand is an interaction that u handles now: records are looked up for somebody who is there.
func (v *View) inHand(ctx context.Context, u User, id rivage.ID) (rivage.InteractionRow, error) {
	row, err := v.c.Rows.Interaction(ctx, u.reach(v.c.Settings()), id)
	if err != nil {
		return row, err
	}
	live := slices.Contains([]rivage.InteractionState{rivage.Connected, rivage.Held, rivage.WrapUp}, row.State)
	if !u.owns(&row) || !live {
		return rivage.InteractionRow{}, notFound("look a record up")
	}
	return row, nil
}

// Card looks a record up and shows what the gate lets u see of it. Each field is decided and written down before it
// leaves; where nothing may be seen, nothing is asked for. Nothing of the record is kept.
func (v *View) Card(ctx context.Context, u User, id, source rivage.ID, key string) (Card, error) {
	row, err := v.inHand(ctx, u, id)
	if err != nil {
		return Card{}, err
	}
	src := v.c.Settings().Cards[source]
	if src == nil || src.Principal != row.Principal {
		return Card{}, notFound("look a record up")
	}
	_, fields, entries := v.decideCard(u, &row, src)
	if !slices.ContainsFunc(fields, func(f CardField) bool { return f.Allowed }) {
		return Card{Source: src.ID, Name: src.Name, Fields: fields}, v.writeDown(ctx, entries)
	}
	if !v.looks.take(u.Account, src, v.c.Clock.Now()) {
		return Card{}, &rivage.Error{Code: rivage.Busy, Message: "too many look-ups in an hour"}
	}
	if err := v.writeDown(ctx, []rivage.Entry{v.asking(u, &row, src)}); err != nil {
		return Card{}, err
	}
	values, err := v.c.Look(ctx, src, key)
	if err != nil {
		return Card{}, err
	}
	// The answer took its time: the call may be over by now, or the rules others.
	if row, err = v.inHand(ctx, u, id); err != nil {
		return Card{}, err
	}
	asked, fields, entries := v.decideCard(u, &row, src)
	if err := v.writeDown(ctx, entries); err != nil {
		return Card{}, err
	}
	v.fill(u, asked, fields, values)
	return Card{Source: src.ID, Name: src.Name, Fields: fields}, nil
}

// asking is the entry that a record is asked for, whatever comes of it: keys can be guessed.
func (v *View) asking(u User, row *rivage.InteractionRow, src *rivage.CardSource) rivage.Entry {
	e := v.entry(u, row, policy.Request{Mode: rivage.ModeView, Purpose: rivage.PurposeService}, rivage.Decision{}, &rivage.CardAsked{
		Account: u.Account, Interaction: row.ID, Person: row.Person, Source: src.ID, Seen: u.Place.Seen,
	})
	e.Leaf.Field, e.Leaf.To, e.Leaf.Outcome = string(src.ID), src.Country, "asked"
	return e
}

// decideCard asks the gate for each field that a source declares, and makes the entries that say so.
func (v *View) decideCard(u User, row *rivage.InteractionRow, src *rivage.CardSource) ([]policy.Request, []CardField, []rivage.Entry) {
	asked := make([]policy.Request, len(src.Fields))
	fields, entries := make([]CardField, len(src.Fields)), make([]rivage.Entry, len(src.Fields))
	s, now := v.c.Settings(), v.c.Clock.Now()
	for i, f := range src.Fields {
		q := v.request(u, row, rivage.ActField, row.ID)
		q.Class, q.Field = f.Class, src.FieldName(f.Name)
		d := v.c.Gate().DecideField(s, q, now)
		asked[i] = q
		fields[i] = CardField{
			Name: f.Name, Label: f.Label, Class: f.Class, Allowed: d.Allowed, Masked: d.Masked, Remote: d.Remote,
			Reason: d.Reason, Rule: d.Rule, Basis: d.Basis,
		}
		entries[i] = v.entry(u, row, q, d, &rivage.FieldShown{
			Account: u.Account, Interaction: row.ID, Person: row.Person, Field: q.Field,
			Allowed: d.Allowed, Masked: d.Masked, Remote: d.Remote, Seen: u.Place.Seen,
		})
		entries[i].At = now // the connection ends at an instant: it is made again by that of the decision
	}
	return asked, fields, entries
}

// writeDown makes entries durable before anything leaves.
func (v *View) writeDown(ctx context.Context, entries []rivage.Entry) error {
	if _, err := v.c.Journal.Append(ctx, rivage.Append{Entries: entries}); err != nil {
		return &rivage.Error{Code: rivage.Unavailable, Message: "write down what is shown", Err: err}
	}
	return nil
}

// fill puts what was answered into what is allowed.
func (v *View) fill(u User, asked []policy.Request, fields []CardField, values []CardValue) {
	for i := range fields {
		f := &fields[i]
		at := slices.IndexFunc(values, func(c CardValue) bool { return c.Name == f.Name })
		if at < 0 || !f.Allowed {
			continue
		}
		value := values[at].Text
		if f.Masked {
			value = masked(value)
		}
		if f.Remote {
			f.Image = imagePath + v.panes.put(u, asked[i], value, f.Masked, v.c.Clock.Now())
			continue
		}
		f.Value = &value
	}
}

// looks counts the look-ups of each agent: keys can be guessed, and a limit is what keeps one from guessing all.
type looks struct {
	mu sync.Mutex
	of map[lookKey][]time.Time // within the last hour; owned by mu
}

type lookKey struct{ account, source rivage.ID }

func (l *looks) take(account rivage.ID, src *rivage.CardSource, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil {
		l.of = map[lookKey][]time.Time{}
	}
	k := lookKey{account, src.ID}
	recent := slices.DeleteFunc(l.of[k], func(at time.Time) bool { return now.Sub(at) >= time.Hour })
	if len(recent) >= src.PerHour {
		l.of[k] = recent
		return false
	}
	l.of[k] = append(recent, now)
	return true
}
