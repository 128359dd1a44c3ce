// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"fmt"
	"slices"

	"rivage.example/rivage"
)

// maxMerges bounds a way from a merged person to the one that stands: each step was made by hand.
const maxMerges = 100

// Person reads one person. One that was merged into another is that other.
func (r Reader) Person(ctx context.Context, who []rivage.ID, id rivage.ID) (rivage.PersonRow, error) {
	for range maxMerges {
		var c clause
		c.and("id=?", string(id))
		c.of(who)
		p, err := one(ctx, r.q, &personTable, "person", c.text, c.args...)
		if err != nil {
			return rivage.PersonRow{}, err
		}
		if p.MergedInto == "" {
			return r.withSubjects(ctx, p)
		}
		id = p.MergedInto
	}
	return rivage.PersonRow{}, notFound("person")
}

func (r Reader) withSubjects(ctx context.Context, p personRow) (rivage.PersonRow, error) {
	subjects, err := many(ctx, r.q, &subjectTable, "WHERE person=$1 ORDER BY seq, id", string(p.ID))
	if err != nil {
		return rivage.PersonRow{}, err
	}
	row := rivage.PersonRow{
		ID: p.ID, Principal: p.Principal, CreatedAt: p.CreatedAt, ErasedAt: p.ErasedAt, Organisation: p.Organisation,
	}
	moved := false
	for _, s := range subjects {
		row.Subjects = append(row.Subjects, s.ID)
		if s.Card && s.Home == "" {
			row.Card = s.ID
		}
		moved = moved || s.Home != ""
	}
	if !moved {
		return row, nil
	}
	merged, err := r.mergedInto(ctx, p.ID)
	for _, m := range merged {
		if m.MergedInto == p.ID {
			row.Merged = append(row.Merged, rivage.Merge{Person: m.ID, At: m.MergedAt})
		}
		if row.Organisation == "" {
			row.Organisation = m.Organisation
		}
	}
	return row, err
}

// mergedInto are the persons merged into one, the last one first, then those merged into them.
func (r Reader) mergedInto(ctx context.Context, id rivage.ID) ([]personRow, error) {
	var all []personRow
	for i, next := 0, id; i < maxMerges; i++ {
		inner, err := many(ctx, r.q, &personTable, "WHERE merged_into=$1 ORDER BY merged_at DESC, id", string(next))
		if err != nil {
			return nil, err
		}
		if all = append(all, inner...); i == len(all) {
			break
		}
		next = all[i].ID
	}
	return all, nil
}

// Merged says what a merge into a person moved: the subjects that undoing it takes back. Conflict when from is not merged
// into it, or no longer.
func (r Reader) Merged(ctx context.Context, from, into rivage.ID) ([]rivage.ID, error) {
	p, err := one(ctx, r.q, &personTable, "person", "WHERE id=$1", string(from))
	if err != nil {
		return nil, err
	}
	if p.MergedInto != into {
		return nil, &rivage.Error{Code: rivage.Conflict, Message: "the two persons are not merged, or with another one first"}
	}
	homes := []rivage.ID{from} // and who had been merged into it before
	inner, err := r.mergedInto(ctx, from)
	if err != nil {
		return nil, err
	}
	for _, m := range inner {
		homes = append(homes, m.ID)
	}
	in, args := idList(2, homes)
	subjects, err := many(ctx, r.q, &subjectTable, "WHERE person=$1 AND home IN ("+in+") ORDER BY seq, id",
		append([]any{string(into)}, args...)...)
	ids := make([]rivage.ID, len(subjects))
	for i, s := range subjects {
		ids[i] = s.ID
	}
	return ids, err
}

// Persons lists the persons of a Principal that stand for themselves and are not erased, by id, after one.
func (r Reader) Persons(ctx context.Context, principal, after rivage.ID, limit int) ([]rivage.PersonRow, error) {
	list, err := many(ctx, r.q, &personTable,
		"WHERE principal=$1 AND id>$2 AND merged_into='' AND erased_at=0 ORDER BY id LIMIT $3",
		string(principal), string(after), int64(bounded(limit)))
	if err != nil {
		return nil, err
	}
	return r.all(ctx, list)
}

