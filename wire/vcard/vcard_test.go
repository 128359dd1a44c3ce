// SPDX-License-Identifier: EUPL-1.2

package vcard

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// read gives the cards of a text, and the faults and what ended it.
func read(text string) (cards []*Card, faults []string) {
	for c, err := range Parse(strings.NewReader(text)) {
		if err != nil {
			faults = append(faults, err.Error())
			continue
		}
		cards = append(cards, c)
	}
	return cards, faults
}

func card(version string, lines ...string) string {
	return "BEGIN:VCARD\r\nVERSION:" + version + "\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCARD\r\n"
}

func TestPropertiesAsTelephonesWriteThem(t *testing.T) {
	text := "\ufeff" + card("3.0", "N:Personne;Aïcha;;Mme;", "FN:Aïcha Personne", `item1.TEL;TYPE=CELL,voice;type="pref":06 12 34 56 78`, "item1.X-ABLabel:mobile",
		"EMAIL;INTERNET:aicha@client.example", `NOTE:une\, deux\; trois\\quatre\net cinq`, "ORG:Client;Service \\; achats", "PHOTO;ENCODING=b:AAAA", " BBBB", "\tCCCC") +
		"\r\n\r\n" + strings.ReplaceAll(card("4.0", "FN:Bea", "TEL;VALUE=uri:tel:+33612345678"), "\r\n", "\n")
	cards, faults := read(text)
	if len(cards) != 2 || len(faults) != 0 {
		t.Fatalf("%d cards, faults %v", len(cards), faults)
	}
	c := cards[0]
	tel, org, photo := c.All("TEL")[0], c.All("ORG")[0], c.All("PHOTO")[0]
	if tel.Value != "06 12 34 56 78" || !tel.Has("TYPE", "cell") || !tel.Has("TYPE", "VOICE") || !tel.Has("TYPE", "pref") || tel.Param("TYPE") != "CELL" {
		t.Errorf("tel %+v", tel)
	}
	if got := c.All("NOTE")[0].Text(); got != "une, deux; trois\\quatre\net cinq" {
		t.Errorf("note %q", got)
	}
	if !slices.Equal(org.Parts(), []string{"Client", "Service ; achats"}) || photo.Value != "AAAABBBBCCCC" || !c.All("EMAIL")[0].Has("TYPE", "INTERNET") {
		t.Errorf("org %q, photo %q", org.Parts(), photo.Value)
	}
	if !slices.Equal(c.All("N")[0].Parts(), []string{"Personne", "Aïcha", "", "Mme", ""}) || c.Version != "3.0" || c.Line != 1 {
		t.Errorf("n %q of %s at %d", c.All("N")[0].Parts(), c.Version, c.Line)
	}
	if cards[1].Line != 16 || cards[1].All("TEL")[0].Value != "tel:+33612345678" {
		t.Errorf("the second: %+v", cards[1])
	}
}

// A card that cannot be read is named by its line, and the next one is read.
func TestABadCardDoesNotHideTheNext(t *testing.T) {
	good := card("4.0", "FN:Bea")
	for name, x := range map[string]struct{ text, want string }{
		"old version":       {card("2.1", "FN:A"), "line 1: want VERSION:3.0 or VERSION:4.0"},
		"no version":        {"BEGIN:VCARD\r\nFN:A\r\nEND:VCARD\r\n", "line 1: want VERSION:3.0"},
		"no value":          {card("4.0", "FN"), "line 3: a property without a value"},
		"no name":           {card("4.0", ":A"), "line 3: a property without a name"},
		"no parameter":      {card("4.0", "FN;=x:A"), "line 3: a parameter without a name"},
		"an open quote":     {card("4.0", `FN;X="a:A`), "line 3: a parameter without its closing quote"},
		"not UTF-8":         {card("4.0", "FN:\xff"), "line 3: is not UTF-8"},
		"no beginning":      {"FN:A\r\nEND:VCARD\r\n", "line 1: want BEGIN:VCARD"},
		"a card in a card":  {card("4.0", "BEGIN:VCARD"), "line 3: a card within a card"},
		"too many":          {card("4.0", slices.Repeat([]string{"X:1"}, MaxProperties+1)...), "more than 500 properties"},
		"a folded bad line": {card("4.0", "FN:A", " B", "TEL"), "line 5: a property without a value"},
	} {
		cards, faults := read(x.text + good)
		if len(cards) != 1 || len(faults) != 1 || !strings.Contains(faults[0], x.want) || cards[0].All("FN")[0].Value != "Bea" {
			t.Errorf("%s: %d cards, faults %v, want %q", name, len(cards), faults, x.want)
		}
	}
	if cards, faults := read("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:A\r\n"); len(cards) != 0 || len(faults) != 1 || !strings.Contains(faults[0], "no END") {
		t.Errorf("cut off: %d cards, %v", len(cards), faults)
	}
	for _, text := range []string{strings.Repeat("x", MaxLine+10), "A:" + strings.Repeat("x\r\n ", MaxLine)} {
		var last error
		for _, err := range Parse(strings.NewReader(text)) {
			last = err
		}
		if !errors.Is(last, errLong) {
			t.Errorf("a line without an end: %v", last)
		}
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	long := strings.Repeat("é", 100) + ", ;\\\n fin"
	c := &Card{Version: "4.0", Properties: []Property{
		{Name: "FN", Value: Escape(long)}, {Name: "TEL", Params: []Param{{"VALUE", "uri"}, {"TYPE", "cell"}}, Value: "tel:+33612345678"},
	}}
	text := string(c.Append(nil))
	for line := range strings.SplitSeq(text, "\r\n") {
		if len(line) > foldAt {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
	cards, faults := read(text)
	if len(faults) != 0 || len(cards) != 1 || cards[0].All("FN")[0].Text() != long {
		t.Fatalf("%v %+v", faults, cards)
	}
	cards[0].Line = 0
	if !reflect.DeepEqual(cards[0], c) {
		t.Errorf("got %+v, want %+v", cards[0], c)
	}
}

// FuzzParse: whatever comes, reading ends, and what was read is read again after being written.
func FuzzParse(f *testing.F) {
	f.Add(card("3.0", "N:Personne;Aïcha;;;", `item1.TEL;TYPE=CELL,voice;type="pref":06 12 34 56 78`, "NOTE:a\\, b\\nc", "PHOTO:AA", " BB"))
	f.Add(card("4.0", "FN:Bea", "TEL;VALUE=uri:tel:+33612345678") + card("2.1", "FN;QUOTED-PRINTABLE:=C3"))
	f.Add("BEGIN:VCARD\nVERSION:4.0\n\n \n:\nEND:VCARD")
	f.Fuzz(func(t *testing.T, text string) {
		cards, _ := read(text)
		for _, c := range cards {
			for i := range c.Properties {
				_, _ = c.Properties[i].Text(), c.Properties[i].Parts()
			}
			for _, p := range c.Properties { // what is read bare is written bare, and needs no quotes
				for _, x := range p.Params {
					if strings.ContainsAny(x.Value, ",;:\"\r\n") {
						return
					}
				}
				if strings.ContainsAny(p.Name, ".") || strings.ContainsAny(p.Value, "\r\n") || p.Name == "VERSION" || p.Name == "END" {
					return
				}
			}
			again, faults := read(string(c.Append(nil)))
			if len(again) != 1 || len(faults) != 0 {
				t.Fatalf("%+v is written as %q: %v", c, c.Append(nil), faults)
			}
			again[0].Line = c.Line
			if !reflect.DeepEqual(again[0], c) {
				t.Fatalf("%+v comes back as %+v", c, again[0])
			}
		}
	})
}
