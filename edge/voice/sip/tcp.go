// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Limits of TCP connections.
const (
	maxStreams        = 1024
	maxStreamsPerAddr = 64
	messageTimeout    = 10 * time.Second // from the first byte of a message to its last
	idleTimeout       = 10 * time.Minute // between messages; a live flow sends keep-alives (RFC 5626)
	dialTimeout       = 5 * time.Second
	writeTimeout      = 5 * time.Second // a peer that does not read
)

var errNoDialer = errors.New("no way out over TCP is configured")

// tcpDoor is the TCP listener as the library sees it. It also brings in the connections that we dial, so that what
// they carry is screened alike, and so that the library dials nothing by itself.
type tcpDoor struct {
	gate   *gate
	listen net.Listener // nil: only connections of ours
	addr   net.Addr
	dial   func(ctx context.Context, network, address string) (net.Conn, error)
	ready  chan arrival
	done   chan struct{}
	wg     sync.WaitGroup

	mu     sync.Mutex
	shut   bool
	open   map[*stream]struct{} // owned by mu
	count  map[netip.Addr]int   // owned by mu
	before chan struct{}        // closed at the next Accept: the library then knows the last connection; owned by Accept
}

type arrival struct {
	conn  *stream
	known chan struct{} // nil for those accepted
}

func newTCPDoor(g *gate, l net.Listener, addr net.Addr, dial func(context.Context, string, string) (net.Conn, error)) *tcpDoor {
	d := &tcpDoor{gate: g, listen: l, addr: addr, dial: dial, ready: make(chan arrival), done: make(chan struct{}),
		open: map[*stream]struct{}{}, count: map[netip.Addr]int{}}
	if l != nil {
		d.wg.Go(d.accept)
	}
	return d
}

// Addr is the address people connect to.
func (d *tcpDoor) Addr() net.Addr { return d.addr }

// Accept gives the next connection, theirs or ours.
func (d *tcpDoor) Accept() (net.Conn, error) {
	if d.before != nil {
		close(d.before)
		d.before = nil
	}
	select {
	case a := <-d.ready:
		d.before = a.known
		return a.conn, nil
	case <-d.done:
		return nil, net.ErrClosed
	}
}

// Close ends every connection and waits for the one that accepts.
func (d *tcpDoor) Close() error {
	d.mu.Lock()
	if d.shut {
		d.mu.Unlock()
		return nil
	}
	d.shut = true
	open := d.open
	d.open = nil
	d.mu.Unlock()
	close(d.done)
	if d.listen != nil {
		_ = d.listen.Close()
	}
	for s := range open {
		_ = s.Conn.Close()
	}
	d.wg.Wait()
	return nil
}

func (d *tcpDoor) accept() {
	for {
		c, err := d.listen.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // out of descriptors: those who wait will be served when others leave
			continue
		}
		s := d.admit(c)
		if s == nil {
			_ = c.Close()
			continue
		}
		s.theirs = true
		select {
		case d.ready <- arrival{conn: s}:
		case <-d.done:
			_ = s.Close()
			return
		}
	}
}

// admit counts a connection in, or returns nil.
func (d *tcpDoor) admit(c net.Conn) *stream {
	from := addrPort(c.RemoteAddr())
	list, declared := d.gate.trunks(from.Addr())
	if len(list) == 0 {
		d.gate.tally.add(Stranger, "unknown source")
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut || len(d.open) >= maxStreams || d.count[from.Addr()] >= maxStreamsPerAddr {
		d.gate.tally.add(sourceOf(list, declared), "too many connections")
		return nil
	}
	s := &stream{Conn: c, door: d, from: from, r: bufio.NewReaderSize(c, 4096)}
	d.open[s] = struct{}{}
	d.count[from.Addr()]++
	return s
}

// connect dials a peer and waits until the library knows the connection.
func (d *tcpDoor) connect(ctx context.Context, to netip.AddrPort) error {
	if d.dial == nil {
		return errNoDialer
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	c, err := d.dial(ctx, "tcp", to.String())
	if err != nil {
		return fmt.Errorf("connect over TCP: %w", err)
	}
	s := d.admit(c)
	if s == nil {
		_ = c.Close()
		return errors.New("connect over TCP: too many connections, or an address of no trunk")
	}
	a := arrival{conn: s, known: make(chan struct{})}
	select {
	case d.ready <- a:
	case <-d.done:
		_ = s.Close()
		return net.ErrClosed
	}
	select {
	case <-a.known:
		return nil
	case <-d.done:
		return net.ErrClosed
	}
}

func (d *tcpDoor) streams() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.open)
}

