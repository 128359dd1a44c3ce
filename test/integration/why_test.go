// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"strconv"
	"strings"
	"testing"

	"rivage.example/rivage/engine/view"
)

// An agent in Lomé who has been idle for longer is set aside for a health call, by the rule that says so; the replay from
// the log alone gives the same verdicts as the entry.
func TestWhyThisAgentAndNotTheOther(t *testing.T) {
	t.Parallel()
	lome, busy, brest := newPost(t, loopback, "lome-1", seat("lome", 1)),
		newPost(t, loopback, "lome-2", seat("lome", 2)), newPost(t, loopback, "brest-1", seat("brest", 1))
	i := install(t, setup{settings: settings{accounts: []account{
		supervisor("sup"), lome.account("lome", `["colis", "sante"]`), busy.account("lome", `["colis", "sante"]`),
		brest.account("brest", `["colis", "sante"]`),
	}}})
	i.serve(t)
	sup := i.enrol(t, "sup", seat("brest", 200))
	lome.open(t, i)
	busy.open(t, i)
	brest.open(t, i)
	caller := newPhone(t, loopback, i.sip, toneCaller)
	caller.dial(numberHealth, fiction(1))
	caller.answers(t, "the caller")
	caller.sound.hears(t, "the caller hears the agent", toneAgent)
	d := sup.detail(t, brest.interaction(t))
	caller.hangUp()

	if len(d.Offers) != 1 {
		t.Fatalf("%d offers, want one: %+v", len(d.Offers), d.Offers)
	}
	why := d.Offers[0]
	if why.Site != "brest" || why.Candidates != 1 {
		t.Errorf("chosen at %s of %d, want brest of 1", why.Site, why.Candidates)
	}
	aside := 0
	for _, s := range why.SetAside {
		aside += s.N
		if s.Reason != "policy" || s.Rule != "sante-jamais-hors-france" || s.Site != "lome" || s.RuleReason == "" {
			t.Errorf("set aside: %+v, want the rule of Lomé", s)
		}
	}
	if aside != 2 {
		t.Errorf("%d agents set aside, want both of Lomé", aside)
	}
	replayedAlike(t, i, sup, why)
	i.process.stop(t)
	i.check(t)
}

// replayedAlike holds the verb and the API's replay against the entry's own counts.
func replayedAlike(t testing.TB, i *instance, sup *person, why view.Why) {
	t.Helper()
	out := i.rivage(t, "why", strconv.FormatInt(int64(why.Seq), 10))
	for word, want := range map[string]int{
		"choisi": 1, "refusé : ": 2, "sante-jamais-hors-france": 2, "Togo": 2, "Personne brest-1": 2, // in the head and in its row
	} {
		if got := strings.Count(out, word); got != want {
			t.Errorf("rivage why has %q %d times, want %d:\n%s", word, got, want, out)
		}
	}
	var again view.Why
	sup.get(t, "/api/why/"+strconv.FormatInt(int64(why.Seq), 10), &again)
	if len(again.Differs) != 0 {
		t.Errorf("the replay differs from the entry in %v", again.Differs)
	}
	eligible, refused := 0, 0
	var idle [2]int64 // of the chosen, and the longest of the refused
	for _, c := range again.All {
		switch {
		case c.Eligible:
			eligible++
			idle[0] = c.IdleMs
		case c.Reason == "policy":
			refused++
			idle[1] = max(idle[1], c.IdleMs)
		}
	}
	if eligible != why.Candidates || refused != 2 {
		t.Errorf("the replay has %d possible and %d refused, the entry %d and 2", eligible, refused, why.Candidates)
	}
	if idle[1] <= idle[0] {
		t.Errorf("Lomé was idle for %d ms, Brest for %d: want Lomé for longer", idle[1], idle[0])
	}
}
