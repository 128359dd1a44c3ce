// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

// later is a clock that is set forward.
type later struct {
	start   time.Time
	elapsed time.Duration
}

func (l *later) Now() time.Time         { return l.start.Add(l.elapsed) }
func (l *later) Elapsed() time.Duration { return l.elapsed }

const aDay = 24 * time.Hour

// pages is the certificate of a new instance, as init makes it, and what its log says.
func pages(t *testing.T) (*certificate, *later, *bytes.Buffer, *x509.CertPool) {
	t.Helper()
	m := defaultMachine()
	m.dir = filepath.Join(t.TempDir(), "i")
	if err := makeInstance(&m); err != nil {
		t.Fatal(err)
	}
	if err := makeAuthority(&m); err != nil {
		t.Fatal(err)
	}
	root, err := os.ReadFile(m.key(authorityFile))
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(root) {
		t.Fatal("no authority", err)
	}
	var log bytes.Buffer
	clock := &later{start: time.Now()}
	c, err := openCertificate(&m, clock, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return c, clock, &log, pool
}

// good says why a desk would not trust what is served now.
func (c *certificate) good(host string, pool *x509.CertPool) error {
	pair, err := c.config(func() *rivage.Settings { return &rivage.Settings{} }).GetCertificate(&tls.ClientHelloInfo{})
	if err != nil {
		return err
	}
	_, err = pair.Leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: pool, CurrentTime: c.clock.Now()})
	return err
}

func TestTheLocalAuthorityRenewsItsCertificateByItself(t *testing.T) {
	c, clock, log, pool := pages(t)
	before := c.served.Ends()
	for range 800 { // two lives of a certificate
		clock.elapsed += aDay
		c.look()
		if err := c.good("localhost", pool); err != nil {
			t.Fatalf("after %d days: %v", clock.elapsed/aDay, err)
		}
		if !c.ending().IsZero() {
			t.Fatalf("after %d days the board says that it ends", clock.elapsed/aDay)
		}
	}
	if n := strings.Count(log.String(), "signed the certificate of the pages again"); n != 2 || !c.served.Ends().After(before.Add(700*aDay)) {
		t.Errorf("signed %d times, ends %s\n%s", n, c.served.Ends(), log)
	}
}

// It had ended while nothing served, and https.hosts has another name since.
func TestAStartRenewsAndAddsNames(t *testing.T) {
	c, clock, log, pool := pages(t)
	clock.elapsed += 500 * aDay
	c.machine.HTTPS.Hosts = []string{"rivage.example.org"}
	again, err := openCertificate(c.machine, clock, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"rivage.example.org", "localhost", "127.0.0.1"} {
		if err := again.good(host, pool); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	if _, err := os.Stat(c.machine.key(leafFile) + ".new"); err == nil {
		t.Error("the file beside is still there")
	}
}

// Without the authority's key, and with a certificate of the organisation's, people are told a month before, once a day.
func TestACertificateThatNobodyRenewsIsTold(t *testing.T) {
	for name, arrange := range map[string]func(*certificate) error{
		"the authority's key is kept elsewhere": func(c *certificate) error { return os.Remove(c.machine.key(authorityKeyFile)) },
		"the organisation's own": func(c *certificate) error {
			c.machine.HTTPS.Certificate, c.machine.HTTPS.Key = c.machine.key(leafFile), c.machine.key(leafKeyFile)
			return nil
		},
	} {
		c, clock, log, _ := pages(t)
		if err := arrange(c); err != nil {
			t.Fatal(err)
		}
		ends := c.served.Ends()
		clock.elapsed = ends.Sub(clock.start) - soon - time.Minute
		if c.look(); !c.ending().IsZero() || strings.Contains(log.String(), "ends soon") {
			t.Errorf("%s: told before its time\n%s", name, log)
		}
		for range 49 {
			clock.elapsed += time.Hour
			c.look()
		}
		if n := strings.Count(log.String(), "ends soon"); n != 3 || !c.ending().Equal(ends) { // in the first hour, and a day and two days later
			t.Errorf("%s: told %d times, the board says %s, want %s\n%s", name, n, c.ending(), ends, log)
		}
		if strings.Contains(log.String(), "level=ERROR") {
			t.Errorf("%s: %s", name, log)
		}
	}
	if (*certificate)(nil).config(nil) != nil || !(*certificate)(nil).ending().IsZero() {
		t.Error("plain HTTP has no certificate")
	}
}
