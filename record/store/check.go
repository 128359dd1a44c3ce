// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"errors"
	"fmt"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/tlog"
)

// Report is what a check found.
type Report struct {
	Entries int64   // checked
	Dropped int64   // whose leaf text was dropped: only the hash is left
	Bodies  int64   // still there
	Opened  int64   // of them, opened and compared with what the leaf commits to
	Erased  int64   // bodies that an erasure took
	Lost    int64   // entries whose facts and bodies were lost: the leaf came back from the tiles
	Rows    int64   // compared with the rebuilt ones
	Faults  []Fault // at most maxFaults; empty when all is well
}

// Fault is one thing that is not as it was written.
type Fault struct {
	Seq   rivage.Seq // of the entry, when Table is "entry" or "body"
	Table string
	Key   string // of the row, for the other tables
	What  string
}

// String names the place and says what is wrong with it.
func (f Fault) String() string {
	if f.Key != "" {
		return fmt.Sprintf("%s %s: %s", f.Table, f.Key, f.What)
	}
	return fmt.Sprintf("%s %d: %s", f.Table, f.Seq, f.What)
}

// maxFaults is how many faults are named: whoever changed a table changed all of it.
const maxFaults = 20

// Opener opens a sealed body under its subject's key and gives salt ‖ body, as the leaf commits to it.
type Opener func(ctx context.Context, subject rivage.ID, sealed []byte) ([]byte, error)

// errStop ends a check whose faults leave nothing to go on with.
var errStop = errors.New("stop")

// Check folds the log into empty tables and compares table by table; it recomputes the root, the density of the
// sequence, every leaf hash, what each leaf says of its facts and, with an opener, of its body. It reads one moment of
// the journal, which goes on meanwhile. The error says that the check itself failed; what it found is in the Report.
func (s *Store) Check(ctx context.Context, open Opener) (Report, error) {
	var report Report
	err := s.Snapshot(ctx, func(r Reader) error {
		scratch, err := s.db.Scratch(ctx)
		if err != nil {
			return unavailable("open scratch database", err)
		}
		c := &checker{live: r, scratch: scratch, open: open}
		err = c.all(ctx)
		report = c.report
		return errors.Join(err, scratch.Close())
	})
	return report, err
}

// CheckTail checks the last n entries and the head, without folding: a start after an unclean stop looks at them.
func (s *Store) CheckTail(ctx context.Context, n int64) (Report, error) {
	var report Report
	err := s.Snapshot(ctx, func(r Reader) error {
		c := &checker{live: r}
		head, err := c.head(ctx)
		if err == nil {
			c.next = head.Size - min(head.Size, uint64(max(n, 0)))
			err = c.pages(ctx, head.Size)
		}
		report = c.report
		if errors.Is(err, errStop) {
			return nil
		}
		return err
	})
	return report, err
}

// checker is one run of a check.
type checker struct {
	live     Reader
	scratch  DB // nil: nothing is folded
	open     Opener
	next     rivage.Seq // entry expected next
	frontier tlog.Frontier
	gaps     []gap
	restored []rivage.Restored
	dropped  []rivage.LeavesDropped
	report   Report
}

func (c *checker) fault(f Fault) {
	if len(c.report.Faults) < maxFaults {
		c.report.Faults = append(c.report.Faults, f)
	}
}

func (c *checker) all(ctx context.Context) error {
	if err := migrate(ctx, c.scratch); err != nil {
		return unavailable("make scratch tables", err)
	}
	head, err := c.head(ctx)
	if err != nil {
		return ignoreStop(err)
	}
	if err := c.pages(ctx, head.Size); err != nil {
		return ignoreStop(err)
	}
	if root := c.frontier.Root(); rivage.Hash(root) != head.Root {
		c.fault(Fault{Table: "ledger_head", Key: "1", What: fmt.Sprintf("root %s, the entries give %s", head.Root, rivage.Hash(root))})
	}
	c.told()
	if err := c.strays(ctx, head.Size); err != nil {
		return err
	}
	for _, t := range folded {
		if err := c.compare(ctx, t.name, t.columns, t.key); err != nil {
			return err
		}
	}
	return nil
}

func ignoreStop(err error) error {
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

// head reads the head and compares it with itself and with the last entry.
func (c *checker) head(ctx context.Context) (Head, error) {
	head, err := c.live.Head(ctx)
	if err != nil {
		return Head{}, err
	}
	if err := c.readDropped(ctx); err != nil {
		return Head{}, unavailable("read what was dropped", err)
	}
	var last int64
	err = queryRow(ctx, c.live.q, `SELECT COALESCE(max(seq), -1) FROM entry`, nil, &last)
	if err != nil {
		return Head{}, unavailable("read last entry", err)
	}
	if last != int64(head.Size)-1 {
		c.fault(Fault{Table: "ledger_head", Key: "1", What: fmt.Sprintf("%d entries, and the last is %d", head.Size, last)})
		return Head{}, errStop
	}
	if rivage.Hash(head.Frontier.Root()) != head.Root || head.Frontier.Size() != head.Size {
		c.fault(Fault{Table: "ledger_head", Key: "1", What: "size, root and frontier do not go together"})
	}
	return head, nil
}

// pages checks, and folds, all entries from c.next to the head.
func (c *checker) pages(ctx context.Context, size rivage.Seq) error {
	for c.next < size {
		p, err := c.page(ctx, min(size-c.next, maxFeed))
		if err != nil {
			return err
		}
		if c.scratch != nil {
			if err := c.refold(ctx, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// strays finds what belongs to no entry, and what an erasure left behind.
func (c *checker) strays(ctx context.Context, size rivage.Seq) error {
	for _, t := range []string{"body", "cell", "body_index"} {
		err := c.stray(ctx, t, fmt.Sprintf(`SELECT seq FROM %s WHERE seq<0 OR seq>=%d ORDER BY seq LIMIT 1`, t, size),
			"belongs to no entry")
		if err != nil {
			return err
		}
		err = c.stray(ctx, t, `SELECT t.seq FROM `+t+` t LEFT JOIN subject_key k ON k.subject=t.subject
			WHERE k.subject IS NULL ORDER BY t.seq LIMIT 1`, "its subject has no key: an erasure left it behind")
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) stray(ctx context.Context, table, query, what string) error {
	var seq rivage.Seq
	err := queryRow(ctx, c.live.q, query, nil, &seq)
	switch {
	case errors.Is(err, errNoRow):
		return nil
	case err != nil:
		return unavailable("check "+table, err)
	}
	c.fault(Fault{Seq: seq, Table: table, What: what})
	return nil
}
