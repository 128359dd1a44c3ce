// SPDX-License-Identifier: EUPL-1.2

// Package egress is the only way out: it connects to what is declared for a use, counts it, and refuses and counts all else.
package egress

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"

	"rivage.example/rivage"
)

// Journal takes the entries about what was refused and what passed.
type Journal interface {
	Append(ctx context.Context, a rivage.Append) (rivage.Receipt, error)
}

// Resolver finds the addresses of a name.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Declared is where one use may connect: an address within Networks, and, when it is asked for by name, a name among
// Hosts. Nothing declared is nowhere; declarations of one use add up. One that is Closed lets nothing through.
type Declared struct {
	Use        string
	Connection string         // what entries call it
	Company    rivage.ID      // that is reached
	Country    rivage.Country // where it stands, "" when nobody said
	Closed     string         // why nothing passes now, a short code; "" while it is open
	Hosts      []string       // exact names, or ".example.org" for those under it
	Networks   []netip.Prefix
}

// Config is what a Gate stands on.
type Config struct {
	Clock    rivage.Clock
	Journal  Journal
	Resolver Resolver          // nil is the system's
	Declared func() []Declared // in force at the moment of the call; quick
}

// The bounds of one connection.
const (
	dialTimeout  = 10 * time.Second
	maxAddresses = 8 // of one name that are tried
)

// The reasons of refusals.
const (
	ReasonUse     = "use"     // no declaration for that use
	ReasonHost    = "host"    // the name is not declared for it
	ReasonAddress = "address" // the address is not declared for it; any other is why a declaration is closed
)

// Gate connects. Its methods may be called at the same time.
type Gate struct {
	c    Config
	out  *refusals
	uses *uses
}

// New makes a Gate. Run writes down what it refuses, and what passes.
func New(c Config) *Gate {
	g := &Gate{c: c, out: newRefusals(c.Clock, c.Journal), uses: newUses(c.Clock, c.Journal)}
	if g.c.Resolver == nil {
		g.c.Resolver = net.DefaultResolver
	}
	return g
}

// ways are the declarations of one use, as they stand at one moment.
type ways struct {
	use          string
	open, closed []Declared
}

func (g *Gate) ways(use string) ways {
	w := ways{use: use}
	for _, d := range g.c.Declared() {
		switch {
		case d.Use != use:
		case d.Closed == "":
			w.open = append(w.open, d)
		default:
			w.closed = append(w.closed, d)
		}
	}
	return w
}

// shut is why nothing of the use passes, "" when something may.
func (w ways) shut() string {
	switch {
	case len(w.open) > 0:
		return ""
	case len(w.closed) > 0:
		return w.closed[0].Closed
	}
	return ReasonUse
}

// to is the open declaration that holds an address; without one, why it is refused.
func (w ways) to(a netip.Addr) (*Declared, string) {
	for i := range w.open {
		if w.open[i].holds(a) {
			return &w.open[i], ""
		}
	}
	for i := range w.closed {
		if w.closed[i].holds(a) {
			return nil, w.closed[i].Closed
		}
	}
	return nil, ReasonAddress
}

// names says whether a name is asked for under an open declaration.
func (w ways) names(name string) bool {
	return slices.ContainsFunc(w.open, func(d Declared) bool {
		return slices.ContainsFunc(d.Hosts, func(h string) bool { return covers(canonical(h), name) })
	})
}

