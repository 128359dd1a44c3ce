// SPDX-License-Identifier: EUPL-1.2

package arch

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// What differs on macOS compiles for it, with its tests; make dist builds the rest. Nothing here can run it.
func TestMacOSCompiles(t *testing.T) {
	var folders []string
	for _, f := range readTree(t) {
		if ok, _ := filepath.Match("*_darwin.go", filepath.Base(f.path)); ok {
			folders = append(folders, "./"+f.folder())
		}
	}
	if !slices.Contains(folders, "./edge/voice/media") {
		t.Fatalf("got %q with files for macOS; the media engine needs them", folders)
	}
	slices.Sort(folders)
	cmd := exec.Command("go", append([]string{"vet"}, slices.Compact(folders)...)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS=darwin", "GOARCH=arm64", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %v\n%s", cmd.Args, err, out)
	}
}
