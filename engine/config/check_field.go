// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"slices"
	"strconv"

	"rivage.example/rivage"
)

// Limits of the cards of persons.
const (
	maxFields  = 40 // of one Principal; all of a card is one entry
	maxChoices = 100
)

// standard are the fields that every card has.
var standard = []string{rivage.PersonName, rivage.PersonEmail, rivage.PersonPhones, "organisation", "siren", "history"}

// field refuses a field without a class, or one that could not be told from a standard one.
func (c *checker) field(t *rivage.Field) {
	c.principal(t.Principal, false)
	c.name("label", t.Label)
	oneOf(c, "class", t.Class, rivage.DataClasses...)
	oneOf(c, "kind", t.Kind, rivage.FieldKinds...)
	c.within("rank", t.Rank, 0, 1000)
	if slices.Contains(standard, string(t.ID)) {
		c.fail("id", "%q is a field that every card has: give it another id", t.ID)
	}
	if c.fields[t.Principal]++; c.fields[t.Principal] > maxFields {
		c.fail("principal", "%d fields of %q, at most %d", c.fields[t.Principal], t.Principal, maxFields)
	}
	switch choice := t.Kind == rivage.FieldChoice; {
	case !choice && len(t.Choices) > 0:
		c.fail("choices", "they are for the kind \"choice\"")
	case choice:
		c.within("choices", len(t.Choices), 1, maxChoices)
	}
	for i, s := range t.Choices {
		path := "choices." + strconv.Itoa(i)
		c.name(path, s)
		if slices.Index(t.Choices, s) != i {
			c.fail(path, "%q stands twice", s)
		}
	}
}
