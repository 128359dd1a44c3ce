// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/record/store"
)

func blobOf(content string) rivage.Blob {
	return rivage.Blob{Hash: sha256.Sum256([]byte(content)), Content: []byte(content)}
}

// day is a day of a small floor: every kind of entry at least once, the calls interleaved.
type day struct {
	calls   []*Call
	account rivage.ID // subject of an account
	cards   []*Card   // two persons, merged
	company rivage.ID // subject of a customer organisation
	appends []rivage.SealedAppend
}

func newDay(seed uint64) *day {
	d := &day{account: rivage.NewID()}
	d.appends = []rivage.SealedAppend{
		SetQueue("colis", "messagerie", 20, Start), SetQueue("sante", "mutuelle", 20, Start),
		SetAccount("anne", d.account, "anne@ponant.example", 1, Start),
		SetAccount("anne", d.account, "anne.b@ponant.example", 2, Start),
		Set(rivage.TypeSite, "lome", rivage.Organisation, 1, Start, rivage.Site{ID: "lome"}),
		Remove(rivage.TypeSite, "lome", rivage.Organisation, Start),
	}
	random := rand.New(rand.NewPCG(seed, 1))
	var scripts [][]rivage.SealedAppend
	for i := range 12 {
		principal, queue := rivage.ID("messagerie"), rivage.ID("colis")
		if i%3 == 0 {
			principal, queue = "mutuelle", "sante"
		}
		c := NewCall(principal, queue, rivage.ID(fmt.Sprint("agent", i)), fmt.Sprintf("+336%08d", i%8), Start.Add(time.Duration(i)*time.Second))
		d.calls = append(d.calls, c)
		scripts = append(scripts, script(c, i))
	}
	for len(scripts) > 0 {
		i := random.IntN(len(scripts))
		d.appends = append(d.appends, scripts[i][0])
		if scripts[i] = scripts[i][1:]; len(scripts[i]) == 0 {
			scripts = append(scripts[:i], scripts[i+1:]...)
		}
	}
	d.appends = append(d.appends, asides(d.calls[0])...)
	d.people()
	return d
}

// people are two cards that are merged, taken apart and merged again, a customer organisation, and one that nobody is left in.
func (d *day) people() {
	a, b, caller := NewCard("messagerie"), NewCard("messagerie"), d.calls[1]
	c := &Card{Principal: "messagerie", Person: caller.Person, Subject: newID()}
	d.cards, d.company = []*Card{a, b, c}, newID()
	organisation, brief, subject := newID(), newID(), newID()
	d.appends = append(d.appends,
		a.Made("name", "Ana", "phones", "+33612345678", "email", "ana@client.example"), b.Made("name", "Anna", "phones", "+33687654321"),
		c.First("name", "Bea"), a.Kept("phones", "+33611111111"), a.Cleared("email"),
		b.Into(a, b.Subject), b.Apart(a, b.Subject), b.Into(a, b.Subject), a.Over("name", "Ana B."),
		OrganisationKept("messagerie", organisation, d.company, true, "Client SA", "356000000"),
		OrganisationKept("messagerie", organisation, d.company, false, "Client SAS", "356000000"),
		a.Joins(organisation), a.Leaves(organisation), a.Joins(organisation),
		OrganisationKept("messagerie", brief, subject, true, "Client EI", "732829320"),
		a.Joins(brief), a.Joins(organisation), OrganisationErased("messagerie", brief, subject),
	)
}

