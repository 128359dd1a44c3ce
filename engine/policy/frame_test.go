// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

// everything is a rule that allows all there is, so that only the frame refuses.
func everything() Rule {
	return Rule{
		ID: "tout", Effect: Allow, Reason: "Tout.", Basis: "aucune",
		Classes: []rivage.DataClass{Any}, Actions: []rivage.Action{Any}, Modes: []rivage.Mode{Any}, Zones: []rivage.Zone{Any},
		Evidence: rivage.Evidences, Purposes: []rivage.Purpose{Any},
	}
}

// companies of the tests, by what they are.
func companies() map[rivage.ID]*rivage.Company {
	of := map[rivage.ID]*rivage.Company{
		"fr":       {Country: "FR"},
		"fr-us":    {Country: "FR", Parent: "Inc.", ParentCountry: "US"},
		"fr-admin": {Country: "FR", Admins: []rivage.Country{"PT", "MA"}},
		"fr-de":    {Country: "FR", Parent: "GmbH", ParentCountry: "DE", Operators: []rivage.Country{"RE"}},
		"fr-blank": {Country: "FR", Parent: "Holding"},
		"tg":       {Country: "TG"},
	}
	for id, c := range of {
		c.ID = id
	}
	return of
}

func frameOf(p rivage.Profile, guards []*rivage.Safeguard, matrices ...*Matrix) *Frame {
	return framePacked(p, guards, nil, matrices...)
}

func framePacked(p rivage.Profile, guards []*rivage.Safeguard, packs []*Pack, matrices ...*Matrix) *Frame {
	s := &rivage.Settings{Frame: &rivage.Frame{Profile: p}, Companies: companies(), Safeguards: map[rivage.ID]*rivage.Safeguard{}}
	for _, g := range guards {
		s.Safeguards[g.ID] = g
	}
	return FrameOf(s, matrices, packs)
}

func guardedBy(id rivage.ID, kind rivage.SafeguardKind, company rivage.ID, country rivage.Country) *rivage.Safeguard {
	return &rivage.Safeguard{
		ID: id, Principal: "ponant", Kind: kind, Company: company, Country: country, From: "2026-01-01", Until: "2026-12-31",
	}
}

// naiveFrame reads docs/law.md as sentences, sharing nothing with the frame: the oracle.
func naiveFrame(p rivage.Profile, guards []*rivage.Safeguard, r Request, at time.Time) bool {
	valid := func(kind rivage.SafeguardKind) bool {
		for _, g := range guards {
			from, _ := g.From.Day()
			last, _ := g.Until.Day()
			if g.Kind != kind || at.Before(from) || !at.Before(last.Add(24*time.Hour)) || g.Principal != r.Principal && g.Principal != rivage.Organisation {
				continue
			}
			if len(g.Classes) > 0 && !slices.Contains(g.Classes, r.Class) || len(g.Modes) > 0 && !slices.Contains(g.Modes, r.Mode) {
				continue
			}
			if kind == rivage.SafeguardDerogation || g.Company == r.Place.Company && g.Country == r.Place.Country {
				return true
			}
		}
		return false
	}
	sensitive := r.Class == rivage.ClassBank || r.Class == rivage.ClassHealth
	if r.Place.Evidence == rivage.Unknown || r.Place.Evidence == "" {
		stated := r
		r.Place.Country = "" // in zone OTHER, by whoever; packs read what is stated as well
		return p == rivage.Encadre && !sensitive && valid(rivage.SafeguardDerogation) && naivePacks(stated, at, false, valid)
	}
	clean := map[rivage.ID]bool{"fr": true, "fr-de": true}[r.Place.Company]
	if !naivePacks(r, at, clean, valid) {
		return false
	}
	switch r.Place.Country {
	case "FR", "RE", "PT", "NO":
		return clean || p == rivage.Encadre || !sensitive && valid(rivage.SafeguardReview)
	case "CH":
		return p == rivage.Encadre
	case "US":
		return p == rivage.Encadre && (valid(rivage.SafeguardScope) || valid(rivage.SafeguardClauses) && valid(rivage.SafeguardAssessment))
	case "PM":
		return p == rivage.Encadre && valid(rivage.SafeguardReview)
	}
	return p == rivage.Encadre && valid(rivage.SafeguardClauses) && valid(rivage.SafeguardAssessment) &&
		valid(rivage.SafeguardAuthorisation) && valid(rivage.SafeguardNotice)
}

