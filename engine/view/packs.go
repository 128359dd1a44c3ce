// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// Pack is a rule pack, and whether it holds here.
type Pack struct {
	ID   rivage.ID `json:"id"`
	On   bool      `json:"on" doc:"its rows decide"`
	Own  bool      `json:"own,omitempty" doc:"of the organisation, not of the program"`
	Rows []PackRow `json:"rows" nullable:"false"`
}

// PackRow is a dated rule of law, as it is to be shown: only a verified one is called law.
type PackRow struct {
	policy.PackRow
	Standing string `json:"standing" enum:"verified,unverified,proposal,repealed"`
}

// Packs lists the rule packs, those that are off too, for those who answer for the law of the organisation.
func (v *View) Packs(_ context.Context, u User) ([]Pack, error) {
	if !u.Is(frameWriters...) {
		return nil, notFound("read the rule packs")
	}
	list := []Pack{}
	for _, s := range v.c.Gate().Packs() {
		if s.Own && !u.Covers(rivage.Organisation, frameWriters...) {
			continue
		}
		p := Pack{ID: s.Pack.ID(), On: s.On, Own: s.Own, Rows: []PackRow{}}
		for _, r := range s.Pack.Rows() {
			p.Rows = append(p.Rows, PackRow{r, r.Standing()})
		}
		list = append(list, p)
	}
	return list, nil
}
