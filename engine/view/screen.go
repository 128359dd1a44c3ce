// SPDX-License-Identifier: EUPL-1.2

package view

import "rivage.example/rivage"

// What follows is what screens receive, as docs of the API name it: durations in whole milliseconds, instants as
// RFC 3339 text in UTC with milliseconds, absent when not known.

// Instant is an RFC 3339 instant in UTC with milliseconds, "" when it has not come.
type Instant string

const instantForm = "2006-01-02T15:04:05.000Z"

func instant(m rivage.Micros) Instant {
	if m == 0 {
		return ""
	}
	return Instant(m.Time().Format(instantForm))
}

// Place is where somebody stands, with the names people gave to the site and the company.
type Place struct {
	Site        rivage.ID       `json:"site,omitempty"`
	SiteName    string          `json:"site_name,omitempty"`
	Company     rivage.ID       `json:"company,omitempty"`
	CompanyName string          `json:"company_name,omitempty"`
	Country     rivage.Country  `json:"country,omitempty"`
	Zone        rivage.Zone     `json:"zone,omitempty"`
	Evidence    rivage.Evidence `json:"evidence" enum:"attested,declared,unknown"`
}

// Agent is somebody's presence.
type Agent struct {
	ID          rivage.ID         `json:"id"`
	Name        string            `json:"name"`
	State       rivage.AgentState `json:"state" enum:"offline,ready,offered,engaged,wrap_up,paused,unreachable"`
	Reason      string            `json:"reason,omitempty"`
	Since       Instant           `json:"since,omitempty"`
	Place       Place             `json:"place"`
	Device      string            `json:"device" enum:"browser,sip"`
	Interaction rivage.ID         `json:"interaction,omitempty"`
	Deadline    Instant           `json:"deadline,omitempty"`
	Unannounced bool              `json:"unannounced,omitempty" doc:"no sentence can tell callers where the agent is: no call is presented"`
}

// Queue is a waiting line with its figures since midnight.
type Queue struct {
	ID            rivage.ID        `json:"id"`
	Principal     rivage.ID        `json:"principal"`
	PrincipalName string           `json:"principal_name"`
	Name          string           `json:"name"`
	Class         rivage.DataClass `json:"class"`
	Waiting       int64            `json:"waiting"`
	Oldest        Instant          `json:"oldest,omitempty"`
	Agents        Presence         `json:"agents"`
	Figures       Figures          `json:"figures"`
	TargetS       int              `json:"target_s"`
}

// UnreadySite is a site whose agents get nothing, because callers cannot be told where they sit.
type UnreadySite struct {
	Site    rivage.ID `json:"site"`
	Name    string    `json:"name"`
	Missing []string  `json:"missing" nullable:"false" doc:"sentence_EVIDENCE_missing, _silent or _unreadable"`
}

// Presence counts the agents of a queue by state.
type Presence struct {
	Ready       int `json:"ready"`
	Offered     int `json:"offered"`
	Engaged     int `json:"engaged"`
	WrapUp      int `json:"wrap_up"`
	Paused      int `json:"paused"`
	Unreachable int `json:"unreachable"`
}

// Figures are the primitives and the figures of a queue (formulas in docs/figures.md). An empty denominator leaves a
// figure out.
type Figures struct {
	Offered     int64  `json:"offered"`
	Answered    int64  `json:"answered"`
	AnsweredIn  int64  `json:"answered_in"`
	Abandoned   int64  `json:"abandoned"`
	Short       int64  `json:"short"`
	Callback    int64  `json:"callback"`
	SL1         *int64 `json:"sl1,omitempty" doc:"sl1@1 in permille"`
	AB1         *int64 `json:"ab1,omitempty" doc:"ab1@1 in permille"`
	ASAMs       *int64 `json:"asa_ms,omitempty" doc:"asa@1"`
	AHTMs       *int64 `json:"aht_ms,omitempty" doc:"aht@1"`
	DiscDelayMs *int64 `json:"disc_delay_ms,omitempty" doc:"disc_delay@1"`
}

