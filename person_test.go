// SPDX-License-Identifier: EUPL-1.2

package rivage

import (
	"slices"
	"testing"
)

func TestOneNumberInThreeFormats(t *testing.T) {
	for _, s := range []string{"06 12 34 56 78", "+33 (6) 12-34-56-78", "0033.612345678"} {
		if got := ParsePhone(s); got != "+33612345678" {
			t.Errorf("%q is %q", s, got)
		}
	}
}

func TestEmail(t *testing.T) {
	for in, want := range map[string]string{
		" Ana.Personne@Client.EXAMPLE ": "Ana.Personne@client.example", "a@b": "a@b",
		"ana": "", "": "", "Ana <ana@client.example>": "", "ana@client.example, bea@client.example": "", "a@b\nBcc: c@d": "",
	} {
		got, ok := Email(in)
		if got != want || ok != (want != "") {
			t.Errorf("%q is %q, %v; want %q", in, got, ok, want)
		}
	}
	if EmailIndex("Ana@client.example") != EmailIndex("aNa@client.example") {
		t.Error("the case of the local part tells two persons apart")
	}
}

func TestNameIndexes(t *testing.T) {
	want := []string{"ana", "le", "noel", "œuvre"}
	for _, s := range []string{"Ana Le Noël-Œuvre", "œuvre, NOËL le ana", "ana noe\u0308l le œuvre Ana"} {
		if got := NameIndexes(s); !slices.Equal(got, want) {
			t.Errorf("%q is found by %q, want %q", s, got, want)
		}
	}
	if got := NameIndexes("a b c d e f g h"); len(got) != 6 {
		t.Errorf("%d words, want at most 6", len(got))
	}
}

func TestSIREN(t *testing.T) {
	for in, want := range map[string]string{
		"356000000": "356000000", "732 829 320": "732829320", "732829321": "", "73282932": "", "7328293200": "", "000000000": "",
		"35600000A": "", "": "",
	} {
		got, ok := SIREN(in)
		if got != want || ok != (want != "") {
			t.Errorf("%q is %q, %v; want %q", in, got, ok, want)
		}
	}
}
