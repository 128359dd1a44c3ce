// SPDX-License-Identifier: EUPL-1.2

// Package floor is the life of interactions and agents: commands in, entries and effects out.
//
// State.Step is deterministic and does no I/O; Runner is the one loop around it that hands entries to the journal and
// lets effects go once their entries are durable.
package floor

import (
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/acd"
	"rivage.example/rivage/engine/policy"
)

// The waits that are not a queue's to set.
const (
	parkTime         = 30 * time.Second // a lost agent may come back to a parked call
	unreachableAfter = 20 * time.Second // a desk that closed and did not come back
	offerSlack       = 5 * time.Second  // an offer's lease outlives its timeout by this, against stuck reservations
	grantLife        = 5 * time.Minute  // a grant is used at once; hold and resume ask again
	ruleCheck        = time.Minute      // how late a rule may begin or end after a step of the wall clock
	retryAfter       = 5                // seconds, told to a caller refused with 503
)

// Moment is one reading of the clock: Wall for what people read, Elapsed for durations and deadlines.
type Moment struct {
	Wall    time.Time
	Elapsed time.Duration
}

// State is everything the floor knows. It belongs to one goroutine.
type State struct {
	settings *rivage.Settings
	gate     *policy.Gate
	acd      *acd.ACD
	ids      IDs

	calls      map[rivage.ID]*call  // by interaction, until nothing more is owed to it here
	legs       map[rivage.ID]*call  // every live leg, of callers and agents
	agents     map[rivage.ID]*agent //
	debts      map[rivage.ID]*debt  // callbacks owed, by interaction
	owed       map[claim][]*debt    // the same by person and queue: the oldest first
	unmeasured map[rivage.ID]party  // legs whose LegMeasured is still to come; their call may be closed
	captures   map[rivage.ID]*call  // recordings whose end is still to come, by object
	unread     map[string]bool      // sounds of sentences that could not be had when they were to be played; replaced, never changed
	door       map[doorKey]int64    // refusals of the current minute
	minute     time.Time            // in which door begins
	doorEnds   *deadline            // of door; nil while nothing is refused

	deadlines deadlines
	rules     *deadline               // when answers of the gate are looked at again
	answered  span                    // the instants that the acd's answers hold for, by the wall clock
	handling  map[rivage.ID]*handling // by queue
	tally     *Tally                  //
	shut      map[rivage.ID]uint64    // by queue, those of its shares that leave no room outside, as the acd was told
	day       span                    // that the tally counts
	draining  bool
	down      bool // the journal takes nothing: no decision is made

	origin Moment // the beginning, of which steady is counted
	now    Moment // of the step in progress, for what the acd asks back
}

// IDs make the identifiers of what a floor creates.
type IDs struct {
	New    func() rivage.ID // of nearly everything
	Object func() rivage.ID // of recordings: their files lie in folders by its first letters
}

// New is an empty floor.
func New(now Moment, settings *rivage.Settings, gate *policy.Gate, ids IDs) *State {
	s := &State{
		origin:     now,
		now:        now,
		ids:        ids,
		calls:      map[rivage.ID]*call{},
		legs:       map[rivage.ID]*call{},
		agents:     map[rivage.ID]*agent{},
		debts:      map[rivage.ID]*debt{},
		owed:       map[claim][]*debt{},
		unmeasured: map[rivage.ID]party{},
		captures:   map[rivage.ID]*call{},
		handling:   map[rivage.ID]*handling{},
		tally:      NewTally(),
		shut:       map[rivage.ID]uint64{},
		door:       map[doorKey]int64{},
	}
	s.acd = acd.New(func(queue rivage.ID, of acd.Stance) rivage.Decision {
		return mayAnswer(s.settings, s.gate, s.tally, queue, of, s.now.Wall)
	})
	s.configure(settings, gate)
	return s
}

