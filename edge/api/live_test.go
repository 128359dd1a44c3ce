// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/floor"
)

// start runs the server's own loop until the test ends.
func start(t testing.TB, b *bench) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// client is the app's end of a live channel.
type client struct {
	t  testing.TB
	ws *websocket.Conn
}

func (b *bench) dial(t testing.TB, as, app string, headers ...string) *client {
	t.Helper()
	h := http.Header{"Cookie": {plainCookie + "=" + as}}
	for i := 0; i+1 < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	ws, res, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(b.URL, "http")+"/api/live?app="+app, &websocket.DialOptions{HTTPHeader: h})
	if err != nil {
		t.Fatalf("dial: %v (%v)", err, res)
	}
	ws.SetReadLimit(8 << 20)
	t.Cleanup(func() { _ = ws.CloseNow() })
	return &client{t, ws}
}

// frame is any frame.
type frame struct {
	Seq         *rivage.Seq     `json:"seq"`
	From        *rivage.Seq     `json:"from"`
	Snapshot    json.RawMessage `json:"snapshot"`
	Agent       json.RawMessage `json:"agent"`
	Interaction *struct {
		ID string `json:"id"`
	} `json:"interaction"`
	Board json.RawMessage `json:"board"`
	Re    string          `json:"re"`
	Error *LiveError      `json:"error"`
}

func (c *client) read() (frame, string, error) {
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	_, text, err := c.ws.Read(ctx)
	if err != nil {
		return frame{}, "", err
	}
	var f frame
	return f, string(text), json.Unmarshal(text, &f)
}

// next is the next frame that is no board.
func (c *client) next() (frame, string) {
	c.t.Helper()
	for {
		f, text, err := c.read()
		if err != nil {
			c.t.Fatal(err)
		}
		if f.Board == nil {
			return f, text
		}
	}
}

func (c *client) say(text string) {
	c.t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	if err := c.ws.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

// answer is the answer to a command, whatever else comes before it.
func (c *client) answer(command string) frame {
	c.t.Helper()
	c.say(command)
	for {
		if f, _ := c.next(); f.Seq == nil || f.From == nil && f.Snapshot == nil {
			return f
		}
	}
}

// closed reads until the channel is closed, and gives the code.
func (c *client) closed() websocket.StatusCode {
	c.t.Helper()
	for {
		if _, _, err := c.read(); err != nil {
			return websocket.CloseStatus(err)
		}
	}
}

func TestFramesCoverEveryEntryWithoutAGap(t *testing.T) {
	b := newBench(t)
	c := b.dial(t, "supervisor.colis", "control")
	first, text := c.next()
	if first.Seq == nil || *first.Seq != 1 || !strings.Contains(text, "i-colis") {
		t.Fatalf("got %s, want a snapshot at 1", text)
	}
	const more = 300
	for i := range more {
		of := rivage.ID("colis")
		if i%3 != 0 {
			of = "mutuelle"
		}
		id := b.store.another(of, i) // each its own: of several entries about one, the last is told
		b.store.append(rivage.StreamOf("interaction", id), of, &rivage.InteractionHeld{Interaction: id})
	}
	last, seen := *first.Seq, 0
	for last < 1+more {
		f, text := c.next()
		if f.Seq == nil || f.From == nil || *f.From != last+1 || *f.Seq < *f.From {
			t.Fatalf("after %d: got %s", last, text)
		}
		last = *f.Seq
		if strings.Contains(text, "mutuelle") {
			t.Fatalf("the other Principal came out: %s", text)
		}
		if f.Interaction != nil {
			seen++
		}
	}
	if want := more / 3; seen != want {
		t.Errorf("got %d events, want the %d of colis", seen, want)
	}
}

// An entry of the other Principal says nothing but that the log moved.
func TestTheOtherPrincipalOnlyAdvancesTheSequence(t *testing.T) {
	b := newBench(t)
	c := b.dial(t, "supervisor.colis", "control")
	c.next()
	b.store.append("interaction/i-mutuelle", "mutuelle", &rivage.InteractionHeld{Interaction: "i-mutuelle"})
	if _, text := c.next(); text != `{"seq":2,"from":2}` {
		t.Errorf("got %s", text)
	}
}

func TestASessionThatEndsClosesItsChannel(t *testing.T) {
	b := newBench(t)
	c := b.dial(t, "supervisor.colis", "control")
	c.next()
	b.access.end("supervisor.colis")
	if got := c.closed(); got != closeEnded {
		t.Errorf("got close code %d, want %d", got, closeEnded)
	}
}

// A live channel does not outlive the rights it was opened with.
func TestAChangeOfRolesClosesTheChannel(t *testing.T) {
	b := newBench(t)
	c := b.dial(t, "supervisor.colis", "control")
	c.next()
	b.s.live.tick(t.Context())
	if len(b.s.live.all()) != 1 {
		t.Fatal("an unchanged channel was closed")
	}
	b.access.accounts["supervisor.colis"] = &rivage.Account{Roles: []rivage.Role{{Name: "supervisor"}}}
	b.s.live.tick(t.Context())
	if got := c.closed(); got != closeEnded {
		t.Errorf("got close code %d, want %d", got, closeEnded)
	}
}

// A network taken off a site ends the channels that came from it, though they ask for nothing.
func TestASessionThatStandsNoLongerClosesItsChannel(t *testing.T) {
	b := newBench(t)
	c := b.dial(t, "supervisor.colis", "control")
	c.next()
	var down error = &rivage.Error{Code: rivage.Unavailable, Message: "nobody can say"}
	b.access.still.Store(&down)
	<-b.access.asked
	if len(b.s.live.all()) != 1 {
		t.Fatal("closed while nobody can say")
	}
	var moved error = access.PlaceChanged
	b.access.still.Store(&moved)
	if got := c.closed(); got != closeEnded {
		t.Errorf("got close code %d, want %d", got, closeEnded)
	}
}

func TestANewerDeskReplacesTheOlder(t *testing.T) {
	b := newBench(t)
	old := b.dial(t, "agent.colis", "desk")
	old.next()
	fresh := b.dial(t, "agent.colis", "desk")
	if got := old.closed(); got != closeReplaced {
		t.Errorf("got close code %d, want %d", got, closeReplaced)
	}
	fresh.next()
	if f := fresh.answer(`{"id":"1","do":"heartbeat"}`); f.Re != "1" || f.Error != nil {
		t.Errorf("got %+v on the new desk", f)
	}
	if n := count[floor.SessionLost](b.floor); n != 0 {
		t.Errorf("the floor was told %d times that the agent left", n)
	}
	_ = fresh.ws.Close(websocket.StatusNormalClosure, "")
	b.await(t, "the last desk closed", func() bool { return count[floor.SessionLost](b.floor) == 1 })
}

// await polls what another goroutine will make true.
func (b *bench) await(t testing.TB, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(5 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not in time: %s", what)
		}
	}
}

