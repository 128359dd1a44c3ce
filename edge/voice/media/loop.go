// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"rivage.example/rivage/wire/rtp"
)

const (
	slots      = 20 // of 1 ms: the playout wheel turns once per frame
	perMS      = rtp.Rate / 1000
	maxCatchUp = 60 // ms of playout made up in a burst; a longer stall delays the source instead
)

// loop is one locked thread with its own epoll, outside Go's poller.
type loop struct {
	eng                *Engine
	epoll, waker, time int          // descriptors
	wakerFile          *os.File     // of waker: a late writer cannot hit a reused number
	load               atomic.Int64 // legs
	awake              atomic.Bool  // waker was written and not yet read

	mu     sync.Mutex
	cmds   []command // guarded by mu
	closed bool      // guarded by mu

	// Owned by the goroutine of run.
	ends      []end // by descriptor
	legs      map[*Leg]struct{}
	externals []*Leg
	wheel     [slots][]*Leg
	tick      int64 // ms, next turn of the wheel
	stopped   bool
	buf       [2048]byte
	report    [512]byte
	from      sockaddr
}

// end is one descriptor of a leg.
type end struct {
	leg  *Leg
	rtcp bool
}

type command struct {
	f    func()
	done chan error
}

func newLoop(e *Engine) (*loop, error) {
	l := &loop{eng: e, epoll: -1, waker: -1, time: -1, legs: map[*Leg]struct{}{}}
	var err error
	if l.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("create epoll: %w", err)
	}
	if l.waker, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err == nil {
		l.wakerFile = os.NewFile(uintptr(l.waker), "waker")
		l.time, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	}
	if err == nil {
		err = errors.Join(l.watch(l.waker), l.watch(l.time))
	}
	if err != nil {
		l.release()
		return nil, fmt.Errorf("create loop: %w", err)
	}
	return l, nil
}

func (l *loop) watch(fd int) error {
	return unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

// release closes the loop's own descriptors.
func (l *loop) release() {
	for _, fd := range []int{l.epoll, l.time} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
	if l.wakerFile != nil {
		l.wakerFile.Close()
	}
}

// run is the thread. Commands come after the packets of a batch, so that no event is left of a descriptor that a
// command closes.
func (l *loop) run() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer l.release()
	events := make([]unix.EpollEvent, 256)
	for !l.stopped {
		n, err := unix.EpollWait(l.epoll, events, -1)
		if err != nil && !errors.Is(err, unix.EINTR) {
			l.eng.conf.Logger.Error("media loop ends: it cannot wait for packets", "error", err)
			l.stop()
		}
		now, woken := l.eng.Now(), false
		for i := range max(n, 0) {
			switch fd := int(events[i].Fd); fd {
			case l.waker:
				woken = true
				readCounter(fd)
			case l.time:
				readCounter(fd)
				l.turn(now)
			default:
				l.readable(fd, now)
			}
		}
		if woken {
			l.awake.Store(false) // before looking, or a wake in between would be lost
			l.feeds(now)
			l.commands()
		}
	}
}

// one is what adds to an eventfd.
var one = binary.NativeEndian.AppendUint64(nil, 1)

// wake makes the loop look for commands and fed packets; the first of many calls pays.
func (l *loop) wake() {
	if l.awake.CompareAndSwap(false, true) {
		l.wakerFile.Write(one) // fails only after the end of the loop, when nobody need wake
	}
}

// do runs f on the loop and waits for it.
func (l *loop) do(f func()) error {
	c := command{f, make(chan error, 1)}
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return ErrClosed
	}
	l.cmds = append(l.cmds, c)
	l.wake() // under mu: stop closes the waker only after closed is set
	l.mu.Unlock()
	return <-c.done
}

// doErr is do for an f that can fail.
func (l *loop) doErr(f func() error) error {
	var failed error
	if err := l.do(func() { failed = f() }); err != nil {
		return err
	}
	return failed
}

func (l *loop) commands() {
	l.mu.Lock()
	batch := l.cmds
	l.cmds = nil
	l.mu.Unlock()
	for _, c := range batch {
		if l.stopped {
			c.done <- ErrClosed
			continue
		}
		c.f()
		c.done <- nil
	}
}

