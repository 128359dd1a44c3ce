// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"errors"
	"strings"

	gosip "github.com/emiago/sipgo/sip"

	"rivage.example/rivage"
)

// Incoming is a new call, not answered yet.
type Incoming struct {
	*Dialog
	Trunk  rivage.ID
	Number string       // dialled, E.164; "" when it is no number
	Caller rivage.Phone // "" when withheld
	Offer  []byte       // nil: the other side wants an offer of ours (RFC 3261 section 13.2.1)
}

// onInvite decides whether a new call is taken.
func (s *Stack) onInvite(req *gosip.Request, tx *gosip.ServerTx) {
	from := sourceAddr(req)
	trunk, challenge := s.admit(req, from)
	if challenge != nil {
		s.respond(tx, challenge)
		return
	}
	if status, header, value := unacceptable(req); status != 0 {
		res := reply(req, status)
		if header != "" {
			res.AppendHeader(gosip.NewHeader(header, value))
		}
		s.respond(tx, res)
		return
	}
	if why := shut(s.cfg.Closed, trunk, dialled(req)); why != "" {
		s.gate.tally.add(trunk.ID, why)
		s.respond(tx, reply(req, 403))
		return
	}
	if wait := s.cfg.Busy(); wait > 0 {
		s.respond(tx, retryAfter(reply(req, 503), wait))
		return
	}
	d := s.incoming(req, tx, trunk)
	if err := s.keep(d); err != nil {
		status := 503
		if errors.Is(err, errMerged) {
			status = 482
		} else {
			s.gate.tally.add(trunk.ID, "too many calls")
		}
		s.respond(tx, retryAfter(reply(req, status), 10))
		return
	}
	d.do("trying", func() {
		if d.in == nil {
			return
		}
		s.respond(tx, reply(req, 100))
		if !tx.OnCancel(func(*gosip.Request) { d.do("CANCEL", d.onCancel) }) {
			d.onCancel()
		}
	})
	in := &Incoming{Dialog: d, Trunk: trunk.ID, Number: dialled(req), Caller: callerOf(req)}
	if len(req.Body()) > 0 {
		in.Offer = req.Body()
	}
	s.cfg.OnInvite(in)
}

// shut is why a call does not pass a trunk, "" when it may. Without anybody to say so, none does.
func shut[T any](closed func(*rivage.Trunk, T) string, t *rivage.Trunk, of T) string {
	if closed == nil {
		return "undeclared"
	}
	return closed(t, of)
}

// incoming makes the dialog of a new call. The tag goes on a copy: the transaction reads its request when it likes.
func (s *Stack) incoming(req *gosip.Request, tx *gosip.ServerTx, trunk *rivage.Trunk) *Dialog {
	invite := req.Clone()
	tag := gosip.GenerateTagN(20)
	invite.To().Params.Add("tag", tag)
	fromTag, _ := req.From().Params.Get("tag")
	d := &Dialog{
		s: s, id: dialogID{req.CallID().Value(), tag}, trunk: trunk, network: gosip.NetworkToUpper(req.Transport()), source: sourceAddr(req),
		merged: inviteID{req.CallID().Value(), fromTag, req.CSeq().SeqNo},
		local:  invite.To().AsFrom(), remote: invite.From().AsTo(),
		remoteSeq: req.CSeq().SeqNo, localSeq: 1, target: *req.Contact().Address.Clone(), in: tx, invite: invite,
	}
	for _, h := range req.GetHeaders("record-route") { // the callee keeps their order (RFC 3261 section 12.1.1)
		d.routes = append(d.routes, h.Value())
	}
	return d
}

// unacceptable is the status for an INVITE that we could not serve whoever sent it, with a header that says why.
func unacceptable(req *gosip.Request) (status int, header, value string) {
	if req.Contact() == nil {
		return 400, "", ""
	}
	if h := req.GetHeader("content-encoding"); h != nil && !strings.EqualFold(h.Value(), "identity") {
		return 415, "Accept-Encoding", "identity"
	}
	if len(req.Body()) > 0 && !isType(req, "application/sdp") {
		return 415, "Accept", "application/sdp"
	}
	if h := req.GetHeader("accept"); h != nil && !acceptsSDP(h.Value()) { // RFC 3261 section 8.2.3
		return 406, "", ""
	}
	return 0, "", ""
}

func isType(req *gosip.Request, want string) bool {
	h := req.ContentType()
	if h == nil {
		return false
	}
	got, _, _ := strings.Cut(h.Value(), ";")
	return strings.EqualFold(strings.TrimSpace(got), want)
}

func acceptsSDP(accept string) bool {
	for _, s := range splitList(accept) {
		t, _, _ := strings.Cut(s, ";")
		switch strings.ToLower(strings.TrimSpace(t)) {
		case "application/sdp", "application/*", "*/*":
			return true
		}
	}
	return accept == ""
}

// Handle names who hears what happens from now on; a caller who left meanwhile is told at once.
func (in *Incoming) Handle(h Handler) {
	d := in.Dialog
	if !d.do("handle", func() { d.h = h }) {
		h.Ended(Ending{Remote: true, Cause: "cancel", Status: 487})
	}
}

// Ring tells the caller that we ring.
func (in *Incoming) Ring() {
	d := in.Dialog
	d.do("ring", func() {
		if d.state == early && d.in != nil {
			res := reply(d.invite, 180)
			res.AppendHeader(d.contactHeader())
			d.s.respond(d.in, res)
		}
	})
}

// Answer accepts the call. description is the answer to the offer, or our offer when the call came without one.
func (in *Incoming) Answer(description []byte) {
	d := in.Dialog
	d.do("answer", func() {
		if d.state != early || d.in == nil {
			return
		}
		d.state = answered
		tx := d.in
		d.in = nil
		d.accept(tx, d.invite, description, len(d.invite.Body()) == 0)
	})
}

// Reject refuses the call; retryAfter in seconds, 0 for none.
func (in *Incoming) Reject(status, retryAfter int) {
	d := in.Dialog
	d.do("reject", func() {
		if d.state != early {
			return
		}
		d.refuse(status, retryAfter)
		d.finish(Ending{Cause: "declined", Status: status})
	})
}

func (d *Dialog) refuse(status, wait int) {
	if d.in == nil {
		return
	}
	d.s.respond(d.in, retryAfter(reply(d.invite, status), wait))
	d.in = nil
}

// onCancel: the caller left before an answer. The library answered both CANCEL and INVITE; an answer of ours that came
// later has gone nowhere.
func (d *Dialog) onCancel() {
	if d.state == over {
		return
	}
	d.in, d.answer = nil, nil
	d.finish(Ending{Remote: true, Cause: "cancel", Status: 487})
}
