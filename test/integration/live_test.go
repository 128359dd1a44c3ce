// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/view"
)

// screen is a live channel as an app keeps one: what came, and how it ended.
type screen struct {
	gone chan struct{} // closed when it has ended
	stop func()        // ends it

	mu      sync.Mutex            // guards what follows
	all     []byte                // every frame, a line each
	journal string                // "ok" or "down", of the last board
	agents  map[string]view.Agent // by name
	code    websocket.StatusCode
}

// watch opens the live channel of an app; it ends with the test.
func (p *person) watch(t testing.TB, app string) *screen {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	url := "wss" + strings.TrimPrefix(p.i.base, "https") + "/api/live?app=" + app
	ws, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPClient: p.http}) //nolint:bodyclose // the library's to close
	if err != nil {
		stop()
		t.Fatalf("live channel of %s: %v", p.login, err)
	}
	ws.SetReadLimit(16 << 20)
	s := &screen{gone: make(chan struct{}), agents: map[string]view.Agent{}}
	s.stop = func() { stop(); <-s.gone }
	go s.follow(ctx, ws)
	t.Cleanup(s.stop)
	return s
}

func (s *screen) follow(ctx context.Context, ws *websocket.Conn) {
	defer close(s.gone)
	for {
		_, text, err := ws.Read(ctx)
		if err != nil {
			s.mu.Lock()
			s.code = websocket.CloseStatus(err)
			s.mu.Unlock()
			return
		}
		var frame struct {
			Snapshot struct{ Agents []view.Agent }
			Agent    *view.Agent
			Board    []view.Queue
			Journal  string
		}
		s.mu.Lock()
		s.all = append(append(s.all, text...), '\n')
		if json.Unmarshal(text, &frame) == nil && frame.Board != nil {
			s.journal = frame.Journal
		}
		if frame.Agent != nil {
			frame.Snapshot.Agents = append(frame.Snapshot.Agents, *frame.Agent)
		}
		for _, a := range frame.Snapshot.Agents {
			s.agents[a.Name] = a
		}
		s.mu.Unlock()
	}
}

// says waits until a board comes that says so of the journal.
func (s *screen) says(t testing.TB, journal string) {
	t.Helper()
	until(t, "the board says that the journal is "+journal, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.journal == journal
	})
}

// shows waits until the room shows an agent in a state.
func (s *screen) shows(t testing.TB, login string, state rivage.AgentState) {
	t.Helper()
	until(t, login+" is "+string(state), func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.agents["Personne "+login].State == state
	})
}

// closed waits until the server closed the channel, and gives its code.
func (s *screen) closed(t testing.TB) websocket.StatusCode {
	t.Helper()
	until(t, "the live channel closes", func() bool {
		select {
		case <-s.gone:
			return true
		default:
			return false
		}
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.code
}
