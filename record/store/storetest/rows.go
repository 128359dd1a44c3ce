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

// row reads an interaction, and wants memory and database to say the same.
func row(t testing.TB, s *store.Store, id rivage.ID) rivage.InteractionRow {
	t.Helper()
	r, err := s.Interaction(t.Context(), all, id)
	if err != nil {
		t.Fatal(err)
	}
	same(t, s, id)
	return r
}

// same wants memory and database to say the same of an interaction and its recordings.
func same(t testing.TB, s *store.Store, id rivage.ID) {
	t.Helper()
	got, err := s.Interaction(t.Context(), all, id)
	report(t, err)
	want, err := s.Reader.Interaction(t.Context(), all, id)
	if report(t, err); !reflect.DeepEqual(got, want) {
		t.Errorf("interaction from memory: %+v; from the database: %+v", got, want)
	}
	objects, err := s.Objects(t.Context(), all, id)
	report(t, err)
	kept, err := s.Reader.Objects(t.Context(), all, id)
	if report(t, err); !reflect.DeepEqual(objects, kept) {
		t.Errorf("recordings from memory: %+v; from the database: %+v", objects, kept)
	}
}

// testFresh: rows read from memory are those of the database, whoever wrote last.
func testFresh(t *testing.T, e Engine) {
	connect := e.Fresh(t)
	s, other := open(t, connect), open(t, connect)
	c, d := NewCall("messagerie", "colis", "anne", "+33612345678", Start), NewCall("mutuelle", "sante", "anne", "", Start)
	agrees := func(id rivage.ID) {
		t.Helper()
		same(t, s, id)
		got, err := s.Agent(t.Context(), "anne")
		report(t, err)
		want, err := s.Reader.Agent(t.Context(), "anne")
		if report(t, err); got != want {
			t.Errorf("agent from memory: %+v; from the database: %+v", got, want)
		}
	}
	for _, a := range []rivage.SealedAppend{c.Opened(), c.Waits(""), c.Offered(), c.Answered(1e6), c.Records()} {
		must(t, s, a)
	}
	agrees(c.ID)
	first := c.Object
	must(t, s, c.Recorded("complete"))
	must(t, s, c.Records())
	agrees(c.ID)
	if list, err := s.Objects(t.Context(), all, c.ID); err != nil || len(list) != 2 || list[0].ID != first {
		t.Errorf("recordings %v (%v), want two, the first one first", list, err)
	}
	if _, err := s.Interaction(t.Context(), []rivage.ID{"mutuelle"}, c.ID); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("the interaction of another Principal: %v, want NotFound", err)
	}
	if list, err := s.Objects(t.Context(), []rivage.ID{"mutuelle"}, c.ID); err != nil || len(list) > 0 {
		t.Errorf("recordings of another Principal: %v (%v), want none", list, err)
	}
	must(t, other, c.Recorded("complete")) // as another process
	must(t, s, d.Opened())
	agrees(c.ID)
	agrees(d.ID)
	must(t, s, c.Erased())
	agrees(c.ID)
	if r := row(t, s, c.ID); r.Caller != nil {
		t.Error("an erased caller is still in memory")
	}
}

