// SPDX-License-Identifier: EUPL-1.2

package vault

import (
	"context"
	"fmt"
	"slices"

	"rivage.example/rivage"
)

// KeyTable is the table of wrapped keys, as a change of epoch needs it.
type KeyTable interface {
	// SubjectKeys lists keys in order of subject, after the given one, at most limit.
	SubjectKeys(ctx context.Context, after rivage.ID, limit int) ([]rivage.SubjectKey, error)
	// Rewrap replaces the wrapped keys of subjects that still have one: an erasure meanwhile stands.
	Rewrap(ctx context.Context, keys []rivage.SubjectKey) error
}

// rewrapPage is how many keys one transaction takes.
const rewrapPage = 500

// Rewrap wraps every key under the epoch in use, and says how many it wrapped. It may be stopped and begun again.
// What is sealed does not change: only the wrapping of the keys does.
func (v *Vault) Rewrap(ctx context.Context, table KeyTable) (int, error) {
	r, n := v.ring.Load(), 0
	err := eachPage(ctx, table, func(page []rivage.SubjectKey) error {
		var fresh []rivage.SubjectKey
		for _, k := range page {
			if k.Epoch == r.epoch {
				continue
			}
			raw, err := r.unwrap(k)
			if err != nil {
				return err
			}
			fresh = append(fresh, r.wrap(k.Subject, raw))
		}
		if len(fresh) == 0 {
			return nil
		}
		if err := table.Rewrap(ctx, fresh); err != nil {
			return err
		}
		n += len(fresh)
		return nil
	})
	if err != nil {
		return n, fmt.Errorf("wrap keys again: %w", err)
	}
	return n, nil
}

// eachPage walks the whole table.
func eachPage(ctx context.Context, table KeyTable, do func([]rivage.SubjectKey) error) error {
	for after := rivage.ID(""); ; {
		page, err := table.SubjectKeys(ctx, after, rewrapPage)
		if err != nil || len(page) == 0 {
			return err
		}
		if err := do(page); err != nil {
			return err
		}
		after = page[len(page)-1].Subject
	}
}

// Destroyable says whether an epoch may leave the key file: it is not in use, and no key is wrapped under it. Whether a backup taken under it still has to be restorable is for the caller to know.
func (v *Vault) Destroyable(ctx context.Context, table KeyTable, epoch int64) error {
	if epoch == v.ring.Load().epoch {
		return invalid("destroy epoch %d: it is in use", epoch)
	}
	err := eachPage(ctx, table, func(page []rivage.SubjectKey) error {
		if slices.ContainsFunc(page, func(k rivage.SubjectKey) bool { return k.Epoch == epoch }) {
			return &rivage.Error{Code: rivage.Conflict, Message: "keys are still wrapped under it; wrap all again first"}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("destroy epoch %d: %w", epoch, err)
	}
	return nil
}
