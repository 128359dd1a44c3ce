// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/record/ledger"
	"rivage.example/rivage/record/store"
	"rivage.example/rivage/record/store/postgres"
	"rivage.example/rivage/record/store/sqlite"
	"rivage.example/rivage/record/vault"
	"rivage.example/rivage/wire/tlog"
)

// The files of an instance.
const (
	kekFile       = "kek"        // in the keys folder
	ledgerKeyFile = "ledger.key" // in the keys folder: signs checkpoints
	checkFile     = "kek.check"  // in the data folder: tells the right key from another
	journalFile   = "journal.db" // in the data folder, with SQLite
	erasureFile   = "erasures"   // in the keys folder: apart from the backups
	tilesFolder   = "published"  // in the data folder: tiles and checkpoint
	soundFolder   = "recordings" // in the data folder
)

// instance is what every verb that reads an instance opens: its journal and its keys.
type instance struct {
	machine machine
	clock   clock
	store   *store.Store
	vault   *vault.Vault
	kek     *vault.KEK
}

// openInstance opens an instance's folder. It takes no lease: reading beside a running process is fine.
func openInstance(ctx context.Context, dir string) (*instance, error) {
	m, err := readMachine(dir)
	if err != nil {
		return nil, err
	}
	kek, err := vault.Unlock(m.key(kekFile), m.data(), m.data(checkFile))
	if err != nil {
		return nil, err
	}
	i := &instance{machine: m, clock: newClock(), kek: kek}
	if i.store, err = openStore(ctx, &m); err != nil {
		return nil, err
	}
	if i.vault, err = vault.New(vault.Config{KEK: kek, Keys: i.store, Clock: i.clock}); err != nil {
		return nil, errors.Join(err, i.store.Close())
	}
	return i, nil
}

// openStore opens the database that a machine names.
func openStore(ctx context.Context, m *machine) (*store.Store, error) {
	if m.Database != "" {
		return postgres.Open(ctx, m.Database)
	}
	return sqlite.Open(m.data(journalFile))
}

// Close closes the journal.
func (i *instance) Close() error { return i.store.Close() }

// publisher makes tiles and checkpoints of the journal.
func (i *instance) publisher() (*ledger.Publisher, error) {
	key, err := readSigningKey(i.machine.key(ledgerKeyFile))
	if err != nil {
		return nil, err
	}
	dir := i.machine.data(tilesFolder)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("open the published folder: %w", err)
	}
	disk, err := ledger.OpenDisk(dir)
	if err != nil {
		return nil, err
	}
	if err := i.writeVerifierKey(); err != nil {
		return nil, err
	}
	return ledger.New(ledger.Config{Disk: disk, Journal: published{i.store}, Origin: i.machine.Origin, Key: key})
}

// published lets the ledger read the store.
type published struct{ store *store.Store }

// Head implements ledger.Journal.
func (p published) Head(ctx context.Context) (tlog.Tree, error) {
	h, err := p.store.Head(ctx)
	return tlog.Tree{Size: h.Size, Root: tlog.Hash(h.Root)}, err
}

// Leaves implements ledger.Journal.
func (p published) Leaves(ctx context.Context, from, to uint64, visit func([]byte, tlog.Hash) error) error {
	for l, err := range p.store.Leaves(ctx, from, to) {
		if err != nil {
			return err
		}
		if err := visit(l.Text, tlog.Hash(l.Hash)); err != nil {
			return err
		}
	}
	return nil
}

// Published implements ledger.Journal.
func (p published) Published(ctx context.Context) ([]byte, error) {
	last, err := p.store.Published(ctx)
	return last.Checkpoint, err
}

// SetPublished implements ledger.Journal.
func (p published) SetPublished(ctx context.Context, tree tlog.Tree, checkpoint []byte) error {
	return p.store.SetPublished(ctx, store.Published{Size: tree.Size, Root: rivage.Hash(tree.Root), Checkpoint: checkpoint})
}

const signingKeyType = "RIVAGE LEDGER KEY"

// makeSigningKey makes the key that signs checkpoints. It is not wrapped: its file is readable by its owner only, and
// whoever has it can still not change a past that others hold checkpoints of.
func makeSigningKey(path string) error {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("make the ledger's key: %w", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: signingKeyType, Bytes: key.Seed()})
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("make the ledger's key: %w", err)
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

func readSigningKey(path string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the ledger's key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != signingKeyType || len(block.Bytes) != ed25519.SeedSize {
		return nil, &rivage.Error{Code: rivage.Invalid, Message: path + ": this is not a ledger's key; restore it from the copy of the keys folder"}
	}
	return ed25519.NewKeyFromSeed(block.Bytes), nil
}

// verifierKey is the line by which anybody checks this instance's checkpoints.
func (i *instance) verifierKey() (string, error) {
	key, err := readSigningKey(i.machine.key(ledgerKeyFile))
	if err != nil {
		return "", err
	}
	return tlog.VerifierKey(i.machine.Origin, key.Public().(ed25519.PublicKey))
}

// makeInstance makes the folders, the keys and rivage.toml of a new instance. Nothing that exists is touched.
func makeInstance(m *machine) error {
	path := filepath.Join(m.dir, machineFile)
	if _, err := os.Stat(path); err == nil {
		return &rivage.Error{Code: rivage.Conflict, Message: m.dir + " holds an instance already"}
	}
	data, keys := filepath.Clean(m.path(m.Data)), filepath.Clean(m.path(m.Keys))
	if keys == data || strings.HasPrefix(keys, data+string(filepath.Separator)) {
		return &rivage.Error{Code: rivage.Invalid, Message: "the keys folder must be outside the data folder: a copy of the data would carry the keys with it"}
	}
	for _, dir := range []string{m.dir, data, keys} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make instance: %w", err)
		}
	}
	kek, err := vault.CreateKEK(m.key(kekFile))
	if err != nil {
		return err
	}
	if err := vault.SaveCheck(m.data(checkFile), kek); err != nil {
		return err
	}
	if err := makeSigningKey(m.key(ledgerKeyFile)); err != nil {
		return err
	}
	text, err := m.text()
	if err != nil {
		return fmt.Errorf("make instance: %w", err)
	}
	return os.WriteFile(path, text, 0o600)
}

// withInstance opens an instance for the time of one verb.
func withInstance(cmd *cobra.Command, dir string, do func(*instance) error) error {
	i, err := openInstance(cmd.Context(), dir)
	if err != nil {
		return err
	}
	return errors.Join(do(i), i.Close())
}
