// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"context"
	"fmt"
	"time"

	"rivage.example/rivage"
)

// What is usual of an account follows from its sessions: its hours from those of four weeks, its places from those of
// ninety days. Nothing is said of hours before there are five days to go by.
const (
	habit     = 28 * 24 * time.Hour
	placesAgo = 90 * 24 * time.Hour
	knownDays = 5
	shift     = 9 * time.Hour  // of a session that nobody closed, as far as it counts
	longShift = 14 * time.Hour // of one that somebody closed; after that it was left open
	recently  = 12 * time.Hour // sessions begun since then are the ones in question
	slack     = time.Hour      // also what the change to summer time moves
)

// unusual are the entries of a sign-in from a place, or at an hour, that an account does not usually have. Support from
// outside has no habits: two persons let it in each time.
func (c *Control) unusual(ctx context.Context, a *rivage.Account, k kept) ([]rivage.Entry, error) {
	if RightsOf(a.Roles).Is(RoleSupport) {
		return nil, nil
	}
	now := c.c.Clock.Now()
	ins, err := c.sessionsSince(ctx, a.ID, rivage.KindSignedIn, now.Add(-placesAgo))
	if err != nil {
		return nil, err
	}
	before := ins
	if len(ins) == 0 { // nobody was there for long: that is unusual too, but for the first time of all
		if before, err = c.sessionsSince(ctx, a.ID, rivage.KindSignedIn, time.Time{}); err != nil {
			return nil, err
		}
	}
	var what []rivage.Unusual
	if len(before) > 0 && now.Sub(before[0].At.Time()) >= recently && newPlace(ins, k.Place) { // whoever just began goes where they work
		what = append(what, rivage.UnusualPlace)
	}
	odd, err := c.oddHour(ctx, a.ID, ins, now)
	if err != nil {
		return nil, err
	}
	if odd {
		what = append(what, rivage.UnusualHours)
	}
	entries := make([]rivage.Entry, len(what))
	for i, w := range what {
		f := &rivage.AccessUnusual{Account: a.ID, Session: k.ID, What: w, Place: k.Place}
		entries[i] = placed(c.entry(a.ID, f, a.ID), k.Place)
		entries[i].Leaf.Outcome = "unusual"
	}
	return entries, nil
}

// OddHour says whether an account is not usually at work now.
func (c *Control) OddHour(ctx context.Context, account rivage.ID) (bool, error) {
	now := c.c.Clock.Now()
	ins, err := c.sessionsSince(ctx, account, rivage.KindSignedIn, now.Add(-habit))
	if err != nil {
		return false, err
	}
	return c.oddHour(ctx, account, ins, now)
}

func (c *Control) oddHour(ctx context.Context, account rivage.ID, ins []rivage.Stored, now time.Time) (bool, error) {
	outs, err := c.sessionsSince(ctx, account, rivage.KindSignedOut, now.Add(-habit))
	if err != nil {
		return false, err
	}
	return oddHour(ins, outs, now), nil
}

func (c *Control) sessionsSince(ctx context.Context, account rivage.ID, kind rivage.Kind, since time.Time) ([]rivage.Stored, error) {
	list, err := c.c.Log.StreamSince(ctx, []rivage.ID{rivage.Organisation}, rivage.StreamOf("access", account), kind, rivage.At(since))
	if err != nil {
		return nil, fmt.Errorf("read the sessions of an account: %w", err)
	}
	return list, nil
}

// newPlace says whether an account never signed in from there: another site, or with less to vouch for it.
func newPlace(ins []rivage.Stored, p rivage.Place) bool {
	for i := range ins {
		if f, ok := ins[i].Facts.(*rivage.SignedIn); ok && f.Place.Site == p.Site && f.Place.Evidence == p.Evidence && f.Place.Seen == p.Seen {
			return false
		}
	}
	return true
}

// oddHour says whether no session of the last weeks was open at this hour of a working day, or of a weekend. All is UTC: an
// account's own day is where it is.
func oddHour(ins, outs []rivage.Stored, now time.Time) bool {
	closed := map[rivage.ID]time.Time{}
	for i := range outs {
		if f, ok := outs[i].Facts.(*rivage.SignedOut); ok && f.Reason == "asked" {
			closed[f.Session] = outs[i].At.Time()
		}
	}
	days := map[int64]bool{}
	for i := range ins {
		f, ok := ins[i].Facts.(*rivage.SignedIn)
		from := ins[i].At.Time()
		if !ok || now.Sub(from) < recently || now.Sub(from) > habit {
			continue
		}
		days[from.Unix()/(24*60*60)] = true
		until, ok := closed[f.Session]
		if !ok || until.Sub(from) > longShift {
			until = from.Add(shift)
		}
		if spans(from.Add(-slack), until.Add(slack), now) {
			return false
		}
	}
	return len(days) >= knownDays
}

// spans says whether a time of day lies between two instants on a day of the same sort, working day or weekend.
func spans(from, until, now time.Time) bool {
	now = now.UTC()
	at := time.Date(from.UTC().Year(), from.UTC().Month(), from.UTC().Day(), now.Hour(), now.Minute(), now.Second(), 0, time.UTC)
	if at.Before(from) {
		at = at.AddDate(0, 0, 1)
	}
	return !at.After(until) && weekend(at) == weekend(now)
}

func weekend(t time.Time) bool { return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday }
