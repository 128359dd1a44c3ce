// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"slices"
	"strings"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/acd"
	"rivage.example/rivage/engine/policy"
)

// A queue that gives its callers the choice of where they are answered from has two lines: everybody's, and that of the
// area. The agents of the queue serve both, those outside the area only the first; ranks are the same in both.

// areaMark stands between a queue and the area in the name of its second line. No id of a queue holds it.
const areaMark = "@"

// LineOf is the line in which an interaction of a queue waits.
func LineOf(queue rivage.ID, area rivage.Area) rivage.ID {
	if area == "" {
		return queue
	}
	return queue + areaMark + rivage.ID(area)
}

// ofLine is the queue of a line, and the area that it is for.
func ofLine(line rivage.ID) (rivage.ID, rivage.Area) {
	queue, area, _ := strings.Cut(string(line), areaMark)
	return rivage.ID(queue), rivage.Area(area)
}

// areaOffered is what the callers of a queue may choose, "" for nothing.
func areaOffered(q *rivage.Queue) rivage.Area {
	if q == nil || q.Choice == nil {
		return ""
	}
	return q.Choice.Area
}

// lineFor is the line of a queue for somebody who chose an area: everybody's while that area is not offered.
func lineFor(s *rivage.Settings, queue rivage.ID, area rivage.Area) rivage.ID {
	if area != areaOffered(s.Queues[queue]) {
		area = ""
	}
	return LineOf(queue, area)
}

// linesOf are the lines of a queue.
func linesOf(q *rivage.Queue) []acd.Queue {
	lines := []acd.Queue{{ID: q.ID, Skills: q.Skills}}
	if q.Choice != nil {
		lines = append(lines, acd.Queue{ID: LineOf(q.ID, q.Choice.Area), Skills: q.Skills})
	}
	return lines
}

// Lines are the lines of all queues.
func Lines(s *rivage.Settings) (list []acd.Queue) {
	for _, q := range s.Queues {
		list = append(list, linesOf(q)...)
	}
	return list
}

// served are the lines that an agent of some queues serves.
func served(s *rivage.Settings, queues []rivage.ID) []rivage.ID {
	lines := slices.Clone(queues)
	for _, id := range queues {
		if q := s.Queues[id]; q != nil && q.Choice != nil {
			lines = append(lines, LineOf(id, q.Choice.Area))
		}
	}
	return lines
}

// outsideArea refuses an agent whom the caller did not ask for.
func outsideArea(area rivage.Area, p rivage.Place, rules string) (rivage.Decision, bool) {
	if area == "" || area.Holds(policy.ZoneOf(p.Vouched())) && p.Vouched() != "" {
		return rivage.Decision{}, false
	}
	return rivage.Decision{Rule: "choix", Reason: "L'appelant a demandé à être pris en charge dans une autre zone.", Rules: rules}, true
}

// choice tells the caller that they may choose, and how long the wait is there, before they wait. A key pressed meanwhile, or later while they wait, is
// the choice.
func (s *State) choice(b *batch, c *call, then func(*batch)) {
	q := s.settings.Queues[c.row.Queue]
	if q == nil || q.Choice == nil {
		then(b)
		return
	}
	p := s.settings.Prompts[q.Choice.Prompt]
	c.beforeLine = then
	s.play(b, c, p, func(b *batch, p2 Played) {
		b.promptPlayed(c, p, p2)
		s.tellWait(b, c, q, func(b *batch) { s.intoLine(b, c) })
	})
}

// intoLine ends what comes before the line, once.
func (s *State) intoLine(b *batch, c *call) {
	then := c.beforeLine
	c.beforeLine = nil
	if then != nil {
		then(b)
	}
}

