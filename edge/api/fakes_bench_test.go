// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/engine/view"
)

// bench is a whole server over fakes, on loopback.
type bench struct {
	*httptest.Server
	s      *Server
	clock  *fakeClock
	store  *fakeStore
	floor  *fakeFloor
	access *fakeAccess
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{clock: &fakeClock{}, floor: &fakeFloor{said: make(chan floor.Command, 100)}, access: newAccess()}
	b.store = newStore(t, b.clock)
	v := view.New(view.Config{
		Clock: b.clock, NewID: rivage.NewID, Zone: time.UTC, Settings: func() *rivage.Settings { return &b.store.settings }, Rows: b.store, Log: b.store,
		Opener: b.store, Finder: b.store, Journal: b.store, Gate: func() *policy.Gate { return b.store.gate }, Recordings: b.store,
		Decide: func(context.Context, rivage.Seq) (view.Redecided, error) { return view.Redecided{}, nil },
		Outside: view.Outside{
			Sessions: func(context.Context) ([]access.Open, error) { return nil, nil },
			Door:     func(context.Context, rivage.Micros) ([]rivage.Stored, bool, error) { return nil, true, nil },
			OddHour:  func(context.Context, rivage.ID) (bool, error) { return false, nil },
			Ties:     func(context.Context) ([]access.Tie, error) { return nil, nil },
			Apart:    func(context.Context, rivage.ID, rivage.ID) error { return nil },
			Last:     func() map[string]time.Time { return nil },
		},
		Replay: func(context.Context, rivage.Seq) (view.Replayed, error) { return view.Replayed{}, nil },
		Down:   b.store.down.Load, Certificate: func() time.Time { return certificateEnds }, // soon: every board says so
		Missing: func(rivage.ID) []string { return nil }, Unread: func(string) bool { return false },
	})
	var err error
	b.s, err = New(Config{
		Clock: b.clock, Log: slog.New(slog.NewTextHandler(testWriter{t}, nil)), Floor: b.floor, Voice: fakeVoice{}, Feed: b.store, Access: b.access,
		Settings: fakeSettings{}, Ledger: fakeLedger{}, View: v, Apps: appFiles(), Organisation: "Ponant",
		Demo: []Number{{Number: "+33970000001", Name: "Suivi", PrincipalName: "Messagerie"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	b.store.settings.Accounts = b.access.accounts
	b.Server = httptest.NewServer(b.s.Handler())
	t.Cleanup(b.Close)
	b.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return b
}

// testWriter sends a logger's lines to the test.
type testWriter struct{ t testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Helper()
	w.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

// ask sends a request as somebody ("" is nobody) and gives the answer with its body.
func (b *bench) ask(t testing.TB, as, method, path, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, b.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if as != "" {
		r.AddCookie(&http.Cookie{Name: plainCookie, Value: as})
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(text)
}
