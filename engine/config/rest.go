// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"fmt"
	"slices"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// restNames are the kinds of places in French.
var restNames = map[string]string{
	rivage.RestDatabase: "base de données", rivage.RestVault: "clés", rivage.RestRecordings: "enregistrements",
	rivage.RestBackup: "sauvegarde", rivage.RestReplica: "réplique",
}

// RestName is a kind of place where something rests, in French.
func RestName(what string) string { return restNames[what] }

// maxAt is how many characters the folder or name of a copy has.
const maxAt = 200

// rest refuses a place that says neither where it is nor who runs it, and a second one of what there is once.
func (c *checker) rest(t *rivage.Rest) {
	c.name("name", t.Name)
	oneOf(c, "what", t.What, rivage.RestKinds...)
	switch {
	case t.Site != "" && (t.Company != "" || t.Country != ""):
		c.fail("site", "a site gives company and country: leave them out")
	case t.Site != "":
		c.exists("site", rivage.TypeSite, t.Site)
	default:
		c.exists("company", rivage.TypeCompany, t.Company)
		c.country("country", t.Country)
	}
	copied := t.What == rivage.RestBackup || t.What == rivage.RestReplica
	switch {
	case t.At != "" && !copied:
		c.fail("at", "rivage.toml says where %s are: leave it out", t.What)
	case t.At != "":
		c.text("at", t.At, maxAt)
	case t.What == rivage.RestReplica:
		c.fail("at", "missing: the name that the replica gives itself (application_name)")
	}
	if !copied {
		if other, twice := c.resting[t.What]; twice {
			c.fail("what", "%q is the place of the %s already", other, t.What)
		}
		c.resting[t.What] = t.ID
	}
}

// Rests refuses settings under which a class would be written where it may not rest. What was so before does not forbid
// another change.
func (p *Plan) Rests(at time.Time) error {
	old := map[string]bool{}
	for _, f := range faultsOf(p.before, at) {
		old[f.Document.Type+f.Message] = true
	}
	return join("apply", slices.DeleteFunc(faultsOf(p.after, at), func(f *Problem) bool { return old[f.Document.Type+f.Message] }))
}

func faultsOf(d *Documents, at time.Time) []*Problem {
	s, gate, _ := d.Settings() // what does not load is refused by Check
	var list []*Problem
	for _, f := range gate.RestFaults(s, at) {
		if f.Rest == nil {
			continue // told by Warnings
		}
		k := Key{rivage.TypeRest, f.Rest.ID}
		o := d.origins[k]
		list = append(list, &Problem{
			Document: k, Path: "what", File: o.file, Line: o.line("what"),
			Message: fmt.Sprintf("data of class %q of %q (%s) would be written there, where it may not rest: %s", f.Held.Class, f.Held.Principal, f.Held.By, f.Decision.Reason),
		})
	}
	return list
}

// Warnings are the places, in French, that the settings leave undeclared once there is a client organisation.
func (p *Plan) Warnings(at time.Time) []string {
	s, gate, _ := p.after.Settings()
	var list []string
	for _, f := range gate.RestFaults(s, at) {
		if f.Rest == nil {
			list = append(list, Undeclared(f))
		}
	}
	return list
}

// Undeclared says in French which place nobody declared, and what to do.
func Undeclared(f policy.RestFault) string {
	said := fmt.Sprintf("Lieu de conservation non déclaré : %s. Déclarez-le sous rest/ (what = %q).", restNames[f.What], f.What)
	if f.What == rivage.RestRecordings {
		said += " Rien n'est enregistré d'ici là."
	}
	return said
}
