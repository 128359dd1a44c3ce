// SPDX-License-Identifier: EUPL-1.2

package sdp

import (
	"errors"
	"maps"
	"net/netip"
	"strings"
	"testing"
)

func caps() Caps {
	return Caps{Addr: netip.MustParseAddr("198.51.100.7"), Port: 20000, Session: 7, Revision: 1}
}

func parse(t *testing.T, text string) Description {
	t.Helper()
	d, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// offer writes an offer with one audio stream: its formats and attribute lines.
func offer(t *testing.T, addr, formats string, attrs ...string) Description {
	t.Helper()
	text := "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 " + addr + "\r\nt=0 0\r\nm=audio 4000 RTP/AVP " + formats + "\r\n"
	for _, a := range attrs {
		text += "a=" + a + "\r\n"
	}
	return parse(t, text)
}

func TestAnswerNegotiatesCodecs(t *testing.T) {
	tel := func(pt string) string { return "rtpmap:" + pt + " telephone-event/8000" }
	cases := []struct {
		name    string
		formats string
		attrs   []string
		want    Plan
		pt      map[uint8]uint8
	}{
		{"A-law preferred over the offer's order", "0 8 101", []string{tel("101")}, Plan{AudioOut: 8, EventIn: 101, EventOut: 101}, map[uint8]uint8{8: PCMA, 101: Event}},
		{"µ-law alone", "0", nil, Plan{AudioOut: 0, MuLaw: true}, map[uint8]uint8{0: PCMU}},
		{"event number of the offer", "8 126 110", []string{"rtpmap:110 telephone-event/48000", tel("126")}, Plan{AudioOut: 8, EventIn: 126, EventOut: 126}, map[uint8]uint8{8: PCMA, 126: Event}},
		{"dynamic number for A-law", "97 101", []string{"rtpmap:97 pcma/8000/1", tel("101")}, Plan{AudioOut: 97, EventIn: 101, EventOut: 101}, map[uint8]uint8{97: PCMA, 101: Event}},
		{"static number renamed", "8 0", []string{"rtpmap:8 OTHER/8000"}, Plan{MuLaw: true}, map[uint8]uint8{0: PCMU}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ans, p, err := Answer(caps(), offer(t, "192.0.2.1", c.formats, c.attrs...))
			if err != nil {
				t.Fatal(err)
			}
			if p.AudioOut != c.want.AudioOut || p.MuLaw != c.want.MuLaw || p.EventIn != c.want.EventIn || p.EventOut != c.want.EventOut || !maps.Equal(p.PT, c.pt) {
				t.Errorf("got %+v, want %+v with %v", p, c.want, c.pt)
			}
			if got, want := len(ans.Media[0].Formats), len(c.pt); got != want {
				t.Errorf("answered formats: got %d, want %d", got, want)
			}
		})
	}
}

func TestUnservableOffersAreTold(t *testing.T) {
	cases := []struct {
		name string
		d    Description
		want error
	}{
		{"opus only", offer(t, "192.0.2.1", "111", "rtpmap:111 opus/48000/2"), ErrNoCodec},
		{"events only", offer(t, "192.0.2.1", "101", "rtpmap:101 telephone-event/8000"), ErrNoCodec},
		{"secure only", parse(t, browser), ErrNoAudio},
		{"no stream", parse(t, "v=0\no=- 1 1 IN IP4 x\ns=-\n"), ErrNoAudio},
		{"no address", parse(t, "v=0\no=- 1 1 IN IP4 x\ns=-\nm=audio 4000 RTP/AVP 8\n"), ErrMalformed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := Answer(caps(), c.d)
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if got, want := Unacceptable(err), c.want != ErrMalformed; got != want {
				t.Errorf("Unacceptable: got %v, want %v", got, want)
			}
		})
	}
	if _, err := Apply(caps(), parse(t, "v=0\no=- 1 1 IN IP4 x\ns=-\nm=audio 0 RTP/AVP 8\n")); !errors.Is(err, ErrRejected) {
		t.Errorf("refused stream: got %v, want ErrRejected", err)
	}
}

// RFC 3264 section 6.1: what is offered, what we want, what we answer; and section 8.4 for the old hold.
func TestDirections(t *testing.T) {
	cases := []struct{ offered, local, answered string }{
		{"sendrecv", "sendrecv", "sendrecv"},
		{"sendrecv", "sendonly", "sendonly"},
		{"sendrecv", "recvonly", "recvonly"},
		{"sendrecv", "inactive", "inactive"},
		{"sendonly", "sendrecv", "recvonly"},
		{"sendonly", "sendonly", "inactive"},
		{"sendonly", "recvonly", "recvonly"},
		{"sendonly", "inactive", "inactive"},
		{"recvonly", "sendrecv", "sendonly"},
		{"recvonly", "sendonly", "sendonly"},
		{"recvonly", "recvonly", "inactive"},
		{"recvonly", "inactive", "inactive"},
		{"inactive", "sendrecv", "inactive"},
		{"inactive", "sendonly", "inactive"},
		{"inactive", "recvonly", "inactive"},
		{"inactive", "inactive", "inactive"},
	}
	for _, c := range cases {
		t.Run(c.offered+" to "+c.local, func(t *testing.T) {
			local := caps()
			local.Dir, _ = direction(c.local)
			want, _ := direction(c.answered)
			ans, p, err := Answer(local, offer(t, "192.0.2.1", "8", c.offered))
			if err != nil || ans.Media[0].Dir != want || p.Dir != want {
				t.Errorf("got %v and plan %v, %v; want %v", ans.Media[0].Dir, p.Dir, err, want)
			}
			// The offerer, reading our answer, lands on the mirror image.
			peer := caps()
			peer.Dir, _ = direction(c.offered)
			mine, err := Apply(peer, ans)
			if err != nil || mine.Dir != want.Reverse() {
				t.Errorf("offerer: got %v, %v; want %v", mine.Dir, err, want.Reverse())
			}
		})
	}
}

