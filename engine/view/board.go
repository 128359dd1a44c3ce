// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"cmp"
	"context"
	"slices"

	"rivage.example/rivage"
)

// Board is every queue at one moment. It is read once for all who watch, and filtered for each.
type Board struct {
	settings *rivage.Settings
	queues   []Queue
	unready  []UnreadySite
}

// Board reads every queue.
func (v *View) Board(ctx context.Context) (*Board, error) {
	figures, err := v.c.Rows.QueueFigures(ctx, allPrincipals, v.today())
	if err != nil {
		return nil, err
	}
	agents, err := v.c.Rows.Agents(ctx)
	if err != nil {
		return nil, err
	}
	s := v.c.Settings()
	by := map[rivage.ID]rivage.QueueFigures{}
	for _, f := range figures {
		by[f.Queue] = f
	}
	presence := presences(s, agents)
	b := &Board{settings: s, queues: make([]Queue, 0, len(s.Queues))}
	for id, q := range s.Queues {
		f := by[id]
		out := Queue{
			ID: id, Principal: q.Principal, Name: q.Name, Class: q.Class, Waiting: f.Waiting,
			Oldest: instant(f.OldestQueue), Agents: presence[id], Figures: figuresOf(f), TargetS: q.Target,
		}
		if p := s.Principals[q.Principal]; p != nil {
			out.PrincipalName = p.Name
		}
		b.queues = append(b.queues, out)
	}
	slices.SortFunc(b.queues, func(x, y Queue) int {
		return cmp.Or(cmp.Compare(x.PrincipalName, y.PrincipalName), cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
	})
	for id, site := range s.Sites {
		if missing := v.c.Missing(id); len(missing) > 0 {
			b.unready = append(b.unready, UnreadySite{Site: id, Name: site.Name, Missing: missing})
		}
	}
	slices.SortFunc(b.unready, func(x, y UnreadySite) int { return cmp.Compare(x.Site, y.Site) })
	return b, nil
}

// Part names the part of the board that u may see: users with the same one see the same.
func (b *Board) Part(u User) string {
	seen := make([]byte, len(b.queues), len(b.queues)+len(b.unready))
	for i, q := range b.queues {
		if u.seesQueue(b.settings, b.settings.Queues[q.ID]) {
			seen[i] = 1
		}
	}
	for _, site := range b.unready {
		is := byte(0)
		if u.seesSite(b.settings, site.Site) {
			is = 1
		}
		seen = append(seen, is)
	}
	return string(seen)
}

// Unready are the sites that cannot be told to callers, of those that u watches.
func (b *Board) Unready(u User) []UnreadySite {
	var out []UnreadySite
	for _, site := range b.unready {
		if u.seesSite(b.settings, site.Site) {
			out = append(out, site)
		}
	}
	return out
}

// For is the part of the board that u may see.
func (b *Board) For(u User) []Queue {
	out := []Queue{}
	for _, q := range b.queues {
		if u.seesQueue(b.settings, b.settings.Queues[q.ID]) {
			out = append(out, q)
		}
	}
	return out
}

func presences(s *rivage.Settings, agents []rivage.AgentRow) map[rivage.ID]Presence {
	by := map[rivage.ID]Presence{}
	for _, row := range agents {
		a := s.Agents[row.Agent]
		if a == nil {
			continue
		}
		for _, q := range a.Queues {
			p := by[q]
			p.count(row.State)
			by[q] = p
		}
	}
	return by
}

func (p *Presence) count(s rivage.AgentState) {
	switch s {
	case rivage.AgentReady:
		p.Ready++
	case rivage.AgentOffered:
		p.Offered++
	case rivage.AgentEngaged:
		p.Engaged++
	case rivage.AgentWrapUp:
		p.WrapUp++
	case rivage.AgentPaused:
		p.Paused++
	case rivage.AgentUnreachable:
		p.Unreachable++
	}
}

// figuresOf computes sl1@1, ab1@1, asa@1, aht@1 and disc_delay@1 from their primitives.
func figuresOf(f rivage.QueueFigures) Figures {
	return Figures{
		Offered: f.Offered, Answered: f.Answered, AnsweredIn: f.AnsweredIn,
		Abandoned: f.Abandoned, Short: f.Short, Callback: f.Callback,
		SL1:         permille(f.AnsweredIn, f.Answered+f.Abandoned),
		AB1:         permille(f.Abandoned, f.Offered),
		ASAMs:       meanMs(f.WaitSum, f.Answered),
		AHTMs:       meanMs(f.TalkSum+f.HoldSum+f.WrapSum, f.Answered),
		DiscDelayMs: meanMs(f.ExtraSum, f.Answered),
	}
}

// permille rounds half up to 0.1 point, and gives 1000 or 0 only when that is exact. nil is an empty denominator.
func permille(part, whole int64) *int64 {
	if whole == 0 {
		return nil
	}
	p := (2000*part + whole) / (2 * whole)
	switch {
	case p == 1000 && part != whole:
		p = 999
	case p == 0 && part != 0:
		p = 1
	}
	return &p
}

// meanMs is the mean of microseconds in milliseconds, rounded half up. nil is an empty denominator.
func meanMs(sum, n int64) *int64 {
	if n == 0 {
		return nil
	}
	m := (sum + 500*n) / (1000 * n)
	return &m
}
