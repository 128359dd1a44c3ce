// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"slices"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/acd"
	"rivage.example/rivage/engine/policy"
)

// Past is what the log says of the moment before an offer.
type Past struct {
	Settings    *rivage.Settings // in force, with their gate
	Gate        *policy.Gate
	Presences   []*rivage.AgentStateSet // the last of each agent
	Interaction []rivage.Facts          // what had become of the interaction
	Tally       *Tally                  // of the entries of the day, where the queue has shares
}

// Replayed is an offer decided again.
type Replayed struct {
	Agent    rivage.ID     // whom the replay chooses, "" for nobody
	Verdicts []acd.Verdict // on every agent
	Differs  []string      // what the entry says otherwise, by the names of its fields; none when they agree
}

// Replay decides an offer again from the log alone. It takes nothing from the offer but the question: which interaction,
// of which queue, at which instant.
func (p Past) Replay(f *rivage.InteractionOffered, at time.Time) Replayed {
	tally := p.Tally
	if tally == nil {
		tally = NewTally()
	}
	router := acd.New(func(queue rivage.ID, of acd.Stance) rivage.Decision {
		return mayAnswer(p.Settings, p.Gate, tally, queue, of, at)
	})
	for _, line := range Lines(p.Settings) {
		router.SetQueue(line)
	}
	last := map[rivage.ID]*rivage.AgentStateSet{}
	for _, presence := range p.Presences {
		last[presence.Agent] = presence
	}
	for id, set := range p.Settings.Agents {
		presence := last[id]
		if presence == nil { // never signed in
			presence = &rivage.AgentStateSet{Agent: id, State: rivage.AgentOffline}
		}
		router.SetAgent(Candidate(p.Settings, set, presence))
	}
	now := rivage.At(at)
	if f.Clock != 0 { // idle times are counted by a clock that does not step
		now = f.Clock
	}
	line := lineFor(p.Settings, f.Queue, areaBy(p.Interaction))
	r := Replayed{Verdicts: router.Explain(line, now)}
	router.Enqueue(acd.Waiting{Interaction: f.Interaction, Queue: line, Declined: declinedBy(p.Interaction)})
	m, _ := router.Next(now)
	r.Agent, r.Differs = m.Agent, differences(&m, f)
	return r
}

// Allow is what the acd of a floor asks, at an instant: for a run that is nobody's floor, and keeps no tally of a day.
func Allow(s *rivage.Settings, gate *policy.Gate, at time.Time) acd.Allow {
	tally := NewTally()
	return func(line rivage.ID, of acd.Stance) rivage.Decision { return mayAnswer(s, gate, tally, line, of, at) }
}

func differences(m *acd.Match, f *rivage.InteractionOffered) []string {
	var names []string
	for _, d := range []struct {
		name string
		same bool
	}{
		{"agent", m.Agent == f.Agent},
		{"place", m.Place == f.Place},
		{"idle", m.Idle == f.Idle},
		{"candidates", m.Candidates == f.Candidates},
		{"runners_up", slices.Equal(m.RunnersUp, f.RunnersUp)},
		{"set_aside", slices.Equal(m.SetAside, f.SetAside)},
	} {
		if !d.same {
			names = append(names, d.name)
		}
	}
	return names
}

// Candidate is an agent as the acd sees them, from the settings and the last entry about their presence: the floor and
// the replay of its log share it, so that nothing else can make a candidate.
func Candidate(s *rivage.Settings, set *rivage.Agent, f *rivage.AgentStateSet) acd.Agent {
	why := unavailable(s, set, f)
	g := acd.Agent{
		ID: f.Agent, Place: f.Place, ByEar: set.ByEar, Exception: exceptionFor(s, set), Trunk: trunkOf(set), Queues: served(s, set.Queues), Skills: set.Skills, IdleSince: f.IdleSince,
		Available: why == "", Why: why,
	}
	if f.State == rivage.AgentOffline { // without a session they are nowhere; counted where the employer says they work
		g.Place = rivage.Place{Site: set.Site, Evidence: rivage.Unknown}
	}
	return g
}

