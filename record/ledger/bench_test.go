// SPDX-License-Identifier: EUPL-1.2

package ledger

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"

	"rivage.example/rivage/wire/tlog"
)

// filled is a journal of n leaves of 300 bytes.
func filled(n int) *journal {
	j := &journal{}
	for i := range n {
		text := bytes.Repeat([]byte("."), 300)
		copy(text, fmt.Sprint(i))
		j.texts = append(j.texts, text)
		j.hashes = append(j.hashes, tlog.LeafHash(text))
		j.frontier.Append(j.hashes[i])
	}
	return j
}

// BenchmarkPublish publishes 100 000 leaves of 300 bytes on a disk, everything synced.
func BenchmarkPublish(b *testing.B) {
	const n = 100_000
	j := filled(n)
	dir := b.TempDir()
	for i := 0; b.Loop(); i++ {
		j.kept = nil
		d, err := OpenDisk(filepath.Join(dir, fmt.Sprint(i)))
		if err != nil {
			b.Fatal(err)
		}
		publish(b, publisher(b, d, j))
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

// BenchmarkPublishOne publishes one leaf more, as happens each second.
func BenchmarkPublishOne(b *testing.B) {
	j := (&journal{}).grow(10_000)
	d, err := OpenDisk(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	p := publisher(b, d, j)
	for b.Loop() {
		j.grow(len(j.texts) + 1)
		publish(b, p)
	}
}

// BenchmarkProof makes the proof file of one entry of 100 000.
func BenchmarkProof(b *testing.B) {
	const n = 100_000
	d, err := OpenDisk(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	p := publisher(b, d, filled(n))
	publish(b, p)
	for i := uint64(0); b.Loop(); i += 7919 {
		if _, err := p.Proof(b.Context(), i%n); err != nil {
			b.Fatal(err)
		}
	}
}
