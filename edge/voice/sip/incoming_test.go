// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"rivage.example/rivage"
)

const invite = `
INVITE sip:+33298000001@rivage SIP/2.0
Via: SIP/2.0/UDP {me};branch=z9hG4bKinv1;rport
From: "Appelante" <sip:+33612345678@example>;tag=c1
To: <sip:+33298000001@rivage>
Call-ID: one@{me}
CSeq: 1 INVITE
Contact: <sip:c@{me}>
Max-Forwards: 70

SDP`

// inDialog is a request of the caller inside the dialog.
func inDialog(method, tag string, seq int, rest string) string {
	return fmt.Sprintf(`
%s sip:rivage@127.0.0.1 SIP/2.0
Via: SIP/2.0/UDP {me};branch=z9hG4bK%s%d;rport
From: <sip:+33612345678@example>;tag=c1
To: <sip:+33298000001@rivage>;tag=%s
Call-ID: one@{me}
CSeq: %d %s
Contact: <sip:c@{me}>
Max-Forwards: 70
%s`, method, method, seq, tag, seq, method, rest)
}

// answering is an application that answers each call and keeps its log.
type answering struct {
	log
	mu sync.Mutex
	in *Incoming
}

func (a *answering) take(in *Incoming) {
	a.mu.Lock()
	a.in = in
	a.mu.Unlock()
	in.Handle(&a.log)
	in.Ring()
	in.Answer([]byte(testSDP))
}

func (a *answering) call() *Incoming {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.in
}

// established brings a call up and returns the tag of our side.
func established(t *testing.T, change ...func(*Config)) (*peer, *answering, string) {
	t.Helper()
	a := &answering{}
	cfg := Config{OnInvite: a.take}
	for _, f := range change {
		f(&cfg)
	}
	p := newPeer(t, open(t, cfg))
	p.send(invite)
	p.want("SIP/2.0 180")
	ok := p.want("SIP/2.0 200")
	tag := toTag(ok)
	p.send(inDialog("ACK", tag, 1, ""))
	a.heard(t, "confirmed")
	return p, a, tag
}

func TestIncomingCallIsAnsweredAndEnded(t *testing.T) {
	p, a, tag := established(t)
	in := a.call()
	if in.Number != "+33298000001" || in.Caller != "+33612345678" || in.Trunk != "trunk" || string(in.Offer) != testSDP {
		t.Errorf("got number %q trunk %q offer %q", in.Number, in.Trunk, in.Offer)
	}
	p.send(inDialog("BYE", tag, 2, ""))
	p.want("SIP/2.0 200", "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP "+p.addr()+";branch=z9hG4bKinv1")
	a.heard(t, "confirmed ended:remote:bye")
	p.send(inDialog("BYE", tag, 2, "")) // the same again: the transaction answers
	p.want("SIP/2.0 200")
	p.send(inDialog("BYE", tag, 3, "")) // another one: there is no such dialog any more
	p.want("SIP/2.0 481", "SIP/2.0 200")
}

func TestLostACKEndsTheCallWithBYE(t *testing.T) {
	a := &answering{}
	p := newPeer(t, open(t, Config{OnInvite: a.take}))
	p.send(invite)
	p.want("SIP/2.0 180")
	first := p.want("SIP/2.0 200")
	repeated := 0
	var bye string
	for bye == "" {
		switch got := p.next(); {
		case got == first:
			repeated++
		case strings.HasPrefix(got, "BYE "):
			bye = got
		}
	}
	if repeated < 5 {
		t.Errorf("200 was repeated %d times before BYE, want at least 5", repeated)
	}
	if header(bye, "Call-Id") != header(first, "Call-Id") || !strings.Contains(header(bye, "From"), toTag(first)) {
		t.Errorf("BYE of another dialog:\n%s", bye)
	}
	p.send(answerTo(bye, "200 OK"))
	a.heard(t, "ended:local:no_ack")
}

// answerTo is an answer of ours to a request of the stack.
func answerTo(req, status string, more ...string) string {
	h := headers([]byte(req))
	out := "SIP/2.0 " + status + "\n"
	for _, v := range h["Via"] {
		out += "Via: " + v + "\n"
	}
	to := h.Get("To")
	if !strings.Contains(to, "tag=") {
		to += ";tag=p1"
	}
	out += "From: " + h.Get("From") + "\nTo: " + to + "\nCall-ID: " + h.Get("Call-Id") + "\nCSeq: " + h.Get("Cseq") + "\nContact: <sip:p@{me}>\n"
	return out + strings.Join(more, "")
}

