// SPDX-License-Identifier: EUPL-1.2

package dossier

import (
	"encoding/json"

	"rivage.example/rivage"
)

// The ways in which something flows to a site, as the proof of an opening names them, in its order.
const (
	FlowOffer        = "offres"
	FlowConversation = "conversations"
	FlowField        = "champs montrés"
	FlowCard         = "fiches demandées"
	FlowRecording    = "enregistrements"
	FlowExport       = "exports"
	FlowSession      = "sessions"
)

// Flows is the closed list. A session alone reaches nobody's data, and is counted all the same.
var Flows = []string{FlowOffer, FlowConversation, FlowField, FlowCard, FlowRecording, FlowExport, FlowSession}

// maxFlowed is how many entries a proof lists.
const maxFlowed = 50

// Flow is what went to a site, before and after the last decision on its opening. One goroutine owns it.
type Flow struct {
	Before, After map[string]int
	Entries       []Flowed // the first maxFlowed
	Unread        int      // entries that may speak of the site, and whose text or facts are gone

	site    rivage.ID
	country rivage.Country
	verdict rivage.OpeningVerdict
}

// Flowed is one entry by which something went to the site.
type Flowed struct {
	Seq  rivage.Seq
	At   rivage.Micros
	Kind rivage.Kind
}

// FlowTo counts what goes to a site, and what goes where its country was seen: whoever states another place from there is
// meant too.
func FlowTo(site rivage.ID, country rivage.Country) *Flow {
	return &Flow{Before: map[string]int{}, After: map[string]int{}, site: site, country: country}
}

// N is how often something went there, sessions apart.
func (f *Flow) N() (n int) {
	for _, way := range Flows {
		if way != FlowSession {
			n += f.Before[way] + f.After[way]
		}
	}
	return n
}

// Sessions is how many were opened there.
func (f *Flow) Sessions() int { return f.Before[FlowSession] + f.After[FlowSession] }

// Take adds an entry. It takes all of them, in order.
func (f *Flow) Take(e *rivage.Stored) {
	switch x := e.Facts.(type) {
	case nil:
		f.Unread++
	case *rivage.SettingSet:
		f.decided(x)
	case *rivage.InteractionOffered:
		f.at(e, FlowOffer, x.Place)
	case *rivage.InteractionAnswered:
		f.at(e, FlowConversation, x.Place)
	case *rivage.SignedIn:
		f.at(e, FlowSession, x.Place)
	case *rivage.RecordingStarted:
		f.at(e, FlowRecording, rivage.Place{Site: x.Site})
	case *rivage.FieldShown:
		if x.Allowed {
			f.read(e, FlowField, x.Seen)
		}
	case *rivage.CardAsked:
		f.read(e, FlowCard, x.Seen)
	case *rivage.RecordingPlayed:
		f.read(e, FlowRecording, x.Seen)
	case *rivage.Exported:
		f.read(e, FlowExport, x.Seen)
	}
}

// decided begins the count after a decision anew: what was after the last one is before this one.
func (f *Flow) decided(x *rivage.SettingSet) {
	if x.Type != rivage.TypeOpening || x.ID != f.site {
		return
	}
	var o rivage.Opening
	verdict := rivage.OpeningVerdict("")
	if json.Unmarshal(x.Doc, &o) == nil && o.Decision != nil {
		verdict = o.Decision.Verdict
	}
	if verdict != "" && verdict != f.verdict {
		for way, n := range f.After {
			f.Before[way] += n
		}
		clear(f.After)
	}
	f.verdict = verdict
}

func (f *Flow) at(e *rivage.Stored, way string, p rivage.Place) {
	if p.Site == f.site || p.Seen != "" && p.Seen == f.country {
		f.count(e, way)
	}
}

// read takes the place from what auditors read, and whose network it was from the facts.
func (f *Flow) read(e *rivage.Stored, way string, seen rivage.Country) {
	leaf, err := rivage.ParseLeaf(e.LeafText)
	if err != nil {
		f.Unread++
		return
	}
	f.at(e, way, rivage.Place{Site: leaf.Site, Seen: seen})
}

func (f *Flow) count(e *rivage.Stored, way string) {
	if f.verdict == "" {
		f.Before[way]++
	} else {
		f.After[way]++
	}
	if len(f.Entries) < maxFlowed {
		f.Entries = append(f.Entries, Flowed{e.Seq, e.At, e.Kind})
	}
}
