// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"net/netip"
	"sync"
	"testing"
	"time"

	"rivage.example/rivage"
)

var lome = Origin{Remote: netip.MustParseAddr("10.90.0.7")}

func TestAContradictedPlaceClosesAndIsToldOnce(t *testing.T) {
	leaf := issue(t, nil, false, origin.Add(-time.Hour), origin.Add(time.Hour))
	certified := Origin{Remote: home.Remote, Chain: chain(leaf)}
	for _, x := range []struct {
		name       string
		open, then Origin
		change     func(*rivage.Settings)
		lost       rivage.Proof
		seen       rivage.Country
		told       bool
	}{
		{"another site's network", brest, lome, nil, rivage.ByNetwork, "TG", true},
		{"another site's network, from nobody's", home, lome, nil, "", "TG", true},
		{"out of the site's network", brest, home, nil, rivage.ByNetwork, "", true},
		{"without its certificate", certified, home, nil, rivage.ByCertificate, "", true},
		{"without its certificate, in the site's network", certified, brest, nil, rivage.ByCertificate, "", true},
		{"into the site's network", home, brest, nil, "", "", false},
		{"the certificate was taken off", certified, certified, func(s *rivage.Settings) { s.Sites["brest"].Certificates = nil }, "", "", false},
		{"the employer says another site", brest, lome, func(s *rivage.Settings) { s.Accounts["yann"].Agent.Site = "lome" }, "", "", false},
	} {
		c, w := newWorld(t)
		enrol(t, c, w, "yann", false)
		w.settings.Sites["brest"].Certificates = []string{pinOf(leaf.cert)}
		w.settings.Sites["lome"] = &rivage.Site{ID: "lome", Country: "TG", Networks: []netip.Prefix{netip.MustParsePrefix("10.90.0.0/16")}}
		s, token, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", x.open)
		if err != nil {
			t.Fatal(err)
		}
		if x.change != nil {
			x.change(w.settings)
		}
		var all sync.WaitGroup
		for range 20 { // a desk asks many things at once
			all.Go(func() {
				if _, err := c.Check(t.Context(), token, x.then); err == nil {
					t.Errorf("%s: passed", x.name)
				}
			})
		}
		all.Wait()
		if !ended(s) {
			t.Errorf("%s: the holder was not told", x.name)
		}
		got := facts[*rivage.PlaceContradicted](w)
		if !x.told {
			if len(got) > 0 {
				t.Errorf("%s: told %+v", x.name, got[0])
			}
			continue
		}
		if len(got) != 1 || got[0].Lost != x.lost || got[0].Found.Seen != x.seen || got[0].Stated != s.Place || got[0].Session != s.ID {
			t.Errorf("%s: told %d times, %+v", x.name, len(got), got)
		}
	}
}

// Many requests find the same at once: one is told.
func TestAContradictionIsToldOnceASessionAndMinute(t *testing.T) {
	c, w := newWorld(t)
	one, two := kept{ID: "s-1", Account: "yann"}, kept{ID: "s-2", Account: "yann"}
	for i, k := range []kept{one, one, two, one, one} {
		if i == 3 {
			w.clock.advance(time.Minute)
		}
		if err := c.contradict(t.Context(), k, rivage.Place{}, rivage.ByNetwork); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(facts[*rivage.PlaceContradicted](w)); n != 3 {
		t.Errorf("told %d times, want 3", n)
	}
}

func TestASignInFromAnotherSitesNetworkIsToldOnceAMinute(t *testing.T) {
	c, w := newWorld(t)
	enrol(t, c, w, "yann", false)
	w.settings.Sites["lome"] = &rivage.Site{ID: "lome", Country: "TG", Networks: []netip.Prefix{netip.MustParsePrefix("10.90.0.0/16")}}
	for range 3 {
		if s, _, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", lome); err != nil || s.Place.Evidence != rivage.Unknown {
			t.Fatalf("%+v, %v", s.Place, err)
		}
	}
	got := facts[*rivage.PlaceContradicted](w)
	if len(got) != 1 || got[0].Found.Seen != "TG" || got[0].Stated.Site != "brest" || got[0].Stated.Evidence != rivage.Declared {
		t.Fatalf("told %d times, %+v", len(got), got)
	}
	w.clock.advance(time.Minute)
	if _, _, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", lome); err != nil {
		t.Fatal(err)
	}
	w.settings.Accounts["yann"].Agent.Site = "" // states nothing that could be contradicted
	w.clock.advance(time.Minute)
	if _, _, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", lome); err != nil {
		t.Fatal(err)
	}
	if n := len(facts[*rivage.PlaceContradicted](w)); n != 2 {
		t.Errorf("told %d times, want 2", n)
	}
}

// A browser in use that no longer proves its workstation is told; one that is silent only ends.
func TestAWorkstationThatStopsProvingItselfIsTold(t *testing.T) {
	c, w := newWorld(t)
	enrol(t, c, w, "yann", false)
	b := registered(t, c)
	for _, silent := range []bool{false, true} {
		_, token, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", b.sign(t, here, "", c.Challenge("")))
		if err != nil {
			t.Fatal(err)
		}
		w.clock.advance(stationHolds)
		if silent {
			if err := c.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		_, err = c.Check(t.Context(), token, home)
		wantRefusal(t, "lapsed", err, NoSession)
		got := facts[*rivage.PlaceContradicted](w)
		if len(got) != 1 || got[0].Lost != rivage.ByWorkstation || got[0].Found.Evidence != rivage.Declared {
			t.Errorf("silent %t: told %d times", silent, len(got))
		}
	}
}
