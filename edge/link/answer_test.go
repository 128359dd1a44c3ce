// SPDX-License-Identifier: EUPL-1.2

package link

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"rivage.example/rivage"
)

// declaring is a source with these fields.
func declaring(names ...string) *rivage.CardSource {
	src := source("https://parcels.example/{key}")
	src.Fields = nil
	for _, n := range names {
		src.Fields = append(src.Fields, rivage.CardField{Name: n})
	}
	return src
}

func TestAnswersThatAreTaken(t *testing.T) {
	src := declaring("a", "b", "o.a", "o.o.o.o.a", "Ab")
	long := strings.Repeat("é", maxText/2)
	for body, want := range map[string][]Value{
		`{}`:                                   nil,
		" {\t\"a\" : \"x\" }\r\n":              {{"a", "x"}},
		`{"b":2,"a":"1"}`:                      {{"a", "1"}, {"b", "2"}},
		`{"a":null,"b":""}`:                    {{"b", ""}},
		`{"a":true,"b":false}`:                 {{"a", "true"}, {"b", "false"}},
		`{"a":-0.10e+5,"b":1E400}`:             {{"a", "-0.10e+5"}, {"b", "1E400"}},
		`{"a":12345678901234567890123}`:        {{"a", "12345678901234567890123"}},
		`{"o":{"a":"in"},"a":"out"}`:           {{"a", "out"}, {"o.a", "in"}},
		`{"o":{}}`:                             nil,
		`{"o":{"o":{"o":{"o":{"a":"5"}}}}}`:    {{"o.o.o.o.a", "5"}},
		`{"a":"Zo\u00e9 \ud83d\ude00 \"\/\\"}`: {{"a", `Zoé 😀 "/\`}},
		`{"\u0061":"escaped"}`:                 {{"a", "escaped"}},
		`{"Ab":1}`:                             {{"Ab", "1"}},
		`{"a":"` + long + `"}`:                 {{"a", long}},
	} {
		card, err := readCard(src, testKey, []byte(body))
		if err != nil || card.Source != "colis" || !reflect.DeepEqual(card.Fields, want) {
			t.Errorf("%.80s: got %.80v, %v, want %.80v", body, card, err, want)
		}
	}
}

func TestAnswersThatAreRefused(t *testing.T) {
	src := declaring("a", "b", "o.a", "o", "o.o.o.o.o.a", "list")
	const notShown = "a field whose name cannot be shown"
	for _, c := range []struct {
		body string
		code rivage.Code
		says string
	}{
		{``, rivage.Unavailable, "not one JSON object"},
		{`null`, rivage.Unavailable, "not one JSON object"},
		{`"a"`, rivage.Unavailable, "not one JSON object"},
		{`[{"a":"Camille Exemple"}]`, rivage.Unavailable, "not one JSON object"},
		{`{"a":1}{"a":2}`, rivage.Unavailable, "not one JSON object"},
		{`{"a":1} x`, rivage.Unavailable, "not one JSON object"},
		{`{"a":1,}`, rivage.Unavailable, "not one JSON object"},
		{`{"a" 1}`, rivage.Unavailable, "not one JSON object"},
		{`{a:1}`, rivage.Unavailable, "not one JSON object"},
		{`{"a":'Camille Exemple'}`, rivage.Unavailable, "not one JSON object"},
		{`{"a":NaN}`, rivage.Unavailable, "not one JSON object"},
		{`{"a":-Infinity}`, rivage.Unavailable, "not one JSON object"},
		{`{"a":01}`, rivage.Unavailable, "not one JSON object"},
		{`{"a":+1}`, rivage.Unavailable, "not one JSON object"},
		{`{"a":TRUE}`, rivage.Unavailable, "not one JSON object"},
		{"{\"a\":\"Camille Exemple\xff\"}", rivage.Unavailable, "not one JSON object"},
		{"{\"a\":\"\xed\xa0\x80\"}", rivage.Unavailable, "not one JSON object"},
		{"{\"a\":\"\xc0\xaf\"}", rivage.Unavailable, "not one JSON object"},
		{"{\"a\xff\":1}", rivage.Unavailable, "not one JSON object"},
		{"\xef\xbb\xbf{\"a\":1}", rivage.Unavailable, "not one JSON object"},
		{"{\x00\"\x00a\x00\"\x00:\x001\x00}\x00", rivage.Unavailable, "not one JSON object"}, // UTF-16
		{"{\"a\":\"Camille\nExemple\"}", rivage.Unavailable, "not one JSON object"},
		{strings.Repeat(`{"o":`, 20000), rivage.Unavailable, "not one JSON object"},

		{`{"a":1,"mail":"Camille Exemple"}`, rivage.Denied, "the field mail, which it does not declare"},
		{`{"mail":null}`, rivage.Denied, "the field mail, which"},
		{`{"o":{"mail":"x"}}`, rivage.Denied, "the field o.mail, which"},
		{`{"o":{"a":{"a":1}}}`, rivage.Denied, "the field o.a.a, which"},
		{`{"A":1}`, rivage.Denied, "the field A, which"},
		{`{"o.a":1}`, rivage.Denied, "the field o.a, which"},
		{`{"x":{"a":1}}`, rivage.Denied, "the field x.a, which"},
		{`{"":1}`, rivage.Denied, notShown},
		{`{"a ":1}`, rivage.Denied, notShown},
		{`{"Camille Exemple":1}`, rivage.Denied, notShown},
		{`{"é":1}`, rivage.Denied, notShown},
		{`{"\ud800":1}`, rivage.Denied, notShown},
		{"{\"\u202egro\":1}", rivage.Denied, notShown},
		{`{"<b>":1}`, rivage.Denied, notShown},
		{`{"PN123456789":1}`, rivage.Denied, notShown},
		{`{"o":{"x-pn123456789":1}}`, rivage.Denied, notShown},
		{`{"0639980000":1}`, rivage.Denied, notShown},
		{`{"` + strings.Repeat("x", 64) + `":1}`, rivage.Denied, "the field xxx"},
		{`{"` + strings.Repeat("x", 65) + `":1}`, rivage.Denied, notShown},
		{`{"` + strings.Repeat("x", 9000) + `":{}}`, rivage.Denied, notShown},

		{`{"a":1,"a":1}`, rivage.Denied, "the field a twice"},
		{`{"a":null,"\u0061":"Camille Exemple"}`, rivage.Denied, "the field a twice"},
		{`{"o":{"a":1},"o":{}}`, rivage.Denied, "the field o twice"},
		{`{"o":{"a":1,"a":2}}`, rivage.Denied, "the field o.a twice"},

		{`{"list":[]}`, rivage.Denied, "the field list is a list"},
		{`{"a":["Camille Exemple"]}`, rivage.Denied, "the field a is a list"},
		{`{"o":{"o":{"o":{"o":{"o":{"a":1}}}}}}`, rivage.Denied, "more than 5 objects"},
		{`{"o":{"o":{"o":{"o":{"o":{}}}}}}`, rivage.Denied, "more than 5 objects"},
		{strings.Repeat(`{"o":`, 9000) + "1" + strings.Repeat("}", 9000), rivage.Denied, "more than 5 objects"},
		{`{"a":"` + strings.Repeat("x", maxText+1) + `"}`, rivage.Denied, "the field a is longer than 2000 bytes"},
		{`{"a":1` + strings.Repeat("0", maxText) + `}`, rivage.Denied, "the field a is longer than 2000 bytes"},
		{`{"a":"Camille Exemple\n"}`, rivage.Denied, "the field a holds a control character"},
		{`{"a":"\t"}`, rivage.Denied, "the field a holds a control character"},
		{`{"a":"\u0000"}`, rivage.Denied, "the field a holds a control character"},
		{`{"a":"\u001b[2J"}`, rivage.Denied, "the field a holds a control character"},
		{"{\"a\":\"\x7f\"}", rivage.Denied, "the field a holds a control character"},
		{"{\"a\":\"\u0085\"}", rivage.Denied, "the field a holds a control character"},
		{"{\"a\":\"\u2028\"}", rivage.Denied, "the field a holds a control character"},
	} {
		t.Run(fmt.Sprintf("%.30q", c.body), func(t *testing.T) {
			card, err := readCard(src, testKey, []byte(c.body))
			refused(t, card, err, c.code, c.says)
		})
	}
}

// A system that calls its fields by the key makes the error show what was looked up.
func TestAnErrorDoesNotShowTheKeyAsAFieldsName(t *testing.T) {
	for _, c := range []struct{ key, name, says string }{
		{"Dossier-7", "dossier-7", "cannot be shown"},
		{"Dossier-7", "the_DOSSIER-7_x", "cannot be shown"},
		{"Dossier-7", "dossier-8", "the field dossier-8"},
	} {
		card, err := readCard(declaring("a"), c.key, []byte(`{"`+c.name+`":1}`))
		refused(t, card, err, rivage.Denied, c.says)
	}
}

func TestTheNumberOfFields(t *testing.T) {
	body := func(n int, value string) ([]string, []byte) {
		var names, members []string
		for i := range n {
			names = append(names, fmt.Sprintf("f%d", i))
			members = append(members, fmt.Sprintf("%q:%s", names[i], value))
		}
		return names, []byte("{" + strings.Join(members, ",") + "}")
	}
	for _, value := range []string{"1", "null"} {
		names, text := body(maxLeaves, value)
		if _, err := readCard(declaring(names...), testKey, text); err != nil {
			t.Errorf("%d fields %s: %v", maxLeaves, value, err)
		}
		names, text = body(maxLeaves+1, value)
		card, err := readCard(declaring(names...), testKey, text)
		refused(t, card, err, rivage.Denied, "more than 100 fields")
	}
}

// TestTheWholeAnswerIsRefused: a field that nobody declared takes with it those that were.
func TestTheWholeAnswerIsRefused(t *testing.T) {
	s := answering(t, `{"number":"PN1","status":"Livré","recipient":{"name":"`+canary+`","mail":"x"}}`)
	card, err := newOutside().Look(t.Context(), source(s.URL+"/{key}"), testKey)
	refused(t, card, err, rivage.Denied, "look up a card at colis: its answer holds the field recipient.mail, which it does not declare")
}

// flat is another way to the same card: what encoding/json makes of the whole answer.
func flat(prefix string, m map[string]any, into map[string]string) {
	for k, v := range m {
		switch v := v.(type) {
		case map[string]any:
			flat(prefix+k+".", v, into)
		case nil:
		case bool:
			into[prefix+k] = strconv.FormatBool(v)
		case json.Number:
			into[prefix+k] = v.String()
		case string:
			into[prefix+k] = v
		default:
			into[prefix+k] = fmt.Sprintf("a %T", v)
		}
	}
}

func checkCard(t *testing.T, src *rivage.CardSource, card Card, err error) {
	t.Helper()
	if err != nil {
		code := rivage.CodeOf(err)
		if code != rivage.Denied && code != rivage.Unavailable && code != rivage.NotFound || !reflect.DeepEqual(card, Card{}) {
			t.Errorf("%v (%s) beside %v", err, code, card)
		}
		if text := err.Error(); len(text) > 300 || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("the error shows too much: %q", text)
		}
		return
	}
	at := 0
	for _, v := range card.Fields {
		for at < len(src.Fields) && src.Fields[at].Name != v.Name {
			at++
		}
		if at == len(src.Fields) || len(v.Text) > maxText || !utf8.ValidString(v.Text) || strings.ContainsFunc(v.Text, unprintable) {
			t.Errorf("the card holds %q", v)
		}
		at++
	}
}

var fuzzSeeds = []string{
	`{}`, `{"a":"x","b":1.50,"o":{"a":null,"b":true}}`, `{"a":1,"a":2}`, `{"o":{"o":{"o":{"o":{"o":{}}}}}}`, `{"a":[1]}`,
	`{"a":NaN}`, "{\"a\":\"\xff\"}", `{"a":"\ud800"}`, `{"o.a":1}`, `{"a":"\n"}`, `{"":0}`, `[[[[`, `{"a":1}{}`,
	`{"PN123456789":"Camille Exemple"}`, `{"a":1e999999}`, "\xef\xbb\xbf{}",
}

func FuzzAnswer(f *testing.F) {
	for _, s := range fuzzSeeds {
		f.Add([]byte(s))
	}
	src := declaring("a", "b", "o.a", "o.b", "o.o.a")
	f.Fuzz(func(t *testing.T, body []byte) {
		card, err := readCard(src, testKey, body)
		checkCard(t, src, card, err)
		if err != nil {
			return
		}
		var m map[string]any
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		if err := d.Decode(&m); err != nil {
			t.Fatalf("a card of what is no JSON object: %v", err)
		}
		want, got := map[string]string{}, map[string]string{}
		flat("", m, want)
		for _, v := range card.Fields {
			got[v.Name] = v.Text
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// canned is the other end of a connection on which everything was said beforehand.
type canned struct{ io.Reader }

func (canned) Write(p []byte) (int, error)      { return len(p), nil }
func (canned) Close() error                     { return nil }
func (canned) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (canned) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (canned) SetDeadline(time.Time) error      { return nil }
func (canned) SetReadDeadline(time.Time) error  { return nil }
func (canned) SetWriteDeadline(time.Time) error { return nil }

func cannedDial(reply []byte) func(context.Context, string, string, string) (net.Conn, error) {
	return func(context.Context, string, string, string) (net.Conn, error) {
		return canned{bytes.NewReader(reply)}, nil
	}
}

func FuzzReply(f *testing.F) {
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	for _, s := range fuzzSeeds {
		f.Add([]byte(head + "\r\n" + s))
	}
	for _, s := range []string{
		"", "HTTP/1.1 404 Not Found\r\n\r\n", "HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n" + head + "\r\n{}",
		head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: y\r\n\r\n", head + "Content-Length: 2\r\n\r\n{}",
		head + "Content-Length: -1\r\n\r\n{}", head + "Content-Encoding: gzip\r\n\r\n\x1f\x8b", "HTTP/1.0 200\r\n\r\n{}",
	} {
		f.Add([]byte(s))
	}
	src := declaring("a", "b", "o.a", "o.b", "o.o.a")
	src.URL = "http://127.0.0.1/{key}"
	f.Fuzz(func(t *testing.T, reply []byte) {
		o := newOutside()
		o.c.Dial = cannedDial(reply)
		card, err := o.Look(t.Context(), src, testKey)
		checkCard(t, src, card, err)
	})
}
