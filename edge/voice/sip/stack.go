// SPDX-License-Identifier: EUPL-1.2

// Package sip carries calls over SIP (RFC 3261): it answers the trunks that were declared, calls fixed devices, and
// reports what happens in each dialog, one thing after the other.
//
// The transactions are those of github.com/emiago/sipgo. Around them are ours: a strict reading of every message
// before the library sees it, and the dialogs, so that a lost ACK, a CANCEL that crosses an answer, or a second 2xx
// ends as the RFC says.
package sip

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"rivage.example/rivage"
)

// Config is what a Stack needs. Settings is required, and one of UDP and TCP.
type Config struct {
	UDP, TCP string     // addresses to listen on, "host:port"; "" does not listen
	Contact  netip.Addr // address that peers use to reach us; the listener's own when it is not set

	// Settings gives the trunks in force; it is asked for each message and must be quick.
	Settings func() *rivage.Settings
	// Secret gives the digest password that a trunk names.
	Secret func(name string) (string, error)
	// Dial opens TCP connections; nil allows none out.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Closed says why no call to a number of ours comes in over a trunk now: a short code, "" when it may. Calls that are under
	// way go on. Nil closes every trunk.
	Closed func(t *rivage.Trunk, number string) string
	// ClosedOut says the same of a call to a device, about data of a class.
	ClosedOut func(t *rivage.Trunk, class rivage.DataClass) string
	// Carried hears of each message of a trunk's networks that no dial of ours carries; quick. Nil does not listen.
	Carried func(trunk rivage.ID, transport string, out bool, bytes int)
	// Busy says why no new call may come in now: seconds for Retry-After, 0 when calls are welcome.
	Busy func() (retryAfter int)
	// OnInvite takes each new call, on a goroutine of its own. It must see to it that the call is answered or rejected.
	OnInvite func(*Incoming)
	// Refused hears of those who were turned away.
	Refused func(Refused)

	MaxCalls int // incoming at a time, 0 for 4000
	Clock    rivage.Clock
	Logger   *slog.Logger
}

// Stack is the SIP side of an instance.
type Stack struct {
	cfg  Config
	log  *slog.Logger
	gate *gate
	auth *verifier

	transport    *gosip.TransportLayer
	transactions *gosip.TransactionLayer
	udp          *udpDoor
	tcp          *tcpDoor
	contact      netip.AddrPort // what we write of ourselves, UDP
	contactTCP   netip.AddrPort
	timers       timers

	work  sync.WaitGroup // goroutines of dialogs and listeners
	calls atomic.Int64   // dialogs alive

	mu      sync.Mutex
	closed  bool                 // owned by mu
	dialogs map[dialogID]*Dialog // owned by mu
	invites map[inviteID]*Dialog // incoming, by what a merged copy shares; owned by mu
	trunks  map[rivage.ID]int    // incoming calls of each trunk; owned by mu
}

// timers are those of RFC 3261 table 4, as the library has them.
type timers struct{ t1, t2, giveUp time.Duration }

var libraryOnce sync.Once

// library sets what the library keeps in globals. Its log shows whole messages, so it gets none.
func library() {
	gosip.SetDefaultLogger(slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelError + 100})))
	gosip.UDPMTUSize = 65535 // answers go back the way the request came, whatever their size (RFC 3261 section 18.2.2)
}

