// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"encoding/json"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/api"
	"rivage.example/rivage/engine/config"
)

// maxTrialChanges bounds the answers that a trial lists.
const maxTrialChanges = 500

// Try implements api.Settings. One trial at a time: it reads the whole journal.
func (s *settings) Try(ctx context.Context, kind string, id rivage.ID, doc json.RawMessage, days int) (api.Trial, error) {
	if !s.trying.TryLock() {
		return api.Trial{}, &rivage.Error{Code: rivage.Busy, Message: "another trial is under way: wait for its end"}
	}
	defer s.trying.Unlock()
	current, err := s.documents(ctx)
	if err != nil {
		return api.Trial{}, err
	}
	wanted := current.Clone()
	if err := wanted.Put(config.Key{Type: kind, ID: id}, doc); err != nil {
		return api.Trial{}, err
	}
	plan, problems := config.Diff(current, wanted, config.Options{})
	if len(problems) > 0 {
		return api.Trial{}, &rivage.Error{Code: rivage.Invalid, Err: errProblems(problems)}
	}
	after, gate, err := plan.After().Settings()
	if err != nil {
		return api.Trial{}, err
	}
	since := time.Time{}
	if days > 0 {
		since = s.clock.Now().AddDate(0, 0, -days)
	}
	t, err := tryChange(ctx, s, after, gate, since)
	if err != nil {
		return api.Trial{}, err
	}
	return t.shown(days), nil
}

// shown is a trial as a screen reads it.
func (t *trial) shown(days int) api.Trial {
	out := api.Trial{Days: days, Changes: []api.TrialChange{}, Changed: len(t.changes), Decisions: t.decisions, Refused: []api.TrialRefused{}}
	for _, c := range t.changes[:min(len(t.changes), maxTrialChanges)] {
		out.Changes = append(out.Changes, api.TrialChange{
			Principal: c.principal, Site: c.place.Site, Evidence: c.place.Evidence, Class: c.request.Class, Action: c.request.Action,
			Purpose: c.request.Purpose, Field: c.request.Field, From: c.from, To: c.to,
		})
	}
	for _, r := range t.refusals() {
		out.Refused = append(out.Refused, api.TrialRefused{Principal: r.principal, Action: r.action, Rule: r.rule, N: t.refused[r]})
	}
	return out
}
