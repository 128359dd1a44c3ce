// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"fmt"
	"hash/fnv"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Every message from outside is read here first, strictly, and written anew in its plainest form: one Via a line, no
// folding, no list, no field that we do not use. The library behind reads only that. What cannot pass is answered
// here, without any state, or dropped.

// The methods we serve. The others, known or not, get 405.
var served = []string{"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "INFO", "UPDATE"}

const allow = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE"

// sighting says where a message came from.
type sighting struct {
	from  netip.AddrPort
	reply bool // answer to the source port whatever Via says: the trunk is behind a NAT
}

// refusal is a stateless answer; the zero value is none.
type refusal struct {
	status int
	reason string
	extra  string // header lines, with their ends
}

var statusText = map[int]string{
	100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK",
	400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
	406: "Not Acceptable", 408: "Request Timeout", 415: "Unsupported Media Type", 416: "Unsupported URI Scheme",
	420: "Bad Extension", 480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist",
	482: "Loop Detected", 486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here",
	491: "Request Pending", 500: "Server Internal Error", 503: "Service Unavailable",
	505: "Version Not Supported", 513: "Message Too Large", 600: "Busy Everywhere", 603: "Decline",
}

// screened is what became of a message: plain bytes to go on with, or an answer to send back to addr, or neither.
type screened struct {
	plain  []byte
	answer []byte
	to     netip.AddrPort
	why    string // reason of a refusal, for the counters; "" when it passed
}

// screen judges a head and its body. whole is false when the message did not end where it said.
func screen(h head, ok, whole bool, body []byte, at sighting) screened {
	h.parse()
	if !h.request {
		if plain, fine := h.plain(body, at); ok && whole && fine {
			return screened{plain: plain}
		}
		return screened{why: "malformed"} // a bad answer is nobody's to be told
	}
	r := h.judge(ok, whole)
	if r.status == 0 {
		if plain, fine := h.plain(body, at); fine {
			return screened{plain: plain}
		}
		r = refusal{status: 400, reason: "unreadable address"}
	}
	answer, to := h.refuse(r, at)
	return screened{answer: answer, to: to, why: "malformed"}
}

// judge is the refusal of a request, if it must be refused whoever sent it.
func (h *head) judge(ok, whole bool) refusal {
	bad := func(why string) refusal { return refusal{status: 400, reason: why} }
	if strings.HasPrefix(strings.ToUpper(h.version), "SIP/") && !strings.EqualFold(h.version, "SIP/2.0") && token(h.method) && !strings.ContainsAny(h.version, " \t") {
		return refusal{status: 505}
	}
	if !ok || !strings.EqualFold(h.version, "SIP/2.0") {
		return bad("malformed")
	}
	if _, fine := h.contentLength(); !fine || !whole {
		return bad("Content-Length")
	}
	if why := h.identity(); why != "" {
		return bad(why)
	}
	if !slices.Contains(served, h.method) {
		return refusal{status: 405, extra: "Allow: " + allow + "\r\n"}
	}
	return h.requestURI()
}

// identity is the field that keeps a request from naming its transaction and its dialog, "" when all are sound.
func (h *head) identity() string {
	if h.bad != "" {
		return h.bad
	}
	branch := h.vias[0].params.value("branch")
	switch {
	case h.of != h.method:
		return "cseq"
	case h.vias[0].version != "2.0":
		return "via"
	case branch == magicCookie || !strings.HasPrefix(branch, magicCookie) && h.from.tag == "":
		return "branch" // names no transaction, in either RFC's way
	}
	return ""
}

func (h *head) requestURI() refusal {
	scheme, _, _ := strings.Cut(h.uri, ":")
	if !validURI(h.uri) {
		return refusal{status: 400, reason: "Request-URI"}
	}
	if !sipScheme(scheme) && !strings.EqualFold(scheme, "tel") {
		return refusal{status: 416}
	}
	if u, _ := readURI(h.uri); sipScheme(scheme) && u.headers { // RFC 3261 section 19.1.1: not allowed there
		return refusal{status: 400, reason: "Request-URI"}
	}
	if req := h.all("require"); len(req) > 0 && h.method != "ACK" && h.method != "CANCEL" {
		return refusal{status: 420, extra: "Unsupported: " + strings.Join(req, ", ") + "\r\n"}
	}
	return refusal{}
}

func readCSeq(s string) (number int, method string, ok bool) {
	part := strings.Fields(s)
	if len(part) != 2 || !digits(part[0]) || !token(part[1]) {
		return 0, "", false
	}
	return atoi(part[0]), part[1], true
}

// kept are the fields that go on as they are, with the name they get.
var kept = map[string]string{
	"content-type": "Content-Type", "content-encoding": "Content-Encoding", "accept": "Accept",
	"authorization": "Authorization", "www-authenticate": "WWW-Authenticate", "proxy-authenticate": "Proxy-Authenticate",
	"retry-after": "Retry-After", "privacy": "Privacy", "p-asserted-identity": "P-Asserted-Identity", "timestamp": "Timestamp",
}

// plain writes the message anew.
func (h *head) plain(body []byte, at sighting) ([]byte, bool) {
	if h.bad != "" {
		return nil, false
	}
	var b strings.Builder
	b.Grow(1024 + len(body))
	vias := h.vias
	if h.request {
		vias = append([]via{vias[0].seenFrom(at.from, at.reply)}, vias[1:]...)
		b.WriteString(h.method + " " + h.uri + " SIP/2.0\r\n")
	} else {
		b.WriteString("SIP/2.0 " + strconv.Itoa(h.status) + " " + reasonOf(h.status) + "\r\n")
	}
	for _, v := range vias {
		v.write(&b)
	}
	b.WriteString("From: " + h.from.String() + "\r\nTo: " + h.to.String() + "\r\nCall-ID: " + h.callID + "\r\n")
	b.WriteString("CSeq: " + strconv.Itoa(h.cseq) + " " + h.of + "\r\n")
	if h.hops >= 0 {
		b.WriteString("Max-Forwards: " + strconv.Itoa(h.hops) + "\r\n")
	}
	if !h.writeRoute(&b) {
		return nil, false
	}
	for _, f := range h.fields {
		if name, ok := kept[f.name]; ok && f.value != "" {
			b.WriteString(name + ": " + f.value + "\r\n")
		}
	}
	b.WriteString("Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n")
	b.Write(body)
	return []byte(b.String()), b.Len() <= 2*maxMessage
}

// writeRoute writes Contact and Record-Route: where later requests of the dialog go.
func (h *head) writeRoute(b *strings.Builder) bool {
	if list := h.all("contact"); len(list) > 0 {
		a, ok := readAddress(splitList(list[0])[0])
		scheme, _, _ := strings.Cut(a.uri, ":")
		if ok && sipScheme(scheme) {
			uri, _, _ := strings.Cut(a.uri, "?")
			b.WriteString("Contact: <" + uri + ">\r\n")
		} else if h.request && h.method == "INVITE" {
			return false
		}
	}
	for _, v := range h.all("record-route") {
		for _, s := range splitList(v) {
			a, ok := readAddress(s)
			scheme, _, _ := strings.Cut(a.uri, ":")
			if !ok || !sipScheme(scheme) {
				return false
			}
			b.WriteString("Record-Route: <" + a.uri + ">\r\n")
		}
	}
	return true
}

func (a address) String() string {
	s := "<" + a.uri + ">"
	if a.display != "" {
		s = `"` + a.display + `" ` + s
	}
	if a.tag != "" {
		s += ";tag=" + a.tag
	}
	return s
}

// refuse writes the stateless answer (RFC 3261 section 8.2.7): fields as received, a To tag that a repetition gets
// again. An ACK, or a request that does not say where it came from, gets none.
func (h *head) refuse(r refusal, at sighting) ([]byte, netip.AddrPort) {
	if len(h.vias) == 0 || h.method == "ACK" || r.status == 0 {
		return nil, netip.AddrPort{}
	}
	vias := slices.Clone(h.vias)
	top := vias[0].seenFrom(at.from, at.reply)
	to := netip.AddrPortFrom(at.from.Addr(), uint16(top.answerPort()))
	if top.params.has("rport") {
		to = at.from
		for i := range top.params {
			if top.params[i].name == "rport" {
				top.params[i].value = strconv.Itoa(int(at.from.Port()))
			}
		}
	}
	vias[0] = top
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %d %s\r\n", r.status, reasonOf(r.status))
	for _, v := range vias {
		v.write(&b)
	}
	for _, name := range []string{"from", "to", "call-id", "cseq"} {
		if v := h.all(name); len(v) > 0 {
			s := v[0]
			if name == "to" && !strings.Contains(s, "tag=") {
				sum := fnv.New64a()
				sum.Write([]byte(strings.Join(h.all("via"), ",") + strings.Join(h.all("call-id"), ",")))
				s += fmt.Sprintf(";tag=%x", sum.Sum64())
			}
			b.WriteString(map[string]string{"from": "From", "to": "To", "call-id": "Call-ID", "cseq": "CSeq"}[name] + ": " + s + "\r\n")
		}
	}
	if r.reason != "" {
		b.WriteString(`Warning: 399 rivage "` + r.reason + "\"\r\n")
	}
	b.WriteString(r.extra + "Content-Length: 0\r\n\r\n")
	return []byte(b.String()), to
}

func reasonOf(status int) string {
	if s, ok := statusText[status]; ok {
		return s
	}
	return "Answer"
}
