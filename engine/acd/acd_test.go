// SPDX-License-Identifier: EUPL-1.2

package acd

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"rivage.example/rivage"
)

func everybody(rivage.ID, Stance) rivage.Decision { return rivage.Decision{Allowed: true} }

func at(site rivage.ID) rivage.Place { return rivage.Place{Site: site, Evidence: rivage.Attested} }

func ready(id rivage.ID, site rivage.ID, idle rivage.Micros) Agent {
	return Agent{ID: id, Place: at(site), Queues: []rivage.ID{"colis"}, IdleSince: idle, Available: true}
}

func TestAnAgentWhomPolicyRefusesIsNeverChosenAndCounted(t *testing.T) {
	a := New(func(_ rivage.ID, p Stance) rivage.Decision {
		if p.Site == "lome" {
			return rivage.Decision{Rule: "sante-hors-france", Reason: "données de santé"}
		}
		return rivage.Decision{Allowed: true, Rule: "france"}
	})
	a.SetQueue(Queue{ID: "colis"})
	a.SetAgent(ready("ama", "lome", 1))
	a.SetAgent(ready("erwan", "brest", 50))
	a.Enqueue(Waiting{Interaction: "i", Queue: "colis", Rank: 9})
	got, ok := a.Next(100)
	want := Match{
		Interaction: "i", Queue: "colis", Rank: 9, Agent: "erwan", Place: at("brest"), IdleSince: 50, Idle: 50, Candidates: 1,
		SetAside: []rivage.Count{{Reason: Policy, Rule: "sante-hors-france", Site: "lome", N: 1}},
		Decision: rivage.Decision{Allowed: true, Rule: "france"},
	}
	if !ok || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v %v, want %+v", got, ok, want)
	}
	a.Enqueue(Waiting{Interaction: "j", Queue: "colis", Rank: 10})
	if m, ok := a.Next(101); ok {
		t.Fatalf("only a refused agent is left, but %s was chosen", m.Agent)
	}
}

func TestNobodyIsAllowedWithoutAPolicy(t *testing.T) {
	a := New(nil)
	a.SetQueue(Queue{ID: "colis"})
	a.SetAgent(ready("erwan", "brest", 1))
	a.Enqueue(Waiting{Interaction: "i", Queue: "colis"})
	if m, ok := a.Next(2); ok {
		t.Fatalf("%s was chosen without a policy", m.Agent)
	}
}

func TestPolicyIsAskedOncePerQueueAndPlace(t *testing.T) {
	asked := 0
	a := New(func(q rivage.ID, p Stance) rivage.Decision { asked++; return everybody(q, p) })
	a.SetQueue(Queue{ID: "colis"})
	for i := range 100 {
		g := ready(rivage.ID(fmt.Sprint(i)), "brest", 1)
		g.Skills = map[rivage.ID]int{"fr": 1 + i%5}
		a.SetAgent(g)
	}
	if asked != 1 {
		t.Fatalf("asked %d times, want 1", asked)
	}
	a.Invalidate()
	if asked != 2 {
		t.Fatalf("asked %d times after Invalidate, want 2", asked)
	}
}

func TestAQueueThatIsSetAgainIsAskedAgain(t *testing.T) {
	allowed := true
	a := New(func(rivage.ID, Stance) rivage.Decision { return rivage.Decision{Allowed: allowed} })
	a.SetQueue(Queue{ID: "colis"})
	a.SetAgent(ready("erwan", "brest", 1))
	a.Enqueue(Waiting{Interaction: "i", Queue: "colis"})
	allowed = false // its data class is now health
	a.SetQueue(Queue{ID: "colis"})
	if m, ok := a.Next(2); ok {
		t.Fatalf("%s was chosen under the old answer", m.Agent)
	}
}

func TestAPairIsHeldUntilItIsFreedAndKeepsItsRank(t *testing.T) {
	a := New(everybody)
	a.SetQueue(Queue{ID: "colis"})
	a.SetAgent(ready("erwan", "brest", 1))
	a.Enqueue(Waiting{Interaction: "first", Queue: "colis", Rank: 1})
	a.Enqueue(Waiting{Interaction: "second", Queue: "colis", Rank: 2})
	if m, _ := a.Next(10); m.Interaction != "first" {
		t.Fatalf("got %s, want first", m.Interaction)
	}
	if m, ok := a.Next(11); ok {
		t.Fatalf("the agent is offered twice: %s", m.Interaction)
	}
	a.Enqueue(Waiting{Interaction: "first", Queue: "colis", Rank: 1}) // the append failed
	if p, _ := a.Position("first"); p != 1 {
		t.Fatalf("first is at %d, want 1", p)
	}
	a.SetAgent(ready("erwan", "brest", 1))
	if m, _ := a.Next(12); m.Interaction != "first" {
		t.Fatalf("got %s, want first", m.Interaction)
	}
}

