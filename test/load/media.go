// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// The media run.
const (
	mediaRate = 20               // calls per second while they come in, and while they go
	lapse     = 35 * time.Second // SIP keeps transactions for 32 s (RFC 3261): memory is looked at when they are gone
	settles   = 3 * time.Second  // after the desks have closed
)

// media keeps calls bridged and recorded, with sound both ways. sipp speaks SIP for callers and agents, one goroutine
// sound for all of them; desks are open until their agents are in a call.
func media(ctx context.Context, o options) error {
	o.agents = o.calls
	p, err := openPhones()
	if err != nil {
		return err
	}
	var r mediaRun
	j, err := played(ctx, o, true, func(i *instance, at string) (err error) {
		r, err = mediaCalls(ctx, o, i, p, at)
		return err
	})
	if err := errors.Join(err, p.end()); err != nil {
		return err
	}
	r.print(o, p, j)
	return nil
}

// mediaRun is what one run took.
type mediaRun struct {
	user, kernel  time.Duration // of processor while measured
	lasted        time.Duration
	joined        int64
	before, full  int64 // bytes resident, with all desks open: without calls, and with all of them
	alone         int64 // with all calls and no desk
	lostIn, heard int64 // packets the kernel had no room for: at Rivage's ports, at the telephones'
	load          string
}

func mediaCalls(ctx context.Context, o options, i *instance, p *phones, at string) (r mediaRun, err error) {
	d, err := arrive(ctx, i, o.agents, o.wrap, nil)
	if err != nil {
		return r, err
	}
	defer d.leave()
	if err := i.again(ctx, o.program, d); err != nil {
		return r, err
	}
	pid := i.cmd.Process.Pid
	dir := filepath.Join(o.dir, "sipp")
	uas, err := startPhones(dir, at, p.addr(ofAgents), 0)
	if err != nil {
		return r, err
	}
	defer uas.end()
	if err := warm(ctx, o, i, p, d, dir); err != nil {
		return r, err
	}
	r.before = resident(pid)
	come := time.Duration(o.calls) * time.Second / mediaRate
	uac, err := startCallers(dir, i.sip, p.addr(ofCallers), arrivals{
		rate: mediaRate, calls: o.calls, stay: 2*come + lapse + settles + o.lasts + 15*time.Second,
	})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, uac.leave()) }()
	if err := p.wait(ctx, o.calls, 2*come+20*time.Second); err != nil {
		return r, err
	}
	if err := sleep(ctx, lapse); err != nil {
		return r, err
	}
	r.full = resident(pid)
	d.leave()
	if err := sleep(ctx, settles); err != nil {
		return r, err
	}
	if err := r.measure(ctx, o, i, p); err != nil {
		return r, err
	}
	r.alone = resident(pid)
	_, err = uac.wait(ctx, func() {})
	return r, err
}

// warm lets as many short calls come and go as will be measured, and waits until nothing is left of them: what a process
// takes for the first call, and what it keeps of the last ones whatever their number, is not a call's.
func warm(ctx context.Context, o options, i *instance, p *phones, d *desks, dir string) error {
	uac, err := startCallers(dir, i.sip, p.addr(ofCallers), arrivals{rate: mediaRate, calls: o.calls, stay: o.sentence + talk})
	if err != nil {
		return err
	}
	defer uac.leave() //nolint:errcheck // it has ended, or an error is on its way
	if _, err := uac.wait(ctx, func() {}); err != nil {
		return err
	}
	if err := d.all(ctx, o.agents, time.Minute); err != nil {
		return err
	}
	return sleep(ctx, lapse)
}

// measure looks at a window of the time in which all talk.
func (r *mediaRun) measure(ctx context.Context, o options, i *instance, p *phones) error {
	pid := i.cmd.Process.Pid
	lostIn, heard, err := dropped(p)
	if err != nil {
		return err
	}
	user, kernel, err := usage(pid)
	if err != nil {
		return err
	}
	begin := time.Now()
	p.window.Store(measured)
	if err := sleep(ctx, o.lasts); err != nil {
		return err
	}
	p.window.Store(after)
	r.joined, r.load = p.joined.Load(), load()
	if r.user, r.kernel, err = usage(pid); err != nil {
		return err
	}
	r.user, r.kernel, r.lasted = r.user-user, r.kernel-kernel, time.Since(begin)
	if err := sleep(ctx, time.Second); err != nil { // what is still under way
		return err
	}
	r.lostIn, r.heard, err = dropped(p)
	r.lostIn, r.heard = r.lostIn-lostIn, r.heard-heard
	return err
}

// dropped is how many datagrams the kernel has thrown away: at Rivage's media ports, and at the telephones'.
func dropped(p *phones) (rivage, ours int64, err error) {
	all, err := drops()
	if err != nil {
		return 0, 0, err
	}
	for port, n := range all {
		if port >= mediaPorts[0] && port <= mediaPorts[1] {
			rivage += n
		}
	}
	for s := range sides {
		ours += all[p.port(s)]
	}
	return rivage, ours, nil
}

func (r *mediaRun) print(o options, p *phones, j journal) {
	seconds := float64(r.joined) * r.lasted.Seconds()
	per := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / seconds }
	fmt.Printf("media: %d calls wanted, %d bridged and recorded over %s; load at the end %s\n", o.calls, r.joined, o.lasts, r.load)
	fmt.Printf("  cpu per call-second  %.2f ms: %.2f in user space, %.2f in the kernel\n", per(r.user+r.kernel), per(r.user), per(r.kernel))
	for s, name := range []string{"callers to agents", "agents to callers"} {
		c := &p.side[s].counts[measured]
		fmt.Printf("  %s    sent %d, heard %d, lost %d, out of order %d; delay p50 %s, p99 %s\n",
			name, c.sent, c.heard, c.sent-c.heard, c.disorder, c.at(50), c.at(99))
	}
	fmt.Printf("  no room in a socket  at rivage %d, at the telephones %d\n", r.lostIn, r.heard)
	fmt.Printf("  recordings           %d, complete %d, %d s, frames dropped %d\n", j.recordings, j.complete, j.recorded, j.droppedFrames)
	fmt.Printf("  memory               %d MB with %d desks open, %d MB with the calls too: %d KB per call, garbage included; %d MB without the desks\n",
		r.before>>20, o.agents, r.full>>20, (r.full-r.before)>>10/max(r.joined, 1), r.alone>>20)
}
