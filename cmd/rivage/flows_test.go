// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

const conntrackEvents = `[1764331200.250000]	    [NEW] tcp      6 120 SYN_SENT src=192.0.2.10 dst=198.51.100.7 sport=40000 dport=443 [UNREPLIED] src=198.51.100.7 dst=192.0.2.10 sport=443 dport=40000
[1764331200.300000]	 [UPDATE] tcp      6 60 SYN_RECV src=192.0.2.10 dst=198.51.100.7 sport=40000 dport=443 src=198.51.100.7 dst=192.0.2.10 sport=443 dport=40000
[1764331260.000001]	    [NEW] udp      17 30 src=203.0.113.5 dst=192.0.2.10 sport=5060 dport=5060 [UNREPLIED] src=192.0.2.10 dst=203.0.113.5 sport=5060 dport=5060
[1764331261.000000]	    [NEW] icmp     1 30 src=203.0.113.5 dst=192.0.2.10 type=8 code=0 id=1
[1764331262.000000]	[DESTROY] tcp      6 src=192.0.2.10 dst=198.51.100.7 sport=40000 dport=443
`

const conntrackList = `tcp      6 431999 ESTABLISHED src=192.0.2.10 dst=198.51.100.7 sport=40000 dport=443 src=198.51.100.7 dst=192.0.2.10 sport=443 dport=40000 [ASSURED] mark=0 use=1
ipv6     10 udp      17 29 src=2001:db8::1 dst=2001:db8::5 sport=4000 dport=53 src=2001:db8::5 dst=2001:db8::1 sport=53 dport=4000 mark=0 use=1
`

func TestFlowsAreReadAsTheToolsWriteThem(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []netFlow
	}{
		"events": {conntrackEvents, []netFlow{
			{time.Unix(1764331200, 250000000).UTC(), "tcp", netip.MustParseAddr("192.0.2.10"), netip.MustParseAddr("198.51.100.7"), 443},
			{time.Unix(1764331260, 1000).UTC(), "udp", netip.MustParseAddr("203.0.113.5"), netip.MustParseAddr("192.0.2.10"), 5060},
		}},
		"a list": {conntrackList, []netFlow{
			{time.Time{}, "tcp", netip.MustParseAddr("192.0.2.10"), netip.MustParseAddr("198.51.100.7"), 443},
			{time.Time{}, "udp", netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::5"), 53},
		}},
		"CSV, in the order of time": {"start,proto,src,dst,dport,bytes\n2026-11-28T13:00:00+01:00,TCP,192.0.2.10,::ffff:198.51.100.7,443,12\n2026-11-28T11:00:00Z,udp,192.0.2.10,198.51.100.8,53,0\n", []netFlow{
			{time.Date(2026, 11, 28, 11, 0, 0, 0, time.UTC), "udp", netip.MustParseAddr("192.0.2.10"), netip.MustParseAddr("198.51.100.8"), 53},
			{time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC), "tcp", netip.MustParseAddr("192.0.2.10"), netip.MustParseAddr("198.51.100.7"), 443},
		}},
	} {
		got, err := parseFlows(strings.NewReader(c.text))
		if err != nil || len(got) != len(c.want) {
			t.Fatalf("%s: got %+v, %v", name, got, err)
		}
		for i := range got {
			if !got[i].start.Equal(c.want[i].start) || got[i].proto != c.want[i].proto || got[i].src != c.want[i].src || got[i].dst != c.want[i].dst || got[i].port != c.want[i].port {
				t.Errorf("%s: got %+v, want %+v", name, got[i], c.want[i])
			}
		}
	}
}

