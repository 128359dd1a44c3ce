// SPDX-License-Identifier: EUPL-1.2

package voice

import (
	"log/slog"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/voice/media"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/engine/policy"
)

// carryOut does one effect. What cannot be done is reported as what happened instead.
func (v *Voice) carryOut(e floor.Effect) {
	switch e := e.(type) {
	case floor.AnswerCaller:
		v.answer(e)
	case floor.RejectCaller:
		v.reject(e)
	case floor.Play:
		v.play(e)
	case floor.Silence:
		if l := v.find(e.Leg); l != nil {
			l.with(func(m *media.Leg) { m.Stop() })
		}
	case floor.Ring:
		v.ring(e)
	case floor.Bridge:
		v.bridge(e)
	case floor.Unbridge:
		if l := v.find(e.Caller); l != nil {
			l.with(v.engine.Unbridge)
		}
	case floor.Record:
		v.record(e)
	case floor.PauseRecording:
		v.pauseRecording(e)
	case floor.StopRecording:
		v.stopRecording(e)
	case floor.EndLeg:
		if l := v.take(e.Leg); l != nil {
			v.c.Floor.Post(floor.LegMeasured{Facts: l.close()})
		}
	}
}

// granted checks a grant where it is used: no leg, bridge or recording without one. A refusal is the floor's own
// mistake or a grant that ended, and the agent's leg is reported lost.
func (v *Voice) granted(g policy.Grant, action rivage.Action, target rivage.ID, leg rivage.ID) bool {
	err := g.Check(action, target, v.c.Clock.Now())
	if err == nil {
		return true
	}
	v.c.Logger.Error("grant refused", "action", string(action), slog.Any("error", err))
	if l := v.find(leg); l != nil {
		v.end(l, "system", "policy")
	} else {
		v.c.Floor.Post(floor.LegEnded{Leg: leg, By: "system", Cause: "policy"})
		v.c.Floor.Post(floor.LegMeasured{Facts: rivage.LegMeasured{Leg: leg}})
	}
	return false
}

// bridge lets caller and agent hear one another; an agent whose browser is still coming back is joined when it is here.
func (v *Voice) bridge(e floor.Bridge) {
	if !v.granted(e.Grant, rivage.ActLeg, e.Agent, e.Agent) {
		return
	}
	caller, agent := v.find(e.Caller), v.find(e.Agent)
	if caller == nil {
		return
	}
	if agent == nil {
		if agent = v.expect(e.Agent); agent == nil {
			return
		}
	}
	caller.with(func(c *media.Leg) {
		agent.with(func(a *media.Leg) {
			agent.claimed()
			v.engine.Unbridge(c)
			c.Stop()
			a.Stop()
			if err := v.engine.Bridge(c, a); err != nil {
				v.c.Logger.Error("bridge", slog.Any("error", err))
			}
		})
	})
}
