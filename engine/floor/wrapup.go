// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"slices"
	"time"

	"rivage.example/rivage"
)

// desk takes what is done after a conversation: dispositions, and debts settled by a person.
func (s *State) desk(b *batch, cmd Command) error {
	switch cmd := cmd.(type) {
	case Dispose:
		return s.during(cmd.Agent, cmd.Interaction, func(c *call, a *agent) error { return s.dispose(b, c, a, cmd) }, rivage.WrapUp)
	case Extend:
		return s.during(cmd.Agent, cmd.Interaction, func(c *call, a *agent) error { return s.extend(b, c, a) }, rivage.WrapUp)
	case CloseCallback:
		return s.closeCallback(b, cmd)
	}
	return nil
}

// dispose closes an interaction with a code of its queue. The agent is ready again, or pauses as asked meanwhile.
func (s *State) dispose(b *batch, c *call, a *agent, d Dispose) error {
	if q := s.settings.Queues[c.row.Queue]; q != nil &&
		!slices.ContainsFunc(q.Dispositions, func(x rivage.Disposition) bool { return x.Code == d.Disposition }) {
		return &rivage.Error{Code: rivage.Invalid, Message: "this is not a disposition of the queue"}
	}
	cancel(c.timer)
	c.row.State = rivage.Closed
	wrap := (b.now.Elapsed - c.wrap).Microseconds()
	s.handled(c.row.Queue, c.row.Talk+c.row.Hold+wrap)
	e := b.about(c, byAgent(a, "closed"), &rivage.InteractionClosed{
		Interaction: c.row.ID, Agent: a.row.Agent, Disposition: d.Disposition, Wrap: wrap, Overdue: c.overdue,
	})
	e.Actor = a.set.Subject
	if d.Note != "" && c.row.Subject != "" {
		b.seal(e, c.row.Subject, map[string]string{"note": d.Note}, "note")
	}
	s.forget(c)
	s.free(b, a)
	return nil
}

// extend gives more time to wrap up, once.
func (s *State) extend(b *batch, c *call, a *agent) error {
	q := s.settings.Queues[c.row.Queue]
	switch {
	case c.row.Extended:
		return &rivage.Error{Code: rivage.Conflict, Message: "the wrap-up was extended already"}
	case c.overdue || q == nil || q.WrapUpMore <= 0:
		return &rivage.Error{Code: rivage.Conflict, Message: "the wrap-up cannot be extended"}
	}
	left := max(0, c.timer.at-b.now.Elapsed) + time.Duration(q.WrapUpMore)*time.Second
	cancel(c.timer)
	c.row.Extended = true
	c.timer = s.after(b.now, left, func(b *batch) { s.overdue(b, c) })
	b.about(c, byAgent(a, "extended"), &rivage.WrapUpExtended{
		Interaction: c.row.ID, Agent: a.row.Agent, Deadline: b.until(left),
	}).Actor = a.set.Subject
	s.setAgent(b, a, rivage.AgentWrapUp, "", c, b.until(left))
	return nil
}

// overdue: the time is up and there is no disposition. The code is mandatory, so the interaction stays open and the
// agent gets no call until it is given.
func (s *State) overdue(b *batch, c *call) {
	a := s.agents[c.row.Agent]
	if c.row.State != rivage.WrapUp || a == nil || c.overdue {
		return
	}
	c.overdue = true
	if a.row.State == rivage.AgentWrapUp {
		s.setAgent(b, a, rivage.AgentPaused, PauseDisposition, c, 0)
	}
}

// closeCallback settles a debt by hand.
func (s *State) closeCallback(b *batch, cb CloseCallback) error {
	d := s.debts[cb.Interaction]
	if d == nil {
		return &rivage.Error{Code: rivage.NotFound, Message: "no callback is owed for this interaction"}
	}
	if cb.Outcome != "called" && cb.Outcome != "unreachable" {
		return &rivage.Error{Code: rivage.Invalid, Message: `a callback ends "called" or "unreachable"`}
	}
	e := b.settle(d, &rivage.CallbackClosed{Interaction: d.row.ID, Outcome: cb.Outcome, By: cb.Account})
	e.Leaf.Role = "agent"
	if a := s.settings.Accounts[cb.Account]; a != nil {
		e.Actor = a.Subject
	}
	return nil
}
