// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage/wire/rtp"
)

// settings is a folder as `config apply` takes it: the demo's, with tones for prompts and people of the test's own.
type settings struct {
	accounts []account
	edits    map[string][2]string // file → what is replaced in it, by what
	files    map[string]string    // whole files
}

// account is somebody of the folder.
type account struct {
	login string
	roles string // TOML
	site  string
	queue string // of an agent: TOML list
	uri   string // of an agent's fixed device; "" is the browser
	trunk string // "": boucle
}

// part is a tone of some length.
type part struct {
	hz    float64
	lasts time.Duration
}

// sentence is how long a sentence of these tests lasts, its end included.
const sentence = 1200 * time.Millisecond

// sentenceTones is a sentence that tells its last word from the others.
func sentenceTones(hz float64) []byte {
	return tones(part{hz, sentence - 300*time.Millisecond}, part{toneEnd, 300 * time.Millisecond})
}

func promptTones(name string) []byte {
	switch {
	case strings.HasPrefix(name, "accueil"):
		return tones(part{toneGreeting, 400 * time.Millisecond})
	case strings.HasPrefix(name, "avis"):
		return tones(part{toneNotice, 400 * time.Millisecond})
	case strings.HasPrefix(name, "choix"):
		return tones(part{toneChoice, 1500 * time.Millisecond})
	case strings.HasPrefix(name, "situe"):
		return sentenceTones(toneSentence)
	case strings.HasPrefix(name, "musique"):
		return tones(part{toneMusic, 2 * time.Second})
	case strings.HasPrefix(name, "position"):
		return tones(part{tonePosition, 400 * time.Millisecond})
	}
	return sentenceTones(toneDeclared)
}

// siteNetworks gives each site of the demo a network of its own on loopback: a desk's address attests its place.
var siteNetworks = map[string]byte{"brest": 1, "saint-denis": 2, "lisbonne": 3, "casablanca": 4, "lome": 5, "dakar": 6}

// seat is the nth address of a site.
func seat(site string, n int) netip.Addr {
	return netip.AddrFrom4([4]byte{127, siteNetworks[site], byte(n >> 8), byte(n)})
}

// write makes the folder.
func (s settings) write(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "settings")
	if err := os.CopyFS(dir, os.DirFS("../../cmd/rivage/demo/settings")); err != nil {
		t.Fatal(err)
	}
	replaceSounds(t, dir)
	edits := map[string][2]string{}
	for site, n := range siteNetworks {
		edits["sites/"+site+".toml"] = [2]string{fmt.Sprintf("127.0.0.%d/32", n), fmt.Sprintf("127.%d.0.0/16", n)}
	}
	for file, e := range edits {
		edit(t, filepath.Join(dir, file), e)
	}
	for file, e := range s.edits {
		edit(t, filepath.Join(dir, file), e)
	}
	s.put(t, dir, "accounts.toml", accountsText(s.accounts))
	for file, text := range s.files {
		s.put(t, dir, file, text)
	}
	return dir
}

func (s settings) put(t testing.TB, dir, file, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func edit(t testing.TB, path string, e [2]string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), e[0]) {
		t.Fatalf("%s does not have %q", path, e[0])
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), e[0], e[1])), 0o600); err != nil {
		t.Fatal(err)
	}
}

// replaceSounds puts a tone in the place of each recording.
func replaceSounds(t testing.TB, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".wav" {
			return err
		}
		var wav bytes.Buffer
		if err := rtp.WriteALawWAV(&wav, 1, promptTones(d.Name())); err != nil {
			return err
		}
		return os.WriteFile(path, wav.Bytes(), 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func accountsText(list []account) string {
	var b strings.Builder
	for _, a := range list {
		fmt.Fprintf(&b, "[[account]]\nname = %q\nlogin = %q\nroles = %s\n", "Personne "+a.login, a.login, a.roles)
		switch {
		case a.queue == "":
			fmt.Fprintf(&b, "site = %q\n\n", a.site)
			continue
		case a.uri == "":
			fmt.Fprintf(&b, "\n[account.agent]\nsite = %q\nqueues = %s\ndevice = {kind = \"browser\"}\n\n", a.site, a.queue)
			continue
		}
		trunk := a.trunk
		if trunk == "" {
			trunk = "boucle"
		}
		fmt.Fprintf(&b, "\n[account.agent]\nsite = %q\nqueues = %s\ndevice = {kind = \"sip\", uri = %q, trunk = %q}\n\n",
			a.site, a.queue, a.uri, trunk)
	}
	return b.String()
}

// The roles that the tests give.
const (
	roleAgent         = `[{name = "agent", principals = ["*"], queues = ["*"]}]`
	roleSupervisor    = `[{name = "supervisor", principals = ["*"], queues = ["*"], sites = ["*"]}]`
	roleOnMutuelle    = `[{name = "supervisor", principals = ["mutuelle"], queues = ["*"], sites = ["*"]}]`
	roleAdministrator = `[{name = "administrator", principals = ["*"], queues = ["*"], sites = ["*"]}]`
	roleDPO           = `[{name = "dpo", principals = ["*"], queues = ["*"], sites = ["*"]}]`
	roleDPOOfOne      = `[{name = "dpo", principals = ["mutuelle"], queues = ["*"], sites = ["*"]}]`
)

// The demo's numbers.
const (
	numberParcels = "+33298000001"
	numberHealth  = "+33298000002"
)

// supervisor is somebody who sees everything, in Brest.
func supervisor(login string) account {
	return account{login: login, roles: roleSupervisor, site: "brest"}
}
