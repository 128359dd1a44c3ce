// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// Command is what an edge tells the floor: what the world did, or what somebody asks. Commands about one call are
// given in the order in which things happened.
type Command interface{ command() }

// Arrived: a call reached a public number through an allowed trunk. The floor answers with effects on CallerLeg.
type Arrived struct {
	CallerLeg rivage.ID    // made by the edge
	Number    string       // dialled, E.164
	Trunk     rivage.ID    // "" for a call from the demo's own page
	Caller    rivage.Phone // "" when withheld
}

// Played: a prompt ended on a leg, at its end or because it was stopped. Frames were really sent, 20 ms each.
type Played struct {
	Leg      rivage.ID
	Play     rivage.ID // of the effect that started it
	Frames   int64
	Complete bool
	Unread   bool // its sound could not be had; Readable follows once it can
}

// Readable: a sound that could not be had can be had again.
type Readable struct{ Audio rivage.Hash }

// Digit: the person on a leg pressed a key, 0-9*#A-D.
type Digit struct {
	Leg   rivage.ID
	Digit byte
}

// LegAnswered: an agent's device was picked up and media can flow.
type LegAnswered struct{ Leg rivage.ID }

// LegEnded: a leg is gone: hang-up, refusal, silence, network. By says who ended it, Cause why.
type LegEnded struct {
	Leg   rivage.ID
	By    string // "caller", "agent", "system"
	Cause string // "bye", "cancel", "busy", "declined", "no_ack", "silence", "ice", "error"
}

// LegMeasured: the media of a leg, once it is over: every leg that Ring or Arrived named reports once. The floor fills
// in Interaction and Agent.
type LegMeasured struct{ Facts rivage.LegMeasured }

// RecordingEnded: the sink of a recording is closed. Principal is its own, for one that an earlier process left open.
type RecordingEnded struct {
	Principal rivage.ID
	Facts     rivage.RecordingEnded
}

// SessionOpened: an agent's desk is connected. Opening another session of the same agent replaces the first.
type SessionOpened struct {
	Agent   rivage.ID
	Session rivage.ID
	Place   rivage.Place
}

// SessionLost: the desk's channel closed ("closed"), or its heartbeat is late: after 5 s "late" (no offers), after 20 s
// "unreachable"; "back" when it beats again on the same channel.
type SessionLost struct {
	Agent   rivage.ID
	Session rivage.ID
	Stage   string // "late", "unreachable", "closed", "back"
}

// SetReady: the agent asks for calls. Microphone says that the probe really measured sound; without it a browser
// device is refused.
type SetReady struct {
	Agent      rivage.ID
	Session    rivage.ID
	Microphone bool
}

// SetPaused: the agent takes no calls, for a reason.
type SetPaused struct {
	Agent  rivage.ID
	Reason string
}

// SetOffline: the agent leaves.
type SetOffline struct{ Agent rivage.ID }

// Accept: the agent takes the offer.
type Accept struct {
	Agent rivage.ID
	Offer rivage.ID
}

// Decline: the agent refuses the offer.
type Decline struct {
	Agent  rivage.ID
	Offer  rivage.ID
	Reason string
}

// Hold: the caller hears music.
type Hold struct{ Agent, Interaction rivage.ID }

// Resume: the conversation goes on.
type Resume struct{ Agent, Interaction rivage.ID }

// HangUp: the agent ends the call.
type HangUp struct{ Agent, Interaction rivage.ID }

// Rejoin: the agent's desk came back on a new leg to a parked call.
type Rejoin struct {
	Agent, Interaction rivage.ID
	Leg                rivage.ID
}

// Oppose: the caller refuses to be recorded, said to the agent, who presses the button (the caller's own key comes
// as Digit).
type Oppose struct{ Agent, Interaction rivage.ID }

// Dispose: the agent closes the interaction, with a code of its queue and a note.
type Dispose struct {
	Agent, Interaction rivage.ID
	Disposition        string
	Note               string
}

// Extend: the agent asks for more wrap-up time.
type Extend struct{ Agent, Interaction rivage.ID }

// CloseCallback: somebody called the person back, or could not reach them.
type CloseCallback struct {
	Account     rivage.ID
	Interaction rivage.ID
	Outcome     string // "called", "unreachable"
}

// Refused: the door turned somebody away, Count times; 0 is once.
type Refused struct {
	Door, Source, Reason string
	Count                int64
}

// Reconfigure: people set something; the new settings, and the gate made from their rules, hold from now on.
type Reconfigure struct {
	Settings *rivage.Settings
	Gate     *policy.Gate
}

// Drain: take no new call, let the present ones end.
type Drain struct{}

func (Arrived) command()        {}
func (Played) command()         {}
func (Readable) command()       {}
func (Digit) command()          {}
func (LegAnswered) command()    {}
func (LegEnded) command()       {}
func (LegMeasured) command()    {}
func (RecordingEnded) command() {}
func (SessionOpened) command()  {}
func (SessionLost) command()    {}
func (SetReady) command()       {}
func (SetPaused) command()      {}
func (SetOffline) command()     {}
func (Accept) command()         {}
func (Decline) command()        {}
func (Hold) command()           {}
func (Resume) command()         {}
func (HangUp) command()         {}
func (Rejoin) command()         {}
func (Oppose) command()         {}
func (Dispose) command()        {}
func (Extend) command()         {}
func (CloseCallback) command()  {}
func (Refused) command()        {}
func (Reconfigure) command()    {}
func (Drain) command()          {}
