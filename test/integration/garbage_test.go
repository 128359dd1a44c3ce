// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// Garbage and oversized packets at every port, from a declared network and from a stranger's, neither stop the process nor
// a call that is placed meanwhile, and leave a handful of entries.
func TestGarbageAtEveryPort(t *testing.T) {
	agent := newPost(t, loopback, "brest-1", seat("brest", 1))
	i := install(t, setup{settings: settings{
		accounts: []account{supervisor("sup"), agent.account("brest", `["colis"]`)},
		edits:    map[string][2]string{"trunks/boucle.toml": {"127.0.0.0/8", "127.0.0.0/16"}},
	}})
	p := i.serve(t)
	agent.open(t, i)
	before := entries(t, i)
	dice := rand.New(rand.NewPCG(5, 7))
	caller := newPhone(t, loopback, i.sip, toneCaller)
	caller.dial(numberParcels, fiction(1))
	caller.answers(t, "the caller")
	caller.sound.mu.Lock()
	media := caller.sound.plan.RTP
	caller.sound.mu.Unlock()

	for _, from := range []netip.Addr{loopback, netip.MustParseAddr("127.9.9.9")} {
		for _, port := range []netip.AddrPort{
			i.sip, i.browser, media, netip.AddrPortFrom(media.Addr(), media.Port()+1), netip.AddrPortFrom(media.Addr(), uint16(i.media[0])),
		} {
			throw(t, dice, from, port, shorter(2000, 300))
		}
		for _, port := range []netip.AddrPort{i.sip, netip.MustParseAddrPort(strings.TrimPrefix(i.base, "https://"))} {
			pour(t, dice, from, port, shorter(20, 5))
		}
	}
	caller.sound.hears(t, "the caller hears the agent", toneAgent)
	agent.sound.hears(t, "the agent hears the caller", toneCaller)
	heard := runs(caller.sound.since(0))
	for _, r := range heard {
		if r.hz == toneCaller || r.hz == toneDeclared {
			t.Errorf("the caller heard %v", heard)
		}
	}
	caller.hangUp()
	agent.ends(t, "the agent")
	agent.dispose(t)
	if !p.running() {
		t.Fatal("the process ended")
	}
	if got, most := entries(t, i)-before, int64(100); got > most {
		t.Errorf("the journal grew by %d entries, want %d at most", got, most)
	}
	if lines := strings.Count(p.text(), "\n"); lines > 200 {
		t.Errorf("the log has %d lines", lines)
	}
	p.stop(t)
	i.check(t)
}

// entries is the length of the journal.
func entries(t testing.TB, i *instance) int64 {
	t.Helper()
	var r struct{ Entries int64 }
	if err := json.Unmarshal([]byte(i.rivage(t, "check", "--json")), &r); err != nil || r.Entries == 0 {
		t.Fatalf("rivage check --json: %v, %+v", err, r)
	}
	return r.Entries
}

// garbage is one packet: noise, or something nearly right, of any size UDP can carry.
func garbage(dice *rand.Rand) []byte {
	size := dice.IntN(1500)
	switch dice.IntN(10) {
	case 0:
		size = 0
	case 1:
		size = 65507 - dice.IntN(3)
	}
	b := make([]byte, size)
	for k := range b {
		b[k] = byte(dice.Uint32())
	}
	nearly := []string{
		"INVITE sip:+33298000001@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\nContent-Length: 99999999\r\n\r\n",
		"INVITE sip:x SIP/2.0\r\n\r\n", "SIP/2.0 200 OK\r\nVia: x\r\n\r\n", "\r\n\r\n", "BYE", "REGISTER sip:a SIP/2.0\r\nFrom: <",
		"\x80\x08\x00\x01", "\x81\xc9\x00\x07", "\x00\x01\x00\x00\x21\x12\xa4\x42", "\x16\xfe\xff\x00\x00", "\x16\x03\x01\x40\x00",
		"GET / HTTP/1.1\r\nHost: " + strings.Repeat("x", 9000), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff",
	}
	if dice.IntN(2) == 0 {
		copy(b, nearly[dice.IntN(len(nearly))])
	}
	return b
}

// throw sends packets of garbage to a UDP port.
func throw(t testing.TB, dice *rand.Rand, from netip.Addr, to netip.AddrPort, count int) {
	t.Helper()
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(from, 0)))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // nothing to lose
	for range count {
		_, _ = c.WriteToUDPAddrPort(garbage(dice), to) // a closed port answers by ICMP
	}
}

// pour opens connections, pours garbage in and leaves without a word.
func pour(t testing.TB, dice *rand.Rand, from netip.Addr, to netip.AddrPort, count int) {
	t.Helper()
	d := net.Dialer{Timeout: patience, LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0))}
	for range count {
		c, err := d.DialContext(t.Context(), "tcp", to.String())
		if err != nil {
			t.Fatalf("connect to %s: %v", to, err)
		}
		_ = c.SetWriteDeadline(time.Now().Add(2 * time.Second))
		for range 20 {
			if _, err := c.Write(garbage(dice)); err != nil {
				break // it was shown the door
			}
		}
		c.Close() //nolint:errcheck // on purpose, in the middle
	}
}

// String names a run in messages.
func (r run) String() string { return fmt.Sprintf("%v Hz for %v", r.hz, r.lasts) }
