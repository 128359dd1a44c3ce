// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rivage.example/rivage"
)

// torture is what RFC 4475 expects of each message, and what we do. A status of 0 is silence. 404 is what this test's
// application says to a call that reached it, for a number that nobody has: the message was understood.
var torture = []struct {
	file string
	rfc  string // section and expectation
	udp  int
	tcp  int
	why  string // where we differ, or what decided
	torn bool   // on TCP the connection ends after the first answer
	cut  bool   // on TCP the message never ends: the peer gives up
}{
	{file: "valid/wsinv", rfc: "3.1.1.1: understood", udp: 481, tcp: 481, why: "its To has a tag, of a dialog we do not know"},
	{file: "valid/intmeth", rfc: "3.1.1.2: unknown method, 405 or 501", udp: 405, tcp: 405},
	{file: "valid/esc01", rfc: "3.1.1.3: understood, escapes kept apart", udp: 404, tcp: 404},
	{file: "valid/escnull", rfc: "3.1.1.4: REGISTER understood", udp: 405, tcp: 405, why: "we are no registrar"},
	{file: "valid/esc02", rfc: "3.1.1.5: not REGISTER, whatever the escapes say", udp: 405, tcp: 405},
	{file: "valid/lwsdisp", rfc: "3.1.1.6: understood", udp: 200, tcp: 200},
	{file: "valid/longreq", rfc: "3.1.1.7: understood", udp: 404, tcp: 404},
	{file: "valid/dblreq", rfc: "3.1.1.8: the second request of the datagram is ignored", udp: 405, tcp: 405, torn: true,
		why: "we are no registrar; on TCP the second says a wrong length: the connection ends, whether its 400 left or not"},
	{file: "valid/semiuri", rfc: "3.1.1.9: understood", udp: 200, tcp: 200},
	{file: "valid/transports", rfc: "3.1.1.10: understood", udp: 200, tcp: 200},
	{file: "valid/mpart01", rfc: "3.1.1.11: understood", udp: 405, tcp: 405, why: "we serve no MESSAGE"},
	{file: "valid/unreason", rfc: "3.1.1.12: a response, understood", udp: 0, tcp: 0, why: "to nothing we sent"},
	{file: "valid/noreason", rfc: "3.1.1.13: a response, understood", udp: 0, tcp: 0, why: "to nothing we sent"},

	{file: "invalid/badinv01", rfc: "3.1.2.1: 400", udp: 0, tcp: 0, why: "its only Via is the bad field: nowhere to answer to"},
	{file: "invalid/clerr", rfc: "3.1.2.2: 400", udp: 400, tcp: 0, cut: true, why: "on TCP the body never ends"},
	{file: "invalid/ncl", rfc: "3.1.2.3: 400", udp: 400, tcp: 400},
	{file: "invalid/scalar02", rfc: "3.1.2.4: 400", udp: 400, tcp: 400},
	{file: "invalid/scalarlg", rfc: "3.1.2.5: a response, dropped", udp: 0, tcp: 0},
	{file: "invalid/quotbal", rfc: "3.1.2.6: 400", udp: 400, tcp: 400},
	{file: "invalid/ltgtruri", rfc: "3.1.2.7: 400", udp: 400, tcp: 400},
	{file: "invalid/lwsruri", rfc: "3.1.2.8: 400", udp: 400, tcp: 400},
	{file: "invalid/lwsstart", rfc: "3.1.2.9: 400", udp: 400, tcp: 400},
	{file: "invalid/trws", rfc: "3.1.2.10: 400, or accepted", udp: 400, tcp: 400},
	{file: "invalid/escruri", rfc: "3.1.2.11: 400", udp: 400, tcp: 400},
	{file: "invalid/baddate", rfc: "3.1.2.12: the bad Date is ignored", udp: 404, tcp: 404},
	{file: "invalid/regbadct", rfc: "3.1.2.13: 400 from a registrar", udp: 405, tcp: 405, why: "we are no registrar"},
	{file: "invalid/badaspec", rfc: "3.1.2.14: 400, or accepted", udp: 400, tcp: 400},
	{file: "invalid/baddn", rfc: "3.1.2.15: 400, or accepted", udp: 400, tcp: 0, cut: true, why: "the file lacks the empty line; on TCP we wait for it"},
	{file: "invalid/badvers", rfc: "3.1.2.16: 505", udp: 505, tcp: 505},
	{file: "invalid/mismatch01", rfc: "3.1.2.17: 400", udp: 400, tcp: 400},
	{file: "invalid/mismatch02", rfc: "3.1.2.18: 400 or 501", udp: 400, tcp: 400},
	{file: "invalid/bigcode", rfc: "3.1.2.19: a response, dropped", udp: 0, tcp: 0},

	{file: "invalid/badbranch", rfc: "3.2.1: 400, or as RFC 2543", udp: 400, tcp: 400},

	{file: "invalid/insuf", rfc: "3.3.1: 400", udp: 400, tcp: 400},
	{file: "invalid/unkscm", rfc: "3.3.2: 416", udp: 416, tcp: 416},
	{file: "invalid/novelsc", rfc: "3.3.3: 416", udp: 416, tcp: 416},
	{file: "invalid/unksm2", rfc: "3.3.4: REGISTER refused, 400", udp: 405, tcp: 405, why: "we are no registrar"},
	{file: "invalid/bext01", rfc: "3.3.5: 420 with Unsupported", udp: 420, tcp: 420},
	{file: "invalid/invut", rfc: "3.3.6: 415 with Accept", udp: 415, tcp: 415},
	{file: "invalid/regaut01", rfc: "3.3.7: 401, or accepted", udp: 405, tcp: 405, why: "we are no registrar"},
	{file: "invalid/multi01", rfc: "3.3.8: 400", udp: 400, tcp: 400},
	{file: "invalid/mcl01", rfc: "3.3.9: 400, connection closed", udp: 400, tcp: 400},
	{file: "invalid/bcast", rfc: "3.3.10: a response, dropped", udp: 0, tcp: 0},
	{file: "invalid/zeromf", rfc: "3.3.11: not forwarded; the end of the way answers", udp: 200, tcp: 200},
	{file: "invalid/cparam01", rfc: "3.3.12: REGISTER understood", udp: 405, tcp: 405, why: "we are no registrar"},
	{file: "invalid/cparam02", rfc: "3.3.13: REGISTER understood", udp: 405, tcp: 405, why: "we are no registrar"},
	{file: "invalid/regescrt", rfc: "3.3.14: REGISTER understood", udp: 405, tcp: 405, why: "we are no registrar"},
	{file: "invalid/sdp01", rfc: "3.3.15: 406, or 415 and 488", udp: 406, tcp: 406},

	{file: "invalid/inv2543", rfc: "3.4.1: understood by who speaks RFC 2543", udp: 400, tcp: 400,
		why: "no branch and no From tag: we know of no such peer, and could not tell its calls apart; on TCP it also lacks Content-Length"},

	{file: "invalid/test", rfc: "not part of the RFC", udp: 0, tcp: 0, why: "no Via"},
}

