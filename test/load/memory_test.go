// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/voice"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/record/vault"
	"rivage.example/rivage/wire/rtp"
	"rivage.example/rivage/wire/sealed"
)

// BenchmarkEstablishedCall is what 500 calls hold of memory that are bridged and recorded, each: two SIP dialogs, two media
// legs, the bridge, the recording with its key, file and the second under way. Desks, journal and floor are not here, and
// telephones are elsewhere or nearly nothing. Both figures are taken after a collection, with SIP's transactions over.
func BenchmarkEstablishedCall(b *testing.B) {
	const calls, some = 500, 20
	for b.Loop() {
		h := openHouse(b, calls+some)
		h.come(b, arrivals{rate: 50, calls: some, stay: time.Second}).end() // what the first call takes is not every call's
		held, rss := h.settled(b)
		uac := h.come(b, arrivals{rate: 50, calls: calls, stay: time.Hour})
		if err := h.phones.wait(b.Context(), calls, time.Minute); err != nil {
			b.Fatal(err)
		}
		fullHeld, fullRSS := h.settled(b)
		b.ReportMetric(float64(fullRSS-rss)/1024/calls, "KB-resident/call")
		b.ReportMetric(float64(fullHeld-held)/1024/calls, "KB-of-Go/call")
		uac.end()
		h.close(b)
	}
}

// house is the voice side and the vault, with a floor that joins whoever calls to an agent.
type house struct {
	*voice.Voice
	phones     *phones
	agents     *peer
	recordings *vault.Recordings
	dir        string
	device     rivage.Device
	gate       *policy.Gate

	mu     sync.Mutex
	callee map[rivage.ID]rivage.ID // the agent's leg → the caller's; guarded by mu
	placed int                     // guarded by mu
}

func openHouse(b *testing.B, calls int) *house {
	b.Helper()
	h := &house{dir: b.TempDir(), callee: map[rivage.ID]rivage.ID{}}
	var err error
	if h.phones, err = openPhones(); err != nil {
		b.Fatal(err)
	}
	h.recordings = openVault(b, filepath.Join(h.dir, "recordings"), calls)
	table, err := policy.Compile("client", []policy.Rule{{
		ID: "all", Effect: policy.Allow, Reason: "measure", Basis: "measure",
		Classes: []rivage.DataClass{policy.Any}, Actions: []rivage.Action{policy.Any}, Modes: []rivage.Mode{policy.Any},
		Zones: []rivage.Zone{policy.Any}, Evidence: []rivage.Evidence{policy.Any}, Purposes: []rivage.Purpose{policy.Any},
	}})
	if err != nil {
		b.Fatal(err)
	}
	h.gate = policy.NewGate(policy.Unbounded(), table)
	at, err := freePort("udp")
	if err != nil {
		b.Fatal(err)
	}
	if h.agents, err = startPhones(h.dir, at, h.phones.addr(ofAgents), 0); err != nil {
		b.Fatal(err)
	}
	all := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	settings := &rivage.Settings{Trunks: map[rivage.ID]*rivage.Trunk{"trunk": {ID: "trunk", Networks: all, Media: all, Transport: "udp"}}}
	h.device = rivage.Device{Kind: floor.DeviceSIP, URI: "sip:agent@" + at, Trunk: "trunk"}
	h.Voice, err = voice.New(voice.Config{
		Floor: h, Prompts: h, Recordings: taker{h.recordings}, Settings: func() *rivage.Settings { return settings }, Busy: func() int { return 0 },
		Dial: new(net.Dialer).DialContext, Closed: func(*rivage.Trunk, string) string { return "" }, ClosedOut: func(*rivage.Trunk, rivage.DataClass) string { return "" }, UDP: "127.0.0.1:0", Media: all[0].Addr().Next(), Ports: [2]uint16{uint16(mediaPorts[0]), uint16(mediaPorts[1])},
		Browser: netip.MustParseAddrPort("127.0.0.1:0"), Clock: clock{time.Now()}, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	return h
}

func (h *house) close(b *testing.B) {
	h.agents.end()
	if err := h.Close(); err != nil {
		b.Error(err)
	}
	if err := h.recordings.Close(b.Context()); err != nil {
		b.Error(err)
	}
	if err := h.phones.end(); err != nil {
		b.Error(err)
	}
}

// come lets calls come, and waits for those that are short.
func (h *house) come(b *testing.B, w arrivals) *peer {
	b.Helper()
	uac, err := startCallers(h.dir, h.UDPAddr().String(), h.phones.addr(ofCallers), w)
	if err != nil {
		b.Fatal(err)
	}
	if w.stay < time.Minute {
		if _, err := uac.wait(b.Context(), func() {}); err != nil {
			b.Fatal(err)
		}
	}
	return uac
}

// settled waits for the end of transactions and gives what Go holds, and what is resident.
func (h *house) settled(b *testing.B) (held, rss int64) {
	b.Helper()
	if err := sleep(b.Context(), lapse); err != nil {
		b.Fatal(err)
	}
	debug.FreeOSMemory() // collects first
	debug.FreeOSMemory() // what a pool kept through the first
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse), resident(os.Getpid())
}

// Post implements voice.Floor.
func (h *house) Post(c floor.Command) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch c := c.(type) {
	case floor.Arrived:
		agent := rivage.NewID()
		h.callee[agent] = c.CallerLeg
		h.Execute([]floor.Effect{floor.AnswerCaller{Leg: c.CallerLeg}, floor.Play{Leg: c.CallerLeg, Play: agent}})
	case floor.Played: // telephones of these runs speak once they are spoken to
		h.Execute([]floor.Effect{floor.Ring{Leg: c.Play, Device: h.device, Grant: h.grant(rivage.ActOffer, c.Play)}})
	case floor.LegAnswered:
		object := rivage.NewID()
		subject := subjectOf(h.placed)
		h.placed++
		h.Execute([]floor.Effect{
			floor.Bridge{Caller: h.callee[c.Leg], Agent: c.Leg, Grant: h.grant(rivage.ActLeg, c.Leg)},
			floor.Record{Caller: h.callee[c.Leg], Agent: c.Leg, Interaction: "i", Principal: "client", Subject: subject, Object: object,
				Grant: h.grant(rivage.ActRecord, object)},
		})
	case floor.LegEnded:
		for agent, caller := range h.callee {
			if caller == c.Leg {
				delete(h.callee, agent)
				h.Execute([]floor.Effect{floor.EndLeg{Leg: agent, Cause: "bye"}})
			}
		}
	}
}

