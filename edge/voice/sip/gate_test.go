// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"net/netip"
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
		g := newGate(func() *rivage.Settings { return s }, func(r Refused) { reports++; counted[r.Source] += r.Count })
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
