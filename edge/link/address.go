// SPDX-License-Identifier: EUPL-1.2

package link

import (
	"net"
	"net/url"
	"strings"

	"rivage.example/rivage"
)

// locate gives the URL of a record. The key takes the place of the placeholder and can change nothing else of the URL.
func locate(src *rivage.CardSource, key string) (*url.URL, error) {
	if !rivage.CardKey(key) {
		return nil, failed(src, rivage.Invalid,
			"a key is 1 to 64 letters without accents, digits, spaces and . - / _, with a letter or digit, and no part . or ..", nil)
	}
	if why := src.WrongURL(); why != "" {
		return nil, failed(src, rivage.Invalid, "its URL "+why, nil)
	}
	// PathEscape also serves in a query: of what a key is made of, only the space and the slash have to be escaped.
	u, err := url.Parse(strings.Replace(src.URL, rivage.CardPlaceholder, url.PathEscape(key), 1))
	if err != nil {
		return nil, failed(src, rivage.Invalid, "its URL cannot be read with a key in it", nil)
	}
	return u, nil
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
