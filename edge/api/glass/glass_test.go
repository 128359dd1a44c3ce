// SPDX-License-Identifier: EUPL-1.2

package glass

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rivage.example/rivage"
)

var someone = Mark{
	Agent: "agent.colis", Session: "k3v2q7x5m4a6b2c3d4e5f6g7h2", Address: "192.0.2.44",
	At: time.Date(2026, 11, 28, 19, 40, 3, 0, time.UTC),
}

func newDrawer(t testing.TB) *Drawer {
	t.Helper()
	d, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func draw(t testing.TB, d *Drawer, value string, onDark bool, m Mark) []byte {
	t.Helper()
	b, err := d.Field(value, onDark, m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// levels decodes a picture into its levels of ink.
func levels(t testing.TB, b []byte) *image.Paletted {
	t.Helper()
	i, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	p, ok := i.(*image.Paletted)
	if !ok || len(p.Palette) != fullInk+1 {
		t.Fatalf("got a %T, want a picture of 16 levels", i)
	}
	return p
}

type chunk struct {
	kind string
	body []byte
}

// chunks are the parts of a PNG file (RFC 2083 section 3.2).
func chunks(t testing.TB, b []byte) []chunk {
	t.Helper()
	b, ok := bytes.CutPrefix(b, []byte("\x89PNG\r\n\x1a\n"))
	if !ok {
		t.Fatal("no PNG signature")
	}
	var out []chunk
	for len(b) > 0 {
		n := binary.BigEndian.Uint32(b)
		out = append(out, chunk{string(b[4:8]), b[8 : 8+n]})
		b = b[12+n:]
	}
	return out
}

func TestPictureHasNothingBesideItsPixels(t *testing.T) {
	for _, value := range []string{"", "Tour de l'Horloge", strings.Repeat("une longue adresse ", 30)} {
		var kinds []string
		for _, c := range chunks(t, draw(t, newDrawer(t), value, false, someone)) {
			kinds = append(kinds, c.kind)
			if c.kind == "IHDR" && (c.body[8] != 4 || c.body[9] != 3) {
				t.Errorf("got %d bits and colour type %d, want 4 bits of a palette", c.body[8], c.body[9])
			}
		}
		if got, want := slices.Compact(kinds), []string{"IHDR", "PLTE", "IDAT", "IEND"}; !slices.Equal(got, want) {
			t.Errorf("%.10q: got chunks %v, want %v", value, got, want)
		}
	}
}

// holds says whether a PNG has text in its bytes, or in what its compressed parts inflate to.
func holds(t testing.TB, b []byte, text string) bool {
	t.Helper()
	var data []byte
	for _, c := range chunks(t, b) {
		if c.kind == "IDAT" {
			data = append(data, c.body...)
		}
	}
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	inflated, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Contains(b, []byte(text)) || bytes.Contains(inflated, []byte(text))
}

// plant puts a chunk of a kind before the end of a PNG.
func plant(b []byte, kind, body string) []byte {
	c := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	c = append(c, kind+body...)
	c = binary.BigEndian.AppendUint32(c, crc32.ChecksumIEEE([]byte(kind+body)))
	return slices.Insert(slices.Clone(b), len(b)-12, c...)
}

func TestPictureHoldsNoText(t *testing.T) {
	const seed = "Oyat-7394-Belon"
	b := draw(t, newDrawer(t), seed, false, someone)
	for _, text := range append(strings.Split(seed, "-"), someone.Agent, someone.Session, someone.Address) {
		if holds(t, b, text) {
			t.Errorf("%q is in the picture as text", text)
		}
	}
	// The search would see it: in a comment, and behind the compression.
	if !holds(t, plant(b, "tEXt", "Comment\x00"+seed), seed) {
		t.Error("a seeded comment was not found")
	}
	var hidden bytes.Buffer
	w := zlib.NewWriter(&hidden)
	fmt.Fprint(w, seed)
	w.Close()
	if one := plant([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x00IEND\xaeB\x60\x82"), "IDAT", hidden.String()); !holds(t, one, seed) {
		t.Error("text seeded behind the compression was not found")
	}
}

func TestSameFieldGivesSameBytes(t *testing.T) {
	d := newDrawer(t)
	want := draw(t, d, "Tour de l'Horloge", false, someone)
	later, elsewhere := someone, someone
	later.At = someone.At.Add(56 * time.Second) // the same minute
	elsewhere.At = someone.At.In(time.FixedZone("", 3600))
	for name, got := range map[string][]byte{
		"again": draw(t, d, "Tour de l'Horloge", false, someone), "by another drawer": draw(t, newDrawer(t), "Tour de l'Horloge", false, someone),
		"later": draw(t, d, "Tour de l'Horloge", false, later), "in another zone": draw(t, d, "Tour de l'Horloge", false, elsewhere),
	} {
		if !bytes.Equal(got, want) {
			t.Errorf("%s: other bytes", name)
		}
	}
	if bytes.Equal(draw(t, d, "Tour de l'Horlogf", false, someone), want) {
		t.Error("another value gives the same bytes")
	}
}

// Long values take longer than a goroutine's turn on a processor under the race detector: drawings overlap there.
func TestDrawerServesManyAtOnce(t *testing.T) {
	d, values, want := newDrawer(t), []string{"Tour de l'Horloge", strings.Repeat("Oyat ", 400), strings.Repeat("Belon ", 300)}, [][]byte{}
	for _, v := range values {
		want = append(want, draw(t, newDrawer(t), v, true, someone))
	}
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() {
			if got, err := d.Field(values[i%3], true, someone); err != nil || !bytes.Equal(got, want[i%3]) {
				t.Errorf("%.10q: got %d other bytes, %v", values[i%3], len(got), err)
			}
		})
	}
	all.Wait()
}

func TestPictureIsSmall(t *testing.T) {
	if got := len(draw(t, newDrawer(t), card[0], false, someone)); got > 10_000 {
		t.Errorf("got %d bytes for a line, want 10 kB at most", got)
	}
}

func TestTextIsDarkerThanTheWatermark(t *testing.T) {
	d := newDrawer(t)
	empty, full := levels(t, draw(t, d, "", false, someone)), levels(t, draw(t, d, "Tour de l'Horloge", false, someone))
	if want := image.Rect(0, 0, 640, 80); empty.Rect != want || full.Rect != want {
		t.Fatalf("got %v and %v, want %v", empty.Rect, full.Rect, want)
	}
	if got := slices.Max(empty.Pix); got != markInk {
		t.Errorf("without text: got ink to %d, want the watermark's %d", got, markInk)
	}
	words, strokes := image.Rect(margin, 24, margin+225, 60), 0
	for i, v := range full.Pix {
		switch inside := image.Pt(i%width, i/width).In(words); {
		case inside && v == fullInk:
			strokes++
		case !inside && v != empty.Pix[i]:
			t.Fatalf("text at %d, %d, outside its line", i%width, i/width)
		}
	}
	if share := float64(strokes) / float64(words.Dx()*words.Dy()); share < 0.05 || share > 0.3 {
		t.Errorf("got full ink on %.2f of the text's area, want the strokes of letters", share)
	}
}

// Whoever looks, the letters are the same: those levels that only text reaches hardly change with the mark.
func TestLettersStandClearOfTheMark(t *testing.T) {
	d, other := newDrawer(t), someone
	other.Agent = "agent.phare"
	a, b := levels(t, draw(t, d, "Tour de l'Horloge", false, someone)), levels(t, draw(t, d, "Tour de l'Horloge", false, other))
	text, differ := 0, 0
	for i := range a.Pix {
		x, y := a.Pix[i] > 2*markInk, b.Pix[i] > 2*markInk
		if x || y {
			text++
		}
		if x != y {
			differ++
		}
	}
	if text == 0 || differ*20 > text {
		t.Errorf("%d of %d pixels of text changed with the mark", differ, text)
	}
}

// contrast is that of WCAG 2.2.
func contrast(a, b color.Color) float64 {
	light := func(c color.Color) (sum float64) {
		r, g, b, _ := c.RGBA()
		for i, v := range []uint32{r, g, b} {
			s := float64(v) / 0xFFFF
			if s <= 0.04045 {
				s /= 12.92
			} else {
				s = math.Pow((s+0.055)/1.055, 2.4)
			}
			sum += s * []float64{0.2126, 0.7152, 0.0722}[i]
		}
		return sum + 0.05
	}
	x, y := light(a), light(b)
	return max(x, y) / min(x, y)
}

func TestThemesAreThoseOfTheApps(t *testing.T) {
	css, err := os.ReadFile("../../../web/lib/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	token := func(name string) []string {
		var out []string
		for _, m := range regexp.MustCompile(`--`+name+`: (#[0-9A-F]{6});`).FindAllStringSubmatch(string(css), 2) {
			out = append(out, m[1])
		}
		return out // of the light theme, then of the dark one
	}
	d := newDrawer(t)
	pictures := []*image.Paletted{levels(t, draw(t, d, "Belon", false, someone)), levels(t, draw(t, d, "Belon", true, someone))}
	for i, p := range pictures {
		hex := func(c color.Color) string {
			r, g, b, _ := c.RGBA()
			return fmt.Sprintf("#%02X%02X%02X", r>>8, g>>8, b>>8)
		}
		if got, want := hex(p.Palette[0])+hex(p.Palette[fullInk]), token("surface")[i]+token("text")[i]; got != want {
			t.Errorf("theme %d: got ground and text %s, want %s", i, got, want)
		}
		if got := contrast(p.Palette[fullInk], p.Palette[markInk]); got < 6 { // 4.5 is what WCAG 2.2 asks for, 1.4.3
			t.Errorf("theme %d: the text has %.1f:1 on the watermark, want 6", i, got)
		}
		if got := contrast(p.Palette[0], p.Palette[markInk]); got < 1.4 {
			t.Errorf("theme %d: the watermark has %.2f:1 on its ground, want 1.4", i, got)
		}
	}
	if !bytes.Equal(pictures[0].Pix, pictures[1].Pix) {
		t.Error("the themes differ by more than their palette")
	}
}

func TestFieldRefusesWhatIsTooLong(t *testing.T) {
	d := newDrawer(t)
	if got := levels(t, draw(t, d, strings.Repeat("é", MaxValue), false, someone)).Rect.Dy(); got != 360 {
		t.Errorf("got a height of %d, want 360: eight lines", got)
	}
	b, err := d.Field(strings.Repeat("Oyat", MaxValue/4)+"!", false, someone)
	if rivage.CodeOf(err) != rivage.Invalid || b != nil || strings.Contains(err.Error(), "Oyat") {
		t.Errorf("got %d bytes and %v, want a refusal that does not say the value", len(b), err)
	}
}

func FuzzField(f *testing.F) {
	for _, value := range []string{
		"", "Tour de l'Horloge", "Lefe\u0301vre\r\n\t\x00", "abc\u202edef\u2066", "漢字 😀", "\xff\xfe\x80", strings.Repeat("W", 2000),
		strings.Repeat(" ", 900), "1\u202f250\u00a0€", strings.Repeat("é", 2001),
	} {
		f.Add(value, false, "agent.colis", "k3v2q7x5", "192.0.2.44", int64(1_795_894_803))
	}
	f.Add("x", true, strings.Repeat("W", 500), "\xff", "fe80::1%\u202e", int64(math.MaxInt64))
	f.Add("x", true, "", "s", "a", int64(math.MinInt64))
	d := newDrawer(f)
	f.Fuzz(func(t *testing.T, value string, onDark bool, agent, session, address string, at int64) {
		b, err := d.Field(value, onDark, Mark{Agent: agent, Session: session, Address: address, At: time.Unix(at, 0)})
		if err != nil {
			if b != nil || rivage.CodeOf(err) != rivage.Invalid && rivage.CodeOf(err) != rivage.Internal {
				t.Fatalf("got %d bytes and %v", len(b), err)
			}
			return
		}
		p := levels(t, b)
		if h := p.Rect.Dy(); p.Rect.Dx() != width || h < oneLine || h > oneLine+(maxLines-1)*lineStep || (h-oneLine)%lineStep != 0 {
			t.Fatalf("got a picture of %v", p.Rect)
		}
		if !slices.ContainsFunc(p.Pix, func(v uint8) bool { return v > 0 && v <= markInk }) {
			t.Fatal("no watermark")
		}
	})
}

// card is a customer's fields.
var card = []string{
	"Jean-Baptiste Lefèvre-Dumoulin", "Tour de l'Horloge", "14 rue des Trois-Frères, 13006 Marseille", "06 39 98 12 34",
	"jb.lefevre@exemple.fr", "1 84 12 76 451 089 46", "FR76 3000 6000 0112 3456 7890 189", "12/04/1984",
}

func BenchmarkField(b *testing.B) {
	d, n := newDrawer(b), 0
	for b.Loop() {
		n = len(draw(b, d, card[0], false, someone))
	}
	b.ReportMetric(float64(n), "bytes")
}

// Of a session's first field in a minute, whose watermark has to be drawn.
func BenchmarkFirstField(b *testing.B) {
	d, m := newDrawer(b), someone
	for b.Loop() {
		m.At = m.At.Add(time.Minute)
		draw(b, d, card[0], false, m)
	}
}

func BenchmarkLongestField(b *testing.B) {
	d, value := newDrawer(b), strings.Repeat("Lefèvre ", MaxValue/8)
	for b.Loop() {
		draw(b, d, value, false, someone)
	}
}

// A card of eight fields, at the first look in a minute.
func BenchmarkCard(b *testing.B) {
	d, m, n := newDrawer(b), someone, 0
	for b.Loop() {
		m.At, n = m.At.Add(time.Minute), 0
		for _, v := range card {
			n += len(draw(b, d, v, false, m))
		}
	}
	b.ReportMetric(float64(n), "bytes")
}
