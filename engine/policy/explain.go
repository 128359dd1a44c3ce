// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"iter"
	"slices"
	"time"

	"rivage.example/rivage"
)

// RuleTrace says how one rule read a request.
type RuleTrace struct {
	Rule    string   `json:"rule"`
	Effect  Effect   `json:"effect"`
	Reason  string   `json:"reason"`
	Basis   string   `json:"basis"`
	Applies bool     `json:"applies"`
	Decides bool     `json:"decides"`          // the one rule the decision cites
	Misses  []string `json:"misses,omitempty"` // dimensions that do not hold the request's value, named as in TOML
}

// Explain gives the rules that apply, the deciding one first, then the near misses: rules that one dimension keeps from
// applying.
func (g *Gate) Explain(r Request, at time.Time) []RuleTrace {
	t := g.Table(r.Principal)
	if t == nil {
		return nil
	}
	c := t.read(&r, at)
	var applied, near []RuleTrace
	for i := range t.rules {
		rule := &t.rules[i]
		tr := RuleTrace{
			Rule: rule.decision.Rule, Effect: t.source[rule.index].Effect, Reason: rule.decision.Reason,
			Basis: rule.decision.Basis, Misses: rule.misses(&c),
		}
		switch len(tr.Misses) {
		case 0:
			tr.Applies, tr.Decides = true, len(applied) == 0
			applied = append(applied, tr)
		case 1:
			near = append(near, tr)
		}
	}
	return append(applied, near...)
}

// misses names the dimensions that keep a rule from applying.
func (r *compiled) misses(c *cell) []string {
	var m []string
	for _, d := range [...]struct {
		key   string
		holds bool
	}{
		{"classes", r.classes&c.class != 0},
		{"actions", r.actions&c.action != 0},
		{"modes", r.modes&c.mode != 0},
		{"purposes", r.purposes&c.purpose != 0},
		{"from", c.at >= r.from},
		{"to", c.at < r.end},
		{"hours", r.hours == nil || r.hours.has(c.minute)},
		{"evidence", r.evidence&r.evidenceOf(c) != 0},
		{"zones", r.zones&r.zoneOf(c) != 0},
		{"places", r.holdsPlace(c)},
		{"countries", r.countries == nil || slices.Contains(r.countries, r.countryOf(c)) || r.forbid && c.stated.seen >= 0 && slices.Contains(r.countries, c.stated.seen)},
		{"companies", r.companies == nil || slices.Contains(r.companies, c.company)},
		{"fields", r.fields == nil || slices.Contains(r.fields, c.field)},
	} {
		if !d.holds {
			m = append(m, d.key)
		}
	}
	return m
}

// MatrixCell is one answer of the total table.
type MatrixCell struct {
	Request  Request
	Decision rivage.Decision
}

// Matrix is the total table of a Principal for the given places: every class, action, mode and purpose, in the order of
// their lists; for ActField, each field a rule names and the field no rule names.
func (g *Gate) Matrix(principal rivage.ID, places []rivage.Place, at time.Time) iter.Seq[MatrixCell] {
	t := g.Table(principal)
	return func(yield func(MatrixCell) bool) {
		for _, p := range places {
			queue := g.Tried(Request{Principal: principal, Place: p}).Queue
			for r := range requests(t.fields()) {
				r.Principal, r.Place, r.Queue = principal, p, queue
				if !yield(MatrixCell{r, t.Decide(r, at)}) {
					return
				}
			}
		}
	}
}

// fields lists the fields that rules name, after "" for all others.
func (t *Table) fields() []string {
	names := []string{""}
	if t == nil {
		return names
	}
	for i := range t.rules {
		names = append(names, t.rules[i].fields...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// requests enumerates the closed lists.
func requests(fields []string) iter.Seq[Request] {
	return func(yield func(Request) bool) {
		for _, class := range rivage.DataClasses {
			for _, action := range rivage.Actions {
				of := fields
				if action != rivage.ActField {
					of = fields[:1]
				}
				for _, field := range of {
					for _, mode := range rivage.Modes {
						for _, purpose := range Purposes {
							if !yield(Request{Class: class, Action: action, Mode: mode, Purpose: purpose, Field: field}) {
								return
							}
						}
					}
				}
			}
		}
	}
}
