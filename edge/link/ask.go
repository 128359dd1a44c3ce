// SPDX-License-Identifier: EUPL-1.2

package link

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"

	"rivage.example/rivage"
)

// The bounds of one answer, in bytes.
const (
	maxHead  = 16 << 10 // status line and headers, those of interim answers too
	maxBody  = 64 << 10
	maxChunk = maxBody // what its chunks may add
)

// maxToken is the longest bearer token, in bytes.
const maxToken = 4096

// ask sends the one request and gives the body of its answer. The exchange is done here, over a connection of its own,
// rather than by an http.Client: so nothing follows a redirect, asks a proxy, unpacks, or goes on once ask returned.
func (l *Link) ask(ctx context.Context, src *rivage.CardSource, to *url.URL) ([]byte, error) {
	req, err := l.request(ctx, src, to)
	if err != nil {
		return nil, err
	}
	conn, err := l.c.Dial(ctx, Use(src.ID), "tcp", hostPort(to))
	if err != nil {
		return nil, notConnected(src, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // whatever waits on it comes back
	defer stop()
	if to.Scheme == "http" {
		return exchange(ctx, src, conn, req)
	}
	secure := tls.Client(conn, &tls.Config{
		ServerName: to.Hostname(), RootCAs: l.roots, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
	})
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, notSecure(ctx, src, err)
	}
	return exchange(ctx, src, secure, req)
}

// request is the request, with the token of the source if it has one.
func (l *Link) request(ctx context.Context, src *rivage.CardSource, to *url.URL) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, to.String(), http.NoBody)
	if err != nil {
		return nil, failed(src, rivage.Invalid, "its URL cannot be asked", nil)
	}
	req.Close = true
	req.Header.Set("User-Agent", "rivage")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Accept-Encoding", "identity")
	if src.Secret == "" {
		return req, nil
	}
	token, err := l.c.Secret(src.Secret)
	if err != nil {
		return nil, failed(src, rivage.Unavailable, fmt.Sprintf("its secret %q cannot be read: set it with rivage secret set", src.Secret), err)
	}
	if token == "" || len(token) > maxToken || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, failed(src, rivage.Unavailable,
			fmt.Sprintf("its secret %q is no bearer token, which is letters, digits and signs without a space: set it again", src.Secret), nil)
	}
	req.Header.Set("Authorization", "Bearer "+token) // RFC 6750 section 2.1
	return req, nil
}

// exchange writes the request and reads the answer to it.
func exchange(ctx context.Context, src *rivage.CardSource, conn io.ReadWriter, req *http.Request) ([]byte, error) {
	if err := req.Write(conn); err != nil {
		return nil, cut(ctx, src)
	}
	wire := &io.LimitedReader{R: conn, N: maxHead}
	resp, err := readHead(bufio.NewReader(wire), req)
	switch {
	case err != nil && wire.N <= 0:
		return nil, failed(src, rivage.Unavailable, fmt.Sprintf("the headers of its answer are longer than %d bytes", maxHead), nil)
	case err != nil:
		return nil, cut(ctx, src)
	}
	if err := checkHead(src, resp); err != nil {
		return nil, err
	}
	wire.N += maxBody + maxChunk + 1
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	// The body is not closed: that would read it to its end, which may never come. The connection is.
	switch {
	case len(body) > maxBody, err != nil && wire.N <= 0:
		return nil, failed(src, rivage.Unavailable, fmt.Sprintf("its answer is longer than %d bytes", maxBody), nil)
	case err != nil:
		return nil, cut(ctx, src)
	}
	return body, nil
}

// readHead reads up to the headers of the final answer, past interim ones (RFC 9110 section 15.2).
func readHead(in *bufio.Reader, req *http.Request) (*http.Response, error) {
	for {
		resp, err := http.ReadResponse(in, req)
		if err != nil || resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, err
		}
	}
}

// checkHead refuses what is not a record in JSON.
func checkHead(src *rivage.CardSource, resp *http.Response) error {
	status := resp.StatusCode
	switch {
	case status == http.StatusNotFound:
		return failed(src, rivage.NotFound, "it has no such record", nil)
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return failed(src, rivage.Unavailable, fmt.Sprintf("it refuses the request (status %d): check its secret", status), nil)
	case status >= 300 && status < 400:
		return failed(src, rivage.Unavailable, fmt.Sprintf("it redirects (status %d), which is not followed: declare the URL that answers", status), nil)
	case status != http.StatusOK:
		return failed(src, rivage.Unavailable, fmt.Sprintf("it answers with status %d", status), nil)
	case !plain(resp.Header.Values("Content-Encoding")):
		return failed(src, rivage.Unavailable, "its answer is compressed, which was not asked for", nil)
	case !isJSON(resp.Header.Values("Content-Type")):
		return failed(src, rivage.Unavailable, "its answer is not of the type application/json in UTF-8", nil)
	}
	return nil
}

// plain says whether a body comes as it is.
func plain(encodings []string) bool {
	for _, e := range encodings {
		if e != "" && !strings.EqualFold(e, "identity") {
			return false
		}
	}
	return true
}

// isJSON says whether the type is that of JSON: one, with no other charset than UTF-8.
func isJSON(types []string) bool {
	if len(types) != 1 {
		return false
	}
	name, params, err := mime.ParseMediaType(types[0])
	charset, said := params["charset"]
	return err == nil && name == "application/json" && (!said || strings.EqualFold(charset, "utf-8"))
}

// notConnected keeps a refusal of the way out apart from a system that is not there.
func notConnected(src *rivage.CardSource, err error) error {
	if rivage.CodeOf(err) == rivage.Denied {
		return failed(src, rivage.Denied, "its address is not allowed: declare its networks", err)
	}
	return failed(src, rivage.Unavailable, "it cannot be reached", err)
}

// notSecure says what is wrong with a certificate in words of ours: those of the error hold names that a stranger chose.
func notSecure(ctx context.Context, src *rivage.CardSource, err error) error {
	var (
		host    x509.HostnameError
		unknown x509.UnknownAuthorityError
		wrong   x509.CertificateInvalidError
	)
	what := "no TLS 1.2 or later can be agreed on with it"
	switch {
	case ctx.Err() != nil:
		return cut(ctx, src)
	case errors.As(err, &host):
		what = "its certificate is for another name than that of its URL"
	case errors.As(err, &unknown):
		what = "its certificate is signed by nobody this machine trusts: add its authority to those of the machine"
	case errors.As(err, &wrong) && wrong.Reason == x509.Expired:
		what = "its certificate has ended or not begun"
	case errors.As(err, &wrong):
		what = "its certificate is not valid"
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
		return cut(ctx, src)
	}
	return failed(src, rivage.Unavailable, what, nil)
}

// cut is an answer that did not come to its end.
func cut(ctx context.Context, src *rivage.CardSource) error {
	switch err := ctx.Err(); {
	case errors.Is(err, context.DeadlineExceeded):
		return failed(src, rivage.Unavailable, "it did not answer in time", err)
	case err != nil:
		return failed(src, rivage.Unavailable, "the look-up was given up", err)
	}
	return failed(src, rivage.Unavailable, "it hung up, or does not speak HTTP/1.1", nil)
}
