// SPDX-License-Identifier: EUPL-1.2

package verify

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/tlog"
)

const origin = "rivage.example/journal/test"

var signingKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

// folder is a published folder in memory.
type folder struct{ fstest.MapFS }

func (f folder) Put(name string, data []byte) error {
	f.MapFS[name] = &fstest.MapFile{Data: bytes.Clone(data)}
	return nil
}

func (f folder) clone() folder {
	c := folder{fstest.MapFS{}}
	for name, file := range f.MapFS {
		c.MapFS[name] = &fstest.MapFile{Data: bytes.Clone(file.Data)}
	}
	return c
}

// sample is one entry of the sample log: every third is a conversation's end with a body, every third is another's.
type sample struct {
	leaf, facts, body []byte
	salt              [32]byte
	principal         rivage.ID
}

func sampleEntry(t testing.TB, i int, twist string) sample {
	t.Helper()
	s := sample{principal: []rivage.ID{"ponant", "mutuelle", "ponant"}[i%3]}
	e := rivage.SealedEntry{Entry: rivage.Entry{
		Stream: rivage.StreamOf("interaction", rivage.ID(fmt.Sprint("i", i))), Principal: s.principal,
		At: time.Unix(1790000000+int64(i), 0), Facts: &rivage.InteractionHeld{Interaction: rivage.ID(fmt.Sprint("i", i)), Agent: "a"},
	}}
	l := rivage.Leaf{Role: "agent", Country: "FR", Evidence: rivage.Attested, Basis: "intérêt légitime" + twist}
	if i%3 == 2 {
		e.Facts = &rivage.InteractionClosed{Interaction: rivage.ID(fmt.Sprint("i", i)), Disposition: "ok"}
		s.body = fmt.Appendf(nil, `{"note":"rappeler %d"}`, i)
		s.salt[0] = byte(i)
		l.Commit = sha256.Sum256(slices.Concat(s.salt[:], s.body))
	}
	var err error
	if s.facts, err = rivage.EncodeFacts(&e, 1); err != nil {
		t.Fatal(err)
	}
	l.At, l.Kind, l.Facts = e.At.Unix(), e.Facts.Kind(), sha256.Sum256(s.facts)
	s.leaf = l.Append(nil)
	return s
}

