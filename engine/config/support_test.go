// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"errors"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

// signedIn is somebody whom nobody else lately had in hand, but for "puppet", who is anne's.
func signedIn(account rivage.ID, role string) By {
	one := &rivage.Error{Code: rivage.Denied, Message: "one person"}
	return By{
		Account: account, Role: role,
		Apart: func(other rivage.ID) error {
			if account == "puppet" && other == "anne" || account == "anne" && other == "puppet" {
				return one
			}
			return nil
		},
		Own: func() error {
			if account == "puppet" {
				return one
			}
			return nil
		},
	}
}

const supportAccount = `
[[account]]
name = "Sofia Éditeur"
login = "sofia"
roles = [{name = "support", principals = ["*"]}]
`

// supportOf applies one change to the accounts of support as somebody, and gives the facts of the step.
func supportOf(t *testing.T, j *journal, by rivage.ID, change func(d *Documents, id rivage.ID) error) (*rivage.SupportChanged, error) {
	t.Helper()
	d := j.documents().Clone()
	id := rivage.ID("")
	for _, k := range d.Keys() {
		if a := find[rivage.Account](d, k.Type, k.ID); a != nil && a.Login == "sofia" {
			id = k.ID
		}
	}
	if err := change(d, id); err != nil {
		return nil, err
	}
	p, problems := Diff(j.documents(), d, Options{})
	if len(problems) > 0 {
		return nil, invalid("%s", problems[0])
	}
	a, err := p.Entries(signedIn(by, "administrator"), supportDay)
	if err != nil {
		return nil, err
	}
	if err := j.append(a); err != nil {
		t.Fatal(err)
	}
	for _, e := range a.Entries {
		if f, ok := e.Facts.(*rivage.SupportChanged); ok {
			return f, nil
		}
	}
	return nil, nil
}

var supportDay = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

func terms(hours time.Duration) rivage.Support {
	return rivage.Support{Company: "ponant", Country: "FR", From: supportDay, Until: supportDay.Add(hours * time.Hour)}
}

func supportJournal(t *testing.T) *journal {
	t.Helper()
	j := newJournal(t)
	folder := ponant(t, nil)
	folder["accounts.toml"].Data = append(folder["accounts.toml"].Data, supportAccount...)
	j.apply(parse(t, folder), Options{})
	return j
}

func TestSupportIsOpenedByTwoPersons(t *testing.T) {
	j := supportJournal(t)
	open := func(d *Documents, id rivage.ID) error { return d.OpenSupport(id, terms(4)) }
	for _, c := range []struct {
		name   string
		by     rivage.ID
		change func(d *Documents, id rivage.ID) error
		step   string
		code   rivage.Code
	}{
		{"confirmed before it is open", "bob", func(d *Documents, id rivage.ID) error { return d.ConfirmSupport(id, "bob", terms(4)) }, "", rivage.NotFound},
		{"opened and confirmed at once", "anne", func(d *Documents, id rivage.ID) error {
			return errors.Join(d.OpenSupport(id, terms(3)), d.ConfirmSupport(id, "bob", terms(3)))
		}, SupportOpened, ""}, // the confirmation does not count
		{"closed", "bob", func(d *Documents, id rivage.ID) error { return d.CloseSupport(id) }, SupportClosed, ""},
		{"opened", "anne", open, SupportOpened, ""},
		{"confirmed by who opened", "anne", func(d *Documents, id rivage.ID) error { return d.ConfirmSupport(id, "bob", terms(4)) }, "", rivage.Denied},
		{"confirmed by the command line", "", func(d *Documents, id rivage.ID) error { return d.ConfirmSupport(id, "x", terms(4)) }, "", rivage.Denied},
		{"confirmed by an account in the same hand", "puppet", func(d *Documents, id rivage.ID) error { return d.ConfirmSupport(id, "puppet", terms(4)) }, "", rivage.Denied},
		{"confirmed on terms that were others", "bob", func(d *Documents, id rivage.ID) error { return d.ConfirmSupport(id, "bob", terms(2)) }, "", rivage.Conflict},
		{"confirmed by another", "bob", func(d *Documents, id rivage.ID) error { return d.ConfirmSupport(id, "bob", terms(4)) }, SupportConfirmed, ""},
		{"confirmed twice", "carl", func(d *Documents, id rivage.ID) error { return d.ConfirmSupport(id, "carl", terms(4)) }, "", ""},
		{"longer: opened anew", "anne", func(d *Documents, id rivage.ID) error { return d.OpenSupport(id, terms(5)) }, SupportOpened, ""},
		{"too long", "anne", func(d *Documents, id rivage.ID) error { return d.OpenSupport(id, terms(9)) }, "", rivage.Invalid},
		{"for no time", "anne", func(d *Documents, id rivage.ID) error { return d.OpenSupport(id, terms(0)) }, "", rivage.Invalid},
		{"for who is no support", "anne", func(d *Documents, _ rivage.ID) error { return d.OpenSupport("aaaaaaaaaaaaaaaaaaaaaaaaaa", terms(1)) }, "", rivage.NotFound},
	} {
		f, err := supportOf(t, j, c.by, c.change)
		step := ""
		if f != nil {
			step = f.Step
		}
		if step != c.step || rivage.CodeOf(err) != c.code {
			t.Errorf("%s: step %q, %v; want %q, %q", c.name, step, err, c.step, c.code)
		}
		s, _, _ := j.documents().Settings()
		for _, a := range s.Accounts {
			if a.Support.Stands(supportDay) != (c.name == "confirmed by another" || c.name == "confirmed twice") && a.Support != nil {
				t.Errorf("%s: it stands as %+v", c.name, a.Support)
			}
		}
	}
}

