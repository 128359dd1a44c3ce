// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"strconv"
	"strings"
	"unicode"

	"rivage.example/rivage"
)

// account checks somebody who may sign in.
func (c *checker) account(t *rivage.Account) {
	if !randomID(t.ID) && !provisional(t.ID) {
		// It stands in facts, which nothing erases: a name there would outlive its person (promise 4).
		c.fail("id", "%q, want 26 random characters of a-z and 2-7; leave it out for a new account", t.ID)
	}
	c.name("name", t.Name)
	c.login(t)
	oneOf(c, "lang", t.Lang, "fr", "en")
	if len(t.Roles) == 0 {
		c.fail("roles", "missing: an account without a role may do nothing")
	}
	c.telework(t)
	c.support(t)
	answers := false
	for i := range t.Roles {
		c.role("roles."+strconv.Itoa(i), &t.Roles[i])
		answers = answers || t.Roles[i].Name == "agent"
	}
	if answers != (t.Agent != nil) {
		c.fail("agent", `the role "agent" and the table agent go together`)
	}
	switch {
	case t.Agent != nil:
		c.agent(t.Agent)
		if t.Site != "" {
			c.fail("site", "stands in the table agent of who answers")
		}
	case t.Site != "":
		c.exists("site", rivage.TypeSite, t.Site)
	}
}

// telework refuses a site that is not one of homes: whoever may state an office may state any country.
func (c *checker) telework(t *rivage.Account) {
	if len(t.Telework) > maxValues {
		c.fail("telework", "%d sites, at most %d", len(t.Telework), maxValues)
	}
	for i, id := range t.Telework {
		repeated(c, "telework", t.Telework[:i], id)
		switch site := find[rivage.Site](c.d, rivage.TypeSite, id); {
		case site == nil:
			c.fail("telework", "there is no site %q", id)
		case !site.Telework:
			c.fail("telework", "site %q is not one of teleworking (telework = true)", id)
		}
	}
}

func (c *checker) login(t *rivage.Account) {
	c.name("login", t.Login)
	if t.Login != strings.ToLower(t.Login) || strings.ContainsFunc(t.Login, unicode.IsSpace) {
		c.fail("login", "want lower case and no spaces")
	}
	if _, twice := c.logins[t.Login]; twice && t.Login != "" {
		c.fail("login", "another account has this login")
	}
	c.logins[t.Login] = t.ID
}

func (c *checker) role(path string, r *rivage.Role) {
	oneOf(c, path+".name", r.Name, "agent", "supervisor", "administrator", "dpo", rivage.RoleSupport)
	c.scope(path+".principals", rivage.TypePrincipal, r.Principals)
	c.scope(path+".queues", rivage.TypeQueue, r.Queues)
	c.scope(path+".sites", rivage.TypeSite, r.Sites)
}

func (c *checker) scope(path, kind string, ids []rivage.ID) {
	if len(ids) > maxValues {
		c.fail(path, "%d values, at most %d", len(ids), maxValues)
	}
	for _, id := range ids {
		organisation := kind == rivage.TypePrincipal && id == rivage.Organisation
		if id != "*" && !organisation {
			c.exists(path, kind, id)
		}
	}
}

func (c *checker) agent(t *rivage.Agent) {
	if t.Site != "" { // whoever works nowhere in particular is of an unknown place
		c.exists("agent.site", rivage.TypeSite, t.Site)
	}
	if len(t.Queues) > maxValues {
		c.fail("agent.queues", "%d queues, at most %d", len(t.Queues), maxValues)
	}
	for _, q := range t.Queues {
		c.exists("agent.queues", rivage.TypeQueue, q)
	}
	c.skills("agent.skills", t.Skills)
	oneOf(c, "agent.device.kind", t.Device.Kind, "browser", "sip")
	switch t.Device.Kind {
	case "browser":
		if t.Device.URI != "" || t.Device.Trunk != "" {
			c.fail("agent.device", "a browser has neither uri nor trunk")
		}
	case "sip":
		if !strings.HasPrefix(t.Device.URI, "sip:") || len(t.Device.URI) > 200 || strings.ContainsFunc(t.Device.URI, notURI) {
			c.fail("agent.device.uri", "want an address like sip:4001@192.0.2.10:5060")
		}
		c.exists("agent.device.trunk", rivage.TypeTrunk, t.Device.Trunk)
	}
}

func notURI(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`<>"`, r) }

// randomID says whether id has the form that rivage.NewID makes.
func randomID(id rivage.ID) bool {
	return len(id) == 26 && strings.Trim(string(id), "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// provisionalOf stands for the id of an account whose document names none, until Diff finds it by its login or makes a
// new one.
func provisionalOf(login string) rivage.ID { return rivage.ID("?" + login) }

func provisional(id rivage.ID) bool { return strings.HasPrefix(string(id), "?") }
