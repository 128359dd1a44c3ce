// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"os"

	"rivage.example/rivage"
	"rivage.example/rivage/record/ledger"
	"rivage.example/rivage/record/store"
	"rivage.example/rivage/verify"
	"rivage.example/rivage/wire/tlog"
)

// pull takes the leaves back that a published log has and the journal lost, and gives the size that had been published.
// A journal that is not a beginning of it, or that does not go on from it, is another history: a person decides.
func (r *restoration) pull(ctx context.Context) (uint64, error) {
	key, err := r.verifierKey()
	if err != nil {
		return 0, err
	}
	files := os.DirFS(r.tiles)
	report, err := verify.Folder(files, key)
	if err != nil {
		return 0, fmt.Errorf("the published log in %s: %w", r.tiles, err)
	}
	root, err := rivage.ParseHash(report.Root)
	if err != nil {
		return 0, err
	}
	tree := tlog.Tree{Size: report.Size, Root: tlog.Hash(root)}
	log, err := tlog.Open(files, tree)
	if err != nil {
		return 0, err
	}
	if err := r.same(ctx, log); err != nil {
		return 0, err
	}
	return tree.Size, r.take(ctx, log)
}

// same compares the journal with the published log, as far as both go.
func (r *restoration) same(ctx context.Context, log *tlog.Log) error {
	head, err := r.store.Head(ctx)
	if err != nil {
		return err
	}
	tree := log.Tree()
	ours, theirs := head.Frontier, tlog.Frontier{}
	if head.Size > tree.Size {
		ours = tlog.Frontier{}
		for l, err := range r.store.Leaves(ctx, 0, tree.Size) {
			if err != nil {
				return err
			}
			ours.Append(tlog.Hash(l.Hash))
		}
	}
	if theirs, err = log.Frontier(ours.Size()); err != nil {
		return err
	}
	if ours.Tree() != theirs.Tree() {
		c := ledger.Comparison{Standing: ledger.Forked, Head: tlog.Tree{Size: head.Size, Root: tlog.Hash(head.Root)}, Published: tree}
		return &rivage.Error{Code: rivage.Conflict, Err: &ledger.StandingError{Comparison: c}}
	}
	return nil
}

// take appends what the published log has beyond the journal.
func (r *restoration) take(ctx context.Context, log *tlog.Log) error {
	var page []store.Leaf
	flush := func() error {
		if len(page) == 0 {
			return nil
		}
		err := r.store.RestoreLeaves(ctx, page)
		page = page[:0]
		return err
	}
	size := log.Tree().Size
	for e, err := range log.Entries(min(r.store.Size(), size), size) {
		if err != nil {
			return err
		}
		leaf := store.Leaf{Seq: e.Index, Hash: rivage.Hash(e.Hash)}
		if e.Text != nil {
			leaf.Text = append([]byte(nil), e.Text...) // valid until the next one only
		}
		if page = append(page, leaf); len(page) == feedBatch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// intact is the size of the journal whose facts are all here. What a restoration that was killed pulled back already
// stands behind it, and no Restored speaks of it yet.
func (r *restoration) intact(ctx context.Context) (uint64, error) {
	size := r.store.Size()
	for size > 0 {
		e, err := r.store.Entry(ctx, size-1)
		if err != nil {
			return 0, err
		}
		if e.Kind != rivage.KindLeafRestored {
			break
		}
		size--
	}
	return size, nil
}
