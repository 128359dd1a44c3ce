// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/view"
)

// sightings are the instants at which desks were told of offers, by offer.
type sightings struct {
	mu sync.Mutex
	at map[rivage.ID]time.Time // guarded by mu
}

func (a *sightings) note(i view.Interaction) {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.at[i.Offer.ID] = now
}

// after is how long after its entry each offer reached its desk; one clock, of one machine, gives both instants.
func (a *sightings) after(decided map[rivage.ID]time.Time) durations {
	a.mu.Lock()
	defer a.mu.Unlock()
	var d durations
	for offer, at := range a.at {
		if was, ok := decided[offer]; ok {
			d = append(d, at.Sub(was))
		}
	}
	return d
}

// desk measures what an agent and a caller wait for: how soon an offer is on the screen, and what the sentence adds for
// somebody who takes their time to pick up.
func desk(ctx context.Context, o options) error {
	if o.accept == 0 {
		o.accept = 5 * time.Second
	}
	seen := sightings{at: map[rivage.ID]time.Time{}}
	var callers sippEnd
	var busy string
	j, err := played(ctx, o, false, func(i *instance, phones string) (err error) {
		callers, busy, err = deskCalls(ctx, o, i, phones, &seen)
		return err
	})
	if err != nil {
		return err
	}
	shown := seen.after(j.offers)
	fmt.Printf("desk: %d/s for %s, %d desks, picked up after %s, %s sentence; load at the end %s\n", o.rate, o.lasts, o.agents, o.accept, o.sentence, busy)
	fmt.Printf("  calls             %d, failed %d, answered %d\n", callers.good+callers.bad, callers.bad, j.answered)
	fmt.Printf("  offers            %d, of which %d reached a desk\n", len(j.offers), len(shown))
	fmt.Printf("  on the screen     p50 %s, p95 %s, p99 %s after the entry's time\n", shown.at(50), shown.at(95), shown.at(99))
	fmt.Printf("  disc_delay@1      p50 %s, p95 %s, p99 %s from picking up to the conversation, because of the sentence\n", j.extra.at(50), j.extra.at(95), j.extra.at(99))
	return nil
}

func deskCalls(ctx context.Context, o options, i *instance, phones string, seen *sightings) (sippEnd, string, error) {
	d, err := arrive(ctx, i, o.agents, o.wrap, seen.note)
	if err != nil {
		return sippEnd{}, "", err
	}
	defer d.leave()
	sink, err := listenSound()
	if err != nil {
		return sippEnd{}, "", err
	}
	defer sink.Close() //nolint:errcheck // read by nobody
	dir := filepath.Join(o.dir, "sipp")
	uas, err := startPhones(dir, phones, sink.LocalAddr(), o.accept)
	if err != nil {
		return sippEnd{}, "", err
	}
	defer uas.end()
	uac, err := startCallers(dir, i.sip, sink.LocalAddr(), o.arrivals(max(o.sentence, o.accept)+talk))
	if err != nil {
		return sippEnd{}, "", err
	}
	end, err := uac.wait(ctx, func() {})
	if err == nil {
		err = d.all(ctx, o.agents, time.Minute)
	}
	return end, load(), err
}
