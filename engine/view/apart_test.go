// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
)

// reads is every read of this package, asked for everything there is. A read that fails gives nothing.
var reads = map[string]func(ctx context.Context, w *world, v *View, u User) any{
	"board": func(ctx context.Context, _ *world, v *View, u User) any {
		b, err := v.Board(ctx)
		if err != nil {
			return err.Error()
		}
		return b.For(u)
	},
	"room snapshot": func(ctx context.Context, _ *world, v *View, u User) any { s, _ := v.Room(u).Snapshot(ctx); return s },
	"desk snapshot": func(ctx context.Context, _ *world, v *View, u User) any { s, _ := v.Desk(u).Snapshot(ctx); return s },
	"room events": func(ctx context.Context, w *world, v *View, u User) any {
		return events(ctx, w, v.Room(u).Event)
	},
	"desk events": func(ctx context.Context, w *world, v *View, u User) any {
		return events(ctx, w, v.Desk(u).Event)
	},
	"list": func(ctx context.Context, _ *world, v *View, u User) any {
		var all []any
		for _, q := range []Query{{}, {Principal: "mutuelle"}, {Queue: "sante"}, {Person: "p-m"}, {State: rivage.Closed}} {
			l, _ := v.Interactions(ctx, u, q)
			all = append(all, l)
		}
		return all
	},
	"one interaction": each(func(ctx context.Context, v *View, u User, id rivage.ID) any {
		i, _ := v.Interaction(ctx, u, id)
		return i
	}),
	"detail": each(func(ctx context.Context, v *View, u User, id rivage.ID) any { d, _ := v.Detail(ctx, u, id); return d }),
	"fields": each(func(ctx context.Context, v *View, u User, id rivage.ID) any {
		f, _ := v.Fields(ctx, u, id, []string{FieldCaller, FieldNote})
		return f
	}),
	"why": func(ctx context.Context, w *world, v *View, u User) any {
		var all []any
		for _, e := range w.entries {
			why, _ := v.Why(ctx, u, e.Seq)
			all = append(all, why)
		}
		return all
	},
	"decisions": func(ctx context.Context, w *world, v *View, u User) any {
		var all []any
		for _, e := range w.entries {
			if d, err := v.WhyDecided(ctx, u, e.Seq); err == nil {
				all = append(all, d)
			}
		}
		return all
	},
	"playback": func(ctx context.Context, w *world, v *View, u User) any {
		var heard []rivage.ID
		for _, o := range w.objects {
			if a, err := v.Playback(ctx, u, o.ID); err == nil {
				_, _ = io.Copy(io.Discard, a.WAV)
				heard = append(heard, o.ID)
			}
		}
		return heard
	},
	"callbacks": func(ctx context.Context, _ *world, v *View, u User) any { c, _ := v.Callbacks(ctx, u); return c },
	"persons": func(ctx context.Context, _ *world, v *View, u User) any {
		p, _, _ := v.Persons(ctx, u, callerNumber)
		return p
	},
	"erase": func(ctx context.Context, w *world, v *View, u User) any {
		for _, p := range w.persons {
			_, _ = v.Erase(ctx, u, p.ID)
		}
		return w.appended
	},
	"export": func(ctx context.Context, w *world, v *View, u User) any {
		for id := range w.settings.Principals {
			_, _ = v.Export(ctx, u, Export{Principal: id, What: "journal"})
		}
		return w.appended
	},
	"matrix": func(ctx context.Context, w *world, v *View, u User) any {
		var all []any
		for id := range w.settings.Principals {
			m, _ := v.Matrix(ctx, u, id)
			all = append(all, m)
		}
		return all
	},
	"offer legs": func(ctx context.Context, _ *world, v *View, u User) any {
		var legs []rivage.ID
		for _, offer := range []rivage.ID{"o-c", "o-m"} {
			leg, _ := v.OfferLeg(ctx, u, offer)
			legs = append(legs, leg)
		}
		return legs
	},
	"what was written down": func(ctx context.Context, w *world, v *View, u User) any {
		for _, i := range w.interactions {
			_, _ = v.Fields(ctx, u, i.ID, []string{FieldCaller})
		}
		return w.appended
	},
}

func each(read func(context.Context, *View, User, rivage.ID) any) func(context.Context, *world, *View, User) any {
	return func(ctx context.Context, w *world, v *View, u User) any {
		var all []any
		for _, i := range w.interactions {
			all = append(all, read(ctx, v, u, i.ID))
		}
		return all
	}
}

func events(ctx context.Context, w *world, event func(context.Context, *rivage.Stored) (Event, error)) any {
	var all []any
	for i := range w.entries {
		e, _ := event(ctx, &w.entries[i])
		all = append(all, e)
	}
	for _, a := range w.agents {
		e, _ := event(ctx, &rivage.Stored{Stream: rivage.StreamOf("agent", a.Agent), Facts: &rivage.AgentStateSet{Agent: a.Agent, Place: a.Place}})
		all = append(all, e)
	}
	return all
}

