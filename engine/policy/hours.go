// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Hours of rules are the legal time of metropolitan France: UTC+1, and UTC+2 from the last Sunday of March to the last
// Sunday of October, both at 01:00 UTC (directive 2000/84/EC). It is worked out here, so that a decision is the same on
// every machine, whatever table of time zones it holds.

const (
	dayMinutes  = 24 * 60
	weekMinutes = 7 * dayMinutes
	maxHours    = 20 // stretches of one rule
)

// LegalTime is an instant as clocks in metropolitan France show it. Its location is UTC and means nothing.
func LegalTime(at time.Time) time.Time { return at.UTC().Add(legalOffset(at)) }

// LegalDay is the first instant of the day that calendars in metropolitan France show at an instant.
func LegalDay(at time.Time) time.Time {
	local := LegalTime(at).Truncate(24 * time.Hour)
	for _, offset := range [...]time.Duration{2 * time.Hour, time.Hour} {
		if first := local.Add(-offset); LegalTime(first).Equal(local) {
			return first
		}
	}
	return local // not reached: the clocks never change at midnight
}

func legalOffset(at time.Time) time.Duration {
	at = at.UTC()
	if y := at.Year(); !at.Before(lastSunday(y, time.March)) && at.Before(lastSunday(y, time.October)) {
		return 2 * time.Hour
	}
	return time.Hour
}

// lastSunday is 01:00 UTC of the last Sunday of a month of 31 days.
func lastSunday(year int, month time.Month) time.Time {
	last := time.Date(year, month, 31, 1, 0, 0, 0, time.UTC)
	return last.AddDate(0, 0, -int(last.Weekday()))
}

// SameHour is the first instant from now on at which the week stands where it stood at an instant: what was done on a Tuesday at
// noon would be done on a Tuesday at noon.
func SameHour(at, now time.Time) time.Time {
	ahead := (minuteOfWeek(at) - minuteOfWeek(now) + weekMinutes) % weekMinutes
	then := now.Add(time.Duration(ahead) * time.Minute)
	return then.Add(legalOffset(now) - legalOffset(then)) // the clocks may change between
}

// week is the set of the minutes of a week, from Monday 00:00, in which something holds.
type week [weekMinutes/64 + 1]uint64

func (w *week) add(minute int)      { w[minute/64] |= 1 << (minute % 64) }
func (w *week) has(minute int) bool { return w[minute/64]&(1<<(minute%64)) != 0 }

// minuteOfWeek is where in the week an instant stands, by the legal time.
func minuteOfWeek(at time.Time) int {
	local := LegalTime(at)
	return (int(local.Weekday())+6)%7*dayMinutes + local.Hour()*60 + local.Minute()
}

// weekDays are the words of days, in order.
var weekDays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// weekOf reads stretches such as "mon-fri 08:00-20:00" and "sat 22:00-06:00", which ends on Sunday. Both ends are
// minutes; the second is the first one outside, "24:00" the end of the day. An empty list is nil: always.
func weekOf(list []string) (*week, error) {
	if len(list) == 0 {
		return nil, nil
	}
	if len(list) > maxHours {
		return nil, fmt.Errorf("%d stretches, at most %d", len(list), maxHours)
	}
	var w week
	for _, text := range list {
		if err := w.stretch(text); err != nil {
			return nil, err
		}
	}
	return &w, nil
}

func (w *week) stretch(text string) error {
	bad := fmt.Errorf("%q, want days and hours such as \"mon-fri 08:00-20:00\"", text)
	days, hours, ok := strings.Cut(text, " ")
	if !ok {
		return bad
	}
	first, last, several := strings.Cut(days, "-")
	if !several {
		last = first
	}
	from, to, ok := strings.Cut(hours, "-")
	i, j := slices.Index(weekDays, first), slices.Index(weekDays, last)
	start, okStart := minuteOf(from)
	end, okEnd := minuteOf(to)
	if !ok || i < 0 || j < 0 || !okStart || !okEnd || start == end || start == dayMinutes {
		return bad
	}
	if end < start {
		end += dayMinutes // the night that follows
	}
	for d := i; ; d = (d + 1) % 7 {
		for m := start; m < end; m++ {
			w.add((d*dayMinutes + m) % weekMinutes)
		}
		if d == j {
			return nil
		}
	}
}

// minuteOf reads "08:30".
func minuteOf(text string) (int, bool) {
	h, m, ok := strings.Cut(text, ":")
	if !ok || len(h) != 2 || len(m) != 2 {
		return 0, false
	}
	hour, err1 := strconv.ParseUint(h, 10, 8)
	minute, err2 := strconv.ParseUint(m, 10, 8)
	at := int(hour)*60 + int(minute)
	return at, err1 == nil && err2 == nil && minute < 60 && at <= dayMinutes
}

// nextHour is the first instant after at, and not after limit, at which a rule's hours begin or end, or the clocks change, in
// microseconds.
func (t *Table) nextHour(at, limit int64) (int64, bool) {
	if len(t.turns) == 0 {
		return 0, false
	}
	const minute = int64(time.Minute / time.Microsecond)
	now := time.UnixMicro(at)
	m := minuteOfWeek(now)
	i, found := slices.BinarySearch(t.turns, m)
	if found {
		i++
	}
	ahead := t.turns[i%len(t.turns)] - m
	if ahead <= 0 {
		ahead += weekMinutes
	}
	next := at - at%minute + int64(ahead)*minute
	if change := nextClock(now).UnixMicro(); change < next {
		next = change
	}
	return next, next <= limit
}

// nextClock is when the clocks change next.
func nextClock(at time.Time) time.Time {
	y := at.UTC().Year()
	for _, change := range [...]time.Time{lastSunday(y, time.March), lastSunday(y, time.October)} {
		if change.After(at) {
			return change
		}
	}
	return lastSunday(y+1, time.March)
}

// turnsOf are the minutes of the week at which any of some hours begins or ends to hold, in order.
func turnsOf(all []*week) (list []int) {
	for m := range weekMinutes {
		if slices.ContainsFunc(all, func(w *week) bool { return w.has(m) != w.has((m+weekMinutes-1)%weekMinutes) }) {
			list = append(list, m)
		}
	}
	return list
}

// Instants are at, and for each other way in which hours of rules hold or not, the first instant of the week after it: asked
// at all of them, rules have given every answer that their hours let them give.
func (g *Gate) Instants(at time.Time) []time.Time {
	list, seen := []time.Time{at}, map[string]bool{}
	if g == nil {
		return list
	}
	seen[g.hold(at)] = true
	for next, ok := g.NextChange(at); ok && next.Sub(at) <= 7*24*time.Hour; next, ok = g.NextChange(next) {
		if state := g.hold(next); !seen[state] {
			seen[state] = true
			list = append(list, next)
		}
	}
	return list
}

// hold names the rules with hours whose hours hold at an instant.
func (g *Gate) hold(at time.Time) string {
	var b strings.Builder
	minute := minuteOfWeek(at)
	for _, principal := range g.Principals() {
		t := g.tables[principal]
		for i := 0; t != nil && i < len(t.rules); i++ {
			if h := t.rules[i].hours; h != nil && h.has(minute) {
				fmt.Fprintf(&b, "%s %s,", principal, t.rules[i].decision.Rule)
			}
		}
	}
	return b.String()
}
