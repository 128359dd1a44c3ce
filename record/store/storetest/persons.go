// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"bytes"
	"reflect"
	"slices"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/record/store"
)

// found are the persons under an index of the messagerie.
func found(t testing.TB, s *store.Store, kind, value string) []rivage.ID {
	t.Helper()
	return foundBy(t, s, store.PersonQuery{Kind: kind, Under: under(kind, value)})
}

// under are the indexes of values of the messagerie.
func under(kind string, values ...string) (list [][]byte) {
	for _, value := range values {
		list = append(list, []byte(Blind("messagerie", kind, value)))
	}
	return list
}

// ever are the persons who have a number of the messagerie, or had it.
func ever(t testing.TB, s *store.Store, number string) []rivage.ID {
	t.Helper()
	return foundBy(t, s, store.PersonQuery{Kind: "tel", Under: under("tel", number), Ever: true})
}

func foundBy(t testing.TB, s *store.Store, q store.PersonQuery) []rivage.ID {
	t.Helper()
	q.Principal = "messagerie"
	list, _, err := s.FindPersons(t.Context(), q)
	report(t, err)
	var ids []rivage.ID
	for _, p := range list {
		ids = append(ids, p.ID)
	}
	slices.Sort(ids)
	return ids
}

// valuesOf are the values of a person as they are sealed here, by field; "" for one that was taken away.
func valuesOf(t testing.TB, s *store.Store, person rivage.ID) map[string][]string {
	t.Helper()
	list, err := s.Values(t.Context(), all, person)
	report(t, err)
	out := map[string][]string{}
	for _, v := range list {
		out[v.Field] = append(out[v.Field], string(bytes.TrimPrefix(v.Sealed, sealMark)))
	}
	return out
}

// testCards: a value that is written anew takes the place of the one before, and so do the indexes it is found by.
func testCards(t *testing.T, e Engine) {
	s := fresh(t, e)
	c := NewCard("messagerie")
	refused(t, s, c.First("name", "nobody yet"), rivage.Invalid)
	refused(t, s, c.Kept("name", "nobody yet"), rivage.Conflict)
	must(t, s, c.Made("name", "Ana", "phones", "+33612345678", "email", "ana@client.example"))
	refused(t, s, c.Made("name", "twice"), rivage.Conflict)
	must(t, s, c.Kept("phones", "+33611111111"))
	must(t, s, c.Cleared("email"))
	want := map[string][]string{"email": {""}, "phones": {"+33611111111"}, "name": {"Ana"}}
	if got := valuesOf(t, s, c.Person); !reflect.DeepEqual(got, want) {
		t.Errorf("values %v, want %v", got, want)
	}
	for _, x := range []struct {
		kind, value string
		want        []rivage.ID
	}{
		{"tel", "+33611111111", []rivage.ID{c.Person}}, {"tel", "+33612345678", nil}, {"mail", "ana@client.example", nil},
		{"name", "Ana", []rivage.ID{c.Person}},
	} {
		if got := found(t, s, x.kind, x.value); !slices.Equal(got, x.want) {
			t.Errorf("%s %s leads to %v, want %v", x.kind, x.value, got, x.want)
		}
	}
	p, err := s.Person(t.Context(), all, c.Person)
	if err != nil || p.Card != c.Subject || !slices.Equal(p.Subjects, []rivage.ID{c.Subject}) {
		t.Errorf("person %+v (%v)", p, err)
	}
	other := NewCall("messagerie", "colis", "anne", "+33687654321", Start)
	must(t, s, other.Opened())
	a := (&Card{"messagerie", other.Person, other.Subject}).Kept("name", "not a card")
	refused(t, s, a, rivage.Invalid)
	foreign := c.Kept("name", "Ana")
	foreign.Entries[0].Subject = other.Subject
	refused(t, s, foreign, rivage.Invalid)
	mutuelle := c.Kept("name", "Ana")
	mutuelle.Entries[0].Principal, mutuelle.Entries[0].Stream = "mutuelle", rivage.StreamOf("person", c.Person)
	if _, err := s.Append(t.Context(), mutuelle); err == nil {
		t.Error("another Principal writes on the card")
	}
	sound(t, s)
}

