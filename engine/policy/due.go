// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"cmp"
	"math"
	"slices"
	"time"

	"rivage.example/rivage"
)

// Warnings are the days before its last at which the end of a legal basis is announced.
var Warnings = []int{90, 30, 7}

// Due is how near the end of a legal basis is: of a safeguard, or of the adequacy of a country (GDPR art. 45).
type Due struct {
	Safeguard *rivage.Safeguard // nil for an adequacy
	Adequacy  rivage.Country    // "" for a safeguard
	Until     rivage.Date       // its last day
	Days      int               // until the last day, negative once it is past
	Warning   int               // the nearest of Warnings that was passed, 0 once it is over
}

// Name is what the end is of, the same for each look.
func (d Due) Name() rivage.ID {
	if d.Safeguard == nil {
		return "adequacy-" + rivage.ID(d.Adequacy)
	}
	return d.Safeguard.ID
}

// DueAt lists the legal bases whose end was or is to be announced at an instant, the most urgent first: the safeguards,
// and the adequacy of the countries where a site, a company or a system of records is.
func DueAt(s *rivage.Settings, at time.Time) []Due {
	var list []Due
	add := func(d Due) {
		var near bool
		if d.Days, d.Warning, near = nearness(d.Until, at); near {
			list = append(list, d)
		}
	}
	for _, g := range s.Safeguards {
		add(Due{Safeguard: g, Until: g.Until})
	}
	for _, country := range countriesOf(s) {
		if j, ok := JurisdictionOf(country); ok && !j.Until.IsZero() {
			add(Due{Adequacy: country, Until: rivage.Date(j.Until.AddDate(0, 0, -1).Format(time.DateOnly))})
		}
	}
	slices.SortFunc(list, func(x, y Due) int {
		return cmp.Or(cmp.Compare(x.Days, y.Days), cmp.Compare(x.Name(), y.Name()))
	})
	return list
}

// Objection is how near the last day is on which a client organisation that did not answer may object to a site (GDPR art.
// 28(2)): after it the site may be open to that one.
type Objection struct {
	Site      rivage.ID
	Principal rivage.ID
	Until     rivage.Date
	Days      int // until the last day
	Warning   int // see Due
}

// ObjectionsAt lists those to be announced at an instant, of sites that nobody refused, the most urgent first.
func ObjectionsAt(s *rivage.Settings, at time.Time) []Objection {
	var list []Objection
	for _, o := range s.Openings {
		if o.Decision != nil && o.Decision.Verdict != rivage.Go {
			continue
		}
		for _, c := range o.Clients {
			days, warning, near := nearness(c.ObjectionUntil, at)
			if near && days >= 0 && c.ToldOn != "" && c.Answer == "" {
				list = append(list, Objection{o.ID, c.Principal, c.ObjectionUntil, days, warning})
			}
		}
	}
	slices.SortFunc(list, func(x, y Objection) int {
		return cmp.Or(cmp.Compare(x.Days, y.Days), cmp.Compare(x.Site, y.Site), cmp.Compare(x.Principal, y.Principal))
	})
	return list
}

// nearness says how many days are left until a last day, which warning that is, and whether it is to be announced at all.
func nearness(until rivage.Date, at time.Time) (days, warning int, near bool) {
	last, ok := until.Day()
	if !ok {
		return 0, 0, false
	}
	days = int(math.Floor(last.Sub(at.UTC().Truncate(24*time.Hour)).Hours() / 24))
	for _, w := range Warnings {
		if days >= 0 && days <= w {
			warning = w
		}
	}
	return days, warning, days <= Warnings[0]
}

// countriesOf are the countries from which something of the settings is reached, in order.
func countriesOf(s *rivage.Settings) []rivage.Country {
	var list []rivage.Country
	for _, site := range s.Sites {
		list = append(list, site.Country)
	}
	for _, company := range s.Companies {
		list = append(list, company.Country)
	}
	for _, card := range s.Cards {
		list = append(list, card.Country)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
