// SPDX-License-Identifier: EUPL-1.2

package tlog

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

// sizes are those at which some tile begins, fills or is just one over.
var sizes = []int{0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 3000, 65535, 65536, 65537, 65793}

// readAll is the full verification.
func readAll(m fs.FS, tree Tree) (texts, dropped int, err error) {
	l, err := Open(m, tree)
	if err != nil {
		return 0, 0, err
	}
	for e, err := range l.Entries(0, tree.Size) {
		switch {
		case err != nil:
			return texts, dropped, err
		case e.Text == nil:
			dropped++
		case !bytes.Equal(e.Text, entry(int(e.Index))):
			return texts, dropped, fmt.Errorf("entry %d is %s", e.Index, e.Text)
		default:
			texts++
		}
	}
	return texts, dropped, nil
}

func TestLogIsReadBackAtEverySize(t *testing.T) {
	for _, n := range sizes {
		m, tree := build(t, n)
		if want := (Tree{uint64(n), mth(entries(n))}); tree != want {
			t.Errorf("%d entries: %v, want %v", n, tree, want)
		}
		if got, dropped, err := readAll(m, tree); err != nil || got != n || dropped != 0 {
			t.Errorf("%d entries: read %d and %d dropped, %v", n, got, dropped, err)
		}
	}
}

func TestLogContinuesFromEverySize(t *testing.T) {
	_, want := build(t, 1100)
	for _, n := range []int{0, 1, 255, 256, 257, 700, 1024, 1099, 1100} {
		m, tree := build(t, n)
		w, err := Resume(m, tree)
		if err != nil {
			t.Fatal(err)
		}
		addTo(t, w, 1100)
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if got := w.Tree(); got != want {
			t.Errorf("from %d: %v, want %v", n, got, want)
		}
		for _, tree := range []Tree{tree, want} { // the old tree stays readable
			if got, _, err := readAll(m, tree); err != nil || got != int(tree.Size) {
				t.Errorf("from %d, tree of %d: read %d, %v", n, tree.Size, got, err)
			}
		}
	}
}

func TestFullTilesServeWhereThePartialOnesAreGone(t *testing.T) {
	m, old := build(t, 700)
	w, err := Resume(m, old)
	if err != nil {
		t.Fatal(err)
	}
	addTo(t, w, 66000)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	for _, tile := range Edge(old.Size) {
		delete(m.MapFS, tile.Path())
	}
	if got, _, err := readAll(m, old); err != nil || got != 700 {
		t.Errorf("read %d, %v", got, err)
	}
	if _, err := Resume(m, old); err != nil {
		t.Error(err)
	}
}

func TestProofsHoldForEveryEntryAndOldSize(t *testing.T) {
	for _, n := range []int{1, 2, 7, 256, 257, 600} {
		m, tree := build(t, n)
		l, err := Open(m, tree)
		if err != nil {
			t.Fatal(err)
		}
		for i := range uint64(n) {
			proof, err := l.Inclusion(i)
			if err != nil {
				t.Fatal(err)
			}
			if err := CheckInclusion(proof, tree, i, LeafHash(entry(int(i)))); err != nil {
				t.Errorf("size %d: %v", n, err)
			}
			if err := CheckInclusion(proof, tree, i, LeafHash(entry(int(i+1)))); err == nil {
				t.Errorf("size %d: another leaf passes as entry %d", n, i)
			}
		}
		for old := range uint64(n + 1) {
			f, err := l.Frontier(old)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := f.Tree(), (Tree{old, mth(entries(int(old)))}); got != want {
				t.Errorf("Frontier(%d) = %v, want %v", old, got, want)
			}
			proof, err := l.Consistency(old)
			if err != nil {
				t.Fatal(err)
			}
			if err := CheckConsistency(proof, tree, f.Tree()); err != nil {
				t.Errorf("size %d: %v", n, err)
			}
			other := Tree{old, LeafHash(nil)}
			if err := CheckConsistency(proof, tree, other); err == nil {
				t.Errorf("size %d: another history of %d entries passes", n, old)
			}
		}
	}
}

func TestQuestionsBeyondTheTreeAreRefused(t *testing.T) {
	m, tree := build(t, 300)
	l, err := Open(m, tree)
	if err != nil {
		t.Fatal(err)
	}
	_, err1 := l.LeafHash(300)
	_, err2 := l.Entry(300)
	_, err3 := l.Inclusion(300)
	_, err4 := l.Consistency(301)
	_, err5 := l.Frontier(301)
	err6 := CheckInclusion(nil, tree, 300, Hash{})
	err7 := CheckConsistency(nil, tree, Tree{Size: 301})
	err8 := CheckInclusion(nil, Tree{Size: 1 << 63}, 1, Hash{})
	_, err9 := Open(m, Tree{Size: 1 << 63})
	for i, err := range []error{err1, err2, err3, err4, err5, err6, err7, err8, err9} {
		if err == nil {
			t.Errorf("question %d was answered", i+1)
		}
	}
	for _, err := range l.Entries(10, 301) {
		if err == nil {
			t.Error("entries beyond the tree were read")
		}
	}
}

