// SPDX-License-Identifier: EUPL-1.2

package rivage

// Rows are what folds make of entries: what a restart reads, and what screens and figures are made from. Sealed values
// are cells copied unopened; nil once erased. Micros 0 means "not yet", ID "" means "none".

// InteractionRow is one interaction.
type InteractionRow struct {
	ID          ID
	Principal   ID
	Person      ID
	Subject     ID
	Channel     Channel
	Number      string
	Trunk       ID
	Flow        ID
	FlowVersion int64
	Class       DataClass
	Queue       ID
	State       InteractionState
	Priority    int
	Rank        Rank
	Agent       ID // last one it was offered to or answered by
	Offer       ID // current or last
	CallerLeg   ID
	AgentLeg    ID
	Place       Place // of Agent's session at the offer
	OpenedAt    Micros
	QueuedAt    Micros
	OfferedAt   Micros
	AcceptedAt  Micros
	ToldAt      Micros // the sentence was heard to its end
	AnsweredAt  Micros
	HeldAt      Micros
	EndedAt     Micros // the conversation is over, whatever the exit
	ClosedAt    Micros
	Deadline    Micros // of the offer, the parking or the wrap-up, by State
	Extended    bool   // the wrap-up was extended
	Wait        int64  // µs
	Talk        int64  // µs
	Hold        int64  // µs
	Wrap        int64  // µs
	Extra       int64  // µs, disc_delay@1
	Disposition string
	By          string // who ended it
	Reason      string // of its last exit: cause, callback's reason, failure
	Returned    ID     // interaction that took the callback over
	Sentence    ID     // prompt that tells the caller where, heard to its end once ToldAt is set
	FirstSeq    Seq
	LastSeq     Seq
	Caller      []byte // cell "caller": the number as normalised
	Note        []byte // cell "note"
}

// AgentRow is an agent's presence.
type AgentRow struct {
	Agent       ID
	State       AgentState
	Reason      string
	Since       Micros
	Interaction ID
	Offer       ID
	Deadline    Micros
	Session     ID
	Device      string
	Place       Place
	IdleSince   Micros // when the agent last became ready or ended a conversation: longest idle
}

// ContradictionRow is the last contradiction of an account's place.
type ContradictionRow struct {
	Account ID
	Session ID
	Site    ID // that was stated
	Lost    Proof
	Seen    Country // whose network or certificate it was, "" for nobody's
	At      Micros
	Count   int64 // since somebody took note
	SeenAt  Micros
	Seq     Seq
}

// UnusualRow is the last unusual access of an account, of one sort.
type UnusualRow struct {
	Account ID
	What    Unusual
	Site    ID // of the session
	Persons int64
	Stopped bool
	At      Micros
	Count   int64 // since somebody took note
	SeenAt  Micros
	Seq     Seq
}

// ObjectRow is a recording.
type ObjectRow struct {
	ID            ID
	Principal     ID
	Interaction   ID
	Subject       ID
	Purpose       Purpose
	Site          ID
	StartedAt     Micros
	EndedAt       Micros
	RetentionDays int
	State         string // "open", "complete", "interrupted", "destroyed", "expired", "erased"
	Bytes         int64
	Seconds       int64
	Dropped       int64
	Cipher        string
}

// Kept says whether there is sound that the log promises to keep.
func (o *ObjectRow) Kept() bool { return o.State == "complete" || o.State == "interrupted" }

// KeptUntil is when the recording's retention ends, 0 when it states none.
func (o *ObjectRow) KeptUntil() Micros {
	if o.RetentionDays <= 0 {
		return 0
	}
	return o.StartedAt + Micros(o.RetentionDays)*24*60*60*1e6
}

// SettingRow is the last version of a configured thing.
type SettingRow struct {
	Type    string
	ID      ID
	Of      ID
	Version int64
	Doc     []byte // JSON
	Subject ID     // whose key seals Name and Login; accounts only
	Name    []byte // cell "name"
	Login   []byte // cell "login"
	Seq     Seq
}

// PersonRow is a person of one Principal.
type PersonRow struct {
	ID           ID
	Principal    ID
	CreatedAt    Micros
	ErasedAt     Micros
	Organisation ID      // customer organisation it belongs to
	Subjects     []ID    // its own, and those of the persons merged into it
	Card         ID      // that of Subjects under which its own card is sealed; "" without one
	Merged       []Merge // persons merged into it, without those merged into them, the last one first
}

// Merge is a person that was merged into another.
type Merge struct {
	Person ID
	At     Micros
}

// ValueRow is one value of a card, or the fact that it was taken away.
type ValueRow struct {
	Subject ID // of the card
	Field   string
	Seq     Seq    // of the entry that wrote it
	Over    bool   // it takes the place of older values of the person's other cards
	Cleared bool   // there is none any more
	Sealed  []byte // cell named by the field
}

// Membership is what ends when a person belongs to no customer organisation any more.
type Membership struct {
	Others []ID              // persons merged into it that belong to one of their own
	Sole   []OrganisationRow // to which nobody belongs but the person and Others
	Own    ID                // that of Sole to which the person alone belongs; "" for none
}

// OrganisationRow is a customer organisation of one Principal: persons belong to it.
type OrganisationRow struct {
	ID        ID
	Principal ID
	Subject   ID // whose key seals Name and SIREN
	CreatedAt Micros
	Name      []byte // cell "name"
	SIREN     []byte // cell "siren"
}

// QueueFigures are the primitives of one queue over the interactions that arrived in it since an instant
// (docs/figures.md): O = A + B + F + C + W.
type QueueFigures struct {
	Queue       ID
	Offered     int64  // O
	Answered    int64  // A
	AnsweredIn  int64  // A_T, within the queue's target
	Abandoned   int64  // B
	Short       int64  // B_s, within 5 s
	Callback    int64  // C
	Waiting     int64  // W, offers pending included
	OldestQueue Micros // queued_at of the one that waits longest; 0 when none waits
	WaitSum     int64  // µs, of the answered
	TalkSum     int64
	HoldSum     int64
	WrapSum     int64
	ExtraSum    int64 // µs, disc_delay@1
}

// HandledRow sums what the conversations of a queue that are wrapped up took agents.
type HandledRow struct {
	Queue   ID
	Closed  int   // how many, at least one
	Handled int64 // µs of talk, hold and wrap-up of these
}

// Page bounds a listing: at most Limit rows (500 at most) before Before (exclusive, 0 for the newest).
type Page struct {
	Before Micros
	Limit  int
}
