// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"errors"
	"fmt"
	"time"

	"github.com/pelletier/go-toml/v2"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// ruleFile is a rule set as its author writes it: `[[rule]]` tables, nothing else.
type ruleFile struct {
	Rules []ruleText `toml:"rule"`
}

type ruleText struct {
	ID        string             `toml:"id" json:"id,omitempty"`
	Effect    policy.Effect      `toml:"effect" json:"effect,omitempty"`
	Reason    string             `toml:"reason" json:"reason,omitempty"`
	Basis     string             `toml:"basis" json:"basis,omitempty"`
	From      *toml.LocalDate    `toml:"from" json:"from,omitempty"`
	To        *toml.LocalDate    `toml:"to" json:"to,omitempty"`
	Classes   []rivage.DataClass `toml:"classes" json:"classes,omitempty"`
	Actions   []rivage.Action    `toml:"actions" json:"actions,omitempty"`
	Modes     []rivage.Mode      `toml:"modes" json:"modes,omitempty"`
	Zones     []rivage.Zone      `toml:"zones" json:"zones,omitempty"`
	Countries []rivage.Country   `toml:"countries" json:"countries,omitempty"`
	Companies []rivage.ID        `toml:"companies" json:"companies,omitempty"`
	Evidence  []rivage.Evidence  `toml:"evidence" json:"evidence,omitempty"`
	Purposes  []rivage.Purpose   `toml:"purposes" json:"purposes,omitempty"`
	Fields    []string           `toml:"fields" json:"fields,omitempty"`
	Hours     []string           `toml:"hours" json:"hours,omitempty"`

	Places []rivage.Surrounding `toml:"places" json:"places,omitempty"`
}

// CompileRules reads a rule set and makes its table. The error names each rule and key that does not load.
func CompileRules(r *rivage.RuleSet) (*policy.Table, error) {
	table, problems := compileRules(r, "")
	if problems != nil {
		for _, p := range problems {
			p.Document = Key{rivage.TypeRules, r.ID}
		}
		return nil, join("read rules", problems)
	}
	return table, nil
}

func compileRules(r *rivage.RuleSet, file string) (*policy.Table, []*Problem) {
	if len(r.Text) > maxRulesText {
		return nil, []*Problem{{File: file, Message: fmt.Sprintf("%d bytes, at most %d", len(r.Text), maxRulesText)}}
	}
	var f ruleFile
	if problems := decode(file, []byte(r.Text), &f); problems != nil {
		return nil, problems
	}
	rules := make([]policy.Rule, len(f.Rules))
	for i := range f.Rules {
		rules[i] = f.Rules[i].rule()
	}
	table, err := policy.Compile(r.Principal, rules)
	if err == nil {
		return table, nil
	}
	return nil, ruleProblems(err, origin{file: file, lines: linesOf([]byte(r.Text))})
}

// ruleProblems finds the lines of what the compiler refused.
func ruleProblems(err error, o origin) []*Problem {
	if joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); ok {
		var list []*Problem
		for _, e := range joined.Unwrap() {
			list = append(list, ruleProblems(e, o)...)
		}
		return list
	}
	e, ok := errors.AsType[*policy.RuleError](err)
	if !ok {
		return []*Problem{{File: o.file, Message: err.Error()}}
	}
	path := fmt.Sprintf("rule.%d.%s", e.Index, e.Key)
	return []*Problem{{File: o.file, Line: o.line(path), Message: e.Error()}}
}

func (r *ruleText) rule() policy.Rule {
	return policy.Rule{
		ID: r.ID, Effect: r.Effect, Reason: r.Reason, Basis: r.Basis, From: dayOf(r.From), To: dayOf(r.To),
		Classes: r.Classes, Actions: r.Actions, Modes: r.Modes, Zones: r.Zones, Countries: r.Countries,
		Companies: r.Companies, Evidence: r.Evidence, Purposes: r.Purposes, Fields: r.Fields, Hours: r.Hours,
		Places: r.Places,
	}
}

func dayOf(d *toml.LocalDate) time.Time {
	if d == nil {
		return time.Time{}
	}
	return d.AsTime(time.UTC)
}
