// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"bytes"
	"strings"
	"testing"

	"rivage.example/rivage"
)

func TestTheTableOfZonesIsWhole(t *testing.T) {
	a, err := readAtlas(jurisdictionsCSV)
	if err != nil {
		t.Fatal(err)
	}
	want := map[rivage.Zone]int{
		rivage.ZoneFR: 1, rivage.ZoneFRRUP: 6, rivage.ZoneFROMHorsUE: 6, rivage.ZoneEU: 27, rivage.ZoneEEA: 3,
		rivage.ZoneAdequate: 11, rivage.ZoneAdequatePartial: 5, rivage.ZoneOther: 191,
	}
	got, seen := map[rivage.Zone]int{}, map[rivage.Country]bool{}
	for _, j := range a.rows {
		got[j.Zone]++
		if seen[j.Country] {
			t.Errorf("%s stands twice", j.Country)
		}
		seen[j.Country] = true
		for _, n := range j.names {
			if strings.TrimSpace(n) == "" {
				t.Errorf("%s has no name", j.Country)
			}
		}
		adequate := j.Zone == rivage.ZoneAdequate || j.Zone == rivage.ZoneAdequatePartial
		if adequate && j.Confidence == "" {
			t.Errorf("%s: the adequacy says nothing of its confidence", j.Country)
		}
	}
	for zone, n := range want {
		if got[zone] != n {
			t.Errorf("%d countries in %s, want %d", got[zone], zone, n)
		}
	}
	if !bytes.Contains(jurisdictionsCSV, []byte("State of the law: "+JurisdictionsDate)) {
		t.Errorf("the table does not bear the date %s", JurisdictionsDate)
	}
}

func TestAnUnknownCountryIsOther(t *testing.T) {
	for _, c := range []rivage.Country{"", "ZZ", "fr", "FRA", "F\x00"} {
		if got := ZoneOf(c); got != rivage.ZoneOther {
			t.Errorf("%q is in %s", c, got)
		}
	}
	if got := ZoneOf("RE"); got != rivage.ZoneFRRUP {
		t.Errorf("RE is in %s", got)
	}
}

func TestABrokenTableIsAnError(t *testing.T) {
	for _, text := range []string{"h,,,,,,,,\nFR,MARS,,,EXP_NONE_EU,a,b,c,d\n", "h,,,,,,,,\nF,FR,,,EXP_NONE_EU,a,b,c,d\n",
		"h,,,,,,,,\nFR,FR,demain,,EXP_NONE_EU,a,b,c,d\n", "h,,,,,,,,\nFR,FR,,,NONE,a,b,c,d\n", "a,b\n"} {
		if _, err := readAtlas([]byte(text)); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}

func TestCountriesInSentences(t *testing.T) {
	for _, c := range []struct {
		country        rivage.Country
		lang, name, in string
	}{
		{"FR", "fr", "France", "en France"},
		{"RE", "fr", "La Réunion", "à La Réunion"},
		{"PT", "fr", "Portugal", "au Portugal"},
		{"MA", "fr", "Maroc", "au Maroc"},
		{"TG", "", "Togo", "au Togo"},
		{"MA", "en", "Morocco", "in Morocco"},
		{"GB", "en", "United Kingdom", "in the United Kingdom"},
		{"US", "fr", "États-Unis", "aux États-Unis"},
		{"MU", "fr", "Maurice", "à Maurice"},
		{"CI", "fr", "Côte d’Ivoire", "en Côte d’Ivoire"},
		{"", "fr", "pays non vérifié", "dans un pays non vérifié"},
		{"ZZ", "en", "country not verified", "in a country that is not verified"},
	} {
		if got := CountryName(c.country, c.lang); got != c.name {
			t.Errorf("%s: got %q, want %q", c.country, got, c.name)
		}
		if got := InCountry(c.country, c.lang); got != c.in {
			t.Errorf("%s: got %q, want %q", c.country, got, c.in)
		}
	}
}
