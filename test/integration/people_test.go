// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"sync"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/api/client"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/view"
)

// password of everybody here.
const password = "phare-de-penmarch-1897"

// person is somebody signed in, with a browser's cookie and no screen.
type person struct {
	i     *instance
	login string
	from  netip.Addr
	http  *http.Client
	seed  string // of the second factor; "" without one
	card  view.CardVersion
}

// on is somebody who was shown a card and writes on it.
func (p *person) on(card view.PersonCard) *person {
	q := *p
	q.card = card.Version
	return &q
}

// person is who will sign in from an address.
func (i *instance) person(t testing.TB, login string, from netip.Addr) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	dialer := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0))}
	p := &person{i: i, login: login, from: from, http: &http.Client{Jar: jar, Timeout: patience, Transport: &http.Transport{
		DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{RootCAs: i.roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
	}}}
	t.Cleanup(p.http.CloseIdleConnections)
	return p
}

// enrol takes up the invitation of a login: from then on the session is open.
func (i *instance) enrol(t testing.TB, login string, from netip.Addr) *person {
	t.Helper()
	p := i.person(t, login, from)
	link, ok := i.links[login]
	if !ok {
		t.Fatalf("no invitation of %s", login)
	}
	var inv struct {
		TOTP struct {
			Required bool
			Secret   string
		}
	}
	p.get(t, "/api/invitations/"+link, &inv)
	body := map[string]string{"password": password}
	if inv.TOTP.Required {
		p.seed = inv.TOTP.Secret
		code, err := access.Code(p.seed, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		body["totp_code"] = code
	}
	p.post(t, "/api/invitations/"+link, body, nil)
	return p
}

// signIn opens a session with the password; not for those with a second factor, whose code serves once.
func (p *person) signIn(t testing.TB) {
	t.Helper()
	p.post(t, "/api/session", map[string]string{"login": p.login, "password": password}, nil)
}

// ask makes a request and gives the status and the body as they came.
func (p *person) ask(t testing.TB, method, path string, in any) (int, http.Header, []byte) {
	t.Helper()
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, p.i.base+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if p.card != "" {
		req.Header.Set("If-Match", `"`+string(p.card)+`"`)
	}
	resp, err := p.http.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close() //nolint:errcheck // read only
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp.StatusCode, resp.Header, text
}

func (p *person) get(t testing.TB, path string, out any) {
	t.Helper()
	p.must(t, http.MethodGet, path, nil, out)
}

func (p *person) post(t testing.TB, path string, in, out any) {
	t.Helper()
	p.must(t, http.MethodPost, path, in, out)
}

func (p *person) must(t testing.TB, method, path string, in, out any) {
	t.Helper()
	status, _, text := p.ask(t, method, path, in)
	if status < 200 || status > 299 {
		t.Fatalf("%s %s by %s: %d: %s", method, path, p.login, status, text)
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			t.Fatalf("%s %s: %v: %s", method, path, err, text)
		}
	}
}

// interactions are those the person may see, newest first, to the last page.
func (p *person) interactions(t testing.TB, query string) []view.Interaction {
	t.Helper()
	var all []view.Interaction
	for before := ""; ; {
		var page view.List
		p.get(t, "/api/interactions?limit=200"+query+before, &page)
		all = append(all, page.Interactions...)
		if page.Next == "" {
			return all
		}
		before = "&before=" + string(page.Next)
	}
}

func (p *person) detail(t testing.TB, id rivage.ID) view.Detail {
	t.Helper()
	var d view.Detail
	p.get(t, "/api/interactions/"+string(id), &d)
	return d
}

func (p *person) callbacks(t testing.TB) []view.Interaction {
	t.Helper()
	var list struct{ Callbacks []view.Interaction }
	p.get(t, "/api/callbacks", &list)
	return list.Callbacks
}

// post is an agent with a fixed telephone: a desk without a screen, and a phone.
type post struct {
	*phone
	login string
	from  netip.Addr
	desk  *client.Desk
	stop  func() // closes the desk
}

// newPost is an agent's telephone, before there is an instance that knows it.
func newPost(t testing.TB, at netip.Addr, login string, from netip.Addr) *post {
	t.Helper()
	p := &post{phone: newPhone(t, at, netip.AddrPort{}, toneAgent), login: login, from: from}
	p.picks = true
	return p
}

// account is the post's, at a site.
func (p *post) account(site, queues string) account {
	return account{login: p.login, roles: roleAgent, site: site, queue: queues, uri: p.uri()}
}

// open takes up the post's invitation, opens its desk and asks for calls.
func (p *post) open(t *testing.T, i *instance) {
	t.Helper()
	i.enrol(t, p.login, p.from)
	p.reopen(t, i)
	p.is(t, rivage.AgentReady)
}

// reopen opens the desk of a post that was enrolled before, and asks for calls; one may come at once.
func (p *post) reopen(t *testing.T, i *instance) {
	t.Helper()
	p.phone.mu.Lock()
	p.phone.server = i.sip
	p.phone.mu.Unlock()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	desk, err := client.Open(ctx, client.Config{Base: i.base, LocalAddr: p.from, Roots: i.roots, Login: p.login, Password: password})
	if err != nil {
		t.Fatalf("desk of %s: %v", p.login, err)
	}
	life, end := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { _ = desk.Run(life) }) // its end is the test's, or of a process that was killed
	p.desk = desk
	p.stop = sync.OnceFunc(func() { end(); work.Wait() })
	t.Cleanup(p.stop)
	if _, err := desk.Ready(ctx); err != nil {
		t.Fatalf("desk of %s: %v", p.login, err)
	}
}

// is waits until the desk shows a state.
func (p *post) is(t testing.TB, s rivage.AgentState) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	now, err := p.desk.Until(ctx, func(s2 client.Snapshot) bool { return s2.Me.State == s })
	if err != nil {
		t.Fatalf("desk of %s: want %s, have %s (%s): %v", p.login, s, now.Me.State, now.Me.Reason, err)
	}
}

// interaction is the one on the desk.
func (p *post) interaction(t testing.TB) rivage.ID {
	t.Helper()
	s := p.desk.Snapshot()
	if s.Interaction == nil {
		t.Fatalf("desk of %s shows no call", p.login)
	}
	return s.Interaction.ID
}

// do gives a command of the desk.
func (p *post) do(t testing.TB, what string, command func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := command(ctx); err != nil {
		t.Fatalf("%s at the desk of %s: %v", what, p.login, err)
	}
}

// dispose wraps the call up.
func (p *post) dispose(t testing.TB) {
	t.Helper()
	id := p.interaction(t)
	p.do(t, "dispose", func(ctx context.Context) error {
		_, err := p.desk.Dispose(ctx, id, "renseigne", "")
		return err
	})
	p.is(t, rivage.AgentReady)
}

// fiction is a number that ARCEP keeps for fiction.
func fiction(n int) string { return fmt.Sprintf("+3363998%04d", n) }
