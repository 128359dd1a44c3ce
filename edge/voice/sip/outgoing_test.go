// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"errors"
	"strings"
	"testing"

	"github.com/icholy/digest"

	"rivage.example/rivage"
)

// dial calls the peer and returns the INVITE it got.
func dial(t *testing.T, s *Stack, p *peer, l *log, from rivage.Phone) (*Dialog, string) {
	t.Helper()
	trunk := s.cfg.Settings().Trunks["trunk"]
	d, err := s.Dial(Target{URI: "sip:agent@" + p.addr(), Trunk: trunk}, from, []byte(testSDP), l)
	if err != nil {
		t.Fatal(err)
	}
	return d, p.want("INVITE")
}

func TestOutgoingCall(t *testing.T) {
	s := open(t, Config{})
	p, l := newPeer(t, s), &log{}
	d, inv := dial(t, s, p, l, "+33612345678")
	if got := header(inv, "From"); !strings.HasPrefix(got, "<sip:+33612345678@127.0.0.1>") {
		t.Errorf("From %q", got)
	}
	if !strings.HasSuffix(inv, testSDP) {
		t.Error("the INVITE holds no offer")
	}
	p.send(answerTo(inv, "180 Ringing"))
	l.heard(t, "ringing")
	p.send(answerTo(inv, "200 OK", "\nSDP"))
	ack := p.want("ACK", "INVITE")
	l.heard(t, "ringing answered confirmed")
	p.send(answerTo(inv, "200 OK", "\nSDP")) // our ACK was lost
	if again := p.want("ACK", "INVITE"); again != ack {
		t.Error("the repeated ACK is another one")
	}
	d.HangUp()
	p.send(answerTo(p.want("BYE", "ACK"), "200 OK"))
	l.heard(t, "ringing answered confirmed ended:local:bye")
}

func TestUnknownCallerStaysUnknown(t *testing.T) {
	s := open(t, Config{})
	p, l := newPeer(t, s), &log{}
	_, inv := dial(t, s, p, l, "")
	if got := header(inv, "From"); !strings.HasPrefix(got, "<sip:anonymous@anonymous.invalid>") {
		t.Errorf("From %q", got)
	}
	p.send(answerTo(inv, "603 Decline"))
	p.want("ACK", "INVITE")
	l.heard(t, "ended:remote:declined")
}

func TestOutgoingRefusals(t *testing.T) {
	for status, want := range map[string]string{
		"486 Busy Here": "busy", "600 Busy Everywhere": "busy", "603 Decline": "declined", "480 Gone": "declined",
		"404 Not Found": "error", "503 No": "error", "302 Elsewhere": "error", "401 Who": "declined",
	} {
		t.Run(status, func(t *testing.T) {
			s := open(t, Config{})
			p, l := newPeer(t, s), &log{}
			_, inv := dial(t, s, p, l, "")
			p.send(answerTo(inv, status))
			p.want("ACK", "INVITE")
			l.heard(t, "ended:remote:"+want)
		})
	}
}

func TestDeviceThatDoesNotAnswerAtAll(t *testing.T) {
	s := open(t, Config{})
	p, l := newPeer(t, s), &log{}
	dial(t, s, p, l, "")
	l.heard(t, "ended:remote:error")
}

func TestAnswerWithoutSDPIsEndedAgain(t *testing.T) {
	s := open(t, Config{})
	p, l := newPeer(t, s), &log{}
	_, inv := dial(t, s, p, l, "")
	p.send(answerTo(inv, "200 OK"))
	p.want("ACK", "INVITE")
	p.send(answerTo(p.want("BYE"), "200 OK"))
	l.heard(t, "ended:local:error")
}

func TestCancelOfARingingDevice(t *testing.T) {
	s := open(t, Config{})
	p, l := newPeer(t, s), &log{}
	d, inv := dial(t, s, p, l, "")
	p.send(answerTo(inv, "180 Ringing"))
	l.heard(t, "ringing")
	d.HangUp()
	can := p.want("CANCEL", "INVITE")
	if header(can, "Via") != header(inv, "Via") || header(can, "Cseq") != "1 CANCEL" {
		t.Errorf("CANCEL names another transaction:\n%s", can)
	}
	p.send(answerTo(can, "200 OK"))
	p.send(answerTo(inv, "487 Request Terminated"))
	p.want("ACK", "CANCEL")
	l.heard(t, "ringing ended:local:cancel")
}

func TestCancelWaitsForTheFirstWordOfTheDevice(t *testing.T) {
	s := open(t, Config{})
	p, l := newPeer(t, s), &log{}
	d, inv := dial(t, s, p, l, "")
	d.HangUp()
	l.heard(t, "ended:local:cancel")
	p.send(answerTo(inv, "100 Trying"))
	can := p.want("CANCEL", "INVITE")
	p.send(answerTo(can, "200 OK"))
	p.send(answerTo(inv, "487 Request Terminated"))
	p.want("ACK", "CANCEL", "INVITE")
}

