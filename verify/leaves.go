// SPDX-License-Identifier: EUPL-1.2

package verify

import (
	"io/fs"
	"runtime"
	"sync"
	"sync/atomic"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/tlog"
)

// share is how many entries a worker takes at once: whole tiles, many enough to read the tiles above them rarely.
const share = 64 * tlog.TileWidth

// leaves checks every entry of the log, on all processors.
func leaves(files fs.FS, tree tlog.Tree, r *Report) error {
	shares := (tree.Size + share - 1) / share
	tallies := make([]tally, runtime.GOMAXPROCS(0))
	err := parallel(len(tallies), shares, func(worker int) (func(uint64) error, error) {
		log, err := tlog.Open(files, tree)
		if err != nil {
			return nil, named(err, tree.Size)
		}
		t := &tallies[worker]
		t.kinds = map[string]*int64{}
		for k := range rivage.Kinds() {
			t.kinds[string(k)] = new(int64)
		}
		return func(n uint64) error {
			return t.entries(log, n*share, min((n+1)*share, tree.Size))
		}, nil
	})
	r.Kinds = map[rivage.Kind]int64{}
	for _, t := range tallies {
		for rule, n := range t.under {
			if r.Under == nil {
				r.Under = map[string]int64{}
			}
			r.Under[rule] += n
		}
		r.Dropped += t.dropped
		r.Unknown += t.unknown
		for k, n := range t.kinds {
			if *n > 0 {
				r.Kinds[rivage.Kind(k)] += *n
			}
		}
	}
	return err
}

// parallel runs shares 0 to n-1 on workers, each of which start makes. After an error no new share begins; those before
// it are ended all the same, so that the error is the one of the first bad share.
func parallel(workers int, n uint64, start func(worker int) (func(share uint64) error, error)) error {
	var next atomic.Uint64
	var stop atomic.Bool
	var wg sync.WaitGroup
	errs := make([]error, workers)
	for w := range workers {
		wg.Go(func() {
			run, err := start(w)
			for err == nil && !stop.Load() {
				i := next.Add(1) - 1
				if i >= n {
					return
				}
				err = run(i)
			}
			if errs[w] = err; err != nil {
				stop.Store(true)
			}
		})
	}
	wg.Wait()
	var err error
	for _, e := range errs {
		if e != nil {
			err = first(err, e)
		}
	}
	return err
}

// tally counts the leaves of one worker, which owns it.
type tally struct {
	kinds            map[string]*int64 // known ones
	unknown, dropped int64
	under            map[string]int64
}

// entries checks the leaves from one index to before another.
func (t *tally) entries(log *tlog.Log, from, to uint64) error {
	for e, err := range log.Entries(from, to) {
		if err != nil {
			return named(err, log.Tree().Size)
		}
		if e.Text == nil {
			t.dropped++
			continue
		}
		b, err := scan(e.Text)
		if err != nil {
			return entryFault(bundlePath(e.Index, log.Tree().Size), e.Index, "%w", err)
		}
		if string(b.kind) == string(rivage.KindLeavesDropped) {
			t.said(e.Text)
		}
		if n := t.kinds[string(b.kind)]; n != nil {
			*n++
		} else {
			t.unknown++
		}
	}
	return nil
}

// said counts a LeavesDropped, whose leaf names the class and the rule.
func (t *tally) said(text []byte) {
	if leaf, err := rivage.ParseLeaf(text); err == nil {
		if t.under == nil {
			t.under = map[string]int64{}
		}
		t.under[leaf.Field+", "+leaf.Rule]++
	}
}

// bundlePath is the file an entry's text is in.
func bundlePath(index, size uint64) string {
	first := index / tlog.TileWidth * tlog.TileWidth
	return tlog.Tile{Level: tlog.Bundles, Index: index / tlog.TileWidth, Width: int(min(size-first, tlog.TileWidth))}.Path()
}
