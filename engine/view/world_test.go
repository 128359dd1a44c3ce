// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/policy"
)

// world is a floor of two Principals that share one agent, in memory. Its reads ignore the list of Principals on
// purpose: what they give, view itself must filter.
type world struct {
	settings     rivage.Settings
	gate         *policy.Gate
	now          time.Time
	interactions []rivage.InteractionRow
	agents       []rivage.AgentRow
	objects      []rivage.ObjectRow
	persons      []rivage.PersonRow
	figures      []rivage.QueueFigures
	entries      []rivage.Stored
	contradicted []rivage.ContradictionRow
	cells        map[string]string               // sealed bytes → clear
	values       map[rivage.ID][]rivage.ValueRow // by person
	found        map[string][]rivage.ID          // persons by kind and value of an index
	more         bool                            // there are others than are found
	companies    []rivage.OrganisationRow
	moved        []rivage.ID // subjects of the merge that is asked about
	conflicts    int         // appends that find something moved

	appended []rivage.Append
	down     bool                   // the journal takes nothing
	missing  map[rivage.ID][]string // of sites that are not ready
	unread   map[string]bool        // sounds that could not be had

	certificate time.Time // ends soon
	order       []string  // what was done: "append", "open caller", "play", "look"
	look        Look

	sessions []access.Open
	ties     []access.Tie
	odd      bool // nobody is usually at work now
	unusual  []rivage.UnusualRow
	door     []rivage.Stored
}

var day = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

func (w *world) Now() time.Time         { return w.now }
func (w *world) Elapsed() time.Duration { return w.now.Sub(day) }

func find[T any](list []T, is func(*T) bool) (T, error) {
	for i := range list {
		if is(&list[i]) {
			return list[i], nil
		}
	}
	var none T
	return none, &rivage.Error{Code: rivage.NotFound, Message: "no such row"}
}

func (w *world) Interaction(_ context.Context, _ []rivage.ID, id rivage.ID) (rivage.InteractionRow, error) {
	return find(w.interactions, func(r *rivage.InteractionRow) bool { return r.ID == id })
}

func (w *world) Interactions(_ context.Context, _ []rivage.ID, q Query) ([]rivage.InteractionRow, error) {
	var out []rivage.InteractionRow
	for _, r := range w.interactions {
		if (q.State == "" || q.State == r.State) && (q.Queue == "" || q.Queue == r.Queue) &&
			(q.Person == "" || q.Person == r.Person) && (q.Page.Before == 0 || r.OpenedAt < q.Page.Before) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b rivage.InteractionRow) int { return int(b.OpenedAt - a.OpenedAt) })
	return out[:min(len(out), q.Page.Limit)], nil
}

func (w *world) Callbacks(context.Context, []rivage.ID) ([]rivage.InteractionRow, error) {
	var out []rivage.InteractionRow
	for _, r := range w.interactions {
		if r.State == rivage.CallbackOwed {
			out = append(out, r)
		}
	}
	return out, nil
}

func (w *world) Agents(context.Context) ([]rivage.AgentRow, error) { return w.agents, nil }

func (w *world) Agent(_ context.Context, id rivage.ID) (rivage.AgentRow, error) {
	return find(w.agents, func(r *rivage.AgentRow) bool { return r.Agent == id })
}

func (w *world) Contradictions(context.Context) ([]rivage.ContradictionRow, error) {
	return slices.DeleteFunc(slices.Clone(w.contradicted), func(r rivage.ContradictionRow) bool { return r.SeenAt != 0 }), nil
}

func (w *world) Contradiction(_ context.Context, account rivage.ID) (rivage.ContradictionRow, error) {
	return find(w.contradicted, func(r *rivage.ContradictionRow) bool { return r.Account == account })
}

func (w *world) Unusuals(context.Context) ([]rivage.UnusualRow, error) {
	return slices.DeleteFunc(slices.Clone(w.unusual), func(r rivage.UnusualRow) bool { return r.SeenAt != 0 }), nil
}

