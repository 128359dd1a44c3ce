// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"rivage.example/rivage/wire/rtp"
)

const (
	slots      = 20 // of 1 ms: the playout wheel turns once per frame
	perMS      = rtp.Rate / 1000
	maxCatchUp = 60 // ms of playout made up in a burst; a longer stall delays the source instead
	maxEvents  = 256
)

// What a poller tells of beside readable descriptors.
const (
	woken  = -1
	ticked = -2
)

// loop is one locked thread with its own poller, outside Go's.
type loop struct {
	eng    *Engine
	poll   *poller
	load   atomic.Int64 // legs
	awake  atomic.Bool  // poll was woken and has not told yet
	turned atomic.Int64 // clock of the wheel's last turn; math.MaxInt64 while it stands
	late   atomic.Int64 // samples the wheel was late, forgotten by and by

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
	p, err := newPoller()
	if err != nil {
		return nil, fmt.Errorf("create loop: %w", err)
	}
	l := &loop{eng: e, poll: p, legs: map[*Leg]struct{}{}}
	l.turned.Store(math.MaxInt64)
	return l, nil
}

// run is the thread. Commands come after the packets of a batch, so that no event is left of a descriptor that a
// command closes.
func (l *loop) run() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer l.poll.close()
	nameThread()
	for !l.stopped {
		n, err := l.poll.wait()
		if err != nil {
			l.eng.conf.Logger.Error("media loop ends: it cannot wait for packets", "error", err)
			l.stop()
		}
		now, awake := l.eng.Now(), false
		for i := range n {
			switch fd := l.poll.event(i); fd {
			case woken:
				awake = true
			case ticked:
				l.turn(now)
			default:
				l.readable(fd, now)
			}
		}
		if awake {
			l.awake.Store(false) // before looking, or a wake in between would be lost
			l.feeds(now)
			l.commands()
		}
	}
}

// wake makes the loop look for commands and fed packets; the first of many calls pays.
func (l *loop) wake() {
	if l.awake.CompareAndSwap(false, true) {
		l.poll.wake()
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
	l.wake() // under mu: the poller closes only after closed is set
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
		if err := errors.Join(l.poll.watch(g.fd), l.poll.watch(g.rtcpFD)); err != nil {
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
		l.turned.Store(l.eng.Now())
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
			l.poll.forget(fd)
		}
	}
	l.externals = without(l.externals, g)
	l.wheel[g.slot] = without(l.wheel[g.slot], g)
	delete(l.legs, g)
	l.load.Add(-1)
	if len(l.legs) == 0 {
		l.setTimer(0)
		l.turned.Store(math.MaxInt64)
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
	if err := l.poll.every(period); err != nil {
		l.eng.conf.Logger.Error("media timer cannot be set", "error", err)
	}
}

// readable takes one datagram; the poller is level-triggered, the next one comes in the next round.
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
	l.late.Store(max(now-l.turned.Load()-perMS, l.late.Load()-1, 0))
	l.turned.Store(now)
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
