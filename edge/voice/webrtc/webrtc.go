// SPDX-License-Identifier: EUPL-1.2

// Package webrtc shows a browser's microphone and ear as a leg of the media engine.
//
// All browsers share one UDP port and one certificate. The candidates of an offer are not used: the browser comes
// to us (RFC 8445 section 7.3.1.3), so that an offer cannot make this host send anywhere.
package webrtc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	pion "github.com/pion/webrtc/v4"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/voice/media"
)

// Config is what a Gateway needs: Listen and Engine. Zero values elsewhere: no address translation, 500 legs, 5 s,
// 20 s, no log.
type Config struct {
	Listen   netip.AddrPort // UDP; an unspecified address listens on each of the host's, and then wants a port
	External netip.Addr     // the address that browsers see, when it is translated on the way
	Loopback bool           // offer 127.0.0.1 too, when listening everywhere
	Engine   *media.Engine

	MaxLegs   int           // at a time
	LostAfter time.Duration // a browser that sends nothing for so long is lost
	SetUp     time.Duration // for a browser to connect after its answer
	Logger    *slog.Logger
}

const (
	defaultMaxLegs   = 500
	defaultLostAfter = 5 * time.Second
	defaultSetUp     = 20 * time.Second
)

// Events are told one after the other, on a goroutine of the leg; OnDigit and OnSilence on one of the engine. They
// may use any method of the leg but must not block. Each may be nil.
type Events struct {
	OnDigit     func(digit byte)
	OnSilence   func(silent bool)   // as media.LegConf
	OnConnected func()              // once; from here on the leg sends
	OnLost      func(reason string) // once, unless Close came first: "ice" no way to the browser, "closed" it left
}

// Gateway answers the offers of browsers.
type Gateway struct {
	conf Config
	log  *slog.Logger
	apis map[bool]*pion.API // by µ-law
	cert pion.Certificate
	mux  ice.UDPMux
	at   netip.AddrPort

	work sync.WaitGroup // goroutines of legs

	mu     sync.Mutex
	closed bool              // owned by mu
	open   int               // legs, and offers being answered; owned by mu
	legs   map[*Leg]struct{} // owned by mu
}

// New opens the UDP port.
func New(conf Config) (*Gateway, error) {
	if conf.Engine == nil || !conf.Listen.IsValid() {
		return nil, errors.New("open browser gateway: a media engine and an address to listen on are needed")
	}
	conf.MaxLegs = cmp.Or(conf.MaxLegs, defaultMaxLegs)
	conf.LostAfter = cmp.Or(conf.LostAfter, defaultLostAfter)
	conf.SetUp = cmp.Or(conf.SetUp, defaultSetUp)
	conf.Logger = cmp.Or(conf.Logger, slog.New(slog.DiscardHandler))
	g := &Gateway{conf: conf, log: conf.Logger, apis: map[bool]*pion.API{}, legs: map[*Leg]struct{}{}}
	if err := g.certify(); err != nil {
		return nil, fmt.Errorf("open browser gateway: %w", err)
	}
	if err := g.listen(); err != nil {
		return nil, fmt.Errorf("open browser gateway on %s: %w", conf.Listen, err)
	}
	for _, mu := range []bool{false, true} {
		api, err := g.api(mu)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open browser gateway: %w", err), g.mux.Close())
		}
		g.apis[mu] = api
	}
	return g, nil
}

// Addr is where browsers are heard.
func (g *Gateway) Addr() netip.AddrPort { return g.at }

// Legs is how many browsers are connected or connecting.
func (g *Gateway) Legs() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.open
}

// Answer takes a browser's offer: one audio stream, PCMA or PCMU, in at most 64 KB. The answer holds our candidates;
// the browser's are not awaited. The leg is the caller's to close, whatever happens to the browser. Errors are
// rivage.Error: Invalid for the offer, Busy, or Unavailable.
func (g *Gateway) Answer(ctx context.Context, offer string, ev Events) (*Leg, string, error) {
	o, err := readOffer(offer)
	if err != nil {
		return nil, "", err
	}
	if err := g.reserve(); err != nil {
		return nil, "", err
	}
	l, answer, err := g.connect(ctx, o, ev)
	if err != nil {
		g.release(nil)
		return nil, "", err
	}
	if !g.keep(l) {
		l.Close()
		return nil, "", gone()
	}
	return l, answer, nil
}

func gone() error {
	return &rivage.Error{Code: rivage.Unavailable, Message: "answer browser: the gateway is closed"}
}

func (g *Gateway) reserve() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return gone()
	}
	if g.open >= g.conf.MaxLegs {
		return &rivage.Error{Code: rivage.Busy, Message: fmt.Sprintf("answer browser: all %d legs are in use", g.conf.MaxLegs)}
	}
	g.open++
	return nil
}

// keep registers a leg and starts its goroutines; false when the gateway closed meanwhile.
func (g *Gateway) keep(l *Leg) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.legs[l] = struct{}{}
	g.work.Go(l.run)
	g.work.Go(l.hearReports)
	return true
}

func (g *Gateway) release(l *Leg) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open--
	delete(g.legs, l)
}

// Close ends all legs and the port, and waits. It must not be called from an event.
func (g *Gateway) Close() error {
	g.mu.Lock()
	g.closed = true
	live := slices.Collect(maps.Keys(g.legs))
	g.mu.Unlock()
	for _, l := range live {
		l.Close()
	}
	err := g.mux.Close()
	g.work.Wait()
	return err
}
