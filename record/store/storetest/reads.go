// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/record/store"
)

// testApart: two Principals, the same caller: nothing of one reaches a reader for the other, and a reader for nobody
// reads nothing.
func testApart(t *testing.T, e Engine) {
	s := fresh(t, e)
	calls := map[rivage.ID]*Call{}
	for _, p := range []rivage.ID{"messagerie", "mutuelle"} {
		c := NewCall(p, p+"-file", "anne-"+p, "+33612345678", Start)
		calls[p] = c
		for _, a := range []rivage.SealedAppend{SetQueue(c.Queue, p, 20, Start), c.Opened(), c.Waits(""), c.Records()} {
			must(t, s, a)
		}
	}
	for _, x := range []struct {
		who  []rivage.ID
		mine []rivage.ID
	}{
		{nil, nil},
		{[]rivage.ID{}, nil},
		{[]rivage.ID{"nobody"}, nil},
		{[]rivage.ID{"messagerie"}, []rivage.ID{"messagerie"}},
		{[]rivage.ID{"mutuelle", "nobody"}, []rivage.ID{"mutuelle"}},
		{all, []rivage.ID{"messagerie", "mutuelle"}},
	} {
		for p, c := range calls {
			want := 0
			if slices.Contains(x.mine, p) {
				want = 1
			}
			for name, got := range seen(t, s, x.who, c) {
				if got != want {
					t.Errorf("for %v, %s of %s: %d found, want %d", x.who, name, p, got, want)
				}
			}
		}
		open, err := s.OpenInteractions(t.Context(), x.who)
		report(t, err)
		list, err := s.Interactions(t.Context(), store.InteractionFilter{Principals: x.who})
		report(t, err)
		figures, err := s.QueueFigures(t.Context(), x.who, 0)
		report(t, err)
		if n := len(x.mine); len(open) != n || len(list) != n || len(figures) != n {
			t.Errorf("for %v: %d open, %d listed, %d queues; want %d", x.who, len(open), len(list), len(figures), n)
		}
	}
	// The same number is another index under another Principal; the store keeps them apart even if it were not.
	if _, err := s.SubjectByIndex(t.Context(), "mutuelle", "tel", []byte(Blind("messagerie", "tel", "+33612345678"))); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("one Principal's index found somebody of the other: %v", err)
	}
	people, _, err := s.FindPersons(t.Context(), store.PersonQuery{Principal: "mutuelle", Kind: "tel", Under: [][]byte{[]byte(Blind("messagerie", "tel", "+33612345678"))}, Ever: true})
	if err != nil || len(people) != 0 {
		t.Errorf("one Principal's index found %+v of the other (%v)", people, err)
	}
}

// seen counts what a reader finds of one call.
func seen(t *testing.T, s *store.Store, who []rivage.ID, c *Call) map[string]int {
	found := func(err error) int {
		if err == nil {
			return 1
		}
		if rivage.CodeOf(err) != rivage.NotFound {
			t.Error(err)
		}
		return 0
	}
	_, interaction := s.Interaction(t.Context(), who, c.ID)
	_, object := s.Object(t.Context(), who, c.Object)
	_, person := s.Person(t.Context(), who, c.Person)
	objects, err := s.Objects(t.Context(), who, c.ID)
	report(t, err)
	entries, err := s.StreamEntries(t.Context(), who, rivage.StreamOf("interaction", c.ID), 0, 1)
	report(t, err)
	last, err := s.LastStreamEntries(t.Context(), who, rivage.StreamOf("interaction", c.ID), 1)
	report(t, err)
	return map[string]int{
		"interaction": found(interaction), "object": found(object), "person": found(person), "objects": len(objects),
		"entries": len(entries), "last entries": len(last),
	}
}

