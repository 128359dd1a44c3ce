// SPDX-License-Identifier: EUPL-1.2

package person

import (
	"bytes"
	"maps"
	"strings"
	"testing"

	"rivage.example/rivage"
)

var testFields = []rivage.Field{
	{ID: "name", Kind: rivage.FieldName}, {ID: "phones", Kind: rivage.FieldPhones}, {ID: "email", Kind: rivage.FieldEmail},
	{ID: "formule", Kind: rivage.FieldChoice, Choices: []string{"A", "B"}},
}

func TestATableIsReadByItsHeader(t *testing.T) {
	for name, text := range map[string]string{
		"commas":     "name,phones,formule,siren\n\"Personne, Aïcha\",\"0612345678\n0123456789\",A,356000000\n",
		"semicolons": "\ufeffname;phones;formule;siren\r\nPersonne, Aïcha;\"0612345678\n0123456789\";A;356000000\r\n",
	} {
		list, err := ReadCSV(strings.NewReader(text), testFields)
		want := map[rivage.ID]string{"name": "Personne, Aïcha", "phones": "0612345678\n0123456789", "formule": "A"}
		if err != nil || len(list) != 1 || list[0].Line != 2 || !maps.Equal(list[0].Values, want) || list[0].SIREN != "356000000" {
			t.Errorf("%s: %+v (%v)", name, list, err)
		}
	}
	for text, want := range map[string]string{
		"":                                 "line 1: the file is empty",
		"Aïcha,0612345678\n":               "line 1: column 1 is no field of the client organisation; the fields are name, phones, email, formule, organisation, siren",
		"name,secret\nA,B\n":               "line 1: column 2 is no field",
		"name,name\nA,B\n":                 "line 1: column 2 stands twice",
		"name,phones\nA,B\nA\n":            "line 3: wrong number of fields",
		"name,phones\nA,\"B\n":             "extraneous or missing",
		strings.Repeat("name,", 70) + "\n": "71 columns",
	} {
		_, err := ReadCSV(strings.NewReader(text), testFields)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "Aïcha") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// What begins like a formula leaves as a text, and comes back as it was.
func TestASpreadsheetFindsNoFormula(t *testing.T) {
	values := []string{`=HYPERLINK("http://x")`, "+33612345678", "-1", "@SUM(A1)", "\tx", "'quoted", "'=x", "plain", "", "＝1"}
	var out bytes.Buffer
	add, end := WriteCSV(&out, []string{"name"})
	for _, v := range values {
		if err := add([]string{v}); err != nil {
			t.Fatal(err)
		}
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(out.String(), "\n") {
		if line = strings.TrimPrefix(line, `"`); line != "" && strings.ContainsRune("=+-@\t", rune(line[0])) {
			t.Errorf("a formula leaves: %q", line)
		}
	}
	list, err := ReadCSV(&out, testFields)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range list {
		want := values[i]
		if i >= 8 { // the empty line is none
			want = values[i+1]
		}
		if got := r.Values["name"]; got != want {
			t.Errorf("%q comes back as %q", want, got)
		}
	}
}

func TestWhatBecomesOfEachRecord(t *testing.T) {
	m := &Importer{Fields: testFields}
	known := map[string][]rivage.PersonRow{
		"+33600000002": {{ID: "b"}}, "+33600000003": {{ID: "c"}, {ID: "d"}}, "+33600000004": {{ID: "e", ErasedAt: 1}}, "b@client.example": {{ID: "b"}},
		"+33600000007": {{ID: "g"}},
	}
	current := func(p rivage.PersonRow, f *rivage.Field) (string, error) {
		return map[string]string{"b name": "Bea", "b phones": "+33600000002", "g name": "G", "g phones": "+33600000007"}[string(p.ID)+" "+string(f.ID)], nil
	}
	for _, x := range []struct {
		values  map[rivage.ID]string
		siren   string
		want    Outcome
		changes string
	}{
		{map[rivage.ID]string{"name": "Ana", "phones": "06 00 00 00 01"}, "", Create, "name=Ana phones=+33600000001"},
		{map[rivage.ID]string{"name": "Bea B.", "phones": "0600000002,0600000009", "email": "b@client.example", "formule": ""}, "", Update, "name=Bea B. phones=+33600000002\n+33600000009 email=b@client.example"},
		{map[rivage.ID]string{"name": "C", "phones": "0600000003"}, "", Ambiguous, ""},
		{map[rivage.ID]string{"name": "E", "phones": "0600000004"}, "", Create, "name=E phones=+33600000004"}, // the erased person is not found again
		{map[rivage.ID]string{"name": "F", "phones": "no number"}, "", Refused, ""},
		{map[rivage.ID]string{"name": "F", "formule": "C"}, "", Refused, ""},
		{map[rivage.ID]string{"name": "F"}, "356000001", Refused, ""},
		{map[rivage.ID]string{"name": " "}, "", Refused, ""},
		{map[rivage.ID]string{"name": "Ana again", "phones": "0600000001"}, "", Ambiguous, ""}, // as the first line
		{map[rivage.ID]string{"name": "G", "phones": "0600000007"}, "", Same, ""},
		{map[rivage.ID]string{"name": "Nobody has a number"}, "356000000", Create, "name=Nobody has a number"},
	} {
		p := m.Read(Record{Line: len(m.taken) + 2, Values: x.values, SIREN: x.siren})
		var found []rivage.PersonRow
		for _, i := range p.Indexes() {
			found = append(found, known[i.Value]...)
		}
		p, err := m.Match(p, found, current)
		var changes []string
		for _, c := range p.Changes {
			changes = append(changes, string(c.Field)+"="+c.Value)
		}
		if err != nil || p.Outcome != x.want || (x.want == Create || x.want == Update) && strings.Join(changes, " ") != x.changes {
			t.Errorf("%v: %s %q %v (%v), want %s %q", x.values, p.Outcome, changes, p.Why, err, x.want, x.changes)
		}
		if (p.Outcome == Refused || p.Outcome == Ambiguous) && (p.Why == "" || strings.Contains(p.Why, "no number")) {
			t.Errorf("%v: why %q", x.values, p.Why)
		}
	}
}

// FuzzReadCSV: whatever comes, a table is read or refused, and what was read is written and read again.
func FuzzReadCSV(f *testing.F) {
	f.Add("name,phones\n\"Personne, Aïcha\",0612345678\n")
	f.Add("\ufeffname;email\r\n'=1;a@b\r\n")
	f.Add("name\n\"\"\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ReadCSV(strings.NewReader(text), testFields)
		if err != nil {
			return
		}
		m := &Importer{Fields: testFields}
		for _, r := range list {
			for _, c := range m.Read(r).Changes {
				if got := unguard(guard(c.Value)); got != c.Value {
					t.Fatalf("%q is written and read as %q", c.Value, got)
				}
				at := 0
				for testFields[at].ID != c.Field {
					at++
				}
				if again, err := Clean(&testFields[at], c.Value); err != nil || again != c.Value {
					t.Fatalf("%q is clean, and then %q (%v)", c.Value, again, err)
				}
			}
		}
	})
}
