// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"
	"slices"
	"strings"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/person"
	"rivage.example/rivage/engine/policy"
)

// The fields that a card has beside those of the person itself, as rules call them.
const (
	fieldOrganisation rivage.ID = "organisation"
	fieldSIREN        rivage.ID = "siren"
	fieldHistory      rivage.ID = "history"
)

// PersonCard is what the agent who has a person in hand is shown of them, field by field as the gate decided.
type PersonCard struct {
	Person       rivage.ID         `json:"person"`
	Version      CardVersion       `json:"version" doc:"of the card: If-Match of what is written on it"`
	ErasedAt     Instant           `json:"erased_at,omitempty"`
	Known        bool              `json:"known" doc:"the person has a card"`
	Sharing      int               `json:"sharing,omitempty" doc:"other persons with a card and the caller's number: one is to be picked"`
	Fields       []PersonField     `json:"fields" nullable:"false"`
	Organisation rivage.ID         `json:"organisation,omitempty" doc:"the person belongs to a customer organisation"`
	Merged       []MergedInto      `json:"merged" nullable:"false" doc:"persons that were merged into this one, the last one first"`
	History      []PastInteraction `json:"history" nullable:"false" doc:"newest first, this one left out"`
	Withheld     bool              `json:"withheld,omitempty" doc:"there are others of a class that is not shown here"`
	More         bool              `json:"more,omitempty" doc:"there are older ones"`
}

// PersonField is one field of a card. It has a value, or an image, or neither; with neither a value nor a reason it is empty.
type PersonField struct {
	ID      rivage.ID        `json:"id"`
	Label   string           `json:"label,omitempty" doc:"of a Principal's own field; screens name the others"`
	Class   rivage.DataClass `json:"class"`
	Kind    rivage.FieldKind `json:"kind"`
	Choices []string         `json:"choices,omitempty"`
	Allowed bool             `json:"allowed"`
	Whole   bool             `json:"whole" doc:"shown whole, so that it may be changed"`
	Masked  bool             `json:"masked,omitempty"`
	Remote  bool             `json:"remote,omitempty"`
	Value   *string          `json:"value,omitempty"`
	Image   string           `json:"image,omitempty" doc:"where the image is, once and for half a minute"`
	Reason  string           `json:"reason,omitempty"`
	Rule    string           `json:"rule,omitempty"`
	Basis   string           `json:"basis,omitempty"`
}

// MergedInto is a merge that may be undone.
type MergedInto struct {
	Person rivage.ID `json:"person"`
	At     Instant   `json:"at"`
}

// PastInteraction is one interaction of a person, without anything said in it.
type PastInteraction struct {
	At          Instant                 `json:"at"`
	Channel     rivage.Channel          `json:"channel"`
	State       rivage.InteractionState `json:"state"`
	QueueName   string                  `json:"queue_name,omitempty"`
	Disposition string                  `json:"disposition,omitempty" doc:"its label"`
	SiteName    string                  `json:"site_name,omitempty" doc:"where the agent sat"`
}

// maxHistory is how many interactions a card lists.
const maxHistory = 50

// PersonCard shows the card of the person of an interaction that u has in hand. Each field is decided and written down
// before it leaves.
func (v *View) PersonCard(ctx context.Context, u User, id rivage.ID) (PersonCard, error) {
	row, p, err := v.personInHand(ctx, u, id)
	if err != nil {
		return PersonCard{}, err
	}
	return v.personCard(ctx, u, &row, p)
}

// personInHand is an interaction that u handles now, and its person.
func (v *View) personInHand(ctx context.Context, u User, id rivage.ID) (rivage.InteractionRow, rivage.PersonRow, error) {
	row, err := v.inHand(ctx, u, id)
	if err != nil {
		return row, rivage.PersonRow{}, err
	}
	p, err := v.personOf(ctx, &row, row.Person)
	return row, p, err
}

