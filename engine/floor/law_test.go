// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// framed is the gate of the tests within a frame that lets Lomé view nothing but images.
func framed(t *testing.T, s *rivage.Settings, stopped ...rivage.Country) *policy.Gate {
	t.Helper()
	s.Frame = &rivage.Frame{Profile: rivage.Encadre, Stopped: stopped}
	s.Safeguards = map[rivage.ID]*rivage.Safeguard{}
	for _, kind := range []rivage.SafeguardKind{
		rivage.SafeguardClauses, rivage.SafeguardAssessment, rivage.SafeguardAuthorisation, rivage.SafeguardNotice,
	} {
		s.Safeguards[rivage.ID(kind)] = &rivage.Safeguard{
			ID: rivage.ID(kind), Principal: "parcels-co", Kind: kind, Company: "togocall", Country: "TG", From: "1990-01-01", Until: "2099-12-31",
		}
	}
	var tables []*policy.Table
	for _, principal := range []rivage.ID{"parcels-co", "health-co"} {
		table, err := policy.Compile(principal, testGate(t).Table(principal).Rules())
		if err != nil {
			t.Fatal(err)
		}
		tables = append(tables, table)
	}
	return policy.NewGate(policy.FrameOf(s, []*policy.Matrix{remoteElsewhere(t)}, nil), tables...)
}

// remoteElsewhere lets other countries view images only.
func remoteElsewhere(t *testing.T) *policy.Matrix {
	t.Helper()
	rows := policy.Rows{}
	for _, class := range rivage.DataClasses {
		rows[class] = map[rivage.Zone]map[string][]string{}
		for _, zone := range rivage.Zones {
			view := "full"
			if zone == rivage.ZoneOther {
				view = "remote"
			}
			row := []string{"full", view, "full", "full", "full"}
			rows[class][zone] = map[string][]string{policy.Unexposed: row, policy.Exposed: row}
		}
	}
	m, err := policy.NewMatrix("parcels-co", rows)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// An agent who works by ear is never offered a case that is shown as images only, and loses nothing elsewhere.
func TestNobodyByEarIsOfferedImages(t *testing.T) {
	for _, c := range []struct {
		name, agent string
		byEar, want bool
	}{
		{"by ear, images only", "koffi", true, false},
		{"by eye, images only", "koffi", false, true},
		{"by ear, text", "anne", true, true},
	} {
		g := newStage(t)
		s := testSettings()
		s.Agents[rivage.ID(c.agent)].ByEar = c.byEar
		g.do(Reconfigure{Settings: s, Gate: framed(t, s)})
		g.ready(rivage.ID(c.agent))
		got := g.call("L1", parcels, "+33612345678")
		if (got.offer != nil) != c.want {
			t.Errorf("%s: offered %v, want %v", c.name, got.offer != nil, c.want)
		}
	}
}

// What rules say of single fields, and the records of the client organisation, count too.
func TestByEarLooksAtEveryField(t *testing.T) {
	for name, change := range map[string]func(*rivage.Settings, *policy.Rule){
		"a rule for the number": func(_ *rivage.Settings, r *policy.Rule) { r.Fields = []string{"caller"} },
		"a field of the person's card": func(s *rivage.Settings, r *policy.Rule) {
			r.Fields = []string{"person.contrat"}
			s.Fields = map[rivage.ID]*rivage.Field{"contrat": {ID: "contrat", Principal: "parcels-co", Class: rivage.ClassTracking}}
		},
		"a card": func(s *rivage.Settings, r *policy.Rule) {
			r.Fields = []string{"colis.status"}
			s.Cards = map[rivage.ID]*rivage.CardSource{"colis": {ID: "colis", Principal: "parcels-co", Fields: []rivage.CardField{{Name: "status", Class: rivage.ClassTracking}}}}
		},
	} {
		s := testSettings()
		framed(t, s) // sets profile and safeguards
		offer, field := testGate(t).Table("parcels-co").Rules()[0], testGate(t).Table("parcels-co").Rules()[0]
		offer.Actions = []rivage.Action{rivage.ActOffer, rivage.ActLeg}
		field.ID, field.Actions = "field", []rivage.Action{rivage.ActField}
		change(s, &field)
		table, err := policy.Compile("parcels-co", []policy.Rule{offer, field})
		if err != nil {
			t.Fatal(err)
		}
		g := newStage(t)
		s.Agents["koffi"].ByEar = true
		g.do(Reconfigure{Settings: s, Gate: policy.NewGate(policy.FrameOf(s, []*policy.Matrix{remoteElsewhere(t)}, nil), table)})
		g.ready("koffi")
		if c := g.call("L1", parcels, "+33612345678"); c.offer != nil {
			t.Errorf("%s: offered", name)
		}
	}
}

// A country that is stopped gets no more offers from that moment on, and again once it is not.
func TestAStopReachesRouting(t *testing.T) {
	g := newStage(t)
	s := testSettings()
	g.do(Reconfigure{Settings: s, Gate: framed(t, s)})
	g.ready("koffi")
	stopped := testSettings()
	g.do(Reconfigure{Settings: stopped, Gate: framed(t, stopped, "TG")})
	c := g.call("L1", parcels, "+33612345678")
	if c.offer != nil {
		t.Fatal("offered to a country that is stopped")
	}
	g.do(Reconfigure{Settings: s, Gate: framed(t, s)})
	if c.offer == nil || c.offer.agent.row.Agent != "koffi" {
		t.Error("not offered once the stop is lifted")
	}
}