// Dial connects for a use to "host:port". The name is resolved once, here, and the connection goes to the very address
// that was checked: a second answer of the DNS changes nothing.
func (g *Gate) Dial(ctx context.Context, use, network, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, &rivage.Error{Code: rivage.Invalid, Message: "dial " + use, Err: err}
	}
	w := g.ways(use)
	if why := w.shut(); why != "" {
		return nil, g.refuse(use, why)
	}
	addrs, err := g.addresses(ctx, w, host)
	if err != nil {
		return nil, err
	}
	refused := ReasonAddress
	addrs = slices.DeleteFunc(addrs, func(a netip.Addr) bool {
		d, why := w.to(a)
		if d == nil && why != ReasonAddress {
			refused = why
		}
		return d == nil
	})
	if len(addrs) == 0 {
		return nil, g.refuse(use, refused)
	}
	dialer := net.Dialer{Timeout: dialTimeout, ControlContext: g.Control(use)}
	var failed []error
	for _, a := range addrs[:min(len(addrs), maxAddresses)] {
		c, err := dialer.DialContext(ctx, network, net.JoinHostPort(a.String(), port))
		if d, _ := w.to(a); err == nil && d != nil {
			return g.uses.opened(d, c), nil
		}
		failed = append(failed, err)
	}
	return nil, &rivage.Error{Code: rivage.Unavailable, Message: "dial " + use, Err: errors.Join(failed...)}
}

// addresses are those of a host: itself, or what its name resolves to when the name is declared.
func (g *Gate) addresses(ctx context.Context, w ways, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	name := canonical(host)
	if name == "" || !w.names(name) {
		return nil, g.refuse(w.use, ReasonHost)
	}
	found, err := g.c.Resolver.LookupNetIP(ctx, "ip", name)
	if err != nil {
		return nil, &rivage.Error{Code: rivage.Unavailable, Message: "resolve the host of " + w.use, Err: err}
	}
	for i := range found {
		found[i] = found[i].Unmap()
	}
	return found, nil
}

// Control checks the address itself, for libraries that insist on a net.Dialer of their own: it goes into its
// ControlContext, which runs once the address is known and before a packet leaves.
func (g *Gate) Control(use string) func(ctx context.Context, network, addr string, c syscall.RawConn) error {
	return func(_ context.Context, _, addr string, _ syscall.RawConn) error {
		w := g.ways(use)
		if why := w.shut(); why != "" {
			return g.refuse(use, why)
		}
		p, err := netip.ParseAddrPort(addr)
		if err != nil {
			return g.refuse(use, ReasonAddress)
		}
		if _, why := w.to(p.Addr()); why != "" {
			return g.refuse(use, why)
		}
		return nil
	}
}

// Carried counts one message that a declared connection carried without a dial of ours. It is quick.
func (g *Gate) Carried(connection, transport, direction string, bytes int) {
	g.uses.carried(func() (Declared, bool) {
		for _, d := range g.c.Declared() {
			if d.Connection == connection {
				return d, true
			}
		}
		return Declared{}, false
	}, useKey{connection: connection, direction: direction, transport: transport}, int64(bytes))
}

// Last is when each connection last carried something since the process started.
func (g *Gate) Last() map[string]time.Time {
	g.uses.mu.Lock()
	defer g.uses.mu.Unlock()
	return maps.Clone(g.uses.last)
}

// Run writes down what is refused and what passes, until ctx is done; then it writes down what is left.
func (g *Gate) Run(ctx context.Context) error {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			last, stop := context.WithTimeout(context.WithoutCancel(ctx), dialTimeout)
			defer stop()
			return errors.Join(g.out.flush(last, true), g.uses.flush(last, true))
		case <-t.C:
			_ = g.out.flush(ctx, false) // what could not be written stays counted, and is tried again
			_ = g.uses.flush(ctx, false)
		}
	}
}

func (g *Gate) refuse(use, reason string) error {
	g.out.count(use, reason)
	return &rivage.Error{Code: rivage.Denied, Message: fmt.Sprintf("connect for %q: %s", use, meanings(reason))}
}

// meanings says for people what a reason is.
func meanings(reason string) string {
	switch reason {
	case ReasonUse, ReasonHost, ReasonAddress:
		return "its " + reason + " is not declared"
	}
	return "its declaration is closed (" + reason + ")"
}

func (d *Declared) holds(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return slices.ContainsFunc(d.Networks, func(n netip.Prefix) bool { return n.Contains(a) })
}

// covers says whether a declared name is this one, or has it under it.
func covers(declared, name string) bool {
	return declared == name || strings.HasPrefix(declared, ".") && strings.HasSuffix(name, declared)
}

// canonical is a name in lower case, without the dot of the root.
func canonical(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }
