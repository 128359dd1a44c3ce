// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"rivage.example/rivage/wire/rtp"
)

// The sides of a call.
const (
	ofCallers = iota
	ofAgents
	sides
)

// A window says when a packet was sent, and travels in it: what was sent while measuring is counted wherever and
// whenever it comes out.
const (
	before = iota
	measured
	after
	windows
)

// What a telephone says: a packet of A-law whose bytes name it, so that the other side knows it from what Rivage itself
// plays. Rivage carries them as they are.
const (
	stamp    = "rivage load\x00"
	atWindow = rtp.HeaderLen + len(stamp)
	atLine   = atWindow + 2 // the port of Rivage that it was sent to
	atCount  = atLine + 2   // how many packets the line had sent before
	atTime   = atCount + 4  // when, on the clock of this process
	atEnd    = atTime + 8
	packet   = rtp.HeaderLen + rtp.FrameSize
)

// hangUpAfter is how long a telephone goes on talking to nobody.
const hangUpAfter = 1500 * time.Millisecond

// phones are the telephones of all callers and all agents, as cheap as they can be: a socket for each side, and one
// goroutine that looks a thousand times a second instead of being woken for each packet. Whoever sends sound to a
// side's address is answered with fifty packets a second.
type phones struct {
	start  time.Time
	side   [sides]*side
	window atomic.Int32
	joined atomic.Int64 // calls whose both parties heard each other within the last second
	stop   chan struct{}
	ended  chan struct{}
}

// side is the telephones of one side. The goroutine owns all but conn.
type side struct {
	conn   *net.UDPConn
	to     syscall.RawSockaddrInet4
	lines  [1 << 16]*line // by Rivage's port
	list   []*line
	out    [packet]byte
	in     [2048]byte
	counts [windows]passage
}

// line is one telephone. next, count and header are of what it says, known of what is known of it at the other side.
type line struct {
	port    uint16
	ssrc    uint32
	count   uint32
	next    time.Duration // when it speaks
	heard   time.Duration // when something came
	partner time.Duration // when something of the other party came
	known   uint32        // the count expected next from it, by the other side
	begun   bool          // known is set
}

// passage is what became of what one side said in one window.
type passage struct {
	sent, heard int64
	disorder    int64       // heard, but not next after the one before
	delay       [1000]int64 // heard after so many milliseconds
}

// at is a percentile of the delay; the last step holds all beyond.
func (p *passage) at(percent int64) time.Duration {
	left := p.heard * percent / 100
	for ms, n := range p.delay {
		if left -= n; left < 0 {
			return time.Duration(ms) * time.Millisecond
		}
	}
	return time.Duration(len(p.delay)) * time.Millisecond
}

// openPhones opens both sides' sockets and starts talking to whoever sends something.
func openPhones() (*phones, error) {
	p := &phones{start: time.Now(), stop: make(chan struct{}), ended: make(chan struct{})}
	for s := range p.side {
		conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
		if err != nil {
			return nil, errors.Join(err, p.shut())
		}
		p.side[s] = &side{conn: conn, to: syscall.RawSockaddrInet4{Family: syscall.AF_INET, Addr: [4]byte{127, 0, 0, 1}}}
		if err := deepen(conn); err != nil {
			return nil, errors.Join(fmt.Errorf("open telephones: %w", err), p.shut())
		}
	}
	go p.run()
	return p, nil
}

// deepen lets a socket hold what comes in half a second: all telephones of a side share it.
func deepen(conn *net.UDPConn) error {
	const room = 32 << 20
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		const force = 33 // SO_RCVBUFFORCE, socket(7): beyond net.core.rmem_max, as root
		if failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, force, room); failed != nil {
			failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, room)
		}
	})
	return errors.Join(err, failed)
}

// end stops the telephones; what they counted may be read afterwards.
func (p *phones) end() error {
	close(p.stop)
	<-p.ended
	return p.shut()
}

func (p *phones) shut() error {
	var errs []error
	for _, s := range p.side {
		if s != nil {
			errs = append(errs, s.conn.Close())
		}
	}
	return errors.Join(errs...)
}

// addr is where a side's telephones hear and speak.
func (p *phones) addr(of int) net.Addr { return p.side[of].conn.LocalAddr() }

func (p *phones) port(of int) int { return p.addr(of).(*net.UDPAddr).Port }

// run is the goroutine.
func (p *phones) run() {
	defer close(p.ended)
	every := time.NewTicker(time.Millisecond)
	defer every.Stop()
	for n := 0; ; n++ {
		select {
		case <-p.stop:
			return
		case <-every.C:
		}
		for s := range p.side {
			p.hear(s)
			p.speak(s, time.Since(p.start))
		}
		if n%100 == 0 {
			p.look(time.Since(p.start))
		}
	}
}