// Result is what a step decided.
type Result struct {
	Entries     []rivage.Entry
	NewSubjects []rivage.ID
	Effects     []Effect  // to carry out once Entries are durable
	World       bool      // the entries say what the world did: the journal down, they are kept and the effects do not wait
	Offer       rivage.ID // the interaction this reserves an agent for; Undo takes it back
	Err         error     // the command is refused; nothing changed
}

// Step takes one command. It changes s as if its entries were durable already.
func (s *State) Step(now Moment, c Command) Result {
	s.at(now)
	b := &batch{s: s, now: now}
	if err := s.take(b, c); err != nil {
		return Result{Err: err}
	}
	return b.result()
}

// Match makes the next offer that is possible, false when none is. It is apart from Step because a decision and a
// fact do not share an append: when the journal is down the one is dropped, the other never.
func (s *State) Match(now Moment) (Result, bool) {
	s.at(now)
	if s.down {
		return Result{}, false
	}
	m, ok := s.acd.Next(s.steady())
	if !ok {
		return Result{}, false
	}
	b := &batch{s: s, now: now}
	s.offer(b, m)
	r := b.result()
	r.Offer = m.Interaction
	return r, true
}

func (s *State) take(b *batch, c Command) error {
	switch c := c.(type) {
	case matched:
		return s.arrived(b, c)
	case Played, Digit, LegAnswered, LegEnded, LegMeasured, RecordingEnded:
		b.world = true
		return s.heard(b, c)
	case SessionOpened, SessionLost, SetReady, SetPaused, SetOffline:
		return s.presence(b, c)
	case Accept, Decline:
		return s.answer(b, c)
	case Hold, Resume, HangUp, Rejoin, Oppose:
		return s.control(b, c)
	case Dispose, Extend, CloseCallback:
		return s.desk(b, c)
	case Refused:
		s.refused(b, c)
	case Readable:
		s.setUnread(b, c.Audio.String(), false)
	case Reconfigure:
		s.retell(b, func() { s.configure(c.Settings, c.Gate) })
		s.strand(b)
	case Drain:
		s.draining = true
	case tick:
		b.world = true
		s.due(b)
	default:
		return &rivage.Error{Code: rivage.Internal, Message: "the floor does not know this command"}
	}
	return nil
}

// heard takes what the media and signalling side reports. What it reports about a leg that is gone is not an error:
// both sides may end a call at once.
func (s *State) heard(b *batch, c Command) error {
	switch c := c.(type) {
	case Played:
		s.played(b, c)
	case Digit:
		s.digit(b, c)
	case LegAnswered:
		s.legAnswered(b, c)
	case LegEnded:
		s.legEnded(b, c)
	case LegMeasured:
		s.legMeasured(b, c)
	case RecordingEnded:
		s.recordingEnded(b, c)
	}
	return nil
}

// configure takes new settings: running interactions keep their flow, agents and queues are read anew.
func (s *State) configure(settings *rivage.Settings, gate *policy.Gate) {
	old := s.settings
	s.settings, s.gate = settings, gate
	s.unread = used(s.unread, settings.Prompts)
	for _, q := range settings.Queues {
		for _, line := range linesOf(q) {
			s.acd.SetQueue(line)
		}
	}
	if old != nil {
		s.closeLines(old)
	}
	clear(s.shut)
	for id := range settings.Queues {
		s.reshare(id)
	}
	s.refreshRules()
	for id, set := range settings.Agents {
		a := s.agents[id]
		if a == nil {
			a = &agent{row: rivage.AgentRow{Agent: id, State: rivage.AgentOffline, Place: rivage.Place{Evidence: rivage.Unknown}}}
			s.agents[id] = a
		}
		a.set, a.gone = set, false
		s.tell(a)
	}
	for id, a := range s.agents {
		if settings.Agents[id] == nil {
			a.gone = true
			s.acd.RemoveAgent(id)
			if a.row.State == rivage.AgentOffline && s.unfinished(a) == nil {
				delete(s.agents, id)
			}
		}
	}
}