func TestASlowReaderIsDropped(t *testing.T) {
	b := newBench(t)
	c := b.dial(t, "supervisor.colis", "control")
	c.next()
	b.store.settings.Principals["colis"].Name = strings.Repeat("x", 64<<10) // each event is large
	quick := b.dial(t, "supervisor.mutuelle", "control")
	quick.next()
	b.await(t, "the slow channel left", func() bool { // the client reads nothing; loopback's buffers take a few megabytes
		b.store.append("interaction/i-colis", "colis", &rivage.InteractionHeld{Interaction: "i-colis"})
		return len(b.s.live.all()) == 1
	})
	if f, text := quick.next(); f.Seq == nil || f.From == nil {
		t.Errorf("the other reader waited: got %s", text)
	}
	if got := c.closed(); got != closeSlow && got != -1 {
		t.Errorf("got close code %d, want %d or a dropped socket", got, closeSlow)
	}
}

func TestTheQueueOfAChannelIsBounded(t *testing.T) {
	stopped := false
	c := &channel{wake: make(chan struct{}, 1), stop: func() { stopped = true }}
	c.enqueue(make([]byte, 2*maxUnsent)) // a snapshot alone may be large
	if stopped {
		t.Fatal("a single frame was too much")
	}
	c.enqueue(make([]byte, 1))
	if !stopped || c.code != closeSlow {
		t.Errorf("got stopped %t with code %d, want %d", stopped, c.code, closeSlow)
	}
}

func TestARepeatedCommandGetsTheFirstAnswer(t *testing.T) {
	b := newBench(t)
	b.floor.entry = func(floor.Command) rivage.Seq {
		return b.store.append("agent/ana", rivage.Organisation, &rivage.AgentStateSet{Agent: "someone"})
	}
	c := b.dial(t, "agent.colis", "desk")
	c.next()
	first := c.answer(`{"id":"a1","do":"accept","offer":"o1"}`)
	again := c.answer(`{"id":"a1","do":"accept","offer":"o1"}`)
	if first.Seq == nil || again.Seq == nil || *first.Seq != *again.Seq || again.Re != "a1" {
		t.Errorf("got %+v then %+v, want the same answer", first, again)
	}
	back := b.dial(t, "agent.colis", "desk") // after a lost connection
	back.next()
	if f := back.answer(`{"id":"a1","do":"accept","offer":"o1"}`); f.Seq == nil || *f.Seq != *first.Seq {
		t.Errorf("got %+v after reconnecting, want the first answer", f)
	}
	if n := count[floor.Accept](b.floor); n != 1 {
		t.Errorf("the floor was asked %d times, want once", n)
	}
}

