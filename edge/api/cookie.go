// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"net"
	"net/http"
	"net/netip"

	"rivage.example/rivage/engine/access"
)

// The session's cookie. The __Host- prefix (RFC 6265bis section 4.1.3.2) keeps another host or path from setting it;
// it needs TLS, which loopback does without.
const (
	secureCookie = "__Host-rivage"
	plainCookie  = "rivage"
	maxToken     = 128
)

func cookieName(r *http.Request) string {
	if r.TLS != nil {
		return secureCookie
	}
	return plainCookie
}

// cookie carries a session's token, or removes it when the token is "". It ends with the browser or the session.
func (s *Server) cookie(r *http.Request, token string) http.Cookie {
	c := http.Cookie{
		Name: cookieName(r), Value: token, Path: "/", HttpOnly: true, Secure: r.TLS != nil,
		SameSite: http.SameSiteStrictMode,
	}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}

// sessionToken is the token of a request, "" when there is none, or two: somebody has slipped one in.
func sessionToken(r *http.Request) string {
	found := r.CookiesNamed(cookieName(r))
	if len(found) != 1 || !validToken(found[0].Value) {
		return ""
	}
	return found[0].Value
}

func validToken(t string) bool {
	if t == "" || len(t) > maxToken {
		return false
	}
	for i := range len(t) {
		c := t[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// addressOf is where a request comes from; no header is believed.
func addressOf(r *http.Request) netip.Addr {
	p, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return p.Addr().Unmap().WithZone("")
}

// fromOf is where a request comes from with what its own connection proved; each connection proves for itself.
func fromOf(r *http.Request) access.Origin {
	o := access.Origin{Remote: addressOf(r)}
	if r.TLS != nil {
		o.Chain = r.TLS.PeerCertificates
	}
	return o
}

// secureOrigin says whether browsers give the microphone on the origin of a request: TLS, or the machine itself.
func secureOrigin(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// origin is the address the browser used.
func origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
