// SPDX-License-Identifier: EUPL-1.2

package rivage

import "encoding/json"

// Facts is the inside part of an entry: all that rows and figures need, nothing that names or describes a person.
// Each kind has one type; fields are only ever added, and a new meaning is a new kind. Types are used as pointers.
type Facts interface{ Kind() Kind }

// Kind names what happened, in the past tense.
type Kind string

// InteractionOpened: a caller reached a number of ours.
type InteractionOpened struct {
	Interaction ID        `json:"interaction"`
	Person      ID        `json:"person"`
	Subject     ID        `json:"subject"`
	New         bool      `json:"new,omitempty"` // person and subject are made by this entry
	Channel     Channel   `json:"channel"`
	Number      string    `json:"number"` // the public number that was dialled
	Trunk       ID        `json:"trunk,omitempty"`
	Flow        ID        `json:"flow"`
	FlowVersion int64     `json:"flow_version"`
	Class       DataClass `json:"class"`
	Returns     ID        `json:"returns,omitempty"` // interaction whose owed callback this call takes over, with its rank
	CallerLeg   ID        `json:"caller_leg"`
}

// PromptPlayed: a prompt was played to the caller; Frames were really sent, 20 ms each.
type PromptPlayed struct {
	Interaction ID     `json:"interaction"`
	Prompt      ID     `json:"prompt"`
	Audio       string `json:"audio"`  // SHA-256 of what was played, hex
	Source      string `json:"source"` // "recorded" or "synthesis"
	Frames      int64  `json:"frames"`
	Complete    bool   `json:"complete"`
}

// InteractionQueued: the interaction waits. Requeued, its rank is the first one.
type InteractionQueued struct {
	Interaction ID     `json:"interaction"`
	Queue       ID     `json:"queue"`
	QueuedAt    Micros `json:"queued_at"` // of the first time
	Priority    int    `json:"priority"`
	Rank        Rank   `json:"rank"`
	Again       string `json:"again,omitempty"` // why it waits again: "declined", "no_answer", "failed", "lost"
}

// AreaChosen: the caller asked to be answered from an area. Their rank stays that of their arrival. Without an area: nobody
// there is at work any more, and who cannot be called back waits with everybody again.
type AreaChosen struct {
	Interaction ID    `json:"interaction"`
	Queue       ID    `json:"queue"`
	Area        Area  `json:"area"`
	Waited      int64 `json:"waited,omitempty"` // µs in the line before
	Told        int64 `json:"told,omitempty"`   // µs that they were told to wait there
	Owed        bool  `json:"owed,omitempty"`   // nobody there was at work: CallbackPromised follows
}

// Count is how many candidates a reason set aside at a site.
type Count struct {
	Reason string `json:"reason"` // "policy", "busy", "paused", "skill", "queue", "offline"…
	Rule   string `json:"rule,omitempty"`
	Site   ID     `json:"site,omitempty"`
	N      int    `json:"n"`
}

// RunnerUp is a candidate that could have been chosen.
type RunnerUp struct {
	Agent ID     `json:"agent"`
	Idle  Micros `json:"idle"` // microseconds idle
}

// InteractionOffered: one agent is reserved; offer, ringing and the sentence to the caller start together.
type InteractionOffered struct {
	Interaction ID         `json:"interaction"`
	Offer       ID         `json:"offer"`
	Agent       ID         `json:"agent"`
	Leg         ID         `json:"leg"`
	Queue       ID         `json:"queue"`
	Place       Place      `json:"place"`
	Device      string     `json:"device"` // "browser" or "sip"
	Deadline    Micros     `json:"deadline"`
	Sentence    ID         `json:"sentence,omitempty"` // prompt that tells the caller where; "" when the same text was heard already
	Waited      int64      `json:"waited"`             // µs since queued, monotonic
	Idle        int64      `json:"idle"`               // µs the agent had been idle
	Candidates  int        `json:"candidates"`
	RunnersUp   []RunnerUp `json:"runners_up,omitempty"` // at most 5
	SetAside    []Count    `json:"set_aside,omitempty"`  // at most 32 rows, the rest summed in the last
	Settings    Seq        `json:"settings,omitempty"`   // last entry that the settings it was decided under hold
	Clock       Micros     `json:"clock,omitempty"`      // when, by the clock of idle times, which does not step; absent: as at
}

