// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"rivage.example/rivage/wire/rtp"
)

// instance is one installation in a folder of the test, with the process that serves it.
type instance struct {
	dir     string
	base    string // of the API
	roots   *x509.CertPool
	sip     netip.AddrPort
	browser netip.AddrPort
	media   [2]int
	links   map[string]string // login → token of the invitation
	process *process          // nil when none serves
}

// setup is what a test wants of its instance.
type setup struct {
	settings settings
	address  string // of SIP and sound; "": loopback
	front    string // of HTTPS and of browsers' sound; "": loopback
	database string // "": SQLite
	data     string // data folder; "": inside the instance's
}

// install makes an instance as an operator does: init, rivage.toml, config apply. Nothing serves it yet.
func install(t *testing.T, s setup) *instance {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "rivage")
	i := &instance{dir: dir, links: map[string]string{}}
	out := command(t, program, "init", dir, "--organisation", "Plateau d'essai", "--login", "direction", "--name", "Direction",
		"--hosts", cmp.Or(s.front, "127.0.0.1"), "--key-copy", filepath.Join(t.TempDir(), "key-copy"))
	i.link(t, "direction", out)
	i.configure(t, s)
	i.roots = x509.NewCertPool()
	pem, err := os.ReadFile(filepath.Join(dir, "keys", "authority.pem"))
	if err != nil || !i.roots.AppendCertsFromPEM(pem) {
		t.Fatalf("read the local authority: %v", err)
	}
	if s.database != "" { // another journal than the one init made: it is empty
		i.links = map[string]string{}
	}
	folder := s.settings.write(t)
	links := filepath.Join(t.TempDir(), "links")
	i.rivage(t, "config", "apply", folder, "--invitations", links)
	i.invited(t, links)
	return i
}

// invited reads the invitations that config apply wrote, and says whose they are.
func (i *instance) invited(t testing.TB, file string) (logins []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		login, url, _ := strings.Cut(line, "\t")
		i.link(t, login, url)
		logins = append(logins, login)
	}
	return logins
}

var invitation = regexp.MustCompile(`invitation=([^\s"]+)`)

func (i *instance) link(t testing.TB, login, text string) {
	t.Helper()
	m := invitation.FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no invitation of %s in %q", login, text)
	}
	i.links[login] = m[1]
}

// configure writes addresses of its own into rivage.toml.
func (i *instance) configure(t *testing.T, s setup) {
	t.Helper()
	path := filepath.Join(i.dir, "rivage.toml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := netip.MustParseAddr("127.0.0.1")
	if s.address != "" {
		at = netip.MustParseAddr(s.address)
	}
	front := netip.MustParseAddr(cmp.Or(s.front, "127.0.0.1"))
	https := freePort(t, front)
	i.sip, i.browser = freePort(t, at), freePort(t, at)
	if s.front != "" {
		i.browser = freePort(t, front)
	}
	i.base = "https://" + https.String()
	first := 10000 + 2*rand.IntN(10000) // under the ports that the kernel gives away
	i.media = [2]int{first, first + 1199}
	values := map[string]string{
		"https.listen": fmt.Sprintf("%q", https), "sip.udp": fmt.Sprintf("%q", i.sip), "sip.tcp": fmt.Sprintf("%q", i.sip),
		"media.address": fmt.Sprintf("%q", at), "media.browser": fmt.Sprintf("%q", i.browser),
		"media.ports": fmt.Sprintf("[%d, %d]", i.media[0], i.media[1]),
	}
	if s.database != "" {
		values["database"] = fmt.Sprintf("%q", s.database)
	}
	if s.data != "" {
		if err := os.CopyFS(s.data, os.DirFS(filepath.Join(i.dir, "data"))); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(i.dir, "data")); err != nil {
			t.Fatal(err)
		}
		values["data"] = fmt.Sprintf("%q", s.data)
	}
	if err := os.WriteFile(path, set(t, text, values), 0o600); err != nil {
		t.Fatal(err)
	}
	i.rivage(t, "config", "check")
}

// set changes the values of keys that stand in a TOML text, one line each.
func set(t testing.TB, text []byte, values map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	section, done := "", 0
	for line := range strings.Lines(string(text)) {
		if s := strings.TrimSpace(line); strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
			section = strings.Trim(s, "[]") + "."
		}
		key, _, ok := strings.Cut(line, " = ")
		if value, wanted := values[section+strings.TrimSpace(key)]; ok && wanted {
			line = key + " = " + value + "\n"
			done++
		}
		out.WriteString(line)
	}
	if done != len(values) {
		t.Fatalf("rivage.toml has %d of the %d keys to set:\n%s", done, len(values), text)
	}
	return out.Bytes()
}

