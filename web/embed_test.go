// SPDX-License-Identifier: EUPL-1.2

package web

import (
	"io/fs"
	"testing"
)

func TestEachAppHasAPage(t *testing.T) {
	for _, app := range Apps {
		sub, err := fs.Sub(FS, app)
		if err != nil {
			t.Fatal(err)
		}
		page, err := fs.ReadFile(sub, "index.html")
		if err != nil {
			t.Fatalf("%s: %v", app, err)
		}
		if len(page) < 100 {
			t.Errorf("%s: got a page of %d bytes, want a page", app, len(page))
		}
	}
}

func TestNothingOutsideTheAppsIsServed(t *testing.T) {
	for _, name := range []string{"../embed.go", "/desk/index.html", "desk/../../embed.go", "desk/absent.js"} {
		if f, err := FS.Open(name); err == nil {
			_ = f.Close()
			t.Errorf("open %q: got a file, want an error", name)
		}
	}
}
