// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"time"

	"rivage.example/rivage"
)

// legEnded takes the end of a leg that the world decided. What it means depends on whose leg it was and on where the
// interaction stood.
func (s *State) legEnded(b *batch, l LegEnded) {
	c := s.legs[l.Leg]
	if c == nil {
		return
	}
	s.drop(l.Leg)
	switch {
	case l.Leg == c.row.CallerLeg:
		s.callerGone(b, c, l)
	case c.offer != nil && c.offer.leg == l.Leg:
		s.deviceGone(b, c, l)
	case l.Leg == c.row.AgentLeg:
		s.agentGone(b, c, l)
	}
}

// callerGone: an abandon before an agent was heard, the end of the conversation after.
func (s *State) callerGone(b *batch, c *call, l LegEnded) {
	c.live = false
	c.playing = playing{}
	switch c.row.State {
	case rivage.Connected, rivage.Held, rivage.Parked:
		s.end(b, c, "caller", l.Cause)
	case rivage.Received, rivage.InFlow:
		s.abandon(b, c, "flow", l.Cause)
	case rivage.Queued:
		s.acd.Remove(c.row.ID)
		s.abandon(b, c, "queue", l.Cause)
	case rivage.Offered:
		during, a := "sentence", c.offer.agent
		if c.offer.told {
			during = "queue"
		}
		s.endOffer(b, c, "withdrawn", "caller_left")
		s.idleAgain(b, a)
		s.abandon(b, c, during, l.Cause)
	case rivage.CallbackOwed, rivage.Failed: // they did not hear the end of what they were told; it stands
		s.forget(c)
	}
}

func (s *State) abandon(b *batch, c *call, during, cause string) {
	facts := &rivage.InteractionAbandoned{Interaction: c.row.ID, During: during, Cause: cause}
	if c.row.QueuedAt != 0 {
		facts.Queue, facts.Wait = c.row.Queue, (b.now.Elapsed - c.queuedAt).Microseconds()
	}
	c.row.State = rivage.Abandoned
	b.about(c, rivage.Leaf{Role: "caller", Outcome: "abandoned"}, facts)
	b.do(EndLeg{Leg: c.row.CallerLeg, Cause: cause})
	s.forget(c)
}

// deviceGone: the agent's device refused, or was lost while it rang.
func (s *State) deviceGone(b *batch, c *call, l LegEnded) {
	if c.offer.device.Kind == DeviceSIP && (l.Cause == "declined" || l.Cause == "busy") {
		s.giveBack(b, c, "declined", l.Cause, rivage.AgentPaused, rivage.PauseNoAnswer)
		return
	}
	s.giveBack(b, c, "failed", l.Cause, rivage.AgentPaused, rivage.PauseNoAnswer)
}

// agentGone: the agent hung a device up, which ends the call; or the leg was lost, and the caller must not pay for it.
func (s *State) agentGone(b *batch, c *call, l LegEnded) {
	a := s.agents[c.row.Agent]
	switch {
	case l.By == "agent" && (l.Cause == "bye" || l.Cause == "hangup"):
		s.end(b, c, "agent", l.Cause)
	case a != nil && a.set != nil && a.set.Device.Kind != DeviceSIP:
		s.park(b, c, l.Cause)
	default:
		s.lost(b, c, l.Cause)
	}
}

// park keeps the call for the agent who lost it; the caller hears music meanwhile.
func (s *State) park(b *batch, c *call, cause string) {
	if c.row.State == rivage.Held {
		c.held += b.now.Elapsed - c.heldSince
	}
	s.drop(c.row.AgentLeg)
	c.row.State, c.heldSince = rivage.Parked, b.now.Elapsed
	c.timer = s.after(b.now, parkTime, func(b *batch) { s.lost(b, c, "agent_lost") })
	b.about(c, rivage.Leaf{Role: "system", Outcome: "parked"}, &rivage.InteractionParked{
		Interaction: c.row.ID, Agent: c.row.Agent, Reason: cause, Deadline: b.until(parkTime),
	})
	s.pauseRecording(b, c)
	b.do(Unbridge{Caller: c.row.CallerLeg, Agent: c.row.AgentLeg}, EndLeg{Leg: c.row.AgentLeg, Cause: cause})
	s.music(b, c)
}

