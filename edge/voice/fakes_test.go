// SPDX-License-Identifier: EUPL-1.2

package voice_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/voice"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/wire/rtp"
)

const patience = 10 * time.Second // of a test for what must come; nothing measures it

type wallClock struct{ start time.Time }

func (wallClock) Now() time.Time           { return time.Now().UTC() }
func (c wallClock) Elapsed() time.Duration { return time.Since(c.start) }

// script is a floor that writes down what it is told; the test decides.
type script struct {
	mu   sync.Mutex
	told []floor.Command // not yet looked at
	more chan struct{}
}

func (s *script) Post(c floor.Command) {
	s.mu.Lock()
	s.told = append(s.told, c)
	s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
}

// want waits for the next command of a type; those of other types before it stay for later.
func want[C floor.Command](t *testing.T, s *script) C {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		s.mu.Lock()
		for i, c := range s.told {
			if got, ok := c.(C); ok {
				s.told = append(s.told[:i:i], s.told[i+1:]...)
				s.mu.Unlock()
				return got
			}
		}
		told := fmt.Sprintf("%T", s.told)
		for _, c := range s.told {
			told += fmt.Sprintf(" %T", c)
		}
		s.mu.Unlock()
		select {
		case <-s.more:
		case <-ctx.Done():
			var none C
			t.Fatalf("waited in vain for %T; told: %s", none, told)
		}
	}
}

// prompts are sounds by their hash.
type prompts struct {
	mu     sync.Mutex
	sounds map[rivage.Hash][]byte
}

// lost is the sound of a prompt that is set, and not there until a test adds it.
var lost = tone(100*time.Millisecond, 440)

func (p *prompts) add(alaw []byte) rivage.Hash {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := rivage.Hash(sha256.Sum256(alaw))
	p.sounds[h] = alaw
	return h
}

func (p *prompts) Audio(_ context.Context, h rivage.Hash) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if b, ok := p.sounds[h]; ok {
		return b, nil
	}
	return nil, &rivage.Error{Code: rivage.NotFound, Message: "no such prompt"}
}

// memory keeps recordings as they are written.
type memory struct {
	mu    sync.Mutex
	sinks map[rivage.ID]*sink
	fail  error         // of the next Write
	slow  chan struct{} // sinks open once it is closed; nil: at once
}

type sink struct {
	m         *memory
	sound     []byte
	complete  bool
	destroyed bool
}

func (m *memory) Sink(_ context.Context, _, object rivage.ID) (voice.Sink, error) {
	if m.slow != nil {
		<-m.slow
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s := &sink{m: m}
	m.sinks[object] = s
	return s, nil
}

func (s *sink) Write(sound []byte, last bool) error {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if s.m.fail != nil {
		return s.m.fail
	}
	s.sound, s.complete = append(s.sound, sound...), last
	return nil
}

func (s *sink) End(context.Context) (voice.Captured, error) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	return voice.Captured{Bytes: int64(len(s.sound)), Seconds: int64(len(s.sound)+15999) / 16000, Complete: s.complete}, nil
}

func (s *sink) Destroy(context.Context) error {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.sound, s.destroyed = nil, true
	return nil
}

// Destroy implements voice.Recordings.
func (m *memory) Destroy(_ context.Context, object rivage.ID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sinks, object)
	return nil
}

// length is how much was captured.
func (m *memory) length(object rivage.ID) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.sinks[object]; s != nil {
		return time.Duration(len(s.sound)/16) * time.Millisecond
	}
	return 0
}

// channel is one side of what was captured: 0 the caller, 1 the agent.
func (m *memory) channel(object rivage.ID, n int) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []byte
	for i := n; i < len(m.sinks[object].sound); i += 2 {
		out = append(out, m.sinks[object].sound[i])
	}
	return out
}

// house is a Voice with everything around it scripted.
type house struct {
	*voice.Voice
	floor   *script
	prompts *prompts
	memory  *memory
	gate    *policy.Gate
	busy    atomic.Int64 // seconds that new calls are told to wait
}

const trunkID = "trunk"

// open starts a Voice on one address. At the end nothing of it is left: no leg, goroutine or port.
func open(t *testing.T, at netip.Addr) *house {
	t.Helper()
	before := runtime.NumGoroutine()
	h := &house{floor: &script{more: make(chan struct{}, 1)}, prompts: &prompts{sounds: map[rivage.Hash][]byte{}}, memory: &memory{sinks: map[rivage.ID]*sink{}}, gate: gate(t)}
	network := []netip.Prefix{netip.PrefixFrom(at, 24).Masked()}
	settings := &rivage.Settings{Trunks: map[rivage.ID]*rivage.Trunk{
		trunkID: {ID: trunkID, Networks: network, Media: network, Transport: "udp"},
	}, Prompts: map[rivage.ID]*rivage.Prompt{"lost": {ID: "lost", Audio: rivage.Hash(sha256.Sum256(lost)).String()}}}
	listen := netip.AddrPortFrom(at, 0).String()
	var err error
	h.Voice, err = voice.New(voice.Config{
		Floor: h.floor, Prompts: h.prompts, Recordings: h.memory, Settings: func() *rivage.Settings { return settings },
		Busy: func() int { return int(h.busy.Load()) }, Dial: new(net.Dialer).DialContext,
		Closed: opened[string], ClosedOut: func(_ *rivage.Trunk, class rivage.DataClass) string {
			if class == rivage.ClassHealth {
				return policy.RuleClass
			}
			return ""
		},
		UDP: listen, TCP: listen, Media: at, Ports: [2]uint16{21000, 21999}, Browser: netip.MustParseAddrPort("127.0.0.1:0"),
		Clock: wallClock{time.Now()}, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		eventually(t, "the end of the goroutines", func() bool { return runtime.NumGoroutine() <= before })
	})
	return h
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Errorf("waited in vain for %s", what)
			return
		case <-tick.C:
		}
	}
}

func gate(t *testing.T) *policy.Gate {
	t.Helper()
	table, err := policy.Compile("client", []policy.Rule{{
		ID: "everything", Effect: policy.Allow, Reason: "test", Basis: "test",
		Classes: []rivage.DataClass{policy.Any}, Actions: []rivage.Action{policy.Any}, Modes: []rivage.Mode{policy.Any},
		Zones: []rivage.Zone{policy.Any}, Evidence: []rivage.Evidence{policy.Any}, Purposes: []rivage.Purpose{policy.Any},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return policy.NewGate(policy.Unbounded(), table)
}

// grant asks the gate as the floor does.
func (h *house) grant(t *testing.T, action rivage.Action, target rivage.ID) policy.Grant {
	t.Helper()
	g, d := h.gate.Ask(policy.Request{
		Principal: "client", Action: action, Class: rivage.ClassTracking, Mode: rivage.ModeVoice, Purpose: rivage.PurposeService,
		Place: rivage.Place{Country: "FR", Zone: rivage.ZoneFR, Evidence: rivage.Attested}, Target: target,
	}, time.Now(), time.Minute)
	if !d.Allowed {
		t.Fatalf("the gate refuses %s", action)
	}
	return g
}

func (h *house) do(effects ...floor.Effect) { h.Execute(effects) }

func tone(d time.Duration, hz float64) []byte { return rtp.Tone(d, -10, hz) }

// opened closes no trunk.
func opened[T any](*rivage.Trunk, T) string { return "" }
