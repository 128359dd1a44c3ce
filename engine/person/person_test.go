// SPDX-License-Identifier: EUPL-1.2

package person

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

// by is an agent during a call, with ids that can be read.
func by() By {
	n := 0
	return By{
		Account: "ana", Subject: "s-ana", Role: "agent", Interaction: "i", Source: "desk", At: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC),
		New: func() rivage.ID { n++; return rivage.ID("new" + strconv.Itoa(n)) },
	}
}

func TestCleanGivesEachKindItsForm(t *testing.T) {
	for _, x := range []struct {
		kind     rivage.FieldKind
		in, want string
		refused  bool
	}{
		{rivage.FieldPhones, "06 12 34 56 78, 0033612345678\n+33 (6) 12-34-56-78; 01 23 45 67 89", "+33612345678\n+33123456789", false},
		{rivage.FieldPhones, "36", "", true},
		{rivage.FieldPhones, "3631", "", true}, // no country: it would find others
		{rivage.FieldPhones, strings.Repeat("x", 5), "", true},
		{rivage.FieldPhones, "0600000001,0600000002,0600000003,0600000004,0600000005,0600000006,0600000007", "", true},
		{rivage.FieldEmail, " Ana@CLIENT.example ", "Ana@client.example", false},
		{rivage.FieldEmail, "ana", "", true},
		{rivage.FieldDate, "2026-02-28", "2026-02-28", false},
		{rivage.FieldDate, "2026-02-30", "", true},
		{rivage.FieldDate, "28/02/2026", "", true},
		{rivage.FieldNumber, "-1 234,50", "-1234.50", false},
		{rivage.FieldNumber, "1e5", "", true},
		{rivage.FieldNumber, "1.2.3", "", true},
		{rivage.FieldChoice, "B", "B", false},
		{rivage.FieldChoice, "C", "", true},
		{rivage.FieldText, "  deux mots ", "deux mots", false},
		{rivage.FieldText, "a\x00b", "", true},
		{rivage.FieldText, "a\u202eb", "", true},
		{rivage.FieldText, "\xff", "", true},
		{rivage.FieldText, strings.Repeat("é", maxText), strings.Repeat("é", maxText), false},
		{rivage.FieldText, strings.Repeat("é", maxText+1), "", true},
		{rivage.FieldText, " ", "", false},
		{"", "x", "", true},
	} {
		got, err := Clean(&rivage.Field{Kind: x.kind, Choices: []string{"A", "B"}}, x.in)
		if x.refused != (rivage.CodeOf(err) == rivage.Invalid) || !x.refused && got != x.want {
			t.Errorf("%s %q: %q (%v), want %q", x.kind, x.in, got, err, x.want)
		}
		if err != nil && len(x.in) > 4 && strings.Contains(err.Error(), x.in) {
			t.Errorf("%s: the error repeats the value", x.kind)
		}
	}
}

// Nothing that names or describes a person stands in the facts.
func TestValuesAreCellsAndNeverFacts(t *testing.T) {
	a, id := Keep(rivage.PersonRow{Principal: "colis"}, []Change{
		{rivage.PersonName, "Aïcha Personne"}, {rivage.PersonPhones, "+33612345678\n+33123456789"}, {rivage.PersonEmail, "A@client.example"}, {"contrat", ""},
	}, by())
	want := &rivage.PersonKept{
		Person: "new1", Subject: "new2", New: true, Card: true, Set: []string{"name", "phones", "email"}, Cleared: []string{"contrat"},
		Source: "desk", Interaction: "i", By: "ana",
	}
	e := a.Entries[0]
	if id != "new1" || !reflect.DeepEqual(e.Facts, rivage.Facts(want)) || !slices.Equal(a.NewSubjects, []rivage.ID{"new2"}) || e.Subject != "new2" {
		t.Errorf("facts %+v, subjects %v", e.Facts, a.NewSubjects)
	}
	indexes := []rivage.Index{
		{Kind: "name", Value: "aicha"}, {Kind: "name", Value: "personne"}, {Kind: "tel", Value: "+33612345678"}, {Kind: "tel", Value: "+33123456789"},
		{Kind: "mail", Value: "a@client.example"},
	}
	if !slices.Equal(e.Indexes, indexes) || len(e.Cells) != 3 || e.Body == nil {
		t.Errorf("indexes %v, cells %v", e.Indexes, e.Cells)
	}
	text, err := rivage.EncodeFacts(&rivage.SealedEntry{Entry: e}, 1)
	if err != nil || strings.Contains(string(text), "Personne") || strings.Contains(string(text), "336") {
		t.Errorf("facts %s (%v)", text, err)
	}
	a, _ = Keep(rivage.PersonRow{ID: "p", Principal: "colis", Card: "s", Merged: []rivage.Merge{{Person: "q"}}}, []Change{{"contrat", "C1"}}, by())
	if f := a.Entries[0].Facts.(*rivage.PersonKept); f.New || f.Card || !f.Over || f.Subject != "s" || a.NewSubjects != nil {
		t.Errorf("on a card that is there: %+v", f)
	}
}

