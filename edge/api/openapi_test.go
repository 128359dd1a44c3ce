// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"bytes"
	"os"
	"testing"
)

// TestDocumentIsTheCommittedOne keeps openapi.json, from which the apps' types are generated, equal to what is served.
// UPDATE=1 rewrites it: read the difference, nothing may disappear or narrow.
func TestDocumentIsTheCommittedOne(t *testing.T) {
	s, err := New(Config{Apps: appFiles(), Clock: &fakeClock{}})
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("UPDATE") == "1" {
		if err := os.WriteFile("openapi.json", s.spec, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(s.spec, want) {
		t.Error("openapi.json differs from the operations that are served: run UPDATE=1 go test ./edge/api, read the diff")
	}
}
