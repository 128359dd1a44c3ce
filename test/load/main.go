// SPDX-License-Identifier: EUPL-1.2

// Command load measures `rivage serve` from outside: whole calls by SIP from sipp and from the demo's callers, agents as
// desks over the live channel, the processor and memory that the served process took for it, and what people wait for.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

// options are the flags; each run uses what it needs of them.
type options struct {
	program  string // the rivage binary
	dir      string // of the instance
	agents   int
	rate     int           // calls per second
	lasts    time.Duration // of the calls' arrival, or of the measured media
	calls    int           // bridged at a time
	wrap     time.Duration // a post's wrap-up
	sentence time.Duration // that the caller hears
	accept   time.Duration // how long an agent takes to pick up
	entries  int           // of the journal
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (err error) {
	var o options
	f := flag.NewFlagSet("load signalling|desk|media|ready|stop", flag.ContinueOnError)
	f.StringVar(&o.program, "rivage", "./rivage", "the program under measure")
	f.StringVar(&o.dir, "dir", "", "folder of the instance; empty: a fresh one, removed at the end")
	f.IntVar(&o.agents, "agents", 2000, "agents with a fixed SIP device")
	f.IntVar(&o.rate, "rate", 300, "signalling, desk: calls per second")
	f.DurationVar(&o.lasts, "for", time.Minute, "how long calls arrive, or media is measured")
	f.IntVar(&o.calls, "calls", 500, "media: bridged, recorded calls at a time")
	f.DurationVar(&o.accept, "accept", 0, "desk: how long an agent lets the telephone ring (5s when not given)")
	f.IntVar(&o.entries, "entries", 1_000_000, "ready: how many the journal has")
	f.DurationVar(&o.sentence, "sentence", time.Second, "how long the caller hears where the agent sits")
	f.DurationVar(&o.wrap, "wrap", 200*time.Millisecond, "an agent's wrap-up")
	if len(args) == 0 {
		f.Usage()
		return errors.New("signalling, desk, media, ready or stop?")
	}
	if err := f.Parse(args[1:]); err != nil {
		return err
	}
	measure, ok := map[string]func(context.Context, options) error{"signalling": signalling, "desk": desk, "media": media, "ready": ready, "stop": stop}[args[0]]
	if !ok {
		return fmt.Errorf("%q: signalling, desk, media, ready or stop?", args[0])
	}
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "rivage-load-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.dir)) }()
	}
	fmt.Printf("machine: %s\n", machine())
	return measure(ctx, o)
}
