// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"
	"fmt"

	"rivage.example/rivage"
)

// Why says why the offer of entry seq went to that agent, and of every other agent why not, by running the decision
// again.
func (v *View) Why(ctx context.Context, u User, seq rivage.Seq) (Why, error) {
	e, err := v.c.Log.Entry(ctx, seq)
	if err != nil {
		return Why{}, err
	}
	f, ok := e.Facts.(*rivage.InteractionOffered)
	if !ok {
		return Why{}, notFound("read offer")
	}
	row, err := v.c.Rows.Interaction(ctx, u.reach(v.c.Settings()), f.Interaction)
	if err != nil {
		return Why{}, err
	}
	if !u.sees(&row) {
		return Why{}, notFound("read offer")
	}
	w, err := v.why(ctx, u, &e, f)
	if err != nil {
		return Why{}, err
	}
	all, err := v.c.Replay(ctx, seq)
	if err != nil {
		return Why{}, fmt.Errorf("replay offer %d: %w", seq, err)
	}
	s, reasons := v.c.Settings(), v.ruleReasons(row.Principal)
	w.Differs = all.Differs
	for _, c := range all.All {
		if c.Agent != f.Agent && !u.seesAgent(s, c.Agent, c.Place.Site) {
			continue // counted in what was set aside; not his to name
		}
		name, err := v.name(ctx, c.Agent)
		if err != nil {
			return Why{}, err
		}
		w.All = append(w.All, Candidate{
			Agent: c.Agent, Name: name, Site: c.Place.Site, SiteName: siteName(s, c.Place.Site), Country: c.Place.Vouched(),
			Evidence: place(s, c.Place).Evidence, IdleMs: c.Idle / 1000, Eligible: c.Eligible,
			Chosen: c.Agent == all.Agent, Reason: c.Reason, Rule: c.Rule, RuleReason: reasons[c.Rule],
		})
	}
	return w, nil
}

// why is what the entry itself says.
func (v *View) why(ctx context.Context, u User, e *rivage.Stored, f *rivage.InteractionOffered) (Why, error) {
	s := v.c.Settings()
	name, err := v.name(ctx, f.Agent)
	if err != nil {
		return Why{}, err
	}
	w := Why{
		Offer: f.Offer, Seq: e.Seq, At: instant(e.At), Agent: f.Agent, AgentName: name, Site: f.Place.Site,
		SiteName: siteName(s, f.Place.Site), IdleMs: f.Idle / 1000, Candidates: f.Candidates, RunnersUp: []RunnerUp{}, SetAside: []SetAside{},
	}
	if e.LeafText != nil {
		l, err := rivage.ParseLeaf(e.LeafText)
		if err != nil {
			return Why{}, fmt.Errorf("read entry %d: %w", e.Seq, err)
		}
		w.Rules = l.Rules
	}
	for _, r := range f.RunnersUp {
		if !u.seesAgent(s, r.Agent, "") {
			continue
		}
		up := RunnerUp{Agent: r.Agent, IdleMs: int64(r.Idle) / 1000}
		if up.Name, err = v.name(ctx, r.Agent); err != nil {
			return Why{}, err
		}
		if a := s.Agents[r.Agent]; a != nil {
			up.Site, up.SiteName = a.Site, siteName(s, a.Site)
		}
		w.RunnersUp = append(w.RunnersUp, up)
	}
	reasons := v.ruleReasons(e.Principal)
	for _, c := range f.SetAside {
		w.SetAside = append(w.SetAside, SetAside{
			Reason: c.Reason, Rule: c.Rule, RuleReason: reasons[c.Rule], Site: c.Site, SiteName: siteName(s, c.Site), N: c.N,
		})
	}
	return w, nil
}

// siteName is what people call a site, "" for none or one that is gone.
func siteName(s *rivage.Settings, id rivage.ID) string {
	if site := s.Sites[id]; site != nil {
		return site.Name
	}
	return ""
}
