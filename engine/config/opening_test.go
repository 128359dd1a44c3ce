// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

const tunis = `[scope]
queues = ["colis"]
classes = ["suivi"]
modes = ["voice", "view"]
agents = 1
from = "2026-12-01"
until = "2027-02-28"

[notice]
text = "Ce que le droit du pays laisse atteindre."
source = "Étude 12 (fictive)"
date = "2026-11-02"

[[clients]]
principal = "ponant"
told_on = "2026-11-03"
objection_until = "2026-12-03"
answer = "accepted"
answered_on = "2026-11-20"
reference = "Courrier 4"

[[opinions]]
of = "CSE"
opinion = "reserved"
on = "2026-11-10"
reference = "Procès-verbal 7"

[[opinions]]
of = "RSSI"
opinion = "favourable"
on = "2026-11-12"
reference = "Note 3"
`

const goDecision = "\n[decision]\nverdict = \"go\"\nreason = \"Essai.\"\n"

// openingFolder is a folder with the dossier of a site, as changed.
func openingFolder(dossier string, more map[string]string) fstest.MapFS {
	folder := lawFolder(map[string]string{
		"sites/tunis.toml": "name = \"Tunis\"\ncompany = \"golfe\"\ncountry = \"TN\"\n", "queues/colis.toml": sharedQueue, "openings/tunis.toml": dossier,
		"companies/maison.toml": "name = \"Maison\"\ncountry = \"FR\"\n",
		"rest/a.toml":           "name = \"Base\"\nwhat = \"database\"\ncompany = \"maison\"\ncountry = \"FR\"\n",
		"rest/b.toml":           "name = \"Clés\"\nwhat = \"vault\"\ncompany = \"maison\"\ncountry = \"FR\"\n",
	})
	folder["rules/ponant.toml"] = &fstest.MapFile{}
	for name, text := range more {
		folder[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return folder
}

func parsed(t *testing.T, folder fstest.MapFS) *Documents {
	t.Helper()
	d, problems := Parse(folder, nil)
	for _, p := range append(problems, d.Check()...) {
		t.Error(p)
	}
	return d
}

func TestADossierIsRefusedWithItsLine(t *testing.T) {
	edit := func(old, text string) string { return strings.Replace(tunis, old, text, 1) }
	parsed(t, openingFolder(tunis+goDecision, nil))
	parsed(t, openingFolder("# rien encore\n", nil))
	for name, c := range map[string]struct{ text, want string }{
		"an unknown queue":          {edit(`["colis"]`, `["plis"]`), `openings/tunis.toml:2: scope.queues: there is no queue "plis"`},
		"a class":                   {edit(`["suivi"]`, `["secret"]`), `openings/tunis.toml:3: scope.classes: "secret"`},
		"a mode":                    {edit(`"view"]`, `"touch"]`), `openings/tunis.toml:4: scope.modes: "touch"`},
		"nothing tried":             {edit(`modes = ["voice", "view"]`, `modes = []`), "openings/tunis.toml:4: scope.modes: 0, want 1 to 4"},
		"nobody":                    {edit("agents = 1", "agents = 0"), "openings/tunis.toml:5: scope.agents: 0"},
		"days that contradict":      {edit("2027-02-28", "2026-02-28"), "openings/tunis.toml:7: scope.until: the last day is before the first"},
		"a notice without source":   {edit(`source = "Étude 12 (fictive)"`, ""), "openings/tunis.toml:9: notice.source: missing"},
		"a notice without date":     {edit(`date = "2026-11-02"`, ""), "openings/tunis.toml:9: notice.date: want a day"},
		"an unknown principal":      {edit(`"ponant"`, `"levant"`), `openings/tunis.toml:15: clients.0.principal: there is no principal "levant"`},
		"a deadline before":         {edit(`"2026-12-03"`, `"2026-11-03"`), "openings/tunis.toml:17: clients.0.objection_until: 2026-11-03 is not after the notice of 2026-11-03"},
		"no deadline":               {edit(`objection_until = "2026-12-03"`, ""), "clients.0.objection_until: want a day"},
		"an answer before":          {edit(`"2026-11-20"`, `"2026-11-02"`), "openings/tunis.toml:19: clients.0.answered_on: 2026-11-02 is before the notice"},
		"an answer to nothing":      {edit(`told_on = "2026-11-03"`, ""), "clients.0.told_on: missing"},
		"an answer of another kind": {edit(`"accepted"`, `"perhaps"`), `openings/tunis.toml:18: clients.0.answer: "perhaps"`},
		"an opinion":                {edit(`"reserved"`, `"so-so"`), `openings/tunis.toml:24: opinions.0.opinion: "so-so"`},
		"twice":                     {edit(`"RSSI"`, `"CSE"`), `openings/tunis.toml:29: opinions.1.of: "CSE" stands twice`},
		"an opinion awaited":        {edit("opinion = \"favourable\"\non = \"2026-11-12\"\nreference = \"Note 3\"\n", "") + goDecision, "decision.verdict: go while opinions are awaited: RSSI"},
		"a go without notice":       {tunis[:strings.Index(tunis, "[notice]")] + tunis[strings.Index(tunis, "[[clients]]"):] + goDecision, "decision.verdict: go without a country notice"},
		"a go without scope":        {tunis[strings.Index(tunis, "[notice]"):] + goDecision, "decision.verdict: go without a trial scope"},
		"a go that nobody knows of": {edit("told_on = \"2026-11-03\"\nobjection_until = \"2026-12-03\"\nanswer = \"accepted\"\nanswered_on = \"2026-11-20\"\nreference = \"Courrier 4\"\n", "") + goDecision, "go without a client organisation that was told"},
		"a verdict":                 {tunis + strings.Replace(goDecision, "go", "maybe", 1), `decision.verdict: "maybe"`},
		"no reason":                 {tunis + strings.Replace(goDecision, "Essai.", "", 1), "decision.reason: missing"},
	} {
		d, problems := Parse(openingFolder(c.text, nil), nil)
		var all []string
		for _, p := range append(problems, d.Check()...) {
			all = append(all, p.Error())
		}
		if got := strings.Join(all, "\n"); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	for name, more := range map[string]map[string]string{
		`openings/brest.toml:1: id: there is no site "brest"`:                                       {"openings/brest.toml": tunis},
		`openings/tunis.toml:5: scope.agents: 2 agents have their account at tunis, at most 1`:      {"accounts.toml": agentsAt("tunis", "tunis", "tunis2")},
		`openings/tunis.toml:2: scope.queues: queue "plis" belongs to "levant", which is not among`: {"principals/levant.toml": `name = "Levant"`, "queues/plis.toml": strings.Replace(sharedQueue, "ponant", "levant", 1)},
	} {
		text := tunis + goDecision
		if _, plis := more["queues/plis.toml"]; plis {
			text = strings.Replace(text, `["colis"]`, `["colis", "plis"]`, 1)
		}
		d, problems := Parse(openingFolder(text, more), nil)
		var all []string
		for _, p := range append(problems, d.Check()...) {
			all = append(all, p.Error())
		}
		if got := strings.Join(all, "\n"); !strings.Contains(got, name) {
			t.Errorf("got %q, want %q", got, name)
		}
	}
}

func agentsAt(site string, logins ...string) string {
	var b strings.Builder
	for _, login := range logins {
		b.WriteString("[[account]]\nname = \"" + login + "\"\nlogin = \"" + login + "\"\nroles = [{name = \"agent\", principals = [\"*\"], queues = [\"*\"]}]\n[account.agent]\nsite = \"" + site + "\"\nqueues = [\"colis\"]\n")
	}
	return b.String()
}

// kept is what a set of documents is after a plan, as the journal would give it back.
func kept(t *testing.T, current, wanted *Documents, by rivage.ID, remove bool) (*Documents, error) {
	t.Helper()
	plan, problems := Diff(current, wanted, Options{Remove: remove})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	a, err := plan.Entries(By{Account: by}, time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC))
	if err != nil {
		return nil, err
	}
	rows := map[Key]rivage.SettingRow{}
	for _, k := range current.Keys() {
		rows[k] = rivage.SettingRow{Type: k.Type, ID: k.ID, Of: current.Of(k), Version: current.streams[streamOf(k)], Doc: encodeJSON(current.Doc(k))}
	}
	for _, e := range a.Entries {
		switch f := e.Facts.(type) {
		case *rivage.SettingSet:
			rows[Key{f.Type, f.ID}] = rivage.SettingRow{Type: f.Type, ID: f.ID, Of: f.Of, Version: f.Version, Doc: f.Doc}
		case *rivage.SettingRemoved:
			delete(rows, Key{f.Type, f.ID})
		}
	}
	var list []rivage.SettingRow
	for _, r := range rows {
		list = append(list, r)
	}
	after, err := FromRows(list, nil)
	if err != nil {
		t.Fatal(err)
	}
	return after, nil
}

func TestAnOpeningIsDecidedByAPersonWhoIsSignedIn(t *testing.T) {
	is := func(d *Documents) rivage.OpeningDecision {
		if o := find[rivage.Opening](d, rivage.TypeOpening, "tunis"); o.Decision != nil {
			return *o.Decision
		}
		return rivage.OpeningDecision{}
	}
	wider := strings.Replace(tunis, "2027-02-28", "2028-02-28", 1)
	objected := strings.Replace(tunis, `"accepted"`, `"objected"`, 1)
	noGo := strings.Replace(goDecision, `"go"`, `"no-go"`, 1)
	current := New()
	for i, step := range []struct {
		by   rivage.ID
		text string
		code rivage.Code
		want rivage.OpeningDecision
	}{
		{"", tunis + goDecision, rivage.Denied, rivage.OpeningDecision{}},
		{"", tunis, "", rivage.OpeningDecision{}},
		{rivage.CommandLine, tunis + goDecision, rivage.Denied, rivage.OpeningDecision{}},
		{"nolwenn", tunis + goDecision, "", rivage.OpeningDecision{Verdict: rivage.Go, Reason: "Essai.", On: "2026-11-28", By: "nolwenn", Company: "golfe", Country: "TN"}},
		{"", tunis + goDecision, "", rivage.OpeningDecision{Verdict: rivage.Go, Reason: "Essai.", On: "2026-11-28", By: "nolwenn", Company: "golfe", Country: "TN"}},
		{"", objected + goDecision, "", rivage.OpeningDecision{Verdict: rivage.Go, Reason: "Essai.", On: "2026-11-28", By: "nolwenn", Company: "golfe", Country: "TN"}}, // an answer may come later
		{"", wider + goDecision, rivage.Invalid, rivage.OpeningDecision{}},
		{"herve", wider + goDecision, rivage.Invalid, rivage.OpeningDecision{}},
		{"", tunis + noGo, rivage.Denied, rivage.OpeningDecision{}},
		{"", wider, "", rivage.OpeningDecision{}}, // taken out: closed
		{"herve", wider + noGo, "", rivage.OpeningDecision{Verdict: rivage.NoGo, Reason: "Essai.", On: "2026-11-28", By: "herve", Company: "golfe", Country: "TN"}},
	} {
		after, err := kept(t, current, parsed(t, openingFolder(step.text, nil)), step.by, false)
		if rivage.CodeOf(err) != step.code {
			t.Fatalf("step %d: got %v, want %q", i, err, step.code)
		}
		if err != nil {
			continue
		}
		if current = after; is(current) != step.want {
			t.Fatalf("step %d: got %+v, want %+v", i, is(current), step.want)
		}
	}

	// What is exported is applied again, by anybody, and nothing changes.
	files, err := current.Export(nil)
	if err != nil {
		t.Fatal(err)
	}
	back := fstest.MapFS{}
	for name, text := range files {
		back[name] = &fstest.MapFile{Data: text}
	}
	plan, problems := Diff(current, parsed(t, back), Options{})
	if len(problems) > 0 || !plan.Empty() {
		t.Errorf("what is exported is not what is there: %v %v", problems, plan)
	}
	if strings.Contains(string(files["openings/tunis.toml"]), "herve") {
		t.Error("the folder names the account that decided")
	}

	// A screen cannot say who decided.
	forged := current.Clone()
	o := *find[rivage.Opening](current, rivage.TypeOpening, "tunis")
	o.Decision = &rivage.OpeningDecision{Verdict: rivage.Go, Reason: "Moi.", On: "2020-01-01", By: "nolwenn"}
	if err := forged.Put(Key{rivage.TypeOpening, "tunis"}, encodeJSON(o)); err != nil {
		t.Fatal(err)
	}
	after, err := kept(t, current, forged, "herve", false)
	if err != nil || is(after).By != "herve" || is(after).On != "2026-11-28" {
		t.Errorf("got %+v %v, want the day and the account of who asked", is(after), err)
	}

	// A dossier goes with its site only.
	bare := openingFolder("", nil)
	delete(bare, "openings/tunis.toml")
	if _, err := kept(t, current, parsed(t, bare), "herve", true); err == nil {
		t.Error("the dossier of a site is taken away, which would open it")
	}
	delete(bare, "sites/tunis.toml")
	if _, err := kept(t, current, parsed(t, bare), "herve", true); err != nil {
		t.Errorf("a site goes with its dossier: %v", err)
	}
}

func TestAPlanNamesSitesAbroadWithoutADossier(t *testing.T) {
	folder := openingFolder(tunis, map[string]string{
		"sites/dakar.toml": "name = \"Dakar\"\ncompany = \"golfe\"\ncountry = \"SN\"\n", "sites/oslo.toml": "name = \"Oslo\"\ncompany = \"golfe\"\ncountry = \"NO\"\n",
	})
	plan, problems := Diff(New(), parsed(t, folder), Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	var warned []string
	for _, line := range plan.Lines() {
		if strings.HasPrefix(line, "!") {
			warned = append(warned, line)
		}
	}
	if want := []string{"! site dakar : hors de l'EEE (SN), sans dossier d'ouverture (openings/dakar.toml)"}; !slices.Equal(warned, want) {
		t.Errorf("got %q, want %q", warned, want)
	}
}

// A site that comes to stand outside the EEA is closed by a dossier that nobody has filled in yet, whoever forgot it.
func TestASiteAbroadBeginsItsDossier(t *testing.T) {
	site := func(country string) string {
		return fmt.Sprintf("name = \"S\"\ncompany = \"golfe\"\ncountry = %q\n", country)
	}
	kept := parsed(t, openingFolder(tunis, map[string]string{"sites/dakar.toml": site("SN"), "sites/brest.toml": site("FR")}))
	for name, c := range map[string]struct {
		before, after *Documents
		begun         bool
	}{
		"added to what there is":   {parsed(t, openingFolder(tunis, nil)), kept, true},
		"added in the EEA":         {kept, parsed(t, openingFolder(tunis, map[string]string{"sites/oslo.toml": site("NO")})), false},
		"of a first configuration": {New(), kept, false},
		"as it was":                {kept, kept, false},
		"moved out of the EEA":     {kept, parsed(t, openingFolder(tunis, map[string]string{"sites/brest.toml": site("TN")})), true},
		"moved to another country": {kept, parsed(t, openingFolder(tunis, map[string]string{"sites/dakar.toml": site("ML")})), true},
		"moved into the EEA":       {kept, parsed(t, openingFolder(tunis, map[string]string{"sites/dakar.toml": site("PT")})), false},
		"renamed":                  {kept, parsed(t, openingFolder(tunis, map[string]string{"sites/dakar.toml": site("SN") + "telework = true\n"})), false},
	} {
		plan, problems := Diff(c.before, c.after, Options{})
		if len(problems) > 0 {
			t.Fatal(problems[0])
		}
		begun := slices.ContainsFunc(plan.Changes, func(x Change) bool { return x.Type == rivage.TypeOpening && x.Op == Add && x.ID != "tunis" })
		if begun != c.begun {
			t.Errorf("%s: a dossier begins: %v, want %v", name, begun, c.begun)
		}
		if begun {
			s, _, _ := plan.After().Settings()
			for id, o := range s.Openings {
				if standing, _ := policy.Opening(o, "ponant", time.Now()); id != "tunis" && standing != policy.StandingUndecided {
					t.Errorf("%s: the site is %v", name, standing)
				}
			}
		}
	}
}

func TestADossierThatDoesNotReadKeepsItsSiteClosed(t *testing.T) {
	d := parsed(t, openingFolder(tunis, nil))
	s, gate, _ := Settings([]rivage.SettingRow{
		{Type: rivage.TypeOpening, ID: "tunis", Doc: []byte("{")},
		{Type: rivage.TypeSite, ID: "tunis", Doc: encodeJSON(d.Doc(Key{rivage.TypeSite, "tunis"}))},
	})
	if s.Openings["tunis"] == nil {
		t.Fatal("a dossier that cannot be read binds nobody")
	}
	if standing, _ := policy.Opening(s.Openings["tunis"], "ponant", time.Now()); standing != policy.StandingUndecided || gate == nil {
		t.Errorf("got %s", standing)
	}
}
