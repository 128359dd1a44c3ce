// SPDX-License-Identifier: EUPL-1.2

package rivage

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"testing"
)

// The vectors of the leaf format. They are frozen: a change of any of them is a change of the format, which is a new
// version.
var leafVectors = []struct {
	name string
	leaf Leaf
	text string
	hash string // SHA-256(0x00 ‖ text), RFC 6962
}{
	{
		"least", Leaf{At: 1, Kind: KindStopped},
		`{"v":1,"t":1,"kind":"Stopped","facts":"0000000000000000000000000000000000000000000000000000000000000000"}`,
		"61b19cf057b3d458527fdc4eb502d92e1d01b5d42e274c40571d54516eae142f",
	},
	{
		"offer to Casablanca", Leaf{
			At: 1772442000, Kind: KindInteractionOffered, Role: "system", Site: "casablanca", Country: "MA", Evidence: Declared,
			Class: ClassTracking, Mode: ModeVoice, Purpose: PurposeService, Basis: "CCT 2021/914, module 3", Rule: "colis-casablanca",
			Rules: "ab12", Outcome: "offered", Facts: Hash{1}, Commit: Hash{2},
		},
		`{"v":1,"t":1772442000,"kind":"InteractionOffered","role":"system","site":"casablanca","country":"MA","evidence":"declared","class":"suivi","mode":"voice","purpose":"service","basis":"CCT 2021/914, module 3","rule":"colis-casablanca","rules":"ab12","outcome":"offered","facts":"0100000000000000000000000000000000000000000000000000000000000000","commit":"0200000000000000000000000000000000000000000000000000000000000000"}`,
		"ce2a65ffbace6c35d04112ddb2b8448280f23c9824a68272a4fcdba5ccad6497",
	},
	{
		"what is not ASCII", Leaf{Kind: KindStarted, Basis: "É\"\\\n😀"},
		`{"v":1,"t":0,"kind":"Started","basis":"\u00c9\u0022\u005c\u000a\ud83d\ude00","facts":"0000000000000000000000000000000000000000000000000000000000000000"}`,
		"66a7214424efa1c2deeefc08b292e69ce2324665f497ae1a08c15c679284f391",
	},
}

func TestLeafHasOneText(t *testing.T) {
	for _, v := range leafVectors {
		got := v.leaf.Append(nil)
		if string(got) != v.text {
			t.Errorf("%s:\n got %s\nwant %s", v.name, got, v.text)
		}
		if hash := Hash(sha256.Sum256(append([]byte{0}, got...))); hash.String() != v.hash {
			t.Errorf("%s: leaf hash %s, want %s", v.name, hash, v.hash)
		}
		back, err := ParseLeaf(got)
		if err != nil || back != v.leaf {
			t.Errorf("%s: read back as %+v, %v", v.name, back, err)
		}
	}
}

func TestOtherTextsOfALeafAreRefused(t *testing.T) {
	good := leafVectors[1].text
	for name, text := range map[string]string{
		"spaces":        strings.Replace(good, ":", ": ", 1),
		"another order": strings.Replace(good, `"role":"system","site":"casablanca"`, `"site":"casablanca","role":"system"`, 1),
		"unknown key":   strings.Replace(good, `"role"`, `"rolf"`, 1),
		"version 2":     strings.Replace(good, `"v":1`, `"v":2`, 1),
		"short hash":    strings.Replace(good, `"facts":"01`, `"facts":"`, 1),
		"trailing":      good + " ",
		"raw accent":    strings.Replace(good, "CCT", "É", 1),
		"too long":      good + strings.Repeat(" ", MaxLeaf),
	} {
		if l, err := ParseLeaf([]byte(text)); err == nil {
			t.Errorf("%s: read as %+v", name, l)
		}
	}
}

func FuzzParseLeaf(f *testing.F) {
	for _, v := range leafVectors {
		f.Add([]byte(v.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if l, err := ParseLeaf(text); err == nil && !bytes.Equal(l.Append(nil), text) {
			t.Errorf("%s was read, and is written %s", text, l.Append(nil))
		}
	})
}

func TestFactsComeBackAsWritten(t *testing.T) {
	for k := range Kinds() {
		facts, _ := newFacts(k)
		if facts.Kind() != k {
			t.Errorf("%s makes facts of %s", k, facts.Kind())
		}
		if len(k.Owners()) == 0 {
			t.Errorf("%s has no owner", k)
		}
		if strings.HasPrefix(string(k), "Setting") {
			continue // its document is whatever was set
		}
		e := SealedEntry{Entry: Entry{Stream: "interaction/i", Principal: "p", At: Micros(7).Time(), Late: Micros(5).Time(), Facts: facts}}
		text, err := EncodeFacts(&e, 3)
		if err != nil {
			t.Fatalf("%s: %v", k, err)
		}
		var s Stored
		if err := DecodeFacts(text, &s); err != nil {
			t.Fatalf("%s: %v", k, err)
		}
		again := SealedEntry{Entry: Entry{Stream: s.Stream, Principal: s.Principal, At: s.At.Time(), Late: s.Late.Time(), Facts: s.Facts}}
		if text2, _ := EncodeFacts(&again, s.Version); !bytes.Equal(text, text2) {
			t.Errorf("%s:\n got %s\nwant %s", k, text2, text)
		}
	}
}

// The vector of the facts format, frozen like the leaf's.
func TestFactsVector(t *testing.T) {
	e := SealedEntry{Entry: Entry{
		Stream: "interaction/i1", Principal: "ponant", At: Micros(1772442000123456).Time(),
		Facts: &InteractionHeld{Interaction: "i1", Agent: "a1"},
	}, Salt: [16]byte{0xff}}
	got, err := EncodeFacts(&e, 4)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"v":1,"kind":"InteractionHeld","stream":"interaction/i1","version":4,"principal":"ponant","at":1772442000123456,"salt":"ff000000000000000000000000000000","data":{"interaction":"i1","agent":"a1"}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := Hash(sha256.Sum256(got)).String(), "976cb66c6e4a3bd32239f24c726602b6bfc0b8555599cea31e3be8ba846f4fe6"; got != want {
		t.Errorf("hash: got %s, want %s", got, want)
	}
}

func FuzzDecodeFacts(f *testing.F) {
	f.Add([]byte(`{"v":1,"kind":"InteractionHeld","stream":"interaction/i1","version":4,"principal":"ponant","at":1,"salt":"","data":{"interaction":"i1","agent":"a1"}}`))
	f.Add([]byte(`{"v":1,"kind":"SettingSet","data":{"doc":{}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var s Stored
		if err := DecodeFacts(text, &s); err == nil && s.Facts.Kind() != s.Kind {
			t.Errorf("%s was read as facts of %s", text, s.Facts.Kind())
		}
	})
}
