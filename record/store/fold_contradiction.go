// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"

	"rivage.example/rivage"
)

func (s *state) placeContradicted(e *event, f *rivage.PlaceContradicted) error {
	if err := e.on("access", f.Account); err != nil {
		return err
	}
	r := &rivage.ContradictionRow{
		Account: f.Account, Session: f.Session, Site: f.Stated.Site, Lost: f.Lost, Seen: f.Found.Seen, At: e.at, Count: 1, Seq: e.seq,
	}
	if old := s.contradictions.at(f.Account); old != nil && old.SeenAt == 0 {
		r.Count += old.Count
	}
	s.contradictions.put(r)
	return nil
}

func (s *state) contradictionSeen(e *event, f *rivage.ContradictionSeen) error {
	if err := e.on("access", f.Account); err != nil {
		return err
	}
	old := s.contradictions.edit(f.Account)
	if old == nil {
		return invalid("account %s has no contradiction to be seen", f.Account)
	}
	old.SeenAt = e.at
	return nil
}

// Contradictions reads those that nobody took note of, newest first.
func (r Reader) Contradictions(ctx context.Context) ([]rivage.ContradictionRow, error) {
	return many(ctx, r.q, &contradictionTable, "WHERE seen_at=0 ORDER BY at DESC, account LIMIT 500") // enough to act on
}

// Contradiction reads the last one of an account.
func (r Reader) Contradiction(ctx context.Context, account rivage.ID) (rivage.ContradictionRow, error) {
	return one(ctx, r.q, &contradictionTable, "contradiction", "WHERE account=$1", string(account))
}
