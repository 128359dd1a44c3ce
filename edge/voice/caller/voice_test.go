// SPDX-License-Identifier: EUPL-1.2

package caller

import (
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage/wire/rtp"
	"rivage.example/rivage/wire/sdp"
)

// talking opens a voice that talks to a plain socket, in the law of codec.
func talking(t *testing.T, codec uint8, speech []byte) (*voice, *net.UDPConn) {
	t.Helper()
	sock, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	v, err := openVoice(netip.MustParseAddr("127.0.0.1"), speech, 20*ms)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.close(); sock.Close() })
	offer, err := sdp.Parse(v.offer())
	if err != nil {
		t.Fatal(err)
	}
	at := sock.LocalAddr().(*net.UDPAddr).AddrPort()
	answer, _, err := sdp.Answer(sdp.Caps{Audio: []uint8{codec}, Addr: at.Addr(), Port: at.Port()}, offer)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.accept([]byte(answer.String())); err != nil {
		t.Fatal(err)
	}
	v.start()
	return v, sock
}

func next(t *testing.T, sock *net.UDPConn) rtp.Packet {
	t.Helper()
	b := make([]byte, 1500)
	if err := sock.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	n, err := sock.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	p, err := rtp.View(b[:n])
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAVoiceSpeaksWithoutGapsAndHears(t *testing.T) {
	for _, codec := range []uint8{sdp.PCMA, sdp.PCMU} {
		v, sock := talking(t, codec, rtp.Tone(400*ms, -10, 350))
		var audio []byte
		first := next(t, sock)
		seq, ts := first.Seq(), first.TS()
		for len(audio) < 3200 {
			p := next(t, sock)
			seq, ts = seq+1, ts+rtp.FrameSize
			if p.Seq() != seq || p.TS() != ts || p.PT() != codec || len(p.Payload()) != rtp.FrameSize {
				t.Fatalf("packet %d at %d of type %d, want %d at %d", p.Seq(), p.TS(), p.PT(), seq, ts)
			}
			payload := append([]byte(nil), p.Payload()...)
			if codec == sdp.PCMU {
				for i, b := range payload {
					payload[i] = rtp.MuToA[b]
				}
			}
			if isLoud(payload, false) {
				audio = append(audio, payload...)
			}
		}
		if got := rtp.Presence(audio, 350); got < 0.95 {
			t.Errorf("codec %d: presence of 350 Hz %v", codec, got)
		}
		silence := rtp.Silence(20 * ms)
		loud := rtp.Tone(20*ms, -10, 500)
		to := netip.AddrPortFrom(v.caps.Addr, v.caps.Port)
		for i, body := range [][]byte{loud, silence, loud} {
			if codec == sdp.PCMU {
				body = append([]byte(nil), body...)
				for j, b := range body {
					body[j] = rtp.AToMu[b]
				}
			}
			pkt := make([]byte, rtp.HeaderLen)
			rtp.Header{PT: codec, Seq: uint16(i), TS: uint32(i * 160)}.Put(pkt)
			if _, err := sock.WriteToUDPAddrPort(append(pkt, body...), to); err != nil {
				t.Fatal(err)
			}
		}
		eventually(t, "three packets heard", func() bool { _, heard, _ := v.figures(); return heard == 3 })
		if _, _, voices := v.figures(); voices != 2 {
			t.Errorf("codec %d: got %d loud frames, want 2", codec, voices)
		}
	}
}

func TestAVoicePressesAKeyOnce(t *testing.T) {
	v, sock := talking(t, sdp.PCMA, nil)
	next(t, sock)
	v.press('9')
	var reader rtp.EventReader
	keys := ""
	after := 0
	for after < 5 {
		p := next(t, sock)
		switch {
		case p.PT() == 101:
			e, err := rtp.ParseEvent(p.Payload())
			if err != nil {
				t.Fatal(err)
			}
			if k, ok := reader.Take(p.SSRC(), p.TS(), e); ok {
				keys += string(k)
			}
		case keys != "":
			after++
		}
	}
	if keys != "9" {
		t.Errorf("got %q, want 9", keys)
	}
}

func TestAVoiceStaysOnLoopback(t *testing.T) {
	v, err := openVoice(netip.MustParseAddr("127.0.0.1"), nil, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	defer v.close()
	away := strings.ReplaceAll(string(v.offer()), "127.0.0.1", "192.0.2.1")
	if err := v.accept([]byte(away)); !errors.Is(err, errAway) {
		t.Errorf("answer: got %v, want errAway", err)
	}
	if _, status := v.answer([]byte(away)); status != 488 {
		t.Errorf("offer: got %d, want 488", status)
	}
	if _, status := v.answer([]byte(strings.Replace(away, "m=audio", "a=rtcp:5000 IN IP4 192.0.2.1\r\nm=audio", 1))); status != 488 {
		t.Errorf("offer with RTCP away: got %d, want 488", status)
	}
}

func TestTurnsAreTakenAtPausesNotInMusic(t *testing.T) {
	type part struct{ loud, frames int }
	for _, c := range []struct {
		name            string
		parts           []part
		remark          int
		speaks, replies int
	}{
		{"silence", []part{{0, 500}}, 1000, 0, 0},
		{"silence beyond the remark", []part{{0, 500}}, 400, 1, 0},
		{"music", []part{{1, 900}}, 1000, 0, 0},
		{"a sentence in bunches", []part{{5, 3}, {0, 60}}, 1000, 1, 0},
		{"one sentence", []part{{1, 50}, {0, 60}}, 1000, 1, 0},
		{"a cough", []part{{1, 3}, {0, 200}}, 1000, 0, 0},
		{"breath inside a sentence", []part{{1, 50}, {0, 40}, {1, 50}, {0, 40}}, 1000, 0, 0},
		{"two sentences", []part{{1, 50}, {0, 60}, {1, 50}, {0, 60}}, 1000, 2, 1},
		{"music after our remark", []part{{1, 900}}, 400, 2, 0},
	} {
		m := manners{remark: c.remark}
		speaks, replies := 0, 0
		for _, p := range c.parts {
			for range p.frames {
				speak, replied := m.frame(p.loud)
				if speak {
					speaks++
				}
				if replied {
					replies++
				}
			}
		}
		if speaks != c.speaks || replies != c.replies {
			t.Errorf("%s: got %d turns and %d replies, want %d and %d", c.name, speaks, replies, c.speaks, c.replies)
		}
	}
}
