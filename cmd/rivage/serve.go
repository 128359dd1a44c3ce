// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/api"
	"rivage.example/rivage/edge/egress"
	"rivage.example/rivage/edge/link"
	"rivage.example/rivage/edge/voice"
	"rivage.example/rivage/edge/voice/tts"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/engine/view"
	"rivage.example/rivage/record/ledger"
	"rivage.example/rivage/record/vault"
	"rivage.example/rivage/web"
)

func serveCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "serve --dir DIR",
		Short: "Servir une instance",
		Long:  "Serves an instance. SIGTERM or Ctrl+C drains: no new call, the present ones end; a second one stops.",
		Args:  exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withInstance(cmd, dir, func(i *instance) error {
				log := slog.New(slog.NewJSONHandler(cmd.ErrOrStderr(), nil))
				return serve(cmd.Context(), i, serving{log: log, ready: func(*house) { log.Info("ready", "url", i.machine.url()) }})
			})
		},
	}
	dirFlag(c, &dir)
	return c
}

// serving is what differs between the verbs that serve.
type serving struct {
	log   *slog.Logger
	demo  []api.Number // numbers that the page /appeler offers; nil outside the demo
	ready func(*house) // everything listens
}

// house is a served instance, wired: every part is made here, top to bottom, and nothing is set after construction.
type house struct {
	*instance
	serving
	settings   *settings
	journal    *journal
	recordings *vault.Recordings
	public     public
	runner     *floor.Runner
	voice      *voice.Voice
	access     *access.Control
	api        *api.Server
	view       *view.View
	found      rivage.Seq // size of the log when the view was made: what comes later is counted as it comes
	egress     *egress.Gate
	listener   net.Listener
	pages      *certificate // nil for plain HTTP on loopback
	kept       floor.Kept
	told       rivage.Seq // of the settings the floor has; owned by the consumer of settings once it runs
}

// serve runs an instance until ctx ends, then drains.
func serve(ctx context.Context, i *instance, with serving) (err error) {
	unlock, err := i.lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200) // collecting half as often costs tens of megabytes and saves a call some of its processor time
	}
	work, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	lease, err := i.takeFloor(ctx)
	if err != nil {
		return err
	}
	var running sync.WaitGroup
	h, err := build(work, i, with, rivage.LeaseEpoch{Name: lease.Name, Epoch: lease.Epoch})
	if err != nil {
		return errors.Join(err, i.store.Release(context.WithoutCancel(ctx), lease))
	}
	running.Go(func() {
		keepLease(work, i.store, lease, func(err error) { stop(fmt.Errorf("another process took the floor: %w", err)) })
	})
	h.start(work, &running, stop)
	with.ready(h)
	select {
	case <-ctx.Done():
		h.drain(work)
	case <-work.Done():
	}
	cause := context.Cause(work) // nil after a signal
	stop(nil)
	running.Wait()
	if _, err := h.public.publisher.Publish(context.WithoutCancel(ctx)); err != nil { // what was said while stopping
		cause = errors.Join(cause, err)
	}
	return errors.Join(cause, h.close(context.WithoutCancel(ctx)), i.store.Release(context.WithoutCancel(ctx), lease))
}

// build makes every part. What it opened before a failure ends with the process.
func build(ctx context.Context, i *instance, with serving, fence rivage.LeaseEpoch) (*house, error) {
	h := &house{instance: i, serving: with, journal: newJournal(i.vault, i.store)}
	h.settings = newSettings(i, h.journal, voiceSynthesis(with.log), func(audio string) bool { return h.runner.Unread(audio) })
	if err := h.settings.reload(ctx); err != nil {
		if h.settings.force.Load() == nil {
			return nil, err
		}
		with.log.Error("read settings", "error", err.Error())
	}
	var err error
	if h.recordings, err = vault.OpenRecordings(i.vault, i.machine.data(soundFolder)); err != nil {
		return nil, err
	}
	if h.public, err = openPublic(ctx, i); err != nil {
		return nil, err
	}
	if h.kept, err = kept(ctx, i, h.recordings); err != nil {
		return nil, err
	}
	if err := h.checkTail(ctx); err != nil {
		return nil, err
	}
	h.egress = egress.New(egress.Config{
		Clock: i.clock, Journal: h.journal, Declared: h.declared,
	})
	if err := h.buildFloor(fence); err != nil {
		return nil, err
	}
	if err := h.buildAPI(); err != nil {
		return nil, err
	}
	return h, nil
}

