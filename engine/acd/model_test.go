// SPDX-License-Identifier: EUPL-1.2

package acd

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"rivage.example/rivage"
)

// model is the same thing written without any index: lists, and every pair looked at.
type model struct {
	allow   Allow
	queues  map[rivage.ID]Queue
	agents  map[rivage.ID]Agent
	waiting map[rivage.ID]Waiting
}

func (m *model) reason(q Queue, g Agent) (reason, rule string) {
	if !g.Available {
		return cmp.Or(g.Why, Unavailable), ""
	}
	if d := m.allow(q.ID, g.stance()); !d.Allowed {
		return Policy, d.Rule
	}
	for skill, level := range q.Skills {
		if g.Skills[skill] < level {
			return Skill, ""
		}
	}
	return "", ""
}

func (m *model) candidates(w Waiting, again bool) []Agent {
	q, set := m.queues[w.Queue]
	var list []Agent
	for _, g := range m.agents {
		if !set || !slices.Contains(g.Queues, q.ID) || slices.Contains(w.Declined, g.ID) != again {
			continue
		}
		if reason, _ := m.reason(q, g); reason == "" {
			list = append(list, g)
		}
	}
	slices.SortFunc(list, func(x, y Agent) int {
		return cmp.Or(cmp.Compare(x.IdleSince, y.IdleSince), cmp.Compare(x.ID, y.ID))
	})
	return list
}

func (m *model) line(queue rivage.ID) []Waiting {
	var list []Waiting
	for _, w := range m.waiting {
		if queue == "" || w.Queue == queue {
			list = append(list, w)
		}
	}
	slices.SortFunc(list, func(x, y Waiting) int {
		return cmp.Or(cmp.Compare(x.Rank, y.Rank), cmp.Compare(x.Interaction, y.Interaction))
	})
	return list
}

func (m *model) next(now rivage.Micros) (Match, bool) {
	for _, again := range []bool{false, true} {
		for _, w := range m.line("") {
			if c := m.candidates(w, again); len(c) > 0 {
				return m.match(w, c, now, again), true
			}
		}
	}
	return Match{}, false
}

func (m *model) match(w Waiting, c []Agent, now rivage.Micros, again bool) Match {
	q := m.queues[w.Queue]
	r := Match{
		Interaction: w.Interaction, Queue: w.Queue, Rank: w.Rank, Declined: w.Declined,
		Agent: c[0].ID, Place: c[0].Place, IdleSince: c[0].IdleSince, Idle: int64(now - c[0].IdleSince),
		Candidates: len(c), Decision: m.allow(q.ID, c[0].stance()),
	}
	for _, g := range c[1:min(len(c), 6)] {
		r.RunnersUp = append(r.RunnersUp, rivage.RunnerUp{Agent: g.ID, Idle: now - g.IdleSince})
	}
	counts := map[rivage.Count]int{}
	for _, g := range m.agents {
		if !slices.Contains(g.Queues, q.ID) {
			continue
		}
		reason, rule := m.reason(q, g)
		if reason == "" && !again && slices.Contains(w.Declined, g.ID) {
			reason = Declined
		}
		if reason != "" {
			counts[rivage.Count{Reason: reason, Rule: rule, Site: g.Place.Site}]++
		}
	}
	r.SetAside = []rivage.Count{}
	for row, n := range counts {
		row.N = n
		r.SetAside = append(r.SetAside, row)
	}
	slices.SortFunc(r.SetAside, telling)
	delete(m.waiting, w.Interaction)
	g := m.agents[r.Agent]
	g.Available, g.Why = false, Offered
	m.agents[g.ID] = g
	return r
}

// world is an ACD and its model under the same random operations.
type world struct {
	t       *testing.T
	r       *rand.Rand
	acd     *ACD
	model   *model
	refused map[question]bool // what allow refuses; changed only with Invalidate
	now     rivage.Micros
	seq     int
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{t: t, r: rand.New(rand.NewPCG(seed, 7)), refused: map[question]bool{}}
	allow := func(queue rivage.ID, of Stance) rivage.Decision {
		if w.refused[question{queue, of}] {
			return rivage.Decision{Rule: "no-" + string(of.Site)}
		}
		return rivage.Decision{Allowed: true, Rule: "yes"}
	}
	w.acd = New(allow)
	w.model = &model{allow, map[rivage.ID]Queue{}, map[rivage.ID]Agent{}, map[rivage.ID]Waiting{}}
	return w
}

func (w *world) id(kind string, n int) rivage.ID {
	return rivage.ID(fmt.Sprintf("%s%d", kind, w.r.IntN(n)))
}

func (w *world) skills() map[rivage.ID]int {
	s := map[rivage.ID]int{}
	for range w.r.IntN(3) {
		s[w.id("s", 3)] = 1 + w.r.IntN(5)
	}
	return s
}

func (w *world) exception() rivage.ID {
	if w.r.IntN(4) > 0 {
		return ""
	}
	return w.id("x", 2)
}

func (w *world) trunk() rivage.ID {
	if w.r.IntN(3) > 0 {
		return ""
	}
	return "t"
}

func (w *world) agent() Agent {
	g := Agent{
		ID: w.id("a", 30), Place: rivage.Place{Site: w.id("site", 4)}, ByEar: w.r.IntN(3) == 0, Exception: w.exception(), Trunk: w.trunk(), Skills: w.skills(),
		IdleSince: rivage.Micros(w.r.IntN(40)), Available: w.r.IntN(3) > 0,
	}
	for range w.r.IntN(4) {
		g.Queues = append(g.Queues, w.id("q", 5))
	}
	if !g.Available {
		g.Why = []string{"", Engaged, Paused, Offline, WrapUp}[w.r.IntN(5)]
	}
	return g
}