// Interaction is one exchange, as one user may see it.
type Interaction struct {
	ID            rivage.ID               `json:"id"`
	Principal     rivage.ID               `json:"principal"`
	PrincipalName string                  `json:"principal_name"`
	Queue         rivage.ID               `json:"queue,omitempty"`
	QueueName     string                  `json:"queue_name,omitempty"`
	Class         rivage.DataClass        `json:"class"`
	Channel       rivage.Channel          `json:"channel"`
	State         rivage.InteractionState `json:"state" enum:"received,in_flow,queued,offered,connected,held,parked,wrap_up,closed,abandoned,deflected,callback_owed,failed"`
	Number        string                  `json:"number" doc:"public number that was dialled"`
	Person        rivage.ID               `json:"person,omitempty" doc:"for the data protection officer only"`
	OpenedAt      Instant                 `json:"opened_at"`
	QueuedAt      Instant                 `json:"queued_at,omitempty"`
	OfferedAt     Instant                 `json:"offered_at,omitempty"`
	AnsweredAt    Instant                 `json:"answered_at,omitempty"`
	HeldAt        Instant                 `json:"held_at,omitempty"`
	EndedAt       Instant                 `json:"ended_at,omitempty"`
	ClosedAt      Instant                 `json:"closed_at,omitempty"`
	Deadline      Instant                 `json:"deadline,omitempty"`
	Extended      bool                    `json:"extended"`
	WaitMs        int64                   `json:"wait_ms,omitempty"`
	TalkMs        int64                   `json:"talk_ms,omitempty"`
	HoldMs        int64                   `json:"hold_ms,omitempty"`
	Agent         rivage.ID               `json:"agent,omitempty"`
	AgentName     string                  `json:"agent_name,omitempty"`
	Place         *Place                  `json:"place,omitempty"`
	Offer         *Offer                  `json:"offer,omitempty"`
	Told          *Told                   `json:"told,omitempty"`
	Recording     *RecordingState         `json:"recording,omitempty"`
	Dispositions  []Disposition           `json:"dispositions" nullable:"false"`
	Disposition   string                  `json:"disposition,omitempty"`
	By            string                  `json:"by,omitempty"`
	Reason        string                  `json:"reason,omitempty"`
	Caller        Field                   `json:"caller"`
	Note          *Field                  `json:"note,omitempty"`
	WrapMoreS     int                     `json:"wrap_more_s"`
}

// Offer is the proposal that is pending.
type Offer struct {
	ID       rivage.ID `json:"id"`
	Device   string    `json:"device"`
	Accepted bool      `json:"accepted"`
	Told     bool      `json:"told" doc:"the caller has heard the sentence to its end"`
}

// Told is what the caller is being told, or was told, about the agent's place.
type Told struct {
	Text     string          `json:"text"`
	Evidence rivage.Evidence `json:"evidence" enum:"attested,declared,unknown"`
	Country  rivage.Country  `json:"country,omitempty"`
	Complete bool            `json:"complete"`
}

// RecordingState says whether the conversation is being kept.
type RecordingState struct {
	Object   rivage.ID      `json:"object,omitempty"`
	State    string         `json:"state" enum:"none,notice,on,ended,interrupted,destroyed"`
	Purpose  rivage.Purpose `json:"purpose,omitempty"`
	SiteName string         `json:"site_name,omitempty"`
}

// Disposition is a code to close an interaction with.
type Disposition struct {
	Code  string `json:"code"`
	Label string `json:"label"`
}

// Field is one value about a person, with the decision made for it. Value is there only when it was asked for and
// allowed, and only once the entry that says so is durable. A field for remote viewing has no value but an image.
type Field struct {
	Field   string           `json:"field" enum:"caller,note"`
	Class   rivage.DataClass `json:"class"`
	Asked   bool             `json:"asked"`
	Allowed bool             `json:"allowed"`
	Masked  bool             `json:"masked,omitempty" doc:"the value holds parts only"`
	Remote  bool             `json:"remote,omitempty" doc:"shown as an image only"`
	Value   *string          `json:"value,omitempty"`
	Image   string           `json:"image,omitempty" doc:"where the image is, once and for half a minute"`
	Reason  string           `json:"reason,omitempty"`
	Rule    string           `json:"rule,omitempty"`
	Basis   string           `json:"basis,omitempty"`
}

