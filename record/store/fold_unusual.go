// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"

	"rivage.example/rivage"
)

func (s *state) accessUnusual(e *event, f *rivage.AccessUnusual) error {
	if err := e.on("access", f.Account); err != nil {
		return err
	}
	id := unusualID(f.Account, f.What)
	r := &unusualRow{id, rivage.UnusualRow{
		Account: f.Account, What: f.What, Site: f.Place.Site, Persons: f.Persons, Stopped: f.Stopped, At: e.at, Count: 1, Seq: e.seq,
	}}
	if old := s.unusuals.at(id); old != nil && old.SeenAt == 0 {
		r.Count += old.Count
		r.Stopped = r.Stopped || old.Stopped
		r.Persons = max(r.Persons, old.Persons)
	}
	s.unusuals.put(r)
	return nil
}

func (s *state) unusualSeen(e *event, f *rivage.UnusualSeen) error {
	if err := e.on("access", f.Account); err != nil {
		return err
	}
	old := s.unusuals.edit(unusualID(f.Account, f.What))
	if old == nil {
		return invalid("account %s has nothing unusual to be seen", f.Account)
	}
	old.SeenAt = e.at
	return nil
}

// Unusuals reads the unusual accesses that nobody took note of, newest first.
func (r Reader) Unusuals(ctx context.Context) ([]rivage.UnusualRow, error) {
	rows, err := many(ctx, r.q, &unusualTable, "WHERE seen_at=0 ORDER BY at DESC, id LIMIT 500") // enough to act on
	list := make([]rivage.UnusualRow, len(rows))
	for i := range rows {
		list[i] = rows[i].UnusualRow
	}
	return list, err
}

// Unusual reads the last of an account, of one sort.
func (r Reader) Unusual(ctx context.Context, account rivage.ID, what rivage.Unusual) (rivage.UnusualRow, error) {
	row, err := one(ctx, r.q, &unusualTable, "unusual access", "WHERE id=$1", string(unusualID(account, what)))
	return row.UnusualRow, err
}
