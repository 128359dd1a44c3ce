// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What must stay sealed never stands in clear in any file that an instance writes: not in the journal, its published part,
// the logs, an export or the configuration's.
func TestCanariesStaySealed(t *testing.T) {
	t.Parallel()
	const trunkSecret, note = "CANARI-secret-de-trunk-5813", "CANARI-note-du-conseiller-2134"
	number := fiction(7391)
	agent := newPost(t, loopback, "brest-1", seat("brest", 1))
	i := install(t, setup{settings: settings{
		accounts: []account{supervisor("sup"), {login: "chef", roles: roleAdministrator, site: "brest"}, agent.account("brest", `["colis"]`)},
		files: map[string]string{"trunks/operateur.toml": "name = \"Opérateur\"\nprovider = \"boucle-locale\"\n" +
			"username = \"plateau\"\nsecret = \"operateur\"\nmedia = [\"192.0.2.0/24\"]\ntransport = \"udp\"\nmax_calls = 10\n" +
			"country = \"FR\"\n[declared]\npurpose = \"service\"\nclasses = [\"suivi\"]\nbasis = \"essai\"\nfrom = \"2026-01-01\"\nuntil = \"2099-12-31\"\n"},
	}})
	put := exec.Command(program, "secret", "set", "operateur", "--dir", i.dir)
	put.Stdin = strings.NewReader(trunkSecret + "\n")
	if out, err := put.CombinedOutput(); err != nil {
		t.Fatalf("set the secret: %v\n%s", err, out)
	}
	i.serve(t)
	sup := i.enrol(t, "sup", seat("brest", 200))
	chef := i.enrol(t, "chef", seat("brest", 201))
	status, _, _ := i.person(t, "sup", seat("brest", 202)).ask(t, "POST", "/api/session",
		map[string]string{"login": "sup", "password": "CANARI-mauvais-mot-de-passe"})
	if status < 400 {
		t.Errorf("a wrong password signs in: %d", status)
	}
	agent.open(t, i)
	caller := newPhone(t, loopback, i.sip, toneCaller)
	talk(t, caller, agent, number)
	id := agent.interaction(t)
	caller.hangUp()
	agent.ends(t, "the agent")
	agent.do(t, "dispose", func(ctx context.Context) error {
		_, err := agent.desk.Dispose(ctx, id, "renseigne", note)
		return err
	})
	playback(t, sup, id)
	i.process.stop(t)
	i.check(t)

	log := filepath.Join(i.dir, "log")
	if err := os.WriteFile(log, []byte(i.process.text()), 0o600); err != nil {
		t.Fatal(err)
	}
	i.rivage(t, "config", "export", filepath.Join(i.dir, "configuration"))
	i.rivage(t, "export", "--principal", "messagerie", "--site", "brest", "--out", filepath.Join(i.dir, "export"))
	canaries := map[string]string{
		"the trunk's secret": trunkSecret, "a password": password, "a wrong password": "CANARI-mauvais", "the second factor": chef.seed,
		"the caller's number": number, "the caller's number as dialled": strings.TrimPrefix(number, "+33"), "the note": note,
	}
	nowhere(t, i.dir, canaries)
	// Names and logins stand in the configuration's export alone.
	if err := os.RemoveAll(filepath.Join(i.dir, "configuration")); err != nil {
		t.Fatal(err)
	}
	nowhere(t, i.dir, map[string]string{"a name": "Personne sup", "an agent's name": "Personne brest-1"})
	// An export with the bodies has them open: the scan sees what is there.
	i.rivage(t, "export", "--principal", "messagerie", "--site", "brest", "--bodies", "--out", filepath.Join(i.dir, "open"))
	if files := holding(t, filepath.Join(i.dir, "open"), number); len(files) == 0 {
		t.Error("the export with bodies does not have the number: the scan sees nothing")
	}
}

// nowhere looks for each canary in all files of a folder.
func nowhere(t testing.TB, dir string, canaries map[string]string) {
	t.Helper()
	for what, canary := range canaries {
		if canary == "" {
			t.Fatalf("no canary for %s", what)
		}
		for _, file := range holding(t, dir, canary) {
			t.Errorf("%s stands in clear in %s", what, file)
		}
	}
}

// holding are the files of a folder that hold some text, by content or by name.
func holding(t testing.TB, dir, text string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(text)) || strings.Contains(d.Name(), text) {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
