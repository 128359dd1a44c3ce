// SPDX-License-Identifier: EUPL-1.2

package person

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"rivage.example/rivage"
)

// Limits of what is written.
const (
	maxText   = 500 // characters
	maxName   = 200
	MaxPhones = 6 // of one person: each is an index of the entry
)

// The kinds of index, as the store keeps them.
const (
	IndexPhone = "tel"
	IndexMail  = "mail"
	IndexName  = "name"
	IndexSIREN = "siren"
)

// Clean gives a value the form in which it is kept. What is not one of its kind is an error with code Invalid, which does
// not repeat it. Empty stays empty.
func Clean(f *rivage.Field, value string) (string, error) {
	value = strings.TrimSpace(value)
	if value == "" {
		return "", nil
	}
	if !utf8.ValidString(value) {
		return "", wrong("is not UTF-8")
	}
	if f.Kind != rivage.FieldPhones && strings.ContainsFunc(value, control) {
		return "", wrong("holds a control character")
	}
	switch f.Kind {
	case rivage.FieldPhones:
		return cleanPhones(value)
	case rivage.FieldEmail:
		address, ok := rivage.Email(value)
		if !ok {
			return "", wrong("is not an e-mail address")
		}
		return address, nil
	case rivage.FieldDate:
		if _, ok := rivage.Date(value).Day(); !ok {
			return "", wrong("is not a day, as 2026-11-28")
		}
	case rivage.FieldNumber:
		return cleanNumber(value)
	case rivage.FieldChoice:
		if !slices.Contains(f.Choices, value) {
			return "", wrong("is none of the choices")
		}
	case rivage.FieldName:
		return value, short(value, maxName)
	case rivage.FieldText:
		return value, short(value, maxText)
	default:
		return "", wrong("is of an unknown kind of field")
	}
	return value, nil
}

// control says whether a character may not stand in a value. Of line breaks there are none: values are one line.
func control(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

func short(value string, limit int) error {
	if utf8.RuneCountInString(value) > limit {
		return wrong("is too long")
	}
	return nil
}

// cleanPhones gives numbers their E.164 form, each on a line, once. They come divided by lines, commas or semicolons.
func cleanPhones(value string) (string, error) {
	var list []string
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune("\r\n,;", r) }) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		p := rivage.ParsePhone(part)
		if p.Anonymous() || p[0] != '+' {
			return "", wrong("is not a telephone number with its country, as +33612345678")
		}
		if !slices.Contains(list, string(p)) {
			list = append(list, string(p))
		}
	}
	if len(list) > MaxPhones {
		return "", wrong("holds more than 6 numbers")
	}
	return strings.Join(list, "\n"), nil
}

// cleanNumber takes digits with a sign and one decimal comma or point, and keeps them exactly.
func cleanNumber(value string) (string, error) {
	text := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\u00a0', '\u202f':
			return -1
		case ',':
			return '.'
		}
		return r
	}, value)
	whole, part, point := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	digits := func(s string) bool {
		return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	}
	if !digits(whole) || point && !digits(part) || len(text) > 30 {
		return "", wrong("is not a number")
	}
	return text, nil
}

// indexes are what a value is found by.
func indexes(field rivage.ID, value string) []rivage.Index {
	var list []rivage.Index
	switch string(field) {
	case rivage.PersonPhones:
		for line := range strings.SplitSeq(value, "\n") {
			list = append(list, rivage.Index{Kind: IndexPhone, Value: line})
		}
	case rivage.PersonEmail:
		list = append(list, rivage.Index{Kind: IndexMail, Value: rivage.EmailIndex(value)})
	case rivage.PersonName:
		for _, word := range rivage.NameIndexes(value) {
			list = append(list, rivage.Index{Kind: IndexName, Value: word})
		}
	}
	return list
}

func wrong(what string) error {
	return &rivage.Error{Code: rivage.Invalid, Message: "the value " + what}
}
