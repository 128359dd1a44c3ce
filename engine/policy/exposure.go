// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"slices"

	"rivage.example/rivage"
)

// ExposuresOf are the laws outside the Union's to which a company answers: the union over its seat, its ultimate parent,
// and where those who operate and administer it sit (docs/law.md). None is EXP_NONE_EU alone; a country that nobody
// assessed is EXP_UNASSESSED, and so is a company that is not known.
func ExposuresOf(c *rivage.Company) []rivage.Exposure {
	if c == nil {
		return []rivage.Exposure{rivage.ExposureUnassessed}
	}
	countries := append([]rivage.Country{c.Country}, c.Operators...)
	countries = append(countries, c.Admins...)
	if c.Parent != "" || c.ParentCountry != "" {
		countries = append(countries, c.ParentCountry) // a parent without a country is one that nobody assessed
	}
	var list []rivage.Exposure
	for _, country := range countries {
		e := rivage.ExposureUnassessed
		if j, known := JurisdictionOf(country); known {
			e = j.Exposure
		}
		if e != rivage.ExposureNone {
			list = append(list, e)
		}
	}
	if len(list) == 0 {
		return []rivage.Exposure{rivage.ExposureNone}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// exposed says whether a company answers to any law but the Union's.
func exposed(c *rivage.Company) bool { return ExposuresOf(c)[0] != rivage.ExposureNone }
