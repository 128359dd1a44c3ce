// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"crypto/sha256"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/engine/policy"
)

var proveDay = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// everything is a rule that allows all there is.
func everything(fields ...string) policy.Rule {
	return policy.Rule{
		ID: "tout", Effect: policy.Allow, Reason: "r", Basis: "b", Classes: []rivage.DataClass{"*"}, Actions: []rivage.Action{"*"}, Modes: []rivage.Mode{"*"},
		Zones: []rivage.Zone{rivage.ZoneFR}, Evidence: []rivage.Evidence{"*"}, Purposes: []rivage.Purpose{"*"}, Fields: fields,
	}
}

// proveGate lets one Principal's data be viewed as a matrix says.
func proveGate(t *testing.T, s *rivage.Settings, view string, rules ...policy.Rule) *policy.Gate {
	t.Helper()
	rows := policy.Rows{}
	for _, class := range rivage.DataClasses {
		rows[class] = map[rivage.Zone]map[string][]string{}
		for _, zone := range rivage.Zones {
			row := []string{"full", view, "full", "full", "full"}
			rows[class][zone] = map[string][]string{policy.Unexposed: row, policy.Exposed: row}
		}
	}
	m, err := policy.NewMatrix("p", rows)
	if err != nil {
		t.Fatal(err)
	}
	table, err := policy.Compile("p", rules)
	if err != nil {
		t.Fatal(err)
	}
	return policy.NewGate(policy.FrameOf(s, []*policy.Matrix{m}, nil), table)
}

func proveSettings() *rivage.Settings {
	return &rivage.Settings{
		Principals: map[rivage.ID]*rivage.Principal{"p": {ID: "p"}},
		Companies:  map[rivage.ID]*rivage.Company{"c": {ID: "c", Country: "FR"}},
		Sites:      map[rivage.ID]*rivage.Site{"brest": {ID: "brest", Company: "c", Country: "FR"}},
		Queues:     map[rivage.ID]*rivage.Queue{"q": {ID: "q", Principal: "p", Class: rivage.ClassTracking}},
	}
}

// entry is one of the log, its leaf naming its facts and the rules of a gate.
func entry(t *testing.T, gate *policy.Gate, leaf rivage.Leaf, f rivage.Facts) *rivage.Stored {
	t.Helper()
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	leaf.Kind, leaf.At, leaf.Site, leaf.Evidence = f.Kind(), proveDay.Unix(), "brest", rivage.Attested
	if leaf.To == "" { // exports of the first version say only where they go
		leaf.Country = "FR"
	}
	leaf.Class, leaf.Purpose, leaf.Rules, leaf.Facts = rivage.ClassTracking, rivage.PurposeService, gate.Table("p").Hash(), sha256.Sum256(text)
	return &rivage.Stored{Seq: 7, Principal: "p", At: rivage.At(proveDay), Kind: f.Kind(), LeafText: leaf.Append(nil), FactsText: text, Facts: f}
}

func TestEachKindOfDecisionIsJudgedByWhatLeft(t *testing.T) {
	s := proveSettings()
	field := func(masked, remote bool) rivage.Facts {
		return &rivage.FieldShown{Interaction: "i", Field: "note", Allowed: true, Masked: masked, Remote: remote}
	}
	place := rivage.Place{Site: "brest", Company: "c", Country: "FR", Evidence: rivage.Attested}
	for name, c := range map[string]struct {
		view string
		mode rivage.Mode
		f    rivage.Facts
		why  string // part of it; "" for in policy
	}{
		"a field, whole":              {"full", rivage.ModeView, field(false, false), ""},
		"an image where it must be":   {"remote", rivage.ModeView, field(false, true), ""},
		"text where an image must be": {"remote", rivage.ModeView, field(false, false), "qu'en image"},
		"whole where it is masked":    {"masked", rivage.ModeView, field(false, false), "en entier"},
		"shown where it is refused":   {"refused", rivage.ModeView, field(false, false), "matrice"},
		"a playback":                  {"full", rivage.ModeVoice, &rivage.RecordingPlayed{Interaction: "i"}, ""},
		"an export":                   {"full", rivage.ModeCopy, &rivage.Exported{}, ""},
		"an offer":                    {"full", rivage.ModeVoice, &rivage.InteractionOffered{Interaction: "i", Queue: "q", Place: place}, ""},
	} {
		gate := proveGate(t, s, c.view, everything())
		w := newDecisions(nil)
		w.force = []inForceAt{{proveDay.Add(-time.Hour), s, gate}}
		leaf := rivage.Leaf{Mode: c.mode}
		if _, export := c.f.(*rivage.Exported); export {
			leaf.To = "FR"
		}
		d, err := w.take(t.Context(), entry(t, gate, leaf, c.f), s)
		if err != nil || d == nil {
			t.Fatalf("%s: %v, %v", name, d, err)
		}
		if why := judge(d, w.mayHaveDecided(d.at)); (why == "") != (c.why == "") || !strings.Contains(why, c.why) {
			t.Errorf("%s: %q, want %q", name, why, c.why)
		}
	}
}

