// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"rivage.example/rivage/edge/voice/caller"
)

// media keeps calls bridged and recorded, with sound both ways: the demo's callers and its answering posts, which run
// in this process and not in the one under measure.
func media(ctx context.Context, o options) error {
	o.agents = o.calls + o.calls/10 + 1
	posts, err := caller.NewPosts(caller.PostsConfig{
		Listen: "127.0.0.1:0", AnswerAfter: caller.Range{Min: 100 * time.Millisecond, Max: 200 * time.Millisecond}, MaxTalk: time.Hour,
	})
	if err != nil {
		return err
	}
	i, err := install(ctx, o, settings{agents: o.agents, sentence: o.sentence, phones: posts.Addr().String(), record: true})
	if err != nil {
		return err
	}
	if err := i.serve(ctx, o.program); err != nil {
		return errors.Join(err, i.stop())
	}
	r, err := mediaCalls(ctx, o, i, posts)
	if err := errors.Join(err, i.stop()); err != nil {
		return err
	}
	j, err := readJournal(ctx, filepath.Join(i.dir, "data"))
	if err != nil {
		return err
	}
	r.print(o, j)
	return nil
}

// mediaRun is what one run took.
type mediaRun struct {
	idle         time.Duration // of processor per second with all desks open and no call
	cpu, lasted  time.Duration
	calls        float64 // bridged, on average over the measure
	before, full int64   // bytes resident
	posts        caller.Stats
	load         string
}

func mediaCalls(ctx context.Context, o options, i *instance, posts *caller.Posts) (r mediaRun, err error) {
	d, err := arrive(ctx, i, o.agents, o.wrap, nil)
	if err != nil {
		return r, err
	}
	defer d.leave()
	pid := i.cmd.Process.Pid
	if err := settle(ctx, pid); err != nil {
		return r, err
	}
	if r.idle, err = over(ctx, pid, 5*time.Second); err != nil {
		return r, err
	}
	r.before = resident(pid)
	var talking atomic.Int64
	var crowd sync.WaitGroup
	working, stop := context.WithCancel(ctx)
	crowd.Go(func() { _ = posts.Run(working) }) // it ends with working
	crowd.Go(func() {
		_ = caller.Run(working, caller.Config{
			Target: i.sip, Numbers: []string{number}, Concurrent: o.calls, Pause: caller.Range{Min: 100 * time.Millisecond, Max: time.Second},
			Talk: caller.Range{Min: time.Hour, Max: time.Hour}, OnStats: func(s caller.Stats) { talking.Store(int64(s.Talking)) },
		})
	})
	err = r.measure(ctx, o, pid, &talking)
	stop()
	crowd.Wait()
	return r, errors.Join(err, d.all(ctx, o.agents, time.Minute))
}

// measure waits until nearly all talk, then looks for as long as asked.
func (r *mediaRun) measure(ctx context.Context, o options, pid int, talking *atomic.Int64) error {
	if err := wait(ctx, 2*time.Minute, "the callers talk", func() bool { return talking.Load() >= int64(o.calls*9/10) }); err != nil {
		return fmt.Errorf("%w: %d of %d", err, talking.Load(), o.calls)
	}
	start, err := used(pid)
	if err != nil {
		return err
	}
	begin, looks := time.Now(), 0
	every := time.NewTicker(100 * time.Millisecond)
	defer every.Stop()
	for time.Since(begin) < o.lasts {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-every.C:
			r.calls += float64(talking.Load())
			looks++
		}
	}
	r.calls /= float64(max(looks, 1))
	end, err := used(pid)
	r.cpu, r.lasted, r.full, r.load = end-start, time.Since(begin), resident(pid), load()
	return err
}

func (r *mediaRun) print(o options, j journal) {
	seconds := r.calls * r.lasted.Seconds()
	per := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / seconds }
	idle := time.Duration(float64(r.idle) * r.lasted.Seconds())
	fmt.Printf("media: %d calls wanted, %.0f bridged and recorded on average over %s; load at the end %s\n", o.calls, r.calls, o.lasts, r.load)
	fmt.Printf("  cpu per call-second  %.2f ms, of which %.2f ms for %d idle desks\n", per(r.cpu), per(idle), o.agents)
	fmt.Printf("  packets, agents' legs  received %d, lost on the way %d, sent on %d\n", j.agents.in, j.agents.lost, j.agents.out)
	fmt.Printf("  memory               %d MB before, %d MB with the calls", r.before>>20, r.full>>20)
	if more := r.full - r.before; more > 0 {
		fmt.Printf(": %.0f KB per call\n", float64(more)/1024/max(r.calls, 1))
	} else {
		fmt.Println(": signing in took more, nothing can be said of a call")
	}
}