func TestCancelBeforeTheAnswer(t *testing.T) {
	l := &log{}
	p := newPeer(t, open(t, Config{OnInvite: func(in *Incoming) { in.Handle(l); in.Ring() }}))
	p.send(invite)
	p.want("SIP/2.0 180")
	p.send(strings.Replace(strings.Replace(invite, "INVITE", "CANCEL", 2), "\n\nSDP", "\n", 1))
	ok := p.want("SIP/2.0 200")
	if header(ok, "Cseq") != "1 CANCEL" {
		t.Errorf("200 to %q, want to the CANCEL", header(ok, "Cseq"))
	}
	gone := p.want("SIP/2.0 487")
	p.send(strings.Replace(inDialog("ACK", toTag(gone), 1, ""), "z9hG4bKACK1", "z9hG4bKinv1", 1))
	l.heard(t, "ended:remote:cancel")
}

// The CANCEL was there first and the INVITE is answered with 487, while our answer was on its way: the call is over now,
// and not when nobody has acknowledged for half a minute.
func TestCancelThatIsQuickerThanTheAnswer(t *testing.T) {
	l, gate := &log{}, make(chan struct{})
	p := newPeer(t, open(t, Config{OnInvite: func(in *Incoming) {
		in.Handle(l)
		in.Ring()
		in.do("busy", func() { <-gate })
		in.Answer([]byte(testSDP))
	}}))
	p.send(invite)
	p.want("SIP/2.0 180")
	p.send(strings.Replace(strings.Replace(invite, "INVITE", "CANCEL", 2), "\n\nSDP", "\n", 1))
	p.want("SIP/2.0 200")
	gone := p.want("SIP/2.0 487")
	close(gate)
	p.send(strings.Replace(inDialog("ACK", toTag(gone), 1, ""), "z9hG4bKACK1", "z9hG4bKinv1", 1))
	l.heard(t, "ended:remote:cancel")
}

func TestCancelThatCrossesTheAnswerChangesNothing(t *testing.T) {
	p, a, tag := established(t)
	p.send(strings.Replace(strings.Replace(invite, "INVITE", "CANCEL", 2), "\n\nSDP", "\n", 1))
	p.want("SIP/2.0 200", "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP "+p.addr()+";branch=z9hG4bKinv1")
	p.send(inDialog("INFO", tag, 2, "Content-Type: application/dtmf-relay\n\nSignal=7\nDuration=160\n"))
	p.want("SIP/2.0 200")
	a.heard(t, "confirmed digit:7")
	hangUp(t, p, a, tag, 3)
}

func hangUp(t *testing.T, p *peer, a *answering, tag string, seq int) {
	t.Helper()
	p.send(inDialog("BYE", tag, seq, ""))
	for !strings.Contains(header(p.want("SIP/2.0 "), "Cseq"), "BYE") {
	}
	wait(t, "end", func() bool { return strings.HasSuffix(a.String(), "ended:remote:bye") })
}

func TestReINVITEForms(t *testing.T) {
	p, a, tag := established(t)
	for i, sdp := range []string{
		strings.ReplaceAll(testSDP, "\r\n", "\n") + "a=sendonly\n",
		strings.ReplaceAll(testSDP, "\r\n", "\n") + "a=inactive\n",
		strings.ReplaceAll(strings.Replace(testSDP, "IN IP4 127.0.0.1\r\nt", "IN IP4 0.0.0.0\r\nt", 1), "\r\n", "\n"),
		strings.ReplaceAll(strings.Replace(testSDP, "AVP 8", "AVP 0", 1), "\r\n", "\n"),
	} {
		seq := i + 2
		p.send(inDialog("INVITE", tag, seq, "Content-Type: application/sdp\n\n"+sdp))
		for { // repetitions of answers to earlier ones may still be under way
			if ok := p.want("SIP/2.0 200"); header(ok, "Cseq") == fmt.Sprintf("%d INVITE", seq) {
				break
			}
		}
		p.send(inDialog("ACK", tag, seq, ""))
		a.log.mu.Lock()
		got := string(a.offers[i])
		a.log.mu.Unlock()
		if want := strings.ReplaceAll(sdp, "\n", "\r\n"); got != want {
			t.Errorf("offer %d: got %q, want %q", i, got, want)
		}
	}
	hangUp(t, p, a, tag, 10)
}

func TestRefusedReINVITELeavesTheCall(t *testing.T) {
	p, a, tag := established(t)
	a.log.mu.Lock()
	a.answer = func([]byte) ([]byte, error) { return nil, fmt.Errorf("no codec") }
	a.log.mu.Unlock()
	p.send(inDialog("INVITE", tag, 2, "\nSDP"))
	p.want("SIP/2.0 488", "SIP/2.0 200")
	p.send(strings.Replace(inDialog("ACK", tag, 2, ""), "z9hG4bKACK2", "z9hG4bKINVITE2", 1))
	p.send(inDialog("UPDATE", tag, 3, "")) // a refresh
	p.want("SIP/2.0 200", "SIP/2.0 488")
	hangUp(t, p, a, tag, 4)
}

