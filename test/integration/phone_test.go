// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"rivage.example/rivage/wire/sdp"
)

// phone is a SIP telephone with one line, a caller's or an agent's, that shares no code with the product's SIP.
type phone struct {
	t      testing.TB
	conn   *net.UDPConn
	at     netip.AddrPort
	server netip.AddrPort
	sound  *sound
	picks  bool // it answers by itself
	work   sync.WaitGroup
	closed chan struct{}

	mu   sync.Mutex // guards what follows
	call *dialog    // the present one, or the last
}

// dialog is one call; guarded by the phone's mu.
type dialog struct {
	id          string
	local       string // From or To of ours, with its tag
	remote      string // theirs, as last seen
	target      string // Request-URI of what follows
	cseq        int
	invite      *message // of the one who called
	offer       sdp.Caps
	answer      []byte        // the last answer to their INVITE, for repetitions
	heard       chan struct{} // closed by the first answer to our INVITE
	acked       chan struct{} // closed by their ACK
	gone        chan struct{} // closed by the answer to our BYE
	provisional []int
	status      int    // final, of the INVITE
	retry       string // Retry-After
	ringing     bool
	over        bool
	remoteEnd   bool // they said BYE or CANCEL
}

// newPhone is a telephone at an address of this machine; server is where it calls.
func newPhone(t testing.TB, at netip.Addr, server netip.AddrPort, hz float64) *phone {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(at, 0)))
	if err != nil {
		t.Fatal(err)
	}
	p := &phone{
		t: t, conn: conn, at: conn.LocalAddr().(*net.UDPAddr).AddrPort(), server: server, sound: newSound(t, at, hz),
		closed: make(chan struct{}),
	}
	p.work.Go(p.listen)
	t.Cleanup(p.close)
	return p
}

func (p *phone) close() {
	close(p.closed)
	p.conn.Close() //nolint:errcheck // which ends the reader
	p.work.Wait()
	p.sound.close()
}

// uri is where the phone is called.
func (p *phone) uri() string { return "sip:poste@" + p.at.String() }

func token() string { return strings.ToLower(rand.Text()[:16]) }

func (p *phone) via() string {
	return fmt.Sprintf("SIP/2.0/UDP %s;branch=z9hG4bK%s;rport", p.at, token())
}

// dial calls a number from another, "" to withhold it.
func (p *phone) dial(number, from string) {
	p.invite(number, from, []byte(sdp.Offer(p.sound.caps).String()))
}

// invite calls with a description of any kind.
func (p *phone) invite(number, from string, description []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	uri := fmt.Sprintf("<sip:%s@%s>", from, p.at.Addr())
	if from == "" {
		uri = `"Anonymous" <sip:anonymous@anonymous.invalid>`
	}
	p.sound.forget()
	d := &dialog{
		id: token(), local: tagged(uri, token()), target: fmt.Sprintf("sip:%s@%s", number, p.server), cseq: 1, offer: p.sound.caps,
		heard: make(chan struct{}), acked: make(chan struct{}), gone: make(chan struct{}),
	}
	d.remote = "<" + d.target + ">"
	m := p.request(d, "INVITE")
	m.body = description
	d.invite, p.call = m, d
	p.repeat(m.bytes(), d.heard)
}

// request is a request of ours in a dialog.
func (p *phone) request(d *dialog, method string) *message {
	m := &message{method: method, uri: d.target}
	m.add("Via", p.via())
	m.add("Max-Forwards", "70")
	m.add("From", d.local)
	m.add("To", d.remote)
	m.add("Call-ID", d.id)
	m.add("CSeq", fmt.Sprintf("%d %s", d.cseq, method))
	m.add("Contact", "<"+p.uri()+">")
	return m
}

// repeat sends over UDP until something ends it (RFC 3261 section 17.1.1.2).
func (p *phone) repeat(b []byte, done <-chan struct{}) {
	p.send(b)
	p.work.Go(func() {
		wait := 500 * time.Millisecond
		for {
			timer := time.NewTimer(wait)
			select {
			case <-done:
			case <-p.closed:
			case <-timer.C:
				p.send(b)
				wait = min(2*wait, 4*time.Second)
				continue
			}
			timer.Stop()
			return
		}
	})
}

func (p *phone) send(b []byte) {
	_, _ = p.conn.WriteToUDPAddrPort(b, p.server) // the other side may be gone: the test sees it
}

func (p *phone) listen() {
	b := make([]byte, 64<<10)
	for {
		n, _, err := p.conn.ReadFromUDPAddrPort(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // an ICMP answer to what we sent
		}
		m, err := readMessage(append([]byte(nil), b[:n]...))
		if err != nil {
			p.t.Errorf("phone %s: %v: %q", p.at, err, b[:n])
			continue
		}
		p.take(m)
	}
}

func (p *phone) take(m *message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.call
	if d != nil && d.id != m.get("Call-ID") {
		d = nil
	}
	switch {
	case m.status != 0:
		p.answered(d, m)
	case m.method == "INVITE":
		p.invited(d, m)
	case m.method == "ACK":
		closeOnce(dialogChan(d, func(d *dialog) chan struct{} { return d.acked }))
	case d == nil:
		p.respond(m, 481, "", nil)
	case m.method == "BYE":
		p.respond(m, 200, d.local, nil)
		p.end(d, true)
	case m.method == "CANCEL":
		p.respond(m, 200, d.local, nil)
		if d.status == 0 {
			d.answer = p.respond(d.invite, 487, d.local, nil)
			p.end(d, true)
		}
	default: // OPTIONS, INFO, UPDATE
		p.respond(m, 200, d.local, nil)
	}
}

