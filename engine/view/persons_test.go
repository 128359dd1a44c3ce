// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// cards gives the persons of a world cards: Aïcha, who calls, Bruno with her number, and somebody of the other Principal.
func cards(w *world) {
	w.settings.Fields = map[rivage.ID]*rivage.Field{
		"contrat": {ID: "contrat", Principal: "colis", Label: "Contrat", Class: rivage.ClassCommercial, Kind: rivage.FieldText},
		"soin":    {ID: "soin", Principal: "colis", Label: "Soin", Class: rivage.ClassHealth, Kind: rivage.FieldText, Rank: 1},
		"autre":   {ID: "autre", Principal: "mutuelle", Label: "Autre", Class: rivage.ClassCommon, Kind: rivage.FieldText},
	}
	w.persons[0].Card = "k-c"
	w.persons = append(w.persons,
		rivage.PersonRow{ID: "p-b", Principal: "colis", Subjects: []rivage.ID{"k-b"}, Card: "k-b"},
		rivage.PersonRow{ID: "p-x", Principal: "colis", Subjects: []rivage.ID{"s-x"}})
	value := func(subject rivage.ID, field, clear string) rivage.ValueRow {
		return rivage.ValueRow{Subject: subject, Field: field, Sealed: w.seal(clear)}
	}
	w.values = map[rivage.ID][]rivage.ValueRow{
		"p-c": {value("k-c", "name", "Aïcha Personne"), value("k-c", "phones", callerNumber+"\n+33123456789"), value("k-c", "soin", "kiné"), value("k-c", "contrat", "C-1")},
		"p-b": {value("k-b", "name", "Bruno Personne"), value("k-b", "phones", callerNumber)},
		"p-m": {value("k-m", "name", "Aïcha de la mutuelle")},
	}
	w.found = map[string][]rivage.ID{
		"tel " + callerNumber: {"p-c", "p-b", "p-m", "p-x"}, "name aicha": {"p-c", "p-m"}, "name personne": {"p-c", "p-b"}, "name bruno": {"p-b"},
	}
}

// seen is the version of the card of who calls, as it stands.
func seen(t *testing.T, w *world) CardVersion {
	t.Helper()
	s, err := w.view().sheet(t.Context(), w.persons[0])
	if err != nil {
		t.Fatal(err)
	}
	return s.version()
}

func fieldOf(t *testing.T, fields []PersonField, id rivage.ID) PersonField {
	t.Helper()
	at := slices.IndexFunc(fields, func(f PersonField) bool { return f.ID == id })
	if at < 0 {
		t.Fatalf("no field %s in %+v", id, fields)
	}
	return fields[at]
}

func TestAPersonsCardShowsWhatEachFieldsClassAllows(t *testing.T) {
	w := newWorld(t)
	cards(w)
	noHealth(t, w)
	c, err := w.view().PersonCard(t.Context(), agentAna(), "i-c-talk")
	if err != nil {
		t.Fatal(err)
	}
	name, phones, soin, contrat := fieldOf(t, c.Fields, "name"), fieldOf(t, c.Fields, "phones"), fieldOf(t, c.Fields, "soin"), fieldOf(t, c.Fields, "contrat")
	if name.Value == nil || *name.Value != "Aïcha Personne" || !name.Whole || *phones.Value != callerNumber+"\n+33123456789" || *contrat.Value != "C-1" {
		t.Errorf("shown %s", textOf(t, c))
	}
	if soin.Allowed || soin.Value != nil || soin.Reason != "jamais" || strings.Contains(textOf(t, c), "kiné") || slices.Contains(w.order, "open soin") {
		t.Errorf("health: %+v, opened %v", soin, w.order)
	}
	if strings.Contains(textOf(t, c), "Autre") {
		t.Error("a field of another Principal is on the card")
	}
	if w.order[0] != "append" {
		t.Errorf("opened before it was written down: %v", w.order)
	}
	var said []string
	for _, e := range w.appended[0].Entries {
		f := e.Facts.(*rivage.FieldShown)
		said = append(said, f.Field+" "+e.Leaf.Outcome)
		if e.Stream != "person/p-c" || f.Person != "p-c" || f.Interaction != "i-c-talk" {
			t.Errorf("entry %+v in %s", f, e.Stream)
		}
	}
	want := []string{"person.name shown", "person.phones shown", "person.email shown", "person.contrat shown", "person.soin refused",
		"person.organisation shown", "person.siren shown", "person.history shown"}
	if !slices.Equal(said, want) {
		t.Errorf("said %v", said)
	}
	if len(c.History) != 4 || c.History[0].QueueName != "Suivi" || c.History[0].At < c.History[1].At || c.Withheld {
		t.Errorf("history %+v", c.History)
	}
}

