// SPDX-License-Identifier: EUPL-1.2

package caller

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"

	"rivage.example/rivage/wire/rtp"
	"rivage.example/rivage/wire/sdp"
)

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	end := time.After(8 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal("not seen in time: ", what)
		}
	}
}

// board shows the last figures.
type board struct{ s atomic.Pointer[Stats] }

func (b *board) show(s Stats) { b.s.Store(&s) }

func (b *board) now() Stats {
	if s := b.s.Load(); s != nil {
		return *s
	}
	return Stats{}
}

const ms = time.Millisecond

// ended waits for something that is to end by itself.
func ended(t testing.TB, what string, done <-chan error) {
	t.Helper()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	case <-time.After(8 * time.Second):
		t.Fatal(what, " does not end")
	}
}

// posts starts answering; stop waits for the end.
func posts(t testing.TB, conf PostsConfig) (p *Posts, b *board, stop func()) {
	t.Helper()
	b = &board{}
	conf.OnStats = b.show
	p, err := NewPosts(conf)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	once := atomic.Bool{}
	stop = func() {
		if once.CompareAndSwap(false, true) {
			cancel()
			ended(t, "posts", done)
		}
	}
	t.Cleanup(stop)
	return p, b, stop
}

// crowd starts callers that dial 3900.
func crowd(t testing.TB, conf Config) (b *board, stop func()) {
	t.Helper()
	b = &board{}
	conf.OnStats, conf.Numbers = b.show, []string{"3900"}
	c, err := newCallers(conf)
	if err != nil {
		t.Fatal(err)
	}
	c.early, c.keys = 0, 50
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.run(ctx) }()
	once := atomic.Bool{}
	stop = func() {
		if once.CompareAndSwap(false, true) {
			cancel()
			ended(t, "callers", done)
		}
	}
	t.Cleanup(stop)
	return b, stop
}

// one is a single caller without a life of its own: the test places its calls.
func one(t testing.TB, target string) (*callers, *board) {
	t.Helper()
	b := &board{}
	c, err := newCallers(Config{Target: target, Numbers: []string{"3900"}, OnStats: b.show})
	if err != nil {
		t.Fatal(err)
	}
	c.end.serve()
	t.Cleanup(func() { c.end.shut(func() {}) })
	return c, b
}

func TestCallersAndPostsHearOneAnother(t *testing.T) {
	before := runtime.NumGoroutine()
	p, atPosts, stopPosts := posts(t, PostsConfig{
		Speech: [][]byte{rtp.Tone(200*ms, -10, 500)}, AnswerAfter: Range{ms, 30 * ms},
	})
	atCallers, stopCallers := crowd(t, Config{
		Target: p.Addr().String(), Concurrent: 4, Pause: Range{ms, 20 * ms}, Patience: Range{1500 * ms, 1600 * ms},
		Speech: [][]byte{rtp.Tone(200*ms, -10, 350)},
	})
	eventually(t, "six calls hung up", func() bool { return atCallers.now().HungUp >= 6 })
	stopCallers()
	eventually(t, "the last BYE at the posts", func() bool { return atPosts.now().Talking == 0 })
	stopPosts()
	c, s := atCallers.now(), atPosts.now()
	if c.Failed+c.Refused+c.Ended+c.Ringing+c.Talking != 0 || c.Answered != c.HungUp || c.Placed != c.Answered+c.Abandoned {
		t.Errorf("callers: %+v", c)
	}
	if s.Failed+s.Refused+s.HungUp+s.Ringing+s.Talking != 0 || s.Answered != s.Ended {
		t.Errorf("posts: %+v", s)
	}
	if c.Voices < 6*8 || s.Heard < 6*50 || c.Heard == 0 || c.Sent == 0 {
		t.Errorf("sound: callers %+v, posts %+v", c, s)
	}
	eventually(t, "the end of all goroutines", func() bool { return runtime.NumGoroutine() <= before })
	again, err := open(p.Addr().String())
	if err != nil {
		t.Fatalf("the port is not free again: %v", err)
	}
	again.serve()
	again.shut(func() {})
}

func TestATalkThatAnswersIsATalk(t *testing.T) {
	t.Parallel()
	p, _, _ := posts(t, PostsConfig{Speech: [][]byte{rtp.Tone(400*ms, -10, 500)}, AnswerAfter: Range{ms, ms}})
	c, b := one(t, p.Addr().String())
	// The post speaks, the caller, the post again: a person. Patience alone would hold the call for an hour.
	c.place(t.Context(), intent{
		number: "3900", from: "+33199001234", speech: rtp.Tone(400*ms, -10, 350), patience: time.Hour, talk: 10 * ms, remark: time.Hour,
	})
	if got := b.now(); got.HungUp != 1 || got.Voices < 15 {
		t.Errorf("got %+v", got)
	}
}

