// SPDX-License-Identifier: EUPL-1.2

package rivage

import "slices"

// Opening is the dossier of a site before it opens: what is tried there, what the law of its country lets authorities reach,
// which client organisations were told and what they answered, who was heard, and the decision (GDPR art. 28(2)). A site that
// has one is closed to a Principal until it says otherwise. There is at most one for a site, and it bears the site's id.
type Opening struct {
	ID       ID               `json:"id" toml:"id"` // the Site's
	Scope    *TrialScope      `json:"scope,omitempty" toml:"scope,omitempty"`
	Notice   *CountryNotice   `json:"notice,omitempty" toml:"notice,omitempty"`
	Clients  []ClientTold     `json:"clients,omitempty" toml:"clients,omitempty"`
	Opinions []Opinion        `json:"opinions,omitempty" toml:"opinions,omitempty"`
	Decision *OpeningDecision `json:"decision,omitempty" toml:"decision,omitempty"`
}

// TrialScope is the most that is tried at a site.
type TrialScope struct {
	Queues  []ID        `json:"queues" toml:"queues"`
	Classes []DataClass `json:"classes" toml:"classes"`
	Modes   []Mode      `json:"modes" toml:"modes"`
	Agents  int         `json:"agents" toml:"agents"` // how many people work there, at most
	From    Date        `json:"from" toml:"from"`     // the first day
	Until   Date        `json:"until" toml:"until"`   // the last day
}

// CountryNotice says what the law of the country lets its authorities reach.
type CountryNotice struct {
	Text   string `json:"text" toml:"text"`
	Source string `json:"source" toml:"source"`
	Date   Date   `json:"date" toml:"date"` // of the source
}

// ClientTold is a client organisation that the opening concerns, what it was told, and what it answered.
type ClientTold struct {
	Principal      ID           `json:"principal" toml:"principal"`
	ToldOn         Date         `json:"told_on,omitempty" toml:"told_on,omitempty"`                 // "" before it was told
	ObjectionUntil Date         `json:"objection_until,omitempty" toml:"objection_until,omitempty"` // last day on which it may object
	Answer         ClientAnswer `json:"answer,omitempty" toml:"answer,omitempty"`
	AnsweredOn     Date         `json:"answered_on,omitempty" toml:"answered_on,omitempty"`
	Reference      string       `json:"reference,omitempty" toml:"reference,omitempty"` // of its answer
}

// ClientAnswer is what a client organisation said to an opening; "" is nothing.
type ClientAnswer string

// The answers of a client organisation.
const (
	ClientAccepted ClientAnswer = "accepted"
	ClientObjected ClientAnswer = "objected"
)

// ClientAnswers is the closed list.
var ClientAnswers = []ClientAnswer{ClientAccepted, ClientObjected}

// Opinion is what somebody who is heard before the decision said, by their role: never a person's name.
type Opinion struct {
	Of        string      `json:"of" toml:"of"` // "CSE", "DPO", "RSSI"
	Opinion   OpinionKind `json:"opinion,omitempty" toml:"opinion,omitempty"`
	On        Date        `json:"on,omitempty" toml:"on,omitempty"`
	Reference string      `json:"reference,omitempty" toml:"reference,omitempty"` // the document
}

// OpinionKind is which way an opinion goes; "" is awaited.
type OpinionKind string

// The kinds of opinions.
const (
	OpinionFavourable   OpinionKind = "favourable"
	OpinionReserved     OpinionKind = "reserved"
	OpinionUnfavourable OpinionKind = "unfavourable"
)

// OpinionKinds is the closed list.
var OpinionKinds = []OpinionKind{OpinionFavourable, OpinionReserved, OpinionUnfavourable}

// OpeningDecision is what a person who was signed in decided.
type OpeningDecision struct {
	Verdict OpeningVerdict `json:"verdict" toml:"verdict"`
	Reason  string         `json:"reason" toml:"reason"`
	On      Date           `json:"on,omitempty" toml:"on,omitempty"` // written by whoever keeps it, not by who asks
	By      ID             `json:"by,omitempty" toml:"-"`            // account, likewise
	Company ID             `json:"company,omitempty" toml:"-"`       // of the site as it was decided on; another one is not what was decided
	Country Country        `json:"country,omitempty" toml:"-"`       // likewise
}

// OpeningVerdict is go or no-go.
type OpeningVerdict string

// The verdicts.
const (
	Go   OpeningVerdict = "go"
	NoGo OpeningVerdict = "no-go"
)

// OpeningVerdicts is the closed list.
var OpeningVerdicts = []OpeningVerdict{Go, NoGo}

// Ground is what a decision rests on: the dossier without the decision, and without what client organisations answer, which
// may come later.
func (o *Opening) Ground() Opening {
	g := *o
	g.Decision, g.Clients = nil, slices.Clone(o.Clients)
	for i := range g.Clients {
		g.Clients[i].Answer, g.Clients[i].AnsweredOn, g.Clients[i].Reference = "", "", ""
	}
	return g
}

// Client is what the dossier says of a Principal, nil when it does not concern it.
func (o *Opening) Client(principal ID) *ClientTold {
	for i := range o.Clients {
		if o.Clients[i].Principal == principal {
			return &o.Clients[i]
		}
	}
	return nil
}

// AwaitedOpinions are those that were asked for and are not there, by role.
func (o *Opening) AwaitedOpinions() (of []string) {
	for _, x := range o.Opinions {
		if x.Opinion == "" {
			of = append(of, x.Of)
		}
	}
	return of
}

// The steps of a dossier before its decision.
const (
	StepScope    = "scope"
	StepNotice   = "notice"
	StepClients  = "clients"
	StepOpinions = "opinions"
)

// Missing are the steps without which nobody can decide go: no client organisation was told, no opinion is there or one is
// awaited.
func (o *Opening) Missing() []string {
	steps := []string{}
	if o.Scope == nil {
		steps = append(steps, StepScope)
	}
	if o.Notice == nil {
		steps = append(steps, StepNotice)
	}
	if !slices.ContainsFunc(o.Clients, func(c ClientTold) bool { return c.ToldOn != "" }) {
		steps = append(steps, StepClients)
	}
	if len(o.Opinions) == 0 || len(o.AwaitedOpinions()) > 0 {
		steps = append(steps, StepOpinions)
	}
	return steps
}
