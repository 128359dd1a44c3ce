// SPDX-License-Identifier: EUPL-1.2

package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/api"
	"rivage.example/rivage/engine/view"
)

// quick is the pace of these tests.
var quick = pace{
	beat: 5 * time.Millisecond, silence: 10 * time.Second, first: time.Millisecond, most: 4 * time.Millisecond,
	again: time.Millisecond,
}

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

// server speaks the server's side: sessions, and live channels that the test drives.
type server struct {
	*httptest.Server
	channels chan *channel
	beats    chan struct{} // one for each heartbeat, as far as there is room

	mu       sync.Mutex // guards what follows
	sessions map[string]bool
	password string
	signIns  int
	from     netip.Addr // of the last sign-in
	busy     int        // live channels to refuse with 503
}

// channel is the server's end of a live channel.
type channel struct {
	t        *testing.T
	ws       *websocket.Conn
	commands chan api.LiveCommand // all but heartbeats
	gone     chan struct{}
}

func serve(t *testing.T) *server {
	s := &server{
		channels: make(chan *channel, 16), beats: make(chan struct{}, 16), sessions: map[string]bool{}, password: "correct",
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/session", s.signIn)
	mux.HandleFunc("GET /api/live", func(w http.ResponseWriter, r *http.Request) { s.live(t, w, r) })
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(api.Problem{Status: status, Code: code, Detail: "Non."})
}

func (s *server) signIn(w http.ResponseWriter, r *http.Request) {
	var in struct{ Login, Password, TOTP string }
	err := json.NewDecoder(r.Body).Decode(&in)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.signIns++
	if err != nil || in.Login != "koffi" || in.Password != s.password || in.TOTP != "123456" {
		refuse(w, http.StatusUnauthorized, "bad_credentials")
		return
	}
	if p, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		s.from = p.Addr()
	}
	token := "token" + strconv.Itoa(s.signIns)
	s.sessions[token] = true
	http.SetCookie(w, &http.Cookie{Name: "rivage", Value: token, Path: "/", HttpOnly: true})
	_ = json.NewEncoder(w).Encode(api.Me{Account: "koffi", Name: "Koffi A."})
}

func (s *server) live(t *testing.T, w http.ResponseWriter, r *http.Request) {
	cookie, err := r.Cookie("rivage")
	s.mu.Lock()
	known := err == nil && s.sessions[cookie.Value]
	busy := s.busy > 0
	s.busy = max(0, s.busy-1)
	s.mu.Unlock()
	switch {
	case busy:
		refuse(w, http.StatusServiceUnavailable, "unavailable")
		return
	case !known:
		refuse(w, http.StatusUnauthorized, "signed_out")
		return
	}
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	c := &channel{t: t, ws: ws, commands: make(chan api.LiveCommand, 16), gone: make(chan struct{})}
	defer close(c.gone)
	s.channels <- c
	for {
		_, text, err := ws.Read(context.WithoutCancel(r.Context()))
		var cmd api.LiveCommand
		if err != nil || json.Unmarshal(text, &cmd) != nil {
			return
		}
		if cmd.Do != "heartbeat" {
			c.commands <- cmd
			continue
		}
		c.send(api.LiveAnswer{Re: cmd.ID})
		select {
		case s.beats <- struct{}{}:
		default:
		}
	}
}

// revoke ends every session.
func (s *server) revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.sessions)
}

func (s *server) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.signIns
}

// accept is the next live channel, with its first frame sent.
func (s *server) accept(t *testing.T, seq rivage.Seq, snapshot view.DeskSnapshot) *channel {
	t.Helper()
	c := take(t, s.channels)
	c.send(api.LiveFirst[view.DeskSnapshot]{Seq: seq, Snapshot: snapshot})
	return c
}

// send writes a frame; a client that has gone meanwhile is the test's to notice.
func (c *channel) send(v any) {
	text, err := json.Marshal(v)
	if err != nil {
		c.t.Error(err)
		return
	}
	_ = c.ws.Write(context.Background(), websocket.MessageText, text)
}

func (c *channel) event(from, seq rivage.Seq, e view.Event) {
	c.send(api.LiveFrame{Seq: seq, From: from, Event: e})
}

func (c *channel) answer(cmd api.LiveCommand, seq rivage.Seq) {
	c.send(api.LiveAnswer{Re: cmd.ID, Seq: &seq})
}

// take receives what must come.
func take[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func (s *server) config() Config {
	return Config{Base: s.URL, Login: "koffi", Password: "correct", TOTP: func() string { return "123456" }}
}

// desk is a desk that runs; over gives what Run returned.
func desk(t *testing.T, c Config) (d *Desk, over chan error, stop context.CancelFunc) {
	t.Helper()
	d, err := newDesk(c, quick)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	over = make(chan error, 1)
	go func() { over <- d.Run(ctx); close(over) }()
	t.Cleanup(func() {
		stop()
		for range over { // until it has ended
		}
	})
	return d, over, stop
}

// until waits for a snapshot.
func until(t *testing.T, d *Desk, what string, met func(Snapshot) bool) Snapshot {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	s, err := d.Until(ctx, met)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	return s
}

func agent(state rivage.AgentState, interaction rivage.ID) view.Agent {
	return view.Agent{ID: "koffi", State: state, Interaction: interaction, Device: "sip"}
}

func offered(id, offer rivage.ID) *view.Interaction {
	return &view.Interaction{ID: id, State: rivage.Offered, Offer: &view.Offer{ID: offer, Device: "sip"}}
}

func wrapUp(id rivage.ID) *view.Interaction {
	return &view.Interaction{
		ID: id, State: rivage.WrapUp, Dispositions: []view.Disposition{{Code: "traite"}, {Code: "autre"}},
	}
}
