// SPDX-License-Identifier: EUPL-1.2

// Package acd decides who takes the next interaction: the one that waits at the smallest rank, and of the agents whom
// its queue, their skills and policy allow, the one idle for longest.
//
// It is pure: no clock, no I/O, values in and values out. Agents who stand at equal places, in equal queues and with
// equal skills form a class; verdicts are kept per queue and class, so that no event walks over agents.
package acd

import (
	"iter"
	"maps"
	"slices"

	"rivage.example/rivage"
)

// Stance is how an agent stands towards the rules: agents of one stance get the same answers.
type Stance struct {
	rivage.Place
	ByEar bool // works with a screen reader, and gets nothing from what is shown as images only

	Exception rivage.ID // under which they are offered it all the same, while it holds
	Trunk     rivage.ID // over which their telephone is called, "" for none
}

// Allow says whether an agent of a stance may be offered the interactions of queue. It is asked once for each queue and
// stance, and the answer is kept until Invalidate, Reconsider or SetQueue: whoever keeps an ACD calls one of them when
// what it depends on changes, such as rules that begin or end (policy.Gate.NextChange).
type Allow func(queue rivage.ID, of Stance) rivage.Decision

// Queue is what matching needs of a waiting line.
type Queue struct {
	ID     rivage.ID
	Skills map[rivage.ID]int // skill → least level
}

// Agent is what matching needs of somebody who answers.
type Agent struct {
	ID        rivage.ID
	Place     rivage.Place // of the present session; zero when offline
	ByEar     bool         // see Stance
	Exception rivage.ID    // see Stance
	Trunk     rivage.ID    // see Stance
	Queues    []rivage.ID
	Skills    map[rivage.ID]int // skill → level
	IdleSince rivage.Micros     // longest idle is the smallest
	Available bool
	Why       string // why not available, one of the reasons below or another; ignored when available
}

// Why a candidate is set aside. An agent who is not available is counted under that alone.
const (
	Engaged     = "engaged"
	Offered     = "offered"
	Paused      = "paused"
	Offline     = "offline"
	Unreachable = "unreachable"
	WrapUp      = "wrap_up"
	Unavailable = "unavailable" // not available, no reason given
	Policy      = "policy"      // a rule refuses, or none allows: Rule names it
	Skill       = "skill"       // a skill is missing or its level too low
	Declined    = "declined"    // refused this interaction before
	NotInQueue  = "queue"       // not of the queue: in Explain only, never counted
	Other       = "other"       // the sum of what has no row of its own
)

// Waiting is an interaction in the line of a queue.
type Waiting struct {
	Interaction rivage.ID
	Queue       rivage.ID
	Rank        rivage.Rank
	// Declined lists agents who refused this interaction. They come last: such a pair is made only when no other pair
	// can be, so that the interaction stays at its rank and is never left without anybody.
	Declined []rivage.ID
}

// ACD holds the lines and the agents. One goroutine owns it: nothing in it is safe for concurrent use.
type ACD struct {
	allow   Allow
	queues  map[rivage.ID]*queue
	agents  map[rivage.ID]*agent
	classes map[string]*class
	waiting map[rivage.ID]*Waiting
	answers map[question]rivage.Decision // what allow said
}

type question struct {
	queue rivage.ID
	of    Stance
}

// New returns an empty ACD. A nil allow refuses everybody.
func New(allow Allow) *ACD {
	return &ACD{
		allow:   allow,
		queues:  make(map[rivage.ID]*queue),
		agents:  make(map[rivage.ID]*agent),
		classes: make(map[string]*class),
		waiting: make(map[rivage.ID]*Waiting),
		answers: make(map[question]rivage.Decision),
	}
}

// SetQueue adds a queue or replaces what is known of it; its line stays.
func (a *ACD) SetQueue(q Queue) {
	s := a.queue(q.ID)
	s.skills, s.set = maps.Clone(q.Skills), true
	for _, c := range a.classes {
		if _, in := slices.BinarySearch(c.queues, q.ID); in && c.verdict(s) == nil {
			a.join(c, s)
		}
	}
	a.Reconsider(q.ID)
}

// RemoveQueue takes a queue out: nothing of its line is matched any more. What waits in it keeps its rank until it is
// removed, or the queue is set again.
func (a *ACD) RemoveQueue(id rivage.ID) {
	s, ok := a.queues[id]
	if !ok {
		return
	}
	for _, v := range s.verdicts {
		v.class.verdicts = slices.DeleteFunc(v.class.verdicts, func(o *verdict) bool { return o == v })
	}
	s.verdicts, s.free, s.set = nil, 0, false
	a.forget(id)
	a.drop(s)
}

