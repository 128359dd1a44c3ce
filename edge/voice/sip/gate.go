// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"cmp"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"rivage.example/rivage"
)

// What one source may send. A trunk that carries 500 calls a second sends some 3 000 messages.
const (
	trunkRate    = 10_000 // messages a second from one address of a trunk
	strangerRate = 2      // challenges a second to one address that nobody declared
	challenges   = 50     // challenges a second to all such addresses
	maxSources   = 4096   // addresses remembered at a time
)

// Stranger is the source of whoever came from no declared network.
const Stranger rivage.ID = "stranger"

// Refused says that the door turned somebody away Count times: two calls a second per source and reason at most.
type Refused struct {
	Source rivage.ID // a trunk, or Stranger; never an address
	Reason string
	Count  int64
}

// gate knows which addresses may speak, and how much.
type gate struct {
	settings func() *rivage.Settings
	known    atomic.Pointer[routes]
	tally    *tally
	carried  func(trunk rivage.ID, transport string, out bool, bytes int)
	all      *rate.Limiter // challenges to strangers

	mu      sync.Mutex
	sources map[netip.Addr]*rate.Limiter // owned by mu
}

// routes are the networks of one Settings, the narrowest first.
type routes struct {
	of   *rivage.Settings
	list []route
	open []*rivage.Trunk // trunks by digest from anywhere
}

type route struct {
	network netip.Prefix
	trunk   *rivage.Trunk
}

func newGate(settings func() *rivage.Settings, report func(Refused), carried func(rivage.ID, string, bool, int)) *gate {
	return &gate{
		settings: settings,
		carried:  carried,
		tally:    &tally{report: report, count: map[refusedKey]int64{}},
		all:      rate.NewLimiter(challenges, challenges),
		sources:  map[netip.Addr]*rate.Limiter{},
	}
}

func (g *gate) routes() *routes {
	now := g.settings()
	if r := g.known.Load(); r != nil && r.of == now {
		return r
	}
	r := &routes{of: now}
	if now != nil {
		for _, t := range now.Trunks {
			for _, p := range t.Networks {
				r.list = append(r.list, route{p.Masked(), t})
			}
			if len(t.Networks) == 0 && t.Username != "" {
				r.open = append(r.open, t)
			}
		}
	}
	slices.SortFunc(r.list, func(a, b route) int {
		return cmp.Or(cmp.Compare(b.network.Bits(), a.network.Bits()), cmp.Compare(a.trunk.Username, b.trunk.Username),
			cmp.Compare(a.trunk.ID, b.trunk.ID))
	})
	g.known.Store(r)
	return r
}

// trunks are those an address may speak for, the likeliest first; declared says that one names its network.
func (g *gate) trunks(a netip.Addr) (list []*rivage.Trunk, declared bool) {
	r := g.routes()
	for _, t := range r.list {
		if t.network.Contains(a) && !slices.Contains(list, t.trunk) {
			list = append(list, t.trunk)
		}
	}
	return append(list, r.open...), len(list) > 0
}

// carry counts a message of the likeliest trunk whose networks hold an address.
func (g *gate) carry(a netip.Addr, transport string, out bool, bytes int) {
	if g.carried == nil {
		return
	}
	for _, t := range g.routes().list {
		if t.network.Contains(a) {
			g.carried(t.trunk.ID, transport, out, bytes)
			return
		}
	}
}

// through says whether an address belongs to a trunk's declared networks.
func through(t *rivage.Trunk, a netip.Addr) bool {
	return slices.ContainsFunc(t.Networks, func(p netip.Prefix) bool { return p.Contains(a) })
}

// hear says whether a message from an address is read at all, and how it is seen.
func (g *gate) hear(from netip.AddrPort) (sighting, bool) {
	list, declared := g.trunks(from.Addr())
	if len(list) == 0 {
		g.tally.add(Stranger, "unknown source")
		return sighting{}, false
	}
	l := g.limiter(from.Addr(), declared)
	known := declared || l.Limit() == trunkRate
	if !l.Allow() || !known && !g.all.Allow() {
		g.tally.add(sourceOf(list, declared), "too many messages")
		return sighting{}, false
	}
	return sighting{from: from, reply: list[0].NAT || !declared}, true
}

func sourceOf(list []*rivage.Trunk, declared bool) rivage.ID {
	if !declared {
		return Stranger
	}
	return list[0].ID
}

func (g *gate) limiter(a netip.Addr, declared bool) *rate.Limiter {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.sources[a]
	if l == nil {
		if len(g.sources) >= maxSources { // a flood of addresses costs the memory of their limits, no more
			clear(g.sources)
		}
		l = rate.NewLimiter(strangerRate, 2*strangerRate)
		if declared {
			l = rate.NewLimiter(trunkRate, trunkRate)
		}
		g.sources[a] = l
	}
	return l
}

// trust gives an address that proved to be a trunk's what a declared one has: its call is more than a first message.
func (g *gate) trust(a netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sources[a] = rate.NewLimiter(trunkRate, trunkRate)
}

type refusedKey struct {
	source rivage.ID
	reason string
}

// tally adds refusals up, so that a flood becomes one report a second.
type tally struct {
	report func(Refused)

	mu    sync.Mutex
	count map[refusedKey]int64 // beyond the first, since the last flush; owned by mu
	timer *time.Timer          // of the next flush; owned by mu
	shut  bool                 // owned by mu
}

// add reports the first refusal of a kind at once; the others of the same second are one report at its end.
func (t *tally) add(source rivage.ID, reason string) {
	k := refusedKey{source, reason}
	t.mu.Lock()
	n, seen := t.count[k]
	if seen {
		t.count[k] = n + 1
		t.mu.Unlock()
		return
	}
	t.count[k] = 0
	if t.timer == nil && !t.shut {
		t.timer = time.AfterFunc(time.Second, t.flush)
	}
	t.mu.Unlock()
	t.report(Refused{source, reason, 1})
}

func (t *tally) flush() {
	t.mu.Lock()
	count := t.count
	t.count, t.timer = map[refusedKey]int64{}, nil
	t.mu.Unlock()
	for k, n := range count {
		if n > 0 {
			t.report(Refused{k.source, k.reason, n})
		}
	}
}

func (t *tally) close() {
	t.mu.Lock()
	t.shut = true
	if t.timer != nil {
		t.timer.Stop()
		t.timer = nil
	}
	t.mu.Unlock()
	t.flush()
}