func TestAnEarlyHangUpIsACancel(t *testing.T) {
	t.Parallel()
	p, atPosts, _ := posts(t, PostsConfig{AnswerAfter: Range{time.Minute, time.Minute}})
	c, b := one(t, p.Addr().String())
	c.place(t.Context(), intent{number: "3900", from: "+33199001234", early: 100 * ms})
	if got := b.now(); got.Abandoned != 1 || got.Failed+got.Answered != 0 {
		t.Errorf("caller: %+v", got)
	}
	eventually(t, "the CANCEL at the post", func() bool { return atPosts.now().Abandoned == 1 && atPosts.now().Ringing == 0 })
}

func TestAStopHangsUpAtOnce(t *testing.T) {
	t.Parallel()
	t.Run("callers", func(t *testing.T) {
		t.Parallel()
		p, atPosts, _ := posts(t, PostsConfig{AnswerAfter: Range{ms, ms}})
		b, stop := crowd(t, Config{Target: p.Addr().String(), Concurrent: 3, Pause: Range{ms, ms}})
		eventually(t, "three calls", func() bool { return b.now().Talking == 3 && atPosts.now().Talking == 3 })
		stop()
		if got := b.now(); got.HungUp != 3 || got.Talking != 0 {
			t.Errorf("callers: %+v", got)
		}
		eventually(t, "the BYEs at the posts", func() bool { return atPosts.now().Ended == 3 })
	})
	t.Run("posts", func(t *testing.T) {
		t.Parallel()
		p, atPosts, stop := posts(t, PostsConfig{AnswerAfter: Range{ms, ms}})
		b, _ := crowd(t, Config{Target: p.Addr().String(), Pause: Range{ms, ms}})
		eventually(t, "a call", func() bool { return b.now().Talking == 1 && atPosts.now().Talking == 1 })
		stop()
		eventually(t, "the BYE at the caller", func() bool { return b.now().Ended == 1 })
	})
	t.Run("callers whom nobody answers", func(t *testing.T) {
		t.Parallel()
		deaf, err := net.ListenPacket("udp4", anyPort)
		if err != nil {
			t.Fatal(err)
		}
		defer deaf.Close()
		b, stop := crowd(t, Config{Target: deaf.LocalAddr().String(), Concurrent: 2, Pause: Range{ms, ms}})
		eventually(t, "two calls", func() bool { return b.now().Ringing == 2 })
		stop()
		if got := b.now(); got.Abandoned != 2 {
			t.Errorf("got %+v", got)
		}
	})
}

func TestAPostThatDoesNotExistRefuses(t *testing.T) {
	p, _, _ := posts(t, PostsConfig{Users: []string{"post-1"}, AnswerAfter: Range{ms, ms}})
	c, b := one(t, p.Addr().String())
	c.place(t.Context(), intent{number: "3900", from: "+33199001234"})
	if got := b.now(); got.Refused != 1 {
		t.Errorf("unknown user: got %+v", got)
	}
	c.place(t.Context(), intent{number: "post-1", from: "+33199001234", patience: ms})
	if got := b.now(); got.HungUp != 1 {
		t.Errorf("known user: got %+v", got)
	}
}

