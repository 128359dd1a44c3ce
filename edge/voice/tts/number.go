// SPDX-License-Identifier: EUPL-1.2

package tts

import (
	"strconv"
	"strings"
)

var (
	small = strings.Fields("zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize " +
		"dix-sept dix-huit dix-neuf")
	tens = strings.Fields("- - vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt")
)

// maxNumber is the greatest number in words; longer ones are read in groups.
const maxNumber = 999_999_999_999

// cardinal is 0 ≤ n ≤ maxNumber in French words.
func cardinal(n int) string {
	var words []string
	for _, u := range []struct {
		size int
		name string
	}{{1_000_000_000, "milliard"}, {1_000_000, "million"}} {
		if k := n / u.size; k > 0 {
			words = append(words, hundreds(k, true), plural(k, u.name))
		}
		n %= u.size
	}
	if k := n / 1000; k > 0 {
		if k > 1 {
			words = append(words, hundreds(k, false)) // mille is no noun: quatre-vingt mille
		}
		words = append(words, "mille")
	}
	if n %= 1000; n > 0 || words == nil {
		words = append(words, hundreds(n, true))
	}
	return strings.Join(words, " ")
}

// hundreds is n < 1000; cents and quatre-vingts take their s at the end of a number only, and when last says so.
func hundreds(n int, last bool) string {
	if n < 100 {
		return below100(n, last)
	}
	h := "cent"
	if n >= 200 {
		h = small[n/100] + " cent"
	}
	switch {
	case n%100 != 0:
		return h + " " + below100(n%100, last)
	case n >= 200 && last:
		return h + "s"
	}
	return h
}

func below100(n int, last bool) string {
	if n < 20 {
		return small[n]
	}
	t, unit := n/10, n%10
	if t == 7 || t == 9 {
		unit += 10
	}
	switch {
	case n == 80 && last:
		return "quatre-vingts"
	case unit == 0:
		return tens[t]
	case (unit == 1 || unit == 11) && t < 8:
		return tens[t] + " et " + small[unit]
	}
	return tens[t] + "-" + small[unit]
}

// feminine is a cardinal before a feminine noun: vingt et une heures.
func feminine(n int) string {
	w := cardinal(n)
	if strings.HasSuffix(w, "un") {
		w += "e"
	}
	return w
}

// ordinal is n as a rank.
func ordinal(n int, female bool) string {
	if n == 1 {
		if female {
			return "première"
		}
		return "premier"
	}
	w := cardinal(n)
	switch {
	case strings.HasSuffix(w, "cinq"):
		w += "u"
	case strings.HasSuffix(w, "neuf"):
		w = strings.TrimSuffix(w, "f") + "v"
	case strings.HasSuffix(w, "vingts"), strings.HasSuffix(w, "cents"):
		w = strings.TrimSuffix(w, "s")
	default:
		w = strings.TrimSuffix(w, "e")
	}
	return w + "ième"
}

// plural puts a noun after its number: in French, two and more.
func plural(n int, noun string) string {
	if n >= 2 {
		return noun + "s"
	}
	return noun
}

// digits says a group of digits as people dictate it: each leading zero, then the number.
func digits(group string) string {
	rest := strings.TrimLeft(group, "0")
	words := make([]string, 0, 4)
	for range len(group) - len(rest) {
		words = append(words, small[0])
	}
	if n, err := strconv.Atoi(rest); err == nil {
		words = append(words, cardinal(n))
	}
	return strings.Join(words, " ")
}

// dictate says long digits group by group, with the short silence of a comma between them.
func dictate(groups []string) string {
	words := make([]string, len(groups))
	for i, g := range groups {
		words[i] = digits(g)
	}
	return strings.Join(words, ", ")
}

// split cuts digits in threes, the last ones in twos rather than leaving one alone.
func split(s string) []string {
	var groups []string
	for len(s) > 4 {
		groups, s = append(groups, s[:3]), s[3:]
	}
	if len(s) == 4 {
		return append(groups, s[:2], s[2:])
	}
	return append(groups, s)
}

// pairs cuts digits in twos.
func pairs(s string) []string {
	var groups []string
	for len(s) > 2 {
		groups, s = append(groups, s[:2]), s[2:]
	}
	return append(groups, s)
}

// only keeps the digits of s.
func only(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// number reads an integer with its spaces; false when it is too long to be said as one.
func number(s string) (int, bool) {
	n, err := strconv.Atoi(only(s))
	return n, err == nil && n <= maxNumber
}
