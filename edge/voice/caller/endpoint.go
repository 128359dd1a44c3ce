// SPDX-License-Identifier: EUPL-1.2

package caller

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

const (
	farewell = time.Second             // for the answer to a BYE
	grace    = 1500 * time.Millisecond // for all calls to end, when we stop
)

// endpoint is one SIP address, with the dialogs that live on it.
type endpoint struct {
	ua     *sipgo.UserAgent
	server *sipgo.Server
	conn   *door
	at     netip.AddrPort
	calls  sipgo.DialogUA
	work   sync.WaitGroup // the listener, and incoming calls

	mu     sync.Mutex
	closed bool             // owned by mu
	lines  map[string]*line // by dialog; owned by mu
}

// line is a call with its voice, whoever began it.
type line struct {
	voice *voice
	bye   func(*sip.Request, sip.ServerTransaction) error
	ack   func(*sip.Request, sip.ServerTransaction) error // nil for one that we began
}

// door tells when the library has begun to listen: before, it would open another socket to send.
type door struct {
	*net.UDPConn
	once  sync.Once
	known chan struct{}
}

// ReadFrom implements net.PacketConn.
func (d *door) ReadFrom(b []byte) (int, net.Addr, error) {
	d.once.Do(func() { close(d.known) })
	return d.UDPConn.ReadFrom(b)
}

// open binds the address.
func open(listen string) (*endpoint, error) {
	at, err := loopback(listen)
	if err != nil {
		return nil, fmt.Errorf("own address: %w", err)
	}
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if err != nil {
		return nil, err
	}
	e := &endpoint{conn: &door{UDPConn: conn, known: make(chan struct{})}, lines: map[string]*line{}}
	e.at = conn.LocalAddr().(*net.UDPAddr).AddrPort()
	if err := e.build(); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return e, nil
}

func (e *endpoint) build() error {
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	nowhere := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("names are not resolved here")
	}}
	var err error
	e.ua, err = sipgo.NewUA(sipgo.WithUserAgent("rivage-caller"), sipgo.WithUserAgentDNSResolver(nowhere),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(quiet)),
		sipgo.WithUserAgentTransactionLayerOptions(sip.WithTransactionLayerLogger(quiet)))
	if err != nil {
		return err
	}
	if e.server, err = sipgo.NewServer(e.ua, sipgo.WithServerLogger(quiet)); err != nil {
		return err
	}
	client, err := sipgo.NewClient(e.ua, sipgo.WithClientAddr(e.at.String()), sipgo.WithClientConnectionAddr(e.at.String()),
		sipgo.WithClientLogger(quiet))
	if err != nil {
		return err
	}
	e.calls = sipgo.DialogUA{
		Client: client, RewriteContact: true, // answers go where the other side is, not where it says
		ContactHDR: sip.ContactHeader{Address: sip.Uri{Scheme: "sip", User: "rivage", Host: e.at.Addr().String(), Port: int(e.at.Port())}},
	}
	return nil
}

// handle says what happens to incoming requests; fresh takes new calls, nil refuses them.
func (e *endpoint) handle(fresh func(*sip.Request, sip.ServerTransaction)) {
	e.server.OnInvite(func(req *sip.Request, tx sip.ServerTransaction) {
		to := req.To()
		switch {
		case to != nil && to.Params.Has("tag"):
			e.reinvite(req, tx)
		case fresh == nil:
			refuse(req, tx, 403)
		default:
			fresh(req, tx)
		}
	})
	e.server.OnAck(func(req *sip.Request, tx sip.ServerTransaction) {
		if l := e.find(req); l != nil && l.ack != nil {
			_ = l.ack(req, tx) // the ACK of a re-INVITE is none of the first answer
		}
	})
	e.server.OnBye(func(req *sip.Request, tx sip.ServerTransaction) {
		if l := e.find(req); l == nil || l.bye(req, tx) != nil {
			refuse(req, tx, 481)
		}
	})
	for _, m := range []sip.RequestMethod{sip.OPTIONS, sip.INFO, sip.NOTIFY} {
		e.server.OnRequest(m, func(req *sip.Request, tx sip.ServerTransaction) { refuse(req, tx, 200) })
	}
	e.server.OnCancel(func(req *sip.Request, tx sip.ServerTransaction) { refuse(req, tx, 481) }) // none under way
}

var reasons = map[int]string{
	200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 480: "Temporarily Unavailable",
	481: "Call/Transaction Does Not Exist", 486: "Busy Here", 488: "Not Acceptable Here",
}

// refuse answers without a body. When the answer cannot be sent, the other side asks again.
func refuse(req *sip.Request, tx sip.ServerTransaction, status int) {
	_ = tx.Respond(sip.NewResponseFromRequest(req, status, reasons[status], nil))
}

// reinvite changes the media of a call: hold, resume, another address.
func (e *endpoint) reinvite(req *sip.Request, tx sip.ServerTransaction) {
	l := e.find(req)
	if l == nil {
		refuse(req, tx, 481)
		return
	}
	answer, status := l.voice.answer(req.Body())
	if status != 200 {
		refuse(req, tx, status)
		return
	}
	res := sip.NewSDPResponseFromRequest(req, answer)
	res.AppendHeader(&e.calls.ContactHDR)
	_ = tx.Respond(res) // as refuse
}

// find gives the call of a request inside one; tags are the other way round where we began it.
func (e *endpoint) find(req *sip.Request) *line {
	ours, err := sip.DialogIDFromRequestUAC(req)
	theirs, err2 := sip.DialogIDFromRequestUAS(req)
	if err != nil || err2 != nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if l := e.lines[ours]; l != nil {
		return l
	}
	return e.lines[theirs]
}

// enter registers a call; leave it with the function returned. ok is false once we stop.
func (e *endpoint) enter(id string, l *line) (leave func(), ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, false
	}
	e.lines[id] = l
	e.work.Add(1)
	return func() {
		e.mu.Lock()
		delete(e.lines, id)
		e.mu.Unlock()
		e.work.Done()
	}, true
}

func (e *endpoint) serve() {
	e.work.Go(func() { _ = e.server.ServeUDP(e.conn) }) // it ends with the socket
	<-e.conn.known
}

// shut waits for the calls to end, but not for long, and closes the address.
func (e *endpoint) shut(wait func()) {
	done := make(chan struct{})
	go func() {
		wait()
		close(done)
	}()
	limit := time.NewTimer(grace)
	defer limit.Stop()
	select {
	case <-done:
	case <-limit.C: // somebody does not answer: its transactions end now
	}
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.ua.TransactionLayer().Close()
	_ = e.conn.Close() // only reading it can fail, and nobody reads
	<-done
	e.work.Wait()
	_ = e.ua.Close() // sockets that late answers opened
}

// over ends a call by BYE. One that cannot be told is over all the same.
func over(bye func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	_ = bye(ctx)
}