// testLife follows one interaction through every state of a conversation.
func testLife(t *testing.T, e Engine) {
	s := fresh(t, e)
	c := NewCall("messagerie", "colis", "anne", "+33612345678", Start)
	second := rivage.NewID()
	for _, x := range []struct {
		add   rivage.SealedAppend
		state rivage.InteractionState
		want  func(r rivage.InteractionRow) bool
	}{
		{c.Opened(), rivage.InFlow, func(r rivage.InteractionRow) bool {
			return r.Person == c.Person && r.Subject == c.Subject && r.Principal == "messagerie" && r.Class == rivage.ClassTracking &&
				r.OpenedAt == rivage.At(Start) && r.FirstSeq == 0 && bytes.HasSuffix(r.Caller, []byte("+33612345678"))
		}},
		{c.Played(), rivage.InFlow, func(r rivage.InteractionRow) bool { return r.LastSeq == 1 }},
		{c.Waits(""), rivage.Queued, func(r rivage.InteractionRow) bool {
			return r.Queue == "colis" && r.QueuedAt == c.queued && r.Priority == 1 && r.Rank == rivage.RankOf(c.queued, 1, 30e6)
		}},
		{c.Offered(), rivage.Offered, func(r rivage.InteractionRow) bool {
			return r.Agent == "anne" && r.Offer == c.offer && r.AgentLeg == c.leg && r.Place == Brest && r.Deadline > r.OfferedAt
		}},
		{c.Accepted(), rivage.Offered, func(r rivage.InteractionRow) bool { return r.AcceptedAt != 0 && r.ToldAt == 0 }},
		{c.Told(), rivage.Offered, func(r rivage.InteractionRow) bool { return r.ToldAt != 0 && r.Sentence == "en-france" }},
		{c.Append(&rivage.OfferEnded{Interaction: c.ID, Offer: c.offer, Agent: "anne", Outcome: "failed"}), rivage.Offered,
			func(r rivage.InteractionRow) bool { return r.AcceptedAt == 0 && r.Deadline == 0 && r.AgentLeg == "" }},
		{c.Waits("lost"), rivage.Queued, func(r rivage.InteractionRow) bool { return r.QueuedAt == c.queued && r.ToldAt != 0 }},
		{c.Offered(), rivage.Offered, func(r rivage.InteractionRow) bool { return r.ToldAt == 0 }},
		{c.Told(), rivage.Offered, func(r rivage.InteractionRow) bool { return r.ToldAt != 0 }},
		{c.Answered(12e6), rivage.Connected, func(r rivage.InteractionRow) bool {
			return r.Wait == 12e6 && r.Extra == 200_000 && r.AnsweredAt != 0 && r.Deadline == 0
		}},
		{c.Append(&rivage.InteractionHeld{Interaction: c.ID, Agent: "anne"}), rivage.Held,
			func(r rivage.InteractionRow) bool { return r.HeldAt != 0 }},
		{c.Append(&rivage.InteractionResumed{Interaction: c.ID, Agent: "anne", Held: 3e6}), rivage.Connected,
			func(r rivage.InteractionRow) bool { return r.HeldAt == 0 && r.Hold == 3e6 }},
		{c.Append(&rivage.InteractionParked{Interaction: c.ID, Agent: "anne", Reason: "ice", Deadline: 77}), rivage.Parked,
			func(r rivage.InteractionRow) bool { return r.Deadline == 77 && r.AgentLeg == "" && r.Reason == "ice" }},
		{c.Append(&rivage.InteractionRejoined{Interaction: c.ID, Agent: "anne", Leg: second}), rivage.Connected,
			func(r rivage.InteractionRow) bool { return r.Deadline == 0 && r.AgentLeg == second && r.Reason == "" }},
		{c.Append(&rivage.LegMeasured{Interaction: c.ID, Leg: second, In: 5}), rivage.Connected,
			func(r rivage.InteractionRow) bool { return true }},
		{c.Ended(), rivage.WrapUp, func(r rivage.InteractionRow) bool {
			return r.Talk == 60e6 && r.Hold == 5e6 && r.By == "caller" && r.Reason == "bye" && r.EndedAt != 0 && r.Deadline != 0
		}},
		{c.Append(&rivage.WrapUpExtended{Interaction: c.ID, Agent: "anne", Deadline: 99}), rivage.WrapUp,
			func(r rivage.InteractionRow) bool { return r.Extended && r.Deadline == 99 }},
		{c.Closed("rappeler jeudi"), rivage.Closed, func(r rivage.InteractionRow) bool {
			return r.Disposition == "resolu" && r.Wrap == 20e6 && r.ClosedAt != 0 && bytes.HasSuffix(r.Note, []byte("rappeler jeudi"))
		}},
	} {
		must(t, s, x.add)
		if r := row(t, s, c.ID); r.State != x.state || !x.want(r) {
			t.Errorf("after %s: state %s, want %s; row %+v", kindsOf(x.add), r.State, x.state, r)
		}
	}
	sound(t, s)
}

