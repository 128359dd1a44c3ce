// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/record/store/sqlite"
)

// journal is what the entries of a run say, read once its process has ended.
type journal struct {
	entries  int // about interactions and the agents on them
	answered int
	decided  durations // from the queue to the offer
	waited   durations // from the queue to the conversation
	extra    durations // from the acceptance to the conversation, because of the sentence: disc_delay@1
	offers   map[rivage.ID]time.Time

	recordings, complete    int
	recorded, droppedFrames int64 // seconds, frames
}

// durations are sorted by whoever reads them.
type durations []time.Duration

// at is a percentile; 0 when there is none.
func (d durations) at(percent int) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[min(len(d)*percent/100, len(d)-1)].Round(10 * time.Microsecond)
}

// played is what the journal of a new instance says after run has played its calls; phones is where its agents answer.
func played(ctx context.Context, o options, record bool, run func(i *instance, phones string) error) (journal, error) {
	phones, err := freePort("udp")
	if err != nil {
		return journal{}, err
	}
	i, err := install(ctx, o, settings{agents: o.agents, sentence: o.sentence, phones: phones, record: record})
	if err != nil {
		return journal{}, err
	}
	if err = i.serve(ctx, o.program); err == nil {
		err = run(i, phones)
	}
	if err := errors.Join(err, i.stop()); err != nil {
		return journal{}, err
	}
	return readJournal(ctx, filepath.Join(i.dir, "data"))
}

// readJournal reads every entry of an instance that nobody serves.
func readJournal(ctx context.Context, data string) (j journal, err error) {
	s, err := sqlite.Open(filepath.Join(data, "journal.db"))
	if err != nil {
		return j, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	queued := map[rivage.ID]rivage.Micros{}
	j.offers = map[rivage.ID]time.Time{}
	for from := rivage.Seq(0); from < s.Size(); {
		list, err := s.Entries(ctx, from, 1000)
		if err != nil {
			return j, fmt.Errorf("read journal: %w", err)
		}
		for i := range list {
			j.take(&list[i], queued)
		}
		from += rivage.Seq(len(list))
	}
	return j, nil
}

// take counts one entry. Times are the floor's own, exact in the facts.
func (j *journal) take(e *rivage.Stored, queued map[rivage.ID]rivage.Micros) {
	since := func(id rivage.ID) time.Duration { return time.Duration(e.At-queued[id]) * time.Microsecond }
	switch f := e.Facts.(type) {
	case *rivage.InteractionQueued:
		queued[f.Interaction] = e.At
	case *rivage.InteractionOffered:
		j.decided = append(j.decided, since(f.Interaction))
		j.offers[f.Offer] = e.At.Time()
	case *rivage.InteractionAnswered:
		j.answered++
		j.waited = append(j.waited, since(f.Interaction))
		j.extra = append(j.extra, time.Duration(f.Extra)*time.Microsecond)
	case *rivage.RecordingEnded:
		j.recordings++
		if f.Outcome == "complete" {
			j.complete++
		}
		j.recorded, j.droppedFrames = j.recorded+f.Seconds, j.droppedFrames+f.Dropped
	case *rivage.AgentStateSet:
		if f.Interaction == "" && f.State != rivage.AgentReady {
			return // an arrival, before any call
		}
	case *rivage.SettingSet, *rivage.SignedIn, *rivage.AccountChanged:
		return
	}
	j.entries++
}
