// SPDX-License-Identifier: EUPL-1.2

// Package media moves voice packets between legs, plays announcements and taps what is said.
//
// It knows nothing of calls. One or two loops on locked threads own all descriptors and all that a leg sends; a
// packet costs no allocation and no lock. A verb (Apply, Play, Bridge …) is carried out by the owning loop and has
// taken effect when it returns. Callbacks run one after another on a goroutine of the engine, never on a loop:
// they may use verbs, and must not block.
//
// What a leg hears comes from the first of: digits being sent, a source being played, the bridge, silence. All of
// it leaves in one SSRC, sequence and timestamp space.
package media

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"rivage.example/rivage/wire/rtp"
)

// Errors of the verbs; test with errors.Is.
var (
	ErrClosed  = errors.New("media leg or engine is closed")
	ErrNetwork = errors.New("media address is outside the declared networks")
	ErrNoPort  = errors.New("no RTP port is free")
	ErrBridged = errors.New("leg is bridged to another")
	ErrDigits  = errors.New("digits cannot be sent on this leg")
	ErrTap     = errors.New("tap is attached elsewhere")
)

// Config is what a machine gives the engine. Zero values: 127.0.0.1, ports 16384 to 32767, one loop on up to two
// processors and two beyond, no log.
type Config struct {
	Listen           netip.Addr
	PortMin, PortMax uint16        // RTP takes the even ports, RTCP the next odd one
	Quarantine       time.Duration // how long a returned port rests; 0: 5 s
	Loops            int
	Logger           *slog.Logger
}

const (
	defaultPortMin    = 16384
	defaultPortMax    = 32767
	defaultQuarantine = 5 * time.Second
	maxLoops          = 2
)

func (c Config) withDefaults() (Config, error) {
	if !c.Listen.IsValid() {
		c.Listen = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	if c.PortMin == 0 && c.PortMax == 0 {
		c.PortMin, c.PortMax = defaultPortMin, defaultPortMax
	}
	if c.PortMin < 1024 || c.PortMax <= c.PortMin {
		return c, fmt.Errorf("start media: port range %d–%d: give a range above 1023", c.PortMin, c.PortMax)
	}
	if c.Loops < 0 || c.Loops > maxLoops {
		return c, fmt.Errorf("start media: %d loops: give 1 or %d", c.Loops, maxLoops)
	}
	if c.Loops == 0 {
		c.Loops = 1
		if runtime.NumCPU() > 2 {
			c.Loops = maxLoops
		}
	}
	if c.Quarantine == 0 {
		c.Quarantine = defaultQuarantine
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// Engine owns the loops, the ports and the callbacks.
type Engine struct {
	conf   Config
	epoch  time.Time
	ports  *ports
	loops  []*loop
	notes  notes
	drains drains
	ids    atomic.Uint64
	links  sync.Mutex     // orders changes of who is bridged to whom; taken before the ctl of a leg
	wg     sync.WaitGroup // loops, callbacks, recordings, writers of external legs
	closed atomic.Bool
}

// New starts an engine.
func New(conf Config) (*Engine, error) {
	e, err := build(conf)
	if err != nil {
		return nil, err
	}
	for _, l := range e.loops {
		e.wg.Go(l.run)
	}
	e.wg.Go(e.notes.run)
	e.wg.Go(e.drains.run)
	return e, nil
}

// build makes an engine whose loops do not run yet.
func build(conf Config) (*Engine, error) {
	conf, err := conf.withDefaults()
	if err != nil {
		return nil, err
	}
	e := &Engine{conf: conf, epoch: time.Now(), ports: newPorts(conf)}
	e.notes.wake = make(chan struct{}, 1)
	e.drains = drains{list: map[*Recorder]struct{}{}, wake: make(chan struct{}, 1), quit: make(chan struct{}), shelf: newShelf()}
	for range conf.Loops {
		l, err := newLoop(e)
		if err != nil {
			for _, open := range e.loops {
				open.poll.close()
			}
			return nil, fmt.Errorf("start media: %w", err)
		}
		e.loops = append(e.loops, l)
	}
	return e, nil
}

// Close ends all legs and waits for the loops and the callbacks. It must not be called from a callback.
func (e *Engine) Close() error {
	if !e.closed.CompareAndSwap(false, true) {
		return nil
	}
	var errs []error
	for _, l := range e.loops {
		errs = append(errs, l.do(l.stop))
	}
	e.notes.close()
	close(e.drains.quit)
	e.wg.Wait()
	return errors.Join(errs...)
}

// Now is the engine's clock: samples (1/8000 s) since it started. Frames of taps carry it.
func (e *Engine) Now() int64 { return int64(time.Since(e.epoch) / (time.Second / rtp.Rate)) }

// behind is how late the loops are, or were a moment ago, in samples: what waits in a socket did not come late.
func (e *Engine) behind() int64 {
	most, now := int64(0), e.Now()
	for _, l := range e.loops {
		most = max(most, l.late.Load(), now-l.turned.Load())
	}
	return most
}

// wall is the time that reports carry: it does not step, or a round trip over a step of the wall clock would be one hour.
func (e *Engine) wall() time.Time { return e.epoch.Add(time.Since(e.epoch)) }

// quietest is the loop with the fewest legs.
func (e *Engine) quietest() *loop {
	best := e.loops[0]
	for _, l := range e.loops[1:] {
		if l.load.Load() < best.load.Load() {
			best = l
		}
	}
	return best
}

// notes carries callbacks from the loops to the one goroutine that runs them.
type notes struct {
	mu     sync.Mutex
	queue  []func() // guarded by mu
	closed bool     // guarded by mu
	wake   chan struct{}
}

func (n *notes) add(f func()) {
	n.mu.Lock()
	n.queue = append(n.queue, f)
	n.mu.Unlock()
	n.poke()
}

func (n *notes) close() {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	n.poke()
}

func (n *notes) poke() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

func (n *notes) run() {
	for range n.wake {
		for {
			n.mu.Lock()
			batch, closed := n.queue, n.closed
			n.queue = nil
			n.mu.Unlock()
			for _, f := range batch {
				f()
			}
			if len(batch) == 0 && closed {
				return
			}
			if len(batch) == 0 {
				break
			}
		}
	}
}
