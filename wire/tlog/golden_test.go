// SPDX-License-Identifier: EUPL-1.2

package tlog

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
)

// goldenSize makes one full tile, one partial, and a second level.
const goldenSize = 260

// golden is every file of testdata but its README, made by this package.
func golden(t *testing.T) map[string][]byte {
	t.Helper()
	m, tree := build(t, goldenSize)
	files := map[string][]byte{}
	for name, f := range m.MapFS {
		files["log/"+name] = f.Data
	}
	_, vkey := goldenKey(t)
	files["log.vkey"] = []byte(vkey + "\n")
	l, err := Open(m, tree)
	if err != nil {
		t.Fatal(err)
	}
	for _, index := range []uint64{0, 255, 259} {
		text, err := prove(t, m, tree, index).MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		files[fmt.Sprintf("entry-%d.tlog-proof", index)] = text
	}
	f, err := l.Frontier(tree.Size)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := f.MarshalBinary()
	files["frontier-260.hex"] = []byte(hex.EncodeToString(b) + "\n")
	old, err := l.Frontier(100)
	if err != nil {
		t.Fatal(err)
	}
	proof, err := l.Consistency(100)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("old 100 %v\nnew 260 %v\n", old.Root(), tree.Root)
	for _, h := range proof {
		text += h.String() + "\n"
	}
	files["consistency-100-260.txt"] = []byte(text)
	return files
}

// goldenKey is the public key of the log, in both forms.
func goldenKey(t *testing.T) (note.Verifier, string) {
	t.Helper()
	_, v := keys(t, origin, 0)
	seed := make([]byte, ed25519.SeedSize)
	for i := range seed {
		seed[i] = byte(i)
	}
	vkey, err := VerifierKey(origin, ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	return v, vkey
}

// TestGoldenFilesAreWhatWeWrite compares testdata with what this package writes; UPDATE=1 writes it anew.
func TestGoldenFilesAreWhatWeWrite(t *testing.T) {
	for name, want := range golden(t) {
		path := filepath.Join("testdata", filepath.FromSlash(name))
		if os.Getenv("UPDATE") == "1" {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what is written now", path)
		}
	}
}

// judge is torchwood, written by others, reading a folder as an auditor would.
func judge(files fs.FS, vkey string) (int64, error) {
	v, err := note.NewVerifier(strings.TrimSpace(vkey))
	if err != nil {
		return 0, err
	}
	signed, err := fs.ReadFile(files, "checkpoint")
	if err != nil {
		return 0, err
	}
	policy := torchwood.ThresholdPolicy(2, torchwood.OriginPolicy(v.Name()), torchwood.SingleVerifierPolicy(v))
	c, _, err := torchwood.VerifyCheckpoint(signed, policy)
	if err != nil {
		return 0, err
	}
	tiles, err := torchwood.NewTileFS(files)
	if err != nil {
		return 0, err
	}
	client, err := torchwood.NewClient(tiles)
	if err != nil {
		return 0, err
	}
	var n int64
	for i, text := range client.AllEntries(context.Background(), c.Tree, 0) {
		if !bytes.Equal(text, entry(int(i))) {
			return n, fmt.Errorf("entry %d is %s", i, text)
		}
		n++
	}
	if client.Err() == nil && n != c.N {
		return n, errors.New("fewer entries than the checkpoint says")
	}
	return n, client.Err()
}

func TestTorchwoodAcceptsTheGoldenFiles(t *testing.T) {
	vkey, err := os.ReadFile("testdata/log.vkey")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := judge(os.DirFS("testdata/log"), string(vkey)); err != nil || n != goldenSize {
		t.Errorf("read %d entries, %v", n, err)
	}
	v, _ := goldenKey(t)
	policy := torchwood.ThresholdPolicy(2, torchwood.OriginPolicy(origin), torchwood.SingleVerifierPolicy(v))
	for _, i := range []int{0, 255, 259} {
		proof, err := os.ReadFile(fmt.Sprintf("testdata/entry-%d.tlog-proof", i))
		if err != nil {
			t.Fatal(err)
		}
		if err := torchwood.VerifyProof(policy, LeafHash(entry(i)), proof); err != nil {
			t.Errorf("entry %d: %v", i, err)
		}
		if err := torchwood.VerifyProof(policy, LeafHash(entry(i+1)), proof); err == nil {
			t.Errorf("the proof of entry %d passes for another", i)
		}
	}
}

func TestTorchwoodAcceptsEverySize(t *testing.T) {
	_, vkey := goldenKey(t)
	for _, n := range sizes[1:] { // it reads no empty log
		m, _ := build(t, n)
		if got, err := judge(m, vkey); err != nil || got != int64(n) {
			t.Errorf("%d entries: read %d, %v", n, got, err)
		}
	}
}

func TestTorchwoodAndWeRefuseTheSameEntry(t *testing.T) {
	_, vkey := goldenKey(t)
	m, tree := build(t, 3000)
	m.MapFS["tile/entries/005"].Data[100] ^= 1
	_, err := judge(m, vkey)
	_, _, ours := readAll(m, tree)
	var e *EntryError
	if !errors.As(ours, &e) || err == nil || !strings.Contains(err.Error(), fmt.Sprintf("entry %d", e.Last)) {
		t.Errorf("torchwood says %v, we say %v", err, ours)
	}
}
