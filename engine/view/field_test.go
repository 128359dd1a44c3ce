// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/policy"
)

// Promise 2: the entry that says what is shown is durable before the value is opened.
func TestAFieldIsWrittenDownBeforeItIsOpened(t *testing.T) {
	w := newWorld(t)
	f, err := w.view().Fields(t.Context(), as(access.RoleSupervisor, "colis"), "i-c-done", []string{FieldCaller, FieldNote})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"append", "open caller", "open note"}; !slices.Equal(w.order, want) {
		t.Errorf("got order %v, want %v", w.order, want)
	}
	if f[0].Value == nil || *f[0].Value != callerNumber || f[1].Value == nil || *f[1].Value != "note de c" {
		t.Errorf("got %+v, want the number and the note", f)
	}
	if len(w.appended) != 1 || len(w.appended[0].Entries) != 2 {
		t.Fatalf("got %d appends, want one of two entries", len(w.appended))
	}
	e := w.appended[0].Entries[1]
	facts, ok := e.Facts.(*rivage.FieldShown)
	if !ok || facts.Field != FieldNote || !facts.Allowed || facts.Interaction != "i-c-done" || facts.Person != "p-c" {
		t.Errorf("got facts %+v", e.Facts)
	}
	if e.Principal != "colis" || e.Stream != "person/p-c" || e.Actor != "s-u" {
		t.Errorf("got %s of %s by %s", e.Stream, e.Principal, e.Actor)
	}
	if l := e.Leaf; l.Field != FieldNote || l.Role != access.RoleSupervisor || l.Country != "FR" || l.Rule != "regle-colis" ||
		l.Outcome != "shown" || l.Mode != rivage.ModeView || l.Purpose != rivage.PurposeQuality || l.Class != rivage.ClassCommon {
		t.Errorf("got leaf %+v", l)
	}
}

func TestARefusedFieldHasAReasonAndNoValue(t *testing.T) {
	w := newWorld(t)
	u := as(access.RoleSupervisor, "colis")
	u.Place = rivage.Place{Site: "lome", Company: "ponant", Country: "TG", Evidence: rivage.Attested}
	f, err := w.view().Fields(t.Context(), u, "i-c-done", []string{FieldCaller})
	if err != nil {
		t.Fatal(err)
	}
	if f[0].Allowed || f[0].Value != nil || f[0].Reason == "" || !f[0].Asked {
		t.Errorf("got %+v, want a refusal with its reason", f[0])
	}
	if want := []string{"append"}; !slices.Equal(w.order, want) {
		t.Errorf("got order %v, want %v: a refusal is written down, and nothing opened", w.order, want)
	}
	if got := w.appended[0].Entries[0].Leaf.Outcome; got != "refused" {
		t.Errorf("got outcome %q, want refused", got)
	}
}

func TestNothingIsShownWhileTheJournalIsDown(t *testing.T) {
	w := newWorld(t)
	w.down = true
	f, err := w.view().Fields(t.Context(), as(access.RoleSupervisor, "colis"), "i-c-done", []string{FieldCaller})
	if rivage.CodeOf(err) != rivage.Unavailable || f != nil || len(w.order) != 0 {
		t.Errorf("got %v, %v, %v, want nothing and unavailable", f, err, w.order)
	}
	if _, err = w.view().Playback(t.Context(), as(access.RoleSupervisor, "colis"), "r-c"); rivage.CodeOf(err) != rivage.Unavailable || len(w.order) != 0 {
		t.Errorf("playback: got %v, %v, want unavailable and nothing played", err, w.order)
	}
}

func TestOnlyKnownFieldsOnceEach(t *testing.T) {
	w := newWorld(t)
	for _, names := range [][]string{nil, {"subject"}, {"caller", "caller"}, {"caller", "note", "x"}} {
		if _, err := w.view().Fields(t.Context(), as(access.RoleDPO, "colis"), "i-c-done", names); rivage.CodeOf(err) != rivage.Invalid {
			t.Errorf("%v: got %v, want invalid", names, err)
		}
	}
	if len(w.appended) != 0 {
		t.Errorf("got %d appends, want none", len(w.appended))
	}
}

