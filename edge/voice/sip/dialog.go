// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"rivage.example/rivage"
)

// Handler hears what happens in a dialog. Its methods are called one after the other and must not wait for the
// dialog; Ended is called once, and last.
type Handler interface {
	// Ringing: the device that we call rings.
	Ringing()
	// Answered: the other side accepted our offer with this answer. For an incoming call it comes with the ACK, and
	// only when the offer was ours; again after each re-INVITE of ours.
	Answered(answer []byte)
	// Confirmed: the ACK of our answer is here.
	Confirmed()
	// Offered: the other side wants to change the session; nil asks for an offer of ours. An error refuses with 488
	// and leaves the session as it was.
	Offered(offer []byte) ([]byte, error)
	// Digit: a key came by INFO.
	Digit(byte)
	// Ended: the dialog is over.
	Ended(Ending)
}

// Ending says who ended a dialog and why.
type Ending struct {
	Remote bool   // the other side did
	Cause  string // "bye", "cancel", "busy", "declined", "no_ack", "error"
	Status int    // SIP status that ended it, 0 when there was none
}

// state is where a dialog stands.
type state int

const (
	early     state = iota // no final answer yet
	answered               // our 2xx waits for its ACK
	confirmed              // both sides agree
	ending                 // our BYE or CANCEL is out
	over
)

// dialogID finds a dialog: the local tag is random and ours, so that it is enough beside the Call-ID.
type dialogID struct{ callID, localTag string }

// inviteID is what a merged copy of an INVITE shares with the first (RFC 3261 section 8.2.2.2).
type inviteID struct {
	callID, fromTag string
	cseq            uint32
}

// Dialog is one call leg over SIP. Its methods only ask: what comes of it, the Handler hears.
type Dialog struct {
	s       *Stack
	id      dialogID
	merged  inviteID // incoming only
	out     bool     // we called
	trunk   *rivage.Trunk
	network string         // "UDP" or "TCP"
	source  netip.AddrPort // where the other side speaks from, or where we called
	h       Handler

	q queue
	// All below is owned by what runs on q.
	state     state
	local     gosip.FromHeader // how we appear in requests of ours
	remote    gosip.ToHeader
	localSeq  uint32
	remoteSeq uint32
	target    gosip.Uri // remote target: the Contact of the other side
	routes    []string  // Route values of requests of ours, in order
	told      bool      // Ended was reported

	in       *gosip.ServerTx // INVITE of theirs without a final answer
	invite   *gosip.Request  // that INVITE, or the last one
	answer   *gosip.Response // 2xx of ours that waits for its ACK
	offering bool            // that 2xx carries an offer of ours
	resend   *time.Timer
	giveUp   *time.Timer
	interval time.Duration
	hangUp   bool // BYE as soon as the ACK is here

	calling *gosip.ClientTx // INVITE of ours without a final answer
	ours    *gosip.Request  // that INVITE, or the last one
	ack     *gosip.Request  // last ACK of ours
	acked   string          // remote tag it went to
	heard   bool            // a provisional answer came: a CANCEL may go out
	cancel  bool            // nobody wants the call any more
	tried   bool            // credentials were sent
	retry   *time.Timer     // of a re-INVITE after 491
}

// do runs f on the dialog's queue.
func (d *Dialog) do(what string, f func()) bool { return d.queue(what, false, f) }

// take runs f, for a message from outside, on the dialog's queue.
func (d *Dialog) take(what string, f func()) bool { return d.queue(what, true, f) }

func (d *Dialog) queue(what string, foreign bool, f func()) bool {
	return d.q.post(&d.s.work, foreign, func() {
		defer d.s.guard(what)
		f()
	})
}

// HangUp ends the dialog, however far it is: the call is refused, cancelled or ended by a BYE.
func (d *Dialog) HangUp() {
	d.do("hang up", func() {
		switch {
		case d.state == over || d.state == ending:
		case d.out && d.state == early:
			d.abort()
		case d.state == early:
			d.refuse(480, 0)
			d.finish(Ending{Cause: "declined"})
		case d.state == answered && d.giveUp != nil: // RFC 3261 section 15: not before the ACK
			d.hangUp = true
		default:
			d.bye()
			d.tell(Ending{Cause: "bye"})
		}
	})
}

// bye sends the BYE; the dialog stays until it is answered, so that a BYE that crosses finds it.
func (d *Dialog) bye() {
	d.stopTimers()
	d.state = ending
	d.send(d.request(gosip.BYE), func(*gosip.Response) { d.finish(Ending{Cause: "bye"}) })
}

// tell reports the end, once.
func (d *Dialog) tell(e Ending) {
	if !d.told && d.h != nil {
		d.told = true
		d.h.Ended(e)
	}
}

// finish forgets the dialog and reports its end if nobody did yet.
func (d *Dialog) finish(e Ending) {
	if d.state != over {
		d.state = over
		d.stopTimers()
		d.s.forget(d)
		d.q.close()
	}
	d.tell(e)
}

// abandon ends the dialog without waiting for anybody: the stack closes.
func (d *Dialog) abandon() {
	switch {
	case d.state == over:
	case d.out && d.state == early:
		if d.heard {
			d.write(d.cancelRequest())
		}
	case d.state == early:
		d.refuse(503, 0)
	case d.state != ending:
		d.write(d.request(gosip.BYE))
	}
	d.finish(Ending{Cause: "bye"})
}

func (d *Dialog) stopTimers() {
	stop(&d.resend)
	stop(&d.giveUp)
	stop(&d.retry)
}

func stop(t **time.Timer) {
	if *t != nil {
		(*t).Stop()
		*t = nil
	}
}

