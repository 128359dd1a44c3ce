// SPDX-License-Identifier: EUPL-1.2

package glass

import (
	"fmt"
	"hash/fnv"
	"image"
	"log/slog"
	"time"

	"golang.org/x/image/math/fixed"
)

// Mark is whom a picture is drawn for: the slanted watermark says it, to the minute. None of it may be empty, and only
// what the font knows (Latin, Greek, Cyrillic) reads back.
type Mark struct {
	Agent   string // the name or id that the journal knows them by
	Session string // its id, never its token: the picture shows it
	Address string
	At      time.Time
}

// The watermark in pixels: blocks of two lines in rows that climb to the right, each second row set off by half a block.
const (
	markSize = 16
	markStep = 19 // from line to line
	markBase = 15 // of the first line
	rowStep  = 46 // from row to row
	blockGap = 40 // from block to block
	maxPart  = 40 // characters of a part: the longest plain address has 39

	blockHeight = markBase + markStep + 5 // with descenders
	maxRise     = 31                      // of a row, for each slope pixels: seven degrees
	slope       = 256
)

// LogValue hides the address and the name.
func (m Mark) LogValue() slog.Value { return slog.StringValue("[mark]") }

// traces says whether the mark leads to somebody.
func (m Mark) traces() bool {
	return m.Agent != "" && m.Session != "" && m.Address != "" && !m.At.IsZero()
}

// minute is the mark as the watermark shows it: equal for two marks that give the same pixels.
func (m Mark) minute() Mark {
	m.At = m.At.UTC().Truncate(time.Minute)
	return m
}

// lines are what the watermark says.
func (m Mark) lines() [2][]rune {
	return [2][]rune{
		clean(short(m.Agent) + " · " + short(m.Session)),
		clean(short(m.Address) + " · " + m.At.Format("2006-01-02 15:04 UTC")),
	}
}

// short is a part of the mark, cut where it would push the others out.
func short(part string) string {
	n := 0
	for i := range part {
		if n++; n > maxPart {
			return part[:i] + string(ellipsis)
		}
	}
	return part
}

// newTile draws the watermark of a mark as levels of ink: as wide as a picture, and as high as two rows, after which it
// repeats.
func newTile(p *pen, m Mark) *image.Paletted {
	block := newBlock(p.small, m.lines())
	at, step := lay(m, block.Rect.Dx()), block.Rect.Dx()+blockGap
	out := image.NewPaletted(image.Rect(0, 0, width, 2*rowStep), nil)
	for y := range 2 * rowStep {
		row := out.Pix[y*out.Stride:][:width]
		for x := range row {
			// How far down from the row of the first block, in parts of a pixel, then how far along; rows and blocks
			// added so that neither is below zero.
			down := (y-at.y+20*rowStep)*slope + (x-at.x)*at.rise
			along := x - at.x + 4*step + down/(rowStep*slope)%2*step/2
			row[x] = level(block, along%step, down%(rowStep*slope))
		}
	}
	return out
}

// level is the ink of a block at a column and a height in parts of a pixel, between its two nearest rows.
func level(block *image.Alpha, x, down int) uint8 {
	y, part := down/slope, down%slope
	if x >= block.Rect.Dx() || y >= blockHeight-1 {
		return 0
	}
	i := y*block.Stride + x
	ink := int(block.Pix[i])*(slope-part) + int(block.Pix[i+block.Stride])*part
	return uint8((ink*markInk/slope + 127) / 255)
}

// newBlock is both lines of a mark, straight.
func newBlock(h hand, lines [2][]rune) *image.Alpha {
	room := fixed.I(width - 2*margin)
	lines[0], lines[1] = h.fit(lines[0], room), h.fit(lines[1], room)
	w := max(h.length(lines[0]), h.length(lines[1])).Ceil()
	out := image.NewAlpha(image.Rect(0, 0, w, blockHeight))
	h.write(out, 0, markBase, lines[0])
	h.write(out, 0, markBase+markStep, lines[1])
	return out
}

// place is where the first block of a watermark begins, and how much its row climbs.
type place struct{ x, y, rise int }

// lay finds room for a whole block in the smallest picture, flatter when it is long: one field is enough to read the
// mark. Where in that room comes from the mark: two that read alike, both cut short, almost always still differ.
func lay(m Mark, wide int) place {
	hash := fnv.New64a()
	_, _ = fmt.Fprintf(hash, "%q %q %q %d", m.Agent, m.Session, m.Address, m.At.Unix()) // a hash takes all
	n := hash.Sum64()
	room := oneLine - blockHeight - 1
	rise := min(maxRise, room*slope/wide)
	climb := wide*rise/slope + 1
	return place{
		x:    int(n % uint64(width-wide+1)),
		y:    climb + int(n>>32%uint64(room-climb+2)),
		rise: rise,
	}
}
