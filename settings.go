// SPDX-License-Identifier: EUPL-1.2

package rivage

import (
	"net/netip"
	"time"
)

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
	Packs      []ID      `json:"packs,omitempty" toml:"packs,omitempty"`       // rule packs of the countries served, beside France's and the Union's
	Proposed   Profile   `json:"proposed,omitempty" toml:"proposed,omitempty"` // what somebody wants instead, until another confirms it
	ProposedBy ID        `json:"proposed_by,omitempty" toml:"-"`               // account
	Watch      *Watch    `json:"watch,omitempty" toml:"watch,omitempty"`       // nil: WatchTold and WatchMost
}

// Watch bounds how many persons one account may reach in an hour without having an interaction with them in hand: an agent
// who searches, a supervisor or an officer who reads or listens.
type Watch struct {
	Told int `json:"told" toml:"told"` // from so many on, those who watch are told
	Most int `json:"most" toml:"most"` // beyond it nothing is shown
}

// What holds while a frame states nothing else.
const (
	WatchTold = 30
	WatchMost = 120
)

// Bounds are those in force.
func (s *Settings) Bounds() Watch {
	if s.Frame == nil || s.Frame.Watch == nil {
		return Watch{WatchTold, WatchMost}
	}
	return *s.Frame.Watch
}

// AccessMatrix is the most that may be done with the data of one Principal, or, under the id Organisation, of any: a total
// table as its author wrote it (TOML), read by engine/policy.
type AccessMatrix struct {
	ID        ID     `json:"id" toml:"id"` // the Principal's
	Principal ID     `json:"principal" toml:"principal"`
	Text      string `json:"text" toml:"text"`
}

// RulePack is dated law of the organisation's own (TOML), as its author wrote it, read by engine/policy: it narrows, and
// never allows.
type RulePack struct {
	ID   ID     `json:"id" toml:"id"`
	Text string `json:"text" toml:"text"`
}

// Rest is a place where something of the installation rests: its database, the keys that open it, its recordings, a copy.
// Company and country are those of its site, or stated. What rests there follows from the matrix's column of rest.
type Rest struct {
	ID      ID      `json:"id" toml:"id"`
	Name    string  `json:"name" toml:"name"`
	What    string  `json:"what" toml:"what"` // one of RestKinds
	Site    ID      `json:"site,omitempty" toml:"site,omitempty"`
	Company ID      `json:"company,omitempty" toml:"company,omitempty"` // who runs the machine; "" with a site
	Country Country `json:"country,omitempty" toml:"country,omitempty"` // "" with a site
	At      string  `json:"at,omitempty" toml:"at,omitempty"`           // of backups the folder, of a replica the name it gives itself
}

// What rests somewhere.
const (
	RestDatabase   = "database"
	RestVault      = "vault" // the keys: who has them and a copy can read it
	RestRecordings = "recordings"
	RestBackup     = "backup"
	RestReplica    = "replica" // of the database
)

// RestKinds is the closed list. Of the first three there is one.
var RestKinds = []string{RestDatabase, RestVault, RestRecordings, RestBackup, RestReplica}

// Resting is where the one thing of a kind rests, nil when nobody declared it.
func (s *Settings) Resting(what string) *Rest {
	for _, r := range s.Rests {
		if r.What == what {
			return r
		}
	}
	return nil
}

