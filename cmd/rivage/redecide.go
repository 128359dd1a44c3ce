// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"slices"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/engine/view"
	"rivage.example/rivage/record/store"
)

// redecide makes the decision of an entry again, under what was in force when it was written.
func redecide(ctx context.Context, s *store.Store, seq rivage.Seq) (view.Redecided, error) {
	var d view.Redecided
	e, err := s.Entry(ctx, seq)
	if err != nil {
		return d, err
	}
	settled := e.Seq
	if f, ok := e.Facts.(*rivage.InteractionOffered); ok && f.Settings != 0 {
		settled = f.Settings + 1
	}
	settings, gate, err := settingsAt(ctx, s, settled)
	if err != nil {
		return d, err
	}
	w, interaction := newDecisions(s), view.InteractionOf(e.Facts)
	if interaction != "" {
		if w.queues[interaction], err = w.queueOf(ctx, &e, interaction); err != nil {
			return d, err
		}
	}
	r, ok := w.request(settings, &e)
	r.Queue = w.queues[interaction]
	if !ok {
		return d, &rivage.Error{Code: rivage.NotFound, Message: fmt.Sprintf("entry %d, a %s, holds no decision that can be made again", seq, e.Kind)}
	}
	at := e.At.Time()
	d = view.Redecided{
		Request: r, Decision: gate.DecideField(settings, r, at), Bounds: gate.BoundsOfField(settings, r, at), Rules: gate.Explain(r, at),
	}
	d.InForce, err = decidedBy(ctx, s, settled, e.Principal, policy.CardOfField(settings, r))
	return d, err
}

// deciding are the types of the documents that decide.
var deciding = []string{rivage.TypeRules, rivage.TypeFrame, rivage.TypeMatrix, rivage.TypePack, rivage.TypeOpening}

// decidedBy are the documents that decided for a Principal before a sequence: its rules and matrix, what stands above, and the
// source of the card that was asked, nil for none.
func decidedBy(ctx context.Context, s *store.Store, seq rivage.Seq, principal rivage.ID, src *rivage.CardSource) ([]view.InForce, error) {
	entries, err := s.LastBefore(ctx, "config", seq)
	if err != nil {
		return nil, err
	}
	var list []view.InForce
	for i := range entries {
		f, ok := entries[i].Facts.(*rivage.SettingSet)
		if !ok || f.Of != principal && f.Of != rivage.Organisation {
			continue
		}
		if !slices.Contains(deciding, f.Type) && (src == nil || f.Type != rivage.TypeCard || f.ID != src.ID) {
			continue
		}
		list = append(list, view.InForce{Type: f.Type, ID: f.ID, Version: f.Version, Seq: entries[i].Seq, At: entries[i].At})
	}
	return list, nil
}

// decide implements view.Decide.
func (h *house) decide(ctx context.Context, seq rivage.Seq) (view.Redecided, error) {
	return redecide(ctx, h.store, seq)
}
