// SPDX-License-Identifier: EUPL-1.2

package rivage

import (
	"log/slog"
	"strings"
)

// Phone is a telephone number, E.164 with its plus sign when it could be normalised, else as received. It never
// prints itself in a log.
type Phone string

// LogValue hides the number (no personal data in logs).
func (p Phone) LogValue() slog.Value {
	if p == "" {
		return slog.StringValue("")
	}
	return slog.StringValue("[phone]")
}

// Anonymous says whether the caller withheld the number (RFC 3323 anonymous, or nothing usable).
func (p Phone) Anonymous() bool { return p == "" }

// ParsePhone normalises what a trunk, a form or a file gives: separators dropped, 00 read as +, a national French
// number (0 and nine digits) read as +33. What is not a number comes back empty, which is anonymous.
func ParsePhone(s string) Phone {
	var b strings.Builder
	for i, r := range strings.TrimSpace(s) {
		switch {
		case r >= '0' && r <= '9', r == '+' && i == 0:
			b.WriteRune(r)
		case strings.ContainsRune(" .-()/\u00a0\u202f", r):
		default:
			return ""
		}
	}
	d := b.String()
	switch {
	case strings.HasPrefix(d, "+"):
	case strings.HasPrefix(d, "00"):
		d = "+" + d[2:]
	case len(d) == 10 && d[0] == '0':
		d = "+33" + d[1:]
	}
	if n := len(strings.TrimPrefix(d, "+")); n < 3 || n > 15 { // E.164 caps at 15; internal numbers start at 3
		return ""
	}
	return Phone(d)
}
