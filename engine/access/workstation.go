// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"

	"rivage.example/rivage"
)

const (
	codeHolds    = 15 * time.Minute // of an enrolment code, from the control room to the browser
	stationHolds = 30 * time.Minute // of a workstation's proof: the desk proves again long before
	codeBytes    = 10               // 80 bits: nobody guesses it while it holds
)

// Registrar writes a registered workstation down as a setting, in the name of the administrator who made its code.
type Registrar interface {
	Register(ctx context.Context, by rivage.ID, w rivage.Workstation) error
}

// Presented is what a browser says to prove that it runs on a registered workstation.
type Presented struct {
	Workstation rivage.ID
	Challenge   string // of Challenge
	Signature   []byte // ECDSA P-256 with SHA-256 of Challenged's text, r ‖ s, as WebCrypto makes it
	Origin      string // scheme and host that the request itself came to, never what the browser says
}

// enrolment is a code as it rests.
type enrolment struct {
	Workstation rivage.Workstation `json:"workstation"` // without its key
	By          rivage.ID          `json:"by"`
	Expires     rivage.Micros      `json:"expires"`
}

var codeLetters = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding) // none is taken for another

func enrolmentName(code string) string { return "enrolment/" + keyOf(code) }

// OfferWorkstation makes a code with which one browser is registered as w, once, within a quarter of an hour.
func (c *Control) OfferWorkstation(ctx context.Context, by rivage.ID, w rivage.Workstation) (code string, expires time.Time, err error) {
	s := c.c.Settings()
	until, dated := w.Until.Day()
	switch {
	case s.Sites[w.Site] == nil:
		return "", expires, &rivage.Error{Code: rivage.Invalid, Message: "register a workstation: there is no such site"}
	case s.Workstations[w.ID] != nil || !rivage.ValidSlug(string(w.ID)):
		return "", expires, &rivage.Error{Code: rivage.Invalid, Message: "register a workstation: its id is taken, or is not 1 to 40 of a-z, 0-9 and hyphens"}
	case !dated || !c.c.Clock.Now().Before(until.AddDate(0, 0, 1)):
		return "", expires, &rivage.Error{Code: rivage.Invalid, Message: "register a workstation: it has a last day, which is not over"}
	case strings.TrimSpace(w.Name) == "":
		return "", expires, &rivage.Error{Code: rivage.Invalid, Message: "register a workstation: it has a name"}
	}
	var b [codeBytes]byte
	_, _ = rand.Read(b[:]) // never fails, crypto/rand documentation
	code, expires = codeLetters.EncodeToString(b[:]), c.c.Clock.Now().Add(codeHolds)
	w.Key = ""
	doc, err := json.Marshal(enrolment{w, by, rivage.At(expires)})
	if err == nil {
		err = c.c.Secrets.PutSecret(ctx, enrolmentName(code), doc)
	}
	if err != nil {
		return "", time.Time{}, fmt.Errorf("register a workstation: %w", err)
	}
	return code, expires, nil
}

var errBadEnrolment = refuse(rivage.NotFound, BadEnrolment, "this code was used or is over; ask for another")

