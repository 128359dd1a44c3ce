// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/view"
	"rivage.example/rivage/record/store/storetest"
	"rivage.example/rivage/verify"
)

// The database goes away under people who talk and who wait: they go on, new calls are told to come back, log and board
// say so. What the world did meanwhile is written late, with both times, once it is back by itself; nobody is forgotten.
func TestDatabaseGone(t *testing.T) {
	t.Parallel()
	cluster := storetest.StartPostgres(t)
	f := crowd(t, cluster.Database(t), 3, 3) // and one more who waits
	room := f.sup.watch(t, "control")
	room.says(t, "ok")
	before := f.sup.interactions(t, "")
	hung, gave := f.served(t, 0), f.served(t, 1)

	gone := time.Now()
	cluster.Stop(t)
	refused(t, f.i, fiction(2000))
	room.says(t, "down")
	if !strings.Contains(f.i.process.text(), "the journal takes nothing") {
		t.Error("no alarm in the log")
	}
	f.goesOn(t)
	f.talking[0].hangUp() // a caller, an agent, and somebody who waits
	hung.post.ends(t, "the agent of the caller who hung up")
	gave.post.hangUp()
	gave.caller.ends(t, "the caller of the agent who hung up")
	f.waiting[0].hangUp()
	f.goesOn(t)
	back := time.Now()
	cluster.Start(t)

	room.says(t, "ok")
	up := time.Now()
	// The call that found the database gone may have been taken: it is written late like the others.
	until(t, "who waited and left is abandoned", func() bool { return len(f.sup.interactions(t, "&state=abandoned")) > 0 })
	after := f.sup.interactions(t, "")
	for _, x := range before {
		if !slices.ContainsFunc(after, func(y view.Interaction) bool { return x.ID == y.ID && x.QueuedAt == y.QueuedAt }) {
			t.Errorf("interaction %s, queued at %s, is not there any more", x.ID, x.QueuedAt)
		}
	}
	until(t, "two conversations, their recordings and who left are published, written late", func() bool {
		late := writtenLate(t, f.i, gone, back, up)
		return late[rivage.KindInteractionEnded] == 2 && late[rivage.KindRecordingEnded] == 2 && late[rivage.KindInteractionAbandoned] > 0
	})
	for _, s := range []served{hung, gave} {
		if got := f.sup.detail(t, s.id).Interaction.State; got != rivage.WrapUp {
			t.Errorf("a conversation that ended meanwhile is %s, want wrap_up", got)
		}
		s.post.do(t, "dispose", func(ctx context.Context) error {
			_, err := s.post.desk.Dispose(ctx, s.id, "renseigne", "")
			return err
		})
	}
	f.counted(t, rivage.Connected, 3) // two of those who waited have their agents
	for _, p := range slices.Concat(f.talking, f.waiting) {
		p.hangUp()
	}
	f.counted(t, rivage.Connected, 0)
	f.i.process.kill()
	f.i.check(t)
}

// served is a conversation: who has it, and its interaction.
type served struct {
	post   *post
	caller *phone
	id     rivage.ID
}

// served is the conversation of a caller; the agent is the one who hears that caller's own tone.
func (f *full) served(t testing.TB, n int) served {
	t.Helper()
	s := served{caller: f.talking[n]}
	s.caller.sound.say(toneLast)
	until(t, "an agent hears the caller's own tone", func() bool {
		for _, p := range f.posts {
			heard := runs(p.sound.since(p.sound.length() - 4000))
			if len(heard) == 1 && heard[0].hz == toneLast {
				s.post = p
			}
		}
		return s.post != nil
	})
	s.caller.sound.say(toneCaller)
	s.post.sound.hears(t, "the agent hears the common tone again", toneCaller)
	s.id = s.post.interaction(t)
	return s
}

// goesOn holds that those on the line hear what they should.
func (f *full) goesOn(t testing.TB) {
	t.Helper()
	for _, c := range f.talking {
		if c.talking() {
			c.sound.hears(t, "a caller still hears an agent", toneAgent)
		}
	}
	for _, c := range f.waiting {
		if c.talking() {
			c.sound.hears(t, "who waits still hears music", toneMusic)
		}
	}
	for _, p := range f.posts {
		if p.talking() {
			p.sound.hears(t, "an agent still hears a caller", toneCaller)
		}
	}
}

// writtenLate counts what the log has with two times: it happened while the database was gone or not yet up again, and was
// written after it came back.
func writtenLate(t testing.TB, i *instance, gone, back, up time.Time) map[rivage.Kind]int {
	t.Helper()
	out := filepath.Join(t.TempDir(), "export")
	i.rivage(t, "export", "--principal", "messagerie", "--site", "brest", "--out", out)
	files, err := filepath.Glob(filepath.Join(out, verify.FactsFolder, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no facts in the export: %v", err)
	}
	got := map[rivage.Kind]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			var e struct {
				Facts struct {
					Kind     rivage.Kind
					At, Late rivage.Micros
				}
			}
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatalf("%s: %v: %s", file, err, line)
			}
			if e.Facts.Late == 0 {
				continue
			}
			got[e.Facts.Kind]++
			if at, late := e.Facts.At.Time(), e.Facts.Late.Time(); late.Before(gone) || late.After(up) || at.Before(back) {
				t.Errorf("%s happened at %v and was written at %v; the database was gone from %v, back at %v and up at %v", e.Facts.Kind, late, at, gone, back, up)
			}
		}
	}
	return got
}
