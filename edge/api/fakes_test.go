// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/engine/view"
)

// fakeClock stands still until a test moves it.
type fakeClock struct {
	mu    sync.Mutex
	now   time.Duration
	shift time.Duration // of the wall clock
}

var epoch = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func (c *fakeClock) Elapsed() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return epoch.Add(c.now + c.shift)
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

// appFiles are the three apps, as small as they can be.
func appFiles() fs.FS {
	m := fstest.MapFS{}
	for _, app := range apps {
		m[app+"/index.html"] = &fstest.MapFile{Data: []byte("<!doctype html><title>" + app + "</title>")}
		m[app+"/assets/app-1a2b.js"] = &fstest.MapFile{Data: []byte("export {}")}
	}
	return m
}

// fakeStore is the shelf behind the interfaces: rows, log and feed of two Principals, in memory.
type fakeStore struct {
	clock    *fakeClock
	settings rivage.Settings
	gate     *policy.Gate
	figures  func(context.Context) error // what reading a board meets; nil is nothing
	down     atomic.Bool

	mu           sync.Mutex // guards what follows
	interactions map[rivage.ID]rivage.InteractionRow
	agents       map[rivage.ID]rivage.AgentRow
	entries      []rivage.Stored
	subs         map[chan struct{}]struct{}
}

func missing() error { return &rivage.Error{Code: rivage.NotFound, Message: "no such row"} }

func newStore(t testing.TB, clock *fakeClock) *fakeStore {
	t.Helper()
	rules := []policy.Rule{{
		ID: "france", Effect: policy.Allow, Reason: "en France", Basis: "contrat", Classes: []rivage.DataClass{"*"},
		Actions: []rivage.Action{"*"}, Modes: []rivage.Mode{"*"}, Zones: []rivage.Zone{rivage.ZoneFR},
		Evidence: []rivage.Evidence{"*"}, Purposes: []rivage.Purpose{"*"},
	}}
	var tables []*policy.Table
	s := &fakeStore{
		clock: clock, interactions: map[rivage.ID]rivage.InteractionRow{}, agents: map[rivage.ID]rivage.AgentRow{},
		subs: map[chan struct{}]struct{}{},
		settings: rivage.Settings{
			Principals: map[rivage.ID]*rivage.Principal{}, Queues: map[rivage.ID]*rivage.Queue{},
			Sites:  map[rivage.ID]*rivage.Site{"brest": {ID: "brest", Name: "Brest", Country: "FR"}},
			Agents: map[rivage.ID]*rivage.Agent{"ana": {ID: "ana", Site: "brest", Queues: []rivage.ID{"q-colis"}, Device: rivage.Device{Kind: "browser"}}},
		},
	}
	for i, of := range []rivage.ID{"colis", "mutuelle"} {
		table, err := policy.Compile(of, rules)
		if err != nil {
			t.Fatal(err)
		}
		tables = append(tables, table)
		s.settings.Principals[of] = &rivage.Principal{ID: of, Name: string(of)}
		s.settings.Queues["q-"+of] = &rivage.Queue{ID: "q-" + of, Principal: of, Name: string(of), Class: rivage.ClassCommon}
		s.interactions["i-"+of] = rivage.InteractionRow{
			ID: "i-" + of, Principal: of, Person: "p-" + of, Queue: "q-" + of, State: rivage.Queued, Caller: []byte("+3360000000" + string(rune('1'+i))),
			OpenedAt: rivage.At(epoch) + rivage.Micros(i),
		}
		s.append(rivage.StreamOf("interaction", "i-"+of), of, &rivage.InteractionOffered{Interaction: "i-" + of, Agent: "ana"})
	}
	s.gate = policy.NewGate(policy.Unbounded(), tables...)
	return s
}

// append adds an entry and tells who follows.
func (s *fakeStore) append(stream rivage.Stream, of rivage.ID, f rivage.Facts) rivage.Seq {
	s.mu.Lock()
	defer s.mu.Unlock()
	seq := rivage.Seq(len(s.entries))
	s.entries = append(s.entries, rivage.Stored{
		Seq: seq, Stream: stream, Version: int64(seq) + 1, Principal: of, At: rivage.At(epoch), Kind: f.Kind(), Facts: f,
	})
	for c := range s.subs {
		select {
		case c <- struct{}{}:
		default:
		}
	}
	return seq
}

