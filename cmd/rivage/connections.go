// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"cmp"
	"context"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/egress"
	"rivage.example/rivage/edge/link"
	"rivage.example/rivage/engine/flow"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/engine/view"
)

// declared is where this instance may connect now: SIP over TCP to the trunks' networks, and each source of cards at its
// own. Everything else is refused, and so is what is declared and closed.
func (h *house) declared() []egress.Declared {
	s, gate, now := h.settings.Settings(), h.settings.Gate(), h.clock.Now()
	var all []egress.Declared
	for _, c := range policy.Connections(s) {
		d := egress.Declared{
			Use: "sip", Connection: c.ID, Company: c.Provider, Country: c.Country, Hosts: c.Hosts, Networks: c.Out,
			Closed: closedBy(gate.Stands(&c, now)),
		}
		switch c.Kind {
		case policy.ConnectionTrunk:
			d.Networks = s.Trunks[c.Of].Networks // no connection of ours is for sound
		case policy.ConnectionCard:
			d.Use = link.Use(c.Of)
		}
		all = append(all, d)
	}
	return all
}

// closed is why no call to a number of ours comes in over a trunk: by its class, and to one that nothing answers on by any.
func (h *house) closed(t *rivage.Trunk, number string) string {
	s, gate, now := h.settings.Settings(), h.settings.Gate(), h.clock.Now()
	if class := classOf(s, number); class != "" {
		return closedBy(gate.PassesTrunk(s, t, class, now))
	}
	c := policy.TrunkOf(s, t)
	return closedBy(gate.Stands(&c, now))
}

// closedOut is why no call about data of a class goes out over a trunk.
func (h *house) closedOut(t *rivage.Trunk, class rivage.DataClass) string {
	return closedBy(h.settings.Gate().PassesTrunk(h.settings.Settings(), t, class, h.clock.Now()))
}

// carried counts a message of a trunk that no dial of ours carries.
func (h *house) carried(trunk rivage.ID, transport string, out bool, bytes int) {
	direction := egress.In
	if out {
		direction = egress.Out
	}
	h.egress.Carried(policy.ConnectionTrunk+":"+string(trunk), transport, direction, bytes)
}

// classOf is the data class of the calls to a number, "" for one that nothing answers on: the floor says so.
func classOf(s *rivage.Settings, number string) rivage.DataClass {
	n := s.Numbers[number]
	if n == nil || s.Flows[n.Flow] == nil {
		return ""
	}
	q := s.Queues[flow.QueueOf(s.Flows[n.Flow])]
	if q == nil {
		return ""
	}
	return q.Class
}

// closedBy is the rule that refused, as entries name it; "" for what is allowed.
func closedBy(d rivage.Decision) string {
	if d.Allowed {
		return ""
	}
	return cmp.Or(d.Rule, "policy")
}

// outside lets view show who is connected.
func (h *house) outside() view.Outside {
	ties := h.settings.ties()
	return view.Outside{
		Sessions: h.access.Opened, Last: h.egress.Last, Door: h.door, OddHour: h.access.OddHour, Ties: ties.All, Apart: ties.Apart,
	}
}

// The bounds of what is read of the doors for one screen.
const (
	doorPage    = 500
	maxDoorRead = 20 // pages
)

// door gives the last entries of the doors since an instant, oldest first.
func (h *house) door(ctx context.Context, since rivage.Micros) ([]rivage.Stored, bool, error) {
	list, err := h.store.LastStreamEntries(ctx, everyone, "door", doorPage)
	whole := err == nil && (len(list) < doorPage || list[0].Version == 1)
	for page := 1; err == nil && page < maxDoorRead && !whole && list[0].At >= since; page++ {
		from := max(list[0].Version-1-doorPage, 0)
		var before []rivage.Stored
		before, err = h.store.StreamEntries(ctx, everyone, "door", from, int(list[0].Version-1-from))
		list, whole = append(before, list...), from == 0
	}
	if err != nil {
		return nil, false, err
	}
	for len(list) > 0 && list[0].At < since {
		list, whole = list[1:], true
	}
	return list, whole, nil
}
