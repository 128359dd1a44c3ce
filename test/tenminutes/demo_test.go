// SPDX-License-Identifier: EUPL-1.2

package tenminutes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rivage.example/rivage/edge/api/client"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/view"
)

// binary is the product, built once.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "rivage-tenminutes-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "rivage")
	c := exec.Command("go", "build", "-o", path, "./cmd/rivage")
	c.Dir = root
	if out, err := c.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// demo is a running demo, as demo.json tells of it.
type demo struct {
	URL, SIP, Posts string
	Numbers         []struct{ Number, Name, Principal string }
	Accounts        []account
	dir, password   string
	cmd             *exec.Cmd
	signed          map[string]*http.Client // who is signed in
	stop            []context.CancelFunc
}

type account struct {
	Login, Password, From string
	Seed                  string `json:"totp_seed"`
}

type interaction struct{ ID, Queue, State string }

// start runs the demo on a folder, without callers of its own, and waits until it listens.
func start(t *testing.T, dir string) *demo {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	d := &demo{dir: dir, signed: map[string]*http.Client{}}
	d.cmd = exec.Command(path, "demo", "--dir", dir, "--keep", "--callers", "0", "--http", "127.0.0.1:0", "--sip", "127.0.0.1:0")
	var out output
	d.cmd.Stdout, d.cmd.Stderr = &out, &out
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, stop := range d.stop {
			stop()
		}
		_ = d.cmd.Process.Kill()
		_ = d.cmd.Wait()
	})
	d.until(t, "the demo listens", func() bool { return strings.Contains(out.String(), "Mot de passe") })
	text, err := os.ReadFile(filepath.Join(dir, "demo.json"))
	if err == nil {
		err = json.Unmarshal(text, d)
	}
	if err != nil {
		t.Fatal(err)
	}
	d.password = d.Accounts[0].Password
	return d
}

// output is what a process prints, read while it runs.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// until waits for something to be so; a minute is far longer than it takes.
func (d *demo) until(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	late := time.After(time.Minute)
	for !so() {
		select {
		case <-tick.C:
		case <-late:
			log, _ := os.ReadFile(filepath.Join(d.dir, "rivage.log")) // what there is of it
			t.Fatalf("not within a minute: %s\n%s", what, log)
		}
	}
}

func (d *demo) number(part string) string {
	for _, n := range d.Numbers {
		if strings.Contains(strings.ToLower(n.Name), part) {
			return n.Number
		}
	}
	return ""
}

func (d *demo) account(login string) account {
	for _, a := range d.Accounts {
		if a.Login == login {
			return a
		}
	}
	return account{}
}

// desk opens an agent's desk without a screen, from the address of its site.
func (d *demo) desk(t *testing.T, ctx context.Context, login string, offered func()) *client.Desk {
	t.Helper()
	a := d.account(login)
	c := client.Config{Base: d.URL, Login: login, Password: a.Password, LocalAddr: netip.MustParseAddr(a.From)}
	if offered != nil {
		once := sync.OnceFunc(offered)
		c.OnOffer = func(view.Interaction) { once() }
	}
	desk, err := client.Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = desk.Run(ctx) }()
	return desk
}

// as is an HTTP client signed in as somebody.
func (d *demo) as(t *testing.T, login string) *http.Client {
	t.Helper()
	if c := d.signed[login]; c != nil {
		return c
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar, Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: (&net.Dialer{}).DialContext}}
	a := d.account(login)
	body := map[string]string{"login": login, "password": a.Password}
	if a.Seed != "" {
		if body["totp"], err = access.Code(a.Seed, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	d.signed[login] = c
	d.ask(t, login, http.MethodPost, "/api/session", string(text), nil)
	return c
}

func (d *demo) get(t *testing.T, login, path string, into any) {
	t.Helper()
	d.as(t, login)
	d.ask(t, login, http.MethodGet, path, "", into)
}

func (d *demo) post(t *testing.T, login, path, body string, into any) {
	t.Helper()
	d.as(t, login)
	d.ask(t, login, http.MethodPost, path, body, into)
}

func (d *demo) ask(t *testing.T, login, method, path, body string, into any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, d.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := d.signed[login].Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode >= 300 {
		t.Fatalf("%s %s as %s: %d %s", method, path, login, res.StatusCode, text)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatalf("%s: %v in %s", path, err, text)
		}
	}
}

func (d *demo) interactions(t *testing.T) []interaction {
	t.Helper()
	var l struct{ Interactions []interaction }
	d.get(t, "maelle", "/api/interactions?limit=50", &l)
	return l.Interactions
}

// rivage runs a verb and gives what it printed.
func (d *demo) rivage(t *testing.T, status int, args ...string) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), path, args...)
	out, err := c.CombinedOutput()
	if c.ProcessState == nil || c.ProcessState.ExitCode() != status {
		t.Errorf("rivage %s: %v, want exit status %d\n%s", strings.Join(args, " "), err, status, out)
	}
	return string(out)
}

// voice writes speech for a browser's microphone: the demo's own, at the rate Chromium wants.