// dialogChan is a channel of a dialog, nil without one.
func dialogChan(d *dialog, of func(*dialog) chan struct{}) chan struct{} {
	if d == nil {
		return nil
	}
	return of(d)
}

func closeOnce(c chan struct{}) {
	if c == nil {
		return
	}
	select {
	case <-c:
	default:
		close(c)
	}
}

// end is the end of a call; the caller holds mu.
func (p *phone) end(d *dialog, remote bool) {
	if !d.over {
		d.over, d.remoteEnd, d.ringing = true, remote, false
		p.sound.follow(nil)
	}
}

// answered takes an answer to a request of ours.
func (p *phone) answered(d *dialog, m *message) {
	if d == nil {
		return
	}
	closeOnce(d.heard)
	switch {
	case strings.HasSuffix(m.get("CSeq"), " BYE"):
		closeOnce(d.gone)
	case !strings.HasSuffix(m.get("CSeq"), " INVITE"):
	case m.status < 200:
		d.provisional = append(d.provisional, m.status)
	case m.status < 300:
		first := d.status == 0
		d.status, d.remote = m.status, m.get("To")
		if c := inside(m.get("Contact")); c != "" {
			d.target = c
		}
		ack := p.request(d, "ACK")
		ack.fields[5].value = "1 ACK"
		p.send(ack.bytes())
		if first {
			p.connect(d, m.body)
		}
	default:
		d.status, d.retry = m.status, m.get("Retry-After")
		ack := &message{method: "ACK", uri: d.invite.uri}
		ack.copy(d.invite, "Via", "From")
		ack.copy(m, "To")
		ack.copy(d.invite, "Call-ID")
		ack.add("CSeq", "1 ACK")
		p.send(ack.bytes())
		p.end(d, true)
	}
}

// connect begins to speak where an answer to our offer says.
func (p *phone) connect(d *dialog, body []byte) {
	theirs, err := sdp.Parse(body)
	if err == nil {
		var plan sdp.Plan
		if plan, err = sdp.Apply(d.offer, theirs); err == nil {
			p.sound.follow(&plan)
			return
		}
	}
	p.t.Errorf("phone %s: the answer's description: %v", p.at, err)
}

// invited takes an INVITE: a new call, a repetition, or a change of media.
func (p *phone) invited(d *dialog, m *message) {
	switch {
	case d != nil && d.invite != nil && d.invite.get("CSeq") == m.get("CSeq"):
		if d.answer != nil {
			p.send(d.answer)
		}
		return
	case d == nil && p.call != nil && !p.call.over:
		p.respond(m, 486, tagged(m.get("To"), token()), nil)
		return
	case d == nil:
		d = &dialog{
			id: m.get("Call-ID"), local: tagged(m.get("To"), token()), remote: m.get("From"), target: inside(m.get("Contact")),
			cseq: 100, heard: make(chan struct{}), acked: make(chan struct{}), gone: make(chan struct{}),
		}
		p.call = d
		p.sound.forget()
	}
	d.invite, d.ringing = m, true
	d.answer = p.respond(m, 180, d.local, nil)
	if p.picks {
		p.pick(d)
	}
}

// pick answers the call that rings; the caller holds mu.
func (p *phone) pick(d *dialog) {
	theirs, err := sdp.Parse(d.invite.body)
	if err != nil {
		p.t.Errorf("phone %s: their offer: %v", p.at, err)
		return
	}
	mine, plan, err := sdp.Answer(p.sound.caps, theirs)
	if err != nil {
		p.t.Errorf("phone %s: answer their offer: %v", p.at, err)
		return
	}
	d.ringing, d.status, d.acked = false, 200, make(chan struct{})
	p.sound.follow(&plan)
	d.answer = p.respond(d.invite, 200, d.local, []byte(mine.String()))
	p.repeat(d.answer, d.acked)
}

// respond answers a request; the answer is kept by who may need it again.
func (p *phone) respond(to *message, status int, tag string, body []byte) []byte {
	m := &message{status: status, body: body}
	m.copy(to, "Via", "From")
	if tag == "" {
		tag = tagged(to.get("To"), token())
	}
	m.add("To", tag)
	m.copy(to, "Call-ID", "CSeq")
	m.add("Contact", "<"+p.uri()+">")
	b := m.bytes()
	p.send(b)
	return b
}

// hangUp ends the call that is answered.
func (p *phone) hangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.call
	if d == nil || d.over {
		return
	}
	d.cseq++
	p.repeat(p.request(d, "BYE").bytes(), d.gone)
	p.end(d, false)
}

// refuse refuses the call that rings.
func (p *phone) refuse(status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d := p.call; d != nil && d.ringing {
		d.status = status
		d.answer = p.respond(d.invite, status, d.local, nil)
		p.end(d, false)
	}
}

// accept answers the call that rings.
func (p *phone) accept() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d := p.call; d != nil && d.ringing {
		p.pick(d)
	}
}

// press presses a key (RFC 4733).
func (p *phone) press(key byte) { p.sound.keys <- key }

// state is a copy of what the phone knows of its call.
func (p *phone) state() dialog {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.call == nil {
		return dialog{}
	}
	return *p.call
}

// talking says whether the call is answered and goes on.
func (p *phone) talking() bool { d := p.state(); return d.status == 200 && !d.over }

// answers waits until the call is answered.
func (p *phone) answers(t testing.TB, who string) {
	t.Helper()
	until(t, who+" is answered", func() bool {
		d := p.state()
		if d.status >= 300 {
			t.Fatalf("%s is refused: %d", who, d.status)
		}
		return d.status == 200
	})
}

// ends waits until the other side ended the call.
func (p *phone) ends(t testing.TB, who string) {
	t.Helper()
	until(t, who+" hears the end of the call", func() bool { d := p.state(); return d.over })
}
