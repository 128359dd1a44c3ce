// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/policy"
)

// Outside is what View asks to show who is connected.
type Outside struct {
	// Sessions are those that are open now.
	Sessions func(ctx context.Context) ([]access.Open, error)
	// Door gives the last entries of the doors since an instant, oldest first; whole is false when there were more than it gives.
	Door func(ctx context.Context, since rivage.Micros) (entries []rivage.Stored, whole bool, err error)
	// OddHour says whether an account is not usually at work now.
	OddHour func(ctx context.Context, account rivage.ID) (bool, error)
	// Ties are why accounts that reach what concerns everybody count as one person with another.
	Ties func(ctx context.Context) ([]access.Tie, error)
	// Apart refuses two accounts that do not count as two persons.
	Apart func(ctx context.Context, a, b rivage.ID) error
	// Last is when each connection last carried something since the process started.
	Last func() map[string]time.Time
}

// doorTime is how far back the page of connections counts.
const doorTime = 24 * time.Hour

// Connections is who is connected where, now, and what passed and was refused within a day.
type Connections struct {
	Ways     []WayNow     `json:"ways" nullable:"false" doc:"declared connections, open or closed"`
	Sessions []SessionNow `json:"sessions" nullable:"false" doc:"of people, without their names"`
	Supports []SupportNow `json:"supports" nullable:"false" doc:"accounts of support from outside"`
	Ties     []TieNow     `json:"ties" nullable:"false" doc:"accounts that count as one person with who gave them password or role"`
	Refused  []RefusedNow `json:"refused" nullable:"false" doc:"within a day, most first"`
	Since    Instant      `json:"since" doc:"from when what passed and was refused is counted"`
	Whole    bool         `json:"whole" doc:"false: there were more entries than could be counted, and since says from when"`
}

// WayNow is a declared connection and what it carried.
type WayNow struct {
	ID          string             `json:"id"`
	Kind        string             `json:"kind" enum:"trunk,card"`
	Setting     rivage.ID          `json:"setting" doc:"id of the trunk or source"`
	Principal   rivage.ID          `json:"principal"`
	Name        string             `json:"name"`
	CompanyName string             `json:"company_name,omitempty"`
	Parent      string             `json:"parent,omitempty"`
	ParentIn    rivage.Country     `json:"parent_country,omitempty"`
	Country     rivage.Country     `json:"country,omitempty"`
	Exposures   []rivage.Exposure  `json:"exposures" nullable:"false"`
	Purpose     rivage.Purpose     `json:"purpose,omitempty"`
	Classes     []rivage.DataClass `json:"classes,omitempty"`
	Basis       string             `json:"basis,omitempty"`
	Until       rivage.Date        `json:"until,omitempty"`
	Open        bool               `json:"open"`
	Reason      string             `json:"reason,omitempty" doc:"why it is closed"`
	Last        Instant            `json:"last,omitempty" doc:"when it last carried something since the process started"`
	Opened      int64              `json:"opened" doc:"connections that opened within a day"`
	In          int64              `json:"in" doc:"bytes, of connections that closed and of hours that are over"`
	Out         int64              `json:"out"`
}

// SessionNow is an open session: whose role, from where, since when.
type SessionNow struct {
	Role        string          `json:"role" enum:"agent,supervisor,administrator,dpo,support"`
	Site        rivage.ID       `json:"site,omitempty"`
	SiteName    string          `json:"site_name,omitempty"`
	CompanyName string          `json:"company_name,omitempty"`
	Country     rivage.Country  `json:"country,omitempty" doc:"where something vouches for it"`
	Evidence    rivage.Evidence `json:"evidence" enum:"attested,declared,unknown"`
	Since       Instant         `json:"since"`
	Mine        bool            `json:"mine,omitempty"`
}

// The states of an access of support.
const (
	SupportNone    = "none"
	SupportPending = "pending"
	SupportOpen    = "open"
	SupportOver    = "over"
	SupportRefused = "refused"
)

// SupportNow is an account of support and how its access stands.
type SupportNow struct {
	Account     rivage.ID      `json:"account"`
	Name        string         `json:"name"`
	State       string         `json:"state" enum:"none,pending,open,over,refused"`
	Company     rivage.ID      `json:"company,omitempty"`
	CompanyName string         `json:"company_name,omitempty"`
	Country     rivage.Country `json:"country,omitempty"`
	From        Instant        `json:"from,omitempty"`
	Until       Instant        `json:"until,omitempty"`
	OpenedBy    string         `json:"opened_by,omitempty" doc:"name"`
	ConfirmedBy string         `json:"confirmed_by,omitempty" doc:"name"`
	Mine        bool           `json:"mine,omitempty" doc:"who asks opened it, and cannot confirm it"`
	Tied        bool           `json:"tied,omitempty" doc:"who asks counts as one person with who opened it, and cannot confirm it"`
	Reason      string         `json:"reason,omitempty" doc:"why the law refuses it"`
}

// RefusedNow is what was refused within a day, at a door or on the way out.
type RefusedNow struct {
	Out    bool   `json:"out"`
	Use    string `json:"use" doc:"door and source, or use"`
	Reason string `json:"reason"`
	Count  int64  `json:"count"`
}

// Connections reads who is connected, for whoever answers for the whole organisation.
func (v *View) Connections(ctx context.Context, u User) (Connections, error) {
	if !u.Covers(rivage.Organisation, frameWriters...) {
		return Connections{}, notFound("read the connections")
	}
	s, now := v.c.Settings(), v.c.Clock.Now()
	since := rivage.At(now.Add(-doorTime))
	entries, whole, err := v.c.Outside.Door(ctx, since)
	if err != nil {
		return Connections{}, err
	}
	if !whole && len(entries) > 0 {
		since = entries[0].At
	}
	c := Connections{Ways: v.ways(s, now, entries), Refused: refusedOf(entries), Since: instant(since), Whole: whole}
	if c.Sessions, err = v.sessions(ctx, s, u); err != nil {
		return Connections{}, err
	}
	if c.Supports, err = v.supports(ctx, s, u, now); err != nil {
		return Connections{}, err
	}
	c.Ties, err = v.ties(ctx, s)
	return c, err
}

