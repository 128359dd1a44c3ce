// SPDX-License-Identifier: EUPL-1.2

package tlog

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

func TestCheckpointKeepsAllSignatures(t *testing.T) {
	logKey, log := keys(t, origin, 0)
	witnessKey, witness := keys(t, "witness.example/w", 1)
	tree := Tree{42, LeafHash(nil)}
	signed, err := Checkpoint{Origin: origin, Tree: tree}.Sign(logKey)
	if err != nil {
		t.Fatal(err)
	}
	// A witness answers with a line of its own.
	cosigned, err := note.Sign(&note.Note{Text: Checkpoint{Origin: origin, Tree: tree}.Text()}, witnessKey)
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := bytes.Cut(cosigned, []byte("\n\n"))
	both, err := AddSignatures(signed, line)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		others               []note.Verifier
		verified, unverified int
	}{"witness unknown": {nil, 1, 1}, "witness known": {[]note.Verifier{witness}, 2, 0}} {
		got, err := OpenCheckpoint(both, log, c.others...)
		if err != nil {
			t.Fatal(err)
		}
		if got.Tree != tree || len(got.Signatures) != c.verified || len(got.Unverified) != c.unverified {
			t.Errorf("%s: %+v, want %d signatures and %d others", name, got, c.verified, c.unverified)
		}
	}
	if _, err := OpenCheckpoint(cosigned, log, witness); err == nil {
		t.Error("a checkpoint without the log's signature was accepted")
	}
	for _, lines := range []string{"", "no signature\n", "\nother.example\n1\n\n" + string(line), "— x AAAA"} {
		if _, err := AddSignatures(signed, []byte(lines)); err == nil && lines != "" {
			t.Errorf("AddSignatures accepted %q", lines)
		}
	}
}

func TestCheckpointOfAnotherIsRefused(t *testing.T) {
	logKey, log := keys(t, origin, 0)
	_, otherKey := keys(t, origin, 9)
	_, otherName := keys(t, "log.example/other", 0)
	signed, err := Checkpoint{Origin: origin, Tree: EmptyTree()}.Sign(logKey)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := Checkpoint{Origin: "log.example/other", Tree: EmptyTree()}.Sign(logKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		signed []byte
		log    note.Verifier
	}{
		"another key":         {signed, otherKey},
		"another log":         {signed, otherName},
		"another origin":      {foreign, log},
		"another size":        {bytes.Replace(signed, []byte("\n0\n"), []byte("\n1\n"), 1), log},
		"no signature":        {signed[:bytes.Index(signed, []byte("—"))], log},
		"longer than is read": {append(bytes.Repeat([]byte("x\n"), MaxCheckpoint/2), signed...), log},
	} {
		if got, err := OpenCheckpoint(c.signed, c.log); err == nil {
			t.Errorf("%s: accepted as %+v", name, got)
		}
	}
}

func TestCheckpointTextHasOneForm(t *testing.T) {
	root := LeafHash(nil).String()
	for _, text := range []string{origin + "\n1\n" + root + "\n", origin + "\n72057594037927936\n" + root + "\nextension\n"} {
		c, err := ParseCheckpoint(text)
		if err != nil {
			t.Fatal(err)
		}
		if c.Text() != text {
			t.Errorf("%q comes back as %q", text, c.Text())
		}
	}
	for _, text := range []string{
		"", "\n", origin + "\n1\n" + root, "\n1\n" + root + "\n", origin + "\n01\n" + root + "\n", origin + "\n-1\n" + root + "\n",
		origin + "\n+1\n" + root + "\n", origin + "\n72057594037927937\n" + root + "\n", origin + "\n0\n" + root + "\n",
		origin + "\n1\n" + root[:40] + "\n", origin + "\n1\n" + root + "\n\n", origin + "\n1\n" + root + "\nunfinished",
		strings.Repeat("x", MaxCheckpoint) + "\n1\n" + root + "\n",
	} {
		if c, err := ParseCheckpoint(text); err == nil {
			t.Errorf("ParseCheckpoint(%.80q) = %+v, want an error", text, c)
		}
	}
}

func TestKeysNeedAName(t *testing.T) {
	for _, name := range []string{"", "with space", "with+plus"} {
		if _, err := VerifierKey(name, make([]byte, 32)); err == nil {
			t.Errorf("VerifierKey(%q) accepted it", name)
		}
	}
	if _, err := NewSigner(origin, make([]byte, 10)); err == nil {
		t.Error("a key of 10 bytes was accepted")
	}
	if _, err := NewVerifier("log.example+00000000+AAAA"); err == nil {
		t.Error("a key with a wrong hash was accepted")
	}
}

func FuzzOpenCheckpoint(f *testing.F) {
	s, v := keys(f, origin, 0)
	signed, err := Checkpoint{Origin: origin, Tree: EmptyTree()}.Sign(s)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed)
	f.Add([]byte(origin + "\n1\n" + LeafHash(nil).String() + "\n\n— x AAAAAAAA\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseCheckpoint(string(data))
		if err == nil && c.Text() != string(data) {
			t.Errorf("%q comes back as %q", data, c.Text())
		}
		got, err := OpenCheckpoint(data, v)
		if err == nil && got.Tree != EmptyTree() {
			t.Errorf("a checkpoint nobody signed was accepted: %+v", got)
		}
	})
}
