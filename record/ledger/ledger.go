// SPDX-License-Identifier: EUPL-1.2

// Package ledger makes the log checkable by people who do not trust its operator: it publishes the entries as C2SP
// tiles under a signed checkpoint.
//
// The tiles are a copy; the store's own tree head is what counts. The order of a publication is its safety: tiles and
// bundles, then their folders, are on the disk before the checkpoint that needs them is signed, and the checkpoint is
// replaced last. Whatever fails before, the old checkpoint still verifies and the next attempt does the rest.
package ledger

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/tlog"
)

// checkpointFile is the name of the signed checkpoint in the published folder (C2SP tlog-tiles).
const checkpointFile = "checkpoint"

// Journal is the log in the store.
type Journal interface {
	// Head is the tree to publish. It must not go beyond what a fail-over keeps: a checkpoint over entries that
	// are lost afterwards is a fork for ever.
	Head(ctx context.Context) (tlog.Tree, error)

	// Leaves calls visit for each entry from one sequence number to before another, in order, with the text of
	// its leaf and its hash. A text that was dropped is nil. The text is not kept. An error of visit is returned.
	Leaves(ctx context.Context, from, to uint64, visit func(text []byte, hash tlog.Hash) error) error

	// Published is the signed checkpoint given to SetPublished last, nil when there was none.
	Published(ctx context.Context) ([]byte, error)

	// SetPublished keeps what was published, so that a restored folder or database is noticed.
	SetPublished(ctx context.Context, tree tlog.Tree, checkpoint []byte) error
}

// Config is what a Publisher needs.
type Config struct {
	Disk    Disk
	Journal Journal
	Origin  string             // names the log in checkpoints, such as rivage.example/ledger/fr
	Key     ed25519.PrivateKey // the log's

	// More keys sign each checkpoint after the log's own, for instance a new kind of key beside it.
	More []tlog.Signer
}

// Publisher publishes one log; the process that holds the publisher's lease has one. Its methods may be called from
// several goroutines.
type Publisher struct {
	journal  Journal
	origin   string
	signers  []tlog.Signer
	verifier tlog.Verifier

	mu     sync.Mutex   // held while files are written; guards the fields below
	files  *folder      // the published folder
	writer *tlog.Writer // at the size of last; nil when the folder must be read again

	last atomic.Pointer[published] // set under mu, read without it
}

// published is one signed checkpoint.
type published struct {
	tlog.Signed
	bytes []byte
}

// New checks the key and the origin; it touches neither disk nor journal. Call Compare before work is accepted.
func New(c Config) (*Publisher, error) {
	if c.Disk == nil || c.Journal == nil {
		return nil, errors.New("make publisher: a disk and a journal are needed")
	}
	signer, err := tlog.NewSigner(c.Origin, c.Key)
	if err != nil {
		return nil, fmt.Errorf("make publisher: %w", err)
	}
	vkey, err := tlog.VerifierKey(c.Origin, c.Key.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, fmt.Errorf("make publisher: %w", err)
	}
	verifier, err := tlog.NewVerifier(vkey)
	if err != nil {
		return nil, fmt.Errorf("make publisher: %w", err)
	}
	return &Publisher{
		journal:  c.Journal,
		origin:   c.Origin,
		signers:  append([]tlog.Signer{signer}, c.More...),
		verifier: verifier,
		files:    newFolder(c.Disk),
	}, nil
}

// Publish brings the published log to the journal's head and returns its signed checkpoint. When there is nothing new
// it writes nothing. It refuses, with a *StandingError, when the journal is behind what was published or differs from it.
func (p *Publisher) Publish(ctx context.Context) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	signed, err := p.publish(ctx)
	if err != nil {
		p.writer = nil // what it holds may not be what is on the disk
		return nil, fmt.Errorf("publish ledger: %w", err)
	}
	return signed, nil
}

func (p *Publisher) publish(ctx context.Context) ([]byte, error) {
	if p.writer == nil {
		if err := p.resume(ctx); err != nil {
			return nil, err
		}
	}
	last := p.last.Load()
	head, err := p.journal.Head(ctx)
	if err != nil {
		return nil, fmt.Errorf("read head: %w", err)
	}
	if last != nil && head == last.Tree {
		return last.bytes, nil
	}
	if head.Size < p.writer.Size() {
		return nil, refused(Comparison{Standing: Behind, Head: head, Published: last.Tree})
	}
	if err := p.add(ctx, p.writer, p.writer.Size(), head.Size); err != nil {
		return nil, err
	}
	if p.writer.Tree() != head {
		c := Comparison{Standing: Forked, Head: head}
		if last != nil {
			c.Published = last.Tree
		}
		return nil, refused(c)
	}
	if err := p.writer.Flush(); err != nil {
		return nil, err
	}
	return p.seal(ctx, head)
}

// add gives the leaves from one entry to before another to a writer.
func (p *Publisher) add(ctx context.Context, w *tlog.Writer, from, to uint64) error {
	return p.leaves(ctx, from, to, func(text []byte, hash tlog.Hash) error {
		if text == nil {
			return w.AddDropped(hash)
		}
		_, err := w.Add(text)
		return err
	})
}

// leaves reads leaves and refuses a text that does not have its hash, or a number of them that is not the asked one.
func (p *Publisher) leaves(ctx context.Context, from, to uint64, visit func([]byte, tlog.Hash) error) error {
	if from == to {
		return nil
	}
	next := from
	err := p.journal.Leaves(ctx, from, to, func(text []byte, hash tlog.Hash) error {
		if next == to {
			return fmt.Errorf("entry %d was not asked for", next)
		}
		if text != nil && tlog.LeafHash(text) != hash {
			return &rivage.Error{Code: rivage.Internal, Message: fmt.Sprintf(
				"the leaf of entry %d does not have its hash; run rivage check", next)}
		}
		next++
		return visit(text, hash)
	})
	if err != nil {
		return fmt.Errorf("read leaves: %w", err)
	}
	if next != to {
		return fmt.Errorf("read leaves: the journal gave %d of %d", next-from, to-from)
	}
	return nil
}

// seal signs the tree, makes the files durable, replaces the checkpoint and clears away what it makes superfluous.
func (p *Publisher) seal(ctx context.Context, tree tlog.Tree) ([]byte, error) {
	signed, err := tlog.Checkpoint{Origin: p.origin, Tree: tree}.Sign(p.signers...)
	if err != nil {
		return nil, err
	}
	opened, err := tlog.OpenCheckpoint(signed, p.verifier)
	if err != nil {
		return nil, err
	}
	if err := p.files.replace(checkpointFile, signed); err != nil {
		return nil, err
	}
	old := p.last.Swap(&published{opened, signed})
	if old == nil {
		old = &published{}
	}
	return signed, p.settle(ctx, old.Tree.Size, p.last.Load())
}

// settle ends a publication whose checkpoint is in place: the partial tiles that became full go (tlog-tiles lets a log
// delete them), and the journal learns of it. Doing it again does no harm.
func (p *Publisher) settle(ctx context.Context, oldSize uint64, now *published) error {
	for _, t := range tlog.Edge(oldSize) {
		if t.FullAt() <= now.Tree.Size {
			if err := p.files.remove(t.PartialsPath()); err != nil {
				return fmt.Errorf("remove partial tiles: %w", err)
			}
		}
	}
	if err := p.files.sync(); err != nil {
		return err
	}
	if err := p.journal.SetPublished(ctx, now.Tree, now.bytes); err != nil {
		return fmt.Errorf("keep published size: %w", err)
	}
	return nil
}
