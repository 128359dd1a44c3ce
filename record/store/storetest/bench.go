// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/record/store"
)

const (
	callers    = 256
	rawRecord  = 300       // bytes
	rawRecords = 1 << 16   // written for the measure
	tmpfsMagic = 0x1021994 // statfs(2)
)

// Bench measures durable appends: 256 callers, each playing whole calls with the folds, version checks and sealed
// bodies of the product. It reports entries per second, their ratio to a raw file with group commit written in the
// same run on the same disk (dir), the p99 of an append, this process's CPU, which a busy machine changes least, and the
// disk's fsync.
func Bench(b *testing.B, s *store.Store, dir string) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		b.Fatal(err)
	}
	if fs.Type == tmpfsMagic {
		b.Fatalf("%s is in memory: set TMPDIR to a folder on a disk", dir)
	}
	raw := rawSpeed(b, dir)
	took := make([]time.Duration, b.N)
	var next, entries atomic.Int64
	var wg sync.WaitGroup
	begin, cpu := time.Now(), cpuTime(b)
	b.ResetTimer()
	for range callers {
		wg.Go(func() { play(b, s, took, &next, &entries) })
	}
	wg.Wait()
	b.StopTimer()
	cpu = cpuTime(b) - cpu
	speed := float64(entries.Load()) / time.Since(begin).Seconds()
	slices.Sort(took)
	b.ReportMetric(speed, "entries/s")
	b.ReportMetric(speed/raw, "of-raw-file")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(cpu.Microseconds())/float64(entries.Load()), "cpu-µs/entry")
	b.ReportMetric(float64(fsync(b, dir).Microseconds())/1000, "fsync-ms")
}

// play appends whole calls until b.N appends are made, and keeps how long each took.
func play(b *testing.B, s *store.Store, took []time.Duration, next, entries *atomic.Int64) {
	note := strings.Repeat("n", 200) // a body's usual size
	for {
		c := NewCall("messagerie", "colis", rivage.NewID(), "+33612345678", Start)
		list := c.Whole(1e6)
		list[len(list)-1].Entries[0].Body = append(list[len(list)-1].Entries[0].Body, note...)
		for _, a := range list {
			n := next.Add(1) - 1
			if n >= int64(len(took)) {
				return
			}
			a.CommandID = string(newID()) // as the floor's
			begin := time.Now()
			if _, err := s.Append(context.Background(), a); err != nil {
				b.Error(err)
				return
			}
			took[n] = time.Since(begin)
			entries.Add(int64(len(a.Entries)))
		}
	}
}

// rawSpeed is how many records a second a raw file takes with group commit: the same callers, a write and an fsync for
// all that wait.
func rawSpeed(b *testing.B, dir string) float64 {
	f, err := os.Create(filepath.Join(dir, "raw"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	queue := make(chan chan struct{}, callers)
	var left atomic.Int64
	left.Store(rawRecords)
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			done := make(chan struct{}, 1)
			for left.Add(-1) >= 0 {
				queue <- done
				<-done
			}
		})
	}
	go func() { wg.Wait(); close(queue) }()
	begin := time.Now()
	for first := range queue {
		batch := []chan struct{}{first}
		for len(queue) > 0 {
			batch = append(batch, <-queue)
		}
		if _, err := f.Write(make([]byte, rawRecord*len(batch))); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
		for _, done := range batch {
			done <- struct{}{}
		}
	}
	return rawRecords / time.Since(begin).Seconds()
}

// cpuTime is what this process has used.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// fsync is the median of the disk's fsync after a small write.
func fsync(b *testing.B, dir string) time.Duration {
	f, err := os.Create(filepath.Join(dir, "fsync"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	took := make([]time.Duration, 101)
	for i := range took {
		if _, err := f.Write(make([]byte, rawRecord)); err != nil {
			b.Fatal(err)
		}
		begin := time.Now()
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
		took[i] = time.Since(begin)
	}
	slices.Sort(took)
	return took[len(took)/2]
}