// OfferEnded: an offer ended without a conversation.
type OfferEnded struct {
	Interaction ID     `json:"interaction"`
	Offer       ID     `json:"offer"`
	Agent       ID     `json:"agent"`
	Outcome     string `json:"outcome"` // "declined", "no_answer", "withdrawn", "failed"
	Reason      string `json:"reason,omitempty"`
}

// OfferAccepted: the agent took it (or the device was picked up); the bridge still waits for the sentence.
type OfferAccepted struct {
	Interaction ID `json:"interaction"`
	Offer       ID `json:"offer"`
	Agent       ID `json:"agent"`
	Leg         ID `json:"leg"`
}

// DisclosurePlayed: the caller was told where the agent sits. Frames were really sent.
type DisclosurePlayed struct {
	Interaction ID       `json:"interaction"`
	Offer       ID       `json:"offer"`
	Agent       ID       `json:"agent"`
	Prompt      ID       `json:"prompt"`
	Audio       string   `json:"audio"`
	Source      string   `json:"source"`
	Frames      int64    `json:"frames"`
	Complete    bool     `json:"complete"`
	Reason      string   `json:"reason,omitempty"` // "unreadable": its sound could not be had, nothing was played
	Country     Country  `json:"country,omitempty"`
	Evidence    Evidence `json:"evidence"`
}

// InteractionAnswered: agent and caller hear one another.
type InteractionAnswered struct {
	Interaction ID    `json:"interaction"`
	Offer       ID    `json:"offer"`
	Agent       ID    `json:"agent"`
	Leg         ID    `json:"leg"`
	Place       Place `json:"place"`
	Wait        int64 `json:"wait"`  // µs from queued to here
	Extra       int64 `json:"extra"` // µs from acceptance to here because of the sentence: disc_delay@1
}

// InteractionHeld: the caller hears music.
type InteractionHeld struct {
	Interaction ID `json:"interaction"`
	Agent       ID `json:"agent"`
}

// InteractionResumed: the conversation goes on; Held is the length of the hold in µs.
type InteractionResumed struct {
	Interaction ID    `json:"interaction"`
	Agent       ID    `json:"agent"`
	Held        int64 `json:"held"`
}

// InteractionParked: the agent's leg was lost; the caller hears music until Deadline, and the agent may take it back.
type InteractionParked struct {
	Interaction ID     `json:"interaction"`
	Agent       ID     `json:"agent"`
	Reason      string `json:"reason"`
	Deadline    Micros `json:"deadline"`
}

// InteractionRejoined: the agent came back to a parked interaction on a new leg.
type InteractionRejoined struct {
	Interaction ID `json:"interaction"`
	Agent       ID `json:"agent"`
	Leg         ID `json:"leg"`
}

// RecordingStarted: capture began, after the notice was heard.
type RecordingStarted struct {
	Interaction   ID      `json:"interaction"`
	Object        ID      `json:"object"`
	Purpose       Purpose `json:"purpose"`
	RetentionDays int     `json:"retention_days"`
	Site          ID      `json:"site"` // where it is kept
}

// RecordingEnded: capture is over. Outcome "destroyed" means the caller opposed: nothing of it is left.
type RecordingEnded struct {
	Interaction ID     `json:"interaction"`
	Object      ID     `json:"object"`
	Outcome     string `json:"outcome"` // "complete", "interrupted", "destroyed", "refused" (by the gate: nothing was captured)
	Bytes       int64  `json:"bytes,omitempty"`
	Seconds     int64  `json:"seconds,omitempty"`
	Dropped     int64  `json:"dropped,omitempty"` // frames lost before sealing, 20 ms each
	Cipher      string `json:"cipher,omitempty"`  // SHA-256 of the ciphertext, hex
	Reason      string `json:"reason,omitempty"`
}

// RecordingOpposed: the caller refuses to be recorded. Object is what had been captured, and is destroyed; "" if nothing.
type RecordingOpposed struct {
	Interaction ID `json:"interaction"`
	Object      ID `json:"object,omitempty"`
}

