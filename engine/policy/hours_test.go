// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

// The legal time is that of the table of time zones, on both sides of every change of the clocks.
func TestTheLegalTimeIsThatOfParis(t *testing.T) {
	for at := day("2024-12-31"); at.Year() < 2036; at = at.Add(37 * time.Minute) {
		if got, want := LegalTime(at).Format(time.DateTime), at.In(paris).Format(time.DateTime); got != want {
			t.Fatalf("%s: %s, want %s", at.Format(time.RFC3339), got, want)
		}
		y, m, d := at.In(paris).Date()
		if got, want := LegalDay(at), time.Date(y, m, d, 0, 0, 0, 0, paris); !got.Equal(want) {
			t.Fatalf("%s: its day begins at %s, want %s", at.Format(time.RFC3339), got, want.UTC())
		}
	}
}

// hourly is a rule of the agents in France, in some hours only.
func hourly(hours ...string) []Rule {
	return []Rule{{
		ID: "jour", Effect: Allow, Reason: "De jour.", Basis: "contrat", Classes: []rivage.DataClass{Any}, Actions: []rivage.Action{Any},
		Modes: []rivage.Mode{Any}, Zones: []rivage.Zone{Any}, Evidence: []rivage.Evidence{Any}, Purposes: []rivage.Purpose{Any}, Hours: hours,
	}}
}

var hourlyRequest = Request{
	Principal: "ponant", Class: rivage.ClassPublic, Action: rivage.ActOffer, Mode: rivage.ModeVoice, Purpose: rivage.PurposeService,
	Place: rivage.Place{Country: "FR", Evidence: rivage.Attested},
}

// A rule holds in its hours and at no other minute, through a year with both changes of the clocks.
func TestARuleHoldsInItsHours(t *testing.T) {
	for _, hours := range [][]string{
		{"mon-fri 08:00-20:00", "sat 09:00-12:30"}, {"fri-mon 22:00-06:00"}, {"sun 00:00-24:00"}, slices.Sorted(maps.Keys(naiveStretches)),
	} {
		table := compile(t, hourly(hours...))
		for at := day("2026-01-01"); at.Year() == 2026; at = at.Add(7*time.Minute + 13*time.Second) {
			if got, want := table.Decide(hourlyRequest, at).Allowed, naiveHours(hours, at); got != want {
				t.Fatalf("%q at %s: allowed %v, want %v", hours, at.In(paris), got, want)
			}
		}
	}
}

// Whoever keeps an answer until NextChange never keeps one that is not true any more, and a grant ends with its hours.
func TestNothingChangesBetweenTwoChangesOfHours(t *testing.T) {
	g := NewGate(Unbounded(), compile(t, hourly("mon-fri 08:00-20:00", "fri-mon 22:00-06:00")))
	at, changes := day("2026-03-20"), 0
	for at.Before(day("2026-04-05")) { // the clocks change on the 29th
		next, ok := g.NextChange(at)
		if !ok || !next.After(at) {
			t.Fatalf("after %s: %s, %v", at, next, ok)
		}
		answer := g.Decide(hourlyRequest, at).Allowed
		for m := at; m.Before(next); m = m.Add(time.Minute) {
			if g.Decide(hourlyRequest, m).Allowed != answer {
				t.Fatalf("%s: the answer changed before %s", m.In(paris), next.In(paris))
			}
		}
		at, changes = next, changes+1
	}
	if changes < 16*2 {
		t.Errorf("%d changes in 16 days: the walk says nothing", changes)
	}
	evening := time.Date(2026, 3, 23, 19, 58, 30, 0, paris)
	grant, d := g.Ask(hourlyRequest, evening, 5*time.Minute)
	if !d.Allowed || !grant.end.Equal(evening.Add(90*time.Second)) {
		t.Errorf("the grant of %s ends at %s, want 20:00", evening, grant.end.In(paris))
	}
}

func TestTheSameHourOfAnotherWeek(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 30, 0, 0, time.UTC) // a Saturday
	for _, at := range []time.Time{now, now.AddDate(0, 0, -7), now.Add(-26*time.Hour - 7*time.Minute), now.AddDate(0, 0, -21).Add(time.Hour)} {
		got := SameHour(at, now)
		if minuteOfWeek(got) != minuteOfWeek(at) || got.Before(now) || got.Sub(now) >= 7*24*time.Hour {
			t.Errorf("%s: %s", at, got)
		}
	}
}

// Hours that say nothing or nonsense do not load.
func TestHoursThatAreNotUnderstoodDoNotLoad(t *testing.T) {
	for _, bad := range []string{
		"", "mon", "08:00-20:00", "lun-ven 08:00-20:00", "mon-fri 8:00-20:00", "mon-fri 08:00-25:00", "mon-fri 08:60-20:00",
		"mon-fri 08:00", "mon-fri 08:00-08:00", "mon-fri 24:00-06:00", "mon-fri  08:00-20:00", "mon-fri 08:00-20:00-22:00", "mon-xyz 08:00-20:00",
	} {
		if _, err := Compile("ponant", hourly(bad)); err == nil || !strings.Contains(err.Error(), "hours") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := Compile("ponant", hourly(slices.Repeat([]string{"mon 08:00-09:00"}, maxHours+1)...)); err == nil {
		t.Error("too many stretches are taken")
	}
	if _, err := Compile("ponant", hourly("mon-sun 00:00-24:00")); err != nil {
		t.Error(err)
	}
}

// Hours change the hash, their order does not; a rule without them says nothing of them, so that hashes of older entries
// stay.
func TestHoursAreInTheHash(t *testing.T) {
	without, with := compile(t, hourly()), compile(t, hourly("sat 09:00-12:30", "mon-fri 08:00-20:00"))
	if without.Hash() == with.Hash() || with.Hash() != compile(t, hourly("mon-fri 08:00-20:00", "sat 09:00-12:30")).Hash() {
		t.Errorf("%s, %s", without.Hash(), with.Hash())
	}
	if text, err := json.Marshal(hourly()[0]); err != nil || strings.Contains(string(text), "Hours") {
		t.Errorf("%s, %v", text, err)
	}
}

// The instants at which everything is asked hold every way in which hours meet, each once.
func TestTheInstantsHoldEveryStateOfHours(t *testing.T) {
	rules := append(hourly("mon-fri 08:00-20:00"), hourly("fri-mon 22:00-06:00")...)
	rules[1].ID = "nuit"
	g := NewGate(Unbounded(), compile(t, rules))
	at, states := day("2026-11-23"), map[string]int{}
	for _, i := range g.Instants(at) {
		states[g.hold(i)]++
	}
	for m := at; m.Before(at.AddDate(0, 0, 7)); m = m.Add(time.Minute) {
		if states[g.hold(m)] != 1 {
			t.Fatalf("at %s the state %q stands %d times among %v", m, g.hold(m), states[g.hold(m)], states)
		}
	}
	if plain := NewGate(Unbounded(), compile(t, hourly())); len(plain.Instants(at)) != 1 {
		t.Error("without hours there is one instant")
	}
}
