// SPDX-License-Identifier: EUPL-1.2

package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"

	"github.com/coder/websocket"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/api"
	"rivage.example/rivage/engine/view"
)

// ErrReplaced ends Run: the same agent has opened a newer desk, and two would take it from each other for ever.
var ErrReplaced = errors.New("a newer desk of the same agent is open")

// Snapshot is what the desk knows. What its pointers and slices lead to does not change any more.
type Snapshot struct {
	view.DeskSnapshot
	Seq       rivage.Seq // last entry that this covers
	Journal   string     // "ok", "down", "" when not known yet
	Connected bool
}

// Desk is one agent's desk. Its methods may be called from several goroutines; commands need Run to be running.
type Desk struct {
	c    Config
	pace pace
	base *url.URL
	http *http.Client

	running atomic.Bool
	opened  *websocket.Conn // by Open, for Run to take; owned by whoever runs Run

	mu      sync.Mutex // guards what follows
	me      api.Me
	now     Snapshot
	changed chan struct{} // closed at the next change of now, or at the end
	ended   error         // why Run ended
	waiting []*command    // not answered yet, oldest first
	offer   rivage.ID     // last one announced
	told    []func()      // callbacks not yet run
	wake    chan struct{} // the writer's: a command waits; of capacity 1
	tell    chan struct{} // the callbacks': one waits; of capacity 1
	state   view.Agent    // last one announced
}

// Open signs in, opens the live channel and takes its snapshot. Run must follow.
func Open(ctx context.Context, c Config) (*Desk, error) {
	d, err := newDesk(c, usual)
	if err != nil {
		return nil, err
	}
	if err := d.open(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

// open makes the first connection, once.
func (d *Desk) open(ctx context.Context) error {
	err := d.signIn(ctx)
	if err == nil {
		d.opened, err = d.connect(ctx)
	}
	if err != nil {
		return fmt.Errorf("open desk: %w", err)
	}
	return nil
}

func newDesk(c Config, p pace) (*Desk, error) {
	d := &Desk{
		c: c, pace: p, changed: make(chan struct{}), wake: make(chan struct{}, 1), tell: make(chan struct{}, 1),
	}
	var err error
	if d.base, err = base(c.Base); err != nil {
		return nil, err
	}
	if d.http, err = c.httpClient(); err != nil {
		return nil, err
	}
	return d, nil
}

// Me is who signed in.
func (d *Desk) Me() api.Me {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.me
}

// Snapshot is what the desk knows at this moment.
func (d *Desk) Snapshot() Snapshot {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

// Until waits for a snapshot that meets a condition. It fails when ctx is done or Run has ended.
func (d *Desk) Until(ctx context.Context, met func(Snapshot) bool) (Snapshot, error) {
	for {
		d.mu.Lock()
		now, changed, ended := d.now, d.changed, d.ended
		d.mu.Unlock()
		switch {
		case met(now):
			return now, nil
		case ended != nil:
			return now, ended
		}
		select {
		case <-ctx.Done():
			return now, ctx.Err()
		case <-changed:
		}
	}
}

// update changes what the desk knows, and tells who waits. The caller holds no lock; change runs under it.
func (d *Desk) update(change func(s *Snapshot)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(&d.now)
	d.announce()
	close(d.changed)
	d.changed = make(chan struct{})
}

// maxTold is how many callbacks may wait.
const maxTold = 256

// announce queues the callbacks that a change calls for. The caller holds the lock.
func (d *Desk) announce() {
	i := d.now.Interaction
	if d.c.OnOffer != nil && i != nil && i.State == rivage.Offered && i.Offer != nil && i.Offer.ID != d.offer {
		d.offer = i.Offer.ID
		shown := *i
		d.later(func() { d.c.OnOffer(shown) })
	}
	if d.c.OnState != nil && d.now.Me != d.state {
		d.state = d.now.Me
		me := d.state
		d.later(func() { d.c.OnState(me) })
	}
}

func (d *Desk) later(callback func()) {
	if len(d.told) == maxTold {
		d.told = d.told[1:]
	}
	d.told = append(d.told, callback)
	poke(d.tell)
}

// callBack runs the callbacks until ctx is done.
func (d *Desk) callBack(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.tell:
		}
		d.mu.Lock()
		told := d.told
		d.told = nil
		d.mu.Unlock()
		for _, callback := range told {
			if ctx.Err() == nil {
				callback()
			}
		}
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // somebody has already
	}
}
