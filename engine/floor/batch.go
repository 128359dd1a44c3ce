// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"encoding/json"
	"time"

	"rivage.example/rivage"
)

// batch gathers what one step decides.
type batch struct {
	s        *State
	now      Moment
	entries  []rivage.Entry
	subjects []rivage.ID
	effects  []Effect
	world    bool
}

func (b *batch) result() Result {
	return Result{Entries: b.entries, NewSubjects: b.subjects, Effects: b.effects, World: b.world}
}

func (b *batch) do(effects ...Effect) { b.effects = append(b.effects, effects...) }

func (b *batch) micros() rivage.Micros { return rivage.At(b.now.Wall) }

// until is the wall-clock form of a deadline, for rows and screens; the floor itself counts on Elapsed.
func (b *batch) until(d time.Duration) rivage.Micros { return rivage.At(b.now.Wall.Add(d)) }

// about adds an entry to an interaction's stream.
func (b *batch) about(c *call, leaf rivage.Leaf, facts rivage.Facts) *rivage.Entry {
	if leaf.Class == "" {
		leaf.Class = c.row.Class
	}
	return b.add(rivage.Entry{
		Stream: rivage.StreamOf("interaction", c.row.ID), Principal: c.row.Principal, Leaf: leaf, Facts: facts,
	})
}

func (b *batch) add(e rivage.Entry) *rivage.Entry {
	e.At = b.now.Wall
	b.s.tallied(e.At, e.Facts)
	b.entries = append(b.entries, e)
	return &b.entries[len(b.entries)-1]
}

// seal gives e a body under a subject's key, and the cells that rows copy.
func (b *batch) seal(e *rivage.Entry, subject rivage.ID, body map[string]string, cells ...string) {
	e.Subject = subject
	e.Body, _ = json.Marshal(body) // a map of strings always encodes
	for _, name := range cells {
		if body[name] != "" {
			e.Cells = append(e.Cells, rivage.Cell{Name: name, Value: []byte(body[name])})
		}
	}
}

// byAgent is the leaf of something an agent did, from where the agent's session is.
func byAgent(a *agent, outcome string) rivage.Leaf {
	return rivage.Leaf{
		Role: "agent", Site: a.row.Place.Site, Country: a.row.Place.Vouched(), Evidence: a.row.Place.Evidence, Outcome: outcome,
	}
}

// byRule is the leaf of something a rule decided for a place.
func byRule(p rivage.Place, d rivage.Decision, mode rivage.Mode, purpose rivage.Purpose, outcome string) rivage.Leaf {
	return rivage.Leaf{
		Role: "system", Site: p.Site, Country: p.Vouched(), Evidence: p.Evidence, Mode: mode, Purpose: purpose,
		Basis: d.Basis, Rule: d.Rule, Rules: d.Rules, Outcome: outcome,
	}
}
