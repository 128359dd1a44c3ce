// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"slices"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/acd"
	"rivage.example/rivage/engine/policy"
)

// phoned has Anne answer on a telephone behind a trunk, and everybody else stay away.
func phoned(declared *rivage.Declaration, country rivage.Country) *rivage.Settings {
	s := testSettings()
	s.Agents["anne"].Device = rivage.Device{Kind: DeviceSIP, URI: "sip:anne@127.0.0.1:5060", Trunk: "t"}
	s.Trunks = map[rivage.ID]*rivage.Trunk{"t": {ID: "t", Provider: "armor", Country: country, Declared: declared}}
	return s
}

func carries(from, until rivage.Date, classes ...rivage.DataClass) *rivage.Declaration {
	return &rivage.Declaration{Purpose: rivage.PurposeService, Classes: classes, Basis: "contrat", From: from, Until: until}
}

// No caller is offered to a telephone that may not ring: its trunk does not carry the class, or not yet, or no more. It is
// said as such, and begins and ends by itself.
func TestATelephoneIsOfferedWhatItsTrunkCarries(t *testing.T) {
	midnight := testStart.Truncate(24*time.Hour).AddDate(0, 0, 1)
	day := func(n int) rivage.Date { return rivage.Date(midnight.AddDate(0, 0, n).Format(time.DateOnly)) }
	for _, c := range []struct {
		name          string
		declared      *rivage.Declaration
		country       rivage.Country
		before, after string // rule that refuses before and after midnight, "" for offered
	}{
		{"its class", carries(day(-9), day(9), rivage.ClassTracking), "FR", "", ""},
		{"another class", carries(day(-9), day(9), rivage.ClassHealth), "FR", policy.RuleClass, policy.RuleClass},
		{"nothing declared", nil, "FR", policy.RuleUndeclared, policy.RuleUndeclared},
		{"its last day", carries(day(-9), day(-1), rivage.ClassTracking), "FR", "", policy.RuleEnded},
		{"from tomorrow on", carries(day(0), day(9), rivage.ClassTracking), "FR", policy.RuleEarly, ""},
		{"an operator whom the frame refuses", carries(day(-9), day(9), rivage.ClassTracking), "TG", "garantie:clauses", "garantie:clauses"},
	} {
		g := newStage(t)
		s := phoned(c.declared, c.country)
		g.now.Wall = midnight.Add(-10 * time.Second)
		g.do(Reconfigure{Settings: s, Gate: framed(t, s)})
		g.ready("anne")
		check := func(when string, leg rivage.ID, rule string) {
			call := g.call(leg, parcels, "+33612345678")
			if got := call.offer != nil; got != (rule == "") {
				t.Errorf("%s, %s: offered %v", c.name, when, got)
			}
			verdicts := g.s.acd.Explain("parcels", g.s.steady())
			i := slices.IndexFunc(verdicts, func(v acd.Verdict) bool { return v.Agent == "anne" })
			if v := verdicts[i]; rule != "" && (v.Reason != acd.Policy || v.Rule != rule || v.Decision.Reason == "" || v.Decision.Rules == "") {
				t.Errorf("%s, %s: %+v, want %s", c.name, when, v, rule)
			}
			g.do(LegEnded{Leg: leg, By: "caller", Cause: "bye"})
		}
		check("before midnight", "L1", c.before)
		g.pass(time.Minute)
		check("after midnight", "L2", c.after)
	}
}

// Whoever answers in a browser takes what a telephone may not, and the offer says why the telephone was passed over.
func TestABrowserTakesWhatATelephoneMayNot(t *testing.T) {
	g := newStage(t)
	s := phoned(carries("2026-01-01", "2026-12-31", rivage.ClassHealth), "FR")
	gate := framed(t, s)
	g.do(Reconfigure{Settings: s, Gate: gate})
	g.ready("anne")
	g.ready("koffi")
	if c := g.call("L1", parcels, "+33612345678"); c.offer == nil || c.offer.agent.row.Agent != "koffi" {
		t.Fatal("not offered in a browser")
	}
	f := factsOf[*rivage.InteractionOffered](g)
	if want := (rivage.Count{Reason: acd.Policy, Rule: policy.RuleClass, Site: "brest", N: 1}); !slices.Contains(f.SetAside, want) {
		t.Errorf("set aside %+v, want %+v", f.SetAside, want)
	}
	g.call("L2", health, "+33612345679")
	i := slices.IndexFunc(g.effects, func(e Effect) bool { r, ok := e.(Ring); return ok && r.Agent == "anne" })
	if i < 0 || g.effects[i].(Ring).Class != rivage.ClassHealth {
		t.Errorf("the telephone is not called with the class of its queue: %+v", g.effects)
	}
}

// Agents who differ in nothing but the trunk of their telephones are told apart.
func TestTwoTrunksAreToldApart(t *testing.T) {
	g := newStage(t)
	s := phoned(carries("2026-01-01", "2026-12-31", rivage.ClassHealth), "FR")
	s.Agents["yann"].Device = rivage.Device{Kind: DeviceSIP, URI: "sip:yann@127.0.0.1:5060", Trunk: "u"}
	s.Trunks["u"] = &rivage.Trunk{ID: "u", Provider: "armor", Country: "FR", Declared: carries("2026-01-01", "2026-12-31", rivage.ClassTracking)}
	g.do(Reconfigure{Settings: s, Gate: framed(t, s)})
	g.ready("anne")
	g.ready("yann")
	if c := g.call("L1", parcels, "+33612345678"); c.offer == nil || c.offer.agent.row.Agent != "yann" {
		t.Errorf("offered %+v, want to the one whose trunk carries it", c.offer)
	}
}

// What a telephone displays is decided again with the network that its agent's session came from.
func TestATelephonesNumberKeepsWhoseNetworkItWas(t *testing.T) {
	g := newStage(t)
	g.do(Reconfigure{Settings: phoned(carries("2026-01-01", "2026-12-31", rivage.ClassTracking), "FR"), Gate: testGate(t)})
	place := g.s.place("brest", rivage.Unknown)
	place.Seen = "TG"
	g.do(SessionOpened{Agent: "anne", Session: "d", Place: place})
	g.do(SetReady{Agent: "anne", Session: "d"})
	if c := g.call("L1", parcels, "+33612345678"); c.offer == nil {
		t.Fatal("not offered")
	}
	if f := factsOf[*rivage.FieldShown](g); f == nil || f.Seen != "TG" {
		t.Errorf("got %+v", f)
	}
}

// factsOf are the last facts of a type.
func factsOf[T rivage.Facts](g *stage) (last T) {
	for _, e := range g.entries {
		if f, ok := e.Facts.(T); ok {
			last = f
		}
	}
	return last
}