// testFigures: O = A + B + C + W + F, whatever the calls went through.
func testFigures(t *testing.T, e Engine) {
	s := fresh(t, e)
	must(t, s, SetQueue("colis", "messagerie", 20, Start))
	must(t, s, SetQueue("vide", "messagerie", 20, Start))
	agent := 0
	call := func(waits bool) *Call {
		agent++
		c := NewCall("messagerie", "colis", rivage.ID(fmt.Sprint("agent", agent)), "", Start)
		must(t, s, c.Opened())
		if waits {
			must(t, s, c.Waits(""))
		}
		return c
	}
	for _, wait := range []int64{10e6, 20e6, 30e6} { // two within the target
		c := call(true)
		for _, a := range []rivage.SealedAppend{c.Offered(), c.Answered(wait), c.Ended(), c.Closed("")} {
			must(t, s, a)
		}
	}
	abandon := func(c *Call, wait int64) {
		must(t, s, c.Append(&rivage.InteractionAbandoned{Interaction: c.ID, Queue: "colis", Wait: wait, During: "queue"}))
	}
	abandon(call(true), 5e6)
	abandon(call(true), 6e6)
	abandon(call(false), 0) // before the queue: not offered to it
	lost := call(true)      // answered, lost, waiting again: answered
	for _, a := range []rivage.SealedAppend{lost.Offered(), lost.Answered(1e6), lost.Waits("lost")} {
		must(t, s, a)
	}
	owed, called := call(true), call(true)
	for _, c := range []*Call{owed, called} {
		must(t, s, c.Append(&rivage.CallbackPromised{Interaction: c.ID, Queue: "colis", Reason: "crash"}))
	}
	must(t, s, called.Append(&rivage.CallbackClosed{Interaction: called.ID, Outcome: "called"}))
	waiting := call(true)
	must(t, s, call(true).Offered())
	failed := call(true)
	must(t, s, failed.Append(&rivage.InteractionFailed{Interaction: failed.ID, Reason: "crash"}))

	got, err := s.QueueFigures(t.Context(), all, 0)
	want := rivage.QueueFigures{
		Queue: "colis", Offered: 11, Answered: 4, AnsweredIn: 3, Abandoned: 2, Short: 1, Callback: 2, Waiting: 2,
		OldestQueue: waiting.queued, WaitSum: 61e6, TalkSum: 180e6, HoldSum: 15e6, WrapSum: 60e6, ExtraSum: 800_000,
	}
	if err != nil || len(got) != 2 || got[0] != want || got[1] != (rivage.QueueFigures{Queue: "vide"}) {
		t.Errorf("got  %+v (%v)\nwant %+v", got, err, want)
	}
	handled, err := s.Handled(t.Context(), rivage.At(Start))
	if err != nil || len(handled) != 1 || handled[0] != (rivage.HandledRow{Queue: "colis", Closed: 3, Handled: 255e6}) {
		t.Errorf("handled: %+v (%v)", handled, err)
	}
	if handled, err = s.Handled(t.Context(), rivage.At(Start.Add(time.Hour))); err != nil || len(handled) != 0 {
		t.Errorf("an hour later: %+v (%v), want nothing", handled, err)
	}
	if got, err = s.QueueFigures(t.Context(), all, rivage.At(Start.Add(time.Hour))); err != nil || got[0].Offered != 0 {
		t.Errorf("an hour later: %+v (%v), want nothing", got, err)
	}
	sound(t, s)
}

// testListing: newest first, bounded, page after page.
func testListing(t *testing.T, e Engine) {
	s := fresh(t, e)
	for i := range 7 {
		c := NewCall("messagerie", "colis", "anne", "", Start.Add(time.Duration(i)*time.Minute))
		must(t, s, c.Opened())
		if i%2 == 0 {
			must(t, s, c.Waits(""))
		}
	}
	var got []rivage.Micros
	page := rivage.Page{Limit: 3}
	for {
		list, err := s.Interactions(t.Context(), store.InteractionFilter{Principals: all, Page: page})
		if report(t, err); len(list) == 0 {
			break
		}
		for _, r := range list {
			got = append(got, r.OpenedAt)
		}
		page.Before = list[len(list)-1].OpenedAt
	}
	if len(got) != 7 || !slices.IsSortedFunc(got, func(a, b rivage.Micros) int { return int(b - a) }) {
		t.Errorf("pages give %v, want the seven, newest first", got)
	}
	list, err := s.Interactions(t.Context(), store.InteractionFilter{Principals: all, Queue: "colis", State: rivage.Queued})
	if err != nil || len(list) != 4 {
		t.Errorf("%d wait in the queue (%v), want 4", len(list), err)
	}
	list, err = s.OpenInteractions(t.Context(), all)
	if err != nil || len(list) != 7 || !slices.IsSortedFunc(list, func(a, b rivage.InteractionRow) int { return int(a.Rank - b.Rank) }) {
		t.Errorf("%d open (%v), want 7 in rank", len(list), err)
	}
}

