// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"rivage.example/rivage/wire/sdp"
)

// LegConf says who may be at the other end, and who is told what.
type LegConf struct {
	Networks   []netip.Prefix    // where the peer's media may be; nothing is sent or heard outside
	NAT        bool              // the peer's description may be wrong: hear Signalling too, and answer to it
	Signalling netip.Addr        // where its signalling came from; used with NAT only
	OnDigit    func(digit byte)  // once for each press: 0–9 * # A–D
	OnSilence  func(silent bool) // true after 3 s without a packet that should come, false when one comes again
}

// Leg is one end of a call's audio: a UDP socket, or a browser connection seen through External. Its methods may
// be called from any goroutine and take effect in the order of the calls.
type Leg struct {
	eng   *Engine
	id    uint64
	conf  LegConf
	local netip.AddrPort
	cname string
	ext   *external // nil on a UDP leg

	ctl    sync.Mutex              // orders the verbs of this leg; never taken for a packet
	closed bool                    // guarded by ctl
	final  atomic.Pointer[Quality] // set when the descriptors close
	loop   atomic.Pointer[loop]    // stored under ctl
	route  atomic.Pointer[route]

	// Owned by the loop.
	fd, rtcpFD int // −1 on an external leg
	slot       int // of the wheel
	turns      uint64
	in         input
	latch
	out    output
	remote remote
	player *player
	presses
}

// NewLeg binds a port and returns a leg that neither sends nor listens before Apply.
func (e *Engine) NewLeg(conf LegConf) (*Leg, error) {
	if len(conf.Networks) == 0 {
		return nil, fmt.Errorf("open leg: %w: declare at least one network", ErrNetwork)
	}
	if e.closed.Load() {
		return nil, fmt.Errorf("open leg: %w", ErrClosed)
	}
	port, fd, rtcpFD, err := e.ports.open(time.Now())
	if err != nil {
		return nil, fmt.Errorf("open leg: %w", err)
	}
	g := e.newLeg(conf)
	g.fd, g.rtcpFD, g.local = fd, rtcpFD, netip.AddrPortFrom(e.conf.Listen, port)
	if err := e.adopt(g); err != nil {
		e.ports.give(port, time.Now())
		return nil, errors.Join(fmt.Errorf("open leg: %w", err), unix.Close(fd), unix.Close(rtcpFD))
	}
	return g, nil
}

func (e *Engine) newLeg(conf LegConf) *Leg {
	conf.Networks = slices.Clone(conf.Networks)
	conf.Signalling = conf.Signalling.Unmap()
	g := &Leg{eng: e, id: e.ids.Add(1), conf: conf, fd: -1, rtcpFD: -1}
	g.out.ssrc, g.out.seq, g.out.ts = rand.Uint32(), uint16(rand.Uint32()), rand.Uint32()
	g.cname = strconv.FormatUint(rand.Uint64(), 36) // says nothing of the host (RFC 7022 section 4.2)
	g.route.Store(&route{})
	return g
}

// adopt hands a new leg to the quietest loop. On failure the descriptors are not watched and are the caller's.
func (e *Engine) adopt(g *Leg) error {
	l := e.quietest()
	g.loop.Store(l)
	return l.doErr(func() error {
		if err := l.attach(g); err != nil {
			return err
		}
		if g.ext != nil { // counted here, while the loop itself keeps Close waiting
			e.wg.Go(g.ext.write)
		}
		return nil
	})
}

// LocalAddr is where the leg listens for RTP; RTCP is on the next port. It is invalid on an external leg.
func (g *Leg) LocalAddr() netip.AddrPort { return g.local }

// do runs f on the owning loop; the caller holds ctl.
func (g *Leg) do(f func()) error {
	if g.closed {
		return ErrClosed
	}
	return g.loop.Load().do(f)
}

// verb is do for callers without ctl.
func (g *Leg) verb(f func()) error {
	g.ctl.Lock()
	defer g.ctl.Unlock()
	return g.do(f)
}

