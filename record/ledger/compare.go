// SPDX-License-Identifier: EUPL-1.2

package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/tlog"
)

// Standing says how the journal stands to what was published.
type Standing int

// The standings. Behind and Forked are refused by Publish: what was signed can no longer be taken back.
const (
	Unpublished Standing = iota // nothing was published yet
	InStep                      // the last checkpoint is the journal's head
	Ahead                       // the journal goes on from the last checkpoint
	Behind                      // the journal is a beginning of what was published: entries were lost, the tiles have their leaves
	Forked                      // the journal is another history than the published one: a person decides
)

// String is the standing in one word.
func (s Standing) String() string {
	switch s {
	case Unpublished:
		return "unpublished"
	case InStep:
		return "in step"
	case Ahead:
		return "ahead"
	case Behind:
		return "behind"
	case Forked:
		return "forked"
	}
	return fmt.Sprintf("standing %d", int(s))
}

// Comparison is the journal's head beside the last published tree.
type Comparison struct {
	Standing  Standing
	Head      tlog.Tree
	Published tlog.Tree // of size 0 when Unpublished

	// Damage says why the published files cannot be continued, nil when they can. The next Publish writes all of
	// them again from the journal, unless the journal is Behind.
	Damage error
}

// StandingError is why Publish refuses.
type StandingError struct{ Comparison }

// Error says what differs and what to do.
func (e *StandingError) Error() string {
	if e.Standing == Behind {
		return fmt.Sprintf("the journal has %d entries and %d were published: pull the leaves back from the tiles first (rivage restore DIR)",
			e.Head.Size, e.Published.Size)
	}
	return fmt.Sprintf("the journal of %d entries is not a continuation of the %d that were published: "+
		"stop and compare with checkpoints kept elsewhere", e.Head.Size, e.Published.Size)
}

func refused(c Comparison) error {
	return &rivage.Error{Code: rivage.Conflict, Err: &StandingError{c}}
}

// Compare compares the journal with what was published. It writes nothing. Call it at start, before accepting work.
func (p *Publisher) Compare(ctx context.Context) (Comparison, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k, err := p.read(ctx)
	var standing *StandingError
	if errors.As(err, &standing) {
		return standing.Comparison, nil
	}
	if err != nil {
		return Comparison{}, fmt.Errorf("compare ledger: %w", err)
	}
	c, _, err := p.compare(ctx, k.last)
	if err != nil {
		return Comparison{}, fmt.Errorf("compare ledger: %w", err)
	}
	return c, nil
}

// kept is what folder and journal hold of the last publication.
type kept struct {
	last    *published // the larger of the two checkpoints, nil when there is none
	settled uint64     // the smaller size of the two, 0 when one is missing
}

// read gives the last checkpoint. The folder's is larger after a crash between its replacement and SetPublished, or
// when the database was restored; the journal's is when the folder was.
func (p *Publisher) read(ctx context.Context) (kept, error) {
	inJournal, err := p.journal.Published(ctx)
	if err != nil {
		return kept{}, fmt.Errorf("read published size: %w", err)
	}
	file, err := fs.ReadFile(p.files, checkpointFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return kept{}, fmt.Errorf("read checkpoint: %w", err)
	}
	var k kept
	var size uint64 // that the journal knows of
	if len(inJournal) > 0 {
		opened, err := tlog.OpenCheckpoint(inJournal, p.verifier)
		if err != nil {
			return kept{}, fmt.Errorf("the checkpoint kept in the journal: %w", err)
		}
		k.last, size = &published{opened, inJournal}, opened.Tree.Size
	}
	if len(file) > 0 {
		opened, err := tlog.OpenCheckpoint(file, p.verifier)
		if err != nil {
			return kept{}, fmt.Errorf("the checkpoint in the published folder: %w", err)
		}
		if k.last != nil && size == opened.Tree.Size && k.last.Tree != opened.Tree {
			return kept{}, refused(Comparison{Standing: Forked, Head: k.last.Tree, Published: opened.Tree})
		}
		k.settled = min(size, opened.Tree.Size)
		if k.last == nil || opened.Tree.Size >= size {
			k.last = &published{opened, file}
		}
	}
	return k, nil
}