// testObjects: recordings, from their start to their end or their destruction.
func testObjects(t *testing.T, e Engine) {
	s := fresh(t, e)
	c := NewCall("messagerie", "colis", "anne", "+33612345678", Start)
	must(t, s, c.Opened())
	must(t, s, c.Records())
	open, err := s.OpenObjects(t.Context())
	if err != nil || len(open) != 1 || open[0].ID != c.Object || open[0].Subject != c.Subject || open[0].State != "open" {
		t.Errorf("open recordings %+v (%v)", open, err)
	}
	must(t, s, c.Recorded("complete"))
	got, err := s.Object(t.Context(), all, c.Object)
	want := rivage.ObjectRow{
		ID: c.Object, Principal: "messagerie", Interaction: c.ID, Subject: c.Subject, Purpose: rivage.PurposeQuality, Site: "brest",
		StartedAt: rivage.At(Start.Add(time.Second)), EndedAt: rivage.At(Start.Add(2 * time.Second)), RetentionDays: 90,
		State: "complete", Bytes: 96_000, Seconds: 6, Cipher: "ab",
	}
	if err != nil || got != want {
		t.Errorf("got %+v (%v), want %+v", got, err, want)
	}
	if open, err = s.OpenObjects(t.Context()); err != nil || len(open) != 0 {
		t.Errorf("open recordings %+v (%v), want none", open, err)
	}
	if mine, err := s.ObjectsOf(t.Context(), []rivage.ID{c.Subject, "other"}); err != nil || len(mine) != 1 {
		t.Errorf("recordings of the subject: %+v (%v), want one", mine, err)
	}
	// What the gate refused before anything was captured makes no row.
	must(t, s, c.Append(&rivage.RecordingEnded{Interaction: c.ID, Object: "never", Outcome: "refused"}))
	if _, err := s.Object(t.Context(), all, "never"); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("a refused recording has a row: %v", err)
	}
	sound(t, s)
}

// testRetention: which recordings have to go, and that one that went is no longer one of them.
func testRetention(t *testing.T, e Engine) {
	s := fresh(t, e)
	due := func(at time.Time) []rivage.ID {
		list, err := s.ExpiredObjects(t.Context(), rivage.At(at), 10)
		report(t, err)
		ids := []rivage.ID{}
		for _, o := range list {
			ids = append(ids, o.ID)
		}
		return ids
	}
	var calls []*Call
	for i := range 4 {
		c := NewCall("messagerie", "colis", "anne", "+3361234567"+string(rune('0'+i)), Start.Add(time.Duration(i)*time.Hour))
		must(t, s, c.Opened())
		must(t, s, c.Records())
		calls = append(calls, c)
	}
	begun := Start.Add(time.Second) // of the first; each next one an hour later
	ends := begun.Add(90 * 24 * time.Hour)
	must(t, s, calls[0].Recorded("complete"))
	must(t, s, calls[1].Recorded("interrupted"))
	must(t, s, calls[2].Recorded("destroyed"))
	for _, x := range []struct {
		at   time.Time
		want []rivage.ID
	}{
		{ends.Add(-time.Microsecond), []rivage.ID{}},
		{ends, []rivage.ID{calls[0].Object}},
		{ends.Add(24 * time.Hour), []rivage.ID{calls[0].Object, calls[1].Object}}, // neither what was opposed, nor what is being captured
	} {
		if got := due(x.at); !slices.Equal(got, x.want) {
			t.Errorf("due at %s: %v, want %v", x.at, got, x.want)
		}
	}
	must(t, s, calls[0].Expired())
	must(t, s, calls[1].Erased())
	must(t, s, calls[1].Expired()) // the sweep had read it before
	must(t, s, calls[2].Expired())
	for i, want := range []string{"expired", "erased", "destroyed", "open"} {
		if o, err := s.Object(t.Context(), all, calls[i].Object); err != nil || o.State != want {
			t.Errorf("recording %d is %s (%v), want %s", i, o.State, err, want)
		}
	}
	if got := due(ends.Add(24 * time.Hour)); len(got) > 0 {
		t.Errorf("due once they went: %v", got)
	}
	never := calls[3].Append(&rivage.RecordingExpired{Interaction: calls[3].ID, Object: "never"})
	refused(t, s, never, rivage.Invalid)
	sound(t, s)
}