// after runs f on the queue later.
func (d *Dialog) after(wait time.Duration, what string, f func()) *time.Timer {
	return time.AfterFunc(wait, func() { d.do(what, f) })
}

// request builds a request inside the dialog (RFC 3261 section 12.2.1.1).
func (d *Dialog) request(method gosip.RequestMethod) *gosip.Request {
	if method != gosip.ACK && method != gosip.CANCEL {
		d.localSeq++
	}
	req := gosip.NewRequest(method, *d.target.Clone())
	d.dress(req, d.localSeq)
	return req
}

// dress puts on a request what each of ours wears.
func (d *Dialog) dress(req *gosip.Request, seq uint32) {
	me := d.s.self(d.network)
	v := gosip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: d.network, Host: me.Addr().String(), Port: int(me.Port())}
	v.Params.Add("branch", gosip.GenerateBranch())
	v.Params.Add("rport", "")
	req.AppendHeader(&v)
	from, to := d.local, d.remote
	from.Params, to.Params = from.Params.Clone(), to.Params.Clone()
	req.AppendHeader(&from)
	req.AppendHeader(&to)
	id, hops := gosip.CallIDHeader(d.id.callID), gosip.MaxForwardsHeader(70)
	req.AppendHeader(&id)
	req.AppendHeader(&gosip.CSeqHeader{SeqNo: seq, MethodName: req.Method})
	req.AppendHeader(&hops)
	for _, r := range d.routes {
		req.AppendHeader(gosip.NewHeader("Route", r))
	}
	req.AppendHeader(d.contactHeader())
	req.SetBody(nil)
	d.address(req)
}

func (d *Dialog) contactHeader() *gosip.ContactHeader {
	me := d.s.self(d.network)
	u := gosip.Uri{Scheme: "sip", User: "rivage", Host: me.Addr().String(), Port: int(me.Port())}
	if d.network == "TCP" {
		u.UriParams.Add("transport", "tcp")
	}
	return &gosip.ContactHeader{Address: u}
}

// address says where a request goes and by which socket.
func (d *Dialog) address(req *gosip.Request) {
	req.SetTransport(d.network)
	req.SetDestination(d.nextHop().String())
	if d.network == "UDP" && d.s.udp != nil {
		at := d.s.udp.LocalAddr().(*net.UDPAddr) // what net.UDPConn always gives
		req.Laddr = gosip.Addr{IP: at.IP, Port: at.Port}
	}
}

// nextHop is where requests of ours go: the first route or the target when it is an address of the trunk, else the
// flow that the other side opened. Names are not resolved, and nothing leaves the declared networks.
func (d *Dialog) nextHop() netip.AddrPort {
	if d.network == "TCP" || d.trunk.NAT {
		return d.source
	}
	host, port := d.target.Host, d.target.Port
	if len(d.routes) > 0 {
		if a, ok := readAddress(d.routes[0]); ok {
			u, _ := readURI(a.uri)
			host, port = u.host, u.port
		}
	}
	a, err := netip.ParseAddr(trimBrackets(host))
	if err != nil || !through(d.trunk, a.Unmap()) {
		return d.source
	}
	if port == 0 {
		port = 5060
	}
	return netip.AddrPortFrom(a.Unmap(), uint16(port))
}

func trimBrackets(host string) string {
	if len(host) > 1 && host[0] == '[' {
		return host[1 : len(host)-1]
	}
	return host
}

// send starts a transaction that is no INVITE. done runs on the queue with the final answer, nil when none came.
func (d *Dialog) send(req *gosip.Request, done func(*gosip.Response)) {
	tx, err := d.start(req)
	if err != nil {
		d.s.log.Warn("sip request not sent", slog.String("method", string(req.Method)), slog.Any("error", err))
		done(nil)
		return
	}
	d.s.work.Go(func() {
		res := final(tx, nil)
		d.do("answer", func() { done(res) })
	})
}

// final reads a transaction to its last answer; provisional, when set, hears the others.
func final(tx *gosip.ClientTx, provisional func(*gosip.Response)) *gosip.Response {
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res
			}
			if provisional != nil {
				provisional(res)
			}
		case <-tx.Done():
			return nil
		}
	}
}

// maxUDP is the largest request that goes out over UDP (RFC 3261 section 18.1.1).
const maxUDP = 1300

// start sends a request in a transaction of its own, over TCP when it is too large for UDP.
func (d *Dialog) start(req *gosip.Request) (*gosip.ClientTx, error) {
	if err := d.route(req); err != nil {
		return nil, err
	}
	return d.s.transactions.Request(context.Background(), req)
}

// write sends a request without a transaction: an ACK, or a last word.
func (d *Dialog) write(req *gosip.Request) {
	err := d.route(req)
	if err == nil {
		err = d.s.transport.WriteMsg(req)
	}
	if err != nil {
		d.s.log.Warn("sip request not sent", slog.String("method", string(req.Method)), slog.Any("error", err))
	}
}

// route makes sure that there is a connection, and changes to TCP what is too large for UDP.
func (d *Dialog) route(req *gosip.Request) error {
	if req.Transport() == "UDP" && d.s.tcp.dial != nil && len(req.String()) > maxUDP {
		req.SetTransport("TCP")
		req.Via().Transport = "TCP"
		req.Laddr = gosip.Addr{}
	}
	if req.Transport() != "TCP" {
		return nil
	}
	if c, err := d.s.transport.GetConnection("tcp", req.Destination()); err == nil {
		_, err = c.TryClose() // gives back what GetConnection counted
		return err
	}
	to, err := netip.ParseAddrPort(req.Destination())
	if err != nil {
		return err
	}
	return d.s.tcp.connect(context.Background(), to)
}