// testManyFound: of very many persons some are found, those with a card first, and it is said that there are more; of several
// values who stands under each is found, however many stand under one.
func testManyFound(t *testing.T, e Engine) {
	s := fresh(t, e)
	const number = "+33612345678"
	ana := NewCard("messagerie")
	a := ana.Made("name", "ana", "phones", number)
	a.Entries[0].Indexes = append(a.Entries[0].Indexes, rivage.Index{Kind: "name", Value: Blind("messagerie", "name", "graine")})
	must(t, s, a)
	for range 201 {
		must(t, s, NewCall("messagerie", "colis", "anne", number, Start.Add(time.Hour)).Opened())
		must(t, s, NewCard("messagerie").Made("name", "graine"))
	}
	for name, x := range map[string]struct {
		q    store.PersonQuery
		n    int
		more bool
	}{
		"a number":  {store.PersonQuery{Kind: "tel", Under: under("tel", number)}, 200, true},
		"a word":    {store.PersonQuery{Kind: "name", Under: under("name", "graine")}, 200, true},
		"two words": {store.PersonQuery{Kind: "name", Under: under("name", "graine", "ana")}, 1, false},
		"nothing":   {store.PersonQuery{Kind: "name"}, 0, false},
	} {
		x.q.Principal = "messagerie"
		list, more, err := s.FindPersons(t.Context(), x.q)
		if err != nil || len(list) != x.n || more != x.more {
			t.Errorf("%s: %d found, more %v (%v), want %d and %v", name, len(list), more, err, x.n, x.more)
		}
		if x.n > 0 && name != "a word" && list[0].ID != ana.Person {
			t.Errorf("%s: who has a card is not the first", name)
		}
	}
}

// testPastNumbers: a number that was taken off a card, calls under it or not, still leads whoever erases to the person, until
// they are erased; it leads no call and no search to them.
func testPastNumbers(t *testing.T, e Engine) {
	const called, other, stays = "+33612345678", "+33622222222", "+33633333333"
	s := fresh(t, e)
	c := NewCard("messagerie")
	must(t, s, c.Made("phones", called))
	call := NewCall("messagerie", "colis", "anne", called, Start)
	call.Person, call.Subject, call.Known = c.Person, c.Subject, true
	must(t, s, call.Opened())
	must(t, s, c.Kept("phones", other))
	must(t, s, c.Cleared("phones"))
	must(t, s, c.Kept("phones", stays, "email", "ana@client.example", "name", "Ana"))
	must(t, s, c.Kept("email", "other@client.example"))
	who := []rivage.ID{c.Person}
	for _, number := range []string{called, other, stays} {
		if got := ever(t, s, number); !slices.Equal(got, who) {
			t.Errorf("%s led to %v, want %v", number, got, who)
		}
		now := found(t, s, "tel", number)
		m, err := s.Caller(t.Context(), "messagerie", "tel", []byte(Blind("messagerie", "tel", number)))
		if on := number == stays; on != slices.Equal(now, who) || on != (m.Person == c.Person) || !on && rivage.CodeOf(err) != rivage.NotFound {
			t.Errorf("%s leads to %v, and a call to %+v (%v)", number, now, m, err)
		}
	}
	if got := foundBy(t, s, store.PersonQuery{Kind: "mail", Under: under("mail", "ana@client.example"), Ever: true}); got != nil {
		t.Errorf("an address that was replaced leads to %v", got)
	}
	again := NewCard("messagerie") // the number is somebody else's by now
	must(t, s, again.Made("phones", called))
	if m, err := s.Caller(t.Context(), "messagerie", "tel", []byte(Blind("messagerie", "tel", called))); err != nil || m.Person != again.Person {
		t.Errorf("a call from it is %+v's (%v), want %s", m, err, again.Person)
	}
	if got := ever(t, s, called); len(got) != 2 {
		t.Errorf("%s led to %v, want both", called, got)
	}
	sound(t, s)
	must(t, s, c.Erased(c.Subject))
	for number, want := range map[string][]rivage.ID{called: {again.Person}, other: nil, stays: nil} {
		if got := ever(t, s, number); !slices.Equal(got, want) {
			t.Errorf("after the erasure %s leads to %v, want %v", number, got, want)
		}
	}
	sound(t, s)
}

