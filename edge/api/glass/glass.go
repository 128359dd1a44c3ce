// SPDX-License-Identifier: EUPL-1.2

// Package glass draws a field that policy lets an agent see but not receive: it leaves the server as a watermarked
// picture, never as text. That deters and it traces; it does not end a transfer, since who sees can retype or photograph.
//
// Every pixel holds a level of ink, 0 for the ground to 15 for the text. The theme is nothing but the palette that
// names those levels, so both themes of a field are the same picture.
package glass

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"sync"
	"unicode/utf8"

	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"

	"rivage.example/rivage"
)

// MaxValue is how many characters a value may have; beyond, Field refuses it.
const MaxValue = 2000

// A picture in pixels, two for each of CSS. Its height is oneLine and a lineStep for each line after the first.
const (
	width    = 640
	oneLine  = 80
	lineStep = 40
	margin   = 16
	baseline = 50 // of the first line
	maxLines = 8
	textSize = 28
)

// fullInk is the level of the text's strokes; markInk the strongest of the watermark, light enough to read over.
const fullInk, markInk = 15, 4

// The themes, from the surface to the text of web/lib/tokens.css.
var (
	light = shades(color.RGBA{0xFF, 0xFF, 0xFF, 0xFF}, color.RGBA{0x14, 0x20, 0x1E, 0xFF})
	dark  = shades(color.RGBA{0x15, 0x1E, 0x1D, 0xFF}, color.RGBA{0xE4, 0xEC, 0xE9, 0xFF})
)

// Drawer draws fields. It is safe for concurrent use.
type Drawer struct {
	font  *opentype.Font
	pens  sync.Pool // of *pen: the faces of a font are not safe for concurrent use
	png   png.Encoder
	tiles tiles
}

// New makes a Drawer.
func New() (*Drawer, error) {
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("read the font: %w", err)
	}
	return &Drawer{
		font: f,
		// BestCompression takes twelve times as long and saves a tenth of the bytes.
		png:   png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: &buffers{}},
		tiles: newTiles(maxTiles),
	}, nil
}

// Field draws value as a PNG over m's watermark, for the dark theme or the light one. The same value and the same mark
// of the same minute give the same bytes. What does not fit in eight lines ends in an ellipsis.
func (d *Drawer) Field(value string, onDark bool, m Mark) ([]byte, error) {
	if utf8.RuneCountInString(value) > MaxValue {
		return nil, &rivage.Error{Code: rivage.Invalid, Message: fmt.Sprintf("draw a field: it has more than %d characters", MaxValue)}
	}
	if !m.traces() {
		return nil, &rivage.Error{Code: rivage.Internal, Message: "draw a field: its mark does not say who, in which session, from where and when"}
	}
	p, err := d.pen()
	if err != nil {
		return nil, err
	}
	defer d.pens.Put(p)
	var b bytes.Buffer
	if err := d.png.Encode(&b, page(p.text(value), d.tile(p, m), theme(onDark))); err != nil {
		return nil, fmt.Errorf("encode a field: %w", err)
	}
	return b.Bytes(), nil
}

func (d *Drawer) pen() (*pen, error) {
	if p, ok := d.pens.Get().(*pen); ok {
		return p, nil
	}
	return newPen(d.font)
}

// tile is m's watermark. Two who miss the cache at once draw the same tile twice, which harms nobody.
func (d *Drawer) tile(p *pen, m Mark) *image.Paletted {
	m = m.minute()
	if t := d.tiles.find(m); t != nil {
		return t
	}
	t := newTile(p, m)
	d.tiles.keep(m, t)
	return t
}

// page lays the text over the watermark, which is repeated downwards.
func page(text *image.Alpha, tile *image.Paletted, colours color.Palette) *image.Paletted {
	out := image.NewPaletted(text.Rect, colours)
	for y := range text.Rect.Dy() {
		row := out.Pix[y*out.Stride:][:width]
		copy(row, tile.Pix[y%tile.Rect.Dy()*tile.Stride:])
		for x, a := range text.Pix[y*text.Stride:][:width] {
			if a > 0 {
				row[x] += uint8((int(fullInk-row[x])*int(a) + 127) / 255)
			}
		}
	}
	return out
}

func theme(onDark bool) color.Palette {
	if onDark {
		return dark
	}
	return light
}

// shades are the levels of ink from ground to text: sixteen, so that a pixel takes four bits.
func shades(ground, text color.RGBA) color.Palette {
	out := make(color.Palette, fullInk+1)
	for i := range out {
		mix := func(from, to uint8) uint8 { return uint8((int(from)*(fullInk-i) + int(to)*i) / fullInk) }
		out[i] = color.RGBA{mix(ground.R, text.R), mix(ground.G, text.G), mix(ground.B, text.B), 0xFF}
	}
	return out
}

// buffers are the encoder's, used again.
type buffers struct{ pool sync.Pool }

// Get implements png.EncoderBufferPool.
func (b *buffers) Get() *png.EncoderBuffer {
	e, _ := b.pool.Get().(*png.EncoderBuffer)
	return e
}

// Put implements png.EncoderBufferPool.
func (b *buffers) Put(e *png.EncoderBuffer) { b.pool.Put(e) }