// choose takes the caller's choice of where they are answered from. The rank is that of the arrival.
func (s *State) choose(b *batch, c *call, q *rivage.Queue) {
	if c.area == q.Choice.Area || c.beforeLine == nil && c.row.State != rivage.Queued && c.row.State != rivage.Offered {
		return
	}
	staffed := s.acd.Staffed(LineOf(q.ID, q.Choice.Area))
	if !staffed && c.caller.Anonymous() {
		return // nobody there, and nobody to call back: they wait with everybody
	}
	c.area = q.Choice.Area
	facts := &rivage.AreaChosen{Interaction: c.row.ID, Queue: q.ID, Area: c.area, Owed: !staffed}
	facts.Told = c.toldWait.Microseconds()
	if c.row.QueuedAt != 0 {
		facts.Waited = (b.now.Elapsed - c.queuedAt).Microseconds()
	}
	b.about(c, rivage.Leaf{Role: "caller", Outcome: "chosen"}, facts)
	if o := c.offer; o != nil {
		if _, outside := outsideArea(c.area, o.place, ""); !outside {
			return // who was about to answer sits there
		}
		s.endOffer(b, c, "withdrawn", "area")
		s.idleAgain(b, o.agent)
	}
	if facts.Owed {
		s.later(b, c, q.Choice.Later, "area")
		return
	}
	p := s.settings.Prompts[q.Choice.Accepted]
	if c.beforeLine != nil {
		s.play(b, c, p, func(b *batch, p2 Played) { b.promptPlayed(c, p, p2); s.intoLine(b, c) })
		return
	}
	s.enqueue(b, c, "area")
	s.play(b, c, p, func(b *batch, p2 Played) { b.promptPlayed(c, p, p2); s.music(b, c) })
}

// lineCheck is how long a line may be without anybody who may answer before its callers are owed a call.
const lineCheck = 30 * time.Second

// watchLine looks again and again whether anybody at work may answer a caller who waits.
func (s *State) watchLine(now Moment, c *call) {
	cancel(c.watch)
	c.watch = s.after(now, lineCheck, func(b *batch) { s.lookAtLine(b, c) })
}

func (s *State) lookAtLine(b *batch, c *call) {
	q := s.settings.Queues[c.row.Queue]
	line := lineFor(s.settings, c.row.Queue, c.area)
	switch {
	case c.row.State != rivage.Queued || q == nil:
	case line == q.ID && s.acd.Barred(line):
		s.nobody(b, c, q)
	case line == q.ID || s.acd.Staffed(line):
		s.watchLine(b.now, c)
	case c.caller.Anonymous(): // nobody to call back: with everybody again
		c.area = ""
		b.about(c, rivage.Leaf{Role: "system", Outcome: "withdrawn"}, &rivage.AreaChosen{Interaction: c.row.ID, Queue: q.ID})
		s.wait(b, c)
	default:
		s.later(b, c, q.Choice.Later, "area")
	}
}

// nobody tells a caller that the law lets nobody answer them who is at work: they are owed a call, or, where they cannot be
// called, hear so. Without the prompt that says it, who cannot be called waits on.
func (s *State) nobody(b *batch, c *call, q *rivage.Queue) {
	if !c.caller.Anonymous() {
		s.later(b, c, q.Nobody, noAgent)
		return
	}
	if _, ok := audioOf(s.settings.Prompts[q.Nobody]); !ok {
		s.watchLine(b.now, c)
		return
	}
	b.fail(c.row, noAgent)
	c.row.State = rivage.Failed
	s.dismiss(b, c, q.Nobody, noAgent)
}

// noAgent is the reason of what became of a caller whom nobody at work may answer.
const noAgent = "no_agent"

// later owes a call to somebody whom nobody could answer now: they hear so, and keep their rank.
func (s *State) later(b *batch, c *call, prompt rivage.ID, reason string) {
	s.promise(b, c.row, reason)
	c.row.State = rivage.CallbackOwed
	s.dismiss(b, c, prompt, reason)
}

// dismiss takes a caller out of the line, tells them, and hangs up.
func (s *State) dismiss(b *batch, c *call, prompt rivage.ID, reason string) {
	s.acd.Remove(c.row.ID)
	cancel(c.position)
	cancel(c.watch)
	c.beforeLine = nil
	p := s.settings.Prompts[prompt]
	s.play(b, c, p, func(b *batch, p2 Played) {
		b.promptPlayed(c, p, p2)
		b.do(EndLeg{Leg: c.row.CallerLeg, Cause: reason})
		s.forget(c)
	})
}

// areaBy is the choice that an interaction's story tells last, "" for none.
func areaBy(story []rivage.Facts) (area rivage.Area) {
	for _, facts := range story {
		if f, ok := facts.(*rivage.AreaChosen); ok {
			area = f.Area
		}
	}
	return area
}

// position is where an interaction stands in its queue, whatever the line: how many have an earlier rank, and itself.
func (s *State) position(c *call) int {
	n := 1
	q := s.settings.Queues[c.row.Queue]
	if q == nil {
		return n
	}
	for _, line := range linesOf(q) {
		for w := range s.acd.Waiting(line.ID) {
			if w.Rank < c.row.Rank {
				n++
			}
		}
	}
	return n
}