// "Later" is no answer to keep: the same command may be tried again. A refusal is one.
func TestOnlyFinalAnswersAreKept(t *testing.T) {
	b := newBench(t)
	c := b.dial(t, "agent.colis", "desk")
	c.next()
	b.floor.fail(&rivage.Error{Code: rivage.Unavailable})
	if f := c.answer(`{"id":"1","do":"hold","interaction":"i"}`); f.Error == nil || f.Error.Code != "unavailable" || f.Error.Detail == "" {
		t.Errorf("got %+v, want unavailable", f.Error)
	}
	b.floor.fail(&rivage.Error{Code: rivage.Conflict})
	if f := c.answer(`{"id":"1","do":"hold","interaction":"i"}`); f.Error == nil || f.Error.Code != "conflict" {
		t.Errorf("got %+v, want conflict", f.Error)
	}
	b.floor.fail(nil)
	if f := c.answer(`{"id":"1","do":"hold","interaction":"i"}`); f.Error == nil || f.Error.Code != "conflict" {
		t.Errorf("got %+v, want the first answer", f.Error)
	}
}

func TestTheMemoryOfAnswersIsBounded(t *testing.T) {
	a := &answers{by: map[string]LiveAnswer{}}
	for i := range 10 * keptAnswers {
		a.keep(strconv.Itoa(i), LiveAnswer{})
	}
	if _, newest := a.by[strconv.Itoa(10*keptAnswers-1)]; len(a.by) != keptAnswers || !newest {
		t.Errorf("got %d answers, newest kept: %t", len(a.by), newest)
	}
}

// watched waits until boards may follow the snapshots, which reach their readers a moment before.
func (b *bench) watched(t testing.TB) {
	t.Helper()
	b.await(t, "boards may follow", func() bool {
		return !slices.ContainsFunc(b.s.live.all(), func(c *channel) bool { return !c.begun.Load() })
	})
}

func TestAHeartbeatThatIsLateIsToldOnceForEachStage(t *testing.T) {
	b := newBench(t)
	c := b.dial(t, "agent.colis", "desk")
	c.next()
	b.await(t, "the desk opened", func() bool { return count[floor.SessionOpened](b.floor) == 1 })
	stages := func() (got []string) {
		b.floor.mu.Lock()
		defer b.floor.mu.Unlock()
		for _, cmd := range b.floor.got {
			switch cmd := cmd.(type) {
			case floor.SessionLost:
				got = append(got, cmd.Stage)
			case floor.SessionOpened:
				got = append(got, "opened")
			}
		}
		return got
	}
	want := []string{"opened"}
	check := func(when string) {
		t.Helper()
		b.s.live.tick(t.Context())
		if got := stages(); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: got %v, want %v", when, got, want)
		}
	}
	beat := func(id string) { c.answer(`{"id":"` + id + `","do":"heartbeat"}`) }
	b.clock.step(time.Hour) // the wall clock is of no account
	b.clock.advance(4900 * time.Millisecond)
	check("just in time")
	b.clock.advance(100 * time.Millisecond)
	want = append(want, "late")
	check("at 5 s")
	check("still late")
	beat("1")
	want = append(want, "back")
	check("it beats again")
	b.clock.advance(5 * time.Second)
	want = append(want, "late")
	check("late again")
	b.clock.advance(15 * time.Second)
	want = append(want, "unreachable")
	check("at 20 s")
	b.clock.advance(time.Hour)
	check("still unreachable")
	beat("2")
	want = append(want, "opened")
	check("there again")
}

