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

// Log opens the published log at its last checkpoint, and returns that checkpoint as it is signed. What it reads is
// checked; the leaves that a journal which is Behind has lost are its Entries.
func (p *Publisher) Log() (*tlog.Log, []byte, error) {
	last := p.last.Load()
	if last == nil {
		signed, err := fs.ReadFile(p.files, checkpointFile)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil, &rivage.Error{Code: rivage.NotFound, Message: "open published log: nothing was published yet"}
		}
		if err != nil {
			return nil, nil, fmt.Errorf("open published log: %w", err)
		}
		opened, err := tlog.OpenCheckpoint(signed, p.verifier)
		if err != nil {
			return nil, nil, fmt.Errorf("open published log: %w", err)
		}
		last = &published{opened, signed}
	}
	log, err := tlog.Open(p.files, last.Tree)
	if err != nil {
		return nil, nil, fmt.Errorf("open published log: %w", err)
	}
	return log, last.bytes, nil
}

// Proof is the tlog-proof file of one entry, checkable without the log. Every tile it is made from is checked first.
func (p *Publisher) Proof(ctx context.Context, seq uint64) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("prove entry %d: %w", seq, err)
	}
	log, signed, err := p.Log()
	if err != nil {
		return nil, fmt.Errorf("prove entry %d: %w", seq, err)
	}
	if size := log.Tree().Size; seq >= size {
		return nil, &rivage.Error{Code: rivage.NotFound, Message: fmt.Sprintf(
			"prove entry %d: %d entries are published; ask again after the next checkpoint", seq, size)}
	}
	hashes, err := log.Inclusion(seq)
	if err != nil {
		return nil, err
	}
	return tlog.Proof{Index: seq, Hashes: hashes, Checkpoint: signed}.MarshalText()
}
