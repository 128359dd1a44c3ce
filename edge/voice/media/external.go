// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"fmt"
	"sync/atomic"
)

// External is a connection that carries its own packets, such as a browser's. WriteRTP is called by one goroutine
// of the leg; pkt is valid until it returns. The packet has our SSRC and the payload types of the applied plan.
type External interface{ WriteRTP(pkt []byte) }

// external is the transport of an external leg: a ring each way, so that no loop waits for the connection and the
// connection for no loop.
type external struct {
	to      External
	in      ring // written by Feed, read by the loop
	out     ring // written by the loop, read by write
	pending chan struct{}
	stop    chan struct{} // closed by the loop
}

// NewExternal makes a leg over x. Its peer's packets come in by Feed; LegConf's addresses do not matter, the
// connection knows its peer. All verbs are those of any leg; Apply wants a plan without addresses.
func (e *Engine) NewExternal(conf LegConf, x External) (*Leg, error) {
	if e.closed.Load() {
		return nil, fmt.Errorf("open external leg: %w", ErrClosed)
	}
	g := e.newLeg(conf)
	g.ext = &external{to: x, pending: make(chan struct{}, 1), stop: make(chan struct{})}
	if err := e.adopt(g); err != nil {
		return nil, fmt.Errorf("open external leg: %w", err)
	}
	return g, nil
}

// Feed hands over a packet of an external leg's peer, RTP or RTCP; it is copied. One goroutine at a time. It
// reports false when the packet was too long or the loop too far behind.
func (g *Leg) Feed(pkt []byte) bool {
	if g.ext == nil || !g.ext.in.put(pkt) {
		return false
	}
	g.loop.Load().wake()
	return true
}

func (x *external) wake() {
	select {
	case x.pending <- struct{}{}:
	default:
	}
}

// write gives the connection its packets until the leg ends.
func (x *external) write() {
	for {
		select {
		case <-x.stop:
			return
		case <-x.pending:
		}
		for b := x.out.peek(); b != nil; b = x.out.peek() {
			x.to.WriteRTP(b)
			x.out.pop()
		}
	}
}

const (
	ringSlots = 64
	slotSize  = 640 // bytes: 60 ms of G.711 with its header and a browser's extensions
)

// ring passes packets from one goroutine to one other without a lock.
type ring struct {
	head, tail atomic.Uint64 // next to read, next to write
	slots      [ringSlots]struct {
		n int
		b [slotSize]byte
	}
}

// put copies b in; false when it does not fit. For the writer only.
func (q *ring) put(b []byte) bool {
	t := q.tail.Load()
	if len(b) > slotSize || len(b) == 0 || t-q.head.Load() == ringSlots {
		return false
	}
	s := &q.slots[t%ringSlots]
	s.n = copy(s.b[:], b)
	q.tail.Store(t + 1)
	return true
}

// peek returns the oldest packet, or nil; it stays until pop. For the reader only.
func (q *ring) peek() []byte {
	h := q.head.Load()
	if h == q.tail.Load() {
		return nil
	}
	s := &q.slots[h%ringSlots]
	return s.b[:s.n]
}

func (q *ring) pop() { q.head.Add(1) }
