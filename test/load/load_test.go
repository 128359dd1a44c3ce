// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"rivage.example/rivage"
	engine "rivage.example/rivage/edge/voice/media"
	"rivage.example/rivage/wire/sdp"
)

func TestPercentiles(t *testing.T) {
	var d durations
	for n := 100; n > 0; n-- {
		d = append(d, time.Duration(n)*time.Millisecond)
	}
	if p50, p99 := d.at(50), d.at(99); p50 != 51*time.Millisecond || p99 != 100*time.Millisecond {
		t.Errorf("p50 %s, p99 %s", p50, p99)
	}
	if got := durations(nil).at(99); got != 0 {
		t.Errorf("of nothing: %s", got)
	}
}

func TestTheLastLineOfSippCounts(t *testing.T) {
	p := &peer{cmd: exec.Command("true"), stat: filepath.Join(t.TempDir(), "stat.csv")}
	if err := p.cmd.Run(); err != nil {
		t.Fatal(err)
	}
	text := "CurrentTime;SuccessfulCall(P);SuccessfulCall(C);FailedCall(C);\nx;1;1;0;\ny;4;5;2;\n"
	if err := os.WriteFile(p.stat, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := p.result(); got.good != 5 || got.bad != 2 {
		t.Errorf("got %d good and %d failed, want 5 and 2", got.good, got.bad)
	}
}

func TestEachPacketIsCountedOnTheOtherSide(t *testing.T) {
	e, err := engine.New(engine.Config{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := openPhones()
	if err != nil {
		t.Fatal(err)
	}
	var legs [sides]*engine.Leg
	for s := range legs {
		if legs[s], err = e.NewLeg(engine.LegConf{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}); err != nil {
			t.Fatal(err)
		}
		if err := legs[s].Apply(sdp.Plan{PT: map[uint8]uint8{8: sdp.PCMA}, AudioOut: 8, RTP: p.addr(s).(*net.UDPAddr).AddrPort()}); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Bridge(legs[ofCallers], legs[ofAgents]); err != nil {
		t.Fatal(err)
	}
	passes := func(window int32, samples int64) {
		p.window.Store(window)
		end := e.Now() + samples
		if err := wait(t.Context(), time.Minute, "time passes", func() bool { return e.Now() > end }); err != nil {
			t.Fatal(err)
		}
	}
	legs[ofAgents].Mute(true) // the agents' packets go nowhere, and that must be seen
	passes(before, 4000)
	legs[ofAgents].Mute(false)
	if err := p.wait(t.Context(), 1, time.Minute); err != nil {
		t.Fatal(err)
	}
	passes(measured, 4000)
	passes(after, 8000)
	if err := errors.Join(p.end(), e.Close()); err != nil {
		t.Fatal(err)
	}
	for s := range sides {
		if c := p.side[s].counts[measured]; c.sent < 10 || c.heard != c.sent || c.disorder > 0 {
			t.Errorf("side %d: sent %d, heard %d, out of order %d", s, c.sent, c.heard, c.disorder)
		}
	}
	if c := p.side[ofAgents].counts[before]; c.heard >= c.sent || c.disorder > 0 {
		t.Errorf("a muted side: sent %d, heard %d, out of order %d", c.sent, c.heard, c.disorder)
	}
}

func TestTimesCountFromTheQueue(t *testing.T) {
	j := journal{offers: map[rivage.ID]time.Time{}}
	queued := map[rivage.ID]rivage.Micros{}
	for _, e := range []rivage.Stored{
		{At: 1_000_000, Facts: &rivage.InteractionQueued{Interaction: "a"}},
		{At: 1_000_400, Facts: &rivage.InteractionOffered{Interaction: "a", Offer: "o"}},
		{At: 2_000_400, Facts: &rivage.InteractionAnswered{Interaction: "a", Extra: 200}},
		{At: 3_000_000, Facts: &rivage.SettingSet{}},
	} {
		j.take(&e, queued)
	}
	if j.entries != 3 || j.answered != 1 || j.decided.at(50) != 400*time.Microsecond || j.waited.at(50) != 1000400*time.Microsecond {
		t.Errorf("got %+v", j)
	}
	seen := sightings{at: map[rivage.ID]time.Time{"o": rivage.Micros(1_030_400).Time(), "other": {}}}
	if d := seen.after(j.offers); len(d) != 1 || d.at(50) != 30*time.Millisecond || j.extra.at(95) != 200*time.Microsecond {
		t.Errorf("on the screen after %v, extra %v", d, j.extra)
	}
}
