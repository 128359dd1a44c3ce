// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"cmp"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"net/netip"
	"sync"
	"time"

	gosip "github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"

	"rivage.example/rivage"
)

// Digest authentication of trunks (RFC 3261 section 22, RFC 7616). MD5, because it is what trunks and telephones have;
// the nonce is random, lives for a while, and each count of it is good once.
const (
	realm     = "rivage"
	nonceLife = 5 * time.Minute
	maxNonces = 10_000
)

// verifier knows the nonces it gave out.
type verifier struct {
	clock rivage.Clock

	mu     sync.Mutex
	nonces map[string]*nonce // owned by mu
}

type nonce struct {
	end  time.Duration // of the monotonic clock
	used int           // highest count seen
}

func newVerifier(c rivage.Clock) *verifier {
	return &verifier{clock: c, nonces: map[string]*nonce{}}
}

// fresh gives a new nonce out.
func (v *verifier) fresh() string {
	n, now := rand.Text(), v.clock.Elapsed()
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.nonces) >= maxNonces {
		for k, old := range v.nonces {
			if old.end <= now {
				delete(v.nonces, k)
			}
		}
		if len(v.nonces) >= maxNonces { // all young: a flood. Who is honest is challenged once more
			clear(v.nonces)
		}
	}
	v.nonces[n] = &nonce{end: now + nonceLife}
	return n
}

// use takes one count of a nonce; false when it is unknown, too old, or that count was seen.
func (v *verifier) use(n string, count int) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	known := v.nonces[n]
	if known == nil || v.clock.Elapsed() >= known.end {
		delete(v.nonces, n)
		return false
	}
	if count <= known.used {
		return false
	}
	known.used = count
	return true
}

// verdict of a request's credentials.
type verdict int

const (
	absent verdict = iota // none, or unreadable: challenge
	stale                 // right, but for a nonce that is used up: challenge again
	wrong
	right
)

// check judges the credentials of a request for one account.
func (v *verifier) check(req *gosip.Request, username, password string) verdict {
	h := req.GetHeader("authorization")
	if h == nil {
		return absent
	}
	c, err := digest.ParseCredentials(h.Value())
	if err != nil || c.QOP != "auth" || c.Realm != realm || cmp.Or(c.Algorithm, "MD5") != "MD5" || c.Nc <= 0 {
		return absent
	}
	want, err := digest.Digest(&digest.Challenge{Realm: realm, Nonce: c.Nonce, Algorithm: "MD5", QOP: []string{"auth"}}, digest.Options{
		Method: string(req.Method), URI: c.URI, Count: c.Nc, Cnonce: c.Cnonce, Username: username, Password: password,
	})
	if err != nil || c.Cnonce == "" {
		return absent
	}
	// Both compared in any case, in constant time, so that neither a name nor a password is found letter by letter.
	name := subtle.ConstantTimeCompare([]byte(c.Username), []byte(username))
	answer := subtle.ConstantTimeCompare([]byte(c.Response), []byte(want.Response))
	if name&answer != 1 {
		return wrong
	}
	if !v.use(c.Nonce, c.Nc) {
		return stale
	}
	return right
}

// challenge is the 401 that asks for credentials.
func (v *verifier) challenge(req *gosip.Request, isStale bool) *gosip.Response {
	res := reply(req, 401)
	value := fmt.Sprintf(`Digest realm="%s", nonce="%s", algorithm=MD5, qop="auth"`, realm, v.fresh())
	if isStale {
		value += ", stale=true"
	}
	res.AppendHeader(gosip.NewHeader("WWW-Authenticate", value))
	return res
}

// admit finds the trunk that a call comes through, or the answer that turns it away.
func (s *Stack) admit(req *gosip.Request, from netip.AddrPort) (*rivage.Trunk, *gosip.Response) {
	list, declared := s.gate.trunks(from.Addr())
	best := absent
	for _, t := range list {
		if t.Username == "" {
			return t, nil
		}
		password, err := s.secret(t)
		if err != nil || password == "" {
			s.log.Error("password of a trunk is missing", "trunk", string(t.ID))
			continue
		}
		v := s.auth.check(req, t.Username, password)
		if v == right {
			if !declared {
				s.gate.trust(from.Addr())
			}
			return t, nil
		}
		if v == stale || best == absent {
			best = v
		}
	}
	switch best {
	case absent, stale: // no refusal yet: a first INVITE never carries credentials
		return nil, s.auth.challenge(req, best == stale)
	}
	s.gate.tally.add(sourceOf(list, declared), "wrong credentials")
	return nil, reply(req, 403)
}

func (s *Stack) secret(t *rivage.Trunk) (string, error) {
	if s.cfg.Secret == nil {
		return "", nil
	}
	return s.cfg.Secret(t.Secret)
}

// credentials answers the challenge of a trunk that we call through; false when there is nothing to answer with.
func (s *Stack) credentials(req *gosip.Request, res *gosip.Response, t *rivage.Trunk) (gosip.Header, bool) {
	in, out := "www-authenticate", "Authorization"
	if res.StatusCode == 407 {
		in, out = "proxy-authenticate", "Proxy-Authorization"
	}
	h := res.GetHeader(in)
	if h == nil || t.Username == "" {
		return nil, false
	}
	password, err := s.secret(t)
	if err != nil || password == "" {
		return nil, false
	}
	c, err := digest.ParseChallenge(h.Value())
	if err != nil || !digest.CanDigest(c) {
		return nil, false
	}
	cred, err := digest.Digest(c, digest.Options{Method: string(req.Method), URI: req.Recipient.Addr(), Username: t.Username, Password: password})
	if err != nil {
		return nil, false
	}
	return gosip.NewHeader(out, cred.String()), true
}
