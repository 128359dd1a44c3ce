// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"net/netip"
	"strconv"
	"strings"
)

const (
	magicCookie = "z9hG4bK" // RFC 3261 section 8.1.1.7
	maxVias     = 70        // as many hops as Max-Forwards lets a message make
)

// via is one hop.
type via struct {
	version   string
	transport string
	host      string
	port      int
	params    params
}

// readVias reads the Via values of a message, topmost first, with the blanks and lists that RFC 3261 section 25.1
// allows.
func readVias(values []string) ([]via, bool) {
	var out []via
	for _, value := range values {
		for _, s := range splitList(value) {
			v, ok := readVia(s)
			if !ok || len(out) == maxVias {
				return nil, false
			}
			out = append(out, v)
		}
	}
	return out, len(out) > 0
}

func readVia(s string) (via, bool) {
	var v via
	name, rest, _ := strings.Cut(s, "/")
	version, rest, found := strings.Cut(rest, "/")
	v.version = strings.TrimSpace(version)
	if !found || !strings.EqualFold(strings.TrimSpace(name), "SIP") || !token(v.version) {
		return v, false
	}
	rest = strings.TrimLeft(rest, " \t")
	i := strings.IndexAny(rest, " \t")
	if i < 0 {
		return v, false
	}
	v.transport, rest = strings.ToUpper(rest[:i]), strings.Trim(rest[i:], " \t")
	sentBy, tail, found := strings.Cut(rest, ";")
	if found {
		tail = ";" + tail
	}
	var ok, fine bool
	v.host, v.port, ok = readHostPort(strings.TrimSpace(sentBy))
	v.params, fine = readParams(tail)
	return v, ok && fine && token(v.transport)
}

// splitList cuts a list at its commas, but for those inside quotes and brackets.
func splitList(s string) []string {
	var out []string
	start, bracket := 0, false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			if end := closingQuote(s[i:]); end > 0 {
				i += end
			}
		case '<':
			bracket = true
		case '>':
			bracket = false
		case ',':
			if !bracket {
				out = append(out, strings.Trim(s[start:i], " \t"))
				start = i + 1
			}
		}
	}
	return append(out, strings.Trim(s[start:], " \t"))
}

// write puts one hop in its plain form.
func (v via) write(b *strings.Builder) {
	b.WriteString("Via: SIP/" + v.version + "/" + v.transport + " ")
	if strings.Contains(v.host, ":") {
		b.WriteString("[" + v.host + "]")
	} else {
		b.WriteString(v.host)
	}
	if v.port > 0 {
		b.WriteString(":" + strconv.Itoa(v.port))
	}
	for _, p := range v.params {
		b.WriteString(";" + p.name)
		if p.value != "" {
			b.WriteString("=" + p.value)
		}
	}
	b.WriteString("\r\n")
}

// seenFrom is the hop as its receiver notes it: where it really came from (RFC 3261 section 18.2.1, RFC 3581). With
// reply the answer goes back to the very port, as behind a NAT. What the sender said of itself is dropped.
func (v via) seenFrom(from netip.AddrPort, reply bool) via {
	kept := make(params, 0, len(v.params)+2)
	for _, p := range v.params {
		switch p.name {
		case "received":
		case "rport":
			reply = true
		default:
			kept = append(kept, p)
		}
	}
	if v.host != from.Addr().String() {
		kept = append(kept, param{"received", from.Addr().String()})
	}
	if reply {
		kept = append(kept, param{"rport", ""}) // filled in with the answer
	}
	v.params = kept
	return v
}

// answerPort is where an answer goes without rport.
func (v via) answerPort() int {
	if v.port > 0 {
		return v.port
	}
	return 5060
}
