// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// Effect is what the floor asks an edge to do, after the entry that decides it is durable. Effects are idempotent and
// come in order for each leg; an edge that cannot carry one out reports what happened instead (LegEnded, Played).
type Effect interface{ effect() }

// AnswerCaller: pick the caller's call up.
type AnswerCaller struct{ Leg rivage.ID }

// RejectCaller: refuse the call with a SIP status; RetryAfter in seconds, 0 for none.
type RejectCaller struct {
	Leg        rivage.ID
	Status     int
	RetryAfter int
}

// Play: start a prompt on a leg, in place of whatever it hears. Loop never reports Played. Audio is the blob's hash.
type Play struct {
	Leg   rivage.ID
	Play  rivage.ID
	Audio rivage.Hash
	Loop  bool
}

// Silence: stop what the leg hears.
type Silence struct{ Leg rivage.ID }

// Ring: present the call on the agent's device. A browser's leg is connected by the desk itself (see edge/voice); a
// SIP device is called, with From when the agent may see the caller's number. Grant is for ActOffer on Leg.
type Ring struct {
	Leg      rivage.ID
	Agent    rivage.ID
	Offer    rivage.ID
	Device   rivage.Device
	Class    rivage.DataClass // of the queue: what passes the trunk of a SIP device
	From     rivage.Phone     // "" is anonymous
	Deadline rivage.Micros
	Grant    policy.Grant
}

// Bridge: let caller and agent hear one another. Grant is for ActLeg on Agent's leg.
type Bridge struct {
	Caller, Agent rivage.ID // legs
	Grant         policy.Grant
}

// Unbridge: nobody hears anybody; Play follows for the caller.
type Unbridge struct{ Caller, Agent rivage.ID }

// Record: capture the bridged pair into a sealed object. Grant is for ActRecord on Object. For an Object that is open
// already it ends a pause, and moves the capture to another agent's leg: same recording, after a hold or a reload.
type Record struct {
	Caller, Agent rivage.ID // legs
	Interaction   rivage.ID
	Principal     rivage.ID
	Subject       rivage.ID
	Object        rivage.ID
	Grant         policy.Grant
}

// PauseRecording: from now on silence is written on both channels, until Record.
type PauseRecording struct{ Object rivage.ID }

// StopRecording: end it; Destroy erases what was captured, also of one that ended before. RecordingEnded reports.
type StopRecording struct {
	Interaction rivage.ID
	Principal   rivage.ID
	Object      rivage.ID
	Destroy     bool
}

// EndLeg: hang a leg up, or stop it ringing. LegMeasured reports; LegEnded does not follow.
type EndLeg struct {
	Leg   rivage.ID
	Cause string
}

func (AnswerCaller) effect()   {}
func (RejectCaller) effect()   {}
func (Play) effect()           {}
func (Silence) effect()        {}
func (Ring) effect()           {}
func (Bridge) effect()         {}
func (Unbridge) effect()       {}
func (Record) effect()         {}
func (PauseRecording) effect() {}
func (StopRecording) effect()  {}
func (EndLeg) effect()         {}