func TestTheFrameDecidesAsItsSentencesSay(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 26))
	rules := compile(t, []Rule{everything()})
	places, names := []rivage.Country{"FR", "RE", "PT", "NO", "CH", "US", "PM", "TG"}, []rivage.ID{"fr", "fr-us", "fr-admin", "fr-de", "fr-blank", "tg", "nobody"}
	yes := 0
	rounds := int(shorter(16, 4))
	for round := range rounds {
		var guards []*rivage.Safeguard
		for _, kind := range rivage.SafeguardKinds {
			for n := range 8 {
				g := guardedBy(rivage.ID(string(kind)+"-"+string(rune('a'+n))), kind, names[rnd.IntN(len(names))], places[4+rnd.IntN(4)])
				if n == 0 {
					g.Company, g.Country = "tg", "TG" // often enough whole
				}
				if rnd.IntN(3) == 0 {
					g.Modes = []rivage.Mode{rivage.ModeVoice}
				}
				if rnd.IntN(4) == 0 {
					g.Until = "2026-06-30"
				}
				if rnd.IntN(3) > 0 {
					guards = append(guards, g)
				}
			}
		}
		profile := rivage.Profiles[round%2]
		gate := NewGate(framePacked(profile, guards, []*Pack{ownPack(t)}), rules)
		at := []time.Time{day("2026-03-01"), day("2026-11-28"), day("2027-01-01")}[rnd.IntN(3)]
		for _, country := range places {
			for _, company := range names {
				for _, evidence := range rivage.Evidences {
					for r := range requests([]string{"caller"}) {
						r.Principal, r.Place = "ponant", rivage.Place{Company: company, Country: country, Evidence: evidence}
						want := naiveFrame(profile, guards, r, at)
						if got := gate.Decide(r, at); got.Allowed != want {
							t.Fatalf("%s %+v at %s with %d safeguards: got %+v, want allowed %v", profile, r, at, len(guards), got, want)
						}
						if want {
							yes++
						}
					}
				}
			}
		}
	}
	if yes < rounds*250 {
		t.Errorf("only %d cases are allowed: the oracle was hardly asked", yes)
	}
}

func TestSameCountryTwoParentsTwoOutcomes(t *testing.T) {
	gate := NewGate(frameOf(rivage.Souverain, nil), compile(t, []Rule{everything()}))
	r := casablanca()
	r.Class, r.Place = rivage.ClassHealth, rivage.Place{Company: "fr", Country: "FR", Evidence: rivage.Attested}
	if d := gate.Decide(r, day("2026-11-28")); !d.Allowed {
		t.Errorf("a French company is refused: %+v", d)
	}
	for _, company := range []rivage.ID{"fr-us", "fr-admin", "fr-blank", "nobody"} { // the last two: nobody assessed
		r.Place.Company = company
		if d := gate.Decide(r, day("2026-11-28")); d.Allowed || d.Rule != "profil:souverain" {
			t.Errorf("%s is answered %+v", company, d)
		}
	}
}

func TestExposuresAreAUnion(t *testing.T) {
	for _, c := range []struct {
		company *rivage.Company
		want    string
	}{
		{&rivage.Company{Country: "FR"}, "EXP_NONE_EU"},
		{&rivage.Company{Country: "FR", ParentCountry: "US", Admins: []rivage.Country{"GB", "FR"}}, "EXP_UK EXP_US"},
		{&rivage.Company{Country: "FR", Parent: "Holding"}, "EXP_UNASSESSED"},
		{&rivage.Company{Country: "ZZ"}, "EXP_UNASSESSED"},
		{nil, "EXP_UNASSESSED"},
	} {
		var got []string
		for _, e := range ExposuresOf(c.company) {
			got = append(got, string(e))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: got %q, want %s", c.company, got, c.want)
		}
	}
}

// whole are all the safeguards a transfer to Lomé needs.
func whole() (list []*rivage.Safeguard) {
	for _, kind := range []rivage.SafeguardKind{
		rivage.SafeguardClauses, rivage.SafeguardAssessment, rivage.SafeguardAuthorisation, rivage.SafeguardNotice,
	} {
		list = append(list, guardedBy(rivage.ID(kind), kind, "tg", "TG"))
	}
	return list
}

func lome() Request {
	r := casablanca()
	r.Class, r.Place = rivage.ClassTracking, rivage.Place{Company: "tg", Country: "TG", Evidence: rivage.Attested}
	return r
}

