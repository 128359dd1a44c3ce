// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

// exceptional is a set with one agent and, but for nil, an exception for them.
func exceptional(t *testing.T, x *rivage.Exception) *Documents {
	t.Helper()
	d := New()
	agent := rivage.ID(strings.Repeat("a", 26))
	d.things[Key{rivage.TypeAccount, agent}] = &rivage.Account{
		ID: agent, Subject: "s-a", Name: "Koffi", Login: "koffi", Lang: "fr", Roles: []rivage.Role{{Name: "agent"}},
		Agent: &rivage.Agent{ID: agent, Subject: "s-a", ByEar: true, Device: rivage.Device{Kind: "browser"}},
	}
	admin := rivage.ID(strings.Repeat("b", 26))
	d.things[Key{rivage.TypeAccount, admin}] = &rivage.Account{
		ID: admin, Subject: "s-b", Name: "Adèle", Login: "adele", Lang: "fr", Roles: []rivage.Role{{Name: "administrator"}},
	}
	if x != nil {
		d.things[Key{rivage.TypeException, x.ID}] = x
	}
	return d
}

func goodException() rivage.Exception {
	return rivage.Exception{
		ID: "x", Agent: rivage.ID(strings.Repeat("a", 26)), Ground: rivage.GroundAsked, Reference: "Décision 2026-12", From: "2026-11-28", Until: "2027-05-31",
	}
}

func TestAnExceptionIsTheOfficersOwnAct(t *testing.T) {
	x, forged := goodException(), goodException()
	forged.By = "dina"
	for name, c := range map[string]struct {
		by   By
		code rivage.Code
	}{
		"the officer": {signedIn("dina", "dpo"), ""}, "one whose hand is not known": {By{Account: "dina", Role: "dpo"}, rivage.Denied},
		"one in another hand": {signedIn("puppet", "dpo"), rivage.Denied}, "an administrator": {signedIn("adele", "administrator"), rivage.Denied},
		"the command line": {By{Role: "dpo"}, rivage.Denied},
	} {
		plan, problems := Diff(exceptional(t, nil), exceptional(t, &forged), Options{})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		a, err := plan.Entries(c.by, time.Unix(0, 0))
		if rivage.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue
		}
		set := a.Entries[0].Facts.(*rivage.SettingSet)
		if !strings.Contains(string(set.Doc), `"by":"dina"`) || set.By != "dina" {
			t.Errorf("%s: %s by %s", name, set.Doc, set.By)
		}
	}
	kept := goodException()
	kept.By = "dina"
	plan, problems := Diff(exceptional(t, &kept), exceptional(t, &x), Options{})
	if len(problems) > 0 || !plan.Empty() { // a folder that was exported comes back without a change
		t.Errorf("%v, %v", problems, plan.Lines())
	}
	longer := x
	longer.Until = "2027-11-27"
	plan, _ = Diff(exceptional(t, &kept), exceptional(t, &longer), Options{})
	if _, err := plan.Entries(signedIn("adele", "administrator"), time.Unix(0, 0)); rivage.CodeOf(err) != rivage.Denied {
		t.Errorf("an administrator prolongs it: %v", err)
	}
}

func TestAnExceptionIsForOneAgentAndHasAnEnd(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*rivage.Exception)
		want   string
	}{
		"good":       {func(*rivage.Exception) {}, ""},
		"nobody":     {func(x *rivage.Exception) { x.Agent = "x" }, `there is no agent "x"`},
		"no agent":   {func(x *rivage.Exception) { x.Agent = rivage.ID(strings.Repeat("b", 26)) }, "there is no agent"},
		"no ground":  {func(x *rivage.Exception) { x.Ground = "aveugle" }, "want one of"},
		"no act":     {func(x *rivage.Exception) { x.Reference = "" }, "reference: missing"},
		"no end":     {func(x *rivage.Exception) { x.Until = "" }, "an exception has an end"},
		"backwards":  {func(x *rivage.Exception) { x.Until = "2026-11-27" }, "the last day is before the first"},
		"two years":  {func(x *rivage.Exception) { x.Until = "2028-11-28" }, "more than a year"},
		"no first":   {func(x *rivage.Exception) { x.From = "demain" }, "from: want a day"},
		"not a slug": {func(x *rivage.Exception) { x.ID = "X !" }, "want 1 to 40"},
	} {
		x := goodException()
		c.change(&x)
		problems := exceptional(t, &x).Check()
		switch {
		case c.want == "" && len(problems) > 0:
			t.Errorf("%s: %v", name, problems)
		case c.want != "" && (len(problems) != 1 || !strings.Contains(problems[0].Error(), c.want)):
			t.Errorf("%s: %v, want %s", name, problems, c.want)
		}
	}
	x, second := goodException(), goodException()
	second.ID = "y"
	d := exceptional(t, &x)
	d.things[Key{rivage.TypeException, "y"}] = &second
	if problems := d.Check(); len(problems) != 1 || !strings.Contains(problems[0].Error(), `exception "x" is for this agent already`) {
		t.Errorf("two for one agent: %v", problems)
	}
}
