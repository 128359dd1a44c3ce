// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/config"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/engine/view"
	"rivage.example/rivage/record/store"
)

// pastDecision is a decision of the gate that the log holds: something was let happen.
type pastDecision struct {
	seq     rivage.Seq
	kind    rivage.Kind
	at      time.Time
	request policy.Request
	rules   string // hash of what decided, as the leaf says; "" when its text is gone
	masked  bool   // a field that was shown in part
	remote  bool   // a field that was shown as an image
	share   string // the share of the queue that an offer broke, as its reason; "" for none
	forged  bool   // its facts are not those that its leaf names
}

// decisions walks the log and gives each decision that let something happen, with what was in force then.
type decisions struct {
	store  *store.Store
	rows   map[config.Key]rivage.SettingRow
	force  []inForceAt // what was in force, the newest last
	stale  bool        // rows changed since
	moved  time.Time   // when they did
	lost   int         // decisions that cannot be made again: the text of their leaf is gone at the end of its class
	queues map[rivage.ID]rivage.ID
	tally  *floor.Tally // of the entries so far
}

// inForceAt is what people had set from an instant on.
type inForceAt struct {
	from     time.Time
	settings *rivage.Settings
	gate     *policy.Gate
}

// settling is how long what was in force before may still decide: a change reaches every gate within a second, and an
// entry bears the time at which it was made.
const settling = 5 * time.Second

// keptInForce is how long what was in force is kept for entries that were written late.
const keptInForce = time.Hour

func newDecisions(s *store.Store) *decisions {
	return &decisions{store: s, rows: map[config.Key]rivage.SettingRow{}, queues: map[rivage.ID]rivage.ID{}, tally: floor.NewTally()}
}

// each visits the decisions of the log up to a size. With it comes what may have decided: the newest first.
func (w *decisions) each(ctx context.Context, size rivage.Seq, visit func(d *pastDecision, force []inForceAt) error) error {
	return w.walk(ctx, size, func(e *rivage.Stored, s *rivage.Settings) error {
		d, err := w.take(ctx, e, s)
		if err == nil && d != nil {
			err = visit(d, w.mayHaveDecided(d.at))
		}
		return err
	})
}

// walk visits every entry of the log up to a size but those of settings, with what people had set then.
func (w *decisions) walk(ctx context.Context, size rivage.Seq, visit func(e *rivage.Stored, s *rivage.Settings) error) error {
	return eachEntry(ctx, w.store, size, func(e *rivage.Stored) error {
		if w.set(e) {
			return nil
		}
		defer w.tally.See(e.At.Time(), e.Facts)
		return visit(e, w.now(e.At.Time()))
	})
}

// mayHaveDecided is what may have been in force where something was decided at an instant.
func (w *decisions) mayHaveDecided(at time.Time) []inForceAt {
	var list []inForceAt
	for i := len(w.force) - 1; i >= 0; i-- {
		list = append(list, w.force[i])
		if w.force[i].from.Before(at.Add(-settling)) {
			break
		}
	}
	return list
}

// set keeps what an entry says of settings; false when it says nothing of them.
func (w *decisions) set(e *rivage.Stored) bool {
	switch f := e.Facts.(type) {
	case *rivage.SettingSet:
		w.rows[config.Key{Type: f.Type, ID: f.ID}] = rivage.SettingRow{Type: f.Type, ID: f.ID, Of: f.Of, Version: f.Version, Doc: f.Doc, Seq: e.Seq}
		w.stale = true
	case *rivage.SettingRemoved:
		delete(w.rows, config.Key{Type: f.Type, ID: f.ID})
		w.stale = true
	default:
		return false
	}
	w.moved = e.At.Time()
	return true
}

// take makes the decision of an entry, nil when it holds none.
func (w *decisions) take(ctx context.Context, e *rivage.Stored, s *rivage.Settings) (*pastDecision, error) {
	w.follow(e.Facts)
	switch f := e.Facts.(type) { // what was not let happen
	case *rivage.FieldShown:
		if !f.Allowed {
			return nil, nil
		}
	case *rivage.ExportRefused:
		return nil, nil
	}
	r, ok := w.request(s, e)
	if !ok {
		return nil, nil
	}
	if interaction := view.InteractionOf(e.Facts); interaction != "" && len(s.Openings) > 0 {
		var err error
		if r.Queue, err = w.queueOf(ctx, e, interaction); err != nil {
			return nil, err
		}
	}
	d := &pastDecision{seq: e.Seq, kind: e.Kind, at: e.At.Time(), request: r}
	if f, ok := e.Facts.(*rivage.FieldShown); ok {
		d.masked, d.remote = f.Masked, f.Remote
	}
	if f, ok := e.Facts.(*rivage.InteractionOffered); ok {
		d.share = w.overShare(f, d.at)
	}
	if e.LeafText != nil { // gone at the end of its class: what decided is asked of all that was in force
		leaf, err := rivage.ParseLeaf(e.LeafText)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", e.Seq, err)
		}
		d.rules = leaf.Rules
		d.forged = e.FactsText != nil && leaf.Facts != rivage.Hash(sha256.Sum256(e.FactsText))
	}
	return d, nil
}

// overShare is the share that an offer broke under everything that may have been in force, "" when it broke none.
func (w *decisions) overShare(f *rivage.InteractionOffered, at time.Time) (reason string) {
	for i := len(w.force) - 1; i >= 0; i-- {
		why, broken := w.tally.BreaksShare(w.force[i].settings, f, at)
		if !broken {
			return ""
		}
		reason = cmp.Or(reason, why)
		if w.force[i].from.Before(at.Add(-settling)) {
			break
		}
	}
	return reason
}

