// SPDX-License-Identifier: EUPL-1.2

package ledger

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/tlog"
)

const origin = "rivage.example/ledger/test"

var key = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, ed25519.SeedSize))

// journal is a Journal in memory.
type journal struct {
	texts    [][]byte // nil: dropped
	hashes   []tlog.Hash
	frontier tlog.Frontier
	kept     []byte // the published checkpoint
	failKeep bool
}

func leaf(i int) []byte { return fmt.Appendf(nil, `{"v":1,"kind":"Shown","n":%d}`, i) }

// grow adds leaves until there are n.
func (j *journal) grow(n int) *journal {
	for i := len(j.texts); i < n; i++ {
		j.texts = append(j.texts, leaf(i))
		j.hashes = append(j.hashes, tlog.LeafHash(leaf(i)))
		j.frontier.Append(j.hashes[i])
	}
	return j
}

func (j *journal) Head(context.Context) (tlog.Tree, error) { return j.frontier.Tree(), nil }

func (j *journal) Leaves(_ context.Context, from, to uint64, visit func([]byte, tlog.Hash) error) error {
	for i := from; i < to; i++ {
		if err := visit(j.texts[i], j.hashes[i]); err != nil {
			return err
		}
	}
	return nil
}

func (j *journal) Published(context.Context) ([]byte, error) { return j.kept, nil }

func (j *journal) SetPublished(_ context.Context, _ tlog.Tree, checkpoint []byte) error {
	if j.failKeep {
		return errDisk
	}
	j.kept = checkpoint
	return nil
}

