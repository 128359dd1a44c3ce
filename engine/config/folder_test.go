// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"rivage.example/rivage"
)

// asIs stands for the WAV codec: audio is what the file holds.
func asIs(file []byte) ([]byte, error) { return bytes.Clone(file), nil }

// ponant is the example folder, with files replaced or added by edit; a nil content takes a file away.
func ponant(t testing.TB, edit map[string]string, gone ...string) fstest.MapFS {
	t.Helper()
	m := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS("testdata/ponant"), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile("testdata/ponant/" + path)
		m[path] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range edit {
		m[path] = &fstest.MapFile{Data: []byte(text)}
	}
	for _, path := range gone {
		delete(m, path)
	}
	return m
}

// swap is a file of the example folder with one text replaced.
func swap(t testing.TB, path, from, to string) map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/ponant/" + path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), from) {
		t.Fatalf("%s does not hold %q", path, from)
	}
	return map[string]string{path: strings.Replace(string(text), from, to, 1)}
}

func parse(t testing.TB, folder fs.FS) *Documents {
	t.Helper()
	d, problems := Parse(folder, asIs)
	for _, p := range append(problems, d.Check()...) {
		t.Error(p)
	}
	if t.Failed() {
		t.FailNow()
	}
	return d
}

// The example folder is in the form Export writes, so that reading and writing it again changes no byte.
func TestTheFolderComesBackByteForByte(t *testing.T) {
	folder := ponant(t, nil)
	d := parse(t, folder)
	audio := func(hash string) ([]byte, error) {
		if b, ok := d.audio[hash]; ok {
			return b, nil
		}
		return nil, fmt.Errorf("no audio %s", hash)
	}
	got, err := d.Export(audio)
	if err != nil {
		t.Fatal(err)
	}
	for path, file := range folder {
		if !bytes.Equal(got[path], file.Data) {
			t.Errorf("%s:\n got %s\nwant %s", path, got[path], file.Data)
		}
	}
	if want := slices.Sorted(maps.Keys(folder)); !slices.Equal(slices.Sorted(maps.Keys(got)), want) {
		t.Errorf("files %v, want %v", slices.Sorted(maps.Keys(got)), want)
	}
	if len(got) != d.Len()-2+3+1 { // two accounts are one file; three prompts have a sound
		t.Errorf("%d files of %d documents", len(got), d.Len())
	}
}

func TestDefaultsAndIDsMayBeLeftOut(t *testing.T) {
	d := parse(t, ponant(t, map[string]string{
		"queues/colis.toml": "principal='messagerie'\nname='Colis'\nclass='suivi'\n[[dispositions]]\ncode='ok'\nlabel='Ok'\n",
		"README.md":         "# notes", ".git/config": "x",
	}))
	got := *find[rivage.Queue](d, rivage.TypeQueue, "colis")
	if got.ID != "colis" || got.OfferTimeout != 15 || got.WrapUp != 60 || got.PositionEvery != 90 || got.Recording != nil {
		t.Errorf("got %+v", got)
	}
}