// others are the words that belong to "mutuelle" alone.
var others = []string{`"mutuelle"`, "Mutuelle", `"sante"`, "Remboursements", "i-m-", "p-m", "s-m", "r-m", "o-m", "l-m", "note de m", "regle-mutuelle", `"mia"`, "Nom de mia"}

// Promise 8: nothing of one Principal comes out of any read for somebody whose scope is the other, even when the store
// forgets to filter.
func TestNothingOfTheOtherPrincipalComesOut(t *testing.T) {
	for name, read := range reads {
		for _, role := range []string{access.RoleSupervisor, access.RoleDPO, access.RoleAdministrator, access.RoleAgent} {
			t.Run(name+" by "+role, func(t *testing.T) {
				w := newWorld(t)
				text := textOf(t, read(t.Context(), w, w.view(), as(role, "colis")))
				for _, word := range others {
					// A class is everybody's: the matrix of colis asks about health too.
					if word == `"sante"` && name == "matrix" {
						continue
					}
					if strings.Contains(text, word) {
						t.Errorf("%s came out: %s", word, around(text, word))
					}
				}
			})
		}
	}
}

// The control of the test above: each read does give what belongs to the other Principal to who may see it.
func TestEachReadGivesWhatOneMaySee(t *testing.T) {
	words := map[string]string{
		"board": "Remboursements", "room snapshot": "i-m-wait", "room events": "i-m-talk", "list": "i-m-done",
		"one interaction": "i-m-done", "detail": "i-m-done", "fields": callerNumber, "why": "regle-mutuelle", "decisions": "regle-mutuelle", "playback": "r-m",
		"callbacks": "i-m-owed", "persons": "p-m", "erase": "p-m", "export": "mutuelle", "matrix": "regle-mutuelle",
		"what was written down": "p-m",
	}
	for name, word := range words {
		w := newWorld(t)
		text := textOf(t, reads[name](t.Context(), w, w.view(), as(access.RoleDPO, "mutuelle")))
		if !strings.Contains(text, word) {
			t.Errorf("%s: %q is missing from %.300s", name, word, text)
		}
	}
	for name, word := range map[string]string{"desk snapshot": "i-m-talk", "desk events": "i-m-ring"} {
		w := newWorld(t)
		if text := textOf(t, reads[name](t.Context(), w, w.view(), agentAna())); !strings.Contains(text, word) {
			t.Errorf("%s: %q is missing from %.300s", name, word, text)
		}
	}
}

// A scope without a queue or a site shows nothing of what has one.
func TestAnEmptyScopeHoldsNothing(t *testing.T) {
	for name, role := range map[string]rivage.Role{
		"no principal": {Name: access.RoleSupervisor, Queues: []rivage.ID{"*"}, Sites: []rivage.ID{"*"}},
		"no queue":     {Name: access.RoleSupervisor, Principals: []rivage.ID{"*"}, Sites: []rivage.ID{"*"}},
		"other queue":  {Name: access.RoleSupervisor, Principals: []rivage.ID{"*"}, Queues: []rivage.ID{"autre"}, Sites: []rivage.ID{"*"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			u := User{Account: "x", Place: brest(), Rights: access.RightsOf([]rivage.Role{role})}
			l, err := w.view().Interactions(t.Context(), u, Query{})
			if err != nil || len(l.Interactions) != 0 {
				t.Errorf("got %d interactions, %v, want none", len(l.Interactions), err)
			}
		})
	}
	t.Run("other site", func(t *testing.T) {
		w := newWorld(t)
		u := User{Account: "x", Place: brest(), Rights: access.RightsOf([]rivage.Role{{
			Name: access.RoleSupervisor, Principals: []rivage.ID{"*"}, Queues: []rivage.ID{"*"}, Sites: []rivage.ID{"lome"},
		}})}
		l, err := w.view().Interactions(t.Context(), u, Query{})
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range l.Interactions {
			if i.Place != nil && i.Place.Site == "brest" {
				t.Errorf("%s, handled at Brest, was shown to a supervisor of Lomé", i.ID)
			}
		}
	})
}

// A shared agent's presence is the organisation's; what she is busy with is its Principal's.
func TestASharedAgentDoesNotBetrayTheOtherPrincipal(t *testing.T) {
	w := newWorld(t)
	for of, want := range map[rivage.ID]rivage.ID{"colis": "", "mutuelle": "i-m-talk"} {
		snapshot, err := w.view().Room(as(access.RoleSupervisor, of)).Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		seen := false
		if ends := snapshot.(ControlSnapshot).CertificateEnds; ends != "" {
			t.Errorf("the certificate ends %q, and is far from it", ends)
		}
		for _, a := range snapshot.(ControlSnapshot).Agents {
			if a.ID == "ana" {
				seen = true
				if a.State != rivage.AgentEngaged || a.Interaction != want {
					t.Errorf("%s: got %s with %q, want engaged with %q", of, a.State, a.Interaction, want)
				}
			}
		}
		if !seen {
			t.Errorf("%s: Ana is missing", of)
		}
	}
}

func textOf(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func around(text, word string) string {
	i := strings.Index(text, word)
	return text[max(0, i-60):min(len(text), i+60)]
}
