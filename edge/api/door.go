// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"container/list"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"rivage.example/rivage"
)

// The rates of one address. A /64 counts as one address in IPv6.
const (
	requestsPerSecond, requestBurst = 200, 1000 // a whole site may share one address
	signInEvery, signInBurst        = time.Second, 60
	demoEvery, demoBurst            = 10 * time.Second, 5
	maxAddresses                    = 10_000 // remembered; the one unseen for longest goes first
)

// door limits what each address may ask.
type door struct {
	clock rivage.Clock

	mu    sync.Mutex // guards what follows
	by    map[netip.Prefix]*list.Element
	order *list.List // of *visitor, last seen first
}

// visitor is one address's allowance; guarded by door.mu.
type visitor struct {
	from                   netip.Prefix
	requests, signIn, demo *rate.Limiter
}

func newDoor(c rivage.Clock) *door {
	return &door{clock: c, by: map[netip.Prefix]*list.Element{}, order: list.New()}
}

func (d *door) request(r *http.Request) error {
	return d.take(r, func(v *visitor) *rate.Limiter { return v.requests })
}

func (d *door) signIn(r *http.Request) error {
	return d.take(r, func(v *visitor) *rate.Limiter { return v.signIn })
}

func (d *door) demoCall(r *http.Request) error {
	return d.take(r, func(v *visitor) *rate.Limiter { return v.demo })
}

// take spends one of the allowance, or says when there is one again.
func (d *door) take(r *http.Request, which func(*visitor) *rate.Limiter) error {
	now := time.Unix(0, 0).Add(d.clock.Elapsed()) // a step of the wall clock neither fills an allowance nor empties it
	d.mu.Lock()
	defer d.mu.Unlock()
	l := which(d.visitor(blockOf(addressOf(r))))
	if l.AllowN(now, 1) {
		return nil
	}
	wait := l.ReserveN(now, 1)
	p := problem(http.StatusTooManyRequests, codeTooMany)
	p.headers = http.Header{"Retry-After": {seconds(wait.DelayFrom(now))}}
	wait.CancelAt(now)
	return p
}

func (d *door) visitor(from netip.Prefix) *visitor {
	if e, ok := d.by[from]; ok {
		d.order.MoveToFront(e)
		return e.Value.(*visitor) //nolint:errcheck // the list holds nothing else
	}
	if d.order.Len() >= maxAddresses {
		last := d.order.Back()
		delete(d.by, last.Value.(*visitor).from) //nolint:errcheck // as above
		d.order.Remove(last)
	}
	v := &visitor{
		from:     from,
		requests: rate.NewLimiter(requestsPerSecond, requestBurst),
		signIn:   rate.NewLimiter(rate.Every(signInEvery), signInBurst),
		demo:     rate.NewLimiter(rate.Every(demoEvery), demoBurst),
	}
	d.by[from] = d.order.PushFront(v)
	return v
}

func blockOf(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
