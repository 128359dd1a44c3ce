// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/policy"
)

// grantTTL is how long a grant to hear or to see lasts: what is opened under it is opened at once.
const grantTTL = time.Minute

// modes says how data is reached by each action.
var modes = map[rivage.Action]rivage.Mode{
	rivage.ActOffer: rivage.ModeVoice, rivage.ActLeg: rivage.ModeVoice, rivage.ActRecord: rivage.ModeCopy,
	rivage.ActPlayback: rivage.ModeVoice, rivage.ActField: rivage.ModeView, rivage.ActExport: rivage.ModeCopy,
}

// ModeOf is how data is reached by an action.
func ModeOf(a rivage.Action) rivage.Mode { return modes[a] }

// request is a question to the gate about an interaction, for the place where u sits.
func (v *View) request(u User, row *rivage.InteractionRow, action rivage.Action, target rivage.ID) policy.Request {
	return policy.Request{
		Principal: row.Principal, Action: action, Class: v.class(row), Mode: modes[action],
		Purpose: v.purposeOf(u, row), Place: u.Place, Target: target, Queue: row.Queue,
	}
}

// purposeOf is why u reads: the agent to serve the caller, or to call back, a supervisor for quality, a DPO for what the law asks.
func (v *View) purposeOf(u User, row *rivage.InteractionRow) rivage.Purpose {
	switch {
	case u.owns(row), u.owes(v.c.Settings(), row):
		return rivage.PurposeService
	case u.Is(access.RoleSupervisor):
		return rivage.PurposeQuality
	}
	return rivage.PurposeAdmin
}

// ruleReasons are what the author of a Principal's rules wrote, by rule.
func (v *View) ruleReasons(principal rivage.ID) map[string]string {
	t := v.c.Gate().Table(principal)
	if t == nil {
		return nil
	}
	reasons := map[string]string{}
	for _, r := range t.Rules() {
		reasons[r.ID] = r.Reason
	}
	return reasons
}