func TestAnErasedFieldHasNoValue(t *testing.T) {
	w := newWorld(t)
	clear(w.cells)
	f, err := w.view().Fields(t.Context(), as(access.RoleDPO, "colis"), "i-c-done", []string{FieldCaller})
	if err != nil || f[0].Value != nil {
		t.Errorf("got %+v, %v, want no value and no error", f, err)
	}
}

func TestARecordingIsWrittenDownBeforeItIsPlayed(t *testing.T) {
	w := newWorld(t)
	a, err := w.view().Playback(t.Context(), as(access.RoleSupervisor, "colis"), "r-c")
	if err != nil {
		t.Fatal(err)
	}
	if wav, _ := io.ReadAll(a.WAV); string(wav) != "RIFF" || a.Size != 4 {
		t.Errorf("got %q of %d, want RIFF of 4", wav, a.Size)
	}
	if want := []string{"append", "play"}; !slices.Equal(w.order, want) {
		t.Errorf("got order %v, want %v", w.order, want)
	}
	if _, ok := w.appended[0].Entries[0].Facts.(*rivage.RecordingPlayed); !ok {
		t.Errorf("got %T, want RecordingPlayed", w.appended[0].Entries[0].Facts)
	}
	u := as(access.RoleSupervisor, "colis")
	u.Place.Country, u.Place.Evidence = "TG", rivage.Attested
	if _, err := w.view().Playback(t.Context(), u, "r-c"); rivage.CodeOf(err) != rivage.Denied || len(w.appended) != 1 {
		t.Errorf("from Togo: got %v and %d entries, want denied and nothing said to be played", err, len(w.appended))
	}
}

// A recording whose caller opposed, or who was erased, is not there any more.
func TestADestroyedRecordingCannotBePlayed(t *testing.T) {
	for _, state := range []string{"destroyed", "erased"} {
		w := newWorld(t)
		w.objects[0].State = state
		if _, err := w.view().Playback(t.Context(), as(access.RoleSupervisor, "colis"), "r-c"); rivage.CodeOf(err) != rivage.NotFound {
			t.Errorf("%s: got %v, want not found", state, err)
		}
		d, err := w.view().Detail(t.Context(), as(access.RoleSupervisor, "colis"), "i-c-done")
		if err != nil || len(d.Recordings) != 1 || d.Recordings[0].Allowed {
			t.Errorf("%s: got %+v, %v, want one that may not be heard", state, d.Recordings, err)
		}
	}
}

// From the moment its retention is over a recording is not played, whether the sweep has been there or not.
func TestARecordingPastItsRetentionCannotBePlayed(t *testing.T) {
	u := as(access.RoleSupervisor, "colis")
	for _, c := range []struct {
		name, state string
		after       time.Duration // its start
		heard       bool
	}{
		{"the last second", "complete", 30*24*time.Hour - time.Second, true},
		{"the sweep is to come", "complete", 30 * 24 * time.Hour, false},
		{"the sweep was there", "expired", 31 * 24 * time.Hour, false},
	} {
		w := newWorld(t)
		w.objects[0].State = c.state
		w.now = w.objects[0].StartedAt.Time().Add(c.after)
		_, err := w.view().Playback(t.Context(), u, "r-c")
		if c.heard != (err == nil) || !c.heard && (!errors.Is(err, ErrExpired) || rivage.CodeOf(err) != rivage.NotFound || len(w.appended) > 0) {
			t.Errorf("%s: %v, want heard %v, and nothing said to be played when it is not", c.name, err, c.heard)
		}
		d, err := w.view().Detail(t.Context(), u, "i-c-done")
		if err != nil || len(d.Recordings) != 1 {
			t.Fatalf("%s: %+v, %v", c.name, d.Recordings, err)
		}
		r := d.Recordings[0]
		if r.Allowed != c.heard || (r.State == "expired") == c.heard || r.RetentionUntil != instant(rivage.At(day.Add(30*24*time.Hour))) {
			t.Errorf("%s: got %+v", c.name, r)
		}
	}
}

