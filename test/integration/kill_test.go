// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/view"
	"rivage.example/rivage/record/store/storetest"
)

// Killed with everybody on the line, nobody is forgotten: each caller with a number is owed a callback at the rank of the
// call, the others are listed as failed, and what was recorded plays to its last whole second.
func TestKilledOwesEverybodyACallback(t *testing.T) {
	for _, db := range []struct {
		name string
		open func(testing.TB) string
	}{
		{"sqlite", func(testing.TB) string { return "" }},
		{"postgres", storetest.Postgres},
	} {
		t.Run(db.name, func(t *testing.T) { killed(t, db.open(t)) })
	}
}

func killed(t *testing.T, database string) {
	f := crowd(t, database, shorter(40, 6), shorter(59, 9))
	before := f.sup.interactions(t, "")
	slices.Reverse(before)
	f.recordedFor(t, before, 5*time.Second)
	f.speakUp(t, lastWords)
	f.i.process.kill()
	f.i.check(t)
	f.i.serve(t)
	f.sup.signIn(t)

	owed := f.owes(t, before)
	f.recordings(t, before)
	f.i.check(t)
	f.settles(t, owed)
	f.ringsAgain(t, owed)
	f.i.process.stop(t)
	f.i.check(t)
}

// lastWords is how long everybody says something new before the process is killed. A recording may lose the last of it:
// the second under way, and what had not yet left for the disk when the machine was busy.
const (
	lastWords = 4 * time.Second
	mayLose   = 2 * time.Second
)

// speakUp has all who talk say another tone for some time.
func (f *full) speakUp(t testing.TB, long time.Duration) {
	t.Helper()
	for _, p := range f.talking {
		p.sound.say(toneLast)
	}
	for _, p := range f.posts {
		p.sound.say(toneLast)
	}
	began := time.Now()
	until(t, "everybody said their last words", func() bool { return time.Since(began) > long })
}

// full is an instance with a full floor.
type full struct {
	i       *instance
	sup     *person
	posts   []*post
	talking []*phone
	waiting []*phone
	hidden  int    // callers without a number
	last    string // number of who came last
}

// lastCaller is who calls last: apart from the others, and with a number.
const lastCaller = 1000

// anonymous says which callers withhold their number: every fifth.
func anonymous(n int) bool { return n%5 == 4 }

// crowd serves an instance on which some callers talk and others wait.
func crowd(t *testing.T, database string, talking, waiting int) *full {
	t.Helper()
	f := &full{}
	accounts := []account{supervisor("sup"), {login: "chef", roles: roleAdministrator, site: "brest"}}
	for n := range talking {
		p := newPost(t, loopback, fmt.Sprintf("poste-%d", n), seat("brest", n+1))
		f.posts = append(f.posts, p)
		accounts = append(accounts, p.account("brest", `["colis"]`))
	}
	f.i = install(t, setup{database: database, settings: settings{accounts: accounts}})
	f.i.serve(t)
	f.sup = f.i.enrol(t, "sup", seat("brest", 5000))
	for _, p := range f.posts {
		p.open(t, f.i)
	}
	f.talking = f.ring(t, 0, talking)
	f.counted(t, rivage.Connected, talking)
	f.waiting = f.ring(t, talking, waiting)
	f.counted(t, rivage.Queued, waiting)
	f.waiting = append(f.waiting, f.ring(t, lastCaller, 1)...) // the last in line, by its number
	f.last = fiction(lastCaller)
	f.counted(t, rivage.Queued, waiting+1)
	return f
}

// ring has callers call, one after the other.
func (f *full) ring(t testing.TB, first, count int) []*phone {
	t.Helper()
	var list []*phone
	for n := range count {
		p := newPhone(t, loopback, f.i.sip, toneCaller)
		from := fiction(first + n)
		if anonymous(first + n) {
			from = ""
			f.hidden++
		}
		p.dial(numberParcels, from)
		p.answers(t, "a caller")
		list = append(list, p)
	}
	return list
}

func (f *full) counted(t testing.TB, s rivage.InteractionState, want int) {
	t.Helper()
	until(t, fmt.Sprintf("%d calls are %s", want, s), func() bool {
		return len(f.sup.interactions(t, "&state="+string(s))) == want
	})
}

// recordedFor waits until each conversation has lasted some time.
func (f *full) recordedFor(t testing.TB, list []view.Interaction, long time.Duration) {
	t.Helper()
	for _, x := range list {
		if x.AnsweredAt != "" {
			until(t, "the conversation lasts", func() bool { return time.Since(moment(t, x.AnsweredAt)) > long })
		}
	}
}

func moment(t testing.TB, i view.Instant) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, string(i))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// owes holds the callbacks against what was on the floor, and gives them in order.
func (f *full) owes(t testing.TB, before []view.Interaction) []view.Interaction {
	t.Helper()
	var owed, failed []view.Interaction
	until(t, fmt.Sprintf("all %d calls are owed or failed", len(before)), func() bool {
		owed, failed = f.sup.callbacks(t), f.sup.interactions(t, "&state=failed")
		return len(owed)+len(failed) == len(before)
	})
	if len(failed) != f.hidden {
		t.Errorf("%d calls are listed as failed, want the %d without a number", len(failed), f.hidden)
	}
	queued := map[rivage.ID]view.Instant{}
	for _, x := range before {
		queued[x.ID] = x.QueuedAt
	}
	for _, x := range append(slices.Clone(owed), failed...) {
		if _, known := queued[x.ID]; !known {
			t.Errorf("interaction %s was not on the floor", x.ID)
		}
	}
	if !slices.IsSortedFunc(owed, func(a, b view.Interaction) int {
		return moment(t, queued[a.ID]).Compare(moment(t, queued[b.ID]))
	}) {
		t.Error("the callbacks are not in the order of the calls")
	}
	for _, x := range owed {
		if x.State != rivage.CallbackOwed || x.Reason != "crash" {
			t.Errorf("callback %s is %s for %q, want owed for the crash", x.ID, x.State, x.Reason)
		}
	}
	return owed
}