// stream is one TCP connection; each Read gives one screened message, whole.
type stream struct {
	net.Conn
	door   *tcpDoor
	from   netip.AddrPort
	r      *bufio.Reader
	theirs bool // they connected; what we dialled is counted where it was dialled
}

// Close ends the connection and gives its place back.
func (s *stream) Close() error {
	d := s.door
	d.mu.Lock()
	if _, ok := d.open[s]; ok {
		delete(d.open, s)
		if d.count[s.from.Addr()]--; d.count[s.from.Addr()] == 0 {
			delete(d.count, s.from.Addr())
		}
	}
	d.mu.Unlock()
	return s.Conn.Close()
}

// Write gives up on a peer that does not read.
func (s *stream) Write(p []byte) (int, error) {
	if err := s.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err
	}
	if s.theirs {
		s.door.gate.carry(s.from.Addr(), "tcp", true, len(p))
	}
	return s.Conn.Write(p)
}

// Read gives the next message that may pass, and answers the others. An error means that no boundary is left to go
// on from.
func (s *stream) Read(p []byte) (int, error) {
	for {
		head, err := s.readHead()
		if err != nil {
			return 0, err
		}
		at, heard := s.door.gate.hear(s.from)
		if !heard {
			return 0, io.EOF
		}
		at.reply = true
		got, last := s.readBody(head, at)
		if got.why != "" {
			list, declared := s.door.gate.trunks(s.from.Addr())
			s.door.gate.tally.add(sourceOf(list, declared), got.why)
		}
		if got.answer != nil {
			if _, err := s.Write(got.answer); err != nil {
				return 0, err
			}
		}
		if last {
			return 0, io.EOF
		}
		if got.plain != nil {
			if s.theirs {
				s.door.gate.carry(s.from.Addr(), "tcp", false, len(got.plain))
			}
			return copy(p, got.plain), nil
		}
	}
}

// readHead reads up to an empty line. Blank lines before it are keep-alives (RFC 5626 section 3.5.1).
func (s *stream) readHead() ([]byte, error) {
	if err := s.SetReadDeadline(time.Now().Add(idleTimeout)); err != nil {
		return nil, err
	}
	for blank := 0; ; {
		b, err := s.r.ReadByte()
		if err != nil {
			return nil, err
		}
		if b != '\r' && b != '\n' {
			_ = s.r.UnreadByte() // always possible after ReadByte
			break
		}
		if blank++; blank == 4 {
			blank = 0
			if _, err := s.Write([]byte("\r\n")); err != nil {
				return nil, err
			}
		}
	}
	if err := s.SetReadDeadline(time.Now().Add(messageTimeout)); err != nil {
		return nil, err
	}
	var head []byte
	for headEnd(head[max(0, len(head)-4):]) < 0 {
		b, err := s.r.ReadByte()
		if err != nil {
			return nil, err
		}
		if head = append(head, b); len(head) > maxMessage {
			return nil, errors.New("read SIP stream: head too large")
		}
	}
	return head, nil
}

// readBody reads what the head announces and judges the whole; last says that the stream cannot go on.
func (s *stream) readBody(b []byte, at sighting) (got screened, last bool) {
	h, ok := readHead(b)
	n, fine := h.contentLength()
	if !fine || n < 0 { // RFC 3261 section 18.3: on a stream it must be there
		return screen(h, ok, false, nil, at), true
	}
	if len(b)+n > maxMessage {
		return tooLarge(h, at), true
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(s.r, body); err != nil {
		return screened{why: "cut short"}, true
	}
	return screen(h, ok, true, body, at), false
}

func addrPort(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.TCPAddr:
		p := a.AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
	case *net.UDPAddr:
		p := a.AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
	}
	return netip.AddrPort{}
}
