// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// talk is how long an answered caller stays after the sentence.
const talk = 2 * time.Second

// signalling plays whole calls without sound of their own: sipp calls a number and answers for every agent.
func signalling(ctx context.Context, o options) error {
	var r signallingRun
	j, err := played(ctx, o, false, func(i *instance, phones string) (err error) {
		r, err = signallingCalls(ctx, o, i, phones)
		return err
	})
	if err != nil {
		return err
	}
	r.print(o, j)
	return nil
}

// signallingRun is what one run took.
type signallingRun struct {
	callers, phones sippEnd
	idle            time.Duration // of processor per second with all desks open and no call
	cpu, lasted     time.Duration
	sound           time.Duration // of cpu, the media loops': the sentence's frames and what else is played
	before, peak    int64         // bytes resident
	load            string
}

func signallingCalls(ctx context.Context, o options, i *instance, phones string) (r signallingRun, err error) {
	begin := time.Now()
	d, err := arrive(ctx, i, o.agents, o.wrap, nil)
	if err != nil {
		return r, err
	}
	defer d.leave()
	fmt.Printf("agents: %d desks open and ready after %s\n", o.agents, time.Since(begin).Round(time.Second))
	pid := i.cmd.Process.Pid
	if err := settle(ctx, pid); err != nil {
		return r, err
	}
	if r.idle, err = over(ctx, pid, 5*time.Second); err != nil {
		return r, err
	}
	sink, err := listenSound() // the sentences go somewhere, and nobody reads them
	if err != nil {
		return r, err
	}
	defer sink.Close() //nolint:errcheck // read by nobody
	dir := filepath.Join(o.dir, "sipp")
	uas, err := startPhones(dir, phones, sink.LocalAddr(), 0)
	if err != nil {
		return r, err
	}
	r.before = resident(pid)
	start, err := used(pid)
	if err != nil {
		return r, err
	}
	quiet, err := usedBy(pid, mediaThread)
	if err != nil {
		return r, err
	}
	begin = time.Now()
	uac, err := startCallers(dir, i.sip, sink.LocalAddr(), o.arrivals(o.sentence+talk))
	if err != nil {
		return r, errors.Join(err, uas.kill())
	}
	r.callers, err = uac.wait(ctx, func() { r.peak = max(r.peak, resident(pid)) })
	if err == nil {
		err = d.all(ctx, o.agents, time.Minute) // the last wrap-ups belong to the calls
	}
	r.lasted, r.load = time.Since(begin), load()
	end, e := used(pid)
	r.cpu = end - start
	loud, e2 := usedBy(pid, mediaThread)
	r.sound = loud - quiet
	r.phones = uas.end()
	return r, errors.Join(err, e, e2)
}

// print gives the figures; each call is counted with everything that was done for it, desks included.
func (r signallingRun) print(o options, j journal) {
	calls := float64(max(r.callers.good+r.callers.bad, 1))
	per := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / calls }
	idle := time.Duration(float64(r.idle) * r.lasted.Seconds())
	fmt.Printf("signalling: %d/s for %s, %d agents, %s sentence, %s talk; load at the end %s\n", o.rate, o.lasts, o.agents, o.sentence, talk, r.load)
	fmt.Printf("  calls            %.0f, failed %d, without an agent %.0f\n", calls, r.callers.bad, calls-float64(j.answered))
	fmt.Printf("  cpu per call     %.2f ms: %.2f ms for the sentence and what else is played, %.2f ms without; of these %.2f ms for %d idle desks\n",
		per(r.cpu), per(r.sound), per(r.cpu-r.sound), per(idle), o.agents)
	fmt.Printf("  cpu, whole       %.0f %% of one processor over %.1f s\n", 100*r.cpu.Seconds()/r.lasted.Seconds(), r.lasted.Seconds())
	fmt.Printf("  sipp's own cpu   callers %.2f ms, agents %.2f ms per call\n", per(r.callers.cpu), per(r.phones.cpu))
	fmt.Printf("  entries          %.1f per call\n", float64(j.entries)/calls)
	fmt.Printf("  offer decided    p50 %s, p99 %s after the caller joined the queue\n", j.decided.at(50), j.decided.at(99))
	fmt.Printf("  until answered   p50 %s, p99 %s after the caller joined the queue, sentence included\n", j.waited.at(50), j.waited.at(99))
	fmt.Printf("  memory           %d MB before, %d MB at most\n", r.before>>20, r.peak>>20)
}
