// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"sync"
	"testing"
)

// relay stands between a browser and an instance: it goes to the instance from an address that a site's network has, and
// keeps every byte that it hands to the browser. It changes none of them unless it is told to.
type relay struct {
	base  string
	spoil func(*http.Response) // may change an answer before the browser gets it; nil: none

	mu     sync.Mutex
	pieces []*flow // guarded by mu
}

// flow is one answer's head, body or live channel, as it went by.
type flow struct {
	kind, at string

	mu  sync.Mutex
	all bytes.Buffer // guarded by mu
}

func (f *flow) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.all.Write(p)
}

// relay starts one, from an address; it ends with the test.
func (i *instance) relay(t *testing.T, from netip.Addr, spoil func(*http.Response)) *relay {
	t.Helper()
	target, err := url.Parse(i.base)
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{spoil: spoil}
	dialer := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0))}
	transport := &http.Transport{
		DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{RootCAs: i.roots, MinVersion: tls.VersionTLS12},
		DisableCompression: true, // what the browser asks for, it gets
	}
	quiet := log.New(io.Discard, "", 0) // of pages that are gone, and of a certificate that nobody knows
	s := httptest.NewUnstartedServer(&httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(target)
			p.Out.Host = p.In.Host // the browser's origin stays one
		},
		Transport: transport, ModifyResponse: r.pass, ErrorLog: quiet,
	})
	s.Config.ErrorLog = quiet
	s.StartTLS()
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
		transport.CloseIdleConnections()
	})
	r.base = s.URL
	return r
}

// pass keeps an answer on its way.
func (r *relay) pass(resp *http.Response) error {
	if r.spoil != nil {
		r.spoil(resp)
	}
	at := resp.Request.URL.RequestURI()
	head := r.flow("wire header", at)
	_, _ = io.WriteString(head, resp.Status+"\n") // into memory, as all of these
	_ = resp.Header.Write(head)
	if live, ok := resp.Body.(io.ReadWriteCloser); ok && resp.StatusCode == http.StatusSwitchingProtocols {
		resp.Body = struct {
			io.Reader
			io.WriteCloser
		}{io.TeeReader(live, r.flow("wire live", at)), live}
		return nil
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.TeeReader(resp.Body, r.flow("wire body", at)), resp.Body}
	return nil
}

func (r *relay) flow(kind, at string) *flow {
	f := &flow{kind: kind, at: at}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pieces = append(r.pieces, f)
	return f
}

// passed is what the browser was handed so far.
func (r *relay) passed() (out []piece) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range r.pieces {
		f.mu.Lock()
		out = append(out, piece{Kind: f.kind, At: f.at, bytes: bytes.Clone(f.all.Bytes())})
		f.mu.Unlock()
	}
	return out
}

// interject puts a text frame of its own behind the first frame of a live channel (RFC 6455 section 5.2; a server's frames
// are not masked).
func interject(live io.ReadWriteCloser, text []byte) io.ReadWriteCloser {
	r, w := io.Pipe()
	go func() {
		head := make([]byte, 2, 10)
		_, err := io.ReadFull(live, head)
		more := map[byte]int{126: 2, 127: 8}[head[1]&0x7F]
		length := uint64(head[1] & 0x7F)
		if err == nil && more > 0 {
			head = head[:2+more]
			if _, err = io.ReadFull(live, head[2:]); more == 2 {
				length = uint64(binary.BigEndian.Uint16(head[2:]))
			} else {
				length = binary.BigEndian.Uint64(head[2:])
			}
		}
		if err == nil {
			_, err = io.Copy(w, io.MultiReader(bytes.NewReader(head), io.LimitReader(live, int64(length)), bytes.NewReader(textFrame(text)), live))
		}
		w.CloseWithError(err) //nolint:errcheck // it never fails
	}()
	return struct {
		io.Reader
		io.WriteCloser
	}{r, live}
}

// textFrame is a server's frame of a text of at most 125 bytes.
func textFrame(text []byte) []byte { return append([]byte{0x81, byte(len(text))}, text...) }
