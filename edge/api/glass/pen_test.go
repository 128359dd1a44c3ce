// SPDX-License-Identifier: EUPL-1.2

package glass

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/math/fixed"
)

func newTestPen(t testing.TB) *pen {
	t.Helper()
	p, err := newPen(newDrawer(t).font)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTextWraps(t *testing.T) {
	h := newTestPen(t).large
	ten := h.length([]rune("abcde abcd")) // the room of the cases
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"abcde abcd", []string{"abcde abcd"}},
		{"abcde abcde", []string{"abcde", "abcde"}},
		{"abcde abcd abcde", []string{"abcde abcd", "abcde"}}, // the space that does not fit is where it breaks
		{"abcdeabcdeabcde", []string{"abcdeabcd", "eabcde"}},
		{"abcde abc d", []string{"abcde abc", "d"}},
		{"abcde abc\u00a0d", []string{"abcde", "abc\u00a0d"}},
		{"abcde abcde abcde abcde", []string{"abcde", "abcde", "abcde ab…"}},
	} {
		var got []string
		for _, l := range h.wrap([]rune(c.text), ten, 3) {
			got = append(got, string(l))
			if h.length(l) > ten {
				t.Errorf("%q: %q is longer than its room", c.text, string(l))
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
	if got := h.wrap([]rune("ab"), fixed.I(1), 8); len(got) != 2 {
		t.Errorf("a room too small for a letter: got %d lines, want 2", len(got))
	}
}

func TestPictureGrowsWithItsLines(t *testing.T) {
	d := newDrawer(t)
	for n, want := range map[int]int{1: 80, 2: 120, 8: 360, 9: 360} {
		p := levels(t, draw(t, d, strings.TrimSpace(strings.Repeat(strings.Repeat("m", 22)+" ", n)), false, someone))
		if p.Rect.Dy() != want || p.Rect.Dx() != width {
			t.Errorf("%d lines: got %v, want a height of %d", n, p.Rect, want)
		}
		last := p.Pix[(want-lineStep)*width : (want-lineStep/2)*width]
		if !slices.Contains(last, fullInk) {
			t.Errorf("%d lines: nothing is written on the last", n)
		}
	}
}

func TestWhatSteersTextIsASpace(t *testing.T) {
	for text, want := range map[string]string{
		"a\nb\tc\x00d\u0085e":              "a b c d e",
		"a\u202eb\u2066c\u200fd\u061ce":    "a b c d e", // marks of direction
		"a\u200bb\u200dc\ufeffd\u2028e":    "a b c d e",
		"1\u202f250\u2007€\u00a0net\u3000": "1\u00a0250\u00a0€\u00a0net ",
		"Saint\u2011Lô\u2010":              "Saint-Lô-",
		"Lefèvre \xff":                     "Lefèvre \ufffd",
	} {
		if got := string(clean(text)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	d := newDrawer(t)
	if !bytes.Equal(draw(t, d, "ab\u202ecd", false, someone), draw(t, d, "ab cd", false, someone)) {
		t.Error("a mark of direction is not drawn as a space")
	}
}

// What the font lacks shows that something is there, wherever it stands.
func TestWhatTheFontLacksIsABox(t *testing.T) {
	d := newDrawer(t)
	box := draw(t, d, "a漢b", false, someone)
	for _, lacking := range []string{"😀", "\u0301", "م", "\ue000"} {
		if !bytes.Equal(draw(t, d, "a"+lacking+"b", false, someone), box) {
			t.Errorf("%q: not the box", lacking)
		}
	}
	for _, other := range []string{"ab", "a b", "a\u00a0b"} {
		if bytes.Equal(draw(t, d, other, false, someone), box) {
			t.Errorf("the box reads as %q", other)
		}
	}
	if got := levels(t, draw(t, d, strings.Repeat("漢", 50), false, someone)).Rect.Dy(); got != 120 {
		t.Errorf("50 boxes: got a height of %d, want 120: two lines", got)
	}
	p := newTestPen(t)
	if got := slices.Max(p.text("漢").Pix); got < 128 {
		t.Errorf("the box has ink to %d of 255", got)
	}
}
