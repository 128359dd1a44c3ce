// SPDX-License-Identifier: EUPL-1.2

package tts

import (
	"regexp"
	"strings"
)

// addresses are e-mail and web addresses.
var addresses = []rule{
	is(`[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`, address),
	is(`(?:https?://|www\.)[A-Za-z0-9./_-]*[A-Za-z0-9]/?`, address),
}

func address(m []string) (string, bool) {
	s := strings.TrimPrefix(strings.TrimPrefix(m[0], "https://"), "http://")
	s = strings.TrimSuffix(strings.ToLower(s), "/")
	rest, www := strings.CutPrefix(s, "www.")
	if i := strings.LastIndexByte(rest, '.'); i >= 0 && len(rest)-i == 3 { // fr: two letters are spelled
		rest = rest[:i+1] + rest[i+1:i+2] + " " + rest[i+2:]
	}
	rest = strings.NewReplacer(".", " point ", "@", " arobase ", "-", " tiret ", "_", " tiret bas ", "/", " barre ",
		"+", " plus ").Replace(rest)
	if www {
		rest = "trois double vé point " + rest
	}
	return rest, true
}

// telephones are numbers to dial, dictated in pairs as the French do.
var telephones = []rule{
	is(`(?:\+33|0033) ?(?:\(0\) ?)?([1-9])((?:[ .-]?\d{2}){4})`, func(m []string) (string, bool) {
		return "plus trente-trois, " + dictate(append([]string{m[1]}, pairs(only(m[2]))...)), true
	}),
	is(`0 ?8\d{2}[ .]\d{3}[ .]\d{3}`, func(m []string) (string, bool) { // 0 800 123 456
		d := only(m[0])
		return dictate([]string{d[:4], d[4:7], d[7:]}), true
	}),
	is(`0[1-9](?:[ .-]?\d{2}){4}`, func(m []string) (string, bool) { return dictate(pairs(only(m[0]))), true }),
	is(`\+(\d{1,3})((?:[ .-]\d{1,4}){2,6})`, func(m []string) (string, bool) {
		groups := strings.FieldsFunc(m[2], func(r rune) bool { return r < '0' || r > '9' })
		return "plus " + digits(m[1]) + ", " + dictate(short(groups)), true
	}),
	is(`\+(\d{7,15})`, func(m []string) (string, bool) { return "plus " + dictate(split(m[1])), true }),
	is(`(?i)((?:composez|appelez|faites|joignez)(?: le| au)?) (\d{2})(\d{2})`, func(m []string) (string, bool) {
		return m[1] + " " + digits(m[2]) + " " + digits(m[3]), true // 3939
	}),
}

// minReference is how many digits make a reference: fewer are a quantity, a year, a post code.
const minReference = 6

// references are identifiers: SIREN, SIRET, files, parcels.
var references = []rule{
	is(`(?i)((?:siren|siret|r[ée]f[ée]rence|r[ée]f\.|dossier|contrat|client|commande|colis|suivi|num[ée]ro|n°)`+
		`(?: ?(?:n°|num[ée]ro|est le|est|:))*) ?(\d+(?: \d{2,5})*)`, named),
	is(`\d{3} \d{3} \d{3} \d{5}`, func(m []string) (string, bool) { return dictate(split(only(m[0]))), true }), // SIRET
	is(`\d{7,}`, func(m []string) (string, bool) { return dictate(split(m[0])), true }),
	is(`[A-Z0-9]{5,}`, mixed),
}

// named keeps the groups as they are written after SIREN, dossier n° and the like.
func named(m []string) (string, bool) {
	if len(only(m[2])) < minReference {
		return "", false
	}
	return m[1] + " " + dictate(short(strings.Fields(m[2]))), true
}

// short splits the groups that nobody says at once.
func short(groups []string) []string {
	var out []string
	for _, g := range groups {
		if len(g) > 3 {
			out = append(out, split(g)...)
			continue
		}
		out = append(out, g)
	}
	return out
}

var runs = regexp.MustCompile(`[A-Z]+|\d+`)

// mixed says letters one by one and digits in groups: 8R00012345678.
func mixed(m []string) (string, bool) {
	n := len(only(m[0]))
	if n < 3 || n == len(m[0]) {
		return "", false
	}
	var words []string
	for _, run := range runs.FindAllString(m[0], -1) {
		if run[0] >= 'A' {
			words = append(words, spell(run))
			continue
		}
		words = append(words, dictate(split(run)))
	}
	return strings.Join(words, ", "), true
}
