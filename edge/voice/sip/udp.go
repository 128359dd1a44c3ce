// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"errors"
	"net"
	"net/netip"
	"sync"

	gosip "github.com/emiago/sipgo/sip"
)

// udpDoor is the UDP listener as the library sees it: only screened messages come through.
type udpDoor struct {
	*net.UDPConn
	gate    *gate
	started sync.Once
	known   chan struct{} // closed at the first read: the library knows the socket and will send through it

	mu     sync.Mutex
	recent [256]netip.AddrPort // whose messages may still be under way; owned by mu
	next   int                 // owned by mu
}

// ReadFrom gives the next message that may pass. It answers or drops the others, without any state.
func (d *udpDoor) ReadFrom(p []byte) (int, net.Addr, error) {
	d.started.Do(func() { close(d.known) })
	for {
		n, from, err := d.ReadFromUDPAddrPort(p)
		if errors.Is(err, net.ErrClosed) {
			return 0, nil, err
		}
		if err != nil { // an ICMP answer to something we sent
			continue
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		at, ok := d.gate.hear(from)
		if !ok {
			continue
		}
		d.gate.carry(from.Addr(), "udp", false, n)
		got := readDatagram(p[:n], at)
		if got.why != "" {
			list, declared := d.gate.trunks(from.Addr())
			d.gate.tally.add(sourceOf(list, declared), got.why)
		}
		if got.answer != nil {
			_, _ = d.WriteToUDPAddrPort(got.answer, got.to) // who sent rubbish may miss our opinion of it
		}
		if got.plain != nil {
			d.note(from)
			return copy(p, got.plain), net.UDPAddrFromAddrPort(from), nil
		}
	}
}

// WriteTo sends what the library has for a peer.
func (d *udpDoor) WriteTo(p []byte, to net.Addr) (int, error) {
	n, err := d.UDPConn.WriteTo(p, to)
	d.gate.carry(addrPort(to).Addr(), "udp", true, n)
	return n, err
}

func (d *udpDoor) note(from netip.AddrPort) {
	d.mu.Lock()
	d.recent[d.next%len(d.recent)] = from
	d.next++
	d.mu.Unlock()
}

// shut closes the listener. The library handles each message on a goroutine of its own and opens a new socket for an
// answer when it does not find the one the message came by: until they are through, they find one that says nothing.
func (d *udpDoor) shut(pool *gosip.ConnectionPool) error {
	d.mu.Lock()
	for _, a := range d.recent {
		if a.IsValid() {
			pool.Add(a.String(), mute{d.LocalAddr()})
		}
	}
	d.mu.Unlock()
	pool.Add(d.LocalAddr().String(), mute{d.LocalAddr()})
	return d.Close()
}

// mute is a connection of a stack that is closed.
type mute struct{ at net.Addr }

func (m mute) LocalAddr() net.Addr        { return m.at }
func (mute) WriteMsg(gosip.Message) error { return net.ErrClosed }
func (mute) Ref(int) int                  { return 1 }
func (mute) TryClose() (int, error)       { return 1, nil }
func (mute) Close() error                 { return nil }

// readDatagram judges the one message of a datagram; what follows it is ignored (RFC 3261 section 18.3).
func readDatagram(b []byte, at sighting) screened {
	for len(b) >= 2 && b[0] == '\r' && b[1] == '\n' {
		b = b[2:]
	}
	if len(b) == 0 {
		return screened{} // keep-alive
	}
	end := headEnd(b)
	if end < 0 {
		h, _ := readHead(append(b[:len(b):len(b)], "\r\n\r\n"...))
		return screen(h, false, false, nil, at)
	}
	h, ok := readHead(b[:end])
	body := b[end:]
	n, fine := h.contentLength()
	if n > len(body) || !fine {
		return screen(h, ok, false, nil, at)
	}
	if n >= 0 {
		body = body[:n]
	}
	if end+len(body) > maxMessage {
		return tooLarge(h, at)
	}
	return screen(h, ok, true, body, at)
}

func tooLarge(h head, at sighting) screened {
	s := screened{why: "too large"}
	if h.request {
		h.parse()
		s.answer, s.to = h.refuse(refusal{status: 513}, at)
	}
	return s
}

// listenUDP opens the socket with room for a burst of INVITE.
func listenUDP(addr string) (*net.UDPConn, error) {
	a, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return nil, err
	}
	c, err := net.ListenUDP("udp", a)
	if err != nil {
		return nil, err
	}
	if err := c.SetReadBuffer(4 << 20); err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}
