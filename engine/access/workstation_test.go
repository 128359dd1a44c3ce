// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

const here = "https://rivage.ponant.example"

// browser is one that a workstation is, or would be.
type browser struct {
	id  rivage.ID
	key *ecdsa.PrivateKey
}

func newBrowser(t *testing.T, curve elliptic.Curve) (*browser, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{"poste-12", key}, der
}

// sign presents a challenge signed for an origin and a session, from home.
func (b *browser) sign(t *testing.T, origin string, session rivage.ID, challenge string) Origin {
	t.Helper()
	sum := sha256.Sum256([]byte(Challenged(origin, b.id, session, challenge)))
	r, s, err := ecdsa.Sign(rand.Reader, b.key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return Origin{Remote: home.Remote, Presented: &Presented{Workstation: b.id, Challenge: challenge, Signature: signature, Origin: here}}
}

// registered enrols a browser at Brest, until the end of the day after tomorrow.
func registered(t *testing.T, c *Control) *browser {
	t.Helper()
	b, der := newBrowser(t, elliptic.P256())
	code, _, err := c.OfferWorkstation(t.Context(), "adele", rivage.Workstation{ID: b.id, Name: "Poste 12", Site: "brest", Until: "2027-03-03"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.EnrolWorkstation(t.Context(), code, der); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestACodeRegistersOneBrowserOnce(t *testing.T) {
	c, w := newWorld(t)
	station := rivage.Workstation{ID: "poste-12", Name: "Poste 12", Site: "brest", Until: "2027-03-03"}
	offer := func() string {
		t.Helper()
		code, expires, err := c.OfferWorkstation(t.Context(), "adele", station)
		if err != nil || !expires.Equal(w.clock.Now().Add(codeHolds)) {
			t.Fatalf("%s, %v", expires, err)
		}
		return code
	}
	_, der := newBrowser(t, elliptic.P256())
	_, wrong := newBrowser(t, elliptic.P384())
	_, err := c.EnrolWorkstation(t.Context(), "0000-0000-0000-0000", der)
	wantRefusal(t, "a guess", err, BadEnrolment)
	late := offer()
	w.clock.advance(codeHolds + time.Second)
	_, err = c.EnrolWorkstation(t.Context(), late, der)
	wantRefusal(t, "too late", err, BadEnrolment)
	code := offer()
	for name, key := range map[string][]byte{"another curve": wrong, "no key": nil, "rubbish": []byte("x")} {
		if _, err := c.EnrolWorkstation(t.Context(), code, key); rivage.CodeOf(err) != rivage.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.settings.Accounts["adele"].Roles[0].Name = RoleSupervisor
	_, err = c.EnrolWorkstation(t.Context(), code, der)
	wantRefusal(t, "who made it is no longer an administrator", err, BadEnrolment)
	w.settings.Accounts["adele"].Roles[0].Name = RoleAdministrator
	w.fail(true)
	if _, err = c.EnrolWorkstation(t.Context(), code, der); err == nil {
		t.Error("registered while nothing could be written")
	}
	w.fail(false)
	typed := strings.ToLower(code[:4] + "-" + code[4:8] + " " + code[8:])
	got, err := c.EnrolWorkstation(t.Context(), typed, der)
	if err != nil || got.ID != "poste-12" || w.by != "adele" || w.settings.Workstations["poste-12"].Key == "" {
		t.Errorf("%+v by %q, %v", got, w.by, err)
	}
	_, err = c.EnrolWorkstation(t.Context(), code, der)
	wantRefusal(t, "twice", err, BadEnrolment)
	for name, bad := range map[string]rivage.Workstation{
		"a taken id": station, "no site": {ID: "p", Name: "P", Until: "2027-03-03"}, "no end": {ID: "p", Name: "P", Site: "brest"},
		"an end that is over": {ID: "p", Name: "P", Site: "brest", Until: "2027-02-28"}, "no name": {ID: "p", Site: "brest", Until: "2027-03-03"},
	} {
		if _, _, err := c.OfferWorkstation(t.Context(), "adele", bad); rivage.CodeOf(err) != rivage.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAWorkstationAttestsByProvingItsKey(t *testing.T) {
	c, w := newWorld(t)
	enrol(t, c, w, "yann", false)
	b := registered(t, c)
	forger, _ := newBrowser(t, elliptic.P256())
	other := &browser{"poste-13", b.key}
	in := func(from Origin) rivage.Evidence {
		t.Helper()
		s, _, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", from)
		if err != nil {
			t.Fatal(err)
		}
		return s.Place.Evidence
	}
	good := b.sign(t, here, "", c.Challenge(""))
	if got := in(good); got != rivage.Attested {
		t.Errorf("a good proof: %s", got)
	}
	if got := in(good); got != rivage.Declared {
		t.Errorf("the same again: %s", got)
	}
	over := c.Challenge("")
	w.clock.advance(challengeHolds)
	bent := b.sign(t, here, "", c.Challenge(""))
	bent.Presented.Signature[40] ^= 1
	short := b.sign(t, here, "", c.Challenge(""))
	short.Presented.Signature = short.Presented.Signature[:63]
	for name, from := range map[string]Origin{
		"another key": forger.sign(t, here, "", c.Challenge("")), "an unknown workstation": other.sign(t, here, "", c.Challenge("")),
		"a challenge that is over": b.sign(t, here, "", over), "a challenge nobody made": b.sign(t, here, "", "AAAA"),
		"signed for another origin": b.sign(t, "https://rivage.evil.example", "", c.Challenge("")),
		"a challenge of a session":  b.sign(t, here, "s-1", c.Challenge("s-1")), "bent": bent, "too short": short,
	} {
		if got := in(from); got != rivage.Declared {
			t.Errorf("%s: %s, want declared", name, got)
		}
	}
	w.settings.Workstations["poste-12"].Site = "lisbonne"
	w.settings.Sites["lisbonne"] = &rivage.Site{ID: "lisbonne", Country: "PT"}
	if got := in(b.sign(t, here, "", c.Challenge(""))); got != rivage.Unknown {
		t.Errorf("a workstation of another site: %s", got)
	}
	w.settings.Workstations["poste-12"].Site = "brest"
	w.clock.advance(3 * 24 * time.Hour)
	if got := in(b.sign(t, here, "", c.Challenge(""))); got != rivage.Declared {
		t.Errorf("after its last day: %s", got)
	}
}

// What a workstation attested ends unless it proves itself again, and at once when it is taken off.
func TestAWorkstationProvesItselfAgain(t *testing.T) {
	c, w := newWorld(t)
	enrol(t, c, w, "yann", false)
	b := registered(t, c)
	forger, _ := newBrowser(t, elliptic.P256())
	open := func() (Session, string) {
		t.Helper()
		s, token, err := c.SignIn(t.Context(), login("yann"), goodPassword, "", b.sign(t, here, "", c.Challenge("")))
		if err != nil {
			t.Fatal(err)
		}
		return s, token
	}
	s, token := open()
	w.clock.advance(stationHolds - time.Minute)
	for name, from := range map[string]Origin{
		"without": home, "another key": forger.sign(t, here, s.ID, c.Challenge(s.ID)), "for a sign-in": b.sign(t, here, "", c.Challenge("")),
		"for another session": b.sign(t, here, "s-1", c.Challenge("s-1")),
	} {
		wantRefusal(t, name, c.ProveWorkstation(t.Context(), token, from), BadWorkstation)
	}
	wantRefusal(t, "again", c.ProveWorkstation(t.Context(), token, b.sign(t, here, s.ID, c.Challenge(s.ID))), "")
	w.clock.advance(stationHolds - time.Minute)
	_, err := c.Check(t.Context(), token, home)
	wantRefusal(t, "proved again", err, "")
	w.clock.advance(time.Minute)
	_, err = c.Check(t.Context(), token, home)
	wantRefusal(t, "not proved again", err, NoSession)
	if !ended(s) {
		t.Error("the holder was not told")
	}

	s, token = open()
	station := w.settings.Workstations["poste-12"]
	delete(w.settings.Workstations, "poste-12")
	if err := c.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = c.Check(t.Context(), token, home)
	wantRefusal(t, "taken off", err, NoSession)
	if !ended(s) || !slices.Contains(reasons(facts[*rivage.SignedOut](w)), "revoked") {
		t.Error("taken off: the holder was not told")
	}
	w.settings.Workstations["poste-12"] = station
	_, token = open()
	_, der := newBrowser(t, elliptic.P256())
	again := *station
	again.Key = string(der)
	w.settings.Workstations["poste-12"] = &again
	_, err = c.Check(t.Context(), token, home)
	wantRefusal(t, "another key under its id", err, PlaceChanged)
}

func FuzzPresented(f *testing.F) {
	c, w := newWorld(f)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		f.Fatal(err)
	}
	w.settings.Workstations["poste-12"] = &rivage.Workstation{ID: "poste-12", Site: "brest", Key: base64.StdEncoding.EncodeToString(der), Until: "2027-03-03"}
	f.Add("poste-12", c.Challenge(""), make([]byte, 64), here)
	f.Add("", "", []byte{}, "")
	f.Fuzz(func(t *testing.T, id, challenge string, signature []byte, origin string) {
		p := &Presented{Workstation: rivage.ID(id), Challenge: challenge, Signature: signature, Origin: origin}
		if on := c.presented(p, "", c.days()); on.Workstation != nil {
			t.Error("something proved what nobody registered")
		}
		if c.challenges.take(challenge, "s", c.steady.Now()) {
			t.Error("a challenge passed for a session it was not made for")
		}
	})
}

// Word for word the text of web/lib/workstation.ts.
func TestTheTextThatAWorkstationSigns(t *testing.T) {
	want := "rivage workstation 1\nhttps://rivage.ponant.example\nposte-12\ns-1\nY2hhbGxlbmdl\n"
	if got := Challenged(here, "poste-12", "s-1", "Y2hhbGxlbmdl"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
