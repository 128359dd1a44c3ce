// SPDX-License-Identifier: EUPL-1.2

package tts

import "strings"

// english are the few things an English voice misreads: euros, telephone numbers, long references.
var english = []rule{
	is(`€ ?(\d[\d,]*)(?:\.(\d{2}))?`, euros),
	is(`(\d+(?:[ ,]\d{3})*)(?:[.,](\d{2}))? ?(?:€|EUR)`, euros),
	is(`(?:\+|00)(\d{1,3}) ?(?:\(0\) ?)?(\d(?:[ .-]?\d){6,13})`, func(m []string) (string, bool) {
		return "plus " + oneByOne(m[1]) + ", " + oneByOne(m[2]), true
	}),
	is(`0[1-9](?:[ .-]?\d{2}){4}`, func(m []string) (string, bool) { return oneByOne(m[0]), true }),
	is(`\d{7,}`, func(m []string) (string, bool) { return oneByOne(strings.Join(split(m[0]), " ")), true }),
}

func euros(m []string) (string, bool) {
	words := m[1] + " euros"
	if m[1] == "1" {
		words = "1 euro"
	}
	if m[2] != "" && m[2] != "00" {
		words += " " + m[2]
	}
	return words, true
}

// oneByOne says digits one by one, with a silence where they were set apart.
func oneByOne(s string) string {
	groups := strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	for i, g := range groups {
		groups[i] = spell(g)
	}
	return strings.Join(groups, ", ")
}
