// SPDX-License-Identifier: EUPL-1.2

package rivage

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

// Decision is what the gate answered. Its zero value refuses.
type Decision struct {
	Allowed bool   `json:"allowed"`
	Rule    string `json:"rule,omitempty"`   // id of the deciding rule; "" when no rule matched
	Reason  string `json:"reason,omitempty"` // for people, in French as the rule's author wrote it
	Basis   string `json:"basis,omitempty"`  // legal basis the rule names
	Rules   string `json:"rules,omitempty"`  // hash of the rule set that decided, hex
}
