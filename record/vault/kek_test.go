// SPDX-License-Identifier: EUPL-1.2

package vault

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func twoEpochs(t testing.TB) *KEK {
	t.Helper()
	k, err := NewKEK().WithNewEpoch()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeyTypedFromPaperIsTheKey(t *testing.T) {
	k := twoEpochs(t)
	typed := strings.NewReplacer("-", " ", "O", "0", "I", "1", "B", "8").Replace(k.Text())
	lines := strings.Split(typed, "\n")
	for i, line := range lines {
		switch word, rest, _ := strings.Cut(line, " "); {
		case strings.HasPrefix(line, "#"):
			lines[i] = ""
		case word == "instance" || word == "fingerprint":
			lines[i] = "  " + word + " " + strings.ToLower(rest) + " "
		}
	}
	lines[0] = kekTitle
	got, err := ParseKEK([]byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	if got.Text() != k.Text() || !slices.Equal(got.Epochs(), []int64{1, 2}) || got.Epoch() != 2 {
		t.Errorf("another key came back: epochs %v", got.Epochs())
	}
}

func TestMistypedKeyIsRefusedByLine(t *testing.T) {
	k := twoEpochs(t)
	lines := strings.Split(k.Text(), "\n")
	at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "epoch 2") })
	change := func(f func([]string) []string) string { return strings.Join(f(slices.Clone(lines)), "\n") }
	swap := func(a, b string) string {
		_, x, _ := strings.Cut(lines[at-1], "epoch 1 ")
		_, y, _ := strings.Cut(lines[at], "epoch 2 ")
		return change(func(l []string) []string { l[at-1], l[at] = a+y, b+x; return l })
	}
	for name, c := range map[string]struct{ text, want string }{
		"empty":       {"", "cut short"},
		"title":       {strings.Replace(k.Text(), kekTitle, "rivage key 2", 1), "line 1"},
		"one letter":  {change(func(l []string) []string { l[at] = flip(l[at]); return l }), fmt.Sprintf("line %d", at+1)},
		"swapped":     {swap("epoch 1 ", "epoch 2 "), "check letters"},
		"line gone":   {change(func(l []string) []string { return slices.Delete(l, at, at+1) }), "fingerprint"},
		"cut":         {strings.Join(lines[:at+1], "\n"), "cut short"},
		"short":       {change(func(l []string) []string { l[at] = l[at][:30]; return l }), "letters, want"},
		"twice":       {change(func(l []string) []string { return slices.Insert(l, at, l[at]) }), "not in order"},
		"other's":     {strings.Replace(k.Text(), k.Fingerprint(), NewKEK().Fingerprint(), 1), "fingerprint"},
		"other words": {strings.Replace(k.Text(), "epoch 2", "epoque 2", 1), "want instance"},
		"epoch 02":    {strings.Replace(k.Text(), "epoch 2", "epoch 02", 1), "number"},
		"long":        {k.Text() + strings.Repeat("#\n", maxKEKText), "too long"},
	} {
		_, err := ParseKEK([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", name, err, c.want)
		}
	}
}

// flip changes the last letter of a line for another.
func flip(line string) string {
	last := "A"
	if strings.HasSuffix(line, "A") {
		last = "B"
	}
	return line[:len(line)-1] + last
}

func TestKeyNeverPrintsItself(t *testing.T) {
	k := NewKEK()
	secret := strings.Fields(strings.Split(k.Text(), "\n")[3])[1]
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("key", "key", k)
	out := fmt.Sprintf("%v %+v %#v %s %x %d", k, k, k, k, k, k) + log.String() + k.Check() + k.Fingerprint()
	raw := fmt.Sprintf("%x", k.instance[:])
	if strings.Contains(out, secret[:9]) || strings.Contains(out, raw[:8]) || strings.Count(out, "[key]") != 7 {
		t.Errorf("the key printed itself: %s", out)
	}
}

func TestKeyMatchesItsOwnDataOnly(t *testing.T) {
	first := NewKEK()
	second, err := first.WithNewEpoch()
	if err != nil {
		t.Fatal(err)
	}
	third, err := second.WithoutEpoch(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		key   *KEK
		check string
		want  string
	}{
		{"its own", first, first.Check(), ""},
		{"a newer key", second, first.Check(), ""},
		{"an old copy", first, second.Check(), "old copy"},
		{"after an epoch was destroyed", third, third.Check(), ""},
		{"data from before the destruction", third, first.Check(), "old copy"},
		{"another instance", NewKEK(), first.Check(), "another instance"},
		{"no check", first, "", "does not begin"},
		{"check without lines", first, checkTitle, "another instance"},
	} {
		err := c.key.Match(c.check)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := second.WithoutEpoch(2); err == nil {
		t.Error("the epoch in use could be destroyed")
	}
	if _, err := second.WithoutEpoch(7); err == nil {
		t.Error("an unknown epoch could be destroyed")
	}
}

func TestKeyFileIsRefusedWithOneClearSentence(t *testing.T) {
	dir, data := t.TempDir(), t.TempDir()
	path, check := filepath.Join(dir, "key"), filepath.Join(data, "key.check")
	k, err := CreateKEK(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := SaveCheck(check, k); err != nil {
		t.Fatal(err)
	}
	if got, err := Unlock(path, data, check); err != nil || got.Text() != k.Text() {
		t.Fatalf("Unlock: %v", err)
	}
	write := func(name, text string, mode os.FileMode) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(p, mode); err != nil {
			t.Fatal(err)
		}
		return p
	}
	within := filepath.Join(data, "key")
	if err := SaveKEK(within, k); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(data, link); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ path, want string }{
		"missing":       {filepath.Join(dir, "none"), "restore the copy"},
		"open to all":   {write("open", k.Text(), 0o644), "chmod 600"},
		"open to group": {write("group", k.Text(), 0o640), "chmod 600"},
		"a folder":      {dir, "regular file"},
		"cut short":     {write("cut", k.Text()[:strings.Index(k.Text(), "fingerprint")], 0o600), "cut short"},
		"foreign":       {write("foreign", NewKEK().Text(), 0o600), "another instance"},
		"in the data":   {within, "inside the data folder"},
		"through links": {filepath.Join(link, "key"), "inside the data folder"},
	} {
		_, err := Unlock(c.path, data, check)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if _, err := CreateKEK(path); err == nil || !strings.Contains(err.Error(), "never overwritten") {
		t.Errorf("a second key on the same path: %v", err)
	}
	write("credential", k.Text(), 0o440)
	if _, err := LoadCredential(dir, "credential"); err != nil {
		t.Errorf("a credential of systemd: %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode())
	}
}

func FuzzParseKEK(f *testing.F) {
	k := twoEpochs(f)
	f.Add([]byte(k.Text()))
	f.Add([]byte(k.Text()[:150]))
	f.Add([]byte(kekTitle + "\nepoch 1 AAAA\nfingerprint \n"))
	f.Add([]byte(kekTitle + "\nfingerprint AAAA"))
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := ParseKEK(text)
		if err != nil {
			return
		}
		again, err := ParseKEK([]byte(k.Text()))
		if err != nil || again.Text() != k.Text() {
			t.Fatalf("a key that was read is not read again: %v", err)
		}
	})
}
