// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"context"
	"fmt"

	"rivage.example/rivage"
)

// nobody names the stream of what concerns no account that exists.
const nobody rivage.ID = "unknown"

// entry is an entry of an account's stream, with the actor's role; by is the account that acted, "" for a program.
func (c *Control) entry(account rivage.ID, f rivage.Facts, by rivage.ID) rivage.Entry {
	if account == "" {
		account = nobody
	}
	e := rivage.Entry{
		Stream: rivage.StreamOf("access", account), Principal: rivage.Organisation, At: c.c.Clock.Now(), Facts: f,
		Leaf: rivage.Leaf{Role: "system"},
	}
	if a := c.c.Settings().Accounts[by]; a != nil {
		e.Actor, e.Leaf.Role = a.Subject, RightsOf(a.Roles).Main()
	}
	return e
}

// placed adds where it happened; a country that nothing vouches for stays out.
func placed(e rivage.Entry, p rivage.Place) rivage.Entry {
	e.Leaf.Site, e.Leaf.Country, e.Leaf.Evidence = p.Site, p.Vouched(), p.Evidence
	return e
}

func (c *Control) append(ctx context.Context, entries ...rivage.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	if _, err := c.c.Journal.Append(ctx, rivage.Append{Entries: entries}); err != nil {
		return fmt.Errorf("write down %s: %w", entries[0].Facts.Kind(), err)
	}
	return nil
}

// flush writes down the failed sign-ins of the minutes that are over; those that the journal does not take are counted
// again.
func (c *Control) flush(ctx context.Context) error {
	taken := c.refused.take(c.c.Clock.Now())
	entries := make([]rivage.Entry, 0, len(taken))
	for k, n := range taken {
		e := c.entry(k.account, &rivage.SignInRefused{Account: k.account, Minute: k.minute, Count: n}, "")
		e.Leaf.Outcome = "refused"
		entries = append(entries, e)
	}
	err := c.append(ctx, entries...)
	if err != nil {
		c.refused.giveBack(taken)
	}
	return err
}
