// SPDX-License-Identifier: EUPL-1.2

package webrtc

import (
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"

	"rivage.example/rivage"
)

// chromium is an offer as Chromium writes it, candidates included.
func chromium(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("testdata/chromium.sdp")
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\n", "\r\n")
}

func TestTheAnswerToChromiumIsALawAndEvents(t *testing.T) {
	g := gateway(t, Config{External: netip.MustParseAddr("192.0.2.7")})
	leg, answer, err := g.Answer(t.Context(), chromium(t), Events{})
	if err != nil {
		t.Fatal(err)
	}
	defer leg.Close()
	for _, want := range []string{
		`m=audio \d+ UDP/TLS/RTP/SAVPF 8 126\r\n`, `a=setup:passive`, `a=sendrecv`, `a=rtcp-mux`, `a=ice-ufrag`,
		`a=candidate:.* 192\.0\.2\.7 \d+ typ host`, `a=end-of-candidates`,
	} {
		if !regexp.MustCompile(want).MatchString(answer) {
			t.Errorf("answer lacks %q:\n%s", want, answer)
		}
	}
	if strings.Contains(answer, "127.0.0.1 ") {
		t.Errorf("answer names the inner address:\n%s", answer)
	}
	if pair, ok := leg.plan.PT[126]; !ok || leg.plan.EventOut != 126 || leg.plan.AudioOut != 8 {
		t.Errorf("plan: got %+v (%v), want 8 and 126", leg.plan, pair)
	}
}

func TestCandidatesOfAnOfferAreNotUsed(t *testing.T) {
	o, err := readOffer(chromium(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, left := range []string{"candidate", "198.51.100.9", "extmap", "ssrc:222"} {
		if strings.Contains(o.SDP, left) {
			t.Errorf("the library is given %q", left)
		}
	}
	if !strings.Contains(o.SDP, "ssrc:111") {
		t.Error("the first source is gone")
	}
}

func TestOffersThatCannotBeServedAreRefused(t *testing.T) {
	g := gateway(t, Config{})
	good := chromium(t)
	cut := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the offer has no %q", old)
		}
		return strings.ReplaceAll(good, old, new)
	}
	for name, offer := range map[string]string{
		"empty":            "",
		"no description":   "hello",
		"binary":           "\x00\xff\x16\x03\x01",
		"too long":         good + strings.Repeat("a=x\r\n", maxOffer/5),
		"many attributes":  good + strings.Repeat("a=x\r\n", maxAttributes),
		"many formats":     cut("SAVPF 111", "SAVPF"+strings.Repeat(" 99", 65)),
		"video":            cut("m=audio", "m=video"),
		"two streams":      good + "m=audio 9 UDP/TLS/RTP/SAVPF 8\r\na=mid:1\r\n",
		"data channel":     good + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1\r\n",
		"plain RTP":        cut("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
		"refused":          cut("m=audio 9", "m=audio 0"),
		"opus only":        cut("SAVPF 111 63 9 0 8 13 110 126", "SAVPF 111"),
		"other law":        cut("PCMA/8000", "L16/8000") + "",
		"no fingerprint":   cut("a=fingerprint", "a=nothing"),
		"bad fingerprint":  cut("sha-256 ", "sha-256"),
		"no ufrag":         cut("a=ice-ufrag", "a=nothing"),
		"no password":      cut("a=ice-pwd", "a=nothing"),
		"no mid":           cut("a=mid:0", "a=nothing"),
		"we the DTLS peer": cut("a=setup:actpass", "a=setup:passive"),
	} {
		if name == "other law" {
			offer = strings.ReplaceAll(offer, "PCMU/8000", "L16/8000")
		}
		leg, _, err := g.Answer(t.Context(), offer, Events{})
		if rivage.CodeOf(err) != rivage.Invalid {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
		if leg != nil {
			leg.Close()
		}
		if err != nil && len(err.Error()) > 120 {
			t.Errorf("%s: the error repeats the offer: %v", name, err)
		}
	}
	if got := g.Legs(); got != 0 {
		t.Errorf("refused offers hold %d legs", got)
	}
}

func TestAGatewayNeedsAnEngineAndAnAddress(t *testing.T) {
	g := gateway(t, Config{})
	for name, conf := range map[string]Config{
		"no engine":          {Listen: here},
		"no address":         {Engine: g.conf.Engine},
		"taken port":         {Listen: g.Addr(), Engine: g.conf.Engine},
		"everywhere, port 0": {Listen: netip.MustParseAddrPort("0.0.0.0:0"), Engine: g.conf.Engine},
	} {
		if got, err := New(conf); err == nil {
			got.Close()
			t.Errorf("%s: no error", name)
		}
	}
}

// FuzzOffer answers whatever comes: an error or an answer, no fault, and nothing left behind.
func FuzzOffer(f *testing.F) {
	good := chromium(f)
	f.Add(good)
	f.Add(strings.ReplaceAll(good, "sendrecv", "recvonly"))
	f.Add("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n")
	f.Add(strings.ReplaceAll(good, "a=ssrc:111", "a=ssrc:99999999999"))
	g := gateway(f, Config{})
	f.Fuzz(func(t *testing.T, offer string) {
		leg, answer, err := g.Answer(t.Context(), offer, Events{})
		if (err == nil) != (leg != nil) || (err == nil) != (answer != "") {
			t.Fatalf("leg %v, answer %q, error %v", leg, answer, err)
		}
		if leg != nil {
			leg.Close()
		}
		if g.Legs() != 0 {
			t.Fatal("a leg is left")
		}
	})
}
