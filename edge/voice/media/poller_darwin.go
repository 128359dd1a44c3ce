// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// poller is one kqueue, which has wake-ups and timers of its own. Its loop owns it; wake is for everybody.
type poller struct {
	kqueue int
	events []unix.Kevent_t

	mu     sync.Mutex
	closed bool // guarded by mu: a late wake must not hit a reused number
}

// ident of the one user event and the one timer; each filter has numbers of its own.
const ident = 1

func newPoller() (*poller, error) {
	fd, err := unix.Kqueue()
	if err != nil {
		return nil, fmt.Errorf("create kqueue: %w", err)
	}
	unix.CloseOnExec(fd)
	p := &poller{kqueue: fd, events: make([]unix.Kevent_t, maxEvents)}
	if err := p.change(ident, unix.EVFILT_USER, unix.EV_ADD|unix.EV_CLEAR, 0, 0); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// close ends the poller's own descriptors.
func (p *poller) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.closed = true
		unix.Close(p.kqueue)
	}
}

func (p *poller) change(id, filter, flags int, fflags uint32, data int64) error {
	k := [1]unix.Kevent_t{{Fflags: fflags, Data: data}}
	unix.SetKevent(&k[0], id, filter, flags)
	_, err := unix.Kevent(p.kqueue, k[:], nil, nil)
	return err
}

// watch tells of fd as long as it can be read.
func (p *poller) watch(fd int) error { return p.change(fd, unix.EVFILT_READ, unix.EV_ADD, 0, 0) }

// forget ends watch.
func (p *poller) forget(fd int) {
	p.change(fd, unix.EVFILT_READ, unix.EV_DELETE, 0, 0) // watched by us: cannot fail
}

// every sets the period of the ticks; 0 ends them.
func (p *poller) every(period time.Duration) error {
	if period > 0 { // critical: not put off to save power
		return p.change(ident, unix.EVFILT_TIMER, unix.EV_ADD, unix.NOTE_NSECONDS|unix.NOTE_CRITICAL, int64(period))
	}
	if err := p.change(ident, unix.EVFILT_TIMER, unix.EV_DELETE, 0, 0); !errors.Is(err, unix.ENOENT) {
		return err
	}
	return nil
}

// wait blocks until something happened, and says how many things.
func (p *poller) wait() (int, error) {
	n, err := unix.Kevent(p.kqueue, nil, p.events, nil)
	if errors.Is(err, unix.EINTR) {
		return 0, nil
	}
	return max(n, 0), err
}

// event is the i-th thing of the last wait: a descriptor that can be read, woken or ticked.
func (p *poller) event(i int) int {
	switch e := &p.events[i]; e.Filter {
	case unix.EVFILT_USER:
		return woken
	case unix.EVFILT_TIMER:
		return ticked
	default:
		return int(e.Ident)
	}
}

// wake makes wait return with woken.
func (p *poller) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.change(ident, unix.EVFILT_USER, 0, unix.NOTE_TRIGGER, 0) // the event is there: cannot fail
	}
}

// nameThread does nothing: a thread here has no name that others read.
func nameThread() {}