// A list is neither shown in part nor as images; a class that may not be seen is not told.
func TestHistoryShowsOnlyClassesThatAreSeenWhole(t *testing.T) {
	w := newWorld(t)
	cards(w)
	w.settings.Queues["sante"].Principal = "colis"
	w.interactions[0].Queue, w.interactions[0].State, w.interactions[0].Disposition = "sante", rivage.Closed, "livre"
	noHealth(t, w)
	c, err := w.view().PersonCard(t.Context(), agentAna(), "i-c-talk")
	if err != nil || len(c.History) != 3 || !c.Withheld || strings.Contains(textOf(t, c), "Remboursements") {
		t.Errorf("history %+v (%v)", c.History, err)
	}
	w = newWorld(t)
	cards(w)
	bounded(t, w, "remote")
	if c, err = w.view().PersonCard(t.Context(), agentAna(), "i-c-talk"); err != nil || len(c.History) != 0 {
		t.Errorf("history at a distance %+v (%v)", c.History, err)
	}
}

func TestAPersonsCardForRemoteViewingLeavesAsImages(t *testing.T) {
	w := newWorld(t)
	cards(w)
	bounded(t, w, "remote")
	v := w.view()
	c, err := v.PersonCard(t.Context(), agentAna(), "i-c-talk")
	if err != nil {
		t.Fatal(err)
	}
	name := fieldOf(t, c.Fields, "name")
	if text := textOf(t, c); strings.Contains(text, "Personne") || strings.Contains(text, "3360") || name.Image == "" || name.Whole {
		t.Fatalf("got %s", text)
	}
	if drawn, err := v.Pane(agentAna(), strings.TrimPrefix(name.Image, imagePath)); drawn != "Aïcha Personne" || err != nil {
		t.Errorf("drawn %q, %v", drawn, err)
	}
	for what, try := range map[string]func() error{
		"search":                        func() error { _, err := v.SearchPersons(t.Context(), agentAna(), "i-c-talk", "Personne"); return err },
		"search by the caller's number": func() error { _, err := v.SearchPersons(t.Context(), agentAna(), "i-c-talk", ""); return err },
		"change": func() error {
			_, err := v.KeepPerson(t.Context(), agentAna(), "i-c-talk", seen(t, w), []PersonChange{{"name", "X"}})
			return err
		},
		"merge": func() error {
			_, err := v.MergePerson(t.Context(), agentAna(), "i-c-talk", seen(t, w), "p-b")
			return err
		},
		"organisation": func() error {
			_, err := v.SetOrganisation(t.Context(), agentAna(), "i-c-talk", seen(t, w), "356000000", "X")
			return err
		},
	} {
		if err := try(); rivage.CodeOf(err) != rivage.Denied {
			t.Errorf("%s at a distance: %v", what, err)
		}
	}
	for _, o := range w.order {
		if strings.HasPrefix(o, "find") {
			t.Error("somebody was looked for")
		}
	}
}

