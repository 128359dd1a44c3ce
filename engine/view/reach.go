// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"
	"errors"
	"sync"
	"time"

	"rivage.example/rivage"
)

// ErrReach is why somebody is shown nobody else for now: the frame bounds how many persons an account reaches in an hour.
var ErrReach = errors.New("too many persons within an hour without an interaction in hand")

// reaches counts the persons that each account reached within the hour without an interaction with them in hand.
type reaches struct {
	mu sync.Mutex
	of map[rivage.ID]*reach // owned by mu
}

type reach struct {
	persons map[rivage.ID]time.Time // when last reached
	told    map[telling]time.Time   // when those who watch were last told
}

// telling is what there is to tell, once an hour.
type telling struct {
	what    rivage.Unusual
	stopped bool
}

// take counts persons that an account is about to reach: n of this hour in all, and whether these go beyond the bound, in
// which case those that are new do not count.
func (r *reaches) take(account rivage.ID, persons []rivage.ID, most int, now time.Time) (n int, stopped bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	x := r.at(account)
	for id, at := range x.persons {
		if now.Sub(at) >= time.Hour {
			delete(x.persons, id)
		}
	}
	others := 0
	for _, id := range persons {
		if _, again := x.persons[id]; !again {
			others++
		}
	}
	if len(x.persons)+others > most {
		return len(x.persons), true
	}
	for _, id := range persons {
		x.persons[id] = now
	}
	return len(x.persons), false
}

// at is the reach of an account; r.mu is held.
func (r *reaches) at(account rivage.ID) *reach {
	if r.of == nil {
		r.of = map[rivage.ID]*reach{}
	}
	x := r.of[account]
	if x == nil {
		x = &reach{persons: map[rivage.ID]time.Time{}, told: map[telling]time.Time{}}
		r.of[account] = x
	}
	return x
}

// first says whether something was not told of an account for an hour, and takes it as told.
func (r *reaches) first(account rivage.ID, t telling, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	x := r.at(account)
	if at, ok := x.told[t]; ok && now.Sub(at) < time.Hour {
		return false
	}
	x.told[t] = now
	return true
}

// untold takes back that it was told: it could not be written down.
func (r *reaches) untold(account rivage.ID, t telling) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.at(account).told, t)
}

// reach is asked before u is shown persons without an interaction with them in hand. It tells those who watch what is
// unusual, and refuses what goes beyond the bound.
func (v *View) reach(ctx context.Context, u User, persons ...rivage.ID) error {
	if len(persons) == 0 {
		return nil
	}
	now, bounds := v.c.Clock.Now(), v.c.Settings().Bounds()
	n, stopped := v.reaches.take(u.Account, persons, bounds.Most, now)
	if n >= bounds.Told || stopped {
		if err := v.tellUnusual(ctx, u, telling{rivage.UnusualPersons, stopped}, int64(n)); err != nil {
			return err
		}
	}
	if stopped {
		return &rivage.Error{Code: rivage.Busy, Message: "show another person", Err: ErrReach}
	}
	return v.reachAt(ctx, u, now)
}

// reachAt tells, once an hour, of who reaches persons while not usually at work.
func (v *View) reachAt(ctx context.Context, u User, now time.Time) error {
	t := telling{what: rivage.UnusualHours}
	if !v.reaches.first(u.Account, t, now) {
		return nil
	}
	odd, err := v.c.Outside.OddHour(ctx, u.Account)
	if err == nil && odd {
		err = v.writeDown(ctx, []rivage.Entry{v.unusualEntry(u, t, 0)})
	}
	if err != nil {
		v.reaches.untold(u.Account, t)
	}
	return err
}

// tellUnusual writes down, once an hour, what is unusual about an account.
func (v *View) tellUnusual(ctx context.Context, u User, t telling, persons int64) error {
	if !v.reaches.first(u.Account, t, v.c.Clock.Now()) {
		return nil
	}
	err := v.writeDown(ctx, []rivage.Entry{v.unusualEntry(u, t, persons)})
	if err != nil {
		v.reaches.untold(u.Account, t)
	}
	return err
}

func (v *View) unusualEntry(u User, t telling, persons int64) rivage.Entry {
	return rivage.Entry{
		Stream: rivage.StreamOf("access", u.Account), Principal: rivage.Organisation, At: v.c.Clock.Now(), Actor: u.Subject,
		Facts: &rivage.AccessUnusual{Account: u.Account, Session: u.Session, What: t.what, Persons: persons, Stopped: t.stopped, Place: u.Place},
		Leaf:  rivage.Leaf{Role: u.Rights.Main(), Site: u.Place.Site, Country: u.Place.Vouched(), Evidence: u.Place.Evidence, Outcome: "unusual"},
	}
}