func TestWhatACardShowsOfMergedPersons(t *testing.T) {
	name, phones := &rivage.Field{ID: "name", Kind: rivage.FieldName}, &rivage.Field{ID: "phones", Kind: rivage.FieldPhones}
	own := rivage.ValueRow{Subject: "a", Field: "name", Seq: 5}
	other := rivage.ValueRow{Subject: "b", Field: "name", Seq: 4}
	cleared, over := own, own
	cleared.Cleared, over.Over = true, true
	gone := cleared
	gone.Over = true
	number := func(r rivage.ValueRow) rivage.ValueRow { r.Field = "phones"; return r }
	for why, x := range map[string]struct {
		field      *rivage.Field
		rows, want []rivage.ValueRow
	}{
		"the last written":              {name, []rivage.ValueRow{own, other}, []rivage.ValueRow{own}},
		"cleared before the merge":      {name, []rivage.ValueRow{cleared, other}, []rivage.ValueRow{other}},
		"cleared after it":              {name, []rivage.ValueRow{gone, other}, nil},
		"all numbers":                   {phones, []rivage.ValueRow{number(own), number(other)}, []rivage.ValueRow{number(own), number(other)}},
		"numbers written over":          {phones, []rivage.ValueRow{number(over), number(other)}, []rivage.ValueRow{number(over)}},
		"another field is not this one": {name, []rivage.ValueRow{number(own)}, nil},
	} {
		if got := Shown(x.field, x.rows); !slices.EqualFunc(got, x.want, func(a, b rivage.ValueRow) bool { return reflect.DeepEqual(a, b) }) {
			t.Errorf("%s: %+v, want %+v", why, got, x.want)
		}
	}
	if got := Together([]string{"+1\n+2", "+2\n+3"}); got != "+1\n+2\n+3" {
		t.Errorf("together %q", got)
	}
}

func TestWhoIsNotMerged(t *testing.T) {
	p := rivage.PersonRow{ID: "p", Principal: "colis", Subjects: []rivage.ID{"s1"}}
	q := rivage.PersonRow{ID: "q", Principal: "colis", Subjects: []rivage.ID{"s2", "s3"}, Card: "s3"}
	a, err := Merge(p, q, by())
	if f, ok := a.Entries[0].Facts.(*rivage.PersonsMerged); err != nil || !ok || f.From != "p" || f.Into != "q" || !slices.Equal(f.Subjects, p.Subjects) ||
		a.Entries[0].Stream != "person/q" || a.Entries[0].Subject != "" {
		t.Fatalf("%+v (%v)", a.Entries, err)
	}
	foreign, erased := q, q
	foreign.Principal, erased.ErasedAt = "mutuelle", 1
	for name, x := range map[string]struct {
		other rivage.PersonRow
		want  rivage.Code
	}{"another Principal's": {foreign, rivage.NotFound}, "itself": {p, rivage.Conflict}, "erased": {erased, rivage.Conflict}} {
		if _, err := Merge(p, x.other, by()); rivage.CodeOf(err) != x.want {
			t.Errorf("%s: %v, want %s", name, err, x.want)
		}
		if _, err := Merge(x.other, p, by()); rivage.CodeOf(err) != x.want {
			t.Errorf("%s, the other way: %v, want %s", name, err, x.want)
		}
	}
	if from, into := Towards(p, q); from.ID != "p" || into.ID != "q" {
		t.Error("who has no card stays")
	}
	q2 := p
	q2.ID, q2.Card = "r", "s1"
	if from, into := Towards(q2, q); from.ID != "q" || into.ID != "r" {
		t.Error("of two with a card the first one goes")
	}
	if _, err := Undo("p", erased, []rivage.ID{"s1"}, by()); rivage.CodeOf(err) != rivage.Conflict {
		t.Errorf("undone after an erasure: %v", err)
	}
	if _, err := Undo("p", q, nil, by()); rivage.CodeOf(err) != rivage.Conflict {
		t.Errorf("nothing to give back: %v", err)
	}
}