func TestWhoDeclinedComesLastAndNobodyIsForgotten(t *testing.T) {
	a := New(everybody)
	a.SetQueue(Queue{ID: "colis"})
	a.SetAgent(ready("ama", "lome", 1))
	a.Enqueue(Waiting{Interaction: "old", Queue: "colis", Rank: 1, Declined: []rivage.ID{"ama"}})
	a.Enqueue(Waiting{Interaction: "new", Queue: "colis", Rank: 2})
	if m, _ := a.Next(10); m.Interaction != "new" {
		t.Fatalf("the agent who declined %s got it before another that waits", m.Interaction)
	}
	a.SetAgent(ready("ama", "lome", 1))
	a.SetAgent(ready("erwan", "brest", 20))
	m, _ := a.Next(30)
	if m.Interaction != "old" || m.Agent != "erwan" || m.Candidates != 1 {
		t.Fatalf("got %s for %s of %d, want old for erwan, who is idle for less, of 1", m.Interaction, m.Agent, m.Candidates)
	}
	if want := []rivage.Count{{Reason: Declined, Site: "lome", N: 1}}; !slices.Equal(m.SetAside, want) {
		t.Fatalf("set aside %v, want %v", m.SetAside, want)
	}
	a.Enqueue(Waiting{Interaction: "old", Queue: "colis", Rank: 1, Declined: []rivage.ID{"ama"}})
	if m, _ = a.Next(40); m.Interaction != "old" || m.Agent != "ama" {
		t.Fatalf("got %s for %s, want old for ama: there is nobody else", m.Interaction, m.Agent)
	}
}

func TestARemovedQueueKeepsItsLine(t *testing.T) {
	a := New(everybody)
	a.SetQueue(Queue{ID: "colis"})
	a.SetAgent(ready("erwan", "brest", 1))
	a.RemoveQueue("colis")
	a.Enqueue(Waiting{Interaction: "i", Queue: "colis", Rank: 3})
	if _, ok := a.Next(2); ok {
		t.Fatal("a removed queue was served")
	}
	a.SetQueue(Queue{ID: "colis"})
	if m, ok := a.Next(3); !ok || m.Interaction != "i" {
		t.Fatalf("got %v %v, want i", m.Interaction, ok)
	}
}

func TestRunnersUpAndRowsAreBounded(t *testing.T) {
	a := New(func(_ rivage.ID, p Stance) rivage.Decision {
		return rivage.Decision{Allowed: p.Site == "brest", Rule: "r-" + string(p.Site)}
	})
	a.SetQueue(Queue{ID: "colis"})
	for i := range 40 {
		a.SetAgent(ready(rivage.ID(fmt.Sprintf("refused%d", i)), rivage.ID(fmt.Sprintf("site%d", i)), 1))
		a.SetAgent(ready(rivage.ID(fmt.Sprintf("free%02d", i)), "brest", rivage.Micros(i)))
	}
	a.Enqueue(Waiting{Interaction: "i", Queue: "colis"})
	m, _ := a.Next(100)
	want := []rivage.RunnerUp{{Agent: "free01", Idle: 99}, {Agent: "free02", Idle: 98}, {Agent: "free03", Idle: 97}, {Agent: "free04", Idle: 96}, {Agent: "free05", Idle: 95}}
	if m.Agent != "free00" || m.Candidates != 40 || !slices.Equal(m.RunnersUp, want) {
		t.Fatalf("got %s of %d, then %v", m.Agent, m.Candidates, m.RunnersUp)
	}
	if n := len(m.SetAside); n != 32 || m.SetAside[31] != (rivage.Count{Reason: Other, N: 9}) {
		t.Fatalf("got %d rows ending in %v, want 32 ending in the sum of 9", n, m.SetAside[n-1])
	}
}

// Every agent of a symmetric floor gets the same share, to one interaction: nobody is starved, nobody is favoured.
func TestTheLoadIsSharedFairly(t *testing.T) {
	a := New(everybody)
	a.SetQueue(Queue{ID: "colis"})
	for i := range 7 {
		a.SetAgent(ready(rivage.ID(fmt.Sprintf("a%d", i)), rivage.ID(fmt.Sprintf("site%d", i%3)), 0))
	}
	taken := map[rivage.ID]int{}
	for i := range rivage.Micros(700) {
		a.Enqueue(Waiting{Interaction: "i", Queue: "colis", Rank: rivage.Rank(i)})
		m, ok := a.Next(i)
		if !ok {
			t.Fatal("nobody was found")
		}
		taken[m.Agent]++
		g := ready(m.Agent, m.Place.Site, i+1)
		a.SetAgent(g)
	}
	for id, n := range taken {
		if n != 100 {
			t.Fatalf("%s took %d of 700, want 100: %v", id, n, taken)
		}
	}
}
