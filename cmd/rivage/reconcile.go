// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/record/store"
)

// skew is how far the carrier's clock and ours may stand apart, and how much later than the call we may hear of it.
const skew = 5 * time.Second

// maxCDR is how many calls one file of records may hold.
const maxCDR = 5_000_000

// carrierCall is one call as the carrier wrote it down.
type carrierCall struct {
	start   time.Time
	number  string // called, E.164
	seconds int
}

// ourCall is one call as the journal has it.
type ourCall struct {
	seq    rivage.Seq
	start  time.Time
	number string
}

// reconciled is the carrier's records beside the journal, within the time that the records cover.
type reconciled struct {
	first, last     time.Time // of the records
	theirs, matched int
	missingHere     []carrierCall
	missingThere    []ourCall
}

// reconcile pairs the calls of a carrier's file with those of the log: the same number, within skew, each once.
func reconcile(ctx context.Context, s *store.Store, size rivage.Seq, theirs []carrierCall) (*reconciled, error) {
	r := &reconciled{theirs: len(theirs), first: theirs[0].start, last: theirs[len(theirs)-1].start}
	ours, err := callsBetween(ctx, s, size, r.first.Add(-skew), r.last.Add(skew))
	if err != nil {
		return nil, err
	}
	r.pair(theirs, ours)
	return r, nil
}

// pair goes through both in the order of time; what is too far from all others has no partner.
func (r *reconciled) pair(theirs []carrierCall, ours map[string][]ourCall) {
	for _, c := range theirs {
		list := ours[c.number]
		for len(list) > 0 && list[0].start.Before(c.start.Add(-skew)) {
			r.missingThere = append(r.missingThere, list[0])
			list = list[1:]
		}
		if len(list) > 0 && !list[0].start.After(c.start.Add(skew)) {
			r.matched++
			list = list[1:]
		} else {
			r.missingHere = append(r.missingHere, c)
		}
		ours[c.number] = list
	}
	for _, list := range ours {
		r.missingThere = append(r.missingThere, list...)
	}
	// At the edges of the records, a call of ours may be one that the extract left out.
	r.missingThere = slices.DeleteFunc(r.missingThere, func(c ourCall) bool { return c.start.Before(r.first) || c.start.After(r.last) })
	slices.SortFunc(r.missingThere, func(a, b ourCall) int { return a.start.Compare(b.start) })
}

// text is the part of the report about calls.
func (r *reconciled) text() string {
	var b strings.Builder
	p := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	p("relevé opérateur  du %s au %s", r.first.UTC().Format(time.RFC3339), r.last.UTC().Format(time.RFC3339))
	p("                  %d appels : %d retrouvés, %d absents du journal, %d absents du relevé", r.theirs, r.matched, len(r.missingHere), len(r.missingThere))
	for _, m := range r.missingHere[:min(len(r.missingHere), maxFindings)] {
		p("  absent du journal : appel de %s, %d s", m.start.UTC().Format(time.RFC3339), m.seconds)
	}
	for _, m := range r.missingThere[:min(len(r.missingThere), maxFindings)] {
		p("  absent du relevé : écriture %d, %s", m.seq, m.start.UTC().Format(time.RFC3339))
	}
	return b.String()
}

// callsBetween are the calls that reached us, by called number, in the order of time.
func callsBetween(ctx context.Context, s *store.Store, size rivage.Seq, first, last time.Time) (map[string][]ourCall, error) {
	calls := map[string][]ourCall{}
	err := eachEntry(ctx, s, size, func(e *rivage.Stored) error {
		f, ok := e.Facts.(*rivage.InteractionOpened)
		if at := e.At.Time(); ok && !at.Before(first) && !at.After(last) {
			calls[f.Number] = append(calls[f.Number], ourCall{e.Seq, at, f.Number})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, list := range calls {
		slices.SortFunc(list, func(a, b ourCall) int { return a.start.Compare(b.start) })
	}
	return calls, nil
}

// readRecords reads a file that others kept, what it holds as parse finds it.
func readRecords[T any](file string, parse func(io.Reader) ([]T, error)) ([]T, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read the records: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	records, err := parse(f)
	if err != nil {
		return nil, &rivage.Error{Code: rivage.Invalid, Message: "read " + file, Err: err}
	}
	return records, nil
}

// parseCDR reads a carrier's records, in the order of time.
func parseCDR(from io.Reader) ([]carrierCall, error) {
	r := csv.NewReader(from)
	r.FieldsPerRecord, r.ReuseRecord = 3, true
	head, err := r.Read()
	if err != nil || !slices.Equal(head, []string{"start", "number", "seconds"}) {
		return nil, errors.New("line 1: want the columns start,number,seconds")
	}
	var calls []carrierCall
	for {
		rec, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		start, err := time.Parse(time.RFC3339, rec[0])
		if err != nil {
			return nil, fmt.Errorf("line %d: start: want a time like 2026-11-28T19:00:00Z", line)
		}
		seconds, err := strconv.Atoi(rec[2])
		if err != nil || seconds < 0 {
			return nil, fmt.Errorf("line %d: seconds: want a whole number", line)
		}
		if len(calls) == maxCDR {
			return nil, fmt.Errorf("more than %d calls: give the records of a shorter time", maxCDR)
		}
		calls = append(calls, carrierCall{start, rec[1], seconds})
	}
	if len(calls) == 0 {
		return nil, errors.New("no call: an empty file proves nothing")
	}
	slices.SortStableFunc(calls, func(a, b carrierCall) int { return a.start.Compare(b.start) })
	return calls, nil
}