// buildFloor makes the floor and the voice side, each of which is the other's hand.
func (h *house) buildFloor(fence rivage.LeaseEpoch) error {
	h.told = h.settings.Settings().Seq
	now := floor.Moment{Wall: h.clock.Now(), Elapsed: h.clock.Elapsed()}
	h.runner = floor.NewRunner(floor.Config{
		State:   floor.New(now, h.settings.Settings(), h.settings.Gate(), floor.IDs{New: h.newID, Object: rivage.NewID}),
		Journal: h.journal, People: finder{h.instance}, Clock: h.clock, Fence: []rivage.LeaseEpoch{fence},
		Execute: func(e []floor.Effect) { h.voice.Execute(e) }, // the loop starts after both are made
		Alarm: func(down bool) {
			if down {
				h.log.Error("the journal takes nothing: live calls go on, new ones are refused")
			} else {
				h.log.Info("the journal is back")
			}
		},
		Logger: h.log,
	})
	sound, err := h.machine.sound()
	if err != nil {
		return err
	}
	h.voice, err = voice.New(voice.Config{
		Floor: h.runner, Prompts: prompts{h.store}, Recordings: recorder{h.recordings}, Settings: h.settings.Settings,
		Secret: h.secret,
		Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			return h.egress.Dial(ctx, "sip", network, addr)
		},
		Closed: h.closed, ClosedOut: h.closedOut, Carried: h.carried, Busy: h.runner.RetryAfter,
		UDP: h.machine.SIP.UDP, TCP: h.machine.SIP.TCP, External: sound.external, Media: sound.address,
		Ports: sound.ports, Browser: sound.browser, Clock: h.clock, Logger: h.log,
	})
	return err
}

// secret is the value of a secret that the settings name.
func (h *house) secret(name string) (string, error) {
	value, err := h.vault.Secrets(h.store).Secret(context.Background(), name)
	return string(value), err
}

// newID makes the ids of what lies together in the database.
func (h *house) newID() rivage.ID { return rivage.NewIDAt(h.clock.Now()) }

// buildAPI makes the HTTPS edge with everything that may be read through it.
func (h *house) buildAPI() error {
	zone, err := time.LoadLocation(h.machine.Zone)
	if err != nil {
		return fmt.Errorf("zone: %w", err)
	}
	if h.pages, err = openCertificate(&h.machine, h.clock, h.log); err != nil {
		return err
	}
	if h.access, err = newAccess(h.instance, h.settings, h.journal); err != nil {
		return err
	}
	h.found = h.store.Size()
	h.view = view.New(view.Config{
		Clock: h.clock, NewID: h.newID, Zone: zone, Settings: h.settings.Settings, Rows: rows{h.store}, Log: h.store, Opener: h.vault,
		Finder: finder{h.instance}, Journal: h.journal, Gate: h.settings.Gate,
		Recordings: playback{h.instance, h.recordings}, Replay: replayer(h.store), Decide: h.decide, Look: h.look(), Outside: h.outside(), Down: h.store.Down,
		Certificate: h.pages.ending, Missing: h.settings.Missing, Unread: h.runner.Unread,
	})
	h.api, err = api.New(api.Config{
		Clock: h.clock, Log: h.log, Floor: h.runner, Voice: h.voice, Feed: feed{h.store}, Access: h.access, Settings: h.settings,
		Ledger: h.public, Apps: web.FS, Organisation: h.machine.Organisation, Demo: h.demo,
		View: h.view,
	})
	if err != nil {
		return err
	}
	if h.listener, err = net.Listen("tcp", h.machine.HTTPS.Listen); err != nil {
		return fmt.Errorf("listen on https.listen: %w", err)
	}
	return nil
}

// start runs every part until ctx ends. A part that cannot go on stops the house.
func (h *house) start(ctx context.Context, running *sync.WaitGroup, stop context.CancelCauseFunc) {
	loops, end := context.WithCancel(context.WithoutCancel(ctx)) // the floor and the journal outlive the doors
	floorDone := make(chan struct{})
	running.Go(func() {
		h.runner.Run(ctx, h.kept)
		close(floorDone)
	})
	running.Go(func() { h.journal.run(loops) })
	running.Go(func() { <-floorDone; end() })
	running.Go(func() {
		if err := h.api.Serve(ctx, h.listener, h.pages.config(h.settings.Settings)); err != nil {
			stop(err)
		}
	})
	running.Go(func() { _ = h.api.Run(ctx) })
	running.Go(func() { _ = h.egress.Run(ctx) })
	running.Go(func() { h.public.publish(ctx, h.log) })
	running.Go(func() { h.sweep(ctx) })
	running.Go(func() { h.expire(ctx) })
	running.Go(func() { h.warn(ctx) })
	running.Go(func() {
		if err := recall(ctx, h.instance, h.found, h.view.Recall); err != nil && ctx.Err() == nil {
			h.log.Error("count the last hour again", "error", err)
		}
	})
	running.Go(func() { h.pages.keep(ctx) })
	f := feed{h.store}
	running.Go(func() { f.look(ctx) })
	running.Go(func() { f.follow(ctx, h.log, "settings", h.told+1, h.reconfigure) })
	running.Go(func() { h.erase(ctx, f) })
}