// lost gives the call back to the line, at the rank of its arrival: the agent will not come back to it.
func (s *State) lost(b *batch, c *call, cause string) {
	if c.row.State != rivage.Parked && c.row.State != rivage.Connected && c.row.State != rivage.Held {
		return
	}
	cancel(c.timer)
	a := s.agents[c.row.Agent]
	s.drop(c.row.AgentLeg)
	b.do(Unbridge{Caller: c.row.CallerLeg, Agent: c.row.AgentLeg}, EndLeg{Leg: c.row.AgentLeg, Cause: cause})
	c.talked += c.talking(b.now)
	s.stopRecording(b, c)
	c.recording = recording{noticed: c.recording.noticed, opposed: c.recording.opposed} // a resumed one is a new object
	c.row.AgentLeg = ""
	if a != nil {
		s.setAgent(b, a, rivage.AgentUnreachable, cause, nil, 0)
	}
	s.enqueue(b, c, "lost")
}

// talking is how long the present conversation lasted, holds out, and closes a hold that is open.
func (c *call) talking(now Moment) time.Duration {
	if c.row.State != rivage.Connected {
		c.held += now.Elapsed - c.heldSince
		c.heldSince = now.Elapsed
	}
	return max(0, now.Elapsed-c.answered-(c.held-c.heldBefore))
}

// end is the end of a conversation: the recording closes, the agent wraps up.
func (s *State) end(b *batch, c *call, by, cause string) {
	cancel(c.timer)
	c.talked += c.talking(b.now)
	q := s.settings.Queues[c.row.Queue]
	wrap := time.Minute
	if q != nil && q.WrapUp > 0 {
		wrap = time.Duration(q.WrapUp) * time.Second
	}
	c.wrap = b.now.Elapsed
	c.row.State = rivage.WrapUp
	c.row.Hold = c.held.Microseconds()
	c.row.Talk = c.talked.Microseconds()
	s.stopRecording(b, c)
	a := s.agents[c.row.Agent]
	leaf := rivage.Leaf{Role: by, Outcome: "ended"}
	if by == "agent" && a != nil {
		leaf = byAgent(a, "ended")
	}
	b.about(c, leaf, &rivage.InteractionEnded{
		Interaction: c.row.ID, Agent: c.row.Agent, By: by, Cause: cause, Talk: c.row.Talk, Hold: c.row.Hold, Deadline: b.until(wrap),
	})
	c.timer = s.after(b.now, wrap, func(b *batch) { s.overdue(b, c) })
	if a != nil {
		s.setAgent(b, a, rivage.AgentWrapUp, "", c, b.until(wrap))
	}
	b.do(
		Unbridge{Caller: c.row.CallerLeg, Agent: c.row.AgentLeg},
		EndLeg{Leg: c.row.CallerLeg, Cause: cause}, EndLeg{Leg: c.row.AgentLeg, Cause: cause},
	)
	s.drop(c.row.CallerLeg)
	s.drop(c.row.AgentLeg)
}

// control takes what an agent asks of the call they have.
func (s *State) control(b *batch, cmd Command) error {
	switch cmd := cmd.(type) {
	case Hold:
		return s.during(cmd.Agent, cmd.Interaction, func(c *call, a *agent) error { return s.hold(b, c, a) }, rivage.Connected)
	case Resume:
		return s.during(cmd.Agent, cmd.Interaction, func(c *call, a *agent) error { return s.resume(b, c, a) }, rivage.Held)
	case HangUp:
		b.world = true
		return s.during(cmd.Agent, cmd.Interaction, func(c *call, _ *agent) error {
			s.end(b, c, "agent", "hangup")
			return nil
		}, rivage.Connected, rivage.Held, rivage.Parked)
	case Rejoin:
		return s.during(cmd.Agent, cmd.Interaction, func(c *call, a *agent) error { return s.rejoin(b, c, a, cmd.Leg) },
			rivage.Parked, rivage.Connected, rivage.Held)
	case Oppose:
		b.world = true
		return s.during(cmd.Agent, cmd.Interaction, func(c *call, _ *agent) error {
			s.oppose(b, c, "agent")
			return nil
		}, rivage.Connected, rivage.Held, rivage.WrapUp)
	}
	return nil
}

