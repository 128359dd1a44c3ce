// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"slices"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/policy"
)

func TestADossierSaysWhatItLacksAndUntilWhen(t *testing.T) {
	w := framedWorld(t)
	w.settings.Openings = map[rivage.ID]*rivage.Opening{"lome": {
		ID: "lome", Scope: &rivage.TrialScope{Queues: []rivage.ID{"colis"}, From: "2026-01-01", Until: "2040-01-01"},
		Clients: []rivage.ClientTold{
			{Principal: "colis", ToldOn: "2026-01-01", ObjectionUntil: rivage.Date(day.AddDate(0, 0, 20).Format("2006-01-02"))},
			{Principal: "mutuelle", ToldOn: "2026-01-01", ObjectionUntil: "2026-02-01", Answer: rivage.ClientObjected, AnsweredOn: "2026-01-20"},
		},
		Opinions: []rivage.Opinion{{Of: "CSE"}},
	}}
	dpo := as(access.RoleDPO, "*")
	got, err := w.view().Openings(t.Context(), dpo)
	if err != nil || len(got.Openings) != 1 {
		t.Fatalf("got %+v, %v", got, err)
	}
	o := got.Openings[0]
	if !slices.Equal(o.Missing, []string{rivage.StepNotice, rivage.StepOpinions}) || o.Decision != nil || o.Company != "Golfe" || o.Clients[0].Standing != policy.StandingUndecided {
		t.Errorf("got %+v", o)
	}
	if slices.ContainsFunc(got.Without, func(s SiteWithoutOne) bool { return s.ID == "lome" || s.Abroad }) || len(got.Without) != len(w.settings.Sites)-1 {
		t.Errorf("sites without one: %+v", got.Without)
	}

	w.settings.Openings["lome"].Decision = &rivage.OpeningDecision{Verdict: rivage.Go, Reason: "Essai.", On: "2026-01-02", By: "gone", Company: "golfe", Country: "TG"}
	got, err = w.view().Openings(t.Context(), dpo)
	if err != nil {
		t.Fatal(err)
	}
	o = got.Openings[0]
	if o.Clients[0].Standing != policy.StandingDeadline || o.Clients[0].Until != w.settings.Openings["lome"].Clients[0].ObjectionUntil || o.Clients[1].Standing != policy.StandingObjected {
		t.Errorf("once decided: %+v", o.Clients)
	}
	delete(w.settings.Openings, "lome")
	got, err = w.view().Openings(t.Context(), dpo)
	if err != nil || !slices.ContainsFunc(got.Without, func(s SiteWithoutOne) bool { return s.ID == "lome" && s.Abroad }) {
		t.Errorf("a site abroad without a dossier is not told: %+v %v", got, err)
	}
	for name, u := range map[string]User{"an agent": agentAna(), "a supervisor": as(access.RoleSupervisor, "*"), "another's DPO": as(access.RoleDPO, "mutuelle")} {
		if _, err := w.view().Openings(t.Context(), u); rivage.CodeOf(err) != rivage.NotFound {
			t.Errorf("%s is answered %v", name, err)
		}
	}
}