func TestLateOffer(t *testing.T) {
	bare := strings.Replace(invite, "\n\nSDP", "\n", 1)
	for _, c := range []struct{ name, ack, want string }{
		{"answer in the ACK", "\nSDP", "answered confirmed ended:remote:bye"},
		{"no answer in the ACK", "", "ended:local:error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &answering{}
			p := newPeer(t, open(t, Config{OnInvite: a.take}))
			p.send(bare)
			p.want("SIP/2.0 180")
			ok := p.want("SIP/2.0 200")
			if !strings.HasSuffix(ok, testSDP) {
				t.Error("the answer holds no offer")
			}
			tag := toTag(ok)
			p.send(inDialog("ACK", tag, 1, c.ack))
			if c.ack == "" {
				p.send(answerTo(p.want("BYE", "SIP/2.0 200"), "200 OK"))
			} else {
				a.heard(t, "answered confirmed")
				p.send(inDialog("BYE", tag, 2, ""))
			}
			a.heard(t, c.want)
		})
	}
}

func TestGlare(t *testing.T) {
	p, a, tag := established(t)
	a.call().ReInvite([]byte(testSDP))
	ours := p.want("INVITE", "SIP/2.0 200")
	p.send(inDialog("INVITE", tag, 2, "\nSDP"))
	p.want("SIP/2.0 491", "SIP/2.0 200", "INVITE")
	p.send(strings.Replace(inDialog("ACK", tag, 2, ""), "z9hG4bKACK2", "z9hG4bKINVITE2", 1))
	p.send(answerTo(ours, "491 Request Pending"))
	p.want("ACK", "INVITE", "SIP/2.0 491")
	again := p.want("INVITE", "ACK", "SIP/2.0 491")
	for header(again, "Cseq") == header(ours, "Cseq") {
		again = p.want("INVITE", "ACK", "SIP/2.0 491")
	}
	p.send(answerTo(again, "200 OK", "\nSDP"))
	p.want("ACK", "INVITE", "SIP/2.0 491")
	a.heard(t, "confirmed answered")
	p.send(answerTo(again, "200 OK", "\nSDP")) // as if that ACK was lost
	p.want("ACK", "INVITE")
	hangUp(t, p, a, tag, 3)
}

func TestHangUpBeforeTheACKWaitsForIt(t *testing.T) {
	a := &answering{}
	p := newPeer(t, open(t, Config{OnInvite: a.take}))
	p.send(invite)
	p.want("SIP/2.0 180")
	tag := toTag(p.want("SIP/2.0 200"))
	a.call().HangUp()
	p.send(inDialog("ACK", tag, 1, ""))
	p.send(answerTo(p.want("BYE", "SIP/2.0 200"), "200 OK"))
	a.heard(t, "ended:local:bye")
}

func TestINFODigits(t *testing.T) {
	p, a, tag := established(t)
	for i, c := range []struct{ kind, body, status string }{
		{"application/dtmf-relay", "Signal= 5\nDuration=100\n", "200"},
		{"application/dtmf-relay", "Signal=11\nDuration=100\n", "200"},
		{"application/dtmf", "*", "200"},
		{"application/dtmf", "xyz", "400"},
		{"text/plain", "hello", "415"},
	} {
		p.send(inDialog("INFO", tag, i+2, "Content-Type: "+c.kind+"\n\n"+c.body))
		if got := p.want("SIP/2.0 "+c.status, "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP "+p.addr()+";branch=z9hG4bKinv1"); got == "" {
			t.Error("no answer")
		}
	}
	a.heard(t, "confirmed digit:5 digit:# digit:*")
	hangUp(t, p, a, tag, 20)
}

func TestRequestsOfNoDialog(t *testing.T) {
	p := newPeer(t, open(t, Config{}))
	for _, c := range []struct{ request, want string }{
		{inDialog("BYE", "nobody", 2, ""), "SIP/2.0 481"},
		{inDialog("INVITE", "nobody", 3, "\nSDP"), "SIP/2.0 481"},
		{inDialog("UPDATE", "nobody", 4, ""), "SIP/2.0 481"},
		{inDialog("INFO", "nobody", 5, ""), "SIP/2.0 481"},
		{inDialog("OPTIONS", "nobody", 6, ""), "SIP/2.0 481"},
		{strings.Replace(inDialog("OPTIONS", "x", 7, ""), ";tag=x", "", 1), "SIP/2.0 200"},
		{strings.Replace(inDialog("SUBSCRIBE", "x", 8, ""), ";tag=x", "", 1), "SIP/2.0 405"},
		{strings.Replace(invite, "\n\nSDP", "\nRequire: 100rel\n", 1), "SIP/2.0 420"},
		{strings.ReplaceAll(strings.Replace(invite, "\n\nSDP", "\n", 1), "inv1", "inv2"), "SIP/2.0 404"},
	} {
		p.send(c.request)
		p.want(c.want, "SIP/2.0 481", "SIP/2.0 200", "SIP/2.0 405", "SIP/2.0 420")
	}
}