// during runs do on an agent's own call when it is in one of the states; another's call does not exist for them.
func (s *State) during(agentID, id rivage.ID, do func(*call, *agent) error, states ...rivage.InteractionState) error {
	c, a := s.calls[id], s.agents[agentID]
	if c == nil || a == nil || c.row.Agent != agentID || a.row.Interaction != id {
		return &rivage.Error{Code: rivage.NotFound, Message: "no such call of yours"}
	}
	for _, st := range states {
		if c.row.State == st {
			return do(c, a)
		}
	}
	return &rivage.Error{Code: rivage.Conflict, Message: "the call is " + string(c.row.State) + " now"}
}

func (s *State) hold(b *batch, c *call, a *agent) error {
	c.row.State, c.heldSince, c.row.HeldAt = rivage.Held, b.now.Elapsed, b.micros()
	b.about(c, byAgent(a, "held"), &rivage.InteractionHeld{Interaction: c.row.ID, Agent: c.row.Agent}).Actor = a.set.Subject
	s.pauseRecording(b, c)
	b.do(Unbridge{Caller: c.row.CallerLeg, Agent: c.row.AgentLeg})
	s.music(b, c)
	return nil
}

func (s *State) resume(b *batch, c *call, a *agent) error {
	if err := s.rejoinBridge(b, c, a); err != nil {
		return err
	}
	held := b.now.Elapsed - c.heldSince
	c.held += held
	c.row.State, c.row.HeldAt = rivage.Connected, 0
	b.about(c, byAgent(a, "resumed"), &rivage.InteractionResumed{
		Interaction: c.row.ID, Agent: c.row.Agent, Held: held.Microseconds(),
	}).Actor = a.set.Subject
	s.record(b, c)
	return nil
}

// rejoin takes the agent's new leg: after a reload the old one may not be known to be dead yet.
func (s *State) rejoin(b *batch, c *call, a *agent, leg rivage.ID) error {
	old := c.row.AgentLeg
	c.row.AgentLeg = leg
	if err := s.rejoinBridge(b, c, a); err != nil {
		c.row.AgentLeg = old
		return err
	}
	if leg != old && c.row.State != rivage.Parked {
		s.drop(old)
		b.do(EndLeg{Leg: old, Cause: "replaced"})
	}
	cancel(c.timer)
	if c.row.State != rivage.Connected {
		c.held += b.now.Elapsed - c.heldSince
	}
	c.row.State = rivage.Connected
	s.legs[leg], s.unmeasured[leg] = c, party{c, a.row.Agent}
	b.about(c, byAgent(a, "rejoined"), &rivage.InteractionRejoined{
		Interaction: c.row.ID, Agent: c.row.Agent, Leg: leg,
	}).Actor = a.set.Subject
	if a.row.State != rivage.AgentEngaged {
		s.setAgent(b, a, rivage.AgentEngaged, "", c, 0)
	}
	s.record(b, c)
	return nil
}

// rejoinBridge asks the gate again, because rules, places and sessions may have changed since the last time.
func (s *State) rejoinBridge(b *batch, c *call, a *agent) error {
	q := s.settings.Queues[c.row.Queue]
	if q == nil {
		return &rivage.Error{Code: rivage.Conflict, Message: "the queue is gone"}
	}
	grant, d := s.ask(q, rivage.ActLeg, rivage.ModeVoice, rivage.PurposeService, a.row.Place, c.row.AgentLeg)
	if !d.Allowed {
		return &rivage.Error{Code: rivage.Denied, Message: d.Reason, Decision: &d}
	}
	c.playing = playing{}
	b.do(Bridge{Caller: c.row.CallerLeg, Agent: c.row.AgentLeg, Grant: grant})
	return nil
}