// testPastNumbersOfBefore: numbers that were replaced under a program that did not keep them are found after the migration,
// which makes what the log gives.
func testPastNumbersOfBefore(t *testing.T, e Engine) {
	const called, other, stays = "+33612345678", "+33622222222", "+33633333333"
	connect := e.Fresh(t)
	s := open(t, connect)
	c, one := NewCard("messagerie"), NewCard("messagerie")
	for _, a := range []rivage.SealedAppend{
		c.Made("phones", called), c.Kept("phones", other), c.Cleared("phones"), c.Kept("phones", stays), c.Kept("name", "Ana"),
		one.Made("phones", "+33644444444"),
	} {
		must(t, s, a)
	}
	execute(t, connect, `DELETE FROM subject_index WHERE kind='tel-past'`)
	execute(t, connect, `DELETE FROM migration WHERE name='migrations/0006_past_numbers.sql'`)
	if got := ever(t, s, called); got != nil {
		t.Fatalf("%s leads to %v before the migration", called, got)
	}
	s = open(t, connect)
	for _, number := range []string{called, other, stays} {
		if got := ever(t, s, number); !slices.Equal(got, []rivage.ID{c.Person}) {
			t.Errorf("%s led to %v", number, got)
		}
	}
	sound(t, s)
}

// testMerge: a merge moves subjects, with the calls and values under them, and nothing is sealed again; undone, all is as
// it was, the person merged before included.
func testMerge(t *testing.T, e Engine) {
	s := fresh(t, e)
	a, b, c := NewCard("messagerie"), NewCard("messagerie"), NewCard("messagerie")
	call := NewCall("messagerie", "colis", "anne", "+33687654321", Start)
	b.Person = call.Person
	for _, x := range []rivage.SealedAppend{
		a.Made("name", "Ana", "phones", "+33612345678"), call.Opened(), b.First("name", "Anna"), c.Made("name", "A."),
		c.Into(b, c.Subject),
	} {
		must(t, s, x)
	}
	before := map[rivage.ID]rivage.PersonRow{}
	values := map[rivage.ID]map[string][]string{}
	for _, x := range []*Card{a, b} {
		p, err := s.Person(t.Context(), all, x.Person)
		report(t, err)
		before[x.Person], values[x.Person] = p, valuesOf(t, s, x.Person)
	}
	moved := []rivage.ID{call.Subject, b.Subject, c.Subject}
	must(t, s, b.Into(a, moved...))
	for _, id := range []rivage.ID{a.Person, b.Person, c.Person} {
		p, err := s.Person(t.Context(), all, id)
		if err != nil || p.ID != a.Person || len(p.Subjects) != 4 || p.Card != a.Subject || !slices.Equal(p.Merged, []rivage.Merge{{Person: b.Person, At: rivage.At(Start)}}) {
			t.Errorf("after the merge %s is %+v (%v)", id, p, err)
		}
	}
	if got := valuesOf(t, s, a.Person)["name"]; !slices.Equal(got, []string{"A.", "Anna", "Ana"}) {
		t.Errorf("names %q, want all three, the last written first", got)
	}
	list, err := s.Interactions(t.Context(), store.InteractionFilter{Principals: all, Person: a.Person})
	if err != nil || len(list) != 1 || list[0].Person != b.Person {
		t.Errorf("interactions of the merged person: %+v (%v)", list, err)
	}
	again := NewCall("messagerie", "colis", "anne", "+33687654321", Start.Add(time.Hour))
	again.Person, again.Subject, again.Known = call.Person, call.Subject, true
	must(t, s, again.Opened()) // looked up before the merge, opened after it
	subjects, err := s.Merged(t.Context(), b.Person, a.Person)
	slices.Sort(subjects)
	slices.Sort(moved)
	if err != nil || !slices.Equal(subjects, moved) {
		t.Errorf("the merge moved %v (%v), want %v", subjects, err, moved)
	}
	if _, err := s.Merged(t.Context(), c.Person, a.Person); rivage.CodeOf(err) != rivage.Conflict {
		t.Errorf("the inner merge can be undone first: %v", err)
	}
	sound(t, s)
	must(t, s, b.Apart(a, subjects...))
	for id, want := range before {
		p, err := s.Person(t.Context(), all, id)
		if err != nil || !reflect.DeepEqual(p, want) || !reflect.DeepEqual(valuesOf(t, s, id), values[id]) {
			t.Errorf("after the undo:\ngot  %+v (%v) %v\nwant %+v %v", p, err, valuesOf(t, s, id), want, values[id])
		}
	}
	if list, err = s.Interactions(t.Context(), store.InteractionFilter{Principals: all, Person: b.Person}); err != nil || len(list) != 2 {
		t.Errorf("%d interactions went back (%v), want both", len(list), err)
	}
	sound(t, s)
}

