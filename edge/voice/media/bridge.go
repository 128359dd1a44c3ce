// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"errors"
	"fmt"
)

// Bridge lets a and b hear each other, packet by packet. Both are then served by one loop.
func (e *Engine) Bridge(a, b *Leg) error {
	e.links.Lock()
	defer e.links.Unlock()
	if a == b || a.eng != e || b.eng != e {
		return errors.New("bridge legs: they must be two legs of this engine")
	}
	pa, pb := a.route.Load().peer, b.route.Load().peer
	if pa == b && pb == a {
		return nil
	}
	if pa != nil || pb != nil {
		return fmt.Errorf("bridge legs: %w: unbridge it first", ErrBridged)
	}
	first, second := a, b
	if second.id < first.id {
		first, second = second, first
	}
	first.ctl.Lock()
	defer first.ctl.Unlock()
	second.ctl.Lock()
	defer second.ctl.Unlock()
	if err := b.move(a.loop.Load()); err != nil {
		return fmt.Errorf("bridge legs: %w", err)
	}
	// In one command: from here on both hear each other.
	err := a.do(func() {
		a.reroute(func(r *route) { r.peer = b })
		b.reroute(func(r *route) { r.peer = a })
	})
	if err != nil {
		return fmt.Errorf("bridge legs: %w", err)
	}
	return nil
}

// Unbridge parts a leg from its peer; both hear silence until something else is played.
func (e *Engine) Unbridge(g *Leg) {
	e.links.Lock()
	defer e.links.Unlock()
	peer := g.route.Load().peer
	if peer == nil {
		return
	}
	for _, leg := range []*Leg{g, peer} {
		leg.ctl.Lock()
		leg.reroute(func(r *route) { r.peer = nil })
		leg.ctl.Unlock()
	}
}

// move brings the leg under another loop; the caller holds ctl. Packets wait in the socket meanwhile.
func (g *Leg) move(to *loop) error {
	from := g.loop.Load()
	if g.closed {
		return ErrClosed
	}
	if from == to {
		return nil
	}
	if err := from.do(func() { from.detach(g) }); err != nil {
		return err
	}
	g.loop.Store(to)
	return to.doErr(func() error { return to.attach(g) })
}
