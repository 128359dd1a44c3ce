// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"bytes"
	"cmp"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/view"
)

// kinds of pieces that every capture has: without one of them it would have been searched in vain.
var kinds = []string{
	"wire header", "wire body", "wire live", "address", "header", "body", "live", "dom", "accessibility", "storage", "copy", "print", "printed text",
}

// A parcel is looked up in Chromium at Lomé, in a call that was answered there. Chromium gets its state and its town as
// pictures, and no byte of them, of the name, of the address or of the caller's number in any other form: not in what came
// over the network, in what stands in the page, in what a screen reader is told, in what is kept, copied or printed. At
// Brest the same search finds them, and it finds each leak that is planted. A stop takes all from the page by itself.
func TestNoByteOfAParcelReachesLome(t *testing.T) {
	i := install(t, setup{settings: settings{
		accounts: []account{
			supervisor("sup"), {login: "lome-1", roles: roleAgent, site: "lome", queue: `["colis"]`},
			{login: "brest-1", roles: roleAgent, site: "brest", queue: `["colis"]`}, {login: "brest-2", roles: roleAgent, site: "brest", queue: `["colis"]`},
		},
		edits: map[string][2]string{"cards/colis.toml": {"127.0.0.1:5073", parcelSystem(t)}},
	}})
	i.serve(t)
	sup := i.enrol(t, "sup", seat("brest", 200))
	t.Run("Lomé", func(t *testing.T) { i.picturesOnly(t, sup) })
	t.Run("Brest", func(t *testing.T) { i.searchFinds(t) })
	t.Run("planted", func(t *testing.T) { i.plantedLeaks(t) })
	i.process.stop(t)
	i.check(t)
	nothingKept(t, i)
}

// withheld are the values that Lomé must not get as text: the parcel's and the caller's number.
func withheld(number string) map[string]string {
	out := maps.Clone(seeds)
	out["caller"] = strings.TrimPrefix(number, "+33")
	return out
}

func (i *instance) picturesOnly(t *testing.T, sup *person) {
	number := fiction(4471)
	caller := newPhone(t, loopback, i.sip, toneCaller)
	desk := i.sit(t, "lome-1", seat("lome", 1), nil)
	desk.answer(t, caller, number)
	for _, field := range []string{"status", "town"} {
		desk.do(t, "wait", "pane-"+field, "ready")
	}
	shown := desk.capture(t)
	values := withheld(number)
	values["label"] = "Ville de destination" // which may be seen: it proves that the card was there
	standing := where(shown, values)
	for name, in := range standing {
		if name != "label" {
			t.Errorf("Lomé gets %s: in %v", name, in)
		}
	}
	wholeCapture(t, shown, standing["label"])
	pictures(t, shown)
	if string(desk.do(t, "holdsBack", "pane-status")) != "true" {
		t.Error("a picture can be dragged, selected, copied or saved from a menu")
	}
	for _, value := range []string{"Pouldreuzigvélen", "Kerzhéridoùen"} {
		if string(desk.do(t, "finds", value)) != "false" {
			t.Errorf("the page's search finds %s", value)
		}
	}
	call := sup.interactions(t, "")[0].ID
	desk.refused(t, sup, call)
	for _, path := range []string{ // what it may ask for holds nothing either
		"/api/interactions?limit=200", "/api/interactions/" + string(call), "/api/interactions/" + string(call) + "/cards",
		"/api/callbacks", "/api/session", "/api/consultation/none", "/api/none",
	} {
		desk.do(t, "status", http.MethodGet, path)
	}

	began := time.Now()
	i.stopCountry(t, "TG")
	applied := time.Now()
	desk.do(t, "gone", "card")
	gone := time.Now()
	t.Logf("the card of a stopped country was gone %v after the stop was applied, %v after it was asked for", gone.Sub(applied).Round(time.Millisecond), gone.Sub(began).Round(time.Millisecond))
	if string(desk.do(t, "same")) != "true" {
		t.Error("the page was loaded again")
	}
	stopped := desk.capture(t)
	for name, in := range where(stopped, withheld(number)) {
		t.Errorf("Lomé gets %s before or after the stop: in %v", name, in)
	}
	for _, p := range of(stopped, "dom") {
		if p.At == "html" && strings.Contains(p.Text, "<canvas") {
			t.Error("a picture stands in the page of a stopped country")
		}
	}
	desk.close()
	caller.hangUp()
}