func TestAProblemNamesFileLineAndExpectation(t *testing.T) {
	for _, c := range []struct {
		name, path, from, to, want string
	}{
		{"unknown key", "queues/colis.toml", "wrap_up = 60", "wrapup = 60", "queues/colis.toml:8: wrapup: unknown key, want one of id, principal, name, class"},
		{"unknown nested key", "queues/sante.toml", "notice =", "notise =", "queues/sante.toml:21: recording.notise: unknown key, want one of purpose, retention_days"},
		{"wrong type", "queues/colis.toml", "target = 20", "target = '20'", "queues/colis.toml:10: target: want a whole number"},
		{"wrong list", "sites/brest.toml", "networks = ['192.0.2.0/25', '2001:db8:29::/48']", "networks = 3", "sites/brest.toml:5: networks: want a list"},
		{"bad network", "sites/brest.toml", "192.0.2.0/25", "192.0.2", "sites/brest.toml:5: networks: want a list of networks, like"},
		{"syntax", "sites/brest.toml", "id = 'brest'", "id = brest", "sites/brest.toml:1: "},
		{"twice", "sites/brest.toml", "name =", "id =", "sites/brest.toml:2: id: key id is already defined"},
		{"id is not the file", "sites/brest.toml", "id = 'brest'", "id = 'paris'", `sites/brest.toml:1: id: "paris", want "brest"`},
		{"network", "sites/brest.toml", "192.0.2.0/25", "192.0.2.1/25", "sites/brest.toml:5: networks.0: 192.0.2.1/25 names a machine, want 192.0.2.0/25"},
		{"world", "sites/brest.toml", "192.0.2.0/25", "0.0.0.0/0", "sites/brest.toml:5: networks.0: 0.0.0.0/0 is wider than /8"},
		{"certificate", "sites/brest.toml", "company =", "certificates = ['SHA256:abcd']\ncompany =", "sites/brest.toml:3: certificates.0: want the SHA-256 of a public key, 64 hex digits in lower case"},
		{"no company", "sites/brest.toml", "'ponant'", "'nobody'", `sites/brest.toml:3: company: there is no company "nobody"`},
		{"sentence of a Principal", "sites/brest.toml", "unknown = 'inconnu'", "unknown = 'avis-sante'", `sites/brest.toml:10: sentence.unknown: prompt "avis-sante" belongs to "mutuelle"`},
		{"country", "companies/atlas.toml", "country = 'MA'", "country = 'Maroc'", `companies/atlas.toml:3: country: "Maroc", want the two capital letters`},
		{"parent", "companies/atlas.toml", "parent = 'Atlas Holding'\n", "", "companies/atlas.toml:1: parent: missing, although its country is given"},
		{"class", "queues/colis.toml", "'suivi'", "'secret'", `queues/colis.toml:4: class: "secret", want one of`},
		{"position", "queues/colis.toml", "position_every = 90", "position_every = 5", "queues/colis.toml:11: position_every: 5, want 15 to 3600"},
		{"skill", "queues/colis.toml", "fr = 3", "fr = 9", "queues/colis.toml:16: skills.fr: 9, want 1 to 5"},
		{"no disposition", "queues/sante.toml", "[[dispositions]]\ncode = 'rembourse'\nlabel = 'Remboursé'\n", "", "queues/sante.toml:1: dispositions: missing"},
		{"disposition", "queues/colis.toml", "code = 'perdu'", "code = 'livre'", "queues/colis.toml:23: dispositions.1.code:"},
		{"recording without notice", "queues/sante.toml", "notice = 'avis-sante'\n", "", "queues/sante.toml:18: recording.notice: missing"},
		{"quality for too long", "queues/sante.toml", "'evidence'", "'quality'", "queues/sante.toml:20: recording.retention_days: 365, want 1 to 180"},
		{"opposition", "queues/sante.toml", "opposition_key = '9'", "opposition_key = 'x'", "queues/sante.toml:22: recording.opposition_key:"},
		{"prompt of another", "queues/colis.toml", "max_waiting = 200", "max_waiting = 200\nmusic = 'avis-sante'", `queues/colis.toml:13: music: prompt "avis-sante" belongs to "mutuelle"`},
		{"number", "numbers/colis.toml", "+33100000001", "0100000001", "numbers/colis.toml:3: number:"},
		{"flow of another", "numbers/colis.toml", "'messagerie'", "'mutuelle'", `numbers/colis.toml:4: flow: flow "accueil-colis" belongs to "messagerie"`},
		{"queue of another", "flows/accueil-colis.toml", "queue = 'colis'", "queue = 'sante'", `flows/accueil-colis.toml:11: steps.1.queue: queue "sante" belongs to "mutuelle"`},
		{"flow without queue", "flows/accueil-colis.toml", "do = 'queue'", "do = 'announce'", "flows/accueil-colis.toml:5: steps: flow"},
		{"trunk without media", "trunks/operateur.toml", "media = ['198.51.100.0/24', '203.0.113.0/24']", "media = []", "trunks/operateur.toml:6: media: missing"},
		{"trunk without a declaration", "trunks/operateur.toml", "[declared]\npurpose = 'service'\nclasses = ['suivi', 'sante']\nbasis = 'contrat OP-7 (fictif)'\nfrom = '2026-01-01'\nuntil = '2030-12-31'\n", "", "trunks/operateur.toml:1: declared: missing"},
		{"connection without an end", "trunks/operateur.toml", "until = '2030-12-31'\n", "", "trunks/operateur.toml:13: declared.until: want a day"},
		{"connection that ends first", "trunks/operateur.toml", "'2030-12-31'", "'2025-12-31'", "trunks/operateur.toml:18: declared.until: the last day is before the first"},
		{"connection for no class", "trunks/operateur.toml", "['suivi', 'sante']", "[]", "trunks/operateur.toml:15: declared.classes: missing"},
		{"connection for an unknown class", "trunks/operateur.toml", "'sante'", "'tout'", `trunks/operateur.toml:15: declared.classes: "tout", want one of`},
		{"connection without a purpose", "trunks/operateur.toml", "purpose = 'service'", "purpose = ''", `trunks/operateur.toml:14: declared.purpose: "", want one of`},
		{"connection without a basis", "trunks/operateur.toml", "'contrat OP-7 (fictif)'", "''", "trunks/operateur.toml:16: declared.basis: missing"},
		{"trunk from nowhere", "trunks/operateur.toml", "country = 'FR'\n", "", `trunks/operateur.toml:1: country: "", want the two capital letters`},
		{"secret alone", "trunks/operateur.toml", "username = 'rivage'\n", "", "trunks/operateur.toml:8: secret: username and secret go together"},
		{"rule key", "rules/messagerie.toml", `zones = ["OTHER"]`, `zone = ["OTHER"]`, "rules/messagerie.toml:25: rule.zone: unknown key, want one of id, effect, reason"},
		{"rule value", "rules/messagerie.toml", `zones = ["OTHER"]`, `zones = ["EVERYWHERE"]`, `rules/messagerie.toml:25: rule "maroc-voix": zones: "EVERYWHERE", want one of`},
		{"rule omits", "rules/messagerie.toml", "zones = [\"OTHER\"]\n", "", `rules/messagerie.toml:15: rule "maroc-voix": zones: missing`},
		{"rule date", "rules/messagerie.toml", "from = 2026-01-01", "from = 2026-01-01T00:00:00Z", "rules/messagerie.toml:20: rule.from: want a day, like 2026-01-31"},
		{"rule company", "rules/messagerie.toml", `["atlas"]`, `["atals"]`, `rules/messagerie.toml:27: rule.1.companies: there is no company "atals"`},
		{"prompt text", "prompts/inconnu.toml", "text = ", "text = ''\n#", "prompts/inconnu.toml:4: text: missing"},
		{"sound elsewhere", "prompts/inconnu.toml", "'inconnu.wav'", "'../x.wav'", `prompts/inconnu.toml:6: file: "../x.wav", want the name of a .wav file`},
		{"no sound", "prompts/inconnu.toml", "'inconnu.wav'", "'other.wav'", "prompts/other.wav: cannot be read: file does not exist"},
		{"account id", "accounts.toml", "aaaaaaaaaaaaaaaaaaaaaaaaaa", "anne-dupont", `accounts.toml:2: id: "anne-dupont", want 26 random characters`},
		{"login twice", "accounts.toml", "'erwan'", "'anne'", "accounts.toml:11: login: another account has this login"},
		{"role", "accounts.toml", "'administrator'", "'king'", `accounts.toml:6: roles.0.name: "king", want one of`},
		{"scope", "accounts.toml", "queues = ['colis', 'sante']}", "queues = ['nothing']}", `accounts.toml:13: roles.0.queues: there is no queue "nothing"`},
		{"agent role without agent", "accounts.toml", "name = 'agent'", "name = 'supervisor'", "accounts.toml:15: agent:"},
		{"agent key", "accounts.toml", "skills = {en", "skils = {en", "accounts.toml:18: account.agent.skils: unknown key, want one of site, queues"},
		{"device", "accounts.toml", "sip:4001@192.0.2.10:5060", "http://x", "accounts.toml:19: agent.device.uri: want an address like"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, problems := Parse(ponant(t, swap(t, c.path, c.from, c.to)), asIs)
			problems = append(problems, d.Check()...)
			var got []string
			for _, p := range problems {
				if strings.HasPrefix(p.Error(), c.want) {
					return
				}
				got = append(got, p.Error())
			}
			t.Errorf("got %q\nwant %q", got, c.want)
		})
	}
}

