// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// packed is a backup of files with a right manifest.
func packed(t testing.TB, files map[string]string, change func(*backupFiles)) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	m := backupFiles{Version: 1, Files: map[string]string{}}
	put := func(name, text string) {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		m.Files[name] = fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
	}
	for name, text := range files {
		put(name, text)
	}
	change(&m)
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	put(backupManifest, string(text))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestUnpackTakesABackupAndNothingElse(t *testing.T) {
	whole := func(more ...string) map[string]string {
		f := map[string]string{machineFile: "keys = '/etc/other'\ndata = '/srv/other'\n", checkFile: "c", backupJournal: "j"}
		for _, name := range more {
			f[name] = "x"
		}
		return f
	}
	same := func(*backupFiles) {}
	for _, c := range []struct {
		name   string
		files  map[string]string
		change func(*backupFiles)
		want   string // part of the error; "" for none
	}{
		{"whole", whole("recordings/ab/abcd"), same, ""},
		{"a name that leaves the folder", whole("../out"), same, "does not belong"},
		{"an absolute name", whole("/tmp/out"), same, "does not belong"},
		{"a recording that leaves", whole("recordings/ab/../../../out"), same, "does not belong"},
		{"a key", whole("keys/kek"), same, "does not belong"},
		{"a damaged file", whole(), func(m *backupFiles) { m.Files[checkFile] = "00" }, "damaged or missing"},
		{"a missing file", whole(), func(m *backupFiles) { m.Files["recordings/ab/abcd"] = "00" }, "damaged or missing"},
		{"a file too many", whole("recordings/ab/abcd"), func(m *backupFiles) { delete(m.Files, "recordings/ab/abcd") }, "does not name"},
		{"another version", whole(), func(m *backupFiles) { m.Version = 2 }, "version 2"},
		{"no journal", map[string]string{machineFile: "", checkFile: "c"}, same, "journal.db is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			dir, file := filepath.Join(root, "a", "b", "c"), filepath.Join(root, "backup")
			if err := os.WriteFile(file, packed(t, c.files, c.change), 0o600); err != nil {
				t.Fatal(err)
			}
			m, err := unpack(file, dir)
			switch {
			case c.want != "":
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("got %v, want %q", err, c.want)
				}
			case err != nil:
				t.Fatal(err)
			case m.Data != "data" || m.Keys != "keys":
				t.Errorf("folders of another instance are kept: %s, %s", m.Data, m.Keys)
			}
			onlyUnder(t, root, dir)
		})
	}
}

// onlyUnder wants no file but the backup outside a folder.
func onlyUnder(t *testing.T, root, dir string) {
	t.Helper()
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path != filepath.Join(root, "backup") && !strings.HasPrefix(path, dir+string(filepath.Separator)) {
			t.Errorf("%s was written", path)
		}
		return err
	})
}

func FuzzUnpack(f *testing.F) {
	f.Add(packed(f, map[string]string{machineFile: "", checkFile: "c", backupJournal: "j"}, func(*backupFiles) {}))
	f.Add([]byte("no tar"))
	f.Fuzz(func(t *testing.T, data []byte) {
		root := t.TempDir()
		dir, file := filepath.Join(root, "a"), filepath.Join(root, "backup")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if m, err := unpack(file, dir); err == nil && m == nil {
			t.Error("no error and no machine")
		}
	})
}
