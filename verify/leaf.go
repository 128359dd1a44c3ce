// SPDX-License-Identifier: EUPL-1.2

package verify

import (
	"strconv"

	"rivage.example/rivage"
)

// brief is what a check needs of a leaf.
type brief struct {
	at     int64
	kind   []byte // part of the text
	facts  rivage.Hash
	commit rivage.Hash
}

// keys are the texts of a leaf between kind and facts, in their order (rivage.Leaf.Append).
var keys = [...]string{
	"role", "site", "actor", "country", "to", "evidence", "class", "field", "mode", "purpose", "basis", "rule", "rules", "outcome",
}

// scan reads a leaf. It takes only canonical texts, ten times as fast as rivage.ParseLeaf, which judges what it leaves:
// a log is verified by the million, and nearly every leaf of it is plain.
func scan(text []byte) (brief, error) {
	if b, ok := scanPlain(text); ok {
		return b, nil
	}
	l, err := rivage.ParseLeaf(text)
	return brief{at: l.At, kind: []byte(l.Kind), facts: l.Facts, commit: l.Commit}, err
}

// scanner is the rest of a text that was canonical so far.
type scanner struct {
	text []byte
	bad  bool
}

// take takes a word that must come next.
func (s *scanner) take(word string) {
	if !s.has(word) {
		s.bad = true
	}
}

// has takes a word if it comes next.
func (s *scanner) has(word string) bool {
	if len(s.text) < len(word) || string(s.text[:len(word)]) != word {
		return false
	}
	s.text = s.text[len(word):]
	return true
}

// value takes the rest of a string that is not empty, and its closing quote. What has an escape beyond the basic plane
// is left to rivage.ParseLeaf.
func (s *scanner) value() []byte {
	for i := 0; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '"':
			v := s.text[:i]
			s.text = s.text[i+1:]
			s.bad = s.bad || i == 0
			return v
		case c == '\\':
			if !plainEscape(s.text[i:]) {
				s.bad = true
				return nil
			}
			i += 5
		case c < 0x20 || c > 0x7e:
			s.bad = true
			return nil
		}
	}
	s.bad = true
	return nil
}

// plainEscape says whether a text begins with \uXXXX of a character that is written so: neither printable ASCII, save
// the quote and the backslash, nor a surrogate.
func plainEscape(b []byte) bool {
	if len(b) < 6 || b[1] != 'u' {
		return false
	}
	var r uint32
	for _, c := range b[2:6] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | uint32(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | uint32(c-'a'+10)
		default:
			return false
		}
	}
	printable := r >= 0x20 && r < 0x7f && r != '"' && r != '\\'
	return !printable && (r < 0xd800 || r > 0xdfff)
}

// integer takes an integer in its one form.
func (s *scanner) integer() int64 {
	n := 0
	for n < len(s.text) && (s.text[n] == '-' || s.text[n] >= '0' && s.text[n] <= '9') {
		n++
	}
	v, err := strconv.ParseInt(string(s.text[:n]), 10, 64)
	var back [20]byte
	if err != nil || string(strconv.AppendInt(back[:0], v, 10)) != string(s.text[:n]) {
		s.bad = true
	}
	s.text = s.text[n:]
	return v
}

// hash takes 64 lower-case hexadecimal characters.
func (s *scanner) hash() (h rivage.Hash) {
	if len(s.text) < 2*len(h) {
		s.bad = true
		return h
	}
	var wrong byte
	for i := range h {
		high, low := nibbles[s.text[2*i]], nibbles[s.text[2*i+1]]
		wrong |= high | low
		h[i] = high<<4 | low
	}
	s.bad = s.bad || wrong > 0x0f
	s.text = s.text[2*len(h):]
	return h
}

// nibbles are the values of lower-case hexadecimal characters, 0xff for all others.
var nibbles = func() (t [256]byte) {
	for c := range t {
		t[c] = 0xff
	}
	for i, c := range []byte("0123456789abcdef") {
		t[c] = byte(i)
	}
	return t
}()

// scanPlain reads a canonical text; false when it is not one, or not plain.
func scanPlain(text []byte) (brief, bool) {
	var b brief
	if len(text) > rivage.MaxLeaf {
		return b, false
	}
	s := scanner{text: text}
	s.take(`{"v":1,"t":`)
	b.at = s.integer()
	if s.has(`,"kind":"`) {
		b.kind = s.value()
	}
	for _, k := range keys {
		if s.bad {
			return b, false
		}
		// ,"key":" without building it.
		if n := len(k) + 5; len(s.text) > n && s.text[1] == '"' && string(s.text[2:2+len(k)]) == k && string(s.text[2+len(k):n]) == `":"` && s.text[0] == ',' {
			s.text = s.text[n:]
			s.value()
		}
	}
	s.take(`,"facts":"`)
	b.facts = s.hash()
	s.take(`"`)
	if s.has(`,"commit":"`) {
		b.commit = s.hash()
		s.take(`"`)
		s.bad = s.bad || b.commit == rivage.Hash{} // an empty one is left out
	}
	s.take(`}`)
	return b, !s.bad && len(s.text) == 0
}
