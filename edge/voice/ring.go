// SPDX-License-Identifier: EUPL-1.2

package voice

import (
	"context"
	"log/slog"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/voice/sip"
	"rivage.example/rivage/edge/voice/webrtc"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/wire/sdp"
)

// ring presents the call on the agent's device: a fixed one is called, a browser's desk connects by itself.
func (v *Voice) ring(e floor.Ring) {
	if !v.granted(e.Grant, rivage.ActOffer, e.Leg, e.Leg) {
		return
	}
	if e.Device.Kind != floor.DeviceSIP {
		v.expect(e.Leg)
		return
	}
	if err := v.call(e); err != nil {
		v.c.Logger.Warn("call a device", slog.Any("error", err))
		cause := "error"
		if rivage.CodeOf(err) == rivage.Denied { // nobody's refusal: the device was not asked
			cause = "policy"
		}
		v.c.Floor.Post(floor.LegEnded{Leg: e.Leg, By: "system", Cause: cause})
		v.c.Floor.Post(floor.LegMeasured{Facts: rivage.LegMeasured{Leg: e.Leg}})
	}
}

// call rings a fixed device.
func (v *Voice) call(e floor.Ring) error {
	trunk := v.c.Settings().Trunks[e.Device.Trunk]
	if trunk == nil {
		return &rivage.Error{Code: rivage.Invalid, Message: "the device's trunk is not configured"}
	}
	l := &leg{v: v, id: e.Leg}
	sound, err := v.engine.NewLeg(v.legConf(l, trunk))
	if err != nil {
		return err
	}
	l.sound, l.caps = sound, v.caps(sound)
	l.session = sdp.Offer(l.caps)
	if !v.keep(l) {
		l.close()
		return nil
	}
	d, err := v.sip.Dial(sip.Target{URI: e.Device.URI, Trunk: trunk, Class: e.Class}, e.From, []byte(l.session.String()), handler{l})
	if err != nil {
		v.take(l.id)
		l.close()
		return err
	}
	l.mu.Lock()
	l.dialog = d
	over := l.over
	l.mu.Unlock()
	if over { // it ended while it was being dialled
		d.HangUp()
	}
	return nil
}

// expect makes the leg of a browser that will connect: its desk has the offer, or comes back to a call. It has media
// once BrowserLeg is asked, and is let go when nobody bridges it in time: what a browser opened by itself leads nowhere
// without the floor's Grant.
func (v *Voice) expect(id rivage.ID) *leg {
	v.mu.Lock()
	l, known := v.legs[id]
	if !known && !v.closed { // a desk may be quicker than the effect that names its leg
		l = &leg{v: v, id: id}
		v.legs[id] = l
	}
	v.mu.Unlock()
	if known || l == nil {
		return l
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.patience = time.AfterFunc(connectTime, func() { v.end(l, "system", "ice") })
	return l
}

// BrowserLeg answers the description of an agent's browser for a leg that rings or is waited for. Asked again for the
// same leg, after a reload, it replaces the connection.
func (v *Voice) BrowserLeg(ctx context.Context, id rivage.ID, offer string) (string, error) {
	l := v.find(id)
	early := l == nil
	if early { // a desk that comes back to its call: the floor hears of the leg next
		if l = v.expect(id); l == nil {
			return "", &rivage.Error{Code: rivage.Unavailable, Message: "the voice side is closing"}
		}
	}
	if l.caller {
		return "", &rivage.Error{Code: rivage.NotFound, Message: "no such leg is waited for"}
	}
	events := l.browserEvents(func() {
		l.v.c.Floor.Post(floor.LegAnswered{Leg: l.id})
	})
	b, answer, err := v.web.Answer(ctx, offer, events)
	if err != nil {
		if early && v.take(id) != nil {
			l.close()
		}
		return "", err
	}
	l.mu.Lock()
	old := l.browser
	l.browser = b
	l.mu.Unlock()
	if old != nil {
		old.Close()
	}
	if !l.arrived(b.Leg) {
		b.Close()
		return "", &rivage.Error{Code: rivage.Conflict, Message: "the leg is over"}
	}
	return answer, nil
}

// browserEvents are what a browser's leg reports.
func (l *leg) browserEvents(connected func()) webrtc.Events {
	return webrtc.Events{
		OnDigit: l.digit, OnSilence: l.silence, OnConnected: connected,
		OnLost: func(reason string) {
			by := "system"
			if l.caller && reason == "closed" {
				by = "caller"
			}
			l.v.end(l, by, reason)
		},
	}
}

// BrowserCaller calls a public number from a browser: the demo's page. The call arrives once the browser is connected.
func (v *Voice) BrowserCaller(ctx context.Context, number, offer string) (rivage.ID, string, error) {
	if v.c.Busy() > 0 {
		return "", "", &rivage.Error{Code: rivage.Unavailable, Message: "no new call is taken now"}
	}
	l := &leg{v: v, id: rivage.NewID(), caller: true}
	if !v.keep(l) {
		return "", "", &rivage.Error{Code: rivage.Unavailable, Message: "the voice side is closing"}
	}
	b, answer, err := v.web.Answer(ctx, offer, l.browserEvents(func() {
		v.c.Floor.Post(floor.Arrived{CallerLeg: l.id, Number: number})
	}))
	if err != nil {
		v.take(l.id)
		return "", "", err
	}
	l.mu.Lock()
	l.browser = b
	l.mu.Unlock()
	if !l.arrived(b.Leg) {
		b.Close()
	}
	return l.id, answer, nil
}

// HangUpBrowser ends the call of a browser caller, or an agent's leg that the floor did not take; a leg that was bridged
// is not its to end.
func (v *Voice) HangUpBrowser(id rivage.ID) {
	l := v.find(id)
	if l == nil {
		return
	}
	l.mu.Lock()
	browser, bridged := l.browser, l.bridged
	l.mu.Unlock()
	switch {
	case browser == nil || bridged:
	case l.caller:
		v.end(l, "caller", "bye")
	default:
		v.end(l, "system", "refused")
	}
}