// testLook: what another process appended is told to this one's consumers, though it commits nothing itself.
func testLook(t *testing.T, e Engine) {
	connect := e.Fresh(t)
	s, other := open(t, connect), open(t, connect)
	hints, stop := s.Subscribe()
	defer stop()
	c := NewCall("messagerie", "colis", "anne", "", Start)
	must(t, s, c.Opened())
	<-hints
	r := must(t, other, c.Waits(""))
	if err := s.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-hints:
	default:
		t.Error("nobody was told")
	}
	if got := s.Size(); got != r.Last+1 {
		t.Errorf("the log is %d long, want %d", got, r.Last+1)
	}
	list, err := s.Entries(t.Context(), r.First, 10)
	if err != nil || rivage.Seq(len(list)) != r.Last-r.First+1 {
		t.Errorf("%d entries, %v; want %d", len(list), err, r.Last-r.First+1)
	}
	if got := row(t, s, c.ID); got.State != rivage.Queued {
		t.Errorf("the interaction is %s, want queued, as the other process wrote", got.State)
	}
	if err := s.Look(t.Context()); err != nil || len(hints) != 0 {
		t.Errorf("told again of nothing new: %v", err)
	}
}

// testFeed: a subscriber is told of commits, a cursor goes on where it was, and a read waits for what it must see.
func testFeed(t *testing.T, e Engine) {
	s := fresh(t, e)
	hints, stop := s.Subscribe()
	defer stop()
	c := NewCall("messagerie", "colis", "anne", "", Start)
	for _, a := range c.Whole(1e6) {
		must(t, s, a)
	}
	<-hints
	var next rivage.Seq
	var versions int64
	for {
		list, err := s.Entries(t.Context(), next, 4)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			break
		}
		for _, x := range list {
			if x.Seq != next {
				t.Fatalf("entry %d where %d was expected", x.Seq, next)
			}
			if next++; x.Stream == rivage.StreamOf("interaction", c.ID) {
				versions++
			}
		}
	}
	if next != s.Size() || versions != c.Version() {
		t.Errorf("the feed gave %d entries, %d of the call; want %d and %d", next, versions, s.Size(), c.Version())
	}
	list, err := s.StreamEntries(t.Context(), all, rivage.StreamOf("interaction", c.ID), 3, 2)
	if err != nil || len(list) != 2 || list[0].Version != 4 || list[1].Version != 5 {
		t.Errorf("stream after version 3: %+v (%v)", list, err)
	}
	list, err = s.LastStreamEntries(t.Context(), all, rivage.StreamOf("interaction", c.ID), 2)
	if err != nil || len(list) != 2 || list[0].Version != versions-1 || list[1].Version != versions {
		t.Errorf("last two of the stream: %+v (%v)", list, err)
	}
	if err := s.Reach(t.Context(), s.Size()-1); err != nil {
		t.Errorf("what is there is not reached: %v", err)
	}
	if err := s.SetCursor(t.Context(), "mail", next); err != nil {
		t.Error(err)
	}
	if got, err := s.Cursor(t.Context(), "mail"); err != nil || got != next {
		t.Errorf("cursor %d (%v), want %d", got, err, next)
	}
	if got, err := s.Cursor(t.Context(), "new"); err != nil || got != 0 {
		t.Errorf("cursor of a new consumer %d (%v), want 0", got, err)
	}
}

// testDamagedBlob: what is no longer what its name says is not given out, and is repaired by giving it again.
func testDamagedBlob(t *testing.T, e Engine) {
	connect := e.Fresh(t)
	s := open(t, connect)
	blob := blobOf("A-law of a prompt")
	put := func() {
		a := NewCall("messagerie", "colis", "anne", "+33612345678", Start).Opened()
		a.Blobs = []rivage.Blob{blob}
		must(t, s, a)
	}
	put()
	execute(t, connect, `UPDATE blob SET content=$1`, []byte("noise"))
	if got, err := s.Blob(t.Context(), blob.Hash); !errors.Is(err, store.ErrAltered) {
		t.Errorf("damaged: got %q (%v), want %v", got, err, store.ErrAltered)
	}
	put()
	if got, err := s.Blob(t.Context(), blob.Hash); err != nil || !bytes.Equal(got, blob.Content) {
		t.Errorf("given again: got %q (%v)", got, err)
	}
}

