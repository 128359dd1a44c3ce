// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/acd"
	"rivage.example/rivage/engine/config"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/engine/view"
	"rivage.example/rivage/record/store"
)

// replayed is one offer decided again: the settings, rules and presences of that moment, from the log alone.
type replayed struct {
	entry    rivage.Stored
	offered  *rivage.InteractionOffered
	settings *rivage.Settings
	verdicts []acd.Verdict
}

// replay runs the decision of an InteractionOffered again.
func replay(ctx context.Context, s *store.Store, seq rivage.Seq) (*replayed, error) {
	e, err := s.Entry(ctx, seq)
	if err != nil {
		return nil, err
	}
	offered, ok := e.Facts.(*rivage.InteractionOffered)
	if !ok {
		return nil, &rivage.Error{Code: rivage.Invalid, Message: fmt.Sprintf("entry %d is a %s: only an InteractionOffered says why an agent was chosen", seq, e.Kind)}
	}
	settings, gate, err := settingsAt(ctx, s, seq)
	if err != nil {
		return nil, err
	}
	at := e.At.Time()
	router := acd.New(func(queue rivage.ID, place rivage.Place) rivage.Decision {
		q := settings.Queues[queue]
		if q == nil {
			return rivage.Decision{}
		}
		return gate.Decide(policy.Request{
			Principal: q.Principal, Action: rivage.ActOffer, Class: q.Class, Mode: rivage.ModeVoice,
			Purpose: rivage.PurposeService, Place: place,
		}, at)
	})
	for id, q := range settings.Queues {
		router.SetQueue(acd.Queue{ID: id, Skills: q.Skills})
	}
	states, err := s.LastBefore(ctx, "agent", seq)
	if err != nil {
		return nil, err
	}
	for i := range states {
		f, ok := states[i].Facts.(*rivage.AgentStateSet)
		if !ok || settings.Agents[f.Agent] == nil {
			continue
		}
		set := settings.Agents[f.Agent]
		why := ""
		if f.State != rivage.AgentReady {
			why = string(f.State)
		}
		router.SetAgent(acd.Agent{
			ID: f.Agent, Place: f.Place, Queues: set.Queues, Skills: set.Skills, IdleSince: f.IdleSince,
			Available: why == "", Why: why,
		})
	}
	return &replayed{entry: e, offered: offered, settings: settings, verdicts: router.Explain(offered.Queue, e.At)}, nil
}

// settingsAt is what people had set before a sequence, with the gate of its rules.
func settingsAt(ctx context.Context, s *store.Store, seq rivage.Seq) (*rivage.Settings, *policy.Gate, error) {
	entries, err := s.LastBefore(ctx, "config", seq)
	if err != nil {
		return nil, nil, err
	}
	var rows []rivage.SettingRow
	for i := range entries {
		if f, ok := entries[i].Facts.(*rivage.SettingSet); ok {
			rows = append(rows, rivage.SettingRow{Type: f.Type, ID: f.ID, Of: f.Of, Version: f.Version, Doc: f.Doc, Seq: entries[i].Seq})
		}
	}
	return config.Settings(rows)
}

// replayer lets view show a replay.
func replayer(s *store.Store) view.Replay {
	return func(ctx context.Context, seq rivage.Seq) ([]view.Replayed, error) {
		r, err := replay(ctx, s, seq)
		if err != nil {
			return nil, err
		}
		list := make([]view.Replayed, 0, len(r.verdicts))
		for _, v := range r.verdicts {
			list = append(list, view.Replayed{
				Agent: v.Agent, Place: v.Place, Idle: v.Idle, Eligible: v.Eligible, Reason: v.Reason, Rule: v.Rule,
			})
		}
		return list, nil
	}
}
