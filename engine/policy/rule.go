// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rivage.example/rivage"
)

// Effect is what a rule does. The empty effect does not load.
type Effect string

// The two effects. Forbid wins over allow, whatever the order.
const (
	Allow  Effect = "allow"
	Forbid Effect = "forbid"
)

// Any is the value that stands, alone in its list, for every value of a dimension. In the evidence of an allow rule it
// means attested and declared: a place that is not known is allowed by the word "unknown" only.
const Any = "*"

// Limits of one rule set.
const (
	MaxRules  = 500
	maxList   = 300
	maxRuleID = 64
	maxText   = 500
)

// Purposes is the closed list of purposes a rule may name.
var Purposes = []rivage.Purpose{
	rivage.PurposeService, rivage.PurposeQuality, rivage.PurposeEvidence, rivage.PurposeAdmin,
}

// Rule is one rule as its author wrote it. A rule applies when every dimension holds the request's value.
//
// An allow rule states Classes, Actions, Modes, Zones, Evidence and Purposes; an omitted one does not load, for what
// was forgotten must not become a permission. Countries, Companies, Fields, Hours, From and To only narrow, and may be left
// out; so may Places, which then does not hold teleworking. A forbid rule may leave anything out: an empty list forbids
// everywhere.
type Rule struct {
	ID        string
	Effect    Effect
	Reason    string    // shown to people, in French
	Basis     string    // legal basis: article, contract clause
	From      time.Time // first day, UTC midnight; zero: since ever
	To        time.Time // last day, included, UTC midnight; zero: no end
	Classes   []rivage.DataClass
	Actions   []rivage.Action
	Modes     []rivage.Mode
	Zones     []rivage.Zone
	Countries []rivage.Country
	Companies []rivage.ID
	Evidence  []rivage.Evidence
	Purposes  []rivage.Purpose
	Fields    []string // names of fields, for ActField
	Hours     []string `json:",omitempty"` // "mon-fri 08:00-20:00", by LegalTime; empty: always

	Places []rivage.Surrounding `json:",omitempty"` // left out: in an allow rule, at a site and never at home
}

// RuleError says which key of which rule does not load, and what would.
type RuleError struct {
	Index   int    // of the rule in its set, from 0
	Rule    string // its id, as written
	Key     string // "id", "effect", "classes"… as in TOML; "" for the rule as a whole
	Message string
}

// Error gives the rule, the key and what is expected.
func (e *RuleError) Error() string {
	who := fmt.Sprintf("rule %q", e.Rule)
	if e.Rule == "" {
		who = fmt.Sprintf("rule number %d", e.Index+1)
	}
	if e.Key == "" {
		return who + ": " + e.Message
	}
	return who + ": " + e.Key + ": " + e.Message
}

// ruleCheck gathers everything that is wrong with one rule.
type ruleCheck struct {
	index int
	rule  *Rule
	errs  []error
}

func (c *ruleCheck) fail(key, format string, a ...any) {
	c.errs = append(c.errs, &RuleError{Index: c.index, Rule: c.rule.ID, Key: key, Message: fmt.Sprintf(format, a...)})
}

// checkRules refuses a set that is not wholly understood.
func checkRules(rules []Rule) error {
	if len(rules) > MaxRules {
		return fmt.Errorf("%d rules, at most %d", len(rules), MaxRules)
	}
	var errs []error
	seen := make(map[string]bool, len(rules))
	for i := range rules {
		c := ruleCheck{index: i, rule: &rules[i]}
		if seen[rules[i].ID] {
			c.fail("id", "another rule of the set has this id")
		}
		seen[rules[i].ID] = true
		c.words()
		c.dates()
		if _, err := weekOf(rules[i].Hours); err != nil {
			c.fail("hours", "%s", err)
		}
		c.dimensions()
		errs = append(errs, c.errs...)
	}
	return errors.Join(errs...)
}

func (c *ruleCheck) words() {
	r := c.rule
	if !validRuleID(r.ID) {
		c.fail("id", "want 1 to %d letters, digits, dots, hyphens or underscores", maxRuleID)
	}
	if r.Effect != Allow && r.Effect != Forbid {
		c.fail("effect", "%q, want %q or %q", r.Effect, Allow, Forbid)
	}
	for _, t := range [...]struct{ key, text string }{{"reason", r.Reason}, {"basis", r.Basis}} {
		switch {
		case strings.TrimSpace(t.text) == "":
			c.fail(t.key, "missing; each decision shows it")
		case len(t.text) > maxText:
			c.fail(t.key, "%d bytes, at most %d", len(t.text), maxText)
		case !utf8.ValidString(t.text) || strings.ContainsFunc(t.text, unicode.IsControl):
			c.fail(t.key, "holds a control character or is not UTF-8")
		}
	}
}

