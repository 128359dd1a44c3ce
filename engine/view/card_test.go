// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// parcels puts a source of cards into a world, which answers with a parcel and counts what it is asked.
func parcels(w *world) (asked *[]string) {
	w.settings.Cards = map[rivage.ID]*rivage.CardSource{
		"suivi": {ID: "suivi", Principal: "colis", Name: "Colis", KeyLabel: "Numéro", PerHour: 3, Fields: []rivage.CardField{
			{Name: "status", Label: "État", Class: rivage.ClassTracking},
			{Name: "recipient.name", Label: "Destinataire", Class: rivage.ClassHealth},
			{Name: "town", Label: "Ville", Class: rivage.ClassTracking},
		}},
		"dossier": {ID: "dossier", Principal: "mutuelle", Name: "Dossier", PerHour: 3, Fields: []rivage.CardField{{Name: "x", Label: "X", Class: rivage.ClassTracking}}},
	}
	for _, src := range w.settings.Cards {
		src.Provider, src.Country = "ponant", "FR"
		src.Declared = &rivage.Declaration{Purpose: rivage.PurposeService, Classes: rivage.DataClasses, Basis: "contrat", From: "2026-01-01", Until: "2099-12-31"}
	}
	asked = new([]string)
	w.look = func(_ context.Context, src *rivage.CardSource, key string) ([]CardValue, error) {
		*asked = append(*asked, string(src.ID)+" "+key)
		w.order = append(w.order, "look")
		if key == "none" {
			return nil, notFound("look up")
		}
		return []CardValue{{"status", "En route"}, {"recipient.name", "Aïcha Personne"}}, nil
	}
	return asked
}