// testNoMerge: what would move more than a merge may.
func testNoMerge(t *testing.T, e Engine) {
	s := fresh(t, e)
	a, b, c, m := NewCard("messagerie"), NewCard("messagerie"), NewCard("messagerie"), NewCard("mutuelle")
	for _, x := range []*Card{a, b, c, m} {
		must(t, s, x.Made("name", "Ana"))
	}
	refused(t, s, m.Into(a, m.Subject), rivage.Invalid) // another Principal's (promise 8)
	refused(t, s, a.Into(a, a.Subject), rivage.Invalid)
	refused(t, s, b.Into(a), rivage.Invalid)
	refused(t, s, b.Into(a, c.Subject), rivage.Conflict)
	refused(t, s, b.Apart(a, b.Subject), rivage.Conflict)
	must(t, s, b.Into(a, b.Subject))
	refused(t, s, b.Into(c, b.Subject), rivage.Conflict)
	refused(t, s, c.Into(b, c.Subject), rivage.Conflict)
	refused(t, s, b.Kept("name", "merged"), rivage.Conflict)
	refused(t, s, b.Apart(a, a.Subject), rivage.Conflict)
	must(t, s, a.Into(c, a.Subject, b.Subject))
	refused(t, s, b.Apart(a, b.Subject), rivage.Conflict) // the outer one first
	must(t, s, a.Apart(c, a.Subject, b.Subject))
	must(t, s, b.Apart(a, b.Subject))
	must(t, s, b.Into(a, b.Subject))
	must(t, s, a.Erased(a.Subject, b.Subject))
	refused(t, s, b.Apart(a, b.Subject), rivage.Conflict)
	refused(t, s, c.Into(a, c.Subject), rivage.Conflict)
	sound(t, s)
}

// testSharedNumber: a call is opened for the one person whose card has its number, or had a call from it; for none when
// several do, because an agent picks.
func testSharedNumber(t *testing.T, e Engine) {
	s := fresh(t, e)
	const number = "+33612345678"
	caller := func() (store.Match, error) {
		return s.Caller(t.Context(), "messagerie", "tel", []byte(Blind("messagerie", "tel", number)))
	}
	call := NewCall("messagerie", "colis", "anne", number, Start)
	must(t, s, call.Opened())
	if m, err := caller(); err != nil || m.Person != call.Person || m.Subject != call.Subject {
		t.Errorf("without cards: %+v (%v)", m, err)
	}
	a, b := NewCard("messagerie"), NewCard("messagerie")
	must(t, s, a.Made("name", "Ana", "phones", number))
	if m, err := caller(); err != nil || m.Person != a.Person || m.Subject != a.Subject {
		t.Errorf("one card has the number: %+v (%v)", m, err)
	}
	for range 120 { // a switchboard: whoever calls from it has no card
		must(t, s, NewCall("messagerie", "colis", "anne", number, Start).Opened())
	}
	if m, err := caller(); err != nil || m.Person != a.Person {
		t.Errorf("one card has the number, and many calls came from it: %+v (%v)", m, err)
	}
	must(t, s, b.Made("name", "Bea", "phones", number))
	if m, err := caller(); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("two cards have the number, and %+v is chosen (%v)", m, err)
	}
	must(t, s, b.Into(a, b.Subject))
	if m, err := caller(); err != nil || m.Person != b.Person || m.Subject != b.Subject || !slices.Equal(m.Others, []rivage.ID{a.Person}) {
		t.Errorf("after the merge: %+v (%v), want the newest subject with the person it was made for, and the other", m, err)
	}
	sound(t, s)
}

