// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"cmp"
	"context"
	"slices"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/policy"
)

// frameWriters are the roles that propose and confirm a profile, and read the matrices.
var frameWriters = []string{access.RoleDPO, access.RoleAdministrator}

// Frame is the profile in force, which everybody is shown, and what is about to change.
type Frame struct {
	Profile      rivage.Profile `json:"profile" enum:"souverain,encadre"`
	Stopped      bool           `json:"stopped,omitempty" doc:"nothing is opened from where who asks sits: what is on the screen goes"`
	Proposed     rivage.Profile `json:"proposed,omitempty" enum:"souverain,encadre"`
	ProposedBy   string         `json:"proposed_by,omitempty" doc:"name of who proposed it"`
	Mine         bool           `json:"mine,omitempty" doc:"who asks proposed it, and cannot confirm it"`
	Tied         bool           `json:"tied,omitempty" doc:"who asks counts as one person with who proposed it, and cannot confirm it"`
	Consequences []Consequence  `json:"consequences,omitempty" doc:"what the proposed profile would change"`
	Due          []Due          `json:"due" nullable:"false" doc:"safeguards, adequacies, declared connections and times to object that end within 90 days, or have ended"`
}

// Consequence is one answer that another profile would change.
type Consequence struct {
	Principal rivage.ID        `json:"principal"`
	Site      rivage.ID        `json:"site"`
	SiteName  string           `json:"site_name"`
	Country   rivage.Country   `json:"country"`
	Class     rivage.DataClass `json:"class"`
	Action    rivage.Action    `json:"action"`
	Allowed   bool             `json:"allowed" doc:"what would be"`
	Reason    string           `json:"reason,omitempty" doc:"of a refusal"`
}

// The kinds of what ends when it is no safeguard.
const (
	KindAdequacy  rivage.SafeguardKind = "adequacy"  // of a country
	KindObjection rivage.SafeguardKind = "objection" // the time in which a client organisation may object to a site
)

// Due is a safeguard, the adequacy of a country, the time to object to a site, or a declared connection, whose end is near, or
// past.
type Due struct {
	ID         rivage.ID            `json:"id"`
	Principal  rivage.ID            `json:"principal"`
	Kind       rivage.SafeguardKind `json:"kind,omitempty" doc:"of a safeguard, or adequacy, or objection, whose id is the site's"`
	Connection string               `json:"connection,omitempty" enum:"trunk,card" doc:"kind of a connection"`
	Name       string               `json:"name,omitempty" doc:"of a connection, or of a site"`
	Classes    []rivage.DataClass   `json:"classes,omitempty" doc:"that a connection carries"`
	Company    rivage.ID            `json:"company,omitempty"`
	Country    rivage.Country       `json:"country,omitempty"`
	Reference  string               `json:"reference"`
	Until      rivage.Date          `json:"until"`
	Days       int                  `json:"days" doc:"until the last day, negative once it is past"`
	Warning    int                  `json:"warning" doc:"90, 30 or 7; 0 once it is over"`
}

// Frame is what everybody is shown; what would change, and what ends, is for those who answer for it.
func (v *View) Frame(ctx context.Context, u User) (Frame, error) {
	s := v.c.Settings()
	f := Frame{Profile: s.Profile(), Due: []Due{}}
	if s.Frame != nil {
		f.Stopped = slices.Contains(s.Frame.Stopped, u.Place.Country) || slices.Contains(s.Frame.Stopped, u.Place.Seen)
	}
	if !u.Is(frameWriters...) {
		return f, nil
	}
	if s.Frame != nil && s.Frame.Proposed != "" {
		f.Proposed, f.Mine = s.Frame.Proposed, s.Frame.ProposedBy == u.Account
		name, err := v.name(ctx, s.Frame.ProposedBy)
		if err != nil && rivage.CodeOf(err) != rivage.NotFound { // the command line has no account
			return Frame{}, err
		}
		f.ProposedBy = cmp.Or(name, string(s.Frame.ProposedBy))
		if f.Tied, err = v.tied(ctx, u, s.Frame.ProposedBy); err != nil {
			return Frame{}, err
		}
		f.Consequences = v.consequences(s, u, f.Proposed)
	}
	f.Due = v.due(s, u)
	return f, nil
}

