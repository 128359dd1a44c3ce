// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// files writes a leaf of an authority where a server reads it.
func files(t *testing.T, a *Authority, dir string, hosts ...string) (cert, key string) {
	t.Helper()
	chain, private, err := a.Leaf(hosts, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	if err := errors.Join(os.WriteFile(cert, chain, 0o600), os.WriteFile(key, private, 0o600)); err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func authority(t *testing.T) (*Authority, *x509.CertPool) {
	t.Helper()
	made, err := MakeAuthority("Ponant", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cert, key, err := made.PEM()
	if err != nil {
		t.Fatal(err)
	}
	a, err := ParseAuthority(cert, key) // as it comes back from its files
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	return a, pool
}

func TestServingWithTheLocalAuthority(t *testing.T) {
	b, clock := newBench(t), &fakeClock{}
	a, pool := authority(t)
	dir := t.TempDir()
	cert, key := files(t, a, dir, "localhost", "127.0.0.1")
	certs, err := LoadCertificates(clock, cert, key, func(err error) { t.Log(err) })
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.s.Serve(ctx, l, certs.Config(func() bool { return false })) }()
	serial := func() string {
		t.Helper()
		c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
		defer c.CloseIdleConnections()
		res, err := c.Get("https://" + l.Addr().String() + "/checkpoint") //nolint:noctx // a test
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.ProtoMajor != 2 || res.StatusCode != 200 {
			t.Errorf("got %s %d, want HTTP/2 200", res.Proto, res.StatusCode)
		}
		return res.TLS.PeerCertificates[0].SerialNumber.String()
	}
	first := serial()

	// A renewal needs no restart; one that cannot be read leaves the old one in place.
	files(t, a, dir, "127.0.0.1")
	touch(t, cert, key, time.Now().Add(time.Hour))
	if got := serial(); got != first {
		t.Error("the files were read again before their time")
	}
	clock.advance(recheck)
	second := serial()
	if second == first {
		t.Error("the renewed certificate is not served")
	}
	if err := os.WriteFile(cert, []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	touch(t, cert, key, time.Now().Add(2*time.Hour))
	clock.advance(recheck)
	if got := serial(); got != second {
		t.Error("a certificate that cannot be read was not passed over")
	}

	stop()
	if err := <-done; err != nil {
		t.Errorf("stopping: %v", err)
	}
}

func touch(t *testing.T, cert, key string, at time.Time) {
	t.Helper()
	if err := errors.Join(os.Chtimes(cert, at, at), os.Chtimes(key, at, at)); err != nil {
		t.Fatal(err)
	}
}

func TestALeafIsForItsHostsOnly(t *testing.T) {
	a, pool := authority(t)
	chain, key, err := a.Leaf([]string{"rivage.ponant.example", "192.0.2.7"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(chain, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]bool{
		"rivage.ponant.example": true, "192.0.2.7": true, "other.ponant.example": false, "192.0.2.8": false,
	} {
		_, err := leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: pool})
		if got := err == nil; got != want {
			t.Errorf("%s: got %v, want valid %t", host, err, want)
		}
	}
	if leaf.IsCA || leaf.NotAfter.Sub(leaf.NotBefore) > 398*24*time.Hour {
		t.Errorf("got an authority %t, valid for %s", leaf.IsCA, leaf.NotAfter.Sub(leaf.NotBefore))
	}
	for _, hosts := range [][]string{nil, {""}, {"a b"}, {"x/y"}, make([]string, maxHosts+1)} {
		if _, _, err := a.Leaf(hosts, time.Now()); err == nil {
			t.Errorf("%q was signed", hosts)
		}
	}
}

// A leaf is signed again a month before its end, or for a name that it lacks; never for nothing, and never beyond the end
// of its authority.
func TestALeafIsSignedAgainForTheSameKey(t *testing.T) {
	const month = 30 * 24 * time.Hour
	a, pool := authority(t)
	other, _ := authority(t)
	made := time.Now()
	chain, key, err := a.Leaf([]string{"rivage.ponant.example", "192.0.2.7"}, made)
	if err != nil {
		t.Fatal(err)
	}
	hosts := []string{"192.0.2.7"}
	for _, c := range []struct {
		name  string
		hosts []string
		at    time.Time
		ends  time.Time // zero: nothing is signed
	}{
		{"long before its end", hosts, made.Add(leafLife - month - time.Hour), time.Time{}},
		{"a month before its end", hosts, made.Add(leafLife - month), made.Add(2*leafLife - month)},
		{"after its end", hosts, made.Add(leafLife + month), made.Add(2*leafLife + month)},
		{"a name that it lacks", []string{"desk.ponant.example", "192.0.2.7"}, made, made.Add(leafLife)},
		{"near the end of the authority", hosts, made.Add(authorityLife - month), made.Add(authorityLife)},
	} {
		again, err := a.Renew(chain, c.hosts, month, c.at)
		if err != nil || (again == nil) != c.ends.IsZero() {
			t.Errorf("%s: signed %t, %v", c.name, again != nil, err)
		}
		if again == nil {
			continue
		}
		pair, err := tls.X509KeyPair(again, key)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for _, host := range append([]string{"rivage.ponant.example"}, c.hosts...) {
			if _, err := pair.Leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: pool, CurrentTime: c.at}); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		if d := pair.Leaf.NotAfter.Sub(c.ends); d.Abs() > time.Second {
			t.Errorf("%s: it ends %s, want %s", c.name, pair.Leaf.NotAfter, c.ends)
		}
		if third, err := a.Renew(again, c.hosts, month, c.at); err != nil || third != nil {
			t.Errorf("%s: signed twice (%v)", c.name, err)
		}
	}
	if _, err := other.Renew(chain, hosts, month, made.Add(leafLife)); err == nil {
		t.Error("another authority signed it")
	}
}

func TestAnAuthorityIsReadOnlyWithItsOwnKey(t *testing.T) {
	a, _ := authority(t)
	b, _ := authority(t)
	certA, keyA, _ := a.PEM()
	_, keyB, _ := b.PEM()
	for name, files := range map[string][2][]byte{
		"another key": {certA, keyB}, "swapped": {keyA, certA}, "empty": {nil, nil}, "rubbish": {certA, []byte("x")},
	} {
		if _, err := ParseAuthority(files[0], files[1]); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}

// A session in clear on a network is refused, not warned about.
func TestPlainHTTPIsForLoopbackOnly(t *testing.T) {
	b := newBench(t)
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.s.Serve(t.Context(), l, nil); err == nil {
		t.Error("plain HTTP was served on a network")
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want a closed listener", err)
	}
	local, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := b.s.Serve(ctx, local, nil); err != nil {
		t.Errorf("on loopback: %v", err)
	}
}

// A client is asked for a certificate only while somebody registered some, may have none, and proves it anew on each
// connection: what it proved reaches the access control with that connection's requests, and a header never does.
func TestAClientsCertificateReachesTheAccessControl(t *testing.T) {
	b, clock := newBench(t), &fakeClock{}
	a, pool := authority(t)
	cert, key := files(t, a, t.TempDir(), "127.0.0.1")
	certs, err := LoadCertificates(clock, cert, key, func(err error) { t.Log(err) })
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var asks atomic.Bool
	go b.s.Serve(t.Context(), l, certs.Config(asks.Load)) //nolint:errcheck // ends with the test
	client, err := tls.LoadX509KeyPair(cert, key)         // any, with its issuer: who issued it is not the edge's to judge
	if err != nil {
		t.Fatal(err)
	}
	cache := tls.NewLRUClientSessionCache(4)
	for _, c := range []struct {
		name       string
		asks, with bool
		want       int
	}{
		{"nobody asks", false, true, 0}, {"asked, and has one", true, true, 2}, {"asked, and has none", true, false, 0},
		{"asked again", true, true, 2},
	} {
		asks.Store(c.asks)
		own := &tls.Config{RootCAs: pool, ClientSessionCache: cache}
		if c.with {
			own.Certificates = []tls.Certificate{client}
		}
		h := &http.Client{Transport: &http.Transport{TLSClientConfig: own}}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+l.Addr().String()+"/api/session", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.AddCookie(&http.Cookie{Name: secureCookie, Value: "agent.colis"})
		r.Header.Set("X-Client-Cert", "forged")
		r.Header.Set("X-Forwarded-For", "10.29.0.7")
		res, err := h.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		h.CloseIdleConnections()
		if got := b.access.last(); res.StatusCode != 200 || len(got.Chain) != c.want || !got.Remote.IsLoopback() {
			t.Errorf("%s: %d, %d certificates from %s", c.name, res.StatusCode, len(got.Chain), got.Remote)
		}
	}
}
