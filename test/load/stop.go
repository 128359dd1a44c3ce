// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"rivage.example/rivage/edge/api/client"
	"rivage.example/rivage/engine/view"
)

// askEvery is how often a desk with a record on its screen asks whether its country is stopped.
const askEvery = 3 * time.Second

// stop measures how soon a stop of the country is known to every session: each asks as a desk with a record on its screen
// does, and the stop is applied by the command line of another process, like an operator's.
func stop(ctx context.Context, o options) error {
	i, err := install(ctx, o, settings{agents: o.agents, phones: "127.0.0.1:9", sentence: o.sentence})
	if err != nil {
		return err
	}
	if err := i.serve(ctx, o.program); err != nil {
		return err
	}
	defer i.stop() //nolint:errcheck // its figures are taken by then
	if err := enrol(ctx, i, o.agents); err != nil {
		return err
	}
	w, err := open(ctx, i, o.agents)
	if err != nil {
		return err
	}
	defer w.leave()
	folder := filepath.Join(o.dir, "stop")
	if err := put(filepath.Join(folder, "frame", "organisation.toml"), []byte("# SPDX-License-Identifier: EUPL-1.2\nprofile = \"souverain\"\nstopped = [\"FR\"]\n")); err != nil {
		return err
	}
	began := time.Now()
	if err := command(ctx, o.program, "config", "apply", folder, "--dir", i.dir); err != nil {
		return err
	}
	applied := time.Since(began)
	if err := wait(ctx, time.Minute, "every session is told", func() bool { return w.count() == o.agents }); err != nil {
		return err
	}
	told := w.since(began)
	fmt.Printf("stop: %d sessions, each asking every %s; load at the end %s\n", o.agents, askEvery, load())
	fmt.Printf("  applied           after %s, by another process\n", applied.Round(time.Millisecond))
	fmt.Printf("  told              first %s, p50 %s, p99 %s, last %s after the operator's command began\n", told.at(0), told.at(50), told.at(99), told.at(100))
	return nil
}

// watchers are sessions that ask.
type watchers struct {
	end  context.CancelFunc
	work sync.WaitGroup
	mu   sync.Mutex
	told []time.Time
}

// open signs every agent in and lets each ask from then on, spread over the time between two questions.
func open(ctx context.Context, i *instance, agents int) (*watchers, error) {
	ctx, end := context.WithCancel(ctx)
	w := &watchers{end: end}
	for n := range agents {
		d, err := client.Open(ctx, client.Config{Base: "http://" + i.https, LocalAddr: seat(n), Login: login(n), Password: password})
		if err != nil {
			w.leave()
			return nil, fmt.Errorf("%s: %w", login(n), err)
		}
		w.work.Go(func() { _ = d.Run(ctx) }) // its live channel, as a desk's
		w.work.Go(func() { w.watch(ctx, d) })
	}
	return w, nil
}

func (w *watchers) watch(ctx context.Context, d *client.Desk) {
	for t := time.NewTicker(askEvery); ; {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		var f view.Frame
		if err := d.Call(ctx, "GET", "/api/frame", nil, &f); err == nil && f.Stopped {
			w.mu.Lock()
			w.told = append(w.told, time.Now())
			w.mu.Unlock()
			return
		}
	}
}

func (w *watchers) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.told)
}

func (w *watchers) since(began time.Time) (d durations) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, at := range w.told {
		d = append(d, at.Sub(began))
	}
	return d
}

func (w *watchers) leave() {
	w.end()
	w.work.Wait()
}
