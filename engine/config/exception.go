// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"time"

	"rivage.example/rivage"
)

// officer is the role whose act an exception is.
const officer = "dpo"

// longest is how long an exception may hold: then somebody looks again.
const longest = 366 * 24 * time.Hour

// excepted bears the name of the data protection officer, signed in, whose act an exception is, new or changed. Nobody else
// makes one, and no folder.
func excepted(wanted *rivage.Exception, by By) (*rivage.Exception, error) {
	if by.Account == "" || by.Role != officer {
		return nil, &rivage.Error{Code: rivage.Denied, Message: "make an exception: the data protection officer does, signed in to the control room, and not the command line"}
	}
	if by.Own == nil {
		return nil, &rivage.Error{Code: rivage.Denied, Message: "make an exception: it is not known whose hand the account is in"}
	}
	x := *wanted
	x.By = by.Account
	return &x, by.Own()
}

// exception refuses one for nobody, without an end, or beside another for the same agent.
func (c *checker) exception(t *rivage.Exception) {
	if a := find[rivage.Account](c.d, rivage.TypeAccount, t.Agent); a == nil || a.Agent == nil {
		c.fail("agent", "there is no agent %q", t.Agent)
	}
	if other, twice := c.excepted[t.Agent]; twice {
		c.fail("agent", "exception %q is for this agent already: change that one", other)
	}
	c.excepted[t.Agent] = t.ID
	oneOf(c, "ground", t.Ground, rivage.Grounds...)
	c.text("reference", t.Reference, maxName)
	from, okFrom := t.From.Day()
	until, okUntil := t.Until.Day()
	switch {
	case !okFrom:
		c.fail("from", `want a day between quotes, like "2026-01-31"`)
	case !okUntil:
		c.fail("until", `want a day between quotes, like "2026-12-31": an exception has an end`)
	case until.Before(from):
		c.fail("until", "the last day is before the first")
	case until.Sub(from) > longest:
		c.fail("until", "more than a year: an exception is looked at again")
	}
}