// hear takes all that waits at a side.
func (p *phones) hear(of int) {
	s := p.side[of]
	_ = s.with(func(fd uintptr) { // fails when it is closed, and that is after run
		var from syscall.RawSockaddrInet4
		for {
			size := uint32(syscall.SizeofSockaddrInet4)
			n, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(&s.in[0])), uintptr(len(s.in)),
				syscall.MSG_DONTWAIT, uintptr(unsafe.Pointer(&from)), uintptr(unsafe.Pointer(&size)))
			if errno != 0 {
				return
			}
			p.take(of, networkOrder(from.Port), s.in[:n], time.Since(p.start))
		}
	})
}

// take counts one packet. A line that was not known begins to speak.
func (p *phones) take(of int, port uint16, b []byte, now time.Duration) {
	s := p.side[of]
	l := s.lines[port]
	if l == nil {
		l = &line{port: port, ssrc: uint32(of)<<16 | uint32(port), next: now}
		s.lines[port] = l
		s.list = append(s.list, l)
	}
	l.heard = now
	if len(b) < atEnd || string(b[rtp.HeaderLen:atWindow]) != stamp {
		return // Rivage's own: a sentence, music, silence
	}
	l.partner = now
	other := p.side[1-of]
	c := &other.counts[b[atWindow]%windows]
	c.heard++
	ms := int((now - time.Duration(binary.BigEndian.Uint64(b[atTime:]))).Milliseconds())
	c.delay[min(max(ms, 0), len(c.delay)-1)]++
	if from := other.lines[binary.BigEndian.Uint16(b[atLine:])]; from != nil {
		count := binary.BigEndian.Uint32(b[atCount:])
		if from.begun && count != from.known {
			c.disorder++
		}
		from.known, from.begun = count+1, true
	}
}

// speak lets each line of a side say what is due, and forgets those that nobody talks to any more.
func (p *phones) speak(of int, now time.Duration) {
	s := p.side[of]
	w := p.window.Load()
	_ = s.with(func(fd uintptr) {
		for k := 0; k < len(s.list); {
			l := s.list[k]
			if now-l.heard > hangUpAfter {
				s.lines[l.port] = nil
				s.list[k] = s.list[len(s.list)-1]
				s.list = s.list[:len(s.list)-1]
				continue
			}
			for ; l.next <= now; l.next += 20 * time.Millisecond {
				s.say(fd, l, w, now)
			}
			k++
		}
	})
}

// say sends one packet of a line.
func (s *side) say(fd uintptr, l *line, window int32, now time.Duration) {
	b := s.out[:]
	rtp.Header{PT: 8, Seq: uint16(l.count), TS: l.count * rtp.FrameSize, SSRC: l.ssrc}.Put(b)
	copy(b[rtp.HeaderLen:], stamp)
	b[atWindow] = byte(window)
	binary.BigEndian.PutUint16(b[atLine:], l.port)
	binary.BigEndian.PutUint32(b[atCount:], l.count)
	binary.BigEndian.PutUint64(b[atTime:], uint64(now))
	s.to.Port = networkOrder(l.port)
	_, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, fd, uintptr(unsafe.Pointer(&b[0])), packet, syscall.MSG_DONTWAIT,
		uintptr(unsafe.Pointer(&s.to)), syscall.SizeofSockaddrInet4)
	if errno == 0 {
		l.count++
		s.counts[window].sent++
	}
}

func networkOrder(port uint16) uint16 { return port<<8 | port>>8 } // this and the kernel's memory are little-endian

// look counts the calls that are joined.
func (p *phones) look(now time.Duration) {
	joined := 1 << 16
	for _, s := range p.side {
		n := 0
		for _, l := range s.list {
			if l.partner > 0 && now-l.partner < time.Second {
				n++
			}
		}
		joined = min(joined, n)
	}
	p.joined.Store(int64(joined))
}

func (s *side) with(f func(fd uintptr)) error {
	raw, err := s.conn.SyscallConn()
	if err != nil {
		return err
	}
	return raw.Control(f)
}

// wait looks until so many calls are joined.
func (p *phones) wait(ctx context.Context, calls int, most time.Duration) error {
	err := wait(ctx, most, fmt.Sprintf("%d calls are joined", calls), func() bool { return p.joined.Load() >= int64(calls) })
	if err != nil {
		return fmt.Errorf("%w, but %d", err, p.joined.Load())
	}
	return nil
}
