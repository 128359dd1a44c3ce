// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"math/rand/v2"
	"strings"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// accept answers an INVITE of theirs with 200 and repeats it until the ACK comes (RFC 3261 section 13.3.1.4).
func (d *Dialog) accept(tx *gosip.ServerTx, req *gosip.Request, description []byte, offering bool) {
	res := d.okWith(req, description)
	res.AppendHeader(gosip.NewHeader("Allow", allow))
	d.answer, d.offering, d.invite = res, offering, req
	d.interval = d.s.timers.t1
	d.s.respond(tx, res)
	d.resend = d.after(d.interval, "repeat", func() { d.repeat(tx) })
	d.giveUp = d.after(d.s.timers.giveUp, "no ACK", d.onNoAck)
}

// okWith is a 200 with a description, which every answer that makes or moves a dialog has.
func (d *Dialog) okWith(req *gosip.Request, description []byte) *gosip.Response {
	res := reply(req, 200)
	res.AppendHeader(d.contactHeader())
	if description != nil {
		res.AppendHeader(gosip.NewHeader("Content-Type", "application/sdp"))
		res.SetBody(description)
	}
	return res
}

func (d *Dialog) repeat(tx *gosip.ServerTx) {
	if d.answer == nil {
		return
	}
	d.s.respond(tx, d.answer)
	d.interval = min(2*d.interval, d.s.timers.t2)
	d.resend = d.after(d.interval, "repeat", func() { d.repeat(tx) })
}

// onNoAck: nobody acknowledged; the session does not exist for the other side, or its ACK cannot reach us.
func (d *Dialog) onNoAck() {
	if d.answer == nil || d.state == over || d.state == ending {
		return
	}
	d.answer = nil
	d.bye()
	d.tell(Ending{Cause: "no_ack"})
}

func (d *Dialog) onAck(req *gosip.Request) {
	if d.answer == nil || req.CSeq().SeqNo != d.invite.CSeq().SeqNo {
		return // a repetition, or the ACK of a refusal
	}
	d.acknowledged(req.Body())
}

// acknowledged: the other side has our 2xx. body is the answer to an offer of ours.
func (d *Dialog) acknowledged(body []byte) {
	d.answer = nil
	stop(&d.resend)
	stop(&d.giveUp)
	first := d.state == answered
	if first {
		d.state = confirmed
	}
	if d.hangUp {
		d.bye()
		d.tell(Ending{Cause: "bye"})
		return
	}
	if d.h == nil {
		return
	}
	if d.offering {
		if len(body) == 0 { // a late offer without an answer leaves nothing to talk over
			d.bye()
			d.tell(Ending{Cause: "error"})
			return
		}
		d.h.Answered(body)
	}
	if first {
		d.h.Confirmed()
	}
}

// onRequest takes a request inside the dialog.
func (d *Dialog) onRequest(req *gosip.Request, tx *gosip.ServerTx) {
	seq := req.CSeq().SeqNo
	switch {
	case d.state == over:
		d.s.respond(tx, reply(req, 481))
		return
	case seq <= d.remoteSeq && d.remoteSeq != 0 && req.Method != gosip.CANCEL: // RFC 3261 section 12.2.2
		d.s.respond(tx, retryAfter(reply(req, 500), 0))
		return
	}
	d.remoteSeq = seq
	if d.answer != nil && !d.offering { // who goes on has our answer: this request overtook its ACK
		d.acknowledged(nil)
	}
	switch req.Method {
	case gosip.BYE:
		d.onBye(req, tx)
	case gosip.INVITE, gosip.UPDATE:
		d.onOffer(req, tx)
	case gosip.INFO:
		d.onInfo(req, tx)
	default:
		d.s.respond(tx, reply(req, 481))
	}
}

func (d *Dialog) onBye(req *gosip.Request, tx *gosip.ServerTx) {
	d.s.respond(tx, reply(req, 200))
	if d.in != nil { // RFC 3261 section 15.1.2
		d.refuse(487, 0)
	}
	if d.calling != nil {
		d.calling.Terminate()
		d.calling = nil
	}
	d.finish(Ending{Remote: true, Cause: "bye"})
}

