// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/coder/websocket"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/rtp"
)

// A sentence whose sound was damaged on the disk: the caller hears music instead of nothing and keeps waiting, the offer
// is over at once and says why, the site is shown not ready to supervisors and administrators and gets no other call.
// Giving the very same sound again repairs it, and the caller who waited is answered.
func TestSentenceThatCannotBeReadIsShownAndRepaired(t *testing.T) {
	t.Parallel()
	agent := newPost(t, loopback, "brest-1", seat("brest", 1))
	i := install(t, setup{settings: settings{accounts: []account{supervisor("sup"), agent.account("brest", `["colis"]`)}}})
	damage(t, filepath.Join(i.dir, "data"), rtp.Tone(frame, loudness, toneSentence))
	i.serve(t)
	sup := i.enrol(t, "sup", seat("brest", 200))
	admin := i.enrol(t, "direction", seat("brest", 201))
	board := sup.board(t)
	agent.open(t, i)
	if text := board(t, nil); bytes.Contains(text, []byte(`"unready"`)) {
		t.Errorf("before the first call: %s", text)
	}

	caller := newPhone(t, loopback, i.sip, toneCaller)
	caller.dial(numberParcels, fiction(1))
	caller.answers(t, "the caller")
	caller.sound.hears(t, "the caller hears music", toneMusic)
	board(t, []byte(`"unready":[{"site":"brest"`))
	if got := admin.missing(t, "brest"); !slices.Equal(got, []string{"sentence_attested_unreadable"}) {
		t.Errorf("administrators are told that Brest misses %v", got)
	}
	waiting := sup.interactions(t, "&state=queued")
	if len(waiting) != 1 {
		t.Fatalf("%d interactions wait, want one", len(waiting))
	}
	id := waiting[0].ID
	offers, disclosed, ended := 0, false, false
	for _, e := range sup.detail(t, id).Story {
		switch e.Kind {
		case rivage.KindInteractionOffered:
			offers++
		case rivage.KindDisclosurePlayed:
			disclosed = e.Facts["reason"] == "unreadable" && e.Facts["complete"] == false
		case rivage.KindOfferEnded:
			ended = e.Facts["outcome"] == "failed" && e.Facts["reason"] == "sentence_unreadable"
		}
	}
	if offers != 1 || !disclosed || !ended {
		t.Errorf("%d offers, the sentence's entry says so: %v, the offer's end says so: %v", offers, disclosed, ended)
	}
	agent.is(t, rivage.AgentReady)

	var wav bytes.Buffer
	if err := rtp.WritePCMWAV(&wav, 1, sentenceTones(toneSentence)); err != nil {
		t.Fatal(err)
	}
	admin.upload(t, "/api/prompts/situe-brest/audio", wav.Bytes())
	caller.sound.hears(t, "the caller hears the agent", toneAgent)
	agent.sound.hears(t, "the agent hears the caller", toneCaller)
	if got := admin.missing(t, "brest"); len(got) != 0 {
		t.Errorf("after the repair Brest misses %v", got)
	}
	caller.hangUp()
	agent.ends(t, "the agent")
	agent.dispose(t)
	i.process.stop(t)
	i.check(t)
}

// damage overwrites the first place of a folder's files where some bytes stand.
func damage(t testing.TB, dir string, find []byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil { // a folder
			continue
		}
		at := bytes.Index(text, find)
		if at < 0 {
			continue
		}
		copy(text[at:], bytes.Repeat([]byte{rtp.ALawSilence}, len(find)))
		if err := os.WriteFile(f, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatalf("none of %v holds the bytes to damage", files)
}

// board follows the control room's live channel: each call gives the next board that holds some bytes.
func (p *person) board(t testing.TB) func(t testing.TB, with []byte) []byte {
	t.Helper()
	ws, _, err := websocket.Dial(t.Context(), p.i.base+"/api/live?app=control", &websocket.DialOptions{HTTPClient: p.http})
	if err != nil {
		t.Fatalf("live channel of %s: %v", p.login, err)
	}
	ws.SetReadLimit(4 << 20)
	t.Cleanup(func() { ws.CloseNow() }) //nolint:errcheck // nothing to lose
	return func(t testing.TB, with []byte) []byte {
		t.Helper()
		late := time.AfterFunc(patience, func() { ws.CloseNow() }) //nolint:errcheck // which ends the wait
		defer late.Stop()
		for {
			_, text, err := ws.Read(t.Context())
			if err != nil {
				t.Fatalf("no board with %s came: %v", with, err)
			}
			if bytes.HasPrefix(text, []byte(`{"board":`)) && bytes.Contains(text, with) {
				return text
			}
		}
	}
}

// missing is what keeps a site from being ready, as administrators are told.
func (p *person) missing(t testing.TB, site rivage.ID) []string {
	t.Helper()
	var list struct {
		Items []struct {
			ID      rivage.ID
			Missing []string
		}
	}
	p.get(t, "/api/settings/site", &list)
	for _, s := range list.Items {
		if s.ID == site {
			return s.Missing
		}
	}
	t.Fatalf("no site %s", site)
	return nil
}

// upload posts a sound.
func (p *person) upload(t testing.TB, path string, wav []byte) {
	t.Helper()
	resp, err := p.http.Post(p.i.base+path, "audio/wav", bytes.NewReader(wav))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read only
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("POST %s: %s", path, resp.Status)
	}
}
