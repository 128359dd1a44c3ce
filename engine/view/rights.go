// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"reflect"
	"slices"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
)

// readers are the roles that read the floor's work.
var readers = []string{access.RoleSupervisor, access.RoleDPO}

// Current says whether the rights of u are still those of the account: a live channel of one whose roles changed, or who
// is gone, has to end.
func (v *View) Current(u User) bool {
	a := v.c.Settings().Accounts[u.Account]
	return a != nil && reflect.DeepEqual(access.RightsOf(a.Roles), u.Rights)
}

// Is says whether u has one of the roles, whatever its scope.
func (u User) Is(roles ...string) bool { return slices.ContainsFunc(roles, u.Rights.Is) }

// Covers says whether one of the roles of u reaches a Principal.
func (u User) Covers(principal rivage.ID, roles ...string) bool {
	return u.canSee(roles, principal, "", "")
}

func (u User) canSee(roles []string, principal, queue, site rivage.ID) bool {
	return slices.ContainsFunc(roles, func(name string) bool {
		return u.Rights.Is(name) && u.Rights.As(name).CanSee(principal, queue, site)
	})
}

// sees says whether u may know of an interaction: in one role, its Principal, its queue once it has one, and the site
// where it is handled once somebody handles it.
func (u User) sees(r *rivage.InteractionRow) bool {
	site := r.Place.Site
	if !handling(r) {
		site = ""
	}
	return u.canSee(readers, r.Principal, r.Queue, site)
}

// owns says whether u is the agent who handles or handled the interaction: an offer that is pending, a conversation, or
// one that was.
func (u User) owns(r *rivage.InteractionRow) bool {
	if r.Agent == "" || r.Agent != u.Account || !u.Is(access.RoleAgent) {
		return false
	}
	switch r.State {
	case rivage.Received, rivage.InFlow, rivage.Queued:
		return false
	case rivage.Offered, rivage.Connected, rivage.Held, rivage.Parked, rivage.WrapUp:
		return true
	}
	return r.AnsweredAt != 0
}

// owes says whether u is an agent of the queue in which somebody is owed a call: whoever serves it may make it.
func (u User) owes(s *rivage.Settings, r *rivage.InteractionRow) bool {
	a := s.Agents[u.Account]
	return r.State == rivage.CallbackOwed && u.Is(access.RoleAgent) && a != nil && slices.Contains(a.Queues, r.Queue)
}

// seesQueue says whether u watches a queue's figures: as a reader in whose scope it is, or as an agent who serves it.
func (u User) seesQueue(s *rivage.Settings, q *rivage.Queue) bool {
	a := s.Agents[u.Account]
	return u.canSee(readers, q.Principal, q.ID, "") ||
		u.Is(access.RoleAgent) && a != nil && slices.Contains(a.Queues, q.ID)
}

// seesAgent says whether u may know an agent: in one role, the site he sits at and a queue he serves. Who serves none is
// the organisation's alone.
func (u User) seesAgent(s *rivage.Settings, agent, site rivage.ID) bool {
	a := s.Agents[agent]
	if a == nil {
		return false
	}
	if site == "" {
		site = a.Site
	}
	if len(a.Queues) == 0 {
		return u.canSee(readers, rivage.Organisation, "", site)
	}
	return slices.ContainsFunc(a.Queues, func(id rivage.ID) bool {
		q := s.Queues[id]
		return q != nil && u.canSee(readers, q.Principal, id, site)
	})
}

// seesSite says whether u watches a site: as a reader of some Principal in whose scope it is.
func (u User) seesSite(s *rivage.Settings, site rivage.ID) bool {
	for id := range s.Principals {
		if u.canSee(readers, id, "", site) {
			return true
		}
	}
	return false
}

// principals are those that one of the roles of u reaches, of all there are.
func (u User) principals(s *rivage.Settings, roles ...string) []rivage.ID {
	var ids []rivage.ID
	for id := range s.Principals {
		if u.Covers(id, roles...) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// reach are the Principals whose rows u may ever be shown: those of his roles, and those of the queues he serves.
func (u User) reach(s *rivage.Settings) []rivage.ID {
	ids, all := u.Rights.Principals()
	if all {
		return allPrincipals
	}
	if a := s.Agents[u.Account]; a != nil && u.Is(access.RoleAgent) {
		for _, id := range a.Queues {
			if q := s.Queues[id]; q != nil {
				ids = append(ids, q.Principal)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// allPrincipals is what Rows take for every Principal.
var allPrincipals = []rivage.ID{"*"}

// among says whether a Principal is in a list, "*" being all.
func among(of []rivage.ID, principal rivage.ID) bool {
	return slices.Contains(of, principal) || slices.Contains(of, allPrincipals[0])
}

// actsAs is the first role of u among those, for the leaf of what he reads.
func (u User) actsAs(roles ...string) string {
	if i := slices.IndexFunc(roles, u.Rights.Is); i >= 0 {
		return roles[i]
	}
	return ""
}
