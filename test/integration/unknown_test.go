// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"strings"
	"testing"

	"rivage.example/rivage"
)

// A desk of Lisbon that comes from Brest's network is nowhere that anything vouches for: its parcels are answered by the
// rule that names the unknown, its caller hears that the country is not verified, and health stays away from it.
func TestADeskOnAnotherSitesNetworkIsOfAnUnknownPlace(t *testing.T) {
	t.Parallel()
	away := newPost(t, loopback, "away", seat("brest", 9))
	i := install(t, setup{settings: settings{accounts: []account{supervisor("sup"), away.account("lisbonne", `["colis", "sante"]`)}}})
	i.serve(t)
	sup := i.enrol(t, "sup", seat("brest", 200))
	away.open(t, i)
	sick, caller := newPhone(t, loopback, i.sip, toneCaller), newPhone(t, loopback, i.sip, toneCaller)
	sick.dial(numberHealth, fiction(1))
	sick.answers(t, "the caller about health")
	caller.dial(numberParcels, fiction(2))
	caller.answers(t, "the caller about a parcel")
	caller.sound.hears(t, "the caller hears the agent", toneAgent)

	d := sup.detail(t, away.interaction(t))
	if p := d.Interaction.Place; p == nil || p.Evidence != rivage.Unknown || p.Country != "" || p.Site != "lisbonne" {
		t.Errorf("answered at %+v, want Lisbon, not verified, in no country", p)
	}
	if told := d.Interaction.Told; told == nil || !strings.Contains(told.Text, "n'est pas vérifié") || !told.Complete {
		t.Errorf("the caller was told %+v", told)
	}
	for _, e := range d.Story {
		if e.Country != "" && e.Kind != rivage.KindRecordingStarted {
			t.Errorf("entry %d, %s, says %s", e.Seq, e.Kind, e.Country)
		}
		if e.Kind == rivage.KindInteractionOffered && e.Rule != "colis-non-verifie" {
			t.Errorf("offered by %q", e.Rule)
		}
	}
	caller.hangUp()
	sick.hangUp()
	i.process.stop(t)
	i.check(t)
}
