// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

// dossier is one that lets the offers of lome's queue be answered from the site, as changed.
func dossier(change func(*rivage.Opening)) *rivage.Opening {
	o := &rivage.Opening{
		ID: "lome",
		Scope: &rivage.TrialScope{
			Queues: []rivage.ID{"colis"}, Classes: []rivage.DataClass{rivage.ClassTracking}, Modes: []rivage.Mode{rivage.ModeVoice, rivage.ModeView},
			Agents: 3, From: "2026-11-01", Until: "2026-12-20",
		},
		Clients:  []rivage.ClientTold{{Principal: "ponant", ToldOn: "2026-10-01", ObjectionUntil: "2026-11-10"}},
		Decision: &rivage.OpeningDecision{Verdict: rivage.Go, Reason: "Essai.", On: "2026-10-20", By: "nolwenn", Company: "tg", Country: "TG"},
	}
	if change != nil {
		change(o)
	}
	return o
}

// openedBy is a gate under a frame whose other layers let lome's requests pass.
func openedBy(t testing.TB, list ...*rivage.Opening) *Gate {
	s := &rivage.Settings{
		Frame: &rivage.Frame{Profile: rivage.Encadre}, Companies: companies(), Safeguards: map[rivage.ID]*rivage.Safeguard{},
		Sites:    map[rivage.ID]*rivage.Site{"lome": {ID: "lome", Company: "tg", Country: "TG"}, "kpalime": {ID: "kpalime", Company: "tg", Country: "TG"}},
		Openings: map[rivage.ID]*rivage.Opening{},
	}
	for _, g := range whole() {
		s.Safeguards[g.ID] = g
	}
	for _, o := range list {
		s.Openings[o.ID] = o
	}
	return NewGate(FrameOf(s, nil, nil), compile(t, []Rule{everything()}))
}

func fromLome() Request {
	r := lome()
	r.Place.Site, r.Queue = "lome", "colis"
	return r
}

