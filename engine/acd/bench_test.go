// SPDX-License-Identifier: EUPL-1.2

package acd

import (
	"fmt"
	"testing"

	"rivage.example/rivage"
)

// floor is n agents at 5 sites with 10 skill profiles in 3 of 20 queues, all engaged, and n interactions that wait. With
// unique, no two agents are alike: the worst case for classes.
func floor(n int, unique bool) *ACD {
	a := New(func(q rivage.ID, p Stance) rivage.Decision {
		return rivage.Decision{Allowed: p.Site != "site4" || q < "q1", Rule: "r"}
	})
	for i := range 20 {
		a.SetQueue(Queue{ID: queueID(i), Skills: map[rivage.ID]int{"fr": 1 + i%3}})
	}
	for i := range n {
		g := benchAgent(i)
		if unique {
			g.Skills[rivage.ID(fmt.Sprint("own", i))] = 1
		}
		a.SetAgent(g)
		a.Enqueue(Waiting{Interaction: rivage.ID(fmt.Sprint("i", i)), Queue: queueID(i), Rank: rivage.Rank(i)})
	}
	return a
}

func queueID(i int) rivage.ID { return rivage.ID(fmt.Sprint("q", i%20)) }

func benchAgent(i int) Agent {
	return Agent{
		ID: rivage.ID(fmt.Sprint("a", i)), Place: rivage.Place{Site: rivage.ID(fmt.Sprint("site", i%5)), Evidence: rivage.Attested},
		Queues: []rivage.ID{queueID(i), queueID(i + 7), queueID(i + 13)}, Skills: map[rivage.ID]int{"fr": 3 + i%2, "en": i % 5},
		Why: Engaged,
	}
}

// One event: an agent comes free, takes the next interaction, and another interaction arrives at the end of the line.
func BenchmarkAnAgentComesFree(b *testing.B) {
	for _, n := range []int{1000, 2000, 10000} {
		for _, unique := range []bool{false, true} {
			b.Run(fmt.Sprintf("%dx%d/unique=%v", n, n, unique), func(b *testing.B) {
				a := floor(n, unique)
				i := 0
				b.ReportAllocs()
				for b.Loop() {
					g := a.agents[rivage.ID(fmt.Sprint("a", i%n))].Agent
					g.Available, g.IdleSince = true, rivage.Micros(i)
					a.SetAgent(g)
					if m, ok := a.Next(rivage.Micros(i)); ok {
						a.Enqueue(Waiting{Interaction: m.Interaction, Queue: m.Queue, Rank: rivage.Rank(n + i)})
					}
					i++
				}
			})
		}
	}
}

// One event: everybody is free and an interaction arrives.
func BenchmarkAnInteractionArrives(b *testing.B) {
	for _, n := range []int{1000, 2000, 10000} {
		b.Run(fmt.Sprintf("%d agents free", n), func(b *testing.B) {
			a := floor(n, false)
			for i := range n {
				a.Remove(rivage.ID(fmt.Sprint("i", i)))
				g := benchAgent(i)
				g.Available, g.IdleSince = true, rivage.Micros(i)
				a.SetAgent(g)
			}
			i := n
			b.ReportAllocs()
			for b.Loop() {
				a.Enqueue(Waiting{Interaction: "i", Queue: queueID(i), Rank: rivage.Rank(i)})
				m, ok := a.Next(rivage.Micros(i))
				if !ok {
					b.Fatal("nobody was found")
				}
				g := a.agents[m.Agent].Agent
				g.Available, g.IdleSince = true, rivage.Micros(i)
				a.SetAgent(g)
				i++
			}
		})
	}
}
