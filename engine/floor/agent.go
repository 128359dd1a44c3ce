// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"maps"
	"slices"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// The devices an agent may have.
const (
	DeviceBrowser = "browser"
	DeviceSIP     = "sip"
)

// The pauses the floor sets itself, beside rivage.PauseNoAnswer.
const (
	PauseSignedIn    = "connexion"     // just arrived: ready is for the agent to say
	PauseDisposition = "qualification" // the last interaction has no disposition yet
)

// agent is somebody who answers: settings, presence as the entries so far make it, and what their desk last proved.
type agent struct {
	set   *rivage.Agent
	row   rivage.AgentRow
	gone  bool      // no longer in the settings: gets nothing more
	late  bool      // the desk's heartbeat is late: no offers
	mic   bool      // the desk measured sound since its page was loaded
	pause string    // pause asked for during a call, taken after it
	away  *deadline // of a desk that closed
}

// setAgent moves an agent to a state: an entry on the agent's stream, and the acd told. c is the interaction they are
// busy with, nil for none.
func (s *State) setAgent(b *batch, a *agent, state rivage.AgentState, reason string, c *call, until rivage.Micros) {
	if state == rivage.AgentReady && a.row.State != rivage.AgentReady {
		a.row.IdleSince = s.steady()
	}
	if a.row.State != state || a.row.Reason != reason {
		a.row.Since = b.micros()
	}
	a.row.State, a.row.Reason, a.row.Deadline = state, reason, until
	a.row.Interaction, a.row.Offer = "", ""
	if c != nil {
		a.row.Interaction = c.row.ID
		if c.offer != nil {
			a.row.Offer = c.offer.id
		}
	}
	s.note(b, a)
}

// idleAgain gives an agent back whose offer was withdrawn: as idle as before it, unless they asked for a pause meanwhile.
func (s *State) idleAgain(b *batch, a *agent) {
	if a.pause != "" || a.late || a.gone {
		s.free(b, a)
		return
	}
	idle := a.row.IdleSince
	a.row.State, a.row.Reason, a.row.Deadline, a.row.Since = rivage.AgentReady, "", 0, b.micros()
	a.row.Interaction, a.row.Offer, a.row.IdleSince = "", "", idle
	s.note(b, a)
}

// note writes an agent's presence as it stands, and tells the acd.
func (s *State) note(b *batch, a *agent) {
	e := rivage.Entry{
		Stream: rivage.StreamOf("agent", a.row.Agent), Principal: rivage.Organisation, Leaf: byAgent(a, string(a.row.State)),
		Facts: s.present(a),
	}
	if a.set != nil {
		e.Actor = a.set.Subject
	}
	b.add(e)
	if c := s.calls[a.row.Interaction]; c != nil && c.offer != nil && c.offer.agent == a {
		c.offer.notes++
	}
	s.tell(a)
}

// present is what an entry says of an agent, and all that makes them a candidate beside the settings.
func (s *State) present(a *agent) *rivage.AgentStateSet {
	ready := a.row.State == rivage.AgentReady
	return &rivage.AgentStateSet{
		Agent: a.row.Agent, State: a.row.State, Reason: a.row.Reason, Since: a.row.Since, Interaction: a.row.Interaction,
		Offer: a.row.Offer, Deadline: a.row.Deadline, IdleSince: a.row.IdleSince, Session: a.row.Session,
		Device: a.row.Device, Place: a.row.Place, Late: ready && a.late, Unheard: ready && !a.mic,
		Untold: ready && s.untold(a),
	}
}

// proved notes what a desk or a sound proved or failed to, where it makes a candidate of the agent or of nobody.
func (s *State) proved(b *batch, a *agent) {
	if a.row.State == rivage.AgentReady {
		s.note(b, a)
	}
}

// tell lets the acd know whether an agent may take a call now, and if not, why.
func (s *State) tell(a *agent) {
	if a.set != nil && !a.gone {
		s.acd.SetAgent(Candidate(s.settings, a.set, s.present(a)))
	}
}

// untold says whether no sentence, or none whose sound can be had, would tell callers where an agent sits.
func (s *State) untold(a *agent) bool {
	return !siteReady(s.settings, a.row.Place) || s.unread[s.settings.Sentence(a.row.Place).Audio]
}