func TestCancelThatCrossesTheDevicesAnswer(t *testing.T) {
	s := open(t, Config{})
	p, l := newPeer(t, s), &log{}
	d, inv := dial(t, s, p, l, "")
	p.send(answerTo(inv, "180 Ringing"))
	l.heard(t, "ringing")
	d.HangUp()
	can := p.want("CANCEL", "INVITE")
	p.send(answerTo(inv, "200 OK", "\nSDP"))
	p.send(answerTo(can, "200 OK"))
	p.want("ACK", "CANCEL")
	p.send(answerTo(p.want("BYE", "ACK", "CANCEL"), "200 OK"))
	l.heard(t, "ringing ended:local:cancel")
}

func TestSecondDeviceThatAnswersIsHungUp(t *testing.T) {
	s := open(t, Config{})
	p, l := newPeer(t, s), &log{}
	d, inv := dial(t, s, p, l, "")
	p.send(answerTo(inv, "200 OK", "\nSDP"))
	p.want("ACK", "INVITE")
	l.heard(t, "answered confirmed")
	p.send(strings.Replace(answerTo(inv, "200 OK", "\nSDP"), "tag=p1", "tag=p2", 1))
	ack := p.want("ACK")
	bye := p.want("BYE")
	if !strings.Contains(header(ack, "To"), "tag=p2") || !strings.Contains(header(bye, "To"), "tag=p2") {
		t.Errorf("ACK to %q, BYE to %q, want both to the second device", header(ack, "To"), header(bye, "To"))
	}
	p.send(answerTo(bye, "200 OK"))
	d.HangUp()
	bye = p.want("BYE", "ACK")
	if !strings.Contains(header(bye, "To"), "tag=p1") {
		t.Errorf("BYE to %q, want to the first device", header(bye, "To"))
	}
	p.send(answerTo(bye, "200 OK"))
	l.heard(t, "answered confirmed ended:local:bye")
}

func TestDeviceBehindADigest(t *testing.T) {
	s := open(t, Config{
		Settings: settings(func(t *rivage.Trunk) { t.Username, t.Secret = "floor", "trunk" }),
		Secret:   func(string) (string, error) { return "s3cret", nil },
	})
	p, l := newPeer(t, s), &log{}
	_, inv := dial(t, s, p, l, "")
	p.send(answerTo(inv, "407 Proxy Authentication Required", "Proxy-Authenticate: Digest realm=\"pbx\", nonce=\"n1\", qop=\"auth\"\n"))
	p.want("ACK", "INVITE")
	again := p.want("INVITE", "ACK")
	c, err := digest.ParseCredentials(header(again, "Proxy-Authorization"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := digest.Digest(&digest.Challenge{Realm: "pbx", Nonce: "n1", QOP: []string{"auth"}},
		digest.Options{Method: "INVITE", URI: c.URI, Username: "floor", Password: "s3cret", Count: c.Nc, Cnonce: c.Cnonce})
	if err != nil || c.Response != want.Response {
		t.Errorf("credentials %v, want %v (%v)", c, want, err)
	}
	if header(again, "Cseq") == header(inv, "Cseq") {
		t.Error("the second INVITE has the number of the first")
	}
	p.send(answerTo(again, "486 Busy Here"))
	p.want("ACK", "INVITE")
	l.heard(t, "ended:remote:busy")
}

func TestRecordRouteIsFollowed(t *testing.T) {
	s := open(t, Config{})
	p, l := newPeer(t, s), &log{}
	d, inv := dial(t, s, p, l, "")
	proxy := newPeer(t, s)
	p.send(answerTo(inv, "200 OK", "Record-Route: <sip:192.0.2.9;lr>, <sip:"+proxy.addr()+";lr>\n", "\nSDP"))
	ack := proxy.want("ACK")
	if got := headers([]byte(ack))["Route"]; len(got) != 2 || !strings.Contains(got[0], proxy.addr()) {
		t.Errorf("Route %q, want the proxy first", got)
	}
	l.heard(t, "answered confirmed")
	d.HangUp()
	proxy.send(answerTo(proxy.want("BYE"), "200 OK"))
	l.heard(t, "answered confirmed ended:local:bye")
}

func TestDialRefusesWhatLeavesTheTrunk(t *testing.T) {
	s := open(t, Config{})
	trunk := s.cfg.Settings().Trunks["trunk"]
	for _, uri := range []string{"sip:a@192.0.2.1", "sip:a@example.org", "sips:a@127.0.0.1", "tel:+33", "sip:a@127.0.0.1?Route=x", "sip:a@[::1]", ""} {
		_, err := s.Dial(Target{URI: uri, Trunk: trunk}, "", nil, &log{})
		var e *rivage.Error
		if !errors.As(err, &e) || e.Code != rivage.Invalid {
			t.Errorf("dial %q: %v, want invalid", uri, err)
		}
	}
}
