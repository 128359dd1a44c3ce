// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"slices"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/engine/workforce"
	"rivage.example/rivage/record/store"
)

// pastLoad is what the log says came in since an instant, and who was at work: what a run plays again.
type pastLoad struct {
	since    rivage.Micros
	calls    map[rivage.ID]*pastCall
	order    []*pastCall
	presence map[rivage.ID]*workforce.Shift // that is not over
	shifts   []workforce.Shift
}

type pastCall struct {
	workforce.Arrival
	waited   time.Duration
	answered bool
	left     bool
}

// loadSince reads the log. settings are those that the run is to be made under: agents, skills and queues are theirs.
func loadSince(ctx context.Context, s *store.Store, since, now time.Time, settings *rivage.Settings) (workforce.Load, error) {
	size := s.Size()
	p := pastLoad{since: rivage.At(since), calls: map[rivage.ID]*pastCall{}, presence: map[rivage.ID]*workforce.Shift{}}
	err := eachEntry(ctx, s, size, func(e *rivage.Stored) error {
		if f, ok := e.Facts.(*rivage.AgentStateSet); ok {
			p.present(e.At, f, settings)
		} else if e.At >= p.since {
			p.call(e.At, e.Facts)
		}
		return nil
	})
	for agent := range p.presence {
		p.leave(rivage.At(now), agent)
	}
	return workforce.Load{Arrivals: p.arrivals(), Shifts: p.shifts}, err
}

func (p *pastLoad) call(at rivage.Micros, f rivage.Facts) {
	switch f := f.(type) {
	case *rivage.InteractionQueued:
		if f.Again == "" {
			c := &pastCall{Arrival: workforce.Arrival{At: at, Queue: f.Queue, Rank: f.Rank}}
			p.calls[f.Interaction] = c
			p.order = append(p.order, c)
		}
	case *rivage.InteractionAnswered:
		if c := p.calls[f.Interaction]; c != nil {
			c.answered, c.waited = true, time.Duration(f.Wait)*time.Microsecond
		}
	case *rivage.InteractionAbandoned:
		if c := p.calls[f.Interaction]; c != nil {
			c.left, c.waited = true, time.Duration(f.Wait)*time.Microsecond
		}
	case *rivage.InteractionEnded:
		if c := p.calls[f.Interaction]; c != nil {
			c.Handle = time.Duration(f.Talk+f.Hold) * time.Microsecond
		}
	case *rivage.InteractionClosed:
		if c := p.calls[f.Interaction]; c != nil {
			c.Handle += time.Duration(f.Wrap) * time.Microsecond
		}
	}
}

// atWork are the states of agents who take calls one after the other.
var atWork = []rivage.AgentState{rivage.AgentReady, rivage.AgentOffered, rivage.AgentEngaged, rivage.AgentWrapUp}

func (p *pastLoad) present(at rivage.Micros, f *rivage.AgentStateSet, s *rivage.Settings) {
	set := s.Agents[f.Agent]
	at = max(at, p.since)
	if set == nil || !slices.Contains(atWork, f.State) {
		p.leave(at, f.Agent)
		return
	}
	agent := floor.Candidate(s, set, f)
	if now := p.presence[f.Agent]; now != nil && now.Agent.Place == agent.Place {
		return
	}
	p.leave(at, f.Agent)
	p.presence[f.Agent] = &workforce.Shift{Agent: agent, From: at}
}

func (p *pastLoad) leave(at rivage.Micros, agent rivage.ID) {
	shift := p.presence[agent]
	delete(p.presence, agent)
	if shift != nil && at > shift.From {
		shift.To = at
		p.shifts = append(p.shifts, *shift)
	}
}

// arrivals gives those who were not answered what one who was took, in turn, and everybody a patience like those who left.
func (p *pastLoad) arrivals() (list []workforce.Arrival) {
	took, left, waited := map[rivage.ID][]time.Duration{}, map[rivage.ID]int{}, map[rivage.ID]time.Duration{}
	for _, c := range p.order {
		if c.answered && c.Handle > 0 {
			took[c.Queue] = append(took[c.Queue], c.Handle)
		}
		if c.left {
			left[c.Queue]++
		}
		waited[c.Queue] += c.waited
	}
	patience, next := map[rivage.ID]func() time.Duration{}, map[rivage.ID]int{}
	for queue := range waited {
		patience[queue] = workforce.Patience(1, left[queue], waited[queue])
	}
	for _, c := range p.order {
		if n := len(took[c.Queue]); c.Handle == 0 && n > 0 {
			c.Handle = took[c.Queue][next[c.Queue]%n]
			next[c.Queue]++
		}
		if c.Handle == 0 {
			continue // nobody of its queue was ever answered: there is nothing to go by
		}
		c.Patience = patience[c.Queue]()
		list = append(list, c.Arrival)
	}
	return list
}
