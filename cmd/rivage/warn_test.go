// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

func TestEachNearingEndIsLoggedOnce(t *testing.T) {
	var out bytes.Buffer
	w := warnings{log: slog.New(slog.NewTextHandler(&out, nil)), told: map[warned]bool{}}
	s := &rivage.Settings{Safeguards: map[rivage.ID]*rivage.Safeguard{"cct": {ID: "cct", Kind: rivage.SafeguardClauses, From: "2026-01-01", Until: "2026-12-31"}}}
	end := time.Date(2026, 12, 31, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ days, lines int }{{91, 0}, {90, 1}, {60, 0}, {30, 1}, {29, 0}, {7, 1}, {0, 0}, {-1, 1}, {-2, 0}} {
		out.Reset()
		w.look(s, end.AddDate(0, 0, -c.days))
		w.look(s, end.AddDate(0, 0, -c.days).Add(time.Hour))
		if got := strings.Count(out.String(), "\n"); got != c.lines {
			t.Errorf("%d days before: %d lines: %s", c.days, got, out.String())
		}
	}
	s.Sites = map[rivage.ID]*rivage.Site{"leeds": {Country: "GB"}}
	out.Reset()
	w.look(s, time.Date(2031, 12, 1, 0, 0, 0, 0, time.UTC))
	w.look(s, time.Date(2031, 12, 2, 0, 0, 0, 0, time.UTC))
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "country=GB until=2031-12-27 days=26") {
		t.Errorf("an adequacy: %q", got)
	}
	s.Sites = nil
	s.Safeguards["cct"].Until = "2027-01-20" // renewed, and near again
	out.Reset()
	w.look(s, end)
	if !strings.Contains(out.String(), "days=20") {
		t.Errorf("renewed: %q", out.String())
	}
}

func TestTheEndsOfConnectionsAreLoggedToo(t *testing.T) {
	var out bytes.Buffer
	w := warnings{log: slog.New(slog.NewTextHandler(&out, nil)), told: map[warned]bool{}}
	s := &rivage.Settings{Trunks: map[rivage.ID]*rivage.Trunk{
		"boucle": {ID: "boucle", Declared: &rivage.Declaration{From: "2026-01-01", Until: "2026-12-31"}}, "ancien": {ID: "ancien"},
	}}
	end := time.Date(2026, 12, 31, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		days int
		want []string
	}{
		{100, []string{"trunk:ancien", "no declaration"}}, {30, []string{"trunk:boucle", "ends soon"}}, {29, nil}, {-1, []string{"trunk:boucle", "has ended"}},
	} {
		out.Reset()
		w.look(s, end.AddDate(0, 0, -c.days))
		w.look(s, end.AddDate(0, 0, -c.days).Add(time.Hour))
		lines := strings.Count(out.String(), "\n")
		if c.want == nil && lines != 0 || c.want != nil && (lines != 1 || !strings.Contains(out.String(), c.want[0]) || !strings.Contains(out.String(), c.want[1])) {
			t.Errorf("%d days before: %q", c.days, out.String())
		}
	}
}
