// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/netip"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/web"
)

// The policy of docs, word for word: a change here is a decision.
const wantPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"media-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'"

func TestEveryAnswerCarriesThePolicy(t *testing.T) {
	b := newBench(t)
	paths := []string{"/", "/choice.css", "/desk", "/desk/", "/desk/x/y", "/desk/assets/app-1a2b.js", "/control/", "/appeler/", "/nowhere", "/api/unknown"}
	for _, r := range routes {
		if p, _ := concrete(r.path); r.method == "GET" {
			paths = append(paths, p)
		}
	}
	for _, p := range paths {
		res, _ := b.ask(t, "dpo.all", "GET", p, "")
		for name, want := range map[string]string{
			"Content-Security-Policy": wantPolicy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
		} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s: %s: got %q, want %q", p, name, got, want)
			}
		}
		if cache := res.Header.Get("Cache-Control"); strings.HasPrefix(p, "/api/") && cache != "no-store" && res.StatusCode != 404 {
			t.Errorf("%s: got Cache-Control %q, want no-store", p, cache)
		}
	}
}

func TestHashedAssetsAreKeptAndPagesAreNot(t *testing.T) {
	b := newBench(t)
	for p, want := range map[string]string{
		"/desk/assets/app-1a2b.js": "public, max-age=31536000, immutable", "/desk/": "no-cache", "/desk/appels": "no-cache", "/": "no-cache",
	} {
		if res, _ := b.ask(t, "", "GET", p, ""); res.Header.Get("Cache-Control") != want {
			t.Errorf("%s: got %q, want %q", p, res.Header.Get("Cache-Control"), want)
		}
	}
	if res, _ := b.ask(t, "", "GET", "/desk/assets/app-1a2b.js", ""); !strings.HasPrefix(res.Header.Get("Content-Type"), "text/javascript") {
		t.Errorf("got type %q", res.Header.Get("Content-Type"))
	}
}

// foreign finds what a page would fetch or open elsewhere. Names of XML namespaces are no addresses.
var foreign = regexp.MustCompile(`(?i)(?:src|href|action|srcset|poster|url\(|@import|fetch\(|import\()\s*=?\s*["'(]?\s*(?:https?:)?//[a-z0-9]`)