// RecordingExpired: what was stated as a recording's retention has passed: its key and its file are destroyed.
type RecordingExpired struct {
	Interaction   ID      `json:"interaction"`
	Object        ID      `json:"object"`
	Purpose       Purpose `json:"purpose"`
	RetentionDays int     `json:"retention_days"`
	Until         Micros  `json:"until"` // its start and the retention: the day it had to go
}

// InteractionEnded: the conversation is over; the agent wraps up until Deadline.
type InteractionEnded struct {
	Interaction ID     `json:"interaction"`
	Agent       ID     `json:"agent"`
	By          string `json:"by"` // "caller", "agent", "system"
	Cause       string `json:"cause,omitempty"`
	Talk        int64  `json:"talk"` // µs, holds out
	Hold        int64  `json:"hold"` // µs
	Deadline    Micros `json:"deadline"`
}

// InteractionAbandoned: the caller left before an agent was heard.
type InteractionAbandoned struct {
	Interaction ID     `json:"interaction"`
	Queue       ID     `json:"queue,omitempty"`
	Wait        int64  `json:"wait"`            // µs since queued, 0 before
	During      string `json:"during"`          // "flow", "queue", "sentence"
	Cause       string `json:"cause,omitempty"` // "cancel", "bye", "silence", "no_ack"
}

// InteractionDeflected: refused at the door, before any queue.
type InteractionDeflected struct {
	Interaction ID     `json:"interaction"`
	Reason      string `json:"reason"` // "full", "closed", "draining"
}

// InteractionFailed: it ended by a fault and nobody can be called back.
type InteractionFailed struct {
	Interaction ID     `json:"interaction"`
	Reason      string `json:"reason"`
}

// CallbackPromised: the person is owed a call, at the interaction's rank.
type CallbackPromised struct {
	Interaction ID     `json:"interaction"`
	Queue       ID     `json:"queue"`
	Rank        Rank   `json:"rank"`
	Reason      string `json:"reason"` // "crash", "no_agent", "asked", "queue_removed"
}

// CallbackClosed: the debt is settled.
type CallbackClosed struct {
	Interaction ID     `json:"interaction"`
	Outcome     string `json:"outcome"`          // "called", "unreachable", "returned"
	By          ID     `json:"by,omitempty"`     // agent who recorded it
	Return      ID     `json:"return,omitempty"` // interaction that took the rank over
}

// WrapUpExtended: the agent asked for more time, once.
type WrapUpExtended struct {
	Interaction ID     `json:"interaction"`
	Agent       ID     `json:"agent"`
	Deadline    Micros `json:"deadline"`
}

// InteractionClosed: wrapped up. The note is the entry's body.
type InteractionClosed struct {
	Interaction ID     `json:"interaction"`
	Agent       ID     `json:"agent,omitempty"`
	Disposition string `json:"disposition"`       // "" only when Late
	Wrap        int64  `json:"wrap"`              // µs
	Overdue     bool   `json:"overdue,omitempty"` // the disposition came after the timer
}

// LegMeasured: one party's media, measured over its life; samples are not entries.
type LegMeasured struct {
	Interaction ID    `json:"interaction"`
	Leg         ID    `json:"leg"`
	Agent       ID    `json:"agent,omitempty"` // "" for the caller's leg
	In          int64 `json:"in"`              // packets
	Out         int64 `json:"out"`
	Lost        int64 `json:"lost"`
	Jitter      int64 `json:"jitter"`          // µs
	Strangers   int64 `json:"strangers"`       // packets dropped because of their source
	MOS         int64 `json:"mos,omitempty"`   // hundredths, mos@1; 0 is unknown
	Known       bool  `json:"known,omitempty"` // the peer sent RTCP
}

