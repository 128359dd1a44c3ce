// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rivage.example/rivage/wire/rtp"
)

// number is what callers dial.
const number = "+33298000001"

// settings is what this floor is: one client, one site, one queue, agents on fixed telephones.
type settings struct {
	agents int
	phones string // SIP address where all agents' telephones answer
	record bool
	// sentence is how long the caller hears where the agent sits.
	sentence time.Duration
}

// write makes the folder that `config apply` takes.
func (s settings) write(dir string) error {
	files := map[string]string{
		"principals/client.toml": `name = "Client"`,
		"companies/maison.toml":  "name = \"Maison\"\ncountry = \"FR\"",
		"rest/sons.toml":         "name = \"Enregistrements\"\nwhat = \"recordings\"\nsite = \"brest\"",
		"sites/brest.toml": `name = "Brest"
company = "maison"
country = "FR"
networks = ["127.1.0.0/16"]
[sentence]
attested = "situe"
declared = "situe"
unknown = "situe"`,
		"trunks/boucle.toml": `name = "Boucle"
provider = "maison"
networks = ["127.0.0.0/8"]
media = ["127.0.0.0/8"]
transport = "udp"
max_calls = 10000
country = "FR"
[declared]
purpose = "service"
classes = ["public", "suivi", "courant", "commercial", "bancaire", "sante"]
basis = "essai"
from = "2026-01-01"
until = "2099-12-31"`,
		"numbers/ligne.toml":  "principal = \"client\"\nnumber = \"" + number + "\"\nflow = \"ligne\"",
		"flows/ligne.toml":    "principal = \"client\"\nname = \"Ligne\"\n[[steps]]\ndo = \"queue\"\nqueue = \"ligne\"",
		"queues/ligne.toml":   s.queue(),
		"rules/client.toml":   rules,
		"accounts.toml":       s.accounts(),
		"prompts/situe.toml":  prompt("situe"),
		"prompts/notice.toml": prompt("notice"),
	}
	for name, text := range files {
		if err := put(filepath.Join(dir, name), []byte("# SPDX-License-Identifier: EUPL-1.2\n"+text+"\n")); err != nil {
			return err
		}
	}
	for name, lasts := range map[string]time.Duration{"situe": s.sentence, "notice": 400 * time.Millisecond} {
		var wav bytes.Buffer
		sound := bytes.Repeat([]byte{0x34, 0xb4}, int(lasts.Milliseconds())*4) // a tone of 4 kHz, A-law
		if err := rtp.WriteALawWAV(&wav, 1, sound); err != nil {
			return err
		}
		if err := put(filepath.Join(dir, "prompts", name+".wav"), wav.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func (s settings) queue() string {
	text := `principal = "client"
name = "Ligne"
class = "suivi"
wrap_up = 60
[[dispositions]]
code = "fait"
label = "Fait"`
	if s.record {
		text += "\n[recording]\npurpose = \"quality\"\nretention_days = 30\nnotice = \"notice\"\nopposition_key = \"9\""
	}
	return text
}

func (s settings) accounts() string {
	var b strings.Builder
	for n := range s.agents {
		fmt.Fprintf(&b, `
[[account]]
name = "Poste %[1]d"
login = %[2]q
roles = [{name = "agent", principals = ["*"], queues = ["*"]}]
[account.agent]
site = "brest"
queues = ["ligne"]
device = {kind = "sip", uri = "sip:%[2]s@%[3]s", trunk = "boucle"}
`, n, login(n), s.phones)
	}
	return b.String()
}

// login is the nth agent's.
func login(n int) string { return fmt.Sprintf("poste-%04d", n) }

func prompt(name string) string {
	return fmt.Sprintf("principal = \"organisation\"\nlang = \"fr\"\ntext = \"Un conseiller situé en France va vous répondre.\"\nsource = \"recorded\"\nfile = %q", name+".wav")
}

const rules = `
[[rule]]
id = "tout-en-france"
effect = "allow"
reason = "Mesure."
basis = "Mesure"
from = 2026-01-01
classes = ["*"]
actions = ["offer", "leg", "field", "record"]
modes = ["voice", "view", "copy"]
zones = ["FR"]
evidence = ["*"]
purposes = ["service", "quality"]`

func put(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}
