// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// plant is a leak that a test makes on purpose, in one way out, and the kind of piece that has to give it away.
type plant struct {
	name, kind string
	only       bool // no piece of another kind has it
	// spoil changes the answer at a path of the plant's own, or at the path that it names; nil: the page leaks (plants.mjs).
	spoil func(resp *http.Response, value string)
	at    string
}

// plants are the ways out. "wire" kinds are not asked for: what the browser makes of a thing has to be enough.
var plants = []plant{
	{name: "header", kind: "header", at: "/api/frame", spoil: func(r *http.Response, v string) { r.Header.Set("X-Note", v) }},
	{name: "header, escaped", kind: "header", at: "/api/frame", spoil: func(r *http.Response, v string) { r.Header.Set("Link", "</"+url.PathEscape(v)+">; rel=help") }},
	{name: "cookie", kind: "header", at: "/api/frame", spoil: func(r *http.Response, v string) {
		r.Header.Add("Set-Cookie", "seen="+base64.RawURLEncoding.EncodeToString([]byte(v)))
	}},
	{name: "file name of an answer", kind: "header", spoil: func(r *http.Response, v string) {
		r.Header.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(v)+".csv")
	}},
	{name: "redirect", kind: "header", spoil: func(r *http.Response, v string) {
		r.StatusCode = http.StatusFound
		r.Header.Set("Location", "/planted/elsewhere?q="+url.QueryEscape(v))
	}},
	{name: "body of an error", kind: "body", spoil: func(r *http.Response, v string) {
		r.StatusCode = http.StatusInternalServerError
		replace(r, "application/problem+json", []byte(ascii(`{"detail":"no such parcel: `+v+`"}`, `\u%04x`)))
	}},
	{name: "body of something that is not there", kind: "body", spoil: func(r *http.Response, v string) {
		r.StatusCode = http.StatusNotFound
		replace(r, "text/html", []byte("<p>"+ascii(v, "&#%d;")))
	}},
	{name: "JSON", kind: "body", spoil: func(r *http.Response, v string) { replace(r, "application/json", jsonOf(map[string]string{"n": v})) }},
	{name: "base64 in JSON", kind: "body", spoil: func(r *http.Response, v string) {
		replace(r, "application/json", jsonOf(map[string][]byte{"blob": []byte(`{"name":"` + v + `"}`)}))
	}},
	{name: "compressed body", kind: "body", spoil: func(r *http.Response, v string) {
		replace(r, "application/json", gzipped(jsonOf(map[string]string{"n": v})))
		r.Header.Set("Content-Encoding", "gzip")
	}},
	{name: "compressed, in base64", kind: "body", spoil: func(r *http.Response, v string) { replace(r, "application/json", jsonOf(zlibbed([]byte(v)))) }},
	{name: "UTF-16", kind: "body", spoil: func(r *http.Response, v string) { replace(r, "text/csv", utf16Of(v, false)) }},
	{name: "words of a picture", kind: "body", spoil: func(r *http.Response, v string) { replace(r, "image/png", captioned(v)) }},
	{name: "live channel", kind: "live", at: "/api/live", only: true, spoil: func(r *http.Response, v string) {
		if live, ok := r.Body.(io.ReadWriteCloser); ok {
			r.Body = interject(live, jsonOf(map[string]string{"note": v}))
		}
	}},

	{name: "title", kind: "dom"}, {name: "alt", kind: "dom"}, {name: "tooltip", kind: "dom"}, {name: "data: address", kind: "dom"},
	{name: "form field", kind: "dom"}, {name: "closed shadow root", kind: "dom"}, {name: "style sheet", kind: "dom"},
	{name: "accessible name only", kind: "accessibility", only: true},
	{name: "console", kind: "console", only: true}, {name: "console, deep", kind: "console", only: true}, {name: "page error", kind: "console", only: true},
	{name: "local storage", kind: "storage", only: true}, {name: "indexed database", kind: "storage", only: true},
	{name: "cache storage", kind: "storage", only: true}, {name: "history", kind: "address", only: true},
	{name: "clipboard by script", kind: "clipboard"}, {name: "copy handler", kind: "copy"}, {name: "other tabs", kind: "tabs", only: true},
	{name: "file name", kind: "file"}, {name: "file content", kind: "file", only: true}, {name: "print", kind: "printed text"},
}

// value is what a plant leaks: a word of its own.
func (p plant) value() string {
	n := slices.IndexFunc(plants, func(q plant) bool { return q.name == p.name })
	return fmt.Sprintf("Tréguédennec%cq%cq", 'a'+n/26, 'a'+n%26)
}

// path is where a plant of the wire stands.
func (p plant) path() string {
	if p.at != "" {
		return p.at
	}
	return "/planted/" + url.PathEscape(p.name)
}

// plantedLeaks: each leak that is planted is found, where it was planted.
func (i *instance) plantedLeaks(t *testing.T) {
	desk := i.sit(t, "brest-2", seat("brest", 2), func(r *http.Response) {
		for _, p := range plants {
			if p.spoil != nil && p.path() == r.Request.URL.EscapedPath() {
				if p.at == "" {
					r.StatusCode, r.Status = http.StatusOK, "200 OK"
					replace(r, "text/plain", nil)
				}
				p.spoil(r, p.value())
			}
		}
	})
	desk.wrong = true
	values := map[string]string{}
	for _, p := range plants {
		values[p.name] = p.value()
		if p.spoil == nil {
			desk.do(t, "plant", p.name, p.value())
		} else if p.at != "/api/live" {
			desk.do(t, "status", http.MethodGet, p.path())
		}
	}
	found := where(desk.capture(t), values)
	for _, p := range plants {
		t.Run(p.name, func(t *testing.T) {
			in := slices.DeleteFunc(slices.Clone(found[p.name]), func(kind string) bool { return strings.HasPrefix(kind, "wire ") })
			if !slices.Contains(in, p.kind) {
				t.Errorf("the leak is not found in %q, only in %v", p.kind, found[p.name])
			}
			if p.only && len(in) > 1 {
				t.Errorf("the leak is found in %v, want %q only", in, p.kind)
			}
			if p.spoil != nil && len(found[p.name]) == len(in) {
				t.Error("the leak is not found in what went over the wire")
			}
		})
	}
	desk.close()
}

// replace gives an answer another body.
func replace(r *http.Response, kind string, body []byte) {
	_ = r.Body.Close() // the instance's own
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Content-Length", fmt.Sprint(len(body)))
	r.Header.Del("Content-Encoding")
}

// captioned is a picture of one pixel with words beside it, compressed (PNG section 11.3.4.3, zTXt).
func captioned(words string) []byte {
	out := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
		from := len(out)
		out = append(append(out, kind...), data...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[from:]))
	}
	chunk("IHDR", []byte{0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0})
	chunk("zTXt", append([]byte("Comment\x00\x00"), zlibbed([]byte(words))...))
	chunk("IDAT", zlibbed([]byte{0, 0}))
	chunk("IEND", nil)
	return out
}