func (w *world) step() {
	switch w.r.IntN(12) {
	case 0:
		q := Queue{ID: w.id("q", 5), Skills: w.skills()}
		w.acd.SetQueue(q)
		w.model.queues[q.ID] = q
	case 1:
		if id := w.id("q", 5); w.r.IntN(4) == 0 {
			w.acd.RemoveQueue(id)
			delete(w.model.queues, id)
		}
	case 2:
		id := w.id("a", 30)
		w.acd.RemoveAgent(id)
		delete(w.model.agents, id)
	case 3:
		id := rivage.ID(fmt.Sprintf("i%03d", w.r.IntN(w.seq+1)))
		w.acd.Remove(id)
		delete(w.model.waiting, id)
	case 4:
		q := question{w.id("q", 5), Stance{Place: rivage.Place{Site: w.id("site", 4)}, ByEar: w.r.IntN(3) == 0, Exception: w.exception(), Trunk: w.trunk()}}
		w.refused[q] = !w.refused[q]
		w.acd.Invalidate()
	case 5, 6, 7:
		i := Waiting{Interaction: rivage.ID(fmt.Sprintf("i%03d", w.seq)), Queue: w.id("q", 5), Rank: rivage.Rank(w.r.IntN(50))}
		for range w.r.IntN(4) * w.r.IntN(2) {
			i.Declined = append(i.Declined, w.id("a", 30))
		}
		slices.Sort(i.Declined)
		i.Declined = slices.Compact(i.Declined)
		w.seq++
		w.acd.Enqueue(i)
		w.model.waiting[i.Interaction] = i
	default:
		g := w.agent()
		if old, ok := w.model.agents[g.ID]; ok && w.r.IntN(2) == 0 { // most often only the availability moves
			old.Available, old.Why, old.IdleSince = g.Available, g.Why, g.IdleSince
			g = old
		}
		w.acd.SetAgent(g)
		w.model.agents[g.ID] = g
	}
}

func (w *world) drain() {
	for {
		w.now++
		got, ok := w.acd.Next(w.now)
		want, wantOK := w.model.next(w.now)
		if ok != wantOK || !reflect.DeepEqual(got, want) {
			w.t.Fatalf("Next:\n got %+v %v\nwant %+v %v", got, ok, want, wantOK)
		}
		if !ok {
			return
		}
		if !got.Decision.Allowed {
			w.t.Fatalf("%s was given to %s, whom policy refuses", got.Interaction, got.Agent)
		}
	}
}

func (w *world) compare() {
	for i := range 5 {
		queue := rivage.ID(fmt.Sprintf("q%d", i))
		want := w.model.line(queue)
		got := slices.Collect(w.acd.Waiting(queue))
		if !slices.EqualFunc(got, want, func(x, y Waiting) bool { return reflect.DeepEqual(x, y) }) {
			w.t.Fatalf("line of %s: got %v, want %v", queue, got, want)
		}
		for p, i := range want {
			if pos, ok := w.acd.Position(i.Interaction); !ok || pos != p+1 {
				w.t.Fatalf("position of %s: got %d %v, want %d", i.Interaction, pos, ok, p+1)
			}
		}
		if q, set := w.model.queues[queue]; set {
			w.explained(q)
		}
	}
}

func (w *world) explained(q Queue) {
	got := w.acd.Explain(q.ID, w.now)
	if len(got) != len(w.model.agents) {
		w.t.Fatalf("Explain gives %d agents, want %d", len(got), len(w.model.agents))
	}
	for _, v := range got {
		g := w.model.agents[v.Agent]
		reason, rule := NotInQueue, ""
		if slices.Contains(g.Queues, q.ID) {
			reason, rule = w.model.reason(q, g)
		}
		if v.Reason != reason || v.Rule != rule || v.Eligible != (reason == "") {
			w.t.Fatalf("Explain %s on %s: got %+v, want %q %q", q.ID, g.ID, v, reason, rule)
		}
	}
}

// Random operations: the same pairs, counts, lines and positions as the model that looks at every pair. So no pair is
// left when one is possible, nobody is chosen whom policy refuses, ranks stay, and the longest idle comes first.
func TestSameAsTheModelWithoutIndexes(t *testing.T) {
	for seed := range shorter(60, 15) {
		w := newWorld(t, seed)
		for range 250 {
			w.step()
			if w.r.IntN(3) == 0 {
				w.drain()
			}
			if w.r.IntN(10) == 0 {
				w.compare()
			}
		}
		w.empty()
	}
}

// shorter is n, or few with -short, as under the race detector, which finds nothing in what one goroutine does alone.
func shorter(n, few uint64) uint64 {
	if testing.Short() {
		return few
	}
	return n
}

// empty takes everything out and looks whether anything is left behind.
func (w *world) empty() {
	for id := range maps.Clone(w.model.agents) {
		w.acd.RemoveAgent(id)
	}
	for id := range w.model.waiting {
		w.acd.Remove(id)
	}
	for id := range w.model.queues {
		w.acd.RemoveQueue(id)
	}
	if n := len(w.acd.agents) + len(w.acd.classes) + len(w.acd.waiting) + len(w.acd.queues); n != 0 {
		w.t.Fatalf("%d agents, %d classes, %d waiting, %d queues are left behind",
			len(w.acd.agents), len(w.acd.classes), len(w.acd.waiting), len(w.acd.queues))
	}
}
