// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// wholeMatrix is a total table as a file.
func wholeMatrix() string {
	var b strings.Builder
	for _, class := range rivage.DataClasses {
		fmt.Fprintf(&b, "[%s]\n", class)
		for _, zone := range rivage.Zones {
			for _, exposure := range policy.Exposures {
				fmt.Fprintf(&b, "%s.%s = [\"full\", \"full\", \"refused\", \"refused\", \"full\"]\n", zone, exposure)
			}
		}
	}
	return b.String()
}

// ownPack is a pack of an organisation as a file.
const ownPack = `[[row]]
id = "voix"
jurisdiction = "FR"
legal_ref = "art. 1"
text = "Rien de suivi."
valid_from = "2027-01-01"
valid_to = "2027-12-31"
status = "unverified"
confidence = "memory_high"
effect = "refuse"
classes = ["suivi"]
source = "essai"
`

func lawFolder(change map[string]string) fstest.MapFS {
	files := map[string]string{
		"principals/ponant.toml":  `name = "Ponant"`,
		"companies/golfe.toml":    "name = \"Golfe\"\ncountry = \"TG\"\nadmins = [\"TG\", \"FR\"]",
		"frame/organisation.toml": `profile = "encadre"`,
		"matrices/ponant.toml":    wholeMatrix(),
		"packs/maison.toml":       ownPack,
		"rest/a.toml":             "name = \"A\"\nwhat = \"database\"\ncompany = \"golfe\"\ncountry = \"TG\"",
		"safeguards/cct.toml": `principal = "ponant"
kind = "clauses"
company = "golfe"
country = "TG"
module = 2
reference = "CCT 2021/914"
from = "2026-01-12"
until = "2027-01-11"
modes = ["voice"]
`,
	}
	folder := fstest.MapFS{}
	for name, text := range change {
		files[name] = text
	}
	for name, text := range files {
		if text != "" {
			folder[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return folder
}

func TestWhatTheLawAsksIsReadFromAFolder(t *testing.T) {
	d, problems := Parse(lawFolder(nil), nil)
	problems = append(problems, d.Check()...)
	for _, p := range problems {
		t.Error(p)
	}
	files, err := d.Export(nil)
	if err != nil {
		t.Fatal(err)
	}
	back := fstest.MapFS{}
	for name, text := range files {
		back[name] = &fstest.MapFile{Data: text}
	}
	again, problems := Parse(back, nil)
	plan, more := Diff(d, again, Options{})
	if len(problems)+len(more) > 0 || !plan.Empty() || string(files["matrices/ponant.toml"]) != wholeMatrix() {
		t.Errorf("what is exported is not read back: %v %v", problems, plan)
	}
}

const sharedQueue = `principal = "ponant"
name = "Colis"
class = "suivi"
[[dispositions]]
code = "fait"
label = "Fait"
`

func TestWhatTheLawAsksIsRefusedWithItsLine(t *testing.T) {
	guard := string(lawFolder(nil)["safeguards/cct.toml"].Data)
	for name, c := range map[string]struct{ file, text, want string }{
		"a hole":             {"matrices/ponant.toml", strings.Replace(wholeMatrix(), "FR_RUP.exposed = ", "#", 1), "matrices/ponant.toml:4: public.FR_RUP.exposed: 0 outcomes"},
		"a word":             {"matrices/ponant.toml", strings.Replace(wholeMatrix(), `"full", "full", "refused"`, `"full", "fool", "refused"`, 1), `matrices/ponant.toml:2: public.FR.none: "fool"`},
		"a zone":             {"matrices/ponant.toml", strings.Replace(wholeMatrix(), "FR.none", "FRANCE.none", 1), "matrices/ponant.toml:2: public.FRANCE: no such zone"},
		"a matrix of nobody": {"matrices/nobody.toml", wholeMatrix(), `there is no principal "nobody"`},
		"a country":          {"companies/golfe.toml", "name = \"Golfe\"\ncountry = \"TG\"\nadmins = [\"ZZ\"]", `companies/golfe.toml:3: admins: "ZZ"`},
		"a profile":          {"frame/organisation.toml", `profile = "libre"`, `frame/organisation.toml:1: profile: "libre"`},
		"a bound of nobody":  {"frame/organisation.toml", "profile = \"encadre\"\n[watch]\ntold = 0\nmost = 10\n", "frame/organisation.toml:3: watch.told: 0"},
		"bounds that cross":  {"frame/organisation.toml", "profile = \"encadre\"\n[watch]\ntold = 30\nmost = 10\n", "frame/organisation.toml:4: watch.most: 10"},
		"another frame":      {"frame/mine.toml", `profile = "encadre"`, "there is one frame"},
		"no end":             {"safeguards/cct.toml", strings.Replace(guard, "until", "#", 1), "a safeguard has an end"},
		"contradicting":      {"safeguards/cct.toml", strings.Replace(guard, "2027", "2025", 1), "safeguards/cct.toml:8: until: the last day is before the first"},
		"no such day":        {"safeguards/cct.toml", strings.Replace(guard, "2026-01-12", "2026-02-30", 1), "safeguards/cct.toml:7: from: want a day"},
		"no module":          {"safeguards/cct.toml", strings.Replace(guard, "module = 2", "", 1), "module: 0, want 1 to 4"},
		"no company":         {"safeguards/cct.toml", strings.Replace(guard, `"golfe"`, `"nobody"`, 1), `there is no company "nobody"`},
		"unknown country":    {"safeguards/cct.toml", strings.Replace(guard, `"TG"`, `"ZZ"`, 1), `safeguards/cct.toml:4: country: "ZZ"`},
		"no scope":           {"safeguards/cct.toml", strings.Replace(strings.Replace(guard, "clauses", "scope", 1), "module = 2", "", 1), "no partial adequacy decision"},
		"a derogation for a company": {
			"safeguards/cct.toml", strings.Replace(strings.Replace(guard, "clauses", "derogation", 1), "module = 2", "", 1), "leave company and country out",
		},
		"shares that contradict": {
			"queues/colis.toml", sharedQueue + "[[shares]]\narea = \"FR\"\nleast = 50\n[[shares]]\narea = \"EEA\"\nleast = 40\n",
			"queues/colis.toml:12: shares.1.least: 40 % from EEA contradicts 50 % from FR",
		},
		"a share of nothing":      {"queues/colis.toml", sharedQueue + "[[shares]]\narea = \"FR\"\nleast = 101\n", "queues/colis.toml:9: shares.0.least"},
		"an area that is none":    {"queues/colis.toml", sharedQueue + "[[shares]]\narea = \"OTHER\"\nleast = 10\n", `shares.0.area: "OTHER"`},
		"a prompt that is none":   {"queues/colis.toml", "nobody = \"rien\"\n" + sharedQueue, `queues/colis.toml:1: nobody`},
		"hours of a rule":         {"rules/ponant.toml", "[[rule]]\nid = \"a\"\neffect = \"forbid\"\nreason = \"r\"\nbasis = \"b\"\nhours = [\"lundi 8h\"]\n", "rules/ponant.toml:6: rule \"a\": hours"},
		"a pack that is off":      {"frame/organisation.toml", "profile = \"encadre\"\npacks = [\"it\", \"us\"]", `frame/organisation.toml:2: packs: the pack "us" is off`},
		"an unknown pack":         {"frame/organisation.toml", "profile = \"encadre\"\npacks = [\"de\"]", `packs: "de", want one of "fr", "eu", "es", "it"`},
		"a pack's country":        {"packs/maison.toml", strings.Replace(ownPack, `"FR"`, `"ZZ"`, 1), `packs/maison.toml:3: row.0.jurisdiction: "ZZ"`},
		"a pack's class":          {"packs/maison.toml", strings.Replace(ownPack, `"suivi"`, `"secret"`, 1), `packs/maison.toml:11: row.0.classes: "secret"`},
		"a pack's dates":          {"packs/maison.toml", strings.Replace(ownPack, `"2027-12-31"`, `"2026-12-31"`, 1), `packs/maison.toml:7: row.0.valid_to: the last day is before the first`},
		"a pack's reference":      {"packs/maison.toml", strings.Replace(ownPack, `"art. 1"`, `""`, 1), `packs/maison.toml:4: row.0.legal_ref: missing`},
		"a pack that allows":      {"packs/maison.toml", strings.Replace(ownPack, `"refuse"`, `"allow"`, 1), `packs/maison.toml:10: row.0.effect: "allow": what is not verified may refuse, never allow`},
		"a pack's key":            {"packs/maison.toml", ownPack + "colour = 1\n", `packs/maison.toml:13: row.colour: unknown key`},
		"the program's pack":      {"packs/fr.toml", ownPack, `"fr" is a pack of the program`},
		"a rule of the program's": {"packs/maison.toml", strings.Replace(ownPack, `"voix"`, `"SOV-03"`, 1), `packs/maison.toml:2: row.0.id: the pack "fr" has the rule "SOV-03" on some of these days`},
		"two databases":           {"rest/b.toml", "name = \"B\"\nwhat = \"database\"\ncompany = \"golfe\"\ncountry = \"TG\"", `rest/b.toml:2: what: "a" is the place of the database already`},
		"rest nowhere":            {"rest/b.toml", "name = \"B\"\nwhat = \"vault\"", `rest/b.toml:1: company: there is no company ""`},
		"rest of what":            {"rest/b.toml", "name = \"B\"\nwhat = \"cloud\"\ncompany = \"golfe\"\ncountry = \"TG\"", `rest/b.toml:2: what: "cloud"`},
		"rest at":                 {"rest/b.toml", "name = \"B\"\nwhat = \"vault\"\ncompany = \"golfe\"\ncountry = \"TG\"\nat = \"/x\"", `rest/b.toml:5: at: rivage.toml says where`},
		"an unquoted day":         {"safeguards/cct.toml", strings.Replace(guard, `"2026-01-12"`, "2026-01-12", 1), "safeguards/cct.toml:7: from: want a text between quotes"},
	} {
		d, problems := Parse(lawFolder(map[string]string{c.file: c.text}), nil)
		if len(problems) == 0 {
			problems = d.Check()
		}
		var all []string
		for _, p := range problems {
			all = append(all, p.Error())
		}
		if got := strings.Join(all, "\n"); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// A class is not written where it may not rest: the settings that would are refused with the line, what was so before does
// not forbid another change, and the day of the change decides.
func TestSettingsThatWriteAClassWhereItMayNotRestAreRefused(t *testing.T) {
	folder := func(country, class string) *Documents {
		f := lawFolder(map[string]string{
			"rules/ponant.toml":    "",
			"companies/fr.toml":    "name = \"F\"\ncountry = \"FR\"",
			"rest/a.toml":          fmt.Sprintf("name = \"A\"\nwhat = \"database\"\ncompany = \"fr\"\ncountry = %q", country),
			"rest/cles.toml":       "name = \"C\"\nwhat = \"vault\"\ncompany = \"fr\"\ncountry = \"FR\"",
			"queues/ligne.toml":    fmt.Sprintf("principal = \"ponant\"\nname = \"L\"\nclass = %q\n[[dispositions]]\ncode = \"x\"\nlabel = \"X\"", class),
			"matrices/ponant.toml": "", "packs/maison.toml": "",
		})
		f["rules/ponant.toml"] = &fstest.MapFile{Data: []byte("")}
		d, problems := Parse(f, nil)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		return d
	}
	at := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	plan := func(before, after *Documents, at time.Time) error {
		p, problems := Diff(before, after, Options{})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		_, err := p.Entries(By{}, at)
		return err
	}
	refused := `rest/a.toml:2: what: data of class "sante" of "ponant" (queue "ligne") would be written there, where it may not rest: Paquet fr`
	for _, c := range []struct {
		country, class string
		at             time.Time
		want           string
	}{
		{"FR", "sante", at, ""},
		{"GB", "suivi", at, ""}, // adequate, in the profile encadré
		{"GB", "sante", at, refused},
		{"TG", "suivi", at, "Garantie manquante"},
		{"GB", "suivi", at.AddDate(6, 0, 0), "Garantie manquante"}, // the adequacy has ended
	} {
		err := plan(New(), folder(c.country, c.class), c.at)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s in %s: got %v, want %q", c.class, c.country, err, c.want)
		}
	}
	carded := folder("GB", "suivi") // what persons' cards hold rests there too
	carded.things[Key{rivage.TypeField, "groupe"}] = &rivage.Field{ID: "groupe", Principal: "ponant", Label: "Groupe", Class: rivage.ClassHealth, Kind: rivage.FieldText}
	if err := plan(New(), carded, at); err == nil || !strings.Contains(err.Error(), `class "sante" of "ponant" (field "groupe")`) {
		t.Errorf("a field of persons' cards: %v", err)
	}
	late := folder("GB", "sante")
	changed := folder("GB", "sante")
	changed.things[Key{rivage.TypePrincipal, "ponant"}] = &rivage.Principal{ID: "ponant", Name: "Autre nom"}
	if err := plan(late, changed, at); err != nil {
		t.Errorf("what was so before forbids another change: %v", err)
	}
	p, _ := Diff(New(), folder("FR", "suivi"), Options{})
	if w := p.Warnings(at); len(w) != 0 {
		t.Errorf("all is declared: %v", w)
	}
	stopped := folder("FR", "suivi")
	stopped.things[Key{rivage.TypeFrame, rivage.Organisation}] = &rivage.Frame{ID: rivage.Organisation, Profile: rivage.Encadre, Stopped: []rivage.Country{"FR"}}
	if err := plan(folder("FR", "suivi"), stopped, at); err != nil {
		t.Errorf("a stop is put off by what rests in the country: %v", err)
	}
	bare := folder("FR", "suivi")
	bare.Remove(Key{rivage.TypeRest, "cles"})
	if p, _ = Diff(New(), bare, Options{}); len(p.Warnings(at)) != 1 || !strings.Contains(p.Warnings(at)[0], "clés") {
		t.Errorf("nobody said where the keys are: %v", p.Warnings(at))
	}
	if _, err := p.Entries(By{}, at); err == nil || !strings.Contains(err.Error(), `nobody says where the vault is, and data of class "suivi" of "ponant" (queue "ligne")`) {
		t.Errorf("a class is brought in while nobody says where the keys are: %v", err)
	}
	if p, _ := Diff(folder("FR", "suivi"), bare, Options{Remove: true}); p.Rests(at) == nil {
		t.Error("the place of the keys is taken away under what they open")
	}
	renamed := bare.Clone()
	renamed.things[Key{rivage.TypePrincipal, "ponant"}] = &rivage.Principal{ID: "ponant", Name: "Autre nom"}
	second := *find[rivage.Queue](bare, rivage.TypeQueue, "ligne")
	second.ID = "autre"
	renamed.things[Key{rivage.TypeQueue, "autre"}] = &second
	if err := plan(bare, renamed, at); err != nil {
		t.Errorf("what was undeclared before forbids another change: %v", err)
	}
	renamed.things[Key{rivage.TypeField, "groupe"}] = &rivage.Field{ID: "groupe", Principal: "ponant", Label: "Groupe", Class: rivage.ClassCommon, Kind: rivage.FieldText}
	if err := plan(bare, renamed, at); err == nil {
		t.Error("a further class is brought in while nobody says where the keys are")
	}
	if p, _ = Diff(New(), New(), Options{}); len(p.Warnings(at)) != 0 {
		t.Errorf("nothing is held yet: %v", p.Warnings(at))
	}
}

func TestAProfileChangesByTwoPersons(t *testing.T) {
	frame := func(profile, proposed rivage.Profile) *Documents {
		d := New()
		d.things[Key{rivage.TypePrincipal, "ponant"}] = &rivage.Principal{ID: "ponant", Name: "Ponant"}
		d.things[Key{rivage.TypeFrame, rivage.Organisation}] = &rivage.Frame{ID: rivage.Organisation, Profile: profile, Proposed: proposed}
		return d
	}
	if _, err := framed(nil, &rivage.Frame{Profile: rivage.Encadre}, By{}, true); err != nil {
		t.Errorf("an installation without anybody's data: %v", err)
	}
	current := frame("", "")
	current.Remove(Key{rivage.TypeFrame, rivage.Organisation})
	for _, step := range []struct {
		by                rivage.ID
		profile, proposed rivage.Profile
		code              rivage.Code
	}{
		{"anne", rivage.Encadre, "", rivage.Conflict}, // souverain held without a frame
		{"anne", rivage.Souverain, "", ""},            // the first
		{"anne", rivage.Encadre, "", rivage.Conflict},
		{"anne", rivage.Souverain, rivage.Encadre, ""}, // proposed
		{"anne", rivage.Encadre, "", rivage.Denied},
		{"puppet", rivage.Encadre, "", rivage.Denied}, // in anne's hand
		{"bruno", rivage.Encadre, rivage.Souverain, rivage.Invalid},
		{"bruno", rivage.Encadre, "", ""}, // confirmed
		{"bruno", rivage.Encadre, rivage.Souverain, ""},
		{"anne", rivage.Encadre, "", ""}, // withdrawn
		{"anne", rivage.Souverain, "", rivage.Conflict},
		{"", rivage.Encadre, rivage.Souverain, ""}, // by the command line
		{"", rivage.Souverain, "", rivage.Denied},
		{"anne", rivage.Souverain, "", ""},
		{"anne", rivage.Souverain, rivage.Encadre, ""},
		{"", rivage.Encadre, "", rivage.Denied}, // the command line has no name
	} {
		plan, problems := Diff(current, frame(step.profile, step.proposed), Options{})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		a, err := plan.Entries(signedIn(step.by, "administrator"), time.Unix(0, 0))
		if rivage.CodeOf(err) != step.code {
			t.Fatalf("%+v: got %v", step, err)
		}
		if err != nil {
			continue
		}
		set := a.Entries[0].Facts.(*rivage.SettingSet)
		if current, err = FromRows([]rivage.SettingRow{
			{Type: set.Type, ID: set.ID, Of: set.Of, Version: set.Version, Doc: set.Doc},
			{Type: rivage.TypePrincipal, ID: "ponant", Doc: encodeJSON(rivage.Principal{ID: "ponant", Name: "Ponant"})},
		}, nil); err != nil {
			t.Fatal(err)
		}
	}
	plan, _ := Diff(current, New(), Options{Remove: true})
	if _, err := plan.Entries(By{Account: "anne"}, time.Unix(0, 0)); err == nil {
		t.Error("a frame is taken away")
	}
}

func TestAMatrixThatDoesNotReadClosesItsPrincipal(t *testing.T) {
	rows := []rivage.SettingRow{
		{Type: rivage.TypeRules, ID: "ponant", Doc: encodeJSON(rivage.RuleSet{Principal: "ponant", Text: `[[rule]]
id = "tout"
effect = "allow"
reason = "Tout."
basis = "aucune"
classes = ["*"]
actions = ["*"]
modes = ["*"]
zones = ["*"]
evidence = ["*"]
purposes = ["*"]`})},
		{Type: rivage.TypeCompany, ID: "fr", Doc: encodeJSON(rivage.Company{Country: "FR"})},
	}
	r := policy.Request{
		Principal: "ponant", Action: rivage.ActOffer, Class: rivage.ClassTracking, Mode: rivage.ModeVoice, Purpose: rivage.PurposeService,
		Place: rivage.Place{Company: "fr", Country: "FR", Evidence: rivage.Attested},
	}
	ask := func(more ...rivage.SettingRow) bool {
		_, gate, _ := Settings(append(rows[:2:2], more...))
		return gate.Decide(r, time.Unix(0, 0)).Allowed
	}
	if !ask() || !ask(rivage.SettingRow{Type: rivage.TypeMatrix, ID: "ponant", Doc: encodeJSON(rivage.AccessMatrix{Principal: "ponant", Text: wholeMatrix()})}) {
		t.Fatal("what is in order is refused")
	}
	for name, row := range map[string]rivage.SettingRow{
		"a hole":        {Type: rivage.TypeMatrix, ID: "ponant", Doc: encodeJSON(rivage.AccessMatrix{Principal: "ponant", Text: "[public]"})},
		"no document":   {Type: rivage.TypeMatrix, ID: "ponant", Doc: []byte("{")},
		"the floor's":   {Type: rivage.TypeMatrix, ID: "organisation", Doc: encodeJSON(rivage.AccessMatrix{Principal: "organisation", Text: "?"})},
		"a frame":       {Type: rivage.TypeFrame, ID: "organisation", Doc: []byte("{")},
		"a pack":        {Type: rivage.TypePack, ID: "maison", Doc: encodeJSON(rivage.RulePack{Text: "[[row]]"})},
		"no pack":       {Type: rivage.TypePack, ID: "maison", Doc: []byte("{")},
		"floor no text": {Type: rivage.TypeMatrix, ID: "organisation", Doc: []byte("[]")},
	} {
		if ask(row) {
			t.Errorf("%s: the gate stands open", name)
		}
	}
}