func TestErasingTakesEveryKeyInOneAppend(t *testing.T) {
	w := newWorld(t)
	w.persons[0].Subjects = []rivage.ID{"s-c", "s-c2"}
	n, err := w.view().Erase(t.Context(), as(access.RoleDPO, "colis"), "p-c")
	if err != nil || n != 2 || len(w.appended) != 1 {
		t.Fatalf("got %d, %v, %d appends, want 2 subjects in one append", n, err, len(w.appended))
	}
	a := w.appended[0]
	if f, ok := a.Entries[0].Facts.(*rivage.PersonErased); !ok || !slices.Equal(f.Subjects, a.Erase) || len(a.Erase) != 2 {
		t.Errorf("got %+v and %v, want the same two subjects", a.Entries[0].Facts, a.Erase)
	}
	if _, err := w.view().Erase(t.Context(), as(access.RoleSupervisor, "colis"), "p-c"); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("by a supervisor: got %v, want not found", err)
	}
	w.persons[0].ErasedAt = 1
	if _, err := w.view().Erase(t.Context(), as(access.RoleDPO, "colis"), "p-c"); rivage.CodeOf(err) != rivage.Conflict {
		t.Errorf("twice: got %v, want conflict", err)
	}
}

// Leaves have no word for the network that a session came from: the facts of what is decided again do.
func TestEntriesKeepWhoseNetworkItWas(t *testing.T) {
	w := newWorld(t)
	parcels(w)
	seen := func(u User) User { u.Place.Seen = "TG"; return u }
	v, dpo := w.view(), seen(as(access.RoleDPO, "colis"))
	_, err := v.Fields(t.Context(), seen(agentAna()), "i-c-talk", []string{FieldCaller})
	_, err2 := v.Card(t.Context(), seen(agentAna()), "i-c-talk", "suivi", "PN1")
	_, err3 := v.PersonCard(t.Context(), seen(agentAna()), "i-c-talk")
	_, err4 := v.Playback(t.Context(), seen(as(access.RoleSupervisor, "colis")), "r-c")
	_, err5 := v.Export(t.Context(), dpo, Export{Principal: "colis", What: "journal"})
	if err := errors.Join(err, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	got := map[rivage.Kind]int{}
	for _, a := range w.appended {
		for _, e := range a.Entries {
			got[e.Facts.Kind()]++
			if !strings.Contains(textOf(t, e.Facts), `"seen":"TG"`) {
				t.Errorf("%s does not say it: %s", e.Facts.Kind(), textOf(t, e.Facts))
			}
		}
	}
	for _, kind := range []rivage.Kind{rivage.KindFieldShown, rivage.KindCardAsked, rivage.KindRecordingPlayed, rivage.KindExported} {
		if got[kind] == 0 {
			t.Errorf("no %s", kind)
		}
	}
}

func TestAnExportIsRefusedWhereAClassIs(t *testing.T) {
	w := newWorld(t)
	grant, err := w.view().Export(t.Context(), as(access.RoleDPO, "colis"), Export{Principal: "colis", What: "journal"})
	if err != nil || grant.Check(rivage.ActExport, "colis", w.now) != nil || len(w.appended) != 1 {
		t.Errorf("got %v, %v, want a grant and an entry", err, grant)
	}
	table, err := policy.Compile("colis", []policy.Rule{
		allow("tout", rivage.ZoneFR),
		{ID: "pas-la-sante", Effect: policy.Forbid, Reason: "jamais", Basis: "contrat", Classes: []rivage.DataClass{rivage.ClassHealth}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.gate = policy.NewGate(policy.Unbounded(), table)
	w.settings.Queues["autre"] = &rivage.Queue{ID: "autre", Principal: "colis", Class: rivage.ClassHealth}
	_, err = w.view().Export(t.Context(), as(access.RoleDPO, "colis"), Export{Principal: "colis"})
	if rivage.CodeOf(err) != rivage.Denied || len(w.appended) != 1 {
		t.Errorf("with health: got %v, want denied and no entry", err)
	}
}

func TestAStoryHasNoSubject(t *testing.T) {
	w := newWorld(t)
	d, err := w.view().Detail(t.Context(), as(access.RoleSupervisor, "colis"), "i-c-done")
	if err != nil {
		t.Fatal(err)
	}
	text := textOf(t, d.Story)
	if len(d.Story) != 2 || strings.Contains(text, "subject") || strings.Contains(text, "s-c") {
		t.Errorf("got %s, want two entries without subjects", text)
	}
	if len(d.Offers) != 1 || d.Offers[0].Rules != "abc" || d.Offers[0].IdleMs != 7000 {
		t.Errorf("got offers %+v", d.Offers)
	}
	if s := d.Offers[0].SetAside; len(s) != 1 || s[0].RuleReason != "permis par regle-colis" || s[0].SiteName != "Lomé" {
		t.Errorf("got set aside %+v", s)
	}
}

// Agents outside a supervisor's scope are counted, never named.
// A decision is explained with what the entry says beside what is found again; of entries that are about no interaction, to a
// DPO in whose reach their client organisation is.
func TestADecisionIsExplained(t *testing.T) {
	w := newWorld(t)
	dpo := as(access.RoleDPO, "*")
	var about, other rivage.Seq
	for _, e := range w.entries {
		if _, ok := e.Facts.(*rivage.InteractionOffered); ok {
			about = e.Seq
		}
	}
	d, err := w.view().WhyDecided(t.Context(), dpo, about)
	if err != nil || !d.Agrees || d.Rule != d.Again.Rule || d.Hash != "abc" || d.SiteName == "" || len(d.InForce) != 1 || d.InForce[0].At == "" || d.Bounds == nil || d.Rules == nil {
		t.Errorf("got %+v, %v", d, err)
	}
	leaf := rivage.Leaf{At: day.Unix(), Kind: rivage.KindExported, Role: "dpo", Rule: "une autre", Rules: "abc"}
	other = rivage.Seq(len(w.entries))
	w.entries = append(w.entries, rivage.Stored{Seq: other, Principal: "mutuelle", Kind: rivage.KindExported, Facts: &rivage.Exported{}, LeafText: leaf.Append(nil)})
	if d, err := w.view().WhyDecided(t.Context(), dpo, other); err != nil || d.Agrees {
		t.Errorf("an entry that cites another rule agrees: %+v, %v", d, err)
	}
	for _, u := range []User{as(access.RoleDPO, "messagerie"), as(access.RoleSupervisor, "*"), agentAna()} {
		if d, err := w.view().WhyDecided(t.Context(), u, other); rivage.CodeOf(err) != rivage.NotFound {
			t.Errorf("%s: %+v, %v", u.Account, d, err)
		}
	}
}

func TestWhyNamesOnlyWhoMayBeNamed(t *testing.T) {
	w := newWorld(t)
	u := as(access.RoleSupervisor, "colis") // Mia serves the other Principal only
	why, err := w.view().Why(t.Context(), u, 7)
	if err != nil {
		t.Fatal(err)
	}
	if text := textOf(t, why); strings.Contains(text, "mia") || !strings.Contains(text, "Nom de bob") || why.Candidates != 2 {
		t.Errorf("got %s, want Bob and not Mia, of 2 candidates", text)
	}
	if chosen := slices.IndexFunc(why.All, func(c Candidate) bool { return c.Chosen }); chosen < 0 || why.All[chosen].Agent != "ana" {
		t.Errorf("got %+v, want Ana as the one whom the replay chooses", why.All)
	}
}
