// SPDX-License-Identifier: EUPL-1.2

package ledger

import (
	"bytes"
	"errors"
	"testing"
)

// TestADroppedTextLeavesEveryFile drops texts in a full bundle and in the last one, which lies there in several widths.
func TestADroppedTextLeavesEveryFile(t *testing.T) {
	build := func() (*memoryDisk, *journal, *Publisher) {
		d, j := newMemoryDisk(), &journal{}
		p := publisher(t, d, j)
		for _, n := range []int{200, 600, 650, 700} {
			j.grow(n)
			publish(t, p)
		}
		// What a crash may leave: bundles that no checkpoint needs.
		d.live["tile/entries/002.p/200"] = &inode{data: leaf(610)}
		d.live["tile/entries/002.p/.new-199"] = &inode{data: leaf(610)}
		d.live["tile/entries/000.p"] = &inode{isDir: true}
		d.live["tile/entries/000.p/200"] = &inode{data: leaf(100)}
		for _, i := range []int{100, 590, 610, 699} {
			j.texts[i] = nil
		}
		return d, j, p
	}
	d, j, p := build()
	root := j.frontier.Tree()
	if err := p.Redact(t.Context(), 100, 700); err != nil {
		t.Fatal(err)
	}
	texts := func(i uint64) []byte { return j.texts[i] }
	if tree, err := audit(d.reader(), texts); err != nil || tree != root {
		t.Errorf("%v, %v", tree, err)
	}
	for name, i := range d.live {
		for _, n := range []int{100, 590, 610, 699} {
			if bytes.Contains(i.data, leaf(n)) {
				t.Errorf("%s still has the text of entry %d", name, n)
			}
		}
	}
	if d.live["tile/entries/002.p/138"] == nil {
		t.Error("the bundle of an earlier checkpoint is gone")
	}
	j.grow(800)
	publish(t, p)
	if _, err := audit(d.reader(), texts); err != nil {
		t.Errorf("after the next publication: %v", err)
	}

	for step := 0; ; step++ {
		d, j, p := build()
		d.left = step
		err := p.Redact(t.Context(), 100, 700)
		d.left = -1
		if err == nil {
			break
		}
		if !errors.Is(err, errDisk) {
			t.Fatal(err)
		}
		if err := p.Redact(t.Context(), 100, 700); err != nil {
			t.Fatal(err)
		}
		if _, err := audit(d.afterPowerFailure().reader(), func(i uint64) []byte { return j.texts[i] }); err != nil {
			t.Fatalf("change %d: %v", step, err)
		}
	}
}

func TestRedactRefusesAnotherHistory(t *testing.T) {
	d, j := newMemoryDisk(), (&journal{}).grow(300)
	p := publisher(t, d, j)
	if err := p.Redact(t.Context(), 0, 1); err == nil {
		t.Error("redacted before anything was published")
	}
	publish(t, p)
	*j = *other(300, 20)
	if err := p.Redact(t.Context(), 0, 300); err == nil {
		t.Error("bundles of another history were written")
	}
	if _, err := audit(d.reader(), allLeaves); err != nil {
		t.Error(err)
	}
}
