// SPDX-License-Identifier: EUPL-1.2

package verify

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"rivage.example/rivage/wire/tlog"
)

// Partial tiles of smaller trees are read by who holds an older checkpoint: a bit flipped there is found and named.
func TestAFlippedBitInAnOldPartialTileIsNamed(t *testing.T) {
	f := folder{fstest.MapFS{}}
	w := tlog.NewWriter(f)
	for i, leaf := range leavesOf(t, 700, "") {
		if _, err := w.Add(leaf); err != nil {
			t.Fatal(err)
		}
		if i == 2 || i == 299 || i == 519 || i == 599 { // published there too; 000.p was full soon, and was left behind
			finish(t, f, w)
		}
	}
	tree := finish(t, f, w)
	edge := map[string]bool{}
	for _, at := range tlog.Edge(tree.Size) {
		edge[at.Path()] = true
	}
	if _, err := Folder(f, ""); err != nil {
		t.Fatal(err)
	}
	flips := 0
	for name := range f.MapFS {
		if !strings.Contains(name, ".p/") || edge[name] {
			continue
		}
		tile, err := tlog.ParsePath(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []int{0, 2, len(f.MapFS[name].Data) - 1} {
			flips++
			bad := f.clone()
			bad.MapFS[name].Data[at] ^= 1
			_, err = Folder(bad, "")
			var fault *Fault
			if !errors.As(err, &fault) || fault.File != name || fault.Entry != (tile.Level == tlog.Bundles) {
				t.Errorf("%s, byte %d: %v, want a fault that names it", name, at, err)
			}
		}
	}
	if flips < 20 {
		t.Errorf("%d bits were flipped: the old partial tiles are not there", flips)
	}
	for name, data := range map[string]string{ // what a publication under way, or one that was cut short, may leave
		"tile/0/002.p/250": "beyond the tree", "tile/0/003.p/1": "beyond the tree", "tile/0/002.p/.new-1": "a beginning",
	} {
		_ = f.Put(name, []byte(data))
	}
	if _, err := Folder(f, ""); err != nil {
		t.Errorf("with files that no signed tree needs: %v", err)
	}
}
