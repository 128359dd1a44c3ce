// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"testing"
	"time"
)

// The day's figures begin at midnight of the wall clock of the organisation's zone, also on the days of 23 and 25 hours.
func TestTheDayBeginsAtLocalMidnight(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ now, want string }{
		{"2026-03-28T23:00:00Z", "2026-03-28T23:00:00Z"}, // the clocks go forward in the night
		{"2026-03-29T21:59:59Z", "2026-03-28T23:00:00Z"},
		{"2026-03-29T22:00:00Z", "2026-03-29T22:00:00Z"},
		{"2026-10-25T22:59:59Z", "2026-10-24T22:00:00Z"}, // and back: 25 hours
		{"2026-10-25T23:00:00Z", "2026-10-25T23:00:00Z"},
	} {
		now, err := time.Parse(time.RFC3339, x.now)
		if err != nil {
			t.Fatal(err)
		}
		v := &View{c: Config{Clock: &world{now: now}, Zone: paris}}
		if got := v.today().Time().Format(time.RFC3339); got != x.want {
			t.Errorf("at %s the day began at %s, want %s", x.now, got, x.want)
		}
	}
}
