// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/view"
)

// A caller presses the key for France: Lomé, which is idle for longer, does not get the call, and the next caller, who
// presses nothing, is answered there. The log says who chose.
func TestACallerChoosesFrance(t *testing.T) {
	t.Parallel()
	lome, brest := newPost(t, loopback, "lome-1", seat("lome", 1)), newPost(t, loopback, "brest-1", seat("brest", 1))
	i := install(t, setup{settings: settings{accounts: []account{
		supervisor("sup"), lome.account("lome", `["colis"]`), brest.account("brest", `["colis"]`),
	}}})
	i.serve(t)
	sup := i.enrol(t, "sup", seat("brest", 200))
	lome.open(t, i)
	brest.open(t, i)

	chooses, other := newPhone(t, loopback, i.sip, toneCaller), newPhone(t, loopback, i.sip, toneCaller)
	chooses.dial(numberParcels, fiction(1))
	chooses.answers(t, "who chooses")
	chooses.sound.hears(t, "who chooses hears of the choice", toneChoice)
	chooses.press('1')
	chooses.sound.hears(t, "who chooses hears the agent", toneAgent)
	d := sup.detail(t, brest.interaction(t))
	if p := d.Interaction.Place; p == nil || p.Site != "brest" || p.Country != "FR" {
		t.Errorf("who chose France is answered at %+v", p)
	}
	if n := count(d.Story, rivage.KindAreaChosen); n != 1 {
		t.Errorf("%d choices in the log", n)
	}
	if len(d.Offers) != 1 || d.Offers[0].Candidates != 1 {
		t.Errorf("offers %+v: Lomé is no candidate", d.Offers)
	}

	other.dial(numberParcels, fiction(2))
	other.answers(t, "the other")
	other.sound.hears(t, "the other hears the agent", toneAgent)
	if p := sup.detail(t, lome.interaction(t)).Interaction.Place; p == nil || p.Country != "TG" {
		t.Errorf("the other is answered at %+v", p)
	}
	chooses.hangUp()
	other.hangUp()
	i.process.stop(t)
	i.check(t)
}

func count(story []view.Story, kind rivage.Kind) (n int) {
	for _, e := range story {
		if e.Kind == kind {
			n++
		}
	}
	return n
}