// DeskSnapshot is what an agent's desk starts from.
type DeskSnapshot struct {
	Me          Agent        `json:"me"`
	Interaction *Interaction `json:"interaction,omitempty"`
	Queues      []Queue      `json:"queues" nullable:"false"`
	Pauses      []string     `json:"pauses" nullable:"false"`
	Callbacks   int          `json:"callbacks"`
}

// ControlSnapshot is what the control room starts from.
type ControlSnapshot struct {
	Queues  []Queue       `json:"queues" nullable:"false"`
	Agents  []Agent       `json:"agents" nullable:"false"`
	Waiting []Interaction `json:"waiting" nullable:"false"`
	Unready []UnreadySite `json:"unready,omitempty" nullable:"false"`
	Journal string        `json:"journal" enum:"ok,down"`
	// Contradictions are of people's places, nobody having taken note yet.
	Contradictions []Contradiction `json:"contradictions,omitempty" nullable:"false"`
	// Unusual are accesses that differ from what people usually do, nobody having taken note yet.
	Unusual []Unusual `json:"unusual,omitempty" nullable:"false"`
	// CertificateEnds is there once the certificate of these pages ends soon, and nobody renews it but a person.
	CertificateEnds Instant `json:"certificate_ends,omitempty"`
}

// Event is what one entry means to one user. The zero value means that he may not see it.
type Event struct {
	At          Instant      `json:"at,omitempty"`
	Agent       *Agent       `json:"agent,omitempty"`
	Interaction *Interaction `json:"interaction,omitempty"`
	OfferEnded  *OfferEnded  `json:"offer_ended,omitempty"`

	Contradiction *Contradiction `json:"contradiction,omitempty"`
	Unusual       *Unusual       `json:"unusual,omitempty"`
}

// OfferEnded tells a desk that its offer is over.
type OfferEnded struct {
	Offer   rivage.ID `json:"offer"`
	Outcome string    `json:"outcome" enum:"declined,no_answer,withdrawn,failed"`
}

// Detail is one interaction's whole story.
type Detail struct {
	Interaction Interaction `json:"interaction"`
	Story       []Story     `json:"story" nullable:"false"`
	Offers      []Why       `json:"offers" nullable:"false"`
	Recordings  []Recording `json:"recordings" nullable:"false"`
}

// Story is one entry of an interaction: its leaf, and its facts without the ids of subjects.
type Story struct {
	Seq      rivage.Seq       `json:"seq"`
	At       Instant          `json:"at"`
	Kind     rivage.Kind      `json:"kind"`
	Role     string           `json:"role,omitempty"`
	Site     rivage.ID        `json:"site,omitempty"`
	Country  rivage.Country   `json:"country,omitempty"`
	Evidence rivage.Evidence  `json:"evidence,omitempty"`
	Outcome  string           `json:"outcome,omitempty"`
	Rule     string           `json:"rule,omitempty"`
	Basis    string           `json:"basis,omitempty"`
	Mode     rivage.Mode      `json:"mode,omitempty"`
	Class    rivage.DataClass `json:"class,omitempty"`
	Field    string           `json:"field,omitempty"`
	Purpose  rivage.Purpose   `json:"purpose,omitempty"`
	Facts    map[string]any   `json:"facts"`
	LeafHash string           `json:"leaf_hash"`
}

// Why says why an interaction was offered to that agent.
type Why struct {
	Offer      rivage.ID   `json:"offer"`
	Seq        rivage.Seq  `json:"seq"`
	At         Instant     `json:"at"`
	Agent      rivage.ID   `json:"agent"`
	AgentName  string      `json:"agent_name"`
	Site       rivage.ID   `json:"site,omitempty"`
	SiteName   string      `json:"site_name,omitempty"`
	IdleMs     int64       `json:"idle_ms"`
	Candidates int         `json:"candidates"`
	RunnersUp  []RunnerUp  `json:"runners_up" nullable:"false"`
	SetAside   []SetAside  `json:"set_aside" nullable:"false"`
	Rules      string      `json:"rules,omitempty" doc:"hash of the rule set that decided"`
	All        []Candidate `json:"all,omitempty" nullable:"false"`
	Differs    []string    `json:"differs,omitempty" nullable:"false" doc:"what the decision run again does not find as the entry says it"`
}

