// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/record/store"
	"rivage.example/rivage/wire/tlog"
)

// testAppend: an append is there, with dense numbers, once it is answered.
func testAppend(t *testing.T, e Engine) {
	s := fresh(t, e)
	c := NewCall("messagerie", "colis", "anne", "+33612345678", Start)
	var next rivage.Seq
	for _, a := range c.Whole(12e6) {
		r := must(t, s, a)
		if want := (rivage.Receipt{First: next, Last: next + uint64(len(a.Entries)) - 1}); r != want {
			t.Fatalf("%s: got receipt %+v, want %+v", kindsOf(a), r, want)
		}
		next = r.Last + 1
		if s.Size() != next {
			t.Fatalf("size %d after entry %d", s.Size(), r.Last)
		}
	}
	list, err := s.Entries(t.Context(), 0, 0)
	if err != nil || uint64(len(list)) != next {
		t.Fatalf("got %d entries and error %v, want %d", len(list), err, next)
	}
	for i, x := range list {
		if x.Seq != uint64(i) || x.LeafText == nil || rivage.Hash(tlog.LeafHash(x.LeafText)) != x.LeafHash {
			t.Errorf("entry %d is number %d with leaf %s", i, x.Seq, x.LeafText)
		}
	}
	if r := sound(t, s); r.Entries != int64(next) || r.Bodies != 2 || r.Opened != 2 {
		t.Errorf("check says %+v, want %d entries and two bodies opened", r, next)
	}
}

// testStreams: an append over several streams moves all of them or none.
func testStreams(t *testing.T, e Engine) {
	s := fresh(t, e)
	a, b := NewCall("messagerie", "colis", "anne", "", Start), NewCall("messagerie", "colis", "anne", "", Start)
	for _, x := range []rivage.SealedAppend{a.Opened(), a.Waits(""), b.Opened(), b.Waits("")} {
		must(t, s, x)
	}
	must(t, s, a.Offered())
	refused(t, s, b.Offered(), rivage.Conflict) // the agent's stream moved: reserved for the other
	row, err := s.Interaction(t.Context(), all, b.ID)
	if err != nil || row.State != rivage.Queued || row.Offer != "" {
		t.Errorf("the second interaction is %s with offer %q (%v), want it to wait untouched", row.State, row.Offer, err)
	}
	if v, err := s.StreamVersion(t.Context(), rivage.StreamOf("interaction", b.ID)); err != nil || v != 2 {
		t.Errorf("its stream stands at %d (%v), want 2", v, err)
	}
	if v, err := s.StreamVersions(t.Context(), "agent"); err != nil || len(v) != 1 || v["agent/anne"] != 1 {
		t.Errorf("agents' streams stand at %v (%v), want anne's at 1", v, err)
	}
	sound(t, s)
}

// testRepeat: a repeated command gets the first answer, in the same batch and later.
func testRepeat(t *testing.T, e Engine) {
	s := fresh(t, e)
	must(t, s, door(1))
	a := door(2)
	a.CommandID = "command-1"
	var first, again rivage.Receipt
	var wg sync.WaitGroup
	wg.Add(2)
	s.Submit(a, func(r rivage.Receipt, err error) { first = r; report(t, err); wg.Done() })
	s.Submit(a, func(r rivage.Receipt, err error) { again = r; report(t, err); wg.Done() })
	wg.Wait()
	if want := (rivage.Receipt{First: 1, Last: 1}); first != want {
		t.Errorf("got %+v, want %+v", first, want)
	}
	want := rivage.Receipt{First: 1, Last: 1, Repeated: true}
	if again != want {
		t.Errorf("repeated at once: got %+v, want %+v", again, want)
	}
	if got := must(t, s, a); got != want {
		t.Errorf("repeated later: got %+v, want %+v", got, want)
	}
	if s.Size() != 2 {
		t.Errorf("%d entries, want 2", s.Size())
	}
}

func report(t testing.TB, err error) {
	if err != nil {
		t.Error(err)
	}
}

// all reads for every Principal.
var all = []rivage.ID{store.AllPrincipals}

// door is an append that depends on nothing.
func door(n int64) rivage.SealedAppend {
	return rivage.SealedAppend{Entries: []rivage.SealedEntry{Entry("door", rivage.Organisation, Start, &rivage.DoorRefused{
		Door: "sip", Source: "stranger", Reason: "unknown", Minute: rivage.At(Start), Count: n,
	})}}
}

