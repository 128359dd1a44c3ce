// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"slices"
	"strconv"
	"strings"

	"rivage.example/rivage"
)

// Limits of a card.
const (
	maxCardFields = 60
	maxFieldName  = 60
)

// card refuses a source that could not be asked, or a field without a class.
func (c *checker) card(t *rivage.CardSource) {
	c.principal(t.Principal, false)
	c.name("name", t.Name)
	c.name("key_label", t.KeyLabel)
	c.exists("provider", rivage.TypeCompany, t.Provider)
	c.country("country", t.Country)
	c.declaration(t.Declared)
	c.prefixes("networks", t.Networks, true)
	if why := t.WrongURL(); why != "" {
		c.fail("url", "%s", why)
	}
	if t.Secret != "" && !rivage.ValidSlug(t.Secret) {
		c.fail("secret", "want the name of a secret: 1 to 40 of a-z, 0-9 and hyphens") // never quoted: it may be the secret
	}
	c.within("timeout", t.Timeout, 1, 10)
	c.within("per_hour", t.PerHour, 1, 1000)
	c.within("fields", len(t.Fields), 1, maxCardFields)
	seen := map[string]bool{}
	for i, f := range t.Fields {
		path := "fields." + strconv.Itoa(i)
		if !fieldName(f.Name) {
			c.fail(path+".name", "%q, want 1 to %d of a-z, A-Z, 0-9, _ and -, parts joined by dots", f.Name, maxFieldName)
		}
		if seen[f.Name] {
			c.fail(path+".name", "%q stands twice", f.Name)
		}
		seen[f.Name] = true
		c.name(path+".label", f.Label)
		oneOf(c, path+".class", f.Class, rivage.DataClasses...)
		if t.Declared != nil && !slices.Contains(t.Declared.Classes, f.Class) {
			c.fail(path+".class", "%q is not among the classes declared for this source", f.Class)
		}
	}
}

func fieldName(s string) bool {
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || strings.ContainsFunc(part, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
		}) {
			return false
		}
	}
	return len(s) <= maxFieldName
}