// wholeCapture holds that something of each kind was searched, that what was copied and printed is the screen with the
// card, and that a picture is on no paper.
func wholeCapture(t *testing.T, shown []piece, label []string) {
	t.Helper()
	for _, kind := range kinds {
		if len(of(shown, kind)) == 0 {
			t.Errorf("nothing of kind %q was searched", kind)
		}
	}
	total := 0
	for _, p := range shown {
		total += len(p.bytes)
	}
	t.Logf("searched: %d pieces, %d kB", len(shown), total/1000)
	for _, kind := range []string{"body", "dom", "accessibility", "copy", "printed text"} {
		if !slices.Contains(label, kind) {
			t.Errorf("the name of a field is not in %q: the card was not there", kind)
		}
	}
	for _, p := range of(shown, "copy") {
		if bytes.Contains(p.bytes, []byte("<img")) || bytes.Contains(p.bytes, []byte("data:image")) || strings.HasPrefix(p.At, "image/") {
			t.Errorf("a picture is copied as %s", p.At)
		}
	}
	images := map[string]int{}
	for _, p := range of(shown, "print") {
		images[p.At] = bytes.Count(p.bytes, []byte("/Subtype /Image"))
	}
	if images["paper"] != 0 || images["screen"] == 0 {
		t.Errorf("%d pictures on paper, want none; %d if paper were a screen, want some", images["paper"], images["screen"])
	}
}

// pictures holds that the card that came has its state and its town as pictures under a watermark, name, address and
// telephone not at all, and that each was fetched once.
func pictures(t *testing.T, shown []piece) {
	t.Helper()
	var card view.Card
	for _, p := range of(shown, "wire body") {
		if strings.HasSuffix(p.At, "/cards") && bytes.Contains(p.bytes, []byte(`"fields"`)) {
			if err := json.Unmarshal(p.bytes, &card); err != nil {
				t.Fatal(err)
			}
		}
	}
	byName := map[string]view.CardField{}
	for _, f := range card.Fields {
		byName[f.Name] = f
		if f.Value != nil {
			t.Errorf("%s comes as text", f.Name)
		}
	}
	for _, name := range []string{"recipient.name", "recipient.address", "recipient.phone", "content_value"} {
		if f, ok := byName[name]; !ok || f.Allowed || f.Image != "" {
			t.Errorf("%s: %+v", name, f)
		}
	}
	for _, name := range []string{"status", "town"} {
		path := cmp.Or(byName[name].Image, "none")
		var files [][]byte
		for _, p := range of(shown, "wire body") {
			if u, err := url.Parse(p.At); err == nil && u.Path == path {
				files = append(files, p.bytes)
			}
		}
		if len(files) != 1 {
			t.Errorf("%s: %d pictures came, want one", name, len(files))
			continue
		}
		if err := watermarked(files[0]); err != "" {
			t.Errorf("%s: %s", name, err)
		}
	}
}

// watermarked says what a picture lacks: the strong ink of a text, and light ink, as no letter's edge alone makes it, in
// every part of it.
func watermarked(file []byte) string {
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		return err.Error()
	}
	levels, ok := img.(*image.Paletted)
	if !ok {
		return "it has no levels of ink"
	}
	const parts, mark, text = 8, 4, 15
	size, least := levels.Rect.Size(), [parts]int{}
	strong := 0
	for y := range size.Y {
		for x := range size.X {
			switch l := levels.ColorIndexAt(x, y); {
			case l == text:
				strong++
			case l > 0 && l <= mark:
				least[x*parts/size.X]++
			}
		}
	}
	if strong == 0 {
		return "nothing is written on it"
	}
	for n, light := range least {
		if light < size.X*size.Y/parts/50 {
			return "a part of it has no watermark: " + string(rune('0'+n))
		}
	}
	return ""
}

