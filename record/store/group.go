// SPDX-License-Identifier: EUPL-1.2

package store

import "context"

// group collects rows of one shape and writes several with one statement, which costs less than a statement each.
type group struct {
	text    func(rows int) string
	columns int
	args    []any
}

// groupSizes are the numbers of rows one statement writes: few, so that each text stays prepared.
var groupSizes = [...]int{32, 8, 2, 1}

// flush queues what was collected, in order.
func (g *group) flush(ctx context.Context, tx Tx) error {
	for _, n := range groupSizes {
		size := n * g.columns
		if len(g.args) < size {
			continue
		}
		text := g.text(n)
		for len(g.args) >= size {
			// The driver keeps the slice until the transaction ends, so it is cut off, never used again.
			if err := tx.Queue(ctx, text, g.args[:size:size]...); err != nil {
				return err
			}
			g.args = g.args[size:]
		}
	}
	return nil
}

// inserts gives the text of an INSERT by its number of rows.
func inserts(into string, columns int, then string) func(int) string {
	return func(n int) string { return "INSERT INTO " + into + " VALUES" + tuples(n, columns) + then }
}

// add collects one row.
func (g *group) add(args ...any) { g.args = append(g.args, args...) }