// reroute stores a changed copy of the route; the caller holds ctl.
func (g *Leg) reroute(change func(*route)) {
	r := *g.route.Load()
	change(&r)
	g.route.Store(&r)
}

// Apply takes what offer and answer agreed on, at first and at every re-INVITE. A new media address is latched
// anew. Hold is a plan whose direction does not send.
func (g *Leg) Apply(p sdp.Plan) error {
	g.ctl.Lock()
	defer g.ctl.Unlock()
	if g.ext == nil && reachable(p.RTP) && !g.conf.NAT && !within(g.conf.Networks, p.RTP.Addr().Unmap()) {
		return fmt.Errorf("apply plan: %w: declare the trunk's or phone's media network", ErrNetwork)
	}
	err := g.do(func() {
		old := g.route.Load().remote
		g.reroute(func(r *route) { r.plan(p) })
		if r := g.route.Load(); g.ext == nil && r.remote != old {
			g.unlatch()
			g.aim(r.remote)
		}
	})
	if err != nil {
		return fmt.Errorf("apply plan: %w", err)
	}
	return nil
}

// Mute stops what this leg says from reaching its peer, which hears silence; taps go on.
func (g *Leg) Mute(on bool) {
	g.ctl.Lock()
	defer g.ctl.Unlock()
	g.reroute(func(r *route) { r.muted = on })
}

// SwallowDigits keeps this leg's key presses from its peer; they are still reported.
func (g *Leg) SwallowDigits(on bool) {
	g.ctl.Lock()
	defer g.ctl.Unlock()
	g.reroute(func(r *route) { r.swallow = on })
}

// Way is a direction seen from the leg.
type Way uint8

const (
	In  Way = iota // what this party says
	Out            // what this party hears
)

// Tap begins to copy one direction of the leg into t. A tap takes from one place at a time.
func (g *Leg) Tap(w Way, t *Tap) error {
	g.ctl.Lock()
	defer g.ctl.Unlock()
	if g.closed {
		return fmt.Errorf("tap leg: %w", ErrClosed)
	}
	if !t.taken.CompareAndSwap(false, true) {
		return fmt.Errorf("tap leg: %w: untap it first", ErrTap)
	}
	g.reroute(func(r *route) { *r.taps(w) = append(slices.Clone(*r.taps(w)), t) })
	return nil
}

// Untap ends Tap. Nothing is written to t afterwards, so that it may be attached elsewhere.
func (g *Leg) Untap(w Way, t *Tap) {
	g.ctl.Lock()
	defer g.ctl.Unlock()
	if !slices.Contains(*g.route.Load().taps(w), t) {
		return
	}
	g.reroute(func(r *route) {
		*r.taps(w) = slices.DeleteFunc(slices.Clone(*r.taps(w)), func(o *Tap) bool { return o == t })
	})
	if err := g.do(func() {}); err == nil || errors.Is(err, ErrClosed) { // the loop has let go of the old route
		t.taken.Store(false)
	}
}

func (r *route) taps(w Way) *[]*Tap {
	if w == In {
		return &r.tapIn
	}
	return &r.tapOut
}

// Close ends the leg: playing stops, the bridge is undone, the port rests and then serves again.
func (g *Leg) Close() {
	g.eng.Unbridge(g)
	g.ctl.Lock()
	defer g.ctl.Unlock()
	l := g.loop.Load()
	err := g.do(func() {
		l.detach(g)
		g.shut(l.eng.Now())
	})
	g.closed = true
	if err == nil && g.local.IsValid() {
		g.eng.ports.give(g.local.Port(), time.Now())
	}
}

// shut closes the descriptors and ends what is under way. It runs on the owning loop: a number closed elsewhere is
// reused, and would receive another call's packets.
func (g *Leg) shut(now int64) {
	g.endPlay(false)
	q := g.quality(now)
	g.final.Store(&q)
	if g.ext != nil {
		close(g.ext.stop)
		return
	}
	for _, fd := range []int{g.fd, g.rtcpFD} {
		if err := unix.Close(fd); err != nil {
			g.eng.conf.Logger.Error("rtp port cannot be closed", "error", err)
		}
	}
}