// closeLines takes away the lines that are no more. Who had chosen an area that is not offered any more waits with
// everybody, and in its line again once it is.
func (s *State) closeLines(old *rivage.Settings) {
	for id, was := range old.Queues {
		q := s.settings.Queues[id]
		if q == nil {
			s.acd.RemoveQueue(id)
		}
		if areaOffered(was) == areaOffered(q) {
			continue
		}
		if area := areaOffered(was); area != "" {
			s.acd.RemoveQueue(LineOf(id, area))
		}
		for _, c := range s.calls {
			if q != nil && c.row.Queue == id && c.row.State == rivage.Queued {
				s.acd.Enqueue(s.inLine(c))
			}
		}
	}
}

// at takes the time of a step. Rules are dated by the wall clock, wherever it stepped to.
func (s *State) at(now Moment) {
	s.now = now
	if !s.answered.holds(now.Wall) {
		s.refreshRules()
	}
	s.newDay()
}

// steady is the time by which callers and agents are put in order: the wall clock's, as it was at the beginning, moved on
// by what has elapsed. After a step of the wall clock, who comes later still comes after who came before.
func (s *State) steady() rivage.Micros {
	return rivage.At(s.origin.Wall.Add(s.now.Elapsed - s.origin.Elapsed))
}

// refreshRules lets the acd ask again, now and each time a rule begins or ends by its dates.
func (s *State) refreshRules() {
	s.acd.Invalidate()
	cancel(s.rules)
	s.rules, s.answered = nil, span{from: s.now.Wall.Round(0)} // to be compared as people read it
	if at, ok := s.nextAnswer(s.answered.from); ok {
		s.answered.end = at
		s.watchRules()
	}
}

// nextAnswer is when an answer may change although nothing is edited: a rule or a safeguard begins or ends, an exception, or the
// declaration of a trunk.
func (s *State) nextAnswer(from time.Time) (time.Time, bool) {
	next, ok := s.gate.NextChange(from)
	edges := func(first, last time.Time, dated bool) {
		for _, at := range [...]time.Time{first, last} {
			if dated && at.After(from) && (!ok || at.Before(next)) {
				next, ok = at, true
			}
		}
	}
	for _, x := range s.settings.Exceptions {
		edges(x.Edges())
	}
	for _, t := range s.settings.Trunks {
		if t.Declared != nil {
			edges(t.Declared.Edges())
		}
	}
	return next, ok
}

// watchRules wakes the floor for the next date of a rule, and looks often meanwhile: the wall clock may have stepped.
func (s *State) watchRules() {
	s.rules = s.after(s.now, min(s.answered.end.Sub(s.now.Wall), ruleCheck), func(*batch) { s.watchRules() }) // at has refreshed them
}

// span is a stretch of wall-clock time; a zero end is none.
type span struct{ from, end time.Time }

func (s span) holds(at time.Time) bool {
	return !at.Before(s.from) && (s.end.IsZero() || at.Before(s.end))
}

// ask is one question to the gate, for a place and a target.
func (s *State) ask(q *rivage.Queue, action rivage.Action, mode rivage.Mode, purpose rivage.Purpose, place rivage.Place, target rivage.ID) (policy.Grant, rivage.Decision) {
	if q == nil { // removed while a call of it lives
		return policy.Grant{}, rivage.Decision{Reason: "la file n'existe plus"}
	}
	return s.gate.Ask(policy.Request{
		Principal: q.Principal, Action: action, Class: q.Class, Mode: mode, Purpose: purpose, Place: place, Target: target, Queue: q.ID,
	}, s.now.Wall, grantLife)
}

// Deadline is when the next timer is due, false when none is.
func (s *State) Deadline() (time.Duration, bool) { return s.deadlines.next() }

// Busy says whether a call is alive: what a drain waits for.
func (s *State) Busy() bool { return len(s.legs) > 0 || len(s.captures) > 0 }

// closed says that no new call is taken: with the journal down nothing of it could be remembered.
func (s *State) closed() bool { return s.down || s.draining }
