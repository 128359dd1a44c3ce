// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"testing"
	"time"

	"rivage.example/rivage"
)

// cardWorld is a Principal whose agents in France may see everything, and its source of cards.
func cardWorld(t *testing.T, declared *rivage.Declaration, country rivage.Country) (*rivage.Settings, *Gate) {
	t.Helper()
	src := &rivage.CardSource{
		ID: "colis", Principal: "ponant", Provider: "fr", Country: country, Declared: declared,
		Fields: []rivage.CardField{{Name: "town", Class: rivage.ClassTracking}, {Name: "recipient.name", Class: rivage.ClassTracking}},
	}
	s := &rivage.Settings{Companies: companies(), Cards: map[rivage.ID]*rivage.CardSource{"colis": src}}
	all := Rule{
		ID: "tout", Effect: Allow, Reason: "r", Basis: "b", Classes: []rivage.DataClass{Any}, Actions: []rivage.Action{Any}, Modes: []rivage.Mode{Any},
		Zones: []rivage.Zone{Any}, Evidence: []rivage.Evidence{Any}, Purposes: []rivage.Purpose{Any},
	}
	return s, NewGate(frameOf(rivage.Souverain, nil), compile(t, []Rule{all}))
}

// A field of a card is decided by the gate and by the connection to its system, whose refusal is told as such.
func TestAFieldOfACardIsDecidedWithItsConnection(t *testing.T) {
	midnight := day("2026-12-01") // the declaration's last day is the one before
	for _, c := range []struct {
		name     string
		field    string
		class    rivage.DataClass
		declared *rivage.Declaration
		country  rivage.Country
		at       time.Time
		want     string // rule that refuses, "" for allowed
	}{
		{"declared", "colis.town", rivage.ClassTracking, declaration(rivage.ClassTracking), "FR", midnight.Add(-1), ""},
		{"a name within an object", "colis.recipient.name", rivage.ClassTracking, declaration(rivage.ClassTracking), "FR", midnight.Add(-1), ""},
		{"its last second, as a leaf has it", "colis.town", rivage.ClassTracking, declaration(rivage.ClassTracking), "FR", midnight.Add(-1).Truncate(time.Second), ""},
		{"ended", "colis.town", rivage.ClassTracking, declaration(rivage.ClassTracking), "FR", midnight, RuleEnded},
		{"before its first day", "colis.town", rivage.ClassTracking, declaration(rivage.ClassTracking), "FR", day("2026-01-31"), RuleEarly},
		{"another class", "colis.town", rivage.ClassHealth, declaration(rivage.ClassTracking), "FR", midnight.Add(-1), RuleClass},
		{"not declared", "colis.town", rivage.ClassTracking, nil, "FR", midnight.Add(-1), RuleUndeclared},
		{"the frame refuses the other side", "colis.town", rivage.ClassTracking, declaration(rivage.ClassTracking), "TG", midnight.Add(-1), "profil:souverain"},
		{"a field that the source does not declare", "colis.phone", rivage.ClassTracking, declaration(rivage.ClassTracking), "FR", midnight.Add(-1), RuleUndeclared},
		{"a source that there is not", "stock.town", rivage.ClassTracking, declaration(rivage.ClassTracking), "FR", midnight.Add(-1), RuleUndeclared},
		{"a field of the call", "caller", rivage.ClassTracking, nil, "FR", midnight, ""},
		{"a field of a person", "person.name", rivage.ClassTracking, nil, "FR", midnight, ""},
	} {
		s, gate := cardWorld(t, c.declared, c.country)
		r := Request{
			Principal: "ponant", Action: rivage.ActField, Class: c.class, Mode: rivage.ModeView, Purpose: rivage.PurposeService, Field: c.field,
			Place: rivage.Place{Company: "fr", Country: "FR", Evidence: rivage.Attested},
		}
		d := gate.DecideField(s, r, c.at)
		if d.Allowed != (c.want == "") || !d.Allowed && d.Rule != c.want {
			t.Errorf("%s: %+v, want refused by %q", c.name, d, c.want)
		}
		bounds := gate.BoundsOfField(s, r, c.at)
		last := bounds[len(bounds)-1]
		if c.want != "" && (last.Layer != LayerConnection || last.Outcome != Refused.String() || last.Reason != d.Reason) {
			t.Errorf("%s: the layers end with %+v", c.name, last)
		}
	}
}

// Whom a rule refuses is told that, whatever the connection; another Principal's source is none of its own.
func TestARuleRefusesBeforeTheConnection(t *testing.T) {
	s, gate := cardWorld(t, nil, "FR")
	r := Request{Principal: "ponant", Action: rivage.ActField, Class: rivage.ClassTracking, Mode: rivage.ModeView, Purpose: rivage.PurposeService, Field: "colis.town"}
	if d := gate.DecideField(s, r, day("2026-06-01")); d.Allowed || d.Reason != ReasonNoRule {
		t.Errorf("an unknown place: %+v", d)
	}
	if CardOfField(s, r) == nil {
		t.Error("its own source is not found")
	}
	s.Cards["colis"].Principal = "another"
	if CardOfField(s, r) != nil {
		t.Error("found the source of another Principal")
	}
}