// personOf is a person of the interaction's own Principal; any other is not there (promise 8).
func (v *View) personOf(ctx context.Context, row *rivage.InteractionRow, id rivage.ID) (rivage.PersonRow, error) {
	p, err := v.c.Rows.Person(ctx, []rivage.ID{row.Principal}, id)
	if err == nil && p.Principal != row.Principal {
		return rivage.PersonRow{}, notFound("read person")
	}
	return p, err
}

// cardFields are the fields of a card of a Principal, those of its customer organisation last.
func (v *View) cardFields(principal rivage.ID) []rivage.Field {
	return append(v.c.Settings().PersonFields(principal),
		rivage.Field{ID: fieldOrganisation, Principal: principal, Class: rivage.ClassCommon, Kind: rivage.FieldName},
		rivage.Field{ID: fieldSIREN, Principal: principal, Class: rivage.ClassCommon, Kind: rivage.FieldText})
}

func (v *View) personCard(ctx context.Context, u User, row *rivage.InteractionRow, p rivage.PersonRow) (PersonCard, error) {
	c := PersonCard{
		Person: p.ID, ErasedAt: instant(p.ErasedAt), Known: p.Card != "", Organisation: p.Organisation, Merged: []MergedInto{}, History: []PastInteraction{},
	}
	for _, m := range p.Merged {
		c.Merged = append(c.Merged, MergedInto{m.Person, instant(m.At)})
	}
	fields := v.cardFields(row.Principal)
	asked, shown, entries := v.decidePerson(u, row, p.ID, fields)
	rows, err := v.c.Rows.Interactions(ctx, []rivage.ID{row.Principal}, Query{Person: p.ID, Page: rivage.Page{Limit: maxHistory + 1}})
	if err != nil {
		return c, err
	}
	classes, more := v.decideHistory(u, row, p.ID, rows)
	if err := v.writeDown(ctx, append(entries, more...)); err != nil {
		return c, err
	}
	sheet, err := v.sheet(ctx, p)
	if err != nil {
		return c, err
	}
	if err := v.fillPerson(ctx, u, sheet, fields, asked, shown); err != nil {
		return c, err
	}
	c.Fields, c.Version = shown, sheet.version()
	v.history(&c, row, rows, classes)
	c.Sharing, err = v.sharing(ctx, row, p, shown)
	return c, err
}

// decidePerson asks the gate for each field of a person's card, and makes the entries that say so.
func (v *View) decidePerson(u User, row *rivage.InteractionRow, id rivage.ID, fields []rivage.Field) ([]policy.Request, []PersonField, []rivage.Entry) {
	asked := make([]policy.Request, len(fields))
	shown, entries := make([]PersonField, len(fields)), make([]rivage.Entry, len(fields))
	for i, f := range fields {
		q, d := v.askPerson(u, row, f.ID, f.Class)
		asked[i] = q
		shown[i] = PersonField{
			ID: f.ID, Label: f.Label, Class: f.Class, Kind: f.Kind, Choices: f.Choices, Allowed: d.Allowed, Whole: whole(d),
			Masked: d.Masked, Remote: d.Remote, Reason: d.Reason, Rule: d.Rule, Basis: d.Basis,
		}
		entries[i] = v.shownOf(u, row, id, q, d)
	}
	return asked, shown, entries
}

// askPerson is one decision about a field of a card, for the place where u sits.
func (v *View) askPerson(u User, row *rivage.InteractionRow, field rivage.ID, class rivage.DataClass) (policy.Request, rivage.Decision) {
	q := v.request(u, row, rivage.ActField, row.ID)
	q.Class, q.Field = class, rivage.PersonField(field)
	return q, v.c.Gate().Decide(q, v.c.Clock.Now())
}

// whole says whether a value may be seen as it is.
func whole(d rivage.Decision) bool { return d.Allowed && !d.Masked && !d.Remote }

// shownOf is the entry that a field of a person was decided for u. It stands in the stream of the person it is about.
func (v *View) shownOf(u User, row *rivage.InteractionRow, id rivage.ID, q policy.Request, d rivage.Decision) rivage.Entry {
	e := v.entry(u, row, q, d, &rivage.FieldShown{
		Account: u.Account, Interaction: row.ID, Person: id, Field: q.Field, Allowed: d.Allowed, Masked: d.Masked, Remote: d.Remote,
		Seen: u.Place.Seen,
	})
	e.Stream = rivage.StreamOf("person", id)
	return e
}

