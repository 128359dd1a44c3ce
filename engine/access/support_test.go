// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"rivage.example/rivage"
)

// withSupport is a world with an account of support, whose law answers as allowed says.
func withSupport(t *testing.T) (*Control, *world, *rivage.Account, *bool) {
	t.Helper()
	_, w := newWorld(t)
	a := &rivage.Account{ID: "sofia", Subject: "subject-of-sofia", Roles: []rivage.Role{{Name: RoleSupport, Principals: scopes}}}
	w.settings.Accounts["sofia"] = a
	allowed := true
	c, err := New(Config{
		Clock: w.clock, Settings: func() *rivage.Settings { return w.settings }, Zone: zone, Accounts: w, Secrets: w,
		Sessions: w, Journal: w, Log: w, Registrar: w, Organisation: "Ponant & Cie", Cost: cheap,
		Supports: func(company rivage.ID, country rivage.Country, _ time.Time) rivage.Decision {
			return rivage.Decision{Allowed: allowed && company == "editeur" && country == "FR"}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c, w, a, &allowed
}

func opened(w *world, hours time.Duration) *rivage.Support {
	return &rivage.Support{
		Company: "editeur", Country: "FR", From: w.clock.Now(), Until: w.clock.Now().Add(hours * time.Hour), OpenedBy: "dina", ConfirmedBy: "adam",
	}
}

// Who supports from outside signs in while the access is open, confirmed and lawful, and at no other time; at its end the
// session ends by itself, whoever looks first.
func TestSupportIsLetInWhileTheOrganisationSaysSo(t *testing.T) {
	c, w, a, allowed := withSupport(t)
	a.Support = opened(w, 2)
	_, _, seed := enrol(t, c, w, "sofia", true)
	signIn := func() (Session, string, error) {
		w.clock.advance(time.Minute) // a code serves once
		return c.SignIn(t.Context(), "sofia@ponant.example", goodPassword, codeOf(t, w, seed), home)
	}
	s, token, err := signIn()
	if err != nil {
		t.Fatal(err)
	}
	want := rivage.Place{Company: "editeur", Country: "FR", Zone: rivage.ZoneFR, Evidence: rivage.Declared}
	if s.Place != want || !s.Rights().Strict() {
		t.Errorf("place %+v, want %+v", s.Place, want)
	}
	for name, change := range map[string]func(){
		"closed":        func() { a.Support = nil },
		"not confirmed": func() { a.Support.ConfirmedBy = "" },
		"not yet":       func() { a.Support.From = w.clock.Now().Add(time.Hour) },
		"over":          func() { a.Support.Until = w.clock.Now() },
		"against law":   func() { *allowed = false },
	} {
		a.Support, *allowed = opened(w, 2), true
		change()
		if _, _, err := signIn(); !errors.Is(err, SupportShut) {
			t.Errorf("%s: %v, want it refused", name, err)
		}
		*allowed = true
	}
	a.Support = opened(w, 2)
	if _, _, err := c.SignIn(t.Context(), "sofia@ponant.example", "wrong "+goodPassword, "", home); !errors.Is(err, BadCredentials) {
		t.Errorf("with a wrong password: %v", err)
	}
	a.Support.ConfirmedBy = ""
	if _, err := c.Check(t.Context(), token, home); !errors.Is(err, NoSession) {
		t.Errorf("a session outlived its access: %v", err)
	}
}

func TestSupportEndsByItself(t *testing.T) {
	c, w, a, _ := withSupport(t)
	a.Support = opened(w, 1)
	s, token, _ := enrol(t, c, w, "sofia", true)
	for range 5 { // in use all the time
		w.clock.advance(10 * time.Minute)
		if _, err := c.Check(t.Context(), token, home); err != nil {
			t.Fatal(err)
		}
	}
	w.clock.step(-3 * time.Hour) // set back: it prolongs nothing
	w.clock.advance(11 * time.Minute)
	if err := c.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !ended(s) {
		t.Error("whoever holds the session was not told")
	}
	out, over := facts[*rivage.SignedOut](w), facts[*rivage.SupportChanged](w)
	if len(out) != 1 || out[0].Reason != supportEnded || len(over) != 1 || over[0].Step != "ended" || over[0].Company != "editeur" {
		t.Errorf("got %+v and %+v", out, over)
	}
}

// The network of a site of ours in another country contradicts what was declared.
func TestSupportFromElsewhereIsOfAnUnknownPlace(t *testing.T) {
	_, w, a, _ := withSupport(t)
	a.Support = opened(w, 1)
	a.Support.Country = "PT"
	stands := func() rivage.Place {
		p, _ := placeOf(w.settings, a, Origin{Remote: netip.MustParseAddr("10.29.1.1")}, station{}, days{}, zone)
		return p
	}
	if p := stands(); p.Evidence != rivage.Unknown || p.Seen != "FR" || p.Zone != rivage.ZoneOther {
		t.Errorf("got %+v", p)
	}
	a.Support.Country = "FR"
	if p := stands(); p.Evidence != rivage.Declared || p.Seen != "" {
		t.Errorf("got %+v", p)
	}
}
