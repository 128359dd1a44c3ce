// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"cmp"

	"rivage.example/rivage"
)

// framed sees to it that the profile changes by two persons: one proposes, another, who is signed in, confirms what was
// proposed. fresh is an installation without a client organisation: there is nothing yet to let out, and one person sets it.
func framed(old, wanted *rivage.Frame, by By, fresh bool) (*rivage.Frame, error) {
	t := *wanted
	t.ProposedBy = ""
	fresh = fresh && old == nil // once there is a frame, an emptied folder does not bring the first day back
	if old == nil {
		old = &rivage.Frame{Profile: rivage.Souverain} // what holds while none is set
	}
	switch {
	case fresh && t.Proposed == "":
		return &t, nil
	case t.Profile == old.Profile && t.Proposed == "":
		return &t, nil // a proposal is withdrawn, by anybody
	case t.Profile == old.Profile && t.Proposed == old.Proposed:
		t.ProposedBy = old.ProposedBy
		return &t, nil
	case t.Profile == old.Profile:
		t.ProposedBy = cmp.Or(by.Account, rivage.CommandLine)
		return &t, nil
	case t.Profile != old.Proposed:
		return nil, &rivage.Error{Code: rivage.Conflict, Message: "change the profile: somebody proposes it first (proposed = \"" + string(t.Profile) + "\"), and somebody else confirms it"}
	case !by.second(old.ProposedBy):
		return nil, &rivage.Error{Code: rivage.Denied, Message: "change the profile: a second person, signed in, confirms it, not who proposed it, and not the command line"}
	case t.Proposed != "":
		return nil, invalid("change the profile: what is confirmed is no longer proposed")
	}
	return &t, by.apart(old.ProposedBy)
}
