// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"errors"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// sockaddr is a socket address in the kernel's form. Here packets may allocate: macOS is for the demo.
type sockaddr struct {
	raw  unix.Sockaddr
	size uint32 // 0: none
}

func (s *sockaddr) set(a netip.AddrPort) {
	*s = sockaddr{}
	if !a.IsValid() {
		return
	}
	if ip := a.Addr().Unmap(); ip.Is4() {
		s.raw, s.size = &unix.SockaddrInet4{Port: int(a.Port()), Addr: ip.As4()}, unix.SizeofSockaddrInet4
	} else {
		s.raw, s.size = &unix.SockaddrInet6{Port: int(a.Port()), Addr: ip.As16()}, unix.SizeofSockaddrInet6
	}
}

func (s *sockaddr) addrPort() netip.AddrPort {
	switch a := s.raw.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port))
	}
	return netip.AddrPort{}
}

// recv reads one datagram without blocking; from may be nil on a connected socket.
func recv(fd int, b []byte, from *sockaddr) (int, unix.Errno) {
	n, addr, err := unix.Recvfrom(fd, b, unix.MSG_DONTWAIT)
	if from != nil {
		from.raw = addr
	}
	return n, errno(err)
}

// sendto writes one datagram without blocking.
func sendto(fd int, b []byte, to *sockaddr) unix.Errno {
	if to == nil {
		return unix.EDESTADDRREQ
	}
	return errno(unix.Sendto(fd, b, unix.MSG_DONTWAIT, to.raw))
}

// connect does nothing: a UDP socket that is disconnected loses its local address here, and would then hear every
// network of the machine. The leg compares the source of each packet instead.
func connect(int, *sockaddr) unix.Errno { return unix.ENOTSUP }

// datagram makes a UDP socket that does not block.
func datagram(family int) (int, error) {
	syscall.ForkLock.RLock() // no child inherits it between the two calls
	fd, err := unix.Socket(family, unix.SOCK_DGRAM, 0)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return -1, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return -1, errors.Join(err, unix.Close(fd))
	}
	return fd, nil
}

func errno(err error) unix.Errno {
	var e unix.Errno
	if err == nil || errors.As(err, &e) {
		return e
	}
	return unix.EIO
}
