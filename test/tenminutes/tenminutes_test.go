// SPDX-License-Identifier: EUPL-1.2

// Package tenminutes replays the README's ten minutes on the real binary, with a real browser and real SIP.
package tenminutes

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage/edge/api/client"
	"rivage.example/rivage/edge/voice/caller"
	"rivage.example/rivage/test/speech"
)

const root = "../.."

func TestTenMinutes(t *testing.T) {
	d := start(t, t.TempDir())
	t.Run("a call is answered between two browsers", func(t *testing.T) { d.browserCall(t) })
	seq := d.whyNotLome(t)
	t.Run("why not Lomé", func(t *testing.T) { d.why(t, seq) })
	d = d.killed(t) // not a test of its own: what it starts outlives it
	t.Run("a flipped bit is named", func(t *testing.T) { d.flipped(t) })
	t.Run("the caller is erased, and the log still verifies", func(t *testing.T) { d.erased(t) })
}

// browserCall runs the citizen's page and the desk against one another.
func (d *demo) browserCall(t *testing.T) {
	wav := filepath.Join(t.TempDir(), "voice.wav")
	speech.Write(t, wav)
	c := exec.CommandContext(t.Context(), "node", "call.mjs", d.URL, "anne", d.password, d.number("colis"), wav, wav)
	c.Dir = filepath.Join(root, "web/test")
	out, err := c.Output()
	if err != nil {
		t.Fatalf("node call.mjs (packages nodejs, chromium; npm ci in web): %v", err)
	}
	var r struct {
		Error  string
		Faults []string
		Steps  []struct {
			Name  string
			Value json.RawMessage
		}
		Desk, Citizen string
	}
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	for _, f := range r.Faults {
		if !strings.HasPrefix(f, "401 ") { // nobody is signed in at first
			t.Error(f)
		}
	}
	if r.Error != "" {
		t.Fatalf("%s\ndesk: %s\ncitizen: %s", r.Error, r.Desk, r.Citizen)
	}
	var names []string
	for _, s := range r.Steps {
		names = append(names, s.Name)
		if s.Name == "offer" && !strings.Contains(string(s.Value), "situé en France") {
			t.Errorf("the desk is not shown what the caller hears: %s", s.Value)
		}
	}
	want := []string{"ready", "offer", "connected", "deskHears", "citizenHears", "held", "resumed", "rejoined", "ended", "disposed"}
	if !slices.Equal(names, want) {
		t.Errorf("steps %v, want %v", names, want)
	}
}