func publisher(t testing.TB, d Disk, j Journal) *Publisher {
	t.Helper()
	p, err := New(Config{Disk: d, Journal: j, Origin: origin, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func publish(t testing.TB, p *Publisher) []byte {
	t.Helper()
	signed, err := p.Publish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// audit is the full verification of a published folder with our reader, and with torchwood while no text is dropped.
func audit(files fs.FS, texts func(i uint64) []byte) (tlog.Tree, error) {
	vkey, err := tlog.VerifierKey(origin, key.Public().(ed25519.PublicKey))
	if err != nil {
		return tlog.Tree{}, err
	}
	v, err := tlog.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	signed, err := fs.ReadFile(files, checkpointFile)
	if err != nil {
		return tlog.Tree{}, err
	}
	c, err := tlog.OpenCheckpoint(signed, v)
	if err != nil {
		return tlog.Tree{}, err
	}
	l, err := tlog.Open(files, c.Tree)
	if err != nil {
		return c.Tree, err
	}
	dropped := false
	for e, err := range l.Entries(0, c.Tree.Size) {
		if err != nil {
			return c.Tree, err
		}
		if !bytes.Equal(e.Text, texts(e.Index)) {
			return c.Tree, fmt.Errorf("entry %d is %q, want %q", e.Index, e.Text, texts(e.Index))
		}
		dropped = dropped || e.Text == nil
	}
	if dropped {
		return c.Tree, nil
	}
	return c.Tree, judge(files, v, signed)
}

// judge reads the folder with torchwood, written by others.
func judge(files fs.FS, v note.Verifier, signed []byte) error {
	c, _, err := torchwood.VerifyCheckpoint(signed, torchwood.ThresholdPolicy(2, torchwood.OriginPolicy(origin), torchwood.SingleVerifierPolicy(v)))
	if err != nil {
		return err
	}
	tiles, err := torchwood.NewTileFS(files)
	if err != nil {
		return err
	}
	client, err := torchwood.NewClient(tiles)
	if err != nil {
		return err
	}
	n := int64(0)
	for range client.AllEntries(context.Background(), c.Tree, 0) {
		n++
	}
	if client.Err() == nil && n != c.N {
		return fmt.Errorf("torchwood read %d entries of %d", n, c.N)
	}
	return client.Err()
}

func allLeaves(i uint64) []byte { return leaf(int(i)) }

func TestEveryPublicationVerifies(t *testing.T) {
	d, j := newMemoryDisk(), &journal{}
	p := publisher(t, d, j)
	for _, n := range []int{1, 2, 255, 256, 257, 300, 512, 1000, 66000, 66001} {
		j.grow(n)
		publish(t, p)
		if tree, err := audit(d.reader(), allLeaves); err != nil || tree != j.frontier.Tree() {
			t.Fatalf("at %d: %v, %v", n, tree, err)
		}
		if _, err := audit(d.afterPowerFailure().reader(), allLeaves); err != nil {
			t.Fatalf("at %d, after a power failure: %v", n, err)
		}
	}
	for name := range d.live {
		if strings.HasSuffix(name, "000.p") && !strings.HasPrefix(name, "tile/2/") {
			t.Errorf("%s is left, and its full tile is there", name)
		}
	}
	before := len(d.live)
	d.left = 0 // no change from here on
	if got := publish(t, p); !bytes.Equal(got, j.kept) || len(d.live) != before {
		t.Error("publishing nothing new changed something")
	}
}

func TestProofIsVerifiedByTorchwood(t *testing.T) {
	d, j := newMemoryDisk(), (&journal{}).grow(70000)
	p := publisher(t, d, j)
	if _, err := p.Proof(t.Context(), 0); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("a proof before any publication: %v", err)
	}
	publish(t, p)
	vkey, err := tlog.VerifierKey(origin, key.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	v, err := tlog.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	policy := torchwood.ThresholdPolicy(2, torchwood.OriginPolicy(origin), torchwood.SingleVerifierPolicy(v))
	for _, p := range []*Publisher{p, publisher(t, d, j)} { // and one that has not published yet
		for _, i := range []int{0, 255, 65535, 69999} {
			proof, err := p.Proof(t.Context(), uint64(i))
			if err != nil {
				t.Fatal(err)
			}
			if err := torchwood.VerifyProof(policy, tlog.LeafHash(leaf(i)), proof); err != nil {
				t.Errorf("entry %d: %v", i, err)
			}
			if len(proof) > 2000 {
				t.Errorf("the proof of entry %d has %d bytes", i, len(proof))
			}
		}
		if _, err := p.Proof(t.Context(), 70000); rivage.CodeOf(err) != rivage.NotFound {
			t.Errorf("the proof of an entry not published: %v", err)
		}
	}
	d.live["tile/0/003"].data[40] ^= 1
	if _, err := p.Proof(t.Context(), 3*256+9); err == nil || !strings.Contains(err.Error(), "tile/0/003") {
		t.Errorf("a proof from a changed tile: %v", err)
	}
}

func TestALeafThatLostItsHashIsNotPublished(t *testing.T) {
	d, j := newMemoryDisk(), (&journal{}).grow(10)
	p := publisher(t, d, j)
	publish(t, p)
	j.grow(20)
	j.texts[15] = []byte(`{"v":1,"kind":"Changed"}`)
	if _, err := p.Publish(t.Context()); rivage.CodeOf(err) != rivage.Internal || !strings.Contains(err.Error(), "entry 15") {
		t.Errorf("Publish: %v, want an error that names entry 15", err)
	}
	if tree, err := audit(d.reader(), allLeaves); err != nil || tree.Size != 10 {
		t.Errorf("the old checkpoint: %v, %v", tree, err)
	}
}

func TestMoreKeysSignToo(t *testing.T) {
	second := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{4}, ed25519.SeedSize))
	s, err := tlog.NewSigner("rivage.example/second", second)
	if err != nil {
		t.Fatal(err)
	}
	d, j := newMemoryDisk(), (&journal{}).grow(3)
	p, err := New(Config{Disk: d, Journal: j, Origin: origin, Key: key, More: []note.Signer{s}})
	if err != nil {
		t.Fatal(err)
	}
	if got := bytes.Count(publish(t, p), []byte("\n— ")); got != 2 {
		t.Errorf("%d signatures, want 2", got)
	}
	if _, err := audit(d.reader(), allLeaves); err != nil {
		t.Error(err)
	}
}

func TestNewRefusesWhatCannotSign(t *testing.T) {
	for name, c := range map[string]Config{
		"nothing":   {},
		"no key":    {Disk: newMemoryDisk(), Journal: &journal{}, Origin: origin},
		"no origin": {Disk: newMemoryDisk(), Journal: &journal{}, Key: key},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestJournalOfTheWrongLengthIsRefused(t *testing.T) {
	for name, change := range map[string]func(int) int{"fewer": func(n int) int { return n - 1 }, "more": func(n int) int { return n + 1 }} {
		d, j := newMemoryDisk(), (&journal{}).grow(10)
		if _, err := publisher(t, d, counted{j, change}).Publish(t.Context()); err == nil {
			t.Errorf("%s leaves than asked for were published", name)
		}
		if _, err := audit(d.reader(), allLeaves); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: a checkpoint was written: %v", name, err)
		}
	}
}

// counted is a journal that gives another number of leaves than asked for.
type counted struct {
	*journal
	change func(int) int
}

func (c counted) Leaves(_ context.Context, _, to uint64, visit func([]byte, tlog.Hash) error) error {
	for i := range c.change(int(to)) {
		if err := visit(leaf(i), tlog.LeafHash(leaf(i))); err != nil {
			return err
		}
	}
	return nil
}

// TestProofsAreMadeWhileEntriesArePublished: partial tiles go away under the reader's hands, full ones take their place.
func TestProofsAreMadeWhileEntriesArePublished(t *testing.T) {
	d, err := OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	j := (&journal{}).grow(200)
	p := publisher(t, d, j)
	publish(t, p)
	done := make(chan error, 1)
	go func() {
		for n := 210; n < 600; n += 10 {
			if _, err := p.Publish(context.Background()); err != nil {
				done <- err
				return
			}
			j.grow(n)
		}
		done <- nil
	}()
	for i := uint64(0); ; i = (i + 7) % 200 {
		if _, err := p.Proof(t.Context(), i); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			return
		default:
		}
	}
}