func (w *world) Unusual(_ context.Context, account rivage.ID, what rivage.Unusual) (rivage.UnusualRow, error) {
	return find(w.unusual, func(r *rivage.UnusualRow) bool { return r.Account == account && r.What == what })
}

func (w *world) Objects(_ context.Context, _ []rivage.ID, interaction rivage.ID) ([]rivage.ObjectRow, error) {
	return slices.DeleteFunc(slices.Clone(w.objects), func(o rivage.ObjectRow) bool { return o.Interaction != interaction }), nil
}

func (w *world) Object(_ context.Context, _ []rivage.ID, id rivage.ID) (rivage.ObjectRow, error) {
	return find(w.objects, func(r *rivage.ObjectRow) bool { return r.ID == id })
}

func (w *world) Person(_ context.Context, _ []rivage.ID, id rivage.ID) (rivage.PersonRow, error) {
	return find(w.persons, func(r *rivage.PersonRow) bool { return r.ID == id })
}

func (w *world) Setting(_ context.Context, _ string, id rivage.ID) (rivage.SettingRow, error) {
	if w.settings.Accounts[id] == nil {
		return rivage.SettingRow{}, &rivage.Error{Code: rivage.NotFound}
	}
	return rivage.SettingRow{ID: id, Subject: "s-" + id, Name: w.seal("Nom de " + string(id))}, nil
}

func (w *world) QueueFigures(context.Context, []rivage.ID, rivage.Micros) ([]rivage.QueueFigures, error) {
	return w.figures, nil
}

func (w *world) Entry(_ context.Context, seq rivage.Seq) (rivage.Stored, error) {
	return find(w.entries, func(e *rivage.Stored) bool { return e.Seq == seq })
}

func (w *world) StreamEntries(_ context.Context, _ []rivage.ID, s rivage.Stream, after int64, _ int) ([]rivage.Stored, error) {
	var out []rivage.Stored
	for _, e := range w.entries {
		if e.Stream == s && e.Version > after {
			out = append(out, e)
		}
	}
	return out, nil
}

func (w *world) StreamVersion(context.Context, rivage.Stream) (int64, error) { return 7, nil }

func (w *world) Values(_ context.Context, _ []rivage.ID, id rivage.ID) ([]rivage.ValueRow, error) {
	return w.values[id], nil
}

func (w *world) Merged(context.Context, rivage.ID, rivage.ID) ([]rivage.ID, error) {
	return w.moved, nil
}

func (w *world) Organisation(_ context.Context, _ []rivage.ID, id rivage.ID) (rivage.OrganisationRow, error) {
	return find(w.companies, func(r *rivage.OrganisationRow) bool { return r.ID == id })
}

func (w *world) Membership(_ context.Context, person rivage.ID) (m rivage.Membership, err error) {
	members := map[rivage.ID]int{}
	var own rivage.ID
	for _, p := range w.persons {
		members[p.Organisation]++
		if p.ID == person {
			own = p.Organisation
		}
	}
	for _, o := range w.companies {
		if o.ID == own && members[own] == 1 {
			m.Sole, m.Own = append(m.Sole, o), own
		}
	}
	return m, nil
}

func (w *world) FindOrganisation(_ context.Context, _ rivage.ID, siren string) (rivage.OrganisationRow, error) {
	return find(w.companies, func(r *rivage.OrganisationRow) bool { return w.cells[string(r.SIREN)] == siren })
}

func (w *world) Find(_ context.Context, _ rivage.ID, kind string, values ...string) ([]rivage.PersonRow, bool, error) {
	w.order = append(w.order, "find "+kind)
	found := slices.Clone(w.persons) // of both Principals, whoever asks
	for _, value := range values {
		ids, ok := w.found[kind+" "+value]
		found = slices.DeleteFunc(found, func(p rivage.PersonRow) bool {
			return ok && !slices.Contains(ids, p.ID) || !ok && value != callerNumber
		})
	}
	return found, w.more, nil
}

func (w *world) FindEver(ctx context.Context, principal rivage.ID, tel rivage.Phone) ([]rivage.PersonRow, bool, error) {
	if ids, ok := w.found["ever "+string(tel)]; ok {
		return slices.DeleteFunc(slices.Clone(w.persons), func(p rivage.PersonRow) bool { return !slices.Contains(ids, p.ID) }), w.more, nil
	}
	return w.Find(ctx, principal, "tel", string(tel))
}

