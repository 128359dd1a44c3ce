// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"context"
	"time"

	"rivage.example/rivage"
)

// Open is an open session as a list shows it: no name, no token.
type Open struct {
	Session rivage.ID
	Account rivage.ID
	Role    string // the one that sees most
	Place   rivage.Place
	Since   time.Time
}

// Opened lists the sessions that are open now.
func (c *Control) Opened(ctx context.Context) ([]Open, error) {
	list, err := c.sessionsOf(ctx, "")
	if err != nil {
		return nil, err
	}
	now, accounts := c.steady.Now(), c.c.Settings().Accounts
	open := make([]Open, 0, len(list))
	for _, k := range list {
		a := accounts[k.Account]
		if a == nil || !c.letIn(a, k.Place) || !now.Before(k.expires(RightsOf(a.Roles).Strict())) {
			continue
		}
		open = append(open, Open{Session: k.ID, Account: k.Account, Role: RightsOf(a.Roles).Main(), Place: k.Place, Since: k.Opened.Time()})
	}
	return open, nil
}
