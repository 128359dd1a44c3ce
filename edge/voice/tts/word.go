// SPDX-License-Identifier: EUPL-1.2

package tts

import (
	"regexp"
	"slices"
	"strings"
)

// abbreviations are titles and short words.
var abbreviations = []rule{
	{re: regexp.MustCompile(`MM\. ?(\p{Lu})`), say: before("Messieurs "), open: true},
	{re: regexp.MustCompile(`M\. ?(\p{Lu})`), say: before("Monsieur "), open: true},
	means(`Mme`, "Madame"), means(`Mmes`, "Mesdames"), means(`Mlle`, "Mademoiselle"), means(`Mlles`, "Mesdemoiselles"),
	{re: regexp.MustCompile(`Dr\.? (\p{Lu})`), say: before("docteur "), open: true},
	{re: regexp.MustCompile(`Pr\.? (\p{Lu})`), say: before("professeur "), open: true},
	{re: regexp.MustCompile(`St-(\p{Lu})`), say: before("Saint-"), open: true},
	{re: regexp.MustCompile(`Ste-(\p{Lu})`), say: before("Sainte-"), open: true},
	{re: regexp.MustCompile(`[nN][°º]s ?`), say: saying("numéros "), open: true},
	{re: regexp.MustCompile(`[nN][°º] ?`), say: saying("numéro "), open: true},
	means(`[tT][ée]l\.`, "téléphone"), means(`[rR][ée]f\.`, "référence"), means(`av\.`, "avenue"),
	means(`(?:bd|bld|boul)\.?`, "boulevard"), means(`etc\.`, "et cetera"), means(`p\. ?ex\.`, "par exemple"),
	means(`c\.-à-d\.`, "c'est-à-dire"), means(`SVP|svp`, "s'il vous plaît"), means(`RDV|rdv`, "rendez-vous"),
}

// before puts words before the first group.
func before(words string) func([]string) (string, bool) {
	return func(m []string) (string, bool) { return words + m[1], true }
}

// saying is the words whatever was written.
func saying(words string) func([]string) (string, bool) {
	return func([]string) (string, bool) { return words, true }
}

// What the sound of an acronym does not tell: read as words although hard to say, spelled although easy.
var (
	asWords  = []string{"CNIL", "CNAM", "CNED", "CNAV", "PSE", "CROUS", "INSEE", "URSSAF", "PACS"}
	asLetter = []string{"UE", "UK", "IA", "IP", "SLA", "API", "VIP", "USA", "URL"}
)

// Beginnings and ends of French words with two consonants or more; others are not said.
var (
	onsets = strings.Fields("BL BR CH CHR CL CR DR FL FR GL GR GN KL KR PH PHR PL PR PS QU SC SCH SCR SH SK SL SM SN SP SPH SPL SPR ST STR TH TR VR")
	codas  = strings.Fields("BS CH CK CS CT FF FS FT GS LB LC LD LF LL LM LP LS LT MP MPS MS NC NCH NCS ND NDS NG NGS NK NN NQ NS NT NTS NX " +
		"PS PT PTS RB RC RCH RCS RD RDS RF RG RGS RK RL RM RMS RN RNS RP RPS RQ RS RT RTS RX SC SM SMS SS ST STS TH TS TT")
)

const vowels = "AEIOUYÀÂÄÉÈÊËÎÏÔÖÙÛÜŒÆ"

// acronym spells an upper-case word that cannot be said: RGPD, SVI, EDF, but not SIREN.
func acronym(m []string) (string, bool) {
	w := m[0]
	if slices.Contains(asWords, w) || !slices.Contains(asLetter, w) && pronounceable(w) {
		return "", false
	}
	return spell(w), true
}

func pronounceable(w string) bool {
	first := strings.IndexAny(w, vowels)
	if first < 0 {
		return false
	}
	onset := w[:first]
	i := strings.LastIndexAny(w, vowels)
	coda := strings.TrimLeft(w[i:], vowels)
	return (len(onset) < 2 || slices.Contains(onsets, onset)) && (len(coda) < 2 || slices.Contains(codas, coda))
}

// spell sets letters apart.
func spell(w string) string {
	return strings.Join(strings.Split(w, ""), " ")
}
