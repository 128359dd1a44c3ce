// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"strconv"

	"rivage.example/rivage"
)

func (c *checker) site(t *rivage.Site) {
	c.name("name", t.Name)
	c.exists("company", rivage.TypeCompany, t.Company)
	c.country("country", t.Country)
	c.prefixes("networks", t.Networks, false)
	for _, p := range t.Networks {
		if p.IsValid() {
			c.networks = append(c.networks, siteNetwork{t.ID, p})
		}
	}
	if t.Telework && len(t.Networks) > 0 {
		c.fail("networks", "a site of teleworking has none: whose network it would be, nobody knows")
	}
	c.certificates(t)
	for _, e := range rivage.Evidences {
		if id := t.Sentence.By(e); id != "" { // a missing one makes the site not ready, see Missing
			c.heard("sentence."+string(e), id, rivage.Organisation)
		}
	}
}

// certificates refuses what names no public key, and a key claimed twice: a session would be attested at both sites.
func (c *checker) certificates(t *rivage.Site) {
	if len(t.Certificates) > maxValues {
		c.fail("certificates", "%d values, at most %d", len(t.Certificates), maxValues)
	}
	for i, pin := range t.Certificates {
		at := "certificates." + strconv.Itoa(i)
		if h, err := rivage.ParseHash(pin); err != nil || h.String() != pin {
			c.fail(at, "want the SHA-256 of a public key, 64 hex digits in lower case")
			continue
		}
		if of, twice := c.pins[pin]; twice {
			c.fail(at, "site %q has it already", of)
		}
		c.pins[pin] = t.ID
	}
}

// workstation refuses one without an end, and a key that another has: the session would be attested at both sites.
func (c *checker) workstation(t *rivage.Workstation) {
	c.name("name", t.Name)
	c.exists("site", rivage.TypeSite, t.Site)
	if _, ok := t.Until.Day(); !ok {
		c.fail("until", `want a day between quotes, like "2026-12-31": a workstation has an end`)
	}
	der, err := base64.StdEncoding.DecodeString(t.Key)
	if err != nil || !p256(der) {
		c.fail("key", "want a P-256 public key in base64, as the browser gives it when it is registered")
	}
	if of, twice := c.pins[t.Key]; twice {
		c.fail("key", "workstation %q has it already", of)
	}
	c.pins[t.Key] = t.ID
}

func p256(der []byte) bool {
	key, err := x509.ParsePKIXPublicKey(der)
	k, ok := key.(*ecdsa.PublicKey)
	return err == nil && ok && k.Curve == elliptic.P256()
}
