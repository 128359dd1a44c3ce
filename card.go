// SPDX-License-Identifier: EUPL-1.2

package rivage

import (
	"net/netip"
	"net/url"
	"strings"
)

// CardSource is a system of a Principal's own that holds records about what people call for: parcels, contracts, patients.
// Its records are looked up, shown field by field as the rules allow, and not kept.
type CardSource struct {
	ID        ID             `json:"id" toml:"id"`
	Principal ID             `json:"principal" toml:"principal"`
	Name      string         `json:"name" toml:"name"`
	Provider  ID             `json:"provider" toml:"provider"`                     // company that runs it
	Country   Country        `json:"country" toml:"country"`                       // where it stands
	Declared  *Declaration   `json:"declared,omitempty" toml:"declared,omitempty"` // nil: closed
	Networks  []netip.Prefix `json:"networks" toml:"networks"`                     // its addresses, after resolution
	URL       string         `json:"url" toml:"url"`                               // https, or http on loopback; {key} is what is looked up
	Secret    string         `json:"secret,omitempty" toml:"secret,omitempty"`     // name of its bearer token in the secrets, never the token
	KeyLabel  string         `json:"key_label" toml:"key_label"`                   // what people call the key, "Numéro de colis"
	Timeout   int            `json:"timeout" toml:"timeout"`                       // seconds
	PerHour   int            `json:"per_hour" toml:"per_hour"`                     // look-ups of one agent in an hour, at most
	Fields    []CardField    `json:"fields" toml:"fields"`                         // every field it may answer; an answer with another is refused whole
}

// CardField is one field of a record, with the class that decides who may see it.
type CardField struct {
	Name  string    `json:"name" toml:"name"` // as the system calls it; "recipient.name" within an object
	Label string    `json:"label" toml:"label"`
	Class DataClass `json:"class" toml:"class"`
}

// FieldName is what rules and entries call a field of the source.
func (s *CardSource) FieldName(field string) string { return string(s.ID) + "." + field }

// CardPlaceholder stands for the key in the URL of a source.
const CardPlaceholder = "{key}"

// maxCardKey is the longest key of a card, in bytes.
const maxCardKey = 64

// CardKey says whether a key may be asked for. A part that is . or .. is not: decoded by a careless server, it would lead out
// of the folder that was declared.
func CardKey(key string) bool {
	if len(key) > maxCardKey || !strings.ContainsFunc(key, alphanumeric) {
		return false
	}
	for part := range strings.SplitSeq(key, "/") {
		if p := strings.TrimSpace(part); p == "." || p == ".." {
			return false
		}
	}
	return !strings.ContainsFunc(key, func(r rune) bool { return !alphanumeric(r) && !strings.ContainsRune(" .-/_", r) })
}

func alphanumeric(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || digit(r)
}

func digit(r rune) bool { return r >= '0' && r <= '9' }

// WrongURL says what keeps the URL of a source from being asked, "" when nothing does.
func (s *CardSource) WrongURL() string {
	text := s.URL
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "cannot be read: give it in ASCII, such as https://parcels.example/{key}"
	case u.User != nil:
		return "holds a user: name the secret instead"
	case u.Fragment != "":
		return "has a fragment, which is never sent: take it away"
	case strings.Count(text, CardPlaceholder) != 1 || !strings.Contains(u.Path+"?"+u.RawQuery, CardPlaceholder):
		return "has to hold {key} once, in its path or its query"
	case u.Scheme != "https" && u.Scheme != "http":
		return "has to begin with https://"
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return "has to begin with https://: http is for the addresses 127.0.0.0/8 and ::1"
	}
	return ""
}

// loopback says whether a host is an address of this machine. A name is not, whatever it resolves to.
func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.Zone() == "" && a.Unmap().IsLoopback()
}

// Host is the name or address that is asked, without its port; "" for a URL that cannot be read.
func (s *CardSource) Host() string {
	u, err := url.Parse(s.URL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
