// SPDX-License-Identifier: EUPL-1.2

package egress

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"rivage.example/rivage"
)

type fakeClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) Elapsed() time.Duration { return time.Duration(c.Now().UnixNano()) }

func (c *fakeClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type fakeJournal struct {
	got  []rivage.EgressRefused
	down bool
}

func (j *fakeJournal) Append(_ context.Context, a rivage.Append) (rivage.Receipt, error) {
	if j.down {
		return rivage.Receipt{}, errors.New("journal down")
	}
	for _, e := range a.Entries {
		f, ok := e.Facts.(*rivage.EgressRefused)
		if !ok || e.Stream != "door" || e.Principal != rivage.Organisation {
			return rivage.Receipt{}, errors.New("not a refusal of the organisation's door")
		}
		j.got = append(j.got, *f)
	}
	return rivage.Receipt{}, nil
}

// fakeResolver gives its answers one after the other: a second look-up gives another address.
type fakeResolver struct {
	answers [][]netip.Addr
	asked   int
}

func (r *fakeResolver) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	r.asked++
	return r.answers[min(r.asked, len(r.answers))-1], nil
}

func newGate(t *testing.T, r Resolver) (*Gate, *fakeClock, *fakeJournal) {
	t.Helper()
	clock, journal := &fakeClock{now: time.Date(2026, 11, 23, 9, 0, 30, 0, time.UTC)}, &fakeJournal{}
	g := New(Config{Clock: clock, Journal: journal, Resolver: r, Declared: func() []Declared {
		return []Declared{
			{Use: "trunk", Hosts: []string{"sip.ponant.example", ".Media.Ponant.example", ""}, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}},
			{Use: "nothing"},
		}
	}})
	return g, clock, journal
}

func TestOnlyWhatIsDeclaredIsReached(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	local, other := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")
	for _, c := range []struct {
		name, use, host string
		resolved        []netip.Addr
		reason          string // "" is connected
	}{
		{"declared address", "trunk", "127.0.0.1", nil, ""},
		{"declared address mapped into IPv6", "trunk", "::ffff:127.0.0.1", nil, ""},
		{"declared name", "trunk", "SIP.ponant.example.", []netip.Addr{local}, ""},
		{"name under a declared one", "trunk", "a.media.ponant.example", []netip.Addr{other, local}, ""},
		{"the declared parent itself", "trunk", "media.ponant.example", []netip.Addr{local}, ReasonHost},
		{"name that only ends alike", "trunk", "evilsip.ponant.example", []netip.Addr{local}, ReasonHost},
		{"declared name at another address", "trunk", "sip.ponant.example", []netip.Addr{other}, ReasonAddress},
		{"no name", "trunk", "", []netip.Addr{local}, ReasonHost},
		{"another address", "trunk", "127.0.0.2", nil, ReasonAddress},
		{"use without a network", "nothing", "127.0.0.1", nil, ReasonAddress},
		{"unknown use", "telemetry", "127.0.0.1", nil, ReasonUse},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, clock, journal := newGate(t, &fakeResolver{answers: [][]netip.Addr{c.resolved}})
			conn, err := g.Dial(t.Context(), c.use, "tcp", net.JoinHostPort(c.host, port))
			if err == nil {
				conn.Close()
			}
			want := rivage.Code("")
			if c.reason != "" {
				want = rivage.Denied
			}
			if got := rivage.CodeOf(err); got != want {
				t.Fatalf("got %q (%v), want %q", got, err, want)
			}
			clock.advance(time.Minute)
			if err := g.out.flush(t.Context(), false); err != nil {
				t.Fatal(err)
			}
			switch {
			case c.reason == "" && len(journal.got) != 0:
				t.Errorf("an allowed connection was counted as refused: %+v", journal.got)
			case c.reason != "" && (len(journal.got) != 1 || journal.got[0].Reason != c.reason || journal.got[0].Use != c.use):
				t.Errorf("got entries %+v, want one of %s for %s", journal.got, c.reason, c.use)
			}
		})
	}
}

func TestTheAddressCheckedIsTheAddressDialled(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	r := &fakeResolver{answers: [][]netip.Addr{{netip.MustParseAddr("127.0.0.1")}, {netip.MustParseAddr("127.0.0.2")}}}
	g, _, _ := newGate(t, r)
	conn, err := g.Dial(t.Context(), "trunk", "tcp", "sip.ponant.example:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got, want := conn.RemoteAddr().String(), "127.0.0.1:"+port; got != want || r.asked != 1 {
		t.Errorf("got %s after %d look-ups, want %s after 1", got, r.asked, want)
	}
}

func TestControlRefusesBeforeAPacketLeaves(t *testing.T) {
	g, _, _ := newGate(t, nil)
	control := g.Control("trunk")
	for addr, want := range map[string]rivage.Code{
		"127.0.0.1:5060": "", "127.0.0.2:5060": rivage.Denied, "[::1]:5060": rivage.Denied, "nonsense": rivage.Denied,
	} {
		if got := rivage.CodeOf(control(t.Context(), "udp", addr, nil)); got != want {
			t.Errorf("%s: got %q, want %q", addr, got, want)
		}
	}
}

