// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// peer is the other side of a dialog, message by message, for what no well-behaved program does.
type peer struct {
	t  *testing.T
	c  *net.UDPConn
	to *net.UDPAddr
}

func newPeer(t *testing.T, s *Stack) *peer {
	t.Helper()
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &peer{t, c, net.UDPAddrFromAddrPort(s.UDPAddr())}
}

func (p *peer) addr() string { return p.c.LocalAddr().String() }

func (p *peer) sendRaw(b []byte) {
	p.t.Helper()
	if _, err := p.c.WriteTo(b, p.to); err != nil {
		p.t.Fatal(err)
	}
}

// send writes a message given with LF line ends; {me} is our address, and the length is filled in.
func (p *peer) send(text string) {
	p.t.Helper()
	head, body, _ := strings.Cut(strings.TrimLeft(text, "\n"), "\n\n")
	body = strings.ReplaceAll(body, "\n", "\r\n")
	if body == "SDP" {
		head, body = head+"\nContent-Type: application/sdp", testSDP
	}
	head = strings.ReplaceAll(strings.TrimRight(head, "\n"), "\n", "\r\n")
	msg := fmt.Sprintf("%s\r\nContent-Length: %d\r\n\r\n%s", head, len(body), body)
	p.sendRaw([]byte(strings.ReplaceAll(msg, "{me}", p.addr())))
}

// next is the next message to us.
func (p *peer) next() string {
	p.t.Helper()
	b := make([]byte, 65536)
	if err := p.c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		p.t.Fatal(err)
	}
	n, err := p.c.Read(b)
	if err != nil {
		p.t.Fatalf("nothing came: %v", err)
	}
	return string(b[:n])
}

// want skips 100 Trying and repetitions of what was seen, and wants a message that begins so.
func (p *peer) want(start string, seen ...string) string {
	p.t.Helper()
	for {
		got := p.next()
		if strings.HasPrefix(got, start) {
			return got
		}
		skip := strings.HasPrefix(got, "SIP/2.0 100")
		for _, s := range seen {
			skip = skip || strings.HasPrefix(got, s)
		}
		if !skip {
			p.t.Fatalf("got %q, want %q", firstLine(got), start)
		}
	}
}

func (p *peer) statusesUntilFence() string {
	p.t.Helper()
	var out []string
	for {
		got := p.next()
		status := strings.Fields(firstLine(got))[1]
		switch {
		case strings.Contains(got, "branch=z9hG4bKfence"):
			if late := p.late(out); late != "" {
				out = append(out, late)
			}
			return strings.Join(out, " ")
		case status == "100" || len(out) > 0 && out[len(out)-1] == status: // trying, or a repetition
		default:
			out = append(out, status)
		}
	}
}

// late waits a moment for an answer that the fence overtook: messages are handled side by side.
func (p *peer) late(seen []string) string {
	b := make([]byte, 65536)
	if len(seen) > 0 {
		return ""
	}
	_ = p.c.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	for {
		n, err := p.c.Read(b)
		if err != nil {
			return ""
		}
		if status := strings.Fields(firstLine(string(b[:n])))[1]; status != "100" {
			return status
		}
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\r\n")
	return line
}

// header is the value of a field of a message.
func header(msg, name string) string { return headers([]byte(msg)).Get(name) }

// toTag is the tag that the stack gave itself.
func toTag(msg string) string {
	_, tag, _ := strings.Cut(header(msg, "To"), "tag=")
	tag, _, _ = strings.Cut(tag, ";")
	return tag
}
