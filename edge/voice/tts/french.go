// SPDX-License-Identifier: EUPL-1.2

package tts

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// french are the rules in their order: what a rule has put into words, a later one no longer sees as digits.
var french = slices.Concat(addresses, always, []rule{
	is(`(\d{1,3}(?: \d{3})+|\d+)(?:[.,](\d{1,2}))? ?(?:(k|M|Md)?(?:€|EUR)|euros?)`, money),
	means(`/ ?mois`, " par mois"), means(`/ ?an`, " par an"), means(`/ ?jour`, " par jour"),
	means(`/ ?minute`, " par minute"), means(`/ ?heure`, " par heure"), means(`/ ?appel`, " par appel"),
	is(`(\d{1,2})([/.-])(\d{1,2})([/.-])(\d{4}|\d{2})`, writtenDate),
	is(`(\d{4})-(\d{2})-(\d{2})`, func(m []string) (string, bool) { return date(m[3], m[2], m[1]) }),
	is(`(\d{1,2}|1er) (janv|févr|avr|juil|sept|oct|nov|déc)\.`, shortMonth),
	is(`(\d{1,3}) ?[hH](?: ?(\d{2})(?: ?min)?)?`, clock),
	is(`(\d{1,2}):(\d{2})((?::\d+)?)`, colonClock),
	is(`(\d{1,4}) ?(?:min|mn)`, minutes),
}, telephones, references, []rule{
	is(`(\d{1,4})(er|re|ère|ième|ème|e|è|nde|nd)`, rank),
}, abbreviations, []rule{
	is(`\p{Lu}{2,6}`, acronym),
	means(`€`, " euros"), means(`&`, " et "), means(`°C`, " degrés"),
})

// always are the hours without an end.
var always = []rule{
	means(`24 ?[hH] ?(?:/|sur) ?24`, "vingt-quatre heures sur vingt-quatre"),
	means(`7 ?[jJ](?:ours)? ?(?:/|sur) ?7`, "sept jours sur sept"),
	means(`24/7`, "vingt-quatre heures sur vingt-quatre, sept jours sur sept"),
}

// money says an amount: 12,50 € is douze euros cinquante.
func money(m []string) (string, bool) {
	n, ok := number(m[1])
	if !ok {
		return "", false
	}
	if m[3] != "" { // 2,5 M€
		unit := map[string]string{"k": "mille", "M": "million", "Md": "milliard"}[m[3]]
		return thousands(n, m[2], unit), true
	}
	cents := 0
	if m[2] != "" {
		cents, _ = strconv.Atoi((m[2] + "0")[:2]) // one or two digits: the expression says so
	}
	euros := cardinal(n) + " " + plural(n, "euro")
	round := n >= 1_000_000 && n%1_000_000 == 0
	if round {
		euros = cardinal(n) + " d'euros"
	}
	switch {
	case cents == 0:
		return euros, true
	case n == 0:
		return cardinal(cents) + " " + plural(cents, "centime"), true
	case round || cents == 1:
		return euros + " et " + cardinal(cents) + " " + plural(cents, "centime"), true
	}
	return euros + " " + cardinal(cents), true
}

// thousands says k€, M€ and Md€.
func thousands(n int, decimals, unit string) string {
	if unit == "mille" && decimals == "" && n <= maxNumber/1000 {
		return cardinal(n*1000) + " euros"
	}
	words := cardinal(n)
	if decimals != "" {
		words += " virgule " + digits(decimals)
	}
	if unit == "mille" {
		return words + " mille euros"
	}
	return words + " " + plural(n, unit) + " d'euros"
}

var months = strings.Fields("janvier février mars avril mai juin juillet août septembre octobre novembre décembre")

// writtenDate takes 21/11/2026, 21.11.2026, 21-11-2026 and 21/11/26.
func writtenDate(m []string) (string, bool) {
	if m[2] != m[4] || len(m[5]) == 2 && m[2] != "/" { // 01.02.03 begins a telephone number
		return "", false
	}
	return date(m[1], m[3], m[5])
}

func date(day, month, year string) (string, bool) {
	d, _ := strconv.Atoi(day) // digits: the expressions say so
	mo, _ := strconv.Atoi(month)
	y, _ := strconv.Atoi(year)
	if t := time.Date(y, time.Month(mo), d, 0, 0, 0, 0, time.UTC); t.Day() != d || int(t.Month()) != mo {
		return "", false
	}
	words := cardinal(d)
	if d == 1 {
		words = "premier"
	}
	if len(year) == 2 {
		return words + " " + months[mo-1] + " " + digits(year), true
	}
	return words + " " + months[mo-1] + " " + cardinal(y), true
}

func shortMonth(m []string) (string, bool) {
	for _, name := range months {
		if strings.HasPrefix(name, m[2]) {
			return m[1] + " " + name, true
		}
	}
	return "", false
}

// clock says 9h30, and durations: 48 h.
func clock(m []string) (string, bool) {
	h, _ := strconv.Atoi(m[1])
	words := feminine(h) + " " + plural(h, "heure")
	if m[2] == "" {
		return words, true
	}
	past, _ := strconv.Atoi(m[2])
	if h > 24 || past > 59 {
		return "", false
	}
	if past == 0 {
		return words, true
	}
	return words + " " + feminine(past), true
}

// colonClock says 9:30; three parts are something else.
func colonClock(m []string) (string, bool) {
	if m[3] != "" {
		return "", false
	}
	return clock([]string{"", m[1], m[2]})
}

func minutes(m []string) (string, bool) {
	n, _ := strconv.Atoi(m[1])
	return feminine(n) + " " + plural(n, "minute"), true
}

// rank says 2e, 1re, 3ème.
func rank(m []string) (string, bool) {
	n, _ := strconv.Atoi(m[1])
	switch suffix := m[2]; {
	case n == 0, (suffix == "er" || suffix == "re" || suffix == "ère") && n != 1, (suffix == "nd" || suffix == "nde") && n != 2:
		return "", false
	case suffix == "nd":
		return "second", true
	case suffix == "nde":
		return "seconde", true
	default:
		return ordinal(n, suffix == "re" || suffix == "ère"), true
	}
}