// PlaceOf is where something rests, by the organisation's word; nil is not known, which is never France.
func (s *Settings) PlaceOf(r *Rest) Place {
	if r == nil {
		return Place{Evidence: Unknown}
	}
	if r.Site == "" {
		return Place{Company: r.Company, Country: r.Country, Evidence: Declared}
	}
	site := s.Sites[r.Site]
	if site == nil {
		return Place{Evidence: Unknown}
	}
	return Place{Site: site.ID, Company: site.Company, Country: site.Country, Evidence: Declared}
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

// Site is a place where agents work. Sessions that come from Networks, over a connection whose client proved one of
// Certificates, or from a Workstation of it are attested there; those of another site are of an unknown place, which the evidence contradicts; others
// are declared.
type Site struct {
	ID           ID             `json:"id" toml:"id"`
	Name         string         `json:"name" toml:"name"` // town or building, for the screens
	Company      ID             `json:"company" toml:"company"`
	Country      Country        `json:"country" toml:"country"`
	Telework     bool           `json:"telework,omitempty" toml:"telework,omitempty"` // people work at home in that country: it has no networks, and nothing attests it
	Networks     []netip.Prefix `json:"networks,omitempty" toml:"networks,omitempty"`
	Certificates []string       `json:"certificates,omitempty" toml:"certificates,omitempty"` // SHA-256 of the public key (SPKI), hex: of client certificates
	Sentence     Sentences      `json:"sentence" toml:"sentence"`                             // what callers are told, by evidence; a prompt that is missing makes the site not ready
}

// Workstation is a browser that an administrator registered at a site: it holds the private half of Key and does not give
// it away. Its sessions are attested there until its last day.
type Workstation struct {
	ID    ID     `json:"id" toml:"id"`
	Name  string `json:"name" toml:"name"` // of the machine, never of a person
	Site  ID     `json:"site" toml:"site"`
	Key   string `json:"key" toml:"key"`     // P-256 public key, SubjectPublicKeyInfo, base64
	Until Date   `json:"until" toml:"until"` // the last day
}

// Exception is an act of the data protection officer for one agent who works with a screen reader: until its last day that
// agent is offered cases that are shown as images only. Nothing else changes: the images stay images. The reasons stand in
// the document that Reference names, not here: they may tell of somebody's health.
type Exception struct {
	ID        ID     `json:"id" toml:"id"`
	Agent     ID     `json:"agent" toml:"agent"`
	Ground    Ground `json:"ground" toml:"ground"`
	Reference string `json:"reference" toml:"reference"` // the decision and its reasons, for people
	From      Date   `json:"from" toml:"from"`           // the first day
	Until     Date   `json:"until" toml:"until"`         // the last day
	By        ID     `json:"by,omitempty" toml:"-"`      // account of the officer whose act it is
}

// Holds says whether an instant is within its days.
func (x *Exception) Holds(at time.Time) bool {
	from, until, ok := x.Edges()
	return ok && !at.Before(from) && at.Before(until)
}

// Edges are its first instant and the one after its last, false when its days are none.
func (x *Exception) Edges() (from, until time.Time, ok bool) {
	from, okFrom := x.From.Day()
	until, okUntil := x.Until.Day()
	return from, until.AddDate(0, 0, 1), okFrom && okUntil
}

// Ground is why an exception was made, in words that tell nothing of a person.
type Ground string

// The grounds.
const (
	GroundAsked    Ground = "asked"    // the agent asked for it
	GroundAssisted Ground = "assisted" // somebody beside the agent reads the images
	GroundTrial    Ground = "trial"    // to try out, with a report at the end
)

// Grounds is the closed list.
var Grounds = []Ground{GroundAsked, GroundAssisted, GroundTrial}

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
	Nobody        ID            `json:"nobody,omitempty" toml:"nobody,omitempty"` // prompt heard when the law lets nobody answer who is at work
	MaxWaiting    int           `json:"max_waiting" toml:"max_waiting"`           // beyond it callers are refused decently
	Dispositions  []Disposition `json:"dispositions" toml:"dispositions"`
	Recording     *Recording    `json:"recording,omitempty" toml:"recording,omitempty"` // nil: nothing is recorded
	Choice        *Choice       `json:"choice,omitempty" toml:"choice,omitempty"`       // nil: callers are not asked where they want to be answered from
	Shares        []Share       `json:"shares,omitempty" toml:"shares,omitempty"`       // least parts of a day that are answered from an area
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
}

// Agent is what routing knows of a person who answers. The name is a cell under the agent's own subject.
type Agent struct {
	ID      ID         `json:"id" toml:"id"`
	Subject ID         `json:"subject" toml:"-"`
	Site    ID         `json:"site" toml:"site"` // where the employer says the agent works
	Queues  []ID       `json:"queues" toml:"queues"`
	Skills  map[ID]int `json:"skills,omitempty" toml:"skills,omitempty"` // skill → level 1–5
	Device  Device     `json:"device" toml:"device"`
	ByEar   bool       `json:"by_ear,omitempty" toml:"by_ear,omitempty"` // works with a screen reader: is not offered what is shown as images only, but by an Exception
}

// Device is where an agent's calls ring.
type Device struct {
	Kind  string `json:"kind" toml:"kind"`                       // "browser" or "sip"
	URI   string `json:"uri,omitempty" toml:"uri,omitempty"`     // sip:user@host:port of a fixed device
	Trunk ID     `json:"trunk,omitempty" toml:"trunk,omitempty"` // through which it is reached
}

// Account is somebody who may sign in. Name and login are cells under its own subject; an account with an Agent answers.
type Account struct {
	ID      ID     `json:"id" toml:"id"`
	Subject ID     `json:"subject" toml:"-"`
	Name    string `json:"-" toml:"name"`
	Login   string `json:"-" toml:"login"`
	Lang    string `json:"lang,omitempty" toml:"lang,omitempty"` // "fr" or "en"
	Site    ID     `json:"site,omitempty" toml:"site,omitempty"` // where the employer says somebody who answers nothing works

	Telework []ID     `json:"telework,omitempty" toml:"telework,omitempty"` // sites of teleworking that may be stated at sign-in instead
	Roles    []Role   `json:"roles" toml:"roles"`
	Agent    *Agent   `json:"agent,omitempty" toml:"agent,omitempty"`     // its ID and Subject are the account's
	Support  *Support `json:"support,omitempty" toml:"support,omitempty"` // of the role "support": while it stands, they may sign in
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
	TypeOpening   = "opening"
	TypePack      = "pack"
	TypeRest      = "rest"
	// TypeWorkstation is of registered browsers.
	TypeWorkstation = "workstation"
	// TypeException is of acts for one agent.
	TypeException = "exception"
	TypeField     = "field"
)

// SettingTypes is the closed list, in the order in which a folder is applied: each refers only to those before it.
var SettingTypes = []string{
	TypePrincipal, TypeCompany, TypePack, TypeFrame, TypeMatrix, TypeSafeguard, TypePrompt, TypeSite, TypeRest, TypeQueue, TypeOpening, TypeFlow,
	TypeNumber, TypeTrunk, TypeCard, TypeField, TypeRules, TypeWorkstation, TypeAccount, TypeException,
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
	Openings    map[ID]*Opening // by Site
	Packs       map[ID]*RulePack
	Rests       map[ID]*Rest

	Workstations map[ID]*Workstation
	Exceptions   map[ID]*Exception
	Fields       map[ID]*Field
}

// Profile is the one in force, Souverain when none is set.
func (s *Settings) Profile() Profile {
	if s.Frame == nil {
		return Souverain
	}
	return s.Frame.Profile
}
