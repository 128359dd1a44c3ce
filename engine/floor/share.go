// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"fmt"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// Tally counts the conversations of each day, by queue and by the zone of who answered: what the least shares of queues
// are held against. A day is one of the legal time, and a conversation counts on that of its offer. The floor and the
// replay of its log feed it the same entries.
type Tally struct {
	answered map[tallied]int
	offered  map[tallied]int       // offers under way
	pending  map[rivage.ID]tallied // the same, by interaction
}

type tallied struct {
	day   int64 // microseconds of its first instant
	queue rivage.ID
	zone  rivage.Zone
}

// talliedDays is how long counts are kept: an offer of yesterday may be answered today, and the wall clock may be set
// back.
const talliedDays = 3 * 24 * time.Hour

// NewTally is empty.
func NewTally() *Tally {
	return &Tally{answered: map[tallied]int{}, offered: map[tallied]int{}, pending: map[rivage.ID]tallied{}}
}

// See takes an entry, in the order of the log.
func (t *Tally) See(at time.Time, f rivage.Facts) {
	switch f := f.(type) {
	case *rivage.InteractionOffered:
		k := talliedAt(at, f.Queue, f.Place)
		t.drop(f.Interaction)
		t.pending[f.Interaction] = k
		t.offered[k]++
	case *rivage.InteractionAnswered:
		if k, ok := t.pending[f.Interaction]; ok {
			t.drop(f.Interaction)
			t.add(k, 1)
		}
	case *rivage.OfferEnded:
		t.drop(f.Interaction)
	case *rivage.InteractionAbandoned:
		t.drop(f.Interaction)
	case *rivage.Started: // the offers of the process before died with it
		clear(t.pending)
		clear(t.offered)
	}
}

func (t *Tally) add(k tallied, n int) {
	t.answered[k] += n
	for old := range t.answered {
		if old.day < k.day-talliedDays.Microseconds() {
			delete(t.answered, old)
		}
	}
}

func (t *Tally) drop(interaction rivage.ID) {
	k, ok := t.pending[interaction]
	if !ok {
		return
	}
	delete(t.pending, interaction)
	if t.offered[k]--; t.offered[k] == 0 {
		delete(t.offered, k)
	}
}

func talliedAt(at time.Time, queue rivage.ID, p rivage.Place) tallied {
	return tallied{policy.LegalDay(at).UnixMicro(), queue, policy.ZoneOf(p.Vouched())}
}

// room says whether one more conversation of a queue may be answered from outside an area today, and the share of those
// inside be kept all the same. Offers under way outside count as answered: a share that is kept stays kept whatever
// becomes of them.
func (t *Tally) room(queue rivage.ID, share rivage.Share, at time.Time) bool {
	day := policy.LegalDay(at).UnixMicro()
	inside, all := 0, 1
	for k, n := range t.answered {
		if k.day == day && k.queue == queue {
			all += n
			if share.Area.Holds(k.zone) {
				inside += n
			}
		}
	}
	for k, n := range t.offered {
		if k.day == day && k.queue == queue && !share.Area.Holds(k.zone) {
			all += n
		}
	}
	return inside*100 >= share.Least*all
}

// overShare refuses a place from which one more conversation would break a share of the queue.
func (t *Tally) overShare(q *rivage.Queue, p rivage.Place, rules string, at time.Time) (rivage.Decision, bool) {
	zone := policy.ZoneOf(p.Vouched())
	for _, share := range q.Shares {
		if p.Vouched() != "" && share.Area.Holds(zone) || t.room(q.ID, share, at) {
			continue
		}
		return rivage.Decision{
			Rule:   "part:" + string(share.Area),
			Reason: fmt.Sprintf("La part minimale de la journée prise en charge depuis %s (%d %%) ne serait plus tenue.", areaNames[share.Area], share.Least),
			Rules:  rules,
		}, true
	}
	return rivage.Decision{}, false
}

var areaNames = map[rivage.Area]string{rivage.AreaFrance: "la France", rivage.AreaUnion: "l'Union", rivage.AreaEEA: "l'EEE"}

// BreaksShare says whether an offer, as the log has it, broke a share of its queue: t holds the entries before it.
func (t *Tally) BreaksShare(s *rivage.Settings, f *rivage.InteractionOffered, at time.Time) (reason string, broken bool) {
	q := s.Queues[f.Queue]
	if q == nil {
		return "", false
	}
	d, broken := t.overShare(q, f.Place, "", at)
	return d.Reason, broken
}

// tallied keeps the counts of an entry, and lets the acd ask again where it changed what a share leaves.
func (s *State) tallied(at time.Time, f rivage.Facts) {
	switch f := f.(type) {
	case *rivage.InteractionOffered:
		s.tally.See(at, f)
		s.reshare(f.Queue)
	case *rivage.InteractionAnswered, *rivage.OfferEnded, *rivage.InteractionAbandoned, *rivage.Started:
		queue := s.tally.pending[interactionOf(f)].queue
		s.tally.See(at, f)
		s.reshare(queue)
	}
}

func interactionOf(f rivage.Facts) rivage.ID {
	switch f := f.(type) {
	case *rivage.InteractionAnswered:
		return f.Interaction
	case *rivage.OfferEnded:
		return f.Interaction
	case *rivage.InteractionAbandoned:
		return f.Interaction
	}
	return ""
}

// untally takes an offer back that the journal did not take.
func (s *State) untally(interaction rivage.ID) {
	queue := s.tally.pending[interaction].queue
	s.tally.drop(interaction)
	s.reshare(queue)
}

// reshare lets the acd ask again about a queue when one of its shares begins or ceases to leave room outside.
func (s *State) reshare(queue rivage.ID) {
	q := s.settings.Queues[queue]
	if q == nil || len(q.Shares) == 0 {
		return
	}
	var shut uint64
	for i, share := range q.Shares {
		if !s.tally.room(queue, share, s.now.Wall) {
			shut |= 1 << i
		}
	}
	if shut == s.shut[queue] {
		return
	}
	s.shut[queue] = shut
	for _, line := range linesOf(q) {
		s.acd.Reconsider(line.ID)
	}
}

// newDay lets every share begin anew at midnight, and wherever else the wall clock stepped to another day.
func (s *State) newDay() {
	if !s.day.end.IsZero() && s.day.holds(s.now.Wall) {
		return
	}
	s.day.from = policy.LegalDay(s.now.Wall)
	s.day.end = policy.LegalDay(s.day.from.Add(26 * time.Hour)) // a day has at most 25
	for id := range s.settings.Queues {
		s.reshare(id)
	}
}
