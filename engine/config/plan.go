// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"rivage.example/rivage"
)

// MaxEntries is how many documents one plan may change: all of it is one append.
const MaxEntries = 4096

// Empty says whether nothing would change.
func (p *Plan) Empty() bool { return len(p.Changes) == 0 }

// After is what would be kept once the plan is applied.
func (p *Plan) After() *Documents { return p.after }

// By is who applies a plan.
type By struct {
	Account rivage.ID
	Subject rivage.ID // whose key masks the leaf's actor; "" for the command line
	Role    string
	// Apart refuses an account that does not count as another person than who applies the plan; nil refuses all.
	Apart func(other rivage.ID) error
	// Own refuses what is the account's own act alone while somebody else lately had it in hand; nil refuses.
	Own func() error
}

// second says whether who applies a plan is a second person beside who began, signed in and not the command line.
func (b By) second(first rivage.ID) bool {
	return b.Account != "" && b.Account != rivage.CommandLine && first != "" && first != b.Account && b.Apart != nil
}

// apart refuses a second person who lately was in one hand with who began; the command line has none.
func (b By) apart(first rivage.ID) error {
	if first == rivage.CommandLine {
		return nil
	}
	return b.Apart(first)
}

// Entries makes the one append that applies the plan: all of it is written, or nothing. It expects every document to
// stand where it was read. New accounts bring their subjects, prompts their audio; names and logins are cells under the
// account's own subject, and the login is the index under which it is found. The error says that the plan is too large.
func (p *Plan) Entries(by By, at time.Time) (rivage.Append, error) {
	if len(p.Changes) > MaxEntries {
		return rivage.Append{}, &rivage.Error{Code: rivage.Invalid, Message: fmt.Sprintf(
			"apply: %d changes, at most %d at once: apply the folder in parts", len(p.Changes), MaxEntries)}
	}
	if err := p.Rests(at); err != nil {
		return rivage.Append{}, err
	}
	var a rivage.Append
	for i := range p.Changes {
		c := &p.Changes[i]
		k := Key{c.Type, c.ID}
		stream := streamOf(k)
		version := p.after.streams[stream]
		a.Expect = append(a.Expect, rivage.StreamVersion{Stream: stream, Version: version})
		e := rivage.Entry{Stream: stream, At: at, Actor: by.Subject, Leaf: rivage.Leaf{Role: by.Role, Field: c.Type}}
		if c.Op == Delete && c.Type == rivage.TypeOpening && p.after.things[Key{rivage.TypeSite, c.ID}] != nil {
			return rivage.Append{}, invalid("remove the opening of %s: without its dossier the site would stand open: decide no-go, or remove the site too", c.ID)
		}
		if c.Op == Delete && c.Type == rivage.TypeFrame {
			return rivage.Append{}, invalid("remove the frame: a profile is changed, by two persons, never taken away")
		}
		if c.Op == Delete {
			e.Principal = p.before.Of(k)
			e.Facts = &rivage.SettingRemoved{Type: c.Type, ID: c.ID, Of: e.Principal, By: by.Account}
		} else if err := p.set(&a, &e, c, version+1, by); err != nil {
			return rivage.Append{}, err
		}
		e.Leaf.Outcome = string(c.Op)
		a.Entries = append(a.Entries, e)
	}
	return a, nil
}

// fresh says whether there was no client organisation before.
func (p *Plan) fresh() bool {
	for k := range p.before.things {
		if k.Type == rivage.TypePrincipal {
			return false
		}
	}
	return true
}

