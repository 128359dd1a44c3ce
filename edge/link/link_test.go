// SPDX-License-Identifier: EUPL-1.2

package link

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

// What no error may repeat: the key, the token, and what the systems below put in their answers.
const (
	testKey   = "PN123456789"
	testToken = "jeton-0a1b2c"
	canary    = "Camille Exemple"
)

var canaries = []string{testKey, testToken, canary}

func source(url string) *rivage.CardSource {
	return &rivage.CardSource{
		ID: "colis", Principal: "messagerie", URL: url, Secret: "card/colis", Timeout: 2,
		Fields: []rivage.CardField{{Name: "number"}, {Name: "status"}, {Name: "recipient.name"}, {Name: "recipient.floor"}, {Name: "insured"}},
	}
}

// outside is a Link whose way out goes wherever it is asked, and notes where.
type outside struct {
	*Link
	dialled []string // "use network address"
	to      string   // "" is the address itself
}

func newOutside() *outside {
	o := &outside{}
	o.Link = New(Config{
		Dial: func(ctx context.Context, use, network, addr string) (net.Conn, error) {
			o.dialled = append(o.dialled, use+" "+network+" "+addr)
			if o.to != "" {
				addr = o.to
			}
			return new(net.Dialer).DialContext(ctx, network, addr)
		},
		Secret: func(string) (string, error) { return testToken, nil },
	})
	return o
}

// refused checks that a look-up gave no card but an error of this code that tells nothing it may not.
func refused(t *testing.T, card Card, err error, code rivage.Code, says string) {
	t.Helper()
	var e *rivage.Error
	switch {
	case !errors.As(err, &e) || e.Code != code || !strings.Contains(err.Error(), says):
		t.Errorf("got %q (%s), want %q (%s)", err, rivage.CodeOf(err), says, code)
	case !reflect.DeepEqual(card, Card{}):
		t.Errorf("a card beside the error %q", err)
	}
	for _, c := range canaries {
		if err != nil && strings.Contains(err.Error(), c) {
			t.Errorf("the error repeats %q: %q", c, err)
		}
	}
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// answering is a system that answers every key with the same JSON.
func answering(t *testing.T, body string) *httptest.Server {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		fmt.Fprint(w, body)
	})
}

func TestACardHoldsWhatWasAnsweredInTheDeclaredOrder(t *testing.T) {
	s := answering(t, `{"recipient":{"floor":1.50,"name":"Zoé \"L’Exemple\""},"insured":true,"status":null,"number":"PN1"}`)
	o := newOutside()
	card, err := o.Look(t.Context(), source(s.URL+"/parcels/{key}"), testKey)
	if err != nil {
		t.Fatal(err)
	}
	want := Card{Source: "colis", Fields: []Value{
		{"number", "PN1"}, {"recipient.name", `Zoé "L’Exemple"`}, {"recipient.floor", "1.50"}, {"insured", "true"},
	}}
	if !reflect.DeepEqual(card, want) {
		t.Errorf("got %+v, want %+v", card, want)
	}
	if got, want := o.dialled, []string{"card:colis tcp " + s.Listener.Addr().String()}; !reflect.DeepEqual(got, want) {
		t.Errorf("dialled %q, want %q", got, want)
	}
}

func TestTheRequestSaysNoMoreThanItHasTo(t *testing.T) {
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "ALL_PROXY"} {
		t.Setenv(name, "http://127.0.0.1:1")
	}
	for _, c := range []struct{ path, secret, key, uri, authorization string }{
		{"/parcels/{key}", "card/colis", "PN123456789", "/parcels/PN123456789", "Bearer " + testToken},
		{"/parcels/{key}/card?v=2", "", "A 1/b.c-d_e", "/parcels/A%201%2Fb.c-d_e/card?v=2", ""},
		{"/parcels?number={key}", "", "A 1/2", "/parcels?number=A%201%2F2", ""},
	} {
		var got *http.Request
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			got = r
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Set-Cookie", "seen=1")
			fmt.Fprint(w, "{}")
		})
		src := source(s.URL + c.path)
		src.Secret = c.secret
		o := newOutside()
		for range 2 { // the second shows what the first left behind
			if _, err := o.Look(t.Context(), src, c.key); err != nil {
				t.Fatal(err)
			}
			want := http.Header{"Accept": {"application/json"}, "Accept-Encoding": {"identity"}, "User-Agent": {"rivage"}, "Connection": {"close"}}
			if c.authorization != "" {
				want.Set("Authorization", c.authorization)
			}
			if got.Method != "GET" || got.Proto != "HTTP/1.1" || got.RequestURI != c.uri || !reflect.DeepEqual(got.Header, want) {
				t.Errorf("got %s %s %s %v, want GET %s %v", got.Method, got.RequestURI, got.Proto, got.Header, c.uri, want)
			}
		}
	}
}

