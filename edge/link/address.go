// SPDX-License-Identifier: EUPL-1.2

package link

import (
	"net"
	"net/netip"
	"net/url"
	"strings"

	"rivage.example/rivage"
)

// placeholder stands for the key in the URL of a source.
const placeholder = "{key}"

// maxKey is the longest key, in bytes.
const maxKey = 64

// locate gives the URL of a record. The key takes the place of the placeholder and can change nothing else of the URL.
func locate(src *rivage.CardSource, key string) (*url.URL, error) {
	if !askable(key) {
		return nil, failed(src, rivage.Invalid,
			"a key is 1 to 64 letters without accents, digits, spaces and . - / _, with a letter or digit, and no part . or ..", nil)
	}
	if why := wrongURL(src.URL); why != "" {
		return nil, failed(src, rivage.Invalid, "its URL "+why, nil)
	}
	// PathEscape also serves in a query: of what a key is made of, only the space and the slash have to be escaped.
	u, err := url.Parse(strings.Replace(src.URL, placeholder, url.PathEscape(key), 1))
	if err != nil {
		return nil, failed(src, rivage.Invalid, "its URL cannot be read with a key in it", nil)
	}
	return u, nil
}

// askable says whether a key may be sent. A part that is . or .. is not: decoded by a careless server, it would lead out
// of the folder that was declared.
func askable(key string) bool {
	if len(key) > maxKey || !strings.ContainsFunc(key, alphanumeric) {
		return false
	}
	for part := range strings.SplitSeq(key, "/") {
		if p := strings.TrimSpace(part); p == "." || p == ".." {
			return false
		}
	}
	return !strings.ContainsFunc(key, func(r rune) bool { return !alphanumeric(r) && !strings.ContainsRune(" .-/_", r) })
}

func alphanumeric(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || digit(r)
}

func digit(r rune) bool { return r >= '0' && r <= '9' }

// wrongURL says what keeps a declared URL from being asked, "" when nothing does.
func wrongURL(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "cannot be read: give it in ASCII, such as https://parcels.example/{key}"
	case u.User != nil:
		return "holds a user: name the secret instead"
	case u.Fragment != "":
		return "has a fragment, which is never sent: take it away"
	case strings.Count(text, placeholder) != 1 || !strings.Contains(u.Path+"?"+u.RawQuery, placeholder):
		return "has to hold {key} once, in its path or its query"
	case u.Scheme != "https" && u.Scheme != "http":
		return "has to begin with https://"
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return "has to begin with https://: http is for the addresses 127.0.0.0/8 and ::1"
	}
	return ""
}

// loopback says whether a host is an address of this machine. A name is not, whatever it resolves to.
func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.Zone() == "" && a.Unmap().IsLoopback()
}

// hostPort is where a URL is asked.
func hostPort(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "http":
		port = "80"
	default:
		port = "443"
	}
	return net.JoinHostPort(u.Hostname(), port)
}