func (w *world) Append(_ context.Context, a rivage.Append) (rivage.Receipt, error) {
	if w.down {
		return rivage.Receipt{}, errors.New("disk full")
	}
	if w.conflicts > 0 && len(a.Expect) > 0 {
		w.conflicts--
		return rivage.Receipt{}, &rivage.Error{Code: rivage.Conflict, Message: "stream moved"}
	}
	w.appended = append(w.appended, a)
	w.order = append(w.order, "append")
	return rivage.Receipt{}, nil
}

func (w *world) seal(clear string) []byte {
	sealed := []byte{byte(len(w.cells))}
	for k, v := range w.cells {
		if v == clear {
			return []byte(k)
		}
	}
	w.cells[string(sealed)] = clear
	return sealed
}

func (w *world) OpenCell(_ context.Context, _ rivage.ID, name string, sealed []byte) ([]byte, error) {
	clear, ok := w.cells[string(sealed)]
	if !ok {
		return nil, &rivage.Error{Code: rivage.NotFound, Message: "erased"}
	}
	if name != "name" {
		w.order = append(w.order, "open "+name)
	}
	return []byte(clear), nil
}

func (w *world) Open(_ context.Context, o rivage.ObjectRow, g policy.Grant) (io.ReadCloser, int64, error) {
	if err := g.Check(rivage.ActPlayback, o.ID, w.now); err != nil {
		return nil, 0, err
	}
	w.order = append(w.order, "play")
	return io.NopCloser(bytes.NewReader([]byte("RIFF"))), 4, nil
}

const callerNumber = "+33600000001"

// allow is a rule that allows what a reader asks, from some zones.
func allow(id string, zones ...rivage.Zone) policy.Rule {
	return policy.Rule{
		ID: id, Effect: policy.Allow, Reason: "permis par " + id, Basis: "contrat",
		Classes: []rivage.DataClass{"*"}, Actions: []rivage.Action{"*"}, Modes: []rivage.Mode{"*"}, Zones: zones,
		Evidence: []rivage.Evidence{"*"}, Purposes: []rivage.Purpose{"*"},
	}
}

// newWorld is two Principals, "colis" and "mutuelle", with the agent Ana of both, one interaction of each in every
// state that matters, and the same caller's number.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{now: day, cells: map[string]string{}}
	colis, err := policy.Compile("colis", []policy.Rule{allow("regle-colis", rivage.ZoneFR)})
	if err != nil {
		t.Fatal(err)
	}
	mutuelle, err := policy.Compile("mutuelle", []policy.Rule{allow("regle-mutuelle", rivage.ZoneFR)})
	if err != nil {
		t.Fatal(err)
	}
	w.gate = policy.NewGate(policy.Unbounded(), colis, mutuelle)
	rec := &rivage.Recording{Purpose: rivage.PurposeQuality, RetentionDays: 30, Notice: "avis"}
	w.settings = rivage.Settings{
		Principals: map[rivage.ID]*rivage.Principal{"colis": {ID: "colis", Name: "Messagerie"}, "mutuelle": {ID: "mutuelle", Name: "Mutuelle"}},
		Companies:  map[rivage.ID]*rivage.Company{"ponant": {ID: "ponant", Name: "Ponant Contact"}},
		Sites: map[rivage.ID]*rivage.Site{
			"brest": {ID: "brest", Name: "Brest", Company: "ponant", Country: "FR"},
			"lome":  {ID: "lome", Name: "Lomé", Company: "ponant", Country: "TG"},
		},
		Queues: map[rivage.ID]*rivage.Queue{
			"suivi": {ID: "suivi", Principal: "colis", Name: "Suivi", Class: rivage.ClassCommon, Target: 20, Recording: rec,
				Dispositions: []rivage.Disposition{{Code: "livre", Label: "Livré"}}},
			"sante": {ID: "sante", Principal: "mutuelle", Name: "Remboursements", Class: rivage.ClassHealth, Target: 30, Recording: rec},
		},
		Agents: map[rivage.ID]*rivage.Agent{
			"ana": {ID: "ana", Site: "brest", Queues: []rivage.ID{"suivi", "sante"}, Device: rivage.Device{Kind: "browser"}},
			"bob": {ID: "bob", Site: "lome", Queues: []rivage.ID{"suivi"}, Device: rivage.Device{Kind: "browser"}},
			"mia": {ID: "mia", Site: "brest", Queues: []rivage.ID{"sante"}, Device: rivage.Device{Kind: "browser"}},
		},
		Accounts: map[rivage.ID]*rivage.Account{"ana": {}, "bob": {}, "mia": {}},
		Prompts:  map[rivage.ID]*rivage.Prompt{"p-brest": {ID: "p-brest", Text: "Conseiller situé en France."}},
	}
	for _, x := range []struct{ of, queue, tag string }{{"colis", "suivi", "c"}, {"mutuelle", "sante", "m"}} {
		w.populate(rivage.ID(x.of), rivage.ID(x.queue), x.tag)
	}
	w.agents = []rivage.AgentRow{
		{Agent: "ana", State: rivage.AgentEngaged, Interaction: "i-m-talk", Place: brest()},
		{Agent: "bob", State: rivage.AgentReady, Place: rivage.Place{Site: "lome", Country: "TG", Evidence: rivage.Declared}},
		{Agent: "mia", State: rivage.AgentReady, Place: brest()},
	}
	return w
}

