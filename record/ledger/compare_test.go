// SPDX-License-Identifier: EUPL-1.2

package ledger

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/tlog"
)

// other is a journal of n leaves that differs from ours from one entry on.
func other(n, from int) *journal {
	j := (&journal{}).grow(from)
	for i := from; i < n; i++ {
		text := fmt.Appendf(nil, `{"v":1,"kind":"Rewritten","n":%d}`, i)
		j.texts = append(j.texts, text)
		j.hashes = append(j.hashes, tlog.LeafHash(text))
		j.frontier.Append(j.hashes[i])
	}
	return j
}

func TestStandingOfTheJournal(t *testing.T) {
	for name, c := range map[string]struct {
		journal *journal
		want    Standing
	}{
		"the same":                     {(&journal{}).grow(700), InStep},
		"more":                         {(&journal{}).grow(900), Ahead},
		"fewer":                        {(&journal{}).grow(500), Behind},
		"none":                         {&journal{}, Behind},
		"rewritten, the same size":     {other(700, 10), Forked},
		"rewritten, more":              {other(900, 10), Forked},
		"rewritten, fewer":             {other(500, 10), Forked},
		"rewritten in its last entry":  {other(700, 699), Forked},
		"another after the checkpoint": {other(900, 700), Ahead},
	} {
		for _, folderLost := range []bool{false, true} {
			d := newMemoryDisk()
			first := (&journal{}).grow(700)
			publish(t, publisher(t, d, first))
			c.journal.kept = first.kept
			want := c.want
			if folderLost {
				d = newMemoryDisk()
				if name == "rewritten, fewer" {
					want = Behind // nothing is left that could tell
				}
			}
			before := len(d.live)
			p := publisher(t, d, c.journal)
			got, err := p.Compare(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got.Standing != want || got.Published != first.frontier.Tree() || got.Head != c.journal.frontier.Tree() || (got.Damage != nil) != folderLost {
				t.Errorf("%s: %+v, want %v", name, got, want)
			}
			if len(d.live) != before {
				t.Errorf("%s: Compare wrote", name)
			}
			_, err = p.Publish(t.Context())
			var refusal *StandingError
			if refuse := want == Behind || want == Forked; refuse != errors.As(err, &refusal) || refuse && (refusal.Standing != want || rivage.CodeOf(errors.Unwrap(err)) != rivage.Conflict) {
				t.Errorf("%s: Publish: %v", name, err)
			}
			if err == nil {
				texts := func(i uint64) []byte { return c.journal.texts[i] }
				if tree, err := audit(d.reader(), texts); err != nil || tree != c.journal.frontier.Tree() {
					t.Errorf("%s: %v, %v", name, tree, err)
				}
			}
		}
	}
}

// TestARunningPublisherNoticesARewrite: what Compare found at start does not excuse what happens later.
func TestARunningPublisherNoticesARewrite(t *testing.T) {
	for name, c := range map[string]struct {
		journal *journal
		want    Standing
	}{
		"same size": {other(300, 5), Forked}, "more": {other(400, 5), Forked}, "fewer": {(&journal{}).grow(200), Behind},
	} {
		d, j := newMemoryDisk(), (&journal{}).grow(300)
		p := publisher(t, d, j)
		publish(t, p)
		c.journal.kept = j.kept
		*j = *c.journal
		for range 2 { // the second time from the disk
			_, err := p.Publish(t.Context())
			var refusal *StandingError
			if !errors.As(err, &refusal) || refusal.Standing != c.want {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if tree, err := audit(d.reader(), allLeaves); err != nil || tree.Size != 300 {
			t.Errorf("%s: the old checkpoint: %v, %v", name, tree, err)
		}
	}
}

func TestLostLeavesComeBackFromTheTiles(t *testing.T) {
	d, j := newMemoryDisk(), (&journal{}).grow(700)
	publish(t, publisher(t, d, j))
	behind := (&journal{kept: j.kept}).grow(500)
	p := publisher(t, d, behind)
	c, err := p.Compare(t.Context())
	if err != nil || c.Standing != Behind {
		t.Fatalf("%+v, %v", c, err)
	}
	log, _, err := p.Log()
	if err != nil {
		t.Fatal(err)
	}
	for e, err := range log.Entries(c.Head.Size, c.Published.Size) {
		if err != nil {
			t.Fatal(err)
		}
		behind.texts = append(behind.texts, append([]byte(nil), e.Text...))
		behind.hashes = append(behind.hashes, e.Hash)
		behind.frontier.Append(e.Hash)
	}
	publish(t, publisher(t, d, behind.grow(710)))
	if tree, err := audit(d.reader(), allLeaves); err != nil || tree.Size != 710 {
		t.Errorf("%v, %v", tree, err)
	}
}

func TestDamagedFilesAreToldAndWrittenAgain(t *testing.T) {
	for name, change := range map[string]func(*memoryDisk){
		"a changed edge tile":   func(d *memoryDisk) { d.live["tile/0/002.p/188"].data[5] ^= 1 },
		"a changed edge bundle": func(d *memoryDisk) { d.live["tile/entries/002.p/188"].data[5] ^= 1 },
		"a missing tile":        func(d *memoryDisk) { delete(d.live, "tile/1/000.p/2") },
		"no file":               func(d *memoryDisk) { clear(d.live) },
		"no checkpoint":         func(d *memoryDisk) { delete(d.live, checkpointFile) },
	} {
		d, j := newMemoryDisk(), (&journal{}).grow(700)
		publish(t, publisher(t, d, j))
		change(d)
		p := publisher(t, d, j)
		c, err := p.Compare(t.Context())
		if err != nil || c.Standing != InStep || (c.Damage == nil) != (name == "no checkpoint") {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
		publish(t, p)
		if tree, err := audit(d.afterPowerFailure().reader(), allLeaves); err != nil || tree.Size != 700 {
			t.Errorf("%s: %v, %v", name, tree, err)
		}
	}
}

func TestACheckpointThatIsNotOursStopsEverything(t *testing.T) {
	d, j := newMemoryDisk(), (&journal{}).grow(10)
	publish(t, publisher(t, d, j))
	d.live[checkpointFile].data[len(origin)+1] = '7'
	p := publisher(t, d, j)
	_, err := p.Compare(t.Context())
	_, err2 := p.Publish(t.Context())
	_, err3 := p.Proof(t.Context(), 1)
	for _, err := range []error{err, err2, err3} {
		if err == nil || !strings.Contains(err.Error(), "signature") {
			t.Errorf("a changed checkpoint: %v", err)
		}
	}
}

func TestTwoSignedHistoriesOfOneSizeAreAFork(t *testing.T) {
	d, j := newMemoryDisk(), (&journal{}).grow(10)
	publish(t, publisher(t, d, j))
	second := other(10, 3)
	publish(t, publisher(t, newMemoryDisk(), second))
	j.kept = second.kept
	if c, err := publisher(t, d, j).Compare(t.Context()); err != nil || c.Standing != Forked {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestStandingsHaveNames(t *testing.T) {
	for s, want := range map[Standing]string{Unpublished: "unpublished", InStep: "in step", Ahead: "ahead", Behind: "behind", Forked: "forked", 9: "standing 9"} {
		if got := s.String(); got != want {
			t.Errorf("%d is %q, want %q", int(s), got, want)
		}
	}
}