// script is one call's way, by number.
func script(c *Call, i int) []rivage.SealedAppend {
	switch i % 6 {
	case 0:
		return c.Whole(int64(i) * 5e6)
	case 1:
		return append(c.Whole(int64(i)*5e6), c.Expired())
	case 2:
		return []rivage.SealedAppend{c.Opened(), c.Waits(""), c.Append(&rivage.InteractionAbandoned{
			Interaction: c.ID, Queue: c.Queue, Wait: 3e6, During: "queue"})}
	case 3:
		return []rivage.SealedAppend{c.Opened(), c.Append(&rivage.InteractionDeflected{Interaction: c.ID, Reason: "full"})}
	case 4:
		return []rivage.SealedAppend{
			c.Opened(), c.Waits(""), c.Offered(), c.Answered(5e6), c.Records(),
			c.Append(&rivage.RecordingOpposed{Interaction: c.ID, Object: c.Object}), c.Recorded("destroyed"),
			c.Append(&rivage.InteractionHeld{Interaction: c.ID, Agent: c.Agent}),
			c.Append(&rivage.InteractionResumed{Interaction: c.ID, Agent: c.Agent, Held: 1e6}),
			c.Append(&rivage.InteractionParked{Interaction: c.ID, Agent: c.Agent, Reason: "ice", Deadline: 1}),
			c.Append(&rivage.InteractionRejoined{Interaction: c.ID, Agent: c.Agent, Leg: rivage.NewID()}),
			c.Append(&rivage.LegMeasured{Interaction: c.ID, Leg: rivage.NewID(), In: 1}),
			c.Ended(), c.Append(&rivage.WrapUpExtended{Interaction: c.ID, Agent: c.Agent, Deadline: 2}), c.Closed("note"),
		}
	}
	list := []rivage.SealedAppend{
		c.Opened(), c.Waits(""), c.Append(&rivage.AreaChosen{Interaction: c.ID, Queue: "colis", Area: rivage.AreaFrance}), c.Offered(), c.Append(&rivage.OfferEnded{Interaction: c.ID, Offer: c.offer, Agent: c.Agent, Outcome: "declined"}),
		c.Waits("declined"), c.Append(&rivage.CallbackPromised{Interaction: c.ID, Queue: c.Queue, Rank: 3, Reason: "crash"}),
	}
	if i%12 == 5 {
		return append(list, c.Append(&rivage.CallbackClosed{Interaction: c.ID, Outcome: "called", By: c.Agent}))
	}
	return append(list, c.Append(&rivage.InteractionFailed{Interaction: c.ID, Reason: "given up"}))
}

// asides are the kinds that move no row of an interaction.
func asides(c *Call) []rivage.SealedAppend {
	var list []rivage.SealedAppend
	for stream, facts := range map[rivage.Stream][]rivage.Facts{
		"door": {&rivage.DoorRefused{Door: "sip"}, &rivage.EgressRefused{Use: "mail"}, &rivage.ConnectionOpened{}, &rivage.ConnectionMeasured{In: 1}},
		"system": {
			&rivage.Started{Software: "test"}, &rivage.Stopped{Reason: "test"}, &rivage.Restored{Head: 1}, &rivage.LeafRestored{}, &rivage.LeavesDropped{},
			&rivage.Exported{What: "journal"}, &rivage.ExportRefused{What: "journal"},
		},
		"access/anne": {
			&rivage.SignedIn{Account: "anne"}, &rivage.SignedOut{Account: "anne"}, &rivage.SignInRefused{Account: "anne"},
			&rivage.AccountChanged{Account: "anne", What: "password"},
			&rivage.PlaceContradicted{Account: "anne", Session: "s-1", Lost: rivage.ByNetwork, Found: rivage.Place{Seen: "TG"}},
			&rivage.PlaceContradicted{Account: "anne", Session: "s-2"}, &rivage.ContradictionSeen{Account: "anne", By: "dina"},
			&rivage.PlaceContradicted{Account: "anne", Session: "s-3", Found: rivage.Place{Seen: "TG"}},
			&rivage.AccessUnusual{Account: "anne", What: rivage.UnusualHours}, &rivage.UnusualSeen{Account: "anne", What: rivage.UnusualHours, By: "dina"},
			&rivage.AccessUnusual{Account: "anne", What: rivage.UnusualPersons, Persons: 31},
			&rivage.SupportChanged{Account: "anne", Step: "opened"},
			&rivage.FieldShown{Account: "anne", Interaction: c.ID, Field: "caller"},
			&rivage.CardAsked{Account: "anne", Interaction: c.ID, Source: "colis"},
			&rivage.PersonsSearched{Account: "anne", Interaction: c.ID, By: "name"},
			&rivage.RecordingPlayed{Account: "anne", Interaction: c.ID, Object: c.Object},
		},
	} {
		for _, f := range facts {
			list = append(list, rivage.SealedAppend{Entries: []rivage.SealedEntry{Entry(stream, rivage.Organisation, Start, f)}})
		}
	}
	return list
}

