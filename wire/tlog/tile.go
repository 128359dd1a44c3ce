// SPDX-License-Identifier: EUPL-1.2

package tlog

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

const (
	// TileWidth is the number of hashes in a full tile and of entries in a full bundle (C2SP tlog-tiles: height 8).
	TileWidth = 256

	// Bundles is the Level of an entry bundle, which is no tile of hashes but has the same coordinates.
	Bundles = -1

	tileHeight = 8
	maxLevel   = 7                    // a tree of MaxSize has one hash at level 7
	tileBytes  = TileWidth * HashSize // of a full tile
	pathBase   = 1000                 // names in one folder of tiles
	maxPath    = 64                   // bytes; the longest path of a tree of MaxSize is shorter
)

// Tile names a tile of hashes, or an entry bundle: its level, its rank within the level, and how many hashes or
// entries it holds, from 1 to TileWidth. Fewer than TileWidth is a partial one, at the right edge of some tree.
type Tile struct {
	Level int
	Index uint64
	Width int
}

// Path is the C2SP path, such as tile/0/x001/234, tile/1/000.p/7 or tile/entries/012.
func (t Tile) Path() string {
	p := t.folder()
	if t.Width != TileWidth {
		p += ".p/" + strconv.Itoa(t.Width)
	}
	return p
}

// PartialsPath is the folder of the partial forms of the tile, such as tile/0/x001/234.p.
func (t Tile) PartialsPath() string { return t.folder() + ".p" }

// FullAt is the size of the tree from which on the tile is full; the tile of the highest level never is.
func (t Tile) FullAt() uint64 {
	if t.Level == maxLevel {
		return math.MaxUint64
	}
	return (t.Index + 1) << (tileHeight * (max(t.Level, 0) + 1))
}

func (t Tile) folder() string {
	n := fmt.Sprintf("%03d", t.Index%pathBase)
	for i := t.Index / pathBase; i > 0; i /= pathBase {
		n = fmt.Sprintf("x%03d/%s", i%pathBase, n)
	}
	if t.Level == Bundles {
		return "tile/entries/" + n
	}
	return "tile/" + strconv.Itoa(t.Level) + "/" + n
}

// ParsePath reads a C2SP path. Each tile has one path: leading zeros, empty steps and the like are refused.
func ParsePath(path string) (Tile, error) {
	bad := fmt.Errorf("read tile path: %.80q is not one", path)
	rest, ok := strings.CutPrefix(path, "tile/")
	level, rest, ok2 := strings.Cut(rest, "/")
	if !ok || !ok2 || len(path) > maxPath {
		return Tile{}, bad
	}
	t := Tile{Level: Bundles, Width: TileWidth}
	var err error
	if level != "entries" {
		if t.Level, err = strconv.Atoi(level); err != nil || t.Level < 0 || t.Level > maxLevel {
			return Tile{}, bad
		}
	}
	if name, width, partial := strings.Cut(rest, ".p/"); partial {
		if t.Width, err = strconv.Atoi(width); err != nil || t.Width < 1 || t.Width >= TileWidth {
			return Tile{}, bad
		}
		rest = name
	}
	for step := range strings.SplitSeq(rest, "/") {
		n, err := strconv.ParseUint(strings.TrimPrefix(step, "x"), 10, 16)
		if err != nil || n >= pathBase || t.Index > MaxSize/pathBase {
			return Tile{}, bad
		}
		t.Index = t.Index*pathBase + n
	}
	// The one test for all that is loose above: the path must be the one that we would write.
	if t.Path() != path {
		return Tile{}, bad
	}
	return t, nil
}

// tileAt is the tile of that level and index in a tree of that size, as wide as the tree makes it; false when the
// tree has none there.
func tileAt(level int, index, size uint64) (Tile, bool) {
	n := size >> (tileHeight * max(level, 0)) // hashes of this level in the tree
	start := index * TileWidth
	if level > maxLevel || start >= n {
		return Tile{}, false
	}
	return Tile{Level: level, Index: index, Width: int(min(n-start, TileWidth))}, true
}

// Edge lists the partial tiles of a tree of that size: one bundle and one tile of hashes per level, where the size
// leaves a remainder. Every other tile of the tree is full.
func Edge(size uint64) []Tile {
	var edge []Tile
	if w := int(size % TileWidth); w > 0 {
		edge = append(edge, Tile{Level: Bundles, Index: size / TileWidth, Width: w})
	}
	for level := 0; size > 0; level++ {
		if w := int(size % TileWidth); w > 0 {
			edge = append(edge, Tile{Level: level, Index: size / TileWidth, Width: w})
		}
		size /= TileWidth
	}
	return edge
}

// subtree is the root over a power of two of hashes, written one after the other. It overwrites scratch.
func subtree(hashes []byte, scratch *[TileWidth / 2]Hash) Hash {
	n := len(hashes) / HashSize
	if n == 1 {
		return Hash(hashes)
	}
	for i := range n / 2 {
		scratch[i] = NodeHash(Hash(hashes[2*i*HashSize:][:HashSize]), Hash(hashes[(2*i+1)*HashSize:][:HashSize]))
	}
	for n /= 2; n > 1; n /= 2 {
		for i := range n / 2 {
			scratch[i] = NodeHash(scratch[2*i], scratch[2*i+1])
		}
	}
	return scratch[0]
}

// edgeRoot is the root of the tree whose unfinished tiles are these, level 0 first. Low levels are its right edge.
func edgeRoot(levels [][]byte) Hash {
	var scratch [TileWidth / 2]Hash
	root, started := emptyRoot, false
	for _, tile := range levels {
		for n := len(tile) / HashSize; n > 0; {
			w := n & -n // the rightmost perfect subtree of this tile
			h := subtree(tile[(n-w)*HashSize:n*HashSize], &scratch)
			if started {
				h = NodeHash(h, root)
			}
			root, started = h, true
			n -= w
		}
	}
	return root
}
