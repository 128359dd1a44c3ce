// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"time"

	"rivage.example/rivage"
)

// Supports says whether somebody may support the organisation from outside, for a company, from a country: what the frame
// makes of administering data of class "courant" from there. Fields of persons are in no reach of theirs.
func (g *Gate) Supports(company rivage.ID, country rivage.Country, at time.Time) rivage.Decision {
	return g.bounding(rivage.Organisation).allowed(Request{
		Principal: rivage.Organisation, Action: rivage.ActField, Class: rivage.ClassCommon, Mode: rivage.ModeAdmin, Purpose: rivage.PurposeAdmin,
		Place: rivage.Place{Company: company, Country: country, Evidence: rivage.Declared},
	}, "RGPD art. 28", at)
}
