// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"

	"rivage.example/rivage"
)

// Person reads one person.
func (r Reader) Person(ctx context.Context, who []rivage.ID, id rivage.ID) (rivage.PersonRow, error) {
	var c clause
	c.and("id=?", string(id))
	c.of(who)
	p, err := one(ctx, r.q, &personTable, "person", c.text, c.args...)
	if err != nil {
		return rivage.PersonRow{}, err
	}
	return r.withSubjects(ctx, p)
}

func (r Reader) withSubjects(ctx context.Context, p personRow) (rivage.PersonRow, error) {
	subjects, err := many(ctx, r.q, &subjectTable, "WHERE person=$1 ORDER BY seq, id", string(p.ID))
	if err != nil {
		return rivage.PersonRow{}, err
	}
	row := rivage.PersonRow{ID: p.ID, Principal: p.Principal, CreatedAt: p.CreatedAt, ErasedAt: p.ErasedAt}
	for _, s := range subjects {
		row.Subjects = append(row.Subjects, s.ID)
	}
	return row, nil
}

// PersonsByIndex finds the persons a blind index leads to, newest first.
func (r Reader) PersonsByIndex(ctx context.Context, who []rivage.ID, kind string, bidx []byte) ([]rivage.PersonRow, error) {
	var c clause
	c.and(`id IN (SELECT s.person FROM subject_index x JOIN subject s ON s.id=x.subject WHERE x.kind=? AND x.bidx=?)`,
		kind, bidx)
	c.of(who)
	list, err := many(ctx, r.q, &personTable, c.text+" ORDER BY created_at DESC, id", c.args...)
	if err != nil {
		return nil, err
	}
	rows := make([]rivage.PersonRow, 0, len(list))
	for _, p := range list {
		row, err := r.withSubjects(ctx, p)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// Match is what a blind index leads to.
type Match struct {
	Subject  rivage.ID
	Person   rivage.ID              // "" for an account's own subject
	Callback *rivage.InteractionRow // the callback owed to the person that comes first in rank; nil when none is
}

// SubjectByIndex finds the newest subject a blind index leads to within one Principal; NotFound when nobody matches.
func (r Reader) SubjectByIndex(ctx context.Context, principal rivage.ID, kind string, bidx []byte) (Match, error) {
	s, err := one(ctx, r.q, &subjectTable, "subject", `WHERE id IN (
		SELECT subject FROM subject_index WHERE principal=$1 AND kind=$2 AND bidx=$3) ORDER BY seq DESC, id LIMIT 1`,
		string(principal), kind, bidx)
	if err != nil {
		return Match{}, err
	}
	m := Match{Subject: s.ID, Person: s.Person}
	if s.Person == "" {
		return m, nil
	}
	owed, err := many(ctx, r.q, &interactionTable, `WHERE person=$1 AND state=$2 ORDER BY rank, id LIMIT 1`,
		string(s.Person), string(rivage.CallbackOwed))
	if err != nil {
		return Match{}, err
	}
	if len(owed) > 0 {
		m.Callback = &owed[0]
	}
	return m, nil
}
