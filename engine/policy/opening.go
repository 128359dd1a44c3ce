// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"cmp"
	"math"
	"slices"
	"time"

	"rivage.example/rivage"
)

// Standing is how far an opening lets the data of one Principal be reached from its site.
type Standing string

// The standings.
const (
	StandingOpen      Standing = "open"
	StandingUndecided Standing = "undecided" // nobody decided yet
	StandingRefused   Standing = "refused"   // no-go
	StandingUntold    Standing = "untold"    // the Principal was not told
	StandingDeadline  Standing = "deadline"  // it may still object
	StandingObjected  Standing = "objected"  // it objected
	StandingOutside   Standing = "outside"   // open, and not for this queue, class, mode or day
)

// The refusals of an opening, for people; each begins so in the languages of the screens.
var standingReason = map[Standing]string{
	StandingUndecided: "Ouverture du site : pas encore décidée.",
	StandingRefused:   "Ouverture du site : refusée.",
	StandingUntold:    "Ouverture du site : ce donneur d'ordre n'a pas été prévenu.",
	StandingDeadline:  "Ouverture du site : le délai d'opposition de ce donneur d'ordre court.",
	StandingObjected:  "Ouverture du site : ce donneur d'ordre s'y oppose.",
	StandingOutside:   "Ouverture du site : hors du périmètre d'essai.",
}

// trial is an opening as it stands for one Principal, as bits of the closed lists.
type trial struct {
	site           rivage.ID
	country        int      // row of the atlas
	always         Standing // what no date changes; "" when dates decide
	told           int64    // from here on the Principal's deadline is past, microseconds
	from, end      int64    // of the scope; end is excluded
	queues         []rivage.ID
	classes, modes uint8
	answer         map[Standing]rivage.Decision
}

// trials are the openings of a frame as they stand for one Principal. A site that has none is not bound by any.
type trials []trial

func trialsFor(principal rivage.ID, openings []boundSite, rules string) (list trials) {
	for _, o := range openings {
		t := trial{site: o.ID, country: world().find(o.country), answer: map[Standing]rivage.Decision{}}
		t.always, t.told = stands(o.Opening, principal)
		if s := o.Scope; s != nil {
			t.queues, t.classes, t.modes = slices.Clone(s.Queues), listed(s.Classes, rivage.DataClasses), listed(s.Modes, rivage.Modes)
			t.from, t.end = days(s.From, s.Until)
		}
		for standing, reason := range standingReason {
			t.answer[standing] = rivage.Decision{Rule: "ouverture:" + string(o.ID), Reason: reason, Rules: rules}
		}
		list = append(list, t)
	}
	return list
}

// boundSite is an opening with the country of its site.
type boundSite struct {
	*rivage.Opening
	country rivage.Country
}

// boundSites are the openings that are set, in order.
func boundSites(s *rivage.Settings) (list []boundSite) {
	for id, o := range s.Openings {
		b := boundSite{Opening: o}
		if site := s.Sites[id]; site != nil {
			b.country = site.Country
			b.Opening = AsDecided(o, site)
		}
		list = append(list, b)
	}
	slices.SortFunc(list, func(x, y boundSite) int { return cmp.Compare(x.ID, y.ID) })
	return list
}

// AsDecided is an opening without its decision when the site is not, or no longer, the one that it was decided on.
func AsDecided(o *rivage.Opening, site *rivage.Site) *rivage.Opening {
	if d := o.Decision; d == nil || d.Verdict != rivage.Go || d.Company == site.Company && d.Country == site.Country {
		return o
	}
	undecided := *o
	undecided.Decision = nil
	return &undecided
}

// listed is the bits of a list; none for an empty one: what is not named is not tried.
func listed[T comparable](list, closed []T) (m uint8) {
	for _, v := range list {
		m |= bit(closed, v)
	}
	return m
}

// days are the instants at which the first day begins and the last has ended; a stretch that cannot be read is empty.
func days(from, until rivage.Date) (first, end int64) {
	f, okFrom := from.Day()
	u, okUntil := until.Day()
	if !okFrom || !okUntil {
		return math.MaxInt64, math.MinInt64
	}
	return f.UnixMicro(), u.AddDate(0, 0, 1).UnixMicro()
}

