// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sockaddr is a socket address in the kernel's form, large enough for both families, made without allocating.
type sockaddr struct {
	raw  unix.RawSockaddrInet6
	size uint32 // 0: none
}

func (s *sockaddr) set(a netip.AddrPort) {
	*s = sockaddr{}
	if !a.IsValid() {
		return
	}
	if ip := a.Addr().Unmap(); ip.Is4() {
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(&s.raw))
		v4.Family, v4.Addr, s.size = unix.AF_INET, ip.As4(), unix.SizeofSockaddrInet4
	} else {
		s.raw.Family, s.raw.Addr, s.size = unix.AF_INET6, ip.As16(), unix.SizeofSockaddrInet6
	}
	port := (*[2]byte)(unsafe.Pointer(&s.raw.Port)) // both families keep it at the same place
	port[0], port[1] = byte(a.Port()>>8), byte(a.Port())
}

func (s *sockaddr) addrPort() netip.AddrPort {
	port := (*[2]byte)(unsafe.Pointer(&s.raw.Port))
	n := uint16(port[0])<<8 | uint16(port[1])
	switch s.raw.Family {
	case unix.AF_INET:
		return netip.AddrPortFrom(netip.AddrFrom4((*unix.RawSockaddrInet4)(unsafe.Pointer(&s.raw)).Addr), n)
	case unix.AF_INET6:
		return netip.AddrPortFrom(netip.AddrFrom16(s.raw.Addr), n)
	}
	return netip.AddrPort{}
}

// recv reads one datagram without blocking; from may be nil on a connected socket. Raw system calls: these never
// block, so the scheduler need not hear of them.
func recv(fd int, b []byte, from *sockaddr) (int, unix.Errno) {
	var addr, size unsafe.Pointer
	if from != nil {
		from.size = unix.SizeofSockaddrInet6
		addr, size = unsafe.Pointer(&from.raw), unsafe.Pointer(&from.size)
	}
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)),
		unix.MSG_DONTWAIT, uintptr(addr), uintptr(size))
	return int(n), errno
}

// sendto writes one datagram without blocking; to may be nil on a connected socket.
func sendto(fd int, b []byte, to *sockaddr) unix.Errno {
	var addr unsafe.Pointer
	var size uint32
	if to != nil {
		addr, size = unsafe.Pointer(&to.raw), to.size
	}
	_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)),
		unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, uintptr(addr), uintptr(size))
	return errno
}

// connect makes the kernel refuse other sources; with an empty address it makes the socket hear everyone again.
// The sockets are bound to a port by number, so that they keep it when disconnected.
func connect(fd int, to *sockaddr) unix.Errno {
	var none unix.RawSockaddrInet6 // family 0 is AF_UNSPEC
	addr, size := unsafe.Pointer(&none), uintptr(unix.SizeofSockaddrInet4)
	if to != nil {
		addr, size = unsafe.Pointer(&to.raw), uintptr(to.size)
	}
	_, _, errno := unix.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(addr), size)
	return errno
}

// datagram makes a UDP socket that does not block.
func datagram(family int) (int, error) {
	return unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
}