// What was decided on is a site of that company in that country: moved, or run by another, it is closed again.
func TestAnOpeningIsOfTheSiteThatWasDecidedOn(t *testing.T) {
	for name, change := range map[string]func(*rivage.Opening){
		"another company": func(o *rivage.Opening) { o.Decision.Company = "fr" }, "another country": func(o *rivage.Opening) { o.Decision.Country = "MA" },
	} {
		if d := openedBy(t, dossier(change)).Decide(fromLome(), day("2026-12-01")); d.Allowed || !strings.Contains(d.Reason, "pas encore décidée") {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

func TestASiteIsClosedUntilItsOpeningSaysOtherwise(t *testing.T) {
	decide := func(change func(*rivage.Opening), r Request, at string) rivage.Decision {
		return openedBy(t, dossier(change)).Decide(r, day(at))
	}
	for name, c := range map[string]struct {
		change func(*rivage.Opening)
		at     string
		want   string // of the reason; "" open
	}{
		"all is there":                {nil, "2026-11-11", ""},
		"on the last day of deadline": {nil, "2026-11-10", standingReason[StandingDeadline]},
		"nothing but a dossier":       {func(o *rivage.Opening) { *o = rivage.Opening{ID: "lome"} }, "2026-11-28", standingReason[StandingUndecided]},
		"undecided":                   {func(o *rivage.Opening) { o.Decision = nil }, "2026-11-28", standingReason[StandingUndecided]},
		"no-go":                       {func(o *rivage.Opening) { o.Decision.Verdict = rivage.NoGo }, "2026-11-28", standingReason[StandingRefused]},
		"a verdict of another kind":   {func(o *rivage.Opening) { o.Decision.Verdict = "maybe" }, "2026-11-28", standingReason[StandingRefused]},
		"another is told":             {func(o *rivage.Opening) { o.Clients[0].Principal = "levant" }, "2026-11-28", standingReason[StandingUntold]},
		"not told yet":                {func(o *rivage.Opening) { o.Clients[0].ToldOn = "" }, "2026-11-28", standingReason[StandingUntold]},
		"told later":                  {func(o *rivage.Opening) { o.Clients[0].ToldOn = "2026-12-01" }, "2026-11-28", standingReason[StandingDeadline]},
		"no deadline":                 {func(o *rivage.Opening) { o.Clients[0].ObjectionUntil = "" }, "2026-11-28", standingReason[StandingDeadline]},
		"objects":                     {answers(rivage.ClientObjected, "2026-11-05"), "2026-11-28", standingReason[StandingObjected]},
		"objects too late":            {answers(rivage.ClientObjected, "2026-11-20"), "2026-11-28", standingReason[StandingObjected]},
		"accepts before the deadline": {answers(rivage.ClientAccepted, "2026-11-03"), "2026-11-04", ""},
		"accepts tomorrow":            {answers(rivage.ClientAccepted, "2026-11-05"), "2026-11-04", standingReason[StandingDeadline]},
		"accepts at no day":           {answers(rivage.ClientAccepted, ""), "2026-11-28", standingReason[StandingObjected]},
		"before the trial":            {answers(rivage.ClientAccepted, "2026-10-02"), "2026-10-31", standingReason[StandingOutside]},
		"its last day":                {nil, "2026-12-20", ""},
		"after the trial":             {nil, "2026-12-21", standingReason[StandingOutside]},
		"no scope":                    {func(o *rivage.Opening) { o.Scope = nil }, "2026-11-28", standingReason[StandingOutside]},
		"other queues":                {func(o *rivage.Opening) { o.Scope.Queues = []rivage.ID{"plis"} }, "2026-11-28", standingReason[StandingOutside]},
		"no class":                    {func(o *rivage.Opening) { o.Scope.Classes = nil }, "2026-11-28", standingReason[StandingOutside]},
		"to look only":                {func(o *rivage.Opening) { o.Scope.Modes = []rivage.Mode{rivage.ModeView} }, "2026-11-28", standingReason[StandingOutside]},
		"days that do not read":       {func(o *rivage.Opening) { o.Scope.Until = "soon" }, "2026-11-28", standingReason[StandingOutside]},
		"another site's":              {func(o *rivage.Opening) { o.ID, o.Decision = "brest", nil }, "2026-11-28", ""},
	} {
		d := decide(c.change, fromLome(), c.at)
		if d.Allowed != (c.want == "") || c.want != "" && (d.Reason != c.want || d.Rule != "ouverture:lome" || d.Rules == "") {
			t.Errorf("%s: got %+v, want %q", name, d, c.want)
		}
	}
	if r := fromLome(); !openedBy(t).Decide(r, day("2026-11-28")).Allowed {
		t.Error("a site without a dossier is closed by it")
	}
}

func answers(a rivage.ClientAnswer, on rivage.Date) func(*rivage.Opening) {
	return func(o *rivage.Opening) { o.Clients[0].Answer, o.Clients[0].AnsweredOn = a, on }
}

func TestNobodyEscapesAClosedSiteByProvingLess(t *testing.T) {
	derogation := guardedBy("d", rivage.SafeguardDerogation, "", "")
	s := &rivage.Settings{
		Frame: &rivage.Frame{Profile: rivage.Encadre}, Companies: companies(), Safeguards: map[rivage.ID]*rivage.Safeguard{"d": derogation},
		Sites:    map[rivage.ID]*rivage.Site{"lome": {ID: "lome", Company: "tg", Country: "TG"}},
		Openings: map[rivage.ID]*rivage.Opening{"lome": {ID: "lome"}},
	}
	gate, at := NewGate(FrameOf(s, nil, nil), compile(t, []Rule{everything()})), day("2026-11-28")
	for name, c := range map[string]struct {
		place  rivage.Place
		closed bool
	}{
		"the site, not proved":           {rivage.Place{Site: "lome", Company: "tg", Country: "TG", Evidence: rivage.Unknown}, true},
		"the site alone":                 {rivage.Place{Site: "lome", Evidence: rivage.Unknown}, true},
		"another, from the site's lines": {rivage.Place{Site: "brest", Company: "fr", Country: "FR", Evidence: rivage.Unknown, Seen: "TG"}, true},
		"its country and no site":        {rivage.Place{Country: "TG", Evidence: rivage.Unknown}, true},
		"no place at all":                {rivage.Place{Evidence: rivage.Unknown}, false},
		"another site":                   {rivage.Place{Site: "brest", Company: "fr", Country: "FR", Evidence: rivage.Attested}, false},
	} {
		r := fromLome()
		r.Place = c.place
		if d := gate.Decide(r, at); d.Allowed == c.closed || c.closed && d.Rule != "ouverture:lome" {
			t.Errorf("%s: got %+v", name, d)
		}
	}
}

func TestAnOpeningEndsGrantsAndWakesWhoeverKeepsAnswers(t *testing.T) {
	gate := openedBy(t, dossier(nil))
	at := day("2026-11-10")
	for _, want := range []string{"2026-11-11", "2026-12-21"} {
		next, ok := gate.NextChange(at)
		if !ok || !next.Equal(day(want)) {
			t.Fatalf("after %s: got %s, want %s", at, next, want)
		}
		at = next
	}
	last := day("2026-12-21").Add(-time.Second)
	r := fromLome()
	r.Target = "leg"
	grant, d := gate.Ask(r, last, time.Minute)
	if !d.Allowed || grant.Check(r.Action, "leg", last) != nil || grant.Check(r.Action, "leg", last.Add(time.Second)) == nil {
		t.Errorf("a grant of the last second outlives the trial: %+v", d)
	}
}

func TestAFramesHashNamesItsOpenings(t *testing.T) {
	seen := map[string]string{}
	for name, list := range map[string][]*rivage.Opening{
		"none": nil, "undecided": {dossier(func(o *rivage.Opening) { o.Decision = nil })}, "go": {dossier(nil)},
		"other dates": {dossier(func(o *rivage.Opening) { o.Clients[0].ObjectionUntil = "2026-11-11" })},
	} {
		hash := openedBy(t, list...).Table("ponant").Hash()
		if other, twice := seen[hash]; twice {
			t.Errorf("%s and %s have one hash", name, other)
		}
		seen[hash] = name
	}
}

func TestTheLayersNameTheOpening(t *testing.T) {
	said := func(gate *Gate, r Request) string {
		for _, b := range gate.Bounds(r, day("2026-11-28")) {
			if b.Layer == LayerOpening {
				return b.Outcome + " " + b.Reason
			}
		}
		return ""
	}
	elsewhere := fromLome()
	elsewhere.Place.Site = "kpalime"
	closed := openedBy(t, dossier(func(o *rivage.Opening) { o.Decision = nil }))
	if got := said(closed, fromLome()); !strings.HasPrefix(got, "refused Ouverture") || said(closed, elsewhere) != "" || said(openedBy(t, dossier(nil)), fromLome()) != "full " {
		t.Errorf("got %q, %q", got, said(closed, elsewhere))
	}
	whole := fromLome()
	whole.Queue = ""
	if open := openedBy(t, dossier(nil)); open.Decide(whole, day("2026-11-28")).Allowed || !open.Decide(open.Tried(whole), day("2026-11-28")).Allowed {
		t.Error("what is of no queue is let through, or a table over all queues shows the trial closed")
	}
}

// What one says in sentences, sharing nothing with the layer: the oracle.
func TestAnOpeningDecidesAsItsSentencesSay(t *testing.T) {
	rnd := rand.New(rand.NewPCG(11, 28))
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	yes := 0
	for range 4000 {
		o := dossier(func(o *rivage.Opening) {
			c := &o.Clients[0]
			c.ToldOn, c.ObjectionUntil = rivage.Date(pick("2026-10-01", "2026-11-05")), rivage.Date(pick("2026-11-06", "2026-11-20"))
			if c.Answer = rivage.ClientAnswer(pick("", "accepted", "objected")); c.Answer != "" {
				c.AnsweredOn = rivage.Date(pick("2026-11-06", "2026-11-22"))
			}
			o.Decision.Verdict = rivage.OpeningVerdict(pick("go", "go", "no-go"))
			o.Scope.From, o.Scope.Until = rivage.Date(pick("2026-11-01", "2026-11-15")), rivage.Date(pick("2026-11-16", "2026-11-30"))
		})
		r := fromLome()
		r.Queue, r.Mode = rivage.ID(pick("colis", "colis", "plis")), rivage.Mode(pick("voice", "copy"))
		on := pick("2026-11-04", "2026-11-06", "2026-11-15", "2026-11-21", "2026-11-23", "2026-12-01") // days compare as texts
		c, s := o.Clients[0], o.Scope
		free := c.Answer == "" && on > string(c.ObjectionUntil) || c.Answer == rivage.ClientAccepted && on >= string(c.AnsweredOn)
		want := o.Decision.Verdict == rivage.Go && free && on >= string(c.ToldOn) && on >= string(s.From) && on <= string(s.Until) && r.Queue == "colis" && r.Mode != rivage.ModeCopy
		gate := openedBy(t, o)
		if got := gate.Decide(r, day(on)); got.Allowed != want {
			t.Fatalf("%+v %+v on %s: got %+v, want %v", o, c, on, got, want)
		}
		if want {
			yes++
		}
		standing, _ := Opening(o, "ponant", day(on))
		if r.Queue == "colis" && r.Mode == rivage.ModeVoice && (standing == StandingOpen) != want {
			t.Fatalf("%+v on %s stands %s, and is decided %v", o, on, standing, want)
		}
	}
	if yes < 100 {
		t.Errorf("only %d are open", yes)
	}
}

func TestDecidingUnderOpeningsDoesNotAllocate(t *testing.T) {
	gate := openedBy(t, dossier(nil), dossier(func(o *rivage.Opening) { o.ID, o.Decision = "kpalime", nil }))
	yes, no, at := fromLome(), fromLome(), day("2026-11-28")
	no.Place.Site = "kpalime"
	if !gate.Decide(yes, at).Allowed || gate.Decide(no, at).Allowed {
		t.Fatal("the sites are not told apart")
	}
	if n := testing.AllocsPerRun(100, func() { gate.Decide(yes, at); gate.Decide(no, at) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkDecideUnderOpenings(b *testing.B) {
	gate, r, at := openedBy(b, dossier(nil)), fromLome(), day("2026-11-28")
	b.ReportAllocs()
	for b.Loop() {
		if !gate.Decide(r, at).Allowed {
			b.Fatal("refused")
		}
	}
}
