// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"fmt"

	"rivage.example/rivage"
)

// Interaction reads one interaction.
func (r Reader) Interaction(ctx context.Context, who []rivage.ID, id rivage.ID) (rivage.InteractionRow, error) {
	var c clause
	c.and("id=?", string(id))
	c.of(who)
	return one(ctx, r.q, &interactionTable, "interaction", c.text, c.args...)
}

// OpenInteractions reads all that is not over, callbacks owed included, in rank: what a floor reads at its start.
func (r Reader) OpenInteractions(ctx context.Context, who []rivage.ID) ([]rivage.InteractionRow, error) {
	var c clause
	c.and("closed_at=0") // every end but an owed callback sets it; these rows have an index of their own
	c.of(who)
	return many(ctx, r.q, &interactionTable, c.text+" ORDER BY rank, id", c.args...)
}

// Callbacks reads the interactions whose person is owed a call, in rank.
func (r Reader) Callbacks(ctx context.Context, who []rivage.ID) ([]rivage.InteractionRow, error) {
	var c clause
	c.and("closed_at=0") // they are open, and indexed so
	c.and("state=?", string(rivage.CallbackOwed))
	c.of(who)
	return many(ctx, r.q, &interactionTable, c.text+" ORDER BY rank, id", c.args...)
}

// InteractionFilter chooses interactions to list; "" does not restrict.
type InteractionFilter struct {
	Principals []rivage.ID // required: see AllPrincipals
	Queue      rivage.ID
	Person     rivage.ID
	Agent      rivage.ID
	State      rivage.InteractionState
	Page       rivage.Page // Before is compared with OpenedAt
}

// Interactions lists interactions, newest first.
func (r Reader) Interactions(ctx context.Context, f InteractionFilter) ([]rivage.InteractionRow, error) {
	var c clause
	c.of(f.Principals)
	for _, x := range []struct{ column, value string }{
		{"queue", string(f.Queue)}, {"agent", string(f.Agent)}, {"state", string(f.State)},
	} {
		if x.value != "" {
			c.and(x.column+"=?", x.value)
		}
	}
	if f.Person != "" { // whoever is merged into it too
		c.and("subject IN (SELECT id FROM subject WHERE person=?)", string(f.Person))
	}
	if f.Page.Before != 0 {
		c.and("opened_at<?", int64(f.Page.Before))
	}
	limit := fmt.Sprintf(" ORDER BY opened_at DESC, id DESC LIMIT %d", bounded(f.Page.Limit))
	return many(ctx, r.q, &interactionTable, c.text+limit, c.args...)
}

// bounded is a limit between 1 and maxRows; without one, maxRows.
func bounded(limit int) int {
	if limit <= 0 {
		return maxRows
	}
	return min(limit, maxRows)
}

// Agents reads the presence of all agents.
func (r Reader) Agents(ctx context.Context) ([]rivage.AgentRow, error) {
	return many(ctx, r.q, &agentTable, "ORDER BY id")
}

// Agent reads the presence of one agent.
func (r Reader) Agent(ctx context.Context, id rivage.ID) (rivage.AgentRow, error) {
	return one(ctx, r.q, &agentTable, "agent", "WHERE id=$1", string(id))
}

// Object reads one recording.
func (r Reader) Object(ctx context.Context, who []rivage.ID, id rivage.ID) (rivage.ObjectRow, error) {
	var c clause
	c.and("id=?", string(id))
	c.of(who)
	return one(ctx, r.q, &objectTable, "recording", c.text, c.args...)
}

// Objects reads the recordings of an interaction, oldest first.
func (r Reader) Objects(ctx context.Context, who []rivage.ID, interaction rivage.ID) ([]rivage.ObjectRow, error) {
	var c clause
	c.and("interaction=?", string(interaction))
	c.of(who)
	return many(ctx, r.q, &objectTable, c.text+" ORDER BY started_at, id", c.args...)
}

// OpenObjects reads the recordings that did not end: after a crash, those to be closed.
func (r Reader) OpenObjects(ctx context.Context) ([]rivage.ObjectRow, error) {
	return many(ctx, r.q, &objectTable, "WHERE state='open' ORDER BY started_at, id")
}

// ExpiredObjects reads the recordings whose retention has passed and that are still there, those that had to go first
// first.
func (r Reader) ExpiredObjects(ctx context.Context, now rivage.Micros, limit int) ([]rivage.ObjectRow, error) {
	// In the words of the index object_kept, on both engines.
	const where = `WHERE state IN ('complete','interrupted') AND retention_days>0
		AND (started_at + retention_days * 86400000000)<=$1 ORDER BY (started_at + retention_days * 86400000000) LIMIT %d`
	return many(ctx, r.q, &objectTable, fmt.Sprintf(where, bounded(limit)), int64(now))
}

// ObjectsOf reads the recordings of subjects: those whose files an erasure unlinks.
func (r Reader) ObjectsOf(ctx context.Context, subjects []rivage.ID) ([]rivage.ObjectRow, error) {
	if len(subjects) == 0 {
		return nil, nil
	}
	in, args := idList(1, subjects)
	return many(ctx, r.q, &objectTable, "WHERE subject IN ("+in+") ORDER BY id", args...)
}
