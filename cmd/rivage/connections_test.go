// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"errors"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/link"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/config"
	"rivage.example/rivage/engine/policy"
)

// withHouse gives a test the settings of an instance with the demo's folder.
func withHouse(t *testing.T, do func(h *house) error) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "i")
	if err := makeSample(dir); err != nil {
		t.Fatal(err)
	}
	err := withSample(dir, func(i *instance) error {
		j := newJournal(i.vault, i.store)
		h := &house{instance: i, journal: j, settings: newSettings(i, j, nil, nil)}
		if err := h.settings.reload(t.Context()); err != nil {
			return err
		}
		return do(h)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What the doors say is read back from its end, page by page, and no entry twice.
func TestTheDoorsAreReadFromTheirEnd(t *testing.T) {
	withHouse(t, func(h *house) error {
		now, written := h.clock.Now(), 0
		write := func(n int) error {
			var a rivage.Append
			for range n {
				a.Entries = append(a.Entries, rivage.Entry{
					Stream: "door", Principal: rivage.Organisation, At: now.Add(time.Duration(written) * time.Second),
					Leaf: rivage.Leaf{Role: "system"}, Facts: &rivage.EgressRefused{Use: "x", Reason: "host", Count: int64(written)},
				})
				written++
			}
			_, err := h.journal.Append(t.Context(), a)
			return err
		}
		check := func(sinceEntry, want int) {
			list, whole, err := h.door(t.Context(), rivage.At(now.Add(time.Duration(sinceEntry)*time.Second)))
			if err != nil || len(list) != want || !whole {
				t.Errorf("%d written, since %d: %d entries, whole %v, %v; want %d", written, sinceEntry, len(list), whole, err, want)
				return
			}
			for i, e := range list {
				if f, ok := e.Facts.(*rivage.EgressRefused); !ok || f.Count != int64(written-want+i) {
					t.Errorf("%d written, since %d: entry %d is %+v", written, sinceEntry, i, e.Facts)
					return
				}
			}
		}
		check(0, 0)
		for _, n := range []int{3, doorPage - 3, 1, doorPage + 200} { // below a page, exactly one, one more, several
			if err := write(n); err != nil {
				return err
			}
			check(0, written)
			check(written-2, 2)
		}
		return nil
	})
}

// Two persons and the law: over what an instance keeps.
func TestSupportIsLetInOverTheSettingsOfAnInstance(t *testing.T) {
	withHouse(t, func(h *house) error {
		_, err := h.settings.applyFolder(t.Context(), config.By{}, fstest.MapFS{"accounts.toml": {Data: []byte(
			"[[account]]\nname = \"Sofia\"\nlogin = \"sofia\"\nroles = [{name = \"support\", principals = [\"*\"]}]\n")}}, false, false)
		if err != nil {
			return err
		}
		var sofia rivage.ID
		for id, a := range h.settings.Settings().Accounts {
			if access.RightsOf(a.Roles).Is(access.RoleSupport) {
				sofia = id
			}
		}
		as := func(id rivage.ID) access.Session {
			return access.Session{Account: id, Roles: []rivage.Role{{Name: access.RoleAdministrator, Principals: []rivage.ID{"*"}}}}
		}
		now := h.clock.Now().UTC()
		terms := rivage.Support{Company: "golfe-contact", Country: "TG", From: now, Until: now.Add(time.Hour)}
		if err := h.settings.OpenSupport(t.Context(), as("anne"), sofia, terms); rivage.CodeOf(err) != rivage.Denied {
			t.Errorf("from an exposed company outside: %v", err)
		}
		terms.Company, terms.Country = "armor-contact", "FR"
		if err := h.settings.OpenSupport(t.Context(), as("anne"), sofia, terms); err != nil {
			return err
		}
		if err := h.settings.ConfirmSupport(t.Context(), as("anne"), sofia, terms); rivage.CodeOf(err) != rivage.Denied {
			t.Errorf("confirmed by who opened: %v", err)
		}
		stands := func() bool { return h.settings.Settings().Accounts[sofia].Support.Stands(now) }
		if stands() {
			t.Error("open before it is confirmed")
		}
		if err := h.settings.ConfirmSupport(t.Context(), as("bob"), sofia, terms); err != nil || !stands() {
			t.Errorf("confirmed by another: %v, stands %v", err, stands())
		}
		if err := h.settings.CloseSupport(t.Context(), as("bob"), sofia); err != nil || stands() {
			t.Errorf("closed: %v, stands %v", err, stands())
		}
		steps := []string{}
		list, err := h.store.StreamEntries(t.Context(), everyone, rivage.StreamOf("access", sofia), 0, 100)
		for _, e := range list {
			if f, ok := e.Facts.(*rivage.SupportChanged); ok {
				steps = append(steps, f.Step)
			}
		}
		if len(steps) != 3 || steps[0] != config.SupportOpened || steps[1] != config.SupportConfirmed || steps[2] != config.SupportClosed {
			t.Errorf("entries say %v", steps)
		}
		return err
	})
}

// What may be dialled is what stands: by the uses under which the edges dial, and closed past the end.
func TestWhatIsDeclaredFollowsTheSettings(t *testing.T) {
	withHouse(t, func(h *house) error {
		uses := map[string]string{}
		for _, d := range h.declared() {
			uses[d.Use] = d.Closed
		}
		if closed, ok := uses[link.Use("colis")]; !ok || closed != "" {
			t.Errorf("cards: %v", uses)
		}
		if closed, ok := uses["sip"]; !ok || closed != "" {
			t.Errorf("trunks: %v", uses)
		}
		s := h.settings.Settings()
		trunk := *s.Trunks["boucle"]
		for number, n := range s.Numbers {
			if why := h.closed(&trunk, number); why != "" {
				t.Errorf("%s: closed by %s", n.ID, why)
			}
		}
		d := *trunk.Declared
		trunk.Declared = &d
		d.Classes = []rivage.DataClass{rivage.ClassPublic}
		for number, n := range s.Numbers {
			if why := h.closed(&trunk, number); why != policy.RuleClass {
				t.Errorf("%s, of a class that is not declared: %q", n.ID, why)
			}
		}
		for class, want := range map[rivage.DataClass]string{rivage.ClassPublic: "", rivage.ClassHealth: policy.RuleClass, "": policy.RuleClass} {
			if why := h.closedOut(&trunk, class); why != want {
				t.Errorf("a device, about %q: closed by %q, want %q", class, why, want)
			}
		}
		d.Until = "2026-01-02"
		if why := h.closed(&trunk, ""); why != policy.RuleEnded {
			t.Errorf("past its end: %q", why)
		}
		return nil
	})
}

// An account that was removed leaves no password behind for one that is made again under its id, and whoever makes it again
// gives it its role.
func TestARemovedAccountLeavesNoCredentials(t *testing.T) {
	withHouse(t, func(h *house) error {
		id := rivage.NewID()
		admin := access.Session{Account: "anne", Roles: []rivage.Role{{Name: access.RoleAdministrator, Principals: []rivage.ID{"*"}}}}
		doc := []byte(`{"id":"` + string(id) + `","name":"Sam","login":"sam","lang":"fr","roles":[{"name":"administrator","principals":["*"]}]}`)
		item, err := h.settings.Put(t.Context(), admin, rivage.TypeAccount, id, 0, doc)
		if err != nil {
			return err
		}
		secrets := h.vault.Secrets(h.store)
		if err := secrets.PutSecret(t.Context(), "password/"+string(id), []byte("x")); err != nil {
			return err
		}
		if err := h.settings.Remove(t.Context(), admin, rivage.TypeAccount, id, item.Version); err != nil {
			return err
		}
		if _, err := secrets.Secret(t.Context(), "password/"+string(id)); rivage.CodeOf(err) != rivage.NotFound {
			t.Errorf("its password is still there: %v", err)
		}
		if err := h.settings.ties().Apart(t.Context(), id, "anne"); !errors.Is(err, access.OnePerson) {
			t.Errorf("it is a second person beside who made it: %v", err)
		}
		return nil
	})
}
