// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/egress"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/record/store"
)

// span is a connection as it was declared for a time.
type span struct {
	policy.Connection
	from, until time.Time // until is excluded, zero while it lasts
}

// covers says whether a connection was declared at an instant, and its declaration ran: now for a flow without a time.
func (s *span) covers(at time.Time) bool {
	if s.Declared == nil || at.Before(s.from.Add(-skew)) || !s.until.IsZero() && at.After(s.until.Add(skew)) {
		return false
	}
	first, okFirst := s.Declared.From.Day()
	last, okLast := s.Declared.Until.Day()
	return okFirst && okLast && !at.Before(first) && at.Before(last.AddDate(0, 0, 1))
}

// passing is what the journal says passed a connection between two instants: so many connections, or a flow.
type passing struct {
	seq         rivage.Seq
	first, last time.Time
	left        int64 // connections that no flow was found for yet
}

func (p *passing) holds(at time.Time) bool {
	return !at.Before(p.first.Add(-skew)) && !at.After(p.last.Add(skew))
}

// outsideFlow is where undeclared flows go.
type outsideFlow struct {
	proto string
	dst   netip.Addr
	port  uint16
}

// flowsFound is a file of flows beside the journal.
type flowsFound struct {
	machine *machine
	now     time.Time
	spans   []span
	opened  map[string][]passing // by connection: TCP out, one by one
	flowing map[string][]passing // by connection: everything else

	first, last  time.Time // of the flows that say when
	flows        int
	untimed      int
	pages        int // into the pages and the browsers' port: sessions, which have entries of their own
	matched      int
	running      int      // too young to be an entry
	here, there  int      // missing
	missingHere  []string // the first maxFindings, a line each
	missingThere []string
	undeclared   map[outsideFlow]int
	strangers    int // into the doors of trunks, from networks that nobody declared: refused and counted there
}

// reconcileFlows pairs the flows of a file with what the settings of the log declare and with its entries.
func reconcileFlows(ctx context.Context, s *store.Store, size rivage.Seq, m *machine, flows []netFlow, now time.Time) (*flowsFound, error) {
	r := &flowsFound{
		flows: len(flows), undeclared: map[outsideFlow]int{}, opened: map[string][]passing{}, flowing: map[string][]passing{}, machine: m, now: now,
	}
	for _, f := range flows {
		switch {
		case f.start.IsZero():
			r.untimed++
			continue
		case r.first.IsZero():
			r.first = f.start
		}
		r.last = f.start
	}
	if err := eachEntry(ctx, s, size, func(e *rivage.Stored) error { r.learn(e); return nil }); err != nil {
		return nil, err
	}
	for _, list := range r.opened {
		slices.SortFunc(list, func(a, b passing) int { return a.first.Compare(b.first) })
	}
	for i := range flows {
		r.see(&flows[i])
	}
	r.leftOver()
	return r, nil
}

// learn takes what an entry declares or says passed.
func (r *flowsFound) learn(e *rivage.Stored) {
	switch f := e.Facts.(type) {
	case *rivage.SettingSet:
		r.declare(f.Type, f.ID, f.Doc, e.At.Time())
	case *rivage.SettingRemoved:
		r.declare(f.Type, f.ID, nil, e.At.Time())
	case *rivage.ConnectionOpened:
		p := passing{e.Seq, f.First.Time(), f.Last.Time(), f.Count}
		if f.Direction == egress.Out && f.Transport == "tcp" {
			r.opened[f.Connection] = append(r.opened[f.Connection], p)
		} else {
			r.flowing[f.Connection] = append(r.flowing[f.Connection], p)
		}
	case *rivage.ConnectionMeasured:
		if f.Direction != egress.Out || f.Transport != "tcp" {
			r.flowing[f.Connection] = append(r.flowing[f.Connection], passing{e.Seq, f.First.Time(), f.Last.Time(), 0})
		}
	}
}

// declare ends the version before of a trunk or a source, and begins the one that a document holds.
func (r *flowsFound) declare(kind string, id rivage.ID, doc json.RawMessage, at time.Time) {
	var c policy.Connection
	none := &rivage.Settings{}
	switch kind {
	case rivage.TypeTrunk:
		t := rivage.Trunk{}
		if doc != nil && json.Unmarshal(doc, &t) != nil {
			doc = nil // what cannot be read declares nothing
		}
		t.ID = id
		c = policy.TrunkOf(none, &t)
	case rivage.TypeCard:
		t := rivage.CardSource{}
		if doc != nil && json.Unmarshal(doc, &t) != nil {
			doc = nil
		}
		t.ID = id
		c = policy.CardOf(none, &t)
	default:
		return
	}
	for i := range r.spans {
		if r.spans[i].ID == c.ID && r.spans[i].until.IsZero() {
			r.spans[i].until = at
		}
	}
	if doc != nil {
		r.spans = append(r.spans, span{Connection: c, from: at})
	}
}

// see finds the connection and the entry of a flow.
func (r *flowsFound) see(f *netFlow) {
	at := f.start
	if at.IsZero() {
		at = r.now
	}
	door, ours := r.door(f)
	if ours && door == doorPages {
		r.pages++
		return
	}
	for i := range r.spans {
		s := &r.spans[i]
		networks, addr := s.Out, f.dst
		if ours {
			if networks, addr = s.In, f.src; door == doorSound {
				networks = s.Sound
			}
		}
		if !s.covers(at) || !inAny(networks, addr) {
			continue
		}
		r.pair(s.ID, f, !ours && f.proto == "tcp")
		return
	}
	if ours {
		r.strangers++
		return
	}
	r.undeclared[outsideFlow{f.proto, f.dst, f.port}]++
}

