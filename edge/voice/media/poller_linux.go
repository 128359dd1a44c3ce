// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// poller is one epoll, with an eventfd to wake it and a timerfd for its ticks. Its loop owns it; wake is for
// everybody.
type poller struct {
	epoll, waker, timer int
	wakerFile           *os.File // of waker: a late writer cannot hit a reused number
	events              []unix.EpollEvent
}

func newPoller() (*poller, error) {
	p := &poller{epoll: -1, waker: -1, timer: -1, events: make([]unix.EpollEvent, maxEvents)}
	var err error
	if p.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("create epoll: %w", err)
	}
	if p.waker, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err == nil {
		p.wakerFile = os.NewFile(uintptr(p.waker), "waker")
		p.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	}
	if err == nil {
		err = errors.Join(p.watch(p.waker), p.watch(p.timer))
	}
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// close ends the poller's own descriptors.
func (p *poller) close() {
	for _, fd := range []int{p.epoll, p.timer} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
	if p.wakerFile != nil {
		p.wakerFile.Close()
	}
}

// watch tells of fd as long as it can be read.
func (p *poller) watch(fd int) error {
	return unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

// forget ends watch.
func (p *poller) forget(fd int) {
	unix.EpollCtl(p.epoll, unix.EPOLL_CTL_DEL, fd, nil) // watched by us: cannot fail
}

// every sets the period of the ticks; 0 ends them.
func (p *poller) every(period time.Duration) error {
	spec := unix.NsecToTimespec(int64(period))
	return unix.TimerfdSettime(p.timer, 0, &unix.ItimerSpec{Interval: spec, Value: spec}, nil)
}

// wait blocks until something happened, and says how many things.
func (p *poller) wait() (int, error) {
	n, err := unix.EpollWait(p.epoll, p.events, -1)
	if errors.Is(err, unix.EINTR) {
		return 0, nil
	}
	return max(n, 0), err
}

// event is the i-th thing of the last wait: a descriptor that can be read, woken or ticked.
func (p *poller) event(i int) int {
	switch fd := int(p.events[i].Fd); fd {
	case p.waker:
		readCounter(fd)
		return woken
	case p.timer:
		readCounter(fd)
		return ticked
	default:
		return fd
	}
}

// one is what adds to an eventfd.
var one = binary.NativeEndian.AppendUint64(nil, 1)

// wake makes wait return with woken.
func (p *poller) wake() {
	p.wakerFile.Write(one) // fails only after close, when nobody need wake
}

// nameThread names the calling thread, so that top -H and the load runs tell what sound costs from all else.
func nameThread() {
	name := [...]byte{'m', 'e', 'd', 'i', 'a', 0}
	_ = unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(&name[0])), 0, 0, 0) // without it the thread has the program's
}

// readCounter resets an eventfd or a timerfd.
func readCounter(fd int) {
	var b [8]byte
	unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
}
