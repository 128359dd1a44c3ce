// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"bytes"
	"encoding/hex"
	"regexp"
	"strconv"
	"unicode/utf16"
)

var (
	glyphs    = regexp.MustCompile(`<([0-9A-Fa-f]+)>`)
	oneGlyph  = regexp.MustCompile(`beginbfchar([^e]*(?:e[^n][^e]*)*)endbfchar`)
	runGlyphs = regexp.MustCompile(`beginbfrange([^e]*(?:e[^n][^e]*)*)endbfrange`)
	pair      = regexp.MustCompile(`<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>`)
	triple    = regexp.MustCompile(`<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>`)
)

// printed is the text of a PDF as Chromium writes it: the glyphs of each page, read with the map of every font (ISO
// 32000-1 section 9.10.3). One of the readings is the right one; the others are nonsense, and no loss.
func printed(pdf []byte) []byte {
	var pages [][]byte
	var fonts []map[string]string
	for _, s := range packedIn(pdf) {
		if font := fontOf(s); len(font) > 0 {
			fonts = append(fonts, font)
		} else if bytes.Contains(s, []byte("Tj")) || bytes.Contains(s, []byte("TJ")) {
			pages = append(pages, s)
		}
	}
	var out bytes.Buffer
	for _, font := range fonts {
		for _, page := range pages {
			for _, m := range glyphs.FindAllSubmatch(page, -1) {
				out.WriteString(read(string(bytes.ToUpper(m[1])), font))
			}
			out.WriteByte('\n')
		}
	}
	return out.Bytes()
}

// read is what glyphs say in a font.
func read(codes string, font map[string]string) (text string) {
	for len(codes) > 0 {
		n := min(len(codes), 4)
		if _, wide := font[codes[:n]]; !wide && len(codes) >= 2 {
			if _, narrow := font[codes[:2]]; narrow {
				n = 2
			}
		}
		text += font[codes[:n]]
		codes = codes[n:]
	}
	return text
}

// fontOf is the map of a font from its glyphs to text, empty when a stream is none.
func fontOf(stream []byte) map[string]string {
	font := map[string]string{}
	for _, block := range oneGlyph.FindAllSubmatch(stream, -1) {
		for _, m := range pair.FindAllSubmatch(block[1], -1) {
			font[string(bytes.ToUpper(m[1]))] = utf16Text(m[2])
		}
	}
	for _, block := range runGlyphs.FindAllSubmatch(stream, -1) {
		for _, m := range triple.FindAllSubmatch(block[1], -1) {
			from, err1 := strconv.ParseUint(string(m[1]), 16, 16)
			to, err2 := strconv.ParseUint(string(m[2]), 16, 16)
			first, err3 := strconv.ParseUint(string(m[3]), 16, 16)
			for n := uint64(0); err1 == nil && err2 == nil && err3 == nil && from+n <= to; n++ {
				code := strconv.FormatUint(1<<32|(from+n), 16)
				font[string(bytes.ToUpper([]byte(code[len(code)-len(m[1]):])))] = string(rune(first + n))
			}
		}
	}
	return font
}

func utf16Text(digits []byte) string {
	b, _ := hex.DecodeString(string(digits)) // even by the form
	var units []uint16
	for ; len(b) >= 2; b = b[2:] {
		units = append(units, uint16(b[0])<<8|uint16(b[1]))
	}
	return string(utf16.Decode(units))
}
