// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"cmp"

	"rivage.example/rivage"
)

// commandLine stands for who proposed a profile when nobody was signed in.
const commandLine rivage.ID = "command-line"

// framed sees to it that the profile changes by two persons: one proposes, another confirms what was proposed. The first
// frame of an installation needs one, for nothing was let out before it.
func framed(old, wanted *rivage.Frame, by rivage.ID) (*rivage.Frame, error) {
	by = cmp.Or(by, commandLine)
	t := *wanted
	t.ProposedBy = ""
	switch {
	case old == nil && t.Proposed == "":
		return &t, nil
	case old == nil:
		return nil, invalid("set the profile: it is proposed once there is one")
	case t.Profile == old.Profile && t.Proposed == "":
		return &t, nil // a proposal is withdrawn, by anybody
	case t.Profile == old.Profile && t.Proposed == old.Proposed:
		t.ProposedBy = old.ProposedBy
		return &t, nil
	case t.Profile == old.Profile:
		t.ProposedBy = by
		return &t, nil
	case t.Profile != old.Proposed:
		return nil, &rivage.Error{Code: rivage.Conflict, Message: "change the profile: somebody proposes it first (proposed = \"" + string(t.Profile) + "\"), and somebody else confirms it"}
	case old.ProposedBy == by || old.ProposedBy == "":
		return nil, &rivage.Error{Code: rivage.Denied, Message: "change the profile: who proposed it does not confirm it; a second person does"}
	case t.Proposed != "":
		return nil, invalid("change the profile: what is confirmed is no longer proposed")
	}
	return &t, nil
}
