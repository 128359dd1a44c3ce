// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

// journal keeps what appends say, as the store's rows would, and refuses what it does not expect.
type journal struct {
	t       testing.TB
	streams map[rivage.Stream]int64
	rows    map[rivage.Stream]rivage.SettingRow
	seq     rivage.Seq
}

func newJournal(t testing.TB) *journal {
	return &journal{t: t, streams: map[rivage.Stream]int64{}, rows: map[rivage.Stream]rivage.SettingRow{}}
}

func (j *journal) append(a rivage.Append) error {
	for _, x := range a.Expect {
		if j.streams[x.Stream] != x.Version {
			return &rivage.Error{Code: rivage.Conflict, Message: fmt.Sprintf("%s stands at %d, not %d", x.Stream, j.streams[x.Stream], x.Version)}
		}
	}
	for _, e := range a.Entries {
		j.streams[e.Stream]++
		switch f := e.Facts.(type) {
		case *rivage.SettingSet:
			if f.Version != j.streams[e.Stream] {
				j.t.Errorf("%s: version %d in a stream at %d", e.Stream, f.Version, j.streams[e.Stream])
			}
			r := rivage.SettingRow{Type: f.Type, ID: f.ID, Of: f.Of, Version: f.Version, Doc: f.Doc, Seq: j.seq}
			var d struct{ Subject rivage.ID }
			if err := json.Unmarshal(f.Doc, &d); err != nil {
				j.t.Fatal(err)
			}
			r.Subject, r.Name, r.Login = d.Subject, j.rows[e.Stream].Name, j.rows[e.Stream].Login
			for _, c := range e.Cells {
				if c.Name == "name" {
					r.Name = c.Value
				} else {
					r.Login = c.Value
				}
			}
			j.rows[e.Stream] = r
		case *rivage.SettingRemoved:
			delete(j.rows, e.Stream)
		}
		j.seq++
	}
	return nil
}

func (j *journal) list() []rivage.SettingRow {
	var rows []rivage.SettingRow
	for _, r := range j.rows {
		rows = append(rows, r)
	}
	return rows
}

func (j *journal) documents() *Documents {
	d, err := FromRows(j.list(), func(r *rivage.SettingRow) (string, string, error) { return string(r.Name), string(r.Login), nil })
	if err != nil {
		j.t.Fatal(err)
	}
	return d
}

// apply plans and appends.
func (j *journal) apply(wanted *Documents, o Options) (*Plan, rivage.Append) {
	j.t.Helper()
	p, problems := Diff(j.documents(), wanted, o)
	for _, x := range problems {
		j.t.Fatal(x)
	}
	a, err := p.Entries(By{Account: "admin", Role: "administrator"}, time.Unix(1, 0))
	if err != nil {
		j.t.Fatal(err)
	}
	if err := j.append(a); err != nil {
		j.t.Fatal(err)
	}
	return p, a
}

func TestApplyingAFolderTwiceChangesNothing(t *testing.T) {
	j := newJournal(t)
	d := parse(t, ponant(t, nil))
	p, a := j.apply(d, Options{})
	if len(p.Changes) != d.Len() || len(a.NewSubjects) != 2 || len(a.Blobs) != 3 || len(a.Expect) != d.Len() {
		t.Errorf("%d changes, %d subjects, %d blobs", len(p.Changes), len(a.NewSubjects), len(a.Blobs))
	}
	if p, a = j.apply(d, Options{Remove: true}); !p.Empty() || len(a.Entries) != 0 || p.Same != d.Len() {
		t.Errorf("applied again: %v", p.Lines())
	}
}

// Promise 4: what names a person is in cells and in the index, never in facts; promise 8: each entry is its owner's.
func TestNoNameStandsInFacts(t *testing.T) {
	_, a := newJournal(t).apply(parse(t, ponant(t, nil)), Options{})
	indexed := 0
	for _, e := range a.Entries {
		facts, err := json.Marshal(e.Facts)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"Erwan", "erwan", "Anne"} {
			if strings.Contains(string(facts), name) || strings.Contains(string(e.Stream), name) {
				t.Errorf("%s holds %s: %s", e.Stream, name, facts)
			}
		}
		indexed += len(e.Indexes)
		if len(e.Cells) > 0 && (e.Subject == "" || !slices.Contains(a.NewSubjects, e.Subject)) {
			t.Errorf("%s: cells under subject %q", e.Stream, e.Subject)
		}
		if f := e.Facts.(*rivage.SettingSet); f.Of != e.Principal || e.Principal == "" {
			t.Errorf("%s is of %q, its entry of %q", e.Stream, f.Of, e.Principal)
		}
		if k := e.Facts.Kind(); !slices.Contains(k.Owners(), "config") {
			t.Errorf("%s is not ours to append", k)
		}
	}
	if indexed != 2 {
		t.Errorf("%d indexes, want one for each login", indexed)
	}
}

