// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/rtp"
	"rivage.example/rivage/wire/sdp"
)

// Speech that comes from an address which the trunk does not declare is counted, and heard by neither party: not before
// the caller's first word, while the port still waits for its peer, nor in the middle of the conversation.
func TestStrangersAreCountedAndNotHeard(t *testing.T) {
	t.Parallel()
	agent := newPost(t, loopback, "brest-1", seat("brest", 1))
	i := install(t, setup{settings: settings{
		accounts: []account{supervisor("sup"), agent.account("brest", `["colis"]`)},
		edits:    map[string][2]string{"trunks/boucle.toml": {`media = ["127.0.0.0/8"]`, `media = ["127.0.0.1/32"]`}},
	}})
	i.serve(t)
	sup := i.enrol(t, "sup", seat("brest", 200))
	agent.open(t, i)

	const early = 100
	caller := newPhone(t, loopback, i.sip, toneCaller)
	caller.sound.mute(true)
	caller.dial(numberParcels, fiction(1))
	caller.answers(t, "the caller")
	caller.sound.hears(t, "the caller hears the agent", toneAgent)
	intrude(t, caller.sound.peer(t), early)
	caller.sound.mute(false)
	agent.sound.hears(t, "the agent hears the caller", toneCaller)
	for _, s := range []*sound{caller.sound, agent.sound} {
		intrude(t, s.peer(t), 200)
	}
	caller.sound.hears(t, "the caller still hears the agent", toneAgent)
	agent.sound.hears(t, "the agent still hears the caller", toneCaller)
	for who, s := range map[string]*sound{"caller": caller.sound, "agent": agent.sound} {
		if heard := runs(s.since(0)); lasting(heard, toneAside) != 0 {
			t.Errorf("the %s heard the stranger: %v", who, heard)
		}
	}
	id := agent.interaction(t)
	caller.hangUp()
	agent.ends(t, "the agent")
	agent.dispose(t)
	var measured any
	until(t, "the caller's leg is measured", func() bool {
		for _, e := range sup.detail(t, id).Story {
			if e.Kind == rivage.KindLegMeasured && e.Facts["agent"] == nil {
				measured = e.Facts["strangers"]
			}
		}
		return measured != nil
	})
	if measured != float64(early) { // of the later ones the kernel lets none through
		t.Errorf("the caller's leg counted %v packets of strangers, want %d", measured, early)
	}
	i.process.stop(t)
	i.check(t)
}

// peer is where the party speaks to: a port of the instance.
func (s *sound) peer(t testing.TB) netip.AddrPort {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.plan == nil {
		t.Fatal("the party has nobody to speak to")
	}
	return s.plan.RTP
}

// intrude sends well-formed speech from an address that no trunk declares.
func intrude(t testing.TB, to netip.AddrPort, packets int) {
	t.Helper()
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.9.9.9:0")))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // nothing to lose
	says := rtp.Tone(time.Second, loudness, toneAside)
	b := make([]byte, rtp.HeaderLen+rtp.FrameSize)
	for n := range packets {
		rtp.Header{PT: sdp.PCMA, Seq: uint16(n), TS: uint32(n * rtp.FrameSize), SSRC: 666}.Put(b)
		copy(b[rtp.HeaderLen:], says[n*rtp.FrameSize%len(says):])
		_, _ = c.WriteToUDPAddrPort(b, to) // a connected socket answers by ICMP
	}
}

// Descriptions that cannot be read or served are refused with their status, each costs the log nothing, and the next
// call is taken as if nothing had been.
func TestMalformedDescriptionsAreRefused(t *testing.T) {
	agent := newPost(t, loopback, "brest-1", seat("brest", 1))
	i := install(t, setup{settings: settings{accounts: []account{agent.account("brest", `["colis"]`)}}})
	p := i.serve(t)
	agent.open(t, i)
	// The first message of each direction is written within a second, once for all that follow, whatever it holds.
	before := entries(t, i) + 2
	newPhone(t, loopback, i.sip, toneCaller).invite(numberParcels, fiction(1), []byte("hello"))
	until(t, "the first message of each direction is written", func() bool { return entries(t, i) == before })
	const head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
	for _, c := range []struct {
		name, text string
		want       int
	}{
		{"not a description", "hello", 400},
		{"noise", "\x00\x01\xff\xfe\r\n\r\n", 400},
		{"no version", strings.TrimPrefix(head, "v=0\r\n") + "m=audio 4000 RTP/AVP 8\r\n", 400},
		{"another version", strings.Replace(head, "v=0", "v=1", 1) + "m=audio 4000 RTP/AVP 8\r\n", 400},
		{"no origin", "v=0\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n", 400},
		{"address that is none", strings.Replace(head, "c=IN IP4 127.0.0.1", "c=IN IP4 127.0.0.300", 1) + "m=audio 4000 RTP/AVP 8\r\n", 400},
		{"port that is none", head + "m=audio 70000 RTP/AVP 8\r\n", 400},
		{"too many lines", head + "m=audio 4000 RTP/AVP 8\r\n" + strings.Repeat("a=x\r\n", 2000), 400},
		{"longer than any message", head + "m=audio 4000 RTP/AVP 8\r\n" + strings.Repeat("a=x\r\n", 5000), 513},
		{"payload type that is none", head + "m=audio 4000 RTP/AVP 200\r\n", 488},
		{"no media", head, 488},
		{"video only", head + "m=video 4000 RTP/AVP 96\r\n", 488},
		{"no codec of ours", head + "m=audio 4000 RTP/AVP 111\r\na=rtpmap:111 opus/48000/2\r\n", 488},
	} {
		t.Run(c.name, func(t *testing.T) {
			caller := newPhone(t, loopback, i.sip, toneCaller)
			caller.invite(numberParcels, fiction(1), []byte(c.text))
			until(t, "an answer", func() bool { return caller.state().status != 0 })
			if got := caller.state().status; got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
	if got := entries(t, i) - before; got != 0 {
		t.Errorf("the journal grew by %d entries, want none", got)
	}
	caller := newPhone(t, loopback, i.sip, toneCaller)
	talk(t, caller, agent, fiction(2))
	caller.hangUp()
	agent.ends(t, "the agent")
	agent.dispose(t)
	p.stop(t)
	i.check(t)
}
