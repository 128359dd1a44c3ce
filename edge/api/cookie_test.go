// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestTheCookieIsOutOfReachOfScriptsAndSites(t *testing.T) {
	for name, secure := range map[string]bool{"tls": true, "loopback": false} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			client, url := b.Client(), b.URL
			if secure {
				s := httptest.NewTLSServer(b.s.Handler())
				defer s.Close()
				client, url = s.Client(), s.URL
			}
			r, err := http.NewRequestWithContext(t.Context(), "POST", url+"/api/session", strings.NewReader(`{"login":"agent.colis","password":"juste"}`))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			res, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if len(res.Cookies()) != 1 {
				t.Fatalf("got cookies %v, want one", res.Cookies())
			}
			c := res.Cookies()[0]
			want := plainCookie
			if secure {
				want = secureCookie
			}
			if c.Name != want || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Secure != secure || c.Path != "/" || c.Domain != "" {
				t.Errorf("got %s", c.Raw)
			}
			if got := res.Header.Get("Strict-Transport-Security") != ""; got != secure {
				t.Errorf("got HSTS %t, want %t", got, secure)
			}
		})
	}
}

func TestWhichTokenCounts(t *testing.T) {
	for _, c := range []struct {
		name, header string
		tls          bool
		want         string
	}{
		{"one", "rivage=abc", false, "abc"},
		{"none", "other=abc", false, ""},
		{"two", "rivage=abc; rivage=def", false, ""},
		{"plain on TLS", "rivage=abc", true, ""},
		{"host on TLS", "__Host-rivage=abc", true, "abc"},
		{"host without TLS", "__Host-rivage=abc", false, ""},
		{"odd letters", "rivage=a%20b", false, ""},
		{"too long", "rivage=" + strings.Repeat("a", maxToken+1), false, ""},
		{"empty", "rivage=", false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &http.Request{Header: http.Header{"Cookie": {c.header}}}
			if c.tls {
				r.TLS = &tls.ConnectionState{}
			}
			if got := sessionToken(r); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestASoftphoneNeedsASecureOrigin(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost:8080": true, "127.0.0.1:80": true, "[::1]:443": true, "127.0.0.1": true, "192.0.2.1:80": false,
		"localhost.evil.example": false, "rivage.example": false, "": false, "127.0.0.1.evil.example:80": false,
	} {
		if got := secureOrigin(&http.Request{Host: host}); got != want {
			t.Errorf("%q: got %t, want %t", host, got, want)
		}
	}
	b := newBench(t)
	r, err := http.NewRequestWithContext(t.Context(), "GET", b.URL+"/api/session", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "192.0.2.1"
	r.AddCookie(&http.Cookie{Name: plainCookie, Value: "agent.colis"})
	res, err := b.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(string(text), `"secure":false`) {
		t.Errorf("got %s, %v, want secure false", text, err)
	}
}

func FuzzSessionToken(f *testing.F) {
	for _, seed := range []string{"rivage=abc", "rivage=a; rivage=b", "", ";;;", "rivage", "=rivage", "rivage=\"abc\"", "__Host-rivage=x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		got := sessionToken(&http.Request{Header: http.Header{"Cookie": {header}}})
		if got != "" && (!validToken(got) || !strings.Contains(header, got)) {
			t.Errorf("%q gave %q", header, got)
		}
	})
}