// due are the ends that concern u, the most urgent first.
func (v *View) due(s *rivage.Settings, u User) []Due {
	list, now := []Due{}, v.c.Clock.Now()
	for _, d := range policy.DueAt(s, now) {
		if d.Safeguard == nil {
			list = append(list, Due{
				ID: d.Name(), Principal: rivage.Organisation, Kind: KindAdequacy, Country: d.Adequacy, Until: d.Until, Days: d.Days, Warning: d.Warning,
			})
			continue
		}
		if g := d.Safeguard; u.Covers(g.Principal, frameWriters...) {
			list = append(list, Due{
				ID: g.ID, Principal: g.Principal, Kind: g.Kind, Company: g.Company, Country: g.Country, Reference: g.Reference,
				Until: g.Until, Days: d.Days, Warning: d.Warning,
			})
		}
	}
	for _, d := range policy.ObjectionsAt(s, now) {
		if site := s.Sites[d.Site]; site != nil && u.Covers(d.Principal, frameWriters...) {
			list = append(list, Due{
				ID: d.Site, Principal: d.Principal, Kind: KindObjection, Name: site.Name, Company: site.Company, Country: site.Country,
				Until: d.Until, Days: d.Days, Warning: d.Warning,
			})
		}
	}
	for _, d := range policy.EndingAt(s, now) {
		if c := d.Connection; u.Covers(c.Principal, frameWriters...) {
			list = append(list, Due{
				ID: c.Of, Principal: c.Principal, Connection: c.Kind, Name: c.Name, Classes: c.Declared.Classes, Company: c.Provider,
				Country: c.Country, Reference: c.Declared.Basis, Until: c.Declared.Until, Days: d.Days, Warning: d.Warning,
			})
		}
	}
	slices.SortStableFunc(list, func(a, b Due) int { return cmp.Compare(a.Days, b.Days) })
	return list
}

// Consequences are what another profile would change of what the rules answer today, by site, class and action.
func (v *View) Consequences(_ context.Context, u User, p rivage.Profile) ([]Consequence, error) {
	if !u.Is(frameWriters...) || !slices.Contains(rivage.Profiles, p) {
		return nil, notFound("look at a profile")
	}
	return v.consequences(v.c.Settings(), u, p), nil
}

// best is the most that can be proved at a site: nothing attests a home.
func best(site *rivage.Site) rivage.Evidence {
	if site.Telework {
		return rivage.Declared
	}
	return rivage.Attested
}

func (v *View) consequences(s *rivage.Settings, u User, p rivage.Profile) []Consequence {
	now, gate := v.c.Clock.Now(), v.c.Gate()
	other, list := gate.As(p), []Consequence{}
	for _, principal := range u.principals(s, frameWriters...) {
		for _, site := range sitesOf(s) {
			for _, class := range rivage.DataClasses {
				for _, action := range rivage.Actions {
					q := policy.Request{
						Principal: principal, Action: action, Mode: modes[action], Class: class, Purpose: usual[action],
						Place: rivage.Place{Site: site.ID, Company: site.Company, Country: site.Country, Evidence: best(site), Telework: site.Telework},
					}
					if after := other.Decide(other.Tried(q), now); after.Allowed != gate.Decide(gate.Tried(q), now).Allowed {
						list = append(list, Consequence{
							Principal: principal, Site: site.ID, SiteName: site.Name, Country: site.Country, Class: class, Action: action,
							Allowed: after.Allowed, Reason: refusalOf(after),
						})
					}
				}
			}
		}
	}
	return list
}

func refusalOf(d rivage.Decision) string {
	if d.Allowed {
		return ""
	}
	return d.Reason
}

// sitesOf are the sites in the order in which tables show them.
func sitesOf(s *rivage.Settings) []*rivage.Site {
	sites := make([]*rivage.Site, 0, len(s.Sites))
	for _, site := range s.Sites {
		sites = append(sites, site)
	}
	slices.SortFunc(sites, func(a, b *rivage.Site) int {
		return cmp.Or(cmp.Compare(a.Company, b.Company), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return sites
}

// Law is the total table that bounds a Principal's rules, and whom it tells apart.
type Law struct {
	Profile   rivage.Profile     `json:"profile" enum:"souverain,encadre"`
	Cells     []policy.FrameCell `json:"cells" nullable:"false"`
	Companies []LawCompany       `json:"companies" nullable:"false"`
}

// LawCompany is a company with the laws it answers to, outside the Union's.
type LawCompany struct {
	ID        rivage.ID         `json:"id"`
	Name      string            `json:"name"`
	Country   rivage.Country    `json:"country"`
	Exposures []rivage.Exposure `json:"exposures" nullable:"false"`
	Exposed   bool              `json:"exposed"`
}

// Law reads the table of a Principal.
func (v *View) Law(_ context.Context, u User, principal rivage.ID) (Law, error) {
	s := v.c.Settings()
	if s.Principals[principal] == nil || !u.Covers(principal, frameWriters...) {
		return Law{}, notFound("read the matrix")
	}
	l := Law{Profile: v.c.Gate().Profile(), Cells: v.c.Gate().FrameTable(principal, v.c.Clock.Now()), Companies: []LawCompany{}}
	if l.Cells == nil {
		l.Cells = []policy.FrameCell{}
	}
	for id, c := range s.Companies {
		e := policy.ExposuresOf(c)
		l.Companies = append(l.Companies, LawCompany{id, c.Name, c.Country, e, e[0] != rivage.ExposureNone})
	}
	slices.SortFunc(l.Companies, func(a, b LawCompany) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return l, nil
}
