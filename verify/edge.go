// SPDX-License-Identifier: EUPL-1.2

package verify

import (
	"bytes"
	"io/fs"

	"rivage.example/rivage/wire/tlog"
)

// checkEdge opens the right edge of the log. When it does not have the root, it finds which file of it is wrong: each
// tile is what the level below makes it, so the first that is not is the one.
func checkEdge(files fs.FS, tree tlog.Tree) error {
	_, err := tlog.Open(files, tree)
	if err == nil {
		return nil
	}
	suspect := CheckpointFile
	for _, t := range tlog.Edge(tree.Size) {
		if t.Level == tlog.Bundles {
			continue
		}
		got, bad := readTile(files, t)
		if bad != nil {
			return bad
		}
		want, bad := below(files, t)
		if bad != nil {
			return bad
		}
		for i := range want {
			if len(want[i]) == 0 {
				suspect = t.Path() // of an entry without text: nothing below tells its hash
			} else if !bytes.Equal(want[i], got[i*tlog.HashSize:][:tlog.HashSize]) {
				return fault(t.Path(), "hash %d is not the one that the files below it make", i)
			}
		}
	}
	return &Fault{File: suspect, Err: err}
}

// below makes the hashes of a tile at the edge from the files below it; an empty one cannot be known.
func below(files fs.FS, t tlog.Tile) ([][]byte, error) {
	want := make([][]byte, t.Width)
	if t.Level == 0 {
		bundle := tlog.Tile{Level: tlog.Bundles, Index: t.Index, Width: t.Width}
		text, err := readSmall(files, bundle.Path(), tlog.TileWidth*(2+tlog.MaxEntry))
		if err != nil {
			return nil, err
		}
		for i := range want {
			entry, rest, err := tlog.CutEntry(text)
			if err != nil {
				return nil, entryFault(bundle.Path(), t.Index*tlog.TileWidth+uint64(i), "%w", err)
			}
			if text = rest; len(entry) > 0 {
				h := tlog.LeafHash(entry)
				want[i] = h[:]
			}
		}
		return want, nil
	}
	for i := range want {
		full := tlog.Tile{Level: t.Level - 1, Index: t.Index*tlog.TileWidth + uint64(i), Width: tlog.TileWidth}
		data, err := readTile(files, full)
		if err != nil {
			return nil, err
		}
		h := tileRoot(data)
		want[i] = h[:]
	}
	return want, nil
}

func readTile(files fs.FS, t tlog.Tile) ([]byte, error) {
	data, err := readSmall(files, t.Path(), tlog.TileWidth*tlog.HashSize)
	if err != nil {
		return nil, err
	}
	if len(data) != t.Width*tlog.HashSize {
		return nil, fault(t.Path(), "%d bytes, not the %d of %d hashes", len(data), t.Width*tlog.HashSize, t.Width)
	}
	return data, nil
}

// tileRoot is the hash of a full tile in the tile above it.
func tileRoot(data []byte) tlog.Hash {
	hashes := make([]tlog.Hash, 0, tlog.TileWidth)
	for ; len(data) > 0; data = data[tlog.HashSize:] {
		hashes = append(hashes, tlog.Hash(data))
	}
	for ; len(hashes) > 1; hashes = hashes[:len(hashes)/2] {
		for i := range len(hashes) / 2 {
			hashes[i] = tlog.NodeHash(hashes[2*i], hashes[2*i+1])
		}
	}
	return hashes[0]
}
