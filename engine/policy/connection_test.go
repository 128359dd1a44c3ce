// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"net/netip"
	"testing"
	"time"

	"rivage.example/rivage"
)

func declaration(classes ...rivage.DataClass) *rivage.Declaration {
	return &rivage.Declaration{Purpose: rivage.PurposeService, Classes: classes, Basis: "contrat", From: "2026-02-01", Until: "2026-11-30"}
}

// A connection stands as long as it is declared, for what it is declared, and as far as the frame lets its company reach.
func TestAConnectionPassesWhatIsDeclaredForIt(t *testing.T) {
	health, tracking, noon := rivage.ClassHealth, rivage.ClassTracking, 12*time.Hour
	review := guardedBy("revue", rivage.SafeguardReview, "fr-us", "FR")
	review.Principal = rivage.Organisation
	for _, c := range []struct {
		name     string
		profile  rivage.Profile
		company  rivage.ID
		country  rivage.Country
		declared *rivage.Declaration
		guards   []*rivage.Safeguard
		at       time.Time
		class    rivage.DataClass
		want     string // rule that refuses, "" is open
	}{
		{"declared", rivage.Souverain, "fr", "FR", declaration(tracking), nil, day("2026-06-01"), tracking, ""},
		{"its first day", rivage.Souverain, "fr", "FR", declaration(tracking), nil, day("2026-02-01"), tracking, ""},
		{"before its first day", rivage.Souverain, "fr", "FR", declaration(tracking), nil, day("2026-02-01").Add(-1), tracking, RuleEarly},
		{"its last day", rivage.Souverain, "fr", "FR", declaration(tracking), nil, day("2026-11-30").Add(noon), tracking, ""},
		{"past its end", rivage.Souverain, "fr", "FR", declaration(tracking), nil, day("2026-12-01"), tracking, RuleEnded},
		{"no declaration", rivage.Encadre, "fr", "FR", nil, nil, day("2026-06-01"), tracking, RuleUndeclared},
		{"no end", rivage.Encadre, "fr", "FR", &rivage.Declaration{Purpose: "service", Classes: []rivage.DataClass{tracking}, From: "2026-01-01"}, nil, day("2026-06-01"), tracking, RuleUndeclared},
		{"another class", rivage.Souverain, "fr", "FR", declaration(tracking), nil, day("2026-06-01"), health, RuleClass},
		{"exposed, souverain, not reviewed", rivage.Souverain, "fr-us", "FR", declaration(tracking), nil, day("2026-06-01"), tracking, "garantie:review"},
		{"exposed, souverain, reviewed", rivage.Souverain, "fr-us", "FR", declaration(tracking), []*rivage.Safeguard{review}, day("2026-06-01"), tracking, ""},
		{"exposed, encadre", rivage.Encadre, "fr-us", "FR", declaration(tracking), nil, day("2026-06-01"), tracking, ""},
		{"outside the EEA, souverain", rivage.Souverain, "tg", "TG", declaration(tracking), nil, day("2026-06-01"), tracking, "profil:souverain"},
		{"outside the EEA, no clauses", rivage.Encadre, "tg", "TG", declaration(tracking), nil, day("2026-06-01"), tracking, "garantie:clauses"},
		{"a company that nobody declared", rivage.Souverain, "nobody", "FR", declaration(tracking), nil, day("2026-06-01"), tracking, "garantie:review"},
		{"a country that nobody said", rivage.Souverain, "fr", "", declaration(tracking), nil, day("2026-06-01"), tracking, "profil:souverain"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &rivage.Settings{Companies: companies()}
			way := TrunkOf(s, &rivage.Trunk{ID: "t", Provider: c.company, Country: c.country, Declared: c.declared})
			d := NewGate(frameOf(c.profile, c.guards)).Passes(&way, c.class, c.at)
			if d.Allowed != (c.want == "") || !d.Allowed && d.Rule != c.want {
				t.Errorf("got %+v, want refused by %q", d, c.want)
			}
			if !d.Allowed && d.Reason == "" {
				t.Error("a refusal without a reason")
			}
		})
	}
}

