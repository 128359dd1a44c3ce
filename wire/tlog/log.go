// SPDX-License-Identifier: EUPL-1.2

package tlog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"math/bits"

	xtlog "golang.org/x/mod/sumdb/tlog"
)

// Log reads the files of a published log. What it returns is proved to be under the root it was opened with. A Log
// keeps the last tiles it read, so it is cheap to open and not safe for use by several goroutines: open one each.
type Log struct {
	files   fs.FS
	tree    Tree
	edge    [maxLevel + 1][]byte // the unfinished tiles, checked together against the root
	full    [maxLevel + 1]fullTile
	scratch [TileWidth / 2]Hash
}

// fullTile is the last full tile of a level that was read and checked.
type fullTile struct {
	index uint64
	data  []byte // empty when none was read yet
}

// Entry is one entry of a log. Text is nil when it was dropped; it is valid until the next entry is read.
type Entry struct {
	Index uint64
	Hash  Hash
	Text  []byte
}

// Open reads the right edge of the log in files and checks it against the tree, which comes from a checkpoint that
// the caller has verified. A wrong or missing file of the edge is an error that names it, or the tree.
func Open(files fs.FS, tree Tree) (*Log, error) {
	if tree.Size > MaxSize {
		return nil, fmt.Errorf("open log: %d entries, at most %d are read", tree.Size, uint64(MaxSize))
	}
	l := &Log{files: files, tree: tree}
	for _, t := range Edge(tree.Size) {
		if t.Level == Bundles {
			continue
		}
		data, err := l.read(nil, t)
		if err != nil {
			return nil, fmt.Errorf("open log: %w", err)
		}
		l.edge[t.Level] = data
	}
	if edgeRoot(l.edge[:]) != tree.Root {
		return nil, fmt.Errorf("open log: the tiles at the edge of %d entries do not have the root of the checkpoint", tree.Size)
	}
	return l, nil
}

// Tree is the tree the log was opened with.
func (l *Log) Tree() Tree { return l.tree }

// LeafHash is the hash of one entry.
func (l *Log) LeafHash(index uint64) (Hash, error) {
	if index >= l.tree.Size {
		return Hash{}, fmt.Errorf("read leaf hash: entry %d is not in a tree of %d", index, l.tree.Size)
	}
	return l.node(0, index)
}

// Entry reads one entry, which does not change when the next is read.
func (l *Log) Entry(index uint64) (Entry, error) {
	if index >= l.tree.Size {
		return Entry{}, fmt.Errorf("read entry: entry %d is not in a tree of %d", index, l.tree.Size)
	}
	for e, err := range l.Entries(index, index+1) {
		e.Text = append([]byte(nil), e.Text...)
		return e, err
	}
	return Entry{}, errors.New("read entry: nothing read")
}

