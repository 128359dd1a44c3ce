// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// Op is what happens to a document.
type Op string

// The operations.
const (
	Add    Op = "add"
	Edit   Op = "edit"
	Delete Op = "delete"
)

// Change is one document that becomes another.
type Change struct {
	Op     Op            `json:"op"`
	Type   string        `json:"type"`
	ID     rivage.ID     `json:"id"`
	Name   string        `json:"name,omitempty"` // to show; a person's name for an account
	Fields []FieldChange `json:"fields,omitempty"`
}

// FieldChange is one key of a document, "recording.notice", or of a rule, "rule france.zones". Values are compact JSON;
// "" is absent.
type FieldChange struct {
	Key  string `json:"key"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Plan is what would change. It is made by Diff and turned into entries as a whole.
type Plan struct {
	Changes []Change
	Kept    []Key // present now, not wanted, and not removed because nobody asked for it
	Same    int   // documents that stay as they are
	before  *Documents
	after   *Documents
}

// Options of Diff.
type Options struct {
	Remove bool             // what is not wanted goes; otherwise it stays
	NewID  func() rivage.ID // rivage.NewID when nil
}

// Diff compares what is kept with what is wanted. Accounts without an id are found again by their login; new ones get
// an id and a subject. With problems there is no plan: all of it can be applied, or nothing.
func Diff(current, wanted *Documents, o Options) (*Plan, []*Problem) {
	if o.NewID == nil {
		o.NewID = rivage.NewID
	}
	p := &Plan{before: current, after: settle(current, wanted, o.NewID)}
	problems := p.keepOrRemove(o.Remove)
	p.begin()
	problems = append(problems, p.check()...)
	problems = append(problems, p.moved()...)
	if len(problems) > 0 {
		return nil, problems
	}
	for _, k := range p.after.Keys() {
		p.compare(k)
	}
	removed := slices.DeleteFunc(current.Keys(), func(k Key) bool { return p.after.things[k] != nil })
	for _, k := range slices.Backward(removed) { // who refers goes before what is referred to
		p.Changes = append(p.Changes, Change{Op: Delete, Type: k.Type, ID: k.ID, Name: nameOf(current.things[k])})
	}
	return p, nil
}

// settle gives wanted accounts their ids and subjects, and wanted prompts without a file the audio they have.
func settle(current, wanted *Documents, newID func() rivage.ID) *Documents {
	after := New()
	maps.Copy(after.streams, current.streams)
	maps.Copy(after.streams, wanted.streams)
	maps.Copy(after.audio, wanted.audio)
	maps.Copy(after.again, wanted.again)
	logins := map[string]rivage.ID{}
	for k, doc := range current.things {
		if a, ok := doc.(*rivage.Account); ok && a.Login != "" {
			logins[a.Login] = k.ID
		}
	}
	for _, k := range wanted.Keys() {
		doc, o := wanted.things[k], wanted.origins[k]
		switch t := doc.(type) {
		case *rivage.Account:
			a := *t
			if provisional(a.ID) {
				if a.ID = logins[a.Login]; a.ID == "" {
					a.ID = newID()
				}
			}
			if old := find[rivage.Account](current, k.Type, a.ID); old != nil {
				a.Subject = old.Subject
			} else if a.Subject == "" {
				a.Subject = newID()
			}
			a.Support = keptSupport(find[rivage.Account](current, k.Type, a.ID), &a)
			bindAgent(&a)
			k.ID, doc = a.ID, &a
		case *rivage.Opening:
			doc = signedBefore(find[rivage.Opening](current, k.Type, k.ID), t)
		case *rivage.Exception:
			x := *t
			x.By = "" // nobody says whose act it is but Entries
			if old := find[rivage.Exception](current, k.Type, k.ID); old != nil {
				x.By = old.By
			}
			doc = &x
		case *rivage.Prompt:
			if old := find[rivage.Prompt](current, k.Type, k.ID); old != nil && t.Audio == "" {
				p := *t
				p.Audio = old.Audio
				if p.Audio != "" {
					p.Source = old.Source
				}
				doc = &p
			}
		}
		after.put(k, doc, o)
	}
	return after
}

// bindAgent gives the agent of an account the account's id and subject, whatever the document said.
func bindAgent(a *rivage.Account) {
	if a.Agent == nil {
		return
	}
	g := *a.Agent
	g.ID, g.Subject = a.ID, a.Subject
	a.Agent = &g
}

// keepOrRemove completes the result with what is not wanted, unless it is to go.
func (p *Plan) keepOrRemove(remove bool) []*Problem {
	if remove {
		if administrators(p.before) > 0 && administrators(p.after) == 0 {
			return []*Problem{{Message: "no administrator would be left"}}
		}
		return nil
	}
	for _, k := range p.before.Keys() {
		if p.after.things[k] == nil {
			p.Kept = append(p.Kept, k)
			p.after.put(k, p.before.things[k], origin{})
		}
	}
	return nil
}

func administrators(d *Documents) int {
	n := 0
	for _, doc := range d.things {
		if a, ok := doc.(*rivage.Account); ok &&
			slices.ContainsFunc(a.Roles, func(r rivage.Role) bool { return r.Name == "administrator" }) {
			n++
		}
	}
	return n
}

// check looks at the whole result. What was wrong before with a document that stays as it is does not forbid changing
// another: a later version may judge more strictly.
func (p *Plan) check() []*Problem {
	type fault struct {
		document      Key
		path, message string
	}
	old := map[fault]bool{}
	for _, f := range p.before.Check() {
		old[fault{f.Document, f.Path, f.Message}] = true
	}
	return slices.DeleteFunc(p.after.Check(), func(f *Problem) bool {
		was, is := p.before.things[f.Document], p.after.things[f.Document]
		return old[fault{f.Document, f.Path, f.Message}] && was != nil && is != nil && maps.Equal(fieldsOf(was), fieldsOf(is))
	})
}

// moved refuses a document that changes its Principal: the history of a stream stays with whom it is about (promise 8).
func (p *Plan) moved() []*Problem {
	var list []*Problem
	for _, k := range p.after.Keys() {
		was, is := p.before.Of(k), p.after.Of(k)
		if was != "" && was != is {
			o := p.after.origins[k]
			list = append(list, &Problem{
				Document: k, Path: "principal", File: o.file, Line: o.line("principal"),
				Message: fmt.Sprintf("it belongs to %q and cannot move to %q: give the new one another id", was, is),
			})
		}
	}
	return list
}

func (p *Plan) compare(k Key) {
	old, doc := p.before.things[k], p.after.things[k]
	c := Change{Op: Edit, Type: k.Type, ID: k.ID, Name: nameOf(doc)}
	if old == nil {
		c.Op = Add
		p.Changes = append(p.Changes, c)
		return
	}
	from, to := fieldsOf(old), fieldsOf(doc)
	for _, key := range slices.Sorted(maps.Keys(union(from, to))) {
		if from[key] != to[key] {
			c.Fields = append(c.Fields, FieldChange{key, from[key], to[key]})
		}
	}
	if (k.Type == rivage.TypeRules || k.Type == rivage.TypeMatrix || k.Type == rivage.TypePack) && len(c.Fields) > 1 { // what it says tells it better than the text
		c.Fields = slices.DeleteFunc(c.Fields, func(f FieldChange) bool { return f.Key == "text" })
	}
	if c.Fields == nil && !p.after.again[k] {
		p.Same++
		return
	}
	p.Changes = append(p.Changes, c)
}

func union(x, y map[string]string) map[string]string {
	u := maps.Clone(x)
	maps.Copy(u, y)
	return u
}

// fieldsOf is a document by key, tables by dotted key, each value as compact JSON.
func fieldsOf(doc any) map[string]string {
	fields := map[string]string{}
	flatten(fields, "", encodeJSON(doc))
	switch t := doc.(type) {
	case *rivage.Account:
		fields["name"], fields["login"] = string(encodeJSON(t.Name)), string(encodeJSON(t.Login))
		maps.DeleteFunc(fields, func(key, _ string) bool { return key == "subject" || key == "agent.id" || key == "agent.subject" })
	case *rivage.RuleSet:
		var f ruleFile
		if decode("", []byte(t.Text), &f) != nil {
			break // shown as a text
		}
		for i := range f.Rules {
			flatten(fields, "rule "+f.Rules[i].ID, encodeJSON(&f.Rules[i]))
		}
	case *rivage.RulePack:
		var f packFile
		if decode("", []byte(t.Text), &f) != nil {
			break
		}
		for i := range f.Rows {
			r := &f.Rows[i]
			flatten(fields, "row "+r.ID+" "+string(r.ValidFrom), encodeJSON(r))
		}
	case *rivage.AccessMatrix:
		var rows policy.Rows
		if decode("", []byte(t.Text), &rows) == nil {
			flatten(fields, "", encodeJSON(rows))
		}
	}
	return fields
}

// encodeJSON is a value as JSON; no type of a document holds what JSON cannot.
func encodeJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return text
}

func flatten(fields map[string]string, path string, text []byte) {
	var table map[string]json.RawMessage
	if len(text) == 0 || text[0] != '{' || json.Unmarshal(text, &table) != nil {
		fields[path] = string(text)
		return
	}
	for key, value := range table {
		flatten(fields, joinPath(path, key), value)
	}
}

// nameOf is how people call a document.
func nameOf(doc any) string {
	switch t := doc.(type) {
	case *rivage.Principal:
		return t.Name
	case *rivage.Company:
		return t.Name
	case *rivage.Site:
		return t.Name
	case *rivage.Queue:
		return t.Name
	case *rivage.Account:
		return t.Login
	case *rivage.Trunk:
		return t.Name
	case *rivage.Number:
		return t.Number
	case *rivage.Flow:
		return t.Name
	case *rivage.CardSource:
		return t.Name
	case *rivage.Rest:
		return t.Name
	case *rivage.Field:
		return t.Label
	}
	return ""
}
