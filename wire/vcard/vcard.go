// SPDX-License-Identifier: EUPL-1.2

// Package vcard reads and writes vCards (RFC 6350, version 4.0; RFC 2426, version 3.0), as values.
//
// It keeps each property as its name, its parameters and its value; what a property means is the reader's. Version 2.1,
// whose values may be quoted-printable and of any character set, is refused.
package vcard

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of what Parse takes.
const (
	MaxLine       = 256 << 10 // bytes of a line, unfolded: photographs are in files of people's telephones
	MaxProperties = 500       // of one card
)

// Card is one vCard.
type Card struct {
	Line       int // where it begins, from 1; 0 for one that was not read
	Version    string
	Properties []Property
}

// Property is one property of a card, without its group.
type Property struct {
	Name   string // in capitals: "TEL"
	Params []Param
	Value  string // as written: escapes stand
}

// Param is one parameter with one value; one that lists several stands several times.
type Param struct{ Name, Value string } // Name in capitals

// Fault is a card that cannot be read.
type Fault struct {
	Line int // of what is wrong
	What string
}

// Error implements error.
func (f *Fault) Error() string { return fmt.Sprintf("line %d: %s", f.Line, f.What) }

// errLong ends the reading: what follows a line without an end is not known.
var errLong = errors.New("a line is too long")

// Param is the first value of a parameter, "" without one.
func (p *Property) Param(name string) string {
	for _, x := range p.Params {
		if x.Name == name {
			return x.Value
		}
	}
	return ""
}

// Has says whether a parameter has a value, in any case: TYPE=cell.
func (p *Property) Has(name, value string) bool {
	for _, x := range p.Params {
		if x.Name == name && strings.EqualFold(x.Value, value) {
			return true
		}
	}
	return false
}

// Text is the value as a text, its escapes undone (RFC 6350 section 3.4).
func (p *Property) Text() string { return unescape(p.Value) }

// Parts are the components of a structured value, such as those of N and ORG, their escapes undone.
func (p *Property) Parts() []string {
	var parts []string
	from := 0
	for i := 0; i < len(p.Value); i++ {
		switch p.Value[i] {
		case '\\':
			i++
		case ';':
			parts = append(parts, unescape(p.Value[from:i]))
			from = i + 1
		}
	}
	return append(parts, unescape(p.Value[from:]))
}

// All are the properties of a name.
func (c *Card) All(name string) []*Property {
	var list []*Property
	for i := range c.Properties {
		if c.Properties[i].Name == name {
			list = append(list, &c.Properties[i])
		}
	}
	return list
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n', 'N':
			b.WriteByte('\n')
		case '\\', ',', ';', ':': // the colon is of older writers
			b.WriteByte(s[i])
		default: // not an escape: it stands as it is
			b.WriteByte('\\')
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// Escape writes a text so that it is one value (RFC 6350 section 3.4). Line ends become \n.
func Escape(s string) string {
	return escaper.Replace(s)
}

var escaper = strings.NewReplacer(`\`, `\\`, ",", `\,`, ";", `\;`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

// Append writes a card, its lines folded at 75 bytes between characters, each ended by CRLF (RFC 6350 section 3.2).
// Values have to be escaped already.
func (c *Card) Append(b []byte) []byte {
	b = append(b, "BEGIN:VCARD\r\nVERSION:"+c.Version+"\r\n"...)
	for i := range c.Properties {
		p := &c.Properties[i]
		line := p.Name
		for _, x := range p.Params {
			line += ";" + x.Name + "=" + x.Value
		}
		b = appendFolded(b, line+":"+p.Value)
	}
	return append(b, "END:VCARD\r\n"...)
}

const foldAt = 75

func appendFolded(b []byte, line string) []byte {
	for room := foldAt; len(line) > room; room = foldAt - 1 {
		cut := room
		for cut > 0 && !utf8.RuneStart(line[cut]) {
			cut--
		}
		if cut == 0 { // not UTF-8: cut where it is
			cut = room
		}
		b = append(append(b, line[:cut]...), "\r\n "...)
		line = line[cut:]
	}
	return append(append(b, line...), "\r\n"...)
}
