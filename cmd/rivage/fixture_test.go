// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A data folder of the first version opens in this one, its journal verifies and its rows are still the fold of its
// entries. UPDATE=1 does not remake it: it is what is out there. To keep the archive small, the sound of its 26 prompts
// was left out, and that is all that a check may find.
func TestFolderOfTheFirstVersionOpens(t *testing.T) {
	dir := t.TempDir()
	unpackFixture(t, "testdata/instance-v1.tar.gz", dir)
	var out, errs bytes.Buffer
	if code := run([]string{"verify", dir}, strings.NewReader(""), &out, &errs); code != 0 {
		t.Errorf("rivage verify: exit status %d\n%s%s", code, &out, &errs)
	}
	out.Reset()
	_ = run([]string{"check", "--dir", dir, "--json"}, strings.NewReader(""), &out, &errs)
	var found struct {
		Entries, Recordings, Published int
		Faults                         []string
	}
	if err := json.Unmarshal(out.Bytes(), &found); err != nil || found.Entries != 145 || found.Recordings != 1 || found.Published != 145 {
		t.Errorf("rivage check: %+v, %v\n%s", found, err, &errs)
	}
	silent := regexp.MustCompile(`^prompt [a-z0-9-]+: its sound [0-9a-f]{64}, which entry [0-9]+ names, is missing$`)
	if n := len(found.Faults); n != 26 || slices.ContainsFunc(found.Faults, func(f string) bool { return !silent.MatchString(f) }) {
		t.Errorf("rivage check: want the 26 sounds that were left out, and nothing else: %q", found.Faults)
	}
}

func unpackFixture(t *testing.T, archive, dir string) {
	t.Helper()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.Clean("/"+h.Name))
		if h.Typeflag == tar.TypeDir {
			if err := os.MkdirAll(path, 0o700); err != nil {
				t.Fatal(err)
			}
			continue
		}
		content, err := io.ReadAll(r)
		if err == nil {
			err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, content, 0o600))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
