// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"fmt"
	"log/slog"
	"net/netip"
	"strings"

	gosip "github.com/emiago/sipgo/sip"

	"rivage.example/rivage"
)

// Target is a fixed device to call.
type Target struct {
	URI   string // sip:user@address:port; the address is an IP address of the trunk's networks
	Trunk *rivage.Trunk
	Class rivage.DataClass // of what the call is about
}

// Dial calls a device with our offer. From is what the device shows, "" an anonymous caller. The handler hears the
// rest; an error means that nothing was sent.
func (s *Stack) Dial(to Target, from rivage.Phone, offer []byte, h Handler) (*Dialog, error) {
	d, err := s.outgoing(to, from)
	if err != nil {
		return nil, err
	}
	d.h = h
	if err := s.keep(d); err != nil {
		return nil, fmt.Errorf("call device: %w", &rivage.Error{Code: rivage.Busy, Err: err})
	}
	d.do("call", func() { d.call(offer, nil) })
	return d, nil
}

func (s *Stack) outgoing(to Target, from rivage.Phone) (*Dialog, error) {
	bad := func(why string) error {
		return &rivage.Error{Code: rivage.Invalid, Message: "call device: " + why}
	}
	var target gosip.Uri
	u, ok := readURI(to.URI)
	scheme, _, _ := strings.Cut(to.URI, ":")
	if !ok || !strings.EqualFold(scheme, "sip") || u.headers || gosip.ParseUri(to.URI, &target) != nil {
		return nil, bad("its address is no SIP address of the form sip:user@192.0.2.1:5060")
	}
	host, err := netip.ParseAddr(u.host)
	if err != nil || to.Trunk == nil || !through(to.Trunk, host.Unmap()) {
		return nil, bad("its address is not in the networks of its trunk")
	}
	if why := shut(s.cfg.ClosedOut, to.Trunk, to.Class); why != "" {
		s.gate.tally.add(to.Trunk.ID, why)
		return nil, &rivage.Error{Code: rivage.Denied, Message: "call device: its trunk is closed (" + why + ")"}
	}
	port := u.port
	if port == 0 {
		port = 5060
	}
	d := &Dialog{
		s: s, id: dialogID{strings.ToLower(gosip.GenerateTagN(32)), gosip.GenerateTagN(20)}, out: true, trunk: to.Trunk,
		network: "UDP", source: netip.AddrPortFrom(host.Unmap(), uint16(port)), target: target,
	}
	if strings.EqualFold(to.Trunk.Transport, "tcp") || s.udp == nil {
		d.network = "TCP"
	}
	d.local = gosip.FromHeader{Address: gosip.Uri{Scheme: "sip", User: "anonymous", Host: "anonymous.invalid"}} // RFC 3323 section 4.1
	if from != "" {
		d.local.Address = gosip.Uri{Scheme: "sip", User: string(from), Host: s.self(d.network).Addr().String()}
	}
	d.local.Params.Add("tag", d.id.localTag)
	d.remote = gosip.ToHeader{Address: *target.Clone()}
	return d, nil
}

// call sends the INVITE, the second time with credentials.
func (d *Dialog) call(offer []byte, credentials gosip.Header) {
	if d.state != early {
		return
	}
	req := d.request(gosip.INVITE)
	req.AppendHeader(gosip.NewHeader("Allow", allow))
	if credentials != nil {
		req.AppendHeader(credentials)
	}
	req.AppendHeader(gosip.NewHeader("Content-Type", "application/sdp"))
	req.SetBody(offer)
	d.ours = req
	tx, err := d.start(req)
	if err != nil {
		d.s.log.Warn("device not called", slog.Any("error", err))
		d.finish(Ending{Cause: "error"})
		return
	}
	d.calling = tx
	tx.OnRetransmission(func(res *gosip.Response) { d.take("repeated 2xx", func() { d.onSecond(res) }) })
	d.s.work.Go(func() {
		res := final(tx, func(res *gosip.Response) { d.do("provisional", func() { d.onProvisional(res) }) })
		d.do("final", func() { d.onFinal(res, offer) })
	})
}

func (d *Dialog) onProvisional(res *gosip.Response) {
	if d.heard = true; d.cancel {
		d.sendCancel()
		return
	}
	if d.state == early && (res.StatusCode == 180 || res.StatusCode == 183) && d.h != nil {
		d.h.Ringing()
	}
}

// onFinal takes the answer of the device, nil when none came.
func (d *Dialog) onFinal(res *gosip.Response, offer []byte) {
	d.calling = nil
	switch {
	case d.state == over:
	case res == nil:
		d.finish(Ending{Remote: true, Cause: "error", Status: 408})
	case res.IsSuccess():
		d.onAccepted(res)
	case (res.StatusCode == 401 || res.StatusCode == 407) && !d.tried && !d.cancel:
		d.tried = true
		if c, ok := d.s.credentials(d.ours, res, d.trunk); ok {
			d.heard = false
			d.call(offer, c)
			return
		}
		d.finish(Ending{Remote: true, Cause: "declined", Status: res.StatusCode})
	default:
		d.finish(Ending{Remote: true, Cause: causeOf(res.StatusCode), Status: res.StatusCode})
	}
}