// sweep writes down the failed sign-ins of each minute, and ends what expired.
func (h *house) sweep(ctx context.Context) {
	for wait(ctx, sweepEvery); ctx.Err() == nil; wait(ctx, sweepEvery) {
		if err := h.access.Sweep(ctx); err != nil && ctx.Err() == nil {
			h.log.Warn("sweep the sessions", "error", err.Error())
		}
	}
}

// reconfigure puts what people set in force as soon as it is in the journal, whoever wrote it.
func (h *house) reconfigure(ctx context.Context, e *rivage.Stored) error {
	switch e.Facts.(type) {
	case *rivage.SettingSet, *rivage.SettingRemoved:
	default:
		return nil
	}
	if h.told >= e.Seq { // told with an earlier one
		return nil
	}
	if h.settings.Settings().Seq < e.Seq { // another process wrote it
		if err := h.settings.reload(ctx); err != nil {
			h.log.Error("read settings", "error", err.Error())
		}
	}
	h.told = h.settings.Settings().Seq
	h.runner.Post(floor.Reconfigure{Settings: h.settings.Settings(), Gate: h.settings.Gate()})
	return nil
}

// erase runs the consumer of erasures from where it stood.
func (h *house) erase(ctx context.Context, f feed) {
	list, err := vault.OpenErasures(h.machine.key(erasureFile))
	if err != nil {
		h.log.Error("open the list of erasures", "error", err.Error())
		return
	}
	defer list.Close()
	from, err := h.store.Cursor(ctx, eraserCursor)
	if err != nil {
		h.log.Error("read the cursor of erasures", "error", err.Error())
		return
	}
	f.follow(ctx, h.log, eraserCursor, from, eraser{h.store, h.vault, h.recordings, list}.take)
}

// drain lets the present calls end; a second signal ends the wait.
func (h *house) drain(ctx context.Context) {
	h.log.Info("draining: no new call; a second signal stops at once")
	h.runner.Post(floor.Drain{})
	second := make(chan os.Signal, 1)
	signal.Notify(second, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(second)
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-second:
			return
		case <-ctx.Done():
			return
		case <-look.C:
			if !h.runner.Busy() {
				return
			}
		}
	}
}

// close lets go of what only the house held.
func (h *house) close(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	return errors.Join(h.voice.Close(), h.recordings.Close(ctx), h.public.root.Close())
}

// openPublic opens the published log and refuses to go on from a history it does not continue.
func openPublic(ctx context.Context, i *instance) (public, error) {
	p, err := i.publisher()
	if err != nil {
		return public{}, err
	}
	c, err := p.Compare(ctx)
	if err != nil {
		return public{}, err
	}
	if c.Standing == ledger.Behind || c.Standing == ledger.Forked {
		return public{}, &rivage.Error{Code: rivage.Conflict, Err: &ledger.StandingError{Comparison: c}}
	}
	root, err := os.OpenRoot(i.machine.data(tilesFolder))
	if err != nil {
		return public{}, fmt.Errorf("open the published folder: %w", err)
	}
	return public{i, p, root}, nil
}

// look lets view look records up.
func (h *house) look() view.Look {
	l := link.New(link.Config{Dial: h.egress.Dial, Secret: h.secret})
	return func(ctx context.Context, src *rivage.CardSource, key string) ([]view.CardValue, error) {
		card, err := l.Look(ctx, src, key)
		values := make([]view.CardValue, len(card.Fields))
		for i, f := range card.Fields {
			values[i] = view.CardValue(f)
		}
		return values, err
	}
}

// voiceSynthesis is espeak-ng where it is installed: a fallback, and optional.
func voiceSynthesis(log *slog.Logger) synthesiser {
	e, err := tts.FindEspeak()
	if err != nil {
		log.Info("no voice synthesis", "reason", err.Error())
		return nil
	}
	return e
}
