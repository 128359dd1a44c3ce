// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"rivage.example/rivage"
)

// fresh is rows as the last commits of this process left them: whoever follows the log asks for just these, once an
// entry, and on SQLite each read after a commit starts with an empty page cache. It lives as long as what the writer
// keeps warm, and is emptied with it: when another process has written, or there is too much of it. A log that is longer
// than the one it was taken from is read from the database: the answer to a COMMIT may have been lost. Rows in it are
// never changed.
type fresh struct {
	mu           sync.RWMutex // guards what follows
	size         rivage.Seq   // of the log, as of these rows
	interactions map[rivage.ID]*rivage.InteractionRow
	agents       map[rivage.ID]*rivage.AgentRow
	// objects are the recordings of interactions that began here, oldest first: of others some may be missing.
	objects map[rivage.ID][]*rivage.ObjectRow
}

// take brings the rows that a commit moved, and how long the log is now; renewed says that the writer began anew.
func (f *fresh) take(s *state, size rivage.Seq, renewed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.size = size
	if renewed || f.interactions == nil {
		f.interactions = map[rivage.ID]*rivage.InteractionRow{}
		f.agents = map[rivage.ID]*rivage.AgentRow{}
		f.objects = map[rivage.ID][]*rivage.ObjectRow{}
	}
	for id, was := range s.interactions.moved {
		f.interactions[id] = s.interactions.kept[id]
		if was == nil {
			f.objects[id] = nil
		}
	}
	for id := range s.agents.moved {
		f.agents[id] = s.agents.kept[id]
	}
	for id := range s.objects.moved {
		f.takeObject(s.objects.kept[id])
	}
}

func (f *fresh) takeObject(o *rivage.ObjectRow) {
	list, whole := f.objects[o.Interaction]
	if !whole {
		return
	}
	list = slices.Clone(list) // readers have the old one
	if i := slices.IndexFunc(list, func(x *rivage.ObjectRow) bool { return x.ID == o.ID }); i >= 0 {
		list[i] = o
	} else {
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b *rivage.ObjectRow) int {
		return cmp.Or(cmp.Compare(a.StartedAt, b.StartedAt), cmp.Compare(a.ID, b.ID))
	})
	f.objects[o.Interaction] = list
}

// of says whether a row of a Principal is read for who, as clause.of does in SQL.
func of(who []rivage.ID, principal rivage.ID) bool {
	return slices.Contains(who, AllPrincipals) || slices.Contains(who, principal)
}

// Interaction is Reader's, from memory when the row is fresh.
func (s *Store) Interaction(ctx context.Context, who []rivage.ID, id rivage.ID) (rivage.InteractionRow, error) {
	s.fresh.mu.RLock()
	row, current := s.fresh.interactions[id], s.fresh.size >= s.Size()
	s.fresh.mu.RUnlock()
	switch {
	case row == nil || !current:
		return s.Reader.Interaction(ctx, who, id)
	case !of(who, row.Principal):
		return rivage.InteractionRow{}, notFound("interaction")
	}
	return *row, nil
}

// Agent is Reader's, from memory when the row is fresh.
func (s *Store) Agent(ctx context.Context, id rivage.ID) (rivage.AgentRow, error) {
	s.fresh.mu.RLock()
	row, current := s.fresh.agents[id], s.fresh.size >= s.Size()
	s.fresh.mu.RUnlock()
	if row == nil || !current {
		return s.Reader.Agent(ctx, id)
	}
	return *row, nil
}

// Objects is Reader's, from memory when the interaction began within what is fresh.
func (s *Store) Objects(ctx context.Context, who []rivage.ID, interaction rivage.ID) ([]rivage.ObjectRow, error) {
	s.fresh.mu.RLock()
	list, whole := s.fresh.objects[interaction]
	current := s.fresh.size >= s.Size()
	s.fresh.mu.RUnlock()
	if !whole || !current {
		return s.Reader.Objects(ctx, who, interaction)
	}
	var out []rivage.ObjectRow
	for _, o := range list {
		if of(who, o.Principal) {
			out = append(out, *o)
		}
	}
	return out, nil
}
