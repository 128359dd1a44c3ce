// SPDX-License-Identifier: EUPL-1.2

package tlog

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

// prove makes the proof of one entry of a log in memory.
func prove(t testing.TB, m memory, tree Tree, index uint64) Proof {
	t.Helper()
	l, err := Open(m, tree)
	if err != nil {
		t.Fatal(err)
	}
	hashes, err := l.Inclusion(index)
	if err != nil {
		t.Fatal(err)
	}
	return Proof{Index: index, Hashes: hashes, Checkpoint: m.MapFS["checkpoint"].Data}
}

func TestProofIsReadBackAndVerifies(t *testing.T) {
	_, v := keys(t, origin, 0)
	for _, n := range []int{1, 2, 300, 65793} {
		m, tree := build(t, n)
		for _, extra := range [][]byte{nil, []byte("for the reader")} {
			p := prove(t, m, tree, uint64(n-1))
			p.Extra = extra
			text, err := p.MarshalText()
			if err != nil {
				t.Fatal(err)
			}
			got, err := ParseProof(text)
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Hashes) == 0 {
				p.Hashes = nil
			}
			if !reflect.DeepEqual(got, p) {
				t.Errorf("%+v comes back as %+v", p, got)
			}
			if c, err := got.Verify(LeafHash(entry(n-1)), v); err != nil || c.Tree != tree {
				t.Errorf("Verify = %+v, %v", c, err)
			}
			if _, err := got.Verify(LeafHash(entry(n)), v); err == nil {
				t.Error("the proof of one entry passes for another")
			}
		}
	}
}

// TestEveryChangedByteOfAProofIsRefused: nothing in the file is beside the point, but the extra data.
func TestEveryChangedByteOfAProofIsRefused(t *testing.T) {
	m, tree := build(t, 300)
	_, v := keys(t, origin, 0)
	text, err := prove(t, m, tree, 77).MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	for i := range text {
		changed := bytes.Clone(text)
		changed[i] ^= 1
		p, err := ParseProof(changed)
		if err == nil {
			_, err = p.Verify(LeafHash(entry(77)), v)
		}
		if err == nil {
			t.Errorf("byte %d (%q) changed, and the proof passes", i, text[i])
		}
	}
}

func TestProofRefusesOtherForms(t *testing.T) {
	h := LeafHash(nil).String() + "\n"
	rest := "\n" + origin + "\n"
	for _, s := range []string{
		"", proofHeader, proofHeader + "index 1", proofHeader + "index 01\n" + rest, proofHeader + "index -1\n" + rest,
		proofHeader + "index 72057594037927936\n" + rest, proofHeader + "extra =\nindex 1\n" + rest, proofHeader + "index 1\nxx\n" + rest,
		proofHeader + "index 1\n" + h, proofHeader + "index 1\n\n", proofHeader + "index 1\n" + strings.Repeat(h, 65) + rest,
		"c2sp.org/tlog-proof@v2\nindex 1\n" + rest, proofHeader + "index 1\nextra AAAA\n" + rest,
		proofHeader + "index 1\n\n" + strings.Repeat("x", MaxProof),
	} {
		if p, err := ParseProof([]byte(s)); err == nil {
			t.Errorf("ParseProof(%.100q) = %+v, want an error", s, p)
		}
	}
	if _, err := (Proof{Extra: make([]byte, maxExtra+1)}).MarshalText(); err == nil {
		t.Error("too much extra data was written")
	}
}

func FuzzParseProof(f *testing.F) {
	m, tree := build(f, 300)
	p := prove(f, m, tree, 5)
	for _, extra := range [][]byte{nil, {1, 2, 3}} {
		p.Extra = extra
		text, err := p.MarshalText()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParseProof(data)
		if err != nil {
			return
		}
		text, err := p.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		// "extra " with nothing after it is the one thing that has two forms.
		if !bytes.Equal(text, bytes.Replace(data, []byte("\nextra \n"), []byte("\n"), 1)) {
			t.Errorf("%q comes back as %q", data, text)
		}
	})
}

func FuzzBundle(f *testing.F) {
	m, tree := build(f, 3)
	f.Add(m.MapFS["tile/entries/000.p/3"].Data)
	f.Add([]byte{0, 0, 0, 0, 0, 0})
	f.Add([]byte{0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		m := m.clone()
		m.MapFS["tile/entries/000.p/3"].Data = data
		// Whatever the bundle holds, an entry that is read is the one that was written, or none.
		texts, dropped, err := readAll(m, tree)
		if err == nil && texts+dropped != 3 {
			t.Errorf("read %d texts and %d dropped, no error", texts, dropped)
		}
		if err != nil && strings.HasPrefix(err.Error(), "entry ") {
			t.Errorf("a text that is not the entry's was read: %v", err)
		}
	})
}