// EnrolWorkstation takes a code up: the browser that holds the private half of key (SubjectPublicKeyInfo) is registered.
// The administrator who made the code must still be one. The code goes last, so that a failure before leaves it.
func (c *Control) EnrolWorkstation(ctx context.Context, code string, key []byte) (rivage.Workstation, error) {
	code = strings.NewReplacer(" ", "", "-", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(code))
	c.invite.Lock()
	defer c.invite.Unlock()
	doc, err := c.c.Secrets.Secret(ctx, enrolmentName(code))
	if isNotFound(err) {
		return rivage.Workstation{}, errBadEnrolment
	}
	var e enrolment
	if err == nil {
		err = json.Unmarshal(doc, &e)
	}
	if err != nil {
		return rivage.Workstation{}, fmt.Errorf("register a workstation: %w", err)
	}
	by := c.c.Settings().Accounts[e.By]
	if by == nil || !RightsOf(by.Roles).Is(RoleAdministrator) || c.days().late.After(e.Expires.Time()) {
		return rivage.Workstation{}, errBadEnrolment
	}
	if e.Workstation.Key = base64.StdEncoding.EncodeToString(key); publicKey(&e.Workstation) == nil {
		return rivage.Workstation{}, &rivage.Error{Code: rivage.Invalid, Message: "register a workstation: want a P-256 public key"}
	}
	if err := c.c.Registrar.Register(ctx, e.By, e.Workstation); err != nil {
		return rivage.Workstation{}, fmt.Errorf("register a workstation: %w", err)
	}
	return e.Workstation, c.c.Secrets.DeleteSecret(ctx, enrolmentName(code))
}

// publicKey is a workstation's, nil when it is none.
func publicKey(w *rivage.Workstation) *ecdsa.PublicKey {
	der, err := base64.StdEncoding.DecodeString(w.Key)
	if err != nil {
		return nil
	}
	any, err := x509.ParsePKIXPublicKey(der)
	key, ok := any.(*ecdsa.PublicKey)
	if err != nil || !ok || key.Curve != elliptic.P256() {
		return nil
	}
	return key
}

// Challenged is the text that a workstation signs: a signature given to one origin, session or moment is none to another.
// session is "" at sign-in.
func Challenged(origin string, workstation, session rivage.ID, challenge string) string {
	return "rivage workstation 1\n" + origin + "\n" + string(workstation) + "\n" + string(session) + "\n" + challenge + "\n"
}

// presented is the workstation that what was presented proves, and until when. A challenge serves once.
func (c *Control) presented(p *Presented, session rivage.ID, at days) station {
	if p == nil {
		return station{}
	}
	w := c.c.Settings().Workstations[p.Workstation]
	if w == nil || len(p.Signature) != 64 {
		return station{}
	}
	ends, ok := endOf(w, at)
	key := publicKey(w)
	if !ok || key == nil {
		return station{}
	}
	sum := sha256.Sum256([]byte(Challenged(p.Origin, w.ID, session, p.Challenge)))
	r, s := new(big.Int).SetBytes(p.Signature[:32]), new(big.Int).SetBytes(p.Signature[32:])
	if !ecdsa.Verify(key, sum[:], r, s) || !c.challenges.take(p.Challenge, session, c.steady.Now()) {
		return station{}
	}
	if until := c.steady.Now().Add(stationHolds); until.Before(ends) {
		ends = until
	}
	return station{w, ends}
}

// endOf is the instant after a workstation's last day, and whether it is still to come.
func endOf(w *rivage.Workstation, at days) (time.Time, bool) {
	day, ok := w.Until.Day()
	end := day.AddDate(0, 0, 1)
	return end, ok && at.late.Before(end)
}

func stationPin(w *rivage.Workstation) string {
	h := sha256.Sum256([]byte(w.Key))
	return hex.EncodeToString(h[:])
}

// ProveWorkstation prolongs what a workstation attests of a session. Anything but a good proof of the same workstation
// changes nothing: what it attested ends when its time is over.
func (c *Control) ProveWorkstation(ctx context.Context, token string, from Origin) error {
	s, err := c.Check(ctx, token, from)
	if err != nil {
		return err
	}
	k, _, err := c.find(ctx, token)
	if err != nil {
		return err
	}
	on := c.presented(from.Presented, s.ID, c.days())
	if on.Workstation == nil || k.Proof.By != rivage.ByWorkstation || k.Proof.Ref != stationPin(on.Workstation) {
		return refuse(rivage.Denied, BadWorkstation, "the workstation did not prove itself")
	}
	return c.change(ctx, k.Key, "", func(k *kept) { k.Proof.Until = rivage.At(on.until) })
}
