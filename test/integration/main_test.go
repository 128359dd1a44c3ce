// SPDX-License-Identifier: EUPL-1.2

// Package integration tests the binary itself: real processes, real SIP peers with sound, both databases, full disks.
//
// Nothing here reaches into the product. It is started as operators start it, called as callers call it, read through its
// API, its files and its verbs, and killed as machines die.
//
// A test mostly waits for people to speak, so those with an instance of their own run beside one another; those that load
// the machine, throw at ports, count what is written or hear each gap in what is said run alone.
package integration

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// program is the binary of this test run.
var program string

func TestMain(m *testing.M) { os.Exit(suite(m)) }

func suite(m *testing.M) int {
	dir, err := os.MkdirTemp("", "rivage-integration-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	program = filepath.Join(dir, "rivage")
	build := exec.Command("go", "build", "-o", program, "rivage.example/rivage/cmd/rivage")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build rivage: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// patience is how long anything may take here before the test gives up on it: two cores may be shared by everybody.
const patience = 2 * time.Minute

// until waits for a condition, looking often, and fails the test when it does not come.
func until(t testing.TB, what string, met func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !met() {
		select {
		case <-deadline.C:
			t.Fatalf("%s: it did not come within %v", what, patience)
		case <-t.Context().Done():
			t.Fatalf("%s: %v", what, t.Context().Err())
		case <-look.C:
		}
	}
}

// shorter is n, or few with -short: numbers shrink, no test is left out.
func shorter(n, few int) int {
	if testing.Short() {
		return few
	}
	return n
}

// command runs a program to its end and fails the test when it fails.
func command(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := try(t, name, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

// try runs a program to its end; its output is both of its streams.
func try(t testing.TB, name string, args ...string) (string, error) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	return string(out), err
}

// found fails the test when a program is not installed, naming its package.
func found(t testing.TB, name, debian string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing: install the package %s", name, debian)
	}
	return path
}
