// SPDX-License-Identifier: EUPL-1.2

package caller

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"rivage.example/rivage/wire/rtp"
	"rivage.example/rivage/wire/sdp"
)

const (
	frame       = 20 * time.Millisecond
	reportEvery = 250 // frames: 5 s between RTCP reports
	loudness    = 300 // mean magnitude of a frame that is not silence, about −40 dBm0
)

// voice is the audio of one call: it sends a frame each 20 ms, speech or silence, and listens.
type voice struct {
	rtp, rtcp *net.UDPConn
	caps      sdp.Caps
	speech    []byte
	manners   manners // owned by speak
	replied   chan struct{}
	keys      chan byte
	stop      chan struct{}
	work      sync.WaitGroup

	plan       atomic.Pointer[sdp.Plan]
	revision   atomic.Uint64
	loud       atomic.Int32 // loud frames that came since speak looked
	sent, took atomic.Uint64
	voices     atomic.Uint64

	mu   sync.Mutex
	recv rtp.Receiver // owned by mu
	lsr  uint32       // of their last sender report; owned by mu
	seen time.Time    // when it came; owned by mu
}

// openVoice binds an RTP port and, next to it, one for RTCP. It neither sends nor hears before start.
func openVoice(at netip.Addr, speech []byte, remark time.Duration) (*voice, error) {
	v := &voice{
		speech: speech, manners: manners{remark: int(remark / frame)}, replied: make(chan struct{}), keys: make(chan byte, 4), stop: make(chan struct{}),
	}
	var err error
	for range 50 {
		if v.rtp, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(at, 0))); err != nil {
			return nil, err
		}
		port := v.rtp.LocalAddr().(*net.UDPAddr).AddrPort().Port()
		v.rtcp, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(at, port+1)))
		if err == nil {
			v.caps = sdp.Caps{Addr: at, Port: port, Session: uint64(rand.Uint32())}
			return v, nil
		}
		err = errors.Join(err, v.rtp.Close())
	}
	return nil, err
}

// described is what we say of ourselves, a new version each time.
func (v *voice) described() sdp.Caps {
	c := v.caps
	c.Revision = v.revision.Add(1)
	return c
}

func (v *voice) offer() []byte { return []byte(sdp.Offer(v.described()).String()) }

var errAway = errors.New("the other side's media is not on loopback")

// accept takes the answer to our offer.
func (v *voice) accept(body []byte) error {
	d, err := sdp.Parse(body)
	if err != nil {
		return err
	}
	p, err := sdp.Apply(v.caps, d)
	if err != nil {
		return err
	}
	return v.follow(p)
}

// answer takes an offer; without one it makes ours. The status is 200, 400 or 488.
func (v *voice) answer(body []byte) ([]byte, int) {
	if len(body) == 0 { // the answer comes with the ACK, and changes nothing for us
		return v.offer(), 200
	}
	d, err := sdp.Parse(body)
	if err != nil {
		return nil, 400
	}
	mine, p, err := sdp.Answer(v.described(), d)
	if err != nil || v.follow(p) != nil {
		return nil, 488
	}
	return []byte(mine.String()), 200
}

func (v *voice) follow(p sdp.Plan) error {
	if a := p.RTP.Addr(); !a.IsUnspecified() && !a.IsLoopback() || p.RTCP.IsValid() && !p.RTCP.Addr().IsUnspecified() && !p.RTCP.Addr().IsLoopback() {
		return errAway
	}
	v.plan.Store(&p)
	return nil
}

func (v *voice) start() {
	v.work.Go(v.listen)
	v.work.Go(v.hearReports)
	v.work.Go(v.speak)
}

// press sends a key, unless too many wait.
func (v *voice) press(key byte) {
	select {
	case v.keys <- key:
	default:
	}
}

func (v *voice) close() {
	close(v.stop)
	_ = errors.Join(v.rtp.Close(), v.rtcp.Close()) // which ends the readers
	v.work.Wait()
}

func (v *voice) figures() (sent, heard, voices uint64) {
	return v.sent.Load(), v.took.Load(), v.voices.Load()
}

// listen takes the other side's packets.
func (v *voice) listen() {
	b := make([]byte, rtp.MaxPacket)
	start := time.Now()
	for {
		n, from, err := v.rtp.ReadFromUDPAddrPort(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		plan := v.plan.Load()
		p, bad := rtp.View(b[:n])
		if err != nil || bad != nil || from.Addr().Unmap() != plan.RTP.Addr() && !plan.RTP.Addr().IsUnspecified() {
			continue
		}
		codec, known := plan.PT[p.PT()]
		if !known {
			continue
		}
		v.took.Add(1)
		v.mu.Lock()
		v.recv.Take(p.SSRC(), p.Seq(), p.TS(), uint32(time.Since(start)/(time.Second/rtp.Rate)))
		if codec != sdp.Event {
			v.recv.TakeJitter(p.TS(), uint32(time.Since(start)/(time.Second/rtp.Rate)))
		}
		v.mu.Unlock()
		if codec != sdp.Event && isLoud(p.Payload(), codec == sdp.PCMU) {
			v.voices.Add(1)
			v.loud.Add(1)
		}
	}
}

func isLoud(payload []byte, mu bool) bool {
	sum := 0
	for _, b := range payload {
		s := int(rtp.DecodeALaw(b))
		if mu {
			s = int(rtp.DecodeMuLaw(b))
		}
		sum += max(s, -s)
	}
	return sum > loudness*len(payload)
}

// hearReports takes the other side's RTCP, which the reports of ours echo.
func (v *voice) hearReports() {
	b := make([]byte, rtp.MaxPacket)
	for {
		n, _, err := v.rtcp.ReadFromUDPAddrPort(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		var r rtp.RTCP
		if err == nil && r.Parse(b[:n]) == nil && r.Sender {
			v.mu.Lock()
			v.lsr, v.seen = rtp.Middle(r.NTP), time.Now()
			v.mu.Unlock()
		}
	}
}