func TestFactsThatWereTouchedAreOutside(t *testing.T) {
	s := proveSettings()
	gate := proveGate(t, s, "full", everything())
	w := newDecisions(nil)
	w.force = []inForceAt{{proveDay.Add(-time.Hour), s, gate}}
	e := entry(t, gate, rivage.Leaf{Mode: rivage.ModeView}, &rivage.FieldShown{Interaction: "i", Field: "note", Allowed: true})
	e.FactsText = append(e.FactsText, ' ')
	d, err := w.take(t.Context(), e, s)
	if err != nil || judge(d, w.mayHaveDecided(d.at)) == "" {
		t.Errorf("judged in policy, %v", err)
	}
	e.LeafText = nil // at the end of its class
	if d, err := w.take(t.Context(), e, s); d != nil || err != nil || w.lost != 1 {
		t.Errorf("a leaf that is gone: %v, %v, %d told", d, err, w.lost)
	}
}

// A field of a card that left although its connection was closed is outside, within the moment that a change takes or not.
func TestACardIsJudgedWithItsConnection(t *testing.T) {
	source := func(until rivage.Date, classes ...rivage.DataClass) *rivage.Settings {
		s := proveSettings()
		s.Cards = map[rivage.ID]*rivage.CardSource{"colis": {
			ID: "colis", Principal: "p", Provider: "c", Country: "FR", Fields: []rivage.CardField{{Name: "town", Class: rivage.ClassTracking}},
			Declared: &rivage.Declaration{Purpose: rivage.PurposeService, Classes: classes, Basis: "b", From: "2026-01-01", Until: until},
		}}
		return s
	}
	open := source("2026-11-28", rivage.ClassTracking)
	for name, c := range map[string]struct {
		before, now *rivage.Settings
		changed     time.Duration // before proveDay
		why         string        // part of it; "" for in policy
	}{
		"declared":                      {open, open, time.Hour, ""},
		"ended the day before":          {open, source("2026-11-27", rivage.ClassTracking), time.Hour, "échue"},
		"the class is not declared":     {open, source("2026-11-28", rivage.ClassHealth), time.Hour, "classe de données"},
		"no source":                     {open, proveSettings(), time.Hour, "non déclarée"},
		"closed within the last second": {open, proveSettings(), time.Second, ""},
	} {
		gate := proveGate(t, open, "full", everything())
		w := newDecisions(nil)
		w.force = []inForceAt{{proveDay.Add(-2 * time.Hour), c.before, gate}, {proveDay.Add(-c.changed), c.now, gate}}
		shown := &rivage.FieldShown{Interaction: "i", Field: "colis.town", Allowed: true}
		d, err := w.take(t.Context(), entry(t, gate, rivage.Leaf{Mode: rivage.ModeView}, shown), c.now)
		if err != nil || d == nil {
			t.Fatalf("%s: %v, %v", name, d, err)
		}
		if why := judge(d, w.mayHaveDecided(d.at)); (why == "") != (c.why == "") || !strings.Contains(why, c.why) {
			t.Errorf("%s: %q, want %q", name, why, c.why)
		}
	}
}

// Whose network a session came from is in the facts: what a rule refuses there is outside, whatever was stated.
func TestWhatLeftForANetworkThatARuleRefusesIsOutside(t *testing.T) {
	s := proveSettings()
	never := policy.Rule{ID: "jamais", Effect: policy.Forbid, Reason: "jamais au Togo", Basis: "b", Countries: []rivage.Country{"TG"}}
	gate := proveGate(t, s, "full", everything(), never)
	for name, f := range map[string]struct{ here, there rivage.Facts }{
		"a field":    {&rivage.FieldShown{Interaction: "i", Field: "note", Allowed: true}, &rivage.FieldShown{Interaction: "i", Field: "note", Allowed: true, Seen: "TG"}},
		"a playback": {&rivage.RecordingPlayed{Interaction: "i"}, &rivage.RecordingPlayed{Interaction: "i", Seen: "TG"}},
		"an export":  {&rivage.Exported{}, &rivage.Exported{Seen: "TG"}},
	} {
		for facts, why := range map[rivage.Facts]string{f.here: "", f.there: "jamais au Togo"} {
			w := newDecisions(nil)
			w.force = []inForceAt{{proveDay.Add(-time.Hour), s, gate}}
			d, err := w.take(t.Context(), entry(t, gate, rivage.Leaf{Mode: rivage.ModeView}, facts), s)
			if err != nil || d == nil {
				t.Fatalf("%s: %v, %v", name, d, err)
			}
			if got := judge(d, w.mayHaveDecided(d.at)); got != why {
				t.Errorf("%s: %q, want %q", name, got, why)
			}
		}
	}
}

