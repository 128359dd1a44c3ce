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

// certifiedAt is the site at which a client's certificate is registered, by its own public key or by an issuer's, and the
// end of what says so; nil for none. The handshake proved the first of the chain; the issuers are the client's word until
// their signatures are checked, which is why an issuer attests only when the client sends it.
func certifiedAt(s *rivage.Settings, chain []*x509.Certificate, at days) (*rivage.Site, time.Time) {
	if len(chain) == 0 || len(chain) > maxChain {
		return nil, time.Time{}
	}
	for i, cert := range chain {
		site := siteOf(s, pinOf(cert))
		if site == nil {
			continue
		}
		if until, ok := vouches(chain[:i+1], at); ok {
			return site, until
		}
	}
	return nil, time.Time{}
}

func siteOf(s *rivage.Settings, pin string) *rivage.Site {
	for _, site := range s.Sites {
		if slices.Contains(site.Certificates, pin) {
			return site
		}
	}
	return nil
}

// vouches says whether each of a chain is in its time and, where there are several, signed by the next for this use; and
// when the first of them ends (RFC 5280 section 6.1).
func vouches(chain []*x509.Certificate, at days) (until time.Time, ok bool) {
	for i, cert := range chain {
		if !at.within(cert.NotBefore, cert.NotAfter) {
			return time.Time{}, false
		}
		if i == 0 || cert.NotAfter.Before(until) {
			until = cert.NotAfter
		}
	}
	if len(chain) == 1 {
		return until, true
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(chain[len(chain)-1])
	for _, cert := range chain[1 : len(chain)-1] {
		between.AddCert(cert)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: at.late, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	return until, err == nil
}

// pinOf names a certificate's public key: the SHA-256 of its SubjectPublicKeyInfo, RFC 5280 section 4.1.2.7, hex.
func pinOf(cert *x509.Certificate) string {
	h := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(h[:])
}