// testRebuild: whatever happened, the rows are what the log makes of them; and no kind is left out.
func testRebuild(t *testing.T, e Engine) {
	s := fresh(t, e)
	d := newDay(1)
	seen := map[rivage.Kind]bool{rivage.KindPersonErased: true} // testForgetting
	for _, a := range d.appends {
		must(t, s, a)
		for _, k := range kindsOf(a) {
			seen[k] = true
		}
	}
	for k := range rivage.Kinds() {
		if !seen[k] {
			t.Errorf("no entry of kind %s in the day: its fold is not tried", k)
		}
	}
	sameFromMemory(t, s)
	if r := sound(t, s); r.Rows < 40 || r.Opened == 0 || r.Opened != r.Bodies {
		t.Errorf("check compared too little: %+v", r)
	}
}

// sameFromMemory compares the entries that the writer keeps with those of the database, of every kind.
func sameFromMemory(t testing.TB, s *store.Store) {
	t.Helper()
	kept, err := s.Entries(t.Context(), 0, 1000)
	if err != nil || len(kept) < 100 {
		t.Fatalf("%d entries: %v", len(kept), err)
	}
	err = s.Snapshot(t.Context(), func(r store.Reader) error {
		read, err := r.Entries(t.Context(), 0, 1000)
		for i := range read {
			if i >= len(kept) || !reflect.DeepEqual(kept[i], read[i]) {
				t.Fatalf("entry %d: in memory %+v, in the database %+v", i, kept[i], read[i])
			}
		}
		return err
	})
	if err != nil || len(kept) != int(s.Size()) {
		t.Errorf("%d of %d entries in memory: %v", len(kept), s.Size(), err)
	}
}

