// SPDX-License-Identifier: EUPL-1.2

package tts

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFrenchIsWrittenAsItIsSaid(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		// amounts
		{"12,50 €", "douze euros cinquante"},
		{"12,50\u00a0€ TTC", "douze euros cinquante T T C"},
		{"12.5 euros", "douze euros cinquante"},
		{"1 €", "un euro"},
		{"0,50 €", "cinquante centimes"},
		{"0,01€", "un centime"},
		{"3,01 €", "trois euros et un centime"},
		{"80 € par mois", "quatre-vingts euros par mois"},
		{"9,99 €/mois", "neuf euros quatre-vingt-dix-neuf par mois"},
		{"1\u202f250 €", "mille deux cent cinquante euros"},
		{"1 000 000 €", "un million d'euros"},
		{"200 000 000 EUR", "deux cents millions d'euros"},
		{"2,5 M€", "deux virgule cinq millions d'euros"},
		{"300 k€", "trois cent mille euros"},
		{"12,503 €", "12,503 euros"},
		{"12345678901234 €", "cent vingt-trois, quatre cent cinquante-six, sept cent quatre-vingt-neuf, zéro douze, trente-quatre euros"},
		// dates
		{"le 21/11/2026", "le vingt et un novembre deux mille vingt-six"},
		{"le 01/05/1998.", "le premier mai mille neuf cent quatre-vingt-dix-huit."},
		{"21-11-2026 ou 21.11.2026", "vingt et un novembre deux mille vingt-six ou vingt et un novembre deux mille vingt-six"},
		{"2026-02-28", "vingt-huit février deux mille vingt-six"},
		{"03/07/05", "trois juillet zéro cinq"},
		{"31/02/2026", "31/02/2026"},
		{"le 1er janv. et le 12 sept.", "le premier janvier et le 12 septembre"},
		// hours
		{"9h30", "neuf heures trente"},
		{"de 9 h à 18h00", "de neuf heures à dix-huit heures"},
		{"à 21h05", "à vingt et une heures cinq"},
		{"1h01", "une heure une"},
		{"09:45", "neuf heures quarante-cinq"},
		{"sous 48h", "sous quarante-huit heures"},
		{"21 hôtels", "21 hôtels"},
		{"25h80", "25h80"},
		{"10:20:30", "10:20:30"},
		{"24h/24 et 7j/7", "vingt-quatre heures sur vingt-quatre et sept jours sur sept"},
		{"1 min ou 15 mn", "une minute ou quinze minutes"},
		// telephones
		{"+33 2 98 00 12 34", "plus trente-trois, deux, quatre-vingt-dix-huit, zéro zéro, douze, trente-quatre"},
		{"+33298001234", "plus trente-trois, deux, quatre-vingt-dix-huit, zéro zéro, douze, trente-quatre"},
		{"+33 (0)6 12 34 56 78", "plus trente-trois, six, douze, trente-quatre, cinquante-six, soixante-dix-huit"},
		{"au 06 12 34 56 71.", "au zéro six, douze, trente-quatre, cinquante-six, soixante et onze."},
		{"02.98.01.02.03", "zéro deux, quatre-vingt-dix-huit, zéro un, zéro deux, zéro trois"},
		{"0 800 123 456", "zéro huit cents, cent vingt-trois, quatre cent cinquante-six"},
		{"+212 5 22 01 02 03", "plus deux cent douze, cinq, vingt-deux, zéro un, zéro deux, zéro trois"},
		{"Composez le 3939", "Composez le trente-neuf trente-neuf"},
		// references
		{"SIREN 552 100 554", "SIREN cinq cent cinquante-deux, cent, cinq cent cinquante-quatre"},
		{"SIREN : 552100554", "SIREN : cinq cent cinquante-deux, cent, cinq cent cinquante-quatre"},
		{"SIRET 552 100 554 00025", "SIRET cinq cent cinquante-deux, cent, cinq cent cinquante-quatre, zéro zéro zéro, vingt-cinq"},
		{"73282932000074", "sept cent trente-deux, huit cent vingt-neuf, trois cent vingt, zéro zéro zéro, soixante-quatorze"},
		{"dossier n° 123456", "dossier numéro cent vingt-trois, quatre cent cinquante-six"},
		{"colis 8R0001234", "colis huit, R, zéro zéro zéro, douze, trente-quatre"},
		{"contrat 12", "contrat 12"},
		{"29200 Brest", "29200 Brest"},
		{"en 2026", "en 2026"},
		// words
		{"M. Dupont et Mme Le Bihan", "Monsieur Dupont et Madame Le Bihan"},
		{"MM. Martin", "Messieurs Martin"},
		{"le Dr Kermarec, av. Foch", "le docteur Kermarec, avenue Foch"},
		{"n°5 et N° 6", "numéro 5 et numéro 6"},
		{"St-Denis, 3e étage", "Saint-Denis, troisième étage"},
		{"la 1re fois, la 21e, la 5ème, la 9e", "la première fois, la vingt et unième, la cinquième, la neuvième"},
		{"le RGPD et le SVI d'EDF", "le R G P D et le S V I d'E D F"},
		{"la TVA, la CNIL, l'URSSAF", "la T V A, la CNIL, l'URSSAF"},
		{"ATTENTION : FERMÉ LUNDI", "ATTENTION : FERMÉ LUNDI"},
		{"votre RDV, SVP", "votre rendez-vous, s'il vous plaît"},
		{"service@ponant.fr", "service arobase ponant point f r"},
		{"www.mutuelle-ponant.example", "trois double vé point mutuelle tiret ponant point example"},
		{"l’agent\u200b [[b0nZur]]\n\x00 répond", "l'agent b0nZur répond"},
		{"Un conseiller situé au Maroc va vous répondre.", "Un conseiller situé au Maroc va vous répondre."},
		{"", ""},
	} {
		if got := Spoken("fr", c.text); got != c.want {
			t.Errorf("%q:\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

func TestEnglishPassesMostlyThrough(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"An agent in Morocco will answer you.", "An agent in Morocco will answer you."},
		{"It costs €12.50 a month, or 1 €", "It costs 12 euros 50 a month, or 1 euro"},
		{"Call +33 2 98 00 12 34", "Call plus 3 3, 2, 9 8, 0 0, 1 2, 3 4"},
		{"file 552100554", "file 5 5 2, 1 0 0, 5 5 4"},
		{"Mr. Smith, 9:30, GDPR", "Mr. Smith, 9:30, GDPR"},
	} {
		if got := Spoken("en", c.text); got != c.want {
			t.Errorf("%q:\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

func TestNumbersInWords(t *testing.T) {
	for n, want := range map[int]string{
		0: "zéro", 17: "dix-sept", 21: "vingt et un", 70: "soixante-dix", 71: "soixante et onze", 80: "quatre-vingts",
		81: "quatre-vingt-un", 91: "quatre-vingt-onze", 99: "quatre-vingt-dix-neuf", 100: "cent", 200: "deux cents",
		201: "deux cent un", 1000: "mille", 1001: "mille un", 80_000: "quatre-vingt mille", 200_000: "deux cent mille",
		80_000_000:  "quatre-vingts millions",
		1_234_567:   "un million deux cent trente-quatre mille cinq cent soixante-sept",
		maxNumber:   "neuf cent quatre-vingt-dix-neuf milliards neuf cent quatre-vingt-dix-neuf millions neuf cent quatre-vingt-dix-neuf mille neuf cent quatre-vingt-dix-neuf",
		2_000_000_0: "vingt millions",
	} {
		if got := cardinal(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

// Whatever an administrator types, the outcome is clean text of a bounded length.
func FuzzSpoken(f *testing.F) {
	for _, s := range []string{
		"12,50 €", "21/11/2026 9h30", "+33 2 98 00 12 34", "SIREN 552 100 554", "M. RGPD n°", "a@b.fr www.x.y", "[[a]]\x00",
		"31/02/2026 99:99", "99999999999999999999999 €", "1er 0e \xff", "0000000000000000",
	} {
		f.Add("fr", s)
		f.Add("en", s)
	}
	f.Fuzz(func(t *testing.T, lang, text string) {
		got := Spoken(lang, text)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "[]\x00\n") {
			t.Errorf("%q: got %q", text, got)
		}
		if most := 40*len(text) + 100; len(got) > most {
			t.Errorf("%q: got %d bytes, want at most %d", text, len(got), most)
		}
	})
}