func TestSearchReadsWhatIsTyped(t *testing.T) {
	for in, want := range map[string]Search{
		"06 12 34 56 78":      {"phones", "tel", []string{"+33612345678"}},
		" Ana@Client.example": {"email", "mail", []string{"ana@client.example"}},
		"Personne, Aïcha":     {"name", "name", []string{"aicha", "personne"}},
	} {
		if got, err := SearchFor(in); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v (%v)", in, got, err)
		}
	}
	for _, in := range []string{"", "  ", "@", "ana@", "!!"} {
		if _, err := SearchFor(in); rivage.CodeOf(err) != rivage.Invalid {
			t.Errorf("%q is searched: %v", in, err)
		}
	}
}

func TestAnOrganisationIsJoinedByItsSIREN(t *testing.T) {
	var none rivage.Membership
	p := rivage.PersonRow{ID: "p", Principal: "colis"}
	a, err := Join(p, none, nil, "356 000 000", "La Poste", by())
	if err != nil || len(a.Entries) != 2 || a.Entries[0].Indexes[0].Value != "356000000" || !slices.Equal(a.NewSubjects, []rivage.ID{"new2"}) {
		t.Fatalf("%+v (%v)", a, err)
	}
	known := &rivage.OrganisationRow{ID: "o", Subject: "s-o"}
	if a, err = Join(p, none, known, "356000000", "", by()); err != nil || len(a.Entries) != 1 {
		t.Errorf("one that is known: %+v (%v)", a, err)
	}
	p.Organisation = "o"
	if a, err = Join(p, none, known, "356000000", "", by()); err != nil || len(a.Entries) != 0 {
		t.Errorf("joined already: %+v (%v)", a, err)
	}
	for _, x := range [][2]string{{"356000001", "X"}, {"", "X"}, {"356000000", ""}, {"356000000", "a\nb"}, {"356000000", strings.Repeat("x", maxName+1)}} {
		if _, err := Join(p, none, nil, x[0], x[1], by()); rivage.CodeOf(err) != rivage.Invalid {
			t.Errorf("%q: %v", x, err)
		}
	}
	if a := Leave(p, none, by()); len(a.Entries) != 1 {
		t.Errorf("left: %+v", a)
	}
}

// What nobody belongs to any more is erased; what somebody merged would be given back to is not, until the person leaves it.
func TestAnOrganisationWithoutAnybodyIsErased(t *testing.T) {
	p := rivage.PersonRow{ID: "p", Principal: "colis", Organisation: "o", Subjects: []rivage.ID{"s"}}
	own, other := rivage.OrganisationRow{ID: "o", Principal: "colis", Subject: "s-o"}, rivage.OrganisationRow{ID: "q", Principal: "colis", Subject: "s-q"}
	m := rivage.Membership{Others: []rivage.ID{"merged"}, Sole: []rivage.OrganisationRow{own, other}, Own: "o"}
	join := func(known rivage.OrganisationRow) rivage.Append {
		a, err := Join(p, m, &known, "356000000", "", by())
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for name, x := range map[string]struct {
		a       rivage.Append
		kinds   []rivage.Kind
		erased  []rivage.ID
		purpose rivage.Purpose
	}{
		"leaves":           {Leave(p, m, by()), []rivage.Kind{"PersonLeft", "OrganisationErased", "OrganisationErased"}, []rivage.ID{"s-o", "s-q"}, rivage.PurposeService},
		"joins another":    {join(rivage.OrganisationRow{ID: "new", Subject: "s-new"}), []rivage.Kind{"PersonJoined", "OrganisationErased"}, []rivage.ID{"s-o"}, rivage.PurposeService},
		"joins a merged's": {join(other), []rivage.Kind{"PersonJoined", "OrganisationErased"}, []rivage.ID{"s-o"}, rivage.PurposeService},
		"stays":            {join(own), nil, nil, ""},
		"is erased": {Erase(p, m, by()), []rivage.Kind{"PersonLeft", "OrganisationErased", "OrganisationErased", "PersonErased"},
			[]rivage.ID{"s-o", "s-q", "s"}, rivage.PurposeAdmin},
		"is erased, of none": {Erase(rivage.PersonRow{ID: "p", Subjects: p.Subjects}, rivage.Membership{}, by()), []rivage.Kind{"PersonErased"}, []rivage.ID{"s"}, rivage.PurposeAdmin},
	} {
		var kinds []rivage.Kind
		for _, e := range x.a.Entries {
			kinds = append(kinds, e.Facts.Kind())
			if e.Leaf.Purpose != x.purpose {
				t.Errorf("%s: %s for %s", name, e.Facts.Kind(), e.Leaf.Purpose)
			}
			if f, ok := e.Facts.(*rivage.PersonLeft); ok && !slices.Equal(f.Others, m.Others) {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if !slices.Equal(kinds, x.kinds) || !slices.Equal(x.a.Erase, x.erased) {
			t.Errorf("%s: %v, erased %v", name, kinds, x.a.Erase)
		}
	}
}
