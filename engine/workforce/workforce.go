// SPDX-License-Identifier: EUPL-1.2

// Package workforce plays a load of interactions against the agents at work, on the real acd, to show what a change of
// routing would do to those who wait before it is made.
package workforce

import (
	"container/heap"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/acd"
)

// Arrival is one interaction that comes in.
type Arrival struct {
	At       rivage.Micros
	Queue    rivage.ID
	Rank     rivage.Rank
	Handle   time.Duration // what it takes an agent, wrap-up included
	Patience time.Duration // how long it waits before it leaves; 0 for ever
}

// Shift is an agent at work, from an instant until another.
type Shift struct {
	Agent    acd.Agent // its availability is the run's to say
	From, To rivage.Micros
}

// Load is what a run plays.
type Load struct {
	Arrivals []Arrival
	Shifts   []Shift // those of one agent do not overlap
}

// Plan is the routing that a run plays it on.
type Plan struct {
	Lines  []acd.Queue
	Allow  acd.Allow
	Queue  rivage.ID     // whose callers may choose
	Area   rivage.ID     // the line of those who do
	Asking float64       // the part of them who do, 0 to 1
	Target time.Duration // of the queue
	Seed   uint64        // who asks: of two runs with one seed, those who ask in the one with fewer ask in the other too
}

// Service is what became of some callers.
type Service struct {
	N, Answered, InTarget, Abandoned, Owed, Left int // owed a call because nobody of the area was at work; left: nobody was at all
	waits                                        []time.Duration
}

// Mean is the mean wait of the answered, 0 for nobody.
func (s *Service) Mean() time.Duration {
	if len(s.waits) == 0 {
		return 0
	}
	var sum time.Duration
	for _, w := range s.waits {
		sum += w
	}
	return sum / time.Duration(len(s.waits))
}

// Within is the wait that a part of the answered, 0 to 1, did not exceed.
func (s *Service) Within(part float64) time.Duration {
	if len(s.waits) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s.waits))
	return sorted[min(int(part*float64(len(sorted))), len(sorted)-1)]
}

// Outcome is what a run found about the queue.
type Outcome struct {
	Asked, Others Service // who chose the area, and who did not
}

// run is one run under way.
type run struct {
	plan    Plan
	acd     *acd.ACD
	events  events
	made    int
	waiting map[rivage.ID]*caller
	agents  map[rivage.ID]*worker
	out     Outcome
}

type caller struct {
	Arrival
	asks bool
}

// worker is an agent at work; busy until Free, gone after To.
type worker struct {
	agent  acd.Agent
	to     rivage.Micros
	engage bool
	leaves bool // the shift is over, the conversation is not
}

// Run plays a load. It is deterministic.
func Run(load Load, p Plan) Outcome {
	r := &run{plan: p, acd: acd.New(p.Allow), waiting: map[rivage.ID]*caller{}, agents: map[rivage.ID]*worker{}}
	for _, line := range p.Lines {
		r.acd.SetQueue(line)
	}
	for _, s := range load.Shifts {
		r.at(s.From, func(now rivage.Micros) { r.begin(now, s) })
	}
	draw := rand.New(rand.NewPCG(p.Seed, 0))
	for i, a := range load.Arrivals {
		c := &caller{a, a.Queue == p.Queue && draw.Float64() < p.Asking}
		id := rivage.ID(string(a.Queue) + "-" + strconv.Itoa(i))
		r.at(a.At, func(now rivage.Micros) { r.arrive(now, id, c) })
	}
	for len(r.events) > 0 {
		e := heap.Pop(&r.events).(event)
		e.do(e.at)
		r.match(e.at)
	}
	for _, c := range r.waiting {
		if s := r.of(c); s != nil {
			s.Left++
		}
	}
	return r.out
}

// of is where a caller counts, nil for those of other queues.
func (r *run) of(c *caller) *Service {
	switch {
	case c.Queue != r.plan.Queue:
		return nil
	case c.asks:
		return &r.out.Asked
	}
	return &r.out.Others
}

func (r *run) arrive(now rivage.Micros, id rivage.ID, c *caller) {
	s, line := r.of(c), c.Queue
	if s != nil {
		s.N++
	}
	if c.asks {
		line = r.plan.Area
		if !r.acd.Staffed(line) {
			s.Owed++
			return
		}
	}
	r.waiting[id] = c
	r.acd.Enqueue(acd.Waiting{Interaction: id, Queue: line, Rank: c.Rank})
	if c.Patience > 0 {
		r.at(now+rivage.Micros(c.Patience.Microseconds()), func(rivage.Micros) {
			if r.waiting[id] != nil {
				r.drop(id)
				if s != nil {
					s.Abandoned++
				}
			}
		})
	}
}

func (r *run) drop(id rivage.ID) {
	delete(r.waiting, id)
	r.acd.Remove(id)
}

// begin puts an agent to work; a shift that follows another one goes on.
func (r *run) begin(now rivage.Micros, s Shift) {
	if w := r.agents[s.Agent.ID]; w != nil {
		w.to, w.leaves = max(w.to, s.To), false
		idle := w.agent.IdleSince
		w.agent = s.Agent
		w.agent.IdleSince = idle
		r.show(w)
	} else {
		w = &worker{agent: s.Agent, to: s.To}
		w.agent.IdleSince = now
		r.agents[s.Agent.ID] = w
		r.show(w)
	}
	r.at(s.To, func(now rivage.Micros) { r.end(now, s.Agent.ID) })
}

// end sends an agent home, after the conversation under way.
func (r *run) end(now rivage.Micros, id rivage.ID) {
	w := r.agents[id]
	if w == nil || now < w.to {
		return
	}
	if w.engage {
		w.leaves = true
		return
	}
	r.goHome(id)
}

func (r *run) goHome(id rivage.ID) {
	delete(r.agents, id)
	r.acd.RemoveAgent(id)
	if r.acd.Staffed(r.plan.Area) {
		return
	}
	for other, c := range r.waiting { // whom nobody of the area may answer any more
		if c.asks {
			r.drop(other)
			r.of(c).Owed++
		}
	}
}

func (r *run) show(w *worker) {
	w.agent.Available, w.agent.Why = !w.engage, ""
	if w.engage {
		w.agent.Why = acd.Engaged
	}
	r.acd.SetAgent(w.agent)
}

// match makes every pair that can be made.
func (r *run) match(now rivage.Micros) {
	for m, ok := r.acd.Next(now); ok; m, ok = r.acd.Next(now) {
		c, w := r.waiting[m.Interaction], r.agents[m.Agent]
		delete(r.waiting, m.Interaction)
		if s := r.of(c); s != nil {
			wait := time.Duration(now-c.At) * time.Microsecond
			s.Answered++
			s.waits = append(s.waits, wait)
			if wait <= r.plan.Target {
				s.InTarget++
			}
		}
		w.engage = true
		r.show(w)
		r.at(now+rivage.Micros(c.Handle.Microseconds()), func(now rivage.Micros) {
			w.engage, w.agent.IdleSince = false, now
			if w.leaves {
				r.goHome(m.Agent)
				return
			}
			r.show(w)
		})
	}
}

// event is something that happens at an instant; those of one instant in the order in which they were made.
type event struct {
	at rivage.Micros
	n  int
	do func(now rivage.Micros)
}

type events []event

func (r *run) at(at rivage.Micros, do func(rivage.Micros)) {
	r.made++
	heap.Push(&r.events, event{at, r.made, do})
}

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].n < e[j].n
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}