func brest() rivage.Place {
	return rivage.Place{Site: "brest", Company: "ponant", Country: "FR", Zone: rivage.ZoneFR, Evidence: rivage.Attested}
}

// populate adds the interactions of one Principal: waiting, talking with Ana, owed a callback, closed with a recording.
func (w *world) populate(of, queue rivage.ID, tag string) {
	person, subject := rivage.ID("p-"+tag), rivage.ID("s-"+tag)
	w.persons = append(w.persons, rivage.PersonRow{ID: person, Principal: of, CreatedAt: rivage.At(day), Subjects: []rivage.ID{subject}})
	w.figures = append(w.figures, rivage.QueueFigures{Queue: queue, Offered: 4, Answered: 2, AnsweredIn: 1, Waiting: 1})
	for i, state := range []rivage.InteractionState{rivage.Queued, rivage.Connected, rivage.CallbackOwed, rivage.Closed, rivage.Offered} {
		name := map[rivage.InteractionState]string{
			rivage.Queued: "wait", rivage.Connected: "talk", rivage.CallbackOwed: "owed", rivage.Closed: "done", rivage.Offered: "ring",
		}[state]
		row := rivage.InteractionRow{
			ID: rivage.ID("i-" + tag + "-" + name), Principal: of, Person: person, Subject: subject, Queue: queue, State: state,
			OpenedAt: rivage.At(day.Add(time.Duration(i) * time.Minute)), Caller: w.seal(callerNumber),
		}
		if state == rivage.Connected || state == rivage.Closed {
			row.Agent, row.Place, row.AnsweredAt, row.Sentence, row.ToldAt = "ana", brest(), rivage.At(day), "p-brest", rivage.At(day)
		}
		if state == rivage.Offered {
			row.Agent, row.Place, row.Offer, row.AgentLeg, row.Sentence = "ana", brest(), rivage.ID("o-"+tag), rivage.ID("l-"+tag), "p-brest"
		}
		if state == rivage.Closed {
			row.Note = w.seal("note de " + tag)
			w.objects = append(w.objects, rivage.ObjectRow{
				ID: rivage.ID("r-" + tag), Principal: of, Interaction: row.ID, State: "complete", StartedAt: rivage.At(day), RetentionDays: 30,
			})
		}
		w.interactions = append(w.interactions, row)
		w.log(&row, &rivage.InteractionOpened{Interaction: row.ID, Person: person, Subject: subject})
		w.log(&row, &rivage.InteractionOffered{
			Interaction: row.ID, Offer: rivage.ID("o-" + tag), Agent: "ana", Queue: queue, Place: brest(), Idle: 7_000_000, Candidates: 2,
			RunnersUp: []rivage.RunnerUp{{Agent: "mia", Idle: 3_000_000}},
			SetAside:  []rivage.Count{{Reason: "policy", Rule: "regle-" + string(of), Site: "lome", N: 1}},
		})
	}
}

