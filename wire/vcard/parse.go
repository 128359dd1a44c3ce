// SPDX-License-Identifier: EUPL-1.2

package vcard

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"
)

// Parse reads a file of cards, one after the other. A card that cannot be read comes as a *Fault, and the next one follows;
// any other error ends the reading.
func Parse(r io.Reader) iter.Seq2[*Card, error] {
	return func(yield func(*Card, error) bool) {
		l := &lines{r: bufio.NewReaderSize(r, MaxLine)}
		for {
			c, err := l.card()
			if err == io.EOF {
				return
			}
			var f *Fault
			if !yield(c, err) || err != nil && !errors.As(err, &f) {
				return
			}
		}
	}
}

// lines gives the lines of a file, unfolded.
type lines struct {
	r    *bufio.Reader
	n    int    // of the last line read
	next string // read already: it was not the continuation of the line before
	held bool
}

// card reads the next card, io.EOF after the last.
func (l *lines) card() (*Card, error) {
	var begin string
	for strings.TrimSpace(begin) == "" {
		var err error
		if begin, err = l.line(); err != nil {
			return nil, err
		}
	}
	at := l.n
	if !strings.EqualFold(strings.TrimPrefix(begin, "\ufeff"), "BEGIN:VCARD") {
		return nil, l.skip(&Fault{at, "want BEGIN:VCARD"})
	}
	c := &Card{Line: at}
	for {
		text, err := l.line()
		switch {
		case err == io.EOF:
			return nil, &Fault{at, "the card has no END:VCARD"}
		case err != nil:
			return nil, err
		case strings.EqualFold(text, "END:VCARD"):
			return c.checked()
		case strings.TrimSpace(text) == "":
			continue
		}
		line := l.n
		p, what := property(text)
		if what == "" && p.Name == "BEGIN" {
			what = "a card within a card"
		}
		if what == "" && len(c.Properties) == MaxProperties {
			what = fmt.Sprintf("more than %d properties", MaxProperties)
		}
		if what != "" {
			return nil, l.skip(&Fault{line, what})
		}
		if p.Name == "VERSION" {
			c.Version = p.Value
			continue
		}
		c.Properties = append(c.Properties, p)
	}
}

func (c *Card) checked() (*Card, error) {
	if c.Version != "3.0" && c.Version != "4.0" {
		return nil, &Fault{c.Line, "want VERSION:3.0 or VERSION:4.0"}
	}
	return c, nil
}

// skip passes over what is left of a card, and gives the fault, or what ends the reading.
func (l *lines) skip(f *Fault) error {
	for {
		text, err := l.line()
		switch {
		case err == io.EOF || err == nil && strings.EqualFold(text, "END:VCARD"):
			return f
		case err != nil:
			return err
		}
	}
}

// line is the next line with those that continue it (RFC 6350 section 3.2).
func (l *lines) line() (string, error) {
	first, err := l.raw()
	if err != nil {
		return "", err
	}
	var more strings.Builder
	more.WriteString(first)
	for {
		next, err := l.raw()
		switch {
		case err == io.EOF:
			return more.String(), nil
		case err != nil:
			return "", err
		case next == "" || next[0] != ' ' && next[0] != '\t':
			l.next, l.held, l.n = next, true, l.n-1
			return more.String(), nil
		case more.Len()+len(next) > MaxLine:
			return "", errLong
		}
		more.WriteString(next[1:])
	}
}

// raw is the next line as it stands, without its end.
func (l *lines) raw() (string, error) {
	if l.held {
		l.held = false
		l.n++
		return l.next, nil
	}
	text, err := l.r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", errLong
	case err == io.EOF && len(text) > 0: // a last line without an end
	case err != nil:
		return "", err
	}
	l.n++
	return strings.TrimRight(string(text), "\r\n"), nil
}

// property reads one line: group.NAME;PARAM=value:value. what says what is wrong with it.
func property(line string) (p Property, what string) {
	if !utf8.ValidString(line) {
		return p, "is not UTF-8"
	}
	head, rest := name(line)
	if _, after, grouped := strings.Cut(head, "."); grouped {
		head = after
	}
	if head == "" {
		return p, "a property without a name"
	}
	p.Name = strings.ToUpper(head)
	for strings.HasPrefix(rest, ";") {
		var key string
		key, rest = name(rest[1:])
		if key == "" {
			return p, "a parameter without a name"
		}
		key = strings.ToUpper(key)
		if !strings.HasPrefix(rest, "=") { // as version 2.1 wrote a type
			p.Params = append(p.Params, Param{"TYPE", key})
			continue
		}
		for again := true; again; again = strings.HasPrefix(rest, ",") {
			var value string
			var ok bool
			if value, rest, ok = paramValue(rest[1:]); !ok {
				return p, "a parameter without its closing quote"
			}
			p.Params = append(p.Params, Param{key, value})
		}
	}
	if !strings.HasPrefix(rest, ":") {
		return p, "a property without a value"
	}
	p.Value = rest[1:]
	return p, ""
}

// name is what begins a line, of letters, digits, hyphens, and the point that ends a group.
func name(s string) (name, rest string) {
	end := strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.'
	})
	if end < 0 {
		end = len(s)
	}
	return s[:end], s[end:]
}

// paramValue is one value of a parameter, in quotes or up to what ends it.
func paramValue(s string) (value, rest string, ok bool) {
	if strings.HasPrefix(s, `"`) {
		return strings.Cut(s[1:], `"`)
	}
	end := strings.IndexAny(s, ",;:")
	if end < 0 {
		end = len(s)
	}
	return s[:end], s[end:], true
}
