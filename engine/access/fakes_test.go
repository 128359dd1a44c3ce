// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rivage.example/rivage"
)

type fakeClock struct {
	mu    sync.Mutex
	now   time.Duration
	shift time.Duration // of the wall clock
}

var origin = time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC)

func (c *fakeClock) Elapsed() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return origin.Add(c.now + c.shift)
}

// step sets the wall clock forward or back.
func (c *fakeClock) step(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shift += d
}

func (c *fakeClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now += d
}

var errDown = errors.New("down")

// world is everything a Control stands on, in memory.
type world struct {
	mu       sync.Mutex
	secrets  map[string]string
	sessions map[string]row
	entries  []rivage.Entry
	down     bool // journal and sessions refuse to be written
	onRead   func()
	settings *rivage.Settings
	clock    *fakeClock
	by       rivage.ID // who registered the last workstation
}

type row struct {
	account rivage.ID
	expires rivage.Micros
	doc     []byte
}

func notFound() error { return &rivage.Error{Code: rivage.NotFound, Message: "none"} }

func (w *world) AccountByLogin(_ context.Context, login string) (rivage.ID, error) {
	if id, ok := strings.CutSuffix(login, "@ponant.example"); ok && w.settings.Accounts[rivage.ID(id)] != nil {
		return rivage.ID(id), nil
	}
	return "", notFound()
}

func (w *world) Names(_ context.Context, id rivage.ID) (string, string, error) {
	return "Name of " + string(id), string(id) + "@ponant.example", nil
}

func (w *world) Secret(_ context.Context, name string) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if v, ok := w.secrets[name]; ok {
		return []byte(v), nil
	}
	return nil, notFound()
}

func (w *world) PutSecret(_ context.Context, name string, value []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.secrets[name] = string(value)
	return nil
}

func (w *world) DeleteSecret(_ context.Context, name string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.secrets, name)
	return nil
}

func (w *world) Session(_ context.Context, id string) ([]byte, error) {
	w.mu.Lock()
	r, ok := w.sessions[id]
	f := w.onRead
	w.mu.Unlock()
	if f != nil {
		f()
	}
	if !ok {
		return nil, notFound()
	}
	return r.doc, nil
}

func (w *world) SessionsOf(_ context.Context, account rivage.ID) ([][]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var docs [][]byte
	for _, r := range w.sessions {
		if account == "" || r.account == account {
			docs = append(docs, r.doc)
		}
	}
	return docs, nil
}

func (w *world) PutSession(_ context.Context, id string, account rivage.ID, expires rivage.Micros, doc []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		return errDown
	}
	w.sessions[id] = row{account, expires, doc}
	return nil
}

func (w *world) DeleteSession(_ context.Context, id string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		return errDown
	}
	delete(w.sessions, id)
	return nil
}

func (w *world) Register(_ context.Context, by rivage.ID, s rivage.Workstation) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		return errDown
	}
	w.by = by
	w.settings.Workstations[s.ID] = &s
	return nil
}

func (w *world) Append(_ context.Context, a rivage.Append) (rivage.Receipt, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		return rivage.Receipt{}, errDown
	}
	w.entries = append(w.entries, a.Entries...)
	return rivage.Receipt{}, nil
}

func (w *world) fail(down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = down
}

// facts are those of the entries of one type, in order.
func facts[F rivage.Facts](w *world) []F {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []F
	for _, e := range w.entries {
		if f, ok := e.Facts.(F); ok {
			list = append(list, f)
		}
	}
	return list
}

var (
	brest  = Origin{Remote: netip.MustParseAddr("10.29.0.7")}
	home   = Origin{Remote: netip.MustParseAddr("203.0.113.9")}
	cheap  = Cost{Memory: 8, Time: 1, Threads: 1}
	scopes = []rivage.ID{"*"}
)

const goodPassword = "trois-bateaux-verts"

// newWorld has an agent, a supervisor and a DPO; none has a password yet.
func newWorld(t testing.TB) (*Control, *world) {
	t.Helper()
	account := func(id, role string) *rivage.Account {
		return &rivage.Account{ID: rivage.ID(id), Subject: rivage.ID("subject-of-" + id),
			Roles: []rivage.Role{{Name: role, Principals: scopes, Queues: scopes, Sites: scopes}}}
	}
	yann := account("yann", RoleAgent)
	yann.Agent = &rivage.Agent{ID: "yann", Site: "brest"}
	w := &world{
		secrets: make(map[string]string), sessions: make(map[string]row), clock: &fakeClock{},
		settings: &rivage.Settings{
			Sites: map[rivage.ID]*rivage.Site{"brest": {ID: "brest", Company: "ponant", Country: "FR",
				Networks: []netip.Prefix{netip.MustParsePrefix("10.29.0.0/16")}}},
			Accounts: map[rivage.ID]*rivage.Account{"yann": yann, "sam": account("sam", RoleSupervisor),
				"dina": account("dina", RoleDPO), "adele": account("adele", RoleAdministrator)},
			Workstations: map[rivage.ID]*rivage.Workstation{},
		},
	}
	c, err := New(Config{
		Clock: w.clock, Settings: func() *rivage.Settings { return w.settings }, Zone: zone, Accounts: w, Secrets: w,
		Sessions: w, Journal: w, Log: w, Registrar: w, Organisation: "Ponant & Cie", Cost: cheap,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c, w
}

func zone(c rivage.Country) rivage.Zone {
	if c == "FR" {
		return rivage.ZoneFR
	}
	return rivage.ZoneOther
}

// codeOf is the code of an account's seed now.
func codeOf(t *testing.T, w *world, s string) string {
	t.Helper()
	key, err := seedEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return codeAt(sha1New, key, w.clock.Now().Unix()/totpStep, totpDigits)
}

// enrol invites an account and takes the invitation up; it gives the session, its token, and the seed.
func enrol(t *testing.T, c *Control, w *world, account rivage.ID, withCode bool) (Session, string, string) {
	t.Helper()
	list, err := c.Invite(t.Context(), "dina", account)
	if err != nil {
		t.Fatal(err)
	}
	e, err := c.OpenInvitation(t.Context(), list[0].Token)
	if err != nil {
		t.Fatal(err)
	}
	code := ""
	if withCode {
		code = codeOf(t, w, e.Secret)
	}
	s, token, err := c.AcceptInvitation(t.Context(), list[0].Token, goodPassword, code, brest)
	if err != nil {
		t.Fatal(err)
	}
	return s, token, e.Secret
}

// wantRefusal says what a refusal should be, "" for none.
func wantRefusal(t *testing.T, what string, err error, want Refusal) {
	t.Helper()
	var got Refusal
	if err != nil && !errors.As(err, &got) || got != want {
		t.Errorf("%s: %v, want refusal %q", what, err, want)
	}
}

func ended(s Session) bool {
	select {
	case <-s.Ended:
		return true
	default:
		return false
	}
}

func login(account string) string { return account + "@ponant.example" }

func reasons(list []*rivage.SignedOut) []string {
	var r []string
	for _, x := range list {
		r = append(r, x.Reason)
	}
	slices.Sort(r)
	return r
}
