// SPDX-License-Identifier: EUPL-1.2

package tlog

import (
	"fmt"
	"io/fs"
)

// Folder is where a log's files are published.
type Folder interface {
	fs.FS

	// Put writes a whole file, or leaves what was there. It makes the folders above it, and does not keep data.
	Put(name string, data []byte) error
}

// Writer extends a log: full tiles and bundles are put as they fill, the partial ones by Flush. The files of a larger
// tree disturb no reader of a smaller one, so the caller publishes by replacing the checkpoint, last. After an error
// the Writer is spent: Resume from the last checkpoint and add again.
type Writer struct {
	folder  Folder
	size    uint64
	levels  [maxLevel + 1][]byte // the unfinished tile of each level
	bundle  []byte               // the unfinished bundle
	scratch [TileWidth / 2]Hash
}

// NewWriter starts an empty log.
func NewWriter(folder Folder) *Writer { return &Writer{folder: folder} }

// Resume continues the log of that tree, whose edge it reads back and checks.
func Resume(folder Folder, tree Tree) (*Writer, error) {
	l, err := Open(folder, tree)
	if err != nil {
		return nil, fmt.Errorf("resume log: %w", err)
	}
	w := &Writer{folder: folder, size: tree.Size}
	for level, data := range l.edge {
		w.levels[level] = append(w.levels[level], data...)
	}
	if tree.Size%TileWidth > 0 {
		w.bundle, _, err = l.load(nil, nil, tree.Size/TileWidth, l.edge[0])
		if err != nil {
			return nil, fmt.Errorf("resume log: %w", err)
		}
	}
	return w, nil
}

// Size is the number of entries added.
func (w *Writer) Size() uint64 { return w.size }

// Tree is the head of what was added.
func (w *Writer) Tree() Tree { return Tree{Size: w.size, Root: edgeRoot(w.levels[:])} }

// Add adds an entry, and returns its hash.
func (w *Writer) Add(entry []byte) (Hash, error) {
	bundle, err := AppendEntry(w.bundle, entry)
	if err != nil {
		return Hash{}, fmt.Errorf("entry %d: %w", w.size, err)
	}
	w.bundle = bundle
	h := LeafHash(entry)
	return h, w.added(h)
}

// AddDropped adds an entry of which only the hash is left.
func (w *Writer) AddDropped(leaf Hash) error {
	w.bundle = AppendDropped(w.bundle)
	return w.added(leaf)
}

func (w *Writer) added(leaf Hash) error {
	w.size++
	if w.size%TileWidth == 0 {
		if err := w.folder.Put(Tile{Bundles, w.size/TileWidth - 1, TileWidth}.Path(), w.bundle); err != nil {
			return fmt.Errorf("write bundle: %w", err)
		}
		w.bundle = w.bundle[:0]
	}
	return w.push(leaf)
}

// push adds a hash to level 0, and the hash of each tile that it fills to the level above.
func (w *Writer) push(h Hash) error {
	span := uint64(1) // entries under one hash of the level
	for level := range w.levels {
		tile := append(w.levels[level], h[:]...)
		w.levels[level] = tile
		if len(tile) < tileBytes {
			return nil
		}
		span *= TileWidth
		if err := w.folder.Put(Tile{level, w.size/span - 1, TileWidth}.Path(), tile); err != nil {
			return fmt.Errorf("write tile: %w", err)
		}
		h = subtree(tile, &w.scratch)
		w.levels[level] = tile[:0]
	}
	return fmt.Errorf("write tile: more than the %d entries a tree can have", uint64(MaxSize))
}

// Flush puts the partial tiles and the partial bundle: with them all files of the tree are there.
func (w *Writer) Flush() error {
	for _, t := range Edge(w.size) {
		data := w.bundle
		if t.Level != Bundles {
			data = w.levels[t.Level]
		}
		if err := w.folder.Put(t.Path(), data); err != nil {
			return fmt.Errorf("write partial tile: %w", err)
		}
	}
	return nil
}
