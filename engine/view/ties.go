// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"cmp"
	"context"
	"errors"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
)

// TieNow is why an account that reaches what concerns everybody counts as one person with another, for a time.
type TieNow struct {
	Account rivage.ID `json:"account"`
	Name    string    `json:"name"`
	Role    string    `json:"role" enum:"administrator,dpo,support"`
	ByName  string    `json:"by_name" doc:"who gave it its password, or its role"`
	What    string    `json:"what" enum:"password,roles"`
	Until   Instant   `json:"until"`
}

// ties are those that hold now, the newest first.
func (v *View) ties(ctx context.Context, s *rivage.Settings) ([]TieNow, error) {
	ties, err := v.c.Outside.Ties(ctx)
	if err != nil {
		return nil, err
	}
	list := []TieNow{}
	for _, t := range ties {
		a := s.Accounts[t.Account]
		if a == nil {
			continue
		}
		n := TieNow{Account: t.Account, Role: access.RightsOf(a.Roles).Main(), What: t.What, Until: instant(rivage.At(t.Until))}
		if n.Name, err = v.name(ctx, t.Account); err != nil {
			return nil, err
		}
		by, err := v.name(ctx, t.By)
		if err != nil {
			return nil, err
		}
		n.ByName = cmp.Or(by, string(t.By)) // an account that is gone has no name
		list = append(list, n)
	}
	return list, nil
}

// tied says whether u counts as one person with who began something that takes two.
func (v *View) tied(ctx context.Context, u User, first rivage.ID) (bool, error) {
	if first == u.Account || first == rivage.CommandLine {
		return false, nil // another word stands for oneself, and nobody is the command line
	}
	err := v.c.Outside.Apart(ctx, u.Account, first)
	if errors.Is(err, access.OnePerson) {
		return true, nil
	}
	return false, err
}