// fillPerson opens what is allowed of a card.
func (v *View) fillPerson(ctx context.Context, u User, card sheet, fields []rivage.Field, asked []policy.Request, shown []PersonField) error {
	if card.person.ErasedAt != 0 {
		return nil
	}
	for i := range shown {
		s := &shown[i]
		if !s.Allowed {
			continue
		}
		value, err := v.openPerson(ctx, card, &fields[i])
		if err != nil {
			return err
		}
		if value == "" {
			continue
		}
		if s.Masked {
			value = maskedLines(value)
		}
		if s.Remote {
			s.Image = imagePath + v.panes.put(u, asked[i], value, s.Masked, v.c.Clock.Now())
			continue
		}
		s.Value = &value
	}
	return nil
}

func maskedLines(value string) string {
	lines := strings.Split(value, "\n")
	for i, line := range lines {
		lines[i] = masked(line)
	}
	return strings.Join(lines, "\n")
}

// decideHistory asks the gate for each class of a person's interactions, once. Nothing of a list is shown in part or as an
// image.
func (v *View) decideHistory(u User, row *rivage.InteractionRow, id rivage.ID, rows []rivage.InteractionRow) (map[rivage.DataClass]bool, []rivage.Entry) {
	classes := map[rivage.DataClass]bool{}
	var entries []rivage.Entry
	for i := range rows {
		class := v.class(&rows[i])
		if _, known := classes[class]; known || rows[i].ID == row.ID || rows[i].Principal != row.Principal {
			continue
		}
		q, d := v.askPerson(u, row, fieldHistory, class)
		if !whole(d) {
			d.Allowed = false
		}
		classes[class] = d.Allowed
		entries = append(entries, v.shownOf(u, row, id, q, d))
	}
	return classes, entries
}

func (v *View) history(c *PersonCard, row *rivage.InteractionRow, rows []rivage.InteractionRow, classes map[rivage.DataClass]bool) {
	s := v.c.Settings()
	c.More = len(rows) > maxHistory
	for i := range rows[:min(len(rows), maxHistory)] {
		r := &rows[i]
		switch {
		case r.ID == row.ID || r.Principal != row.Principal:
			continue
		case !classes[v.class(r)]:
			c.Withheld = true
			continue
		}
		x := PastInteraction{At: instant(r.OpenedAt), Channel: r.Channel, State: r.State, Disposition: r.Disposition}
		if q := s.Queues[r.Queue]; q != nil {
			x.QueueName = q.Name
			if at := slices.IndexFunc(q.Dispositions, func(d rivage.Disposition) bool { return d.Code == r.Disposition }); at >= 0 {
				x.Disposition = q.Dispositions[at].Label
			}
		}
		if site := s.Sites[r.Place.Site]; site != nil && r.AnsweredAt != 0 {
			x.SiteName = site.Name
		}
		c.History = append(c.History, x)
	}
}

// sharing counts the persons among whom somebody without a card is to be picked: those with a card that the caller's
// number leads to. Nothing is looked for where numbers may not be seen whole.
func (v *View) sharing(ctx context.Context, row *rivage.InteractionRow, p rivage.PersonRow, shown []PersonField) (int, error) {
	phones := slices.IndexFunc(shown, func(f PersonField) bool { return string(f.ID) == rivage.PersonPhones })
	if p.Card != "" || p.ErasedAt != 0 || !shown[phones].Whole {
		return 0, nil
	}
	number, err := v.openCell(ctx, row.Subject, FieldCaller, row.Caller)
	if err != nil || number == "" {
		return 0, err
	}
	found, _, err := v.c.Finder.Find(ctx, row.Principal, person.IndexPhone, number)
	n := 0
	for _, other := range found {
		if other.ID != p.ID && other.Principal == row.Principal && other.Card != "" {
			n++
		}
	}
	return n, err
}
