// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"slices"
	"strings"
	"time"

	"rivage.example/rivage"
)

// DecideField decides as Decide does and, of a field of a card, whether its class may pass the connection to the system that
// holds it: whoever may see it, a closed system is not asked for it. Whoever makes the decision again asks here too, with
// the settings of that moment.
func (g *Gate) DecideField(s *rivage.Settings, r Request, at time.Time) rivage.Decision {
	d := g.Decide(r, at)
	if !d.Allowed {
		return d
	}
	if passes, card := g.passesCard(s, r, at); card && !passes.Allowed {
		return passes
	}
	return d
}

// BoundsOfField are Bounds and, of a field of a card, what its connection makes of it.
func (g *Gate) BoundsOfField(s *rivage.Settings, r Request, at time.Time) []Bound {
	list := g.Bounds(r, at)
	passes, card := g.passesCard(s, r, at)
	if !card || len(list) == 0 {
		return list
	}
	b := Bound{Layer: LayerConnection, Outcome: Full.String()}
	if !passes.Allowed {
		b.Outcome, b.Reason = Refused.String(), passes.Reason
	}
	return append(list, b)
}

// CardOfField is the source of cards that declares the field of a request, nil for none.
func CardOfField(s *rivage.Settings, r Request) *rivage.CardSource {
	id, name, _ := strings.Cut(r.Field, ".")
	src := s.Cards[rivage.ID(id)]
	if src == nil || r.Action != rivage.ActField || src.Principal != r.Principal ||
		!slices.ContainsFunc(src.Fields, func(f rivage.CardField) bool { return f.Name == name }) {
		return nil
	}
	return src
}

// passesCard is what the connection of a card makes of a field; card is false for a field of no card. One that no source
// declares passes nowhere.
func (g *Gate) passesCard(s *rivage.Settings, r Request, at time.Time) (d rivage.Decision, card bool) {
	if src := CardOfField(s, r); src != nil {
		way := CardOf(s, src)
		return g.Passes(&way, r.Class, at), true
	}
	ours := !strings.Contains(r.Field, ".") || strings.HasPrefix(r.Field, rivage.PersonField(""))
	return undeclared, r.Action == rivage.ActField && !ours
}
