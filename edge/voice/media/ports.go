// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// ports hands out the even ports of a range, oldest first, so that a port rests as long as possible before a new
// call could receive what was meant for an old one.
type ports struct {
	listen     netip.Addr
	quarantine time.Duration

	mu   sync.Mutex
	free []freePort // guarded by mu; oldest first
}

type freePort struct {
	port  uint16
	since time.Time
}

func newPorts(conf Config) *ports {
	p := &ports{listen: conf.Listen, quarantine: conf.Quarantine}
	for n := (int(conf.PortMin) + 1) &^ 1; n < int(conf.PortMax); n += 2 {
		p.free = append(p.free, freePort{port: uint16(n)})
	}
	if len(p.free) == 0 {
		return p
	}
	at := rand.IntN(len(p.free)) // a restart does not begin with the ports last used
	p.free = append(p.free[at:], p.free[:at]...)
	return p
}

// open binds an RTP and an RTCP socket. A port that another process holds is skipped and rests like a returned
// one; it never fails a call.
func (p *ports) open(now time.Time) (port uint16, fd, rtcp int, err error) {
	for range p.size() {
		port, ok := p.take(now)
		if !ok {
			break
		}
		fd, rtcp, err := p.pair(port)
		if err == nil {
			return port, fd, rtcp, nil
		}
		p.give(port, now)
		if !errors.Is(err, unix.EADDRINUSE) {
			return 0, -1, -1, fmt.Errorf("open RTP port: %w", err)
		}
	}
	return 0, -1, -1, fmt.Errorf("open RTP port: %w: widen the port range", ErrNoPort)
}

func (p *ports) size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.free)
}

func (p *ports) take(now time.Time) (uint16, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) == 0 || !p.free[0].since.IsZero() && now.Sub(p.free[0].since) < p.quarantine {
		return 0, false
	}
	port := p.free[0].port
	p.free = p.free[1:]
	return port, true
}

func (p *ports) give(port uint16, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, freePort{port, now})
}

func (p *ports) pair(port uint16) (fd, rtcp int, err error) {
	if fd, err = bind(netip.AddrPortFrom(p.listen, port)); err != nil {
		return -1, -1, err
	}
	if rtcp, err = bind(netip.AddrPortFrom(p.listen, port+1)); err != nil {
		return -1, -1, errors.Join(err, unix.Close(fd))
	}
	return fd, rtcp, nil
}

// expedited is DSCP EF (RFC 3246), what networks give priority for voice.
const expedited = 0xb8

func bind(at netip.AddrPort) (int, error) {
	family := unix.AF_INET
	if !at.Addr().Is4() {
		family = unix.AF_INET6
	}
	fd, err := datagram(family)
	if err != nil {
		return -1, err
	}
	if family == unix.AF_INET {
		err = errors.Join(
			unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_TOS, expedited),
			unix.Bind(fd, &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}))
	} else {
		err = errors.Join(
			unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_TCLASS, expedited),
			unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1),
			unix.Bind(fd, &unix.SockaddrInet6{Port: int(at.Port()), Addr: at.Addr().As16()}))
	}
	if err != nil {
		return -1, errors.Join(err, unix.Close(fd))
	}
	return fd, nil
}