// What held until hours ago does not clear a decision of now, however quiet the log was between.
func TestOnlyWhatWasInForceMayHaveDecided(t *testing.T) {
	w := newDecisions(nil)
	set := func(at time.Time, text string) {
		doc, err := json.Marshal(rivage.RuleSet{ID: "p", Principal: "p", Text: text})
		if err != nil {
			t.Fatal(err)
		}
		w.set(&rivage.Stored{At: rivage.At(at), Facts: &rivage.SettingSet{Type: rivage.TypeRules, ID: "p", Doc: doc}})
	}
	set(proveDay, "")
	w.now(proveDay)
	set(proveDay.Add(time.Minute), "# une autre version")
	w.now(proveDay.Add(50 * time.Minute)) // the first entry after the change
	if n := len(w.mayHaveDecided(proveDay.Add(time.Minute + time.Second))); n != 2 {
		t.Errorf("%d gates may have decided within the second of the change, want both", n)
	}
	if n := len(w.mayHaveDecided(proveDay.Add(50 * time.Minute))); n != 1 {
		t.Errorf("%d gates may have decided nearly an hour later, want the one in force", n)
	}
}

func TestADifferenceInOneFieldIsSeen(t *testing.T) {
	s := proveSettings()
	hidden := policy.Rule{ID: "jamais", Effect: policy.Forbid, Reason: "r", Basis: "b", Fields: []string{"caller"}}
	from, to := proveGate(t, s, "full", everything(), hidden), proveGate(t, s, "full", everything())
	for name, list := range map[string][]answerChange{"taken away": answerChanges(s, s, from, to, proveDay), "added": answerChanges(s, s, to, from, proveDay)} {
		if len(list) == 0 || list[0].request.Field != "caller" {
			t.Errorf("%s: %d changes", name, len(list))
		}
	}
	gone := proveSettings()
	gone.Principals, gone.Sites = nil, nil
	if len(answerChanges(s, gone, to, policy.NewGate(nil), proveDay)) == 0 {
		t.Error("a client organisation that goes changes nothing")
	}
}

// An offer outside that a share left no room for is outside policy, and the next one, for which there was room, is not.
func TestAnOfferThatBrokeAShareIsOutside(t *testing.T) {
	s := proveSettings()
	s.Queues["q"].Shares = []rivage.Share{{Area: rivage.AreaFrance, Least: 50}}
	gate := proveGate(t, s, "full", everything())
	w := newDecisions(nil)
	w.force = []inForceAt{{proveDay.Add(-time.Hour), s, gate}}
	lome := rivage.Place{Site: "lome", Country: "TG", Evidence: rivage.Attested}
	brest := rivage.Place{Site: "brest", Company: "c", Country: "FR", Evidence: rivage.Attested}
	offered := func(i rivage.ID, p rivage.Place) *rivage.Stored {
		return entry(t, gate, rivage.Leaf{Mode: rivage.ModeVoice}, &rivage.InteractionOffered{Interaction: i, Queue: "q", Place: p})
	}
	broke := func(e *rivage.Stored) bool {
		d, err := w.take(t.Context(), e, s)
		w.tally.See(e.At.Time(), e.Facts)
		return err != nil || d.share != "" && strings.Contains(judge(d, w.mayHaveDecided(d.at)), "part minimale")
	}
	if !broke(offered("i1", lome)) {
		t.Error("the first of the day went outside, and nobody said so")
	}
	w.tally = floor.NewTally()
	if broke(offered("i2", brest)) {
		t.Error("an offer in France breaks no share")
	}
	w.tally.See(proveDay, &rivage.InteractionAnswered{Interaction: "i2"})
	if broke(offered("i3", lome)) || !broke(offered("i4", lome)) {
		t.Error("after one from France there is room for one")
	}
}

// What a rule allows at night only is found by day.
func TestTheProofAsksAtEveryHourThatMatters(t *testing.T) {
	s := proveSettings()
	night := everything()
	night.Hours = []string{"mon-sun 22:00-06:00"}
	nevers, err := parseNevers([]string{"class=sante action=offer"})
	if err != nil {
		t.Fatal(err)
	}
	e := enumerate(s, proveGate(t, s, "full", night), proveDay, nevers)
	if e.nevers[0].found == nil || e.allowed == 0 || e.allowed == e.asked {
		t.Errorf("%d of %d allowed at noon and at night, found %v", e.allowed, e.asked, e.nevers[0].found)
	}
}