// Audio implements voice.Prompts: a short sentence.
func (h *house) Audio(context.Context, rivage.Hash) ([]byte, error) {
	return rtp.Tone(200*time.Millisecond, -10, 400), nil
}

func (h *house) grant(action rivage.Action, target rivage.ID) policy.Grant {
	g, _ := h.gate.Ask(policy.Request{
		Principal: "client", Action: action, Class: rivage.ClassTracking, Mode: rivage.ModeVoice, Purpose: rivage.PurposeService,
		Place: rivage.Place{Country: "FR", Zone: rivage.ZoneFR, Evidence: rivage.Attested}, Target: target,
	}, time.Now(), time.Minute)
	return g
}

type clock struct{ start time.Time }

func (clock) Now() time.Time           { return time.Now().UTC() }
func (c clock) Elapsed() time.Duration { return time.Since(c.start) }

// keys are the subjects' keys, as the store would give them.
type keys map[rivage.ID]rivage.SubjectKey

func (k keys) SubjectKey(_ context.Context, s rivage.ID) (rivage.SubjectKey, error) {
	if key, ok := k[s]; ok {
		return key, nil
	}
	return rivage.SubjectKey{}, &rivage.Error{Code: rivage.NotFound, Message: "no such subject"}
}

func subjectOf(n int) rivage.ID { return rivage.ID(fmt.Sprintf("subject-%d", n)) }

// openVault opens recordings, with a subject for each call.
func openVault(b *testing.B, dir string, calls int) *vault.Recordings {
	b.Helper()
	known := keys{}
	v, err := vault.New(vault.Config{KEK: vault.NewKEK(), Keys: known, Clock: clock{time.Now()}})
	if err != nil {
		b.Fatal(err)
	}
	var subjects []rivage.ID
	for n := range calls {
		subjects = append(subjects, subjectOf(n))
	}
	made, err := v.Seal(b.Context(), rivage.Append{NewSubjects: subjects})
	if err != nil {
		b.Fatal(err)
	}
	for _, k := range made.Keys {
		known[k.Subject] = k
	}
	r, err := vault.OpenRecordings(v, dir)
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// taker gives the voice side its sinks, as cmd/rivage does.
type taker struct{ recordings *vault.Recordings }

func (t taker) Sink(ctx context.Context, subject, object rivage.ID) (voice.Sink, error) {
	rec, err := t.recordings.Recorder(ctx, subject, sealed.Format{Object: string(object), Encoding: sealed.ALaw, Rate: 8000, Channels: 2})
	if err != nil {
		return nil, err
	}
	return sink{rec}, nil
}

func (t taker) Destroy(_ context.Context, object rivage.ID) error {
	return t.recordings.Destroy(object)
}

type sink struct{ *vault.Recording }

func (s sink) End(ctx context.Context) (voice.Captured, error) {
	c, err := s.Recording.End(ctx)
	return voice.Captured{Bytes: c.Bytes, Seconds: c.Seconds, Cipher: c.Cipher, Complete: c.Complete}, err
}

func (s sink) Destroy(context.Context) error { return nil }
