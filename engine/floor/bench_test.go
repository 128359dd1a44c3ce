// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"fmt"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/acd"
	"rivage.example/rivage/engine/policy"
)

// Ten thousand agents at fifty sites in twenty countries, in ten skill profiles, are filtered anew for twenty queues: what a
// change of rules costs the floor before its next offer.
func BenchmarkTenThousandAgentsAreFiltered(b *testing.B) {
	s := testSettings()
	countries := []rivage.Country{"FR", "RE", "BE", "DE", "ES", "IT", "PT", "NL", "LU", "IE", "NO", "CH", "GB", "MA", "TN", "SN", "TG", "MG", "CI", "IN"}
	for i := range 20 {
		q := *s.Queues["parcels"]
		q.ID = rivage.ID(fmt.Sprint("q", i))
		s.Queues[q.ID] = &q
	}
	rule := policy.Rule{
		ID: "partout", Effect: policy.Allow, Reason: "r", Basis: "b", Classes: []rivage.DataClass{policy.Any}, Actions: []rivage.Action{policy.Any},
		Modes: []rivage.Mode{policy.Any}, Zones: []rivage.Zone{policy.Any}, Evidence: []rivage.Evidence{policy.Any}, Purposes: []rivage.Purpose{policy.Any},
	}
	rules := []policy.Rule{rule}
	for i := range 99 {
		r := rule
		r.ID, r.Effect, r.Companies = fmt.Sprint("jamais", i), policy.Forbid, []rivage.ID{rivage.ID(fmt.Sprint("autre", i))}
		rules = append(rules, r)
	}
	table, err := policy.Compile("parcels-co", rules)
	if err != nil {
		b.Fatal(err)
	}
	gate := policy.NewGate(policy.FrameOf(s, nil, nil), table)
	router := acd.New(Allow(s, gate, testStart))
	for _, line := range Lines(s) {
		router.SetQueue(line)
	}
	for i := range 10_000 {
		country := countries[i%len(countries)]
		router.SetAgent(acd.Agent{
			ID: rivage.ID(fmt.Sprint("a", i)), Available: true, IdleSince: rivage.Micros(i), Queues: []rivage.ID{rivage.ID(fmt.Sprint("q", i%20)), rivage.ID(fmt.Sprint("q", (i+7)%20))},
			Skills: map[rivage.ID]int{"fr": 1 + i%10},
			Place:  rivage.Place{Site: rivage.ID(fmt.Sprint("site", i%50)), Company: "armor", Country: country, Zone: policy.ZoneOf(country), Evidence: rivage.Attested},
		})
	}
	b.ReportAllocs()
	for b.Loop() {
		router.Invalidate()
	}
}