// TestEveryFlippedBitNamesItsEntry flips each bit of a small bundle, and one bit of each byte of larger ones.
func TestEveryFlippedBitNamesItsEntry(t *testing.T) {
	for _, c := range []struct {
		size, step int
		bundle     Tile
	}{{20, 1, Tile{Bundles, 0, 20}}, {300, 13, Tile{Bundles, 0, 256}}, {300, 9, Tile{Bundles, 1, 44}}} {
		m, tree := build(t, c.size)
		data := m.MapFS[c.bundle.Path()].Data
		owner := make([]uint64, 0, len(data)) // of each byte
		for i := c.bundle.Index * TileWidth; len(owner) < len(data); i++ {
			owner = append(owner, slices.Repeat([]uint64{i}, 2+len(entry(int(i))))...)
		}
		for bit := 0; bit < len(data)*8; bit += c.step {
			data[bit/8] ^= 1 << (bit % 8)
			_, _, err := readAll(m, tree)
			data[bit/8] ^= 1 << (bit % 8)
			var e *EntryError
			if !errors.As(err, &e) || e.First != owner[bit/8] || e.Last != e.First || e.Path != c.bundle.Path() {
				t.Fatalf("bit %d, of entry %d: %v", bit, owner[bit/8], err)
			}
		}
	}
}

// TestALengthMadeZeroIsNamed plants the one flipped bit that looks like a dropped text.
func TestALengthMadeZeroIsNamed(t *testing.T) {
	m := newMemory()
	w := NewWriter(m)
	for i := range 4 {
		if _, err := w.Add(bytes.Repeat([]byte{'a' + byte(i)}, 16)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	data := m.MapFS["tile/entries/000.p/4"].Data
	for i := range uint64(4) {
		data[i*18+1] ^= 16
		l, err := Open(m, w.Tree())
		if err != nil {
			t.Fatal(err)
		}
		_, err = l.Entry(0)
		data[i*18+1] ^= 16
		var e *EntryError
		if !errors.As(err, &e) || e.First != i || e.Last != min(i+1, 3) {
			t.Errorf("entry %d: %v", i, err)
		}
	}
}

func TestEveryFlippedByteOfATileIsFound(t *testing.T) {
	m, tree := build(t, 70000)
	for _, name := range []string{"tile/0/005", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"} {
		data := m.MapFS[name].Data
		for i := 0; i < len(data); i += 97 {
			data[i] ^= 0x10
			l, err := Open(m, tree)
			if err == nil {
				_, err = l.Entry(5 * 256)
			}
			data[i] ^= 0x10
			if err == nil {
				t.Errorf("%s: byte %d went unseen", name, i)
			}
		}
	}
}

func TestWrongFilesAreNamed(t *testing.T) {
	good, tree := build(t, 600)
	for name, change := range map[string]func(m memory) (file string){
		"missing tile":   func(m memory) string { delete(m.MapFS, "tile/0/001"); return "tile/0/001" },
		"missing bundle": func(m memory) string { delete(m.MapFS, "tile/entries/001"); return "tile/entries/001" },
		"short tile": func(m memory) string {
			m.MapFS["tile/0/001"].Data = m.MapFS["tile/0/001"].Data[:8191]
			return "tile/0/001"
		},
		"long tile": func(m memory) string {
			m.MapFS["tile/0/001"].Data = append(m.MapFS["tile/0/001"].Data, 0)
			return "tile/0/001"
		},
		"tile of another place": func(m memory) string { m.MapFS["tile/0/001"] = m.MapFS["tile/0/000"]; return "tile/0/001" },
		"long bundle": func(m memory) string {
			m.MapFS["tile/entries/001"].Data = append(m.MapFS["tile/entries/001"].Data, 0, 0)
			return "tile/entries/001"
		},
		"short bundle": func(m memory) string {
			d := m.MapFS["tile/entries/001"].Data
			m.MapFS["tile/entries/001"].Data = d[:len(d)-40]
			return "tile/entries/001"
		},
	} {
		m := good.clone()
		file := change(m)
		if _, _, err := readAll(m, tree); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v, want an error that names %s", name, err, file)
		}
	}
}

func TestDroppedTextsAreCountedAndTheRestVerifies(t *testing.T) {
	m := newMemory()
	w := NewWriter(m)
	for i := range 600 {
		var err error
		if i%7 == 0 {
			err = w.AddDropped(LeafHash(entry(i)))
		} else {
			_, err = w.Add(entry(i))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if got, want := w.Tree().Root, mth(entries(600)); got != want {
		t.Errorf("the root changed with the texts dropped: %v, want %v", got, want)
	}
	texts, dropped, err := readAll(m, w.Tree())
	if err != nil || texts != 514 || dropped != 86 {
		t.Errorf("read %d texts, %d dropped, %v; want 514 and 86", texts, dropped, err)
	}
	l, err := Open(m, w.Tree())
	if err != nil {
		t.Fatal(err)
	}
	if e, err := l.Entry(7); err != nil || e.Text != nil || e.Hash != LeafHash(entry(7)) {
		t.Errorf("a dropped entry reads as %v, %v", e, err)
	}
	if _, err := Resume(m, w.Tree()); err != nil {
		t.Error(err)
	}
}

func TestWriterRefusesWhatABundleCannotHold(t *testing.T) {
	w := NewWriter(newMemory())
	for _, n := range []int{0, MaxEntry + 1} {
		if _, err := w.Add(make([]byte, n)); err == nil {
			t.Errorf("an entry of %d bytes was added", n)
		}
	}
	if _, err := w.Add(make([]byte, MaxEntry)); err != nil || w.Size() != 1 {
		t.Errorf("the longest entry: size %d, %v", w.Size(), err)
	}
}

func TestWriterTellsOfEveryFailedFile(t *testing.T) {
	const n = 600
	all, _ := build(t, n)
	for left := range len(all.MapFS) - 1 { // but the checkpoint, which is not the writer's
		w := NewWriter(failing{newMemory(), &left})
		var err error
		for i := 0; i < n && err == nil; i++ {
			_, err = w.Add(entry(i))
		}
		if err == nil {
			err = w.Flush()
		}
		if !errors.Is(err, fs.ErrPermission) {
			t.Errorf("a failed write was not told: %v", err)
		}
	}
}
