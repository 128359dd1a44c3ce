// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/flow"
)

// matched is Arrived once the Runner has looked for the person.
type matched struct {
	Arrived
	Who
}

func (matched) command() {}

// arrived opens an interaction, or refuses the call: to a number nobody answers, while draining, or with the journal
// down, when nothing could be remembered of it.
func (s *State) arrived(b *batch, m matched) error {
	n := s.settings.Numbers[m.Number]
	var f *rivage.Flow
	if n != nil {
		f = s.settings.Flows[n.Flow]
	}
	switch {
	case s.closed():
		b.do(RejectCaller{Leg: m.CallerLeg, Status: 503, RetryAfter: retryAfter})
		return nil
	case f == nil:
		s.refused(b, Refused{Door: "sip", Source: string(m.Trunk), Reason: "unknown_number"})
		b.do(RejectCaller{Leg: m.CallerLeg, Status: 404})
		return nil
	}
	q := s.settings.Queues[flow.QueueOf(f)]
	if q == nil {
		b.do(RejectCaller{Leg: m.CallerLeg, Status: 503, RetryAfter: retryAfter})
		return nil
	}
	b.world = true
	returns := len(s.owing(m.Who, q.ID)) > 0 // whoever is owed a call holds a rank already
	c := s.open(b, m, n, f, q)
	if !returns && q.MaxWaiting > 0 && s.waiting(q) >= q.MaxWaiting {
		b.about(c, rivage.Leaf{Role: "system", Outcome: "deflected"}, &rivage.InteractionDeflected{Interaction: c.row.ID, Reason: "full"})
		b.do(RejectCaller{Leg: m.CallerLeg, Status: 486})
		delete(s.unmeasured, m.CallerLeg)
		s.forget(c)
		return nil
	}
	b.do(AnswerCaller{Leg: m.CallerLeg})
	s.step(b, c)
	return nil
}

// open makes the interaction, and the person and subject of a caller nobody knows. A caller who is owed a callback
// in the queue takes its rank.
func (s *State) open(b *batch, m matched, n *rivage.Number, f *rivage.Flow, q *rivage.Queue) *call {
	c := &call{caller: m.Caller, run: flow.Start(f), live: true}
	c.row = rivage.InteractionRow{
		ID: s.ids.New(), Principal: n.Principal, Person: m.Person, Subject: m.Subject, Channel: rivage.ChannelVoice,
		Number: n.Number, Trunk: m.Trunk, Flow: f.ID, FlowVersion: s.settings.FlowVersion[f.ID], Class: q.Class,
		Queue: q.ID, State: rivage.InFlow, CallerLeg: m.CallerLeg, OpenedAt: b.micros(),
	}
	facts := &rivage.InteractionOpened{
		Interaction: c.row.ID, Channel: c.row.Channel, Number: c.row.Number, Trunk: c.row.Trunk, Flow: c.row.Flow,
		FlowVersion: c.row.FlowVersion, Class: c.row.Class, CallerLeg: c.row.CallerLeg,
	}
	if c.row.Person == "" {
		c.row.Person, c.row.Subject, facts.New = s.ids.New(), s.ids.New(), true
		b.subjects = append(b.subjects, c.row.Subject)
	}
	facts.Person, facts.Subject = c.row.Person, c.row.Subject
	if debts := s.owing(m.Who, q.ID); len(debts) > 0 {
		oldest := debts[0].row
		facts.Returns = oldest.ID
		c.row.Rank, c.row.Priority = oldest.Rank, oldest.Priority
		s.returned(b, debts, c)
	}
	e := b.about(c, rivage.Leaf{Role: "caller", Mode: rivage.ModeVoice, Purpose: rivage.PurposeService, Outcome: "opened"}, facts)
	if !c.caller.Anonymous() {
		b.seal(e, c.row.Subject, map[string]string{"caller": string(c.caller)}, "caller")
		e.Indexes = []rivage.Index{{Kind: "tel", Value: string(c.caller)}}
	}
	s.calls[c.row.ID], s.legs[c.row.CallerLeg], s.unmeasured[c.row.CallerLeg] = c, c, party{call: c}
	return c
}