func TestKeys(t *testing.T) {
	for key, good := range map[string]bool{
		"PN123456789": true, "a": true, strings.Repeat("9", 64): true, "12 / 3.4-5_6": true, "a..b": true, "A/b": true,
		"": false, strings.Repeat("9", 65): false, " ": false, "---": false, ".": false, "..": false,
		"../admin": false, "a/../../admin": false, "a/./b": false, " .. /a": false, "a/..": false,
		"a?b": false, "a&b": false, "a#b": false, "a%2e": false, "a\\b": false, "a\r\nb": false, "a\x00": false, "été": false,
		"a:b": false, "a@b": false, "{key}": false, "\xff": false, "a\tb": false, "٣": false,
	} {
		o := newOutside()
		s := answering(t, "{}")
		card, err := o.Look(t.Context(), source(s.URL+"/{key}"), key)
		switch {
		case good && err != nil:
			t.Errorf("%q: %v", key, err)
		case !good:
			refused(t, card, err, rivage.Invalid, "a key is")
			if len(o.dialled) > 0 {
				t.Errorf("%q was sent", key)
			}
		}
	}
}

func TestURLs(t *testing.T) {
	for url, says := range map[string]string{
		"https://parcels.example/{key}":                          "",
		"https://parcels.example:8443/p?n={key}":                 "",
		"http://127.0.0.1/{key}":                                 "",
		"http://127.200.0.9:81/{key}":                            "",
		"http://[::1]:81/{key}":                                  "",
		"http://parcels.example/{key}":                           "has to begin with https://",
		"http://localhost/{key}":                                 "has to begin with https://",
		"http://127.0.0.1.example/{key}":                         "has to begin with https://",
		"http://127.1/{key}":                                     "has to begin with https://",
		"http://10.0.0.1/{key}":                                  "has to begin with https://",
		"http://[::2]/{key}":                                     "has to begin with https://",
		"ftp://parcels.example/{key}":                            "has to begin with https://",
		"https://parcels.example/":                               "{key} once",
		"https://parcels.example/{key}/{key}":                    "{key} once",
		"https://parcels.example/%7Bkey%7D":                      "{key} once",
		"https://parcels.example/#{key}":                         "fragment",
		"https://ada:secret@parcels.example/{key}":               "holds a user",
		"https://{key}.example/":                                 "cannot be read",
		"https:///{key}":                                         "cannot be read",
		"https:{key}":                                            "cannot be read",
		"/parcels/{key}":                                         "cannot be read",
		"":                                                       "cannot be read",
		"https://parcels.example/a b/{key}":                      "cannot be read",
		"https://parcels.example/?n={key} HTTP/1.1":              "cannot be read",
		"https://parcels.example/{key}\r\nX: y":                  "cannot be read",
		"https://exämple.example/{key}":                          "cannot be read",
		"https://parcels.example:https/{key}":                    "cannot be read",
		"https://parcels.example/%zz/{key}":                      "cannot be read",
		"https://user@parcels.example/" + rivage.CardPlaceholder: "holds a user",
	} {
		_, err := locate(source(url), testKey)
		if says == "" {
			if err != nil {
				t.Errorf("%s: %v", url, err)
			}
			continue
		}
		refused(t, Card{}, err, rivage.Invalid, says)
	}
}

func TestWhereAURLIsAsked(t *testing.T) {
	for url, want := range map[string]string{
		"https://parcels.example/{key}":      "parcels.example:443",
		"https://parcels.example:8443/{key}": "parcels.example:8443",
		"http://127.0.0.1/{key}":             "127.0.0.1:80",
		"https://[2001:db8::1]/{key}":        "[2001:db8::1]:443",
	} {
		u, err := locate(source(url), testKey)
		if err != nil {
			t.Fatal(err)
		}
		if got := hostPort(u); got != want {
			t.Errorf("%s is asked at %s, want %s", url, got, want)
		}
	}
}