func TestFlowsThatDoNotReadAreRefusedWithTheirLine(t *testing.T) {
	head := "start,proto,src,dst,dport,bytes\n"
	for text, want := range map[string]string{
		"":            "no flow",
		head:          "no flow",
		"start,a,b\n": "line 1: want the columns",
		"nothing\n":   "no flow",
		head + "hier,tcp,192.0.2.1,192.0.2.2,1,1\n":                   "line 2: start",
		head + "2026-11-28T12:00:00Z,icmp,192.0.2.1,192.0.2.2,1,1\n":  "line 2: proto",
		head + "2026-11-28T12:00:00Z,tcp,moi,192.0.2.2,1,1\n":         "line 2: src",
		head + "2026-11-28T12:00:00Z,tcp,192.0.2.1,,1,1\n":            "line 2: dst",
		head + "2026-11-28T12:00:00Z,tcp,192.0.2.1,192.0.2.2,99999,1": "line 2: dport",
		head + "2026-11-28T12:00:00Z,tcp,192.0.2.1,192.0.2.2,1,-1\n":  "line 2: bytes",
		"[hier.1] [NEW] tcp 6 src=1\n":                                "line 1: want a time",
		"tcp 6 1 src=192.0.2.1 sport=1\n":                             "line 1: dst",
		strings.Repeat("x", maxFlowLine+1) + "\n":                     "a line of more than",
	} {
		if _, err := parseFlows(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: got %v, want %q", text, err, want)
		}
	}
}

func FuzzFlows(f *testing.F) {
	for _, seed := range []string{conntrackEvents, conntrackList, "start,proto,src,dst,dport,bytes\n2026-11-28T12:00:00Z,tcp,192.0.2.1,192.0.2.2,1,1\n", "start,\"", "[1.] [NEW] udp"} {
		f.Add([]byte(seed))
	}
	m := defaultMachine()
	f.Fuzz(func(t *testing.T, text []byte) {
		flows, err := parseFlows(bytes.NewReader(text))
		if err != nil {
			return
		}
		r := &flowsFound{undeclared: map[outsideFlow]int{}, machine: &m}
		for i := range flows {
			if !flows[i].src.IsValid() || !flows[i].dst.IsValid() {
				t.Fatalf("read %+v", flows[i])
			}
			r.see(&flows[i])
		}
		r.leftOver()
		_ = r.text()
	})
}

// flowsWorld is a machine on 192.0.2.10 with a trunk in 203.0.113.0/24, a source of cards at 198.51.100.7, and what the
// journal says passed.
func flowsWorld(t *testing.T) *flowsFound {
	t.Helper()
	m := defaultMachine()
	m.HTTPS.Listen, m.SIP.UDP, m.SIP.TCP, m.Media.Address = "192.0.2.10:8443", "192.0.2.10:5060", "192.0.2.10:5060", "192.0.2.10"
	r := &flowsFound{undeclared: map[outsideFlow]int{}, opened: map[string][]passing{}, flowing: map[string][]passing{}, machine: &m, now: flowsNoon.Add(5 * time.Hour)}
	declared := &rivage.Declaration{Purpose: "service", Classes: []rivage.DataClass{"suivi"}, Basis: "b", From: "2026-01-01", Until: "2026-12-31"}
	set := func(at time.Time, kind string, id rivage.ID, doc any) {
		text, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		r.learn(&rivage.Stored{At: rivage.At(at), Facts: &rivage.SettingSet{Type: kind, ID: id, Doc: text}})
	}
	before := flowsNoon.Add(-24 * time.Hour)
	network := []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}
	set(before, rivage.TypeTrunk, "operateur", rivage.Trunk{Networks: network, Media: network, Declared: declared})
	set(before, rivage.TypeCard, "colis", rivage.CardSource{URL: "https://x.example/{key}", Networks: []netip.Prefix{netip.MustParsePrefix("198.51.100.7/32")}, Declared: declared})
	set(before, rivage.TypeCard, "parti", rivage.CardSource{URL: "https://y.example/{key}", Networks: []netip.Prefix{netip.MustParsePrefix("198.51.100.99/32")}, Declared: declared})
	r.learn(&rivage.Stored{At: rivage.At(flowsNoon.Add(-time.Hour)), Facts: &rivage.SettingRemoved{Type: rivage.TypeCard, ID: "parti"}})
	passed := func(seq rivage.Seq, connection, direction, transport string, first, last, count int64) rivage.Passed {
		return rivage.Passed{Connection: connection, Direction: direction, Transport: transport, First: rivage.At(flowsNoon.Add(time.Duration(first) * time.Second)), Last: rivage.At(flowsNoon.Add(time.Duration(last) * time.Second)), Count: count}
	}
	for i, p := range []rivage.Passed{ // in the order of the log
		passed(10, "card:colis", "out", "tcp", 0, 0, 1), passed(11, "card:colis", "out", "tcp", 60, 90, 2), passed(12, "card:colis", "out", "tcp", 300, 300, 1),
	} {
		r.learn(&rivage.Stored{Seq: rivage.Seq(10 + i), Facts: &rivage.ConnectionOpened{Passed: p}})
	}
	r.learn(&rivage.Stored{Seq: 13, Facts: &rivage.ConnectionMeasured{Passed: passed(13, "trunk:operateur", "in", "udp", 0, 3000, 50)}})
	r.learn(&rivage.Stored{Seq: 14, Facts: &rivage.ConnectionMeasured{Passed: passed(14, "card:colis", "out", "tcp", 0, 0, 1)}}) // of one that closed: opened already
	return r
}