// A connection is open while one of its classes passes; a source of cards stands under the frame of its Principal.
func TestAConnectionStandsForOneOfItsClasses(t *testing.T) {
	s := &rivage.Settings{Companies: companies()}
	at := day("2026-06-01")
	review := guardedBy("revue", rivage.SafeguardReview, "fr-us", "FR") // of the Principal "ponant"
	gate := NewGate(frameOf(rivage.Souverain, []*rivage.Safeguard{review}), compile(t, nil))
	src := &rivage.CardSource{ID: "c", Principal: "ponant", Provider: "fr-us", Country: "FR", Declared: declaration(rivage.ClassHealth, rivage.ClassTracking)}
	way := CardOf(s, src)
	if d := gate.Passes(&way, rivage.ClassHealth, at); d.Allowed {
		t.Errorf("health of an exposed company: %+v", d)
	}
	if d := gate.Stands(&way, at); !d.Allowed {
		t.Errorf("tracking is reviewed: %+v", d)
	}
	trunk := TrunkOf(s, &rivage.Trunk{ID: "t", Provider: "fr-us", Country: "FR", Declared: src.Declared})
	if d := gate.Stands(&trunk, at); d.Allowed {
		t.Errorf("the review of one Principal opened the organisation's trunk: %+v", d)
	}
	way.Principal = "another"
	if d := gate.Stands(&way, at); d.Allowed {
		t.Errorf("of a Principal without rules: %+v", d)
	}
	var none *Gate
	if d := none.Stands(&trunk, at); d.Allowed {
		t.Errorf("without a gate: %+v", d)
	}
}

func TestEndsOfConnectionsAreAnnounced(t *testing.T) {
	s := &rivage.Settings{
		Trunks: map[rivage.ID]*rivage.Trunk{"a": {ID: "a", Declared: declaration()}, "old": {ID: "old"}},
		Cards:  map[rivage.ID]*rivage.CardSource{"b": {ID: "b", Declared: declaration(), Networks: []netip.Prefix{}}},
	}
	s.Cards["b"].Declared.Until = "2026-12-20"
	list := EndingAt(s, day("2026-11-28"))
	if len(list) != 2 || list[0].Connection.ID != "trunk:a" || list[0].Warning != 7 || list[1].Connection.ID != "card:b" || list[1].Warning != 30 {
		t.Errorf("got %+v", list)
	}
	if list := EndingAt(s, day("2026-08-01")); len(list) != 0 {
		t.Errorf("announced too early: %+v", list)
	}
}

// Support from outside is decided as administering: by the company's exposure and the country, under both profiles.
func TestTheLawDecidesWhoSupports(t *testing.T) {
	review := guardedBy("revue", rivage.SafeguardReview, "fr-us", "FR")
	review.Principal = rivage.Organisation
	for _, c := range []struct {
		profile rivage.Profile
		guards  []*rivage.Safeguard
		company rivage.ID
		country rivage.Country
		want    bool
	}{
		{rivage.Souverain, nil, "fr", "FR", true}, {rivage.Souverain, nil, "fr-us", "FR", false}, {rivage.Souverain, []*rivage.Safeguard{review}, "fr-us", "FR", true},
		{rivage.Souverain, []*rivage.Safeguard{review}, "fr-us", "US", false}, {rivage.Souverain, nil, "tg", "TG", false}, {rivage.Souverain, nil, "fr", "", false},
		{rivage.Encadre, nil, "fr-us", "FR", true}, {rivage.Encadre, nil, "tg", "TG", false},
	} {
		d := NewGate(frameOf(c.profile, c.guards)).Supports(c.company, c.country, day("2026-06-01"))
		if d.Allowed != c.want || !d.Allowed && d.Reason == "" {
			t.Errorf("%s, %s from %s: %+v", c.profile, c.company, c.country, d)
		}
	}
}