// stands is how an opening stands for a Principal whatever the day; "" when it is open once an instant is reached.
func stands(o *rivage.Opening, principal rivage.ID) (always Standing, from int64) {
	client := o.Client(principal)
	switch {
	case o.Decision == nil:
		return StandingUndecided, 0
	case o.Decision.Verdict != rivage.Go:
		return StandingRefused, 0
	case o.Scope == nil:
		return StandingOutside, 0
	case client == nil:
		return StandingUntold, 0
	}
	told, okTold := client.ToldOn.Day()
	if !okTold {
		return StandingUntold, 0
	}
	last, okLast := client.ObjectionUntil.Day()
	answered, okAnswered := client.AnsweredOn.Day()
	switch {
	case client.Answer == rivage.ClientAccepted && okAnswered:
		return "", later(told, answered).UnixMicro()
	case client.Answer != "":
		return StandingObjected, 0
	case !okLast:
		return StandingDeadline, 0
	}
	return "", later(told, last.AddDate(0, 0, 1)).UnixMicro()
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// refuse is the refusal of the first opening that keeps a request from being answered yes. A site is meant by whoever states it, and
// its country by whoever names no site, or comes from a network of that country that is not their own: nobody escapes a
// closed site by proving less.
func (list trials) refuse(r *Request, c *cell) (d rivage.Decision, refused bool) {
	for i := range list {
		t := &list[i]
		if !t.means(r, c) {
			continue
		}
		if s := t.standing(r, c); s != StandingOpen {
			return t.answer[s], true
		}
	}
	return d, false
}

func (t *trial) means(r *Request, c *cell) bool {
	if r.Place.Site == t.site {
		return true
	}
	return t.country >= 0 && (r.Place.Site == "" && c.stated.country == t.country || c.stated.seen == t.country)
}

func (t *trial) standing(r *Request, c *cell) Standing {
	switch {
	case t.always != "":
		return t.always
	case c.at < t.told:
		return StandingDeadline
	case c.at < t.from || c.at >= t.end || t.classes&c.class == 0 || t.modes&c.mode == 0 || !slices.Contains(t.queues, r.Queue):
		return StandingOutside
	}
	return StandingOpen
}

// edges are the instants at which a deadline or a trial begins or ends.
func (list trials) edges() (at []int64) {
	for i := range list {
		if list[i].always == "" {
			at = append(at, list[i].told, list[i].from, list[i].end)
		}
	}
	return at
}

// Opening is how the dossier of a site stands for a Principal at an instant, whatever queue, class and mode is meant, and the
// last day on which it may object while that keeps it closed.
func Opening(o *rivage.Opening, principal rivage.ID, at time.Time) (Standing, rivage.Date) {
	always, from := stands(o, principal)
	if always != "" {
		return always, ""
	}
	if at.UnixMicro() < from {
		return StandingDeadline, o.Client(principal).ObjectionUntil
	}
	if first, end := days(o.Scope.From, o.Scope.Until); at.UnixMicro() < first || at.UnixMicro() >= end {
		return StandingOutside, ""
	}
	return StandingOpen, ""
}

// Tried gives a request for a whole Principal a queue of the trial at its site, where it has one: for tables that ask what is
// possible at most.
func (g *Gate) Tried(r Request) Request {
	t := g.Table(r.Principal)
	if r.Queue != "" || t == nil || t.bounds == nil {
		return r
	}
	for i := range t.bounds.trials {
		if s := &t.bounds.trials[i]; s.site == r.Place.Site && len(s.queues) > 0 {
			r.Queue = s.queues[0]
		}
	}
	return r
}

// says is what the openings that a request means make of it.
func (list trials) says(r *Request, c *cell) (bounds []Bound) {
	for i := range list {
		t := &list[i]
		if !t.means(r, c) {
			continue
		}
		b := Bound{Layer: LayerOpening, Outcome: Full.String()}
		if s := t.standing(r, c); s != StandingOpen {
			b.Outcome, b.Reason = Refused.String(), t.answer[s].Reason
		}
		bounds = append(bounds, b)
	}
	return bounds
}
