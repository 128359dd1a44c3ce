// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/api/client"
	"rivage.example/rivage/engine/view"
)

// password of every agent here.
const password = "phare-de-penmarch-1897"

// desks are the agents at work: each has a live channel of its own, says ready and gives dispositions.
type desks struct {
	ready atomic.Int64 // how many may take a call
	turns atomic.Int64 // how often one became ready
	work  sync.WaitGroup
	stop  context.CancelFunc
}

// arrive takes up the agents' invitations, signs them in and waits until all are ready. Their passwords cost more than
// all of their calls, so this happens before anything is measured. offered is told of each offer that a desk shows.
func arrive(ctx context.Context, i *instance, agents int, wrap time.Duration, offered func(view.Interaction)) (*desks, error) {
	if err := enrol(ctx, i, agents); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	d := &desks{stop: stop}
	for n := range agents {
		var was atomic.Bool
		c := client.Config{
			Base: "http://" + i.https, LocalAddr: seat(n), Login: login(n), Password: password, OnOffer: offered,
			OnState: func(a view.Agent) {
				if is := a.State == rivage.AgentReady; is != was.Swap(is) {
					d.ready.Add(map[bool]int64{true: 1, false: -1}[is])
					if is {
						d.turns.Add(1)
					}
				}
			},
		}
		d.work.Go(func() { _ = client.Post(ctx, c, wrap) })  // one that gives up is missed in ready
		if err := d.all(ctx, n-8, time.Minute); err != nil { // all at once, their sign-ins would run into their time limits
			return nil, err
		}
	}
	if err := d.all(ctx, agents, time.Minute); err != nil {
		return nil, err
	}
	return d, nil
}

// all waits until every agent is ready.
func (d *desks) all(ctx context.Context, agents int, most time.Duration) error {
	return wait(ctx, most, fmt.Sprintf("%d agents ready", agents), func() bool { return d.ready.Load() >= int64(agents) })
}

func (d *desks) leave() {
	d.stop()
	d.work.Wait()
}

// seat is the address of the nth agent's desk: sign-ins are limited by address.
func seat(n int) netip.Addr { return netip.AddrFrom4([4]byte{127, 1, byte(n / 250), byte(1 + n%250)}) }

// enrol takes up all invitations, a few at a time.
func enrol(ctx context.Context, i *instance, agents int) error {
	var wg sync.WaitGroup
	var failed atomic.Pointer[error]
	places := make(chan struct{}, 8)
	for n := range agents {
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			if err := accept(ctx, i, n); err != nil {
				failed.Store(&err)
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return fmt.Errorf("enrol: %w", *err)
	}
	return nil
}

func accept(ctx context.Context, i *instance, n int) error {
	body, err := json.Marshal(map[string]string{"password": password})
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+i.https+"/api/invitations/"+i.links[login(n)], bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	from := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(seat(n), 0))}
	resp, err := (&http.Transport{DialContext: from.DialContext, DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // not read
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", login(n), resp.Status)
	}
	return nil
}
