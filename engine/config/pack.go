// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"fmt"
	"slices"
	"strings"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// maxPacks is how many packs an organisation adds: their rows are looked at in every decision.
const maxPacks = 20

// packFile is a rule pack as its author writes it: `[[row]]` tables, nothing else.
type packFile struct {
	Rows []policy.PackRow `toml:"row"`
}

// CompilePack reads a rule pack. The error names each row and key that does not load.
func CompilePack(p *rivage.RulePack) (*policy.Pack, error) {
	compiled, problems := compilePack(p, "")
	if problems != nil {
		for _, f := range problems {
			f.Document = Key{rivage.TypePack, p.ID}
		}
		return nil, join("read the rule pack", problems)
	}
	return compiled, nil
}

func compilePack(p *rivage.RulePack, file string) (*policy.Pack, []*Problem) {
	if len(p.Text) > maxRulesText {
		return nil, []*Problem{{File: file, Message: fmt.Sprintf("%d bytes, at most %d", len(p.Text), maxRulesText)}}
	}
	var f packFile
	if problems := decode(file, []byte(p.Text), &f); problems != nil {
		return nil, problems
	}
	compiled, err := policy.NewPack(p.ID, f.Rows)
	if err == nil {
		return compiled, nil
	}
	return nil, cellProblems(err, origin{file: file, lines: linesOf([]byte(p.Text))})
}

// pack refuses one that does not load, that bears the id of one of the program's, or whose rows meet those of another on
// some day: nobody could say which of them held.
func (c *checker) pack(t *rivage.RulePack) {
	o := c.d.origins[c.at]
	if policy.OurPack(t.ID) != nil {
		c.fail("id", "%q is a pack of the program: give yours another id", t.ID)
	}
	if len(c.packs) >= len(ourPacks())+maxPacks {
		c.fail("id", "at most %d packs of your own", maxPacks)
	}
	compiled, problems := compilePack(t, o.file)
	for _, p := range problems {
		p.Document = c.at
	}
	c.problems = append(c.problems, problems...)
	if compiled == nil {
		return
	}
	for i := range compiled.Rows() {
		for _, other := range c.packs {
			if j := policy.Overlap(other.Rows(), &compiled.Rows()[i]); j >= 0 {
				path := fmt.Sprintf("row.%d.id", i)
				c.problems = append(c.problems, &Problem{
					Document: c.at, Path: path, File: o.file, Line: linesOrigin(o, t.Text).line(path),
					Message: fmt.Sprintf("the pack %q has the rule %q on some of these days", other.ID(), other.Rows()[j].ID),
				})
			}
		}
	}
	c.packs = append(c.packs, compiled)
}

// linesOrigin is where the keys of a document that is kept as its text stand in it.
func linesOrigin(o origin, text string) origin {
	return origin{file: o.file, lines: linesOf([]byte(text))}
}

// ourPacks are those of the program.
func ourPacks() []*policy.Pack {
	var list []*policy.Pack
	for _, p := range (*policy.Gate)(nil).Packs() {
		list = append(list, p.Pack)
	}
	return list
}

// served refuses a pack that cannot hold.
func (c *checker) served(t *rivage.Frame) {
	names := slices.Concat(policy.PacksAlways, policy.PacksServed)
	for i, id := range t.Packs {
		switch {
		case slices.Contains(names, id):
		case policy.OurPack(id) != nil:
			c.fail("packs", "the pack %q is off: none of its rows is in force", id)
		default:
			c.fail("packs", "%q, want one of %s; a pack of your own holds by being there", id, strings.Join(quoted(names), ", "))
		}
		repeated(c, "packs", t.Packs[:i], id)
	}
}

func quoted(ids []rivage.ID) []string {
	var list []string
	for _, id := range ids {
		list = append(list, fmt.Sprintf("%q", id))
	}
	return list
}
