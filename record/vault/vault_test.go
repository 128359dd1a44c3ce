// SPDX-License-Identifier: EUPL-1.2

package vault

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"rivage.example/rivage"
)

// fakeClock stands still until it is moved.
type fakeClock struct {
	mu  sync.Mutex
	now time.Duration
}

func (c *fakeClock) Elapsed() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) Now() time.Time { return time.Unix(1_800_000_000, 0).UTC().Add(c.Elapsed()) }

func (c *fakeClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now += d
}

// table is the table of wrapped keys as the store keeps it.
type table struct {
	mu    sync.Mutex
	keys  map[rivage.ID]rivage.SubjectKey
	reads int
	after func() // called once a key was read, before it is answered
}

func newTable() *table { return &table{keys: make(map[rivage.ID]rivage.SubjectKey)} }

func (t *table) SubjectKey(_ context.Context, s rivage.ID) (rivage.SubjectKey, error) {
	t.mu.Lock()
	k, ok := t.keys[s]
	t.reads++
	after := t.after
	t.mu.Unlock()
	if after != nil {
		after()
	}
	if !ok {
		return k, &rivage.Error{Code: rivage.NotFound, Message: "no such key"}
	}
	return k, nil
}

func (t *table) SubjectKeys(_ context.Context, after rivage.ID, limit int) ([]rivage.SubjectKey, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var page []rivage.SubjectKey
	for _, s := range slices.Sorted(maps.Keys(t.keys)) {
		if s > after && len(page) < limit {
			page = append(page, t.keys[s])
		}
	}
	return page, nil
}

func (t *table) Rewrap(_ context.Context, keys []rivage.SubjectKey) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range keys {
		if _, ok := t.keys[k.Subject]; ok {
			t.keys[k.Subject] = k
		}
	}
	return nil
}

// commit does to the table what the store does with an append.
func (t *table) commit(a rivage.SealedAppend) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range a.Keys {
		t.keys[k.Subject] = k
	}
	for _, s := range a.Erase {
		delete(t.keys, s)
	}
}