// testBeside: secrets, sessions, blobs, bodies and cells come back as they were put.
func testBeside(t *testing.T, e Engine) {
	s := fresh(t, e)
	ctx := t.Context()
	for _, x := range []string{"one", "two"} {
		report(t, s.PutSecret(ctx, "trunk", []byte(x)))
	}
	if got, err := s.Secret(ctx, "trunk"); err != nil || string(got) != "two" {
		t.Errorf("secret %q (%v), want the second", got, err)
	}
	if names, err := s.Secrets(ctx); err != nil || !slices.Equal(names, []string{"trunk"}) {
		t.Errorf("secrets %v (%v)", names, err)
	}
	report(t, s.DeleteSecret(ctx, "trunk"))
	if _, err := s.Secret(ctx, "trunk"); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("deleted secret: %v", err)
	}

	for i, account := range []rivage.ID{"anne", "anne", "bob", "bob"} {
		report(t, s.PutSession(ctx, store.Session{ID: fmt.Sprint("s", i), Account: account, Expires: rivage.Micros(i), Data: []byte{byte(i)}}))
	}
	if got, err := s.Session(ctx, "s1"); err != nil || got.Account != "anne" || got.Expires != 1 || !bytes.Equal(got.Data, []byte{1}) {
		t.Errorf("session %+v (%v)", got, err)
	}
	report(t, s.DeleteSession(ctx, "s1"))
	report(t, s.ExpireSessions(ctx, 1))
	list, err := s.Sessions(ctx, "")
	if err != nil || len(list) != 2 || list[0].ID != "s2" {
		t.Errorf("sessions %+v (%v), want bob's two", list, err)
	}
	report(t, s.DeleteSessions(ctx, "bob"))
	if list, err = s.Sessions(ctx, "bob"); err != nil || len(list) != 0 {
		t.Errorf("sessions %+v (%v), want none", list, err)
	}

	a := NewCall("messagerie", "colis", "anne", "+33612345678", Start).Opened()
	blob := blobOf("A-law of a prompt")
	a.Blobs = []rivage.Blob{blob, blob}
	r := must(t, s, a)
	if got, err := s.Blob(ctx, blob.Hash); err != nil || string(got) != "A-law of a prompt" {
		t.Errorf("blob %q (%v)", got, err)
	}
	subject, body, err := s.Body(ctx, r.First)
	if err != nil || subject != a.Entries[0].Subject || !bytes.Equal(body, a.Entries[0].Body) {
		t.Errorf("body of %s (%v) differs", subject, err)
	}
	subject, cells, err := s.Cells(ctx, r.First)
	if err != nil || subject != a.Entries[0].Subject || len(cells) != 1 || cells[0].Name != "caller" {
		t.Errorf("cells %+v of %s (%v)", cells, subject, err)
	}
	if _, _, err := s.Body(ctx, 99); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("body of no entry: %v", err)
	}
}

// testRewrap: keys page by page under a new epoch; the erased stay erased.
func testRewrap(t *testing.T, e Engine) {
	s := fresh(t, e)
	var first *Call
	for i := range 5 {
		c := NewCall("messagerie", "colis", "anne", fmt.Sprint("+3361234567", i), Start)
		must(t, s, c.Opened())
		if i == 0 {
			first = c
		}
	}
	var keys []rivage.SubjectKey
	var after rivage.ID
	for {
		list, err := s.SubjectKeys(t.Context(), after, 2)
		if report(t, err); len(list) == 0 {
			break
		}
		keys, after = append(keys, list...), list[len(list)-1].Subject
	}
	if len(keys) != 5 {
		t.Fatalf("%d keys in pages, want 5", len(keys))
	}
	must(t, s, first.Erased())
	for i := range keys {
		keys[i].Epoch, keys[i].Wrapped = 2, []byte("again")
	}
	report(t, s.Rewrap(t.Context(), keys))
	for _, k := range keys {
		got, err := s.SubjectKey(t.Context(), k.Subject)
		switch {
		case k.Subject == first.Subject:
			if rivage.CodeOf(err) != rivage.NotFound {
				t.Errorf("the erased key came back: %v", err)
			}
		case err != nil || got.Epoch != 2 || string(got.Wrapped) != "again":
			t.Errorf("key %+v (%v), want epoch 2", got, err)
		}
	}
}

// testPublished: what was published is kept, and is never taken back.
func testPublished(t *testing.T, e Engine) {
	s := fresh(t, e)
	ctx := t.Context()
	if p, err := s.Published(ctx); err != nil || p.Size != 0 || p.Checkpoint != nil {
		t.Errorf("published at first: %+v (%v)", p, err)
	}
	must(t, s, door(1))
	l := s.Ledger()
	tree, err := l.Head(ctx)
	if err != nil || tree.Size != 1 {
		t.Fatalf("head %+v (%v)", tree, err)
	}
	report(t, l.SetPublished(ctx, tree, []byte("checkpoint")))
	if text, err := l.Published(ctx); err != nil || string(text) != "checkpoint" {
		t.Errorf("published %q (%v)", text, err)
	}
	tree.Size = 0
	if err := l.SetPublished(ctx, tree, nil); rivage.CodeOf(err) != rivage.Conflict {
		t.Errorf("a smaller size was published: %v", err)
	}
}
