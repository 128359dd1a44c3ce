// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // what the hours of rules are held against

	"rivage.example/rivage"
)

// shorter is n, or few with -short, as under the race detector, which finds nothing in what one goroutine does alone.
func shorter(n, few uint64) uint64 {
	if testing.Short() {
		return few
	}
	return n
}

// naive reads rules as sentences, sharing nothing with the table: the oracle.
func naive(rules []Rule, r Request, at time.Time) (allowed bool, rule string) {
	for _, effect := range []Effect{Forbid, Allow} {
		for _, rule := range rules {
			if rule.Effect == effect && naiveApplies(rule, r, at) {
				return effect == Allow, rule.ID
			}
		}
	}
	return false, ""
}

func naiveApplies(rule Rule, r Request, at time.Time) bool {
	if !naiveIn(rule.Classes, r.Class) || !naiveIn(rule.Actions, r.Action) || !naiveIn(rule.Modes, r.Mode) || !naiveIn(rule.Purposes, r.Purpose) {
		return false
	}
	if !slices.Contains(rivage.DataClasses, r.Class) || !slices.Contains(rivage.Actions, r.Action) ||
		!slices.Contains(rivage.Modes, r.Mode) || !slices.Contains(Purposes, r.Purpose) {
		return false
	}
	if len(rule.Companies) > 0 && !naiveIn(rule.Companies, r.Place.Company) || len(rule.Fields) > 0 && !naiveIn(rule.Fields, r.Field) {
		return false
	}
	if !naiveHours(rule.Hours, at) {
		return false
	}
	day := at.UTC().Format(time.DateOnly)
	if !rule.From.IsZero() && day < rule.From.Format(time.DateOnly) || !rule.To.IsZero() && day > rule.To.Format(time.DateOnly) {
		return false
	}
	zone, real := sampleCountries[r.Place.Country], sampleCountries[r.Place.Country] != ""
	if !real || r.Place.Country == "GB" && day > "2031-12-27" {
		zone = rivage.ZoneOther
	}
	known := real && (r.Place.Evidence == rivage.Attested || r.Place.Evidence == rivage.Declared)
	home := r.Place.Telework
	switch {
	case rule.Effect == Allow && len(rule.Places) == 0 && home, // who works at home is allowed only by a rule that says so
		(known || rule.Effect == Allow) && home && !naiveIn(rule.Places, rivage.Telework),
		(known || rule.Effect == Allow) && !home && !naiveIn(rule.Places, rivage.Office):
		return false
	}
	if known {
		return naiveIn(rule.Evidence, r.Place.Evidence) && naiveIn(rule.Zones, zone) &&
			(len(rule.Countries) == 0 || naiveIn(rule.Countries, r.Place.Country))
	}
	if rule.Effect == Allow {
		return slices.Contains(rule.Evidence, rivage.Unknown) && naiveIn(rule.Zones, rivage.ZoneOther) &&
			(len(rule.Countries) == 0 || rule.Countries[0] == Any)
	}
	// a forbid reads what is claimed as well as what is not known
	return (naiveIn(rule.Evidence, rivage.Unknown) || naiveIn(rule.Evidence, r.Place.Evidence)) &&
		(naiveIn(rule.Zones, rivage.ZoneOther) || real && naiveIn(rule.Zones, zone)) &&
		(len(rule.Countries) == 0 || rule.Countries[0] == Any || real && naiveIn(rule.Countries, r.Place.Country))
}

// naiveHours asks a table of time zones, and looks whether the minute stands in one of the stretches.
func naiveHours(hours []string, at time.Time) bool {
	local := at.In(paris)
	for _, h := range hours {
		for back := range 2 { // of the day itself, or of the night before
			day := strings.ToLower(local.AddDate(0, 0, -back).Format("Mon"))
			if clock := local.Format("15:04"); slices.Contains(naiveStretches[h].days, day) && naiveStretches[h].holds(clock, back) {
				return true
			}
		}
	}
	return len(hours) == 0
}

type naiveStretch struct {
	days     []string
	from, to string
}

func (s naiveStretch) holds(clock string, back int) bool {
	if s.from < s.to {
		return back == 0 && clock >= s.from && clock < s.to
	}
	return back == 0 && clock >= s.from || back == 1 && clock < s.to
}

