// SPDX-License-Identifier: EUPL-1.2

package vault

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"rivage.example/rivage"
)

func TestErasuresAreReadBackAfterACrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "erasures")
	want := []Erasure{{0, []rivage.ID{"s1"}}, {7, []rivage.ID{"s2", "s3"}}, {9, nil}}
	e, err := OpenErasures(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range want {
		if err := e.Add(x); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Add(want[1]); err != nil { // a consumer that repeats itself
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString("12 s4") // the crash
	if err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	if got, err := ReadErasures(path); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("ReadErasures = %v, %v, want %v", got, err, want)
	}
	if e, err = OpenErasures(path); err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.Add(Erasure{12, []rivage.ID{"s5"}}); err != nil {
		t.Fatal(err)
	}
	want = append(want, Erasure{12, []rivage.ID{"s5"}})
	if got, err := ReadErasures(path); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("ReadErasures = %v, %v, want %v", got, err, want)
	}
}

// A database that somebody put back by hand counts its entries from an earlier one, while the list stayed: what is
// erased then is listed all the same.
func TestAnErasureUnderAnOldNumberIsListed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "erasures")
	add := func(list ...Erasure) {
		e, err := OpenErasures(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range list {
			if err := e.Add(x); err != nil {
				t.Fatal(err)
			}
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	add(Erasure{40, []rivage.ID{"s1", "s2"}})
	add(Erasure{31, []rivage.ID{"s3"}}, Erasure{40, []rivage.ID{"s2", "s4"}}, Erasure{31, []rivage.ID{"s3"}}, Erasure{12, nil})
	add(Erasure{31, []rivage.ID{"s3"}}, Erasure{41, []rivage.ID{"s5"}})
	want := []Erasure{{40, []rivage.ID{"s1", "s2"}}, {41, []rivage.ID{"s3"}}, {42, []rivage.ID{"s4"}}, {43, []rivage.ID{"s5"}}}
	if got, err := ReadErasures(path); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("ReadErasures = %v, %v, want %v", got, err, want)
	}
}

func TestUnacknowledgedErasureIsCutBeforeTheNext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "erasures")
	e, err := OpenErasures(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Add(Erasure{1, []rivage.ID{"s1"}}); err != nil {
		t.Fatal(err)
	}
	good := e.file
	if e.file, err = os.Open(path); err != nil { // a disk that refuses writes
		t.Fatal(err)
	}
	if err := e.Add(Erasure{2, []rivage.ID{"s2"}}); err == nil {
		t.Fatal("a refused write was acknowledged")
	}
	if _, err := good.WriteString("2 s2 half"); err != nil { // what it wrote all the same
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e.file = good
	if err := e.Add(Erasure{2, []rivage.ID{"s2"}}); err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	want := []Erasure{{1, []rivage.ID{"s1"}}, {2, []rivage.ID{"s2"}}}
	if got, err := ReadErasures(path); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("ReadErasures = %v, %v, want %v", got, err, want)
	}
}

func TestDamagedErasureIsNamedByLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "erasures")
	text := string(appendErasure(appendErasure(nil, Erasure{1, []rivage.ID{"s1"}}), Erasure{2, []rivage.ID{"s2"}}))
	for name, c := range map[string]struct{ text, want string }{
		"flipped":      {strings.Replace(text, "s2", "s3", 1), "line 2"},
		"out of order": {text + text, "line 3"},
		"empty line":   {"\n" + text, "line 1"},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, readErr := ReadErasures(path)
		_, openErr := OpenErasures(path)
		for _, err := range []error{readErr, openErr} {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", name, err, c.want)
			}
		}
	}
	e, err := OpenErasures(filepath.Join(t.TempDir(), "e"))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.Add(Erasure{1, []rivage.ID{"s1 s2\n"}}); rivage.CodeOf(err) != rivage.Invalid {
		t.Errorf("an id that is none: %v, want code %q", err, rivage.Invalid)
	}
}

func FuzzParseErasures(f *testing.F) {
	f.Add(appendErasure(nil, Erasure{1, []rivage.ID{"s1", "s2"}}))
	f.Add([]byte("1 s1 00000000\n"))
	f.Add([]byte("\n"))
	f.Add([]byte("1"))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, whole, err := parseErasures(text)
		if err != nil {
			return
		}
		var again []byte
		for _, x := range list {
			again = appendErasure(again, x)
		}
		if back, n, err := parseErasures(again); err != nil || n != int64(len(again)) || !reflect.DeepEqual(back, list) || whole > int64(len(text)) {
			t.Fatalf("read %v, written and read again %v, %v", list, back, err)
		}
	})
}