func TestEachCommandReachesTheFloorAsItself(t *testing.T) {
	b := newBench(t)
	c := b.dial(t, "agent.colis", "desk")
	c.next()
	const session rivage.ID = "session-agent.colis"
	for text, want := range map[string]floor.Command{
		`{"id":"1","do":"ready","microphone":true}`:                                         floor.SetReady{Agent: "ana", Session: session, Microphone: true},
		`{"id":"2","do":"pause","reason":"dejeuner"}`:                                       floor.SetPaused{Agent: "ana", Reason: "dejeuner"},
		`{"id":"3","do":"offline"}`:                                                         floor.SetOffline{Agent: "ana"},
		`{"id":"4","do":"accept","offer":"o"}`:                                              floor.Accept{Agent: "ana", Offer: "o"},
		`{"id":"5","do":"decline","offer":"o","reason":"x"}`:                                floor.Decline{Agent: "ana", Offer: "o", Reason: "x"},
		`{"id":"6","do":"hold","interaction":"i"}`:                                          floor.Hold{Agent: "ana", Interaction: "i"},
		`{"id":"7","do":"resume","interaction":"i"}`:                                        floor.Resume{Agent: "ana", Interaction: "i"},
		`{"id":"8","do":"hangup","interaction":"i"}`:                                        floor.HangUp{Agent: "ana", Interaction: "i"},
		`{"id":"9","do":"oppose","interaction":"i"}`:                                        floor.Oppose{Agent: "ana", Interaction: "i"},
		`{"id":"10","do":"dispose","interaction":"i","disposition":"livre","note":"à lui"}`: floor.Dispose{Agent: "ana", Interaction: "i", Disposition: "livre", Note: "à lui"},
		`{"id":"11","do":"extend","interaction":"i"}`:                                       floor.Extend{Agent: "ana", Interaction: "i"},
	} {
		if f := c.answer(text); f.Error != nil {
			t.Errorf("%s: got %+v", text, f.Error)
		}
		b.floor.mu.Lock()
		got := b.floor.got[len(b.floor.got)-1]
		b.floor.mu.Unlock()
		if got != want {
			t.Errorf("%s: got %+v, want %+v", text, got, want)
		}
	}
}

func TestBadCommandsAreRefusedInWords(t *testing.T) {
	b := newBench(t)
	desk, room := b.dial(t, "agent.colis", "desk"), b.dial(t, "supervisor.colis", "control")
	desk.next()
	room.next()
	for text, want := range map[string]string{
		`{"id":"1","do":"fly"}`: "invalid", `nonsense`: "invalid", `{"id":"2","do":"hold","agent":"bob"}`: "invalid",
		`{"do":"hold"}`: "invalid", `{"id":"3"}{"id":"4"}`: "invalid", `[]`: "invalid",
		`{"id":"5","do":"dispose","note":"` + strings.Repeat("é", maxNote+1) + `"}`: "invalid",
		`{"id":"6","do":"pause","reason":"` + strings.Repeat("x", maxWord+1) + `"}`: "invalid",
	} {
		if f := desk.answer(text); f.Error == nil || f.Error.Code != want || f.Error.Detail == "" {
			t.Errorf("%.60s: got %+v, want %s", text, f.Error, want)
		}
	}
	if f := room.answer(`{"id":"1","do":"hangup","interaction":"i"}`); f.Error == nil || f.Error.Code != codeRole {
		t.Errorf("a control room commanded: got %+v", f)
	}
	if n := count[floor.HangUp](b.floor) + count[floor.Hold](b.floor); n != 0 {
		t.Errorf("the floor got %d commands", n)
	}
	desk.say(strings.Repeat("x", maxCommand+1))
	if got := desk.closed(); got != websocket.StatusMessageTooBig {
		t.Errorf("got close code %d, want %d", got, websocket.StatusMessageTooBig)
	}
}

func TestAFloodOfCommandsIsSlowedDown(t *testing.T) {
	b := newBench(t)
	c := b.dial(t, "agent.colis", "desk")
	c.next()
	busy := 0
	for i := range 2 * commandBurst {
		if f := c.answer(`{"id":"` + strconv.Itoa(i) + `","do":"offline"}`); f.Error != nil && f.Error.Code == "busy" {
			busy++
		}
	}
	if busy == 0 || busy > 2*commandBurst-commandBurst {
		t.Errorf("got %d refusals of %d commands", busy, 2*commandBurst)
	}
}

func TestWhoMayOpenWhichChannel(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct {
		as, app, origin string
		want            int
	}{
		{"", "desk", "", 401}, {"ended", "desk", "", 401}, {"supervisor.colis", "desk", "", 403}, {"agent.colis", "control", "", 403},
		{"agent.colis", "tableau", "", 422}, {"agent.colis", "desk", "https://evil.example", 403},
		{"agent.colis", "desk", "null", 403}, {"agent.colis", "desk", "own", 101}, {"dpo.all", "control", "", 101},
	} {
		h := http.Header{"Cookie": {plainCookie + "=" + c.as}}
		switch c.origin {
		case "":
		case "own":
			h.Set("Origin", b.URL)
		default:
			h.Set("Origin", c.origin)
		}
		ws, res, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(b.URL, "http")+"/api/live?app="+c.app, &websocket.DialOptions{HTTPHeader: h})
		if err == nil {
			_ = ws.CloseNow()
		}
		if res == nil || res.StatusCode != c.want {
			t.Errorf("%+v: got %v, %v", c, res, err)
		}
	}
}

