// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/view"
)

// Two client organisations share agents and a caller, and nothing of one reaches who is there for the other alone: no
// list, search, story, live event, export or count.
func TestPrincipalsAreApart(t *testing.T) {
	t.Parallel()
	agent := newPost(t, loopback, "brest-1", seat("brest", 1))
	i := install(t, setup{settings: settings{accounts: []account{
		supervisor("sup"), {login: "mutuelle", roles: roleOnMutuelle, site: "brest"},
		{login: "dpo", roles: roleDPO, site: "brest"}, {login: "dpo-mutuelle", roles: roleDPOOfOne, site: "brest"},
		agent.account("brest", `["colis", "sante"]`),
	}}})
	i.serve(t)
	sup, dpo := i.enrol(t, "sup", seat("brest", 200)), i.enrol(t, "dpo", seat("brest", 201))
	theirs, theirDPO := i.enrol(t, "mutuelle", seat("brest", 202)), i.enrol(t, "dpo-mutuelle", seat("brest", 203))
	frames := theirs.watch(t, "control")
	agent.open(t, i)

	number := fiction(42)
	ids := map[string]rivage.ID{}
	for _, call := range []struct{ of, number string }{{"messagerie", numberParcels}, {"mutuelle", numberHealth}, {"messagerie", numberParcels}} {
		caller := newPhone(t, loopback, i.sip, toneCaller)
		caller.dial(call.number, number)
		caller.answers(t, "the caller")
		caller.sound.hears(t, "the caller hears the agent", toneAgent)
		ids[call.of] = agent.interaction(t)
		caller.hangUp()
		agent.ends(t, "the agent")
		agent.is(t, rivage.AgentWrapUp)
		agent.dispose(t)
	}
	waiting := newPhone(t, loopback, i.sip, toneCaller) // one who is still there, for the board
	agent.do(t, "pause", func(ctx context.Context) error {
		_, err := agent.desk.Pause(ctx, agent.desk.Snapshot().Pauses[0])
		return err
	})
	waiting.dial(numberParcels, number)
	waiting.answers(t, "who waits")
	until(t, "one waits", func() bool { return len(sup.interactions(t, "&state=queued")) == 1 })

	foreign := foreignWords(t, sup, dpo, number)
	scan := func(what string, text []byte) {
		for why, word := range foreign {
			if strings.Contains(string(text), word) {
				t.Errorf("%s shows %s: %.600s", what, why, text)
			}
		}
	}
	if _, _, text := sup.ask(t, "GET", "/api/interactions?limit=200", nil); !strings.Contains(string(text), foreign["interaction 0"]) {
		t.Fatalf("who may see all does not: %s", text)
	}
	other := ids["messagerie"]
	object := sup.detail(t, other).Recordings[0].Object
	offered := sup.detail(t, other).Offers[0].Seq
	for _, p := range []*person{theirs, theirDPO} {
		if list := p.interactions(t, ""); len(list) != 1 || list[0].ID != ids["mutuelle"] {
			t.Errorf("%s sees %d interactions, want the one of the health fund", p.login, len(list))
		}
		for _, path := range []string{
			"/api/interactions?limit=200", "/api/interactions?principal=messagerie", "/api/interactions?queue=colis",
			"/api/interactions/" + string(ids["mutuelle"]), "/api/callbacks", "/api/journal", "/api/session",
			"/api/persons?tel=" + url.QueryEscape(number), "/api/rules/messagerie/matrix",
			"/api/settings/queue", "/api/settings/number", "/api/settings/flow", "/api/settings/rules", "/api/settings/principal",
		} {
			_, _, text := p.ask(t, "GET", path, nil)
			scan("GET "+path+" by "+p.login, text)
		}
		for _, path := range []string{
			"/api/interactions/" + string(other), "/api/recordings/" + string(object) + "/audio", fmt.Sprintf("/api/why/%d", offered),
		} {
			status, _, text := p.ask(t, "GET", path, nil)
			if status != 404 && status != 403 {
				t.Errorf("GET %s by %s: %d: %.200s", path, p.login, status, text)
			}
			scan("GET "+path+" by "+p.login, []byte(strings.ReplaceAll(string(text), string(other), "")))
		}
	}
	frames.stop()
	counted(t, frames.all)
	scan("the live channel", frames.all)
	exported(t, i, foreign)
	waiting.hangUp()
	i.process.stop(t)
	i.check(t)
}

// foreignWords is what tells the parcels' client from the health fund's: every id of its calls and persons, and its names.
func foreignWords(t testing.TB, sup, dpo *person, number string) map[string]string {
	t.Helper()
	words := map[string]string{
		"the other's public number": strings.TrimPrefix(numberParcels, "+"), "the other's name": "Messagerie du Ponant",
		"the other's queue": `"colis"`, "the other's id": `"messagerie"`,
	}
	for n, x := range sup.interactions(t, "&principal=messagerie") {
		words[fmt.Sprintf("interaction %d", n)] = string(x.ID)
		d := sup.detail(t, x.ID)
		for _, o := range d.Offers {
			words[fmt.Sprintf("the offer of interaction %d", n)] = string(o.Offer)
		}
		for _, r := range d.Recordings {
			words[fmt.Sprintf("the recording of interaction %d", n)] = string(r.Object)
		}
	}
	var found struct{ Persons []view.Person }
	dpo.get(t, "/api/persons?tel="+url.QueryEscape(number), &found)
	if len(found.Persons) != 2 {
		t.Fatalf("the caller of both is %d persons, want one of each client", len(found.Persons))
	}
	for _, p := range found.Persons {
		if p.Principal == "messagerie" {
			words["the other's person"] = string(p.ID)
		}
	}
	if len(words) < 11 {
		t.Fatalf("too few words to look for: %v", words)
	}
	return words
}

// counted holds the boards of a live channel against one's own queue.
func counted(t testing.TB, frames []byte) {
	t.Helper()
	boards := 0
	for line := range strings.Lines(string(frames)) {
		var f struct{ Board []view.Queue }
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatalf("a frame: %v: %.200s", err, line)
		}
		for _, q := range f.Board {
			boards++
			if q.ID != "sante" || q.Figures.Offered > 1 {
				t.Errorf("a board counts %d calls of %s, want one of sante at most", q.Figures.Offered, q.ID)
			}
		}
	}
	if boards == 0 {
		t.Error("no board came")
	}
}

// exported looks into the health fund's export.
func exported(t testing.TB, i *instance, foreign map[string]string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "export")
	i.rivage(t, "export", "--principal", "mutuelle", "--site", "brest", "--bodies", "--out", out)
	command(t, program, "verify", out)
	nowhere(t, out, foreign)
}