// refused asks, from the page, for what would be a list, a search, the sound or a file. Answers that are no JSON are counted
// in the API's own description: a file of a new kind has to be refused here too.
func (d *seatedDesk) refused(t *testing.T, sup *person, call rivage.ID) {
	t.Helper()
	recordings := sup.detail(t, call).Recordings
	if len(recordings) == 0 {
		t.Fatal("the call has no recording to refuse")
	}
	for _, path := range []string{
		"/api/recordings/" + string(recordings[0].Object) + "/audio", "/api/prompts/accueil-colis/audio",
		"/api/persons?tel=" + url.QueryEscape(fiction(1)), "/api/journal", "/api/why/1", "/api/settings/card",
		"/api/rules/messagerie/matrix", "/api/law/messagerie",
	} {
		if status := string(d.do(t, "status", http.MethodGet, path)); status != "403" {
			t.Errorf("%s answers %s at Lomé, want 403", path, status)
		}
	}
	want := []string{"/api/consultation/{token}", "/api/prompts/{id}/audio", "/api/recordings/{object}/audio"}
	if files := filePaths(t, sup); !slices.Equal(files, want) {
		t.Errorf("files come from %v, want %v: refuse the new one here", files, want)
	}
}

// filePaths are the paths of the API that answer with something else than JSON.
func filePaths(t *testing.T, p *person) (paths []string) {
	t.Helper()
	var api struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct{ Content map[string]any }
		}
	}
	p.get(t, "/openapi.json", &api)
	for path, operations := range api.Paths {
		for _, o := range operations {
			for _, r := range o.Responses {
				for kind := range r.Content {
					if !strings.HasSuffix(kind, "json") && !slices.Contains(paths, path) {
						paths = append(paths, path)
					}
				}
			}
		}
	}
	slices.Sort(paths)
	return paths
}

// searchFinds: where all may be seen, the search that found nothing at Lomé finds all, in each way out.
func (i *instance) searchFinds(t *testing.T) {
	caller := newPhone(t, loopback, i.sip, toneCaller)
	desk := i.sit(t, "brest-1", seat("brest", 1), nil)
	desk.answer(t, caller, fiction(4472))
	desk.do(t, "wait", "card-status")
	found := where(desk.capture(t), seeds)
	for name := range seeds {
		if name == "content_value" { // of a class that no rule lets out
			continue
		}
		for _, kind := range []string{"wire body", "body", "dom", "accessibility", "copy", "printed text"} {
			if !slices.Contains(found[name], kind) {
				t.Errorf("%s is not found in %q: %v", name, kind, found[name])
			}
		}
	}
	if string(desk.do(t, "finds", "Kerzhéridoùen")) != "true" {
		t.Error("the page's own search finds nothing at all")
	}
	desk.close()
	caller.hangUp()
}

// A picture is not taken for a watermarked one when a part of it bears no mark, whatever is written on it.
func TestAPictureWithoutItsWatermarkIsSeen(t *testing.T) {
	grey := make(color.Palette, 16)
	for n := range grey {
		grey[n] = color.Gray{Y: uint8(255 - 17*n)}
	}
	for _, c := range []struct {
		name       string
		marked     int // columns
		text, good bool
	}{
		{"whole", 640, true, true}, {"no mark", 0, true, false}, {"half a mark", 320, true, false}, {"no text", 640, false, false},
	} {
		img := image.NewPaletted(image.Rect(0, 0, 640, 80), grey)
		for at := range img.Pix {
			switch x, y := at%640, at/640; {
			case c.text && y > 30 && y < 50 && x > 16 && x < 300 && x%12 < 8:
				img.Pix[at] = uint8(min(15, 3+6*(x%12))) // letters with soft edges
			case x < c.marked && (x+2*y)%9 == 0:
				img.Pix[at] = 4
			}
		}
		var file bytes.Buffer
		if err := png.Encode(&file, img); err != nil {
			t.Fatal(err)
		}
		if lacks := watermarked(file.Bytes()); (lacks == "") != c.good {
			t.Errorf("%s: it lacks %q", c.name, lacks)
		}
	}
}