// The ports to listen on stand between those of sound and those that the kernel gives away: a telephone of another test
// cannot take one before the instance does.
const (
	firstPort = 10000 + 2*10000 + 1200
	pastPorts = 32768
)

var givenPorts = func() *atomic.Int64 { // where the next one is looked for
	var n atomic.Int64
	n.Store(rand.Int64N(pastPorts - firstPort)) // another run of these tests may be under way
	return &n
}()

// freePort is a port that is free for UDP and TCP, and that no other instance of this run gets.
func freePort(t testing.TB, at netip.Addr) netip.AddrPort {
	t.Helper()
	for range pastPorts - firstPort {
		addr := netip.AddrPortFrom(at, uint16(firstPort+givenPorts.Add(1)%(pastPorts-firstPort)))
		l, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(addr))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
		l.Close() //nolint:errcheck // nothing was sent
		if err == nil {
			c.Close() //nolint:errcheck // as above
			return addr
		}
	}
	t.Fatal("no free port")
	return netip.AddrPort{}
}

// rivage runs a verb on the instance.
func (i *instance) rivage(t testing.TB, args ...string) string {
	t.Helper()
	return command(t, program, append(args, "--dir", i.dir)...)
}

// check holds the whole journal against its rows, bodies, recordings and publication.
func (i *instance) check(t testing.TB) {
	t.Helper()
	i.rivage(t, "check")
	command(t, program, "verify", i.dir)
}

// process is a running `rivage serve`.
type process struct {
	cmd   *exec.Cmd
	ready chan struct{} // closed when everything listens
	gone  chan struct{} // closed when it has ended
	err   error         // of its end; read after gone

	mu  sync.Mutex
	log bytes.Buffer // guarded by mu
}

// serve starts the process and waits until everything listens. It ends with the test.
func (i *instance) serve(t *testing.T) *process {
	t.Helper()
	p := i.start(t)
	select {
	case <-p.ready:
	case <-p.gone:
		t.Fatalf("rivage serve ended: %v\n%s", p.err, p.text())
	case <-t.Context().Done():
		t.Fatal("rivage serve is not ready")
	}
	i.process = p
	return p
}

// start starts the process.
func (i *instance) start(t *testing.T) *process {
	t.Helper()
	p := &process{cmd: exec.Command(program, "serve", "--dir", i.dir), ready: make(chan struct{}), gone: make(chan struct{})}
	p.cmd.SysProcAttr = child(syscall.SIGKILL)
	errs, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.follow(errs)
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("log of process %d:\n%s", p.cmd.Process.Pid, p.text())
		}
	})
	return p
}

// follow keeps what the process says, until it ends.
func (p *process) follow(errs io.Reader) {
	lines := bufio.NewScanner(errs)
	lines.Buffer(nil, 1<<20)
	for said := false; lines.Scan(); {
		p.mu.Lock()
		p.log.Write(append(lines.Bytes(), '\n'))
		p.mu.Unlock()
		var line struct{ Msg string }
		if !said && json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "ready" {
			said = true
			close(p.ready)
		}
	}
	p.err = p.cmd.Wait()
	close(p.gone)
}

// text is what the process said so far.
func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// kill is kill -9; nothing when it has ended.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.gone
}

// running says whether the process lives.
func (p *process) running() bool {
	select {
	case <-p.gone:
		return false
	default:
		return true
	}
}

// stop ends the process in order, and waits.
func (p *process) stop(t testing.TB) {
	t.Helper()
	p.signal(t, syscall.SIGTERM)
	until(t, "rivage serve ends after SIGTERM", func() bool { return !p.running() })
	if p.err != nil {
		t.Fatalf("rivage serve after SIGTERM: %v\n%s", p.err, p.text())
	}
}

func (p *process) signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// The tones of the prompts and of the people, in Hz: multiples of 50, so that whole frames loop without a click.
const (
	toneGreeting = 600
	toneNotice   = 700
	toneChoice   = 850 // "…depuis la France, tapez 1"
	tonePosition = 750
	toneSentence = 900  // "…situé en France…"
	toneEnd      = 1300 // the last of every sentence
	toneDeclared = 1100
	toneMusic    = 450
	toneCaller   = 1600
	toneAgent    = 2000
	toneLast     = 1750 // what both say last before a crash
	toneAside    = 1450 // what both say beside a held call
	loudness     = -13
)

// tones is A-law sound of tones one after the other.
func tones(parts ...part) []byte {
	var out []byte
	for _, p := range parts {
		out = append(out, rtp.Tone(p.lasts, loudness, p.hz)...)
	}
	return out
}