// AgentStateSet: an agent's state changed. A reservation is this entry and InteractionOffered in one append.
type AgentStateSet struct {
	Agent       ID         `json:"agent"`
	State       AgentState `json:"state"`
	Reason      string     `json:"reason,omitempty"` // of a pause, or why unreachable
	Since       Micros     `json:"since"`
	Interaction ID         `json:"interaction,omitempty"`
	Offer       ID         `json:"offer,omitempty"`
	Deadline    Micros     `json:"deadline,omitempty"`
	IdleSince   Micros     `json:"idle_since,omitempty"` // for longest idle: last ready, or end of the last conversation
	Session     ID         `json:"session,omitempty"`
	Device      string     `json:"device,omitempty"`
	Place       Place      `json:"place"`
	Late        bool       `json:"late,omitempty"`    // ready, but the desk does not answer: no offers
	Unheard     bool       `json:"unheard,omitempty"` // ready, but this desk measured no sound of the microphone yet: a browser gets no offers
	Untold      bool       `json:"untold,omitempty"`  // ready, but no sentence, or none whose sound can be had, tells where they sit: no offers
}

// FieldShown: one field was asked for by a user; the entry is durable before the value leaves.
type FieldShown struct {
	Account     ID     `json:"account"`
	Interaction ID     `json:"interaction,omitempty"`
	Person      ID     `json:"person,omitempty"`
	Field       string `json:"field"`
	Allowed     bool   `json:"allowed"`
	Masked      bool   `json:"masked,omitempty"` // parts of it only
	Remote      bool   `json:"remote,omitempty"` // as an image made by the server

	Seen Country `json:"seen,omitempty"` // as in Place: rules that forbid read it, and leaves hold no such word
}

// CardAsked: a record was asked for at a system of the client organisation's own. The key is not kept.
type CardAsked struct {
	Account     ID `json:"account"`
	Interaction ID `json:"interaction"`
	Person      ID `json:"person,omitempty"`
	Source      ID `json:"source"`

	Seen Country `json:"seen,omitempty"` // see FieldShown
}

// PersonsSearched: persons of a client organisation were looked for during an interaction, found or not. What was typed is
// not kept.
type PersonsSearched struct {
	Account     ID     `json:"account"`
	Interaction ID     `json:"interaction"`
	Person      ID     `json:"person,omitempty"` // of the interaction
	By          string `json:"by"`               // field: "name", "phones", "email"
}

// RecordingPlayed: somebody heard a recording.
type RecordingPlayed struct {
	Account     ID `json:"account"`
	Interaction ID `json:"interaction"`
	Object      ID `json:"object"`

	Seen Country `json:"seen,omitempty"` // see FieldShown
}

// Exported: a file left.
type Exported struct {
	Account ID     `json:"account,omitempty"`
	What    string `json:"what"`
	Entries int64  `json:"entries"`
	From    Seq    `json:"from"`
	To      Seq    `json:"to"`

	Seen Country `json:"seen,omitempty"` // see FieldShown
}

// ExportRefused: a file was asked for and the rules did not let it leave.
type ExportRefused struct {
	Account ID     `json:"account,omitempty"`
	What    string `json:"what"`
	From    Seq    `json:"from"`
	To      Seq    `json:"to"`
}

// SignedIn: an account opened a session.
type SignedIn struct {
	Account ID    `json:"account"`
	Session ID    `json:"session"`
	Place   Place `json:"place"`
	Proof   Proof `json:"proof,omitempty"` // what attested the place
}

// SignedOut: a session ended.
type SignedOut struct {
	Account ID     `json:"account"`
	Session ID     `json:"session"`
	Reason  string `json:"reason"` // "asked", "revoked", "expired", "support_ended"
}

// SignInRefused: failed log-ins of one account in one minute.
type SignInRefused struct {
	Account ID     `json:"account,omitempty"` // "" when no such account exists
	Minute  Micros `json:"minute"`
	Count   int64  `json:"count"`
}

// PlaceContradicted: what a session stated or had proved was contradicted by where a request came from. The session is of
// an unknown place from its sign-in, or ended. One for each session, and for each account and minute of sign-ins.
type PlaceContradicted struct {
	Account ID    `json:"account"`
	Session ID    `json:"session"`
	Stated  Place `json:"stated"`         // before
	Found   Place `json:"found"`          // what the evidence made of it; Seen is whose network or certificate it was
	Lost    Proof `json:"lost,omitempty"` // what had attested the session and did not any more
}

// ContradictionSeen: somebody who watches an account took note of its contradictions until now.
type ContradictionSeen struct {
	Account ID `json:"account"`
	By      ID `json:"by"`
}

