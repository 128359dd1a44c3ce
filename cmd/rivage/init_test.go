// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// typist answers each question of init: with the last group of the key that the screen shows, or with what is said.
type typist struct {
	screen  *bytes.Buffer
	answers []string // "" is the right one
}

func (y *typist) Read(b []byte) (int, error) {
	if len(y.answers) == 0 {
		return 0, io.EOF
	}
	answer := y.answers[0]
	y.answers = y.answers[1:]
	if answer == "" {
		_, after, _ := strings.Cut(y.screen.String(), "fingerprint ")
		key, _, _ := strings.Cut(after, "\n")
		groups := strings.Fields(key)
		answer = groups[len(groups)-1]
	}
	return copy(b, answer+"\n"), nil
}

// typeInit runs init as a person would, and gives what the screens said.
func typeInit(dir string, answers []string, flags ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	args := append([]string{"init", dir, "--organisation", "Mairie", "--login", "ada", "--name", "Ada Le Bris"}, flags...)
	code = run(args, &typist{&o, answers}, &o, &e)
	return code, o.String(), e.String()
}

func TestInitLetsAMistypedKeyBeTypedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		answers []string
		made    bool
	}{
		"at once":               {[]string{""}, true},
		"the third time":        {[]string{"abcd", "", ""}, true},
		"never":                 {[]string{"abcd", "bcde", "cdef", ""}, false},
		"closed before the end": {[]string{"abcd"}, false},
	} {
		dir := filepath.Join(t.TempDir(), "i")
		code, out, errs := typeInit(dir, c.answers)
		if made := code == 0; made != c.made || made != strings.Contains(out, "invitation=") {
			t.Errorf("%s: exit status %d, want made %v\n%s%s", name, code, c.made, out, errs)
		}
		if c.made {
			continue
		}
		if code != exitUsage || !strings.Contains(errs, "it goes on from here") {
			t.Errorf("%s: exit status %d, %s", name, code, errs)
		}
		// The same command again goes on: the key is the one that was shown, and the authority the one that was made.
		before := filesOf(t, filepath.Join(dir, "keys"))
		if code, out, errs = typeInit(dir, []string{""}); code != 0 || !strings.Contains(out, "invitation=") {
			t.Errorf("%s, again: exit status %d\n%s%s", name, code, out, errs)
		}
		if after := filesOf(t, filepath.Join(dir, "keys")); before != after {
			t.Errorf("%s: going on changed the keys", name)
		}
		if code, _, errs = typeInit(dir, []string{""}); code != exitFailed || !strings.Contains(errs, "holds an instance already") {
			t.Errorf("%s, once too often: exit status %d, %s", name, code, errs)
		}
	}
}

func TestInitOverwritesNoCopyOfAKey(t *testing.T) {
	dir, other := filepath.Join(t.TempDir(), "i"), filepath.Join(t.TempDir(), "kek.txt")
	if err := os.WriteFile(other, []byte("another instance's\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refuse := func(flag, want string) {
		t.Helper()
		code, _, errs := typeInit(dir, nil, "--key-copy", flag)
		if _, err := os.Stat(dir); code == 0 || !strings.Contains(errs, want) || err == nil {
			t.Errorf("%s: exit status %d, %s(%v), want %q and nothing made", flag, code, errs, err, want)
		}
	}
	refuse(other, "overwrites nothing")
	refuse(filepath.Join(dir, "kek.txt"), "must leave the instance's folder")
	refuse(filepath.Join(dir+"-nowhere", "kek.txt"), "no such folder")
	if text, err := os.ReadFile(other); err != nil || string(text) != "another instance's\n" {
		t.Errorf("the other key's copy is now %q (%v)", text, err)
	}

	// Begun without a copy; then the copy is wanted where one stands, then under a free name.
	if code, _, errs := typeInit(dir, []string{"abcd"}); code != exitUsage {
		t.Fatalf("exit status %d, %s", code, errs)
	}
	if code, _, errs := typeInit(dir, nil, "--key-copy", other); code != exitFailed || !strings.Contains(errs, "overwrites nothing") {
		t.Errorf("exit status %d, %s", code, errs)
	}
	free := filepath.Join(filepath.Dir(other), "free.txt")
	code, out, errs := typeInit(dir, nil, "--key-copy", free)
	kek, err := os.ReadFile(filepath.Join(dir, "keys", "kek"))
	if err != nil || code != 0 || !strings.Contains(out, "invitation=") {
		t.Fatalf("exit status %d, %s%s (%v)", code, out, errs, err)
	}
	if text, err := os.ReadFile(free); err != nil || !bytes.Equal(text, kek) {
		t.Errorf("the copy is not the key (%v)", err)
	}
}

// filesOf is a folder's content as one text.
func filesOf(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(e.Name() + "\n" + string(text))
	}
	return b.String()
}
