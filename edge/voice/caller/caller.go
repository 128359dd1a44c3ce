// SPDX-License-Identifier: EUPL-1.2

// Package caller plays the public and the desks of a demonstration: synthetic callers and answering posts, over real
// SIP and RTP, on loopback only.
//
// It shares no call code with the product, so that its calls are a test of it. Numbers are those that ARCEP keeps
// for fiction: nobody has them.
package caller

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Range is a duration drawn anew each time, both ends included.
type Range struct{ Min, Max time.Duration }

func (r Range) draw(d *rand.Rand) time.Duration {
	if r.Max <= r.Min {
		return r.Min
	}
	return r.Min + time.Duration(d.Int64N(int64(r.Max-r.Min)+1))
}

func (r Range) or(min, max time.Duration) Range {
	if r == (Range{}) {
		return Range{min, max}
	}
	return r
}

// Config says who is called, and how. Target and Numbers are required.
type Config struct {
	Target     string        // "127.0.0.1:5060", where the calls go; loopback only
	From       string        // the callers' own SIP address; "": 127.0.0.1, any port
	Numbers    []string      // public numbers, dialled in turn of chance
	Speech     [][]byte      // A-law at 8 kHz; each call takes one, and says it again at each turn; none: a hum
	Concurrent int           // callers at a time; 0: 1
	Pause      Range         // between two calls of a caller; zero: 2 s to 20 s
	Patience   Range         // until a caller with whom nobody talks hangs up; zero: 40 s to 240 s
	Talk       Range         // until one hangs up with whom somebody talks; zero: 30 s to 90 s
	Seed       uint64        // the same seed gives the same callers
	OnStats    func(s Stats) // called at each change, one at a time; must not block
}

// Shares of the callers, in percent.
const (
	earlyShare = 10 // hang up within a few seconds
	keyShare   = 5  // press 9 while they wait
)

// maxConcurrent bounds the callers; each holds two ports.
const maxConcurrent = 1000

// Stats count calls since the start.
type Stats struct {
	Ringing int // calls that nobody has answered yet
	Talking int // answered calls

	Placed    int
	Answered  int
	Abandoned int // given up before the answer
	Refused   int // by the other side, with a status
	Failed    int // no answer at all, or one that could not be used
	HungUp    int // answered calls ended by us
	Ended     int // answered calls ended by the other side

	Sent, Heard uint64 // RTP packets of ended calls
	Voices      uint64 // of those heard, frames that were not silence
}

// callers is a crowd at work.
type callers struct {
	Config
	early, keys int // percent
	target      netip.AddrPort
	end         *endpoint
	tally       tally
}

// Run keeps the callers busy until ctx ends, then hangs up and returns nil within two seconds.
func Run(ctx context.Context, conf Config) error {
	c, err := newCallers(conf)
	if err != nil {
		return fmt.Errorf("start callers: %w", err)
	}
	return c.run(ctx)
}

func newCallers(conf Config) (*callers, error) {
	target, err := loopback(conf.Target)
	if err != nil {
		return nil, fmt.Errorf("target: %w", err)
	}
	if len(conf.Numbers) == 0 {
		return nil, errors.New("give at least one number to dial")
	}
	for _, n := range conf.Numbers {
		if n == "" || len(n) > 32 || strings.Trim(n, "+0123456789*#") != "" {
			return nil, errors.New("a number to dial is made of digits, with a + before them at most")
		}
	}
	conf.Concurrent = cmp.Or(conf.Concurrent, 1)
	if conf.Concurrent < 0 || conf.Concurrent > maxConcurrent {
		return nil, fmt.Errorf("%d callers at a time: give 1 to %d", conf.Concurrent, maxConcurrent)
	}
	conf.From = cmp.Or(conf.From, anyPort)
	conf.Pause = conf.Pause.or(2*time.Second, 20*time.Second)
	conf.Patience = conf.Patience.or(40*time.Second, 240*time.Second)
	conf.Talk = conf.Talk.or(30*time.Second, 90*time.Second)
	conf.Speech = speechOr(conf.Speech, 350)
	c := &callers{Config: conf, early: earlyShare, keys: keyShare, target: target, tally: tally{tell: conf.OnStats}}
	if c.end, err = open(conf.From); err != nil {
		return nil, err
	}
	c.end.handle(nil)
	return c, nil
}

func (c *callers) run(ctx context.Context) error {
	c.end.serve()
	var crowd sync.WaitGroup
	for i := range c.Concurrent {
		crowd.Go(func() { c.live(ctx, rand.New(rand.NewPCG(c.Seed, uint64(i)))) })
	}
	<-ctx.Done()
	c.end.shut(crowd.Wait)
	return nil
}

// live is one caller: a pause, a call, a pause …
func (c *callers) live(ctx context.Context, d *rand.Rand) {
	wait := time.NewTimer(Range{0, c.Pause.Max}.draw(d)) // not all at once
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wait.C:
		}
		c.place(ctx, c.plan(d))
		wait.Reset(c.Pause.draw(d))
	}
}

// tally keeps the figures and tells them.
type tally struct {
	mu   sync.Mutex
	now  Stats // owned by mu
	tell func(Stats)
}

func (t *tally) count(change func(*Stats)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change(&t.now)
	if t.tell != nil {
		t.tell(t.now)
	}
}