func TestStrayFilesAreRefused(t *testing.T) {
	_, problems := Parse(ponant(t, map[string]string{
		"quues/x.toml": "", "notes.txt": "", "queues/x.yaml": "", "prompts/alone.wav": "x", "queues/deep/x.toml": "",
	}), asIs)
	if len(problems) != 5 {
		t.Errorf("got %v, want 5 problems", problems)
	}
}

func TestTwoSitesDoNotShareANetwork(t *testing.T) {
	d, problems := Parse(ponant(t, swap(t, "sites/casablanca.toml", "country = 'MA'", "country = 'MA'\nnetworks = ['192.0.2.64/26']")), asIs)
	problems = append(problems, d.Check()...)
	want := `sites/casablanca.toml:5: networks: 192.0.2.64/26 lies within 192.0.2.0/25 of site "brest"`
	if len(problems) != 1 || problems[0].Error() != want {
		t.Errorf("got %v, want %s", problems, want)
	}
}

func TestTwoSitesDoNotShareACertificate(t *testing.T) {
	pin := strings.Repeat("0a", 32)
	with := swap(t, "sites/casablanca.toml", "country = 'MA'", "country = 'MA'\ncertificates = ['"+pin+"']")
	maps.Copy(with, swap(t, "sites/brest.toml", "country = 'FR'", "country = 'FR'\ncertificates = ['"+pin+"']"))
	d, problems := Parse(ponant(t, with), asIs)
	problems = append(problems, d.Check()...)
	want := `sites/casablanca.toml:5: certificates.0: site "brest" has it already`
	if len(problems) != 1 || problems[0].Error() != want {
		t.Errorf("got %v, want %s", problems, want)
	}
}