// set changes an interaction's row.
func (s *fakeStore) set(id rivage.ID, change func(*rivage.InteractionRow)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	row := s.interactions[id]
	change(&row)
	s.interactions[id] = row
}

func (s *fakeStore) Append(_ context.Context, a rivage.Append) (rivage.Receipt, error) {
	var r rivage.Receipt
	for _, e := range a.Entries {
		r.Last = s.append(e.Stream, e.Principal, e.Facts)
	}
	return r, nil
}

func (s *fakeStore) Size() rivage.Seq {
	s.mu.Lock()
	defer s.mu.Unlock()
	return rivage.Seq(len(s.entries))
}

func (s *fakeStore) Subscribe() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subs[c] = struct{}{}
	return c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.subs, c)
	}
}

func (s *fakeStore) Reach(_ context.Context, seq rivage.Seq) error {
	if s.Size() > seq {
		return nil
	}
	return &rivage.Error{Code: rivage.Unavailable}
}

func (s *fakeStore) Entries(_ context.Context, from rivage.Seq, limit int) ([]rivage.Stored, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from = min(from, rivage.Seq(len(s.entries)))
	return append([]rivage.Stored(nil), s.entries[from:min(int(from)+limit, len(s.entries))]...), nil
}

func (s *fakeStore) Entry(_ context.Context, seq rivage.Seq) (rivage.Stored, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seq >= rivage.Seq(len(s.entries)) {
		return rivage.Stored{}, missing()
	}
	return s.entries[seq], nil
}

func (s *fakeStore) StreamEntries(context.Context, []rivage.ID, rivage.Stream, int64, int) ([]rivage.Stored, error) {
	return nil, nil
}

func (s *fakeStore) StreamVersion(context.Context, rivage.Stream) (int64, error) { return 0, nil }

func (s *fakeStore) Values(context.Context, []rivage.ID, rivage.ID) ([]rivage.ValueRow, error) {
	return nil, nil
}

func (s *fakeStore) Merged(context.Context, rivage.ID, rivage.ID) ([]rivage.ID, error) {
	return nil, missing()
}

func (s *fakeStore) Organisation(context.Context, []rivage.ID, rivage.ID) (rivage.OrganisationRow, error) {
	return rivage.OrganisationRow{}, missing()
}

func (s *fakeStore) Membership(context.Context, rivage.ID) (rivage.Membership, error) {
	return rivage.Membership{}, nil
}

func (s *fakeStore) FindOrganisation(context.Context, rivage.ID, string) (rivage.OrganisationRow, error) {
	return rivage.OrganisationRow{}, missing()
}

func (s *fakeStore) Interaction(_ context.Context, _ []rivage.ID, id rivage.ID) (rivage.InteractionRow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	row, ok := s.interactions[id]
	if !ok {
		return row, missing()
	}
	return row, nil
}

// another adds an interaction like the first one of a Principal.
func (s *fakeStore) another(of rivage.ID, n int) rivage.ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	row := s.interactions["i-"+of]
	row.ID = rivage.ID(fmt.Sprintf("i-%s-%d", of, n))
	s.interactions[row.ID] = row
	return row.ID
}

func (s *fakeStore) Interactions(_ context.Context, _ []rivage.ID, q view.Query) ([]rivage.InteractionRow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []rivage.InteractionRow
	for _, row := range s.interactions {
		if (q.State == "" || q.State == row.State) && (q.Page.Before == 0 || row.OpenedAt < q.Page.Before) {
			out = append(out, row)
		}
	}
	return out, nil
}

func (s *fakeStore) Callbacks(context.Context, []rivage.ID) ([]rivage.InteractionRow, error) {
	return nil, nil
}

func (s *fakeStore) Agents(context.Context) ([]rivage.AgentRow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []rivage.AgentRow
	for _, a := range s.agents {
		out = append(out, a)
	}
	return out, nil
}

