// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/view"
)

// valueOf is the value of a field of a card, "" when there is none.
func valueOf(fields []view.PersonField, id rivage.ID) string {
	at := slices.IndexFunc(fields, func(f view.PersonField) bool { return f.ID == id })
	if at < 0 || fields[at].Value == nil {
		return ""
	}
	return *fields[at].Value
}

// TestPersons: one number in three formats is one person; a number that several have is nobody's until the agent picks; a
// merge and its undo give both back, histories included; the other client organisation knows nothing of it.
func TestPersons(t *testing.T) {
	t.Parallel()
	agent := newPost(t, loopback, "brest-1", seat("brest", 1))
	i := install(t, setup{settings: settings{accounts: []account{
		supervisor("sup"), {login: "dpo", roles: roleDPO, site: "brest"}, agent.account("brest", `["colis", "sante"]`),
	}}})
	i.serve(t)
	dpo := i.enrol(t, "dpo", seat("brest", 201))
	agent.open(t, i)
	hand := i.person(t, agent.login, agent.from)
	hand.signIn(t)

	// call gives the card of whoever calls, does something with it, and ends the call.
	call := func(number, from string, with func(path string, card view.PersonCard)) {
		t.Helper()
		caller := newPhone(t, loopback, i.sip, toneCaller)
		caller.dial(number, from)
		caller.answers(t, "the caller")
		caller.sound.hears(t, "the caller hears the agent", toneAgent)
		path := "/api/interactions/" + string(agent.interaction(t)) + "/person"
		var card view.PersonCard
		hand.post(t, path, nil, &card)
		with(path, card)
		caller.hangUp()
		agent.ends(t, "the agent")
		agent.is(t, rivage.AgentWrapUp)
		agent.dispose(t)
	}

	number := fiction(51)
	var ana, bruno rivage.ID
	for n, form := range []string{number, "00" + number[1:], "0" + number[3:]} {
		call(numberParcels, form, func(path string, card view.PersonCard) {
			if ana == "" {
				ana = card.Person
			}
			if card.Person != ana || len(card.History) != n || card.Known {
				t.Fatalf("call %d from one number: person %s, want %s; %d calls before", n, card.Person, ana, len(card.History))
			}
			if n == 2 {
				hand.on(card).must(t, "PUT", path, map[string]any{"changes": []view.PersonChange{{Field: "name", Value: "Ana Graine"}, {Field: "phones", Value: form}}}, &card)
				if !card.Known || valueOf(card.Fields, "name") != "Ana Graine" || valueOf(card.Fields, "phones") != number {
					t.Fatalf("kept: %+v", card)
				}
			}
		})
	}

	table := filepath.Join(t.TempDir(), "persons.csv")
	if err := os.WriteFile(table, []byte("name,phones\nBruno Graine,"+fiction(52)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := i.rivage(t, "persons", "import", table, "--principal", "messagerie", "--apply"); !strings.Contains(out, "1 à créer") {
		t.Fatalf("import beside a running instance: %s", out)
	}
	call(numberParcels, fiction(52), func(path string, card view.PersonCard) {
		bruno = card.Person
		if valueOf(card.Fields, "name") != "Bruno Graine" {
			t.Fatalf("the imported person: %+v", card)
		}
		var found view.PersonsFound
		hand.post(t, path+"/search", map[string]string{"text": "graine ANA"}, &found)
		if len(found.Persons) != 1 || found.Persons[0].Person != ana {
			t.Fatalf("found %+v, want Ana", found)
		}
		var merged, undone view.PersonCard
		hand.on(card).post(t, path+"/merge", map[string]any{"person": ana, "confirm": true}, &merged)
		if merged.Person != bruno || len(merged.History) != 3 || len(merged.Merged) != 1 ||
			valueOf(merged.Fields, "phones") != fiction(52)+"\n"+number {
			t.Fatalf("merged: %+v", merged)
		}
		if status, _, text := hand.on(card).ask(t, "POST", path+"/undo", map[string]any{"person": ana, "confirm": true}); status != 412 {
			t.Fatalf("written on a card that is another by now: %d: %s", status, text)
		}
		hand.on(merged).post(t, path+"/undo", map[string]any{"person": ana, "confirm": true}, &undone)
		if undone.Person != bruno || len(undone.History) != 0 || len(undone.Merged) != 0 || valueOf(undone.Fields, "phones") != fiction(52) ||
			valueOf(undone.Fields, "name") != "Bruno Graine" {
			t.Fatalf("undone: %+v", undone)
		}
		// Both have Ana's number from now on.
		hand.on(undone).must(t, "PUT", path, map[string]any{"changes": []view.PersonChange{{Field: "phones", Value: fiction(52) + "\n" + number}}}, nil)
	})

	call(numberParcels, number, func(path string, card view.PersonCard) {
		if card.Known || card.Person == ana || card.Person == bruno || card.Sharing != 2 || len(card.History) != 0 {
			t.Fatalf("a number that two have: %+v, want somebody new and two to pick from", card)
		}
		var found view.PersonsFound
		hand.post(t, path+"/search", map[string]string{"text": ""}, &found)
		if len(found.Persons) != 2 {
			t.Fatalf("the pick list: %+v", found)
		}
		var picked view.PersonCard
		hand.on(card).post(t, path+"/merge", map[string]any{"person": ana, "confirm": true}, &picked)
		if picked.Person != ana || len(picked.History) != 3 || valueOf(picked.Fields, "name") != "Ana Graine" {
			t.Fatalf("picked: %+v", picked)
		}
	})

	call(numberHealth, number, func(path string, card view.PersonCard) {
		_, _, text := hand.ask(t, "POST", path+"/search", map[string]string{"text": "Graine"})
		status, _, _ := hand.on(card).ask(t, "POST", path+"/merge", map[string]any{"person": ana, "confirm": true})
		if card.Known || card.Sharing != 0 || len(card.History) != 0 || strings.Contains(string(text), "Graine") || status != 404 {
			t.Errorf("the other client organisation: %+v, finds %s, merges %d", card, text, status)
		}
	})
	if status, _, _ := hand.ask(t, "POST", "/api/interactions/"+string(agentLast(t, dpo))+"/person", nil); status != 404 {
		t.Errorf("the card of somebody who is gone: %d", status)
	}

	var persons struct{ Persons []view.Person }
	dpo.get(t, "/api/persons?tel="+url.QueryEscape(number), &persons)
	var erased struct{ Subjects int }
	dpo.post(t, "/api/persons/"+string(ana)+"/erase", map[string]bool{"confirm": true}, &erased)
	if erased.Subjects != 3 { // of the first calls, the card, and the call that was picked for her
		t.Errorf("%d subjects erased of %+v, want 3", erased.Subjects, persons)
	}
	i.process.stop(t)
	i.check(t)
	i.rivage(t, "policy", "prove") // exits 1 for a field that was shown otherwise than the rules say
}

// agentLast is the last interaction there was.
func agentLast(t testing.TB, dpo *person) rivage.ID {
	t.Helper()
	return dpo.interactions(t, "")[0].ID
}
