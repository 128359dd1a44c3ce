// SPDX-License-Identifier: EUPL-1.2

package tts

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Spoken rewrites a text as it is said, because synthesis misreads what people write short: amounts, dates, hours,
// telephone numbers, references, titles and acronyms. What it does not know stays as it is. English passes mostly through.
func Spoken(lang, text string) string {
	text = tidy(text)
	rules := french
	if lang == "en" {
		rules = english
	}
	for _, r := range rules {
		text = r.apply(text)
	}
	return strings.Join(strings.Fields(text), " ")
}

// tidy leaves one kind of space and of apostrophe, no control characters, and none of the program's own marks: [[ would
// make it read phonemes.
func tidy(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '’' || r == 'ʼ':
			return '\''
		case unicode.IsSpace(r) || unicode.IsControl(r) || r == '[' || r == ']' || r == utf8.RuneError:
			return ' '
		case unicode.Is(unicode.Cf, r): // invisible: soft hyphens, joiners, directions
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// rule says one written form. It takes whole words and numbers only; with open set, its end may touch a letter.
type rule struct {
	re   *regexp.Regexp
	say  func(m []string) (string, bool) // the groups of a match, 0 is all of it; false leaves it alone
	open bool
}

func is(re string, say func(m []string) (string, bool)) rule {
	return rule{re: regexp.MustCompile(re), say: say}
}

// means is a rule without an if.
func means(re, words string) rule {
	return is(re, saying(words))
}

func (r rule) apply(s string) string {
	var b strings.Builder
	done := 0
	for _, at := range r.re.FindAllStringSubmatchIndex(s, -1) {
		if insideBefore(s, at[0]) || !r.open && insideAfter(s, at[1]) {
			continue
		}
		m := make([]string, len(at)/2)
		for i := range m {
			if at[2*i] >= 0 {
				m[i] = s[at[2*i]:at[2*i+1]]
			}
		}
		if words, ok := r.say(m); ok {
			b.WriteString(s[done:at[0]])
			b.WriteString(words)
			done = at[1]
		}
	}
	b.WriteString(s[done:])
	return b.String()
}

// insideBefore says whether i cuts a word or a number in two: \b knows ASCII only, and neither é nor 1,5.
func insideBefore(s string, i int) bool {
	before, size := utf8.DecodeLastRuneInString(s[:i])
	first, _ := utf8.DecodeRuneInString(s[i:])
	if before == '.' || before == ',' {
		before, _ = utf8.DecodeLastRuneInString(s[:i-size])
		return unicode.IsDigit(before) && unicode.IsDigit(first)
	}
	return isWord(before) && isWord(first)
}

func insideAfter(s string, i int) bool {
	last, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i:])
	return isWord(last) && isWord(after)
}

func isWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