// Unusual is in what an access differs from what its account usually does.
type Unusual string

// What is unusual.
const (
	UnusualPersons Unusual = "persons" // many persons within an hour, in no interaction of the account's
	UnusualHours   Unusual = "hours"   // an hour at which the account is not at work
	UnusualPlace   Unusual = "place"   // one that the account never signed in from
)

// AccessUnusual: an account reached what it usually does not, or from where, or when.
type AccessUnusual struct {
	Account ID      `json:"account"`
	Session ID      `json:"session"`
	What    Unusual `json:"what"`
	Persons int64   `json:"persons,omitempty"` // within the hour
	Stopped bool    `json:"stopped,omitempty"` // the limit was reached: no other person was shown
	Place   Place   `json:"place"`
}

// UnusualSeen: somebody who watches an account took note of what was unusual until now.
type UnusualSeen struct {
	Account ID      `json:"account"`
	What    Unusual `json:"what"`
	By      ID      `json:"by"`
}

// AccountChanged: something about who may ask changed; secrets themselves are never here.
type AccountChanged struct {
	Account ID     `json:"account"`
	What    string `json:"what"` // "invited", "password", "totp", "revoked", "blocked"
	By      ID     `json:"by,omitempty"`
	Inviter ID     `json:"inviter,omitempty"` // whose invitation gave the password: an account, or CommandLine
}

// CommandLine stands for an account where somebody acted on the machine, and nobody was signed in.
const CommandLine ID = "command-line"

// SupportChanged: a step of an access of support from outside.
type SupportChanged struct {
	Account ID      `json:"account"`
	Step    string  `json:"step"` // "opened", "confirmed", "closed", "ended"
	Company ID      `json:"company"`
	Country Country `json:"country"`
	From    Micros  `json:"from"`
	Until   Micros  `json:"until"`
	By      ID      `json:"by,omitempty"`
}

// SettingSet: a configured thing has a new version. Names of persons are cells, not in Doc.
type SettingSet struct {
	Type    string          `json:"type"`
	ID      ID              `json:"id"`
	Of      ID              `json:"of"` // Principal it belongs to; Organisation for its own
	Version int64           `json:"version"`
	Doc     json.RawMessage `json:"doc"`
	By      ID              `json:"by,omitempty"`
}

// SettingRemoved: a configured thing is gone; its versions stay in the log.
type SettingRemoved struct {
	Type string `json:"type"`
	ID   ID     `json:"id"`
	Of   ID     `json:"of"`
	By   ID     `json:"by,omitempty"`
}

// DoorRefused: refusals at a door, one entry per source class, reason and minute.
type DoorRefused struct {
	Door   string `json:"door"`   // "sip", "rtp", "https"
	Source string `json:"source"` // trunk id, or "stranger"; never an address
	Reason string `json:"reason"`
	Minute Micros `json:"minute"`
	Count  int64  `json:"count"`
}

// EgressRefused: connections that no declaration covers, per use and minute.
type EgressRefused struct {
	Use    string `json:"use"`
	Reason string `json:"reason"`
	Minute Micros `json:"minute"`
	Count  int64  `json:"count"`
}

// Passed is what went over a declared connection between two instants: never an address, a number or what was said.
type Passed struct {
	Connection string  `json:"connection"` // "trunk:boucle", "card:colis"
	Direction  string  `json:"direction"`  // "out", "in"
	Transport  string  `json:"transport"`  // "tcp", "udp"
	Company    ID      `json:"company,omitempty"`
	Country    Country `json:"country,omitempty"`
	First      Micros  `json:"first"`
	Last       Micros  `json:"last"`
	Count      int64   `json:"count"` // connections; of what nobody opens or closes, messages
}

// ConnectionOpened: connections that opened, one by one or, beyond ten entries in a minute, together; or the first message of
// a flow since the process started.
type ConnectionOpened struct{ Passed }

// ConnectionMeasured: connections that closed, or an hour of a flow, with what they carried.
type ConnectionMeasured struct {
	Passed
	In  int64 `json:"in"` // bytes
	Out int64 `json:"out"`
}

