// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"rivage.example/rivage"
)

func fieldFolder(id, text string) fstest.MapFS {
	return fstest.MapFS{
		"principals/ponant.toml": {Data: []byte(`name = "Ponant"`)},
		"principals/autre.toml":  {Data: []byte(`name = "Autre"`)},
		"fields/contrat.toml":    {Data: []byte("principal = \"ponant\"\nlabel = \"Contrat\"\nclass = \"commercial\"\nrank = 2\n")},
		"fields/formule.toml":    {Data: []byte("principal = \"ponant\"\nlabel = \"Formule\"\nclass = \"courant\"\nkind = \"choice\"\nchoices = [\"A\", \"B\"]\nrank = 1\n")},
		"fields/ailleurs.toml":   {Data: []byte("principal = \"autre\"\nlabel = \"Ailleurs\"\nclass = \"sante\"\nkind = \"date\"\n")},
		"fields/" + id + ".toml": {Data: []byte(text)},
	}
}

// A card has the standard fields, then those of its own Principal in their order, and no other's.
func TestFieldsOfACardAreItsPrincipals(t *testing.T) {
	folder := fieldFolder("contrat", "principal = \"ponant\"\nlabel = \"Contrat\"\nclass = \"commercial\"\nrank = 2\n")
	d, problems := Parse(folder, nil)
	for _, p := range append(problems, d.Check()...) {
		t.Error(p)
	}
	s, _, err := d.Settings()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range s.PersonFields("ponant") {
		got = append(got, fmt.Sprint(f.ID, " ", f.Class, " ", f.Kind))
	}
	want := "name courant name; phones courant phones; email courant email; formule courant choice; contrat commercial text"
	if strings.Join(got, "; ") != want {
		t.Errorf("fields %q, want %q", strings.Join(got, "; "), want)
	}
}

func TestAFieldIsRefusedWithItsLine(t *testing.T) {
	good := "principal = \"ponant\"\nlabel = \"X\"\nclass = \"courant\"\n"
	for name, x := range map[string]struct{ id, text, want string }{
		"no class":            {"x", strings.Replace(good, "courant", "", 1), `fields/x.toml:3: class: ""`},
		"a standard field":    {"email", good, "is a field that every card has"},
		"unknown kind":        {"x", good + "kind = \"phones\"\n", `fields/x.toml:4: kind: "phones", want one of`},
		"a choice of nothing": {"x", good + "kind = \"choice\"\n", "choices: 0, want 1 to"},
		"choices of a text":   {"x", good + "choices = [\"A\"]\n", "they are for the kind"},
		"a choice twice":      {"x", good + "kind = \"choice\"\nchoices = [\"A\", \"A\"]\n", `"A" stands twice`},
		"nobody's":            {"x", strings.Replace(good, "ponant", "organisation", 1), `there is no principal "organisation"`},
		"an unknown key":      {"x", good + "secret = true\n", "fields/x.toml:4: "},
	} {
		d, problems := Parse(fieldFolder(x.id, x.text), nil)
		problems = append(problems, d.Check()...)
		if len(problems) == 0 || !strings.Contains(problems[0].Error(), x.want) {
			t.Errorf("%s: %v, want %q", name, problems, x.want)
		}
	}
	many := fieldFolder("x", good)
	for i := range maxFields {
		many[fmt.Sprintf("fields/f%d.toml", i)] = &fstest.MapFile{Data: []byte(good)}
	}
	d, _ := Parse(many, nil)
	if problems := d.Check(); len(problems) == 0 || problems[0].Document.Type != rivage.TypeField {
		t.Errorf("more than %d fields: %v", maxFields, problems)
	}
}
