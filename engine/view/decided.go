// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/policy"
)

// Decide makes the decision of an entry again, under what was in force then. NotFound for an entry that holds none.
type Decide func(ctx context.Context, seq rivage.Seq) (Redecided, error)

// Redecided is a decision of the log, made again.
type Redecided struct {
	Request  policy.Request
	Decision rivage.Decision
	Bounds   []policy.Bound
	Rules    []policy.RuleTrace
	InForce  []InForce
}

// InForce is a document that decided, and when it was set.
type InForce struct {
	Type    string // rivage.TypeRules, TypeFrame, TypeMatrix, TypePack, TypeOpening or, for a field of a card, TypeCard
	ID      rivage.ID
	Version int64
	Seq     rivage.Seq
	At      rivage.Micros
}

// Version is a document that decided: which, and the entry that set it.
type Version struct {
	Type    string     `json:"type" enum:"rules,frame,matrix,pack,opening,card"`
	ID      rivage.ID  `json:"id"`
	Version int64      `json:"version"`
	Seq     rivage.Seq `json:"seq"`
	At      Instant    `json:"at"`
}

// Decided is one decision explained: what was asked, what the entry says, what is found when it is made again, layer by
// layer and rule by rule, and the documents that decided.
type Decided struct {
	Seq      rivage.Seq         `json:"seq"`
	Kind     rivage.Kind        `json:"kind"`
	At       Instant            `json:"at"`
	Action   rivage.Action      `json:"action"`
	Class    rivage.DataClass   `json:"class,omitempty"`
	Mode     rivage.Mode        `json:"mode"`
	Purpose  rivage.Purpose     `json:"purpose"`
	Field    string             `json:"field,omitempty"`
	Site     rivage.ID          `json:"site,omitempty"`
	SiteName string             `json:"site_name,omitempty"`
	Company  string             `json:"company,omitempty"`
	Country  rivage.Country     `json:"country,omitempty"` // vouched for
	Evidence rivage.Evidence    `json:"evidence" enum:"attested,declared,unknown"`
	Outcome  string             `json:"outcome"`        // as the entry says
	Rule     string             `json:"rule,omitempty"` // as the entry says
	Hash     string             `json:"hash,omitempty"` // of what decided, as the entry says; "" when its text is gone
	Again    rivage.Decision    `json:"again"`          // made again now
	Gone     bool               `json:"gone,omitempty" doc:"the text of the entry is gone at the end of its class: nothing can be compared"`
	Agrees   bool               `json:"agrees"` // again finds the same rule and what decided
	Bounds   []policy.Bound     `json:"bounds" nullable:"false"`
	Rules    []policy.RuleTrace `json:"rules" nullable:"false"`
	InForce  []Version          `json:"in_force" nullable:"false"`
}

// WhyDecided explains the decision of an entry about an interaction that u may see, or, for a DPO, of any entry of the
// client organisations in reach.
func (v *View) WhyDecided(ctx context.Context, u User, seq rivage.Seq) (Decided, error) {
	e, err := v.c.Log.Entry(ctx, seq)
	if err != nil {
		return Decided{}, err
	}
	if err := v.mayAskWhy(ctx, u, &e); err != nil {
		return Decided{}, err
	}
	r, err := v.c.Decide(ctx, seq)
	if err != nil {
		return Decided{}, err
	}
	s, q := v.c.Settings(), r.Request
	d := Decided{
		Seq: seq, Kind: e.Kind, At: instant(e.At), Action: q.Action, Class: q.Class, Mode: q.Mode, Purpose: q.Purpose, Field: q.Field,
		Site: q.Place.Site, SiteName: siteName(s, q.Place.Site), Country: q.Place.Vouched(), Evidence: q.Place.Evidence,
		Again: r.Decision, Bounds: append([]policy.Bound{}, r.Bounds...), Rules: append([]policy.RuleTrace{}, r.Rules...),
		InForce: []Version{},
	}
	for _, f := range r.InForce {
		d.InForce = append(d.InForce, Version{f.Type, f.ID, f.Version, f.Seq, instant(f.At)})
	}
	if c := s.Companies[q.Place.Company]; c != nil {
		d.Company = c.Name
	}
	if e.LeafText != nil {
		leaf, err := rivage.ParseLeaf(e.LeafText)
		if err != nil {
			return Decided{}, err
		}
		d.Outcome, d.Rule, d.Hash = leaf.Outcome, leaf.Rule, leaf.Rules
	}
	d.Gone = e.LeafText == nil
	d.Agrees = !d.Gone && d.Hash == r.Decision.Rules && d.Rule == r.Decision.Rule && (d.Outcome != "shown" || !r.Decision.Masked && !r.Decision.Remote)
	return d, nil
}

// mayAskWhy says NotFound of what u may not know of.
func (v *View) mayAskWhy(ctx context.Context, u User, e *rivage.Stored) error {
	interaction := InteractionOf(e.Facts)
	if interaction == "" {
		if u.Covers(e.Principal, access.RoleDPO) {
			return nil
		}
		return notFound("read decision")
	}
	row, err := v.c.Rows.Interaction(ctx, u.reach(v.c.Settings()), interaction)
	if err != nil {
		return err
	}
	if !u.sees(&row) {
		return notFound("read decision")
	}
	return nil
}

// InteractionOf is the interaction that a decision, or an entry in a person's stream, is about; "" for none.
func InteractionOf(f rivage.Facts) rivage.ID {
	switch f := f.(type) {
	case *rivage.InteractionOffered:
		return f.Interaction
	case *rivage.InteractionAnswered:
		return f.Interaction
	case *rivage.RecordingStarted:
		return f.Interaction
	case *rivage.RecordingPlayed:
		return f.Interaction
	case *rivage.FieldShown:
		return f.Interaction
	case *rivage.PersonsSearched:
		return f.Interaction
	case *rivage.PersonKept:
		return f.Interaction
	case *rivage.PersonsMerged:
		return f.Interaction
	case *rivage.MergeUndone:
		return f.Interaction
	}
	return ""
}
