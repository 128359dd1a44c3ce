// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

// streamPeer is the other side of a TCP connection.
type streamPeer struct {
	t *testing.T
	c net.Conn
	r *bufio.Reader
}

func newStreamPeer(t *testing.T, c net.Conn) *streamPeer {
	t.Helper()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &streamPeer{t, c, bufio.NewReader(c)}
}

func (p *streamPeer) send(text string) {
	p.t.Helper()
	head, body, _ := strings.Cut(strings.TrimLeft(text, "\n"), "\n\n")
	if body == "SDP" {
		head, body = head+"\nContent-Type: application/sdp", testSDP
	}
	head = strings.ReplaceAll(strings.TrimRight(head, "\n"), "\n", "\r\n")
	msg := fmt.Sprintf("%s\r\nContent-Length: %d\r\n\r\n%s", head, len(body), body)
	msg = strings.ReplaceAll(strings.ReplaceAll(msg, "{me}", p.c.LocalAddr().String()), "SIP/2.0/UDP", "SIP/2.0/TCP")
	if _, err := io.WriteString(p.c, msg); err != nil {
		p.t.Fatal(err)
	}
}

func (p *streamPeer) want(start string) string {
	p.t.Helper()
	for {
		var b strings.Builder
		length := 0
		for {
			line, err := p.r.ReadString('\n')
			if err != nil {
				p.t.Fatalf("nothing came: %v", err)
			}
			b.WriteString(line)
			if v, ok := strings.CutPrefix(line, "Content-Length: "); ok {
				length, _ = strconv.Atoi(strings.TrimSpace(v))
			}
			if line == "\r\n" && b.Len() > 2 {
				break
			}
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(p.r, body); err != nil {
			p.t.Fatal(err)
		}
		b.Write(body)
		if got := b.String(); strings.HasPrefix(got, start) {
			return got
		} else if !strings.HasPrefix(got, "SIP/2.0 100") && !strings.HasPrefix(got, "SIP/2.0 200") {
			p.t.Fatalf("got %q, want %q", firstLine(got), start)
		}
	}
}

func TestIncomingCallOverTCP(t *testing.T) {
	a := &answering{}
	s := open(t, Config{OnInvite: a.take})
	c, err := net.Dial("tcp", s.TCPAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	p := newStreamPeer(t, c)
	if _, err := io.WriteString(c, "\r\n\r\n"); err != nil { // a keep-alive is answered (RFC 5626 section 3.5.1)
		t.Fatal(err)
	}
	pong := make([]byte, 2)
	if _, err := io.ReadFull(p.r, pong); err != nil || string(pong) != "\r\n" {
		t.Fatalf("answer to a keep-alive: %q, %v", pong, err)
	}
	p.send(invite)
	p.want("SIP/2.0 180")
	tag := toTag(p.want("SIP/2.0 200"))
	p.send(inDialog("ACK", tag, 1, ""))
	a.heard(t, "confirmed")
	a.call().HangUp()
	p.send(answerTo(p.want("BYE"), "200 OK")) // on the flow that the caller opened
	a.heard(t, "confirmed ended:local:bye")
}

func TestOutgoingCallOverTCP(t *testing.T) {
	s := open(t, Config{Settings: settings(func(t *rivage.Trunk) { t.Transport = "tcp" })})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	l := &log{}
	d, err := s.Dial(Target{URI: "sip:agent@" + ln.Addr().String(), Trunk: s.cfg.Settings().Trunks["trunk"]}, "", []byte(testSDP), l)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	p := newStreamPeer(t, c)
	inv := p.want("INVITE")
	p.send(answerTo(inv, "200 OK", "\nSDP"))
	p.want("ACK")
	l.heard(t, "answered confirmed")
	d.HangUp()
	p.send(answerTo(p.want("BYE"), "200 OK"))
	l.heard(t, "answered confirmed ended:local:bye")
}

func TestTooLargeForUDPGoesOverTCP(t *testing.T) {
	s := open(t, Config{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	l := &log{}
	big := testSDP + strings.Repeat("a=x:"+strings.Repeat("y", 60)+"\r\n", 20)
	if _, err := s.Dial(Target{URI: "sip:agent@" + ln.Addr().String(), Trunk: s.cfg.Settings().Trunks["trunk"]}, "", []byte(big), l); err != nil {
		t.Fatal(err)
	}
	c, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	p := newStreamPeer(t, c)
	inv := p.want("INVITE")
	if !strings.HasPrefix(header(inv, "Via"), "SIP/2.0/TCP ") || len(inv) <= maxUDP {
		t.Errorf("Via %q, %d bytes", header(inv, "Via"), len(inv))
	}
	p.send(answerTo(inv, "486 Busy Here"))
	p.want("ACK")
	l.heard(t, "ended:remote:busy")
}

func TestLargeIncomingINVITE(t *testing.T) {
	more := "X-Filler: " + strings.Repeat("f", 1500) + "\n"
	big := strings.Replace(invite, "\n\nSDP", "\n"+more+"\nSDP", 1)
	s := open(t, Config{})
	p := newPeer(t, s)
	p.send(big)
	p.want("SIP/2.0 404")
	huge := strings.Replace(strings.ReplaceAll(invite, "inv1", "inv2"), "\n\nSDP", "\n"+strings.Repeat(more, 12)+"\nSDP", 1)
	p.send(huge)
	p.want("SIP/2.0 513", "SIP/2.0 404")
}

func TestStreamsOfOneAddressAreBounded(t *testing.T) {
	s := open(t, Config{})
	var open []net.Conn
	defer func() {
		for _, c := range open {
			_ = c.Close()
		}
	}()
	for range maxStreamsPerAddr + 5 {
		c, err := net.Dial("tcp", s.TCPAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, c)
	}
	last := open[len(open)-1]
	_ = last.SetReadDeadline(time.Now().Add(patience))
	if _, err := last.Read(make([]byte, 1)); err != io.EOF && !strings.Contains(fmt.Sprint(err), "reset") {
		t.Errorf("a connection too many: %v, want it closed", err)
	}
	if n := s.tcp.streams(); n != maxStreamsPerAddr {
		t.Errorf("%d connections, want %d", n, maxStreamsPerAddr)
	}
}
