// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// piece is something that a browser got or shows (web/test/capture.mjs), or that was handed to it (relay).
type piece struct {
	Kind, At, Text, Base64 string
	bytes                  []byte
}

// seatedDesk is an agent's desk in Chromium behind a relay, with all that Chromium gets.
type seatedDesk struct {
	*browser
	relay *relay
}

// sit opens the desk of somebody at an address, and records it from its first byte.
func (i *instance) sit(t *testing.T, login string, from netip.Addr, spoil func(*http.Response)) *seatedDesk {
	t.Helper()
	i.enrol(t, login, from)
	r := i.relay(t, from, spoil)
	d := &seatedDesk{browser: openBrowser(t, r.base), relay: r}
	d.do(t, "record")
	d.do(t, "signIn", login, password)
	return d
}

// answer has the desk take a call and look the parcel up.
func (d *seatedDesk) answer(t *testing.T, caller *phone, from string) {
	t.Helper()
	d.do(t, "ready")
	caller.dial(numberParcels, from)
	caller.answers(t, "the caller")
	d.do(t, "wait", "offer")
	d.do(t, "press", "Enter")
	d.do(t, "wait", "call-bar", "connected")
	caller.sound.voice(t, "the caller hears the agent")
	d.do(t, "fill", "card-key", "PN000000001")
	d.do(t, "click", "card-search")
}

// capture is every piece so far, as the browser has it and as it was handed to it; none may be missing.
func (d *seatedDesk) capture(t *testing.T) []piece {
	t.Helper()
	file := filepath.Join(t.TempDir(), "capture")
	d.do(t, "capture", file)
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // read only
	all := d.relay.passed()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var p piece
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		if p.bytes, err = base64.StdEncoding.DecodeString(p.Base64); err != nil {
			t.Fatal(err)
		}
		if p.Kind == "missing" {
			t.Errorf("the capture is not whole: %s: %s", p.At, p.Text)
		}
		p.bytes = append(p.bytes, p.At+"\n"+p.Text...)
		all = append(all, p)
		if p.Kind == "print" {
			all = append(all, piece{Kind: "printed text", At: p.At, bytes: printed(p.bytes)})
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// where says in which kinds of pieces each value stands.
func where(pieces []piece, values map[string]string) map[string][]string {
	out, known := map[string][]string{}, map[string][]string{}
	for _, p := range pieces {
		found, again := known[string(p.bytes)]
		if !again { // many pieces are the same
			found = standIn(p.bytes, values)
			known[string(p.bytes)] = found
		}
		for _, name := range found {
			if !slices.Contains(out[name], p.Kind) {
				out[name] = append(out[name], p.Kind)
			}
		}
	}
	return out
}

// of are the pieces of a kind.
func of(pieces []piece, kind string) (out []piece) {
	for _, p := range pieces {
		if p.Kind == kind {
			out = append(out, p)
		}
	}
	return out
}