func TestTheDifferenceIsReadable(t *testing.T) {
	j := newJournal(t)
	j.apply(parse(t, ponant(t, nil)), Options{})
	edit := swap(t, "queues/sante.toml", "retention_days = 365", "retention_days = 90")
	for path, text := range swap(t, "rules/messagerie.toml", "to = 2027-12-31", "to = 2026-12-31") {
		edit[path] = text
	}
	edit["principals/tiers.toml"] = "name = 'Tiers'\n"
	wanted := parse(t, ponant(t, edit, "numbers/colis.toml"))
	p, problems := Diff(j.documents(), wanted, Options{})
	if problems != nil {
		t.Fatal(problems)
	}
	want := []string{
		"+ donneur d'ordre tiers (Tiers)",
		"~ file sante (Remboursements)",
		"    recording.retention_days : 365 → 90",
		"~ règles messagerie",
		`    rule maroc-voix.to : "2027-12-31" → "2026-12-31"`,
		"= numéro colis : absent du dossier, conservé",
		"! site casablanca : hors de l'EEE (MA), sans dossier d'ouverture (openings/casablanca.toml)",
		"Ajouts : 1. Modifications : 2. Retraits : 0. Conservés : 1. Inchangés : 19.",
	}
	if got := p.Lines(); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	wanted.Remove(Key{rivage.TypeFlow, "accueil-colis"})
	if p, problems = Diff(j.documents(), wanted, Options{Remove: true}); problems != nil {
		t.Fatal(problems)
	}
	n := len(p.Lines())
	if got := p.Lines()[n-4 : n-2]; !slices.Equal(got, []string{"- numéro colis (+33100000001)", "- scénario accueil-colis (Accueil des colis)"}) {
		t.Errorf("got %q, want the number removed, then the flow it referred to", got)
	}
}

// A prompt that the folder gives without a sound keeps the one it has, and the label that says what made it.
func TestAPromptWithoutAFileKeepsItsAudio(t *testing.T) {
	j := newJournal(t)
	d := parse(t, ponant(t, nil))
	if err := d.PutAudio("inconnu", "synthesis", []byte("voice")); err != nil {
		t.Fatal(err)
	}
	j.apply(d, Options{})
	p, _ := j.apply(parse(t, ponant(t, swap(t, "prompts/inconnu.toml", "file = 'inconnu.wav'\n", ""), "prompts/inconnu.wav")), Options{})
	if !p.Empty() {
		t.Errorf("got %v", p.Lines())
	}
}

