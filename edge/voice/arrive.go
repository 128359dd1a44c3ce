// SPDX-License-Identifier: EUPL-1.2

package voice

import (
	"log/slog"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/voice/media"
	"rivage.example/rivage/edge/voice/sip"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/wire/sdp"
)

// arrive takes a call from a trunk as far as a leg, and tells the floor.
func (v *Voice) arrive(in *sip.Incoming) {
	trunk := v.c.Settings().Trunks[in.Trunk]
	if trunk == nil {
		in.Reject(403, 0)
		return
	}
	l := &leg{v: v, id: rivage.NewID(), caller: true, incoming: in, dialog: in.Dialog}
	sound, err := v.engine.NewLeg(v.legConf(l, trunk))
	if err != nil {
		v.c.Logger.Error("open a leg", slog.Any("error", err))
		in.Reject(503, 10)
		return
	}
	l.sound = sound
	l.caps = v.caps(sound)
	if status := l.negotiate(in.Offer); status != 0 {
		sound.Close()
		in.Reject(status, 0)
		return
	}
	if !v.keep(l) {
		l.close()
		return
	}
	in.Handle(handler{l})
	v.c.Floor.Post(floor.Arrived{CallerLeg: l.id, Number: in.Number, Trunk: in.Trunk, Caller: in.Caller})
}

func (v *Voice) legConf(l *leg, trunk *rivage.Trunk) media.LegConf {
	c := media.LegConf{Networks: trunk.Media, NAT: trunk.NAT, OnDigit: l.digit, OnSilence: l.silence}
	if trunk.NAT && l.dialog != nil {
		c.Signalling = l.dialog.Source().Addr()
	}
	return c
}

func (v *Voice) caps(sound *media.Leg) sdp.Caps {
	at := sound.LocalAddr()
	c := sdp.Caps{Addr: at.Addr(), Port: at.Port()}
	if v.c.External.IsValid() {
		c.Addr = v.c.External
	}
	return c
}

// negotiate answers the caller's offer, or makes ours when the INVITE had none; a SIP status refuses.
func (l *leg) negotiate(offer []byte) (status int) {
	if offer == nil {
		l.session, l.late = sdp.Offer(l.caps), true
		return 0
	}
	theirs, err := sdp.Parse(offer)
	if err != nil {
		return 400
	}
	l.session, l.plan, err = sdp.Answer(l.caps, theirs)
	switch {
	case sdp.Unacceptable(err):
		return 488
	case err != nil:
		return 400
	}
	return 0
}

// answer picks the caller's call up: from here on it is heard.
func (v *Voice) answer(e floor.AnswerCaller) {
	l := v.find(e.Leg)
	if l == nil { // the caller left before the floor heard of the call: it must not wait for them
		v.c.Floor.Post(floor.LegEnded{Leg: e.Leg, By: "caller", Cause: "cancel"})
		v.c.Floor.Post(floor.LegMeasured{Facts: rivage.LegMeasured{Leg: e.Leg}})
		return
	}
	if l.incoming == nil { // a browser is picked up by being connected
		return
	}
	l.mu.Lock()
	late, plan, session := l.late, l.plan, l.session.String()
	l.mu.Unlock()
	if !late {
		if err := l.sound.Apply(plan); err != nil {
			v.c.Logger.Warn("media of a caller", slog.Any("error", err))
			l.incoming.Reject(488, 0)
			v.end(l, "system", "media")
			return
		}
	}
	l.incoming.Answer([]byte(session))
}

// reject refuses a call. Nothing of it is measured: nobody was heard.
func (v *Voice) reject(e floor.RejectCaller) {
	l := v.take(e.Leg)
	if l == nil {
		return
	}
	if l.incoming != nil {
		l.incoming.Reject(e.Status, e.RetryAfter)
	}
	l.close()
}

// handler hears what happens in a leg's dialog.
type handler struct{ *leg }

// Ringing implements sip.Handler.
func (handler) Ringing() {}

// Confirmed implements sip.Handler.
func (handler) Confirmed() {}

// Answered implements sip.Handler: the device was picked up, or a caller answered the offer that was ours.
func (h handler) Answered(answer []byte) {
	l := h.leg
	theirs, err := sdp.Parse(answer)
	var plan sdp.Plan
	if err == nil {
		l.mu.Lock()
		plan, err = sdp.Apply(l.caps, theirs)
		l.mu.Unlock()
	}
	if err == nil {
		err = l.sound.Apply(plan)
	}
	if err != nil {
		l.v.c.Logger.Warn("media of a leg", slog.Any("error", err))
		l.v.end(l, "system", "media")
		return
	}
	if !l.caller {
		l.v.c.Floor.Post(floor.LegAnswered{Leg: l.id})
	}
}

// Offered implements sip.Handler: hold, resume, another codec or address.
func (h handler) Offered(offer []byte) ([]byte, error) {
	l := h.leg
	l.mu.Lock()
	defer l.mu.Unlock()
	l.caps.Revision++
	if offer == nil {
		l.session = sdp.Reoffer(l.caps, l.session)
		return []byte(l.session.String()), nil
	}
	theirs, err := sdp.Parse(offer)
	if err != nil {
		return nil, err
	}
	session, plan, err := sdp.Answer(l.caps, theirs)
	if err != nil {
		return nil, err
	}
	if err := l.sound.Apply(plan); err != nil {
		return nil, err
	}
	l.session = session
	return []byte(session.String()), nil
}

// Digit implements sip.Handler.
func (h handler) Digit(d byte) { h.digit(d) }

// Ended implements sip.Handler.
func (h handler) Ended(e sip.Ending) {
	by := "system"
	switch {
	case e.Remote && h.caller:
		by = "caller"
	case e.Remote:
		by = "agent"
	}
	h.v.end(h.leg, by, e.Cause)
}
