// SPDX-License-Identifier: EUPL-1.2

package egress

import (
	"cmp"
	"context"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"rivage.example/rivage"
)

// The directions of a connection.
const (
	Out = "out"
	In  = "in"
)

// burst is how many entries of one connection a minute may add by themselves; what comes beyond is one entry at its end.
const burst = 10

// useKey is what is counted together: what opened, or what was measured, within a minute; within an hour for what has no
// end of its own.
type useKey struct {
	opened                           bool
	connection, direction, transport string
	window                           int64 // its start, seconds since 1970
}

// use is what was counted.
type use struct {
	company        rivage.ID
	country        rivage.Country
	first, last    time.Time
	count, in, out int64
}

// uses counts what passed declared connections, and writes it down: each TCP connection as it opens and once it is closed,
// and what came without connections when it first came and each hour.
type uses struct {
	clock   rivage.Clock
	journal Journal

	mu     sync.Mutex      // guards what follows
	counts map[useKey]*use // not yet durable
	wrote  map[useKey]int  // entries of the windows that run
	begun  map[useKey]bool // flows that were said to have begun, without their window
	last   map[string]time.Time
}

func newUses(c rivage.Clock, j Journal) *uses {
	return &uses{clock: c, journal: j, counts: map[useKey]*use{}, wrote: map[useKey]int{}, begun: map[useKey]bool{}, last: map[string]time.Time{}}
}

func windowOf(t time.Time, length time.Duration) int64 { return t.Truncate(length).Unix() }

// opened counts a connection that opened, and gives the one that counts what passes it until it is closed.
func (u *uses) opened(d *Declared, c net.Conn) net.Conn {
	of := *d
	u.add(of, useKey{opened: true, connection: of.Connection, direction: Out, transport: "tcp"}, time.Minute, use{count: 1})
	return &counted{Conn: c, done: func(in, out int64) {
		u.add(of, useKey{connection: of.Connection, direction: Out, transport: "tcp"}, time.Minute, use{count: 1, in: in, out: out})
	}}
}

// carried counts one message of a flow that nobody opens or closes.
func (u *uses) carried(of func() (Declared, bool), k useKey, bytes int64) {
	n := use{count: 1}
	if k.direction == In {
		n.in = bytes
	} else {
		n.out = bytes
	}
	now := u.clock.Now()
	k.window = windowOf(now, time.Hour)
	u.mu.Lock()
	if sum := u.counts[k]; sum != nil {
		sum.merge(n, now, now)
		u.last[k.connection] = now
		u.mu.Unlock()
		return
	}
	u.mu.Unlock()
	d, ok := of() // once an hour: it is not quick
	if !ok {
		return
	}
	k.window = 0
	u.mu.Lock()
	fresh := !u.begun[k]
	u.begun[k] = true
	u.mu.Unlock()
	if fresh {
		begin := k
		begin.opened = true
		u.add(d, begin, time.Minute, use{count: 1})
	}
	u.add(d, k, time.Hour, n)
}

func (u *uses) add(d Declared, k useKey, window time.Duration, n use) {
	now := u.clock.Now()
	k.window = windowOf(now, window)
	u.mu.Lock()
	defer u.mu.Unlock()
	sum := u.counts[k]
	if sum == nil {
		sum = &use{company: d.Company, country: d.Country}
		u.counts[k] = sum
	}
	sum.merge(n, now, now)
	u.last[k.connection] = now
}

func (u *use) merge(n use, first, last time.Time) {
	if u.first.IsZero() || first.Before(u.first) {
		u.first = first
	}
	if last.After(u.last) {
		u.last = last
	}
	u.count, u.in, u.out = u.count+n.count, u.in+n.in, u.out+n.out
}

// flush writes down what has to be written by now, or all. What could not be written stays counted.
func (u *uses) flush(ctx context.Context, all bool) error {
	now := u.clock.Now()
	taken := u.take(now, all)
	if len(taken) == 0 {
		return nil
	}
	keys := make([]useKey, 0, len(taken))
	for k := range taken {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b useKey) int {
		return cmp.Or(taken[a].first.Compare(taken[b].first), cmp.Compare(a.connection, b.connection), cmp.Compare(a.direction, b.direction))
	})
	a := rivage.Append{}
	for _, k := range keys {
		a.Entries = append(a.Entries, entryOf(k, taken[k], now))
	}
	if _, err := u.journal.Append(ctx, a); err != nil {
		u.giveBack(taken)
		return err
	}
	return nil
}

func entryOf(k useKey, n *use, now time.Time) rivage.Entry {
	passed := rivage.Passed{
		Connection: k.connection, Direction: k.direction, Transport: k.transport, Company: n.company, Country: n.country,
		First: rivage.At(n.first), Last: rivage.At(n.last), Count: n.count,
	}
	e := rivage.Entry{
		Stream: "door", Principal: rivage.Organisation, At: now,
		Leaf:  rivage.Leaf{Role: "system", To: n.country, Outcome: "opened"},
		Facts: &rivage.ConnectionOpened{Passed: passed},
	}
	if !k.opened {
		e.Leaf.Outcome, e.Facts = "measured", &rivage.ConnectionMeasured{Passed: passed, In: n.in, Out: n.out}
	}
	return e
}

// take gives what is due: what lies in a window that is over, and the first few of one that runs.
func (u *uses) take(now time.Time, all bool) map[useKey]*use {
	u.mu.Lock()
	defer u.mu.Unlock()
	minute, hour := windowOf(now, time.Minute), windowOf(now, time.Hour)
	taken := map[useKey]*use{}
	for k, n := range u.counts {
		ends := k.opened || k.transport == "tcp" && k.direction == Out // what opens and closes
		over := ends && k.window != minute || !ends && k.window != hour
		if all || over || ends && u.wrote[k] < burst {
			taken[k] = n
			delete(u.counts, k)
			u.wrote[k]++
		}
	}
	for k := range u.wrote {
		if k.window != minute {
			delete(u.wrote, k)
		}
	}
	return taken
}

func (u *uses) giveBack(taken map[useKey]*use) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for k, n := range taken {
		if later := u.counts[k]; later != nil {
			n.merge(*later, later.first, later.last)
		}
		u.counts[k] = n
	}
}

// counted counts what passes a connection.
type counted struct {
	net.Conn
	in, out atomic.Int64
	once    sync.Once
	done    func(in, out int64)
}

// Read implements net.Conn.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.in.Add(int64(n))
	return n, err
}

// Write implements net.Conn.
func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.out.Add(int64(n))
	return n, err
}

// Close implements net.Conn.
func (c *counted) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() { c.done(c.in.Load(), c.out.Load()) })
	return err
}
