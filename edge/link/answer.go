// SPDX-License-Identifier: EUPL-1.2

package link

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"rivage.example/rivage"
)

// The bounds of one record.
const (
	maxDepth  = 5    // objects in one another
	maxLeaves = 100  // values, nulls too
	maxText   = 2000 // bytes of a value
	maxName   = 200  // bytes of a name with those it stands under
)

// The bounds of a name that an error shows.
const (
	maxShown  = 64
	maxDigits = 4 // a name with more may be a number of somebody's
)

// reader reads one answer. Everything in it has to be declared: what is not could be of any class.
type reader struct {
	src      *rivage.CardSource
	key      string // never shown
	in       *json.Decoder
	declared map[string]bool
	values   map[string]string
	leaves   int
}

// readCard makes a card of an answer: a JSON object whose every value is declared. Any fault refuses the whole of it.
func readCard(src *rivage.CardSource, key string, body []byte) (Card, error) {
	if !utf8.Valid(body) || !json.Valid(body) {
		return Card{}, noJSON(src)
	}
	r := &reader{src: src, key: key, in: json.NewDecoder(bytes.NewReader(body)), declared: map[string]bool{}, values: map[string]string{}}
	r.in.UseNumber() // a number is kept as it was written
	for _, f := range src.Fields {
		r.declared[f.Name] = true
	}
	if t, err := r.in.Token(); err != nil || t != json.Delim('{') {
		return Card{}, noJSON(src)
	}
	if err := r.object("", 1); err != nil {
		return Card{}, err
	}
	card := Card{Source: src.ID}
	for _, f := range src.Fields {
		if text, ok := r.values[f.Name]; ok {
			card.Fields = append(card.Fields, Value{f.Name, text})
		}
	}
	return card, nil
}

// object reads the members of an object whose brace was read.
func (r *reader) object(prefix string, depth int) error {
	if depth > maxDepth {
		return r.refuse(fmt.Sprintf("its answer holds more than %d objects in one another", maxDepth))
	}
	seen := map[string]bool{}
	for r.in.More() {
		t, err := r.in.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return noJSON(r.src)
		}
		path := prefix + name
		switch {
		case seen[name]: // readers differ in which of the two they take
			return r.refuse("its answer holds " + r.shown(path) + " twice")
		case strings.Contains(name, "."), len(path) > maxName: // a dot would make it another field's name
			return r.undeclared(path)
		}
		seen[name] = true
		if err := r.member(path, depth); err != nil {
			return err
		}
	}
	if _, err := r.in.Token(); err != nil {
		return noJSON(r.src)
	}
	return nil
}

// member reads what stands under a name.
func (r *reader) member(path string, depth int) error {
	t, err := r.in.Token()
	if err != nil {
		return noJSON(r.src)
	}
	switch v := t.(type) {
	case json.Delim:
		if v != '{' {
			return r.refuse("in its answer " + r.shown(path) + " is a list, which a card cannot hold")
		}
		return r.object(path+".", depth+1)
	case string:
		return r.leaf(path, &v)
	case json.Number:
		text := v.String()
		return r.leaf(path, &text)
	case bool:
		text := strconv.FormatBool(v)
		return r.leaf(path, &text)
	}
	return r.leaf(path, nil)
}

// leaf keeps one value; nil is null, which is declared like any other and gives none.
func (r *reader) leaf(path string, text *string) error {
	r.leaves++
	switch {
	case r.leaves > maxLeaves:
		return r.refuse(fmt.Sprintf("its answer holds more than %d fields", maxLeaves))
	case !r.declared[path]:
		return r.undeclared(path)
	case text == nil:
		return nil
	case len(*text) > maxText:
		return r.refuse(fmt.Sprintf("in its answer %s is longer than %d bytes", r.shown(path), maxText))
	case strings.ContainsFunc(*text, unprintable):
		return r.refuse("in its answer " + r.shown(path) + " holds a control character or a line break")
	}
	r.values[path] = *text
	return nil
}

// unprintable says whether a character does something else than stand in a line.
func unprintable(c rune) bool { return unicode.IsControl(c) || c == '\u2028' || c == '\u2029' }

// shown is how an error calls a field. A system may use numbers or names of people as names of fields, and the very key
// that was looked up: such names are not shown.
func (r *reader) shown(path string) string {
	digits := 0
	odd := strings.ContainsFunc(path, func(c rune) bool {
		if digit(c) {
			digits++
		}
		return !alphanumeric(c) && !strings.ContainsRune("._-", c)
	})
	if path == "" || len(path) > maxShown || odd || digits > maxDigits ||
		strings.Contains(strings.ToLower(path), strings.ToLower(r.key)) {
		return "a field whose name cannot be shown"
	}
	return "the field " + path
}

func (r *reader) undeclared(path string) error {
	return r.refuse("its answer holds " + r.shown(path) +
		", which it does not declare: declare it with its class, or have the system leave it out")
}

func (r *reader) refuse(what string) error { return failed(r.src, rivage.Denied, what, nil) }

func noJSON(src *rivage.CardSource) error {
	return failed(src, rivage.Unavailable, "its answer is not one JSON object in UTF-8", nil)
}

func alphanumeric(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || digit(r) }

func digit(r rune) bool { return r >= '0' && r <= '9' }
