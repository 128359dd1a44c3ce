// SPDX-License-Identifier: EUPL-1.2

package webrtc

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	pion "github.com/pion/webrtc/v4"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/voice/media"
	"rivage.example/rivage/wire/sdp"
)

// Leg is one browser in a call, with all verbs of a media leg. Until the browser is connected, and after it was
// lost, the leg sends nothing: what is played waits, and is not counted as heard.
type Leg struct {
	*media.Leg
	gate   *Gateway
	ev     Events
	plan   sdp.Plan
	pc     *pion.PeerConnection
	sender *pion.RTPSender
	track  *track

	changed chan struct{} // the connection's state moved
	done    chan struct{} // closed by Close
	once    sync.Once     // Close
	state   atomic.Int32  // written by run and Close

	feeding sync.Mutex // the engine takes packets from one goroutine at a time
	refused atomic.Uint64
}

// State is where a leg stands.
type State int32

// The states, in their order.
const (
	Connecting State = iota
	Connected
	Lost
	Closed
)

func (s State) String() string { return [...]string{"connecting", "connected", "lost", "closed"}[s&3] }

// connect answers an offer: everything but the goroutines of the leg.
func (g *Gateway) connect(ctx context.Context, o offer, ev Events) (_ *Leg, answer string, err error) {
	l := &Leg{gate: g, ev: ev, changed: make(chan struct{}, 1), done: make(chan struct{})}
	l.track = &track{bound: l.note}
	l.Leg, err = g.conf.Engine.NewExternal(media.LegConf{OnDigit: ev.OnDigit, OnSilence: ev.OnSilence}, l.track)
	if err != nil {
		return nil, "", &rivage.Error{Code: rivage.Unavailable, Message: "answer browser", Err: err}
	}
	l.pc, err = g.apis[o.muLaw].NewPeerConnection(pion.Configuration{Certificates: []pion.Certificate{g.cert}})
	if err != nil {
		l.Leg.Close()
		return nil, "", &rivage.Error{Code: rivage.Internal, Message: "answer browser", Err: err}
	}
	if answer, err = l.negotiate(ctx, o); err != nil {
		l.free()
		return nil, "", err
	}
	return l, answer, nil
}

// negotiate brings the connection to its answer and the leg to its plan.
func (l *Leg) negotiate(ctx context.Context, o offer) (string, error) {
	l.pc.OnTrack(l.hear)
	l.pc.OnConnectionStateChange(func(pion.PeerConnectionState) { l.note() })
	if l.pc.SetRemoteDescription(o.SessionDescription) != nil { // its error repeats the offer
		return "", invalid("the offer does not hold together")
	}
	var err error
	if l.sender, err = l.pc.AddTrack(l.track); err != nil {
		return "", &rivage.Error{Code: rivage.Internal, Message: "answer browser: add our voice", Err: err}
	}
	answer, err := l.pc.CreateAnswer(nil)
	if err != nil {
		return "", invalid("the offer cannot be answered")
	}
	gathered := pion.GatheringCompletePromise(l.pc)
	if l.pc.SetLocalDescription(answer) != nil {
		return "", invalid("the offer cannot be answered")
	}
	select {
	case <-gathered:
	case <-ctx.Done():
		return "", &rivage.Error{Code: rivage.Unavailable, Message: "answer browser: gather our addresses", Err: ctx.Err()}
	}
	text := l.pc.LocalDescription().SDP
	if l.plan, err = plan(text); err != nil {
		return "", err
	}
	if err := l.hold(); err != nil {
		return "", &rivage.Error{Code: rivage.Unavailable, Message: "answer browser", Err: err}
	}
	return text, nil
}

// hold lets the leg listen only.
func (l *Leg) hold() error {
	p := l.plan
	p.Dir = p.Dir.Meet(sdp.RecvOnly)
	return l.Leg.Apply(p)
}

