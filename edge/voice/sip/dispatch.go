// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"errors"
	"log/slog"
	"net/netip"
	"strconv"
	"strings"
	"syscall"

	gosip "github.com/emiago/sipgo/sip"

	"rivage.example/rivage"
)

// onRequest takes each new request, on a goroutine of its own. The library answers repetitions by itself.
func (s *Stack) onRequest(req *gosip.Request, tx *gosip.ServerTx) {
	defer s.guard(string(req.Method))
	tag, _ := req.To().Params.Get("tag")
	d := s.find(dialogID{req.CallID().Value(), tag})
	switch {
	case req.Method == gosip.ACK:
		tx.Terminate() // the library opens a transaction for it, and nothing would end that one
		if d != nil {
			d.take("ACK", func() { d.onAck(req) })
		}
	case req.Method == gosip.INVITE && tag == "":
		s.onInvite(req, tx)
	case req.Method == gosip.OPTIONS && (d != nil || tag == ""):
		res := reply(req, 200)
		res.AppendHeader(gosip.NewHeader("Allow", allow))
		res.AppendHeader(gosip.NewHeader("Accept", "application/sdp"))
		s.respond(tx, res)
	case d == nil || !d.mine(req):
		s.respond(tx, reply(req, 481))
	default:
		if !d.take(string(req.Method), func() { d.onRequest(req, tx) }) {
			res := reply(req, 503)
			res.AppendHeader(gosip.NewHeader("Retry-After", "1"))
			s.respond(tx, res)
		}
	}
}

// mine says whether a request comes from the other side of the dialog.
func (d *Dialog) mine(req *gosip.Request) bool {
	tag, _ := req.From().Params.Get("tag")
	theirs, _ := d.remote.Params.Get("tag")
	return tag == theirs
}

func (s *Stack) respond(tx *gosip.ServerTx, res *gosip.Response) {
	if err := tx.Respond(res); err != nil && !errors.Is(err, gosip.ErrTransactionCanceled) {
		s.log.Warn("sip answer not sent", slog.Int("status", res.StatusCode), slog.Any("error", err))
	}
}

// reply builds an answer without a body.
func reply(req *gosip.Request, status int) *gosip.Response {
	res := gosip.NewResponseFromRequest(req, status, reasonOf(status), nil)
	res.SipVersion = "SIP/2.0"
	if status == 405 {
		res.AppendHeader(gosip.NewHeader("Allow", allow))
	}
	return res
}

// onStray takes an answer whose transaction is gone: only a late 2xx to an INVITE of ours matters.
func (s *Stack) onStray(res *gosip.Response) {
	defer s.guard("stray answer")
	if !res.IsSuccess() || res.CSeq() == nil || res.CSeq().MethodName != gosip.INVITE {
		return
	}
	tag, _ := res.From().Params.Get("tag")
	if d := s.find(dialogID{res.CallID().Value(), tag}); d != nil {
		d.take("late answer", func() { d.onSecond(res) })
	}
}

func (s *Stack) find(id dialogID) *Dialog {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dialogs[id]
}

// errFull and errMerged say why a call is not taken.
var (
	errFull   = errors.New("too many calls")
	errMerged = errors.New("the same call came twice")
	errClosed = errors.New("the stack is closed")
)

// keep registers a dialog. What comes in is limited, for the instance and for the trunk. The agents' devices are not: each
// is called for one who waits, and callers who took the last place would otherwise wait for ever.
func (s *Stack) keep(d *Dialog) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	if !d.out {
		if s.invites[d.merged] != nil {
			return errMerged
		}
		if most := d.trunk.MaxCalls; len(s.invites) >= s.cfg.MaxCalls || most > 0 && s.trunks[d.trunk.ID] >= most {
			return errFull
		}
		s.invites[d.merged] = d
		s.trunks[d.trunk.ID]++
	}
	s.dialogs[d.id] = d
	s.calls.Add(1)
	return nil
}

func (s *Stack) forget(d *Dialog) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dialogs[d.id] != d {
		return
	}
	delete(s.dialogs, d.id)
	s.calls.Add(-1)
	if d.out {
		return
	}
	delete(s.invites, d.merged)
	if s.trunks[d.trunk.ID]--; s.trunks[d.trunk.ID] == 0 {
		delete(s.trunks, d.trunk.ID)
	}
}

// sourceAddr is where a message came from.
func sourceAddr(m gosip.Message) netip.AddrPort {
	a, err := netip.ParseAddrPort(m.Source())
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// refuseDial keeps the library from opening connections by itself.
func refuseDial(string, string, syscall.RawConn) error { return errNoDialer }

// callerOf is the number of who calls: P-Asserted-Identity, which the declared trunk vouches for (RFC 3325), else
// From; nothing when the caller wants to stay unknown (RFC 3323).
func callerOf(req *gosip.Request) rivage.Phone {
	if h := req.GetHeader("privacy"); h != nil {
		for _, p := range strings.FieldsFunc(strings.ToLower(h.Value()), func(r rune) bool { return r == ';' || r == ',' || r == ' ' }) {
			if p == "id" || p == "user" {
				return ""
			}
		}
	}
	for _, h := range req.GetHeaders("p-asserted-identity") {
		for _, v := range splitList(h.Value()) {
			if a, ok := readAddress(v); ok {
				if n := phoneOf(a.uri); n != "" {
					return n
				}
			}
		}
	}
	from := req.From().Address
	if strings.EqualFold(from.Host, "anonymous.invalid") || strings.EqualFold(from.User, "anonymous") {
		return ""
	}
	return phoneOf(from.String())
}

// dialled is the number that was called: the Request-URI, else To. What is no number comes back empty.
func dialled(req *gosip.Request) string {
	if n := phoneOf(req.Recipient.String()); n != "" {
		return string(n)
	}
	return string(phoneOf(req.To().Address.String()))
}

func retryAfter(res *gosip.Response, seconds int) *gosip.Response {
	if seconds > 0 {
		res.AppendHeader(gosip.NewHeader("Retry-After", strconv.Itoa(seconds)))
	}
	return res
}