// setUnread says whether a sound cannot be had. While it cannot, nobody is offered whose place it tells.
func (s *State) setUnread(b *batch, audio string, is bool) {
	if s.unread[audio] == is {
		return
	}
	next := map[string]bool{audio: true}
	maps.Copy(next, s.unread)
	if !is {
		delete(next, audio)
	}
	s.retell(b, func() { s.unread = next })
}

// retell notes the ready agents whose place a change made untold, or not: it makes candidates of them, or of nobody.
func (s *State) retell(b *batch, change func()) {
	was := map[rivage.ID]bool{}
	for id, a := range s.agents {
		was[id] = s.untold(a)
	}
	change()
	for _, id := range slices.Sorted(maps.Keys(s.agents)) {
		if a := s.agents[id]; was[id] != s.untold(a) && a.set != nil && !a.gone {
			s.proved(b, a)
		}
	}
}

// used leaves out sounds that no prompt has any more: another one was given.
func used(unread map[string]bool, prompts map[rivage.ID]*rivage.Prompt) map[string]bool {
	left := map[string]bool{}
	for _, p := range prompts {
		if unread[p.Audio] {
			left[p.Audio] = true
		}
	}
	return left
}

// placeOf is a site as the place of a session.
func (s *State) placeOf(site *rivage.Site, e rivage.Evidence) rivage.Place {
	return rivage.Place{
		Site: site.ID, Company: site.Company, Country: site.Country, Zone: policy.ZoneOf(site.Country), Evidence: e,
		Telework: site.Telework,
	}
}

// presence takes what desks and their heartbeats say.
func (s *State) presence(b *batch, cmd Command) error {
	switch cmd := cmd.(type) {
	case SessionOpened:
		return s.withAgent(cmd.Agent, func(a *agent) error { s.sessionOpened(b, a, cmd); return nil })
	case SessionLost:
		return s.withAgent(cmd.Agent, func(a *agent) error { s.sessionLost(b, a, cmd); return nil })
	case SetReady:
		return s.withAgent(cmd.Agent, func(a *agent) error { return s.ready(b, a, cmd) })
	case SetPaused:
		return s.withAgent(cmd.Agent, func(a *agent) error { return s.paused(b, a, cmd.Reason) })
	case SetOffline:
		return s.withAgent(cmd.Agent, func(a *agent) error { return s.offline(b, a) })
	}
	return nil
}

func (s *State) withAgent(id rivage.ID, do func(*agent) error) error {
	a := s.agents[id]
	if a == nil || a.set == nil {
		return &rivage.Error{Code: rivage.NotFound, Message: "this account does not answer calls"}
	}
	return do(a)
}

// sessionOpened: a desk is there. A call that waits for its agent, or a wrap-up, goes on; a ready agent stays ready and
// only has to prove the microphone again.
func (s *State) sessionOpened(b *batch, a *agent, cmd SessionOpened) {
	b.world = true
	a.row.Session, a.row.Place, a.row.Device = cmd.Session, cmd.Place, a.set.Device.Kind
	a.late, a.mic = false, false
	cancel(a.away)
	c := s.calls[a.row.Interaction]
	if c == nil {
		c = s.unfinished(a)
	}
	switch {
	case c != nil && c.row.State == rivage.WrapUp && c.overdue:
		s.setAgent(b, a, rivage.AgentPaused, PauseDisposition, c, 0)
	case c != nil && c.row.State == rivage.WrapUp:
		s.setAgent(b, a, rivage.AgentWrapUp, "", c, c.row.Deadline)
	case c != nil && c.offer == nil:
		s.setAgent(b, a, rivage.AgentEngaged, "", c, 0)
	case a.row.State == rivage.AgentOffline || a.row.State == rivage.AgentUnreachable:
		s.setAgent(b, a, rivage.AgentPaused, PauseSignedIn, nil, 0)
	default:
		s.note(b, a)
	}
}

// unfinished is the interaction an agent still has to wrap up or rejoin, after a restart or a lost desk.
func (s *State) unfinished(a *agent) *call {
	for _, c := range s.calls {
		if c.row.Agent == a.row.Agent && (c.row.State == rivage.WrapUp || c.row.State == rivage.Parked) {
			return c
		}
	}
	return nil
}

