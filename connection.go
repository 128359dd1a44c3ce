// SPDX-License-Identifier: EUPL-1.2

package rivage

import "time"

// Declaration says why a way in or out stands open, for which data, on which basis and until when. What has none, or is
// past its last day, is closed (GDPR art. 5(1)(b), 28 and 30).
type Declaration struct {
	Purpose Purpose     `json:"purpose" toml:"purpose"`
	Classes []DataClass `json:"classes" toml:"classes"` // what may pass; another class does not
	Basis   string      `json:"basis" toml:"basis"`     // contract, article or authorisation, for people
	From    Date        `json:"from" toml:"from"`       // the first day
	Until   Date        `json:"until" toml:"until"`     // the last day
}

// Edges are its first instant and the one after its last, false when its days are none.
func (d *Declaration) Edges() (from, until time.Time, ok bool) {
	from, okFrom := d.From.Day()
	until, okUntil := d.Until.Day()
	return from, until.AddDate(0, 0, 1), okFrom && okUntil
}