// ways are the declared connections with what they carried.
func (v *View) ways(s *rivage.Settings, now time.Time, entries []rivage.Stored) []WayNow {
	opened, in, out := map[string]int64{}, map[string]int64{}, map[string]int64{}
	for i := range entries {
		switch f := entries[i].Facts.(type) {
		case *rivage.ConnectionOpened:
			opened[f.Connection] += f.Count
		case *rivage.ConnectionMeasured:
			in[f.Connection], out[f.Connection] = in[f.Connection]+f.In, out[f.Connection]+f.Out
		}
	}
	last, list := v.c.Outside.Last(), []WayNow{}
	for _, c := range policy.Connections(s) {
		d := v.c.Gate().Stands(&c, now)
		w := WayNow{
			ID: c.ID, Kind: c.Kind, Setting: c.Of, Principal: c.Principal, Name: c.Name, Country: c.Country, Exposures: policy.ExposuresOf(c.Company),
			Open: d.Allowed, Reason: refusalOf(d), Opened: opened[c.ID], In: in[c.ID], Out: out[c.ID],
		}
		if c.Company != nil {
			w.CompanyName, w.Parent, w.ParentIn = c.Company.Name, c.Company.Parent, c.Company.ParentCountry
		}
		if t := c.Declared; t != nil {
			w.Purpose, w.Classes, w.Basis, w.Until = t.Purpose, t.Classes, t.Basis, t.Until
		}
		if at, ok := last[c.ID]; ok {
			w.Last = instant(rivage.At(at))
		}
		list = append(list, w)
	}
	return list
}

// refusedOf adds up what was refused, most first.
func refusedOf(entries []rivage.Stored) []RefusedNow {
	sums := map[RefusedNow]int64{}
	for i := range entries {
		switch f := entries[i].Facts.(type) {
		case *rivage.EgressRefused:
			sums[RefusedNow{Out: true, Use: f.Use, Reason: f.Reason}] += f.Count
		case *rivage.DoorRefused:
			sums[RefusedNow{Use: strings.TrimSuffix(f.Door+" "+f.Source, " "), Reason: f.Reason}] += f.Count
		}
	}
	list := []RefusedNow{}
	for r, n := range sums {
		r.Count = n
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b RefusedNow) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Use, b.Use), cmp.Compare(a.Reason, b.Reason))
	})
	return list
}

// sessions are those that are open, the newest first.
func (v *View) sessions(ctx context.Context, s *rivage.Settings, u User) ([]SessionNow, error) {
	open, err := v.c.Outside.Sessions(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(open, func(a, b access.Open) int { return b.Since.Compare(a.Since) })
	list := make([]SessionNow, len(open))
	for i, o := range open {
		n := SessionNow{
			Role: o.Role, Site: o.Place.Site, Country: o.Place.Vouched(), Evidence: o.Place.Evidence, Since: instant(rivage.At(o.Since)), Mine: o.Session == u.Session,
		}
		if site := s.Sites[o.Place.Site]; site != nil {
			n.SiteName = site.Name
		}
		if company := s.Companies[o.Place.Company]; company != nil {
			n.CompanyName = company.Name
		}
		list[i] = n
	}
	return list, nil
}

// supports are the accounts of support, those let in first.
func (v *View) supports(ctx context.Context, s *rivage.Settings, u User, now time.Time) ([]SupportNow, error) {
	list := []SupportNow{}
	for id, a := range s.Accounts {
		if !access.RightsOf(a.Roles).Is(access.RoleSupport) {
			continue
		}
		n := SupportNow{Account: id, State: SupportNone}
		var err error
		if n.Name, err = v.name(ctx, id); err != nil {
			return nil, err
		}
		if a.Support != nil {
			if err := v.support(ctx, s, u, a.Support, now, &n); err != nil {
				return nil, err
			}
		}
		list = append(list, n)
	}
	order := []string{SupportOpen, SupportPending, SupportRefused, SupportOver, SupportNone}
	slices.SortFunc(list, func(a, b SupportNow) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.State), slices.Index(order, b.State)), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Account, b.Account))
	})
	return list, nil
}

func (v *View) support(ctx context.Context, s *rivage.Settings, u User, t *rivage.Support, now time.Time, n *SupportNow) error {
	n.Company, n.Country, n.From, n.Until = t.Company, t.Country, instant(rivage.At(t.From)), instant(rivage.At(t.Until))
	n.Mine = t.OpenedBy == u.Account
	if company := s.Companies[t.Company]; company != nil {
		n.CompanyName = company.Name
	}
	d := v.c.Gate().Supports(t.Company, t.Country, now)
	switch {
	case !now.Before(t.Until):
		n.State = SupportOver
	case !d.Allowed:
		n.State, n.Reason = SupportRefused, d.Reason
	case t.ConfirmedBy == "":
		n.State = SupportPending
		tied, err := v.tied(ctx, u, t.OpenedBy)
		if err != nil {
			return err
		}
		n.Tied = tied
	default:
		n.State = SupportOpen
	}
	for id, name := range map[rivage.ID]*string{t.OpenedBy: &n.OpenedBy, t.ConfirmedBy: &n.ConfirmedBy} {
		known, err := v.name(ctx, id)
		if err != nil {
			return err
		}
		*name = cmp.Or(known, string(id)) // the command line has no account
	}
	return nil
}
