// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"slices"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/policy"
)

// framedWorld lets Lomé answer for "colis" under safeguards that end in 25 days.
func framedWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.settings.Companies["ponant"].Country = "FR"
	w.settings.Companies["golfe"] = &rivage.Company{ID: "golfe", Name: "Golfe", Country: "TG"}
	w.settings.Sites["lome"].Company = "golfe"
	w.settings.Frame = &rivage.Frame{Profile: rivage.Encadre}
	w.settings.Safeguards = map[rivage.ID]*rivage.Safeguard{}
	for _, kind := range []rivage.SafeguardKind{
		rivage.SafeguardClauses, rivage.SafeguardAssessment, rivage.SafeguardAuthorisation, rivage.SafeguardNotice,
	} {
		w.settings.Safeguards[rivage.ID(kind)] = &rivage.Safeguard{
			ID: rivage.ID(kind), Principal: "colis", Kind: kind, Company: "golfe", Country: "TG", From: "2026-01-01", Until: rivage.Date(day.AddDate(0, 0, 25).Format("2006-01-02")),
		}
	}
	table, err := policy.Compile("colis", []policy.Rule{allow("partout", "*")})
	if err != nil {
		t.Fatal(err)
	}
	w.gate = policy.NewGate(policy.FrameOf(&w.settings, nil, nil), table)
	return w
}

func TestAProfileIsProposedWithWhatItWouldChange(t *testing.T) {
	w := framedWorld(t)
	dpo := as(access.RoleDPO, "*")
	list, err := w.view().Consequences(t.Context(), dpo, rivage.Souverain)
	if err != nil || len(list) == 0 {
		t.Fatalf("got %v, %v", list, err)
	}
	for _, c := range list {
		if c.Site != "lome" || c.Allowed || c.Reason == "" || c.Principal != "colis" {
			t.Errorf("got %+v, want Lomé closed, with the reason", c)
		}
	}
	if !slices.ContainsFunc(list, func(c Consequence) bool { return c.Class == rivage.ClassTracking && c.Action == rivage.ActOffer }) {
		t.Errorf("parcels are not among %v", list)
	}
	if same, err := w.view().Consequences(t.Context(), dpo, rivage.Encadre); err != nil || len(same) != 0 {
		t.Errorf("the profile in force would change %v, %v", same, err)
	}
	if d := w.gate.Decide(policy.Request{
		Principal: "colis", Action: rivage.ActOffer, Class: rivage.ClassTracking, Mode: rivage.ModeVoice, Purpose: rivage.PurposeService,
		Place: rivage.Place{Company: "golfe", Country: "TG", Evidence: rivage.Attested},
	}, day); !d.Allowed {
		t.Errorf("looking at another profile changed the one in force: %+v", d)
	}
	w.settings.Frame.Proposed, w.settings.Frame.ProposedBy = rivage.Souverain, dpo.Account
	f, err := w.view().Frame(t.Context(), dpo)
	if err != nil || !f.Mine || f.Proposed != rivage.Souverain || len(f.Consequences) != len(list) || len(f.Due) != 4 || f.Due[0].Warning != 30 {
		t.Errorf("who proposed sees %+v, %v", f, err)
	}
}

func TestOnlyWhoAnswersForItSeesWhatIsAboutToChange(t *testing.T) {
	w := framedWorld(t)
	w.settings.Frame.Proposed, w.settings.Frame.ProposedBy = rivage.Souverain, "command-line"
	for name, u := range map[string]User{"an agent": agentAna(), "a supervisor": as(access.RoleSupervisor, "*")} {
		f, err := w.view().Frame(t.Context(), u)
		if err != nil || f.Profile != rivage.Encadre || f.Proposed != "" || len(f.Due) != 0 || len(f.Consequences) != 0 {
			t.Errorf("%s sees %+v, %v", name, f, err)
		}
		if _, err := w.view().Consequences(t.Context(), u, rivage.Souverain); rivage.CodeOf(err) != rivage.NotFound {
			t.Errorf("%s is answered %v", name, err)
		}
	}
	other, err := w.view().Frame(t.Context(), as(access.RoleDPO, "mutuelle")) // another client organisation's safeguards are not theirs to see
	if err != nil || len(other.Due) != 0 || len(other.Consequences) != 0 || other.ProposedBy != "command-line" {
		t.Errorf("the DPO of another sees %+v, %v", other, err)
	}
}

func TestTheLawOfAPrincipalIsItsOwn(t *testing.T) {
	w := framedWorld(t)
	l, err := w.view().Law(t.Context(), as(access.RoleDPO, "colis"), "colis")
	if err != nil || l.Profile != rivage.Encadre || len(l.Cells) != 6*8*2*5 || len(l.Companies) != 2 {
		t.Fatalf("got %d cells, %d companies, %v", len(l.Cells), len(l.Companies), err)
	}
	for _, c := range l.Companies {
		if c.Exposed != (c.ID == "golfe") {
			t.Errorf("%+v", c)
		}
	}
	if _, err := w.view().Law(t.Context(), as(access.RoleDPO, "mutuelle"), "colis"); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("another's: %v", err)
	}
}

// The badge says since when the profile holds: another stop is no other profile, and a profile that comes back counts from
// when it came back.
func TestTheBadgeSaysSinceWhen(t *testing.T) {
	w := framedWorld(t)
	v := w.view()
	if b, err := v.Badge(t.Context()); err != nil || b.Since != "" || b.Profile != rivage.Encadre {
		t.Fatalf("before any entry: %+v, %v", b, err)
	}
	var seqs []rivage.Seq
	for i, doc := range []string{`{"profile":"encadre"}`, `{"profile":"souverain"}`, `{"profile":"encadre"}`, `{"profile":"encadre","stopped":["TG"]}`} {
		seqs = append(seqs, rivage.Seq(len(w.entries)))
		w.entries = append(w.entries, rivage.Stored{
			Seq: seqs[i], Stream: rivage.StreamOf("config/frame", rivage.Organisation), Version: int64(i + 1), Principal: rivage.Organisation,
			At: rivage.At(day.AddDate(0, 0, i)), Facts: &rivage.SettingSet{Type: rivage.TypeFrame, ID: rivage.Organisation, Doc: []byte(doc)},
		})
	}
	w.settings.Seq++
	if b, err := v.Badge(t.Context()); err != nil || b.Seq != seqs[2] || b.Since != instant(rivage.At(day.AddDate(0, 0, 2))) {
		t.Errorf("got %+v, %v, want entry %d", b, err, seqs[2])
	}
}