func TestHoldInItsThreeForms(t *testing.T) {
	cases := []struct {
		name string
		d    Description
		want Direction
	}{
		{"sendonly", offer(t, "192.0.2.1", "8", "sendonly"), RecvOnly},
		{"inactive", offer(t, "192.0.2.1", "8", "inactive"), Inactive},
		{"0.0.0.0", offer(t, "0.0.0.0", "8"), RecvOnly},
		{"0.0.0.0 and recvonly", offer(t, "0.0.0.0", "8", "recvonly"), Inactive},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, p, err := Answer(caps(), c.d)
			if err != nil || p.Dir != c.want || !p.Held() {
				t.Errorf("got %v held %v, %v; want %v held", p.Dir, p.Held(), err, c.want)
			}
		})
	}
	if _, p, _ := Answer(caps(), offer(t, "192.0.2.1", "8")); p.Held() {
		t.Error("a plain offer is read as hold")
	}
}

func TestAnswerRefusesOtherStreamsInPlace(t *testing.T) {
	d := parse(t, "v=0\no=- 1 1 IN IP4 x\ns=-\nc=IN IP4 192.0.2.1\nm=video 5000 RTP/AVP 96\nm=audio 5002 RTP/AVP 111\nm=audio 5004 RTP/AVP 8\n")
	ans, p, err := Answer(caps(), d)
	if err != nil {
		t.Fatal(err)
	}
	var ports []uint16
	for _, m := range ans.Media {
		ports = append(ports, m.Port)
	}
	if len(ports) != 3 || ports[0] != 0 || ports[1] != 0 || ports[2] != 20000 || p.RTP.Port() != 5004 {
		t.Errorf("got ports %v to %v; want 0 0 20000 to 5004", ports, p.RTP)
	}
	again := Reoffer(caps(), ans)
	if len(again.Media) != 3 || again.Media[0].Port != 0 || again.Media[2].Port != 20000 || again.Media[0].Kind != "video" {
		t.Errorf("re-offer: got %+v", again.Media)
	}
}

func TestApplyMapsNumbersOfBothSides(t *testing.T) {
	local := caps()
	local.Event = 96
	p, err := Apply(local, offer(t, "192.0.2.1", "0 101", "rtpmap:101 telephone-event/8000"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[uint8]uint8{0: PCMU, 96: Event, 101: Event}
	if !p.MuLaw || p.EventIn != 96 || p.EventOut != 101 || !maps.Equal(p.PT, want) {
		t.Errorf("got %+v, want µ-law, 96 in, 101 out, %v", p, want)
	}
}

func TestRTCPAddress(t *testing.T) {
	cases := []struct {
		name  string
		attrs []string
		want  string
		mux   bool
	}{
		{"next port", nil, "192.0.2.1:4001", false},
		{"a=rtcp port", []string{"rtcp:5001"}, "192.0.2.1:5001", false},
		{"a=rtcp address", []string{"rtcp:5001 IN IP4 192.0.2.2"}, "192.0.2.2:5001", false},
		{"a=rtcp unreadable", []string{"rtcp:x"}, "192.0.2.1:4001", false},
		{"multiplexed", []string{"rtcp-mux"}, "192.0.2.1:4000", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			local := caps()
			local.RTCPMux = true
			ans, p, err := Answer(local, offer(t, "192.0.2.1", "8", c.attrs...))
			_, inAnswer := ans.Media[0].Attr("rtcp-mux")
			if err != nil || p.RTCP.String() != c.want || p.RTCPMux != c.mux || inAnswer != c.mux {
				t.Errorf("got %v mux %v, %v; want %s mux %v", p.RTCP, p.RTCPMux, err, c.want, c.mux)
			}
		})
	}
}

func TestOfferAsText(t *testing.T) {
	want := strings.ReplaceAll(`v=0
o=- 7 1 IN IP4 198.51.100.7
s=-
c=IN IP4 198.51.100.7
t=0 0
m=audio 20000 RTP/AVP 8 0 101
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=ptime:20
a=sendrecv
`, "\n", "\r\n")
	if got := Offer(caps()).String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
