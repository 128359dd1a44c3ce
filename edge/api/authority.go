// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"slices"
	"time"
)

// The life of what a local authority makes. Browsers refuse leaves of more than 825 days from an authority that people
// trust by hand; a year leaves room for a renewal that is forgotten for a while.
const (
	authorityLife = 10 * 365 * 24 * time.Hour
	leafLife      = 397 * 24 * time.Hour
	backdate      = time.Hour // of clocks that are behind
	maxHosts      = 50
)

// Authority is a local certificate authority, for an organisation that has no certificate: it is made by `rivage init`,
// and people choose to trust it on their own machines. ECDSA P-256.
type Authority struct {
	cert *x509.Certificate
	der  []byte
	key  *ecdsa.PrivateKey
}

// MakeAuthority makes a new authority.
func MakeAuthority(organisation string, now time.Time) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make authority: %w", err)
	}
	t, err := template("Rivage, autorité locale de "+organisation, now, authorityLife)
	if err != nil {
		return nil, fmt.Errorf("make authority: %w", err)
	}
	t.IsCA, t.BasicConstraintsValid, t.MaxPathLenZero = true, true, true
	t.KeyUsage = x509.KeyUsageCertSign
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make authority: %w", err)
	}
	return authorityOf(der, key)
}

// ParseAuthority reads what PEM gave.
func ParseAuthority(certPEM, keyPEM []byte) (*Authority, error) {
	cert, _ := pem.Decode(certPEM)
	key, _ := pem.Decode(keyPEM)
	if cert == nil || cert.Type != "CERTIFICATE" || key == nil || key.Type != "PRIVATE KEY" {
		return nil, errors.New("read authority: want a CERTIFICATE and a PRIVATE KEY in PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(key.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read authority: %w", err)
	}
	private, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, errors.New("read authority: the key is not ECDSA")
	}
	a, err := authorityOf(cert.Bytes, private)
	if err == nil && !private.PublicKey.Equal(a.cert.PublicKey) {
		err = errors.New("read authority: the key is of another certificate")
	}
	return a, err
}

func authorityOf(der []byte, key *ecdsa.PrivateKey) (*Authority, error) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read authority: %w", err)
	}
	return &Authority{cert: cert, der: der, key: key}, nil
}

// PEM gives the certificate, to hand out, and the key, to keep.
func (a *Authority) PEM() (cert, key []byte, err error) { return encode(a.key, a.der) }

// Leaf makes a certificate for host names and addresses: its chain and its key in PEM.
func (a *Authority) Leaf(hosts []string, now time.Time) (chain, key []byte, err error) {
	if len(hosts) == 0 || len(hosts) > maxHosts {
		return nil, nil, fmt.Errorf("make certificate: %d hosts, want 1 to %d", len(hosts), maxHosts)
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make certificate: %w", err)
	}
	der, err := a.sign(hosts, private.Public(), now)
	if err != nil {
		return nil, nil, fmt.Errorf("make certificate: %w", err)
	}
	return encode(private, der, a.der)
}

// sign makes a leaf that ends with its authority at the latest.
func (a *Authority) sign(hosts []string, key crypto.PublicKey, now time.Time) ([]byte, error) {
	t, err := template(hosts[0], now, min(leafLife, a.cert.NotAfter.Sub(now)))
	if err != nil {
		return nil, err
	}
	t.KeyUsage = x509.KeyUsageDigitalSignature
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if err := names(t, hosts); err != nil {
		return nil, err
	}
	return x509.CreateCertificate(rand.Reader, t, a.cert, key, a.key)
}

// Renew signs the leaf of a chain again when it ends within a time, or lacks one of hosts: for the same key, so that one
// file changes, with the names it has and those it lacks. It gives nil when there is nothing to gain.
func (a *Authority) Renew(chain []byte, hosts []string, within time.Duration, now time.Time) ([]byte, error) {
	block, _ := pem.Decode(chain)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("renew certificate: want a CERTIFICATE in PEM")
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("renew certificate: %w", err)
	}
	if err := leaf.CheckSignatureFrom(a.cert); err != nil {
		return nil, fmt.Errorf("renew certificate: it is not of this authority: %w", err)
	}
	all := slices.Clone(leaf.DNSNames)
	for _, ip := range leaf.IPAddresses {
		all = append(all, ip.String())
	}
	known := len(all)
	for _, h := range hosts {
		if leaf.VerifyHostname(h) != nil {
			all = append(all, h)
		}
	}
	gain := a.cert.NotAfter.Sub(leaf.NotAfter) // none once the leaf ends with its authority
	if len(all) == known && (leaf.NotAfter.Sub(now) > within || gain < 24*time.Hour) {
		return nil, nil
	}
	if len(all) == 0 || len(all) > maxHosts {
		return nil, fmt.Errorf("renew certificate: %d hosts, want 1 to %d", len(all), maxHosts)
	}
	der, err := a.sign(all, leaf.PublicKey, now)
	if err != nil {
		return nil, fmt.Errorf("renew certificate: %w", err)
	}
	return certificates(der, a.der), nil
}

// names sorts hosts into addresses and names, RFC 5280 section 4.2.1.6.
func names(t *x509.Certificate, hosts []string) error {
	for _, h := range hosts {
		if a, err := netip.ParseAddr(h); err == nil {
			t.IPAddresses = append(t.IPAddresses, a.AsSlice())
			continue
		}
		if !validHost(h) {
			return fmt.Errorf("%q is neither a host name nor an address", h)
		}
		t.DNSNames = append(t.DNSNames, h)
	}
	return nil
}

// validHost says whether s is a host name, RFC 1123 section 2.1.
func validHost(s string) bool {
	if s == "" || len(s) > 253 || s[0] == '.' || s[0] == '-' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

func template(name string, now time.Time, life time.Duration) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name, Organization: []string{"Rivage"}},
		NotBefore: now.Add(-backdate), NotAfter: now.Add(life),
	}, nil
}

func encode(key *ecdsa.PrivateKey, chain ...[]byte) (certs, private []byte, err error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("encode key: %w", err)
	}
	return certificates(chain...), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

func certificates(chain ...[]byte) (text []byte) {
	for _, c := range chain {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c})...)
	}
	return text
}
