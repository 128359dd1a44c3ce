// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"slices"
	"strings"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// never is something that must never be allowed: a case is meant when each key that is stated holds one of its values.
type never struct {
	text  string
	keys  map[string][]string
	asked int
	found *policy.Request // the first case that is allowed
	rule  string
}

// neverKeys give the value of a case for each key.
var neverKeys = map[string]func(r *policy.Request) string{
	"class": func(r *policy.Request) string { return string(r.Class) }, "action": func(r *policy.Request) string { return string(r.Action) },
	"mode": func(r *policy.Request) string { return string(r.Mode) }, "purpose": func(r *policy.Request) string { return string(r.Purpose) },
	"zone": func(r *policy.Request) string { return string(r.Place.Zone) }, "country": func(r *policy.Request) string { return string(r.Place.Country) },
	"company": func(r *policy.Request) string { return string(r.Place.Company) }, "evidence": func(r *policy.Request) string { return string(r.Place.Evidence) },
	"principal": func(r *policy.Request) string { return string(r.Principal) },
}

// neverValues are the closed lists; of the other keys, a value that means no case is told once all was enumerated.
var neverValues = map[string][]string{
	"class": words(rivage.DataClasses), "action": words(rivage.Actions), "mode": words(rivage.Modes), "purpose": words(policy.Purposes),
	"zone": words(rivage.Zones), "evidence": words(rivage.Evidences),
}

func words[T ~string](list []T) []string {
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = string(v)
	}
	return texts
}

// parseNevers reads "class=sante zone=OTHER,ADEQUATE".
func parseNevers(texts []string) ([]never, error) {
	var list []never
	for _, text := range texts {
		n := never{text: text, keys: map[string][]string{}}
		for _, word := range strings.Fields(text) {
			key, values, ok := strings.Cut(word, "=")
			if !ok || neverKeys[key] == nil || values == "" {
				return nil, usageError{fmt.Errorf("--never %q: want key=value,value with the keys principal, class, action, mode, purpose, zone, country, company, evidence", word)}
			}
			if n.keys[key] != nil {
				return nil, usageError{fmt.Errorf("--never %q: %s stands twice", text, key)}
			}
			n.keys[key] = strings.Split(values, ",")
			for _, v := range n.keys[key] {
				if closed := neverValues[key]; closed != nil && !slices.Contains(closed, v) {
					return nil, usageError{fmt.Errorf("--never: %s=%s: want one of %s", key, v, strings.Join(closed, ", "))}
				}
			}
		}
		if len(n.keys) == 0 {
			return nil, usageError{fmt.Errorf("--never: empty, and would forbid everything")}
		}
		list = append(list, n)
	}
	return list, nil
}

// see looks at one answer.
func (n *never) see(c *policy.MatrixCell) {
	for key, values := range n.keys {
		if !slices.Contains(values, neverKeys[key](&c.Request)) {
			return
		}
	}
	n.asked++
	if c.Decision.Allowed && n.found == nil {
		r := c.Request
		n.found, n.rule = &r, c.Decision.Rule
	}
}
