// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/acd"
	"rivage.example/rivage/engine/policy"
)

// inLine is a call as the acd sees it.
func (s *State) inLine(c *call) acd.Waiting {
	return acd.Waiting{Interaction: c.row.ID, Queue: lineFor(s.settings, c.row.Queue, c.area), Rank: c.row.Rank, Declined: c.declined}
}

// offer reserves one agent for one interaction: one append over both streams. Once it is durable three things start
// together: the offer on the agent's screen, the ringing, and the sentence to the caller.
func (s *State) offer(b *batch, m acd.Match) {
	c, a := s.calls[m.Interaction], s.agents[m.Agent]
	q := s.settings.Queues[c.row.Queue]
	o := &offer{id: s.ids.New(), agent: a, leg: s.ids.New(), device: a.set.Device, place: a.row.Place}
	grant, d := s.ask(q, rivage.ActOffer, rivage.ModeVoice, rivage.PurposeService, o.place, o.leg)
	o.sentence = s.settings.Sentence(o.place)
	o.told = o.sentence != nil && c.told == o.sentence.ID // the same text was heard already
	timeout := time.Duration(q.OfferTimeout) * time.Second
	o.timer = s.after(b.now, timeout, func(b *batch) { s.noAnswer(b, c, o) })
	c.offer = o
	c.row.State, c.row.Agent, c.row.Offer, c.row.Place = rivage.Offered, a.row.Agent, o.id, o.place
	s.legs[o.leg], s.unmeasured[o.leg] = c, party{c, a.row.Agent}
	cancel(c.position)
	cancel(c.watch)

	facts := &rivage.InteractionOffered{
		Interaction: c.row.ID, Offer: o.id, Agent: a.row.Agent, Leg: o.leg, Queue: q.ID, Place: o.place, Device: o.device.Kind,
		Deadline: b.until(timeout), Waited: (b.now.Elapsed - c.queuedAt).Microseconds(), Idle: int64(s.steady() - a.row.IdleSince),
		Candidates: m.Candidates, RunnersUp: m.RunnersUp, SetAside: m.SetAside, Settings: s.settings.Seq,
		Clock: s.steady(),
	}
	if o.sentence != nil && !o.told {
		facts.Sentence = o.sentence.ID
	}
	b.about(c, byRule(o.place, d, rivage.ModeVoice, rivage.PurposeService, "offered"), facts)
	s.setAgent(b, a, rivage.AgentOffered, "", c, b.until(timeout+offerSlack))
	b.do(Ring{
		Leg: o.leg, Agent: a.row.Agent, Offer: o.id, Device: o.device, Class: q.Class, From: s.shownNumber(b, c, q, o),
		Deadline: b.until(timeout), Grant: grant,
	})
	if !o.told {
		s.play(b, c, o.sentence, func(b *batch, p Played) { s.disclosed(b, c, o, p) })
	}
}

// shownNumber is the caller's number as a fixed device displays it: a field like any other, decided and entered before
// it leaves. A browser's desk asks view for it instead.
func (s *State) shownNumber(b *batch, c *call, q *rivage.Queue, o *offer) rivage.Phone {
	if o.device.Kind != DeviceSIP || c.caller.Anonymous() {
		return ""
	}
	_, d := s.gate.Ask(policy.Request{
		Principal: q.Principal, Action: rivage.ActField, Class: q.Class, Mode: rivage.ModeView,
		Purpose: rivage.PurposeService, Place: o.place, Field: "caller", Queue: q.ID,
	}, s.now.Wall, grantLife)
	leaf := byRule(o.place, d, rivage.ModeView, rivage.PurposeService, "refused")
	leaf.Field = "caller"
	whole := d.Allowed && !d.Masked && !d.Remote // a telephone shows a number as text, or none
	if whole {
		leaf.Outcome = "shown"
	}
	b.about(c, leaf, &rivage.FieldShown{
		Account: o.agent.row.Agent, Interaction: c.row.ID, Field: "caller", Allowed: whole, Seen: o.place.Seen,
	})
	if !whole {
		return ""
	}
	return c.caller
}

