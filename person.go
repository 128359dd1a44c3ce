// SPDX-License-Identifier: EUPL-1.2

package rivage

import (
	"cmp"
	"net/mail"
	"slices"
	"strings"
	"unicode"
)

// Field is a value of its own that a Principal keeps on the cards of its persons.
type Field struct {
	ID        ID        `json:"id" toml:"id"`
	Principal ID        `json:"principal" toml:"principal"`
	Label     string    `json:"label" toml:"label"`
	Class     DataClass `json:"class" toml:"class"` // decides who may see it
	Kind      FieldKind `json:"kind" toml:"kind"`
	Choices   []string  `json:"choices,omitempty" toml:"choices,omitempty"` // of kind "choice"
	Rank      int       `json:"rank,omitempty" toml:"rank,omitempty"`       // fields are shown in this order, then by id
}

// FieldKind says what a field holds.
type FieldKind string

// The kinds of fields. Name, e-mail and number are those of the standard fields only.
const (
	FieldText   FieldKind = "text"
	FieldNumber FieldKind = "number"
	FieldDate   FieldKind = "date" // a Date
	FieldChoice FieldKind = "choice"
	FieldName   FieldKind = "name"
	FieldEmail  FieldKind = "email"
	FieldPhones FieldKind = "phones" // several numbers, one a line
)

// FieldKinds is the closed list of what people may set.
var FieldKinds = []FieldKind{FieldText, FieldNumber, FieldDate, FieldChoice}

// The standard fields of every person. Their ids are never those of a Principal's own.
const (
	PersonName   = "name"
	PersonEmail  = "email"
	PersonPhones = "phones"
)

// PersonField is what rules call a field of a person's card.
func PersonField(id ID) string { return "person." + string(id) }

// PersonFields are the fields of the cards of a Principal: the standard ones, of class courant, then its own.
func (s *Settings) PersonFields(principal ID) []Field {
	own := []Field{}
	for _, f := range s.Fields {
		if f.Principal == principal {
			own = append(own, *f)
		}
	}
	slices.SortFunc(own, func(a, b Field) int { return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.ID, b.ID)) })
	return append([]Field{
		{ID: PersonName, Principal: principal, Class: ClassCommon, Kind: FieldName},
		{ID: PersonPhones, Principal: principal, Class: ClassCommon, Kind: FieldPhones},
		{ID: PersonEmail, Principal: principal, Class: ClassCommon, Kind: FieldEmail},
	}, own...)
}

// Email is an e-mail address, trimmed, its domain in lower case (RFC 5321 section 2.4). ok is false for what is none.
func Email(s string) (address string, ok bool) {
	s = strings.TrimSpace(s)
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 { // RFC 5321 section 4.5.3.1.3, without the brackets
		return "", false
	}
	at := strings.LastIndexByte(s, '@')
	return s[:at+1] + strings.ToLower(s[at+1:]), true
}

// EmailIndex is what an address is found by: servers may tell the case of its local part apart, people do not.
func EmailIndex(address string) string { return strings.ToLower(address) }

// NameIndexes are what a name is found by: its words without case and accents, at most six.
func NameIndexes(name string) []string {
	words := strings.FieldsFunc(strings.Map(fold, name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	slices.Sort(words)
	words = slices.Compact(words)
	return words[:min(len(words), 6)]
}

// accents are the letters of the languages of the Union that people leave out when they type.
var accents = func() map[rune]rune {
	m := map[rune]rune{}
	for base, list := range map[rune]string{
		'a': "àáâãäåāăą", 'c': "çćĉċč", 'd': "ďđ", 'e': "èéêëēĕėęě", 'g': "ĝğġģ", 'h': "ĥħ", 'i': "ìíîïĩīĭįı", 'j': "ĵ", 'k': "ķ",
		'l': "ĺļľŀł", 'n': "ñńņňŋ", 'o': "òóôõöøōŏő", 'r': "ŕŗř", 's': "śŝşšș", 't': "ţťŧț", 'u': "ùúûüũūŭůűų", 'w': "ŵ", 'y': "ýÿŷ", 'z': "źżž",
	} {
		for _, r := range list {
			m[r] = base
		}
	}
	return m
}()

func fold(r rune) rune {
	r = unicode.ToLower(r)
	if unicode.Is(unicode.Mn, r) { // an accent on its own, as some systems write it
		return -1
	}
	if base, ok := accents[r]; ok {
		return base
	}
	return r
}

// SIREN is the number of a French legal unit, nine digits, without spaces; ok is false when its key does not hold
// (ISO/IEC 7812-1 annex B). The exception of La Poste is one of its establishments' SIRET, not of its SIREN.
func SIREN(s string) (siren string, ok bool) {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" .\u00a0\u202f", r) {
			return -1
		}
		return r
	}, s)
	if len(s) != 9 {
		return "", false
	}
	sum := 0
	for i, r := range s {
		if r < '0' || r > '9' {
			return "", false
		}
		d := int(r - '0')
		if i%2 == 1 { // every second digit from the right, of nine
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	if sum%10 != 0 || s == "000000000" {
		return "", false
	}
	return s, true
}
