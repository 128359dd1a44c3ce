// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestCallsArePairedOnceEach(t *testing.T) {
	noon := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	at := func(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }
	for name, c := range map[string]struct {
		theirs      []int
		ours        []int
		matched     int
		here, there int // missing
	}{
		"one each":                   {[]int{0}, []int{1}, 1, 0, 0},
		"ours a little earlier":      {[]int{5}, []int{0}, 1, 0, 0},
		"too far":                    {[]int{0}, []int{6}, 0, 1, 1},
		"two of theirs, one of ours": {[]int{0, 1}, []int{0}, 1, 1, 0},
		"one of theirs, two of ours": {[]int{3}, []int{0, 3}, 1, 0, 1},
		"close together":             {[]int{0, 2, 4}, []int{0, 2, 4}, 3, 0, 0},
		"one left out":               {[]int{0, 60, 120}, []int{0, 120}, 2, 1, 0},
		"nothing of ours":            {[]int{0}, nil, 0, 1, 0},
	} {
		r := &reconciled{first: at(-60), last: at(600)}
		ours := map[string][]ourCall{}
		for _, s := range c.ours {
			ours["+33298000001"] = append(ours["+33298000001"], ourCall{start: at(s), number: "+33298000001"})
		}
		var theirs []carrierCall
		for _, s := range c.theirs {
			theirs = append(theirs, carrierCall{at(s), "+33298000001", 10})
		}
		r.pair(theirs, ours)
		if r.matched != c.matched || len(r.missingHere) != c.here || len(r.missingThere) != c.there {
			t.Errorf("%s: %d matched, %d missing here, %d there", name, r.matched, len(r.missingHere), len(r.missingThere))
		}
	}
	r := &reconciled{first: noon, last: noon}
	r.pair([]carrierCall{{noon, "+33298000002", 1}}, map[string][]ourCall{"+33298000001": {{start: noon}}})
	if r.matched != 0 || len(r.missingHere) != 1 || len(r.missingThere) != 1 {
		t.Errorf("another number: %+v", r)
	}
}

func TestRecordsThatDoNotReadAreRefusedWithTheirLine(t *testing.T) {
	head := "start,number,seconds\n"
	for text, want := range map[string]string{
		head:                                   "no call",
		"":                                     "line 1: want the columns",
		"a,b,c\n":                              "line 1: want the columns",
		head + "hier,+33,1\n":                  "line 2: start",
		head + "2026-11-28T12:00:00Z,+33,-1\n": "line 2: seconds",
		head + "2026-11-28T12:00:00Z,+33\n":    "wrong number of fields",
	} {
		if _, err := parseCDR(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	calls, err := parseCDR(strings.NewReader(head + "2026-11-28T13:00:00+01:00,+33298000001,7\n2026-11-28T11:00:00Z,+33298000002,0\n"))
	if err != nil || len(calls) != 2 || calls[0].number != "+33298000002" || calls[1].seconds != 7 {
		t.Errorf("got %+v, %v, want them in the order of time", calls, err)
	}
}

func FuzzCDR(f *testing.F) {
	f.Add([]byte("start,number,seconds\n2026-11-28T12:00:00Z,+33298000001,12\n"))
	f.Add([]byte("start,number,seconds\n\"x"))
	f.Fuzz(func(t *testing.T, text []byte) {
		calls, err := parseCDR(bytes.NewReader(text))
		if err == nil && len(calls) > 0 {
			(&reconciled{}).pair(calls, map[string][]ourCall{})
		}
	})
}
