// SPDX-License-Identifier: EUPL-1.2

package acd

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"rivage.example/rivage"
)

type agent struct {
	Agent
	class *class
}

func (g *Agent) stance() Stance { return Stance{g.Place, g.ByEar, g.Exception, g.Trunk} }

// longer orders agents by fairness: idle for longest first.
func longer(x, y *agent) int {
	return cmp.Or(cmp.Compare(x.IdleSince, y.IdleSince), cmp.Compare(x.ID, y.ID))
}

// class is a set of agents that no queue tells apart.
type class struct {
	key      string
	of       Stance
	queues   []rivage.ID // sorted, each once
	skills   map[rivage.ID]int
	stated   []rivage.ID // queues as the first agent stated them, to recognise the next quickly
	size     int
	free     []*agent   // available, longest idle first
	away     []away     // the others, by reason
	verdicts []*verdict // one for each of queues that is set
}

type away struct {
	why string
	n   int
}

// verdict is whether the agents of a class may take what waits in a queue.
type verdict struct {
	queue    *queue
	class    *class
	at       int // index in queue.verdicts
	eligible bool
	reason   string // Policy or Skill when not
	decision rivage.Decision
}

// holds says whether an agent belongs to the class, however its availability stands.
func (c *class) holds(g *Agent) bool {
	return c.of == g.stance() && slices.Equal(c.stated, g.Queues) && maps.Equal(c.skills, g.Skills)
}

// put counts an agent in; the agent is in no list of the class yet.
func (c *class) put(g *agent) {
	if !g.Available {
		c.count(g.why(), 1)
		return
	}
	i, _ := slices.BinarySearchFunc(c.free, g, longer)
	c.free = slices.Insert(c.free, i, g)
	c.spread(1)
}

// take counts an agent out.
func (c *class) take(g *agent) {
	if !g.Available {
		c.count(g.why(), -1)
		return
	}
	if i, found := slices.BinarySearchFunc(c.free, g, longer); found {
		c.free = slices.Delete(c.free, i, i+1)
		c.spread(-1)
	}
}

// present counts the agents who are signed in and reachable.
func (c *class) present() int {
	n := len(c.free)
	for _, a := range c.away {
		if a.why != Offline && a.why != Unreachable {
			n += a.n
		}
	}
	return n
}

// why is the reason of an agent who is not available.
func (g *agent) why() string { return cmp.Or(g.Why, Unavailable) }

func (c *class) count(why string, d int) {
	for i := range c.away {
		if c.away[i].why == why {
			c.away[i].n += d
			return
		}
	}
	c.away = append(c.away, away{why, d})
}

// spread tells the queues how many more agents are free for them.
func (c *class) spread(d int) {
	for _, v := range c.verdicts {
		if v.eligible {
			v.queue.free += d
		}
	}
}

func (c *class) verdict(s *queue) *verdict {
	for _, v := range c.verdicts {
		if v.queue == s {
			return v
		}
	}
	return nil
}

// classOf finds the class of an agent, or makes it with its verdicts.
func (a *ACD) classOf(g *Agent) *class {
	queues := slices.Clone(g.Queues)
	slices.Sort(queues)
	queues = slices.Compact(queues)
	key := classKey(g.stance(), queues, g.Skills)
	if c, ok := a.classes[key]; ok {
		return c
	}
	c := &class{key: key, of: g.stance(), queues: queues, skills: maps.Clone(g.Skills), stated: slices.Clone(g.Queues)}
	a.classes[key] = c
	for _, id := range queues {
		if s, ok := a.queues[id]; ok && s.set {
			a.judge(a.join(c, s))
		}
	}
	return c
}

// classKey is one text for equal classes. No part can hold the separators: lengths stand before values.
func classKey(p Stance, queues []rivage.ID, skills map[rivage.ID]int) string {
	var b strings.Builder
	part := func(s string) {
		b.WriteString(strconv.Itoa(len(s)))
		b.WriteByte(':')
		b.WriteString(s)
	}
	part(string(p.Site))
	part(string(p.Company))
	part(string(p.Country))
	part(string(p.Zone))
	part(string(p.Evidence))
	part(string(p.Seen))
	part(strconv.FormatBool(p.Telework))
	part(strconv.FormatBool(p.ByEar))
	part(string(p.Exception))
	part(string(p.Trunk))
	for _, q := range queues {
		part(string(q))
	}
	b.WriteByte('|')
	for _, s := range slices.Sorted(maps.Keys(skills)) {
		part(string(s))
		b.WriteString(strconv.Itoa(skills[s]))
		b.WriteByte(',')
	}
	return b.String()
}

// leave takes an agent out of its class, and the class away with its last agent.
func (a *ACD) leave(g *agent) {
	c := g.class
	c.take(g)
	if c.size--; c.size > 0 {
		return
	}
	delete(a.classes, c.key)
	for _, v := range c.verdicts {
		list := v.queue.verdicts
		last := list[len(list)-1]
		list[v.at], last.at = last, v.at
		list[len(list)-1] = nil
		v.queue.verdicts = list[:len(list)-1]
	}
}

// join links a class to a queue; judge follows.
func (a *ACD) join(c *class, s *queue) *verdict {
	v := &verdict{queue: s, class: c, at: len(s.verdicts)}
	s.verdicts = append(s.verdicts, v)
	c.verdicts = append(c.verdicts, v)
	return v
}

// judge decides a verdict anew. Policy comes first: what it refuses is never called a missing skill.
func (a *ACD) judge(v *verdict) {
	if v.eligible {
		v.queue.free -= len(v.class.free)
	}
	v.decision, v.reason = a.ask(v.queue.id, v.class.of), ""
	switch {
	case !v.decision.Allowed:
		v.reason = Policy
	case !skilled(v.queue.skills, v.class.skills):
		v.reason = Skill
	}
	if v.eligible = v.reason == ""; v.eligible {
		v.queue.free += len(v.class.free)
	}
}

// ask is allow's answer, kept.
func (a *ACD) ask(id rivage.ID, of Stance) rivage.Decision {
	q := question{id, of}
	d, ok := a.answers[q]
	if !ok && a.allow != nil {
		d = a.allow(id, of)
		a.answers[q] = d
	}
	return d
}

func skilled(least, has map[rivage.ID]int) bool {
	for skill, level := range least {
		if has[skill] < level {
			return false
		}
	}
	return true
}
