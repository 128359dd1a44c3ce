// SPDX-License-Identifier: EUPL-1.2

package rivage

import "net/netip"

// What people set lives in the journal, one document per thing, and travels as a folder of TOML files. The field tags
// name the keys in both.

// Principal is a client organisation on whose behalf interactions are handled. Everything of it stays apart.
type Principal struct {
	ID   ID     `json:"id" toml:"id"`
	Name string `json:"name" toml:"name"`
}

// Company is a legal person that runs a site, employs agents, carries calls or runs a machine. Whose law reaches it
// follows from its seat, its ultimate parent, and where those who operate and administer it for others sit.
type Company struct {
	ID            ID        `json:"id" toml:"id"`
	Name          string    `json:"name" toml:"name"`
	Country       Country   `json:"country" toml:"country"`                                   // of its seat
	Parent        string    `json:"parent,omitempty" toml:"parent,omitempty"`                 // ultimate parent, "" when it is its own
	ParentCountry Country   `json:"parent_country,omitempty" toml:"parent_country,omitempty"` //
	Operators     []Country `json:"operators,omitempty" toml:"operators,omitempty"`           // where others who operate it for the company sit
	Admins        []Country `json:"admins,omitempty" toml:"admins,omitempty"`                 // where its administrators and support sit
}

// Frame is what the organisation sets above the rules of all its Principals. There is one, with the id Organisation.
type Frame struct {
	ID         ID        `json:"id" toml:"id"`
	Profile    Profile   `json:"profile" toml:"profile"`
	Stopped    []Country `json:"stopped,omitempty" toml:"stopped,omitempty"`   // nothing is opened from there, whatever the rules say
	Proposed   Profile   `json:"proposed,omitempty" toml:"proposed,omitempty"` // what somebody wants instead, until another confirms it
	ProposedBy ID        `json:"proposed_by,omitempty" toml:"-"`               // account
}

// AccessMatrix is the most that may be done with the data of one Principal, or, under the id Organisation, of any: a total
// table as its author wrote it (TOML), read by engine/policy.
type AccessMatrix struct {
	ID        ID     `json:"id" toml:"id"` // the Principal's
	Principal ID     `json:"principal" toml:"principal"`
	Text      string `json:"text" toml:"text"`
}

// Safeguard is a legal basis with an end, without which the data of a Principal is not reached from some places (GDPR
// chapter V, art. 28(2), (4)). A thing that is not there, or is past its last day, carries no access.
type Safeguard struct {
	ID        ID            `json:"id" toml:"id"`
	Principal ID            `json:"principal" toml:"principal"` // Organisation: for every Principal
	Kind      SafeguardKind `json:"kind" toml:"kind"`
	Company   ID            `json:"company,omitempty" toml:"company,omitempty"` // who reaches the data; "" for a derogation only
	Country   Country       `json:"country,omitempty" toml:"country,omitempty"` // from where; "" for a derogation only
	Module    int           `json:"module,omitempty" toml:"module,omitempty"`   // of the clauses of decision (EU) 2021/914, 1 to 4
	Reference string        `json:"reference" toml:"reference"`                 // the document, for people
	From      Date          `json:"from" toml:"from"`                           // signed or decided on: the first day
	Until     Date          `json:"until" toml:"until"`                         // the last day
	Classes   []DataClass   `json:"classes,omitempty" toml:"classes,omitempty"` // empty: all
	Modes     []Mode        `json:"modes,omitempty" toml:"modes,omitempty"`     // empty: all
}

// Site is a place where agents work. Sessions that come from Networks are attested there; those from another site's are
// of an unknown place, which the evidence contradicts; others are declared.
type Site struct {
	ID       ID             `json:"id" toml:"id"`
	Name     string         `json:"name" toml:"name"` // town or building, for the screens
	Company  ID             `json:"company" toml:"company"`
	Country  Country        `json:"country" toml:"country"`
	Networks []netip.Prefix `json:"networks,omitempty" toml:"networks,omitempty"`
	Sentence Sentences      `json:"sentence" toml:"sentence"` // what callers are told, by evidence; a prompt that is missing makes the site not ready
}

// Sentences names the prompts that tell a caller where the agent sits, by the evidence of the agent's session.
type Sentences struct {
	Attested ID `json:"attested,omitempty" toml:"attested,omitempty"`
	Declared ID `json:"declared,omitempty" toml:"declared,omitempty"`
	Unknown  ID `json:"unknown,omitempty" toml:"unknown,omitempty"`
}

// By is the prompt for an evidence, "" when it is missing.
func (s Sentences) By(e Evidence) ID {
	switch e {
	case Attested:
		return s.Attested
	case Declared:
		return s.Declared
	}
	return s.Unknown
}

// PromptPlaceUnknown is the prompt of the organisation that tells callers that the agent's country is not verified. It
// is heard where no site has such a sentence of its own, and for agents without a site.
const PromptPlaceUnknown ID = "place-unknown"