func newVault(t testing.TB) (*Vault, *table, *fakeClock) {
	t.Helper()
	keys, clock := newTable(), &fakeClock{}
	v, err := New(Config{KEK: NewKEK(), Keys: keys, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	return v, keys, clock
}

const (
	canaryBody  = `{"name":"CANARY-NAME"}`
	canaryCell  = "CANARY-CELL"
	canaryIndex = "+33198765432"
)

func entryOf(subject rivage.ID) rivage.Entry {
	return rivage.Entry{
		Stream: "interaction/i1", Principal: "ponant", Facts: &rivage.InteractionClosed{},
		Subject: subject, Actor: subject, Body: []byte(canaryBody),
		Cells:   []rivage.Cell{{Name: "caller", Value: []byte(canaryCell)}, {Name: "note", Value: []byte("CANARY-NOTE")}},
		Indexes: []rivage.Index{{Kind: "tel", Value: canaryIndex}},
	}
}

// sealNew seals one entry of a new subject and commits it.
func sealNew(t *testing.T, v *Vault, keys *table, subject rivage.ID) rivage.SealedAppend {
	t.Helper()
	s, err := v.Seal(t.Context(), rivage.Append{NewSubjects: []rivage.ID{subject}, Entries: []rivage.Entry{entryOf(subject)}})
	if err != nil {
		t.Fatal(err)
	}
	keys.commit(s)
	return s
}

func TestSealThenOpenGivesWhatWasSealed(t *testing.T) {
	v, keys, _ := newVault(t)
	s := sealNew(t, v, keys, "s1")
	e := s.Entries[0]
	body, err := v.OpenBody(t.Context(), "s1", e.Stream, e.Body)
	if err != nil || string(body.Clear) != canaryBody {
		t.Fatalf("OpenBody = %q, %v, want %q", body.Clear, err, canaryBody)
	}
	if body.Commit() != e.Commit {
		t.Errorf("Commit = %s, want %s", body.Commit(), e.Commit)
	}
	cell, err := v.OpenCell(t.Context(), "s1", "caller", e.Cells[0].Value)
	if err != nil || string(cell) != canaryCell {
		t.Errorf("OpenCell = %q, %v, want %q", cell, err, canaryCell)
	}
	if want := v.Blind("ponant", "tel", canaryIndex); e.Indexes[0].Value != string(want) {
		t.Errorf("index = %x, want %x", e.Indexes[0].Value, want)
	}
	actor, err := v.ActorKey(t.Context(), "s1")
	if err != nil || !bytes.Equal(actor, e.ActorKey) {
		t.Errorf("ActorKey = %x, %v, want %x", actor, err, e.ActorKey)
	}
}

func TestSealLeavesNoClearTextAndDoesNotTouchItsArgument(t *testing.T) {
	v, keys, _ := newVault(t)
	in := entryOf("s1")
	s, err := v.Seal(t.Context(), rivage.Append{NewSubjects: []rivage.ID{"s1"}, Entries: []rivage.Entry{in}})
	if err != nil {
		t.Fatal(err)
	}
	keys.commit(s)
	e := s.Entries[0]
	out := slices.Concat(e.Body, []byte(e.Indexes[0].Value), e.ActorKey, e.Commit[:], e.Salt[:], s.Keys[0].Wrapped)
	for _, c := range e.Cells {
		out = append(out, c.Value...)
	}
	if bytes.Contains(out, []byte("CANARY")) || bytes.Contains(out, []byte(canaryIndex[1:])) {
		t.Error("a sealed append holds clear text")
	}
	if string(in.Body) != canaryBody || string(in.Cells[0].Value) != canaryCell || in.Indexes[0].Value != canaryIndex {
		t.Error("Seal changed the entry it was given")
	}
}

func TestSealedTwiceTheSameDiffers(t *testing.T) {
	v, keys, _ := newVault(t)
	a := sealNew(t, v, keys, "s1").Entries[0]
	again, err := v.Seal(t.Context(), rivage.Append{Entries: []rivage.Entry{entryOf("s1")}})
	if err != nil {
		t.Fatal(err)
	}
	b := again.Entries[0]
	if bytes.Equal(a.Body, b.Body) || a.Commit == b.Commit || a.Salt == b.Salt || bytes.Equal(a.Cells[0].Value, b.Cells[0].Value) {
		t.Error("two seals of one text can be told to be the same")
	}
}

func TestWhatWasMovedElsewhereDoesNotOpen(t *testing.T) {
	v, keys, _ := newVault(t)
	e := sealNew(t, v, keys, "s1").Entries[0]
	other := sealNew(t, v, keys, "s2").Entries[0]
	flipped := bytes.Clone(e.Cells[0].Value)
	flipped[len(flipped)-1] ^= 1
	cell := func(subject rivage.ID, name string, sealed []byte) func() error {
		return func() error { _, err := v.OpenCell(t.Context(), subject, name, sealed); return err }
	}
	body := func(subject rivage.ID, stream rivage.Stream, sealed []byte) func() error {
		return func() error { _, err := v.OpenBody(t.Context(), subject, stream, sealed); return err }
	}
	for name, open := range map[string]func() error{
		"cell to another subject":  cell("s2", "caller", e.Cells[0].Value),
		"cell to another column":   cell("s1", "note", e.Cells[0].Value),
		"cell as a body":           body("s1", e.Stream, e.Cells[0].Value),
		"body as a cell":           cell("s1", "body", e.Body),
		"body to another subject":  body("s2", e.Stream, e.Body),
		"body to another stream":   body("s1", "interaction/i2", e.Body),
		"cell with a flipped bit":  cell("s1", "caller", flipped),
		"cell cut short":           cell("s1", "caller", flipped[:overhead-1]),
		"empty cell":               cell("s1", "caller", []byte{}),
		"other's cell to this one": cell("s1", "caller", other.Cells[0].Value),
	} {
		if got := rivage.CodeOf(open()); got != rivage.Denied {
			t.Errorf("%s: code %q, want %q", name, got, rivage.Denied)
		}
	}
	again, err := v.Seal(t.Context(), rivage.Append{Entries: []rivage.Entry{entryOf("s1")}})
	if err != nil {
		t.Fatal(err)
	}
	moved, err := v.OpenBody(t.Context(), "s1", e.Stream, again.Entries[0].Body)
	if err != nil {
		t.Fatal(err)
	}
	if moved.Commit() == e.Commit {
		t.Error("a body moved to another entry of its stream matches that entry's commit")
	}
}

func TestErasureMakesEverythingUnreadable(t *testing.T) {
	v, keys, _ := newVault(t)
	e := sealNew(t, v, keys, "s1").Entries[0]
	kept := sealNew(t, v, keys, "s2").Entries[0]
	s, err := v.Seal(t.Context(), rivage.Append{Erase: []rivage.ID{"s1"}, Entries: []rivage.Entry{{Facts: &rivage.PersonErased{}}}})
	if err != nil {
		t.Fatal(err)
	}
	keys.commit(s)
	v.Forget("s1")
	_, bodyErr := v.OpenBody(t.Context(), "s1", e.Stream, e.Body)
	_, cellErr := v.OpenCell(t.Context(), "s1", "caller", e.Cells[0].Value)
	_, sealErr := v.Seal(t.Context(), rivage.Append{Entries: []rivage.Entry{entryOf("s1")}})
	_, nilErr := v.OpenCell(t.Context(), "s2", "caller", nil)
	for name, err := range map[string]error{"body": bodyErr, "cell": cellErr, "seal": sealErr, "NULL cell": nilErr} {
		if got := rivage.CodeOf(err); got != rivage.NotFound {
			t.Errorf("%s after the erasure: %v, want code %q", name, err, rivage.NotFound)
		}
	}
	if _, err := v.OpenBody(t.Context(), "s2", kept.Stream, kept.Body); err != nil {
		t.Errorf("another subject's body: %v", err)
	}
}

func TestKeyReadWhileItIsErasedIsNotKept(t *testing.T) {
	v, keys, _ := newVault(t)
	e := sealNew(t, v, keys, "s1").Entries[0]
	keys.after = func() { // the erasure is committed between the reading and the keeping
		keys.after = nil
		keys.commit(rivage.SealedAppend{Erase: []rivage.ID{"s1"}})
		v.Forget("s1")
	}
	if _, err := v.OpenCell(t.Context(), "s1", "caller", e.Cells[0].Value); err != nil {
		t.Fatal(err)
	}
	if _, err := v.OpenCell(t.Context(), "s1", "caller", e.Cells[0].Value); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("after the erasure: %v, want code %q", err, rivage.NotFound)
	}
}

func TestKeyOfAFailedAppendIsNotUsed(t *testing.T) {
	v, keys, _ := newVault(t)
	a := rivage.Append{NewSubjects: []rivage.ID{"s1"}, Entries: []rivage.Entry{entryOf("s1")}}
	if _, err := v.Seal(t.Context(), a); err != nil { // never committed
		t.Fatal(err)
	}
	if _, err := v.Seal(t.Context(), rivage.Append{Entries: a.Entries}); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("seal under a key that was never stored: %v, want code %q", err, rivage.NotFound)
	}
	first := sealNew(t, v, keys, "s1").Entries[0]
	if _, err := v.Seal(t.Context(), a); err != nil { // the repeated command: the first keys stand
		t.Fatal(err)
	}
	if _, err := v.OpenCell(t.Context(), "s1", "caller", first.Cells[0].Value); err != nil {
		t.Errorf("cell of the append that was stored: %v", err)
	}
}