// onAccepted establishes the dialog, or ends it again when nobody wants it or it has no session.
func (d *Dialog) onAccepted(res *gosip.Response) {
	if res.Contact() == nil {
		d.finish(Ending{Remote: true, Cause: "error", Status: res.StatusCode})
		return
	}
	d.establish(res)
	d.acknowledge(res)
	switch {
	case d.cancel: // the CANCEL crossed it
		d.bye()
	case len(res.Body()) == 0: // RFC 3261 section 13.2.1: the answer must be there
		d.bye()
		d.tell(Ending{Cause: "error", Status: 200})
	default:
		d.state = confirmed
		d.h.Answered(res.Body())
		d.h.Confirmed()
	}
}

// establish takes over what the 2xx says of the other side (RFC 3261 section 12.1.2).
func (d *Dialog) establish(res *gosip.Response) {
	to := res.To()
	d.remote = gosip.ToHeader{DisplayName: to.DisplayName, Address: *to.Address.Clone(), Params: to.Params.Clone()}
	d.target = *res.Contact().Address.Clone()
	d.routes = nil
	for _, h := range res.GetHeaders("record-route") {
		d.routes = append([]string{h.Value()}, d.routes...) // the caller reverses their order
	}
}

// acknowledge sends the ACK of a 2xx, which is a request of its own (RFC 3261 section 13.2.2.4).
func (d *Dialog) acknowledge(res *gosip.Response) {
	req := gosip.NewRequest(gosip.ACK, *d.target.Clone())
	d.dress(req, res.CSeq().SeqNo)
	d.ack = req
	d.acked, _ = res.To().Params.Get("tag")
	d.write(req)
}

// onSecond takes a 2xx that comes again: the same one wants its ACK again, one of another device (the call was
// forked on its way) wants an ACK and a BYE.
func (d *Dialog) onSecond(res *gosip.Response) {
	tag, _ := res.To().Params.Get("tag")
	switch {
	case d.ack == nil || res.Contact() == nil:
	case tag == d.acked && res.CSeq().SeqNo == d.ack.CSeq().SeqNo:
		d.write(d.ack)
	case tag != d.acked && d.out:
		other := &Dialog{s: d.s, id: d.id, out: true, trunk: d.trunk, network: d.network, source: d.source, local: d.local,
			localSeq: res.CSeq().SeqNo, state: ending}
		other.establish(res)
		other.acknowledge(res)
		other.send(other.request(gosip.BYE), func(*gosip.Response) {})
	}
}

// abort stops a call that nobody answered yet.
func (d *Dialog) abort() {
	d.cancel = true
	d.tell(Ending{Cause: "cancel"})
	if d.calling == nil {
		d.finish(Ending{Cause: "cancel"})
		return
	}
	if d.heard { // RFC 3261 section 9.1: not before the other side was heard
		d.sendCancel()
	}
}

func (d *Dialog) sendCancel() {
	if d.giveUp != nil {
		return
	}
	d.giveUp = d.after(d.s.timers.giveUp, "no answer to CANCEL", func() {
		if d.calling != nil { // its reader then sees the end
			d.calling.Terminate()
		}
	})
	d.send(d.cancelRequest(), func(*gosip.Response) {})
}

// cancelRequest names the INVITE by its own Via and CSeq (RFC 3261 section 9.1).
func (d *Dialog) cancelRequest() *gosip.Request {
	req := gosip.NewRequest(gosip.CANCEL, *d.ours.Recipient.Clone())
	req.AppendHeader(d.ours.Via().Clone())
	gosip.CopyHeaders("Route", d.ours, req)
	gosip.CopyHeaders("From", d.ours, req)
	gosip.CopyHeaders("To", d.ours, req)
	gosip.CopyHeaders("Call-ID", d.ours, req)
	hops := gosip.MaxForwardsHeader(70)
	req.AppendHeader(&gosip.CSeqHeader{SeqNo: d.ours.CSeq().SeqNo, MethodName: gosip.CANCEL})
	req.AppendHeader(&hops)
	req.SetBody(nil)
	req.SetTransport(d.ours.Transport())
	req.SetDestination(d.ours.Destination())
	req.Laddr = d.ours.Laddr
	return req
}

func causeOf(status int) string {
	switch status {
	case 486, 600:
		return "busy"
	case 487:
		return "cancel"
	case 403, 480, 603:
		return "declined"
	}
	return "error"
}
