// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"rivage.example/rivage"
)

// rows is what the writer knows of one table: the rows its entries speak of, read once under the head lock and changed
// in memory. An append changes drafts; they are kept when all of it folds, and forgotten when it does not, so that one
// append refused leaves no trace in the batch.
type rows[K ~string, R any] struct {
	table *table[K, R]
	kept  map[K]*R // as the batch leaves them; nil: there is no such row
	draft map[K]*R // of the append in hand; nil: it removes the row
	moved map[K]*R // rows that the batch changed, as the database has them; nil: it has none
	want  []K      // to be read
}

func rowsOf[K ~string, R any](t *table[K, R]) rows[K, R] {
	return rows[K, R]{table: t, kept: map[K]*R{}, draft: map[K]*R{}, moved: map[K]*R{}}
}

// need says that a row will be asked for.
func (t *rows[K, R]) need(k K) {
	if k == "" {
		return
	}
	if _, known := t.kept[k]; !known {
		t.kept[k] = nil
		t.want = append(t.want, k)
	}
}

// read fetches what was needed and is not known yet.
func (t *rows[K, R]) read(ctx context.Context, q Querier) error {
	err := t.table.load(ctx, q, t.want, t.kept)
	t.want = t.want[:0]
	return err
}

// at gives a row as the append in hand sees it, nil when there is none. It is not to be changed.
func (t *rows[K, R]) at(k K) *R {
	if r, ok := t.draft[k]; ok {
		return r
	}
	return t.kept[k]
}

// edit gives a row to change, nil when there is none.
func (t *rows[K, R]) edit(k K) *R {
	if r, ok := t.draft[k]; ok {
		return r
	}
	kept := t.kept[k]
	if kept == nil {
		return nil
	}
	r := *kept
	t.draft[k] = &r
	return &r
}

// put makes a row, or replaces it.
func (t *rows[K, R]) put(r *R) { t.draft[t.table.key(r)] = r }

// drop removes a row.
func (t *rows[K, R]) drop(k K) { t.draft[k] = nil }

// keep makes the drafts the batch's.
func (t *rows[K, R]) keep() {
	if len(t.draft) == 0 {
		return
	}
	for k, r := range t.draft {
		if _, ok := t.moved[k]; !ok {
			t.moved[k] = t.kept[k]
		}
		t.kept[k] = r
	}
	clear(t.draft)
}

// forget drops the drafts.
func (t *rows[K, R]) forget() { clear(t.draft) }

// size is how many rows are known.
func (t *rows[K, R]) size() int { return len(t.kept) }

// write sends what moved to the database, in order of keys so that two runs write alike: new rows whole, several with
// one statement; of the others the columns that changed, so that an index is touched only for a reason.
func (t *rows[K, R]) write(ctx context.Context, tx Tx) error {
	fresh := group{text: t.table.insert, columns: len(t.table.columns)}
	for _, k := range slices.Sorted(maps.Keys(t.moved)) {
		old, now := t.moved[k], t.kept[k]
		var err error
		switch {
		case now != nil && (old == nil || t.table.whole):
			fresh.add(args(t.table.fields(now))...)
		case old != nil && now == nil:
			err = tx.Queue(ctx, "DELETE FROM "+t.table.name+" WHERE "+t.table.columns[0]+"=$1", string(k))
		case old != nil:
			if text, values := t.table.update(old, now); text != "" {
				err = tx.Queue(ctx, text, values...)
			}
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", t.table.name, err)
		}
	}
	if err := fresh.flush(ctx, tx); err != nil {
		return fmt.Errorf("write %s: %w", t.table.name, err)
	}
	return nil
}

// committed forgets what the rows were before.
func (t *rows[K, R]) committed() { clear(t.moved) }

// state is all rows a batch's entries speak of.
type state struct {
	streams      rows[rivage.Stream, streamRow]
	keys         rows[rivage.ID, rivage.SubjectKey] // not a fold, but read and moved like one
	persons      rows[rivage.ID, personRow]
	subjects     rows[rivage.ID, subjectRow]
	values       rows[rivage.ID, valueRow]
	companies    rows[rivage.ID, rivage.OrganisationRow]
	interactions rows[rivage.ID, rivage.InteractionRow]
	agents       rows[rivage.ID, rivage.AgentRow]
	objects      rows[rivage.ID, rivage.ObjectRow]
	settings     rows[rivage.Stream, settingRow]

	contradictions rows[rivage.ID, rivage.ContradictionRow]
	unusuals       rows[rivage.ID, unusualRow]

	left  []rivage.ID // organisations to be taken away: whoever belongs to one is to be read
	ops   []op        // statements by something other than a row's key, in order; they run before the rows are written
	draft []op        // those of the append in hand
}

// op is one statement of an append.
type op struct {
	query string
	args  []any
}

func newState() *state {
	return &state{
		streams: rowsOf(&streamTable), keys: rowsOf(&keyTable), persons: rowsOf(&personTable),
		subjects: rowsOf(&subjectTable), values: rowsOf(&valueTable), companies: rowsOf(&organisationTable), interactions: rowsOf(&interactionTable), agents: rowsOf(&agentTable),
		objects: rowsOf(&objectTable), settings: rowsOf(&settingTable),
		contradictions: rowsOf(&contradictionTable), unusuals: rowsOf(&unusualTable),
	}
}

func (s *state) do(query string, args ...any) { s.draft = append(s.draft, op{query, args}) }

// rowTable is what the tables of a state share.
type rowTable interface {
	read(context.Context, Querier) error
	write(context.Context, Tx) error
	keep()
	forget()
	size() int
	committed()
}

func (s *state) tables() [12]rowTable {
	return [...]rowTable{
		&s.streams, &s.keys, &s.persons, &s.subjects, &s.values, &s.companies, &s.interactions, &s.agents, &s.objects, &s.settings,
		&s.contradictions, &s.unusuals,
	}
}

func (s *state) read(ctx context.Context, q Querier) error {
	if err := s.readLeft(ctx, q); err != nil {
		return err
	}
	for _, t := range s.tables() {
		if err := t.read(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

func (s *state) keep() {
	for _, t := range s.tables() {
		t.keep()
	}
	s.ops = append(s.ops, s.draft...)
	s.draft = s.draft[:0]
}

func (s *state) forget() {
	for _, t := range s.tables() {
		t.forget()
	}
	s.draft = s.draft[:0]
}

// size is how many rows are known of all tables.
func (s *state) size() int {
	n := 0
	for _, t := range s.tables() {
		n += t.size()
	}
	return n
}

func (s *state) committed() {
	for _, t := range s.tables() {
		t.committed()
	}
}

func (s *state) write(ctx context.Context, tx Tx) error {
	for _, o := range s.ops {
		if err := tx.Queue(ctx, o.query, o.args...); err != nil {
			return fmt.Errorf("write rows: %w", err)
		}
	}
	s.ops = s.ops[:0]
	for _, t := range s.tables() {
		if err := t.write(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}
