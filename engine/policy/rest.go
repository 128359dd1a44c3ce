// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"rivage.example/rivage"
)

// Rests says whether data of a class may rest at a place at an instant: what the frame's column of rest answers. Rules say
// nothing of it.
func (g *Gate) Rests(principal rivage.ID, class rivage.DataClass, place rivage.Place, at time.Time) rivage.Decision {
	t := g.Table(principal)
	if t == nil || t.bounds == nil {
		return rivage.Decision{Reason: ReasonNoTable}
	}
	r := Request{Principal: principal, Action: rivage.ActRecord, Class: class, Mode: rivage.ModeCopy, Purpose: rivage.PurposeService, Place: place}
	c := t.read(&r, at)
	if !c.whole {
		return t.refuse
	}
	return t.bounds.within(&r, &c, rivage.Decision{Allowed: true, Rules: t.bounds.rules})
}

// Held is a class of a Principal's data that a queue or a field of its persons' cards brings in, and what of it the
// installation writes.
type Held struct {
	Principal rivage.ID
	Class     rivage.DataClass
	By        string // the first that brings it: `queue "colis"`, `field "contrat"`
	Recorded  bool
}

// HeldBy lists the classes that queues and fields bring in, in order.
func HeldBy(s *rivage.Settings) []Held {
	var list []Held
	for _, q := range s.Queues {
		list = append(list, Held{q.Principal, q.Class, fmt.Sprintf("queue %q", q.ID), q.Recording != nil})
	}
	for _, f := range s.Fields {
		list = append(list, Held{f.Principal, f.Class, fmt.Sprintf("field %q", f.ID), false})
	}
	slices.SortFunc(list, func(x, y Held) int {
		return cmp.Or(cmp.Compare(x.Principal, y.Principal), cmp.Compare(slices.Index(rivage.DataClasses, x.Class), slices.Index(rivage.DataClasses, y.Class)), -cmp.Compare(x.By, y.By))
	})
	var joined []Held
	for _, h := range list {
		if n := len(joined); n > 0 && joined[n-1].Principal == h.Principal && joined[n-1].Class == h.Class {
			joined[n-1].Recorded = joined[n-1].Recorded || h.Recorded
			continue
		}
		joined = append(joined, h)
	}
	return joined
}

// In says whether the class is written to a kind of place: all are but recordings, where only what is recorded is.
func (h Held) In(what string) bool { return what != rivage.RestRecordings || h.Recorded }

// RestFault is a class that would be written where it may not rest, or a place that nobody declared.
type RestFault struct {
	What     string
	Rest     *rivage.Rest // nil: nobody declared it
	Held     Held         // zero for a place that nobody declared
	Decision rivage.Decision
}

// RestFaults looks at everything that is written by itself: database, keys, recordings, declared replicas. Without a
// Principal there is nothing to write. Backups are asked when they are made (RestsAt).
func (g *Gate) RestFaults(s *rivage.Settings, at time.Time) []RestFault {
	if len(s.Principals) == 0 {
		return nil
	}
	var list []RestFault
	held := HeldBy(s)
	for _, what := range []string{rivage.RestDatabase, rivage.RestVault, rivage.RestRecordings} {
		used := slices.ContainsFunc(held, func(h Held) bool { return h.In(what) })
		switch r := s.Resting(what); {
		case r != nil:
			list = append(list, g.RestsAt(s, r, at)...)
		case used || what != rivage.RestRecordings:
			list = append(list, RestFault{What: what})
		}
	}
	for _, r := range restsOf(s) {
		if r.What == rivage.RestReplica {
			list = append(list, g.RestsAt(s, r, at)...)
		}
	}
	return list
}

// RestsAt are the classes that are written to a place and may not rest there.
func (g *Gate) RestsAt(s *rivage.Settings, r *rivage.Rest, at time.Time) []RestFault {
	var list []RestFault
	for _, h := range HeldBy(s) {
		if !h.In(r.What) {
			continue
		}
		if d := g.Rests(h.Principal, h.Class, s.PlaceOf(r), at); !d.Allowed {
			list = append(list, RestFault{What: r.What, Rest: r, Held: h, Decision: d})
		}
	}
	return list
}

func restsOf(s *rivage.Settings) []*rivage.Rest {
	var list []*rivage.Rest
	for _, r := range s.Rests {
		list = append(list, r)
	}
	slices.SortFunc(list, func(x, y *rivage.Rest) int { return cmp.Compare(x.ID, y.ID) })
	return list
}
