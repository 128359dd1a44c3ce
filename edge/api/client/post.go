// SPDX-License-Identifier: EUPL-1.2

package client

import (
	"context"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/view"
)

// Post is an automatic post with a fixed SIP device, which answers by itself: it is ready whenever it can be, and after
// each conversation takes its time to wrap up and gives the queue's first disposition. It stays until ctx is done, and
// then returns nil; it gives up when Run does.
func Post(ctx context.Context, c Config, wrapUp time.Duration) error {
	d, err := newDesk(c, usual)
	if err != nil {
		return err
	}
	return d.post(ctx, wrapUp)
}

func (d *Desk) post(ctx context.Context, wrapUp time.Duration) error {
	working, stop := context.WithCancel(ctx)
	defer stop()
	over := make(chan error, 1)
	go func() {
		defer stop()
		over <- d.Run(working)
	}()
	failures, ready := 0, false
	for working.Err() == nil {
		seq, err := d.next(working, wrapUp, &ready)
		if err != nil {
			d.pause(working, failures, err)
			failures++
			continue
		}
		failures = 0
		// Its effect is seen before the next step; when Run ends instead, working does too.
		_, _ = d.Until(working, func(s Snapshot) bool { return s.Connected && s.Seq >= seq })
	}
	return <-over
}

// next waits until the post has something to say, says it, and gives the entry that came of it. Only the first time is
// the post ready at once: a device that is gone would make the floor offer and take back without a rest.
func (d *Desk) next(ctx context.Context, wrapUp time.Duration, ready *bool) (rivage.Seq, error) {
	s, err := d.Until(ctx, func(s Snapshot) bool { return s.Connected && (owes(s.Interaction) || idle(s.Me)) })
	if err != nil {
		return 0, err
	}
	if owes(s.Interaction) {
		if !sleep(ctx, wrapUp) {
			return 0, ctx.Err()
		}
		return d.Dispose(ctx, s.Interaction.ID, s.Interaction.Dispositions[0].Code, "")
	}
	if *ready && !sleep(ctx, d.pace.again) {
		return 0, ctx.Err()
	}
	*ready = true
	return d.Ready(ctx)
}

// owes says whether an interaction waits for its disposition.
func owes(i *view.Interaction) bool {
	return i != nil && i.State == rivage.WrapUp && len(i.Dispositions) > 0
}

// idle says whether an agent gets no calls and has nothing to do first.
func idle(a view.Agent) bool {
	if a.Interaction != "" {
		return false
	}
	return a.State == rivage.AgentOffline || a.State == rivage.AgentPaused || a.State == rivage.AgentUnreachable
}