// RunnerUp is an agent who could have been chosen.
type RunnerUp struct {
	Agent    rivage.ID `json:"agent"`
	Name     string    `json:"name"`
	Site     rivage.ID `json:"site,omitempty"`
	SiteName string    `json:"site_name,omitempty"`
	IdleMs   int64     `json:"idle_ms"`
}

// SetAside counts the agents that one reason set aside at one site.
type SetAside struct {
	Reason     string    `json:"reason"`
	Rule       string    `json:"rule,omitempty"`
	RuleReason string    `json:"rule_reason,omitempty"`
	Site       rivage.ID `json:"site,omitempty"`
	SiteName   string    `json:"site_name,omitempty"`
	N          int       `json:"n"`
}

// Candidate is one agent in the replay of a decision.
type Candidate struct {
	Agent      rivage.ID       `json:"agent"`
	Name       string          `json:"name"`
	Site       rivage.ID       `json:"site,omitempty"`
	SiteName   string          `json:"site_name,omitempty"`
	Country    rivage.Country  `json:"country,omitempty"`
	Evidence   rivage.Evidence `json:"evidence" enum:"attested,declared,unknown"`
	IdleMs     int64           `json:"idle_ms,omitempty"`
	Eligible   bool            `json:"eligible"`
	Chosen     bool            `json:"chosen,omitempty" doc:"by the decision run again"`
	Reason     string          `json:"reason,omitempty"`
	Rule       string          `json:"rule,omitempty"`
	RuleReason string          `json:"rule_reason,omitempty"`
}

// Recording is one recording of an interaction; Allowed says whether this user may hear it.
type Recording struct {
	Object         rivage.ID      `json:"object"`
	State          string         `json:"state" enum:"open,complete,interrupted,destroyed,expired,erased"`
	StartedAt      Instant        `json:"started_at"`
	Seconds        int64          `json:"seconds"`
	Purpose        rivage.Purpose `json:"purpose,omitempty"`
	RetentionUntil Instant        `json:"retention_until,omitempty"`
	Allowed        bool           `json:"allowed"`
	Reason         string         `json:"reason,omitempty"`
}

// Person is a person of one Principal, without anything that names them.
type Person struct {
	ID           rivage.ID `json:"id"`
	Principal    rivage.ID `json:"principal"`
	CreatedAt    Instant   `json:"created_at"`
	ErasedAt     Instant   `json:"erased_at,omitempty"`
	Interactions int       `json:"interactions"`
}

// Matrix is every answer that a Principal's rules give.
type Matrix struct {
	Classes []rivage.DataClass `json:"classes" nullable:"false"`
	Actions []rivage.Action    `json:"actions" nullable:"false"`
	Rows    []MatrixRow        `json:"rows" nullable:"false"`
}

// MatrixRow is one place with one evidence.
type MatrixRow struct {
	Company  rivage.ID       `json:"company,omitempty"`
	Site     rivage.ID       `json:"site"`
	SiteName string          `json:"site_name"`
	Country  rivage.Country  `json:"country,omitempty"`
	Zone     rivage.Zone     `json:"zone,omitempty"`
	Evidence rivage.Evidence `json:"evidence" enum:"attested,declared,unknown"`
	Cells    []MatrixCell    `json:"cells" nullable:"false"`
}

// MatrixCell is one decision.
type MatrixCell struct {
	Class   rivage.DataClass `json:"class"`
	Action  rivage.Action    `json:"action"`
	Mode    rivage.Mode      `json:"mode"`
	Allowed bool             `json:"allowed"`
	Masked  bool             `json:"masked,omitempty"`
	Remote  bool             `json:"remote,omitempty"`
	Rule    string           `json:"rule,omitempty"`
	Reason  string           `json:"reason,omitempty"`
	Basis   string           `json:"basis,omitempty"`
}
