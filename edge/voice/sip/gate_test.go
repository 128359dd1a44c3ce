// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rivage.example/rivage"
)

// An hour of strangers who knock and of a trunk's address gone wild: other addresses of that trunk and of another one are
// heard all the same, and what is reported is two counts a second for each source and reason, with nobody left out.
func TestAFloodFromOneAddressLeavesTheOthersHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &rivage.Settings{Trunks: map[rivage.ID]*rivage.Trunk{
			"a": {ID: "a", Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
			"b": {ID: "b", Networks: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}},
		}}
		reports, counted := 0, map[rivage.ID]int64{}
		g := newGate(func() *rivage.Settings { return s }, func(r Refused) { reports++; counted[r.Source] += r.Count }, nil)
		wild, stranger := netip.MustParseAddrPort("192.0.2.1:5060"), netip.MustParseAddrPort("203.0.113.9:5060")
		const seconds, knocks = 3600, 20
		refused := int64(0)
		for n := range seconds {
			for range knocks {
				if _, ok := g.hear(stranger); ok {
					t.Fatal("a stranger was heard")
				}
			}
			for range 2 * trunkRate * (n % 300 / 299) { // now and then, twice what a trunk may
				if _, ok := g.hear(wild); !ok {
					refused++
				}
			}
			for _, other := range []string{"192.0.2.2:5060", "198.51.100.1:5060"} {
				if _, ok := g.hear(netip.MustParseAddrPort(other)); !ok {
					t.Fatalf("second %d: %s was not heard", n, other)
				}
			}
			time.Sleep(time.Second)
			synctest.Wait()
		}
		g.tally.close()
		if counted[Stranger] != seconds*knocks || refused == 0 || counted["a"] != refused {
			t.Errorf("counted %v, want %d strangers and %d of a", counted, seconds*knocks, refused)
		}
		if most := 2*seconds + 2*seconds/300; reports > most {
			t.Errorf("%d reports in an hour, want %d at most", reports, most)
		}
	})
}

// A closed trunk's calls are refused at the door, with the reason, in both directions; what is under way goes on.
func TestClosedTrunkIsRefusedAtTheDoor(t *testing.T) {
	var closed atomic.Bool
	var mu sync.Mutex
	count := map[string]int64{}
	var asked []string // numbers and classes
	p, a, tag := established(t, func(c *Config) {
		refuse := func(of string) string {
			if !closed.Load() {
				return ""
			}
			mu.Lock()
			asked = append(asked, of)
			mu.Unlock()
			return "connexion:echue"
		}
		c.Closed = func(_ *rivage.Trunk, number string) string { return refuse(number) }
		c.ClosedOut = func(_ *rivage.Trunk, class rivage.DataClass) string { return refuse(string(class)) }
		c.Refused = func(r Refused) {
			mu.Lock()
			count[string(r.Source)+" "+r.Reason] += r.Count
			mu.Unlock()
		}
	})
	closed.Store(true)
	p.send(strings.NewReplacer("z9hG4bKinv1", "z9hG4bKlate", "Call-ID: one", "Call-ID: late").Replace(invite))
	p.want("SIP/2.0 403", "SIP/2.0 1", "SIP/2.0 200")
	trunk := &rivage.Trunk{ID: "trunk", Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	if _, err := a.call().s.Dial(Target{URI: "sip:x@127.0.0.1:5099", Trunk: trunk, Class: rivage.ClassHealth}, "", nil, nil); rivage.CodeOf(err) != rivage.Denied {
		t.Errorf("called through a closed trunk: %v", err)
	}
	wait(t, "the count of refusals", func() bool { mu.Lock(); defer mu.Unlock(); return count["trunk connexion:echue"] == 2 })
	if len(asked) != 2 || asked[0] == "" || asked[1] != string(rivage.ClassHealth) {
		t.Errorf("asked for %q, want the number that is called, then the class of the device's call", asked)
	}
	hangUp(t, p, a, tag, 2)
}

// Nobody who says what is open: nothing is.
func TestNoWordIsClosed(t *testing.T) {
	s := &Stack{}
	if shut(s.cfg.Closed, &rivage.Trunk{}, "") == "" || shut(s.cfg.ClosedOut, &rivage.Trunk{}, rivage.ClassPublic) == "" {
		t.Error("open without a word")
	}
}

// Each message that comes from a trunk's networks or goes there is counted, both ways; a stranger's is not.
func TestMessagesOfATrunkAreCounted(t *testing.T) {
	var mu sync.Mutex
	count := map[string]int{}
	p, a, tag := established(t, func(c *Config) {
		c.Carried = func(trunk rivage.ID, transport string, out bool, bytes int) {
			mu.Lock()
			defer mu.Unlock()
			if trunk != "trunk" || bytes == 0 {
				t.Errorf("counted %d bytes of %q", bytes, trunk)
			}
			count[transport+map[bool]string{true: " out", false: " in"}[out]]++
		}
	})
	hangUp(t, p, a, tag, 2)
	mu.Lock()
	defer mu.Unlock()
	if count["udp in"] < 3 || count["udp out"] < 2 { // INVITE, ACK, BYE; their answers
		t.Errorf("counted %v", count)
	}
}
