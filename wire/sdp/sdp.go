// SPDX-License-Identifier: EUPL-1.2

// Package sdp reads and writes session descriptions (RFC 8866) and answers them (RFC 3264), as values.
//
// It knows one audio stream per session: PCMA, PCMU and telephone-event over RTP/AVP. Other streams of an offer
// are refused with port 0, in their place. Nothing here opens a socket or resolves a name.
package sdp

import (
	"errors"
	"net/netip"
)

// Limits of what Parse takes. A browser's offer with one audio stream is about 3 KiB.
const (
	MaxSize    = 16 << 10 // bytes of a description
	MaxLines   = 512
	MaxMedia   = 16 // streams
	MaxFormats = 64 // payload types of a stream
)

// Canonical payload types: the values of Plan.PT, whatever numbers the two ends agreed on.
const (
	PCMU  uint8 = 0   // G.711 µ-law
	PCMA  uint8 = 8   // G.711 A-law
	Event uint8 = 101 // telephone-event (RFC 4733) at 8000 Hz
)

// Errors of Parse, Answer and Apply; test with errors.Is. Unacceptable tells those that SIP answers with 488.
var (
	ErrMalformed = errors.New("malformed session description")
	ErrNoAudio   = errors.New("no audio stream over RTP/AVP")
	ErrNoCodec   = errors.New("no common codec")
	ErrRejected  = errors.New("the peer refused the audio stream")
)

// Unacceptable reports whether err means a readable offer that we cannot serve: SIP status 488. A malformed one
// is 400.
func Unacceptable(err error) bool { return errors.Is(err, ErrNoCodec) || errors.Is(err, ErrNoAudio) }

// Description is a session description. Lines that do not matter to a call (i=, u=, e=, p=, b=, r=, z=, k=, and
// the times of t=) are checked for their shape and not kept.
type Description struct {
	Origin     Origin
	Name       string     // s=; empty is written "-"
	Addr       netip.Addr // c= of the session; invalid when absent
	Attributes []Attribute
	Media      []Media
}

// Origin is the o= line. Version grows by one with each new description of a session (RFC 3264 section 8).
type Origin struct {
	User    string // empty is written "-"
	Session uint64
	Version uint64
	Addr    string // as written: it may be a host name, and is never used to send
}

// Media is one m= section. Addr and Dir are resolved: what the section leaves out is inherited from the session.
type Media struct {
	Kind       string // audio, video, application …
	Port       uint16 // 0: refused or ended
	Proto      string
	Formats    []string
	Addr       netip.Addr
	Dir        Direction
	Attributes []Attribute // without the direction
}

// Attribute is an a= line, "key" or "key:value".
type Attribute struct{ Key, Value string }

// Attr returns the value of the first attribute named key, and whether there is one.
func (m Media) Attr(key string) (string, bool) {
	for _, a := range m.Attributes {
		if a.Key == key {
			return a.Value, true
		}
	}
	return "", false
}

// Direction says what the describing side does with a stream. The zero value is sendrecv, as in SDP.
type Direction uint8

// The bits are what is missing, so that meeting two directions is an "or".
const (
	SendRecv Direction = 0
	SendOnly Direction = noRecv
	RecvOnly Direction = noSend
	Inactive Direction = noSend | noRecv

	noRecv Direction = 1
	noSend Direction = 2
)

// Sends reports whether the side sends.
func (d Direction) Sends() bool { return d&noSend == 0 }

// Receives reports whether the side listens.
func (d Direction) Receives() bool { return d&noRecv == 0 }

// Reverse is the same stream seen from the other side.
func (d Direction) Reverse() Direction { return d>>1&1 | d&1<<1 }

// Meet is what remains when both must agree.
func (d Direction) Meet(o Direction) Direction { return d | o }

func (d Direction) String() string {
	return [...]string{"sendrecv", "sendonly", "recvonly", "inactive"}[d&3]
}

func direction(key string) (Direction, bool) {
	for d := SendRecv; d <= Inactive; d++ {
		if d.String() == key {
			return d, true
		}
	}
	return 0, false
}
