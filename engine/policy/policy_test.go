// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

// ponantRules is a small set as an organisation would write it.
func ponantRules() []Rule {
	return []Rule{
		{
			ID: "france", Effect: Allow, Reason: "traitement en France", Basis: "RGPD art. 6.1.b",
			Classes: []rivage.DataClass{Any}, Actions: []rivage.Action{Any}, Modes: []rivage.Mode{Any},
			Zones: []rivage.Zone{rivage.ZoneFR}, Evidence: []rivage.Evidence{Any}, Purposes: []rivage.Purpose{Any},
		},
		{
			ID: "maroc-voix", Effect: Allow, Reason: "suivi de colis depuis Casablanca", Basis: "CCT module 2 (fictif)",
			From: day("2026-01-01"), To: day("2026-12-31"),
			Classes: []rivage.DataClass{rivage.ClassTracking}, Actions: []rivage.Action{rivage.ActOffer, rivage.ActLeg},
			Modes: []rivage.Mode{rivage.ModeVoice}, Zones: []rivage.Zone{rivage.ZoneOther}, Countries: []rivage.Country{"MA"},
			Companies: []rivage.ID{"atlas"}, Evidence: []rivage.Evidence{rivage.Attested}, Purposes: []rivage.Purpose{rivage.PurposeService},
		},
		{ID: "sante-hors-ue", Effect: Forbid, Reason: "les données de santé restent dans l'Union", Basis: "RGPD art. 9",
			Classes: []rivage.DataClass{rivage.ClassHealth}, Zones: []rivage.Zone{rivage.ZoneOther}},
	}
}

func casablanca() Request {
	return Request{
		Principal: "ponant", Action: rivage.ActOffer, Class: rivage.ClassTracking, Mode: rivage.ModeVoice,
		Purpose: rivage.PurposeService, Target: "leg",
		Place: rivage.Place{Site: "casablanca", Company: "atlas", Country: "MA", Evidence: rivage.Attested},
	}
}

func TestDecisions(t *testing.T) {
	table := compile(t, ponantRules())
	now := day("2026-11-21")
	brest := casablanca()
	brest.Place = rivage.Place{Site: "brest", Company: "ponant", Country: "FR", Evidence: rivage.Declared}
	for _, c := range []struct {
		name string
		from Request
		with func(*Request)
		at   time.Time
		rule string
		ok   bool
	}{
		{"allowed by its rule", casablanca(), func(*Request) {}, now, "maroc-voix", true},
		{"another company", casablanca(), func(r *Request) { r.Place.Company = "other" }, now, "", false},
		{"declared is not attested", casablanca(), func(r *Request) { r.Place.Evidence = rivage.Declared }, now, "", false},
		{"a view is not a voice", casablanca(), func(r *Request) { r.Mode = rivage.ModeView }, now, "", false},
		{"last day", casablanca(), func(*Request) {}, day("2027-01-01").Add(-1), "maroc-voix", true},
		{"day after the last", casablanca(), func(*Request) {}, day("2027-01-01"), "", false},
		{"first day", casablanca(), func(*Request) {}, day("2026-01-01"), "maroc-voix", true},
		{"day before the first", casablanca(), func(*Request) {}, day("2026-01-01").Add(-1), "", false},
		{"health outside", casablanca(), func(r *Request) { r.Class = rivage.ClassHealth }, now, "sante-hors-ue", false},
		{"France", brest, func(*Request) {}, now, "france", true},
		{"health in France", brest, func(r *Request) { r.Class = rivage.ClassHealth }, now, "france", true},
		{"unknown is never France", brest, func(r *Request) { r.Place.Evidence = rivage.Unknown }, now, "", false},
		{"no evidence is unknown", brest, func(r *Request) { r.Place.Evidence = "" }, now, "", false},
		{"no country is unknown", brest, func(r *Request) { r.Place.Country = "" }, now, "", false},
		{"the caller's zone is not believed", brest, func(r *Request) { r.Place.Country, r.Place.Zone = "MA", rivage.ZoneFR }, now, "", false},
		{"health from nowhere", brest, func(r *Request) { r.Class, r.Place = rivage.ClassHealth, rivage.Place{} }, now, "sante-hors-ue", false},
		{"another Principal", brest, func(r *Request) { r.Principal = "mutuelle" }, now, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := c.from
			c.with(&r)
			d := table.Decide(r, c.at)
			if d.Allowed != c.ok || d.Rule != c.rule {
				t.Errorf("got %v by %q (%s), want %v by %q", d.Allowed, d.Rule, d.Reason, c.ok, c.rule)
			}
		})
	}
}

