// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"html"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// standIn names the values that stand in some bytes, whole or one long word of them, however they are written: in any
// case, with accents in either form or none that is known (UTF-8, Latin-1, UTF-16), across marks and separators; escaped
// for JSON, HTML, an address or a script; in base64 or hexadecimal; compressed; and each of these inside another.
func standIn(got []byte, values map[string]string) (found []string) {
	wanted := map[string][][]byte{}
	for name, value := range values {
		wanted[name] = needles(value)
	}
	unwrap(got, 3, func(layer []byte) {
		layer = fold(layer)
		for name, words := range wanted {
			if slices.ContainsFunc(words, func(w []byte) bool { return bytes.Contains(layer, w) }) {
				found = append(found, name)
				delete(wanted, name)
			}
		}
	})
	slices.Sort(found)
	return found
}

// longWord is how many letters make a word that chance does not: 36^-10 at each place.
const longWord = 10

// needles are what folded bytes hold when a value stands in them.
func needles(value string) (out [][]byte) {
	for _, form := range []string{value, decomposed(value)} {
		for _, word := range append(strings.Fields(form), form) {
			if f := fold([]byte(word)); len(f) >= longWord || word == form {
				out = append(out, bytes.TrimPrefix(f, []byte("0"))) // a telephone number is written +33 too
			}
		}
	}
	return out
}

// decomposed writes the accents of these tests as marks of their own (Unicode form D).
func decomposed(s string) string {
	return strings.NewReplacer("é", "e\u0301", "É", "E\u0301", "è", "e\u0300", "ê", "e\u0302", "à", "a\u0300", "ù", "u\u0300", "ë", "e\u0308").Replace(s)
}

// fold keeps ASCII letters and digits, in lower case. All else is dropped byte by byte: so are an accented letter in UTF-8
// and Latin-1, and the zeros of UTF-16.
func fold(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for _, c := range b {
		switch {
		case c >= 'A' && c <= 'Z':
			out = append(out, c+'a'-'A')
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			out = append(out, c)
		}
	}
	return out
}

var (
	escapes  = regexp.MustCompile(`\\u\{?([0-9a-fA-F]{4})\}?|\\x([0-9a-fA-F]{2})|[%=]([0-9a-fA-F]{2})`)
	octals   = regexp.MustCompile(`\\[0-3][0-7]{2}`) // of PDF strings
	tags     = regexp.MustCompile(`<[^<>]*>`)
	base64s  = regexp.MustCompile(`[A-Za-z0-9+/_-](?:\r?\n?[A-Za-z0-9+/_-]){11,}`) // in lines too
	hexes    = regexp.MustCompile(`(?:[0-9a-fA-F]{2}){8,}`)
	standard = strings.NewReplacer("-", "+", "_", "/", "\r", "", "\n", "")                       // base64 of RFC 4648 section 4
	unpackAt = [][]byte{{0x1F, 0x8B, 8}, {0x78, 0x01}, {0x78, 0x5E}, {0x78, 0x9C}, {0x78, 0xDA}} // RFC 1952, RFC 1950
)

// unwrap shows some bytes, and what they are the wrapping of, to a depth.
func unwrap(b []byte, depth int, show func([]byte)) {
	show(b)
	if depth == 0 || len(b) == 0 {
		return
	}
	if plain := unescaped(b); !bytes.Equal(plain, b) {
		unwrap(plain, depth-1, show)
	}
	if bare := tags.ReplaceAll(b, nil); len(bare) != len(b) {
		show(bare)
	}
	for _, run := range base64s.FindAll(b, -1) {
		text := standard.Replace(string(run))
		for shift := range 4 { // a run may begin with letters that are not of it
			plain, _ := base64.RawStdEncoding.DecodeString(text[shift:]) // as far as it goes
			unwrap(plain, depth-1, show)
		}
	}
	for _, run := range hexes.FindAll(b, -1) {
		plain, _ := hex.DecodeString(string(run))
		unwrap(plain, depth-1, show)
	}
	for _, packed := range packedIn(b) {
		unwrap(packed, depth-1, show)
	}
}

// unescaped undoes the escapes of JSON, scripts, HTML, addresses, mail and PDF.
func unescaped(b []byte) []byte {
	b = []byte(html.UnescapeString(string(b)))
	b = octals.ReplaceAllFunc(b, func(e []byte) []byte {
		n, _ := strconv.ParseUint(string(e[1:]), 8, 8) // three digits of it
		return []byte{byte(n)}
	})
	return escapes.ReplaceAllFunc(b, func(e []byte) []byte {
		digits := strings.Trim(strings.TrimLeft(string(e), `\ux%={`), "}")
		n, err := strconv.ParseUint(digits, 16, 16)
		switch {
		case err != nil:
			return e
		case e[0] == '\\':
			return []byte(string(rune(n)))
		}
		return []byte{byte(n)}
	})
}

// packedIn is what gzip and zlib streams inside some bytes unpack to, and the pixels of a PNG.
func packedIn(b []byte) (out [][]byte) {
	const most = 16 << 20
	for _, magic := range unpackAt {
		for at := 0; ; at++ {
			n := bytes.Index(b[at:], magic)
			if n < 0 {
				break
			}
			at += n
			var r io.Reader
			var err error
			if len(magic) == 3 {
				r, err = gzip.NewReader(bytes.NewReader(b[at:]))
			} else {
				r, err = zlib.NewReader(bytes.NewReader(b[at:]))
			}
			if err != nil {
				continue
			}
			if plain, _ := io.ReadAll(io.LimitReader(r, most)); len(plain) > 0 { // as far as it goes
				out = append(out, plain)
			}
		}
	}
	if pixels := unpacked(b); len(pixels) > 0 {
		out = append(out, pixels)
	}
	return out
}

// unpacked is the pixel data of a PNG, nothing for other bytes.
func unpacked(file []byte) []byte {
	var packed, out bytes.Buffer
	for at := 8; bytes.HasPrefix(file, []byte("\x89PNG")) && at+8 <= len(file); {
		n := int(binary.BigEndian.Uint32(file[at:]))
		if string(file[at+4:at+8]) == "IDAT" && at+8+n <= len(file) {
			packed.Write(file[at+8 : at+8+n])
		}
		at += 12 + n
	}
	if r, err := zlib.NewReader(&packed); err == nil {
		_, _ = io.Copy(&out, r) // as far as it goes
	}
	return out.Bytes()
}

// The search finds a value in every way to write it, and nothing in what only looks like it.
func TestTheSearchFindsEveryWriting(t *testing.T) {
	const value = "Maëlys Trébaolvihannec'h"
	values := map[string]string{"name": value}
	for name, text := range writings(value) {
		if found := standIn(text, values); len(found) != 1 {
			t.Errorf("%s: the value is not found in %.200q", name, text)
		}
	}
	for name, text := range writings("Maëlle Trébaoldaoujannec'h") {
		if found := standIn(text, values); len(found) != 0 {
			t.Errorf("%s: another value is taken for it: %.200q", name, text)
		}
	}
	for _, number := range []string{"+33639984217", "0639984217", "06.39.98.42.17", "tel:+33-6-39-98-42-17"} {
		if found := leaks([]byte(number)); !slices.Equal(found, []string{"recipient.phone"}) {
			t.Errorf("%s: found %v", number, found)
		}
	}
	for _, field := range slices.Sorted(maps.Keys(seeds)) {
		if found := leaks([]byte(seeds[field])); !slices.Equal(found, []string{field}) {
			t.Errorf("%s: found %v", field, found)
		}
	}
}
