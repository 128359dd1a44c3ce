// SPDX-License-Identifier: EUPL-1.2

// Package dossier makes of the log's entries the files that a regulator or a client organisation asks for: who reached
// data from where, what callers were told, and what became of those who asked to be answered from France.
package dossier

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"rivage.example/rivage"
)

// The ways in which data was reached, as the files name them.
const (
	WayVoice  = "voix"
	WayListen = "écoute d'enregistrement"
	WayView   = "vue"
	WayMasked = "vue masquée"
	WayRemote = "consultation à distance"
	WayCopy   = "copie"
)

// Access is a kind of access that took place: by whom, from where, to what, how often.
type Access struct {
	Principal rivage.ID
	Company   rivage.ID // "" when it is not known
	Country   rivage.Country
	Evidence  rivage.Evidence
	Way       string
	Class     rivage.DataClass
}

// Seen is how often an access took place, and between which instants.
type Seen struct {
	N           int
	First, Last time.Time
}

// Contacts are conversations by where they were answered.
type Contacts struct {
	Principal rivage.ID
	Company   rivage.ID
	Country   rivage.Country
	Evidence  rivage.Evidence
}

// Told counts conversations, and those before which the caller heard the sentence of the agent's place to its end.
type Told struct{ Answered, Told int }

// Asked counts who asked to be answered from an area, and what became of it.
type Asked struct {
	N, Within, Elsewhere, Owed, Gone int           // answered within the area, outside it, owed a call, left before
	Told                             int           // of those within, who had heard how long the wait there would be
	Said, Real                       time.Duration // sums over these: the wait they heard, and the one they had
}

// Dossier is what the entries so far say. One goroutine owns it.
type Dossier struct {
	Accesses map[Access]*Seen
	Contacts map[Contacts]*Told
	Asked    map[rivage.ID]*Asked // by Principal

	open        map[rivage.ID]*interaction
	zone        func(rivage.Country) rivage.Zone
	from, until time.Time // what is counted; until is excluded
}

// interaction is what is kept of one while it lasts.
type interaction struct {
	class rivage.DataClass
	area  rivage.Area
	told  bool
	said  int64 // µs that the caller heard the wait for the area would be
}

// New is an empty dossier of what took place from an instant until another, which is excluded. It takes all entries from
// the first: what was opened before may be answered within. zone says in which legal area a country lies.
func New(zone func(rivage.Country) rivage.Zone, from, until time.Time) *Dossier {
	return &Dossier{
		from: from, until: until,
		Accesses: map[Access]*Seen{}, Contacts: map[Contacts]*Told{}, Asked: map[rivage.ID]*Asked{},
		open: map[rivage.ID]*interaction{}, zone: zone,
	}
}

// counts says whether what an entry tells took place within.
func (d *Dossier) counts(e *rivage.Stored) bool {
	at := e.At.Time()
	return !at.Before(d.from) && at.Before(d.until)
}

// Take adds an entry, under what people had set then.
func (d *Dossier) Take(e *rivage.Stored, s *rivage.Settings) {
	switch f := e.Facts.(type) {
	case *rivage.InteractionOpened:
		d.open[f.Interaction] = &interaction{class: f.Class}
	case *rivage.InteractionQueued:
		if q := s.Queues[f.Queue]; q != nil && d.open[f.Interaction] != nil {
			d.open[f.Interaction].class = q.Class
		}
	case *rivage.DisclosurePlayed:
		if i := d.open[f.Interaction]; i != nil && f.Complete && f.Frames > 0 {
			i.told = true
		}
	case *rivage.AreaChosen:
		d.chosen(e, f)
	case *rivage.InteractionAnswered:
		d.answered(e, f)
	case *rivage.InteractionAbandoned:
		d.gone(e.Principal, f.Interaction)
	case *rivage.InteractionClosed:
		delete(d.open, f.Interaction)
	case *rivage.InteractionFailed:
		d.gone(e.Principal, f.Interaction)
	case *rivage.CallbackClosed:
		delete(d.open, f.Interaction)
	case *rivage.FieldShown:
		if f.Allowed {
			d.seen(e, s, d.classOf(f.Interaction), wayOf(f))
		}
	case *rivage.RecordingPlayed:
		d.seen(e, s, d.classOf(f.Interaction), WayListen)
	case *rivage.Exported:
		d.seen(e, s, "", WayCopy)
	}
}

