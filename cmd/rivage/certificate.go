// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/api"
)

const (
	soon      = 30 * 24 * time.Hour // before its end a certificate is renewed, or people are told
	lookEvery = time.Hour
	tellEvery = 24 * time.Hour
)

// certificate keeps the certificate of the pages from ending unnoticed: that of the local authority is signed again while
// the authority's key is there; of any other, the log and the board say that it ends. nil is plain HTTP.
type certificate struct {
	machine *machine
	clock   rivage.Clock
	log     *slog.Logger
	served  *api.Certificates

	told time.Duration // when the log said so last, 0 never; owned by keep
}

// openCertificate loads the certificate, renewed when that was due while nothing served.
func openCertificate(m *machine, clock rivage.Clock, log *slog.Logger) (*certificate, error) {
	if m.HTTPS.Plain {
		return nil, nil
	}
	c := &certificate{machine: m, clock: clock, log: log}
	c.renew()
	cert, key := c.files()
	var err error
	c.served, err = api.LoadCertificates(clock, cert, key, func(err error) {
		log.Error("read the certificate again", "error", err.Error())
	})
	return c, err
}

// files are the chain that is served and its key.
func (c *certificate) files() (cert, key string) {
	if c.local() {
		return c.machine.key(leafFile), c.machine.key(leafKeyFile)
	}
	return c.machine.path(c.machine.HTTPS.Certificate), c.machine.path(c.machine.HTTPS.Key)
}

func (c *certificate) local() bool { return c.machine.HTTPS.Certificate == "" }

// config is the listener's: nil for plain HTTP. Clients are asked for a certificate while a site has some.
func (c *certificate) config(s func() *rivage.Settings) *tls.Config {
	if c == nil {
		return nil
	}
	return c.served.Config(func() bool {
		for _, site := range s().Sites {
			if len(site.Certificates) > 0 {
				return true
			}
		}
		return false
	})
}

// ending is the end of the certificate once it is near, zero before.
func (c *certificate) ending() time.Time {
	if c == nil {
		return time.Time{}
	}
	if ends := c.served.Ends(); ends.Sub(c.clock.Now()) <= soon {
		return ends
	}
	return time.Time{}
}

// keep looks after the certificate until ctx ends.
func (c *certificate) keep(ctx context.Context) {
	for ; c != nil && ctx.Err() == nil; wait(ctx, lookEvery) {
		c.look()
	}
}

// look renews what can be renewed, and says once a day what cannot.
func (c *certificate) look() {
	if c.renew() { // the new one is served in a moment
		return
	}
	ends, now := c.ending(), c.clock.Elapsed()
	if ends.IsZero() || c.told > 0 && now-c.told < tellEvery {
		return
	}
	c.told = now
	do := "put a new one in its place: the files are read again by themselves"
	if c.local() {
		do = "put " + c.machine.key(authorityKeyFile) + " back: it is signed again by itself; or set https.certificate"
	}
	cert, _ := c.files()
	c.log.Warn("the certificate of the pages ends soon", "file", cert, "ends", ends.Format(time.RFC3339), "do", do)
}

// renew signs the certificate of the local authority again, when its end is near or it lacks a name of https.hosts, and
// says whether it did.
func (c *certificate) renew() bool {
	if !c.local() {
		return false
	}
	chain, err := c.again()
	if err == nil && chain != nil {
		cert, _ := c.files()
		err = writeBeside(cert, chain)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist): // the authority's key is kept elsewhere
	case err != nil:
		c.log.Error("renew the certificate of the pages", "error", err.Error())
	case chain != nil:
		c.log.Info("the local authority signed the certificate of the pages again", "hosts", c.machine.HTTPS.Hosts)
		return true
	}
	return false
}

// again is the new chain, nil when the one that is there will do.
func (c *certificate) again() ([]byte, error) {
	var files [3][]byte
	for i, name := range []string{authorityFile, authorityKeyFile, leafFile} {
		text, err := os.ReadFile(c.machine.key(name))
		if err != nil {
			return nil, err
		}
		files[i] = text
	}
	authority, err := api.ParseAuthority(files[0], files[1])
	if err != nil {
		return nil, err
	}
	return authority.Renew(files[2], c.machine.HTTPS.Hosts, soon, c.clock.Now())
}

// writeBeside replaces a file at once: after a crash the old one stands there, or the new one.
func writeBeside(path string, text []byte) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(path+".new", path)
}