func (s *fakeStore) Agent(_ context.Context, id rivage.ID) (rivage.AgentRow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a, ok := s.agents[id]; ok {
		return a, nil
	}
	return rivage.AgentRow{}, missing()
}

func (s *fakeStore) Unusuals(context.Context) ([]rivage.UnusualRow, error) {
	return []rivage.UnusualRow{{Account: "ana", What: rivage.UnusualHours, Site: "brest", Seq: 8}}, nil
}

func (s *fakeStore) Unusual(_ context.Context, account rivage.ID, what rivage.Unusual) (rivage.UnusualRow, error) {
	if account != "ana" || what != rivage.UnusualHours {
		return rivage.UnusualRow{}, missing()
	}
	return rivage.UnusualRow{Account: "ana", What: what, Site: "brest", Seq: 8}, nil
}

func (s *fakeStore) Contradictions(context.Context) ([]rivage.ContradictionRow, error) {
	return []rivage.ContradictionRow{{Account: "ana", Site: "brest", Seq: 7}}, nil
}

func (s *fakeStore) Contradiction(_ context.Context, account rivage.ID) (rivage.ContradictionRow, error) {
	if account != "ana" {
		return rivage.ContradictionRow{}, missing()
	}
	return rivage.ContradictionRow{Account: "ana", Site: "brest", Seq: 7}, nil
}

func (s *fakeStore) Objects(context.Context, []rivage.ID, rivage.ID) ([]rivage.ObjectRow, error) {
	return nil, nil
}

func (s *fakeStore) Object(_ context.Context, _ []rivage.ID, id rivage.ID) (rivage.ObjectRow, error) {
	kind, of, _ := strings.Cut(string(id), "-")
	state := map[string]string{"r": "complete", "old": "expired"}[kind]
	if state == "" {
		return rivage.ObjectRow{}, missing()
	}
	return rivage.ObjectRow{ID: id, Interaction: rivage.ID("i-" + of), State: state}, nil
}

func (s *fakeStore) Person(_ context.Context, _ []rivage.ID, id rivage.ID) (rivage.PersonRow, error) {
	of, ok := strings.CutPrefix(string(id), "p-")
	if !ok {
		return rivage.PersonRow{}, missing()
	}
	return rivage.PersonRow{ID: id, Principal: rivage.ID(of), Subjects: []rivage.ID{"s"}}, nil
}

func (s *fakeStore) Setting(context.Context, string, rivage.ID) (rivage.SettingRow, error) {
	return rivage.SettingRow{}, missing()
}

func (s *fakeStore) QueueFigures(ctx context.Context, _ []rivage.ID, _ rivage.Micros) ([]rivage.QueueFigures, error) {
	if s.figures != nil {
		return nil, s.figures(ctx)
	}
	return nil, nil
}

func (s *fakeStore) OpenCell(_ context.Context, _ rivage.ID, _ string, sealed []byte) ([]byte, error) {
	return sealed, nil
}

func (s *fakeStore) FindEver(ctx context.Context, principal rivage.ID, _ rivage.Phone) ([]rivage.PersonRow, bool, error) {
	return s.Find(ctx, principal, "")
}

func (s *fakeStore) Find(_ context.Context, principal rivage.ID, _ string, _ ...string) ([]rivage.PersonRow, bool, error) {
	return []rivage.PersonRow{{ID: "p-" + principal, Principal: principal}}, false, nil
}

func (s *fakeStore) Open(context.Context, rivage.ObjectRow, policy.Grant) (io.ReadCloser, int64, error) {
	return io.NopCloser(strings.NewReader("RIFF")), 4, nil
}

// fakeFloor notes commands and answers them with the sequence of an entry of its own.
type fakeFloor struct {
	mu    sync.Mutex
	got   []floor.Command
	err   error
	entry func(floor.Command) rivage.Seq
	said  chan floor.Command // every command, for tests that wait
}

func (f *fakeFloor) Do(_ context.Context, _ string, c floor.Command) (rivage.Seq, error) {
	f.mu.Lock()
	f.got = append(f.got, c)
	err := f.err
	f.mu.Unlock()
	select {
	case f.said <- c:
	default:
	}
	if err != nil || f.entry == nil {
		return 0, err
	}
	return f.entry(c), nil
}