// Listen opens the listeners and starts to serve.
func Listen(cfg Config) (*Stack, error) {
	libraryOnce.Do(library)
	if cfg.MaxCalls == 0 {
		cfg.MaxCalls = 4000
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Busy == nil {
		cfg.Busy = func() int { return 0 }
	}
	if cfg.Refused == nil {
		cfg.Refused = func(Refused) {}
	}
	s := &Stack{
		cfg: cfg, log: cfg.Logger, gate: newGate(cfg.Settings, cfg.Refused, cfg.Carried), auth: newVerifier(cfg.Clock),
		timers:  timers{gosip.T1, gosip.T2, 64 * gosip.T1},
		dialogs: map[dialogID]*Dialog{}, invites: map[inviteID]*Dialog{}, trunks: map[rivage.ID]int{},
	}
	if err := s.listen(); err != nil {
		return nil, err
	}
	s.serve()
	return s, nil
}

func (s *Stack) listen() error {
	if s.cfg.UDP == "" && s.cfg.TCP == "" {
		return errors.New("listen for SIP: neither a UDP nor a TCP address is configured")
	}
	if s.cfg.UDP != "" {
		c, err := listenUDP(s.cfg.UDP)
		if err != nil {
			return fmt.Errorf("listen for SIP over UDP on %s: %w", s.cfg.UDP, err)
		}
		s.udp = &udpDoor{UDPConn: c, gate: s.gate, known: make(chan struct{})}
		s.contact = s.public(c.LocalAddr())
	}
	var l net.Listener
	var at net.Addr = &net.TCPAddr{}
	if s.cfg.TCP != "" {
		var err error
		if l, err = net.Listen("tcp", s.cfg.TCP); err != nil {
			if s.udp != nil {
				_ = s.udp.Close()
			}
			return fmt.Errorf("listen for SIP over TCP on %s: %w", s.cfg.TCP, err)
		}
		at = l.Addr()
		s.contactTCP = s.public(at)
	}
	s.tcp = newTCPDoor(s.gate, l, at, s.cfg.Dial)
	if s.self("UDP").Addr().IsUnspecified() {
		err := errors.New("listen for SIP: it listens on every address; say by which one peers reach it")
		if s.udp != nil {
			err = errors.Join(err, s.udp.Close())
		}
		return errors.Join(err, s.tcp.Close())
	}
	return nil
}

// public is the address that peers are told for a listener.
func (s *Stack) public(a net.Addr) netip.AddrPort {
	at := addrPort(a)
	if s.cfg.Contact.IsValid() {
		return netip.AddrPortFrom(s.cfg.Contact, at.Port())
	}
	return at
}

func (s *Stack) serve() {
	// The library resolves no name and dials nobody: the doors do, or nothing does.
	nowhere := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("names are not resolved here")
	}}
	quiet := gosip.WithTransportLayerLogger(slog.New(slog.DiscardHandler))
	tcp := &gosip.TransportTCP{DialerCreate: func(net.Addr) net.Dialer { return net.Dialer{Control: refuseDial} }}
	s.transport = gosip.NewTransportLayer(nowhere, gosip.NewParser(), nil, quiet,
		gosip.WithTransportLayerTransports(gosip.TransportsConfig{TCP: tcp}))
	s.transactions = gosip.NewTransactionLayer(s.transport, gosip.WithTransactionLayerLogger(slog.New(slog.DiscardHandler)),
		gosip.WithTransactionLayerUnhandledResponseHandler(s.onStray))
	s.transactions.OnRequest(s.onRequest)
	if s.udp != nil {
		s.work.Go(func() { _ = s.transport.ServeUDP(s.udp) })
		<-s.udp.known
	}
	s.work.Go(func() { _ = s.transport.ServeTCP(s.tcp) })
}

// UDPAddr is where the stack listens for UDP; invalid when it does not.
func (s *Stack) UDPAddr() netip.AddrPort { return s.contact }

// TCPAddr is where the stack listens for TCP; invalid when it does not.
func (s *Stack) TCPAddr() netip.AddrPort { return s.contactTCP }

// self is the address that we give of ourselves on a network; that of the other when we only dial there.
func (s *Stack) self(network string) netip.AddrPort {
	if network == "TCP" && s.contactTCP.IsValid() || !s.contact.IsValid() {
		return s.contactTCP
	}
	return s.contact
}

// Calls is how many dialogs are alive.
func (s *Stack) Calls() int { return int(s.calls.Load()) }

// Close hangs every call up and ends all that the stack runs.
func (s *Stack) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	live := make([]*Dialog, 0, len(s.dialogs))
	for _, d := range s.dialogs {
		live = append(live, d)
	}
	s.mu.Unlock()
	var gone sync.WaitGroup
	for _, d := range live {
		gone.Add(1)
		if !d.do("close", func() { defer gone.Done(); d.abandon() }) {
			gone.Done()
		}
	}
	gone.Wait()
	s.transactions.Close()
	err := s.tcp.Close()
	if s.udp != nil {
		err = errors.Join(err, s.udp.shut(s.transport.Pool("udp")))
	}
	s.work.Wait()
	s.gate.tally.close()
	return err
}

// guard keeps a fault in the handling of one message to that message.
func (s *Stack) guard(what string) {
	if r := recover(); r != nil {
		s.log.Error("sip handler failed", slog.String("what", what), slog.Any("fault", fmt.Sprintf("%T", r)))
	}
}