// follow keeps the queue of each interaction as long as something may be decided about it by its queue.
func (w *decisions) follow(f rivage.Facts) {
	switch f := f.(type) {
	case *rivage.InteractionQueued:
		w.queues[f.Interaction] = f.Queue
	case *rivage.InteractionOffered:
		w.queues[f.Interaction] = f.Queue
	case *rivage.InteractionClosed:
		delete(w.queues, f.Interaction)
	case *rivage.InteractionAbandoned:
		delete(w.queues, f.Interaction)
	case *rivage.InteractionFailed:
		delete(w.queues, f.Interaction)
	case *rivage.CallbackClosed:
		delete(w.queues, f.Interaction)
	}
}

// queueOf is the queue of an interaction as it stood before an entry, read back once it is over.
func (w *decisions) queueOf(ctx context.Context, e *rivage.Stored, interaction rivage.ID) (queue rivage.ID, err error) {
	if q, known := w.queues[interaction]; known {
		return q, nil
	}
	stream := rivage.StreamOf("interaction", interaction)
	for from, all := int64(0), false; !all; {
		story, err := w.store.StreamEntries(ctx, []rivage.ID{e.Principal}, stream, from, storyPage)
		if err != nil {
			return "", err
		}
		for i := range story {
			if f, ok := story[i].Facts.(*rivage.InteractionQueued); ok && story[i].Seq < e.Seq {
				queue = f.Queue
			}
			from = story[i].Version
		}
		all = len(story) < storyPage
	}
	return queue, nil
}

// now is what is in force, made anew when it changed.
func (w *decisions) now(at time.Time) *rivage.Settings {
	if w.stale || len(w.force) == 0 {
		rows := make([]rivage.SettingRow, 0, len(w.rows))
		for _, r := range w.rows {
			rows = append(rows, r)
		}
		s, gate, _ := config.Settings(rows) // what did not load refused everything, here as then
		w.force = append(w.force, inForceAt{w.moved, s, gate})
		w.stale = false
	}
	for len(w.force) > 1 && w.force[1].from.Before(at.Add(-keptInForce)) {
		w.force = w.force[1:]
	}
	return w.force[len(w.force)-1].settings
}

// request is the question that an entry answers.
func (w *decisions) request(s *rivage.Settings, e *rivage.Stored) (policy.Request, bool) {
	r := policy.Request{Principal: e.Principal, Purpose: rivage.PurposeService, Mode: rivage.ModeVoice}
	switch f := e.Facts.(type) {
	case *rivage.InteractionOffered:
		r.Action, r.Place = rivage.ActOffer, f.Place
		return r, w.classOf(s, f.Interaction, &r)
	case *rivage.InteractionAnswered:
		r.Action, r.Place = rivage.ActLeg, f.Place
		return r, w.classOf(s, f.Interaction, &r)
	case *rivage.RecordingStarted:
		r.Action, r.Mode, r.Purpose = rivage.ActRecord, rivage.ModeCopy, f.Purpose
		r.Place = placeOf(s, f.Site, rivage.Declared)
		if f.Site == "" { // a place of rest that is no site
			r.Place = s.PlaceOf(s.Resting(rivage.RestRecordings))
		}
		return r, w.classOf(s, f.Interaction, &r)
	case *rivage.FieldShown:
		r.Action, r.Field, r.Place.Seen = rivage.ActField, f.Field, f.Seen
		return w.ofLeaf(s, e, f.Interaction, r)
	case *rivage.RecordingPlayed:
		r.Action, r.Place.Seen = rivage.ActPlayback, f.Seen
		return w.ofLeaf(s, e, f.Interaction, r)
	case *rivage.Exported:
		r.Action, r.Place.Seen = rivage.ActExport, f.Seen
		return w.ofLeaf(s, e, "", r)
	case *rivage.ExportRefused: // its place is what an operator declared
		r.Action = rivage.ActExport
		return w.ofLeaf(s, e, "", r)
	}
	return r, false
}

// classOf is the class of the queue in which an interaction waited.
func (w *decisions) classOf(s *rivage.Settings, interaction rivage.ID, r *policy.Request) bool {
	if q := s.Queues[w.queues[interaction]]; q != nil {
		r.Class = q.Class
	}
	return true // without its queue it has no class, and no rule allows it: it is told, not passed over
}

// ofLeaf takes class, mode, purpose and place from what auditors read; whose network a session came from is in the facts
// alone. One whose text is gone cannot be asked again.
func (w *decisions) ofLeaf(s *rivage.Settings, e *rivage.Stored, interaction rivage.ID, r policy.Request) (policy.Request, bool) {
	leaf, err := rivage.ParseLeaf(e.LeafText)
	if err != nil {
		w.lost++
		return r, false
	}
	r.Class, r.Mode, r.Purpose = leaf.Class, leaf.Mode, leaf.Purpose
	if r.Class == "" { // the number that a telephone displays: its class is the queue's
		w.classOf(s, interaction, &r)
	}
	seen := r.Place.Seen
	r.Place = placeOf(s, leaf.Site, leaf.Evidence)
	r.Place.Seen = seen
	if country := cmp.Or(leaf.Country, leaf.To); leaf.Evidence != rivage.Unknown && country != r.Place.Country {
		r.Place.Country = country // the site moved since, or says otherwise: what was recorded counts
	}
	return r, true
}

// placeOf is where somebody at a site stands.
func placeOf(s *rivage.Settings, site rivage.ID, evidence rivage.Evidence) rivage.Place {
	p := rivage.Place{Site: site, Evidence: evidence}
	if at := s.Sites[site]; at != nil {
		p.Company, p.Country, p.Telework = at.Company, at.Country, at.Telework
	}
	return p
}