// set fills the entry of a document that is added or edited.
func (p *Plan) set(a *rivage.Append, e *rivage.Entry, c *Change, version int64, by By) error {
	k := Key{c.Type, c.ID}
	doc := p.after.things[k]
	if frame, ok := doc.(*rivage.Frame); ok {
		var err error
		if doc, err = framed(find[rivage.Frame](p.before, c.Type, c.ID), frame, by, p.fresh()); err != nil {
			return err
		}
	}
	if opening, ok := doc.(*rivage.Opening); ok {
		var err error
		if doc, err = decided(find[rivage.Opening](p.before, c.Type, c.ID), opening, find[rivage.Site](p.after, rivage.TypeSite, c.ID), by.Account, e.At); err != nil {
			return err
		}
	}
	if x, ok := doc.(*rivage.Exception); ok {
		var err error
		if doc, err = excepted(x, by); err != nil {
			return err
		}
	}
	if account, ok := doc.(*rivage.Account); ok {
		changed, step, err := p.support(account, by, e.At)
		if err != nil {
			return err
		}
		if doc = changed; step != nil {
			step.Actor, step.Leaf.Role = by.Subject, by.Role
			a.Entries = append(a.Entries, *step)
		}
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("apply %s %s: %w", c.Type, c.ID, err)
	}
	e.Principal = p.after.Of(k)
	e.Facts = &rivage.SettingSet{Type: c.Type, ID: c.ID, Of: e.Principal, Version: version, Doc: text, By: by.Account}
	switch t := doc.(type) {
	case *rivage.Account:
		p.seal(a, e, t)
	case *rivage.Prompt:
		if content, ok := p.after.audio[t.Audio]; ok {
			hash, err := rivage.ParseHash(t.Audio)
			if err != nil {
				return fmt.Errorf("apply prompt %s: %w", t.ID, err)
			}
			a.Blobs = append(a.Blobs, rivage.Blob{Hash: hash, Content: content})
		}
	case *rivage.RuleSet:
		table, err := CompileRules(t)
		if err != nil {
			return err
		}
		e.Leaf.Rules = table.Hash() // an auditor sees which rule set holds from here on
	case *rivage.AccessMatrix:
		m, err := CompileMatrix(t)
		if err != nil {
			return err
		}
		e.Leaf.Rules = m.Hash()
	case *rivage.RulePack:
		pack, err := CompilePack(t)
		if err != nil {
			return err
		}
		e.Leaf.Rules = pack.Hash()
	}
	return nil
}

// seal gives an account's entry what names the person, when it is new or has changed.
func (p *Plan) seal(a *rivage.Append, e *rivage.Entry, t *rivage.Account) {
	old := find[rivage.Account](p.before, rivage.TypeAccount, t.ID)
	if old == nil {
		a.NewSubjects = append(a.NewSubjects, t.Subject)
	}
	if old != nil && old.Name == t.Name && old.Login == t.Login {
		return
	}
	e.Subject = t.Subject
	e.Cells = []rivage.Cell{{Name: "name", Value: []byte(t.Name)}, {Name: "login", Value: []byte(t.Login)}}
	e.Indexes = []rivage.Index{{Kind: "login", Value: t.Login}}
}

// typeNames are the types in French, as the lines of a plan name them.
var typeNames = map[string]string{
	rivage.TypePrincipal: "donneur d'ordre", rivage.TypeCompany: "société", rivage.TypePrompt: "message", rivage.TypeSite: "site",
	rivage.TypeQueue: "file", rivage.TypeFlow: "scénario", rivage.TypeNumber: "numéro", rivage.TypeTrunk: "raccordement",
	rivage.TypeRules: "règles", rivage.TypeFrame: "cadre", rivage.TypeMatrix: "matrice", rivage.TypeSafeguard: "garantie", rivage.TypeCard: "source de fiches", rivage.TypeField: "champ",
	rivage.TypeAccount: "compte", rivage.TypePack: "paquet de règles", rivage.TypeRest: "lieu de conservation",
	rivage.TypeWorkstation: "poste", rivage.TypeException: "exception", rivage.TypeOpening: "ouverture de site",
}

// maxShown is how many characters of a value a line shows.
const maxShown = 60

// Lines is the plan for people, in French: one line for each document, "+", "~" or "-", one below for each key that
// changes, and a sum.
func (p *Plan) Lines() []string {
	var lines []string
	n := map[Op]int{}
	for _, c := range p.Changes {
		n[c.Op]++
		line := fmt.Sprintf("%s %s %s", map[Op]string{Add: "+", Edit: "~", Delete: "-"}[c.Op], typeNames[c.Type], c.ID)
		if c.Name != "" && c.Name != string(c.ID) {
			line += " (" + c.Name + ")"
		}
		lines = append(lines, line)
		for _, f := range c.Fields {
			lines = append(lines, fmt.Sprintf("    %s : %s → %s", f.Key, shown(f.From), shown(f.To)))
		}
	}
	for _, k := range p.Kept {
		lines = append(lines, fmt.Sprintf("= %s %s : absent du dossier, conservé", typeNames[k.Type], k.ID))
	}
	lines = append(lines, p.abroad()...)
	return append(lines, fmt.Sprintf("Ajouts : %d. Modifications : %d. Retraits : %d. Conservés : %d. Inchangés : %d.",
		n[Add], n[Edit], n[Delete], len(p.Kept), p.Same-len(p.Kept)))
}

func shown(value string) string {
	switch {
	case value == "":
		return "(rien)"
	case utf8.RuneCountInString(value) <= maxShown:
		return value
	}
	r := []rune(value)
	return string(r[:maxShown-1]) + "…"
}
