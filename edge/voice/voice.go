// SPDX-License-Identifier: EUPL-1.2

// Package voice is the floor's hand on calls: it carries out effects on SIP, browser and media legs, and reports what
// happened. It decides nothing, and keeps no state that decides.
package voice

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/voice/media"
	"rivage.example/rivage/edge/voice/sip"
	"rivage.example/rivage/edge/voice/webrtc"
	"rivage.example/rivage/engine/floor"
)

// Floor takes what happened; it never blocks.
type Floor interface{ Post(floor.Command) }

// Prompts gives what callers hear: A-law, 8 000 Hz, mono.
type Prompts interface {
	Audio(ctx context.Context, audio rivage.Hash) ([]byte, error)
}

// Recordings opens sinks. They only take sound: nothing of a recording can be read back here.
type Recordings interface {
	Sink(ctx context.Context, subject, object rivage.ID) (Sink, error)
	// Destroy leaves nothing of a recording that ended before.
	Destroy(ctx context.Context, object rivage.ID) error
}

// Sink takes a recording second by second: A-law, caller and agent interleaved, 16 000 bytes; fewer in the last.
type Sink interface {
	Write(sound []byte, last bool) error
	// End waits until all is on the disk, and says what is there.
	End(ctx context.Context) (Captured, error)
	// Destroy leaves nothing.
	Destroy(ctx context.Context) error
}

// Captured is what became of a recording.
type Captured struct {
	Bytes, Seconds int64
	Cipher         rivage.Hash
	Complete       bool
}

// Config is what a Voice needs.
type Config struct {
	Floor      Floor
	Prompts    Prompts
	Recordings Recordings
	Settings   func() *rivage.Settings           // trunks in force; quick
	Secret     func(name string) (string, error) // digest password that a trunk names
	Dial       func(ctx context.Context, network, addr string) (net.Conn, error)
	Closed     func(t *rivage.Trunk, number string) string                  // why no call to a number of ours comes in over a trunk now, "" when it may; nil closes all
	ClosedOut  func(t *rivage.Trunk, class rivage.DataClass) string         // the same of a device that is called, by the class of the queue
	Carried    func(trunk rivage.ID, transport string, out bool, bytes int) // each message that no dial of ours carries; nil does not listen
	Busy       func() int                                                   // seconds for Retry-After when no call may come in, 0 otherwise

	UDP, TCP string         // SIP, "host:port"; "" does not listen
	External netip.Addr     // that peers reach us at, when it is not the one listened on
	Media    netip.Addr     // of RTP
	Ports    [2]uint16      // of RTP, first and last
	Browser  netip.AddrPort // one UDP port for all browsers
	Clock    rivage.Clock
	Logger   *slog.Logger
}

// Waits that are not the floor's to set.
const (
	silenceEnds = 17 * time.Second // after the engine's 3 s: a leg that sends nothing at all is gone
	connectTime = time.Minute      // for a browser's leg to be connected and bridged; offers end well before
	endTime     = 30 * time.Second // to bring a recording to the disk
)

// Voice is the voice side of an instance.
type Voice struct {
	c      Config
	engine *media.Engine
	sip    *sip.Stack
	web    *webrtc.Gateway
	inbox  *tasks         // what the one executor goroutine still has to do
	done   chan struct{}  // closed when it is gone
	ends   sync.WaitGroup // recordings on their way to the disk, and who looks for sounds
	quit   chan struct{}  // closed by Close

	mu         sync.Mutex // guards what follows
	legs       map[rivage.ID]*leg
	recordings map[rivage.ID]*recording
	sounds     map[rivage.Hash]media.Source
	missing    map[rivage.Hash]bool // sounds that are looked for
	closed     bool
}

// New opens the media engine, the browsers' port and the SIP listeners. Calls may arrive before it returns.
func New(c Config) (*Voice, error) {
	v := &Voice{
		c: c, inbox: newTasks(), done: make(chan struct{}), quit: make(chan struct{}),
		legs: map[rivage.ID]*leg{}, recordings: map[rivage.ID]*recording{}, sounds: map[rivage.Hash]media.Source{},
		missing: map[rivage.Hash]bool{},
	}
	var err error
	v.engine, err = media.New(media.Config{Listen: c.Media, PortMin: c.Ports[0], PortMax: c.Ports[1], Logger: c.Logger})
	if err != nil {
		return nil, fmt.Errorf("open voice: %w", err)
	}
	v.web, err = webrtc.New(webrtc.Config{
		Listen: c.Browser, External: c.External, Loopback: c.Browser.Addr().IsLoopback(), Engine: v.engine, Logger: c.Logger,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open voice: %w", err), v.engine.Close())
	}
	go func() {
		defer close(v.done)
		v.inbox.run()
	}()
	v.sip, err = sip.Listen(sip.Config{
		UDP: c.UDP, TCP: c.TCP, Contact: c.External, Settings: c.Settings, Secret: c.Secret, Dial: c.Dial, Closed: c.Closed, ClosedOut: c.ClosedOut, Carried: c.Carried, Busy: c.Busy,
		OnInvite: v.arrive, Clock: c.Clock, Logger: c.Logger,
		Refused: func(r sip.Refused) {
			c.Floor.Post(floor.Refused{Door: "sip", Source: string(r.Source), Reason: r.Reason, Count: r.Count})
		},
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open voice: %w", err), v.web.Close(), v.engine.Close())
	}
	return v, nil
}

// UDPAddr is where SIP is heard.
func (v *Voice) UDPAddr() netip.AddrPort { return v.sip.UDPAddr() }

// Execute queues effects of the floor; they are carried out in order, on one goroutine.
func (v *Voice) Execute(effects []floor.Effect) {
	for _, e := range effects {
		v.inbox.add(func() { v.carryOut(e) })
	}
}

// Close ends every leg and recording, and lets the ports go.
func (v *Voice) Close() error {
	v.mu.Lock()
	if v.closed {
		v.mu.Unlock()
		return nil
	}
	v.closed = true
	v.mu.Unlock()
	close(v.quit)
	v.inbox.close()
	<-v.done
	v.mu.Lock()
	legs, recordings := v.legs, v.recordings
	v.legs, v.recordings = map[rivage.ID]*leg{}, map[rivage.ID]*recording{}
	v.mu.Unlock()
	for _, r := range recordings {
		v.ends.Go(func() { r.end(false) })
	}
	v.ends.Wait()
	for _, l := range legs {
		l.close()
	}
	return errors.Join(v.sip.Close(), v.web.Close(), v.engine.Close())
}

// find is a live leg, nil when it is gone.
func (v *Voice) find(id rivage.ID) *leg {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.legs[id]
}

// keep adds a leg; false once the voice side is closing.
func (v *Voice) keep(l *leg) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return false
	}
	v.legs[l.id] = l
	return true
}

// take removes a leg; nil when somebody else did.
func (v *Voice) take(id rivage.ID) *leg {
	v.mu.Lock()
	defer v.mu.Unlock()
	l := v.legs[id]
	delete(v.legs, id)
	return l
}

// takeThis removes a leg; false when it was removed, or is another by now.
func (v *Voice) takeThis(l *leg) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.legs[l.id] != l {
		return false
	}
	delete(v.legs, l.id)
	return true
}