func TestRefusalsAreOneEntryForEachUseReasonAndMinute(t *testing.T) {
	g, clock, journal := newGate(t, nil)
	for range 1000 {
		_, _ = g.Dial(t.Context(), "trunk", "tcp", "127.0.0.2:1")
	}
	if err := g.out.flush(t.Context(), false); err != nil || len(journal.got) != 0 {
		t.Fatalf("got %v, %v within the minute, want nothing yet", journal.got, err)
	}
	clock.advance(time.Minute)
	_, _ = g.Dial(t.Context(), "trunk", "tcp", "127.0.0.2:1")
	journal.down = true
	if g.out.flush(t.Context(), false) == nil {
		t.Fatal("a journal that is down was not reported")
	}
	journal.down = false
	if err := g.out.flush(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if len(journal.got) != 2 || journal.got[0].Count != 1000 || journal.got[1].Count != 1 {
		t.Fatalf("got %+v, want 1000 then 1", journal.got)
	}
	if got, want := journal.got[0].Minute.Time(), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("got minute %s, want %s", got, want)
	}
}

// What was counted before the wall clock was set back is written down all the same.
func TestRefusalsAreWrittenDownAfterAStepOfTheClock(t *testing.T) {
	for _, by := range []time.Duration{time.Hour, -time.Hour} {
		g, clock, journal := newGate(t, nil)
		_, _ = g.Dial(t.Context(), "trunk", "tcp", "127.0.0.2:1")
		clock.advance(by)
		if err := g.out.flush(t.Context(), false); err != nil || len(journal.got) != 1 {
			t.Errorf("after a step of %v: %v, %v; want one entry", by, journal.got, err)
		}
	}
}

func TestInventedUsesDoNotFillTheLog(t *testing.T) {
	g, _, journal := newGate(t, nil)
	for i := range 500 {
		_, _ = g.Dial(t.Context(), "use"+string(rune('a'+i%26))+string(rune('a'+i/26)), "tcp", "127.0.0.1:1")
	}
	if err := g.out.flush(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if got := len(journal.got); got > maxKinds+1 {
		t.Errorf("got %d entries, want at most %d", got, maxKinds+1)
	}
	var sum int64
	for _, e := range journal.got {
		sum += e.Count
	}
	if sum != 500 {
		t.Errorf("got %d refusals in all, want 500", sum)
	}
}

// What is declared may change while the gate stands: the next connection follows.
func TestWhatIsDeclaredLaterIsReached(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	first := Declared{Use: "trunk", Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}
	second := Declared{Use: "trunk", Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}
	var now []Declared
	g := New(Config{Clock: &fakeClock{}, Journal: &fakeJournal{}, Declared: func() []Declared { return now }})
	for _, c := range []struct {
		name string
		set  []Declared
		want rivage.Code
	}{
		{"nothing yet", nil, rivage.Denied}, {"another network", []Declared{first}, rivage.Denied},
		{"both", []Declared{first, second}, ""}, {"the one", []Declared{second}, ""}, {"taken away", []Declared{first}, rivage.Denied},
	} {
		now = c.set
		conn, err := g.Dial(t.Context(), "trunk", "tcp", l.Addr().String())
		if err == nil {
			conn.Close()
		}
		if got := rivage.CodeOf(err); got != c.want {
			t.Errorf("%s, dialled: got %q (%v), want %q", c.name, got, err, c.want)
		}
		if got := rivage.CodeOf(g.Control("trunk")(t.Context(), "tcp", l.Addr().String(), nil)); got != c.want {
			t.Errorf("%s, of another's dialer: got %q, want %q", c.name, got, c.want)
		}
	}
}

// What is declared and closed is refused with its reason, by use and by address.
func TestWhatIsClosedIsRefusedWithItsReason(t *testing.T) {
	local := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	for _, c := range []struct {
		name string
		set  []Declared
		want string
	}{
		{"ended", []Declared{{Use: "card:x", Closed: "ended", Networks: local}}, "ended"},
		{"ended beside one for elsewhere", []Declared{
			{Use: "card:x", Closed: "ended", Networks: local}, {Use: "card:x", Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
		}, "ended"},
		{"of another use", []Declared{{Use: "card:y", Networks: local}}, ReasonUse},
	} {
		journal, clock := &fakeJournal{}, &fakeClock{}
		g := New(Config{Clock: clock, Journal: journal, Declared: func() []Declared { return c.set }})
		_, err := g.Dial(t.Context(), "card:x", "tcp", "127.0.0.1:1")
		if rivage.CodeOf(err) != rivage.Denied || rivage.CodeOf(g.Control("card:x")(t.Context(), "tcp", "127.0.0.1:1", nil)) != rivage.Denied {
			t.Errorf("%s: %v", c.name, err)
		}
		if err := g.out.flush(t.Context(), true); err != nil || len(journal.got) != 1 || journal.got[0].Reason != c.want || journal.got[0].Count != 2 {
			t.Errorf("%s: got %+v, %v, want 2 for %s", c.name, journal.got, err, c.want)
		}
	}
}