// testExits: the ways out without a conversation, and what remains owed.
func testExits(t *testing.T, e Engine) {
	s := fresh(t, e)
	late := Start.Add(-30 * time.Second)
	for _, x := range []struct {
		name  string
		facts func(c *Call) rivage.Facts
		state rivage.InteractionState
		open  bool
	}{
		{"abandoned", func(c *Call) rivage.Facts {
			return &rivage.InteractionAbandoned{Interaction: c.ID, Queue: "colis", Wait: 4e6, During: "queue", Cause: "bye"}
		}, rivage.Abandoned, false},
		{"deflected", func(c *Call) rivage.Facts { return &rivage.InteractionDeflected{Interaction: c.ID, Reason: "bye"} }, rivage.Deflected, false},
		{"failed", func(c *Call) rivage.Facts { return &rivage.InteractionFailed{Interaction: c.ID, Reason: "bye"} }, rivage.Failed, false},
		{"owed", func(c *Call) rivage.Facts {
			return &rivage.CallbackPromised{Interaction: c.ID, Queue: "colis", Rank: 42, Reason: "bye"}
		}, rivage.CallbackOwed, true},
	} {
		c := NewCall("messagerie", "colis", "anne", "+33612345678", Start)
		must(t, s, c.Opened())
		must(t, s, c.Waits(""))
		a := c.Append(x.facts(c))
		a.Entries[0].Late = late
		must(t, s, a)
		r := row(t, s, c.ID)
		if r.State != x.state || r.Reason != "bye" || r.EndedAt != rivage.At(late) || (r.ClosedAt == 0) != x.open {
			t.Errorf("%s: %+v; want state %s, and the time it really happened", x.name, r, x.state)
		}
		open, err := s.OpenInteractions(t.Context(), all)
		if report(t, err); (len(open) == 1 && open[0].ID == c.ID) != x.open {
			t.Errorf("%s: open interactions %v, want it there: %t", x.name, open, x.open)
		}
		if !x.open {
			continue
		}
		owed, err := s.Callbacks(t.Context(), []rivage.ID{"messagerie"})
		if report(t, err); len(owed) != 1 || owed[0].Rank != 42 {
			t.Errorf("callbacks %v, want one at rank 42", owed)
		}
		again := rivage.NewID()
		must(t, s, c.Append(&rivage.CallbackClosed{Interaction: c.ID, Outcome: "returned", Return: again}))
		if r := row(t, s, c.ID); r.State != rivage.Closed || r.Returned != again || r.Reason != "returned" || r.ClosedAt == 0 {
			t.Errorf("callback closed: %+v", r)
		}
		if owed, err = s.Callbacks(t.Context(), all); len(owed) != 0 || err != nil {
			t.Errorf("callbacks %v (%v), want none", owed, err)
		}
	}
	sound(t, s)
}

// testAgents: an agent's row is its last entry.
func testAgents(t *testing.T, e Engine) {
	s := fresh(t, e)
	want := rivage.AgentRow{
		Agent: "anne", State: rivage.AgentPaused, Reason: "pause", Since: 5, Interaction: "i", Offer: "o", Deadline: 6,
		Session: "s", Device: "sip", Place: Brest, IdleSince: 7,
	}
	for _, state := range []rivage.AgentState{rivage.AgentReady, rivage.AgentPaused} {
		must(t, s, rivage.SealedAppend{Entries: []rivage.SealedEntry{Entry("agent/anne", rivage.Organisation, Start, &rivage.AgentStateSet{
			Agent: "anne", State: state, Reason: "pause", Since: 5, Interaction: "i", Offer: "o", Deadline: 6, IdleSince: 7,
			Session: "s", Device: "sip", Place: Brest,
		})}})
	}
	got, err := s.Agents(t.Context())
	if err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("got %+v (%v), want %+v", got, err, want)
	}
	one, err := s.Agent(t.Context(), "anne")
	if err != nil || one != want {
		t.Errorf("got %+v (%v), want %+v", one, err, want)
	}
	if _, err := s.Agent(t.Context(), "nobody"); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("unknown agent: %v", err)
	}
	sound(t, s)
}

// testContradictions: the last of each account stays until somebody takes note, and says how many there were.
func testContradictions(t *testing.T, e Engine) {
	s := fresh(t, e)
	say := func(account rivage.ID, f rivage.Facts) {
		t.Helper()
		must(t, s, rivage.SealedAppend{Entries: []rivage.SealedEntry{Entry(rivage.StreamOf("access", account), rivage.Organisation, Start, f)}})
	}
	open := func(want ...rivage.ContradictionRow) {
		t.Helper()
		got, err := s.Contradictions(t.Context())
		for i := range got {
			got[i].Seq = 0
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("got %+v (%v), want %+v", got, err, want)
		}
	}
	anne := rivage.ContradictionRow{Account: "anne", Session: "s-2", Site: "brest", Seen: "TG", At: rivage.At(Start), Count: 2}
	bob := rivage.ContradictionRow{Account: "bob", Session: "s-3", Site: "brest", Lost: rivage.ByCertificate, At: rivage.At(Start), Count: 1}
	say("anne", &rivage.PlaceContradicted{Account: "anne", Session: "s-1", Stated: Brest, Lost: rivage.ByNetwork})
	say("anne", &rivage.PlaceContradicted{Account: "anne", Session: "s-2", Stated: Brest, Found: rivage.Place{Seen: "TG"}})
	say("bob", &rivage.PlaceContradicted{Account: "bob", Session: "s-3", Stated: Brest, Lost: rivage.ByCertificate})
	open(anne, bob)
	say("anne", &rivage.ContradictionSeen{Account: "anne", By: "dina"})
	open(bob)
	if got, err := s.Contradiction(t.Context(), "anne"); err != nil || got.SeenAt != rivage.At(Start) {
		t.Errorf("got %+v (%v), want one that was noted", got, err)
	}
	say("anne", &rivage.PlaceContradicted{Account: "anne", Session: "s-2", Stated: Brest, Found: rivage.Place{Seen: "TG"}})
	anne.Count = 1
	open(anne, bob)
	if _, err := s.Contradiction(t.Context(), "nobody"); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("of nobody: %v", err)
	}
	sound(t, s)
}