// Sentence is the prompt that tells a caller where somebody at p sits, nil when there is none.
func (s *Settings) Sentence(p Place) *Prompt {
	var own *Prompt
	if site := s.Sites[p.Site]; site != nil {
		own = s.Prompts[site.Sentence.By(p.Evidence)]
	}
	shared := s.Prompts[PromptPlaceUnknown]
	if p.Evidence == Attested || p.Evidence == Declared || shared == nil || own != nil && own.Audio != "" {
		return own
	}
	return shared
}

// Queue is a waiting line of one Principal.
type Queue struct {
	ID            ID            `json:"id" toml:"id"`
	Principal     ID            `json:"principal" toml:"principal"`
	Name          string        `json:"name" toml:"name"`
	Class         DataClass     `json:"class" toml:"class"`
	Skills        map[ID]int    `json:"skills,omitempty" toml:"skills,omitempty"` // skill → least level 1–5
	Priority      int           `json:"priority" toml:"priority"`
	PriorityStep  int           `json:"priority_step" toml:"priority_step"`   // seconds of waiting that one level of priority is worth
	OfferTimeout  int           `json:"offer_timeout" toml:"offer_timeout"`   // seconds
	WrapUp        int           `json:"wrap_up" toml:"wrap_up"`               // seconds
	WrapUpMore    int           `json:"wrap_up_more" toml:"wrap_up_more"`     // seconds of the one extension
	Target        int           `json:"target" toml:"target"`                 // seconds of sl1@1
	PositionEvery int           `json:"position_every" toml:"position_every"` // seconds between position announcements, 0 never, never under 15
	Music         ID            `json:"music,omitempty" toml:"music,omitempty"`
	MaxWaiting    int           `json:"max_waiting" toml:"max_waiting"` // beyond it callers are refused decently
	Dispositions  []Disposition `json:"dispositions" toml:"dispositions"`
	Recording     *Recording    `json:"recording,omitempty" toml:"recording,omitempty"` // nil: nothing is recorded
	Choice        *Choice       `json:"choice,omitempty" toml:"choice,omitempty"`       // nil: callers are not asked where they want to be answered from
}

// Disposition is a code an agent closes an interaction with.
type Disposition struct {
	Code  string `json:"code" toml:"code"`
	Label string `json:"label" toml:"label"`
}

// Recording is what a queue must state before anything of it is recorded.
type Recording struct {
	Purpose       Purpose `json:"purpose" toml:"purpose"`
	RetentionDays int     `json:"retention_days" toml:"retention_days"`
	Notice        ID      `json:"notice" toml:"notice"`                 // prompt heard before capture, naming the key to oppose
	OppositionKey string  `json:"opposition_key" toml:"opposition_key"` // one of 0-9*#
	Site          ID      `json:"site,omitempty" toml:"site,omitempty"` // where it rests
}

// Agent is what routing knows of a person who answers. The name is a cell under the agent's own subject.
type Agent struct {
	ID      ID         `json:"id" toml:"id"`
	Subject ID         `json:"subject" toml:"-"`
	Site    ID         `json:"site" toml:"site"` // where the employer says the agent works
	Queues  []ID       `json:"queues" toml:"queues"`
	Skills  map[ID]int `json:"skills,omitempty" toml:"skills,omitempty"` // skill → level 1–5
	Device  Device     `json:"device" toml:"device"`
	ByEar   bool       `json:"by_ear,omitempty" toml:"by_ear,omitempty"` // works with a screen reader: is not offered what is shown as images only
}

// Device is where an agent's calls ring.
type Device struct {
	Kind  string `json:"kind" toml:"kind"`                       // "browser" or "sip"
	URI   string `json:"uri,omitempty" toml:"uri,omitempty"`     // sip:user@host:port of a fixed device
	Trunk ID     `json:"trunk,omitempty" toml:"trunk,omitempty"` // through which it is reached
}

// Account is somebody who may sign in. Name and login are cells under its own subject; an account with an Agent answers.
type Account struct {
	ID      ID       `json:"id" toml:"id"`
	Subject ID       `json:"subject" toml:"-"`
	Name    string   `json:"-" toml:"name"`
	Login   string   `json:"-" toml:"login"`
	Lang    string   `json:"lang,omitempty" toml:"lang,omitempty"` // "fr" or "en"
	Site    ID       `json:"site,omitempty" toml:"site,omitempty"` // where the employer says somebody who answers nothing works
	Roles   []Role   `json:"roles" toml:"roles"`
	Agent   *Agent   `json:"agent,omitempty" toml:"agent,omitempty"`     // its ID and Subject are the account's
	Support *Support `json:"support,omitempty" toml:"support,omitempty"` // of the role "support": while it stands, they may sign in
}

// Role is a right with its scope; an empty scope list means nothing, "*" everything of that dimension.
type Role struct {
	Name       string `json:"name" toml:"name"` // "agent", "supervisor", "administrator", "dpo", "support"
	Principals []ID   `json:"principals,omitempty" toml:"principals,omitempty"`
	Queues     []ID   `json:"queues,omitempty" toml:"queues,omitempty"`
	Sites      []ID   `json:"sites,omitempty" toml:"sites,omitempty"`
}