func TestTLSIsVerified(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"number":"TLS %x"}`, r.TLS.Version)
	})
	start := func(most uint16) *httptest.Server {
		s := httptest.NewUnstartedServer(handler)
		s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		s.StartTLS()
		s.TLS.MinVersion, s.TLS.MaxVersion = 0x0301, most
		t.Cleanup(s.Close)
		return s
	}
	for _, c := range []struct {
		name, host string // of the certificate are 127.0.0.1 and example.com
		most       uint16
		trusted    bool
		want, says string
	}{
		{"1.3", "example.com", 0x0304, true, "TLS 304", ""},
		{"1.2", "127.0.0.1", 0x0303, true, "TLS 303", ""},
		{"1.1", "example.com", 0x0302, true, "", "TLS 1.2 or later"},
		{"another name", "other.example", 0x0304, true, "", "another name"},
		{"signed by nobody", "example.com", 0x0304, false, "", "nobody this machine trusts"},
	} {
		s := start(c.most)
		o := newOutside()
		o.to, o.roots = s.Listener.Addr().String(), x509.NewCertPool()
		if c.trusted {
			o.roots.AddCert(s.Certificate())
		}
		card, err := o.Look(t.Context(), source("https://"+c.host+"/{key}"), testKey)
		if c.says != "" {
			refused(t, card, err, rivage.Unavailable, c.says)
		} else if err != nil || card.Fields[0].Text != c.want {
			t.Errorf("%s: got %v, %v, want %s", c.name, card.Fields, err, c.want)
		}
	}
	t.Run("plain HTTP behind https", func(t *testing.T) {
		s := answering(t, "{}")
		o := newOutside()
		card, err := o.Look(t.Context(), source(strings.Replace(s.URL, "http:", "https:", 1)+"/{key}"), testKey)
		refused(t, card, err, rivage.Unavailable, "TLS 1.2 or later")
	})
}

func TestTheWayOutRefuses(t *testing.T) {
	for _, c := range []struct {
		dial error
		code rivage.Code
	}{
		{&rivage.Error{Code: rivage.Denied, Message: `connect for "card:colis": its address is not declared`}, rivage.Denied},
		{&rivage.Error{Code: rivage.Unavailable, Message: "resolve the host of card:colis"}, rivage.Unavailable},
		{errors.New("connection refused"), rivage.Unavailable},
	} {
		l := New(Config{
			Dial:   func(context.Context, string, string, string) (net.Conn, error) { return nil, c.dial },
			Secret: func(string) (string, error) { return testToken, nil },
		})
		card, err := l.Look(t.Context(), source("https://parcels.example/{key}"), testKey)
		refused(t, card, err, c.code, c.dial.Error())
	}
}

func TestABadSecretIsNotSent(t *testing.T) {
	for name, c := range map[string]struct {
		token string
		err   error
	}{
		"missing":     {"", &rivage.Error{Code: rivage.NotFound, Message: "no such secret"}},
		"empty":       {"", nil},
		"two lines":   {testToken + "\r\nX-Admin: 1", nil},
		"two words":   {testToken + " b", nil},
		"not ASCII":   {testToken + "é", nil},
		"a long text": {strings.Repeat(testToken, 1000), nil},
	} {
		o := newOutside()
		asked := ""
		o.c.Secret = func(name string) (string, error) { asked = name; return c.token, c.err }
		card, err := o.Look(t.Context(), source("http://127.0.0.1:1/{key}"), testKey)
		refused(t, card, err, rivage.Unavailable, `"card/colis"`)
		if len(o.dialled) > 0 || asked != "card/colis" {
			t.Errorf("%s: dialled %q, asked for %q", name, o.dialled, asked)
		}
	}
}

// A source's time is bounded on both sides, whatever it declares.
func TestTheTimeOfASourceIsBounded(t *testing.T) {
	for seconds, want := range map[int]time.Duration{-3: leastTime, 0: leastTime, 1: time.Second, 4: 4 * time.Second, 10: mostTime, 3600: mostTime} {
		var left time.Duration
		l := New(Config{
			Dial: func(ctx context.Context, _, _, _ string) (net.Conn, error) {
				end, _ := ctx.Deadline()
				left = time.Until(end)
				return nil, errors.New("far enough")
			},
			Secret: func(string) (string, error) { return testToken, nil },
		})
		src := source("https://parcels.example/{key}")
		src.Timeout = seconds
		_, _ = l.Look(t.Context(), src, testKey)
		if left > want || left < want-900*time.Millisecond {
			t.Errorf("%d s: %v are left, want %v", seconds, left, want)
		}
	}
}

func TestACardDoesNotPrintItselfInALog(t *testing.T) {
	card := Card{Source: "colis", Fields: []Value{{"recipient.name", canary}}}
	var text, js bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("x", "card", card, "value", card.Fields[0])
	slog.New(slog.NewJSONHandler(&js, nil)).Info("x", "card", card, "value", card.Fields[0])
	for _, got := range []string{text.String(), js.String()} {
		if strings.Contains(got, canary) || !strings.Contains(got, "[card]") || !strings.Contains(got, "[value]") {
			t.Errorf("logged %q", got)
		}
	}
}
