// SPDX-License-Identifier: EUPL-1.2

package rivage

import "time"

// RoleSupport is the role of who comes in from outside to help: it reads what names nobody, while the organisation holds the
// door open.
const RoleSupport = "support"

// MaxSupport is how long an access of support lasts at most.
const MaxSupport = 8 * time.Hour

// Support is an access that the organisation opens to somebody who supports it from outside (GDPR art. 28(3)(a), 32(4)): for
// a company, from a country, for hours. One person opens it, another confirms it.
type Support struct {
	Company     ID        `json:"company" toml:"company"` // that sends the person
	Country     Country   `json:"country" toml:"country"` // where the person sits
	From        time.Time `json:"from" toml:"from"`
	Until       time.Time `json:"until" toml:"until"` // excluded
	OpenedBy    ID        `json:"opened_by,omitempty" toml:"-"`
	ConfirmedBy ID        `json:"confirmed_by,omitempty" toml:"-"` // "" until a second person did
}

// Stands says whether the access is confirmed and runs at an instant.
func (s *Support) Stands(at time.Time) bool {
	return s != nil && s.OpenedBy != "" && s.ConfirmedBy != "" && !at.Before(s.From) && at.Before(s.Until)
}

// Same says whether two accesses are for the same company, country and hours.
func (s *Support) Same(o *Support) bool {
	return s != nil && o != nil && s.Company == o.Company && s.Country == o.Country && s.From.Equal(o.From) && s.Until.Equal(o.Until)
}