func inAny(list []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
}

// The doors of a machine.
const (
	doorPages = "pages"
	doorSIP   = "sip"
	doorSound = "sound"
)

// door is where a flow comes in, false for one that does not come in here: its destination is no address that the machine
// listens on, or no port of ours.
func (r *flowsFound) door(f *netFlow) (string, bool) {
	m := r.machine
	for _, d := range []struct{ name, proto, listen string }{
		{doorPages, "tcp", m.HTTPS.Listen}, {doorSIP, "udp", m.SIP.UDP}, {doorSIP, "tcp", m.SIP.TCP}, {doorPages, "udp", m.Media.Browser},
	} {
		host, port, err := net.SplitHostPort(d.listen)
		if err == nil && f.proto == d.proto && strconv.Itoa(int(f.port)) == port && r.listens(host, f.dst) {
			return d.name, true
		}
	}
	if f.proto == "udp" && int(f.port) >= m.Media.Ports[0] && int(f.port) <= m.Media.Ports[1] && r.listens(m.Media.Address, f.dst) {
		return doorSound, true
	}
	return "", false
}

// listens says whether an address is the one listened on, or the one trunks see. Where every address is listened on, it is
// not known which are ours, and a flow counts as going out: sip.external tells.
func (r *flowsFound) listens(host string, a netip.Addr) bool {
	for _, ours := range []string{host, r.machine.SIP.External} {
		if at, err := netip.ParseAddr(ours); err == nil && at.Unmap() == a {
			return true
		}
	}
	return false
}

// pair finds the entry of a flow of a declared connection. One without a time is of a declared connection, and that is all.
func (r *flowsFound) pair(connection string, f *netFlow, single bool) {
	if f.start.IsZero() {
		return
	}
	if single {
		list := r.opened[connection]
		for i := range list {
			if list[i].first.Add(-skew).After(f.start) {
				break
			}
			if list[i].left > 0 && list[i].holds(f.start) {
				list[i].left--
				r.matched++
				return
			}
		}
	} else if slices.ContainsFunc(r.flowing[connection], func(p passing) bool { return p.holds(f.start) }) {
		r.matched++
		return
	}
	running := r.now.Truncate(time.Hour)
	if single {
		running = r.now.Add(-2 * time.Minute)
	}
	if f.start.After(running) { // its entry may still have to come
		r.running++
		return
	}
	if r.here++; r.here <= maxFindings {
		r.missingHere = append(r.missingHere, fmt.Sprintf("%s par %s, %s", f.proto, connection, f.start.UTC().Format(time.RFC3339)))
	}
}

// leftOver are the connections of the journal within the time of the file that no flow was found for.
func (r *flowsFound) leftOver() {
	var list []passing
	names := map[rivage.Seq]string{}
	for connection, opened := range r.opened {
		for _, p := range opened {
			if p.left > 0 && r.first.Before(p.first) && p.last.Before(r.last) { // at the edges, the extract may have left it out
				list, names[p.seq] = append(list, p), connection
			}
		}
	}
	slices.SortFunc(list, func(a, b passing) int { return cmp.Compare(a.seq, b.seq) })
	for _, p := range list {
		r.there += int(p.left)
		if len(r.missingThere) < maxFindings {
			r.missingThere = append(r.missingThere, fmt.Sprintf("écriture %d, %s, %d connexion(s), %s", p.seq, names[p.seq], p.left, p.first.UTC().Format(time.RFC3339)))
		}
	}
}

// text is the part of the report about flows.
func (r *flowsFound) text() string {
	var b strings.Builder
	p := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	if r.first.IsZero() {
		p("relevé des flux   sans heures : rien n'est rapproché du journal, seules les destinations sont vues")
	} else {
		p("relevé des flux   du %s au %s", r.first.UTC().Format(time.RFC3339), r.last.UTC().Format(time.RFC3339))
	}
	p("                  %d flux, dont %d sans heure, %d vers les pages et %d trop récents : %d retrouvés, %d absents du journal, %d absents du relevé", r.flows, r.untimed, r.pages, r.running, r.matched, r.here, r.there)
	for _, line := range r.missingHere {
		p("  absent du journal : %s", line)
	}
	for _, line := range r.missingThere {
		p("  absent du relevé : %s", line)
	}
	keys := make([]outsideFlow, 0, len(r.undeclared))
	for k := range r.undeclared {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b outsideFlow) int {
		return cmp.Or(cmp.Compare(r.undeclared[b], r.undeclared[a]), a.dst.Compare(b.dst), cmp.Compare(a.port, b.port), cmp.Compare(a.proto, b.proto))
	})
	p("                  %d destinations non déclarées, %d flux entrants de réseaux non déclarés aux portes des raccordements", len(keys), r.strangers)
	for _, k := range keys[:min(len(keys), maxFindings)] {
		p("  non déclarée : %s %s, %d flux", k.proto, netip.AddrPortFrom(k.dst, k.port), r.undeclared[k])
	}
	return b.String()
}

// holds is whether the file and the journal agree, and everything that went out was declared.
func (r *flowsFound) holds() bool { return r.here == 0 && r.there == 0 && len(r.undeclared) == 0 }
