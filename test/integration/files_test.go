// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// filesOf are the files of an instance's recordings.
func filesOf(t testing.TB, i *instance) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(filepath.Join(i.dir, "data", "recordings"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return out
}