// onOffer takes a re-INVITE or an UPDATE.
func (d *Dialog) onOffer(req *gosip.Request, tx *gosip.ServerTx) {
	switch {
	case d.state == ending:
		d.s.respond(tx, reply(req, 481))
		return
	case d.state == early || d.in != nil || d.answer != nil && req.Method == gosip.INVITE: // RFC 3261 section 14.2
		d.s.respond(tx, retryAfter(reply(req, 500), rand.IntN(10)+1))
		return
	case d.calling != nil || d.answer != nil:
		d.s.respond(tx, reply(req, 491))
		return
	}
	if c := req.Contact(); c != nil {
		d.target = *c.Address.Clone()
	}
	if d.network == "TCP" || d.trunk.NAT {
		d.source = sourceAddr(req) // the flow may have moved
	}
	if req.Method == gosip.UPDATE && len(req.Body()) == 0 { // RFC 4028: a refresh
		d.s.respond(tx, d.okWith(req, nil))
		return
	}
	description, status := d.negotiate(req)
	switch {
	case status != 0:
		d.s.respond(tx, reply(req, status))
	case req.Method == gosip.UPDATE:
		d.s.respond(tx, d.okWith(req, description))
	default:
		d.accept(tx, req, description, len(req.Body()) == 0)
	}
}

// negotiate asks the handler; status is not 0 when the offer is refused.
func (d *Dialog) negotiate(req *gosip.Request) (description []byte, status int) {
	if status, _, _ := unacceptable(req); status != 0 && status != 400 { // Contact may be left out inside a dialog
		return nil, status
	}
	var offer []byte
	if len(req.Body()) > 0 {
		offer = req.Body()
	}
	if d.h == nil {
		return nil, 488
	}
	description, err := d.h.Offered(offer)
	if err != nil {
		return nil, 488
	}
	return description, 0
}

// onInfo takes digits, in the two forms that telephones send.
func (d *Dialog) onInfo(req *gosip.Request, tx *gosip.ServerTx) {
	body := string(req.Body())
	switch {
	case body == "":
		d.s.respond(tx, reply(req, 200))
		return
	case isType(req, "application/dtmf-relay"):
		digit := byte(0)
		for line := range strings.Lines(body) {
			if k, v, ok := strings.Cut(line, "="); ok && strings.EqualFold(strings.TrimSpace(k), "signal") {
				digit = key(v)
			}
		}
		d.press(req, tx, digit)
	case isType(req, "application/dtmf"):
		d.press(req, tx, key(body))
	default:
		res := reply(req, 415)
		res.AppendHeader(gosip.NewHeader("Accept", "application/dtmf-relay, application/dtmf"))
		d.s.respond(tx, res)
	}
}

func (d *Dialog) press(req *gosip.Request, tx *gosip.ServerTx, digit byte) {
	if digit == 0 {
		d.s.respond(tx, reply(req, 400))
		return
	}
	d.s.respond(tx, reply(req, 200))
	if d.h != nil && d.state == confirmed {
		d.h.Digit(digit)
	}
}

// key reads one key, written as itself or, for the last six, as its number (10 to 15).
func key(s string) byte {
	const keys = "0123456789*#ABCD"
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) == 1 && strings.Contains(keys, s) {
		return s[0]
	}
	if len(s) == 2 && digits(s) && atoi(s) < len(keys) {
		return keys[atoi(s)]
	}
	return 0
}

// ReInvite offers a new session to the other side; its answer comes as Answered. A collision with an offer of
// theirs is tried again once.
func (d *Dialog) ReInvite(offer []byte) {
	d.do("re-INVITE", func() { d.reinvite(offer, true) })
}

func (d *Dialog) reinvite(offer []byte, again bool) {
	if d.state != confirmed || d.calling != nil || d.answer != nil {
		return
	}
	req := d.request(gosip.INVITE)
	req.AppendHeader(gosip.NewHeader("Content-Type", "application/sdp"))
	req.SetBody(offer)
	d.ours = req
	tx, err := d.start(req)
	if err != nil {
		return
	}
	d.calling = tx
	tx.OnRetransmission(func(res *gosip.Response) { d.take("repeated 2xx", func() { d.onSecond(res) }) })
	d.s.work.Go(func() {
		res := final(tx, nil)
		d.do("answer", func() { d.onReanswer(res, offer, again) })
	})
}

func (d *Dialog) onReanswer(res *gosip.Response, offer []byte, again bool) {
	d.calling = nil
	switch {
	case d.state != confirmed:
		if res != nil && res.IsSuccess() {
			d.acknowledge(res)
		}
	case res == nil || res.StatusCode == 408 || res.StatusCode == 481: // RFC 3261 section 12.2.1.2
		d.bye()
		d.tell(Ending{Cause: "error", Status: 408})
	case res.IsSuccess():
		d.acknowledge(res)
		if len(res.Body()) > 0 && d.h != nil {
			d.h.Answered(res.Body())
		}
	case res.StatusCode == 491 && again: // RFC 3261 section 14.1
		wait := time.Duration(rand.IntN(200)) * 10 * time.Millisecond
		if d.out {
			wait = 2100*time.Millisecond + time.Duration(rand.IntN(190))*10*time.Millisecond
		}
		d.retry = d.after(wait, "re-INVITE", func() { d.retry = nil; d.reinvite(offer, false) })
	}
}