// Trunk is a declared way in and out for calls.
type Trunk struct {
	ID        ID             `json:"id" toml:"id"`
	Name      string         `json:"name" toml:"name"`
	Provider  ID             `json:"provider" toml:"provider"`                     // company that carries it
	Country   Country        `json:"country,omitempty" toml:"country"`             // where its other end stands
	Declared  *Declaration   `json:"declared,omitempty" toml:"declared,omitempty"` // nil: closed
	Networks  []netip.Prefix `json:"networks" toml:"networks"`                     // signalling may come from here
	Media     []netip.Prefix `json:"media" toml:"media"`                           // RTP may come from and go to here
	NAT       bool           `json:"nat,omitempty" toml:"nat,omitempty"`
	Username  string         `json:"username,omitempty" toml:"username,omitempty"` // digest; "" relies on Networks alone
	Secret    string         `json:"secret,omitempty" toml:"secret,omitempty"`     // name of the digest password in the secrets, never the password
	Transport string         `json:"transport" toml:"transport"`                   // "udp" or "tcp"
	MaxCalls  int            `json:"max_calls" toml:"max_calls"`
}

// Number is a public number and what answers on it.
type Number struct {
	ID        ID     `json:"id" toml:"id"`
	Principal ID     `json:"principal" toml:"principal"`
	Number    string `json:"number" toml:"number"` // E.164
	Flow      ID     `json:"flow" toml:"flow"`
}

// Flow is what happens before an agent answers.
type Flow struct {
	ID        ID     `json:"id" toml:"id"`
	Principal ID     `json:"principal" toml:"principal"`
	Name      string `json:"name" toml:"name"`
	Steps     []Step `json:"steps" toml:"steps"`
}

// Step is one step of a flow: "announce" a prompt, or "queue" at the end.
type Step struct {
	Do     string `json:"do" toml:"do"`
	Prompt ID     `json:"prompt,omitempty" toml:"prompt,omitempty"`
	Queue  ID     `json:"queue,omitempty" toml:"queue,omitempty"`
}

// RuleSet is the policy of one Principal, as its author wrote it (TOML).
type RuleSet struct {
	ID        ID     `json:"id" toml:"id"` // the Principal's
	Principal ID     `json:"principal" toml:"principal"`
	Text      string `json:"text" toml:"text"`
}

// Prompt is something a caller hears. Its audio is a blob named by its hash: A-law, 8 000 Hz, mono.
type Prompt struct {
	ID        ID     `json:"id" toml:"id"`
	Principal ID     `json:"principal" toml:"principal"` // Organisation for those shared by all
	Lang      string `json:"lang" toml:"lang"`
	Text      string `json:"text" toml:"text"`
	Source    string `json:"source" toml:"source"` // "recorded" or "synthesis"
	Audio     string `json:"audio" toml:"-"`       // SHA-256, hex; "" until there is audio
	File      string `json:"-" toml:"file,omitempty"`
}

// The types of settings, as SettingSet and the configuration folder name them.
const (
	TypePrincipal = "principal"
	TypeCompany   = "company"
	TypeSite      = "site"
	TypeQueue     = "queue"
	TypeAccount   = "account"
	TypeTrunk     = "trunk"
	TypeNumber    = "number"
	TypeFlow      = "flow"
	TypeRules     = "rules"
	TypePrompt    = "prompt"
	TypeFrame     = "frame"
	TypeMatrix    = "matrix"
	TypeSafeguard = "safeguard"
	TypeCard      = "card"
)

// SettingTypes is the closed list, in the order in which a folder is applied: each refers only to those before it.
var SettingTypes = []string{
	TypePrincipal, TypeCompany, TypeFrame, TypeMatrix, TypeSafeguard, TypePrompt, TypeSite, TypeQueue, TypeFlow, TypeNumber,
	TypeTrunk, TypeCard, TypeRules, TypeAccount,
}

// Settings is everything people set, at one moment. It is read-only once made: whoever changes something makes another.
type Settings struct {
	Seq         Seq // of the last entry it holds
	Principals  map[ID]*Principal
	Companies   map[ID]*Company
	Sites       map[ID]*Site
	Queues      map[ID]*Queue
	Agents      map[ID]*Agent
	Accounts    map[ID]*Account // without Name and Login, which are sealed
	Trunks      map[ID]*Trunk
	Numbers     map[string]*Number // by E.164
	Flows       map[ID]*Flow
	FlowVersion map[ID]int64
	Rules       map[ID]*RuleSet // by Principal
	Prompts     map[ID]*Prompt
	Frame       *Frame               // nil until it is set: the profile is then Souverain
	Matrices    map[ID]*AccessMatrix // by Principal
	Safeguards  map[ID]*Safeguard
	Cards       map[ID]*CardSource
}

// Profile is the one in force, Souverain when none is set.
func (s *Settings) Profile() Profile {
	if s.Frame == nil {
		return Souverain
	}
	return s.Frame.Profile
}
