// SPDX-License-Identifier: EUPL-1.2

package view

import "rivage.example/rivage"

// Telling are the entries of a page of the log that tell a screen something the others do not: of several about one
// agent or one interaction, the last. Rows are read as they stand, so that each of them would say the same. The end of an
// offer is always told: no row says it.
func Telling(page []*rivage.Stored) []*rivage.Stored {
	last := make(map[thing]int, len(page))
	for i, e := range page {
		last[thingOf(e)] = i
	}
	out := make([]*rivage.Stored, 0, len(last))
	for i, e := range page {
		_, ended := e.Facts.(*rivage.OfferEnded)
		if t := thingOf(e); t != (thing{}) && (ended || last[t] == i) {
			out = append(out, e)
		}
	}
	return out
}

// thing is what an entry is about on a screen; zero for what moves nothing there.
type thing struct {
	agent, interaction, contradicted, odd rivage.ID
	what                                  rivage.Unusual // of what is odd
}

func thingOf(e *rivage.Stored) thing {
	if f, ok := e.Facts.(*rivage.AgentStateSet); ok {
		return thing{agent: f.Agent}
	}
	if id := contradicted(e); id != "" {
		return thing{contradicted: id}
	}
	if id, what := oddOf(e); id != "" {
		return thing{odd: id, what: what}
	}
	if id, ok := interactionOf(e); ok {
		return thing{interaction: id}
	}
	return thing{}
}

// With joins what the next entry means, when one frame can say both: each of its parts once.
func (e Event) With(next Event) (Event, bool) {
	if e.Agent != nil && next.Agent != nil || e.Interaction != nil && next.Interaction != nil || e.OfferEnded != nil && next.OfferEnded != nil ||
		e.Contradiction != nil && next.Contradiction != nil || e.Unusual != nil && next.Unusual != nil {
		return e, false
	}
	e.At = max(e.At, next.At)
	if next.Agent != nil {
		e.Agent = next.Agent
	}
	if next.Interaction != nil {
		e.Interaction = next.Interaction
	}
	if next.OfferEnded != nil {
		e.OfferEnded = next.OfferEnded
	}
	if next.Contradiction != nil {
		e.Contradiction = next.Contradiction
	}
	if next.Unusual != nil {
		e.Unusual = next.Unusual
	}
	return e, true
}
