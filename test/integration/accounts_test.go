// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

// A thousand agents come from a folder onto a running instance in one act: each gets a link of their own, which opens a
// desk at once; the same folder again changes nothing and gives nobody a link.
func TestThousandAgents(t *testing.T) {
	first := account{login: "poste-1", roles: roleAgent, site: "brest", queue: `["colis"]`}
	accounts := []account{supervisor("sup"), first}
	i := install(t, setup{settings: settings{accounts: accounts}})
	i.serve(t)
	room := i.enrol(t, "sup", seat("brest", 200)).watch(t, "control")
	known := len(i.links)

	many := shorter(1000, 50)
	for n := 2; n <= many; n++ {
		first.login = fmt.Sprintf("poste-%d", n)
		accounts = append(accounts, first)
	}
	folder := settings{accounts: accounts}.write(t)
	links := filepath.Join(t.TempDir(), "links")
	if out := i.rivage(t, "config", "apply", folder, "--dry-run"); !strings.Contains(out, fmt.Sprintf("poste-%d", many)) {
		t.Errorf("the dry run does not name the last agent:\n%.500s", out)
	}
	began := time.Now()
	i.rivage(t, "config", "apply", folder, "--invitations", links)
	t.Logf("%d agents applied in %v", many-1, time.Since(began))

	tokens := map[string]bool{}
	for _, login := range i.invited(t, links) {
		tokens[i.links[login]] = true
	}
	if len(tokens) != many-1 || len(i.links) != known+many-1 {
		t.Errorf("%d links for %d logins, want one for each of %d", len(tokens), len(i.links)-known, many-1)
	}
	for _, login := range []string{"poste-2", fmt.Sprintf("poste-%d", many)} {
		p := i.person(t, login, seat("brest", 1))
		until(t, "the running instance has taken the folder over", func() bool {
			status, _, _ := p.ask(t, http.MethodGet, "/api/invitations/"+i.links[login], nil)
			return status == http.StatusOK
		})
		i.enrol(t, login, seat("brest", 1)).watch(t, "desk")
		room.shows(t, login, rivage.AgentPaused)
	}

	out := i.rivage(t, "config", "apply", folder, "--invitations", filepath.Join(t.TempDir(), "again"))
	if strings.Contains(out, "poste-") {
		t.Errorf("the same folder again:\n%.500s", out)
	}
	i.process.stop(t)
	i.check(t)
}

// Revoking somebody's sessions shuts every browser of theirs at once: the next request is refused and the live channels
// are closed, the agent's desk included, while others go on.
func TestRevokedSessionsEnd(t *testing.T) {
	t.Parallel()
	i := install(t, setup{settings: settings{accounts: []account{
		supervisor("sup"), {login: "chef", roles: roleAdministrator, site: "brest"},
		{login: "agente", roles: roleAgent, site: "brest", queue: `["colis"]`},
	}}})
	i.serve(t)
	chef, sup := i.enrol(t, "chef", seat("brest", 200)), i.enrol(t, "sup", seat("brest", 201))
	agent := i.enrol(t, "agente", seat("brest", 1))
	second := i.person(t, "agente", seat("brest", 2))
	second.signIn(t)
	room, desk := sup.watch(t, "control"), agent.watch(t, "desk")
	room.shows(t, "agente", rivage.AgentPaused)
	var me struct{ Account rivage.ID }
	agent.get(t, "/api/session", &me)

	chef.post(t, "/api/accounts/"+string(me.Account)+"/revoke", nil, nil)
	for _, p := range []*person{agent, second} {
		if status, _, text := p.ask(t, http.MethodGet, "/api/session", nil); status != http.StatusUnauthorized {
			t.Errorf("a browser of who was revoked: %d %s, want 401", status, text)
		}
	}
	if code := desk.closed(t); code != 4001 {
		t.Errorf("the desk was closed with %d, want 4001: the session ended", code)
	}
	if status, _, text := sup.ask(t, http.MethodGet, "/api/session", nil); status != http.StatusOK {
		t.Errorf("a browser of somebody else: %d %s", status, text)
	}
	i.process.stop(t)
	i.check(t)
}