func TestASearchAnswersWithItsOwnPrincipalAndWhatIsSeenWhole(t *testing.T) {
	w := newWorld(t)
	cards(w)
	w.persons[0].Card = ""
	v := w.view()
	c, err := v.PersonCard(t.Context(), agentAna(), "i-c-talk")
	if err != nil || c.Sharing != 1 {
		t.Errorf("%d share the number (%v), want Bruno alone: neither another Principal's nor who has no card", c.Sharing, err)
	}
	for text, want := range map[string][]rivage.ID{
		"": {"p-b", "p-x"}, "06 00 00 00 01": {"p-b", "p-x"}, "bruno PERSONNE": {"p-b"}, "Aïcha": nil, "nobody": nil,
	} {
		got, err := v.SearchPersons(t.Context(), agentAna(), "i-c-talk", text)
		var ids []rivage.ID
		for _, p := range got.Persons {
			ids = append(ids, p.Person)
		}
		if err != nil || !slices.Equal(ids, want) || strings.Contains(textOf(t, got), "mutuelle") {
			t.Errorf("%q finds %v (%v), want %v", text, ids, err, want)
		}
	}
	got, err := v.SearchPersons(t.Context(), agentAna(), "i-c-talk", "bruno")
	last := w.appended[len(w.appended)-1]
	if err != nil || *got.Persons[0].Fields[0].Value != "Bruno Personne" || last.Entries[0].Stream != "person/p-b" || len(last.Entries) != 3 {
		t.Errorf("shown %s, entries %s", textOf(t, got), textOf(t, last))
	}
	for _, a := range w.appended {
		for _, e := range a.Entries {
			if strings.Contains(strings.ToLower(textOf(t, e)), "bruno") {
				t.Errorf("what was typed stands in %s", textOf(t, e))
			}
		}
	}
	// What the store did not answer is said to be there.
	w.more = true
	if got, err = v.SearchPersons(t.Context(), agentAna(), "i-c-talk", "bruno"); err != nil || !got.More || len(got.Persons) != 1 {
		t.Errorf("of more than were answered: %s (%v)", textOf(t, got), err)
	}
	if _, more, err := v.Persons(t.Context(), as("dpo", "colis"), callerNumber); err != nil || !more {
		t.Errorf("a DPO is not told that there are more (%v)", err)
	}
	w.more = false
	// Phones are withheld: a search by name does not tell them, and one by number is refused.
	table, err := policy.Compile("colis", []policy.Rule{
		allow("regle-colis", rivage.ZoneFR),
		{ID: "sans-numero", Effect: policy.Forbid, Reason: "jamais", Basis: "contrat", Fields: []string{"person.phones"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.gate = policy.NewGate(policy.Unbounded(), table)
	if got, err = v.SearchPersons(t.Context(), agentAna(), "i-c-talk", "bruno"); err != nil || strings.Contains(textOf(t, got), "3360") {
		t.Errorf("found %s (%v)", textOf(t, got), err)
	}
	if _, err = v.SearchPersons(t.Context(), agentAna(), "i-c-talk", callerNumber); rivage.CodeOf(err) != rivage.Denied {
		t.Errorf("searched by what is withheld: %v", err)
	}
	if c, err := v.PersonCard(t.Context(), agentAna(), "i-c-talk"); err != nil || c.Sharing != 0 {
		t.Errorf("%d share a number that is withheld (%v)", c.Sharing, err)
	}
}

func TestSearchesAreLimited(t *testing.T) {
	w := newWorld(t)
	cards(w)
	v := w.view()
	for range searchesPerHour {
		if _, err := v.SearchPersons(t.Context(), agentAna(), "i-c-talk", "nobody"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := v.SearchPersons(t.Context(), agentAna(), "i-c-talk", "nobody"); rivage.CodeOf(err) != rivage.Busy {
		t.Errorf("one more: %v", err)
	}
	w.now = w.now.Add(time.Hour)
	if _, err := v.SearchPersons(t.Context(), agentAna(), "i-c-talk", "nobody"); err != nil {
		t.Errorf("an hour later: %v", err)
	}
	w.down = true
	if got, err := v.SearchPersons(t.Context(), agentAna(), "i-c-talk", "bruno"); rivage.CodeOf(err) != rivage.Unavailable || len(got.Persons) != 0 {
		t.Errorf("with the journal down: %s (%v)", textOf(t, got), err)
	}
}

// Only who has the person on the line touches the card: there is no other way to it.
func TestAPersonIsForWhoHasTheCallInHand(t *testing.T) {
	w := newWorld(t)
	cards(w)
	v := w.view()
	bob := agentAna()
	bob.Account = "bob"
	for name, c := range map[string]struct {
		u  User
		id rivage.ID
	}{
		"another agent's": {bob, "i-c-talk"}, "one that rings": {agentAna(), "i-c-ring"}, "one that is over": {agentAna(), "i-c-done"},
		"a supervisor": {as("supervisor", "colis"), "i-c-talk"},
	} {
		_, err := v.PersonCard(t.Context(), c.u, c.id)
		_, errSearch := v.SearchPersons(t.Context(), c.u, c.id, "bruno")
		_, errKeep := v.KeepPerson(t.Context(), c.u, c.id, seen(t, w), []PersonChange{{"name", "X"}})
		_, errMerge := v.MergePerson(t.Context(), c.u, c.id, seen(t, w), "p-b")
		_, errUndo := v.UndoMerge(t.Context(), c.u, c.id, seen(t, w), "p-b")
		_, errOf := v.SetOrganisation(t.Context(), c.u, c.id, seen(t, w), "", "")
		for _, err := range []error{err, errSearch, errKeep, errMerge, errUndo, errOf} {
			if rivage.CodeOf(err) != rivage.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if len(w.appended) != 0 {
		t.Errorf("%d appends", len(w.appended))
	}
}

func TestACardIsChangedFieldByField(t *testing.T) {
	w := newWorld(t)
	cards(w)
	noHealth(t, w)
	w.conflicts = 2 // something was shown meanwhile
	v := w.view()
	if _, err := v.KeepPerson(t.Context(), agentAna(), "i-c-talk", seen(t, w), []PersonChange{{"phones", "06 12 34 56 78"}, {"contrat", ""}}); err != nil {
		t.Fatal(err)
	}
	a := w.appended[0]
	f := a.Entries[0].Facts.(*rivage.PersonKept)
	if f.Subject != "k-c" || f.New || f.Card || !slices.Equal(f.Set, []string{"phones"}) || !slices.Equal(f.Cleared, []string{"contrat"}) ||
		f.Interaction != "i-c-talk" || !slices.Equal(a.Expect, []rivage.StreamVersion{{Stream: "person/p-c", Version: 7}}) {
		t.Errorf("facts %+v, expects %v", f, a.Expect)
	}
	for name, x := range map[string]struct {
		typed []PersonChange
		want  rivage.Code
	}{
		"nothing":                {nil, rivage.Invalid},
		"twice":                  {[]PersonChange{{"name", "A"}, {"name", "B"}}, rivage.Invalid},
		"another Principal's":    {[]PersonChange{{"autre", "A"}}, rivage.Invalid},
		"the organisation":       {[]PersonChange{{"siren", "356000000"}}, rivage.Invalid},
		"of no such form":        {[]PersonChange{{"email", "ana"}}, rivage.Invalid},
		"what may not be seen":   {[]PersonChange{{"soin", "x"}}, rivage.Denied},
		"one of two not allowed": {[]PersonChange{{"name", "A"}, {"soin", "x"}}, rivage.Denied},
	} {
		n := len(w.appended)
		if _, err := v.KeepPerson(t.Context(), agentAna(), "i-c-talk", seen(t, w), x.typed); rivage.CodeOf(err) != x.want || len(w.appended) != n {
			t.Errorf("%s: %v, want %s", name, err, x.want)
		}
	}
	w.conflicts = 100
	if _, err := v.KeepPerson(t.Context(), agentAna(), "i-c-talk", seen(t, w), []PersonChange{{"name", "A"}}); rivage.CodeOf(err) != rivage.Conflict {
		t.Errorf("a stream that never stands still: %v", err)
	}
}

// Who writes on a card that is another by now writes nothing, whatever the stream of the person says.
func TestNobodyWritesOverWhatTheyDidNotSee(t *testing.T) {
	w := newWorld(t)
	cards(w)
	w.companies = []rivage.OrganisationRow{{ID: "o", Principal: "colis", Subject: "s-o", Name: w.seal("Client"), SIREN: w.seal("356000000")}}
	w.persons[0].Organisation = "o"
	v := w.view()
	shown, err := v.PersonCard(t.Context(), agentAna(), "i-c-talk")
	if err != nil || shown.Version != seen(t, w) {
		t.Fatalf("version %q (%v)", shown.Version, err)
	}
	for name, other := range map[string]func(){
		"a value is written anew": func() { w.values["p-c"][0].Seq = 9 },
		"a value is new": func() {
			w.values["p-c"] = append(w.values["p-c"], rivage.ValueRow{Subject: "k-c", Field: "email", Seq: 9})
		},
		"somebody is merged into it":   func() { w.persons[0].Merged = []rivage.Merge{{Person: "p-x"}} },
		"it belongs to nobody":         func() { w.persons[0].Organisation = "" },
		"the organisation has a name":  func() { w.companies[0].Name = w.seal("Client SA") },
		"the organisation is replaced": func() { w.companies[0].ID, w.persons[0].Organisation = "o2", "o2" },
	} {
		values, person, company := slices.Clone(w.values["p-c"]), w.persons[0], w.companies[0]
		other()
		n := len(w.appended)
		for what, write := range map[string]func() (PersonCard, error){
			"keep": func() (PersonCard, error) {
				return v.KeepPerson(t.Context(), agentAna(), "i-c-talk", shown.Version, []PersonChange{{"name", "X"}})
			},
			"merge": func() (PersonCard, error) {
				return v.MergePerson(t.Context(), agentAna(), "i-c-talk", shown.Version, "p-b")
			},
			"organisation": func() (PersonCard, error) {
				return v.SetOrganisation(t.Context(), agentAna(), "i-c-talk", shown.Version, "356000000", "X")
			},
		} {
			if _, err := write(); !errors.Is(err, ErrCardChanged) || len(w.appended) != n {
				t.Errorf("%s, then %s: %v", name, what, err)
			}
		}
		w.values["p-c"], w.persons[0], w.companies[0] = values, person, company
	}
	w.conflicts = 1 // somebody looks at the card: nothing on it changes
	if _, err := v.KeepPerson(t.Context(), agentAna(), "i-c-talk", shown.Version, []PersonChange{{"name", "X"}}); err != nil {
		t.Errorf("looked at meanwhile: %v", err)
	}
	w.persons[0].Merged = []rivage.Merge{{Person: "p-b"}}
	if _, err := v.UndoMerge(t.Context(), agentAna(), "i-c-talk", shown.Version, "p-b"); !errors.Is(err, ErrCardChanged) {
		t.Errorf("undo of a merge that was not seen: %v", err)
	}
}

func TestMergeAndUndoAreOfOnePrincipal(t *testing.T) {
	w := newWorld(t)
	cards(w)
	v := w.view()
	if _, err := v.MergePerson(t.Context(), agentAna(), "i-c-talk", seen(t, w), "p-m"); rivage.CodeOf(err) != rivage.NotFound || len(w.appended) != 0 {
		t.Errorf("with another Principal's: %v", err)
	}
	if _, err := v.MergePerson(t.Context(), agentAna(), "i-c-talk", seen(t, w), "p-b"); err != nil {
		t.Fatal(err)
	}
	f := w.appended[0].Entries[0].Facts.(*rivage.PersonsMerged)
	if f.From != "p-b" || f.Into != "p-c" || !slices.Equal(f.Subjects, []rivage.ID{"k-b"}) || len(w.appended[0].Expect) != 2 || w.appended[0].Entries[0].Principal != "colis" {
		t.Errorf("merged %+v under %v", f, w.appended[0].Expect)
	}
	w.persons[0].Card = "" // nobody knew who called: the call goes to who is picked
	if _, err := v.MergePerson(t.Context(), agentAna(), "i-c-talk", seen(t, w), "p-b"); err != nil {
		t.Fatal(err)
	}
	if f := w.appended[2].Entries[0].Facts.(*rivage.PersonsMerged); f.From != "p-c" || f.Into != "p-b" {
		t.Errorf("picked %+v", f)
	}
	if _, err := v.UndoMerge(t.Context(), agentAna(), "i-c-talk", seen(t, w), "p-b"); rivage.CodeOf(err) != rivage.Conflict {
		t.Errorf("what was not merged is undone: %v", err)
	}
	w.persons[0].Merged, w.moved = []rivage.Merge{{Person: "p-b"}}, []rivage.ID{"k-b"}
	n := len(w.appended)
	if _, err := v.UndoMerge(t.Context(), agentAna(), "i-c-talk", seen(t, w), "p-b"); err != nil {
		t.Fatal(err)
	}
	if f := w.appended[n].Entries[0].Facts.(*rivage.MergeUndone); f.From != "p-b" || f.Into != "p-c" || !slices.Equal(f.Subjects, []rivage.ID{"k-b"}) {
		t.Errorf("undone %+v", f)
	}
	noHealth(t, w)
	for name, try := range map[string]func() error{
		"merge": func() error {
			_, err := v.MergePerson(t.Context(), agentAna(), "i-c-talk", seen(t, w), "p-b")
			return err
		},
		"undo": func() error {
			_, err := v.UndoMerge(t.Context(), agentAna(), "i-c-talk", seen(t, w), "p-b")
			return err
		},
	} {
		if err := try(); rivage.CodeOf(err) != rivage.Denied {
			t.Errorf("%s of a card with a field that may not be seen: %v", name, err)
		}
	}
}

// A number that was taken off a card finds the person for who erases, and for nobody else.
func TestAPastNumberIsForErasuresOnly(t *testing.T) {
	w := newWorld(t)
	cards(w)
	const past = "+33600000009"
	w.found["ever "+past] = []rivage.ID{"p-c", "p-m"}
	v := w.view()
	if got, _, err := v.Persons(t.Context(), as("dpo", "colis"), past); err != nil || len(got) != 1 || got[0].ID != "p-c" {
		t.Errorf("who erases finds %+v (%v), want p-c", got, err)
	}
	if got, err := v.SearchPersons(t.Context(), agentAna(), "i-c-talk", past); err != nil || len(got.Persons) != 0 {
		t.Errorf("an agent finds %+v (%v)", got, err)
	}
}

func TestACustomerOrganisationGoesWithItsOnlyPerson(t *testing.T) {
	w := newWorld(t)
	cards(w)
	w.companies = []rivage.OrganisationRow{{ID: "o", Principal: "colis", Subject: "s-o", Name: w.seal("Aïcha EI"), SIREN: w.seal("356000000")}}
	w.persons[0].Organisation = "o"
	c, err := w.view().PersonCard(t.Context(), agentAna(), "i-c-talk")
	if err != nil || *fieldOf(t, c.Fields, "siren").Value != "356000000" || *fieldOf(t, c.Fields, "organisation").Value != "Aïcha EI" {
		t.Fatalf("card %s (%v)", textOf(t, c), err)
	}
	if _, err := w.view().SetOrganisation(t.Context(), agentAna(), "i-c-talk", seen(t, w), "356000001", "X"); rivage.CodeOf(err) != rivage.Invalid {
		t.Errorf("a SIREN whose key is wrong: %v", err)
	}
	if n, err := w.view().Erase(t.Context(), as("dpo", "colis"), "p-c"); n != 2 || err != nil {
		t.Errorf("%d subjects erased (%v), want the person's and the sole trader's", n, err)
	}
	w.persons[2].Organisation = "o" // Bruno works there too
	if n, err := w.view().Erase(t.Context(), as("dpo", "colis"), "p-c"); n != 1 || err != nil {
		t.Errorf("%d subjects erased (%v), want the person's alone", n, err)
	}
	if last := w.appended[len(w.appended)-1]; len(last.Expect) != 1 {
		t.Error("an erasure that a merge may overtake")
	}
}
