// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"net/netip"
	"strings"

	"rivage.example/rivage"
)

// address is a name-addr or addr-spec with its parameters (RFC 3261 section 20.10), checked.
type address struct {
	display string // without quotes; "" when there is none, or when it holds what we do not repeat
	uri     string
	tag     string
}

// readAddress reads a From, To or Contact value with one address.
func readAddress(s string) (address, bool) {
	var a address
	rest := strings.TrimSpace(s)
	if strings.HasPrefix(rest, `"`) || strings.Contains(rest, "<") {
		display, after, ok := readDisplay(rest)
		if !ok {
			return a, false
		}
		uri, params, found := strings.Cut(after, ">")
		if !found {
			return a, false
		}
		a.display, a.uri, rest = display, uri, strings.TrimLeft(params, " \t")
	} else {
		uri, params, found := strings.Cut(rest, ";")
		if strings.ContainsAny(uri, ",?") { // these need brackets (RFC 3261 section 20.10)
			return a, false
		}
		a.uri, rest = strings.TrimRight(uri, " \t"), ""
		if found {
			rest = ";" + params
		}
	}
	params, ok := readParams(rest)
	a.tag = params.value("tag")
	scheme, _, _ := strings.Cut(a.uri, ":")
	return a, ok && validURI(a.uri) && only(scheme, &letterByte) // the library reads no other here
}

// readDisplay reads the display name and gives what follows its "<".
func readDisplay(s string) (display, after string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		name, after, found := strings.Cut(s, "<")
		name = strings.TrimSpace(name)
		for _, word := range strings.Fields(name) {
			if !token(word) { // a name with commas or dots that are no token wants quotes
				return "", "", false
			}
		}
		return name, after, found
	}
	end := closingQuote(s)
	if end < 0 {
		return "", "", false
	}
	after = strings.TrimLeft(s[end+1:], " \t")
	if !strings.HasPrefix(after, "<") {
		return "", "", false
	}
	name := s[1:end]
	if strings.ContainsAny(name, `\"<>`) || !clean(name) {
		name = ""
	}
	return name, after[1:], true
}

// closingQuote is the index of the quote that ends the string begun by s[0], -1 without one.
func closingQuote(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

type param struct{ name, value string }

type params []param

func (p params) value(name string) string {
	for _, q := range p {
		if q.name == name {
			return q.value
		}
	}
	return ""
}

func (p params) has(name string) bool {
	for _, q := range p {
		if q.name == name {
			return true
		}
	}
	return false
}

// readParams reads ";name=value;name", with blanks around the signs; a quoted value keeps its quotes.
func readParams(s string) (params, bool) {
	var out params
	for s = strings.TrimLeft(s, " \t"); s != ""; s = strings.TrimLeft(s, " \t") {
		if s[0] != ';' {
			return out, false
		}
		s = strings.TrimLeft(s[1:], " \t")
		end := paramEnd(s)
		name, value, hasValue := strings.Cut(s[:end], "=")
		p := param{strings.ToLower(strings.Trim(name, " \t")), strings.Trim(value, " \t")}
		if !token(p.name) || hasValue && !paramValue(p.value) {
			return out, false
		}
		out, s = append(out, p), s[end:]
	}
	return out, true
}

// paramEnd is where the parameter that s begins with ends.
func paramEnd(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ';':
			return i
		case '"':
			end := closingQuote(s[i:])
			if end < 0 {
				return len(s)
			}
			i += end
		}
	}
	return len(s)
}

func paramValue(v string) bool {
	if strings.HasPrefix(v, `"`) {
		return closingQuote(v) == len(v)-1
	}
	return v != "" && len(v) <= maxToken && only(v, &valueByte)
}

// validURI is the syntax of RFC 3261 section 25.1, as far as anybody could be misled by it.
func validURI(s string) bool {
	scheme, rest, found := strings.Cut(s, ":")
	if !found || rest == "" || scheme == "" || !only(scheme, &schemeByte) || len(s) > 4*maxToken {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`<>"\^{}|`, c) >= 0 {
			return false
		}
	}
	if !sipScheme(scheme) {
		return true
	}
	_, ok := readURI(s)
	return ok
}

func sipScheme(s string) bool { return strings.EqualFold(s, "sip") || strings.EqualFold(s, "sips") }

// uri is a SIP URI taken apart.
type uri struct {
	user    string // as written
	host    string
	port    int // 0 when absent
	params  string
	headers bool // there is a "?" part
}

func readURI(s string) (u uri, ok bool) {
	_, rest, _ := strings.Cut(s, ":")
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		u.user, rest = rest[:i], rest[i+1:]
		if u.user == "" || strings.ContainsAny(u.user, "@[]") {
			return u, false
		}
	}
	rest, _, u.headers = strings.Cut(rest, "?")
	rest, u.params, _ = strings.Cut(rest, ";")
	u.host, u.port, ok = readHostPort(rest)
	return u, ok && !strings.ContainsAny(u.params, "[]@")
}

// readHostPort reads host, host:port or [v6]:port. The host comes back without brackets.
func readHostPort(s string) (host string, port int, ok bool) {
	host, rest, found := strings.Cut(s, ":")
	if strings.HasPrefix(s, "[") {
		h, after, closed := strings.Cut(s[1:], "]")
		a, err := netip.ParseAddr(h)
		if !closed || err != nil || !a.Is6() || a.Zone() != "" || after != "" && after[0] != ':' {
			return "", 0, false
		}
		host, rest, found = h, strings.TrimPrefix(after, ":"), after != ""
	} else if host == "" || len(host) > 255 || !only(host, &hostByte) {
		return "", 0, false
	}
	host, rest = strings.TrimSpace(host), strings.TrimSpace(rest)
	if !found {
		return host, 0, true
	}
	if !digits(rest) || len(rest) > 5 || atoi(rest) > 65535 || atoi(rest) == 0 {
		return "", 0, false
	}
	return host, atoi(rest), true
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// The bytes that may stand in each thing.
var (
	letterByte = bytesOf(letters)
	schemeByte = bytesOf(letters + "0123456789+-.")
	hostByte   = bytesOf(letters + "0123456789-._")
	tokenByte  = bytesOf(letters + "0123456789-.!%*_+`'~")
	valueByte  = bytesOf(letters + "0123456789-.!%*_+`'~[]:") // token or host
)

func bytesOf(s string) (t [256]bool) {
	for i := range len(s) {
		t[s[i]] = true
	}
	return t
}

func only(s string, t *[256]bool) bool {
	for i := range len(s) {
		if !t[s[i]] {
			return false
		}
	}
	return true
}

// phoneOf is the number in a SIP or tel URI, "" when there is none.
func phoneOf(s string) rivage.Phone {
	scheme, rest, _ := strings.Cut(s, ":")
	if strings.EqualFold(scheme, "tel") {
		number, _, _ := strings.Cut(rest, ";")
		return rivage.ParsePhone(number)
	}
	u, ok := readURI(s)
	if !ok || !sipScheme(scheme) {
		return ""
	}
	user, _, _ := strings.Cut(u.user, ";") // RFC 3261 section 19.1.6: parameters of a telephone-subscriber
	user, _, _ = strings.Cut(user, ":")
	return rivage.ParsePhone(strings.ReplaceAll(user, "%2B", "+"))
}
