// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/record/store"
)

// childVar names the database that a child process appends to until it is killed.
const childVar = "RIVAGE_STORETEST_CHILD"

// Main runs a package's tests, or, in a child that Kill started, appends until the end.
func Main(m *testing.M, open func(dsn string) (*store.Store, error)) {
	dsn := os.Getenv(childVar)
	if dsn == "" {
		os.Exit(m.Run())
	}
	s, err := open(dsn)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stderr, appendForever(s))
	os.Exit(1)
}

// appendForever plays calls and says of each entry on standard output that it was acknowledged, until that fails.
func appendForever(s *store.Store) error {
	var mu sync.Mutex // owns standard output
	failed := make(chan error)
	for range 64 {
		go func() {
			for {
				c := NewCall("messagerie", "colis", rivage.NewID(), "+33612345678", Start)
				for i, a := range c.Whole(1e6) {
					a.CommandID = fmt.Sprint(c.ID, i)
					r, err := s.Append(context.Background(), a)
					if err != nil {
						failed <- err
						return
					}
					mu.Lock()
					_, err = fmt.Printf("%d %s %s\n", r.First, c.ID, a.CommandID)
					mu.Unlock()
					if err != nil {
						failed <- err
						return
					}
				}
			}
		}()
	}
	return <-failed
}

// ack is what the child said of one append.
type ack struct {
	first   rivage.Seq
	call    rivage.ID
	command string
}

// Kill kills a process that appends, some times, and looks at what it leaves: head and entries agree, the root is that
// of the entries, rows are what the log makes of them, everything acknowledged is there, and a command repeated after
// the crash gets its first answer.
func Kill(t *testing.T, dsn string, connect func() (store.DB, error)) {
	var acks []ack
	for range 3 {
		acks = append(acks, killed(t, dsn, 1500)...)
		db, err := connect()
		if err != nil {
			t.Fatal(err)
		}
		s, err := store.New(t.Context(), db, store.Config{})
		if err != nil {
			t.Fatal(err)
		}
		r := sound(t, s)
		if r.Entries != int64(s.Size()) {
			t.Errorf("head says %d entries, %d were read", s.Size(), r.Entries)
		}
		for _, a := range acks {
			x, err := s.Entry(t.Context(), a.first)
			if err != nil || x.Stream != rivage.StreamOf("interaction", a.call) {
				t.Fatalf("acknowledged entry %d of call %s: got %s, %v", a.first, a.call, x.Stream, err)
			}
		}
		last := acks[len(acks)-1]
		again := door(1)
		again.CommandID = last.command
		if r := must(t, s, again); !r.Repeated || r.First != last.first {
			t.Errorf("the last acknowledged command again: %+v, want entry %d", r, last.first)
		}
		report(t, s.Close())
	}
	t.Logf("%d acknowledged appends over three kills, all there", len(acks))
}

// killed runs a child until it acknowledged n appends, and kills it.
func killed(t *testing.T, dsn string, n int) []ack {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVar+"="+dsn)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var acks []ack
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var a ack
		if _, err := fmt.Sscanf(lines.Text(), "%d %s %s", &a.first, &a.call, &a.command); err != nil {
			t.Errorf("child says %q: %v", lines.Text(), err)
			continue
		}
		if acks = append(acks, a); len(acks) == n {
			if err := cmd.Process.Kill(); err != nil { // SIGKILL; what it wrote before is still read
				t.Error(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || len(acks) < n {
		t.Fatalf("child ended by itself after %d appends: %v", len(acks), err)
	}
	return acks
}
