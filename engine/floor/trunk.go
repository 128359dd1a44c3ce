// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// trunkOf is the trunk over which an agent's telephone is called, "" for a browser.
func trunkOf(set *rivage.Agent) rivage.ID {
	if set.Device.Kind != DeviceSIP {
		return ""
	}
	return set.Device.Trunk
}

// overTrunk refuses an agent whose telephone is called over a trunk that a call of the queue may not pass: it would not
// ring, and the caller would wait for it.
func overTrunk(s *rivage.Settings, gate *policy.Gate, trunk rivage.ID, q *rivage.Queue, rules string, at time.Time) (rivage.Decision, bool) {
	if trunk == "" {
		return rivage.Decision{}, false
	}
	d := gate.PassesTrunk(s, s.Trunks[trunk], q.Class, at)
	d.Rules = rules
	return d, !d.Allowed
}