// testOrder: answers come in the order of submission, refusals included, and so do the entries.
func testOrder(t *testing.T, e Engine) {
	s := fresh(t, e)
	const n = 500
	var got []int // appended to by the writer alone, read after the last answer
	last := make(chan struct{})
	var seq rivage.Seq
	for i := range n {
		a := door(int64(i))
		if i%7 == 0 {
			a.Entries[0].Principal = "" // refused before any transaction
		}
		s.Submit(a, func(r rivage.Receipt, err error) {
			if refused := i%7 == 0; refused != (err != nil) || !refused && r.First != seq {
				t.Errorf("append %d: receipt %+v and error %v, want number %d", i, r, err, seq)
			} else if !refused {
				seq++
			}
			if got = append(got, i); i == n-1 {
				close(last)
			}
		})
	}
	<-last
	if len(got) != n || !slices.IsSorted(got) {
		t.Errorf("%d answers, in order: %t", len(got), slices.IsSorted(got))
	}
}

// testBusy: with the database slow and too much waiting, an append is refused in its turn instead of filling the memory.
func testBusy(t *testing.T, e Engine) {
	db, err := e.Fresh(t)()
	if err != nil {
		t.Fatal(err)
	}
	g := newGate(db)
	s := over(t, g, store.Config{})
	g.shut()
	const waiting = 1<<16 + 4096 // the writer may have taken a batch before the gate held it
	answers := make(chan error, waiting+2)
	submit := func(a rivage.SealedAppend) { s.Submit(a, func(_ rivage.Receipt, err error) { answers <- err }) }
	submit(door(1))
	for range waiting {
		submit(rivage.SealedAppend{})
	}
	submit(door(2))
	g.open()
	report(t, <-answers)
	var last error
	for range waiting + 1 {
		last = <-answers
	}
	if rivage.CodeOf(last) != rivage.Busy {
		t.Errorf("got %v, want Busy", last)
	}
	must(t, s, door(3))
}