// The sound that a prompt has is a change when somebody gives it again: what is stored may be damaged.
func TestTheSameAudioGivenAgainIsWritten(t *testing.T) {
	j := newJournal(t)
	d := parse(t, ponant(t, nil))
	j.apply(d, Options{})
	same := func(d *Documents) *Documents {
		t.Helper()
		if err := d.PutAudio("inconnu", "recorded", []byte("voice")); err != nil {
			t.Fatal(err)
		}
		return d
	}
	j.apply(same(j.documents()), Options{})
	wanted := same(j.documents().Clone())
	p, problems := Diff(j.documents(), wanted.Clone(), Options{})
	if problems != nil || len(p.Changes) != 1 || p.Changes[0].ID != "inconnu" {
		t.Fatalf("got %+v, %v, want the one prompt", p, problems)
	}
	a, err := p.Entries(By{Role: "administrator"}, time.Now())
	if err != nil || len(a.Entries) != 1 || len(a.Blobs) != 1 || string(a.Blobs[0].Content) != "voice" {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestNobodyChoosesWhoseKeySeals(t *testing.T) {
	d := parse(t, ponant(t, nil))
	id := rivage.NewID()
	err := d.Put(Key{rivage.TypeAccount, id}, []byte(`{"subject":"mine","name":"N","login":"n","roles":[{"name":"agent"}],
		"agent":{"id":"other","subject":"other","site":"brest","queues":[],"device":{"kind":"browser"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	p, problems := Diff(New(), d, Options{})
	if problems != nil {
		t.Fatal(problems)
	}
	a := find[rivage.Account](p.After(), rivage.TypeAccount, id)
	if !randomID(a.Subject) || a.Agent.ID != id || a.Agent.Subject != a.Subject {
		t.Errorf("got %+v %+v", a, a.Agent)
	}
}

func TestAnAccountWithoutIDIsFoundAgainByItsLogin(t *testing.T) {
	j := newJournal(t)
	j.apply(parse(t, ponant(t, nil)), Options{})
	text := `[[account]]
name = 'Erwan Renommé'
login = 'erwan'
roles = [{name = 'agent', queues = ['*']}]
[account.agent]
site = 'brest'
queues = ['colis']
[[account]]
name = 'Nouvelle'
login = 'nouvelle'
roles = [{name = 'supervisor', sites = ['brest']}]
`
	p, a := j.apply(parse(t, ponant(t, map[string]string{"accounts.toml": text})), Options{})
	if len(p.Changes) != 2 || len(a.NewSubjects) != 1 || len(p.Kept) != 1 {
		t.Fatalf("got %v", p.Lines())
	}
	erwan := find[rivage.Account](j.documents(), rivage.TypeAccount, "bbbbbbbbbbbbbbbbbbbbbbbbbb")
	if erwan.Name != "Erwan Renommé" || erwan.Agent.ID != erwan.ID || erwan.Agent.Subject != erwan.Subject || erwan.Subject == "" {
		t.Errorf("got %+v %+v", erwan, erwan.Agent)
	}
	for _, k := range j.documents().Keys() {
		if k.Type == rivage.TypeAccount && !randomID(k.ID) {
			t.Errorf("account %s", k.ID)
		}
	}
}

func TestWhatIsReferredToIsNotRemoved(t *testing.T) {
	j := newJournal(t)
	j.apply(parse(t, ponant(t, nil)), Options{})
	d := j.documents()
	d.Remove(Key{rivage.TypeSite, "brest"})
	if _, problems := Diff(j.documents(), d, Options{Remove: true}); len(problems) != 4 {
		t.Errorf("got %v, want the three places of rest and the agent that need the site", problems)
	}
	d = j.documents()
	d.Remove(Key{rivage.TypeAccount, "aaaaaaaaaaaaaaaaaaaaaaaaaa"})
	if _, problems := Diff(j.documents(), d, Options{Remove: true}); len(problems) != 1 {
		t.Errorf("got %v, want a refusal: no administrator would be left", problems)
	}
}

func TestADocumentDoesNotMoveToAnotherPrincipal(t *testing.T) {
	j := newJournal(t)
	j.apply(parse(t, ponant(t, nil)), Options{})
	d := j.documents()
	k := Key{rivage.TypePrompt, "inconnu"}
	if err := d.Put(k, []byte(`{"id":"inconnu","principal":"messagerie","lang":"fr","text":"x"}`)); err != nil {
		t.Fatal(err)
	}
	_, problems := Diff(j.documents(), d, Options{Remove: true})
	if !slices.ContainsFunc(problems, func(p *Problem) bool { return strings.Contains(p.Message, "cannot move") }) {
		t.Errorf("got %v", problems)
	}
}

func TestWhatMovedMeanwhileIsAConflict(t *testing.T) {
	j := newJournal(t)
	j.apply(parse(t, ponant(t, nil)), Options{})
	k := Key{rivage.TypeQueue, "colis"}
	edit := func(target string) *Plan {
		d := j.documents()
		if err := d.Put(k, []byte(strings.Replace(string(encodeJSON(d.Doc(k))), `"target":20`, `"target":`+target, 1))); err != nil {
			t.Fatal(err)
		}
		p, problems := Diff(j.documents(), d, Options{Remove: true})
		if problems != nil || len(p.Changes) != 1 {
			t.Fatal(problems, p)
		}
		return p
	}
	first, second := edit("30"), edit("40")
	for i, p := range []*Plan{first, second} {
		a, err := p.Entries(By{}, time.Unix(2, 0))
		if err != nil {
			t.Fatal(err)
		}
		if err := j.append(a); (err != nil) != (i == 1) {
			t.Errorf("append %d: %v", i, err)
		}
	}
}

func TestAThingMadeAgainNeedsTheVersionOfItsStream(t *testing.T) {
	j := newJournal(t)
	d := parse(t, ponant(t, nil))
	j.apply(d, Options{})
	k := Key{rivage.TypeNumber, "colis"}
	without := j.documents()
	without.Remove(k)
	j.apply(without, Options{Remove: true})
	p, _ := Diff(j.documents(), d, Options{})
	a, _ := p.Entries(By{}, time.Unix(3, 0))
	if err := j.append(a); rivage.CodeOf(err) != rivage.Conflict {
		t.Fatalf("got %v, want a conflict", err)
	}
	current := j.documents()
	current.SetVersion(k, j.streams[streamOf(k)])
	p, _ = Diff(current, d, Options{})
	a, _ = p.Entries(By{}, time.Unix(3, 0))
	if err := j.append(a); err != nil {
		t.Fatal(err)
	}
}

func TestAScreenWritesOneDocument(t *testing.T) {
	d := parse(t, ponant(t, nil))
	account := Key{rivage.TypeAccount, "bbbbbbbbbbbbbbbbbbbbbbbbbb"}
	prompt := Key{rivage.TypePrompt, "inconnu"}
	audio := find[rivage.Prompt](d, prompt.Type, prompt.ID).Audio
	for _, c := range []struct {
		k    Key
		doc  string
		want string // part of the error, "" for none
	}{
		{account, `{"roles":[],"subject":"mine"}`, ""},
		{prompt, `{"principal":"organisation","lang":"fr","text":"x","source":"synthesis","audio":"00"}`, ""},
		{account, `{"name":"Autre","login":"autre","rolls":[]}`, "unknown field"},
		{Key{"planet", "x"}, `{}`, "want one of"},
		{Key{rivage.TypeSite, "x"}, `{"id":"y"}`, `says id "y"`},
		{Key{rivage.TypeSite, "x"}, `{} {}`, "more than one"},
		{Key{rivage.TypeSite, "x"}, `{"networks":["no"]}`, "put site x"},
	} {
		err := d.Put(c.k, []byte(c.doc))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || rivage.CodeOf(err) != rivage.Invalid) {
			t.Errorf("%s: got %v, want %q", c.doc, err, c.want)
		}
	}
	if a := find[rivage.Account](d, account.Type, account.ID); a.Name != "Erwan Le Fictif" || a.Subject == "mine" {
		t.Errorf("got %+v: the name stays, the subject is not the screen's to choose", a)
	}
	if p := find[rivage.Prompt](d, prompt.Type, prompt.ID); p.Audio != audio || p.Source != "recorded" {
		t.Errorf("got %+v: audio and source stay", p)
	}
	if err := d.PutAudio("inconnu", "synthesis", []byte("voice")); err != nil {
		t.Fatal(err)
	}
	if p := find[rivage.Prompt](d, prompt.Type, prompt.ID); p.Audio == audio || p.Source != "synthesis" {
		t.Errorf("got %+v after new audio", p)
	}
	if err := d.PutAudio("nothing", "recorded", nil); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("got %v", err)
	}
}

func TestSettingsAndGate(t *testing.T) {
	j := newJournal(t)
	j.apply(parse(t, ponant(t, nil)), Options{})
	s, gate, err := Settings(j.list())
	if err != nil {
		t.Fatal(err)
	}
	erwan := s.Agents["bbbbbbbbbbbbbbbbbbbbbbbbbb"]
	if len(s.Queues) != 2 || s.Numbers["+33100000001"].Flow != "accueil-colis" || s.FlowVersion["accueil-colis"] != 1 || s.Seq != j.seq-1 ||
		erwan == nil || erwan.Subject != s.Accounts[erwan.ID].Subject || s.Accounts[erwan.ID].Login != "" {
		t.Errorf("got %+v %+v", s, erwan)
	}
	if got := gate.Principals(); !slices.Equal(got, []rivage.ID{"messagerie", "mutuelle"}) {
		t.Errorf("rules of %v", got)
	}
	none := func(string) bool { return false }
	if got := Missing(s, "brest", none); len(got) != 0 {
		t.Errorf("brest misses %v", got)
	}
	want := []string{"sentence_attested_missing", "sentence_declared_missing"}
	if got := Missing(s, "casablanca", none); !slices.Equal(got, want) {
		t.Errorf("casablanca misses %v, want %v", got, want)
	}
	lost := s.Prompts[s.Sites["brest"].Sentence.Declared].Audio
	unreadable := Missing(s, "brest", func(audio string) bool { return audio == lost })
	if want := []string{"sentence_declared_unreadable"}; !slices.Equal(unreadable, want) {
		t.Errorf("a sound that cannot be had: got %v, want %v", unreadable, want)
	}
	s.Prompts = map[rivage.ID]*rivage.Prompt{"inconnu": {}}
	if got := Missing(s, "casablanca", none); got[2] != "sentence_unknown_silent" {
		t.Errorf("got %v", got)
	}
	s.Prompts[rivage.PromptPlaceUnknown] = &rivage.Prompt{Audio: "of the organisation"}
	if got := Missing(s, "casablanca", none); !slices.Equal(got, want) {
		t.Errorf("casablanca misses %v, want %v: the organisation's sentence stands in for the silent one", got, want)
	}
}

// One Principal's broken rules refuse that Principal, and nobody else; the rest is there.
func TestRulesThatDoNotLoadRefuseTheirPrincipalOnly(t *testing.T) {
	j := newJournal(t)
	j.apply(parse(t, ponant(t, nil)), Options{})
	r := j.rows["config/rules/mutuelle"]
	r.Doc = []byte(`{"id":"mutuelle","principal":"mutuelle","text":"[[rule]]\nid='x'"}`)
	j.rows["config/rules/mutuelle"] = r
	s, gate, err := Settings(j.list())
	var p *Problem
	if err == nil || !errors.As(err, &p) || p.Document.ID != "mutuelle" || len(s.Queues) != 2 {
		t.Errorf("got %v", err)
	}
	if gate.Table("mutuelle") != nil || gate.Table("messagerie") == nil {
		t.Error("the wrong table is missing")
	}
}

// A document that an earlier version took, and this one would not, does not keep others from being changed.
func TestAnOldFaultDoesNotForbidAnotherChange(t *testing.T) {
	j := newJournal(t)
	j.apply(parse(t, ponant(t, nil)), Options{})
	r := j.rows["config/company/atlas"]
	r.Doc = []byte(`{"id":"atlas","name":"","country":"MA"}`)
	j.rows["config/company/atlas"] = r
	d := j.documents()
	if err := d.Put(Key{rivage.TypeCompany, "ponant"}, []byte(`{"name":"Ponant 2","country":"FR"}`)); err != nil {
		t.Fatal(err)
	}
	if p, problems := Diff(j.documents(), d, Options{Remove: true}); problems != nil || len(p.Changes) != 1 {
		t.Errorf("got %v", problems)
	}
	if err := d.Put(Key{rivage.TypeCompany, "atlas"}, []byte(`{"name":"","country":"TG"}`)); err != nil {
		t.Fatal(err)
	}
	if _, problems := Diff(j.documents(), d, Options{Remove: true}); len(problems) != 1 {
		t.Errorf("got %v, want the fault of what is changed", problems)
	}
}

func TestSetsThatAreTooLarge(t *testing.T) {
	p := &Plan{Changes: make([]Change, MaxEntries+1)}
	if _, err := p.Entries(By{}, time.Unix(1, 0)); rivage.CodeOf(err) != rivage.Invalid {
		t.Errorf("got %v", err)
	}
	d := New()
	for i := range MaxDocuments + 1 {
		id := rivage.ID(fmt.Sprint("c", i))
		d.things[Key{rivage.TypePrincipal, id}] = &rivage.Principal{ID: id, Name: "x"}
	}
	if problems := d.Check(); len(problems) != 1 {
		t.Errorf("%d problems", len(problems))
	}
}

func TestEveryTypeOfTheRootIsKnown(t *testing.T) {
	for _, kind := range rivage.SettingTypes {
		doc := blank(kind)
		if doc == nil || typeNames[kind] == "" || kind != rivage.TypeAccount && folderOf(kind) == "" {
			t.Fatalf("type %s is not known everywhere", kind)
		}
		if id := idOf(doc); !reflect.ValueOf(doc).Elem().FieldByName("ID").Addr().Equal(reflect.ValueOf(id)) {
			t.Errorf("idOf %s is not its ID", kind)
		}
	}
}

// A thousand agents: parse, check, difference and entries (the wish is "in seconds").
func BenchmarkApplyAThousandAccounts(b *testing.B) {
	var text strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&text, "[[account]]\nname='Agent %d'\nlogin='agent%d'\nroles=[{name='agent',queues=['*']}]\n[account.agent]\nsite='brest'\nqueues=['colis']\n", i, i)
	}
	folder := ponant(b, map[string]string{"accounts.toml": text.String()})
	for b.Loop() {
		d := parse(b, folder)
		p, problems := Diff(New(), d, Options{})
		if problems != nil {
			b.Fatal(problems)
		}
		if a, err := p.Entries(By{}, time.Unix(1, 0)); err != nil || len(a.NewSubjects) != 1000 {
			b.Fatal(err)
		}
	}
}