func TestKeysAreHeldForABoundedTimeAndNumber(t *testing.T) {
	keys, clock := newTable(), &fakeClock{}
	v, err := New(Config{KEK: NewKEK(), Keys: keys, Clock: clock, Hold: time.Minute, Held: 3})
	if err != nil {
		t.Fatal(err)
	}
	e := sealNew(t, v, keys, "s1").Entries[0]
	open := func() {
		t.Helper()
		if _, err := v.OpenCell(t.Context(), "s1", "caller", e.Cells[0].Value); err != nil {
			t.Fatal(err)
		}
	}
	open()
	clock.advance(59 * time.Second)
	open()
	if keys.reads != 1 {
		t.Errorf("%d reads of the table within the hold, want 1", keys.reads)
	}
	clock.advance(time.Second)
	open()
	if keys.reads != 2 {
		t.Errorf("%d reads of the table after the hold, want 2: uses prolong it", keys.reads)
	}
	for i := range 10 {
		s := rivage.ID(fmt.Sprintf("t%d", i))
		sealNew(t, v, keys, s)
		if _, err := v.ActorKey(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(v.cache.held); n > 3 {
		t.Errorf("%d keys held, want at most 3", n)
	}
}

func TestSealRefusesWhatItCannotBind(t *testing.T) {
	v, keys, _ := newVault(t)
	sealNew(t, v, keys, "s1")
	with := func(change func(*rivage.Entry)) rivage.Append {
		e := entryOf("s1")
		change(&e)
		return rivage.Append{Entries: []rivage.Entry{e}}
	}
	for _, c := range []struct {
		name string
		in   rivage.Append
		want rivage.Code
	}{
		{"no subject", with(func(e *rivage.Entry) { e.Subject = "" }), rivage.Invalid},
		{"a bar in the subject", with(func(e *rivage.Entry) { e.Subject = "s1|caller" }), rivage.Invalid},
		{"a bar in a cell's name", with(func(e *rivage.Entry) { e.Cells[0].Name = "body|x" }), rivage.Invalid},
		{"a cell twice", with(func(e *rivage.Entry) { e.Cells[1].Name = "caller" }), rivage.Invalid},
		{"a big body", with(func(e *rivage.Entry) { e.Body = make([]byte, MaxBody+1) }), rivage.Invalid},
		{"a big cell", with(func(e *rivage.Entry) { e.Cells[0].Value = make([]byte, MaxCell+1) }), rivage.Invalid},
		{"many indexes", with(func(e *rivage.Entry) { e.Indexes = make([]rivage.Index, maxIndexes+1) }), rivage.Invalid},
		{"an unknown subject", with(func(e *rivage.Entry) { e.Subject = "s9" }), rivage.NotFound},
		{"an unknown actor", with(func(e *rivage.Entry) { e.Actor = "s9" }), rivage.NotFound},
		{"a new subject twice", rivage.Append{NewSubjects: []rivage.ID{"n", "n"}}, rivage.Invalid},
		{"a new subject without id", rivage.Append{NewSubjects: []rivage.ID{""}}, rivage.Invalid},
		{"its own erasure", rivage.Append{Erase: []rivage.ID{"s1"}, Entries: []rivage.Entry{entryOf("s1")}}, rivage.Denied},
	} {
		if _, err := v.Seal(t.Context(), c.in); rivage.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want code %q", c.name, err, c.want)
		}
	}
}

func TestBlindTellsPrincipalsKindsAndValuesApart(t *testing.T) {
	v, _, _ := newVault(t)
	other, _, _ := newVault(t)
	base := v.Blind("ponant", "mail", "a@b.fr")
	for name, got := range map[string][]byte{
		"principal": v.Blind("mutuelle", "mail", "a@b.fr"),
		"kind":      v.Blind("ponant", "login", "a@b.fr"),
		"value":     v.Blind("ponant", "mail", "c@b.fr"),
		"instance":  other.Blind("ponant", "mail", "a@b.fr"),
	} {
		if bytes.Equal(base, got) {
			t.Errorf("another %s gives the same index", name)
		}
	}
	if got := v.Blind("ponant", "mail", " A@B.fr"); !bytes.Equal(got, base) {
		t.Error("letter case changes the index")
	}
}

func TestRewrapMovesEveryKeyAndErasesNothing(t *testing.T) {
	v, keys, _ := newVault(t)
	first := NewKEK()
	if err := v.Adopt(first); err == nil {
		t.Fatal("Adopt took the key of another instance")
	}
	v, err := New(Config{KEK: first, Keys: keys, Clock: &fakeClock{}})
	if err != nil {
		t.Fatal(err)
	}
	const subjects = rewrapPage + 7
	var e rivage.SealedEntry
	for i := range subjects {
		e = sealNew(t, v, keys, rivage.ID(fmt.Sprintf("s%04d", i))).Entries[0]
	}
	second, err := first.WithNewEpoch()
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Adopt(second); err != nil {
		t.Fatal(err)
	}
	if err := v.Destroyable(t.Context(), keys, 1); rivage.CodeOf(err) != rivage.Conflict {
		t.Errorf("epoch 1 with keys under it: %v, want code %q", err, rivage.Conflict)
	}
	stolen := keys.keys["s0000"]
	n, err := v.Rewrap(t.Context(), keys)
	if n != subjects || err != nil {
		t.Fatalf("Rewrap = %d, %v, want %d", n, err, subjects)
	}
	if n, err := v.Rewrap(t.Context(), keys); n != 0 || err != nil {
		t.Errorf("Rewrap again = %d, %v, want 0", n, err)
	}
	if err := v.Destroyable(t.Context(), keys, 1); err != nil {
		t.Errorf("epoch 1 without keys: %v", err)
	}
	third, err := second.WithoutEpoch(1)
	if err != nil {
		t.Fatal(err)
	}
	v, err = New(Config{KEK: third, Keys: keys, Clock: &fakeClock{}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.OpenBody(t.Context(), e.Subject, e.Stream, e.Body); err != nil {
		t.Errorf("a body after the epoch changed: %v", err)
	}
	keys.keys["s0000"] = stolen // a key from a backup of the destroyed epoch
	if _, err := v.ActorKey(t.Context(), "s0000"); rivage.CodeOf(err) != rivage.Denied {
		t.Errorf("a key of a destroyed epoch: %v, want code %q", err, rivage.Denied)
	}
	moved := keys.keys["s0001"]
	moved.Subject = "s0002"
	keys.keys["s0002"] = moved
	if _, err := v.ActorKey(t.Context(), "s0002"); rivage.CodeOf(err) != rivage.Denied {
		t.Errorf("a wrapped key moved to another subject: %v, want code %q", err, rivage.Denied)
	}
}

func TestSealOpenAndForgetAtTheSameTime(t *testing.T) {
	v, keys, clock := newVault(t)
	for i := range 8 {
		sealNew(t, v, keys, rivage.ID(fmt.Sprintf("s%d", i)))
	}
	var wg sync.WaitGroup
	for g := range 8 {
		subject := rivage.ID(fmt.Sprintf("s%d", g))
		wg.Go(func() {
			for range 100 {
				s, err := v.Seal(t.Context(), rivage.Append{Entries: []rivage.Entry{entryOf(subject)}})
				if err != nil {
					t.Errorf("seal: %v", err)
					return
				}
				if _, err := v.OpenBody(t.Context(), subject, s.Entries[0].Stream, s.Entries[0].Body); err != nil {
					t.Errorf("open: %v", err)
				}
				v.Forget(subject)
				clock.advance(time.Second)
			}
		})
	}
	wg.Wait()
}

func TestNewRefusesAnIncompleteConfig(t *testing.T) {
	for name, c := range map[string]Config{
		"no key":   {Keys: newTable(), Clock: &fakeClock{}},
		"no table": {KEK: NewKEK(), Clock: &fakeClock{}},
		"no clock": {KEK: NewKEK(), Keys: newTable()},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func BenchmarkSealField(b *testing.B) {
	v, keys, _ := newVault(b)
	s, err := v.Seal(b.Context(), rivage.Append{NewSubjects: []rivage.ID{"s1"}})
	if err != nil {
		b.Fatal(err)
	}
	keys.commit(s)
	e := rivage.Entry{Stream: "interaction/i1", Principal: "ponant", Subject: "s1",
		Facts: &rivage.InteractionClosed{}, Cells: []rivage.Cell{{Name: "note", Value: make([]byte, 200)}}}
	a := rivage.Append{Entries: []rivage.Entry{e}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Seal(b.Context(), a); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSealWholeEntry(b *testing.B) {
	v, keys, _ := newVault(b)
	s, err := v.Seal(b.Context(), rivage.Append{NewSubjects: []rivage.ID{"s1"}})
	if err != nil {
		b.Fatal(err)
	}
	keys.commit(s)
	e := entryOf("s1")
	e.Body = make([]byte, 200)
	a := rivage.Append{Entries: []rivage.Entry{e}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Seal(b.Context(), a); err != nil {
			b.Fatal(err)
		}
	}
}