func TestUnknownIsAllowedOnlyByItsName(t *testing.T) {
	rule := ponantRules()[0]
	rule.Zones, rule.Evidence = []rivage.Zone{Any}, []rivage.Evidence{rivage.Unknown}
	unknown := casablanca()
	unknown.Place = rivage.Place{}
	if d := compile(t, []Rule{rule}).Decide(unknown, day("2026-11-21")); !d.Allowed {
		t.Errorf("a rule that names unknown refuses: %+v", d)
	}
	rule.Evidence = []rivage.Evidence{Any}
	if d := compile(t, []Rule{rule}).Decide(unknown, day("2026-11-21")); d.Allowed {
		t.Error("any evidence allows a place that is not known")
	}
}

func TestAForbidIsNotEscapedByProvingLess(t *testing.T) {
	allow := ponantRules()[0]
	allow.Zones, allow.Evidence = []rivage.Zone{Any}, []rivage.Evidence{rivage.Attested, rivage.Declared, rivage.Unknown}
	r := casablanca()
	r.Place.Country, r.Place.Evidence = "PT", rivage.Unknown // says Portugal, proves nothing
	for name, forbid := range map[string]Rule{
		"zone":    {Zones: []rivage.Zone{rivage.ZoneEU}},
		"country": {Countries: []rivage.Country{"PT"}},
		"other":   {Zones: []rivage.Zone{rivage.ZoneOther}},
		"unknown": {Evidence: []rivage.Evidence{rivage.Unknown}},
	} {
		forbid.ID, forbid.Effect, forbid.Reason, forbid.Basis = "forbid", Forbid, "interdit", "contrat"
		if d := compile(t, []Rule{allow, forbid}).Decide(r, day("2026-11-21")); d.Rule != "forbid" {
			t.Errorf("%s: got %+v", name, d)
		}
	}
	r.Place.Country, r.Place.Evidence = "ZZ", rivage.Attested // attested, in no country
	forbid := Rule{ID: "attested", Effect: Forbid, Reason: "interdit", Basis: "contrat", Evidence: []rivage.Evidence{rivage.Attested}}
	if d := compile(t, []Rule{allow, forbid}).Decide(r, day("2026-11-21")); d.Rule != "attested" {
		t.Errorf("evidence: got %+v", d)
	}
}

