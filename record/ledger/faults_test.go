// SPDX-License-Identifier: EUPL-1.2

package ledger

import (
	"errors"
	"testing"

	"rivage.example/rivage/wire/tlog"
)

// TestAnyFailureLeavesACheckpointThatVerifies makes each single change on the disk fail in turn, and looks at what a
// reader sees then, what a power failure leaves, and what a next attempt and a next process make of it.
func TestAnyFailureLeavesACheckpointThatVerifies(t *testing.T) {
	for _, c := range []struct{ from, to int }{{0, 3}, {3, 40}, {40, 600}, {500, 512}, {255, 256}} {
		base, start := newMemoryDisk(), (&journal{}).grow(c.from)
		if c.from > 0 {
			publish(t, publisher(t, base, start))
		}
		old := start.frontier.Tree()
		steps := 0
		for failed := true; failed; steps++ {
			d := base.afterKill()
			j := &journal{kept: start.kept}
			j.grow(c.to)
			p := publisher(t, d, j)
			d.left = steps
			_, err := p.Publish(t.Context())
			if failed = err != nil; failed && !errors.Is(err, errDisk) {
				t.Fatalf("%d to %d, change %d: %v", c.from, c.to, steps, err)
			}
			d.left = -1
			if c.from > 0 {
				verifies(t, c.from, steps, d, old, j.frontier.Tree())
				verifies(t, c.from, steps, d.afterPowerFailure(), old, j.frontier.Tree())
				verifies(t, c.from, steps, d.afterPowerFailureLate(), old, j.frontier.Tree())
			}
			kept := j.kept // what the journal knows of at the failure
			for name, disk := range map[string]*memoryDisk{"kill": d.afterKill(), "power failure": d.afterPowerFailure(), "retry": d} {
				next, again := p, j
				if name != "retry" {
					again = &journal{kept: kept}
					next = publisher(t, disk, again.grow(c.to+5))
				}
				publish(t, next)
				if tree, err := audit(disk.afterPowerFailure().reader(), allLeaves); err != nil || tree != again.frontier.Tree() {
					t.Fatalf("%d to %d, change %d, %s: %v, %v", c.from, c.to, steps, name, tree, err)
				}
				partialsAreGone(t, disk, uint64(c.from), again.frontier.Size())
			}
		}
		if steps < 10 {
			t.Errorf("%d to %d: only %d changes, the faults are not injected", c.from, c.to, steps)
		}
	}
}

func verifies(t *testing.T, from, step int, d *memoryDisk, old, now tlog.Tree) {
	t.Helper()
	if tree, err := audit(d.reader(), allLeaves); err != nil || tree != old && tree != now {
		t.Fatalf("from %d, change %d: the checkpoint of %d, %v", from, step, tree.Size, err)
	}
}

// partialsAreGone checks that no partial form is left beside a full one.
func partialsAreGone(t *testing.T, d *memoryDisk, from, to uint64) {
	t.Helper()
	for _, tile := range tlog.Edge(from) {
		if tile.FullAt() <= to && d.live[tile.Path()] != nil {
			t.Fatalf("from %d to %d: %s is left", from, to, tile.Path())
		}
	}
}

func TestAnUnknownPublicationIsSettledLater(t *testing.T) {
	d, j := newMemoryDisk(), (&journal{}).grow(100)
	p := publisher(t, d, j)
	publish(t, p)
	j.grow(300).failKeep = true
	if _, err := p.Publish(t.Context()); !errors.Is(err, errDisk) {
		t.Fatalf("Publish: %v", err)
	}
	if tree, err := audit(d.reader(), allLeaves); err != nil || tree.Size != 300 {
		t.Errorf("the new checkpoint: %v, %v", tree, err)
	}
	j.failKeep = false
	signed := publish(t, publisher(t, d, j))
	if string(signed) != string(j.kept) {
		t.Error("the journal was not told of the publication")
	}
	partialsAreGone(t, d, 100, 300)
}
