// SPDX-License-Identifier: EUPL-1.2

package sdp

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Parse reads a description. Errors wrap ErrMalformed and name the line, never its content.
func Parse(b []byte) (Description, error) {
	var p parser
	if len(b) > MaxSize {
		return Description{}, fmt.Errorf("parse description: %w: more than %d bytes", ErrMalformed, MaxSize)
	}
	for line := range strings.Lines(strings.TrimRight(string(b), "\r\n")) { // some peers end with a blank line
		p.line++
		if err := p.take(strings.TrimRight(line, "\r\n")); err != nil {
			return Description{}, fmt.Errorf("parse description, line %d: %w", p.line, err)
		}
	}
	if p.line < 3 || !p.hasOrigin {
		return Description{}, fmt.Errorf("parse description: %w: v= and o= are needed", ErrMalformed)
	}
	return p.d, nil
}

type parser struct {
	d         Description
	line      int
	hasOrigin bool
	dir       Direction // of the session, inherited by its media
}

func bad(why string) error { return fmt.Errorf("%w: %s", ErrMalformed, why) }

func (p *parser) take(line string) error {
	if p.line > MaxLines {
		return bad("too many lines")
	}
	if len(line) < 2 || line[1] != '=' || strings.ContainsAny(line, "\x00\r") {
		return bad("not a type=value line")
	}
	typ, value := line[0], line[2:]
	if (typ == 'v') != (p.line == 1) {
		return bad("v= must be the first line, once")
	}
	switch typ {
	case 'v':
		if value != "0" {
			return bad("unknown version")
		}
	case 'o':
		return p.origin(value)
	case 's':
		p.d.Name = value
		if value == "-" || value == " " {
			p.d.Name = ""
		}
	case 'c':
		return p.connection(value)
	case 'm':
		return p.media(value)
	case 'a':
		p.attribute(value)
	case 't', 'i', 'u', 'e', 'p', 'b', 'r', 'z', 'k':
	default: // RFC 8866 section 5: a description with an unknown type letter is refused whole
		return bad("unknown line type")
	}
	return nil
}

// origin reads "<user> <session> <version> IN IP4|IP6 <address>".
func (p *parser) origin(value string) error {
	f := strings.Fields(value)
	if p.hasOrigin || len(p.d.Media) > 0 || len(f) != 6 || f[3] != "IN" {
		return bad("o= wants six fields, once, before m=")
	}
	id, err1 := strconv.ParseUint(f[1], 10, 64)
	ver, err2 := strconv.ParseUint(f[2], 10, 64)
	if err1 != nil || err2 != nil {
		return bad("o= wants numbers for session and version")
	}
	if f[0] == "-" {
		f[0] = ""
	}
	p.hasOrigin = true
	p.d.Origin = Origin{User: f[0], Session: id, Version: ver, Addr: f[5]}
	return nil
}

// connection reads "IN IP4|IP6 <address>". Host names and multicast groups are refused: we send to declared
// addresses only, and ask no DNS on the word of a stranger.
func (p *parser) connection(value string) error {
	a, err := address(strings.Fields(value))
	if err != nil {
		return err
	}
	if n := len(p.d.Media); n > 0 {
		p.d.Media[n-1].Addr = a
	} else {
		p.d.Addr = a
	}
	return nil
}

func address(f []string) (netip.Addr, error) {
	if len(f) != 3 || f[0] != "IN" {
		return netip.Addr{}, bad("an address wants IN, IP4 or IP6, and the address")
	}
	a, err := netip.ParseAddr(f[2])
	if err != nil || a.Zone() != "" || a.IsMulticast() || f[1] != family(a) {
		return netip.Addr{}, bad("not a unicast IP address of its family")
	}
	return a, nil
}

func family(a netip.Addr) string {
	if a.Is4() {
		return "IP4"
	}
	return "IP6"
}

// media reads "<kind> <port>[/<count>] <proto> <format> …".
func (p *parser) media(value string) error {
	f := strings.Fields(value)
	if len(f) < 4 || len(f)-3 > MaxFormats || len(p.d.Media) == MaxMedia {
		return bad("m= wants kind, port, protocol and formats, within limits")
	}
	port, _, _ := strings.Cut(f[1], "/")
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return bad("m= wants a port up to 65535")
	}
	p.d.Media = append(p.d.Media, Media{
		Kind: f[0], Port: uint16(n), Proto: f[2], Formats: f[3:], Addr: p.d.Addr, Dir: p.dir,
	})
	return nil
}

func (p *parser) attribute(value string) {
	key, val, _ := strings.Cut(value, ":")
	n := len(p.d.Media)
	d, isDir := direction(key)
	switch {
	case isDir && n > 0:
		p.d.Media[n-1].Dir = d
	case isDir:
		p.dir = d
	case n > 0:
		p.d.Media[n-1].Attributes = append(p.d.Media[n-1].Attributes, Attribute{key, val})
	default:
		p.d.Attributes = append(p.d.Attributes, Attribute{key, val})
	}
}
