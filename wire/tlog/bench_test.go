// SPDX-License-Identifier: EUPL-1.2

package tlog

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"sync"
	"testing"
)

// onDisk writes a log of n entries of 300 bytes.
func onDisk(b *testing.B, n int) (string, Tree) {
	b.Helper()
	m := newMemory()
	w := NewWriter(m)
	for i := range n {
		e := bytes.Repeat([]byte("."), 300)
		copy(e, fmt.Sprint(i))
		if _, err := w.Add(e); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	if err := os.CopyFS(dir, m); err != nil {
		b.Fatal(err)
	}
	return dir, w.Tree()
}

// BenchmarkVerify is the full verification of a log on disk, one reader per core over a part of it; see entries/s.
func BenchmarkVerify(b *testing.B) {
	const n = 200_000
	dir, tree := onDisk(b, n)
	parts := uint64(runtime.GOMAXPROCS(0))
	for b.Loop() {
		var wg sync.WaitGroup
		for p := range parts {
			wg.Go(func() {
				l, err := Open(os.DirFS(dir), tree)
				if err != nil {
					b.Error(err)
					return
				}
				for _, err := range l.Entries(n*p/parts, n*(p+1)/parts) {
					if err != nil {
						b.Error(err)
					}
				}
			})
		}
		wg.Wait()
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

// BenchmarkHashing is the floor under BenchmarkVerify: one leaf of 300 bytes and one node, nothing else.
func BenchmarkHashing(b *testing.B) {
	leaf := make([]byte, 300)
	var h Hash
	for b.Loop() {
		h = NodeHash(h, LeafHash(leaf))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

// BenchmarkInclusion proves one entry from files, the log opened anew each time.
func BenchmarkInclusion(b *testing.B) {
	const n = 200_000
	dir, tree := onDisk(b, n)
	for i := uint64(0); b.Loop(); i += 7919 {
		l, err := Open(os.DirFS(dir), tree)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := l.Inclusion(i % n); err != nil {
			b.Fatal(err)
		}
	}
}