// sessionLost: nothing is offered to a desk that is late. A browser that goes takes its call's sound with it, so the
// caller hears music; an offer nobody can see goes back to the line.
func (s *State) sessionLost(b *batch, a *agent, cmd SessionLost) {
	if cmd.Session != a.row.Session {
		return // an older desk of the same agent
	}
	b.world = true
	a.late = cmd.Stage != "back"
	c := s.calls[a.row.Interaction]
	browser := a.set.Device.Kind != DeviceSIP
	switch {
	case cmd.Stage == "back":
	case c != nil && c.offer != nil && c.offer.agent == a && (browser || cmd.Stage == "unreachable"):
		s.giveBack(b, c, "failed", cmd.Stage, rivage.AgentUnreachable, cmd.Stage)
		return
	case c != nil && browser && (c.row.State == rivage.Connected || c.row.State == rivage.Held):
		s.park(b, c, cmd.Stage)
	case cmd.Stage == "unreachable" && c == nil:
		s.gone(b, a)
		return
	}
	if cmd.Stage == "closed" { // nobody watches a closed channel's heartbeat
		cancel(a.away)
		a.away = s.after(b.now, unreachableAfter, func(b *batch) {
			if a.row.Interaction == "" {
				s.gone(b, a)
			}
		})
	}
	s.proved(b, a)
}

// gone: the desk did not come back. An agent who was not there anyway stays as they were.
func (s *State) gone(b *batch, a *agent) {
	if a.row.State != rivage.AgentOffline && a.row.State != rivage.AgentUnreachable {
		s.setAgent(b, a, rivage.AgentUnreachable, "unreachable", nil, 0)
	}
}

// ready: the agent asks for calls.
func (s *State) ready(b *batch, a *agent, cmd SetReady) error {
	switch {
	case cmd.Session != a.row.Session || cmd.Session == "":
		return &rivage.Error{Code: rivage.Conflict, Message: "another desk of yours is open"}
	case a.set.Device.Kind != DeviceSIP && !cmd.Microphone:
		return &rivage.Error{Code: rivage.Invalid, Message: "the microphone was not heard"}
	case a.row.State == rivage.AgentPaused && a.row.Reason == PauseDisposition:
		return &rivage.Error{Code: rivage.Conflict, Message: "the last interaction has no disposition"}
	}
	a.mic, a.late, a.pause = cmd.Microphone, false, ""
	switch a.row.State {
	case rivage.AgentPaused, rivage.AgentUnreachable, rivage.AgentOffline:
		s.setAgent(b, a, rivage.AgentReady, "", nil, 0)
	default:
		s.proved(b, a)
	}
	return nil
}

// paused: at once when idle, after the call otherwise.
func (s *State) paused(b *batch, a *agent, reason string) error {
	if reason == "" || len(reason) > 40 {
		return &rivage.Error{Code: rivage.Invalid, Message: "a pause has a reason of at most 40 bytes"}
	}
	switch a.row.State {
	case rivage.AgentReady, rivage.AgentUnreachable:
		s.setAgent(b, a, rivage.AgentPaused, reason, nil, 0)
	case rivage.AgentPaused:
		if a.row.Reason == PauseDisposition {
			return &rivage.Error{Code: rivage.Conflict, Message: "the last interaction has no disposition"}
		}
		s.setAgent(b, a, rivage.AgentPaused, reason, nil, 0)
	default:
		a.pause = reason
	}
	return nil
}

// offline: the agent leaves; not in the middle of something.
func (s *State) offline(b *batch, a *agent) error {
	switch a.row.State {
	case rivage.AgentOffered, rivage.AgentEngaged, rivage.AgentWrapUp:
		return &rivage.Error{Code: rivage.Conflict, Message: "finish the interaction first"}
	}
	if c := s.unfinished(a); c != nil {
		return &rivage.Error{Code: rivage.Conflict, Message: "the last interaction has no disposition"}
	}
	a.pause = ""
	s.setAgent(b, a, rivage.AgentOffline, "", nil, 0)
	return nil
}

// free is what an agent does once an interaction or an offer is over: ready again, or the pause asked for meanwhile.
func (s *State) free(b *batch, a *agent) {
	switch {
	case a.gone:
		s.setAgent(b, a, rivage.AgentOffline, "", nil, 0)
	case a.late:
		s.setAgent(b, a, rivage.AgentUnreachable, "late", nil, 0)
	case a.pause != "":
		reason := a.pause
		a.pause = ""
		s.setAgent(b, a, rivage.AgentPaused, reason, nil, 0)
	default:
		s.setAgent(b, a, rivage.AgentReady, "", nil, 0)
	}
}
