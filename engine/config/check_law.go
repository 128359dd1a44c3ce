// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// maxReference is how many characters the reference of a safeguard has.
const maxReference = 300

// maxWatch is more persons than anybody reaches in an hour one by one.
const maxWatch = 10_000

func (c *checker) frame(t *rivage.Frame) {
	if t.ID != rivage.Organisation {
		c.fail("id", "%q, want %q: there is one frame", t.ID, rivage.Organisation)
	}
	oneOf(c, "profile", t.Profile, rivage.Profiles...)
	for i, country := range t.Stopped {
		c.country("stopped", country)
		repeated(c, "stopped", t.Stopped[:i], country)
	}
	c.served(t)
	if w := t.Watch; w != nil {
		c.within("watch.told", w.Told, 1, maxWatch)
		c.within("watch.most", w.Most, max(w.Told, 1), maxWatch)
	}
	if t.Proposed != "" {
		oneOf(c, "proposed", t.Proposed, rivage.Profiles...)
	}
	if t.Proposed == t.Profile {
		c.fail("proposed", "%q is the profile in force", t.Proposed)
	}
}

// matrix refuses a table with a hole, or with a word outside the closed lists.
func (c *checker) matrix(t *rivage.AccessMatrix) {
	if t.ID != t.Principal {
		c.fail("principal", "%q, want %q: a matrix bears the id of its Principal", t.Principal, t.ID)
	}
	c.principal(t.Principal, true)
	_, problems := compileMatrix(t, c.d.origins[c.at].file)
	for _, p := range problems {
		p.Document = c.at
	}
	c.problems = append(c.problems, problems...)
}

// safeguard refuses one without an end, or that nothing could ever rest on.
func (c *checker) safeguard(t *rivage.Safeguard) {
	c.principal(t.Principal, true)
	oneOf(c, "kind", t.Kind, rivage.SafeguardKinds...)
	c.text("reference", t.Reference, maxReference)
	c.days("", t.From, t.Until, "a safeguard has an end")
	if t.Kind == rivage.SafeguardClauses {
		c.within("module", t.Module, 1, 4)
	} else if t.Module != 0 {
		c.fail("module", "only clauses have a module")
	}
	for i, class := range t.Classes {
		oneOf(c, "classes", class, rivage.DataClasses...)
		repeated(c, "classes", t.Classes[:i], class)
	}
	for i, mode := range t.Modes {
		oneOf(c, "modes", mode, rivage.Modes...)
		repeated(c, "modes", t.Modes[:i], mode)
	}
	c.reaches(t)
}

// reaches refuses a safeguard for nobody, or for a place that needs none.
func (c *checker) reaches(t *rivage.Safeguard) {
	if t.Kind == rivage.SafeguardDerogation {
		if t.Company != "" || t.Country != "" {
			c.fail("company", "a derogation is for places that are not known: leave company and country out")
		}
		return
	}
	c.exists("company", rivage.TypeCompany, t.Company)
	c.country("country", t.Country)
	if t.Kind == rivage.SafeguardScope && policy.ZoneOf(t.Country) != rivage.ZoneAdequatePartial {
		c.fail("country", "%s has no partial adequacy decision that somebody could be in the scope of", t.Country)
	}
}

func repeated[T ~string](c *checker, path string, before []T, v T) {
	for _, b := range before {
		if b == v {
			c.fail(path, "%q stands twice", v)
		}
	}
}

// days refuses a time without an end, or that ends before it begins.
func (c *checker) days(path string, first, last rivage.Date, why string) {
	from, okFrom := first.Day()
	until, okUntil := last.Day()
	switch {
	case !okFrom:
		c.fail(path+"from", `want a day between quotes, like "2026-01-31"`)
	case !okUntil:
		c.fail(path+"until", `want a day between quotes, like "2026-12-31": %s`, why)
	case until.Before(from):
		c.fail(path+"until", "the last day is before the first")
	}
}

// declaration refuses a way in or out that does not say what it is for and when it ends. What was set before declarations
// were asked for stays readable, and closed.
func (c *checker) declaration(d *rivage.Declaration) {
	if d == nil {
		c.fail("declared", "missing: a connection is closed without a table [declared] with purpose, classes, basis, from and until")
		return
	}
	oneOf(c, "declared.purpose", d.Purpose, policy.Purposes...)
	if len(d.Classes) == 0 {
		c.fail("declared.classes", "missing: only the classes that are declared pass")
	}
	for i, class := range d.Classes {
		oneOf(c, "declared.classes", class, rivage.DataClasses...)
		repeated(c, "declared.classes", d.Classes[:i], class)
	}
	c.text("declared.basis", d.Basis, maxReference)
	c.days("declared.", d.From, d.Until, "a connection has an end")
}
