// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"

	"rivage.example/rivage"
)

// Certificates serves a certificate from files, and reads them again when they change: a renewal needs no restart.
type Certificates struct {
	clock           rivage.Clock
	cert, key       string
	warn            func(error) // a renewal that could not be read: the old one goes on
	mu              sync.Mutex  // guards what follows
	current         *tls.Certificate
	checked         time.Duration
	certMod, keyMod time.Time
}

// recheck is how often the files are looked at, at most.
const recheck = 10 * time.Second

// LoadCertificates reads a PEM certificate chain and its key. warn is told when a later change cannot be read.
func LoadCertificates(clock rivage.Clock, cert, key string, warn func(error)) (*Certificates, error) {
	c := &Certificates{clock: clock, cert: cert, key: key, warn: warn, checked: clock.Elapsed()}
	if err := c.load(); err != nil {
		return nil, err
	}
	return c, nil
}

// Config is a server's configuration: TLS 1.2 with forward secrecy at least, HTTP/2. While ask says so, clients are asked
// for a certificate and may have none: what one proves is for engine/access to judge.
func (c *Certificates) Config(ask func() bool) *tls.Config {
	plain := &tls.Config{
		MinVersion: tls.VersionTLS12, GetCertificate: c.certificate, NextProtos: []string{"h2", "http/1.1"},
	}
	asking := plain.Clone()
	asking.ClientAuth = tls.RequestClientCert
	asking.SessionTicketsDisabled = true // a resumed connection would prove nothing anew
	plain.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		if ask() {
			return asking, nil
		}
		return nil, nil //nolint:nilnil // the configuration itself
	}
	return plain
}

// Ends is when the certificate that is served ends.
func (c *Certificates) Ends() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refresh()
	return c.current.Leaf.NotAfter
}

func (c *Certificates) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refresh()
	return c.current, nil
}

// refresh reads the files again when they changed, once in a while. The caller holds mu.
func (c *Certificates) refresh() {
	now := c.clock.Elapsed()
	if now-c.checked < recheck {
		return
	}
	c.checked = now
	if c.changed() {
		if err := c.load(); err != nil {
			c.warn(err)
		}
	}
}

func (c *Certificates) changed() bool {
	certMod, keyMod := modified(c.cert), modified(c.key)
	return !certMod.Equal(c.certMod) || !keyMod.Equal(c.keyMod)
}

// load is called under mu, or before anybody else knows c.
func (c *Certificates) load() error {
	certMod, keyMod := modified(c.cert), modified(c.key)
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("load certificate %s: %w", c.cert, err)
	}
	c.current, c.certMod, c.keyMod = &pair, certMod, keyMod
	return nil
}

// modified is when a file changed, zero when it cannot be seen.
func modified(name string) time.Time {
	info, err := os.Stat(name)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}
