// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"slices"
	"time"

	"rivage.example/rivage"
)

// maxChain is how many certificates of a client are looked at.
const maxChain = 6

// days are the same instant by the wall clock and by the one that does not step. Something that begins has begun by both,
// something that ends has ended by either: a step of the clock opens nothing.
type days struct{ early, late time.Time }

func (c *Control) days() days {
	wall, steady := c.c.Clock.Now(), c.steady.Now()
	if wall.Before(steady) {
		return days{wall, steady}
	}
	return days{steady, wall}
}

func (d days) within(from, until time.Time) bool {
	return !d.early.Before(from) && !d.late.After(until)
}

// certifiedAt is the site at which the public key of a client's certificate is registered, and the end of the certificate; nil
// for none. The handshake proved that the client holds the key of the first of the chain. What it sends after that is its word
// alone: whoever holds one registered key could issue certificates with it, so no issuer attests.
func certifiedAt(s *rivage.Settings, chain []*x509.Certificate, at days) (*rivage.Site, time.Time) {
	if len(chain) == 0 || len(chain) > maxChain || !at.within(chain[0].NotBefore, chain[0].NotAfter) {
		return nil, time.Time{}
	}
	return siteOf(s, pinOf(chain[0])), chain[0].NotAfter
}

func siteOf(s *rivage.Settings, pin string) *rivage.Site {
	for _, site := range s.Sites {
		if slices.Contains(site.Certificates, pin) {
			return site
		}
	}
	return nil
}

// pinOf names a certificate's public key: the SHA-256 of its SubjectPublicKeyInfo, RFC 5280 section 4.1.2.7, hex.
func pinOf(cert *x509.Certificate) string {
	h := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(h[:])
}