// figuresOf is everything a report is made from.
func figuresOf(t testing.TB, s *store.Store) []rivage.QueueFigures {
	t.Helper()
	f, err := s.QueueFigures(t.Context(), all, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// testForgetting: erase every person, rebuild: all rows equal, all figures unchanged, only cells NULL; the tree's old
// root is still the root of its beginning.
func testForgetting(t *testing.T, e Engine) {
	s := fresh(t, e)
	d := newDay(2)
	for _, a := range d.appends {
		must(t, s, a)
	}
	before := map[rivage.ID]rivage.InteractionRow{}
	for _, c := range d.calls {
		before[c.ID] = row(t, s, c.ID)
	}
	figures, start := figuresOf(t, s), sound(t, s)

	for _, c := range d.calls {
		must(t, s, c.Erased())
		if subject, _, err := s.Body(t.Context(), before[c.ID].FirstSeq); rivage.CodeOf(err) != rivage.NotFound {
			t.Errorf("the body of %s is still there: %v", subject, err)
		}
	}
	must(t, s, d.cards[0].Erased(d.cards[0].Subject, d.cards[1].Subject, d.company))
	must(t, s, d.cards[2].Erased(d.cards[2].Subject))
	a := SetAccount("anne", d.account, "", 3, Start)
	a.Erase = []rivage.ID{d.account}
	must(t, s, a)

	r := sound(t, s)
	if want := start.Erased + start.Bodies; r.Bodies != 0 || r.Erased != want {
		t.Errorf("%d bodies are left, %d erased; want none and %d", r.Bodies, r.Erased, want)
	}
	for id, want := range before {
		want.Caller, want.Note = nil, nil
		if got := row(t, s, id); !reflect.DeepEqual(got, want) {
			t.Errorf("interaction after the erasure:\ngot  %+v\nwant %+v", got, want)
		}
	}
	if got := figuresOf(t, s); !reflect.DeepEqual(got, figures) {
		t.Errorf("figures changed:\ngot  %+v\nwant %+v", got, figures)
	}
	forgotten(t, s, d)
}

// forgotten looks for what an erasure must not leave.
func forgotten(t *testing.T, s *store.Store, d *day) {
	for _, c := range d.calls {
		p, err := s.Person(t.Context(), all, c.Person)
		if err != nil || p.ErasedAt == 0 {
			t.Errorf("person %+v (%v), want it marked erased", p, err)
		}
		bidx := []byte(Blind(c.Principal, "tel", c.Number))
		if _, err := s.SubjectByIndex(t.Context(), c.Principal, "tel", bidx); rivage.CodeOf(err) != rivage.NotFound {
			t.Errorf("somebody is still found by number: %v", err)
		}
		objects, err := s.Objects(t.Context(), all, c.ID)
		report(t, err)
		for _, o := range objects {
			if o.State != "erased" {
				t.Errorf("recording of an erased person is %s", o.State)
			}
		}
	}
	for _, c := range d.cards {
		values, err := s.Values(t.Context(), all, c.Person)
		report(t, err)
		for _, v := range values {
			if v.Sealed != nil {
				t.Errorf("value %s of an erased person is still there", v.Field)
			}
		}
	}
	keys, err := s.SubjectKeys(t.Context(), "", 500)
	if err != nil || len(keys) != 0 {
		t.Errorf("%d keys are left (%v)", len(keys), err)
	}
	account, err := s.Setting(t.Context(), rivage.TypeAccount, "anne")
	if err != nil || account.Name != nil || account.Login != nil {
		t.Errorf("account %+v (%v), want no name", account, err)
	}
}

// testErasureRace: an entry for a subject erased meanwhile is refused, also within one batch; the erasure of what
// another append of its batch sealed is complete.
func testErasureRace(t *testing.T, e Engine) {
	db, err := e.Fresh(t)()
	if err != nil {
		t.Fatal(err)
	}
	g := newGate(db)
	s := over(t, g, store.Config{})
	first := NewCall("messagerie", "colis", "anne", "+33612345678", Start)
	again := NewCall("messagerie", "colis", "anne", "+33612345678", Start)
	again.Person, again.Subject, again.Known = first.Person, first.Subject, true
	g.shut()
	answers := make(chan error, 4)
	for _, a := range []rivage.SealedAppend{first.Opened(), first.Records(), first.Erased(), again.Opened()} {
		s.Submit(a, func(_ rivage.Receipt, err error) { answers <- err })
	}
	g.open()
	for range 3 {
		report(t, <-answers)
	}
	if err := <-answers; rivage.CodeOf(err) != rivage.Conflict {
		t.Errorf("an entry sealed under a destroyed key: %v, want a conflict", err)
	}
	r := row(t, s, first.ID)
	o, err := s.Object(t.Context(), all, first.Object)
	if err != nil || r.Caller != nil || o.State != "erased" {
		t.Errorf("caller %q, recording %s (%v): the erasure missed its own batch", r.Caller, o.State, err)
	}
	if rep := sound(t, s); rep.Bodies != 0 {
		t.Errorf("%d bodies left", rep.Bodies)
	}
}

// testForeignCell: a row copies cells of its own subject only: the erasure of another would not find the copy.
func testForeignCell(t *testing.T, e Engine) {
	s := fresh(t, e)
	c := NewCall("messagerie", "colis", "anne", "+33612345678", Start)
	other := NewCall("messagerie", "colis", "anne", "+33687654321", Start)
	must(t, s, c.Opened())
	must(t, s, other.Opened())
	a := c.Append(&rivage.InteractionClosed{Interaction: c.ID, Disposition: "resolu"})
	Seal(&a.Entries[0], other.Subject, "{}", rivage.Cell{Name: "note", Value: []byte("about the other")})
	must(t, s, a)
	if r := row(t, s, c.ID); r.State != rivage.Closed || r.Note != nil {
		t.Errorf("state %s, note %q: want it closed, and no copy of another's cell", r.State, r.Note)
	}
	sound(t, s)
}

// testTampered: whatever is changed behind the writer's back, a check names it.
func testTampered(t *testing.T, e Engine) {
	for _, x := range []struct {
		name, sql, want string
		args            func(c *Call) []any
	}{
		{"leaf", `UPDATE entry SET leaf=$1 WHERE seq=3`, "entry 3: ", func(*Call) []any { return []any{[]byte(`{"v":1}`)} }},
		{"facts", `UPDATE entry SET facts=$1 WHERE seq=3`, "entry 3: ", func(*Call) []any { return []any{[]byte(`{}`)} }},
		{"time", `UPDATE entry SET at=at+1 WHERE seq=3`, "entry 3: ", nil},
		{"kind", `UPDATE entry SET kind='LeavesDropped' WHERE seq=3`, "entry 3: ", nil},
		{"leaf hash", `UPDATE entry SET leaf_hash=$1 WHERE seq=3`, "entry 3: ", func(*Call) []any { return []any{make([]byte, 32)} }},
		{"missing entry", `DELETE FROM entry WHERE seq=3`, "entry 3: is missing", nil},
		{"missing last entry", `DELETE FROM entry WHERE seq=14`, "ledger_head 1: ", nil},
		{"root", `UPDATE ledger_head SET root=$1`, "ledger_head 1: ", func(*Call) []any { return []any{make([]byte, 32)} }},
		{"body", `UPDATE body SET sealed=$1 WHERE seq=0`, "body 0: does not open", func(*Call) []any { return []any{[]byte("x")} }},
		{"other body", `UPDATE body SET sealed=$1 WHERE seq=0`, "body 0: is not what", func(*Call) []any { return []any{append(sealMark, 'x')} }},
		{"missing body", `DELETE FROM body WHERE seq=0`, "body 0: is gone", nil},
		{"body of no entry", `UPDATE body SET seq=99 WHERE seq=0`, "body 99: belongs to no entry", nil},
		{"key without erasure", `DELETE FROM subject_key`, "body 0: its subject has no key", nil},
		{"interaction", `UPDATE interaction SET rank=rank+1`, "interaction ID: differs from the log in rank", nil},
		{"cell in a row", `UPDATE interaction SET caller=NULL`, "interaction ID: differs from the log in caller", nil},
		{"row too many", `INSERT INTO person(id,principal,created_at,erased_at) VALUES('zz','m',0,0)`, "person zz: ", nil},
		{"row too few", `DELETE FROM agent`, "agent anne: is missing", nil},
		{"recording", `UPDATE object SET state='open'`, "object ", nil},
		{"stream", `UPDATE stream SET version=version+1 WHERE name='agent/anne'`, "stream agent/anne: differs from the log in version", nil},
		{"index", `DELETE FROM subject_index`, "subject_index messagerie/tel/", nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			connect := e.Fresh(t)
			s := open(t, connect)
			c := NewCall("messagerie", "colis", "anne", "+33612345678", Start)
			for _, a := range c.Whole(1e6) {
				must(t, s, a)
			}
			var args []any
			if x.args != nil {
				args = x.args(c)
			}
			execute(t, connect, x.sql, args...)
			r, err := s.Check(t.Context(), Unseal)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.ReplaceAll(x.want, "ID", string(c.ID))
			if len(r.Faults) == 0 || !named(r.Faults, want) {
				t.Errorf("faults %v, want one that begins with %q", r.Faults, want)
			}
		})
	}
}

func named(faults []store.Fault, want string) bool {
	for _, f := range faults {
		if strings.HasPrefix(f.String(), want) {
			return true
		}
	}
	return false
}

// execute runs a statement behind the store's back.
func execute(t testing.TB, connect func() (store.DB, error), query string, args ...any) {
	t.Helper()
	db, err := connect()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { report(t, db.Close()) }()
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if err := tx.Queue(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
}
