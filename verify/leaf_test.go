// SPDX-License-Identifier: EUPL-1.2

package verify

import (
	"strings"
	"testing"

	"rivage.example/rivage"
)

var leafSamples = []rivage.Leaf{
	{At: 1, Kind: rivage.KindStopped},
	{At: -62135596800, Kind: rivage.KindStarted, Basis: "É\"\\\n\u007f", Commit: rivage.Hash{9}},
	{Kind: rivage.KindFieldShown, Outcome: "😀"},
	{
		At: 1790000000, Kind: rivage.KindInteractionOffered, Role: "system", Site: "lome", Actor: "ab", Country: "TG", To: "FR",
		Evidence: rivage.Declared, Class: "suivi", Field: "caller", Mode: "voice", Purpose: "service", Basis: "CCT", Rule: "r", Rules: "h",
		Outcome: "offered", Facts: rivage.Hash{1}, Commit: rivage.Hash{2},
	},
}

// agrees compares the fast reader with the one that decides.
func agrees(t *testing.T, text []byte) {
	t.Helper()
	b, ok := scanPlain(text)
	if !ok {
		return // rivage.ParseLeaf decides
	}
	l, err := rivage.ParseLeaf(text)
	if err != nil {
		t.Fatalf("%q was taken, and is refused: %v", text, err)
	}
	if b.at != l.At || string(b.kind) != string(l.Kind) || b.facts != l.Facts || b.commit != l.Commit {
		t.Fatalf("%q: got %+v, want %+v", text, b, l)
	}
}

func TestTheFastReaderTakesPlainLeaves(t *testing.T) {
	for i, l := range leafSamples {
		text := l.Append(nil)
		if _, ok := scanPlain(text); ok != (i != 2) { // beyond the basic plane it gives way
			t.Errorf("%s: taken %v", text, ok)
		}
		if b, err := scan(text); err != nil || b.at != l.At || b.facts != l.Facts || b.commit != l.Commit {
			t.Errorf("%s: got %+v, %v", text, b, err)
		}
	}
}

func TestTheFastReaderTakesNothingElse(t *testing.T) {
	good := string(leafSamples[3].Append(nil))
	for name, text := range map[string]string{
		"spaces":             strings.Replace(good, ":", ": ", 1),
		"another order":      strings.Replace(good, `"role":"system","site":"lome"`, `"site":"lome","role":"system"`, 1),
		"unknown key":        strings.Replace(good, `"role"`, `"rolf"`, 1),
		"empty value":        strings.Replace(good, `"role":"system"`, `"role":""`, 1),
		"version 2":          strings.Replace(good, `"v":1`, `"v":2`, 1),
		"leading zero":       strings.Replace(good, `"t":1`, `"t":01`, 1),
		"minus zero":         strings.Replace(good, `"t":1790000000`, `"t":-0`, 1),
		"beyond 64 bits":     strings.Replace(good, `"t":1`, `"t":1234567890123`, 1),
		"capital hash":       strings.Replace(good, `"facts":"01`, `"facts":"0A`, 1),
		"escaped letter":     strings.Replace(good, `lome`, `\u006come`, 1),
		"capital escape":     strings.Replace(good, `lome`, `\u00C9`, 1),
		"short escape":       strings.Replace(good, `lome`, `\n`, 1),
		"lone surrogate":     strings.Replace(good, `lome`, `\ud83d`, 1),
		"raw accent":         strings.Replace(good, `lome`, `lomé`, 1),
		"zero commit":        strings.Replace(good, `"commit":"02`, `"commit":"00`, 1),
		"no end":             good[:len(good)-1],
		"something after it": good + "}",
	} {
		if _, ok := scanPlain([]byte(text)); ok {
			t.Errorf("%s: taken", name)
		}
		agrees(t, []byte(text))
	}
}

func FuzzScan(f *testing.F) {
	for _, l := range leafSamples {
		f.Add(l.Append(nil))
	}
	f.Fuzz(agrees)
}