func TestASecretIsNeverRepeatedInAProblem(t *testing.T) {
	d, problems := Parse(ponant(t, swap(t, "trunks/operateur.toml", "secret = 'operateur'", "secret = 'Canari!2026'")), asIs)
	problems = append(problems, d.Check()...)
	if len(problems) == 0 {
		t.Fatal("a password instead of a name passes")
	}
	for _, p := range problems {
		if strings.Contains(p.Error(), "Canari") {
			t.Errorf("%v", p)
		}
	}
}

// FuzzFolder: no text makes the reader fail, hang or accept what it cannot write and read again.
func FuzzFolder(f *testing.F) {
	for path, file := range ponant(f, nil) {
		f.Add(path, string(file.Data))
	}
	f.Add("rules/messagerie.toml", "[[rule]]\nid=1")
	f.Add("accounts.toml", "account = [{roles = [{name = 'agent'}], agent = {device = {}}}]")
	f.Add("queues/x.toml", "skills.fr = 1\n[[a.b]]\n[a.c]\n[[a.b.d]]")
	f.Fuzz(func(t *testing.T, path, text string) {
		if !fs.ValidPath(path) || strings.Count(path, "/") > 1 {
			return
		}
		m := fstest.MapFS{path: &fstest.MapFile{Data: []byte(text)}}
		d, problems := Parse(m, asIs)
		for _, p := range append(problems, d.Check()...) {
			if p.Line < 0 || p.Line > strings.Count(text, "\n")+1 {
				t.Errorf("line %d of %d: %v", p.Line, strings.Count(text, "\n")+1, p)
			}
		}
		if len(problems) > 0 {
			return
		}
		files, err := d.Export(func(hash string) ([]byte, error) { return d.audio[hash], nil })
		if err != nil {
			t.Fatal(err)
		}
		again := fstest.MapFS{}
		for path, data := range files {
			again[path] = &fstest.MapFile{Data: data}
		}
		if d.Len() > 0 && !provisional(d.Keys()[0].ID) {
			if _, problems := Parse(again, asIs); len(problems) > 0 {
				t.Errorf("what was written is not read: %v\n%s", problems, files)
			}
		}
	})
}