func TestWhatDoesNotLoadIsNamed(t *testing.T) {
	for _, c := range []struct {
		name, want string
		with       func(*Rule)
	}{
		{"no id", "rule number 1: id", func(r *Rule) { r.ID = "" }},
		{"effect", `rule "x": effect: "permit"`, func(r *Rule) { r.Effect = "permit" }},
		{"reason", `rule "x": reason: missing`, func(r *Rule) { r.Reason = " " }},
		{"basis", `rule "x": basis: missing`, func(r *Rule) { r.Basis = "" }},
		{"control", `rule "x": reason: holds`, func(r *Rule) { r.Reason = "a\x1b[2J" }},
		{"omitted classes", `rule "x": classes: missing`, func(r *Rule) { r.Classes = nil }},
		{"omitted actions", `rule "x": actions: missing`, func(r *Rule) { r.Actions = nil }},
		{"omitted modes", `rule "x": modes: missing`, func(r *Rule) { r.Modes = nil }},
		{"omitted zones", `rule "x": zones: missing`, func(r *Rule) { r.Zones = nil }},
		{"omitted evidence", `rule "x": evidence: missing`, func(r *Rule) { r.Evidence = nil }},
		{"omitted purposes", `rule "x": purposes: missing`, func(r *Rule) { r.Purposes = nil }},
		{"class", `rule "x": classes: "secret", want one of`, func(r *Rule) { r.Classes = []rivage.DataClass{"secret"} }},
		{"any and more", `rule "x": zones: "*" stands alone`, func(r *Rule) { r.Zones = []rivage.Zone{Any, rivage.ZoneEU} }},
		{"twice", `rule "x": modes: "view" stands twice`, func(r *Rule) { r.Modes = []rivage.Mode{"view", "view"} }},
		{"country", `rule "x": countries: "ZZ" is not a country`, func(r *Rule) { r.Countries = []rivage.Country{"ZZ"} }},
		{"country out of zone", `rule "x": countries: MA is in zone OTHER`, func(r *Rule) { r.Countries = []rivage.Country{"MA"} }},
		{"never applies", `rule "x": countries: a place that is not known`, func(r *Rule) {
			r.Evidence, r.Countries = []rivage.Evidence{rivage.Unknown}, []rivage.Country{"FR"}
		}},
		{"company", `rule "x": companies: "Atlas SA"`, func(r *Rule) { r.Companies = []rivage.ID{"Atlas SA"} }},
		{"field", `rule "x": fields: "le nom"`, func(r *Rule) { r.Fields = []string{"le nom"} }},
		{"hour", `rule "x": from: want a day`, func(r *Rule) { r.From = day("2026-01-01").Add(time.Hour) }},
		{"order of days", `rule "x": to: the last day`, func(r *Rule) { r.From, r.To = day("2026-01-02"), day("2026-01-01") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := ponantRules()[0]
			r.ID = "x"
			c.with(&r)
			_, err := Compile("ponant", []Rule{r})
			var re *RuleError
			if err == nil || !strings.Contains(err.Error(), c.want) || !errors.As(err, &re) || rivage.CodeOf(err) != rivage.Invalid {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	twice := ponantRules()
	twice[1].ID = twice[0].ID
	if _, err := Compile("ponant", twice); err == nil || !strings.Contains(err.Error(), "another rule") {
		t.Errorf("got %v, want a refusal of the id that stands twice", err)
	}
	if _, err := Compile("ponant", make([]Rule, MaxRules+1)); err == nil {
		t.Error("a set without limit loads")
	}
}

func TestTheHashNamesTheRuleSet(t *testing.T) {
	first := compile(t, ponantRules())
	same := ponantRules()
	slices.Reverse(same[1].Actions)
	if got := compile(t, same).Hash(); got != first.Hash() {
		t.Error("the order of values within a list changes the hash")
	}
	seen := map[string]int{first.Hash(): -1}
	for i, change := range []func([]Rule){
		func(r []Rule) { r[0].Reason += "." },
		func(r []Rule) { r[1].To = day("2026-12-30") },
		func(r []Rule) { r[1].Companies = nil },
		func(r []Rule) { r[1].Places = rivage.Surroundings[1:] },
		func(r []Rule) { r[0], r[1] = r[1], r[0] },
		func(r []Rule) { r[2].Effect, r[2].Classes = Forbid, nil },
	} {
		rules := ponantRules()
		change(rules)
		h := compile(t, rules).Hash()
		if other, dup := seen[h]; dup {
			t.Errorf("change %d hashes like %d", i, other)
		}
		seen[h] = i
	}
	if other, _ := Compile("mutuelle", ponantRules()); other.Hash() == first.Hash() {
		t.Error("two Principals share a hash")
	}
	const frozen = "e6ebe0b3e9ce07f62d0af54181df8ea5becc9883a61d73adffa6285151f85d8a"
	if first.Hash() != frozen {
		t.Errorf("the hash of the same rules is now %s, was %s: entries of the past cite the old one", first.Hash(), frozen)
	}
}

func TestDecidingDoesNotAllocate(t *testing.T) {
	table := compile(t, ponantRules())
	r, at := casablanca(), day("2026-11-21")
	if n := testing.AllocsPerRun(100, func() { table.Decide(r, at) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func TestAGrantIsForOneActionOnOneTargetAndEnds(t *testing.T) {
	g := NewGate(Unbounded(), compile(t, ponantRules()))
	now := day("2026-11-21")
	grant, d := g.Ask(casablanca(), now, time.Minute)
	if !d.Allowed || grant.Decision() != d {
		t.Fatalf("got %+v", d)
	}
	for _, c := range []struct {
		name   string
		action rivage.Action
		target rivage.ID
		at     time.Time
		ok     bool
	}{
		{"asked for", rivage.ActOffer, "leg", now, true},
		{"last instant", rivage.ActOffer, "leg", now.Add(time.Minute - 1), true},
		{"ended", rivage.ActOffer, "leg", now.Add(time.Minute), false},
		{"another action", rivage.ActRecord, "leg", now, false},
		{"another target", rivage.ActOffer, "other", now, false},
	} {
		if err := grant.Check(c.action, c.target, c.at); (err == nil) != c.ok || err != nil && rivage.CodeOf(err) != rivage.Denied {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
	var none Grant
	if none.Check("", "", now) == nil {
		t.Error("the zero grant allows")
	}
}

func TestAGrantDoesNotOutliveItsRule(t *testing.T) {
	g := NewGate(Unbounded(), compile(t, ponantRules()))
	now := day("2026-12-31").Add(23 * time.Hour)
	grant, _ := g.Ask(casablanca(), now, 24*time.Hour)
	if err := grant.Check(rivage.ActOffer, "leg", day("2027-01-01").Add(-1)); err != nil {
		t.Error(err)
	}
	if grant.Check(rivage.ActOffer, "leg", day("2027-01-01")) == nil {
		t.Error("the grant outlives the rule")
	}
	if at, ok := g.NextChange(now); !ok || !at.Equal(day("2027-01-01")) {
		t.Errorf("next change %v %v, want 2027-01-01", at, ok)
	}
	if at, ok := g.NextChange(day("2027-01-01")); !ok || !at.Equal(day("2031-12-28")) {
		t.Errorf("next change %v %v, want the end of the British adequacy", at, ok)
	}
	if at, ok := g.NextChange(day("2040-01-01")); ok {
		t.Errorf("next change %v, want none", at)
	}
}

func TestAGateWithoutATableRefuses(t *testing.T) {
	table := compile(t, ponantRules())
	var none *Gate
	for name, g := range map[string]*Gate{"nil": none, "empty": NewGate(Unbounded()), "two of one": NewGate(Unbounded(), table, table), "nil table": NewGate(Unbounded(), nil)} {
		grant, d := g.Ask(casablanca(), day("2026-11-21"), time.Hour)
		if d.Allowed || d.Reason != ReasonNoTable || grant.Check(rivage.ActOffer, "leg", day("2026-11-21")) == nil {
			t.Errorf("%s: got %+v", name, d)
		}
		if len(g.Explain(casablanca(), day("2026-11-21"))) != 0 {
			t.Errorf("%s: explains rules it does not have", name)
		}
	}
}

func TestExplainGivesTheDecidingRuleFirstThenNearMisses(t *testing.T) {
	g := NewGate(Unbounded(), compile(t, ponantRules()))
	r := casablanca()
	r.Class = rivage.ClassHealth
	got := g.Explain(r, day("2026-11-21"))
	if len(got) != 3 || got[0].Rule != "sante-hors-ue" || !got[0].Decides || got[1].Rule != "france" ||
		!slices.Equal(got[1].Misses, []string{"zones"}) || got[2].Rule != "maroc-voix" || !slices.Equal(got[2].Misses, []string{"classes"}) {
		t.Errorf("got %+v", got)
	}
}

func TestTheMatrixIsTotal(t *testing.T) {
	rules := ponantRules()
	rules[2].Fields = []string{"note"}
	table := compile(t, rules)
	places := []rivage.Place{{Country: "FR", Evidence: rivage.Attested}, casablanca().Place, {}}
	n := 0
	for c := range NewGate(Unbounded(), table).Matrix("ponant", places, day("2026-11-21")) {
		if want := table.Decide(c.Request, day("2026-11-21")); c.Decision != want {
			t.Fatalf("%+v: got %+v, want %+v", c.Request, c.Decision, want)
		}
		n++
	}
	if want := 3 * 6 * 4 * 4 * (5 + 2); n != want { // the action field stands for two fields
		t.Errorf("%d cells, want %d", n, want)
	}
}

func BenchmarkDecide30Rules(b *testing.B) {
	rules := ponantRules()
	for i := range 27 {
		r := rules[2]
		r.ID, r.Classes, r.Companies = "f"+strconv.Itoa(i), []rivage.DataClass{rivage.ClassTracking}, []rivage.ID{"other"}
		rules = append(rules, r)
	}
	table, r, at := compile(b, rules), casablanca(), day("2026-11-21")
	b.ReportAllocs()
	for b.Loop() {
		if !table.Decide(r, at).Allowed {
			b.Fatal("refused")
		}
	}
}
