// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// Limits of what people set.
const (
	MaxDocuments = 50_000 // in one set
	maxName      = 100    // characters
	maxPromptLen = 2000   // characters of a prompt's text
	maxRulesText = 256 << 10
	maxNetworks  = 64 // of one site or trunk
	maxValues    = 500
)

// Check looks at every document and at what they say of one another. An empty answer means that the set can be applied.
func (d *Documents) Check() []*Problem {
	c := &checker{
		d: d, numbers: map[string]rivage.ID{}, logins: map[string]rivage.ID{}, packs: ourPacks(), resting: map[string]rivage.ID{},
		pins: map[string]rivage.ID{}, excepted: map[rivage.ID]rivage.ID{}, fields: map[rivage.ID]int{},
	}
	if len(d.things) > MaxDocuments {
		return []*Problem{{Message: fmt.Sprintf("%d documents, at most %d", len(d.things), MaxDocuments)}}
	}
	for _, k := range d.Keys() {
		c.at = k
		c.document(d.things[k])
	}
	c.overlaps()
	return c.problems
}

type checker struct {
	d        *Documents
	at       Key
	problems []*Problem
	numbers  map[string]rivage.ID
	logins   map[string]rivage.ID
	excepted map[rivage.ID]rivage.ID // exceptions by agent
	pins     map[string]rivage.ID    // sites and workstations by the public keys that attest
	fields   map[rivage.ID]int       // of each Principal
	networks []siteNetwork
	resting  map[string]rivage.ID
	packs    []*policy.Pack // the program's, then the organisation's that were read
}

type siteNetwork struct {
	site   rivage.ID
	prefix netip.Prefix
}

func (c *checker) fail(path, format string, a ...any) {
	o := c.d.origins[c.at]
	c.problems = append(c.problems, &Problem{
		Document: c.at, Path: path, File: o.file, Line: o.line(path), Message: fmt.Sprintf(format, a...),
	})
}

func (c *checker) document(doc any) {
	if _, account := doc.(*rivage.Account); !account && !rivage.ValidSlug(string(c.at.ID)) {
		c.fail("id", "%q, want 1 to 40 of a-z, 0-9 and hyphens", c.at.ID)
	}
	switch t := doc.(type) {
	case *rivage.Principal:
		c.name("name", t.Name)
	case *rivage.Company:
		c.company(t)
	case *rivage.Site:
		c.site(t)
	case *rivage.Queue:
		c.queue(t)
	case *rivage.Account:
		c.account(t)
	case *rivage.Trunk:
		c.trunk(t)
	case *rivage.Number:
		c.number(t)
	case *rivage.Flow:
		c.flow(t)
	case *rivage.RuleSet:
		c.rules(t)
	case *rivage.Frame:
		c.frame(t)
	case *rivage.RulePack:
		c.pack(t)
	case *rivage.Rest:
		c.rest(t)
	case *rivage.AccessMatrix:
		c.matrix(t)
	case *rivage.Safeguard:
		c.safeguard(t)
	case *rivage.Opening:
		c.opening(t)
	case *rivage.CardSource:
		c.card(t)
	case *rivage.Workstation:
		c.workstation(t)
	case *rivage.Exception:
		c.exception(t)
	case *rivage.Field:
		c.field(t)
	case *rivage.Prompt:
		c.prompt(t)
	}
}

// text refuses an empty text, one that is too long, and control characters: it is shown and printed.
func (c *checker) text(path, s string, limit int) {
	switch n := utf8.RuneCountInString(s); {
	case strings.TrimSpace(s) == "":
		c.fail(path, "missing")
	case n > limit:
		c.fail(path, "%d characters, at most %d", n, limit)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		c.fail(path, "holds a control character or is not UTF-8")
	}
}

func (c *checker) name(path, s string) { c.text(path, s, maxName) }

func (c *checker) within(path string, n, low, high int) {
	if n < low || n > high {
		c.fail(path, "%d, want %d to %d", n, low, high)
	}
}

func oneOf[T ~string](c *checker, path string, v T, list ...T) {
	if !slices.Contains(list, v) {
		c.fail(path, "%q, want one of %q", v, list)
	}
}

// exists refuses a reference to nothing.
func (c *checker) exists(path, kind string, id rivage.ID) {
	if c.d.things[Key{kind, id}] == nil {
		c.fail(path, "there is no %s %q", kind, id)
	}
}

// principal refuses a Principal that does not exist; the organisation itself is one where shared says so.
func (c *checker) principal(id rivage.ID, shared bool) {
	if !shared || id != rivage.Organisation {
		c.exists("principal", rivage.TypePrincipal, id)
	}
}

// heard refuses a prompt that does not exist, or is of another Principal (promise 8).
func (c *checker) heard(path string, id, of rivage.ID) {
	p := find[rivage.Prompt](c.d, rivage.TypePrompt, id)
	switch {
	case p == nil:
		c.fail(path, "there is no prompt %q", id)
	case p.Principal != of && p.Principal != rivage.Organisation:
		c.fail(path, "prompt %q belongs to %q, not to %q", id, p.Principal, of)
	}
}

func (c *checker) country(path string, country rivage.Country) {
	if _, known := policy.JurisdictionOf(country); !known {
		c.fail(path, "%q, want the two capital letters of a country (ISO 3166-1)", country)
	}
}

func (c *checker) prefixes(path string, list []netip.Prefix, needed bool) {
	if needed && len(list) == 0 {
		c.fail(path, "missing: nothing is accepted from an address that is not declared")
	}
	if len(list) > maxNetworks {
		c.fail(path, "%d networks, at most %d", len(list), maxNetworks)
	}
	for i, p := range list {
		at := path + "." + strconv.Itoa(i)
		least := 8
		if p.IsValid() && p.Addr().Is6() {
			least = 16
		}
		switch {
		case !p.IsValid() || p.Addr().Is4In6():
			c.fail(at, "want a network like 192.0.2.0/24 or 2001:db8::/32")
		case p.Bits() < least:
			c.fail(at, "%s is wider than /%d: that is no longer somebody's network", p, least)
		case p != p.Masked():
			c.fail(at, "%s names a machine, want %s", p, p.Masked())
		}
	}
}

// overlaps refuses a network claimed by two sites: a session from there would be attested at both.
func (c *checker) overlaps() {
	slices.SortFunc(c.networks, func(x, y siteNetwork) int { return x.prefix.Compare(y.prefix) })
	var outer siteNetwork // prefixes nest or are apart, so that the last widest one is enough to compare with
	for i, n := range c.networks {
		if i > 0 && outer.prefix.Overlaps(n.prefix) {
			if outer.site != n.site {
				c.at = Key{rivage.TypeSite, n.site}
				c.fail("networks", "%s lies within %s of site %q", n.prefix, outer.prefix, outer.site)
			}
			continue
		}
		outer = n
	}
}