var flowsNoon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func TestFlowsArePairedWithTheJournal(t *testing.T) {
	flow := func(second int, proto, src, dst string, port uint16) netFlow {
		return netFlow{flowsNoon.Add(time.Duration(second) * time.Second), proto, netip.MustParseAddr(src), netip.MustParseAddr(dst), port}
	}
	const me, card, trunk = "192.0.2.10", "198.51.100.7", "203.0.113.5"
	flows := []netFlow{
		flow(-3600, "tcp", me, "198.51.100.250", 443),                  // nobody declared it
		flow(-4000, "tcp", me, "198.51.100.99", 443),                   // declared then, and no entry knows it
		flow(0, "tcp", me, card, 443),                                  // matched
		flow(1, "tcp", me, card, 443),                                  // a second one that no entry knows
		flow(61, "tcp", me, card, 443), flow(89, "tcp", me, card, 443), // matched with the two of one entry
		flow(100, "udp", trunk, me, 5060),                                             // matched within the hour
		flow(101, "udp", me, trunk, 20000),                                            // sound out, within the hour
		flow(102, "udp", trunk, me, 16002),                                            // sound in
		flow(103, "udp", "203.0.114.1", me, 5060),                                     // a stranger at the door
		flow(104, "tcp", "192.0.2.77", me, 8443),                                      // a desk
		flow(105, "tcp", me, "198.51.100.99", 443),                                    // declared no more
		flow(106, "tcp", me, "203.0.114.1", 8443),                                     // a port of ours, elsewhere
		flow(8000, "udp", trunk, me, 5060),                                            // no hour of ours knows it
		flow(4*3600+3000, "tcp", me, card, 443),                                       // no entry
		flow(5*3600-30, "tcp", me, card, 443),                                         // its entry may still come
		{time.Time{}, "tcp", netip.MustParseAddr(me), netip.MustParseAddr(card), 443}, // from a list: declared, that is all
	}
	r := flowsWorld(t)
	r.flows, r.untimed, r.first, r.last = len(flows), 1, flows[1].start, flowsNoon.Add(5*time.Hour)
	for i := range flows {
		r.see(&flows[i])
	}
	r.leftOver()
	if r.matched != 6 || r.here != 4 || r.there != 1 || r.pages != 1 || r.strangers != 1 || r.running != 1 || len(r.undeclared) != 3 || r.holds() {
		t.Errorf("%d matched, %d missing here, %d there, %d pages, %d strangers, %d running, undeclared %v", r.matched, r.here, r.there, r.pages, r.strangers, r.running, r.undeclared)
	}
	golden := filepath.Join("testdata", "flows.golden")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, []byte(r.text()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || r.text() != string(want) {
		t.Errorf("%v: got\n%s\nwant\n%s", err, r.text(), want)
	}
}

// Where everything is listened on, what is ours is not known: a flow is then one that goes out.
func TestWithoutAnAddressOfOursAFlowGoesOut(t *testing.T) {
	r := flowsWorld(t)
	r.machine.HTTPS.Listen = "0.0.0.0:8443"
	f := netFlow{flowsNoon, "tcp", netip.MustParseAddr("192.0.2.77"), netip.MustParseAddr("192.0.2.10"), 8443}
	if r.see(&f); len(r.undeclared) != 1 {
		t.Errorf("taken for one of ours: %+v", r.pages)
	}
	r.machine.SIP.External = "192.0.2.10"
	if r.see(&f); r.pages != 1 {
		t.Error("not known by the address that is declared")
	}
}