// Who comes cannot let themselves in; and a confirmation comes too late once the time is over.
func TestSupportIsNotConfirmedByWhoComesNorLate(t *testing.T) {
	old := terms(4)
	old.OpenedBy = "anne"
	wanted := old
	wanted.ConfirmedBy = "sofia"
	if _, _, err := supported("sofia", &old, &wanted, By{Account: "sofia"}); rivage.CodeOf(err) != rivage.Denied {
		t.Errorf("confirmed by who comes: %v", err)
	}
	j := supportJournal(t)
	late := rivage.Support{Company: "ponant", Country: "FR", From: supportDay.Add(-3 * time.Hour), Until: supportDay}
	if _, err := supportOf(t, j, "anne", func(d *Documents, id rivage.ID) error { return d.OpenSupport(id, late) }); err != nil {
		t.Fatal(err)
	}
	if _, err := supportOf(t, j, "bob", func(d *Documents, id rivage.ID) error { return d.ConfirmSupport(id, "bob", late) }); rivage.CodeOf(err) != rivage.Invalid {
		t.Errorf("confirmed once it was over: %v", err)
	}
}

// A folder that states an access again does not undo who confirmed it; one without it closes it.
func TestAFolderKeepsWhoConfirmed(t *testing.T) {
	j := supportJournal(t)
	for by, change := range map[rivage.ID]func(d *Documents, id rivage.ID) error{"anne": func(d *Documents, id rivage.ID) error { return d.OpenSupport(id, terms(4)) }} {
		if _, err := supportOf(t, j, by, change); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := supportOf(t, j, "bob", func(d *Documents, id rivage.ID) error { return d.ConfirmSupport(id, "bob", terms(4)) }); err != nil {
		t.Fatal(err)
	}
	files, err := j.documents().Export(func(string) ([]byte, error) { return []byte("RIFF"), nil })
	if err != nil {
		t.Fatal(err)
	}
	text := string(files["accounts.toml"])
	if !strings.Contains(text, "[account.support]") || strings.Contains(text, "bob") {
		t.Fatalf("exported as %s", text)
	}
	folder := ponant(t, nil)
	folder["accounts.toml"].Data = []byte(text)
	p, problems := Diff(j.documents(), parse(t, folder), Options{})
	if len(problems) > 0 || !p.Empty() {
		t.Errorf("applied again: %v, %v", problems, p.Lines())
	}
}

func TestAnAccountOfSupportIsNothingElse(t *testing.T) {
	for name, change := range map[string][2]string{
		"another role": {`roles = [{name = "support", principals = ["*"]}]`, `roles = [{name = "support", principals = ["*"]}, {name = "dpo"}]`},
		"a site":       {"login = \"sofia\"", "login = \"sofia\"\nsite = \"brest\""},
	} {
		folder := ponant(t, nil)
		folder["accounts.toml"].Data = append(folder["accounts.toml"].Data, strings.Replace(supportAccount, change[0], change[1], 1)...)
		d, problems := Parse(folder, func(b []byte) ([]byte, error) { return b, nil })
		if problems = append(problems, d.Check()...); len(problems) != 1 || !strings.Contains(problems[0].Message, "no other role") {
			t.Errorf("%s: %v", name, problems)
		}
	}
}