// log appends an entry to an interaction's stream.
func (w *world) log(row *rivage.InteractionRow, f rivage.Facts) {
	stream := rivage.StreamOf("interaction", row.ID)
	version := int64(1)
	for _, e := range w.entries {
		if e.Stream == stream {
			version++
		}
	}
	leaf := rivage.Leaf{At: day.Unix(), Kind: f.Kind(), Role: "system", Rule: "regle-" + string(row.Principal), Rules: "abc"}
	w.entries = append(w.entries, rivage.Stored{
		Seq: rivage.Seq(len(w.entries)), Stream: stream, Version: version, Principal: row.Principal, At: rivage.At(day),
		Kind: f.Kind(), Facts: f, LeafText: leaf.Append(nil),
	})
}

func (w *world) view() *View {
	return New(Config{
		Clock: w, NewID: rivage.NewID, Zone: time.UTC, Settings: func() *rivage.Settings { return &w.settings }, Rows: w, Log: w, Opener: w, Finder: w,
		Journal: w, Gate: func() *policy.Gate { return w.gate }, Recordings: w, Down: func() bool { return w.down },
		Certificate: func() time.Time { return w.certificate }, Missing: func(site rivage.ID) []string { return w.missing[site] },
		Look: func(ctx context.Context, src *rivage.CardSource, key string) ([]CardValue, error) {
			return w.look(ctx, src, key)
		},
		Decide: func(_ context.Context, seq rivage.Seq) (Redecided, error) {
			e := w.entries[seq]
			return Redecided{
				Request:  policy.Request{Principal: e.Principal, Action: rivage.ActField, Place: brest(), Field: FieldCaller},
				Decision: rivage.Decision{Allowed: true, Rule: "regle-" + string(e.Principal), Rules: "abc"},
				InForce:  []InForce{{Type: rivage.TypeRules, ID: e.Principal, Version: 3, Seq: 2, At: rivage.At(day)}},
			}, nil
		},
		Outside: Outside{
			Sessions: func(context.Context) ([]access.Open, error) { return w.sessions, nil },
			Door: func(context.Context, rivage.Micros) ([]rivage.Stored, bool, error) {
				return w.door, len(w.door) < 100, nil
			},
			OddHour: func(context.Context, rivage.ID) (bool, error) { return w.odd, nil },
			Ties:    func(context.Context) ([]access.Tie, error) { return w.ties, nil },
			Apart: func(_ context.Context, a, b rivage.ID) error {
				for _, t := range w.ties {
					if t.Account == a && t.By == b || t.Account == b && t.By == a {
						return access.OnePerson
					}
				}
				return nil
			},
			Last: func() map[string]time.Time { return map[string]time.Time{"trunk:boucle": w.now} },
		},
		Unread: func(audio string) bool { return w.unread[audio] },
		Replay: func(context.Context, rivage.Seq) (Replayed, error) {
			return Replayed{Agent: "ana", All: []Stood{
				{Agent: "ana", Place: brest(), Eligible: true}, {Agent: "mia", Place: brest(), Reason: "queue"},
				{Agent: "bob", Reason: "policy", Rule: "regle-colis"},
			}}, nil
		},
	})
}

// as is a user with one role over some Principals, at Brest.
func as(role string, principals ...rivage.ID) User {
	all := []rivage.ID{"*"}
	return User{
		Account: "u-" + rivage.ID(role), Subject: "s-u", Place: brest(),
		Rights: access.RightsOf([]rivage.Role{{Name: role, Principals: principals, Queues: all, Sites: all}}),
	}
}

// agentAna is Ana at her desk.
func agentAna() User {
	return User{Account: "ana", Subject: "s-ana", Place: brest(), Rights: access.RightsOf([]rivage.Role{{Name: access.RoleAgent}})}
}