func TestBoardsComeToWhoWatches(t *testing.T) {
	b := newBench(t)
	c := b.dial(t, "supervisor.colis", "control")
	c.next()
	b.watched(t)
	b.s.live.tick(t.Context())
	f, text, err := c.read()
	if err != nil || f.Board == nil || f.Seq != nil || !strings.Contains(text, "q-colis") || strings.Contains(text, "mutuelle") ||
		!strings.Contains(text, `"journal":"ok","certificate_ends":"2026-12-24T12:00:00.000Z"`) {
		t.Errorf("got %s, %v, want the board of colis, the journal and the certificate's end", text, err)
	}
}

// What a screen shows is under two seconds old, or says its age: a board is read in the second it is sent, a reading that
// takes too long is given up, and without one the last goes out as what it is, with the alarm.
func TestABoardSaysWhenItIsOld(t *testing.T) {
	b := newBench(t)
	c := b.dial(t, "supervisor.colis", "control")
	c.next()
	b.watched(t)
	board := func(when string, age time.Duration, journal string) {
		t.Helper()
		b.s.live.tick(t.Context())
		_, text, err := c.read()
		var f LiveBoard
		if err == nil {
			err = json.Unmarshal([]byte(text), &f)
		}
		if err != nil || len(f.Board) != 1 || f.AgeMs != age.Milliseconds() || f.Journal != journal {
			t.Errorf("%s: %s, %v; want the board of colis, %v old, journal %s", when, text, err, age, journal)
		}
	}
	const second = time.Second
	board("at first", 0, "ok")
	b.clock.advance(second)
	b.store.figures = func(context.Context) error { b.clock.advance(boardRead); return nil }
	board("read slowly", boardRead, "ok")
	if longest := second + boardRead; longest >= 2*second {
		t.Errorf("a board stands for %v until the next, want under two seconds", longest)
	}
	b.clock.advance(second)
	b.store.down.Store(true)
	b.store.figures = func(context.Context) error { return errors.New("the database is gone") }
	board("not read", second+boardRead, "down")
	b.clock.advance(second)
	b.store.figures = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() } // would wait for ever
	board("not answered", 2*second+boardRead, "down")
	b.store.figures, b.clock.now = nil, b.clock.now+second
	b.store.down.Store(false)
	board("read again", 0, "ok")
}

func TestStoppingClosesEveryChannel(t *testing.T) {
	b := newBench(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.s.Run(ctx) }()
	c := b.dial(t, "supervisor.colis", "control")
	c.next()
	stop()
	if got := c.closed(); got != websocket.StatusGoingAway {
		t.Errorf("got close code %d, want %d", got, websocket.StatusGoingAway)
	}
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	b.await(t, "no channel is left", func() bool { return len(b.s.live.all()) == 0 })
}

func FuzzCommand(f *testing.F) {
	for _, seed := range []string{
		`{"id":"1","do":"heartbeat"}`, `{"id":"1","do":"dispose","interaction":"i","disposition":"d","note":"n"}`, `{}`, `[`, `null`, `{"id":1}`,
		`{"id":"1","do":"ready","microphone":"yes"}`, "\xff\xfe", `{"ID":"1","DO":"hold"}`,
	} {
		f.Add([]byte(seed))
	}
	c := &channel{desk: true}
	c.who.Account = "ana"
	c.who.Agent = &rivage.Agent{}
	f.Fuzz(func(t *testing.T, text []byte) {
		cmd, err := parseCommand(text)
		if err != nil {
			if rivage.CodeOf(err) != rivage.Invalid {
				t.Errorf("got %v, want invalid", err)
			}
			return
		}
		if cmd.ID == "" || len(cmd.ID) > maxCommandID || len(cmd.Reason) > maxWord || len(cmd.Note) > 4*maxNote {
			t.Errorf("accepted out of bounds: %+v", cmd)
		}
		if f, err := c.floorCommand(cmd); (f == nil) == (err == nil) {
			t.Errorf("got %v and %v", f, err)
		}
	})
}
