// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gosip "github.com/emiago/sipgo/sip"
)

var here = sighting{from: netip.MustParseAddrPort("192.0.2.7:5062")}

// What passes the screen is one plain message that the library reads, whatever came; what does not is answered with
// one well-formed refusal, or not at all.
func FuzzScreen(f *testing.F) {
	files, err := filepath.Glob("testdata/rfc4475/*/*.dat")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(strings.ReplaceAll(invite, "\n", "\r\n")))
	parser := gosip.NewParser()
	f.Fuzz(func(t *testing.T, b []byte) {
		got := readDatagram(bytes.Clone(b), here)
		if got.plain != nil && got.answer != nil {
			t.Fatal("passed and refused at once")
		}
		if out := got.answer; out != nil { // it repeats bad fields as they were, but it is one answer
			if headEnd(out) != len(out) || !bytes.HasPrefix(out, []byte("SIP/2.0 ")) || !got.to.IsValid() {
				t.Fatalf("not one answer to somebody:\n%q", out)
			}
		}
		if out := got.plain; out != nil {
			msg, err := parser.ParseSIP(out)
			if err != nil {
				t.Fatalf("unreadable: %v\n%q", err, out)
			}
			if end := headEnd(out); end < 0 || len(out)-end != len(msg.Body()) {
				t.Fatalf("length is wrong:\n%q", out)
			}
		}
		if got.plain != nil {
			if again := readDatagram(bytes.Clone(got.plain), here); again.plain == nil {
				t.Fatalf("plain form does not pass:\n%q", got.plain)
			}
		}
		if req, ok := mustParse(parser, got.plain).(*gosip.Request); ok {
			if req.From() == nil || req.To() == nil || req.CallID() == nil || req.CSeq() == nil || req.Via() == nil {
				t.Fatalf("a field that everybody relies on is missing:\n%q", got.plain)
			}
			if strings.Contains(req.To().Address.Host, "\r") || req.CSeq().MethodName != req.Method {
				t.Fatalf("read otherwise than judged:\n%q", got.plain)
			}
			callerOf(req)
			dialled(req)
		}
	})
}

func mustParse(p *gosip.Parser, b []byte) gosip.Message {
	if b == nil {
		return nil
	}
	m, _ := p.ParseSIP(b)
	return m
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{
		`"A, B" <sip:a@b;lr>;tag=1`, `sip:a@b;tag=2`, `<sip:[::1]:5060>`, `"x\"y" <sips:a:b@c?d=e>`, `a b <tel:+331>`, `*`, `<`, `"`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, ok := readAddress(s)
		if !ok {
			return
		}
		b, ok := readAddress(a.String())
		if !ok || b.uri != a.uri || b.tag != a.tag {
			t.Errorf("%q was read as %+v, and its plain form as %+v (%v)", s, a, b, ok)
		}
	})
}

func TestReadAddress(t *testing.T) {
	for _, c := range []struct {
		in   string
		want address
		ok   bool
	}{
		{`"Bell, Alexander" <sip:a.g.bell@bell-tel.com>;tag=7`, address{"Bell, Alexander", "sip:a.g.bell@bell-tel.com", "7"}, true},
		{`caller<sip:caller@example.com>;tag=323`, address{"caller", "sip:caller@example.com", "323"}, true},
		{`sip:caller@example.com ;  tag  = 323`, address{"", "sip:caller@example.com", "323"}, true},
		{`"say \"hi\"" <sip:a@b>`, address{"", "sip:a@b", ""}, true},
		{`<sip:a@[2001:db8::1]:5060>`, address{"", "sip:a@[2001:db8::1]:5060", ""}, true},
		{`Bell, Alexander <sip:a@b>`, address{}, false},
		{`"unclosed <sip:a@b>`, address{}, false},
		{`"A" < sip:a@b >`, address{}, false},
		{`sip:a@b?Route=x`, address{}, false},
		{`<sip:a@b:99999>`, address{}, false},
		{`<sip:@b>`, address{}, false},
		{``, address{}, false},
	} {
		got, ok := readAddress(c.in)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("readAddress(%q) = %+v, %v; want %+v, %v", c.in, got, ok, c.want, c.ok)
		}
	}
}

// Answers go where the request came from, not where it says: nobody can point us at somebody else.
func TestAnswersGoBackToTheSource(t *testing.T) {
	msg := "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.9:6000;branch=z9hG4bKx;received=198.51.100.8%s\r\n" +
		"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
	for _, c := range []struct{ more, want string }{{"", "192.0.2.7:6000"}, {";rport", "192.0.2.7:5062"}, {";rport=7", "192.0.2.7:5062"}} {
		got := readDatagram([]byte(strings.Replace(msg, "%s", c.more, 1)), here)
		if got.to.String() != c.want {
			t.Errorf("Via with %q: answer to %v, want %s", c.more, got.to, c.want)
		}
		if !strings.Contains(string(got.answer), "received=192.0.2.7") || strings.Contains(string(got.answer), "198.51.100.8") {
			t.Errorf("Via with %q:\n%s", c.more, got.answer)
		}
	}
}

func BenchmarkScreen(b *testing.B) {
	plain := strings.ReplaceAll(strings.TrimLeft(invite, "\n"), "{me}", "192.0.2.7:5062")
	msg := []byte(strings.ReplaceAll(strings.Replace(plain, "\n\nSDP", "\nContent-Type: application/sdp\n\n", 1)+strings.ReplaceAll(testSDP, "\r\n", "\n"), "\n", "\r\n"))
	if readDatagram(bytes.Clone(msg), here).plain == nil {
		b.Fatal("the message does not pass")
	}
	b.ReportAllocs()
	for b.Loop() {
		readDatagram(msg, here)
	}
}