// vkey is the sample log's verifier key.
func vkey(t testing.TB) string {
	t.Helper()
	k, err := tlog.VerifierKey(origin, signingKey.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sign(t testing.TB, tree tlog.Tree, extension string) []byte {
	t.Helper()
	s, err := tlog.NewSigner(origin, signingKey)
	if err != nil {
		t.Fatal(err)
	}
	text, err := tlog.Checkpoint{Origin: origin, Tree: tree, Extension: extension}.Sign(s)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// publish is a published log of leaves; an empty one is dropped.
func publish(t testing.TB, leaves ...[]byte) (folder, tlog.Tree) {
	t.Helper()
	f := folder{fstest.MapFS{}}
	w := tlog.NewWriter(f)
	for _, l := range leaves {
		if _, err := w.Add(l); err != nil {
			t.Fatal(err)
		}
	}
	return f, finish(t, f, w)
}

func finish(t testing.TB, f folder, w *tlog.Writer) tlog.Tree {
	t.Helper()
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	_ = f.Put(CheckpointFile, sign(t, w.Tree(), ""))
	_ = f.Put(KeyFile, []byte(vkey(t)+"\n"))
	return w.Tree()
}

func leavesOf(t testing.TB, n int, twist string) [][]byte {
	t.Helper()
	var list [][]byte
	for i := range n {
		list = append(list, sampleEntry(t, i, twist).leaf)
	}
	return list
}

// export is an export of n entries for the Principal ponant.
func export(t testing.TB, n int) folder {
	t.Helper()
	f := folder{fstest.MapFS{}}
	w := tlog.NewWriter(f)
	var facts, bodies []byte
	for i := range n {
		s := sampleEntry(t, i, "")
		if s.principal != "ponant" {
			if err := w.AddDropped(tlog.LeafHash(s.leaf)); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if _, err := w.Add(s.leaf); err != nil {
			t.Fatal(err)
		}
		facts = AppendFacts(facts, uint64(i), s.facts)
		if s.body != nil {
			bodies = AppendBody(bodies, uint64(i), s.salt, s.body)
		}
	}
	m := Manifest{Principal: "ponant", At: time.Unix(1790009999, 0).UTC(), Bodies: true}
	for name, data := range map[string][]byte{"facts/000.ndjson": facts, "bodies/000.ndjson": bodies} {
		_ = f.Put(name, data)
		m.Files = append(m.Files, Listed{name, int64(len(data)), sha256.Sum256(data)})
	}
	lines, err := m.Lines()
	if err != nil {
		t.Fatal(err)
	}
	_ = f.Put(ManifestFile, sign(t, finish(t, f, w), lines))
	return f
}

func TestAPublishedFolderVerifies(t *testing.T) {
	for _, n := range []int{0, 1, 255, 256, 257, 600} {
		f, tree := publish(t, leavesOf(t, n, "")...)
		r, err := Folder(f, vkey(t))
		if err != nil {
			t.Fatalf("%d entries: %v", n, err)
		}
		if r.Size != uint64(n) || r.Root != rivage.Hash(tree.Root).String() || r.KeyFound || r.Export != nil {
			t.Errorf("%d entries: report %+v", n, r)
		}
		if got, want := r.Kinds[rivage.KindInteractionClosed], int64(n/3); got != want {
			t.Errorf("%d entries: %d closed, want %d", n, got, want)
		}
	}
}

func TestAnExportVerifiesByItself(t *testing.T) {
	r, err := Folder(export(t, 700), "")
	if err != nil {
		t.Fatal(err)
	}
	if !r.KeyFound || r.Export == nil || r.Export.Principal != "ponant" || !r.Export.Bodies {
		t.Errorf("report %+v", r)
	}
	if got, want := [3]int64{r.Facts, r.Bodies, r.Dropped}, [3]int64{467, 233, 233}; got != want {
		t.Errorf("facts, bodies, dropped: got %v, want %v", got, want)
	}
}

// A flipped bit in any file is refused, and the file is named; where the file holds entries, so is the entry.
func TestAFlippedBitIsNamed(t *testing.T) {
	whole := export(t, 700)
	for _, name := range slices.Sorted(maps.Keys(whole.MapFS)) {
		n := len(whole.MapFS[name].Data)
		for at := 0; at < n; at += max(1, n/40) {
			f := whole.clone()
			f.MapFS[name].Data[at] ^= 1 << (at % 8)
			_, err := Folder(f, "")
			var fault *Fault
			if !errors.As(err, &fault) {
				t.Fatalf("%s, byte %d: got %v, want a fault", name, at, err)
			}
			if fault.File != name {
				t.Errorf("%s, byte %d: the fault names %q: %v", name, at, fault.File, err)
			}
			if strings.HasPrefix(name, "tile/entries/") && !fault.Entry {
				t.Errorf("%s, byte %d: no entry is named: %v", name, at, err)
			}
		}
	}
}

func TestTheFirstBadEntryIsNamed(t *testing.T) {
	f, _ := publish(t, leavesOf(t, 40_000, "")...)
	for _, seq := range []uint64{39_000, 20_000, 5} { // from now on, all three are bad
		name := bundlePath(seq, 40_000)
		data := f.MapFS[name].Data
		at := bytes.Index(data, sampleEntry(t, int(seq), "").leaf)
		data[at+20] ^= 1
		_, err := Folder(f, vkey(t))
		var fault *Fault
		if !errors.As(err, &fault) || fault.First != seq || fault.Last != seq || fault.File != name {
			t.Fatalf("got %v, want entry %d in %s", err, seq, name)
		}
	}
}

func TestAMissingOrForeignFileIsNamed(t *testing.T) {
	whole := export(t, 700)
	for _, name := range slices.Sorted(maps.Keys(whole.MapFS)) {
		f := whole.clone()
		delete(f.MapFS, name)
		_, err := Folder(f, "")
		var fault *Fault
		if !errors.As(err, &fault) || fault.File != name {
			t.Errorf("without %s: got %v", name, err)
		}
	}
	for _, name := range []string{"facts/001.ndjson", "LISEZMOI", "tile/0/009", "tile/entries/002.p/9"} {
		f := whole.clone()
		_ = f.Put(name, []byte("{}\n"))
		_, err := Folder(f, "")
		var fault *Fault
		if !errors.As(err, &fault) || fault.File != name {
			t.Errorf("with %s: got %v", name, err)
		}
	}
}

func TestAnotherKeyIsRefused(t *testing.T) {
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, ed25519.SeedSize))
	k, err := tlog.VerifierKey(origin, other.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	f, _ := publish(t, leavesOf(t, 3, "")...)
	if _, err := Folder(f, k); err == nil {
		t.Error("a folder with another key in it was taken")
	}
	delete(f.MapFS, KeyFile)
	if _, err := Folder(f, k); err == nil {
		t.Error("a signature of another key was taken")
	}
	if _, err := Folder(f, vkey(t)); err != nil {
		t.Errorf("without the key in the folder: %v", err)
	}
}

// What is signed may still be wrong: a leaf that is not in its one form, or facts of another Principal.
func TestSignedNonsenseIsRefused(t *testing.T) {
	good := leavesOf(t, 3, "")
	f, _ := publish(t, good[0], bytes.Replace(good[1], []byte(`"t":`), []byte(`"t": `), 1), good[2])
	_, err := Folder(f, vkey(t))
	var fault *Fault
	if !errors.As(err, &fault) || !fault.Entry || fault.First != 1 {
		t.Errorf("got %v, want entry 1", err)
	}
}

// The operator writes the whole log again and signs it again: nothing in the folder tells. Whoever kept a checkpoint
// knows.
func TestARewrittenLogPassesAloneAndFailsSince(t *testing.T) {
	honest, _ := publish(t, leavesOf(t, 500, "")...)
	old := honest.MapFS[CheckpointFile].Data

	rewritten, _ := publish(t, leavesOf(t, 600, " (réécrit)")...)
	if _, err := Folder(rewritten, vkey(t)); err != nil {
		t.Errorf("alone: got %v, want it to pass", err)
	}
	if _, err := Since(rewritten, old, vkey(t)); err == nil || !strings.Contains(err.Error(), "written again") {
		t.Errorf("since: got %v, want a refusal", err)
	}
	sameSize, _ := publish(t, leavesOf(t, 500, " (réécrit)")...)
	if _, err := Since(sameSize, old, vkey(t)); err == nil {
		t.Error("since: a rewritten log of the same size was taken")
	}
	shorter, _ := publish(t, leavesOf(t, 499, "")...)
	if _, err := Since(shorter, old, vkey(t)); err == nil || !strings.Contains(err.Error(), "499") {
		t.Errorf("since: got %v, want a refusal of a shorter log", err)
	}
	grown, _ := publish(t, leavesOf(t, 600, "")...)
	if c, err := Since(grown, old, vkey(t)); err != nil || c != (Continued{500, 600}) {
		t.Errorf("since: got %+v, %v for a log that went on", c, err)
	}
}

func TestAProofOfOneEntry(t *testing.T) {
	f, tree := publish(t, leavesOf(t, 600, "")...)
	log, err := tlog.Open(f, tree)
	if err != nil {
		t.Fatal(err)
	}
	hashes, err := log.Inclusion(302)
	if err != nil {
		t.Fatal(err)
	}
	s := sampleEntry(t, 302, "")
	text, err := tlog.Proof{Index: 302, Hashes: hashes, Checkpoint: f.MapFS[CheckpointFile].Data, Extra: s.leaf}.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	p, err := Proof(text, nil, vkey(t))
	if err != nil || p.Entry != 302 || p.Text != string(s.leaf) || p.Leaf.Kind != rivage.KindInteractionClosed {
		t.Fatalf("got %+v, %v", p, err)
	}
	if err := p.Opened(s.facts, s.salt[:], s.body); err != nil {
		t.Errorf("what is shown: %v", err)
	}
	other := sampleEntry(t, 305, "")
	if p.Opened(other.facts, nil, nil) == nil || p.Opened(nil, s.salt[:], other.body) == nil {
		t.Error("facts or body of another entry were taken")
	}
	if _, err := Proof(text, other.leaf, vkey(t)); err == nil {
		t.Error("another leaf was taken")
	}
	for at := 0; at < len(text); at += 7 {
		bad := bytes.Clone(text)
		bad[at] ^= 4
		if p, err := Proof(bad, nil, vkey(t)); err == nil {
			t.Errorf("byte %d flipped: taken as %+v", at, p)
		}
	}
}

func BenchmarkFolder(b *testing.B) {
	const n = 300_000
	f, _ := publish(b, leavesOf(b, n, "")...)
	before := cpu(b)
	for b.Loop() {
		if _, err := Folder(f, vkey(b)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(float64(cpu(b)-before)/float64(n)/float64(b.N), "cpu-ns/entry")
}

// cpu is the processor time of this process: what a busy machine does not change.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
