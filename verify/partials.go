// SPDX-License-Identifier: EUPL-1.2

package verify

import (
	"errors"
	"io/fs"
	"strings"

	"rivage.example/rivage/wire/tlog"
)

// partials checks the partial tiles and bundles of smaller trees that are still there: nothing of this tree needs them,
// but who holds an older checkpoint is served from them.
func partials(files fs.FS, tree tlog.Tree) error {
	log, err := tlog.Open(files, tree)
	if err != nil {
		return named(err, tree.Size)
	}
	return fs.WalkDir(files, "tile", func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // an empty log has no tiles; partial ones go once the tile is full
			return nil
		}
		if err != nil || d.IsDir() || !strings.Contains(name, ".p/") {
			return err
		}
		t, err := tlog.ParsePath(name)
		if err != nil {
			return nil // no name of a tile: what a publication that was cut short left beside its place
		}
		if err := log.Partial(t); err != nil {
			return named(err, tree.Size)
		}
		return nil
	})
}
