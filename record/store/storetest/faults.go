// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"fmt"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/record/store"
)

// failable opens a store whose database fails on demand and whose waits take no time.
func failable(t *testing.T, e Engine) (*store.Store, *gate) {
	t.Helper()
	db, err := e.Fresh(t)()
	if err != nil {
		t.Fatal(err)
	}
	g := newGate(db)
	h := &hands{now: Start}
	return over(t, g, store.Config{Clock: h, After: h.after}), g
}

// once fails at the n-th step from now, and never again; fell says that it did, and where.
func (g *gate) once(n int) (fell func() string) {
	var at string
	g.failing(func(step string) error {
		if n--; n == -1 {
			at = step
			return errDisk
		}
		return nil
	})
	return func() string {
		g.mu.Lock()
		defer g.mu.Unlock()
		return at
	}
}

// back waits until the journal takes appends again.
func back(t *testing.T, s *store.Store) {
	t.Helper()
	hints, stop := s.Subscribe()
	defer stop()
	for s.Down() {
		select {
		case <-hints:
		case <-t.Context().Done():
			t.Fatal("the journal did not come back")
		}
	}
}

// testFaults: the database fails at each step of a transaction in turn. Nothing of the append is there, the journal
// says that it is down, comes back by itself, and takes the same append.
func testFaults(t *testing.T, e Engine) {
	s, g := failable(t, e)
	old := NewCall("messagerie", "colis", "anne", "+33600000000", Start)
	must(t, s, old.Opened())
	steps := map[string]bool{}
	for n := 0; ; n++ {
		c := NewCall("messagerie", "colis", "anne", "+33612345678", Start)
		a := c.Opened()
		a.CommandID = fmt.Sprint("command ", n)
		a.Blobs = []rivage.Blob{blobOf(a.CommandID)}
		a.Entries = append(a.Entries, SetQueue(rivage.ID(fmt.Sprint("q", n)), "messagerie", 20, Start).Entries...)
		size := s.Size()
		fell := g.once(n)
		r, err := s.Append(t.Context(), a)
		at := fell()
		if at == "" {
			report(t, err)
			break
		}
		steps[at] = true
		if rivage.CodeOf(err) != rivage.Unavailable {
			t.Fatalf("fault at %q: got error %v, want Unavailable", at, err)
		}
		back(t, s)
		head, err := s.Head(t.Context())
		report(t, err)
		if at == "committed" {
			size += uint64(len(a.Entries))
		}
		if head.Size != size {
			t.Fatalf("fault at %q: %d entries, want %d", at, head.Size, size)
		}
		if r = must(t, s, a); r.Repeated != (at == "committed") {
			t.Errorf("fault at %q: the command again gives %+v", at, r)
		}
	}
	for _, want := range []string{
		"begin", "lock", "query", "queue INSERT INTO entry", "queue INSERT INTO body", "queue INSERT INTO cell",
		"queue INSERT INTO body_index", "queue INSERT INTO blob", "queue INSERT INTO command", "queue INSERT INTO subject_index",
		"queue INSERT INTO stream", "queue INSERT INTO subject_key", "queue INSERT INTO person", "queue INSERT INTO subject",
		"queue INSERT INTO interaction", "queue INSERT INTO setting", "queue UPDATE ledger_head SET size=$1, root=$2, frontier=$3 WHERE id=1",
		"commit", "committed",
	} {
		if !steps[want] {
			t.Errorf("no fault was tried at %q; tried %v", want, steps)
		}
	}
	eraseFaults(t, s, g, old)
	sound(t, s)
}

// eraseFaults: an erasure is whole or has not begun.
func eraseFaults(t *testing.T, s *store.Store, g *gate, c *Call) {
	for n := 0; ; n++ {
		fell := g.once(n)
		_, err := s.Append(t.Context(), c.Erased())
		switch fell() {
		case "":
			report(t, err)
			return
		case "committed":
			t.Fatal("the erasure was taken though a step failed")
		case "commit":
			back(t, s)
			if r := row(t, s, c.ID); r.Caller == nil {
				t.Error("the number is gone though the erasure was not committed")
			}
			return
		}
		back(t, s)
	}
}

// testLostAnswer: the answer to COMMIT is lost. The caller repeats the command and gets the first answer, never a
// double.
func testLostAnswer(t *testing.T, e Engine) {
	s, g := failable(t, e)
	g.failing(func(step string) error {
		if step == "committed" {
			return errDisk
		}
		return nil
	})
	a := door(1)
	a.CommandID = "c"
	refused(t, s, a, rivage.Unavailable)
	g.failing(nil)
	back(t, s)
	if got, want := must(t, s, a), (rivage.Receipt{Repeated: true}); got != want {
		t.Errorf("got %+v, want the first answer %+v", got, want)
	}
	if s.Size() != 1 {
		t.Errorf("%d entries, want 1", s.Size())
	}
	sound(t, s)
}

