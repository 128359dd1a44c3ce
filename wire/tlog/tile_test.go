// SPDX-License-Identifier: EUPL-1.2

package tlog

import (
	"testing"

	"filippo.io/torchwood"
	xtlog "golang.org/x/mod/sumdb/tlog"
)

func TestPathIsTheSpecifications(t *testing.T) {
	for want, tile := range map[string]Tile{
		"tile/0/x001/234":           {0, 1234, 256},
		"tile/0/x001/x234/067":      {0, 1234067, 256},
		"tile/2/000.p/7":            {2, 0, 7},
		"tile/entries/012":          {Bundles, 12, 256},
		"tile/entries/x001/000.p/1": {Bundles, 1000, 1},
	} {
		if got := tile.Path(); got != want {
			t.Errorf("path of %v = %s, want %s", tile, got, want)
		}
		if got := torchwood.TilePath(xtlog.Tile{H: 8, L: tile.Level, N: int64(tile.Index), W: tile.Width}); got != want {
			t.Errorf("torchwood's path of %v = %s, want %s", tile, got, want)
		}
		if got, err := ParsePath(want); err != nil || got != tile {
			t.Errorf("ParsePath(%s) = %v, %v, want %v", want, got, err, tile)
		}
	}
}

func TestParsePathRefusesOtherForms(t *testing.T) {
	for _, p := range []string{
		"", "tile", "tile/", "tile/0", "tile/0/", "tile/0/1", "tile/0/0001", "tile/00/001", "tile/8/001", "tile/64/001",
		"tile/-1/001", "tile/+1/001", "tile/data/001", "tile/0/001.p/0", "tile/0/001.p/256", "tile/0/001.p/007",
		"tile/0/001.p", "tile/0/001.p/", "tile/0/x000/001", "tile/0/001/002", "tile/0/x001/x002", "tile/0/x001/../002",
		"tile/0/+01", "/tile/0/001", "tile/0/001/", "tile/0/001.p/1.p/2", "checkpoint",
		"tile/0/x184/x467/x440/x737/x095/x516/616", "tile/0/x999/x999/x999/x999/x999/x999/999",
	} {
		if got, err := ParsePath(p); err == nil {
			t.Errorf("ParsePath(%q) = %v, want an error", p, got)
		}
	}
}

// TestEdgeIsTheSpecificationsExample is the example of tlog-tiles, "Partial Tiles".
func TestEdgeIsTheSpecificationsExample(t *testing.T) {
	want := []string{"tile/entries/273.p/112", "tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"}
	edge := Edge(70000)
	if len(edge) != len(want) {
		t.Fatalf("Edge(70000) = %v, want %v", edge, want)
	}
	for i, tile := range edge {
		if tile.Path() != want[i] {
			t.Errorf("Edge(70000)[%d] = %s, want %s", i, tile.Path(), want[i])
		}
	}
	if got := Edge(256); len(got) != 1 || got[0].Path() != "tile/1/000.p/1" {
		t.Errorf("Edge(256) = %v, want the one partial tile of level 1", got)
	}
	if got := Edge(0); len(got) != 0 {
		t.Errorf("Edge(0) = %v, want none", got)
	}
	if got := Edge(MaxSize); len(got) != 1 || got[0] != (Tile{7, 0, 1}) {
		t.Errorf("Edge(MaxSize) = %v, want one hash at level 7", got)
	}
}

func FuzzParsePath(f *testing.F) {
	for _, s := range []string{"tile/0/x001/234", "tile/entries/001.p/255", "tile/7/000.p/1", "tile/1/x1/2", "tile/0/-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		tile, err := ParsePath(path)
		if err != nil {
			return
		}
		if got := tile.Path(); got != path {
			t.Errorf("ParsePath(%q).Path() = %q", path, got)
		}
		if theirs, err := torchwood.ParseTilePath(path); err != nil || theirs.N != int64(tile.Index) || theirs.W != tile.Width {
			t.Errorf("torchwood reads %q as %v, %v", path, theirs, err)
		}
	})
}
