// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"

	"rivage.example/rivage"
)

func publicKeyOf(t *testing.T, curve elliptic.Curve) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func TestTeleworkIsAPlaceWithoutNetworks(t *testing.T) {
	site := swap(t, "sites/casablanca.toml", "country = 'MA'", "country = 'MA'\ntelework = true\nnetworks = ['198.51.100.0/24']")
	d, problems := Parse(ponant(t, site), asIs)
	if problems = append(problems, d.Check()...); len(problems) != 1 || !strings.Contains(problems[0].Error(), "networks: a site of teleworking has none") {
		t.Errorf("with networks: %v", problems)
	}
	for listed, want := range map[string]string{
		"casablanca": "", "brest": `telework: site "brest" is not one of teleworking`, "quimper": `telework: there is no site "quimper"`,
	} {
		files := swap(t, "sites/casablanca.toml", "country = 'MA'", "country = 'MA'\ntelework = true")
		for path, text := range swap(t, "accounts.toml", "lang = 'fr'", "lang = 'fr'\ntelework = ['"+listed+"']") {
			files[path] = text
		}
		d, problems := Parse(ponant(t, files), asIs)
		problems = append(problems, d.Check()...)
		switch {
		case want == "" && len(problems) > 0:
			t.Errorf("%s: %v", listed, problems)
		case want != "" && (len(problems) != 1 || !strings.Contains(problems[0].Error(), want)):
			t.Errorf("%s: %v, want %s", listed, problems, want)
		}
	}
}

func TestAWorkstationHasASiteAKeyAndAnEnd(t *testing.T) {
	good := "name = 'Poste 12'\nsite = 'brest'\nkey = '" + publicKeyOf(t, elliptic.P256()) + "'\nuntil = '2027-06-30'\n"
	d, problems := Parse(ponant(t, map[string]string{"workstations/poste-12.toml": good}), asIs)
	if problems = append(problems, d.Check()...); len(problems) > 0 {
		t.Fatalf("%v", problems)
	}
	s, _, err := d.Settings()
	if err != nil || s.Workstations["poste-12"].Site != "brest" {
		t.Errorf("%+v, %v", s.Workstations["poste-12"], err)
	}
	if k := (Key{rivage.TypeWorkstation, "poste-12"}); d.Of(k) != rivage.Organisation {
		t.Errorf("it is %s's", d.Of(k))
	}
	for name, c := range map[string][3]string{
		"no site":       {"'brest'", "'quimper'", `workstations/poste-12.toml:2: site: there is no site "quimper"`},
		"no end":        {"until = '2027-06-30'", "", "until: want a day between quotes"},
		"no name":       {"'Poste 12'", "' '", "workstations/poste-12.toml:1: name: missing"},
		"no key":        {"key = '", "key = 'x", "workstations/poste-12.toml:3: key: want a P-256 public key"},
		"another curve": {"key = '", "key = '" + publicKeyOf(t, elliptic.P384()) + "' # '", "workstations/poste-12.toml:3: key: want a P-256 public key"},
	} {
		d, problems := Parse(ponant(t, map[string]string{"workstations/poste-12.toml": strings.Replace(good, c[0], c[1], 1)}), asIs)
		problems = append(problems, d.Check()...)
		if len(problems) != 1 || !strings.Contains(problems[0].Error(), c[2]) {
			t.Errorf("%s: got %v, want %s", name, problems, c[2])
		}
	}
	d, problems = Parse(ponant(t, map[string]string{"workstations/poste-12.toml": good, "workstations/poste-13.toml": good}), asIs)
	if problems = append(problems, d.Check()...); len(problems) != 1 || !strings.Contains(problems[0].Error(), `key: workstation "poste-12" has it already`) {
		t.Errorf("a key twice: %v", problems)
	}
}
