// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/tlog"
)

// Ledger is the journal as the publisher of tiles and checkpoints wants it.
type Ledger struct{ store *Store }

// Ledger gives the journal to the publisher.
func (s *Store) Ledger() Ledger { return Ledger{s} }

// Head is the tree to publish: all that is committed.
func (l Ledger) Head(ctx context.Context) (tlog.Tree, error) {
	h, err := l.store.Head(ctx)
	return tlog.Tree{Size: h.Size, Root: tlog.Hash(h.Root)}, err
}

// Leaves visits the leaves of [from, to) in order; the text of one that was dropped is nil. An error of visit is
// returned.
func (l Ledger) Leaves(ctx context.Context, from, to uint64, visit func(text []byte, hash tlog.Hash) error) error {
	for leaf, err := range l.store.Leaves(ctx, from, to) {
		if err != nil {
			return err
		}
		if err := visit(leaf.Text, tlog.Hash(leaf.Hash)); err != nil {
			return err
		}
	}
	return nil
}

// Published is the signed checkpoint given to SetPublished last, nil when there was none.
func (l Ledger) Published(ctx context.Context) ([]byte, error) {
	p, err := l.store.Published(ctx)
	return p.Checkpoint, err
}

// SetPublished keeps what was published.
func (l Ledger) SetPublished(ctx context.Context, tree tlog.Tree, checkpoint []byte) error {
	return l.store.SetPublished(ctx, Published{Size: tree.Size, Root: rivage.Hash(tree.Root), Checkpoint: checkpoint})
}