// exceptionFor is the officer's act for an agent who works by ear, whether it holds now or not; "" for none.
func exceptionFor(s *rivage.Settings, set *rivage.Agent) rivage.ID {
	if !set.ByEar {
		return ""
	}
	for id, x := range s.Exceptions { // one for each agent
		if x.Agent == set.ID {
			return id
		}
	}
	return ""
}

// unavailable is why an agent gets no offer, "" when they may.
func unavailable(s *rivage.Settings, set *rivage.Agent, f *rivage.AgentStateSet) string {
	switch {
	case f.State != rivage.AgentReady:
		return string(f.State)
	case f.Late:
		return "late"
	case set.Device.Kind != DeviceSIP && f.Unheard:
		return "microphone"
	case f.Untold || !siteReady(s, f.Place):
		return "site_not_ready"
	}
	return ""
}

// siteReady says whether callers can be told where an agent of this place sits.
func siteReady(s *rivage.Settings, p rivage.Place) bool {
	_, ok := audioOf(s.Sentence(p))
	return ok
}

// byEarOnly refuses what an agent with a screen reader would get nothing from.
const byEarOnly = "Ce cas ne se consulte qu'en image, et l'agent travaille avec un lecteur d'écran."

// mayAnswer is what the acd asks, once per line and stance.
func mayAnswer(s *rivage.Settings, gate *policy.Gate, tally *Tally, line rivage.ID, of acd.Stance, at time.Time) rivage.Decision {
	queue, area := ofLine(line)
	q := s.Queues[queue]
	if q == nil {
		return rivage.Decision{Reason: "la file n'existe plus"}
	}
	r := policy.Request{
		Principal: q.Principal, Action: rivage.ActOffer, Class: q.Class, Mode: rivage.ModeVoice,
		Purpose: rivage.PurposeService, Place: of.Place, Queue: q.ID,
	}
	d := gate.Decide(r, at)
	if !d.Allowed {
		return d
	}
	if refused, closed := overTrunk(s, gate, of.Trunk, q, d.Rules, at); closed {
		return refused
	}
	if refused, outside := outsideArea(area, of.Place, d.Rules); outside {
		return refused
	}
	if refused, over := tally.overShare(q, of.Place, d.Rules, at); over {
		return refused
	}
	if x := s.Exceptions[of.Exception]; !of.ByEar || x != nil && x.Holds(at) {
		return d
	}
	if imagesOnly(s, gate, r, at) {
		return rivage.Decision{Rule: "lecteur-d-ecran", Reason: byEarOnly, Rules: d.Rules}
	}
	return d
}

// imagesOnly says whether anything that is shown of a case, or of the records that belong to it, is an image only.
func imagesOnly(s *rivage.Settings, gate *policy.Gate, r policy.Request, at time.Time) bool {
	r.Action, r.Mode = rivage.ActField, rivage.ModeView
	remote := func(class rivage.DataClass, field string) bool {
		r.Class, r.Field = class, field
		d := gate.Decide(r, at)
		return d.Allowed && d.Remote
	}
	for _, field := range []string{"", "caller", "note"} {
		if remote(r.Class, field) {
			return true
		}
	}
	for _, f := range s.PersonFields(r.Principal) {
		if remote(f.Class, rivage.PersonField(f.ID)) {
			return true
		}
	}
	for _, src := range s.Cards {
		if src.Principal == r.Principal && slices.ContainsFunc(src.Fields, func(f rivage.CardField) bool {
			return remote(f.Class, src.FieldName(f.Name))
		}) {
			return true
		}
	}
	return false
}

// declinedBy lists who comes last for an interaction, because of how their offers of it ended.
func declinedBy(story []rivage.Facts) []rivage.ID {
	var list []rivage.ID
	for _, facts := range story {
		if f, ok := facts.(*rivage.OfferEnded); ok && comesLast(f.Outcome, f.Reason) {
			list = append(list, f.Agent)
		}
	}
	return list
}

// comesLast says whether an offer ended so that its agent is asked again only when there is nobody else: they refused,
// or did not answer, or their device did. A desk that was lost is not a refusal, nor is a rule that changed or a sentence
// without its sound.
func comesLast(outcome, reason string) bool {
	switch outcome {
	case "declined", "no_answer":
		return true
	case "failed":
		return !slices.Contains([]string{"late", "closed", "unreachable", "policy", unreadable}, reason)
	}
	return false
}