func wayOf(f *rivage.FieldShown) string {
	switch {
	case f.Remote:
		return WayRemote
	case f.Masked:
		return WayMasked
	}
	return WayView
}

func (d *Dossier) classOf(interaction rivage.ID) rivage.DataClass {
	if i := d.open[interaction]; i != nil {
		return i.class
	}
	return ""
}

func (d *Dossier) chosen(e *rivage.Stored, f *rivage.AreaChosen) {
	i := d.open[f.Interaction]
	if f.Area == "" && i != nil { // taken back: whoever answers, it is not where they asked for
		return
	}
	if !d.counts(e) {
		return
	}
	a := d.asked(e.Principal)
	a.N++
	if f.Owed {
		a.Owed++
		return
	}
	if i != nil {
		i.area, i.said = f.Area, f.Told // counted once more when it is known what became of it, then or later
	}
}

func (d *Dossier) asked(principal rivage.ID) *Asked {
	a := d.Asked[principal]
	if a == nil {
		a = &Asked{}
		d.Asked[principal] = a
	}
	return a
}

func (d *Dossier) answered(e *rivage.Stored, f *rivage.InteractionAnswered) {
	i := d.open[f.Interaction]
	if i == nil {
		i = &interaction{}
	}
	country := f.Place.Vouched()
	d.outcome(e.Principal, i, country, f.Wait)
	if !d.counts(e) {
		return
	}
	k := Contacts{e.Principal, f.Place.Company, country, f.Place.Evidence}
	t := d.Contacts[k]
	if t == nil {
		t = &Told{}
		d.Contacts[k] = t
	}
	t.Answered++
	if i.told {
		t.Told++
	}
	d.count(Access{e.Principal, f.Place.Company, country, f.Place.Evidence, WayVoice, i.class}, e.At.Time())
}

// outcome says where somebody who asked for an area was answered, and after which wait, in microseconds.
func (d *Dossier) outcome(principal rivage.ID, i *interaction, country rivage.Country, wait int64) {
	if i.area == "" {
		return
	}
	if a := d.asked(principal); country != "" && i.area.Holds(d.zone(country)) {
		a.Within++
		if i.said > 0 {
			a.Told++
			a.Said += time.Duration(i.said) * time.Microsecond
			a.Real += time.Duration(wait) * time.Microsecond
		}
	} else {
		a.Elsewhere++
	}
	i.area = "" // answered once, whoever takes it over later
}

// gone ends an interaction that nobody answered.
func (d *Dossier) gone(principal, interaction rivage.ID) {
	if i := d.open[interaction]; i != nil && i.area != "" {
		d.asked(principal).Gone++
	}
	delete(d.open, interaction)
}

// seen counts an access of which the leaf says place and class. One whose text is gone at the end of its class is counted
// without them: the facts say that it took place.
func (d *Dossier) seen(e *rivage.Stored, s *rivage.Settings, class rivage.DataClass, way string) {
	if !d.counts(e) {
		return
	}
	a := Access{Principal: e.Principal, Evidence: rivage.Unknown, Way: way, Class: class}
	if leaf, err := rivage.ParseLeaf(e.LeafText); err == nil {
		a.Country, a.Evidence = leaf.Country, leaf.Evidence
		a.Class = cmp.Or(leaf.Class, class)
		if site := s.Sites[leaf.Site]; site != nil {
			a.Company = site.Company
		}
	}
	d.count(a, e.At.Time())
}

func (d *Dossier) count(a Access, at time.Time) {
	s := d.Accesses[a]
	if s == nil {
		s = &Seen{First: at}
		d.Accesses[a] = s
	}
	s.N++
	s.Last = at
}

// Outside are the accesses from outside the EEA, and from places that are not known, in a fixed order.
func (d *Dossier) Outside() []Access {
	return slices.DeleteFunc(d.Sorted(), func(a Access) bool { return a.Country != "" && rivage.AreaEEA.Holds(d.zone(a.Country)) })
}

// Sorted are all accesses, in a fixed order.
func (d *Dossier) Sorted() []Access {
	return slices.SortedFunc(maps.Keys(d.Accesses), func(a, b Access) int {
		return cmp.Or(cmp.Compare(a.Principal, b.Principal), cmp.Compare(a.Company, b.Company), cmp.Compare(a.Country, b.Country),
			cmp.Compare(a.Evidence, b.Evidence), cmp.Compare(a.Way, b.Way), cmp.Compare(a.Class, b.Class))
	})
}
