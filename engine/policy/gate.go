// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"rivage.example/rivage"
)

// Gate holds the tables of all Principals. It is read-only: a changed rule makes another Gate. A nil Gate refuses.
type Gate struct {
	frame  *Frame
	tables map[rivage.ID]*Table
	own    *Table // without a rule: what bounds the organisation's own connections
}

// NewGate joins one table for each Principal, within a frame. Two tables for one Principal contradict each other, and it
// is refused everything.
func NewGate(f *Frame, tables ...*Table) *Gate {
	g := &Gate{frame: f, tables: make(map[rivage.ID]*Table, len(tables)), own: ownTable().under(f)}
	for _, t := range tables {
		if t == nil {
			continue
		}
		if _, twice := g.tables[t.principal]; twice {
			g.tables[t.principal] = nil
			continue
		}
		g.tables[t.principal] = t.under(f)
	}
	return g
}

// ownTable is the organisation's table without a rule.
var ownTable = sync.OnceValue(func() *Table {
	t, err := Compile(rivage.Organisation, nil)
	if err != nil { // there is no rule that could fail
		panic(err)
	}
	return t
})

// As is the gate that would be if the organisation changed its profile.
func (g *Gate) As(p rivage.Profile) *Gate {
	if g == nil || g.frame == nil {
		return g
	}
	f := *g.frame
	f.profile = p
	f.hash = f.sum()
	other := &Gate{frame: &f, tables: make(map[rivage.ID]*Table, len(g.tables)), own: g.own.under(&f)}
	for id, t := range g.tables {
		if t != nil {
			t = t.under(&f)
		}
		other.tables[id] = t
	}
	return other
}

// Table is the rule table of a Principal, nil when there is none.
func (g *Gate) Table(principal rivage.ID) *Table {
	if g == nil {
		return nil
	}
	return g.tables[principal]
}

// Principals lists whose rules the gate holds, in order.
func (g *Gate) Principals() []rivage.ID {
	if g == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(g.tables))
}

// Decide answers without making a grant: for lists, for routing, for what is only shown as possible.
func (g *Gate) Decide(r Request, at time.Time) rivage.Decision {
	return g.Table(r.Principal).Decide(r, at)
}

// Ask decides and, when the answer is yes, makes the Grant for the request's action on its target. The grant lasts ttl,
// and never beyond the instant at which a rule, its hours or an adequacy begins or ends.
func (g *Gate) Ask(r Request, now time.Time, ttl time.Duration) (Grant, rivage.Decision) {
	t := g.Table(r.Principal)
	d := t.Decide(r, now)
	if !d.Allowed {
		return Grant{decision: d}, d
	}
	end := now.Add(ttl)
	if edge, ok := t.nextEdge(now.UnixMicro(), end.UnixMicro()); ok {
		end = time.UnixMicro(edge).UTC()
	}
	return Grant{action: r.Action, target: r.Target, end: end, decision: d}, d
}

// NextChange is the first instant after at when any answer may change although no rule is edited: whoever keeps
// answers asks again then. False when there is none.
func (g *Gate) NextChange(at time.Time) (time.Time, bool) {
	var first int64
	var some bool
	if g == nil {
		return time.Time{}, false
	}
	for _, t := range g.tables {
		if t == nil {
			continue
		}
		if edge, ok := t.nextEdge(at.UnixMicro(), math.MaxInt64); ok && (!some || edge < first) {
			first, some = edge, true
		}
	}
	if !some {
		return time.Time{}, false
	}
	return time.UnixMicro(first).UTC(), true
}
