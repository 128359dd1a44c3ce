// SPDX-License-Identifier: EUPL-1.2

package access

import "rivage.example/rivage"

// supportEnded is why a session of support ends by itself.
const supportEnded = "support_ended"

// letIn says whether an account may have a session now: who supports from outside only while the organisation holds the
// access open, by two persons, the law lets their company and country in, and nothing contradicts where they are. A step of
// the wall clock prolongs none.
func (c *Control) letIn(a *rivage.Account, p rivage.Place) bool {
	if !RightsOf(a.Roles).Is(RoleSupport) {
		return true
	}
	at := c.days()
	return p.Evidence != rivage.Unknown && a.Support.Stands(at.early) && a.Support.Stands(at.late) && c.c.Supports != nil &&
		c.c.Supports(a.Support.Company, a.Support.Country, at.late).Allowed
}

// supportOver is the entry that an access of support ended by itself, with the session it ended; nil for another end.
func (c *Control) supportOver(k kept, reason string) *rivage.Entry {
	a := c.c.Settings().Accounts[k.Account]
	if reason != supportEnded || a == nil || a.Support == nil {
		return nil
	}
	t := a.Support
	e := placed(c.entry(k.Account, &rivage.SupportChanged{
		Account: k.Account, Step: "ended", Company: t.Company, Country: t.Country, From: rivage.At(t.From), Until: rivage.At(t.Until),
	}, ""), k.Place)
	e.Leaf.Outcome = "ended"
	return &e
}