// A trunk behind a NAT: answers come back to this socket whatever name the message gives its sender.
func tortureStack(t *testing.T) (*Stack, func() int) {
	var mu sync.Mutex
	calls := 0
	s := open(t, Config{
		Settings: settings(func(t *rivage.Trunk) { t.NAT = true }),
		OnInvite: func(in *Incoming) {
			mu.Lock()
			calls++
			mu.Unlock()
			in.Reject(404, 0)
		},
	})
	return s, func() int { mu.Lock(); defer mu.Unlock(); return calls }
}

func TestRFC4475OverUDP(t *testing.T) {
	s, calls := tortureStack(t)
	want := 0
	for _, m := range torture {
		t.Run(m.file, func(t *testing.T) {
			p := newPeer(t, s)
			p.sendRaw(readTorture(t, m.file))
			if m.udp == 404 {
				want++
			}
			p.sendRaw(fence(p.addr()))
			got := p.statusesUntilFence()
			if w := statuses(m.udp); got != w {
				t.Errorf("%s (RFC 4475 %s): answers %q, want %q", m.file, m.rfc, got, w)
			}
		})
	}
	if calls() != want {
		t.Errorf("the application was asked about %d calls, want %d", calls(), want)
	}
}

func TestRFC4475OverTCP(t *testing.T) {
	s, _ := tortureStack(t)
	for _, m := range torture {
		t.Run(m.file, func(t *testing.T) {
			c, err := net.Dial("tcp", s.TCPAddr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
				t.Fatal(err)
			}
			b := append(readTorture(t, m.file), fence("192.0.2.1:5060")...)
			if _, err := c.Write(b); err != nil {
				t.Fatal(err)
			}
			if m.cut {
				if err := c.(*net.TCPConn).CloseWrite(); err != nil {
					t.Fatal(err)
				}
			}
			want := statuses(m.tcp)
			got := readStatuses(c, len(strings.Fields(want)))
			if m.torn {
				got = strings.TrimSuffix(got, " 400")
			}
			if got != want {
				t.Errorf("%s (RFC 4475 %s): answers %q, want %q", m.file, m.rfc, got, want)
			}
		})
	}
}

// Each message of the folder stands in the table, and the other way round.
func TestRFC4475TableIsComplete(t *testing.T) {
	files, err := filepath.Glob("testdata/rfc4475/*/*.dat")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(torture) {
		t.Errorf("%d messages, %d rows", len(files), len(torture))
	}
	for _, m := range torture {
		readTorture(t, m.file)
	}
}

func readTorture(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/rfc4475/" + name + ".dat")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func statuses(list ...int) string {
	var out []string
	for _, s := range list {
		if s != 0 {
			out = append(out, fmt.Sprint(s))
		}
	}
	return strings.Join(out, " ")
}

// fence is a request whose answer tells that what was sent before it was read.
func fence(from string) []byte {
	return fmt.Appendf(nil, "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bKfence%s;rport\r\n"+
		"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: fence@%s\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n", from, rivage.NewID(), from)
}

// readStatuses reads answers from a stream until it ends, or until the fence is answered and as many as wanted are
// here: messages are handled side by side. 100 and the fence's own do not count.
func readStatuses(r io.Reader, want int) string {
	var out []string
	status, fenced := "", false
	br := bufio.NewReader(r)
	for {
		line, err := br.ReadString('\n')
		if err != nil {
			return strings.Join(out, " ")
		}
		if f := strings.Fields(line); len(f) > 1 && f[0] == "SIP/2.0" {
			status = f[1]
		}
		if strings.HasPrefix(line, "Via:") && strings.Contains(line, "branch=z9hG4bKfence") {
			status, fenced = "", true
		}
		if line == "\r\n" && status != "" && status != "100" {
			out = append(out, status)
		}
		if line == "\r\n" && fenced && len(out) >= want {
			return strings.Join(out, " ")
		}
	}
}

func headers(b []byte) textproto.MIMEHeader {
	_, rest, _ := bytes.Cut(b, []byte("\r\n"))
	h, _ := textproto.NewReader(bufio.NewReader(bytes.NewReader(rest))).ReadMIMEHeader()
	return h
}
