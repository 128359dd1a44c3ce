// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/policy"
)

// connected is a world with a trunk that is open, one that has ended, sessions, and what the doors say.
func connected(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.settings.Companies["ponant"].Country = "FR"
	w.settings.Companies["editeur"] = &rivage.Company{ID: "editeur", Name: "Éditeur", Country: "US"}
	declared := rivage.Declaration{Purpose: "service", Classes: []rivage.DataClass{rivage.ClassTracking}, Basis: "contrat", From: "2020-01-01", Until: "2099-12-31"}
	over := declared
	over.Until = "2020-12-31"
	w.settings.Trunks = map[rivage.ID]*rivage.Trunk{
		"boucle": {ID: "boucle", Name: "Boucle", Provider: "ponant", Country: "FR", Declared: &declared},
		"ancien": {ID: "ancien", Name: "Ancien", Provider: "ponant", Country: "FR", Declared: &over},
	}
	w.settings.Accounts["sofia"] = &rivage.Account{ID: "sofia", Roles: []rivage.Role{{Name: access.RoleSupport}}}
	w.gate = policy.NewGate(policy.FrameOf(&w.settings, nil, nil))
	passed := rivage.Passed{Connection: "trunk:boucle", Count: 3}
	for i, f := range []rivage.Facts{
		&rivage.ConnectionOpened{Passed: passed}, &rivage.ConnectionMeasured{Passed: passed, In: 10, Out: 20}, &rivage.ConnectionMeasured{Passed: passed, In: 1, Out: 2},
		&rivage.EgressRefused{Use: "card:x", Reason: "host", Count: 2}, &rivage.EgressRefused{Use: "card:x", Reason: "host", Count: 5},
		&rivage.DoorRefused{Door: "sip", Source: "ancien", Reason: policy.RuleEnded, Count: 1},
	} {
		w.door = append(w.door, rivage.Stored{Seq: rivage.Seq(i), At: rivage.At(w.now.Add(-time.Hour)), Kind: f.Kind(), Facts: f})
	}
	w.sessions = []access.Open{
		{Session: "s-1", Account: "ana", Role: access.RoleAgent, Place: brest(), Since: w.now.Add(-time.Hour)},
		{Session: "s-2", Account: "bob", Role: access.RoleAdministrator, Place: rivage.Place{Country: "FR", Evidence: rivage.Unknown}, Since: w.now},
	}
	return w
}

func TestConnectionsSayWhoIsConnectedWhere(t *testing.T) {
	w := connected(t)
	u := as(access.RoleDPO, "*")
	u.Session = "s-2"
	c, err := w.view().Connections(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Ways) != 2 || !c.Whole {
		t.Fatalf("got %+v", c)
	}
	old, now := c.Ways[0], c.Ways[1]
	if old.Open || !strings.Contains(old.Reason, "échue") || old.Last != "" {
		t.Errorf("ended: %+v", old)
	}
	if !now.Open || now.Opened != 3 || now.In != 11 || now.Out != 22 || now.Last == "" || now.CompanyName != "Ponant Contact" || now.Until != "2099-12-31" {
		t.Errorf("open: %+v", now)
	}
	if len(c.Refused) != 2 || c.Refused[0] != (RefusedNow{Out: true, Use: "card:x", Reason: "host", Count: 7}) || c.Refused[1].Use != "sip ancien" {
		t.Errorf("refused: %+v", c.Refused)
	}
	if len(c.Sessions) != 2 || !c.Sessions[0].Mine || c.Sessions[0].Country != "" || c.Sessions[1].Mine || c.Sessions[1].Country != "FR" || c.Sessions[1].Role != access.RoleAgent {
		t.Errorf("sessions: %+v", c.Sessions)
	}
	if text := textOf(t, c); strings.Contains(text, "Nom de ana") || strings.Contains(text, "\"ana\"") || strings.Contains(text, "bob") {
		t.Errorf("a session names a person: %s", text)
	}
}

func TestConnectionsAreForWhoAnswersForTheWhole(t *testing.T) {
	w := connected(t)
	for _, u := range []User{as(access.RoleSupervisor, "*"), as(access.RoleAdministrator, "colis"), as(access.RoleSupport, "*"), agentAna()} {
		if _, err := w.view().Connections(t.Context(), u); rivage.CodeOf(err) != rivage.NotFound {
			t.Errorf("%v: %v", u.Rights, err)
		}
	}
}

func TestSupportsSayHowTheyStand(t *testing.T) {
	w := connected(t)
	u := as(access.RoleAdministrator, "*")
	open := rivage.Support{Company: "ponant", Country: "FR", From: w.now.Add(-time.Hour), Until: w.now.Add(time.Hour), OpenedBy: u.Account, ConfirmedBy: "bob"}
	for _, c := range []struct {
		state  string
		change func(s *rivage.Support)
	}{
		{SupportOpen, func(*rivage.Support) {}},
		{SupportPending, func(s *rivage.Support) { s.ConfirmedBy = "" }},
		{SupportOver, func(s *rivage.Support) { s.Until = w.now }},
		{SupportRefused, func(s *rivage.Support) { s.Company, s.Country = "editeur", "US" }},
		{SupportNone, nil},
	} {
		s := open
		w.settings.Accounts["sofia"].Support = nil
		if c.change != nil {
			c.change(&s)
			w.settings.Accounts["sofia"].Support = &s
		}
		got, err := w.view().Connections(t.Context(), u)
		if err != nil || len(got.Supports) != 1 {
			t.Fatalf("%s: %+v, %v", c.state, got.Supports, err)
		}
		n := got.Supports[0]
		if n.State != c.state || n.Name != "Nom de sofia" || c.change != nil && !n.Mine || (n.Reason != "") != (c.state == SupportRefused) {
			t.Errorf("want %s: %+v", c.state, n)
		}
	}
}
