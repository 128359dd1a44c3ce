// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"fmt"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/tlog"
)

// batch is one transaction of the writer: what it read under the head lock, and what its appends make of it. All of it
// is in memory until write, so that PostgreSQL receives the writes as one pipeline.
type batch struct {
	start    uint64        // size of the log before it
	frontier tlog.Frontier // as the appends admitted so far leave it
	state    *state
	anew     bool // state begins with this batch: nothing was warm
	commands map[string]rivage.Receipt
	epochs   map[string]int64
	stored   []rivage.Stored      // what the appends admitted so far add to the log
	held     map[rivage.Hash]bool // blobs among the inserts

	// What the appends admitted so far insert.
	entries, bodies, cells, indexes, given, blobs group
}

// warmth is the rows the last batch left, and the size of the log they belong to. Rows move with entries only, and every
// entry moves the size under the head lock: as long as the size is the same, nobody else has changed anything.
type warmth struct {
	size  uint64
	state *state // nil when nothing is known
}

// maxWarm bounds the rows kept from one batch to the next: beyond it all are read again.
const maxWarm = 16384

// take gives the rows known at a size of the log, nil for none; after it nothing is warm until a commit.
func (w *warmth) take(size uint64) *state {
	s := w.state
	w.state = nil
	if s == nil || w.size != size || s.size() > maxWarm {
		return nil
	}
	return s
}

// readBatch takes the head lock and reads what the batch needs and is not warm: the frontier always, so that it cannot
// be stale after a rollback or another writer's commit.
func readBatch(ctx context.Context, tx Tx, requests []*request, warm *warmth) (*batch, error) {
	size, frontier, err := tx.Lock(ctx)
	if err != nil {
		return nil, err
	}
	known := warm.take(uint64(size))
	b := &batch{state: known, anew: known == nil, commands: map[string]rivage.Receipt{}, epochs: map[string]int64{}, held: map[rivage.Hash]bool{}}
	if b.anew {
		b.state = newState()
	}
	b.group()
	if err := b.frontier.UnmarshalBinary(frontier); err != nil {
		return nil, err
	}
	if b.start = b.frontier.Size(); b.start != uint64(size) {
		return nil, fmt.Errorf("head says %d entries, its frontier %d: run check", size, b.start)
	}
	var commands, leases []string
	for _, r := range requests {
		if r.refused {
			continue
		}
		if r.add.CommandID != "" {
			commands = append(commands, r.add.CommandID)
		}
		for _, l := range r.add.Fence {
			leases = append(leases, l.Name)
		}
		b.needs(&r.add)
	}
	if err := b.readCommands(ctx, tx, commands); err != nil {
		return nil, fmt.Errorf("read commands: %w", err)
	}
	if err := b.readEpochs(ctx, tx, leases); err != nil {
		return nil, fmt.Errorf("read leases: %w", err)
	}
	return b, b.state.read(ctx, tx)
}

// group sets the shapes of the inserts.
func (b *batch) group() {
	shape := func(into string, columns int, then string) group {
		return group{text: inserts(into, columns, then), columns: columns}
	}
	b.entries = shape("entry(seq,stream,version,at,kind,leaf,leaf_hash,facts)", 8, "")
	b.bodies = shape("body(seq,subject,sealed)", 3, "")
	b.cells = shape("cell(seq,name,subject,sealed)", 4, "")
	b.indexes = shape("body_index(seq,kind,bidx,subject)", 4, " ON CONFLICT DO NOTHING")
	b.given = shape("command(id,first,last)", 3, "")
	b.blobs = shape("blob(hash,content)", 2, " ON CONFLICT(hash) DO UPDATE SET content=excluded.content")
}

func (b *batch) needs(a *rivage.SealedAppend) {
	s := b.state
	for _, x := range a.Expect {
		s.streams.need(x.Stream)
	}
	for i := range a.Entries {
		e := &a.Entries[i]
		s.streams.need(e.Stream)
		s.keys.need(e.Subject)
		s.needs(e.Facts)
	}
	for _, k := range a.Keys {
		s.keys.need(k.Subject)
	}
	for _, id := range a.Erase {
		s.keys.need(id)
	}
}

func (b *batch) readCommands(ctx context.Context, tx Tx, ids []string) error {
	return eachPart(ids, func(in string, args []any) error {
		return queryAll(ctx, tx, `SELECT id, first, last FROM command WHERE id IN (`+in+`)`, args,
			func(scan func(...any) error) error {
				var id string
				r := rivage.Receipt{Repeated: true}
				err := scan(&id, &r.First, &r.Last)
				b.commands[id] = r
				return err
			})
	})
}

func (b *batch) readEpochs(ctx context.Context, tx Tx, names []string) error {
	return eachPart(names, func(in string, args []any) error {
		return queryAll(ctx, tx, `SELECT name, epoch FROM lease WHERE name IN (`+in+`)`, args,
			func(scan func(...any) error) error {
				var name string
				var epoch int64
				err := scan(&name, &epoch)
				b.epochs[name] = epoch
				return err
			})
	})
}

// eachPart lists values for as many INs as they need.
func eachPart(values []string, f func(in string, args []any) error) error {
	for len(values) > 0 {
		part := values[:min(len(values), maxList)]
		values = values[len(part):]
		in, padded := listOf(1, part)
		args := make([]any, len(padded))
		for i, v := range padded {
			args[i] = v
		}
		if err := f(in, args); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) empty() bool { return b.frontier.Size() == b.start }

// write queues all that the batch changes.
func (b *batch) write(ctx context.Context, tx Tx) error {
	for _, g := range []*group{&b.entries, &b.bodies, &b.cells, &b.indexes, &b.blobs, &b.given} {
		if err := g.flush(ctx, tx); err != nil {
			return err
		}
	}
	if err := b.state.write(ctx, tx); err != nil {
		return err
	}
	frontier, err := b.frontier.MarshalBinary()
	if err != nil {
		return err
	}
	root := b.frontier.Root()
	return tx.Queue(ctx, `UPDATE ledger_head SET size=$1, root=$2, frontier=$3 WHERE id=1`,
		int64(b.frontier.Size()), root[:], frontier)
}
