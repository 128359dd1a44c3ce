// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The bounds of a file of flows.
const (
	maxFlows    = 1_000_000
	maxFlowLine = 4096 // bytes
)

// netFlow is one flow as a firewall or conntrack saw it begin.
type netFlow struct {
	start    time.Time // zero when the file does not say when
	proto    string    // "tcp", "udp"
	src, dst netip.Addr
	port     uint16 // of the destination
}

// flowColumns are those of a CSV file. Bytes are read and not compared: what counts is that a flow is known.
var flowColumns = []string{"start", "proto", "src", "dst", "dport", "bytes"}

// parseFlows reads CSV, or the lines of conntrack -L and conntrack -E -o timestamp (conntrack(8)), in the order of time; flows
// without a time come first.
func parseFlows(from io.Reader) ([]netFlow, error) {
	r := bufio.NewReaderSize(from, maxFlowLine)
	head, _ := r.Peek(len("start,"))
	read := readConntrack
	if string(head) == "start," {
		read = readFlowCSV
	}
	flows, err := read(r)
	if err != nil {
		return nil, err
	}
	if len(flows) == 0 {
		return nil, errors.New("no flow of TCP or UDP: an empty file proves nothing")
	}
	slices.SortStableFunc(flows, func(a, b netFlow) int { return a.start.Compare(b.start) })
	return flows, nil
}

var errTooManyFlows = fmt.Errorf("more than %d flows: give those of a shorter time", maxFlows)

func readFlowCSV(from *bufio.Reader) ([]netFlow, error) {
	r := csv.NewReader(from)
	r.FieldsPerRecord, r.ReuseRecord = len(flowColumns), true
	if head, err := r.Read(); err != nil || !slices.Equal(head, flowColumns) {
		return nil, fmt.Errorf("line 1: want the columns %s", strings.Join(flowColumns, ","))
	}
	var flows []netFlow
	for {
		rec, err := r.Read()
		if err == io.EOF {
			return flows, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		start, err := time.Parse(time.RFC3339Nano, rec[0])
		if err != nil || start.Year() < 2000 || start.Year() > 9999 {
			return nil, fmt.Errorf("line %d: start: want a time like 2026-11-28T19:00:00Z", line)
		}
		if n, err := strconv.ParseInt(rec[5], 10, 64); err != nil || n < 0 {
			return nil, fmt.Errorf("line %d: bytes: want a whole number", line)
		}
		f, err := flowOf(strings.ToLower(rec[1]), rec[2], rec[3], rec[4])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		if len(flows) == maxFlows {
			return nil, errTooManyFlows
		}
		f.start = start
		flows = append(flows, f)
	}
}

// readConntrack reads what conntrack prints: a list (-L), whose flows have no time, or events (-E -o timestamp), of which
// [NEW] begins a flow and the others speak of one that began. What is neither TCP nor UDP is passed over.
func readConntrack(from *bufio.Reader) ([]netFlow, error) {
	s := bufio.NewScanner(from)
	s.Buffer(make([]byte, 0, maxFlowLine), maxFlowLine)
	var flows []netFlow
	for line := 1; s.Scan(); line++ {
		f, ok, err := conntrackLine(s.Text())
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		if !ok {
			continue
		}
		if len(flows) == maxFlows {
			return nil, errTooManyFlows
		}
		flows = append(flows, f)
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("a line of more than %d bytes: %w", maxFlowLine, err)
	}
	return flows, nil
}

// conntrackLine reads one line; false for one that begins no flow of ours.
func conntrackLine(text string) (netFlow, bool, error) {
	var start time.Time
	words := strings.Fields(text)
	if len(words) > 0 && strings.HasPrefix(words[0], "[") && strings.HasSuffix(words[0], "]") && strings.Contains(words[0], ".") {
		seconds, fraction, _ := strings.Cut(strings.Trim(words[0], "[]"), ".")
		n, err := strconv.ParseInt(seconds, 10, 64)
		micros, err2 := strconv.ParseInt(fraction, 10, 64)
		if err != nil || err2 != nil || n < 0 || n > 1<<36 || micros < 0 || micros > 999_999 {
			return netFlow{}, false, errors.New("want a time like [1764342000.123456]")
		}
		start, words = time.Unix(n, micros*1000).UTC(), words[1:]
	}
	if len(words) > 0 && strings.HasPrefix(words[0], "[") {
		if words[0] != "[NEW]" {
			return netFlow{}, false, nil
		}
		words = words[1:]
	}
	if len(words) > 1 && (words[0] == "ipv4" || words[0] == "ipv6") { // as /proc/net/nf_conntrack begins
		words = words[2:]
	}
	if len(words) == 0 || words[0] != "tcp" && words[0] != "udp" {
		return netFlow{}, false, nil
	}
	found := map[string]string{}
	for _, w := range words[1:] {
		if key, value, ok := strings.Cut(w, "="); ok && found[key] == "" { // the first of each is of who began
			found[key] = value
		}
	}
	f, err := flowOf(words[0], found["src"], found["dst"], found["dport"])
	f.start = start
	return f, err == nil, err
}

func flowOf(proto, src, dst, port string) (netFlow, error) {
	f := netFlow{proto: proto}
	if proto != "tcp" && proto != "udp" {
		return f, errors.New("proto: want tcp or udp")
	}
	var err error
	if f.src, err = netip.ParseAddr(src); err != nil {
		return f, errors.New("src: want an address")
	}
	if f.dst, err = netip.ParseAddr(dst); err != nil {
		return f, errors.New("dst: want an address")
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return f, errors.New("dport: want a port")
	}
	f.src, f.dst, f.port = f.src.Unmap().WithZone(""), f.dst.Unmap().WithZone(""), uint16(n)
	return f, nil
}
