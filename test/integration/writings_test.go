// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/url"
	"strings"
	"unicode/utf16"
)

// writings are the ways a value may be written in what a browser gets.
func writings(value string) map[string][]byte {
	doc := []byte(fmt.Sprintf(`{"note":"see","name":%q}`, value))
	words := strings.Fields(value)
	all := map[string]string{
		"as it is": value, "in capitals": strings.ToUpper(value), "in small letters": strings.ToLower(value),
		"in form D": decomposed(value), "in form D, in capitals": decomposed(strings.ToUpper(value)),
		"without accents": strings.NewReplacer("é", "e", "ë", "e").Replace(value), "as an address": "/colis/" + strings.ReplaceAll(strings.ToLower(value), " ", "-"),
		"one word": words[len(words)-1], "spaced": strings.Join(strings.Split(value, ""), " "),
		"for a query": url.QueryEscape(value), "for a path": url.PathEscape(value), "twice for a query": url.QueryEscape(url.QueryEscape(value)),
		"form D for a query": url.QueryEscape(decomposed(value)),
		"for JSON":           ascii(value, `\u%04x`), "for a script": ascii(value, `\x%02x`), "for HTML": html.EscapeString(value),
		"for HTML in decimals": ascii(value, "&#%d;"), "for HTML in hexadecimals": ascii(value, "&#x%X;"), "for HTML, all": every(value, "&#%d;"),
		"for JSON, all": every(value, `\u%04X`), "JSON in JSON": string(jsonOf(string(jsonOf(ascii(value, `\u%04x`))))),
		"across tags": value[:9] + "<b class=x>" + value[9:] + "</b>",
		"in base64":   base64.StdEncoding.EncodeToString([]byte(value)), "in base64 for addresses": base64.RawURLEncoding.EncodeToString(doc),
		"in base64, one in": "data:text/plain;base64,x" + base64.StdEncoding.EncodeToString(doc), "in base64 of base64": base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString(doc))),
		"in base64, in lines": lined(base64.StdEncoding.EncodeToString(append(bytes.Repeat([]byte("-"), 50), value...))),
		"base64 in JSON":      string(jsonOf(base64.StdEncoding.EncodeToString(doc))),
		"in hexadecimals":     hex.EncodeToString(doc),
		"UTF-16 in base64":    base64.StdEncoding.EncodeToString(utf16Of(value, false)),
		"UTF-16":              string(utf16Of(value, false)), "UTF-16, large end first": string(utf16Of(value, true)),
		"gzip": string(gzipped(doc)), "gzip behind a head": "\r\n\r\n" + string(gzipped(doc)), "zlib": string(zlibbed(doc)),
		"gzip in base64": base64.StdEncoding.EncodeToString(gzipped(doc)),
	}
	out := map[string][]byte{}
	for name, text := range all {
		out[name] = []byte(text)
	}
	return out
}

// ascii writes what is beyond ASCII by a format, and every the whole.
func ascii(s, format string) string { return written(s, format, 0x7F) }
func every(s, format string) string { return written(s, format, 0) }

// lined breaks base64 as mail does (RFC 2045 section 6.8).
func lined(text string) (out string) {
	for ; len(text) > 76; text = text[76:] {
		out += text[:76] + "\r\n"
	}
	return out + text
}

func written(s, format string, above rune) string {
	var b strings.Builder
	for _, r := range s {
		if r > above {
			fmt.Fprintf(&b, format, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func jsonOf(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // of these tests' own values
	}
	return text
}

func utf16Of(s string, large bool) (out []byte) {
	for _, u := range utf16.Encode([]rune(s)) {
		if large {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return out
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	packed(gzip.NewWriter(&out), b)
	return out.Bytes()
}

func zlibbed(b []byte) []byte {
	var out bytes.Buffer
	packed(zlib.NewWriter(&out), b)
	return out.Bytes()
}

func packed(w io.WriteCloser, b []byte) {
	_, _ = w.Write(b) // into memory
	_ = w.Close()
}