// step takes the flow on: the next announcement, or the queue after the recording notice.
func (s *State) step(b *batch, c *call) {
	for {
		st, ok := c.run.Next()
		switch {
		case !ok:
			return
		case st.Do == flow.Announce:
			if p := s.settings.Prompts[st.Prompt]; p != nil {
				s.play(b, c, p, func(b *batch, p2 Played) { b.promptPlayed(c, p, p2); s.step(b, c) })
				return
			}
		case st.Do == flow.Queue:
			s.notice(b, c, func(b *batch) { s.choice(b, c, func(b *batch) { s.queue(b, c) }) })
			return
		}
	}
}

// queue puts the interaction in its line: the first time at a rank it keeps whatever happens.
func (s *State) queue(b *batch, c *call) {
	q := s.settings.Queues[c.row.Queue]
	c.row.QueuedAt, c.queuedAt = b.micros(), b.now.Elapsed
	if c.row.Rank == 0 && q != nil {
		c.row.Priority = q.Priority
		c.row.Rank = rivage.RankOf(s.steady(), q.Priority, rivage.Micros(q.PriorityStep)*1e6)
	}
	s.enqueue(b, c, "")
}

// enqueue says that the interaction waits (again), and lets the acd have it.
func (s *State) enqueue(b *batch, c *call, again string) {
	if s.settings.Queues[c.row.Queue] == nil {
		s.stranded(b, c)
		return
	}
	c.row.State = rivage.Queued
	b.about(c, rivage.Leaf{Role: "system", Outcome: "queued"}, &rivage.InteractionQueued{
		Interaction: c.row.ID, Queue: c.row.Queue, QueuedAt: c.row.QueuedAt, Priority: c.row.Priority, Rank: c.row.Rank, Again: again,
	})
	s.music(b, c)
	s.wait(b, c)
}

// wait lets the acd have the interaction at its rank, and arms the position announcements.
func (s *State) wait(b *batch, c *call) {
	s.acd.Enqueue(s.inLine(c))
	s.watchLine(b.now, c)
	cancel(c.position)
	if q := s.settings.Queues[c.row.Queue]; q != nil && q.PositionEvery > 0 {
		every := time.Duration(q.PositionEvery) * time.Second
		c.position = s.after(b.now, every, func(b *batch) { s.announcePosition(b, c, every) })
	}
}

// announcePosition tells the caller the position in the line, where there is a prompt for it, then music again.
func (s *State) announcePosition(b *batch, c *call, every time.Duration) {
	if c.row.State != rivage.Queued {
		return
	}
	c.position = s.after(b.now, every, func(b *batch) { s.announcePosition(b, c, every) })
	p := s.settings.Prompts[PositionPrompt(s.position(c))]
	if _, ok := audioOf(p); !ok {
		return
	}
	s.play(b, c, p, func(b *batch, p2 Played) { b.promptPlayed(c, p, p2); s.music(b, c) })
}

// PositionPrompt is the prompt that says a position in the line: "position-1" to "position-10", then "position-more".
func PositionPrompt(position int) rivage.ID {
	if position > 10 {
		return "position-more"
	}
	return rivage.ID("position-" + [...]string{"", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}[max(position, 0)])
}

// waiting is how many wait in a queue.
func (s *State) waiting(q *rivage.Queue) (n int) {
	for _, line := range linesOf(q) {
		n += s.acd.Len(line.ID)
	}
	return n
}

// digit is a key the caller pressed. Two mean something: the refusal to be recorded, and the choice of an area.
func (s *State) digit(b *batch, d Digit) {
	c := s.legs[d.Leg]
	if c == nil || d.Leg != c.row.CallerLeg {
		return
	}
	q := s.settings.Queues[c.row.Queue]
	if q != nil && q.Recording != nil && q.Recording.OppositionKey == string(d.Digit) {
		s.oppose(b, c, "caller")
	}
	if q != nil && q.Choice != nil && q.Choice.Key == string(d.Digit) {
		s.choose(b, c, q)
	}
}
