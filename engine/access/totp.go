// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash"
	"net/url"
	"strings"
	"time"

	"rivage.example/rivage"
)

const (
	totpStep   = 30 // seconds, RFC 6238 section 4.1
	totpDigits = 6
	totpSkew   = 1 // steps accepted before and after, RFC 6238 section 5.2
)

var seedEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// seed is an account's secret for one-time codes, as it rests in the secrets.
type seed struct {
	Key  string `json:"key"`  // base32, 160 bits
	Last int64  `json:"last"` // last step accepted: a code serves once, RFC 6238 section 5.2
}

func newSeed() seed {
	var key [20]byte // RFC 4226 section 4: 160 bits recommended
	_, _ = rand.Read(key[:])
	return seed{Key: seedEncoding.EncodeToString(key[:])}
}

// codeAt is the code of a step (RFC 6238, RFC 4226 section 5.3).
func codeAt(newHash func() hash.Hash, key []byte, step int64, digits int) string {
	m := hmac.New(newHash, key)
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	_, _ = m.Write(counter[:])
	sum := m.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	mod := uint32(1)
	for range digits {
		mod *= 10
	}
	return fmt.Sprintf("%0*d", digits, n%mod)
}

// accept takes a code that is right at an instant and was not used, and says so. Whatever comes, it tries every step.
func (s *seed) accept(input string, now time.Time) bool {
	code, ok := parseCode(input)
	key, err := seedEncoding.DecodeString(s.Key)
	if !ok || err != nil || len(key) == 0 {
		return false
	}
	current, found := now.Unix()/totpStep, int64(-1)
	for step := current - totpSkew; step <= current+totpSkew; step++ {
		if subtle.ConstantTimeCompare([]byte(codeAt(sha1.New, key, step, totpDigits)), []byte(code)) == 1 && step > s.Last {
			found = step
		}
	}
	if found < 0 {
		return false
	}
	s.Last = found
	return true
}

// parseCode reads six digits as people type them, with spaces.
func parseCode(input string) (string, bool) {
	if len(input) > 32 {
		return "", false
	}
	code := strings.ReplaceAll(input, " ", "")
	if len(code) != totpDigits || strings.Trim(code, "0123456789") != "" {
		return "", false
	}
	return code, true
}

// uri is what an authenticator reads from a picture. SHA-1, six digits and 30 s are the only ones all of them know.
func (s seed) uri(organisation, login string) string {
	q := url.Values{"secret": {s.Key}, "issuer": {organisation}}.Encode()
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + organisation + ":" + login, RawQuery: strings.ReplaceAll(q, "+", "%20")}
	return u.String()
}

func seedName(account rivage.ID) string { return "totp/" + string(account) }

// checkCode holds a code against the account's seed and keeps the step it used. enrolled is false when there is none.
func (c *Control) checkCode(ctx context.Context, account rivage.ID, code string) (enrolled, ok bool, err error) {
	c.code.Lock()
	defer c.code.Unlock()
	text, err := c.c.Secrets.Secret(ctx, seedName(account))
	if isNotFound(err) {
		return false, false, nil
	}
	var s seed
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return false, false, fmt.Errorf("read one-time code's seed: %w", err)
	}
	if code == "" || !s.accept(code, c.c.Clock.Now()) {
		return true, false, nil
	}
	return true, true, c.keepSeed(ctx, account, s)
}

func (c *Control) keepSeed(ctx context.Context, account rivage.ID, s seed) error {
	text, err := json.Marshal(s)
	if err == nil {
		err = c.c.Secrets.PutSecret(ctx, seedName(account), text)
	}
	if err != nil {
		return fmt.Errorf("keep one-time code's step: %w", err)
	}
	return nil
}

// Code is the one-time code of a seed, as Enrolment gives it, at an instant: what an authenticator shows.
func Code(secret string, at time.Time) (string, error) {
	key, err := seedEncoding.DecodeString(secret)
	if err != nil || len(key) == 0 {
		return "", &rivage.Error{Code: rivage.Invalid, Message: "this is not the seed of one-time codes"}
	}
	return codeAt(sha1.New, key, at.Unix()/totpStep, totpDigits), nil
}
