// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"cmp"
	"context"
	"fmt"
	"sort"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/config"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/engine/view"
	"rivage.example/rivage/record/store"
)

// replayed is one offer decided again, from the log alone.
type replayed struct {
	floor.Replayed
	entry   rivage.Stored
	offered *rivage.InteractionOffered
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
	p, err := pastOf(ctx, s, &e, offered)
	if err != nil {
		return nil, err
	}
	return &replayed{p.Replay(offered, e.At.Time()), e, offered}, nil
}

// pastOf is what the log says of the moment before an offer.
func pastOf(ctx context.Context, s *store.Store, e *rivage.Stored, f *rivage.InteractionOffered) (p floor.Past, err error) {
	settled := e.Seq // offers of the first version do not name their settings: those in the log by then
	if f.Settings != 0 {
		settled = f.Settings + 1
	}
	if p.Settings, p.Gate, err = settingsAt(ctx, s, settled); err != nil {
		return p, err
	}
	if q := p.Settings.Queues[f.Queue]; q != nil && len(q.Shares) > 0 {
		if p.Tally, err = tallyOf(ctx, s, e.At.Time(), e.Seq); err != nil {
			return p, err
		}
	}
	states, err := s.LastBefore(ctx, "agent", e.Seq)
	if err != nil {
		return p, err
	}
	for i := range states {
		if f, ok := states[i].Facts.(*rivage.AgentStateSet); ok {
			p.Presences = append(p.Presences, f)
		}
	}
	for from, all := int64(0), false; !all; {
		story, err := s.StreamEntries(ctx, []rivage.ID{e.Principal}, e.Stream, from, storyPage)
		if err != nil {
			return p, err
		}
		for i := range story {
			if story[i].Seq < e.Seq {
				p.Interaction = append(p.Interaction, story[i].Facts)
			}
			from = story[i].Version
		}
		all = len(story) < storyPage
	}
	return p, nil
}

// tallyOf counts the conversations of the day of an instant, from the entries of that day before a size of the log.
func tallyOf(ctx context.Context, s *store.Store, at time.Time, size rivage.Seq) (*floor.Tally, error) {
	day := policy.LegalDay(at)
	var failed error
	first := sort.Search(int(size), func(i int) bool { // entries are in the order of their times, but for steps of the clock
		at, err := s.Entry(ctx, rivage.Seq(i))
		failed = cmp.Or(failed, err)
		return err != nil || !at.At.Time().Before(day)
	})
	if failed != nil {
		return nil, failed
	}
	t := floor.NewTally()
	return t, eachEntryFrom(ctx, s, rivage.Seq(first), size, func(x *rivage.Stored) error {
		t.See(x.At.Time(), x.Facts)
		return nil
	})
}

const storyPage = 500

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
	return func(ctx context.Context, seq rivage.Seq) (view.Replayed, error) {
		r, err := replay(ctx, s, seq)
		if err != nil {
			return view.Replayed{}, err
		}
		out := view.Replayed{Agent: r.Agent, Differs: r.Differs}
		for _, v := range r.Verdicts {
			out.All = append(out.All, view.Stood{
				Agent: v.Agent, Place: v.Place, Idle: v.Idle, Eligible: v.Eligible, Reason: v.Reason, Rule: v.Rule,
			})
		}
		return out, nil
	}
}