// testUnusual: the last of each account and sort stays until somebody takes note, and says how many there were.
func testUnusual(t *testing.T, e Engine) {
	s := fresh(t, e)
	say := func(f rivage.Facts) {
		t.Helper()
		must(t, s, rivage.SealedAppend{Entries: []rivage.SealedEntry{Entry("access/anne", rivage.Organisation, Start, f)}})
	}
	open := func(want ...rivage.UnusualRow) {
		t.Helper()
		got, err := s.Unusuals(t.Context())
		for i := range got {
			got[i].Seq = 0
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("got %+v (%v), want %+v", got, err, want)
		}
	}
	hours := rivage.UnusualRow{Account: "anne", What: rivage.UnusualHours, Site: "brest", At: rivage.At(Start), Count: 1}
	persons := rivage.UnusualRow{Account: "anne", What: rivage.UnusualPersons, Persons: 120, Stopped: true, At: rivage.At(Start), Count: 2}
	say(&rivage.AccessUnusual{Account: "anne", What: rivage.UnusualHours, Place: Brest})
	say(&rivage.AccessUnusual{Account: "anne", What: rivage.UnusualPersons, Persons: 120, Stopped: true})
	say(&rivage.AccessUnusual{Account: "anne", What: rivage.UnusualPersons, Persons: 31})
	open(hours, persons)
	say(&rivage.UnusualSeen{Account: "anne", What: rivage.UnusualPersons, By: "dina"})
	open(hours)
	if got, err := s.Unusual(t.Context(), "anne", rivage.UnusualPersons); err != nil || got.SeenAt != rivage.At(Start) {
		t.Errorf("got %+v (%v), want one that was noted", got, err)
	}
	say(&rivage.AccessUnusual{Account: "anne", What: rivage.UnusualPersons, Persons: 30})
	persons.Persons, persons.Stopped, persons.Count = 30, false, 1
	open(hours, persons)
	if _, err := s.Unusual(t.Context(), "nobody", rivage.UnusualHours); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("of nobody: %v", err)
	}
	sound(t, s)
}

