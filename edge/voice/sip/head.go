// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"bytes"
	"strconv"
	"strings"
)

// Limits of a message. A long but honest one (RFC 4475 section 3.1.1.7) has 3 KiB and 36 Via.
const (
	maxMessage = 16 << 10 // bytes
	maxFields  = 128
	maxToken   = 512 // bytes of a tag, Call-ID, branch
)

// field is one header field, unfolded; its name is in lower case and in the long form.
type field struct{ name, value string }

// head is the part of a message before its body, split and not yet judged.
type head struct {
	request bool
	method  string // of a request
	uri     string
	version string
	status  int // of a response
	fields  []field

	// Read from the fields by parse; a value whose name is not in bad is sound.
	vias   []via
	from   address
	to     address
	callID string
	cseq   int
	of     string // method in CSeq
	hops   int    // Max-Forwards, -1 without
	bad    string // the first of those that is missing, doubled or wrong
}

// compact is RFC 3261 section 7.3.3 and its extensions.
var compact = map[string]string{
	"c": "content-type", "e": "content-encoding", "f": "from", "i": "call-id", "k": "supported",
	"l": "content-length", "m": "contact", "s": "subject", "t": "to", "v": "via", "x": "session-expires",
}

// headEnd is the number of bytes up to and with the empty line, -1 when it is not there. An empty line right at the
// start is a keep-alive and belongs to nobody.
func headEnd(b []byte) int {
	if i := bytes.Index(b, []byte("\r\n\r\n")); i >= 0 {
		return i + 4
	}
	return -1
}

// readHead splits the bytes of a head, its empty line included. What it can read of a bad one is still returned, so
// that somebody can be told; ok is false then.
func readHead(b []byte) (h head, ok bool) {
	lines := strings.Split(strings.TrimSuffix(string(b), "\r\n\r\n"), "\r\n")
	ok = h.readStart(lines[0])
	for i := 1; i < len(lines); {
		line := lines[i]
		for i++; i < len(lines) && lines[i] != "" && isSpace(lines[i][0]); i++ { // RFC 3261 section 7.3.1
			line = strings.TrimRight(line, " \t") + " " + strings.TrimLeft(lines[i], " \t")
		}
		f, fine := readField(line)
		if !fine || len(h.fields) == maxFields {
			ok = false
			continue
		}
		h.fields = append(h.fields, f)
	}
	return h, ok
}

func (h *head) readStart(line string) bool {
	part := strings.SplitN(line, " ", 3)
	if strings.HasPrefix(strings.ToUpper(part[0]), "SIP/") {
		if len(part) < 2 || len(part[1]) != 3 || !digits(part[1]) {
			return false
		}
		h.version, h.status = part[0], atoi(part[1])
		return strings.EqualFold(h.version, "SIP/2.0") && h.status >= 100 && h.status < 700
	}
	h.request = true
	if len(part) > 0 {
		h.method = part[0]
	}
	if len(part) > 1 {
		h.uri = part[1]
	}
	if len(part) > 2 {
		h.version = part[2]
	}
	// Exactly one space on each side (RFC 3261 section 7.1).
	return len(part) == 3 && token(h.method) && h.uri != "" && !strings.ContainsAny(h.version, " \t") && clean(line)
}

func readField(line string) (field, bool) {
	name, value, found := strings.Cut(line, ":")
	name = strings.ToLower(strings.TrimRight(name, " \t"))
	if !found || !token(name) || !clean(value) {
		return field{}, false
	}
	if long, isShort := compact[name]; isShort {
		name = long
	}
	return field{name, strings.Trim(value, " \t")}, true
}

// parse reads the fields that name transaction and dialog.
func (h *head) parse() {
	var ok bool
	note := func(name string, fine bool) {
		if !fine && h.bad == "" {
			h.bad = name
		}
	}
	h.vias, ok = readVias(h.all("via"))
	note("via", ok)
	v, _, once := h.one("from")
	h.from, ok = readAddress(v)
	note("from", once && ok)
	v, _, once = h.one("to")
	h.to, ok = readAddress(v)
	note("to", once && ok)
	h.callID, _, once = h.one("call-id")
	note("call-id", once && h.callID != "" && len(h.callID) <= maxToken && !strings.ContainsAny(h.callID, " \t"))
	v, _, once = h.one("cseq")
	h.cseq, h.of, ok = readCSeq(v)
	note("cseq", once && ok && h.cseq <= 1<<31-1) // RFC 3261 section 8.1.1.5
	h.hops = -1
	if v, found, once := h.one("max-forwards"); found { // it came with RFC 3261
		h.hops = atoi(v)
		note("max-forwards", once && digits(v) && h.hops <= 255)
	}
	_, _, once = h.one("content-type")
	note("content-type", once)
}

// all returns the values of a field, in order.
func (h *head) all(name string) []string {
	var out []string
	for _, f := range h.fields {
		if f.name == name {
			out = append(out, f.value)
		}
	}
	return out
}

// one returns the value of a field that may stand there once at most; ok is false when it stands there more often.
func (h *head) one(name string) (value string, found, ok bool) {
	for _, f := range h.fields {
		if f.name == name {
			if found {
				return value, true, false
			}
			value, found = f.value, true
		}
	}
	return value, found, true
}

// contentLength is what the head says of the body; -1 when it says nothing, ok is false when it says nonsense.
func (h *head) contentLength() (n int, ok bool) {
	v, found, once := h.one("content-length")
	switch {
	case !found:
		return -1, true
	case !once || !digits(v) || len(v) > 6:
		return 0, false
	}
	return atoi(v), true
}

// clean refuses control characters, but for tab and the escaped ones of a quoted string (RFC 3261 section 25.1).
func clean(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\r' || c == '\n':
			return false
		case (c < ' ' && c != '\t' || c == 0x7f) && (i == 0 || s[i-1] != '\\'):
			return false
		}
	}
	return true
}

// token is the token of RFC 3261 section 25.1.
func token(s string) bool {
	return s != "" && len(s) <= maxToken && only(s, &tokenByte)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

// digits says whether s is a number of at most 18 digits.
func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != "" && len(s) <= 18
}

// atoi reads what digits accepted.
func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