// stop ends every leg of the loop; it runs as the last command.
func (l *loop) stop() {
	l.stopped = true
	l.mu.Lock()
	l.closed = true
	rest := l.cmds
	l.cmds = nil
	l.mu.Unlock()
	for _, c := range rest {
		c.done <- ErrClosed
	}
	for g := range l.legs {
		g.shut(l.eng.Now())
	}
}

// attach puts a leg and its descriptors under this loop.
func (l *loop) attach(g *Leg) error {
	if g.fd >= 0 {
		if err := errors.Join(l.watch(g.fd), l.watch(g.rtcpFD)); err != nil {
			return fmt.Errorf("watch RTP port: %w", err)
		}
		for need := max(g.fd, g.rtcpFD) + 1; len(l.ends) < need; {
			l.ends = append(l.ends, end{})
		}
		l.ends[g.fd], l.ends[g.rtcpFD] = end{g, false}, end{g, true}
	} else {
		l.externals = append(l.externals, g)
	}
	if len(l.legs) == 0 {
		l.tick = l.eng.Now() / perMS
		l.setTimer(time.Millisecond)
	}
	l.legs[g] = struct{}{}
	l.load.Add(1)
	g.slot = 0
	for i := range l.wheel {
		if len(l.wheel[i]) < len(l.wheel[g.slot]) {
			g.slot = i
		}
	}
	l.wheel[g.slot] = append(l.wheel[g.slot], g)
	return nil
}

// detach is the reverse of attach; the descriptors stay open.
func (l *loop) detach(g *Leg) {
	if g.fd >= 0 {
		for _, fd := range []int{g.fd, g.rtcpFD} {
			l.ends[fd] = end{}
			unix.EpollCtl(l.epoll, unix.EPOLL_CTL_DEL, fd, nil) // watched by us: cannot fail
		}
	}
	l.externals = without(l.externals, g)
	l.wheel[g.slot] = without(l.wheel[g.slot], g)
	delete(l.legs, g)
	l.load.Add(-1)
	if len(l.legs) == 0 {
		l.setTimer(0)
	}
}

func without(list []*Leg, g *Leg) []*Leg {
	for i := range list {
		if list[i] == g {
			last := len(list) - 1
			list[i], list[last] = list[last], nil
			return list[:last]
		}
	}
	return list
}

func (l *loop) setTimer(period time.Duration) {
	spec := unix.NsecToTimespec(int64(period))
	if err := unix.TimerfdSettime(l.time, 0, &unix.ItimerSpec{Interval: spec, Value: spec}, nil); err != nil {
		l.eng.conf.Logger.Error("media timer cannot be set", "error", err)
	}
}

// readable takes one datagram; the epoll is level-triggered, the next one comes in the next round.
func (l *loop) readable(fd int, now int64) {
	e := l.ends[fd]
	if e.leg == nil {
		return
	}
	var from *sockaddr
	if e.rtcp || !e.leg.trusted(now) {
		from = &l.from
	}
	n, errno := recv(fd, l.buf[:], from)
	if errno != 0 {
		return // nothing there, or the peer's port is closed: silence is told by the leg
	}
	switch {
	case e.rtcp:
		e.leg.takeRTCP(l.buf[:n], from.addrPort().Addr(), now)
	case from != nil:
		e.leg.input(l.buf[:n], from.addrPort(), now)
	default:
		e.leg.input(l.buf[:n], e.leg.heard, now)
	}
}

// turn moves the wheel to now.
func (l *loop) turn(now int64) {
	ms := now / perMS
	if ms-l.tick > maxCatchUp {
		l.tick = ms
	}
	for ; l.tick <= ms; l.tick++ {
		for _, g := range l.wheel[l.tick%slots] {
			g.turn(now)
		}
	}
}

// feeds takes what was fed to external legs.
func (l *loop) feeds(now int64) {
	for _, g := range l.externals {
		for b := g.ext.in.peek(); b != nil; b = g.ext.in.peek() {
			g.input(b, g.heard, now)
			g.ext.in.pop()
		}
	}
}
