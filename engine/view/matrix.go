// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"
	"slices"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/policy"
)

// Matrix asks the gate everything about a Principal: each site and evidence × class × action.
func (v *View) Matrix(ctx context.Context, u User, principal rivage.ID) (Matrix, error) {
	s := v.c.Settings()
	if s.Principals[principal] == nil || !u.Covers(principal, access.RoleDPO, access.RoleAdministrator) {
		return Matrix{}, notFound("read rules")
	}
	m := Matrix{Classes: classesOf(s, principal), Actions: rivage.Actions, Rows: []MatrixRow{}}
	m.Rows = append(m.Rows, v.matrixRow(&rivage.Site{}, rivage.Unknown, principal, m.Classes)) // who has no site
	for _, site := range sitesOf(s) {
		for _, e := range rivage.Evidences {
			if err := ctx.Err(); err != nil {
				return Matrix{}, err
			}
			if e == rivage.Attested && site.Telework {
				continue // nothing attests a home
			}
			m.Rows = append(m.Rows, v.matrixRow(site, e, principal, m.Classes))
		}
	}
	return m, nil
}

func (v *View) matrixRow(site *rivage.Site, e rivage.Evidence, principal rivage.ID, classes []rivage.DataClass) MatrixRow {
	p := rivage.Place{
		Site: site.ID, Company: site.Company, Country: site.Country, Zone: policy.ZoneOf(site.Country), Evidence: e,
		Telework: site.Telework,
	}
	if e == rivage.Unknown {
		p.Zone = rivage.ZoneOther
	}
	gate, now := v.c.Gate(), v.c.Clock.Now()
	row := MatrixRow{
		Company: p.Company, Site: site.ID, SiteName: site.Name, Country: p.Country, Zone: p.Zone, Evidence: e,
		Cells: []MatrixCell{},
	}
	for _, class := range classes {
		for _, action := range rivage.Actions {
			d := gate.Decide(gate.Tried(policy.Request{
				Principal: principal, Action: action, Mode: modes[action], Class: class,
				Purpose: usual[action], Place: p,
			}), now)
			row.Cells = append(row.Cells, MatrixCell{
				Class: class, Action: action, Mode: modes[action],
				Allowed: d.Allowed, Masked: d.Masked, Remote: d.Remote, Rule: d.Rule, Reason: d.Reason, Basis: d.Basis,
			})
		}
	}
	return row
}

// usual is the purpose each action mostly serves; rules may tell others apart.
var usual = map[rivage.Action]rivage.Purpose{
	rivage.ActOffer: rivage.PurposeService, rivage.ActLeg: rivage.PurposeService, rivage.ActField: rivage.PurposeService,
	rivage.ActRecord: rivage.PurposeQuality, rivage.ActPlayback: rivage.PurposeQuality,
	rivage.ActExport: rivage.PurposeEvidence,
}

// classesOf are the classes every installation has and those of the Principal's own queues.
func classesOf(s *rivage.Settings, principal rivage.ID) []rivage.DataClass {
	classes := slices.Clone(rivage.DataClasses)
	var own []rivage.DataClass
	for _, q := range s.Queues {
		if q.Principal == principal && !slices.Contains(classes, q.Class) && !slices.Contains(own, q.Class) {
			own = append(own, q.Class)
		}
	}
	slices.Sort(own)
	return append(classes, own...)
}