func TestAnEndedSafeguardClosesByItself(t *testing.T) {
	rules, at := compile(t, []Rule{everything()}), day("2026-11-28")
	for i := range whole() {
		guards := whole()
		guards[i].Until = "2026-11-30"
		gate := NewGate(frameOf(rivage.Encadre, guards), rules)
		grant, d := gate.Ask(lome(), at, 30*24*time.Hour)
		if !d.Allowed {
			t.Fatalf("all safeguards are there: %+v", d)
		}
		end := day("2026-12-01")
		if grant.Check(rivage.ActOffer, "leg", end.Add(-1)) != nil || grant.Check(rivage.ActOffer, "leg", end) == nil {
			t.Errorf("%s: the grant does not end with it", guards[i].Kind)
		}
		if next, ok := gate.NextChange(at); !ok || !next.Equal(end) {
			t.Errorf("%s: next change %v %v", guards[i].Kind, next, ok)
		}
		if d := gate.Decide(lome(), end); d.Allowed || d.Rule != "garantie:"+string(guards[i].Kind) || !strings.HasPrefix(d.Reason, "Garantie expirée") {
			t.Errorf("after its end: %+v", d)
		}
		gate = NewGate(frameOf(rivage.Encadre, slices.Delete(guards, i, i+1)), rules)
		if d := gate.Decide(lome(), at); d.Allowed || !strings.HasPrefix(d.Reason, "Garantie manquante") {
			t.Errorf("without it: %+v", d)
		}
	}
}

