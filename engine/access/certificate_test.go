// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"rivage.example/rivage"
)

// maker issues certificates for tests; a nil parent signs itself.
type maker struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func issue(t *testing.T, by *maker, authority bool, from, until time.Time, use ...x509.ExtKeyUsage) *maker {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	draft := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "poste"}, NotBefore: from, NotAfter: until, IsCA: authority,
		BasicConstraintsValid: true, ExtKeyUsage: use, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	signer := &maker{draft, key}
	if by != nil {
		signer = by
	}
	der, err := x509.CreateCertificate(rand.Reader, draft, signer.cert, &key.PublicKey, signer.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &maker{cert, key}
}

func chain(list ...*maker) []*x509.Certificate {
	var c []*x509.Certificate
	for _, m := range list {
		c = append(c, m.cert)
	}
	return c
}

func TestACertificateAttestsWhereItIsRegistered(t *testing.T) {
	const day = 24 * time.Hour
	client := x509.ExtKeyUsageClientAuth
	leaf := issue(t, nil, false, origin.Add(-day), origin.Add(day), client)
	over := issue(t, nil, false, origin.Add(-2*day), origin.Add(-time.Second), client)
	early := issue(t, nil, false, origin.Add(time.Second), origin.Add(day), client)
	ca := issue(t, nil, true, origin.Add(-day), origin.Add(9*day))
	issued := issue(t, ca, false, origin.Add(-day), origin.Add(2*day), client)
	stranger := issue(t, nil, false, origin.Add(-day), origin.Add(day), client)
	lisbon := issue(t, nil, false, origin.Add(-day), origin.Add(day), client)
	s := &rivage.Settings{Sites: map[rivage.ID]*rivage.Site{
		"brest": {ID: "brest", Country: "FR", Certificates: []string{
			pinOf(leaf.cert), pinOf(over.cert), pinOf(early.cert), pinOf(ca.cert),
		}, Networks: nil},
		"lisbonne": {ID: "lisbonne", Country: "PT", Certificates: []string{pinOf(lisbon.cert)}},
	}}
	now := days{origin, origin}
	for _, c := range []struct {
		name  string
		chain []*x509.Certificate
		at    days
		want  rivage.Evidence
		until time.Time
	}{
		{"none", nil, now, rivage.Declared, time.Time{}},
		{"registered", chain(leaf), now, rivage.Attested, origin.Add(day)},
		{"somebody's", chain(stranger), now, rivage.Declared, time.Time{}},
		{"expired", chain(over), now, rivage.Declared, time.Time{}},
		{"not yet valid", chain(early), now, rivage.Declared, time.Time{}},
		{"expired, the wall clock set back", chain(leaf), days{origin, origin.Add(day + time.Second)}, rivage.Declared, time.Time{}},
		{"not yet valid, the wall clock set forward", chain(early), days{origin, origin.Add(time.Hour)}, rivage.Declared, time.Time{}},
		{"issued with a registered key", chain(issued, ca), now, rivage.Declared, time.Time{}}, // whoever holds one would attest any machine
		{"with an issuer that did not sign it", chain(stranger, ca), now, rivage.Declared, time.Time{}},
		{"with a registered certificate behind it", chain(stranger, leaf), now, rivage.Declared, time.Time{}},
		{"of another site", chain(lisbon), now, rivage.Unknown, time.Time{}},
		{"more than anybody needs", chain(leaf, ca, ca, ca, ca, ca, ca), now, rivage.Declared, time.Time{}},
	} {
		a := &rivage.Account{Agent: &rivage.Agent{Site: "brest"}}
		p, by := placeOf(s, a, Origin{Remote: home.Remote, Chain: c.chain}, station{}, c.at, zone)
		until := rivage.Micros(0)
		if !c.until.IsZero() {
			until = rivage.At(c.until)
		}
		if p.Evidence != c.want || by.Until != until {
			t.Errorf("%s: %s until %s, want %s until %s", c.name, p.Evidence, by.Until.Time(), c.want, c.until)
		}
		if p.Evidence == rivage.Unknown && (p.Seen != "PT" || p.Zone != rivage.ZoneOther) {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
}

// What a certificate attested holds over connections with that certificate, and until its end.
func TestASessionFallsWithItsCertificate(t *testing.T) {
	c, w := newWorld(t)
	enrol(t, c, w, "yann", false)
	leaf := issue(t, nil, false, origin.Add(-time.Hour), origin.Add(time.Hour))
	other := issue(t, nil, false, origin.Add(-time.Hour), origin.Add(time.Hour))
	site := w.settings.Sites["brest"]
	site.Certificates = []string{pinOf(leaf.cert), pinOf(other.cert)}
	with := func(m *maker) Origin { return Origin{Remote: home.Remote, Chain: chain(m)} }
	open := func() (Session, string) {
		t.Helper()
		s, token, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", with(leaf))
		if err != nil || s.Place.Evidence != rivage.Attested {
			t.Fatalf("signed in at %+v, %v", s.Place, err)
		}
		if _, err := c.Check(t.Context(), token, with(leaf)); err != nil {
			t.Fatalf("over another connection with it: %v", err)
		}
		return s, token
	}
	for name, from := range map[string]Origin{
		"without it": home, "with another of the site": with(other), "without it, from the site's network": brest,
	} {
		s, token := open()
		_, err := c.Check(t.Context(), token, from)
		wantRefusal(t, name, err, PlaceChanged)
		if !ended(s) {
			t.Errorf("%s: the holder was not told", name)
		}
	}
	s, token := open()
	site.Certificates = site.Certificates[1:]
	_, err := c.Check(t.Context(), token, with(leaf))
	wantRefusal(t, "taken off the site", err, PlaceChanged)
	site.Certificates = []string{pinOf(leaf.cert)}
	s, token = open()
	w.clock.step(-30 * time.Minute) // does not prolong it
	w.clock.advance(time.Hour)
	if err := c.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = c.Check(t.Context(), token, with(leaf))
	wantRefusal(t, "at its end", err, NoSession)
	if !ended(s) {
		t.Error("at its end: the holder was not told")
	}
	if got := facts[*rivage.SignedIn](w); got[0].Proof != rivage.ByNetwork || got[1].Proof != rivage.ByCertificate {
		t.Errorf("signed in by %q and %q", got[0].Proof, got[1].Proof)
	}
}