// testRefused: what is refused spoils nobody else and leaves nothing, not even in the batch it came with.
func testRefused(t *testing.T, e Engine) {
	s := fresh(t, e)
	known := NewCall("messagerie", "colis", "anne", "+33612345678", Start)
	must(t, s, known.Opened())
	for _, x := range []struct {
		name string
		make func() rivage.SealedAppend
		code rivage.Code
	}{
		{"no entry", func() rivage.SealedAppend { return rivage.SealedAppend{} }, rivage.Invalid},
		{"no facts", func() rivage.SealedAppend { a := door(1); a.Entries[0].Facts = nil; return a }, rivage.Invalid},
		{"no stream", func() rivage.SealedAppend { a := door(1); a.Entries[0].Stream = ""; return a }, rivage.Invalid},
		{"long stream", func() rivage.SealedAppend {
			a := door(1)
			a.Entries[0].Stream = rivage.Stream(strings.Repeat("x", 201))
			return a
		}, rivage.Invalid},
		{"not text", func() rivage.SealedAppend { a := door(1); a.CommandID = "a\x00b"; return a }, rivage.Invalid},
		{"facts not text", func() rivage.SealedAppend {
			a := door(1)
			a.Entries[0].Facts.(*rivage.DoorRefused).Source = "a\xffb"
			return a
		}, rivage.Invalid},
		{"facts with a NUL", func() rivage.SealedAppend {
			a := door(1)
			a.Entries[0].Facts.(*rivage.DoorRefused).Source = "a\x00b"
			return a
		}, rivage.Invalid},
		{"long leaf", func() rivage.SealedAppend {
			a := door(1)
			a.Entries[0].Leaf.Rule = strings.Repeat("r", rivage.MaxLeaf)
			return a
		}, rivage.Invalid},
		{"other principal's stream", func() rivage.SealedAppend {
			a := known.Played()
			a.Entries[0].Principal = "mutuelle"
			return a
		}, rivage.Invalid},
		{"opened twice", func() rivage.SealedAppend { a := known.Opened(); a.Expect, a.Keys = nil, nil; return a }, rivage.Invalid},
		{"never opened", func() rivage.SealedAppend {
			a := NewCall("messagerie", "colis", "anne", "", Start).Waits("")
			a.Expect = nil
			return a
		}, rivage.Invalid},
		{"wrong stream", func() rivage.SealedAppend {
			a := known.Waits("")
			a.Expect, a.Entries[0].Stream = nil, "system"
			return a
		}, rivage.Invalid},
		{"body without commitment", func() rivage.SealedAppend {
			a := NewCall("messagerie", "colis", "anne", "+336", Start).Opened()
			a.Entries[0].Commit = rivage.Hash{}
			return a
		}, rivage.Invalid},
		{"subject without a key", func() rivage.SealedAppend {
			a := NewCall("messagerie", "colis", "anne", "+336", Start).Opened()
			a.Keys = nil
			return a
		}, rivage.Conflict},
		{"key given twice", func() rivage.SealedAppend { a := door(1); a.Keys = []rivage.SubjectKey{Key(known.Subject)}; return a }, rivage.Conflict},
		{"subject of another person", func() rivage.SealedAppend {
			c := NewCall("messagerie", "colis", "anne", "", Start)
			c.Subject, c.Known = known.Subject, true
			return c.Opened()
		}, rivage.Invalid},
		{"erasure of nobody", func() rivage.SealedAppend { a := known.Erased(); a.Erase = nil; return a }, rivage.Invalid},
		{"blob under another name", func() rivage.SealedAppend {
			a := door(1)
			a.Blobs = []rivage.Blob{{Content: []byte("x")}}
			return a
		}, rivage.Invalid},
		{"half of it moved", func() rivage.SealedAppend {
			a := door(1)
			a.Entries = append(a.Entries, NewCall("messagerie", "colis", "anne", "", Start).Played().Entries...)
			return a
		}, rivage.Invalid},
	} {
		size := s.Size()
		good := make(chan error, 2)
		s.Submit(door(1), func(_ rivage.Receipt, err error) { good <- err })
		bad := make(chan error, 1)
		s.Submit(x.make(), func(_ rivage.Receipt, err error) { bad <- err })
		s.Submit(door(2), func(_ rivage.Receipt, err error) { good <- err })
		report(t, <-good)
		report(t, <-good)
		if err := <-bad; rivage.CodeOf(err) != x.code {
			t.Errorf("%s: got error %v, want code %q", x.name, err, x.code)
		}
		if s.Size() != size+2 {
			t.Errorf("%s: %d entries more, want 2", x.name, s.Size()-size)
		}
	}
	sound(t, s)
}

// testPoison: an append that only the database refuses fails alone in its batch.
func testPoison(t *testing.T, e Engine) {
	db, err := e.Fresh(t)()
	if err != nil {
		t.Fatal(err)
	}
	gate := newGate(db)
	s := over(t, gate, store.Config{})
	const n = 20
	answers := make([]error, n)
	var wg sync.WaitGroup
	gate.shut() // so that all of them share a batch
	for i := range n {
		a := door(int64(i))
		if i == 7 {
			a.CommandID = strings.Repeat("x", 201) // longer than its column takes
		}
		wg.Add(1)
		s.Submit(a, func(_ rivage.Receipt, err error) { answers[i] = err; wg.Done() })
	}
	gate.open()
	wg.Wait()
	for i, err := range answers {
		if want := map[bool]rivage.Code{true: rivage.Invalid}[i == 7]; rivage.CodeOf(err) != want {
			t.Errorf("append %d: got error %v, want code %q", i, err, want)
		}
	}
	if s.Size() != n-1 || s.Down() {
		t.Errorf("%d entries, down %t; want %d and a journal that goes on", s.Size(), s.Down(), n-1)
	}
	sound(t, s)
}

// testFence: an append under a lease that another process took is refused, whatever its clock says.
func testFence(t *testing.T, e Engine) {
	s := fresh(t, e)
	gone := func(string) bool { return true }
	old, err := s.Acquire(t.Context(), "acd", "first", time.Hour, nil)
	report(t, err)
	a := door(1)
	a.Fence = []rivage.LeaseEpoch{{Name: "acd", Epoch: old.Epoch}}
	must(t, s, a)
	if _, err := s.Acquire(t.Context(), "acd", "second", time.Hour, gone); err != nil {
		t.Fatal(err)
	}
	refused(t, s, a, rivage.Conflict)
	a.Fence = []rivage.LeaseEpoch{{Name: "never taken", Epoch: 0}}
	refused(t, s, a, rivage.Conflict)
}