func TestTheSameCallByTwoWaysIsTakenOnce(t *testing.T) {
	p, a, tag := established(t)
	p.send(strings.Replace(invite, "z9hG4bKinv1", "z9hG4bKother", 1))
	p.want("SIP/2.0 482", "SIP/2.0 200")
	hangUp(t, p, a, tag, 2)
}

func TestCallsBeyondTheTrunkAreRefused(t *testing.T) {
	var mu sync.Mutex
	refused := map[Refused]bool{}
	p, a, tag := established(t, func(c *Config) {
		c.Settings = settings(func(t *rivage.Trunk) { t.MaxCalls = 1 })
		c.Refused = func(r Refused) { mu.Lock(); refused[r] = true; mu.Unlock() }
	})
	p.send(strings.NewReplacer("one@", "two@", "inv1", "inv2").Replace(invite))
	if got := p.want("SIP/2.0 503", "SIP/2.0 200"); header(got, "Retry-After") == "" {
		t.Error("503 says no Retry-After")
	}
	hangUp(t, p, a, tag, 2)
	mu.Lock()
	defer mu.Unlock()
	if want := (Refused{"trunk", "too many calls", 1}); !refused[want] {
		t.Errorf("refusals %v, want %v", refused, want)
	}
}

// A full instance whose agents cannot be rung would stay full.
func TestAFullInstanceStillCallsItsAgents(t *testing.T) {
	p, a, tag := established(t, func(c *Config) { c.MaxCalls = 1 })
	p.send(strings.NewReplacer("one@", "two@", "inv1", "inv2").Replace(invite))
	p.want("SIP/2.0 503", "SIP/2.0 200")
	l := &log{}
	_, inv := dial(t, a.call().s, p, l, "")
	p.send(answerTo(inv, "486 Busy Here"))
	p.want("ACK", "INVITE")
	l.heard(t, "ended:remote:busy")
	hangUp(t, p, a, tag, 2)
}

func TestBusyInstanceSaysWhenToComeBack(t *testing.T) {
	p := newPeer(t, open(t, Config{Busy: func() int { return 30 }}))
	p.send(invite)
	if got := header(p.want("SIP/2.0 503"), "Retry-After"); got != "30" {
		t.Errorf("Retry-After %q, want 30", got)
	}
}

func TestStrangersGetNoAnswer(t *testing.T) {
	var mu sync.Mutex
	count := map[string]int64{}
	elsewhere := settings(func(t *rivage.Trunk) { t.Networks = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} })
	s := open(t, Config{Settings: elsewhere, Refused: func(r Refused) {
		mu.Lock()
		count[string(r.Source)+" "+r.Reason] += r.Count
		mu.Unlock()
	}})
	p := newPeer(t, s)
	for range 500 {
		p.send(invite)
	}
	wait(t, "the count", func() bool { mu.Lock(); defer mu.Unlock(); return count["stranger unknown source"] == 500 })
	if got := p.late(nil); got != "" {
		t.Errorf("a stranger was answered %q", got)
	}
}

func TestCallerOf(t *testing.T) {
	for _, c := range []struct {
		name, from, more string
		want             rivage.Phone
	}{
		{"From", `<sip:+33612345678@example>`, "", "+33612345678"},
		{"national number", `<sip:0612345678@example>`, "", "+33612345678"},
		{"tel", `<tel:+33612345678>`, "", "+33612345678"},
		{"asserted by the trunk", `<sip:0100000000@example>`, "P-Asserted-Identity: <sip:+33612345678@x>\n", "+33612345678"},
		{"anonymous", `"Anonymous" <sip:anonymous@anonymous.invalid>`, "", ""},
		{"private though asserted", `<sip:anonymous@anonymous.invalid>`, "P-Asserted-Identity: <sip:+33612345678@x>\nPrivacy: id\n", ""},
		{"a name", `<sip:alice@example>`, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &answering{}
			p := newPeer(t, open(t, Config{OnInvite: func(in *Incoming) { a.mu.Lock(); a.in = in; a.mu.Unlock(); in.Reject(404, 0) }}))
			msg := strings.Replace(invite, `"Appelante" <sip:+33612345678@example>`, c.from, 1)
			p.send(strings.Replace(msg, "\n\nSDP", "\n"+c.more+"\nSDP", 1))
			p.want("SIP/2.0 404")
			if got := a.call().Caller; got != c.want {
				t.Errorf("got %q, want %q", string(got), string(c.want))
			}
		})
	}
}
