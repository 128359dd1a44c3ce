// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/policy"
)

// Export is a file about one Principal that is about to leave.
type Export struct {
	Principal rivage.ID
	What      string // "journal", "interactions"…
	From, To  rivage.Seq
	Entries   int64
}

// Export asks the gate whether the file may go to where u sits, for each data class of the Principal's queues, and
// writes it down before anything leaves. The grant is for ActExport on the Principal.
func (v *View) Export(ctx context.Context, u User, x Export) (policy.Grant, error) {
	s := v.c.Settings()
	if s.Principals[x.Principal] == nil || !u.Covers(x.Principal, access.RoleDPO) {
		return policy.Grant{}, notFound("export")
	}
	q := policy.Request{
		Principal: x.Principal, Action: rivage.ActExport, Mode: rivage.ModeCopy, Purpose: rivage.PurposeAdmin,
		Place: u.Place, Target: x.Principal, Class: rivage.ClassCommon,
	}
	grant, d := v.c.Gate().Ask(q, v.c.Clock.Now(), grantTTL)
	for _, queue := range s.Queues {
		if queue.Principal == x.Principal && d.Allowed {
			q.Class = queue.Class
			grant, d = v.c.Gate().Ask(q, v.c.Clock.Now(), grantTTL)
		}
	}
	if !d.Allowed {
		return policy.Grant{}, &rivage.Error{Code: rivage.Denied, Message: "export", Decision: &d}
	}
	_, err := v.c.Journal.Append(ctx, rivage.Append{Entries: []rivage.Entry{{
		Stream: rivage.StreamOf("export", x.Principal), Principal: x.Principal, At: v.c.Clock.Now(), Actor: u.Subject,
		Facts: &rivage.Exported{Account: u.Account, What: x.What, Entries: x.Entries, From: x.From, To: x.To, Seen: u.Place.Seen},
		Leaf: rivage.Leaf{
			Role: access.RoleDPO, Site: u.Place.Site, Country: u.Place.Vouched(), To: u.Place.Vouched(),
			Evidence: u.Place.Evidence, Class: q.Class, Mode: q.Mode, Purpose: q.Purpose,
			Basis: d.Basis, Rule: d.Rule, Rules: d.Rules, Outcome: "exported",
		},
	}}})
	if err != nil {
		return policy.Grant{}, &rivage.Error{Code: rivage.Unavailable, Message: "write down what is exported", Err: err}
	}
	return grant, nil
}