// whyNotLome has a health call answered in Brest while Lomé was idle for longer, and leaves it talking.
func (d *demo) whyNotLome(t *testing.T) (seq uint64) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	d.stop = append(d.stop, stop)
	lome := d.desk(t, ctx, "poste-lome", nil)
	if _, err := lome.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	accepted := make(chan struct{})
	var anne *client.Desk
	anne = d.desk(t, ctx, "poste-brest", func() { close(accepted) })
	if _, err := anne.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	posts, err := caller.NewPosts(caller.PostsConfig{Listen: d.Posts, Users: []string{"brest"}, AnswerAfter: caller.Range{Min: time.Millisecond, Max: 2 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = posts.Run(ctx) }()
	go func() {
		_ = caller.Run(ctx, caller.Config{
			Target: d.SIP, Numbers: []string{d.number("mutuelle")}, Seed: 5, Concurrent: 3, Pause: caller.Range{Min: 10 * time.Millisecond, Max: 50 * time.Millisecond},
			Patience: caller.Range{Min: time.Hour, Max: time.Hour}, Talk: caller.Range{Min: time.Hour, Max: time.Hour},
		})
	}()
	d.until(t, "a health call is talking and another waits", func() bool {
		talking, waiting := 0, 0
		for _, i := range d.interactions(t) {
			if i.Queue == "sante" && i.State == "connected" {
				talking++
			}
			if i.Queue == "sante" && i.State == "queued" {
				waiting++
			}
		}
		return talking == 1 && waiting > 0
	})
	for _, i := range d.interactions(t) {
		if i.Queue != "sante" || i.State != "connected" {
			continue
		}
		var detail struct {
			Offers []struct {
				Seq      uint64
				Site     string
				SetAside []struct{ Reason, Rule, Site string } `json:"set_aside"`
			}
		}
		d.get(t, "maelle", "/api/interactions/"+i.ID, &detail)
		offer := detail.Offers[0]
		found := slices.ContainsFunc(offer.SetAside, func(s struct{ Reason, Rule, Site string }) bool {
			return s.Reason == "policy" && s.Site == "lome" && s.Rule != ""
		})
		if offer.Site != "brest" || !found {
			t.Errorf("offered to %s, set aside %+v: want Brest, and Lomé refused by a rule", offer.Site, offer.SetAside)
		}
		return offer.Seq
	}
	t.Fatal("no health call is talking")
	return 0
}

// why replays the decision from the log alone.
func (d *demo) why(t *testing.T, seq uint64) {
	out := d.rivage(t, 0, "why", fmt.Sprint(seq), "--dir", d.dir)
	for _, want := range []string{"choisi", "refusé", "sante-jamais-hors-france", "Togo"} {
		if !strings.Contains(out, want) {
			t.Errorf("rivage why says nothing of %q:\n%s", want, out)
		}
	}
}

// killed kills the process with calls on it, starts it again on the same folder, and finds who is owed a callback.
func (d *demo) killed(t *testing.T) *demo {
	t.Helper()
	before := d.interactions(t)
	open := 0
	for _, i := range before {
		if i.State == "connected" || i.State == "queued" || i.State == "offered" {
			open++
		}
	}
	if err := d.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = d.cmd.Wait()
	for _, stop := range d.stop {
		stop()
	}
	again := start(t, d.dir)
	var owed struct{ Callbacks []interaction }
	again.get(t, "maelle", "/api/callbacks", &owed)
	if len(owed.Callbacks) != open || open == 0 {
		t.Errorf("%d callbacks owed, want the %d calls that were cut", len(owed.Callbacks), open)
	}
	return again
}

// flipped flips one bit of the published log, in a copy.
func (d *demo) flipped(t *testing.T) {
	if out := d.rivage(t, 0, "verify", d.dir); !strings.Contains(out, "vérifié") {
		t.Errorf("before: %s", out)
	}
	copied := filepath.Join(t.TempDir(), "published")
	if err := os.CopyFS(copied, os.DirFS(filepath.Join(d.dir, "data/published"))); err != nil {
		t.Fatal(err)
	}
	var bundle string
	var size int64
	err := filepath.WalkDir(filepath.Join(copied, "tile/entries"), func(p string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Size() > size { // earlier partial bundles lie beside the present one
			bundle, size = p, info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	text[40] ^= 1
	if err := os.WriteFile(bundle, text, 0o600); err != nil {
		t.Fatal(err)
	}
	out := d.rivage(t, 1, "verify", copied, "--key", filepath.Join(d.dir, "data/published/vkey.txt"))
	if !strings.Contains(out, "écriture 0") {
		t.Errorf("the entry is not named:\n%s", out)
	}
}

// erased erases one caller who is owed a call: what identified them is gone, the log verifies.
func (d *demo) erased(t *testing.T) {
	var owed struct{ Callbacks []interaction }
	d.get(t, "maelle", "/api/callbacks", &owed)
	if len(owed.Callbacks) == 0 {
		t.Fatal("nobody is owed a call")
	}
	id := owed.Callbacks[0].ID
	var shown struct {
		Fields []struct{ Value, Reason string }
	}
	d.post(t, "anne", "/api/interactions/"+id+"/fields", `{"fields":["caller"]}`, &shown)
	number := shown.Fields[0].Value
	if number == "" {
		t.Fatalf("the number is not shown to an agent in Brest: %+v", shown)
	}
	var found struct{ Persons []struct{ ID string } }
	d.get(t, "nolwenn", "/api/persons?tel="+strings.ReplaceAll(number, "+", "%2B"), &found)
	if len(found.Persons) == 0 {
		t.Fatal("the DPO does not find the person")
	}
	for _, p := range found.Persons {
		d.post(t, "nolwenn", "/api/persons/"+p.ID+"/erase", `{"confirm":true}`, nil)
	}
	shown.Fields = nil
	d.post(t, "anne", "/api/interactions/"+id+"/fields", `{"fields":["caller"]}`, &shown)
	if len(shown.Fields) > 0 && shown.Fields[0].Value != "" {
		t.Errorf("the number is still shown: %+v", shown)
	}
	if out := d.rivage(t, 0, "check", "--dir", d.dir); !strings.Contains(out, "tout concorde") {
		t.Errorf("check: %s", out)
	}
	if out := d.rivage(t, 0, "verify", d.dir); !strings.Contains(out, "vérifié") {
		t.Errorf("verify: %s", out)
	}
	if out := d.rivage(t, 0, "policy", "prove", "--dir", d.dir, "--never", "class=sante zone=EU,OTHER"); !strings.Contains(out, " : 0 jambes") || strings.Contains(out, "rejouées 0 ") {
		t.Errorf("policy prove: %s", out)
	}
	raw, err := os.ReadFile(filepath.Join(d.dir, "data/journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte(number)) {
		t.Error("the number stands in the database in clear")
	}
}
