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

// Rests refuses settings under which a class would be written where it may not rest, or where nobody says it is: an unknown
// place is no place for anything new. What was so before does not forbid another change.
func (p *Plan) Rests(at time.Time) error {
	old := faultsOf(p.before, at)
	var list []*Problem
	for _, f := range faultsOf(p.after, at) {
		if !slices.ContainsFunc(old, f.same) {
			list = append(list, f.problem(p.after))
		}
	}
	return join("apply", list)
}

// restFault is a class that would be written where it may not rest, or to a place that nobody declared.
type restFault policy.RestFault

// same says whether two are of the same class at the same place, whichever queue or field brings it in.
func (f restFault) same(o restFault) bool {
	return f.What == o.What && (f.Rest == nil) == (o.Rest == nil) && (f.Rest == nil || f.Rest.ID == o.Rest.ID) &&
		f.Held.Principal == o.Held.Principal && f.Held.Class == o.Held.Class
}

func (f restFault) problem(d *Documents) *Problem {
	if f.Rest == nil {
		return &Problem{Document: Key{rivage.TypeRest, rivage.ID(f.What)}, Path: "what", Message: fmt.Sprintf(
			"nobody says where the %s is, and data of class %q of %q (%s) would be written there: declare it under rest/ (what = %q)",
			f.What, f.Held.Class, f.Held.Principal, f.Held.By, f.What)}
	}
	k := Key{rivage.TypeRest, f.Rest.ID}
	o := d.origins[k]
	return &Problem{
		Document: k, Path: "what", File: o.file, Line: o.line("what"),
		Message: fmt.Sprintf("data of class %q of %q (%s) would be written there, where it may not rest: %s", f.Held.Class, f.Held.Principal, f.Held.By, f.Decision.Reason),
	}
}

// faultsOf are those of what is written by itself. Where recordings are not declared, nothing is recorded: that is none. Nor is
// the stop of a country where something rests: it keeps people from reaching data, and is never put off.
func faultsOf(d *Documents, at time.Time) (list []restFault) {
	s, gate, _ := d.Settings() // what does not load is refused by Check
	for _, f := range gate.RestFaults(s, at) {
		switch {
		case f.Rest != nil && f.Decision.Rule == policy.RuleStopped:
		case f.Rest != nil:
			list = append(list, restFault(f))
		case f.What != rivage.RestRecordings:
			for _, h := range policy.HeldBy(s) {
				list = append(list, restFault{What: f.What, Held: h})
			}
		}
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