// SetAgent adds an agent or replaces what is known of it.
func (a *ACD) SetAgent(g Agent) {
	old, known := a.agents[g.ID]
	if known && old.class.holds(&g) { // only the availability moved
		old.class.take(old)
		old.Agent = g
		old.class.put(old)
		return
	}
	if known {
		a.leave(old)
	}
	n := &agent{Agent: g, class: a.classOf(&g)}
	a.agents[g.ID] = n
	n.class.size++
	n.class.put(n)
}

// RemoveAgent forgets an agent.
func (a *ACD) RemoveAgent(id rivage.ID) {
	if old, ok := a.agents[id]; ok {
		a.leave(old)
		delete(a.agents, id)
	}
}

// Enqueue puts an interaction in its line at its rank, whatever happened to it before. One that waits already is moved.
func (a *ACD) Enqueue(w Waiting) {
	a.Remove(w.Interaction)
	w.Declined = slices.Compact(slices.Sorted(slices.Values(w.Declined)))
	a.queue(w.Queue).insert(&w)
	a.waiting[w.Interaction] = &w
}

// Remove takes an interaction out of its line.
func (a *ACD) Remove(interaction rivage.ID) {
	w, ok := a.waiting[interaction]
	if !ok {
		return
	}
	delete(a.waiting, interaction)
	s := a.queues[w.Queue]
	s.remove(w)
	a.drop(s)
}

// Position is the place of an interaction in its line, 1 for the next.
func (a *ACD) Position(interaction rivage.ID) (int, bool) {
	w, ok := a.waiting[interaction]
	if !ok {
		return 0, false
	}
	i, _ := a.queues[w.Queue].search(w)
	return i + 1, true
}

// Staffed says whether somebody who may serve a queue is signed in, free or not.
func (a *ACD) Staffed(queue rivage.ID) bool {
	s, ok := a.queues[queue]
	return ok && slices.ContainsFunc(s.verdicts, func(v *verdict) bool { return v.eligible && v.class.present() > 0 })
}

// Barred says whether somebody of a queue is signed in, and policy refuses every one of them.
func (a *ACD) Barred(queue rivage.ID) bool {
	s, ok := a.queues[queue]
	if !ok {
		return false
	}
	barred := false
	for _, v := range s.verdicts {
		if v.class.present() == 0 {
			continue
		}
		if v.reason != Policy {
			return false
		}
		barred = true
	}
	return barred
}

// Len is how many wait in a queue.
func (a *ACD) Len(queue rivage.ID) int {
	if s, ok := a.queues[queue]; ok {
		return len(s.line)
	}
	return 0
}

// Waiting gives the line of a queue in rank order. The ACD must not change meanwhile.
func (a *ACD) Waiting(queue rivage.ID) iter.Seq[Waiting] {
	return func(yield func(Waiting) bool) {
		s, ok := a.queues[queue]
		if !ok {
			return
		}
		for _, w := range s.line {
			c := *w
			c.Declined = slices.Clone(w.Declined)
			if !yield(c) {
				return
			}
		}
	}
}

// Reconsider forgets the answers of allow about one queue and asks again: something that they depend on changed.
func (a *ACD) Reconsider(queue rivage.ID) {
	s, ok := a.queues[queue]
	if !ok {
		return
	}
	a.forget(queue)
	for _, v := range s.verdicts {
		a.judge(v)
	}
}

// Invalidate forgets every answer of allow and asks again: rules, zones or dates changed.
func (a *ACD) Invalidate() {
	clear(a.answers)
	for _, s := range a.queues {
		for _, v := range s.verdicts {
			a.judge(v)
		}
	}
}

// queue is the line of that id, made when it is new.
func (a *ACD) queue(id rivage.ID) *queue {
	s, ok := a.queues[id]
	if !ok {
		s = &queue{id: id}
		a.queues[id] = s
	}
	return s
}

// drop forgets a line that nothing needs any more.
func (a *ACD) drop(s *queue) {
	if !s.set && len(s.line) == 0 {
		delete(a.queues, s.id)
	}
}

// forget drops the answers about one queue.
func (a *ACD) forget(id rivage.ID) {
	for q := range a.answers {
		if q.queue == id {
			delete(a.answers, q)
		}
	}
}