func (f *fakeFloor) Post(c floor.Command) { _, _ = f.Do(context.Background(), "", c) }

func (f *fakeFloor) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func count[C floor.Command](f *fakeFloor) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, c := range f.got {
		if _, ok := c.(C); ok {
			n++
		}
	}
	return n
}

type fakeVoice struct{}

func (fakeVoice) BrowserLeg(context.Context, rivage.ID, string) (string, error) {
	return "v=0 answer", nil
}

func (fakeVoice) BrowserCaller(context.Context, string, string) (rivage.ID, string, error) {
	return "leg-of-the-demo-caller", "v=0 answer", nil
}

func (fakeVoice) HangUpBrowser(rivage.ID) {}

// fakeSettings holds one thing of each type for the organisation, and one queue, prompt and rule set for each Principal.
type fakeSettings struct{}

func (fakeSettings) Items(_ context.Context, kind string) ([]Item, error) {
	doc := json.RawMessage(`{}`)
	switch kind {
	case rivage.TypePrincipal:
		return []Item{{ID: "colis", Of: rivage.Organisation, Version: 1, Doc: doc}, {ID: "mutuelle", Of: rivage.Organisation, Version: 1, Doc: doc}}, nil
	case rivage.TypeQueue, rivage.TypePrompt, rivage.TypeRules:
		return []Item{{ID: "colis", Of: "colis", Version: 1, Doc: doc}, {ID: "mutuelle", Of: "mutuelle", Version: 3, Doc: doc}}, nil
	}
	return []Item{{ID: "organisation-" + rivage.ID(kind), Of: rivage.Organisation, Version: 1, Doc: doc}}, nil
}

func (fakeSettings) Put(_ context.Context, _ access.Session, _ string, id rivage.ID, version int64, doc json.RawMessage) (Item, error) {
	return Item{ID: id, Version: version + 1, Doc: doc}, nil
}

func (fakeSettings) Try(context.Context, string, rivage.ID, json.RawMessage, int) (Trial, error) {
	return Trial{Changes: []TrialChange{}, Refused: []TrialRefused{}}, nil
}

func (fakeSettings) Remove(context.Context, access.Session, string, rivage.ID, int64) error {
	return nil
}

func (fakeSettings) PromptAudio(context.Context, rivage.ID) ([]byte, error) {
	return []byte("RIFF"), nil
}

func (fakeSettings) SetPromptAudio(_ context.Context, _ access.Session, id rivage.ID, _ []byte) (Item, error) {
	return Item{ID: id, Version: 2}, nil
}

func (fakeSettings) Synthesise(context.Context, access.Session, rivage.ID) (Item, error) {
	return Item{}, &rivage.Error{Code: rivage.Unavailable, Message: "no synthesis is installed"}
}

func (fakeSettings) OpenSupport(_ context.Context, _ access.Session, id rivage.ID, terms rivage.Support) error {
	switch {
	case id != "sofia":
		return missing()
	case terms.Country != "FR":
		return &rivage.Error{Code: rivage.Denied, Decision: &rivage.Decision{Rule: "profil:souverain", Reason: "Profil souverain"}}
	}
	return nil
}

func (fakeSettings) ConfirmSupport(_ context.Context, by access.Session, _ rivage.ID, _ rivage.Support) error {
	if by.Account == "admin" {
		return &rivage.Error{Code: rivage.Denied, Message: "a second person"}
	}
	return nil
}

func (fakeSettings) CloseSupport(context.Context, access.Session, rivage.ID) error { return nil }

type fakeLedger struct{}

func (fakeLedger) State(context.Context) (JournalState, error) { return JournalState{Size: 2}, nil }

func (fakeLedger) Public(name string) ([]byte, error) {
	if name != "checkpoint" && name != "tile/0/000" {
		return nil, missing()
	}
	return []byte("rivage.example\n2\n"), nil
}

var certificateEnds = time.Date(2026, 12, 24, 12, 0, 0, 0, time.UTC)
