// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"slices"

	"rivage.example/rivage"
)

// Organisation reads one customer organisation.
func (r Reader) Organisation(ctx context.Context, who []rivage.ID, id rivage.ID) (rivage.OrganisationRow, error) {
	var c clause
	c.and("id=?", string(id))
	c.of(who)
	return one(ctx, r.q, &organisationTable, "organisation", c.text, c.args...)
}

// OrganisationByIndex finds the customer organisation that a blind index leads to within one Principal.
func (r Reader) OrganisationByIndex(ctx context.Context, principal rivage.ID, kind string, bidx []byte) (rivage.OrganisationRow, error) {
	return one(ctx, r.q, &organisationTable, "organisation", `WHERE subject IN (
		SELECT subject FROM subject_index WHERE principal=$1 AND kind=$2 AND bidx=$3) ORDER BY id LIMIT 1`,
		string(principal), kind, bidx)
}

// Belonging is a person that belongs to a customer organisation, and the one it was merged into, itself for none.
type Belonging struct{ Person, Stands rivage.ID }

// Belonging lists who belongs to a customer organisation, on a card of its own or as one that was merged, in the order of
// their ids after one; at most some.
func (r Reader) Belonging(ctx context.Context, organisation, after rivage.ID, limit int) ([]Belonging, error) {
	rows, err := many(ctx, r.q, &personTable, "WHERE organisation=$1 AND id>$2 AND erased_at=0 ORDER BY id LIMIT $3",
		string(organisation), string(after), int64(bounded(limit)))
	list := make([]Belonging, 0, len(rows))
	for _, p := range rows {
		b := Belonging{p.ID, p.ID}
		for range maxMerges {
			if p.MergedInto == "" {
				break
			}
			if p, err = one(ctx, r.q, &personTable, "person", "WHERE id=$1", string(p.MergedInto)); err != nil {
				return nil, err
			}
			b.Stands = p.ID
		}
		if p.ErasedAt == 0 {
			list = append(list, b)
		}
	}
	return list, err
}

// Membership is what ends when a person belongs to no customer organisation any more.
func (r Reader) Membership(ctx context.Context, person rivage.ID) (rivage.Membership, error) {
	p, err := one(ctx, r.q, &personTable, "person", "WHERE id=$1", string(person))
	if err != nil {
		return rivage.Membership{}, err
	}
	merged, err := r.mergedInto(ctx, person)
	if err != nil {
		return rivage.Membership{}, err
	}
	var m rivage.Membership
	organisations := []rivage.ID{p.Organisation}
	for _, x := range merged {
		if x.Organisation != "" {
			m.Others, organisations = append(m.Others, x.ID), append(organisations, x.Organisation)
		}
	}
	slices.Sort(organisations)
	for _, id := range slices.Compact(organisations) {
		if id == "" {
			continue
		}
		list, err := r.Belonging(ctx, id, "", len(merged)+2) // one more than they are
		if err != nil {
			return m, err
		}
		if slices.ContainsFunc(list, func(b Belonging) bool { return b.Stands != person }) {
			continue
		}
		o, err := one(ctx, r.q, &organisationTable, "organisation", "WHERE id=$1", string(id))
		if err != nil {
			return m, err
		}
		m.Sole = append(m.Sole, o)
		if len(list) == 1 && list[0].Person == person {
			m.Own = id
		}
	}
	return m, nil
}
