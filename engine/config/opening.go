// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// signedBefore gives a decision that stands as it was taken who took it and when. Neither is for a document to say.
func signedBefore(old, wanted *rivage.Opening) *rivage.Opening {
	if wanted.Decision == nil {
		return wanted
	}
	t, d := *wanted, *wanted.Decision
	d.By = ""
	if old != nil && old.Decision != nil && same(old.Decision, &d) {
		d = *old.Decision
	}
	t.Decision = &d
	return &t
}

// same says whether a decision is the one that was taken; a document may leave its day out.
func same(old, d *rivage.OpeningDecision) bool {
	return d.Verdict == old.Verdict && d.Reason == old.Reason && (d.On == "" || d.On == old.On)
}

// decided sees to it that an opening is decided by a person who is signed in, and that what they decided on stays what it
// was: only answers of client organisations come after. Whoever changes more takes the decision out, and the site closes.
func decided(old, wanted *rivage.Opening, site *rivage.Site, by rivage.ID, at time.Time) (*rivage.Opening, error) {
	if wanted.Decision == nil {
		return wanted, nil
	}
	if wanted.Decision.By != "" { // taken before
		if !maps.Equal(fieldsOf(ground(old)), fieldsOf(ground(wanted))) {
			return nil, &rivage.Error{Code: rivage.Invalid, Message: "change the opening of " + string(wanted.ID) +
				": it was decided as it stood: take the decision out, which closes the site, and decide again"}
		}
		return wanted, nil
	}
	if by == "" || by == rivage.CommandLine {
		return nil, &rivage.Error{Code: rivage.Denied, Message: "decide the opening of " + string(wanted.ID) +
			": a person who is signed in decides, in the control room, and not the command line: leave [decision] out"}
	}
	t, d := *wanted, *wanted.Decision
	d.By, d.On = by, rivage.Date(at.UTC().Format(time.DateOnly))
	if site != nil {
		d.Company, d.Country = site.Company, site.Country
	}
	t.Decision = &d
	return &t, nil
}

// begin starts the dossier of a site that comes to stand outside the EEA, or in another country there: it is closed until
// somebody decides. Of a first configuration nothing is open yet; abroad names its sites.
func (p *Plan) begin() {
	if p.fresh() {
		return
	}
	for _, k := range p.after.Keys() {
		site, ok := p.after.things[k].(*rivage.Site)
		dossier := Key{rivage.TypeOpening, k.ID}
		if !ok || !outside(site.Country) || p.after.things[dossier] != nil {
			continue
		}
		if old := find[rivage.Site](p.before, k.Type, k.ID); old == nil || old.Country != site.Country {
			p.after.put(dossier, &rivage.Opening{ID: k.ID}, origin{})
		}
	}
}

// abroad names the sites outside the EEA that no dossier binds: nothing but the rules and the frame keeps them.
func (p *Plan) abroad() (lines []string) {
	for _, k := range p.after.Keys() {
		site, ok := p.after.things[k].(*rivage.Site)
		if ok && outside(site.Country) && p.after.things[Key{rivage.TypeOpening, k.ID}] == nil {
			lines = append(lines, fmt.Sprintf("! site %s : hors de l'EEE (%s), sans dossier d'ouverture (openings/%s.toml)", k.ID, site.Country, k.ID))
		}
	}
	return lines
}

func outside(c rivage.Country) bool {
	return !slices.Contains([]rivage.Zone{rivage.ZoneFR, rivage.ZoneFRRUP, rivage.ZoneEU, rivage.ZoneEEA}, policy.ZoneOf(c))
}

func ground(o *rivage.Opening) *rivage.Opening {
	g := o.Ground()
	return &g
}
