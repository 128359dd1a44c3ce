// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"bytes"
	"fmt"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/view"
)

// A parcel looked up from Lomé: its state and its town leave as pictures, name, address and telephone not at all, and no
// byte of any of them as text. From Brest the same search finds them: it can find. A stop closes Lomé at once.
func TestACardInLomeLeavesAsPicturesOnly(t *testing.T) {
	t.Parallel()
	lome, brest := newPost(t, loopback, "lome-1", seat("lome", 1)), newPost(t, loopback, "brest-1", seat("brest", 1))
	i := install(t, setup{settings: settings{
		accounts: []account{supervisor("sup"), lome.account("lome", `["colis"]`), brest.account("brest", `["colis"]`)},
		edits:    map[string][2]string{"cards/colis.toml": {"127.0.0.1:5073", parcelSystem(t)}},
	}})
	i.serve(t)
	lome.open(t, i)
	caller, second := newPhone(t, loopback, i.sip, toneCaller), newPhone(t, loopback, i.sip, toneCaller)
	caller.dial(numberParcels, fiction(1))
	caller.answers(t, "the caller")
	caller.sound.hears(t, "the caller hears Lomé", toneAgent)
	at := i.person(t, "lome-1", seat("lome", 1))
	at.signIn(t)
	path := "/api/interactions/" + string(lome.interaction(t)) + "/cards"

	card := lookUp(t, at, path)
	want := map[string]string{
		"number": "image", "status": "image", "town": "image", "expected": "image", "recipient.name": "", "recipient.address": "",
		"recipient.phone": "", "content_value": "",
	}
	for _, f := range card.Fields {
		if f.Value != nil || (f.Image != "") != (want[f.Name] == "image") || f.Allowed != (want[f.Name] == "image") || f.Remote != f.Allowed && f.Allowed {
			t.Errorf("%s: %+v", f.Name, f)
		}
		if f.Image == "" {
			continue
		}
		status, h, body := at.ask(t, http.MethodGet, f.Image, nil)
		if _, err := png.Decode(bytes.NewReader(body)); status != 200 || err != nil || h.Get("Cache-Control") != "no-store" || h.Get("Cross-Origin-Resource-Policy") != "same-origin" {
			t.Errorf("%s: %d %v %v", f.Name, status, h, err)
		}
		if found := append(leaks(got(status, h, body)), leaks(body)...); len(found) > 0 {
			t.Errorf("%s: its picture holds %v", f.Name, found)
		}
		if status, h, body = at.ask(t, http.MethodGet, f.Image, nil); status != 404 {
			t.Errorf("%s: a picture is drawn twice: %d", f.Name, status)
		}
		if found := leaks(got(status, h, body)); len(found) > 0 {
			t.Errorf("%s: the refusal holds %v", f.Name, found)
		}
	}
	for _, key := range []string{"PN999999999", "../etc", "PN000000001?x"} { // errors say nothing either
		status, h, body := at.ask(t, http.MethodPost, path, map[string]string{"source": "colis", "key": key})
		if found := leaks(got(status, h, body)); len(found) > 0 || status < 400 || bytes.Contains(body, []byte(key)) {
			t.Errorf("%s: %d holds %v: %s", key, status, found, body)
		}
	}

	brest.open(t, i)
	second.dial(numberParcels, fiction(2))
	second.answers(t, "the second caller")
	second.sound.hears(t, "the second caller hears Brest", toneAgent)
	home := i.person(t, "brest-1", seat("brest", 1))
	home.signIn(t)
	status, h, body := home.ask(t, http.MethodPost, "/api/interactions/"+string(brest.interaction(t))+"/cards", map[string]string{"source": "colis", "key": "PN000000001"})
	if found := leaks(got(status, h, body)); len(found) != len(seeds)-1 { // what the parcel is worth is of a class that no rule lets out
		t.Errorf("Brest reads %v of the parcel: %d %s", found, status, body)
	}

	i.stopCountry(t, "TG")
	until(t, "Lomé is stopped", func() bool {
		c := lookUp(t, at, path)
		return c.Fields[0].Rule == "arret"
	})
	for _, f := range lookUp(t, at, path).Fields {
		if f.Allowed || f.Image != "" {
			t.Errorf("stopped, and %s is %+v", f.Name, f)
		}
	}
	caller.hangUp()
	second.hangUp()
	i.process.stop(t)
	i.check(t)
	if out := i.rivage(t, "policy", "prove", "--dir", i.dir); !strings.Contains(out, " : 0 jambes") || strings.Contains(out, "rejouées 0 ") {
		t.Errorf("prove: %s", out)
	}
	nothingKept(t, i)
}

func lookUp(t *testing.T, p *person, path string) (card view.Card) {
	t.Helper()
	status, h, body := p.ask(t, http.MethodPost, path, map[string]string{"source": "colis", "key": "PN000000001"})
	if found := leaks(got(status, h, body)); len(found) > 0 {
		t.Errorf("%s reads %v", p.login, found)
	}
	p.post(t, path, map[string]string{"source": "colis", "key": "PN000000001"}, &card)
	return card
}

// stopCountry applies a folder that stops a country.
func (i *instance) stopCountry(t *testing.T, country rivage.Country) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "frame"), 0o700); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("profile = %q\nstopped = [%q]\n", "encadre", country)
	if err := os.WriteFile(filepath.Join(dir, "frame", "organisation.toml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	i.rivage(t, "config", "apply", dir, "--dir", i.dir)
}

// nothingKept looks for the seeds in every file of an instance: a record that was looked up is not kept.
func nothingKept(t *testing.T, i *instance) {
	t.Helper()
	err := filepath.WalkDir(i.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if found := leaks(text); len(found) > 0 {
			t.Errorf("%s holds %v of a parcel", path, found)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