// PersonErased: what identified a person is destroyed. Subjects lost their keys in the same transaction.
type PersonErased struct {
	Person   ID   `json:"person"`
	Subjects []ID `json:"subjects"`
	By       ID   `json:"by,omitempty"`
}

// PersonKept: values of a person's card were written. They are cells of the entry, named by their fields and sealed under
// the card's own subject.
type PersonKept struct {
	Person      ID       `json:"person"`
	Subject     ID       `json:"subject"`
	New         bool     `json:"new,omitempty"`  // the person is made by this entry
	Card        bool     `json:"card,omitempty"` // the subject is
	Set         []string `json:"set,omitempty"`
	Cleared     []string `json:"cleared,omitempty"`
	Over        bool     `json:"over,omitempty"` // they take the place of those of the persons merged into this one
	Source      string   `json:"source"`         // "desk" or "import"
	Interaction ID       `json:"interaction,omitempty"`
	By          ID       `json:"by,omitempty"`
}

// PersonsMerged: two persons of one Principal are one. The subjects of From go to Into; nothing is sealed again.
type PersonsMerged struct {
	From        ID   `json:"from"`
	Into        ID   `json:"into"`
	Subjects    []ID `json:"subjects"`
	Interaction ID   `json:"interaction,omitempty"`
	By          ID   `json:"by,omitempty"`
}

// MergeUndone: they were two after all. The subjects go back.
type MergeUndone struct {
	From        ID   `json:"from"`
	Into        ID   `json:"into"`
	Subjects    []ID `json:"subjects"`
	Interaction ID   `json:"interaction,omitempty"`
	By          ID   `json:"by,omitempty"`
}

// OrganisationKept: a customer organisation was written down. Name and SIREN are cells under its own subject: those of a
// sole trader identify a person.
type OrganisationKept struct {
	Organisation ID   `json:"organisation"`
	Subject      ID   `json:"subject"`
	New          bool `json:"new,omitempty"` // organisation and subject are made by this entry
	By           ID   `json:"by,omitempty"`
}

// PersonJoined: a person belongs to a customer organisation from now on, and to no other.
type PersonJoined struct {
	Person       ID `json:"person"`
	Organisation ID `json:"organisation"`
	By           ID `json:"by,omitempty"`
}

// PersonLeft: a person belongs to no customer organisation any more, nor do Others, who were merged into it.
type PersonLeft struct {
	Person       ID   `json:"person"`
	Organisation ID   `json:"organisation"`
	Others       []ID `json:"others,omitempty"`
	By           ID   `json:"by,omitempty"`
}

// OrganisationErased: nobody belongs to a customer organisation any more, and what identified it is destroyed. Subject lost
// its key in the same transaction.
type OrganisationErased struct {
	Organisation ID `json:"organisation"`
	Subject      ID `json:"subject"`
	By           ID `json:"by,omitempty"`
}

// Started: a process took the floor. Unclean says that the one before did not say goodbye.
type Started struct {
	Software string `json:"software"`
	Unclean  bool   `json:"unclean,omitempty"`
}

// Stopped: a process left the floor in order.
type Stopped struct {
	Reason string `json:"reason"`
}

// Restored: the log was behind what had been published, or came back from a backup. From Head to before Published, when
// that is more, only the leaves came back, from the tiles: facts and bodies of these entries are lost.
type Restored struct {
	Head      int64 `json:"head"`      // size found
	Published int64 `json:"published"` // size that had been published
}

// LeavesDropped: from now on only the hashes are left of the leaves of a class that were written before an instant, among
// the entries First to Last. Their facts stay.
type LeavesDropped struct {
	Class  Kept   `json:"class"`
	Rule   string `json:"rule"` // that limits how long they are kept, as the operator names it
	Before Micros `json:"before"`
	First  Seq    `json:"first"`
	Last   Seq    `json:"last"`
	Count  int64  `json:"count"`
}

// LeafRestored stands for the lost facts of an entry whose leaf came back from the tiles: the one kind whose facts are not
// those that its leaf hashes. A Restored that follows says so.
type LeafRestored struct {
	Was Kind `json:"was,omitempty"` // as the leaf says; "" when its text had been dropped
}