// all completes persons.
func (r Reader) all(ctx context.Context, list []personRow) ([]rivage.PersonRow, error) {
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

// Values reads the values of the cards of a person, its own and those merged into it, the last written first.
func (r Reader) Values(ctx context.Context, who []rivage.ID, person rivage.ID) ([]rivage.ValueRow, error) {
	var c clause
	c.and("subject IN (SELECT id FROM subject WHERE person=? AND card=1)", string(person))
	c.of(who)
	list, err := many(ctx, r.q, &valueTable, c.text+" ORDER BY seq DESC, id", c.args...)
	values := make([]rivage.ValueRow, len(list))
	for i := range list {
		values[i] = list[i].ValueRow
	}
	return values, err
}

// PersonQuery is what persons of one Principal are looked for by.
type PersonQuery struct {
	Principal rivage.ID
	Kind      string
	Under     [][]byte // blind indexes: who is found stands under each
	Ever      bool     // numbers that were taken off a card, too: for who erases persons, and for nobody else
}

// maxFound bounds the persons that one query finds: a name, or the number of a switchboard, may lead to any number of them.
const maxFound = 200

// FindPersons finds the persons that blind indexes lead to, those with a card first, then the newest, and says whether there
// are more.
func (r Reader) FindPersons(ctx context.Context, q PersonQuery) (found []rivage.PersonRow, more bool, err error) {
	past := q.Kind
	if q.Ever && q.Kind == indexKinds[rivage.PersonPhones] {
		past = pastPhone
	}
	var c clause
	c.and("principal=?", string(q.Principal))
	for _, bidx := range q.Under {
		c.and(`id IN (SELECT s.person FROM subject_index x JOIN subject s ON s.id=x.subject
			WHERE x.principal=? AND x.kind IN (?,?) AND x.bidx=?)`, string(q.Principal), q.Kind, past, bidx)
	}
	if len(q.Under) == 0 { // of nothing that is looked for, everybody would be the answer
		return nil, false, nil
	}
	list, err := many(ctx, r.q, &personTable, fmt.Sprintf(`%s ORDER BY
		CASE WHEN EXISTS(SELECT 1 FROM subject s WHERE s.person=person.id AND s.card=1) THEN 0 ELSE 1 END, created_at DESC, id LIMIT %d`,
		c.text, maxFound+1), c.args...)
	if err != nil {
		return nil, false, err
	}
	more = len(list) > maxFound
	found, err = r.all(ctx, list[:min(len(list), maxFound)])
	return found, more, err
}

// Match is what a blind index leads to.
type Match struct {
	Subject rivage.ID
	Person  rivage.ID   // for which the subject was made, whatever it is merged into; "" for an account's own
	Others  []rivage.ID // of a caller, the persons that are one with it by merges
}

// SubjectByIndex finds the newest subject a blind index leads to within one Principal; NotFound when nobody matches.
func (r Reader) SubjectByIndex(ctx context.Context, principal rivage.ID, kind string, bidx []byte) (Match, error) {
	s, err := one(ctx, r.q, &subjectTable, "subject", `WHERE id IN (
		SELECT subject FROM subject_index WHERE principal=$1 AND kind=$2 AND bidx=$3) ORDER BY seq DESC, id LIMIT 1`,
		string(principal), kind, bidx)
	if err != nil {
		return Match{}, err
	}
	return Match{Subject: s.ID, Person: s.home()}, nil
}

// Caller finds the subject under which a call is opened, and the person for which that subject was made. Who has a card
// counts before who never had one. When several persons with a card share the number, nobody is chosen: NotFound, and an
// agent picks. Among those without a card the newest is it. A subject of calls is taken before that of a card.
func (r Reader) Caller(ctx context.Context, principal rivage.ID, kind string, bidx []byte) (Match, error) {
	const under = `id IN (SELECT subject FROM subject_index WHERE principal=$1 AND kind=$2 AND bidx=$3)`
	newest, err := one(ctx, r.q, &subjectTable, "subject", `WHERE `+under+` AND person<>'' ORDER BY seq DESC, id LIMIT 1`, string(principal), kind, bidx)
	if err != nil {
		return Match{}, err
	}
	cards, err := many(ctx, r.q, &subjectTable, `WHERE card=1 AND person IN (SELECT person FROM subject WHERE `+under+` AND person<>'') ORDER BY person, seq, id`,
		string(principal), kind, bidx)
	if err != nil {
		return Match{}, err
	}
	if len(cards) == 0 {
		return r.caller(ctx, &newest)
	}
	chosen := cards[0].Person
	if cards[len(cards)-1].Person != chosen { // they are in the order of their persons
		return Match{}, notFound("subject: several persons share it")
	}
	s, err := one(ctx, r.q, &subjectTable, "subject", `WHERE `+under+` AND person=$4 ORDER BY card, seq DESC, id LIMIT 1`, string(principal), kind, bidx, string(chosen))
	if err != nil {
		return Match{}, err
	}
	return r.caller(ctx, &s)
}

// caller is the match of a subject: with the persons that are one with its own, for a callback owed to any is owed to all.
func (r Reader) caller(ctx context.Context, s *subjectRow) (Match, error) {
	m := Match{Subject: s.ID, Person: s.home()}
	subjects, err := many(ctx, r.q, &subjectTable, "WHERE person=$1 ORDER BY seq, id", string(s.Person))
	for _, x := range subjects {
		if home := x.home(); home != m.Person && !slices.Contains(m.Others, home) {
			m.Others = append(m.Others, home)
		}
	}
	return m, err
}
