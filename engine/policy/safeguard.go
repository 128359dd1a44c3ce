// SPDX-License-Identifier: EUPL-1.2

package policy

import "rivage.example/rivage"

// need is what must be valid before a place is reached: all of one of its sets of kinds. Its zero value needs nothing.
type need [2]kinds

// kinds is a set of rivage.SafeguardKinds, as bits.
type kinds uint8

func kindsOf(list ...rivage.SafeguardKind) kinds {
	var k kinds
	for _, kind := range list {
		k |= kinds(bit(rivage.SafeguardKinds, kind))
	}
	return k
}

// What the zones need (docs/law.md, GDPR art. 28, 44 to 49).
var (
	needsReview     = need{kindsOf(rivage.SafeguardReview)}
	needsDerogation = need{kindsOf(rivage.SafeguardDerogation)}
	needsScope      = need{
		kindsOf(rivage.SafeguardScope),
		kindsOf(rivage.SafeguardClauses, rivage.SafeguardAssessment),
	}
	needsTransfer = need{kindsOf(
		rivage.SafeguardClauses, rivage.SafeguardAssessment, rivage.SafeguardAuthorisation, rivage.SafeguardNotice,
	)}
)

// guard is a safeguard as bits of the closed lists.
type guard struct {
	kind      kinds
	country   int   // row of the atlas
	from, end int64 // microseconds; end is excluded
	classes   uint8
	modes     uint8
}

// guards are the safeguards that count for one Principal, by company; derogations stand under "".
type guards map[rivage.ID][]guard

func guardsFor(principal rivage.ID, all []*rivage.Safeguard) guards {
	g := guards{}
	for _, s := range all {
		if s.Principal != principal && s.Principal != rivage.Organisation {
			continue
		}
		from, okFrom := s.From.Day()
		last, okLast := s.Until.Day()
		if !okFrom || !okLast {
			continue // without an end it is none; the checks of what people set refuse it
		}
		of := s.Company
		if s.Kind == rivage.SafeguardDerogation {
			of = "" // whoever comes from a place that is not known
		}
		g[of] = append(g[of], guard{
			kind: kindsOf(s.Kind), country: world().find(s.Country), from: from.UnixMicro(), end: last.AddDate(0, 0, 1).UnixMicro(),
			classes: mask(s.Classes, rivage.DataClasses), modes: mask(s.Modes, rivage.Modes),
		})
	}
	return g
}

// holds is the set of kinds that are valid for a request, and of those that were and are past their end.
func (g guards) holds(c *cell) (valid, past kinds) {
	of := c.company
	if !c.known {
		of = ""
	}
	for i := range g[of] {
		s := &g[of][i]
		if s.classes&c.class == 0 || s.modes&c.mode == 0 || c.known && s.country != c.country || c.at < s.from {
			continue
		}
		if c.at >= s.end {
			past |= s.kind
		} else {
			valid |= s.kind
		}
	}
	return valid, past
}

// lacks is the first kind that is missing, in the set that is nearest to whole; "" when the need is met.
func (n need) lacks(valid kinds) rivage.SafeguardKind {
	best := kinds(0)
	for i, set := range n {
		if i > 0 && set == 0 {
			continue
		}
		missing := set &^ valid
		if missing == 0 {
			return ""
		}
		if best == 0 || ones(missing) < ones(best) {
			best = missing
		}
	}
	for _, kind := range rivage.SafeguardKinds {
		if best&kindsOf(kind) != 0 {
			return kind
		}
	}
	return ""
}

func ones(k kinds) (n int) {
	for ; k != 0; k &= k - 1 {
		n++
	}
	return n
}

// edges are the instants at which a safeguard begins or ends.
func (g guards) edges() []int64 {
	var list []int64
	for _, of := range g {
		for _, s := range of {
			list = append(list, s.from, s.end)
		}
	}
	return list
}