// note wakes run.
func (l *Leg) note() {
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

// run follows the connection from its answer to its end.
func (l *Leg) run() {
	setUp := time.NewTimer(l.gate.conf.SetUp)
	defer setUp.Stop()
	for {
		select {
		case <-l.done:
			return
		case <-setUp.C:
			if l.at() == Connecting {
				l.lose("ice")
				return
			}
		case <-l.changed:
			if reason := l.follow(); reason != "" {
				l.lose(reason)
				return
			}
		}
	}
}

// follow looks at the connection; it returns why it ended, if it did.
func (l *Leg) follow() string {
	switch l.pc.ConnectionState() {
	case pion.PeerConnectionStateConnected:
		if l.track.out.Load() != nil && l.advance(Connecting, Connected) {
			l.open()
		}
	case pion.PeerConnectionStateDisconnected:
		return "ice"
	case pion.PeerConnectionStateFailed:
		if l.pc.ICEConnectionState() == pion.ICEConnectionStateFailed {
			return "ice"
		}
		return "closed" // DTLS came to no keys
	case pion.PeerConnectionStateClosed:
		return "closed"
	}
	return ""
}

func (l *Leg) at() State { return State(l.state.Load()) }

func (l *Leg) advance(from, to State) bool { return l.state.CompareAndSwap(int32(from), int32(to)) }

// open lets the leg send.
func (l *Leg) open() {
	if err := l.Leg.Apply(l.plan); err != nil && !errors.Is(err, media.ErrClosed) {
		l.gate.log.Error("browser leg cannot send", slog.Any("error", err))
	}
	if l.ev.OnConnected != nil {
		l.ev.OnConnected()
	}
}

// lose stops the leg and tells so, unless it was closed meanwhile.
func (l *Leg) lose(reason string) {
	if !l.advance(Connecting, Lost) && !l.advance(Connected, Lost) {
		return
	}
	if err := l.hold(); err != nil && !errors.Is(err, media.ErrClosed) {
		l.gate.log.Error("lost browser leg cannot be held", slog.Any("error", err))
	}
	if l.ev.OnLost != nil {
		l.ev.OnLost(reason)
	}
	l.disconnect()
}

// hear takes one stream of the browser: audio and events come in one, told apart by their types.
func (l *Leg) hear(in *pion.TrackRemote, r *pion.RTPReceiver) {
	var reports sync.WaitGroup
	reports.Go(func() { l.drain(r.Read) })
	l.drain(in.Read)
	reports.Wait()
}

// hearReports takes what the browser reports of our stream; undrained, the library would block.
func (l *Leg) hearReports() { l.drain(l.sender.Read) }

// drain feeds the leg until the stream ends. Other errors are those of one packet: too long, or of a type that
// nobody agreed on, which the leg counts.
func (l *Leg) drain(read func([]byte) (int, interceptor.Attributes, error)) {
	b := make([]byte, 1500)
	for {
		n, _, err := read(b)
		if n == 0 && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) || l.at() >= Lost) {
			return
		}
		l.feeding.Lock()
		ok := l.Leg.Feed(b[:n])
		l.feeding.Unlock()
		if !ok {
			l.refused.Add(1)
		}
	}
}

// Close ends the leg: the media, then the connection, which the browser sees at once.
func (l *Leg) Close() {
	l.once.Do(func() {
		l.state.Store(int32(Closed))
		close(l.done)
		l.free()
		l.gate.release(l)
	})
}

func (l *Leg) free() {
	l.Leg.Close()
	l.disconnect()
}

func (l *Leg) disconnect() {
	if err := l.pc.GracefulClose(); err != nil {
		l.gate.log.Debug("browser connection did not close well", slog.Any("error", err))
	}
}

// Stats are the figures of a leg.
type Stats struct {
	media.Quality // its round trip is that of the connection's own checks, where RTCP gives none
	State         State
	Early         uint64 // packets before the connection could carry them
	Unsent        uint64 // packets that the connection did not take
	Refused       uint64 // packets of the browser that were too long, or too many at once
}

// Stats returns the leg's figures; after Close, the last ones.
func (l *Leg) Stats() Stats {
	s := Stats{
		Quality: l.Quality(), State: l.at(),
		Early: l.track.early.Load(), Unsent: l.track.failed.Load(), Refused: l.refused.Load(),
	}
	if s.TripKnown {
		return s
	}
	if pair, ok := l.sender.Transport().ICETransport().GetSelectedCandidatePairStats(); ok && pair.CurrentRoundTripTime > 0 {
		s.RoundTrip, s.TripKnown = time.Duration(pair.CurrentRoundTripTime*float64(time.Second)), true
	}
	return s
}
