// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/record/store"
	"rivage.example/rivage/record/store/sqlite"
	"rivage.example/rivage/record/store/storetest"
)

// starts is how often a start is measured, after an orderly end and after a kill each.
const starts = 5

// ready measures how long a start takes with a journal of many entries, those of closed calls. Their bodies are sealed
// under keys of nobody: a start opens none.
func ready(ctx context.Context, o options) error {
	i, err := install(ctx, o, settings{agents: o.agents, sentence: o.sentence, phones: "127.0.0.1:9"})
	if err != nil {
		return err
	}
	began := time.Now()
	size, err := fill(ctx, filepath.Join(i.dir, "data", "journal.db"), o.entries)
	if err != nil {
		return err
	}
	fmt.Printf("ready: %d entries written in %s\n", size, time.Since(began).Round(time.Second))
	if err := i.publishAll(ctx, o.program, size); err != nil {
		return err
	}
	for _, end := range []struct {
		name   string
		signal syscall.Signal
	}{{"after an orderly end", syscall.SIGTERM}, {"after kill -9", syscall.SIGKILL}} {
		var took durations
		for n := range starts + 1 {
			d, err := i.start(o.program, end.signal)
			if err != nil {
				return err
			}
			if n > 0 { // the first follows another kind of end
				took = append(took, d)
			}
		}
		fmt.Printf("  %-21s  %s, at most %s of %d; load %s\n", end.name, took.at(50), took.at(100), starts, load())
	}
	return nil
}

// fill appends whole calls, many at a time, until there are as many entries.
func fill(ctx context.Context, path string, entries int) (size rivage.Seq, err error) {
	s, err := sqlite.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var callers sync.WaitGroup
	failures := make([]error, 256)
	for n := range failures {
		callers.Go(func() {
			agent := rivage.NewID()
			for failures[n] == nil && int(s.Size()) < entries {
				failures[n] = appendCall(ctx, s, agent)
			}
		})
	}
	callers.Wait()
	return s.Size(), errors.Join(failures...)
}

func appendCall(ctx context.Context, s *store.Store, agent rivage.ID) error {
	for _, a := range storetest.NewCall("client", "ligne", agent, "+33612345678", time.Now().Add(-24*time.Hour)).Whole(1e6) {
		a.CommandID = string(rivage.NewIDAt(time.Now()))
		a.Expect = nil // agents have several calls here
		if _, err := s.Append(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// publishAll serves until everything is published: a start is not to be measured with what a first one has to do.
func (i *instance) publishAll(ctx context.Context, program string, size rivage.Seq) error {
	if err := i.serve(ctx, program); err != nil {
		return err
	}
	err := wait(ctx, 10*time.Minute, "everything is published", func() bool {
		text, err := os.ReadFile(filepath.Join(i.dir, "data", "published", "checkpoint"))
		lines := strings.Split(string(text), "\n")
		if err != nil || len(lines) < 2 {
			return false
		}
		n, err := strconv.ParseUint(lines[1], 10, 64)
		return err == nil && n >= size
	})
	return errors.Join(err, i.stop())
}

// start is how long a process takes from its beginning until it says ready; then it is ended.
func (i *instance) start(program string, end syscall.Signal) (time.Duration, error) {
	cmd := exec.Command(program, "serve", "--dir", i.dir)
	out, err := cmd.StderrPipe()
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	took := time.Duration(0)
	var said bytes.Buffer
	for lines := bufio.NewScanner(out); lines.Scan(); {
		fmt.Fprintln(&said, lines.Text())
		if strings.Contains(lines.Text(), `"msg":"ready"`) {
			took = time.Since(began)
			_ = cmd.Process.Signal(end) // it may be gone: Wait says so
		}
	}
	_ = cmd.Wait() // a kill is an error to it
	if took == 0 {
		return 0, fmt.Errorf("rivage serve ended before it was ready:\n%s", &said)
	}
	return took, nil
}
