// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"rivage.example/rivage"
)

// The protocol's own times, 25 times shorter: a lost ACK ends a call after 1.3 s.
func TestMain(m *testing.M) {
	gosip.SetTimers(20*time.Millisecond, 160*time.Millisecond, 200*time.Millisecond)
	os.Exit(m.Run())
}

const patience = 8 * time.Second // of a test for what must come; nothing measures it

const testSDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n"

type wallClock struct{ start time.Time }

func (c wallClock) Now() time.Time         { return time.Now().UTC() }
func (c wallClock) Elapsed() time.Duration { return time.Since(c.start) }

// settings declares one trunk on the whole of 127.0.0.0/8.
func settings(change ...func(*rivage.Trunk)) func() *rivage.Settings {
	t := &rivage.Trunk{ID: "trunk", Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Transport: "udp"}
	for _, f := range change {
		f(t)
	}
	s := &rivage.Settings{Trunks: map[rivage.ID]*rivage.Trunk{t.ID: t}}
	return func() *rivage.Settings { return s }
}

// opened closes no trunk.
func opened[T any](*rivage.Trunk, T) string { return "" }

// open starts a stack and checks at the end that nothing of it is left.
func open(t *testing.T, cfg Config) *Stack {
	t.Helper()
	before := runtime.NumGoroutine()
	cfg.UDP, cfg.TCP, cfg.Clock = "127.0.0.1:0", "127.0.0.1:0", wallClock{time.Now()}
	if cfg.Settings == nil {
		cfg.Settings = settings()
	}
	if cfg.Closed == nil {
		cfg.Closed = opened[string]
	}
	if cfg.ClosedOut == nil {
		cfg.ClosedOut = opened[rivage.DataClass]
	}
	var d net.Dialer
	cfg.Dial = d.DialContext
	if cfg.OnInvite == nil {
		cfg.OnInvite = func(in *Incoming) { in.Reject(404, 0) }
	}
	s, err := Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		wait(t, "calls to end", func() bool { return s.Calls() == 0 })
		if err := s.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Errorf("close: %v", err)
		}
		wait(t, "goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
		if n := s.tcp.streams(); n != 0 {
			t.Errorf("TCP connections left: %d", n)
		}
	})
	return s
}

// wait polls for a condition.
func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
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

// log is a Handler that writes down what it hears.
type log struct {
	mu     sync.Mutex
	events []string
	offers [][]byte
	answer func(offer []byte) ([]byte, error)
	on     func(event string)
	deaf   bool // to ringing: a 180 sent together with its 200 may be overtaken by it
}

func (l *log) add(e string) {
	l.mu.Lock()
	l.events = append(l.events, e)
	l.mu.Unlock()
	if l.on != nil {
		l.on(e)
	}
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.events, " ")
}

func (l *log) Answered(b []byte) { l.add("answered") }
func (l *log) Confirmed()        { l.add("confirmed") }
func (l *log) Digit(b byte)      { l.add("digit:" + string(b)) }

func (l *log) Ringing() {
	if !l.deaf {
		l.add("ringing")
	}
}

func (l *log) Offered(offer []byte) ([]byte, error) {
	l.mu.Lock()
	l.offers = append(l.offers, offer)
	answer := l.answer
	l.mu.Unlock()
	if answer != nil {
		return answer(offer)
	}
	return []byte(testSDP), nil
}

func (l *log) Ended(e Ending) {
	who := "local"
	if e.Remote {
		who = "remote"
	}
	l.add("ended:" + who + ":" + e.Cause)
}

// heard waits until the log holds exactly these events.
func (l *log) heard(t *testing.T, want string) {
	t.Helper()
	wait(t, want+" (heard: "+l.String()+")", func() bool { return l.String() == want })
	if got := l.String(); got != want {
		t.Errorf("heard %q, want %q", got, want)
	}
}
