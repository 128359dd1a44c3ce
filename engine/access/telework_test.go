// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"errors"
	"slices"
	"testing"
	"time"

	"rivage.example/rivage"
)

// atHome adds two sites of teleworking, of which Yann may state those.
func atHome(w *world, sites ...rivage.ID) {
	for id, country := range map[rivage.ID]rivage.Country{"domicile-fr": "FR", "domicile-pt": "PT"} {
		w.settings.Sites[id] = &rivage.Site{ID: id, Company: "ponant", Country: country, Telework: true}
	}
	w.settings.Accounts["yann"].Telework = sites
}

func TestTeleworkIsStatedAtSignInAmongWhatTheEmployerListed(t *testing.T) {
	c, w := newWorld(t)
	enrol(t, c, w, "yann", false)
	for _, x := range []struct {
		name   string
		listed []rivage.ID
		from   Origin
		site   rivage.ID
		want   Refusal
	}{
		{"nothing stated", []rivage.ID{"domicile-fr"}, home, "brest", ""},
		{"their own site", []rivage.ID{"domicile-fr"}, Origin{Remote: home.Remote, Site: "brest"}, "brest", ""},
		{"the only one", []rivage.ID{"domicile-fr"}, Origin{Remote: home.Remote, Telework: true}, "domicile-fr", ""},
		{"none listed", nil, Origin{Remote: home.Remote, Telework: true}, "", BadSite},
		{"which of two", []rivage.ID{"domicile-fr", "domicile-pt"}, Origin{Remote: home.Remote, Telework: true}, "", SiteRequired},
		{"that of two", []rivage.ID{"domicile-fr", "domicile-pt"}, Origin{Remote: home.Remote, Telework: true, Site: "domicile-pt"}, "domicile-pt", ""},
		{"one not listed", []rivage.ID{"domicile-fr"}, Origin{Remote: home.Remote, Site: "domicile-pt"}, "", BadSite},
		{"one that is nowhere", []rivage.ID{"domicile-fr"}, Origin{Remote: home.Remote, Site: "x"}, "", BadSite},
	} {
		atHome(w, x.listed...)
		s, _, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", x.from)
		wantRefusal(t, x.name, err, x.want)
		if s.Place.Site != x.site || s.Place.Telework != (x.site != "" && x.site != "brest") || x.want == "" && s.Place.Evidence != rivage.Declared {
			t.Errorf("%s: %+v", x.name, s.Place)
		}
		if which, ok := errors.AsType[*Choice](err); ok != (x.want == SiteRequired) || ok && !slices.Equal(which.Sites, x.listed) {
			t.Errorf("%s: asks %v", x.name, which)
		}
	}
	atHome(w, "domicile-fr")
	_, token, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", Origin{Remote: home.Remote, Telework: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Check(t.Context(), token, home); err != nil {
		t.Errorf("later: %v", err)
	}
	atHome(w)
	_, err = c.Check(t.Context(), token, home)
	wantRefusal(t, "no longer listed", err, PlaceChanged)
}

// A machine that is registered at a site of teleworking proves itself, and no country.
func TestNothingAttestsAHome(t *testing.T) {
	c, w := newWorld(t)
	enrol(t, c, w, "yann", false)
	atHome(w, "domicile-fr")
	b := registered(t, c)
	w.settings.Workstations["poste-12"].Site = "domicile-fr"
	leaf := issue(t, nil, false, origin.Add(-time.Hour), origin.Add(time.Hour))
	w.settings.Sites["domicile-fr"].Certificates = []string{pinOf(leaf.cert)}
	in := func(from Origin) (rivage.Place, rivage.Proof) {
		t.Helper()
		s, _, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", from)
		if err != nil {
			t.Fatal(err)
		}
		all := facts[*rivage.SignedIn](w)
		return s.Place, all[len(all)-1].Proof
	}
	station := b.sign(t, here, "", c.Challenge(""))
	station.Telework = true
	for name, x := range map[string]struct {
		from Origin
		site rivage.ID
		want rivage.Evidence
		by   rivage.Proof
	}{
		"a workstation of the home":       {station, "domicile-fr", rivage.Declared, rivage.ByWorkstation},
		"a certificate of the home":       {Origin{Remote: home.Remote, Chain: chain(leaf), Telework: true}, "domicile-fr", rivage.Declared, rivage.ByCertificate},
		"at the office, the home's":       {Origin{Remote: home.Remote, Chain: chain(leaf)}, "brest", rivage.Declared, ""},
		"in the office's network":         {Origin{Remote: brest.Remote, Chain: chain(leaf)}, "brest", rivage.Attested, rivage.ByNetwork},
		"home is stated from the network": {Origin{Remote: brest.Remote, Telework: true}, "domicile-fr", rivage.Unknown, ""},
	} {
		if p, by := in(x.from); p.Site != x.site || p.Evidence != x.want || by != x.by {
			t.Errorf("%s: %+v by %q, want %s by %q", name, p, by, x.want, x.by)
		}
	}
}