// testSettings: rows, and an account's sealed name and login through its versions.
func testSettings(t *testing.T, e Engine) {
	s := fresh(t, e)
	subject := rivage.NewID()
	for _, a := range []rivage.SealedAppend{
		Set(rivage.TypePrincipal, "messagerie", rivage.Organisation, 1, Start, rivage.Principal{ID: "messagerie", Name: "Messagerie du Ponant"}),
		Set(rivage.TypeCompany, "ponant", rivage.Organisation, 1, Start, rivage.Company{ID: "ponant", Country: "FR"}),
		Set(rivage.TypeSite, "brest", rivage.Organisation, 1, Start, rivage.Site{ID: "brest", Company: "ponant", Country: "FR"}),
		SetQueue("colis", "messagerie", 20, Start),
		Set(rivage.TypeFlow, "accueil", "messagerie", 7, Start, rivage.Flow{ID: "accueil", Principal: "messagerie"}),
		Set(rivage.TypeNumber, "n1", "messagerie", 1, Start, rivage.Number{ID: "n1", Principal: "messagerie", Number: "+33298000000", Flow: "accueil"}),
		Set(rivage.TypeTrunk, "trunk", rivage.Organisation, 1, Start, rivage.Trunk{ID: "trunk"}),
		Set(rivage.TypeRules, "messagerie", "messagerie", 1, Start, rivage.RuleSet{ID: "messagerie", Principal: "messagerie", Text: "# rien"}),
		Set(rivage.TypePrompt, "bonjour", "messagerie", 1, Start, rivage.Prompt{ID: "bonjour"}),
		SetAccount("anne", subject, "anne@ponant.example", 1, Start),
	} {
		must(t, s, a)
	}
	rows, err := s.SettingRows(t.Context())
	if err != nil || len(rows) != 10 {
		t.Fatalf("%d rows, error %v, want one of each setting", len(rows), err)
	}
	if r := rows[6]; r.Type != rivage.TypeQueue || r.ID != "colis" || !bytes.Contains(r.Doc, []byte(`Suivi \u003ccolis\u003e \u0026 retours`)) {
		t.Errorf("queue %+v", r)
	}
	account := func() rivage.SettingRow {
		r, err := s.Setting(t.Context(), rivage.TypeAccount, "anne")
		report(t, err)
		return r
	}
	if r := account(); r.Subject != subject || !bytes.HasSuffix(r.Login, []byte("anne@ponant.example")) || r.Name == nil || r.Version != 1 {
		t.Errorf("account %+v", r)
	}
	must(t, s, SetAccount("anne", subject, "", 2, Start)) // the name is not given again, and stays
	if r := account(); !bytes.HasSuffix(r.Login, []byte("anne@ponant.example")) || r.Version != 2 || r.Seq != 10 {
		t.Errorf("account of version 2: %+v", r)
	}
	must(t, s, SetAccount("anne", subject, "a.legoff@ponant.example", 3, Start))
	for login, want := range map[string]rivage.Code{"anne@ponant.example": rivage.NotFound, "a.legoff@ponant.example": ""} {
		m, err := s.SubjectByIndex(t.Context(), rivage.Organisation, "login", []byte(Blind(rivage.Organisation, "login", login)))
		if rivage.CodeOf(err) != want || want == "" && m.Subject != subject {
			t.Errorf("log-in %s: %+v, error %v, want code %q", login, m, err, want)
		}
	}
	if r, err := s.SettingBySubject(t.Context(), subject); err != nil || r.ID != "anne" {
		t.Errorf("by subject: %+v, %v", r, err)
	}
	must(t, s, Remove(rivage.TypeAccount, "anne", rivage.Organisation, Start))
	_, err = s.SubjectByIndex(t.Context(), rivage.Organisation, "login", []byte(Blind(rivage.Organisation, "login", "a.legoff@ponant.example")))
	if rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("a removed account is still found by its login: %v", err)
	}
	if _, err := s.Setting(t.Context(), rivage.TypeAccount, "anne"); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("a removed account is still there: %v", err)
	}
	refused(t, s, Remove(rivage.TypeAccount, "anne", rivage.Organisation, Start), rivage.Invalid)
	sound(t, s)
}

// testPeople: a blind index finds the newest subject.
func testPeople(t *testing.T, e Engine) {
	s := fresh(t, e)
	const number = "+33612345678"
	bidx := []byte(Blind("messagerie", "tel", number))
	if _, err := s.SubjectByIndex(t.Context(), "messagerie", "tel", bidx); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("nobody called yet: %v", err)
	}
	first := NewCall("messagerie", "colis", "anne", number, Start)
	second := NewCall("messagerie", "colis", "anne", number, Start.Add(time.Minute))
	third := NewCall("messagerie", "colis", "anne", number, Start.Add(time.Hour))
	third.Person, third.Subject, third.Known = second.Person, second.Subject, true
	for _, c := range []*Call{first, second, third} {
		must(t, s, c.Opened())
	}
	m, err := s.SubjectByIndex(t.Context(), "messagerie", "tel", bidx)
	if err != nil || m.Subject != second.Subject || m.Person != second.Person {
		t.Errorf("got %+v (%v), want the second person", m, err)
	}
	people, more, err := s.FindPersons(t.Context(), store.PersonQuery{Principal: "messagerie", Kind: "tel", Under: [][]byte{bidx}})
	want := []rivage.PersonRow{
		{ID: second.Person, Principal: "messagerie", CreatedAt: rivage.At(Start.Add(time.Minute)), Subjects: []rivage.ID{second.Subject}},
		{ID: first.Person, Principal: "messagerie", CreatedAt: rivage.At(Start), Subjects: []rivage.ID{first.Subject}},
	}
	if err != nil || more || !reflect.DeepEqual(people, want) {
		t.Errorf("got %+v, more %v (%v), want %+v", people, more, err, want)
	}
	list, err := s.Interactions(t.Context(), store.InteractionFilter{Principals: all, Person: second.Person})
	if err != nil || len(list) != 2 {
		t.Errorf("%d interactions of the second person (%v), want 2", len(list), err)
	}
	sound(t, s)
}