// recordings holds what is left of each recording against what was, and hears some.
func (f *full) recordings(t testing.TB, before []view.Interaction) {
	t.Helper()
	heard := 0
	for _, x := range before {
		if x.AnsweredAt == "" {
			continue
		}
		list := f.sup.detail(t, x.ID).Recordings
		if len(list) != 1 || list[0].State != "interrupted" || list[0].Seconds < 3 {
			t.Errorf("recordings of %s: %+v, want one that was interrupted after some seconds", x.ID, list)
			continue
		}
		if heard++; heard <= 3 {
			f.plays(t, list[0])
		}
	}
	if heard != len(f.talking) {
		t.Errorf("%d conversations have a recording, want %d", heard, len(f.talking))
	}
}

// plays hears a recording that was cut: all its seconds, each voice on its channel.
func (f *full) plays(t testing.TB, r view.Recording) {
	t.Helper()
	status, _, wav := f.sup.ask(t, http.MethodGet, "/api/recordings/"+string(r.Object)+"/audio", nil)
	if status != http.StatusOK {
		t.Fatalf("play the interrupted recording: %d: %s", status, wav)
	}
	sound := channels(t, wav)
	if got, want := len(sound[0]), int(r.Seconds)*8000; got != want {
		t.Errorf("the interrupted recording plays %d samples, want %d", got, want)
	}
	for c, hz := range []float64{toneCaller, toneAgent} {
		heard := runs(sound[c])
		if got := lasting(heard, hz); got < time.Second {
			t.Errorf("channel %d of the interrupted recording has %v of its tone: %v", c, got, heard)
		}
		if got, want := lasting(heard, toneLast), lastWords-mayLose; got < want {
			t.Errorf("channel %d of the interrupted recording has %v of the last words, want %v: %v", c, got, want, heard)
		}
	}
}

// settles records what became of two callbacks.
func (f *full) settles(t testing.TB, owed []view.Interaction) {
	t.Helper()
	for n, outcome := range []string{"called", "unreachable"} {
		id := owed[n].ID
		f.sup.post(t, "/api/callbacks/"+string(id), map[string]string{"outcome": outcome}, nil)
		d := f.sup.detail(t, id)
		if got := d.Interaction.State; !got.Ended() {
			t.Errorf("callback recorded as %s is %s", outcome, got)
		}
		if s := d.Story[len(d.Story)-1]; s.Kind != rivage.KindCallbackClosed || s.Outcome != outcome {
			t.Errorf("the last of the story is %s %s, want CallbackClosed %s", s.Kind, s.Outcome, outcome)
		}
	}
	left := f.sup.callbacks(t)
	if got, want := len(left), len(owed)-2; got != want {
		t.Errorf("%d callbacks are left, want %d", got, want)
	}
}

// ringsAgain: a caller who is owed a callback and rings again is served at his old rank, before one who came earlier.
func (f *full) ringsAgain(t *testing.T, owed []view.Interaction) {
	t.Helper()
	last := owed[len(owed)-1].ID
	f.shows(t, last)
	newcomer := newPhone(t, loopback, f.i.sip, toneCaller)
	newcomer.dial(numberParcels, fiction(9000))
	newcomer.answers(t, "the newcomer")
	f.counted(t, rivage.Queued, 1)
	again := newPhone(t, loopback, f.i.sip, toneCaller)
	again.dial(numberParcels, f.last)
	again.answers(t, "who rings again")
	f.counted(t, rivage.Queued, 2)
	if slices.ContainsFunc(f.sup.callbacks(t), func(x view.Interaction) bool { return x.ID == last }) {
		t.Error("who rang again is still owed a callback")
	}
	p := f.posts[0]
	p.stop()
	p.hangUp() // of a call that nobody knows any more
	p.sound.say(toneAgent)
	p.reopen(t, f.i)
	again.sound.hears(t, "who rang again hears the agent", toneAgent)
	d := f.sup.detail(t, p.interaction(t))
	if got := d.Story[0].Facts["returns"]; got != string(last) {
		t.Errorf("the agent serves a call that returns for %v, want %s", got, last)
	}
	if newcomer.sound.took == 0 || lasting(runs(newcomer.sound.since(0)), toneAgent) > 0 {
		t.Error("the newcomer was served before who rang again")
	}
	newcomer.hangUp()
	again.hangUp()
	p.ends(t, "the agent")
	p.dispose(t)
}

// shows: an agent of the queue in which somebody is owed a call may know the number to call.
func (f *full) shows(t testing.TB, id rivage.ID) {
	t.Helper()
	agent := f.i.person(t, f.posts[0].login, f.posts[0].from)
	agent.signIn(t)
	var list struct{ Fields []view.Field }
	agent.post(t, "/api/interactions/"+string(id)+"/fields", map[string]any{"fields": []string{"caller"}}, &list)
	if len(list.Fields) != 1 || list.Fields[0].Value == nil || *list.Fields[0].Value != f.last {
		t.Errorf("the number of a call that is owed, for an agent of its queue: %+v, want %s", list.Fields, f.last)
	}
}