// testLostErasure: when the answer to the COMMIT of an erasure is lost, nothing of the person is read from memory.
func testLostErasure(t *testing.T, e Engine) {
	s, g := failable(t, e)
	c := NewCall("messagerie", "colis", "anne", "+33612345678", Start)
	must(t, s, c.Opened())
	g.failing(func(step string) error {
		if step == "committed" {
			return errDisk
		}
		return nil
	})
	refused(t, s, c.Erased(), rivage.Unavailable)
	g.failing(nil)
	back(t, s)
	if r := row(t, s, c.ID); r.Caller != nil {
		t.Error("an erased caller is still in memory")
	}
}

// testDown: a journal in trouble answers a whole batch at once instead of trying each, refuses without touching the
// database until a probe passes, and says when it is back.
func testDown(t *testing.T, e Engine) {
	db, err := e.Fresh(t)()
	if err != nil {
		t.Fatal(err)
	}
	g := newGate(db)
	ticks := make(chan time.Time)
	asked := make(chan time.Duration, 100)
	s := over(t, g, store.Config{After: func(d time.Duration) <-chan time.Time { asked <- d; return ticks }})
	hints, stop := s.Subscribe()
	defer stop()
	g.mu.Lock()
	g.steps = 0
	g.mu.Unlock()
	g.failing(func(string) error { return errDisk })
	g.shut()
	const n = 100
	answers := make(chan error, n)
	for range n {
		s.Submit(door(1), func(_ rivage.Receipt, err error) { answers <- err })
	}
	g.open()
	for range n {
		if err := <-answers; rivage.CodeOf(err) != rivage.Unavailable {
			t.Fatalf("got %v, want Unavailable", err)
		}
	}
	if <-hints; !s.Down() {
		t.Error("the journal does not say that it is down")
	}
	g.mu.Lock()
	steps := g.steps
	g.mu.Unlock()
	if steps > 2 { // one or two batches: what came while the gate was shut
		t.Errorf("%d transactions were tried for %d appends, want one or two", steps, n)
	}
	wait := <-asked
	refused(t, s, door(1), rivage.Unavailable)
	ticks <- time.Time{} // the probe fails
	if next := <-asked; next <= wait {
		t.Errorf("waits %s after a failed probe, %s before it", next, wait)
	}
	g.failing(nil)
	ticks <- time.Time{}
	if <-hints; s.Down() {
		t.Error("the journal does not say that it is back")
	}
	must(t, s, door(1))
	sound(t, s)
}

// testPortable: what the engines could bind differently.
func testPortable(t *testing.T, e Engine) {
	db, err := e.Fresh(t)()
	if err != nil {
		t.Fatal(err)
	}
	s := over(t, db, store.Config{})
	rows, err := db.Query(t.Context(), `SELECT CAST($2 AS TEXT) || CAST($1 AS TEXT)`, "first", "second")
	if err != nil {
		t.Fatal(err)
	}
	var got string
	if !rows.Next() || rows.Scan(&got) != nil || got != "secondfirst" {
		t.Errorf("$2 || $1 = %q, want %q (%v)", got, "secondfirst", rows.Err())
	}
	report(t, rows.Close())
	for _, a := range newDay(3).appends {
		must(t, s, a)
	}
	report(t, s.PutSession(t.Context(), store.Session{ID: "s", Expires: 1}))
	report(t, s.SetCursor(t.Context(), "c", 1))
	if _, err := s.Acquire(t.Context(), "l", "h", time.Hour, nil); err != nil {
		t.Error(err)
	}
	if e.Integers != nil {
		for _, column := range e.Integers(t) {
			t.Errorf("%s is declared BIGINT and holds something else", column)
		}
	}
}

// testClosed: a closed store took all it was given, and takes nothing more.
func testClosed(t *testing.T, e Engine) {
	connect := e.Fresh(t)
	db, err := connect()
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.New(t.Context(), db, store.Config{})
	if err != nil {
		t.Fatal(err)
	}
	answers := make(chan error, 50)
	for range cap(answers) {
		s.Submit(door(1), func(_ rivage.Receipt, err error) { answers <- err })
	}
	report(t, s.Close())
	for range cap(answers) {
		report(t, <-answers)
	}
	refused(t, s, door(1), rivage.Unavailable)
	report(t, s.Close())
	if n := open(t, connect).Size(); n != uint64(cap(answers)) {
		t.Errorf("%d entries, want %d", n, cap(answers))
	}
}

// testReopen: a store opened again goes on where it was.
func testReopen(t *testing.T, e Engine) {
	connect := e.Fresh(t)
	c := NewCall("messagerie", "colis", "anne", "+33612345678", Start)
	for i, a := range c.Whole(1e6) {
		db, err := connect()
		if err != nil {
			t.Fatal(err)
		}
		s, err := store.New(t.Context(), db, store.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if must(t, s, a); i == 10 {
			sound(t, s)
		}
		report(t, s.Close())
	}
}
