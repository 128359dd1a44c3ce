// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"
	"slices"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// Openings are the dossiers of sites, and the sites that have none.
type Openings struct {
	Openings []Opening        `json:"openings" nullable:"false"`
	Without  []SiteWithoutOne `json:"without" nullable:"false" doc:"sites that no dossier binds"`
}

// SiteWithoutOne is a site that has no dossier.
type SiteWithoutOne struct {
	ID      rivage.ID      `json:"id"`
	Name    string         `json:"name"`
	Country rivage.Country `json:"country"`
	Abroad  bool           `json:"abroad" doc:"outside the EEA"`
}

// Opening is the dossier of one site, and what it still lacks.
type Opening struct {
	ID       rivage.ID             `json:"id" doc:"of the site"`
	Name     string                `json:"name"`
	Country  rivage.Country        `json:"country"`
	Company  string                `json:"company" doc:"its name"`
	Agents   int                   `json:"agents" doc:"people who answer from there today"`
	Scope    *rivage.TrialScope    `json:"scope,omitempty"`
	Notice   *rivage.CountryNotice `json:"notice,omitempty"`
	Clients  []OpeningClient       `json:"clients" nullable:"false"`
	Opinions []rivage.Opinion      `json:"opinions" nullable:"false"`
	Missing  []string              `json:"missing" nullable:"false" doc:"steps without which nobody can decide go: scope, notice, clients, opinions"`
	Decision *OpeningDecision      `json:"decision,omitempty"`
}

// OpeningClient is what was said to a client organisation, what it answered, and how far its data may be reached there now.
type OpeningClient struct {
	rivage.ClientTold
	Name     string          `json:"name"`
	Standing policy.Standing `json:"standing" enum:"open,undecided,refused,untold,deadline,objected,outside"`
	Until    rivage.Date     `json:"until,omitempty" doc:"last day on which it may object, while that keeps the site closed to it"`
}

// OpeningDecision is a decision with the name of who took it.
type OpeningDecision struct {
	Verdict rivage.OpeningVerdict `json:"verdict" enum:"go,no-go"`
	Reason  string                `json:"reason"`
	On      rivage.Date           `json:"on"`
	ByName  string                `json:"by_name,omitempty" doc:"\"\" once the name is erased"`
}

// Openings reads the dossiers. They are for those who answer for the whole organisation.
func (v *View) Openings(ctx context.Context, u User) (Openings, error) {
	s := v.c.Settings()
	if !u.Covers(rivage.Organisation, frameWriters...) {
		return Openings{}, notFound("read openings")
	}
	all := Openings{Openings: []Opening{}, Without: []SiteWithoutOne{}}
	for _, site := range sitesOf(s) {
		o := s.Openings[site.ID]
		if o == nil {
			all.Without = append(all.Without, SiteWithoutOne{site.ID, site.Name, site.Country, abroad(site.Country)})
			continue
		}
		one, err := v.opening(ctx, s, site, o)
		if err != nil {
			return Openings{}, err
		}
		all.Openings = append(all.Openings, one)
	}
	return all, nil
}

func abroad(c rivage.Country) bool {
	zone := policy.ZoneOf(c)
	return zone != rivage.ZoneFR && zone != rivage.ZoneFRRUP && zone != rivage.ZoneEU && zone != rivage.ZoneEEA
}

func (v *View) opening(ctx context.Context, s *rivage.Settings, site *rivage.Site, o *rivage.Opening) (Opening, error) {
	x := Opening{
		ID: site.ID, Name: site.Name, Country: site.Country, Company: string(site.Company), Scope: o.Scope, Notice: o.Notice,
		Clients: []OpeningClient{}, Opinions: slices.Clone(o.Opinions), Missing: o.Missing(),
	}
	if c := s.Companies[site.Company]; c != nil {
		x.Company = c.Name
	}
	for _, a := range s.Accounts {
		if a.Agent != nil && (a.Agent.Site == site.ID || slices.Contains(a.Telework, site.ID)) {
			x.Agents++
		}
	}
	if x.Opinions == nil {
		x.Opinions = []rivage.Opinion{}
	}
	for _, told := range o.Clients {
		c := OpeningClient{ClientTold: told, Name: string(told.Principal)}
		if p := s.Principals[told.Principal]; p != nil {
			c.Name = p.Name
		}
		c.Standing, c.Until = policy.Opening(policy.AsDecided(o, site), told.Principal, v.c.Clock.Now())
		x.Clients = append(x.Clients, c)
	}
	if d := o.Decision; d != nil {
		name, err := v.name(ctx, d.By)
		if err != nil && rivage.CodeOf(err) != rivage.NotFound {
			return Opening{}, err
		}
		x.Decision = &OpeningDecision{Verdict: d.Verdict, Reason: d.Reason, On: d.On, ByName: name}
	}
	return x, nil
}