func TestDueSafeguardsAreAnnounced(t *testing.T) {
	all := map[rivage.ID]*rivage.Safeguard{}
	for id, until := range map[rivage.ID]rivage.Date{"far": "2027-03-01", "in-90": "2027-02-26", "in-30": "2026-12-28", "in-7": "2026-12-05", "today": "2026-11-28", "over": "2026-11-27"} {
		g := guardedBy(id, rivage.SafeguardClauses, "tg", "TG")
		g.Until = until
		all[id] = g
	}
	type due struct {
		id            rivage.ID
		days, warning int
	}
	var got []due
	for _, d := range DueAt(&rivage.Settings{Safeguards: all}, day("2026-11-28").Add(13*time.Hour)) {
		got = append(got, due{d.Safeguard.ID, d.Days, d.Warning})
	}
	if want := []due{{"over", -1, 0}, {"today", 0, 7}, {"in-7", 7, 7}, {"in-30", 30, 30}, {"in-90", 90, 90}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTheTimeToObjectIsAnnounced(t *testing.T) {
	client := func(id rivage.ID, until rivage.Date, answer rivage.ClientAnswer) rivage.ClientTold {
		return rivage.ClientTold{Principal: id, ToldOn: "2026-11-01", ObjectionUntil: until, Answer: answer}
	}
	untold := client("untold", "2026-12-01", "")
	untold.ToldOn = ""
	s := &rivage.Settings{Openings: map[rivage.ID]*rivage.Opening{
		"dakar": {ID: "dakar", Clients: []rivage.ClientTold{
			client("last-day", "2026-11-28", ""), client("past", "2026-11-27", ""), client("soon", "2026-12-05", ""), client("far", "2027-03-01", ""),
			client("accepted", "2026-12-01", rivage.ClientAccepted), client("objected", "2026-12-01", rivage.ClientObjected), untold,
		}},
		"tunis": {ID: "tunis", Clients: []rivage.ClientTold{client("decided", "2026-12-20", "")}, Decision: &rivage.OpeningDecision{Verdict: rivage.Go}},
		"lome":  {ID: "lome", Clients: []rivage.ClientTold{client("refused", "2026-12-20", "")}, Decision: &rivage.OpeningDecision{Verdict: rivage.NoGo}},
	}}
	got := ObjectionsAt(s, day("2026-11-28").Add(13*time.Hour))
	if want := []Objection{{"dakar", "last-day", "2026-11-28", 0, 7}, {"dakar", "soon", "2026-12-05", 7, 7}, {"tunis", "decided", "2026-12-20", 22, 30}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// The United Kingdom's adequacy ends on 2031-12-27: announced like a safeguard where somebody is there, and OTHER by itself
// from the next day on.
func TestAnAdequacyEndsByItself(t *testing.T) {
	s := &rivage.Settings{
		Frame: &rivage.Frame{Profile: rivage.Encadre}, Companies: companies(),
		Sites: map[rivage.ID]*rivage.Site{"leeds": {Country: "GB"}, "brest": {Country: "FR"}, "berne": {Country: "CH"}},
	}
	gate := NewGate(FrameOf(s, nil, nil), compile(t, []Rule{everything()}))
	r, end := lome(), day("2031-12-28")
	r.Place = rivage.Place{Company: "fr", Country: "GB", Evidence: rivage.Attested}
	last := end.Add(-time.Microsecond)
	if d := gate.Decide(r, last); !d.Allowed {
		t.Errorf("on its last day: %+v", d)
	}
	if d := gate.Decide(r, end); d.Allowed || !strings.HasPrefix(d.Reason, "Garantie manquante") {
		t.Errorf("after it: %+v", d)
	}
	if next, ok := gate.NextChange(last.Add(-time.Hour)); !ok || !next.Equal(end) {
		t.Errorf("the next change is %s, %v, want %s", next, ok, end)
	}
	if grant, _ := gate.Ask(r, last, time.Minute); grant.Check(r.Action, "", end) == nil {
		t.Error("a grant outlives the adequacy")
	}
	for _, c := range []struct{ days, warning int }{{91, -1}, {90, 90}, {30, 30}, {7, 7}, {0, 7}, {-1, 0}} {
		list := DueAt(s, end.AddDate(0, 0, -1-c.days).Add(13*time.Hour))
		if c.warning < 0 {
			if len(list) > 0 {
				t.Errorf("%d days before: %+v", c.days, list)
			}
			continue
		}
		if len(list) != 1 || list[0].Adequacy != "GB" || list[0].Until != "2031-12-27" || list[0].Days != c.days || list[0].Warning != c.warning {
			t.Errorf("%d days before: %+v", c.days, list)
		}
	}
	delete(s.Sites, "leeds")
	if list := DueAt(s, last); len(list) > 0 {
		t.Errorf("where nobody is: %+v", list)
	}
}

// rowsOf fills a total table with one answer.
func rowsOf(view string) Rows {
	rows := Rows{}
	for _, class := range rivage.DataClasses {
		rows[class] = map[rivage.Zone]map[string][]string{}
		for _, zone := range rivage.Zones {
			rows[class][zone] = map[string][]string{}
			for _, exposure := range Exposures {
				rows[class][zone][exposure] = []string{"full", view, "refused", "refused", "full"}
			}
		}
	}
	return rows
}

func TestMatricesBound(t *testing.T) {
	matrix := func(of rivage.ID, change func(Rows)) *Matrix {
		rows := rowsOf("full")
		change(rows)
		m, err := NewMatrix(of, rows)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	floor := matrix(rivage.Organisation, func(r Rows) { r[rivage.ClassTracking][rivage.ZoneOther][Exposed][1] = "remote" })
	own := matrix("ponant", func(r Rows) { r[rivage.ClassTracking][rivage.ZoneOther][Exposed][1] = "masked" })
	none := matrix("ponant", func(r Rows) { r[rivage.ClassTracking][rivage.ZoneOther][Exposed][4] = "refused" })
	ask := func(r Request, m ...*Matrix) rivage.Decision {
		return NewGate(frameOf(rivage.Encadre, whole(), m...), compile(t, []Rule{everything()})).Decide(r, day("2026-11-28"))
	}
	field, record, copied := lome(), lome(), lome()
	field.Action, field.Mode = rivage.ActField, rivage.ModeView
	record.Action, record.Mode = rivage.ActRecord, rivage.ModeCopy
	copied.Action, copied.Mode = rivage.ActExport, rivage.ModeCopy
	if d := ask(field, floor, own); !d.Allowed || !d.Masked || !d.Remote {
		t.Errorf("remote under masked: %+v", d)
	}
	if d := ask(field, floor); !d.Allowed || d.Masked || !d.Remote {
		t.Errorf("remote by the floor: %+v", d)
	}
	if d := ask(field); !d.Allowed || d.Masked || d.Remote {
		t.Errorf("without a matrix: %+v", d)
	}
	if d := ask(record, none); d.Allowed || d.Rule != "matrice:ponant" {
		t.Errorf("rest refused: %+v", d)
	}
	if d := ask(record, own); !d.Allowed {
		t.Errorf("rest allowed: %+v", d)
	}
	if d := ask(copied, floor); d.Allowed || d.Rule != "matrice:organisation" {
		t.Errorf("a copy under the floor: %+v", d)
	}
	if a, b := ask(field, floor), ask(field, own); a.Rules == b.Rules {
		t.Error("two frames have one hash")
	}
}

func TestMatricesThatAreNotWholeDoNotLoad(t *testing.T) {
	for name, c := range map[string]struct {
		change func(Rows)
		want   string
	}{
		"a class":          {func(r Rows) { delete(r, rivage.ClassHealth) }, "sante.FR.none: 0 outcomes"},
		"a zone":           {func(r Rows) { delete(r[rivage.ClassHealth], rivage.ZoneEEA) }, "sante.EEA.exposed: 0 outcomes"},
		"an exposure":      {func(r Rows) { delete(r[rivage.ClassBank][rivage.ZoneFR], Exposed) }, "bancaire.FR.exposed: 0 outcomes"},
		"a column":         {func(r Rows) { r[rivage.ClassBank][rivage.ZoneFR][Exposed] = []string{"full"} }, "bancaire.FR.exposed: 1 outcomes"},
		"no such zone":     {func(r Rows) { r[rivage.ClassBank]["MARS"] = nil }, `bancaire.MARS: no such zone`},
		"no such class":    {func(r Rows) { r["secret"] = nil }, `secret: no such class`},
		"no such exposure": {func(r Rows) { r[rivage.ClassBank][rivage.ZoneFR]["us"] = nil }, `bancaire.FR.us: no such exposure`},
		"no such outcome":  {func(r Rows) { r[rivage.ClassBank][rivage.ZoneFR][Exposed][0] = "maybe" }, `bancaire.FR.exposed: "maybe"`},
		"a remote voice":   {func(r Rows) { r[rivage.ClassBank][rivage.ZoneFR][Exposed][0] = "remote" }, "only a view"},
	} {
		rows := rowsOf("full")
		c.change(rows)
		_, err := NewMatrix("ponant", rows)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
		if _, ok := errors.AsType[*CellError](err); !ok {
			t.Errorf("%s: no cell is named", name)
		}
	}
}

func TestWithoutAFrameNothingIsAllowed(t *testing.T) {
	rules, r := compile(t, []Rule{everything()}), lome()
	r.Place = rivage.Place{Company: "fr", Country: "FR", Evidence: rivage.Attested}
	if d := NewGate(nil, rules).Decide(r, day("2026-11-28")); d.Allowed || d.Reason != ReasonNoFrame {
		t.Errorf("no frame: %+v", d)
	}
	s := &rivage.Settings{Companies: companies()}
	if d := NewGate(FrameOf(s, nil, nil), rules).Decide(r, day("2026-11-28")); !d.Allowed {
		t.Errorf("the profile that holds when none is set: %+v", d)
	}
	for _, closed := range []rivage.ID{"ponant", rivage.Organisation} {
		if d := NewGate(FrameOf(s, nil, nil, closed), rules).Decide(r, day("2026-11-28")); d.Allowed || d.Reason != ReasonClosed {
			t.Errorf("the matrix of %s does not load: %+v", closed, d)
		}
	}
	if d := NewGate(FrameOf(s, nil, nil, "another"), rules).Decide(r, day("2026-11-28")); !d.Allowed {
		t.Errorf("another's matrix does not load: %+v", d)
	}
}

func BenchmarkDecideInAFrame100Rules(b *testing.B) {
	rules := ponantRules()[:0]
	for i := range 99 {
		r := everything()
		r.ID, r.Companies = "r"+strconv.Itoa(i), []rivage.ID{"other"}
		rules = append(rules, r)
	}
	rules = append(rules, everything())
	m, err := NewMatrix("ponant", rowsOf("full"))
	if err != nil {
		b.Fatal(err)
	}
	gate, r, at := NewGate(frameOf(rivage.Encadre, whole(), m), compile(b, rules)), lome(), day("2026-11-28")
	b.ReportAllocs()
	for b.Loop() {
		if !gate.Decide(r, at).Allowed {
			b.Fatal("refused")
		}
	}
}

func TestDecidingInAFrameDoesNotAllocate(t *testing.T) {
	gate := NewGate(frameOf(rivage.Encadre, whole()), compile(t, []Rule{everything()}))
	yes, no, at := lome(), lome(), day("2026-11-28")
	no.Place.Country = "MA"
	if n := testing.AllocsPerRun(100, func() { gate.Decide(yes, at); gate.Decide(no, at) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func TestTheFramesTableIsWhatItDecides(t *testing.T) {
	rows := rowsOf("remote")
	rows[rivage.ClassCommercial][rivage.ZoneFR][Unexposed] = []string{"refused", "refused", "refused", "refused", "refused"}
	m, err := NewMatrix("ponant", rows)
	if err != nil {
		t.Fatal(err)
	}
	homes := map[rivage.Zone]rivage.Country{
		rivage.ZoneFR: "FR", rivage.ZoneFRRUP: "RE", rivage.ZoneFROMHorsUE: "PM", rivage.ZoneEU: "PT", rivage.ZoneEEA: "NO",
		rivage.ZoneAdequate: "CH", rivage.ZoneAdequatePartial: "US", rivage.ZoneOther: "TG",
	}
	for _, profile := range rivage.Profiles {
		table := NewGate(framePacked(profile, nil, []*Pack{ownPack(t)}, m), compile(t, []Rule{everything()})).FrameTable("ponant", day("2026-11-28"))
		if want := nClasses * nZones * 2 * nColumns; len(table) != want {
			t.Fatalf("%d cells, want %d: the table is total", len(table), want)
		}
		for _, c := range table {
			company := rivage.ID("fr")
			if c.Exposed {
				company = "fr-us"
			}
			var guards []*rivage.Safeguard // the first of the sets that the cell says it needs
			if len(c.Needs) > 0 {
				for _, kind := range c.Needs[0] {
					guards = append(guards, guardedBy(rivage.ID(kind), kind, company, homes[c.Zone]))
				}
			}
			r := Request{Principal: "ponant", Action: rivage.ActField, Class: c.Class, Mode: rivage.Mode(c.Column), Purpose: rivage.PurposeService,
				Place: rivage.Place{Company: company, Country: homes[c.Zone], Evidence: rivage.Attested}}
			if c.Column == ColumnRest {
				r.Action, r.Mode = rivage.ActRecord, rivage.ModeCopy
			}
			gate := NewGate(framePacked(profile, guards, []*Pack{ownPack(t)}, m), compile(t, []Rule{everything()}))
			d := gate.Decide(r, day("2026-11-28"))
			if d.Allowed != (c.Outcome != "refused") || d.Remote != (c.Outcome == "remote") {
				t.Fatalf("%s: the table says %+v, the gate %+v", profile, c, d)
			}
			bounds := gate.Bounds(r, day("2026-11-28"))
			refused := slices.ContainsFunc(bounds, func(b Bound) bool { return b.Outcome == "refused" && b.Reason != "" })
			if d.Allowed == refused {
				t.Fatalf("%s: the layers say %+v, the gate %+v", profile, bounds, d)
			}
		}
	}
}

func TestAStoppedCountryOpensNothing(t *testing.T) {
	s := &rivage.Settings{
		Frame: &rivage.Frame{Profile: rivage.Encadre, Stopped: []rivage.Country{"TG"}}, Companies: companies(),
		Safeguards: map[rivage.ID]*rivage.Safeguard{"d": guardedBy("d", rivage.SafeguardDerogation, "", "")},
	}
	for _, g := range whole() {
		s.Safeguards[g.ID] = g
	}
	gate, r := NewGate(FrameOf(s, nil, nil), compile(t, []Rule{everything()})), lome()
	for _, e := range rivage.Evidences { // who proves less does not escape it
		r.Place.Evidence = e
		if d := gate.Decide(r, day("2026-11-28")); d.Allowed || d.Rule != "arret" {
			t.Errorf("%s: %+v", e, d)
		}
		if b := gate.Bounds(r, day("2026-11-28")); b[0].Layer != LayerStop || b[0].Outcome != "refused" {
			t.Errorf("%s: the layers say %+v", e, b)
		}
	}
	r.Place = rivage.Place{Company: "fr", Country: "FR", Evidence: rivage.Attested}
	if d := gate.Decide(r, day("2026-11-28")); !d.Allowed {
		t.Errorf("France: %+v", d)
	}
	s.Frame.Stopped = nil
	r = lome()
	if open := NewGate(FrameOf(s, nil, nil), compile(t, []Rule{everything()})); !open.Decide(r, day("2026-11-28")).Allowed || open.Table("ponant").Hash() == gate.Table("ponant").Hash() {
		t.Error("what is no longer stopped stays closed, or has the same hash")
	}
}