// noHealth lets everything be seen but health.
func noHealth(t *testing.T, w *world) {
	t.Helper()
	table, err := policy.Compile("colis", []policy.Rule{
		allow("regle-colis", rivage.ZoneFR),
		{ID: "pas-la-sante", Effect: policy.Forbid, Reason: "jamais", Basis: "contrat", Classes: []rivage.DataClass{rivage.ClassHealth}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.gate = policy.NewGate(policy.Unbounded(), table)
}

func TestACardShowsWhatEachFieldsClassAllows(t *testing.T) {
	w := newWorld(t)
	asked := parcels(w)
	noHealth(t, w)
	c, err := w.view().Card(t.Context(), agentAna(), "i-c-talk", "suivi", "PN1")
	if err != nil {
		t.Fatal(err)
	}
	status, name, town := c.Fields[0], c.Fields[1], c.Fields[2]
	if status.Value == nil || *status.Value != "En route" || status.Rule != "regle-colis" {
		t.Errorf("status: %+v", status)
	}
	if name.Allowed || name.Value != nil || name.Image != "" || name.Reason != "jamais" || strings.Contains(textOf(t, c), "Personne") {
		t.Errorf("name: %s", textOf(t, c))
	}
	if town.Value != nil || !town.Allowed {
		t.Errorf("town, which was not answered: %+v", town)
	}
	if want := []string{"append", "look", "append"}; !slices.Equal(w.order, want) || !slices.Equal(*asked, []string{"suivi PN1"}) {
		t.Errorf("got order %v, asked %v", w.order, *asked)
	}
	var shown []string
	for _, e := range w.appended[1].Entries {
		f := e.Facts.(*rivage.FieldShown)
		shown = append(shown, f.Field+" "+e.Leaf.Outcome+" "+string(e.Leaf.Class))
		if f.Interaction != "i-c-talk" || f.Person != "p-c" || strings.Contains(textOf(t, e), "PN1") || strings.Contains(textOf(t, e), "En route") {
			t.Errorf("the entry says %s", textOf(t, e))
		}
	}
	if want := []string{"suivi.status shown suivi", "suivi.recipient.name refused sante", "suivi.town shown suivi"}; !slices.Equal(shown, want) {
		t.Errorf("got %v", shown)
	}
}

func TestACardForRemoteViewingLeavesAsImages(t *testing.T) {
	w := newWorld(t)
	parcels(w)
	bounded(t, w, "remote")
	v := w.view()
	c, err := v.Card(t.Context(), agentAna(), "i-c-talk", "suivi", "PN1")
	if err != nil {
		t.Fatal(err)
	}
	if text := textOf(t, c); strings.Contains(text, "En route") || strings.Contains(text, "Personne") || c.Fields[0].Image == "" || c.Fields[2].Image != "" {
		t.Fatalf("got %s", text)
	}
	drawn, err := v.Pane(agentAna(), strings.TrimPrefix(c.Fields[0].Image, imagePath))
	if drawn != "En route" || err != nil {
		t.Errorf("drawn %q, %v", drawn, err)
	}
}

// What was decided before a declaration ended is not drawn after.
func TestAnImageOfAClosedSourceIsNotDrawn(t *testing.T) {
	w := newWorld(t)
	parcels(w)
	bounded(t, w, "remote")
	v := w.view()
	c, err := v.Card(t.Context(), agentAna(), "i-c-talk", "suivi", "PN1")
	if err != nil || c.Fields[0].Image == "" {
		t.Fatalf("%+v (%v)", c, err)
	}
	w.settings.Cards["suivi"].Declared.Until = "2026-01-31"
	if _, err := v.Pane(agentAna(), strings.TrimPrefix(c.Fields[0].Image, imagePath)); rivage.CodeOf(err) != rivage.Denied {
		t.Errorf("drawn: %v", err)
	}
}

func TestACardIsForWhoHasTheCallInHand(t *testing.T) {
	w := newWorld(t)
	asked := parcels(w)
	other, elsewhere := agentAna(), agentAna()
	other.Account = "bob"
	elsewhere.Place = rivage.Place{Site: "lome", Company: "ponant", Country: "TG", Evidence: rivage.Attested}
	for name, c := range map[string]struct {
		u          User
		id, source rivage.ID
	}{
		"another agent's":            {other, "i-c-talk", "suivi"},
		"one that waits":             {agentAna(), "i-c-wait", "suivi"},
		"one that is offered":        {agentAna(), "i-c-ring", "suivi"},
		"one that is over":           {agentAna(), "i-c-done", "suivi"},
		"another Principal's source": {agentAna(), "i-c-talk", "dossier"},
		"no source":                  {agentAna(), "i-c-talk", "nowhere"},
		"a supervisor":               {as("supervisor", "colis"), "i-c-talk", "suivi"},
	} {
		if _, err := w.view().Card(t.Context(), c.u, c.id, c.source, "PN1"); rivage.CodeOf(err) != rivage.NotFound {
			t.Errorf("%s: got %v", name, err)
		}
	}
	c, err := w.view().Card(t.Context(), elsewhere, "i-c-talk", "suivi", "PN1") // no rule lets Lomé see anything
	if err != nil || c.Fields[0].Allowed || len(*asked) > 0 || len(w.appended) != 1 {
		t.Errorf("from Lomé: %+v, %v, asked %v: what may not be seen is not asked for, and the refusals are entries", c, err, *asked)
	}
	l, err := w.view().CardSources(t.Context(), agentAna(), "i-c-talk")
	if err != nil || len(l) != 1 || l[0] != (CardSource{"suivi", "Colis", "Numéro"}) {
		t.Errorf("got %+v, %v", l, err)
	}
}

// What is decided while the other system thinks counts, not what was decided before.
func TestAStopDuringALookUpHolds(t *testing.T) {
	w := newWorld(t)
	parcels(w)
	answer := w.look
	w.look = func(ctx context.Context, src *rivage.CardSource, key string) ([]CardValue, error) {
		w.settings.Frame = &rivage.Frame{Profile: rivage.Encadre, Stopped: []rivage.Country{"FR"}}
		bounded(t, w, "full")
		return answer(ctx, src, key)
	}
	c, err := w.view().Card(t.Context(), agentAna(), "i-c-talk", "suivi", "PN1")
	if err != nil || strings.Contains(textOf(t, c), "En route") || c.Fields[0].Rule != "arret" {
		t.Errorf("got %s, %v", textOf(t, c), err)
	}
	w = newWorld(t)
	parcels(w)
	w.look = func(ctx context.Context, src *rivage.CardSource, key string) ([]CardValue, error) {
		for i := range w.interactions {
			w.interactions[i].State = rivage.Closed
		}
		return answer(ctx, src, key)
	}
	if c, err := w.view().Card(t.Context(), agentAna(), "i-c-talk", "suivi", "PN1"); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("the call is over: %s, %v", textOf(t, c), err)
	}
}

func TestLookUpsAreLimited(t *testing.T) {
	w := newWorld(t)
	asked := parcels(w)
	v := w.view()
	look := func(key string) error {
		_, err := v.Card(t.Context(), agentAna(), "i-c-talk", "suivi", key)
		return err
	}
	if err := look("none"); rivage.CodeOf(err) != rivage.NotFound || len(w.appended) != 1 {
		t.Errorf("a record that is not there: %v, %d entries", err, len(w.appended))
	}
	if err := look("2"); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(30 * time.Minute)
	if err := look("3"); err != nil {
		t.Fatal(err)
	}
	if err := look("4"); rivage.CodeOf(err) != rivage.Busy || len(*asked) != 3 {
		t.Errorf("the fourth in an hour: %v, asked %v", err, *asked)
	}
	w.now = w.now.Add(30 * time.Minute) // the first two are an hour ago
	if err := look("5"); err != nil {
		t.Errorf("an hour later: %v", err)
	}
	w.down = true
	w.now = w.now.Add(time.Hour)
	if err := look("6"); rivage.CodeOf(err) != rivage.Unavailable {
		t.Errorf("a journal that is down: %v", err)
	}
}

// A source whose declaration has ended, or does not hold a class, is not asked for it, whatever the agent may see.
func TestASourceIsAskedForWhatIsDeclaredOnly(t *testing.T) {
	for _, c := range []struct {
		name     string
		declared *rivage.Declaration
		asked    int
		rule     string // of the field "status"
	}{
		{"ended", &rivage.Declaration{Purpose: "service", Classes: rivage.DataClasses, Basis: "contrat", From: "2020-01-01", Until: "2020-12-31"}, 0, policy.RuleEnded},
		{"none", nil, 0, policy.RuleUndeclared},
		{"another class", &rivage.Declaration{Purpose: "service", Classes: []rivage.DataClass{rivage.ClassHealth}, Basis: "contrat", From: "2020-01-01", Until: "2099-12-31"}, 0, policy.RuleClass},
		{"its class", &rivage.Declaration{Purpose: "service", Classes: []rivage.DataClass{rivage.ClassTracking}, Basis: "contrat", From: "2020-01-01", Until: "2099-12-31"}, 1, ""},
	} {
		w := newWorld(t)
		asked := parcels(w)
		noHealth(t, w)
		w.settings.Cards["suivi"].Declared = c.declared
		card, err := w.view().Card(t.Context(), agentAna(), "i-c-talk", "suivi", "PN1")
		if err != nil || len(*asked) != c.asked {
			t.Errorf("%s: asked %v, %v", c.name, *asked, err)
			continue
		}
		f := card.Fields[0]
		if f.Allowed != (c.rule == "") || !f.Allowed && (f.Rule != c.rule || f.Reason == "" || f.Value != nil) {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
}