// testTwoWriters: two processes on one database keep one dense log, and lose races instead of doubling.
func testTwoWriters(t *testing.T, e Engine) {
	connect := e.Fresh(t)
	stores := []*store.Store{open(t, connect), open(t, connect)}
	c := NewCall("messagerie", "colis", "anne", "", Start)
	must(t, stores[0], c.Opened())
	const each = 40
	var wins, losses [2]int
	var wg sync.WaitGroup
	for i, s := range stores {
		wg.Go(func() {
			for range each {
				v, err := s.StreamVersion(t.Context(), rivage.StreamOf("interaction", c.ID))
				if err != nil {
					t.Error(err)
					return
				}
				a := rivage.SealedAppend{
					Expect:  []rivage.StreamVersion{{Stream: rivage.StreamOf("interaction", c.ID), Version: v}},
					Entries: []rivage.SealedEntry{c.Entry(&rivage.PromptPlayed{Interaction: c.ID, Prompt: "musique"})},
				}
				_, err = s.Append(t.Context(), a)
				switch rivage.CodeOf(err) {
				case "":
					wins[i]++
				case rivage.Conflict:
					losses[i]++
				default:
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	head, err := stores[0].Head(t.Context())
	if err != nil || head.Size != uint64(1+wins[0]+wins[1]) {
		t.Errorf("head %d (%v), want 1 and %v; lost %v", head.Size, err, wins, losses)
	}
	sound(t, stores[1])
}

// testTime: a clock that steps back does not take a stream with it.
func testTime(t *testing.T, e Engine) {
	s := fresh(t, e)
	c := NewCall("messagerie", "colis", "anne", "", Start.Add(time.Hour))
	must(t, s, c.Opened())
	c.Now = Start
	a := c.Played()
	a.Entries[0].Late = Start.Add(-time.Minute)
	must(t, s, a)
	list, err := s.Entries(t.Context(), 0, 10)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d entries, error %v", len(list), err)
	}
	if list[1].At != list[0].At || list[1].Late != rivage.At(Start.Add(-time.Minute)) {
		t.Errorf("second entry at %s, late %s; want the time of the first, and the minute before the start",
			list[1].At.Time(), list[1].Late.Time())
	}
	leaf, err := rivage.ParseLeaf(list[1].LeafText)
	if err != nil || leaf.At != Start.Add(time.Hour).Unix() {
		t.Errorf("leaf at %d (%v), want %d", leaf.At, err, Start.Add(time.Hour).Unix())
	}
	sound(t, s)
}

// testLeaf: the writer fills in what it alone knows, and the mask of the actor changes with each entry.
func testLeaf(t *testing.T, e Engine) {
	s := fresh(t, e)
	key := []byte("0123456789abcdef0123456789abcdef")
	var actors []string
	for i := range 2 {
		a := door(int64(i))
		a.Entries[0].ActorKey = key
		a.Entries[0].Leaf.Actor = "forged"
		must(t, s, a)
	}
	for leaf, err := range s.Leaves(t.Context(), 0, 2) {
		report(t, err)
		l, err := rivage.ParseLeaf(leaf.Text)
		report(t, err)
		m := hmac.New(sha256.New, key)
		m.Write(binary.BigEndian.AppendUint64(nil, leaf.Seq))
		if want := hex.EncodeToString(m.Sum(nil)); l.Actor != want {
			t.Errorf("entry %d: actor %s, want %s", leaf.Seq, l.Actor, want)
		}
		actors = append(actors, l.Actor)
		x, err := s.Entry(t.Context(), leaf.Seq)
		report(t, err)
		if l.Kind != rivage.KindDoorRefused || l.Facts != sha256.Sum256(x.FactsText) || l.Commit != (rivage.Hash{}) {
			t.Errorf("entry %d: leaf %+v", leaf.Seq, l)
		}
	}
	if len(actors) != 2 || actors[0] == actors[1] {
		t.Errorf("actors %v: the same person must not be the same in two entries", actors)
	}
	for _, err := range s.Leaves(t.Context(), 1, 5) {
		if err != nil {
			return
		}
	}
	t.Error("leaves beyond the head were read without an error: " + fmt.Sprint(s.Size()))
}
