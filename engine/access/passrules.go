// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"rivage.example/rivage"
)

// minPassword is the least length of a password, in characters. Length is what counts; no mix of characters is demanded
// (NIST SP 800-63B section 3.1.1.2, CNIL 2022-100).
const minPassword = 12

// trivial are words that passwords of people in a hurry are made of. A password made of nothing but these, figures and
// punctuation is refused.
var trivial = []string{
	"password", "passwort", "motdepasse", "passe", "azertyuiop", "azerty", "qsdfghjklm", "qwertyuiop", "qwertz", "qwerty",
	"asdfghjkl", "wxcvbn", "zxcvbnm", "administrateur", "administrator", "admin", "bienvenue", "welcome", "bonjour",
	"hello", "changeme", "changezmoi", "secret", "letmein", "soleil", "marseille", "doudou", "jetaime", "iloveyou",
	"superviseur", "supervisor", "agent", "utilisateur", "user", "centre", "contact", "appel", "callcenter", "rivage",
	"abcdefghijkl", "abcdef", "abc", "test", "demo", "root",
}

// CheckPassword says whether a password may be chosen for an account.
func CheckPassword(password, login string) error {
	lower := strings.ToLower(password)
	name, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(login)), "@")
	switch {
	case utf8.RuneCountInString(password) < minPassword:
		return refuse(rivage.Invalid, PasswordShort, "choose password: at least twelve characters")
	case len(password) > maxPassword:
		return refuse(rivage.Invalid, PasswordLong, "choose password: at most 256 bytes")
	case utf8.RuneCountInString(name) >= 3 && strings.Contains(lower, name):
		return refuse(rivage.Invalid, PasswordLogin, "choose password: it must not contain the login")
	case isTrivial(lower):
		return refuse(rivage.Invalid, PasswordTrivial, "choose password: it is among the first that would be tried")
	}
	return nil
}

// isTrivial says whether a password is known words, figures and punctuation only, or fewer than five characters again
// and again.
func isTrivial(lower string) bool {
	distinct := make(map[rune]bool)
	for _, r := range lower {
		distinct[r] = true
	}
	if len(distinct) < 5 {
		return true
	}
	core := strings.TrimFunc(lower, func(r rune) bool { return !unicode.IsLetter(r) })
	disguised := strings.NewReplacer("@", "a", "0", "o", "1", "i", "3", "e", "$", "s", "5", "s").Replace(core)
	return madeOf(letters(lower)) || madeOf(letters(disguised))
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, s)
}

// madeOf says whether s is a sequence of trivial words; nothing at all is one.
func madeOf(s string) bool {
	if s == "" {
		return true
	}
	reach := make([]bool, len(s)+1) // reach[i]: s[:i] is a sequence of trivial words
	reach[0] = true
	for i := range s {
		if !reach[i] {
			continue
		}
		for _, w := range trivial {
			if strings.HasPrefix(s[i:], w) {
				reach[i+len(w)] = true
			}
		}
	}
	return reach[len(s)]
}
