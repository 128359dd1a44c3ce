// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"rivage.example/rivage"
)

// StreamSince reads what the world wrote down.
func (w *world) StreamSince(_ context.Context, _ []rivage.ID, stream rivage.Stream, kind rivage.Kind, since rivage.Micros) ([]rivage.Stored, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		return nil, errDown
	}
	var list []rivage.Stored
	for i, e := range w.entries {
		if e.Stream == stream && e.Facts.Kind() == kind && rivage.At(e.At) >= since {
			list = append(list, rivage.Stored{Stream: e.Stream, Version: int64(i), At: rivage.At(e.At), Kind: kind, Facts: e.Facts})
		}
	}
	return list, nil
}

// handOver invites an account as somebody and takes the invitation up after a while, whoever does.
func handOver(t *testing.T, c *Control, w *world, by, account rivage.ID, later time.Duration) {
	t.Helper()
	list, err := c.Invite(t.Context(), by, account)
	if err != nil {
		t.Fatal(err)
	}
	w.clock.advance(later)
	e, err := c.OpenInvitation(t.Context(), list[0].Token)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.AcceptInvitation(t.Context(), list[0].Token, goodPassword, codeOf(t, w, e.Secret), brest); err != nil {
		t.Fatal(err)
	}
}

// appoint writes that somebody gives an account a role.
func appoint(w *world, by, account rivage.ID, role string) {
	a := *w.settings.Accounts[account]
	a.Roles = []rivage.Role{{Name: role, Principals: scopes}}
	w.settings.Accounts[account] = &a
	doc, err := json.Marshal(a)
	if err != nil {
		panic(err)
	}
	w.entries = append(w.entries, rivage.Entry{
		Stream: rivage.StreamOf("config/account", account), At: w.clock.Now(),
		Facts: &rivage.SettingSet{Type: rivage.TypeAccount, ID: account, Doc: doc, By: by},
	})
}

const day = 24 * time.Hour