func validRuleID(s string) bool {
	for _, r := range s {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".-_", r) {
			return false
		}
	}
	return s != "" && len(s) <= maxRuleID
}

func (c *ruleCheck) dates() {
	r := c.rule
	for _, d := range [...]struct {
		key string
		at  time.Time
	}{{"from", r.From}, {"to", r.To}} {
		if !d.at.IsZero() && !d.at.Equal(d.at.UTC().Truncate(24*time.Hour)) {
			c.fail(d.key, "want a day, without an hour")
		}
	}
	if !r.From.IsZero() && !r.To.IsZero() && r.To.Before(r.From) {
		c.fail("to", "the last day is before the first")
	}
}

func (c *ruleCheck) dimensions() {
	r := c.rule
	inList(c, "classes", r.Classes, rivage.DataClasses, true)
	inList(c, "actions", r.Actions, rivage.Actions, true)
	inList(c, "modes", r.Modes, rivage.Modes, true)
	inList(c, "zones", r.Zones, rivage.Zones, true)
	inList(c, "evidence", r.Evidence, rivage.Evidences, true)
	inList(c, "purposes", r.Purposes, Purposes, true)
	inList(c, "places", r.Places, rivage.Surroundings, false)
	inList(c, "countries", r.Countries, nil, false)
	inList(c, "companies", r.Companies, nil, false)
	inList(c, "fields", r.Fields, nil, false)
	if r.Effect == Allow && len(r.Countries) > 0 && !anyOf(r.Countries) &&
		len(r.Evidence) > 0 && !slices.ContainsFunc(r.Evidence, func(e rivage.Evidence) bool { return e != rivage.Unknown }) {
		c.fail("countries", "a place that is not known is in no country: the rule would never apply")
	}
	for _, country := range r.Countries {
		j, known := JurisdictionOf(country)
		switch {
		case country == Any:
		case !known:
			c.fail("countries", "%q is not a country of the table of %s", country, JurisdictionsDate)
		case len(r.Zones) > 0 && !anyOf(r.Zones) && !slices.Contains(r.Zones, j.Zone):
			c.fail("countries", "%s is in zone %s, which the rule does not list", country, j.Zone)
		}
	}
	for _, company := range r.Companies {
		if company != Any && !rivage.ValidSlug(string(company)) {
			c.fail("companies", "%q is not an id", company)
		}
	}
	for _, f := range r.Fields {
		if f != Any && !validRuleID(f) {
			c.fail("fields", "%q is not the name of a field", f)
		}
	}
}

// inList checks one dimension against its closed list; a nil list is checked by the caller.
func inList[T ~string](c *ruleCheck, key string, got, closed []T, stated bool) {
	switch {
	case len(got) == 0 && stated && c.rule.Effect != Forbid:
		c.fail(key, "missing; an allow rule states it, %q for all", Any)
	case len(got) > maxList:
		c.fail(key, "%d values, at most %d", len(got), maxList)
	case len(got) > 1 && anyOf(got):
		c.fail(key, "%q stands alone", Any)
	}
	for i, v := range got {
		if slices.Contains(got[:i], v) {
			c.fail(key, "%q stands twice", v)
		}
		if closed != nil && v != Any && !slices.Contains(closed, v) {
			c.fail(key, "%q, want one of %q", v, closed)
		}
	}
}

// anyOf says whether a list is the explicit "any".
func anyOf[T ~string](list []T) bool { return slices.Contains(list, T(Any)) }

// hashRules names a rule set: its principal, its rules in their order and the table of zones that reads them. The order
// of values within a list says nothing and does not count.
func hashRules(principal rivage.ID, rules []Rule) (string, error) {
	zones := world().hash
	form := struct {
		Format    string
		Principal rivage.ID
		Zones     string
		Rules     []Rule
	}{"rivage rules 1", principal, hex.EncodeToString(zones[:]), slices.Clone(rules)}
	for i := range form.Rules {
		r := &form.Rules[i]
		r.Hours = slices.Clone(r.Hours)
		r.From, r.To = r.From.UTC(), r.To.UTC()
		r.Classes, r.Actions, r.Modes = sorted(r.Classes), sorted(r.Actions), sorted(r.Modes)
		r.Zones, r.Countries, r.Companies = sorted(r.Zones), sorted(r.Countries), sorted(r.Companies)
		r.Evidence, r.Purposes, r.Fields = sorted(r.Evidence), sorted(r.Purposes), sorted(r.Fields)
		slices.Sort(r.Hours)
		r.Places = sorted(r.Places) // omitted when empty: sets older than the word keep their names
	}
	text, err := json.Marshal(form)
	if err != nil {
		return "", fmt.Errorf("hash rules: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// sorted gives a list that is equal for equal sets; an empty one is never nil, so that both forms hash alike.
func sorted[T ~string](list []T) []T {
	s := append(make([]T, 0, len(list)), list...)
	slices.Sort(s)
	return s
}