// Entries reads the entries from one index to before another, each checked against its hash; over the whole log it is
// the full verification. It stops at the first error. The error of a wrong entry is an *EntryError.
func (l *Log) Entries(from, to uint64) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		if from > to || to > l.tree.Size {
			yield(Entry{}, fmt.Errorf("read entries: %d to %d are not in a tree of %d", from, to, l.tree.Size))
			return
		}
		var buf []byte
		var texts [][]byte
		for at := from; at < to; {
			hashes, err := l.tile(0, at/TileWidth)
			if err == nil {
				buf, texts, err = l.load(buf, texts, at/TileWidth, hashes)
			}
			if err != nil {
				yield(Entry{Index: at}, err)
				return
			}
			base := at / TileWidth * TileWidth
			for end := min(to, base+TileWidth); at < end; at++ {
				e := Entry{Index: at, Hash: Hash(hashes[(at-base)*HashSize:][:HashSize]), Text: texts[at-base]}
				if len(e.Text) == 0 {
					e.Text = nil
				}
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}

// load reads one bundle into buf, cuts it into texts and checks each against its hash.
func (l *Log) load(buf []byte, texts [][]byte, index uint64, hashes []byte) ([]byte, [][]byte, error) {
	t, _ := tileAt(Bundles, index, l.tree.Size)
	buf, err := l.read(buf[:0], t)
	if err != nil {
		return buf, texts, err
	}
	texts, err = checkBundle(texts[:0], buf, t, hashes)
	return buf, texts, err
}

// Partial checks a partial tile or bundle that a smaller tree left behind: whoever holds a checkpoint of that tree still
// reads it. One that reaches beyond this tree, which a publication under way may have put, is not known and passes.
func (l *Log) Partial(t Tile) error {
	now, ok := tileAt(t.Level, t.Index, l.tree.Size)
	if !ok || t.Width > now.Width {
		return nil
	}
	want, err := l.tile(max(t.Level, 0), t.Index)
	if err != nil {
		return err
	}
	got, err := l.read(nil, t)
	switch {
	case err != nil:
		return err
	case t.Level == Bundles:
		_, err = checkBundle(nil, got, t, want)
		return err
	}
	for i := range t.Width {
		if !bytes.Equal(got[i*HashSize:][:HashSize], want[i*HashSize:][:HashSize]) {
			return fmt.Errorf("check tile %s: hash %d is not the one that the tile has by now", t.Path(), i)
		}
	}
	return nil
}

// Inclusion proves that the entry is in the tree (RFC 6962 section 2.1.1).
func (l *Log) Inclusion(index uint64) ([]Hash, error) {
	if index >= l.tree.Size {
		return nil, fmt.Errorf("prove inclusion: entry %d is not in a tree of %d", index, l.tree.Size)
	}
	p, err := xtlog.ProveRecord(int64(l.tree.Size), int64(index), xtlog.HashReaderFunc(l.hashes))
	if err != nil {
		return nil, fmt.Errorf("prove inclusion of entry %d: %w", index, err)
	}
	return p, nil
}

// Consistency proves that the tree begins with the one of the old size (RFC 6962 section 2.1.2).
func (l *Log) Consistency(old uint64) ([]Hash, error) {
	if old > l.tree.Size {
		return nil, fmt.Errorf("prove consistency: a tree of %d does not hold one of %d", l.tree.Size, old)
	}
	if old == 0 {
		return nil, nil
	}
	p, err := xtlog.ProveTree(int64(l.tree.Size), int64(old), xtlog.HashReaderFunc(l.hashes))
	if err != nil {
		return nil, fmt.Errorf("prove consistency with %d entries: %w", old, err)
	}
	return p, nil
}

// Frontier is the right edge that the log had at an earlier size: with it one knows the root of that time.
func (l *Log) Frontier(size uint64) (Frontier, error) {
	var f Frontier
	if size > l.tree.Size {
		return f, fmt.Errorf("read frontier: %d entries, the tree has %d", size, l.tree.Size)
	}
	n := 0
	for left := size; left > 0; n++ {
		level := bits.Len64(left) - 1
		left -= 1 << level
		h, err := l.node(level, (size-left)>>level-1)
		if err != nil {
			return Frontier{}, fmt.Errorf("read frontier of %d entries: %w", size, err)
		}
		f.hashes[n] = h
	}
	f.size = size
	return f, nil
}

// hashes is the tree as the proofs of golang.org/x/mod read it.
func (l *Log) hashes(indexes []int64) ([]Hash, error) {
	hs := make([]Hash, len(indexes))
	for i, x := range indexes {
		level, n := xtlog.SplitStoredHashIndex(x)
		h, err := l.node(level, uint64(n))
		if err != nil {
			return nil, err
		}
		hs[i] = h
	}
	return hs, nil
}

// node is the root of the n-th perfect subtree of 2^level entries.
func (l *Log) node(level int, n uint64) (Hash, error) {
	first := n << (level % tileHeight) // of the hashes below it in its tile
	data, err := l.tile(level/tileHeight, first/TileWidth)
	if err != nil {
		return Hash{}, err
	}
	start := int(first%TileWidth) * HashSize
	end := start + HashSize<<(level%tileHeight)
	if end > len(data) {
		return Hash{}, fmt.Errorf("read tree: no subtree %d of %d entries in a tree of %d", n, uint64(1)<<level, l.tree.Size)
	}
	return subtree(data[start:end], &l.scratch), nil
}

// tile reads a tile of hashes and checks it: one of the edge was checked by Open, a full one must have the hash that
// the tile above, checked the same way, holds for it.
func (l *Log) tile(level int, index uint64) ([]byte, error) {
	t, ok := tileAt(level, index, l.tree.Size)
	if !ok {
		return nil, fmt.Errorf("read tile: level %d has no tile %d in a tree of %d", level, index, l.tree.Size)
	}
	if t.Width < TileWidth {
		return l.edge[level], nil
	}
	known := &l.full[level]
	if known.index == index && len(known.data) > 0 {
		return known.data, nil
	}
	above, err := l.tile(level+1, index/TileWidth)
	if err != nil {
		return nil, err
	}
	want := Hash(above[index%TileWidth*HashSize:][:HashSize])
	data, err := l.read(nil, t)
	if err != nil {
		return nil, err
	}
	if subtree(data, &l.scratch) != want {
		return nil, fmt.Errorf("check tile %s: it does not have the hash in the tile above it", t.Path())
	}
	*known = fullTile{index: index, data: data}
	return data, nil
}

// read reads a tile or bundle of exactly t.Width hashes or entries into buf. The full form serves when the partial one
// is gone, as tlog-tiles lets a log delete it.
func (l *Log) read(buf []byte, t Tile) ([]byte, error) {
	limit := tileBytes
	if t.Level == Bundles {
		limit = maxBundle
	}
	path := t.Path()
	data, err := readFile(buf, l.files, path, limit)
	if t.Width < TileWidth && errors.Is(err, fs.ErrNotExist) {
		path = Tile{t.Level, t.Index, TileWidth}.Path()
		if data, err = readFile(buf, l.files, path, limit); err == nil {
			data, err = prefix(data, t)
		}
	}
	if err != nil {
		return data, fmt.Errorf("read %s: %w", path, err)
	}
	if t.Level != Bundles && len(data) != t.Width*HashSize {
		return data, fmt.Errorf("read %s: %d bytes, not the %d of %d hashes", path, len(data), t.Width*HashSize, t.Width)
	}
	return data, nil
}

// prefix cuts the partial form of a tile or bundle out of its full form.
func prefix(data []byte, t Tile) ([]byte, error) {
	if t.Level != Bundles {
		return data[:min(len(data), t.Width*HashSize)], nil
	}
	rest := data
	for range t.Width {
		var err error
		if _, rest, err = CutEntry(rest); err != nil {
			return data[:0], err
		}
	}
	return data[:len(data)-len(rest)], nil
}

// readFile reads a whole file into buf, and refuses one longer than limit bytes.
func readFile(buf []byte, files fs.FS, name string, limit int) ([]byte, error) {
	f, err := files.Open(name)
	if err != nil {
		return buf, err
	}
	defer f.Close()
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, make([]byte, max(tileBytes+1, len(buf)))...)[:len(buf)]
		}
		n, err := f.Read(buf[len(buf):min(cap(buf), limit+1)])
		buf = buf[:len(buf)+n]
		switch {
		case len(buf) > limit:
			return buf, fmt.Errorf("more than the %d bytes it may have", limit)
		case errors.Is(err, io.EOF):
			return buf, nil
		case err != nil:
			return buf, err
		}
	}
}