func TestAPostEndsACallThatLastsTooLong(t *testing.T) {
	p, _, _ := posts(t, PostsConfig{AnswerAfter: Range{ms, ms}, MaxTalk: 50 * ms})
	c, b := one(t, p.Addr().String())
	c.place(t.Context(), intent{number: "3900", from: "+33199001234", patience: time.Hour})
	if got := b.now(); got.Ended != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestAPostIsHeldAndResumed(t *testing.T) {
	t.Parallel()
	p, _, _ := posts(t, PostsConfig{AnswerAfter: Range{ms, ms}})
	c, _ := one(t, p.Addr().String())
	v, err := openVoice(c.end.at.Addr(), nil, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	defer v.close()
	d, err := c.ring(t.Context(), intent{number: "3900", from: "+33199001234"}, v)
	if err != nil {
		t.Fatal(err)
	}
	defer over(d.Bye)
	if err := errors.Join(d.Ack(t.Context()), v.accept(d.InviteResponse.Body())); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		ours sdp.Direction
		want string
	}{{sdp.SendOnly, "recvonly"}, {sdp.SendRecv, "sendrecv"}, {sdp.Inactive, "inactive"}} {
		caps := v.described()
		caps.Dir = step.ours
		res := reinvite(t, d, []byte(sdp.Offer(caps).String()))
		if res.StatusCode != 200 || !strings.Contains(string(res.Body()), "a="+step.want) {
			t.Errorf("%v: got %d, body\n%s", step.ours, res.StatusCode, res.Body())
		}
	}
	if res := reinvite(t, d, []byte("nonsense")); res.StatusCode != 400 {
		t.Errorf("nonsense: got %d, want 400", res.StatusCode)
	}
	if res := reinvite(t, d, nil); res.StatusCode != 200 || len(res.Body()) == 0 {
		t.Errorf("without an offer: got %d, want 200 with theirs", res.StatusCode)
	}
}

func reinvite(t *testing.T, d *sipgo.DialogClientSession, body []byte) *sip.Response {
	t.Helper()
	req := sip.NewRequest(sip.INVITE, d.InviteResponse.Contact().Address)
	req.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	req.SetBody(body)
	res, err := d.Do(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestAnAnswerThatCrossesTheCancelIsEndedByBye(t *testing.T) {
	t.Parallel()
	peer, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	c, b := one(t, peer.LocalAddr().String())
	done := make(chan error, 1)
	go func() {
		c.place(context.Background(), intent{number: "3900", from: "+33199001234", early: 50 * ms})
		done <- nil
	}()
	var invite *sip.Request
	var saw []string
	buf := make([]byte, 4096)
	for !strings.HasSuffix(strings.Join(saw, " "), "BYE") {
		if err := peer.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, from, err := peer.ReadFromUDPAddrPort(buf)
		if err != nil {
			t.Fatalf("after %v: %v", saw, err)
		}
		msg, err := sip.ParseMessage(append([]byte(nil), buf[:n]...))
		if err != nil {
			t.Fatal(err)
		}
		req := msg.(*sip.Request)
		if len(saw) == 0 || saw[len(saw)-1] != string(req.Method) {
			saw = append(saw, string(req.Method))
		}
		say := func(to *sip.Request, status int) {
			res := sip.NewResponseFromRequest(to, status, "Said", nil)
			res.To().Params.Add("tag", "peer")
			if _, err := peer.WriteToUDPAddrPort([]byte(res.String()), from); err != nil {
				t.Error(err)
			}
		}
		switch req.Method {
		case sip.INVITE:
			invite = req
			say(req, 180)
		case sip.CANCEL:
			say(req, 200)
			say(invite, 200)
		case sip.BYE:
			say(req, 200)
		}
	}
	ended(t, "the call", done)
	if got := strings.Join(saw, " "); got != "INVITE CANCEL ACK BYE" {
		t.Errorf("got %s", got)
	}
	if got := b.now(); got.Abandoned != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestOnlyLoopbackIsCalled(t *testing.T) {
	for name, conf := range map[string]Config{
		"target elsewhere":   {Target: "192.0.2.1:5060", Numbers: []string{"3900"}},
		"target by name":     {Target: "localhost:5060", Numbers: []string{"3900"}},
		"own address":        {Target: "127.0.0.1:5060", From: "0.0.0.0:0", Numbers: []string{"3900"}},
		"no number":          {Target: "127.0.0.1:5060"},
		"a number with more": {Target: "127.0.0.1:5060", Numbers: []string{"3900@192.0.2.1"}},
		"too many":           {Target: "127.0.0.1:5060", Numbers: []string{"3900"}, Concurrent: maxConcurrent + 1},
	} {
		if err := Run(t.Context(), conf); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := NewPosts(PostsConfig{Listen: "0.0.0.0:0"}); err == nil {
		t.Error("posts everywhere: no error")
	}
}

func TestNumbersAreThoseOfFiction(t *testing.T) {
	d := rand.New(rand.NewPCG(1, 2))
	form := regexp.MustCompile(`^\+33(19900|26191|35301|46571|53649|63998)\d{4}$`)
	for range 1000 {
		if n := number(d); !form.MatchString(n) {
			t.Fatalf("got %s", n)
		}
	}
}

func TestTheSameSeedGivesTheSameCallers(t *testing.T) {
	c, _ := one(t, "127.0.0.1:9")
	draw := func(seed uint64) intent { return c.plan(rand.New(rand.NewPCG(seed, 0))) }
	a, b, other := draw(1), draw(1), draw(2)
	if a.from != b.from || a.patience != b.patience || a.from == other.from && a.patience == other.patience {
		t.Errorf("got %+v, %+v and %+v", a, b, other)
	}
	early := 0
	d := rand.New(rand.NewPCG(3, 3))
	for range 1000 {
		i := c.plan(d)
		if i.early > 0 {
			early++
		}
		if i.patience < 40*time.Second || i.patience > 240*time.Second || i.talk < 30*time.Second || i.talk > 90*time.Second {
			t.Fatalf("got %+v", i)
		}
	}
	if early < 70 || early > 130 {
		t.Errorf("%d of 1000 hang up early, want about 100", early)
	}
}
