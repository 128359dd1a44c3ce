// SPDX-License-Identifier: EUPL-1.2

package sdp

import (
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"
)

const phone = "v=0\r\no=alice 2890844526 1 IN IP4 host.example\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" +
	"m=audio 49170 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendonly\r\n"

// browser is the audio part of what a browser writes, shortened.
const browser = "v=0\r\no=- 46117 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 8 126\r\n" +
	"c=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:x\r\na=rtcp-mux\r\na=rtpmap:126 telephone-event/8000\r\n"

func TestParseKeepsWhatACallNeeds(t *testing.T) {
	d, err := Parse([]byte(phone))
	if err != nil {
		t.Fatal(err)
	}
	want := Media{
		Kind: "audio", Port: 49170, Proto: "RTP/AVP", Formats: []string{"8", "0", "101"},
		Addr: netip.MustParseAddr("192.0.2.1"), Dir: SendOnly,
		Attributes: []Attribute{{"rtpmap", "8 PCMA/8000"}, {"rtpmap", "101 telephone-event/8000"}, {"fmtp", "101 0-15"}},
	}
	if len(d.Media) != 1 || !reflect.DeepEqual(d.Media[0], want) {
		t.Errorf("got %+v, want %+v", d.Media, want)
	}
	if d.Origin != (Origin{"alice", 2890844526, 1, "host.example"}) {
		t.Errorf("origin: got %+v", d.Origin)
	}
}

func TestParseInheritsDirectionAndAddressOfTheSession(t *testing.T) {
	d, err := Parse([]byte("v=0\no=- 1 1 IN IP4 x\ns=-\nc=IN IP6 2001:db8::1\na=inactive\nt=0 0\nm=audio 4 RTP/AVP 0\nm=video 6 RTP/AVP 96\nc=IN IP4 192.0.2.9\na=recvonly\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	a, v := d.Media[0], d.Media[1]
	if a.Dir != Inactive || a.Addr != netip.MustParseAddr("2001:db8::1") {
		t.Errorf("audio: got %v %v, want inactive 2001:db8::1", a.Dir, a.Addr)
	}
	if v.Dir != RecvOnly || v.Addr != netip.MustParseAddr("192.0.2.9") {
		t.Errorf("video: got %v %v, want recvonly 192.0.2.9", v.Dir, v.Addr)
	}
}

func TestParseRefusesMalformed(t *testing.T) {
	const head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
	cases := map[string]string{
		"empty":                "",
		"not sdp":              "hello",
		"version later":        "o=- 1 1 IN IP4 x\r\nv=0\r\ns=-\r\n",
		"version twice":        head + "v=0\r\n",
		"version 1":            "v=1\r\no=- 1 1 IN IP4 x\r\ns=-\r\n",
		"no origin":            "v=0\r\ns=-\r\nt=0 0\r\n",
		"origin short":         "v=0\r\no=- 1 IN IP4 x\r\ns=-\r\n",
		"origin not a number":  "v=0\r\no=- x 1 IN IP4 x\r\ns=-\r\n",
		"origin twice":         head + "o=- 1 1 IN IP4 x\r\n",
		"unknown letter":       head + "x=1\r\n",
		"blank inside":         head + "\r\nt=0 0\r\n",
		"host name in c=":      head + "c=IN IP4 evil.example\r\n",
		"multicast":            head + "c=IN IP4 224.2.1.1/127\r\n",
		"multicast, no ttl":    head + "c=IN IP4 224.2.1.1\r\n",
		"family mismatch":      head + "c=IN IP6 192.0.2.1\r\n",
		"zone":                 head + "c=IN IP6 fe80::1%eth0\r\n",
		"port too big":         head + "m=audio 65536 RTP/AVP 8\r\n",
		"port negative":        head + "m=audio -1 RTP/AVP 8\r\n",
		"no formats":           head + "m=audio 4000 RTP/AVP\r\n",
		"nul byte":             head + "a=x\x00y\r\n",
		"bare carriage return": head + "a=x\ry\r\n",
		"too many formats":     head + "m=audio 4000 RTP/AVP" + strings.Repeat(" 8", MaxFormats+1) + "\r\n",
		"too many streams":     head + strings.Repeat("m=audio 4000 RTP/AVP 8\r\n", MaxMedia+1),
		"too many lines":       head + strings.Repeat("a=x\r\n", MaxLines),
		"too big":              head + "a=" + strings.Repeat("x", MaxSize) + "\r\n",
	}
	for name, text := range cases {
		t.Run(name, func(t *testing.T) {
			if d, err := Parse([]byte(text)); !errors.Is(err, ErrMalformed) {
				t.Errorf("got %v, %v; want ErrMalformed", d, err)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(phone))
	f.Add([]byte(browser))
	f.Add([]byte("v=0\no=- 1 1 IN IP6 ::1\ns= \na=inactive\nm=audio 0/2 RTP/AVP 8 x\na=\na=:\n"))
	f.Add([]byte(Offer(caps()).String()))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Parse(b)
		if err != nil {
			return
		}
		again, err := Parse([]byte(d.String()))
		if err != nil && len(b) < MaxSize/2 {
			t.Fatalf("own text refused: %v\n%s", err, d)
		}
		if err == nil && !reflect.DeepEqual(again, d) {
			t.Fatalf("round trip: got %+v, want %+v", again, d)
		}
		ans, plan, err := Answer(caps(), d)
		if err != nil {
			return
		}
		if len(ans.Media) != len(d.Media) {
			t.Fatalf("answer has %d streams for %d", len(ans.Media), len(d.Media))
		}
		if codec := plan.PT[plan.AudioOut]; codec != PCMA && codec != PCMU {
			t.Fatalf("audio out %d is not audio: %+v", plan.AudioOut, plan)
		}
		if _, err := Apply(caps(), ans); err != nil {
			t.Fatalf("own answer refused: %v", err)
		}
	})
}
