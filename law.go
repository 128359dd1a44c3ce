// SPDX-License-Identifier: EUPL-1.2

package rivage

import "time"

// DataClass says what kind of data something carries.
type DataClass string

// The classes every installation has; organisations add their own.
const (
	ClassPublic     DataClass = "public"
	ClassTracking   DataClass = "suivi"
	ClassCommon     DataClass = "courant"
	ClassCommercial DataClass = "commercial"
	ClassBank       DataClass = "bancaire"
	ClassHealth     DataClass = "sante" // GDPR art. 9
)

// DataClasses is the list every installation has.
var DataClasses = []DataClass{ClassPublic, ClassTracking, ClassCommon, ClassCommercial, ClassBank, ClassHealth}

// Mode is how data is reached. Each is decided apart.
type Mode string

// The four modes.
const (
	ModeVoice Mode = "voice"
	ModeView  Mode = "view"
	ModeCopy  Mode = "copy"
	ModeAdmin Mode = "admin"
)

// Modes is the closed list.
var Modes = []Mode{ModeVoice, ModeView, ModeCopy, ModeAdmin}

// Action is what somebody is about to do; a Grant is good for one only.
type Action string

// The actions the gate is asked for.
const (
	ActOffer    Action = "offer"    // present an interaction to an agent
	ActLeg      Action = "leg"      // join an agent to a caller
	ActRecord   Action = "record"   // capture and keep a conversation
	ActPlayback Action = "playback" // hear a recording
	ActField    Action = "field"    // show one field
	ActExport   Action = "export"   // make a file
)

// Actions is the closed list.
var Actions = []Action{ActOffer, ActLeg, ActRecord, ActPlayback, ActField, ActExport}

// Purpose is why, GDPR art. 5(1)(b): "service", "quality", "evidence", "administration".
type Purpose string

// The purposes known from the start.
const (
	PurposeService  Purpose = "service"
	PurposeQuality  Purpose = "quality"
	PurposeEvidence Purpose = "evidence"
	PurposeAdmin    Purpose = "administration"
)

// Profile is how far an installation lets data go at all; it is shown everywhere.
type Profile string

// The two profiles. Souverain lets nothing leave the EEA, viewing included; Encadre lets what the GDPR frames.
const (
	Souverain Profile = "souverain"
	Encadre   Profile = "encadre"
)

// Profiles is the closed list.
var Profiles = []Profile{Souverain, Encadre}

// Exposure says to whose law, outside the Union's, a company answers. Each class names a country or a group of them.
type Exposure string

// The exposures that decide. Every other class is one of the countries' (jurisdictions.csv).
const (
	ExposureNone       Exposure = "EXP_NONE_EU"
	ExposureUnassessed Exposure = "EXP_UNASSESSED" // a refusal to judge, which counts as exposed
)

// SafeguardKind says what a safeguard is.
type SafeguardKind string

// The kinds of safeguards.
const (
	SafeguardClauses       SafeguardKind = "clauses"       // standard clauses, decision (EU) 2021/914, GDPR art. 46(2)(c)
	SafeguardAssessment    SafeguardKind = "assessment"    // transfer impact assessment (AITD), CNIL guide of 31/01/2025
	SafeguardAuthorisation SafeguardKind = "authorisation" // of the sub-processor by the client organisation, GDPR art. 28(2)
	SafeguardNotice        SafeguardKind = "notice"        // people and client organisations were told, GDPR art. 13(1)(f)
	SafeguardScope         SafeguardKind = "scope"         // proof that the importer is in the scope of a partial adequacy decision
	SafeguardReview        SafeguardKind = "review"        // validated by the DPO, who answers for it
	SafeguardDerogation    SafeguardKind = "derogation"    // places that are not known are let in, by a decision of the DPO
)

// SafeguardKinds is the closed list.
var SafeguardKinds = []SafeguardKind{
	SafeguardClauses, SafeguardAssessment, SafeguardAuthorisation, SafeguardNotice, SafeguardScope, SafeguardReview, SafeguardDerogation,
}

// Date is a day, "2026-11-28", UTC; "" is none.
type Date string

// Day is its first instant, false when it is not a day of the calendar.
func (d Date) Day() (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, string(d))
	return t, err == nil
}

// Decision is what the gate answered. Its zero value refuses.
type Decision struct {
	Allowed bool   `json:"allowed"`
	Masked  bool   `json:"masked,omitempty"` // allowed, but only parts of a value
	Remote  bool   `json:"remote,omitempty"` // allowed, but only as an image made by the server
	Rule    string `json:"rule,omitempty"`   // id of the deciding rule; "" when no rule matched
	Reason  string `json:"reason,omitempty"` // for people, in French as the rule's author wrote it
	Basis   string `json:"basis,omitempty"`  // legal basis the rule names
	Rules   string `json:"rules,omitempty"`  // hash of the rule set that decided, hex
}