// compare compares the journal's head with the last checkpoint, and returns the writer that continues the folder.
func (p *Publisher) compare(ctx context.Context, last *published) (Comparison, *tlog.Writer, error) {
	head, err := p.journal.Head(ctx)
	if err != nil {
		return Comparison{}, nil, fmt.Errorf("read head: %w", err)
	}
	if last == nil {
		return Comparison{Standing: Unpublished, Head: head, Published: tlog.EmptyTree()}, tlog.NewWriter(p.files), nil
	}
	c := Comparison{Head: head, Published: last.Tree}
	log, err := tlog.Open(p.files, last.Tree)
	writer := tlog.NewWriter(p.files)
	if err == nil {
		writer, err = tlog.Resume(p.files, last.Tree)
	}
	if err != nil {
		c.Damage = err
		writer = tlog.NewWriter(p.files)
	}
	if head.Size < last.Tree.Size {
		c.Standing = Behind
		if c.Damage == nil {
			f, err := log.Frontier(head.Size)
			if err != nil {
				c.Damage = err
			} else if f.Tree() != head {
				c.Standing = Forked
			}
		}
		return c, nil, nil
	}
	var f tlog.Frontier // of the last checkpoint; from nothing when the files do not tell
	if c.Damage == nil {
		if f, err = log.Frontier(last.Tree.Size); err != nil {
			c.Damage = err
			f, writer = tlog.Frontier{}, tlog.NewWriter(p.files)
		}
	}
	c.Standing, err = p.continues(ctx, f, last.Tree, head)
	return c, writer, err
}

// continues hashes the journal's leaves on from a frontier: it must pass through the last tree and arrive at the head.
func (p *Publisher) continues(ctx context.Context, f tlog.Frontier, last, head tlog.Tree) (Standing, error) {
	passed := f.Size() < last.Size || f.Tree() == last
	err := p.leaves(ctx, f.Size(), head.Size, func(_ []byte, hash tlog.Hash) error {
		f.Append(hash)
		if f.Size() == last.Size && f.Tree() != last {
			passed = false
		}
		return nil
	})
	switch {
	case err != nil:
		return Forked, err
	case !passed || f.Tree() != head:
		return Forked, nil
	case head.Size == last.Size:
		return InStep, nil
	}
	return Ahead, nil
}

// resume reads the folder, refuses a journal that is not a continuation of it, and ends a publication that a crash cut
// short after its checkpoint was in place.
func (p *Publisher) resume(ctx context.Context) error {
	k, err := p.read(ctx)
	if err != nil {
		return err
	}
	c, writer, err := p.compare(ctx, k.last)
	if err != nil {
		return err
	}
	if c.Standing == Behind || c.Standing == Forked {
		return refused(c)
	}
	if c.Damage != nil {
		// Written again up to the last checkpoint, whose root they will have: compare saw to that.
		if err := p.rebuild(ctx, writer, k.last.Tree.Size); err != nil {
			return err
		}
	}
	if k.last != nil && (c.Damage != nil || k.settled < k.last.Tree.Size) {
		// Missing or old in the folder; or not known to the journal, then it may be in its place and not yet durable.
		if err := p.files.replace(checkpointFile, k.last.bytes); err != nil {
			return err
		}
		if err := p.settle(ctx, k.settled, k.last); err != nil {
			return err
		}
	}
	p.writer = writer
	p.last.Store(k.last)
	return nil
}

// rebuild writes all files of a tree of that size again.
func (p *Publisher) rebuild(ctx context.Context, w *tlog.Writer, size uint64) error {
	if err := p.add(ctx, w, 0, size); err != nil {
		return err
	}
	return w.Flush()
}
