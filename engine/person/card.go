// SPDX-License-Identifier: EUPL-1.2

package person

import (
	"slices"
	"strings"

	"rivage.example/rivage"
)

// Shown are the rows whose values a card shows for a field, of those of all cards of a person, the last written first. Of
// merged persons the last written value counts, and of numbers all, until somebody writes one over them.
func Shown(f *rivage.Field, rows []rivage.ValueRow) []rivage.ValueRow {
	var out []rivage.ValueRow
	for _, r := range rows {
		if r.Field != string(f.ID) {
			continue
		}
		if !r.Cleared {
			out = append(out, r)
		}
		if r.Over || f.Kind != rivage.FieldPhones && len(out) > 0 {
			break
		}
	}
	return out
}

// Together makes one value of those that Shown named, once they are opened.
func Together(values []string) string {
	var lines []string
	for _, v := range values {
		for line := range strings.SplitSeq(v, "\n") {
			if !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
	}
	return strings.Join(lines, "\n")
}
