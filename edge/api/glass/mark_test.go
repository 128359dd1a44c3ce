// SPDX-License-Identifier: EUPL-1.2

package glass

import (
	"bytes"
	"image"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

func TestMarksDiffer(t *testing.T) {
	d := newDrawer(t)
	marks := map[string]Mark{"someone": someone}
	for name, change := range map[string]func(*Mark){
		"agent":   func(m *Mark) { m.Agent = "agent.coliz" },
		"session": func(m *Mark) { m.Session = "k3v2q7x5m4a6b2c3d4e5f6g7h3" },
		"address": func(m *Mark) { m.Address = "192.0.2.45" },
		"minute":  func(m *Mark) { m.At = m.At.Add(time.Minute) },
		"reads as another": func(m *Mark) {
			m.Agent, m.Session = "agent.colis · k3v2", "q7"
		},
		"reads as the last":   func(m *Mark) { m.Agent, m.Session = "agent.colis", "k3v2 · q7" },
		"cut short":           func(m *Mark) { m.Agent = strings.Repeat("a", 99) + "b" },
		"cut short as well":   func(m *Mark) { m.Agent = strings.Repeat("a", 99) + "c" },
		"unknown to the font": func(m *Mark) { m.Agent = "漢" },
		"unknown as well":     func(m *Mark) { m.Agent = "字" },
	} {
		m := someone
		change(&m)
		marks[name] = m
	}
	seen := map[string]string{}
	for name, m := range marks {
		pixels := string(levels(t, draw(t, d, "Tour de l'Horloge", false, m)).Pix)
		if other, ok := seen[pixels]; ok {
			t.Errorf("%s and %s give the same pixels", name, other)
		}
		seen[pixels] = name
	}
}

func TestNoPictureWithoutATrace(t *testing.T) {
	d := newDrawer(t)
	for name, change := range map[string]func(*Mark){
		"agent":   func(m *Mark) { m.Agent = "" },
		"session": func(m *Mark) { m.Session = "" },
		"address": func(m *Mark) { m.Address = "" },
		"time":    func(m *Mark) { m.At = time.Time{} },
	} {
		m := someone
		change(&m)
		if b, err := d.Field("Oyat", false, m); rivage.CodeOf(err) != rivage.Internal || b != nil {
			t.Errorf("no %s: got %d bytes and %v, want a refusal", name, len(b), err)
		}
	}
}

func TestMarkStaysOutOfLogs(t *testing.T) {
	var b bytes.Buffer
	slog.New(slog.NewJSONHandler(&b, nil)).Info("drawn", "mark", someone)
	if got := b.String(); strings.Contains(got, someone.Address) || !strings.Contains(got, "[mark]") {
		t.Errorf("got %s", got)
	}
}

func TestMarkSaysWhoAndWhen(t *testing.T) {
	m := someone
	m.At = someone.At.In(time.FixedZone("", 3600))
	got := m.minute().lines()
	if string(got[0]) != "agent.colis · k3v2q7x5m4a6b2c3d4e5f6g7h2" || string(got[1]) != "192.0.2.44 · 2026-11-28 19:40 UTC" {
		t.Errorf("got %q", got)
	}
	m.Agent = strings.Repeat("é", 41)
	if got := m.lines()[0]; !strings.HasPrefix(string(got), strings.Repeat("é", 40)+"… · k3v2") {
		t.Errorf("got %q, want the name cut and the session whole", string(got))
	}
}

// long is the longest mark of plain ids and addresses.
var long = Mark{
	Agent: strings.Repeat("m", 26), Session: strings.Repeat("m", 26), Address: "2001:db8:1234:5678:9abc:def0:1234:5678", At: someone.At,
}

// The block that a watermark begins with is whole in the smallest picture, ink for ink.
func TestOneFieldIsEnoughToReadTheMark(t *testing.T) {
	p, d := newTestPen(t), newDrawer(t)
	for _, m := range []Mark{someone, long, {Agent: "a", Session: "s", Address: "::1", At: someone.At}} {
		for i := range 20 {
			m.At = someone.At.Add(time.Duration(i) * time.Minute)
			m = m.minute()
			block := newBlock(p.small, m.lines())
			at, picture := lay(m, block.Rect.Dx()), levels(t, draw(t, d, "", false, m))
			if in := image.Rect(at.x, at.y-block.Rect.Dx()*at.rise/slope, at.x+block.Rect.Dx(), at.y+blockHeight); !in.In(picture.Rect) {
				t.Fatalf("%s: the block is at %v, outside the picture", m.Session, in)
			}
			if got := likeness(block, picture, at); got < 0.9 {
				t.Fatalf("%s: the block is there to %.2f", m.Session, got)
			}
		}
	}
}

// likeness is how much of a block's strong ink stands where it is laid.
func likeness(block *image.Alpha, picture *image.Paletted, at place) float64 {
	strong, there := 0, 0
	for y := range blockHeight {
		for x := range block.Rect.Dx() {
			if block.AlphaAt(x, y).A < 200 {
				continue
			}
			strong++
			top := at.y + y - (x*at.rise+slope-1)/slope
			if max(picture.ColorIndexAt(at.x+x, top), picture.ColorIndexAt(at.x+x, top+1)) >= markInk/2 {
				there++
			}
		}
	}
	return float64(there) / float64(max(strong, 1))
}

// No part of the text stands on bare ground: the watermark is everywhere.
func TestWatermarkLeavesNoGap(t *testing.T) {
	for _, m := range []Mark{someone, long} {
		p := levels(t, draw(t, newDrawer(t), strings.Repeat("\u00a0 ", 900), false, m)) // eight empty lines, but for the ellipsis
		for y := 0; y+oneLine <= p.Rect.Dy(); y += lineStep {
			for x := 0; x+80 <= width; x += 40 {
				ink := 0
				for row := y; row < y+oneLine; row++ {
					for _, v := range p.Pix[row*width+x:][:80] {
						if v > 0 {
							ink++
						}
					}
				}
				if ink < 300 {
					t.Errorf("only %d pixels of ink in the square at %d, %d", ink, x, y)
				}
			}
		}
	}
}

func TestTilesAreKeptWithinABound(t *testing.T) {
	kept := newTiles(2)
	ink := []*image.Paletted{{Stride: 1}, {Stride: 2}, {Stride: 3}}
	marks := []Mark{{Agent: "a"}, {Agent: "b"}, {Agent: "c"}}
	kept.keep(marks[0], ink[0])
	kept.keep(marks[1], ink[1])
	kept.keep(marks[0], ink[2]) // the first stays
	if got := kept.find(marks[0]); got != ink[0] {
		t.Errorf("got %v, want what was kept first", got)
	}
	kept.keep(marks[2], ink[2])
	for i, want := range []*image.Paletted{ink[0], nil, ink[2]} { // b was unused for longest
		if got := kept.find(marks[i]); got != want {
			t.Errorf("%s: got %v, want %v", marks[i].Agent, got, want)
		}
	}
	if len(kept.by) != 2 || kept.order.Len() != 2 {
		t.Errorf("got %d and %d tiles, want 2", len(kept.by), kept.order.Len())
	}
}

func TestDrawerDrawsAWatermarkOnce(t *testing.T) {
	d := newDrawer(t)
	first := draw(t, d, "Oyat", false, someone)
	kept := d.tiles.find(someone.minute())
	if kept == nil {
		t.Fatal("the tile is not kept")
	}
	before := slices.Clone(kept.Pix)
	later := someone
	later.At = someone.At.Add(time.Second)
	if got := draw(t, d, "Oyat", true, later); len(got) == 0 || d.tiles.order.Len() != 1 {
		t.Errorf("got %d tiles for two seconds of a minute, want 1", d.tiles.order.Len())
	}
	if !bytes.Equal(kept.Pix, before) || !bytes.Equal(draw(t, d, "Oyat", false, someone), first) {
		t.Error("drawing a text changed the kept tile")
	}
}
