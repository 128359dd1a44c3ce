// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"math"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
)

// The day of docs/figures.md: O 1000, A 850, A_20 700, B 150, B_5 40; seconds.
var exampleDay = rivage.QueueFigures{
	Offered: 1000, Answered: 850, AnsweredIn: 700, Abandoned: 150, Short: 40,
	WaitSum: 17_000e6, TalkSum: 204_000e6, HoldSum: 17_000e6, WrapSum: 34_000e6, ExtraSum: 1_700e6,
}

func TestFiguresOfTheExampleDay(t *testing.T) {
	f := figuresOf(exampleDay)
	for _, c := range []struct {
		id   string
		got  *int64
		want int64
	}{
		{"sl1@1", f.SL1, 700}, {"ab1@1", f.AB1, 150}, {"asa@1", f.ASAMs, 20_000}, {"aht@1", f.AHTMs, 300_000},
		{"disc_delay@1", f.DiscDelayMs, 2_000},
	} {
		if c.got == nil || *c.got != c.want {
			t.Errorf("%s: got %v, want %d", c.id, value(c.got), c.want)
		}
	}
}

func TestAnEmptyDenominatorGivesNoFigure(t *testing.T) {
	f := figuresOf(rivage.QueueFigures{Waiting: 3})
	for id, got := range map[string]*int64{
		"sl1@1": f.SL1, "ab1@1": f.AB1, "asa@1": f.ASAMs, "aht@1": f.AHTMs, "disc_delay@1": f.DiscDelayMs,
	} {
		if got != nil {
			t.Errorf("%s: got %d, want nothing", id, *got)
		}
	}
}

func TestPermilleIsHalfUpAndExactAtItsEnds(t *testing.T) {
	for _, c := range []struct{ part, whole, want int64 }{
		{0, 7, 0}, {7, 7, 1000}, {1, 3, 333}, {2, 3, 667}, {1, 2000, 1}, {1, 2001, 1}, {1, 1_000_000, 1},
		{1999, 2000, 999}, {999_999, 1_000_000, 999}, {5, 10_000, 1}, {15, 10_000, 2}, {14, 10_000, 1},
	} {
		if got := permille(c.part, c.whole); got == nil || *got != c.want {
			t.Errorf("%d of %d: got %d, want %d", c.part, c.whole, value(got), c.want)
		}
	}
}

func value(p *int64) int64 {
	if p == nil {
		return math.MinInt64
	}
	return *p
}

// A site that is not ready is shown to those who watch it, and to nobody else.
func TestSitesThatAreNotReady(t *testing.T) {
	w := newWorld(t)
	w.missing = map[rivage.ID][]string{"brest": {"sentence_attested_unreadable"}}
	b, err := w.view().Board(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := as(access.RoleSupervisor, "messagerie")
	elsewhere.Rights = access.RightsOf([]rivage.Role{{Name: access.RoleSupervisor, Principals: []rivage.ID{"*"}, Sites: []rivage.ID{"lome"}}})
	for _, c := range []struct {
		name string
		user User
		want int
	}{
		{"supervisor", as(access.RoleSupervisor, "*"), 1}, {"supervisor of another site", elsewhere, 0},
		{"administrator", as(access.RoleAdministrator, "*"), 0}, {"agent", agentAna(), 0},
	} {
		got := b.Unready(c.user)
		if len(got) != c.want || c.want == 1 && (got[0].Site != "brest" || got[0].Missing[0] != "sentence_attested_unreadable") {
			t.Errorf("%s: got %+v, want %d", c.name, got, c.want)
		}
	}
}
