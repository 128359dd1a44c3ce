// SPDX-License-Identifier: EUPL-1.2

package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"

	"rivage.example/rivage/wire/tlog"
)

// Redact writes the published bundles from one entry to before another again, after the journal dropped texts in that
// range: a dropped text becomes a record of length zero, and its hash stays in the tiles. The root and all proofs stay
// what they were. Doing it again does no harm; after an error, do.
func (p *Publisher) Redact(ctx context.Context, from, to uint64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	log, _, err := p.Log()
	if err != nil {
		return fmt.Errorf("redact ledger: %w", err)
	}
	p.writer = nil // it holds the texts of the last bundle
	size := log.Tree().Size
	for first := from / tlog.TileWidth * tlog.TileWidth; first < min(to, size); first += tlog.TileWidth {
		if err := p.redactBundle(ctx, log, first, min(first+tlog.TileWidth, size)); err != nil {
			return fmt.Errorf("redact ledger: %w", err)
		}
	}
	if err := p.files.sync(); err != nil {
		return fmt.Errorf("redact ledger: %w", err)
	}
	return nil
}

// redactBundle writes the bundle of the entries from first to before end, in all its widths.
func (p *Publisher) redactBundle(ctx context.Context, log *tlog.Log, first, end uint64) error {
	t := tlog.Tile{Level: tlog.Bundles, Index: first / tlog.TileWidth, Width: int(end - first)}
	widths, err := p.widths(t)
	if err != nil {
		return err
	}
	var bundle []byte
	at := first
	return p.leaves(ctx, first, end, func(text []byte, hash tlog.Hash) error {
		if known, err := log.LeafHash(at); err != nil {
			return err
		} else if known != hash {
			return fmt.Errorf("the hash of entry %d is not the published one", at)
		}
		if text == nil {
			bundle = tlog.AppendDropped(bundle)
		} else if bundle, err = tlog.AppendEntry(bundle, text); err != nil {
			return err
		}
		at++
		if w := int(at - first); slices.Contains(widths, w) {
			return p.files.Put(tlog.Tile{Level: tlog.Bundles, Index: t.Index, Width: w}.Path(), bundle)
		}
		return nil
	})
}

// widths lists the widths of a bundle that are to be written again. A crash may have left files there that no
// checkpoint needs and that keep the text: they are removed.
func (p *Publisher) widths(t tlog.Tile) ([]int, error) {
	if t.Width == tlog.TileWidth {
		return []int{t.Width}, p.files.remove(t.PartialsPath())
	}
	names, err := fs.ReadDir(p.files, t.PartialsPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list partial bundles: %w", err)
	}
	widths := []int{t.Width}
	for _, n := range names {
		w, err := strconv.Atoi(n.Name())
		if err == nil && w > 0 && w <= t.Width {
			widths = append(widths, w)
			continue
		}
		if err := p.files.disk.RemoveAll(t.PartialsPath() + "/" + n.Name()); err != nil {
			return nil, fmt.Errorf("remove a partial bundle: %w", err)
		}
	}
	return widths, nil
}
