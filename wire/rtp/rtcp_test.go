// SPDX-License-Identifier: EUPL-1.2

package rtp

import (
	"errors"
	"testing"
	"time"
)

func report() RTCP {
	r := RTCP{SSRC: 5, Sender: true, NTP: NTP(time.Unix(1700000000, 5e8)), TS: 160, Packets: 10, Octets: 1600, Bye: true, N: 1}
	r.Blocks[0] = Block{SSRC: 9, Fraction: 12, Lost: 34, Highest: 1 << 17, Jitter: 8, LSR: 77, DLSR: 88}
	return r
}

func TestRTCPRoundTrip(t *testing.T) {
	receiver := report()
	receiver.Sender, receiver.NTP, receiver.TS, receiver.Packets, receiver.Octets, receiver.Bye = false, 0, 0, 0, 0, false
	for name, want := range map[string]RTCP{"sender": report(), "receiver": receiver, "empty": {SSRC: 3}} {
		for _, cname := range []string{"", "a", "ab", "abc", "abcd"} {
			b := want.Append(nil, cname)
			var got RTCP
			if err := got.Parse(b); err != nil || got != want || len(b)%4 != 0 {
				t.Errorf("%s, name %q: got %+v, %v; want %+v", name, cname, got, err, want)
			}
		}
	}
}

func TestRTCPRefusesMalformed(t *testing.T) {
	r := report()
	ok := r.Append(nil, "x")
	for name, b := range map[string][]byte{
		"empty": nil, "rtp": packet(Header{PT: 8}, 1, 2, 3), "cut": ok[:len(ok)-4],
		"count beyond packet": {0x9f, typeRR, 0, 1, 0, 0, 0, 1},
		"short report":        {0x80, typeSR, 0, 1, 0, 0, 0, 1},
	} {
		var got RTCP
		if err := got.Parse(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v, want ErrMalformed", name, err)
		}
	}
}

func TestRoundTripTime(t *testing.T) {
	sent := time.Unix(1700000000, 0)
	b := Block{LSR: Middle(NTP(sent)), DLSR: 65536 / 2} // held for half a second
	got, ok := b.RoundTrip(NTP(sent.Add(620 * time.Millisecond)))
	if !ok || (got-120*time.Millisecond).Abs() > time.Millisecond {
		t.Errorf("got %v %v, want 120ms", got, ok)
	}
	if _, ok := (Block{}).RoundTrip(NTP(sent)); ok {
		t.Error("a round trip without an echo")
	}
}

func FuzzRTCP(f *testing.F) {
	r := report()
	f.Add(r.Append(nil, "name"))
	f.Add([]byte{0x80, typeRR, 0, 1, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var got RTCP
		if got.Parse(b) != nil {
			return
		}
		var again RTCP
		if err := again.Parse(got.Append(nil, "x")); err != nil || again != got {
			t.Fatalf("round trip: got %+v, %v; want %+v", again, err, got)
		}
	})
}
