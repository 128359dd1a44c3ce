// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"bufio"
	"encoding/json"
	"io"
	"math"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"rivage.example/rivage/test/speech"
)

// browser is an agent's desk in Chromium, told what to do line by line (web/test/remote.mjs).
type browser struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan browserLine
	close func()
	wrong bool // its faults are the test's own
}

// browserLine is an answer of the page.
type browserLine struct {
	OK            json.RawMessage
	Error, Screen string
	Faults        []string
}

// openBrowser starts Chromium, behind the words that come first ("ip netns exec …"), on the address of an instance.
func openBrowser(t *testing.T, base string, before ...string) *browser {
	t.Helper()
	found(t, "node", "nodejs")
	found(t, "chromium", "chromium")
	wav := filepath.Join(t.TempDir(), "agent.wav")
	speech.Write(t, wav)
	args := append(before, "node", "remote.mjs", base, wav)
	b := &browser{cmd: exec.Command(args[0], args[1:]...), lines: make(chan browserLine, 1)}
	b.cmd.Dir = "../../web/test"
	b.cmd.SysProcAttr = child(syscall.SIGTERM) // so that it ends its browser
	var said strings.Builder
	b.cmd.Stderr = &said
	out, err := b.cmd.StdoutPipe()
	if err == nil {
		b.in, err = b.cmd.StdinPipe()
	}
	if err == nil {
		err = b.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	go b.follow(out)
	b.close = sync.OnceFunc(func() {
		b.in.Close() //nolint:errcheck // which ends it
		for l := range b.lines {
			for _, f := range l.Faults {
				if !b.wrong {
					t.Errorf("the page: %s", f)
				}
			}
		}
		if err := b.cmd.Wait(); err != nil {
			t.Errorf("node remote.mjs (packages nodejs, chromium; npm ci in web): %v\n%s", err, said.String())
		}
	})
	t.Cleanup(b.close)
	return b
}

func (b *browser) follow(out io.Reader) {
	defer close(b.lines)
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var l browserLine
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			l.Error = err.Error() + " in " + lines.Text()
		}
		b.lines <- l
	}
}

// do tells the page to do something and waits until it is done.
func (b *browser) do(t testing.TB, words ...string) json.RawMessage {
	t.Helper()
	text, err := json.Marshal(words)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.in.Write(append(text, '\n')); err != nil {
		t.Fatalf("tell the browser %v: %v", words, err)
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case l, open := <-b.lines:
		if !open || l.Error != "" {
			t.Fatalf("the browser, told %v: %s\nscreen: %s\nfaults: %v", words, l.Error, l.Screen, l.Faults)
		}
		return l.OK
	case <-timer.C:
		t.Fatalf("the browser, told %v, does not answer", words)
	}
	return nil
}

// hears waits until the page plays a tone.
func (b *browser) hears(t testing.TB, what string, hz float64) {
	t.Helper()
	until(t, what, func() bool {
		var p struct{ Hz, DB float64 }
		if err := json.Unmarshal(b.do(t, "hears"), &p); err != nil {
			t.Fatal(err)
		}
		return p.DB > -60 && math.Abs(p.Hz-hz) < 30
	})
}

// voice waits until something that is neither a tone of these tests nor silence is heard, from now on.
func (s *sound) voice(t testing.TB, what string) {
	t.Helper()
	from := s.length()
	until(t, what, func() bool {
		loud := 0
		for heard := s.since(from); len(heard) >= blockSize; heard = heard[blockSize:] {
			if toneOf(heard[:blockSize]) < 0 {
				loud++
			}
		}
		return loud >= 10
	})
}
