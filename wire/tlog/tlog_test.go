// SPDX-License-Identifier: EUPL-1.2

package tlog

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"

	"golang.org/x/mod/sumdb/note"
)

const origin = "log.example/test"

// memory is a Folder in memory. The maps are its own.
type memory struct{ fstest.MapFS }

func newMemory() memory { return memory{fstest.MapFS{}} }

func (m memory) Put(name string, data []byte) error {
	m.MapFS[name] = &fstest.MapFile{Data: bytes.Clone(data), Mode: 0o644}
	return nil
}

func (m memory) clone() memory {
	c := newMemory()
	for name, f := range m.MapFS {
		c.MapFS[name] = &fstest.MapFile{Data: bytes.Clone(f.Data), Mode: f.Mode}
	}
	return c
}

// failing is a Folder that writes n files more, then no other.
type failing struct {
	memory
	n *int
}

func (f failing) Put(name string, data []byte) error {
	if *f.n--; *f.n < 0 {
		return fs.ErrPermission
	}
	return f.memory.Put(name, data)
}

func entry(i int) []byte { return fmt.Appendf(nil, `{"v":1,"kind":"Shown","n":%d}`, i) }

// build writes a log of n entries, with its checkpoint.
func build(t testing.TB, n int) (memory, Tree) {
	t.Helper()
	m := newMemory()
	w := NewWriter(m)
	addTo(t, w, n)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	sign(t, m, w.Tree())
	return m, w.Tree()
}

// addTo adds entries until the writer has n.
func addTo(t testing.TB, w *Writer, n int) {
	t.Helper()
	for i := int(w.Size()); i < n; i++ {
		if _, err := w.Add(entry(i)); err != nil {
			t.Fatal(err)
		}
	}
}

func sign(t testing.TB, m memory, tree Tree) {
	t.Helper()
	s, _ := keys(t, origin, 0)
	signed, err := Checkpoint{Origin: origin, Tree: tree}.Sign(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Put("checkpoint", signed); err != nil {
		t.Fatal(err)
	}
}

// keys gives a fixed key pair for each number.
func keys(t testing.TB, name string, n byte) (note.Signer, note.Verifier) {
	t.Helper()
	seed := make([]byte, ed25519.SeedSize)
	for i := range seed {
		seed[i] = byte(i) + n
	}
	key := ed25519.NewKeyFromSeed(seed)
	s, err := NewSigner(name, key)
	if err != nil {
		t.Fatal(err)
	}
	vkey, err := VerifierKey(name, key.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return s, v
}

// mth is the Merkle Tree Hash as RFC 6962 section 2.1 words it.
func mth(d [][]byte) Hash {
	switch len(d) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, d[0]...))
	}
	k := 1
	for k*2 < len(d) {
		k *= 2
	}
	l, r := mth(d[:k]), mth(d[k:])
	return sha256.Sum256(append(append([]byte{1}, l[:]...), r[:]...))
}

func entries(n int) [][]byte {
	d := make([][]byte, n)
	for i := range d {
		d[i] = entry(i)
	}
	return d
}

func TestLeafHashIsTheRFCsAtEveryLength(t *testing.T) {
	for _, n := range []int{0, 1, 300, 2046, 2047, 2048, 5000} {
		data := bytes.Repeat([]byte{7}, n)
		if got, want := LeafHash(data), Hash(sha256.Sum256(append([]byte{0}, data...))); got != want {
			t.Errorf("LeafHash of %d bytes = %v, want %v", n, got, want)
		}
	}
}

func TestParseHashTakesOneFormOnly(t *testing.T) {
	good := LeafHash(nil).String()
	if _, err := parseHash(good); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"", good[:43], good + "\n", good[:20] + "\r" + good[21:], good[:42] + "1=", good[:43] + "A"} {
		if _, err := parseHash(s); err == nil {
			t.Errorf("parseHash(%q) accepted it", s)
		}
	}
}
