// SPDX-License-Identifier: EUPL-1.2

package rivage

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
)

// LeafVersion is the version of the leaf format. A reader refuses a version it does not know.
const LeafVersion = 1

// MaxLeaf bounds a leaf's text: tlog-tiles writes lengths as uint16, ours stay far below.
const MaxLeaf = 4096

// Hash is a SHA-256.
type Hash [32]byte

// String is lower-case hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// ParseHash reads 64 hexadecimal characters.
func ParseHash(s string) (Hash, error) {
	var h Hash
	if n, err := hex.Decode(h[:], []byte(s)); err != nil || n != len(h) || len(s) != 2*len(h) {
		return Hash{}, fmt.Errorf("parse hash: want 64 hexadecimal characters")
	}
	return h, nil
}

// Leaf is the part of an entry that auditors read. It holds no identifier, and no two leaves can be linked to one
// person without a key: no subject, interaction, number, size or duration; time in whole seconds.
type Leaf struct {
	At       int64     // seconds since 1970, UTC
	Kind     Kind      //
	Role     string    // of who acted: "agent", "supervisor", "system"…
	Site     ID        // of who acted
	Actor    string    // HMAC-SHA-256(actor's subject key, seq), hex; filled in by the writer, which alone knows seq
	Country  Country   // where the thing happens
	To       Country   // other end of an export or a connection
	Evidence Evidence  //
	Class    DataClass //
	Field    string    //
	Mode     Mode      //
	Purpose  Purpose   //
	Basis    string    //
	Rule     string    // id of the deciding rule
	Rules    string    // hash of the rule set
	Outcome  string    //
	Facts    Hash      // SHA-256 of the facts' bytes
	Commit   Hash      // SHA-256(salt ‖ body); zero, and left out, when there is no body
}

// Append writes the canonical text of l to b: fixed key order, integers only, empty values left out, ASCII. The bytes
// are what is hashed and stored; nothing ever encodes them again.
func (l *Leaf) Append(b []byte) []byte {
	b = append(b, `{"v":`...)
	b = strconv.AppendInt(b, LeafVersion, 10)
	b = append(b, `,"t":`...)
	b = strconv.AppendInt(b, l.At, 10)
	for _, f := range [...]struct{ key, value string }{
		{"kind", string(l.Kind)},
		{"role", l.Role},
		{"site", string(l.Site)},
		{"actor", l.Actor},
		{"country", string(l.Country)},
		{"to", string(l.To)},
		{"evidence", string(l.Evidence)},
		{"class", string(l.Class)},
		{"field", l.Field},
		{"mode", string(l.Mode)},
		{"purpose", string(l.Purpose)},
		{"basis", l.Basis},
		{"rule", l.Rule},
		{"rules", l.Rules},
		{"outcome", l.Outcome},
	} {
		if f.value != "" {
			b = append(b, ',', '"')
			b = append(b, f.key...)
			b = append(b, `":`...)
			b = appendString(b, f.value)
		}
	}
	b = append(b, `,"facts":"`...)
	b = hex.AppendEncode(b, l.Facts[:])
	if l.Commit != (Hash{}) {
		b = append(b, `","commit":"`...)
		b = hex.AppendEncode(b, l.Commit[:])
	}
	return append(b, '"', '}')
}

// appendString writes a JSON string in ASCII: everything outside printable ASCII, the quote and the backslash as
// \uXXXX in UTF-16, so that one text has one form.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r >= 0x20 && r < 0x7f && r != '"' && r != '\\':
			b = append(b, byte(r))
		case r > 0xffff:
			r -= 0x10000
			b = fmt.Appendf(b, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
	}
	return append(b, '"')
}

// ParseLeaf reads a leaf's canonical text, and refuses any other text of the same leaf: unknown keys and versions,
// another order, other spacing.
func ParseLeaf(text []byte) (Leaf, error) {
	if len(text) > MaxLeaf {
		return Leaf{}, fmt.Errorf("parse leaf: %d bytes, at most %d", len(text), MaxLeaf)
	}
	var w struct {
		V        int       `json:"v"`
		T        int64     `json:"t"`
		Kind     Kind      `json:"kind"`
		Role     string    `json:"role"`
		Site     ID        `json:"site"`
		Actor    string    `json:"actor"`
		Country  Country   `json:"country"`
		To       Country   `json:"to"`
		Evidence Evidence  `json:"evidence"`
		Class    DataClass `json:"class"`
		Field    string    `json:"field"`
		Mode     Mode      `json:"mode"`
		Purpose  Purpose   `json:"purpose"`
		Basis    string    `json:"basis"`
		Rule     string    `json:"rule"`
		Rules    string    `json:"rules"`
		Outcome  string    `json:"outcome"`
		Facts    string    `json:"facts"`
		Commit   string    `json:"commit"`
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		return Leaf{}, fmt.Errorf("parse leaf: %w", err)
	}
	if w.V != LeafVersion {
		return Leaf{}, fmt.Errorf("parse leaf: version %d, this program reads %d", w.V, LeafVersion)
	}
	l := Leaf{
		At: w.T, Kind: w.Kind, Role: w.Role, Site: w.Site, Actor: w.Actor, Country: w.Country, To: w.To,
		Evidence: w.Evidence, Class: w.Class, Field: w.Field, Mode: w.Mode, Purpose: w.Purpose, Basis: w.Basis,
		Rule: w.Rule, Rules: w.Rules, Outcome: w.Outcome,
	}
	var err error
	if l.Facts, err = ParseHash(w.Facts); err != nil {
		return Leaf{}, fmt.Errorf("parse leaf: facts: %w", err)
	}
	if w.Commit != "" {
		if l.Commit, err = ParseHash(w.Commit); err != nil {
			return Leaf{}, fmt.Errorf("parse leaf: commit: %w", err)
		}
	}
	if !bytes.Equal(l.Append(nil), text) {
		return Leaf{}, fmt.Errorf("parse leaf: not in canonical form")
	}
	return l, nil
}
