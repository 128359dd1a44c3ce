// SPDX-License-Identifier: EUPL-1.2

package person

import (
	"strings"

	"rivage.example/rivage"
)

// Search is what somebody looks persons up by.
type Search struct {
	Field  string   // whose values are searched: name, phones or email
	Kind   string   // of the index
	Values []string // a person has to be under each
}

// SearchFor reads what was typed: a number in any form, an address, or words of a name. Invalid for nothing of these.
func SearchFor(text string) (Search, error) {
	text = strings.TrimSpace(text)
	if p := rivage.ParsePhone(text); !p.Anonymous() {
		return Search{rivage.PersonPhones, IndexPhone, []string{string(p)}}, nil
	}
	if address, ok := rivage.Email(text); ok {
		return Search{rivage.PersonEmail, IndexMail, []string{rivage.EmailIndex(address)}}, nil
	}
	words := rivage.NameIndexes(text)
	if len(words) == 0 || strings.ContainsRune(text, '@') {
		return Search{}, &rivage.Error{Code: rivage.Invalid, Message: "give a telephone number, an e-mail address or words of a name"}
	}
	return Search{rivage.PersonName, IndexName, words}, nil
}
