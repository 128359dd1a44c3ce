// SPDX-License-Identifier: EUPL-1.2

package voice

import "sync"

// tasks is a queue that never blocks who fills it; one goroutine empties it, in order.
type tasks struct {
	mu     sync.Mutex
	list   []func()      // guarded by mu
	closed bool          // guarded by mu
	ready  chan struct{} // holds one token while there is something to look at
}

func newTasks() *tasks { return &tasks{ready: make(chan struct{}, 1)} }

// add queues one; false once the queue is closed.
func (t *tasks) add(f func()) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	t.list = append(t.list, f)
	t.signal()
	return true
}

// close lets what is queued be done, and takes nothing more.
func (t *tasks) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	t.signal()
}

// signal leaves the token; the caller holds mu.
func (t *tasks) signal() {
	select {
	case t.ready <- struct{}{}:
	default:
	}
}

// run does what is queued until the queue is closed and empty.
func (t *tasks) run() {
	for range t.ready {
		t.mu.Lock()
		list, closed := t.list, t.closed
		t.list = nil
		t.mu.Unlock()
		for _, f := range list {
			f()
		}
		if closed {
			return
		}
	}
}