// disclosed takes the end of the sentence. Only one heard to its last frame counts.
func (s *State) disclosed(b *batch, c *call, o *offer, p Played) {
	if c.offer != o {
		return
	}
	if o.sentence != nil && p.Play != "" {
		leaf := rivage.Leaf{Role: "system", Site: o.place.Site, Country: o.place.Vouched(), Evidence: o.place.Evidence, Outcome: ending(p.Complete)}
		reason := ""
		if p.Unread {
			reason = "unreadable"
		}
		b.about(c, leaf, &rivage.DisclosurePlayed{
			Interaction: c.row.ID, Offer: o.id, Agent: o.agent.row.Agent, Prompt: o.sentence.ID, Audio: o.sentence.Audio,
			Source: o.sentence.Source, Frames: p.Frames, Complete: p.Complete, Reason: reason,
			Country: o.place.Vouched(), Evidence: o.place.Evidence,
		})
	}
	if p.Unread {
		s.sentenceLost(b, c, o)
		return
	}
	if !p.Complete || p.Frames == 0 {
		return // the leg is going
	}
	o.told, o.toldAt, c.told = true, b.now.Elapsed, o.sentence.ID
	c.row.Sentence, c.row.ToldAt = o.sentence.ID, b.micros()
	if !s.bridge(b, c) {
		s.music(b, c)
	}
}

// unreadable is the reason of an offer that ended because its sentence had no sound.
const unreadable = "sentence_unreadable"

// sentenceLost takes an offer back whose sentence cannot be played: nobody is bridged untold. It is nobody's fault who is on
// the line: the interaction waits at its rank, and the agent is as idle as before, but not ready until it is repaired.
func (s *State) sentenceLost(b *batch, c *call, o *offer) {
	s.setUnread(b, o.sentence.Audio, true)
	s.endOffer(b, c, "failed", unreadable)
	s.idleAgain(b, o.agent)
	s.enqueue(b, c, "failed")
}

// answer takes what the agent says to an offer. An offer that is over is a Conflict, and says so.
func (s *State) answer(b *batch, cmd Command) error {
	agentID, id := rivage.ID(""), rivage.ID("")
	switch cmd := cmd.(type) {
	case Accept:
		agentID, id = cmd.Agent, cmd.Offer
	case Decline:
		agentID, id = cmd.Agent, cmd.Offer
	}
	c, o := s.offerOf(agentID, id)
	if o == nil {
		return &rivage.Error{Code: rivage.Conflict, Message: "the offer is over"}
	}
	if d, ok := cmd.(Decline); ok {
		s.endOffer(b, c, "declined", d.Reason)
		s.free(b, o.agent)
		s.enqueue(b, c, "declined")
		return nil
	}
	s.accept(b, c, o)
	return nil
}

func (s *State) offerOf(agentID, id rivage.ID) (*call, *offer) {
	a := s.agents[agentID]
	if a == nil || a.row.Offer != id || id == "" {
		return nil, nil
	}
	if c := s.calls[a.row.Interaction]; c != nil && c.offer != nil && c.offer.id == id {
		return c, c.offer
	}
	return nil, nil
}

func (s *State) accept(b *batch, c *call, o *offer) {
	if o.accepted {
		return
	}
	o.accepted, o.acceptAt, c.row.AcceptedAt = true, b.now.Elapsed, b.micros()
	cancel(o.timer)
	// The sentence and the device's media may still be under way: they get the lease's slack, then the offer ends.
	o.timer = s.after(b.now, parkTime, func(b *batch) { s.noAnswer(b, c, o) })
	b.about(c, byAgent(o.agent, "accepted"), &rivage.OfferAccepted{
		Interaction: c.row.ID, Offer: o.id, Agent: o.agent.row.Agent, Leg: o.leg,
	}).Actor = o.agent.set.Subject
	s.bridge(b, c)
}

// legAnswered: media can flow to the agent's device. Picking a fixed device up is accepting.
func (s *State) legAnswered(b *batch, l LegAnswered) {
	c := s.legs[l.Leg]
	if c == nil || c.offer == nil || c.offer.leg != l.Leg {
		return
	}
	c.offer.connected = true
	if c.offer.device.Kind == DeviceSIP {
		s.accept(b, c, c.offer)
		return
	}
	s.bridge(b, c)
}