func TestWhoTookAnAccountOverIsNoSecondPerson(t *testing.T) {
	type stage struct {
		c *Control
		w *world
	}
	invites := func(by, account rivage.ID) func(*testing.T, stage) {
		return func(t *testing.T, x stage) { handOver(t, x.c, x.w, by, account, 0) }
	}
	late := func(by, account rivage.ID, d time.Duration) func(*testing.T, stage) {
		return func(t *testing.T, x stage) { handOver(t, x.c, x.w, by, account, d) }
	}
	appoints := func(by, account rivage.ID, role string) func(*testing.T, stage) {
		return func(_ *testing.T, x stage) { appoint(x.w, by, account, role) }
	}
	after := func(d time.Duration) func(*testing.T, stage) {
		return func(_ *testing.T, x stage) { x.w.clock.advance(d) }
	}
	only := func(by, account rivage.ID) func(*testing.T, stage) { // the invitation stays open
		return func(t *testing.T, x stage) {
			if _, err := x.c.Invite(t.Context(), by, account); err != nil {
				t.Fatal(err)
			}
		}
	}
	removes := func(account rivage.ID) func(*testing.T, stage) {
		return func(t *testing.T, x stage) {
			x.w.entries = append(x.w.entries, rivage.Entry{
				Stream: rivage.StreamOf("config/account", account), At: x.w.clock.Now(), Facts: &rivage.SettingRemoved{Type: rivage.TypeAccount, ID: account},
			})
			if err := Forget(t.Context(), x.w, account); err != nil {
				t.Fatal(err)
			}
		}
	}
	type steps = []func(*testing.T, stage)
	for name, c := range map[string]struct {
		steps steps
		a, b  rivage.ID
		want  Refusal
	}{
		"two from the command line":                {steps{invites("", "dina"), invites("", "adele")}, "dina", "adele", ""},
		"one invited the other":                    {steps{invites("adele", "dina")}, "dina", "adele", OnePerson},
		"the other way round":                      {steps{invites("adele", "dina")}, "adele", "dina", OnePerson},
		"an invitation that nobody took up":        {steps{only("adele", "dina")}, "dina", "adele", ""},
		"a month less a minute later":              {steps{invites("adele", "dina"), after(30*day - time.Minute)}, "dina", "adele", OnePerson},
		"a month later":                            {steps{invites("adele", "dina"), after(30*day + time.Second)}, "dina", "adele", ""},
		"taken up late, a month after":             {steps{late("adele", "dina", 6*day), after(27 * day)}, "dina", "adele", OnePerson},
		"both from a third":                        {steps{invites("adele", "dina"), invites("adele", "sam")}, "dina", "sam", OnePerson},
		"through a third":                          {steps{invites("adele", "sam"), invites("sam", "dina")}, "dina", "adele", OnePerson},
		"given back by another":                    {steps{invites("adele", "dina"), after(day), invites("sam", "dina")}, "dina", "adele", OnePerson},
		"given back by the machine":                {steps{invites("adele", "dina"), after(day), invites("", "dina")}, "dina", "adele", ""},
		"an own password stays one's own":          {steps{invites("dina", "dina")}, "dina", "adele", ""},
		"a role was given":                         {steps{appoints("adele", "sam", RoleAdministrator)}, "sam", "adele", OnePerson},
		"a role was given long ago":                {steps{appoints("adele", "sam", RoleAdministrator), after(31 * day)}, "sam", "adele", ""},
		"the same role was written again":          {steps{appoints("", "sam", RoleAdministrator), appoints("adele", "sam", RoleAdministrator)}, "sam", "adele", ""},
		"another role was given":                   {steps{appoints("", "sam", RoleAdministrator), appoints("adele", "sam", RoleDPO)}, "sam", "adele", OnePerson},
		"removed, waited for, and made again":      {steps{appoints("adele", "sam", RoleAdministrator), removes("sam"), after(31 * day), appoints("adele", "sam", RoleAdministrator)}, "sam", "adele", OnePerson},
		"the machine gives back what had a role":   {steps{appoints("adele", "sam", RoleAdministrator), after(day), invites("", "sam")}, "sam", "adele", ""},
		"a role that reaches nobody else's":        {steps{appoints("adele", "sam", RoleSupervisor)}, "sam", "adele", ""},
		"by a circle of invitations, and nobody's": {steps{invites("sam", "yann"), invites("yann", "sam")}, "sam", "adele", ""},
	} {
		t.Run(name, func(t *testing.T) {
			control, w := newWorld(t)
			x := stage{control, w}
			for _, step := range c.steps {
				step(t, x)
			}
			ties := Ties{Log: w, Clock: w.clock, Settings: func() *rivage.Settings { return w.settings }}
			wantRefusal(t, "apart", ties.Apart(t.Context(), c.a, c.b), c.want)
		})
	}
}

func TestAnAccountInAnothersHandActsForNobody(t *testing.T) {
	c, w := newWorld(t)
	ties := Ties{Log: w, Clock: w.clock, Settings: func() *rivage.Settings { return w.settings }}
	wantRefusal(t, "never invited", ties.Own(t.Context(), "dina", RoleDPO), "")
	handOver(t, c, w, "adele", "dina", 0)
	wantRefusal(t, "invited by an administrator", ties.Own(t.Context(), "dina", RoleDPO), NotOwn)
	list, err := ties.All(t.Context())
	want := fmt.Sprint([]Tie{{"dina", "adele", TiePassword, w.clock.Now().Add(newness)}})
	if err != nil || fmt.Sprint(list) != want {
		t.Errorf("ties %v (%v), want %v", list, err, want)
	}
	handOver(t, c, w, "", "dina", 0)
	wantRefusal(t, "invited from the machine", ties.Own(t.Context(), "dina", RoleDPO), "")
	appoint(w, "", "sam", RoleDPO)
	handOver(t, c, w, "sam", "dina", 0)
	wantRefusal(t, "invited by another officer", ties.Own(t.Context(), "dina", RoleDPO), "")
	handOver(t, c, w, "", "dina", 0)
	appoint(w, "adele", "adele", RoleDPO)
	wantRefusal(t, "who took the role", ties.Own(t.Context(), "adele", RoleDPO), NotOwn)
	w.clock.advance(newness + time.Second)
	wantRefusal(t, "who took the role a month ago", ties.Own(t.Context(), "adele", RoleDPO), "")
	w.fail(true)
	if err := ties.Own(t.Context(), "dina", RoleDPO); err == nil {
		t.Error("the log cannot be read, and the act passes")
	}
	if err := ties.Apart(t.Context(), "dina", "adele"); err == nil {
		t.Error("the log cannot be read, and two persons are seen")
	}
}
