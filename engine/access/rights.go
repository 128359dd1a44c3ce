// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"slices"

	"rivage.example/rivage"
)

// The roles.
const (
	RoleAgent         = "agent"
	RoleSupervisor    = "supervisor"
	RoleAdministrator = "administrator"
	RoleDPO           = "dpo"
	RoleSupport       = rivage.RoleSupport
)

// Roles is the closed list, from the one that sees most; a leaf names the first of them that its actor holds.
var Roles = []string{RoleDPO, RoleAdministrator, RoleSupervisor, RoleAgent, RoleSupport}

// everything is the scope that has no bound.
const everything rivage.ID = "*"

// Rights is what an account may ask for. Its zero value allows nothing.
type Rights struct{ roles []rivage.Role }

// RightsOf are the rights that roles give. Unknown roles give none.
func RightsOf(roles []rivage.Role) Rights {
	return Rights{slices.DeleteFunc(slices.Clone(roles), func(r rivage.Role) bool { return !slices.Contains(Roles, r.Name) })}
}

// Is says whether one of the roles has a name.
func (r Rights) Is(role string) bool {
	return slices.ContainsFunc(r.roles, func(x rivage.Role) bool { return x.Name == role })
}

// As are the rights that come from one role alone.
func (r Rights) As(role string) Rights {
	return Rights{slices.DeleteFunc(slices.Clone(r.roles), func(x rivage.Role) bool { return x.Name != role })}
}

// Main is the role that sees most, "" without any.
func (r Rights) Main() string {
	for _, name := range Roles {
		if r.Is(name) {
			return name
		}
	}
	return ""
}

// Strict says whether the rights reach what concerns everybody: such accounts need one-time codes and shorter sessions.
func (r Rights) Strict() bool { return r.Is(RoleAdministrator) || r.Is(RoleDPO) || r.Is(RoleSupport) }

// CanSee says whether one role's scopes cover a thing of a Principal, in a queue, at a site. A thing that has no queue or
// no site leaves that dimension out with ""; everything has a Principal.
func (r Rights) CanSee(principal, queue, site rivage.ID) bool {
	return principal != "" && slices.ContainsFunc(r.roles, func(x rivage.Role) bool {
		return covers(x.Principals, principal) && (queue == "" || covers(x.Queues, queue)) && (site == "" || covers(x.Sites, site))
	})
}

// Principals are those a listing may ask for; all says that there is no bound.
func (r Rights) Principals() (ids []rivage.ID, all bool) {
	for _, x := range r.roles {
		if slices.Contains(x.Principals, everything) {
			return nil, true
		}
		ids = append(ids, x.Principals...)
	}
	slices.Sort(ids)
	return slices.Compact(ids), false
}

// covers says whether a scope holds an id: an empty scope holds nothing. The asterisk is never an id.
func covers(scope []rivage.ID, id rivage.ID) bool {
	return id != everything && (slices.Contains(scope, everything) || slices.Contains(scope, id))
}
