// SPDX-License-Identifier: EUPL-1.2

package sip

import "sync"

// maxQueued bounds what the other side may make a dialog keep waiting; beyond it a message is lost, as a datagram
// may be. What the dialog asks of itself (an answer that came, a timer) is never lost.
const maxQueued = 256

// queue runs what it is given one after the other, in order, and costs no goroutine while it has nothing to do.
type queue struct {
	mu      sync.Mutex
	waiting []func() // owned by mu
	running bool     // owned by mu
	shut    bool     // owned by mu
}

// post runs f later, on a goroutine counted in wg. It says false when the queue is closed, or full of what others sent.
func (q *queue) post(wg *sync.WaitGroup, foreign bool, f func()) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.shut || foreign && len(q.waiting) >= maxQueued {
		return false
	}
	q.waiting = append(q.waiting, f)
	if !q.running {
		q.running = true
		wg.Go(q.run)
	}
	return true
}

func (q *queue) run() {
	for {
		q.mu.Lock()
		if len(q.waiting) == 0 {
			q.running, q.waiting = false, nil
			q.mu.Unlock()
			return
		}
		f := q.waiting[0]
		q.waiting = q.waiting[1:]
		q.mu.Unlock()
		f()
	}
}

// close takes nothing more; what waits still runs.
func (q *queue) close() {
	q.mu.Lock()
	q.shut = true
	q.mu.Unlock()
}