// testOrganisations: one is found by its SIREN within its Principal; persons join and leave.
func testOrganisations(t *testing.T, e Engine) {
	s := fresh(t, e)
	c, id, subject := NewCard("messagerie"), newID(), newID()
	must(t, s, c.Made("name", "Ana"))
	refused(t, s, c.Joins(id), rivage.Conflict)
	must(t, s, OrganisationKept("messagerie", id, subject, true, "Client", "356000000"))
	refused(t, s, OrganisationKept("messagerie", id, subject, true, "Client", "356000000"), rivage.Conflict)
	must(t, s, OrganisationKept("messagerie", id, subject, false, "Client SA", "732829320"))
	for siren, want := range map[string]rivage.Code{"356000000": rivage.NotFound, "732829320": ""} {
		o, err := s.OrganisationByIndex(t.Context(), "messagerie", "siren", []byte(Blind("messagerie", "siren", siren)))
		if rivage.CodeOf(err) != want || want == "" && (o.ID != id || !bytes.HasSuffix(o.Name, []byte("Client SA"))) {
			t.Errorf("SIREN %s: %+v, %v", siren, o, err)
		}
	}
	if _, err := s.Organisation(t.Context(), []rivage.ID{"mutuelle"}, id); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("another Principal reads it: %v", err)
	}
	m := NewCard("mutuelle")
	must(t, s, m.Made("name", "Ana"))
	refused(t, s, m.Joins(id), rivage.Invalid)
	must(t, s, c.Joins(id))
	p, err := s.Person(t.Context(), all, c.Person)
	if err != nil || p.Organisation != id {
		t.Errorf("person %+v (%v)", p, err)
	}
	must(t, s, c.Leaves(id))
	if p, err = s.Person(t.Context(), all, c.Person); err != nil || p.Organisation != "" {
		t.Errorf("person %+v (%v), want none", p, err)
	}
	sound(t, s)
}

// testMembership: what nobody else belongs to ends with a person, those merged into it counted with it; what somebody joined
// meanwhile stays.
func testMembership(t *testing.T, e Engine) {
	s := fresh(t, e)
	a, b, c := NewCard("messagerie"), NewCard("messagerie"), NewCard("messagerie")
	for _, x := range []*Card{a, b, c} {
		must(t, s, x.Made("name", "Ana"))
	}
	first, second, subject1, subject2 := newID(), newID(), newID(), newID()
	must(t, s, OrganisationKept("messagerie", first, subject1, true, "Un", "356000000"))
	must(t, s, OrganisationKept("messagerie", second, subject2, true, "Deux", "732829320"))
	// membership says which organisations end with a person, who of those merged into it belongs to one, and its own.
	membership := func(why string, x *Card, own rivage.ID, others []rivage.ID, sole ...rivage.ID) {
		t.Helper()
		m, err := s.Membership(t.Context(), x.Person)
		var ids []rivage.ID
		for _, o := range m.Sole {
			ids = append(ids, o.ID)
		}
		slices.Sort(ids)
		slices.Sort(sole)
		if err != nil || m.Own != own || !slices.Equal(m.Others, others) || !slices.Equal(ids, sole) {
			t.Errorf("%s: %+v (%v), want %s, %v, %v", why, m, err, own, others, sole)
		}
	}
	membership("of none", a, "", nil)
	must(t, s, a.Joins(first))
	membership("alone", a, first, nil, first)
	must(t, s, c.Joins(first))
	membership("with another", a, "", nil)
	must(t, s, b.Joins(second))
	must(t, s, b.Into(a, b.Subject))
	membership("merged, the one with another", a, "", []rivage.ID{b.Person}, second)
	must(t, s, a.Into(c, a.Subject, b.Subject))
	membership("all in one", c, "", []rivage.ID{a.Person, b.Person}, first, second)
	refused(t, s, OrganisationErased("messagerie", second, subject2), rivage.Conflict) // somebody merged belongs to it
	must(t, s, c.Leaves(first, a.Person, b.Person))
	if p, err := s.Person(t.Context(), all, a.Person); err != nil || p.ID != c.Person || p.Organisation != "" {
		t.Errorf("after they left: %+v (%v)", p, err)
	}
	must(t, s, c.Joins(second)) // since somebody looked who leaves it
	refused(t, s, OrganisationErased("messagerie", second, subject2), rivage.Conflict)
	refused(t, s, OrganisationErased("messagerie", first, subject2), rivage.Conflict)
	unsaid := OrganisationErased("messagerie", first, subject1)
	unsaid.Erase = nil
	refused(t, s, unsaid, rivage.Invalid)
	must(t, s, OrganisationErased("messagerie", first, subject1))
	if _, err := s.Organisation(t.Context(), all, first); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("the organisation is there: %v", err)
	}
	if _, err := s.SubjectKey(t.Context(), subject1); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("its key is there: %v", err)
	}
	refused(t, s, c.Joins(first), rivage.Conflict)
	must(t, s, OrganisationKept("messagerie", newID(), newID(), true, "Un", "356000000"))
	sound(t, s)
}