var (
	paris, _       = time.LoadLocation("Europe/Paris")
	naiveStretches = map[string]naiveStretch{
		"mon-fri 08:00-20:00": {[]string{"mon", "tue", "wed", "thu", "fri"}, "08:00", "20:00"},
		"sat 09:00-12:30":     {[]string{"sat"}, "09:00", "12:30"},
		"fri-mon 22:00-06:00": {[]string{"fri", "sat", "sun", "mon"}, "22:00", "06:00"},
		"sun 00:00-24:00":     {[]string{"sun"}, "00:00", "24:00"},
	}
)

// naiveIn is whether a list holds a value; an empty list holds all, which only a forbid has.
func naiveIn[T ~string](list []T, v T) bool {
	return len(list) == 0 || list[0] == Any || slices.Contains(list, v)
}

var (
	sampleCountries = map[rivage.Country]rivage.Zone{ // "" is a country nobody knows
		"FR": rivage.ZoneFR, "RE": rivage.ZoneFRRUP, "NC": rivage.ZoneFROMHorsUE, "PT": rivage.ZoneEU, "NO": rivage.ZoneEEA,
		"GB": rivage.ZoneAdequate, "US": rivage.ZoneAdequatePartial, "MA": rivage.ZoneOther, "TG": rivage.ZoneOther,
		"": "", "ZZ": "", "fr": "",
	}
	sampleCompanies = []rivage.ID{"ponant", "atlas", ""}
	sampleEvidence  = []rivage.Evidence{rivage.Attested, rivage.Declared, rivage.Unknown, ""}
	sampleFields    = []string{"", "caller", "note"}
	sampleDays      = []time.Time{day("2026-11-20"), day("2026-11-21"), day("2027-01-01").Add(-time.Microsecond), day("2027-01-01"), day("2032-01-01")}
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// enumerate calls f with every request: all classes, actions, modes and purposes and one value outside each, over the
// sample of places.
func enumerate(f func(Request)) {
	for r := range requests(sampleFields) {
		for country := range sampleCountries {
			for _, evidence := range sampleEvidence {
				for _, company := range sampleCompanies {
					r.Principal = "ponant"
					r.Place = rivage.Place{Company: company, Country: country, Zone: rivage.ZoneFR, Evidence: evidence}
					f(r)
					r.Place.Telework = true
					f(r)
				}
			}
		}
	}
	for _, r := range []Request{
		{Class: "secret", Action: rivage.ActOffer, Mode: rivage.ModeVoice, Purpose: rivage.PurposeService},
		{Class: rivage.ClassPublic, Action: "sell", Mode: rivage.ModeVoice, Purpose: rivage.PurposeService},
		{Class: rivage.ClassPublic, Action: rivage.ActOffer, Mode: "smell", Purpose: rivage.PurposeService},
		{Class: rivage.ClassPublic, Action: rivage.ActOffer, Mode: rivage.ModeVoice, Purpose: "curiosity"},
		{},
	} {
		r.Principal, r.Place = "ponant", rivage.Place{Country: "FR", Evidence: rivage.Attested}
		f(r)
	}
}

// randomRules makes a set that loads.
func randomRules(r *rand.Rand, n int) []Rule {
	rules := make([]Rule, n)
	for i := range rules {
		rule := Rule{
			ID: fmt.Sprintf("r%d", i), Effect: []Effect{Allow, Forbid}[r.IntN(2)], Reason: "raison", Basis: "art. 6",
			Classes: some(r, rivage.DataClasses), Actions: some(r, rivage.Actions), Modes: some(r, rivage.Modes),
			Evidence: some(r, rivage.Evidences), Purposes: some(r, Purposes), Zones: some(r, rivage.Zones),
		}
		if r.IntN(3) == 0 {
			rule.Companies = some(r, []rivage.ID{"ponant", "atlas"})
		}
		if r.IntN(3) == 0 {
			rule.Places = some(r, rivage.Surroundings)
		}
		if r.IntN(3) == 0 {
			rule.Fields = some(r, []string{"caller", "note"})
		}
		if r.IntN(3) == 0 {
			rule.From = sampleDays[1]
		}
		if r.IntN(3) == 0 {
			rule.To = day("2026-12-31")
		}
		if r.IntN(3) == 0 {
			rule.Hours = slices.Sorted(maps.Keys(naiveStretches))[r.IntN(4):]
		}
		if r.IntN(3) == 0 && !slices.Equal(rule.Evidence, []rivage.Evidence{rivage.Unknown}) {
			rule.Zones = []rivage.Zone{Any}
			rule.Countries = some(r, []rivage.Country{"FR", "RE", "GB", "MA", "TG"})
		}
		if rule.Effect == Forbid && r.IntN(2) == 0 {
			rule.Evidence, rule.Zones = nil, nil
		}
		rules[i] = rule
	}
	return rules
}

func some[T ~string](r *rand.Rand, of []T) []T {
	if r.IntN(3) == 0 {
		return []T{Any}
	}
	var list []T
	for _, v := range of {
		if r.IntN(2) == 0 {
			list = append(list, v)
		}
	}
	if len(list) == 0 {
		return []T{of[r.IntN(len(of))]}
	}
	return list
}

func compile(t testing.TB, rules []Rule) *Table {
	t.Helper()
	table, err := Compile("ponant", rules)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// Promise 2: the table answers as the oracle does, cell by cell, over the whole enumeration.
func TestTheTableAnswersAsTheOracleOverTheWholeEnumeration(t *testing.T) {
	var cells, allowed int
	for seed := range shorter(10, 3) {
		rules := randomRules(rand.New(rand.NewPCG(seed, 1)), 2+int(seed)*2)
		table := compile(t, rules)
		at := sampleDays[int(seed)%len(sampleDays)]
		enumerate(func(r Request) {
			d := table.Decide(r, at)
			want, rule := naive(rules, r, at)
			if d.Allowed != want || d.Rule != rule || d.Rules != table.Hash() || d.Reason == "" {
				t.Fatalf("seed %d: %+v at %s: got %+v, want %v by %q", seed, r, at, d, want, rule)
			}
			cells++
			if d.Allowed {
				allowed++
			}
		})
	}
	if allowed == 0 || allowed == cells {
		t.Fatalf("%d of %d cells allowed: the enumeration says nothing", allowed, cells)
	}
	t.Logf("%d cells, %d allowed", cells, allowed)
}

// Promise 2: a forbid that applies always wins, and adding a forbid never allows what was refused.
func TestAddingAForbidNeverAllows(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	rules := randomRules(r, 8)
	forbid := randomRules(r, 1)[0]
	forbid.ID, forbid.Effect = "added", Forbid
	before, after := compile(t, rules), compile(t, append(rules, forbid))
	at := sampleDays[2]
	enumerate(func(r Request) {
		was, is := before.Decide(r, at), after.Decide(r, at)
		if is.Allowed && !was.Allowed {
			t.Fatalf("%+v: refused before the forbid, allowed after", r)
		}
		if naiveApplies(forbid, r, at) && is.Allowed {
			t.Fatalf("%+v: allowed although a forbid applies", r)
		}
	})
}

// Unknown is never France: what is not known is allowed by a rule that names it, and by nothing else, whatever country
// the place states.
func TestAnUnknownPlaceIsAllowedOnlyByItsName(t *testing.T) {
	for seed := range uint64(5) {
		rules := randomRules(rand.New(rand.NewPCG(seed, 4)), 6)
		for i := range rules {
			rules[i].Effect = Allow
			if len(rules[i].Evidence) == 0 || slices.Contains(rules[i].Evidence, rivage.Unknown) {
				rules[i].Evidence = []rivage.Evidence{Any}
			}
			if len(rules[i].Zones) == 0 {
				rules[i].Zones = []rivage.Zone{Any}
			}
		}
		without := compile(t, rules)
		named := rules[0]
		named.ID, named.Evidence = "named", []rivage.Evidence{rivage.Unknown}
		named.Zones, named.Modes, named.Fields, named.Companies = []rivage.Zone{Any}, []rivage.Mode{Any}, nil, nil
		named.Countries, named.Purposes, named.From, named.To, named.Hours = nil, []rivage.Purpose{Any}, time.Time{}, time.Time{}, nil
		with := compile(t, append(rules, named))
		at, allowed := sampleDays[2], 0
		enumerate(func(r Request) {
			if r.Place.Evidence == rivage.Attested || r.Place.Evidence == rivage.Declared {
				return
			}
			if d := without.Decide(r, at); d.Allowed {
				t.Fatalf("%+v: allowed by %s, which does not name the unknown", r, d.Rule)
			}
			if d := with.Decide(r, at); d.Allowed {
				allowed++
			}
		})
		if allowed == 0 {
			t.Errorf("seed %d: %+v allows nothing", seed, named)
		}
	}
}
