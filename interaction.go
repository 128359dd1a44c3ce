// SPDX-License-Identifier: EUPL-1.2

package rivage

// InteractionState is where an interaction stands between its arrival and the end of its wrap-up.
type InteractionState string

// The states of an interaction (vocabulary in docs/words.md).
const (
	Received     InteractionState = "received"
	InFlow       InteractionState = "in_flow"
	Queued       InteractionState = "queued"
	Offered      InteractionState = "offered"
	Connected    InteractionState = "connected"
	Held         InteractionState = "held"
	Parked       InteractionState = "parked" // the agent's leg was lost; the caller hears music and the same agent may take it back
	WrapUp       InteractionState = "wrap_up"
	Closed       InteractionState = "closed"
	Abandoned    InteractionState = "abandoned"
	Deflected    InteractionState = "deflected"
	CallbackOwed InteractionState = "callback_owed"
	Failed       InteractionState = "failed"
)

// Ended says whether nothing more is owed to anybody: an owed callback is not ended.
func (s InteractionState) Ended() bool {
	return s == Closed || s == Abandoned || s == Deflected || s == Failed
}

// AgentState is what an agent is doing; it belongs to the server, never to a browser tab.
type AgentState string

// The states of an agent.
const (
	AgentOffline     AgentState = "offline"
	AgentReady       AgentState = "ready"
	AgentOffered     AgentState = "offered"
	AgentEngaged     AgentState = "engaged"
	AgentWrapUp      AgentState = "wrap_up"
	AgentPaused      AgentState = "paused"
	AgentUnreachable AgentState = "unreachable"
)

// PauseNoAnswer is the reason set by the floor itself after an offer nobody took.
const PauseNoAnswer = "non-reponse"

// Channel is the medium of an interaction.
type Channel string

// The channels.
const (
	ChannelVoice Channel = "voice"
)

// Rank orders a waiting line: queued_at minus priority times step, in microseconds. It is a constant of the
// interaction, so ageing never reorders two that wait, and the order is the index.
type Rank int64

// RankOf is the rank of an interaction queued at m with a priority; step is the advance each level of priority is worth.
func RankOf(m Micros, priority int, step Micros) Rank { return Rank(m - Micros(priority)*step) }