// bridge joins caller and agent once the agent accepted, the device is connected and the caller was told where the
// agent sits; false while one of them is missing.
func (s *State) bridge(b *batch, c *call) bool {
	o := c.offer
	if o == nil || !o.accepted || !o.connected || !o.told {
		return false
	}
	q := s.settings.Queues[c.row.Queue]
	grant, d := s.ask(q, rivage.ActLeg, rivage.ModeVoice, rivage.PurposeService, o.place, o.leg)
	if !d.Allowed { // the rules changed meanwhile
		s.giveBack(b, c, "failed", "policy", rivage.AgentReady, "")
		return true
	}
	cancel(o.timer)
	a := o.agent
	c.offer, c.answered, c.heldBefore = nil, b.now.Elapsed, c.held
	c.row.State, c.row.AnsweredAt, c.row.AgentLeg = rivage.Connected, b.micros(), o.leg
	c.row.Wait = (b.now.Elapsed - c.queuedAt).Microseconds()
	c.playing = playing{}
	b.about(c, byRule(o.place, d, rivage.ModeVoice, rivage.PurposeService, "answered"), &rivage.InteractionAnswered{
		Interaction: c.row.ID, Offer: o.id, Agent: a.row.Agent, Leg: o.leg, Place: o.place, Wait: c.row.Wait,
		Extra: max(0, o.toldAt-o.acceptAt).Microseconds(),
	}).Actor = a.set.Subject
	s.setAgent(b, a, rivage.AgentEngaged, "", c, 0)
	b.do(Bridge{Caller: c.row.CallerLeg, Agent: o.leg, Grant: grant})
	s.record(b, c)
	return true
}

// noAnswer: nobody took the offer in time. The interaction is at its rank, the agent out until they act.
func (s *State) noAnswer(b *batch, c *call, o *offer) {
	if c.offer != o {
		return
	}
	s.giveBack(b, c, "no_answer", "", rivage.AgentPaused, rivage.PauseNoAnswer)
}

// giveBack ends an offer, sets the agent, and lets the interaction wait at its rank again.
func (s *State) giveBack(b *batch, c *call, outcome, reason string, st rivage.AgentState, why string) {
	a := c.offer.agent
	s.endOffer(b, c, outcome, reason)
	s.setAgent(b, a, st, why, nil, 0)
	s.enqueue(b, c, outcome)
}

// endOffer says how an offer ended and takes the device's leg down.
func (s *State) endOffer(b *batch, c *call, outcome, reason string) {
	o := c.offer
	cancel(o.timer)
	c.offer = nil
	if comesLast(outcome, reason) {
		c.declined = append(c.declined, o.agent.row.Agent)
	}
	leaf := byAgent(o.agent, outcome)
	if outcome != "declined" {
		leaf.Role = "system"
	}
	e := b.about(c, leaf, &rivage.OfferEnded{
		Interaction: c.row.ID, Offer: o.id, Agent: o.agent.row.Agent, Outcome: outcome, Reason: reason,
	})
	if outcome == "declined" {
		e.Actor = o.agent.set.Subject
	}
	s.drop(o.leg)
	b.do(EndLeg{Leg: o.leg, Cause: outcome})
}

// Undo takes back an offer whose entries the journal did not take: the interaction is at its rank as if never offered,
// the agent as idle as before. Its effects never left.
func (s *State) Undo(now Moment, interaction rivage.ID) {
	c := s.calls[interaction]
	if c == nil || c.offer == nil {
		return
	}
	o := c.offer
	cancel(o.timer)
	s.untally(interaction)
	c.offer, c.row.State = nil, rivage.Queued
	c.playing = playing{}
	s.drop(o.leg)
	delete(s.unmeasured, o.leg)
	if a := o.agent; a.row.State == rivage.AgentOffered && a.row.Offer == o.id {
		a.row.State, a.row.Interaction, a.row.Offer, a.row.Deadline = rivage.AgentReady, "", "", 0
		s.tell(a)
		if o.notes > 1 { // the desk was opened anew meanwhile: an entry of its own says "offered", and stays
			s.after(now, 0, func(b *batch) { s.proved(b, a) })
		}
	}
	s.wait(&batch{s: s, now: now}, c)
}
