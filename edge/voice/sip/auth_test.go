// SPDX-License-Identifier: EUPL-1.2

package sip

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/icholy/digest"

	"rivage.example/rivage"
)

func digestConfig(refused func(Refused)) Config {
	return Config{
		Settings: settings(func(t *rivage.Trunk) { t.Username, t.Secret = "operator", "operator-password" }),
		Secret: func(name string) (string, error) {
			return map[string]string{"operator-password": "s3cret"}[name], nil
		},
		Refused: refused,
	}
}

// withCredentials answers a challenge in an INVITE with another branch.
func withCredentials(t *testing.T, challenge, user, password, branch string, count int) string {
	t.Helper()
	c, err := digest.ParseChallenge(header(challenge, "Www-Authenticate"))
	if err != nil {
		t.Fatal(err)
	}
	cred, err := digest.Digest(c, digest.Options{Method: "INVITE", URI: "sip:+33298000001@rivage", Username: user, Password: password, Count: count})
	if err != nil {
		t.Fatal(err)
	}
	msg := strings.NewReplacer("inv1", branch, "one@", branch+"@").Replace(invite)
	return strings.Replace(msg, "\n\nSDP", "\nAuthorization: "+cred.String()+"\n\nSDP", 1)
}

func TestDigestOfATrunk(t *testing.T) {
	var mu sync.Mutex
	wrong := int64(0)
	p := newPeer(t, open(t, digestConfig(func(r Refused) {
		mu.Lock()
		defer mu.Unlock()
		if r.Reason == "wrong credentials" && r.Source == "trunk" {
			wrong += r.Count
		}
	})))
	p.send(invite)
	ask := p.want("SIP/2.0 401")
	if h := header(ask, "Www-Authenticate"); strings.Contains(h, "stale") || !strings.Contains(h, `qop="auth"`) {
		t.Errorf("challenge %q", h)
	}
	for _, c := range []struct {
		name, user, password string
		count                int
		want                 string
	}{
		{"right", "operator", "s3cret", 1, "SIP/2.0 404"}, // in; nobody has that number
		{"counted on", "operator", "s3cret", 2, "SIP/2.0 404"},
		{"replayed", "operator", "s3cret", 2, "SIP/2.0 401"},
		{"wrong password", "operator", "guess", 3, "SIP/2.0 403"},
		{"wrong name", "other", "s3cret", 4, "SIP/2.0 403"},
	} {
		p.send(withCredentials(t, ask, c.user, c.password, strings.ReplaceAll(c.name, " ", ""), c.count))
		got := p.want(c.want, "SIP/2.0 4")
		for !strings.Contains(header(got, "Via"), strings.ReplaceAll(c.name, " ", "")) {
			got = p.want(c.want, "SIP/2.0 4")
		}
		if c.name == "replayed" && !strings.Contains(header(got, "Www-Authenticate"), "stale=true") {
			t.Error("a replay is not told that its nonce is stale")
		}
	}
	wait(t, "the count of refusals", func() bool { mu.Lock(); defer mu.Unlock(); return wrong == 2 })
}

type handClock struct{ elapsed time.Duration }

func (c *handClock) Now() time.Time         { return time.Unix(0, 0) }
func (c *handClock) Elapsed() time.Duration { return c.elapsed }

func TestNoncesEnd(t *testing.T) {
	c := &handClock{}
	v := newVerifier(c)
	n := v.fresh()
	for _, step := range []struct {
		at    time.Duration
		nonce string
		count int
		want  bool
	}{
		{0, n, 1, true}, {0, n, 1, false}, {0, n, 0, false}, {0, n, 5, true}, {0, n, 4, false},
		{0, "made up", 1, false}, {nonceLife - 1, n, 6, true}, {nonceLife, n, 7, false},
	} {
		c.elapsed = step.at
		if got := v.use(step.nonce, step.count); got != step.want {
			t.Errorf("use %d at %v: %v, want %v", step.count, step.at, got, step.want)
		}
	}
}

func TestNoncesAreBounded(t *testing.T) {
	v := newVerifier(&handClock{})
	for range maxNonces * 2 {
		v.fresh()
	}
	if len(v.nonces) > maxNonces {
		t.Errorf("%d nonces kept, want at most %d", len(v.nonces), maxNonces)
	}
}

// A trunk without a declared network is challenged from anywhere, a few times a second, and once it has proved itself
// its calls are not counted as knocking.
func TestDigestFromAnywhere(t *testing.T) {
	cfg := digestConfig(nil)
	cfg.Settings = settings(func(t *rivage.Trunk) { t.Networks, t.Username, t.Secret = nil, "operator", "operator-password" })
	a := &answering{}
	cfg.OnInvite = a.take
	p := newPeer(t, open(t, cfg))
	p.send(invite)
	ask := p.want("SIP/2.0 401")
	p.send(withCredentials(t, ask, "operator", "s3cret", "auth", 1))
	ok := p.want("SIP/2.0 200", "SIP/2.0 180", "SIP/2.0 401")
	tag := toTag(ok)
	mine := func(s string) string { return strings.Replace(s, "one@", "auth@", 1) }
	p.send(mine(inDialog("ACK", tag, 1, "")))
	a.heard(t, "confirmed")
	const digits = "123456789"
	for i := range len(digits) {
		p.send(mine(inDialog("INFO", tag, i+2, "Content-Type: application/dtmf\n\n"+digits[i:i+1])))
		p.want("SIP/2.0 200", "SIP/2.0 401")
	}
	a.heard(t, "confirmed digit:"+strings.Join(strings.Split(digits, ""), " digit:"))
	p.send(mine(inDialog("BYE", tag, 30, "")))
	p.want("SIP/2.0 200", "SIP/2.0 401")
}

func TestKnockingIsAnsweredAFewTimes(t *testing.T) {
	cfg := digestConfig(nil)
	cfg.Settings = settings(func(t *rivage.Trunk) { t.Networks, t.Username, t.Secret = nil, "operator", "operator-password" })
	p := newPeer(t, open(t, cfg))
	for range 200 {
		p.send(strings.NewReplacer("inv1", "x"+string(rivage.NewID()), "one@", string(rivage.NewID())+"@").Replace(invite))
	}
	answers := 0
	for {
		if err := p.c.SetReadDeadline(time.Now().Add(300 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if _, err := p.c.Read(make([]byte, 65536)); err != nil {
			break
		}
		answers++
	}
	if answers == 0 || answers > 60 { // each 401 is repeated until its ACK, which never comes
		t.Errorf("%d answers to 200 strangers, want a few", answers)
	}
}
