// SPDX-License-Identifier: EUPL-1.2

package acd

import (
	"fmt"
	"testing"

	"rivage.example/rivage"
)

// Two lines and two sites: those of "here" serve both, those of "there" only everybody's.
func TestTurnsBeforeSomebodyIsTaken(t *testing.T) {
	here, there := rivage.Place{Site: "here", Country: "FR"}, rivage.Place{Site: "there", Country: "TG"}
	for name, c := range map[string]struct {
		here, there   []string // why each is away; "" for free
		all, area     int      // who wait before, in everybody's line and in the area's
		turns         float64
		servers       int
		nobody        bool
		alreadyBehind int // who wait after
	}{
		"somebody is free":              {here: []string{"", Engaged}, turns: 0, servers: 2},
		"all are engaged, nobody waits": {here: []string{Engaged, WrapUp, Offered}, turns: 1, servers: 3},
		"two of the area wait":          {here: []string{Engaged}, area: 2, turns: 3, servers: 1},
		"of those who may go to both, the part that here takes counts": {
			here: []string{Engaged}, there: []string{Engaged, Engaged, Engaged}, all: 8, turns: 3, servers: 1,
		},
		"who waits behind does not count":   {here: []string{Engaged}, area: 1, alreadyBehind: 5, turns: 2, servers: 1},
		"who is in a pause is not at work":  {here: []string{Paused, Engaged}, turns: 1, servers: 1},
		"nobody there is at work":           {here: []string{Paused, Offline}, there: []string{""}, nobody: true},
		"who is there and not here is none": {there: []string{Engaged}, nobody: true},
	} {
		a := New(func(queue rivage.ID, of Stance) rivage.Decision {
			return rivage.Decision{Allowed: queue == "all" || of.Site == "here"}
		})
		a.SetQueue(Queue{ID: "all"})
		a.SetQueue(Queue{ID: "area"})
		for place, list := range map[rivage.Place][]string{here: c.here, there: c.there} {
			for i, why := range list {
				a.SetAgent(Agent{ID: rivage.ID(fmt.Sprint(place.Site, i)), Place: place, Queues: []rivage.ID{"all", "area"}, Available: why == "", Why: why})
			}
		}
		for line, n := range map[rivage.ID]int{"all": c.all, "area": c.area} {
			for i := range n {
				a.Enqueue(Waiting{Interaction: rivage.ID(fmt.Sprint(line, i)), Queue: line, Rank: 5})
			}
		}
		for i := range c.alreadyBehind {
			a.Enqueue(Waiting{Interaction: rivage.ID(fmt.Sprint("behind", i)), Queue: "area", Rank: 20})
		}
		turns, servers, ok := a.Turns("area", 10)
		if ok == c.nobody || turns != c.turns || servers != c.servers {
			t.Errorf("%s: %v turns of %d, %v; want %v of %d", name, turns, servers, ok, c.turns, c.servers)
		}
	}
}
