// SPDX-License-Identifier: EUPL-1.2

package egress

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"rivage.example/rivage"
)

// passedJournal keeps what passed.
type passedJournal struct {
	opened   []rivage.ConnectionOpened
	measured []rivage.ConnectionMeasured
	down     bool
}

func (j *passedJournal) Append(_ context.Context, a rivage.Append) (rivage.Receipt, error) {
	if j.down {
		return rivage.Receipt{}, errors.New("journal down")
	}
	for _, e := range a.Entries {
		switch f := e.Facts.(type) {
		case *rivage.ConnectionOpened:
			j.opened = append(j.opened, *f)
		case *rivage.ConnectionMeasured:
			j.measured = append(j.measured, *f)
		default:
			return rivage.Receipt{}, errors.New("another kind")
		}
	}
	return rivage.Receipt{}, nil
}

// newUsesGate is a gate with one way to an echo on loopback.
func newUsesGate(t *testing.T) (*Gate, *fakeClock, *passedJournal, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			go func() { _, _ = io.Copy(c, c); c.Close() }()
		}
	}()
	clock, journal := &fakeClock{now: time.Date(2026, 11, 23, 9, 0, 30, 0, time.UTC)}, &passedJournal{}
	g := New(Config{Clock: clock, Journal: journal, Declared: func() []Declared {
		return []Declared{
			{Use: "card:x", Connection: "card:x", Company: "elsewhere", Country: "PT", Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
			{Use: "card:x", Connection: "card:y", Company: "ponant", Country: "FR", Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}},
		}
	}})
	return g, clock, journal, l.Addr().String()
}

func TestEachConnectionIsAnEntryAsItOpensAndAsItCloses(t *testing.T) {
	g, clock, journal, addr := newUsesGate(t)
	c, err := g.Dial(t.Context(), "card:x", "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.uses.flush(t.Context(), false); err != nil || len(journal.opened) != 1 || len(journal.measured) != 0 {
		t.Fatalf("open: %+v, %v", journal, err)
	}
	want := rivage.Passed{
		Connection: "card:y", Direction: Out, Transport: "tcp", Company: "ponant", Country: "FR",
		First: rivage.At(clock.Now()), Last: rivage.At(clock.Now()), Count: 1,
	}
	if journal.opened[0].Passed != want {
		t.Errorf("got %+v, want %+v", journal.opened[0].Passed, want)
	}
	_, _ = c.Write([]byte("hello"))
	if _, err := io.ReadFull(c, make([]byte, 3)); err != nil {
		t.Fatal(err)
	}
	journal.down = true
	_, _ = c.Close(), c.Close()
	if g.uses.flush(t.Context(), false) == nil {
		t.Error("a journal that is down was not reported")
	}
	journal.down = false
	if err := g.uses.flush(t.Context(), false); err != nil || len(journal.measured) != 1 {
		t.Fatalf("closed: %+v, %v", journal, err)
	}
	if m := journal.measured[0]; m.Connection != "card:y" || m.Count != 1 || m.In != 3 || m.Out != 5 {
		t.Errorf("measured %+v", m)
	}
}

// A thousand connections in a minute are a few entries, and none is left out.
func TestManyConnectionsAreFewEntries(t *testing.T) {
	g, clock, journal, addr := newUsesGate(t)
	for range 100 {
		c, err := g.Dial(t.Context(), "card:x", "tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		if err := g.uses.flush(t.Context(), false); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(journal.opened); got != burst {
		t.Errorf("%d entries within the minute, want %d", got, burst)
	}
	clock.advance(time.Minute)
	if err := g.uses.flush(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	var opened, closed int64
	for _, e := range journal.opened {
		opened += e.Count
	}
	for _, e := range journal.measured {
		closed += e.Count
	}
	if opened != 100 || closed != 100 || len(journal.opened) != burst+1 {
		t.Errorf("%d opened and %d closed in %d entries", opened, closed, len(journal.opened))
	}
	if n := len(g.uses.wrote); n != 0 {
		t.Errorf("%d windows are remembered that are over", n)
	}
}

// What nobody opens is said once, when it first comes, and then counted each hour.
func TestAFlowIsSaidOnceAndCountedEachHour(t *testing.T) {
	g, clock, journal, _ := newUsesGate(t)
	for range 5000 {
		g.Carried("card:y", "udp", In, 300)
	}
	g.Carried("card:y", "udp", Out, 100)
	g.Carried("nobody", "udp", In, 1)
	for range 29 * 60 {
		if err := g.uses.flush(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		clock.advance(2 * time.Second)
	}
	if len(journal.opened) != 2 || len(journal.measured) != 0 {
		t.Fatalf("within the hour: %+v", journal)
	}
	clock.advance(2 * time.Minute)
	g.Carried("card:y", "udp", In, 300)
	if err := g.uses.flush(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if len(journal.opened) != 2 || len(journal.measured) != 2 {
		t.Fatalf("after the hour: %+v", journal)
	}
	for _, m := range journal.measured {
		if m.Direction == In && (m.Count != 5000 || m.In != 1500000) || m.Direction == Out && (m.Count != 1 || m.Out != 100) || m.Company != "ponant" {
			t.Errorf("measured %+v", m)
		}
	}
	if err := g.uses.flush(t.Context(), true); err != nil || len(journal.measured) != 3 {
		t.Errorf("at the end: %+v, %v", journal.measured, err)
	}
}