// Nothing is fetched from outside: no page or style we serve names another host.
func TestNoPageNamesAnotherHost(t *testing.T) {
	b := newBench(t)
	pages := map[string]string{}
	for _, p := range []string{"/", "/choice.css", "/openapi.json"} {
		_, pages[p] = b.ask(t, "", "GET", p, "")
	}
	for _, app := range web.Apps {
		err := fs.WalkDir(web.FS, app, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || types[path.Ext(name)] == "" {
				return err
			}
			text, err := fs.ReadFile(web.FS, name)
			pages[name] = string(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range pages {
		if found := foreign.FindString(text); found != "" {
			t.Errorf("%s names another host: %s", name, found)
		}
	}
	for _, bad := range []string{`<script src="https://unpkg.com/x.js">`, `<link href='//cdn.example/x'>`, `url(http://x.example/f.woff2)`, `fetch("https://x.example")`} {
		if !foreign.MatchString(bad) {
			t.Errorf("the search does not find %s", bad)
		}
	}
}

func TestTheAppsOfTheBinaryAreServed(t *testing.T) {
	if _, err := New(Config{Apps: web.FS, Clock: &fakeClock{}}); err != nil {
		t.Error(err)
	}
	if _, err := New(Config{Apps: fs.FS(emptyFS{}), Clock: &fakeClock{}}); err == nil {
		t.Error("a binary without its apps was accepted")
	}
}

type emptyFS struct{}

func (emptyFS) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

func TestAFloodIsToldWhenToComeBack(t *testing.T) {
	b := newBench(t)
	limited := func(path, body string, most int) {
		t.Helper()
		for range most {
			if res, _ := b.ask(t, "", "POST", path, body); res.StatusCode == http.StatusTooManyRequests {
				after, err := strconv.Atoi(res.Header.Get("Retry-After"))
				if err != nil || after < 1 {
					t.Errorf("%s: got Retry-After %q, want seconds", path, res.Header.Get("Retry-After"))
				}
				b.clock.advance(time.Duration(after) * time.Second)
				if res, _ := b.ask(t, "", "POST", path, body); res.StatusCode == http.StatusTooManyRequests {
					t.Errorf("%s: still refused after the time it gave", path)
				}
				return
			}
		}
		t.Errorf("%s: %d requests were all let in", path, most)
	}
	limited("/api/session", `{"login":"x","password":"faux"}`, signInBurst+1)
	limited("/api/demo/calls", `{"number":"+33970000001","sdp":"v=0"}`, demoBurst+1)
}

// One address that floods does not keep another out, and a host cannot multiply itself within its own /64.
func TestAddressesAreLimitedApart(t *testing.T) {
	d := newDoor(&fakeClock{})
	from := func(addr string) error {
		return d.signIn(&http.Request{RemoteAddr: netip.AddrPortFrom(netip.MustParseAddr(addr), 1).String()})
	}
	for i := range signInBurst {
		if err := from("2001:db8::" + strconv.Itoa(i+1)); err != nil {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	if from("2001:db8::ffff") == nil {
		t.Error("another address of the same /64 was let in")
	}
	if err := from("2001:db8:0:1::1"); err != nil {
		t.Errorf("another network: %v", err)
	}
	if err := from("192.0.2.1"); err != nil {
		t.Errorf("IPv4: %v", err)
	}
}

// A step of the wall clock neither gives a flood a new allowance nor keeps anybody out.
func TestAStepOfTheWallClockMovesNoAllowance(t *testing.T) {
	for _, by := range []time.Duration{time.Hour, -time.Hour} {
		clock := &fakeClock{}
		d := newDoor(clock)
		ask := func() error { return d.signIn(&http.Request{RemoteAddr: "192.0.2.1:1"}) }
		for range signInBurst {
			if err := ask(); err != nil {
				t.Fatal(err)
			}
		}
		clock.step(by)
		if ask() == nil {
			t.Errorf("a step of %v gave a new allowance", by)
		}
		clock.advance(signInEvery)
		if err := ask(); err != nil {
			t.Errorf("after a step of %v and its time: %v", by, err)
		}
	}
}

func TestTheDoorRemembersABoundedNumberOfAddresses(t *testing.T) {
	d := newDoor(&fakeClock{})
	for i := range maxAddresses + 100 {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		if err := d.request(&http.Request{RemoteAddr: netip.AddrPortFrom(a, 1).String()}); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.by) != maxAddresses || d.order.Len() != maxAddresses {
		t.Errorf("got %d and %d, want %d", len(d.by), d.order.Len(), maxAddresses)
	}
}

func TestRefusalsAtTheDoorReachTheFloor(t *testing.T) {
	b := newBench(t)
	start(t, b)
	b.ask(t, "", "POST", "/api/session", `{}`, "Sec-Fetch-Site", "cross-site")
	select {
	case c := <-b.floor.said:
		if want := (floor.Refused{Door: "https", Source: "stranger", Reason: "origin"}); c != want {
			t.Errorf("got %+v, want %+v", c, want)
		}
	case <-time.After(5 * time.Second):
		t.Error("the floor was not told")
	}
}

func TestTooLargeIsRefusedAndValuesAreNeverEchoed(t *testing.T) {
	b := newBench(t)
	if res, _ := b.ask(t, "agent.colis", "POST", "/api/session", `{"login":"`+strings.Repeat("x", defaultBody)+`"}`); res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("got %d, want 413", res.StatusCode)
	}
	const secret = "hunter2"
	for _, body := range []string{
		`{"login":5,"password":"` + secret + `"}`, `{"login":"x","password":["` + secret + `"]}`, `{"login":"x","password":"y","totp":"` + strings.Repeat(secret, 5) + `"}`,
		`{"login":"x","motdepasse":"` + secret + `"}`, `{"login":"x","password":"` + secret,
	} {
		res, text := b.ask(t, "", "POST", "/api/session", body)
		if res.StatusCode != 422 && res.StatusCode != 400 {
			t.Errorf("%s: got %d", body, res.StatusCode)
		}
		if strings.Contains(text, secret) {
			t.Errorf("the value came back: %s", text)
		}
		var p Problem
		if json.Unmarshal([]byte(text), &p) != nil || p.Code != "invalid" {
			t.Errorf("got %s", text)
		}
	}
}

func TestChangingNeedsTheVersionThatWasRead(t *testing.T) {
	b := newBench(t)
	const path = "/api/settings/queue/colis"
	for _, c := range []struct {
		name, method, path, ifMatch string
		want                        int
		code                        string
	}{
		{"none", "PUT", path, "", 428, codePrecondition},
		{"older", "PUT", path, `"0"`, 412, codeStale},
		{"newer", "PUT", path, `"2"`, 412, codeStale},
		{"not a version", "PUT", path, `"abc"`, 412, codeStale},
		{"any", "PUT", path, `*`, 412, codeStale},
		{"the one that was read", "PUT", path, `"1"`, 200, ""},
		{"new", "PUT", "/api/settings/queue/neuve", `"0"`, 200, ""},
		{"new, but expected", "PUT", "/api/settings/queue/neuve", `"1"`, 412, codeStale},
		{"removing, none", "DELETE", path, "", 428, codePrecondition},
		{"removing, older", "DELETE", path, `"0"`, 412, codeStale},
		{"removing what is not", "DELETE", "/api/settings/queue/neuve", `"1"`, 404, "not_found"},
		{"unknown type", "PUT", "/api/settings/toto/x", `"0"`, 404, "not_found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := ""
			if c.method == "PUT" {
				body = `{"principal":"colis"}`
			}
			var headers []string
			if c.ifMatch != "" {
				headers = []string{"If-Match", c.ifMatch}
			}
			res, text := b.ask(t, "administrator.all", c.method, c.path, body, headers...)
			if res.StatusCode != c.want || c.code != "" && !strings.Contains(text, `"code":"`+c.code+`"`) {
				t.Errorf("got %d %s, want %d %s", res.StatusCode, text, c.want, c.code)
			}
			if c.want == 200 && res.Header.Get("ETag") == "" {
				t.Error("no ETag")
			}
		})
	}
}

// A scoped administrator sees his Principals' settings, and of the organisation's only what he must choose from.
func TestSettingsOfTheOtherPrincipalDoNotComeOut(t *testing.T) {
	b := newBench(t)
	for kind, want := range map[string]int{"queue": 1, "rules": 1, "principal": 1, "prompt": 1, "site": 1, "company": 1, "account": 0, "trunk": 0} {
		_, text := b.ask(t, "administrator.colis", "GET", "/api/settings/"+kind, "")
		var l ItemList
		if err := json.Unmarshal([]byte(text), &l); err != nil || len(l.Items) != want || strings.Contains(text, "mutuelle") {
			t.Errorf("%s: got %s, want %d items of colis", kind, text, want)
		}
	}
}

func TestAReadMayAskForWhatWasJustWritten(t *testing.T) {
	b := newBench(t)
	for header, want := range map[string]int{"1": 200, "2": 503, "-1": 422, "x": 422} {
		if res, text := b.ask(t, "dpo.all", "GET", "/api/interactions", "", "Rivage-At-Least", header); res.StatusCode != want {
			t.Errorf("%s: got %d %s, want %d", header, res.StatusCode, text, want)
		}
	}
}

// A right of one role does not widen the scope of another.
func TestAScopeIsThatOfItsRole(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct {
		method, path, body, ifMatch string
		want                        int
	}{
		{"GET", "/api/prompts/mutuelle/audio", "", "", 200}, // reading is the data protection officer's, over all
		{"POST", "/api/prompts/mutuelle/synthesise", "", "", 404},
		{"POST", "/api/prompts/colis/synthesise", "", "", 503},
		{"POST", "/api/accounts/organisation-account/revoke", "", "", 404},
		{"PUT", "/api/settings/queue/mutuelle", `{"principal":"mutuelle"}`, `"3"`, 403},
		{"PUT", "/api/settings/queue/colis", `{"principal":"colis"}`, `"1"`, 200},
		{"PUT", "/api/settings/rules/mutuelle", `{"principal":"mutuelle"}`, `"3"`, 200},
	} {
		var headers []string
		if c.ifMatch != "" {
			headers = []string{"If-Match", c.ifMatch}
		}
		if res, text := b.ask(t, "mixed.colis", c.method, c.path, c.body, headers...); res.StatusCode != c.want {
			t.Errorf("%s %s: got %d %s, want %d", c.method, c.path, res.StatusCode, text, c.want)
		}
	}
}
