// SPDX-License-Identifier: EUPL-1.2

package glass

import (
	"fmt"
	"image"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// pen writes in the two sizes of a picture. It is not safe for concurrent use: each drawing takes one from the pool.
type pen struct{ large, small hand }

func newPen(f *opentype.Font) (*pen, error) {
	large, err := opentype.NewFace(f, &opentype.FaceOptions{Size: textSize, DPI: 72})
	if err != nil {
		return nil, fmt.Errorf("size the font: %w", err)
	}
	small, err := opentype.NewFace(f, &opentype.FaceOptions{Size: markSize, DPI: 72})
	if err != nil {
		return nil, fmt.Errorf("size the font: %w", err)
	}
	return &pen{large: hand{large}, small: hand{small}}, nil
}

// text is the ink of a value, on as many lines as it takes.
func (p *pen) text(value string) *image.Alpha {
	lines := p.large.wrap(clean(value), fixed.I(width-2*margin), maxLines)
	out := image.NewAlpha(image.Rect(0, 0, width, oneLine+max(0, len(lines)-1)*lineStep))
	for i, l := range lines {
		p.large.write(out, margin, baseline+i*lineStep, l)
	}
	return out
}

// hand writes in one size. A character that the font lacks takes the font's own box for it, in width and in ink.
type hand struct{ face font.Face }

const ellipsis = '…'

func (h hand) advance(r rune) fixed.Int26_6 {
	a, _ := h.face.GlyphAdvance(r)
	return a
}

func (h hand) length(text []rune) (sum fixed.Int26_6) {
	for _, r := range text {
		sum += h.advance(r)
	}
	return sum
}

// write puts text at x on a baseline. Without kerning: wrap adds up the same advances.
func (h hand) write(dst *image.Alpha, x, base int, text []rune) {
	dot := fixed.P(x, base)
	for _, r := range text {
		at, mask, from, advance, _ := h.face.Glyph(dot, r)
		if ink, ok := mask.(*image.Alpha); ok {
			press(dst, at, ink, from)
		}
		dot.X += advance
	}
}

// press adds the ink of a glyph. Ours, because draw.DrawMask has no fast way onto an image.Alpha.
func press(dst *image.Alpha, at image.Rectangle, ink *image.Alpha, from image.Point) {
	in := at.Intersect(dst.Rect)
	for y := in.Min.Y; y < in.Max.Y; y++ {
		row := dst.Pix[dst.PixOffset(in.Min.X, y):][:in.Dx()]
		src := ink.Pix[ink.PixOffset(from.X+in.Min.X-at.Min.X, from.Y+y-at.Min.Y):][:in.Dx()]
		for x, a := range src {
			row[x] = max(row[x], a)
		}
	}
}

// wrap breaks text at spaces into lines no longer than room, a longer word anywhere. The last of most lines ends in an
// ellipsis when text is left.
func (h hand) wrap(text []rune, room fixed.Int26_6, most int) [][]rune {
	var lines [][]rune
	for len(text) > 0 {
		if len(lines) == most-1 {
			return append(lines, h.fit(text, room))
		}
		line, rest := h.split(text, room)
		lines, text = append(lines, line), rest
	}
	return lines
}

// split takes the first line off text. The space it breaks at belongs to neither side.
func (h hand) split(text []rune, room fixed.Int26_6) (line, rest []rune) {
	n, space := 0, -1
	for sum := fixed.Int26_6(0); n < len(text); n++ {
		if text[n] == ' ' {
			space = n
		}
		if sum += h.advance(text[n]); sum > room {
			break
		}
	}
	switch {
	case n == len(text):
		return text, nil
	case space > 0:
		return text[:space], text[space+1:]
	}
	n = max(n, 1) // a character wider than the room: it is cut, and the text goes on
	return text[:n], text[n:]
}

// fit is text, cut to room with an ellipsis when it is longer.
func (h hand) fit(text []rune, room fixed.Int26_6) []rune {
	end := h.advance(ellipsis)
	cut, sum := 0, fixed.Int26_6(0)
	for i, r := range text {
		if sum += h.advance(r); sum > room {
			return append(text[:cut:cut], ellipsis)
		}
		if sum+end <= room {
			cut = i + 1
		}
	}
	return text
}

// fixedSpace is a space at which no line breaks.
const fixedSpace = '\u00a0'

// clean makes of each character one that shows as it reads: what steers instead of showing, controls and the marks
// that turn the direction of text among them, is a space, and the hyphens of typographers that the font lacks are plain.
func clean(text string) []rune {
	var out []rune
	for _, r := range text {
		switch {
		case r == '\u202f' || r == '\u2007': // the narrow space of French numbers and the one as wide as a digit
			r = fixedSpace
		case r == '\u2010' || r == '\u2011':
			r = '-'
		case r != fixedSpace && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Z):
			r = ' '
		}
		out = append(out, r)
	}
	return out
}
