// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// recording is what becomes of the sound of one interaction.
type recording struct {
	object  rivage.ID // "" until capture begins
	noticed bool      // the notice was heard to its end: without it nothing is captured (GDPR art. 13)
	opposed bool      // the caller refused: nothing is captured, what was is destroyed (GDPR art. 21)
	ended   bool
}

// notice plays the recording notice of the queue, where it records, before the caller waits.
func (s *State) notice(b *batch, c *call, then func(*batch)) {
	q := s.settings.Queues[c.row.Queue]
	if q == nil || q.Recording == nil {
		then(b)
		return
	}
	p := s.settings.Prompts[q.Recording.Notice]
	if p == nil {
		then(b)
		return
	}
	s.play(b, c, p, func(b *batch, p2 Played) {
		b.promptPlayed(c, p, p2)
		c.recording.noticed = p2.Complete && p2.Frames > 0
		then(b)
	})
}

// record starts the capture of a bridged pair, or goes on with one after a hold or on the agent's new leg.
func (s *State) record(b *batch, c *call) {
	q := s.settings.Queues[c.row.Queue]
	r := &c.recording
	if q == nil || q.Recording == nil || !r.noticed || r.opposed || r.ended {
		return
	}
	first := r.object == ""
	object := r.object
	if first {
		object = s.ids.Object()
	}
	place := s.rests()
	grant, d := s.ask(q, rivage.ActRecord, rivage.ModeCopy, q.Recording.Purpose, place, object)
	if place.Evidence != rivage.Declared {
		d = restsNowhere
	}
	if !d.Allowed {
		r.ended = true
		if !first { // the rules changed meanwhile; what became of it is reported
			s.stop(b, c, object, false)
			return
		}
		b.about(c, byRule(place, d, rivage.ModeCopy, q.Recording.Purpose, "refused"),
			&rivage.RecordingEnded{Interaction: c.row.ID, Object: object, Outcome: "refused", Reason: d.Rule})
		return
	}
	r.object = object
	s.captures[object] = c
	if first {
		c.objects = append(c.objects, object)
		b.about(c, byRule(place, d, rivage.ModeCopy, q.Recording.Purpose, "started"), &rivage.RecordingStarted{
			Interaction: c.row.ID, Object: object, Purpose: q.Recording.Purpose,
			RetentionDays: q.Recording.RetentionDays, Site: place.Site,
		})
	}
	b.do(Record{
		Caller: c.row.CallerLeg, Agent: c.row.AgentLeg, Interaction: c.row.ID, Principal: c.row.Principal,
		Subject: c.row.Subject, Object: object, Grant: grant,
	})
}

// oppose ends the capture and destroys what it took; the call goes on.
func (s *State) oppose(b *batch, c *call, role string) {
	r := &c.recording
	if r.opposed {
		return
	}
	r.opposed = true
	if len(c.objects) == 0 {
		b.about(c, rivage.Leaf{Role: role, Outcome: "opposed"}, &rivage.RecordingOpposed{Interaction: c.row.ID})
	}
	for _, object := range c.objects { // those of agents who were lost before, too
		b.about(c, rivage.Leaf{Role: role, Outcome: "opposed"}, &rivage.RecordingOpposed{Interaction: c.row.ID, Object: object})
		s.stop(b, c, object, true)
		s.captures[object] = c
	}
}

// pauseRecording: what is said beside a call that is held or parked is no part of the conversation.
func (s *State) pauseRecording(b *batch, c *call) {
	if c.recording.runs() {
		b.do(PauseRecording{Object: c.recording.object})
	}
}

// runs says whether there is a capture, as far as the floor knows.
func (r *recording) runs() bool { return r.object != "" && !r.ended && !r.opposed }

// stopRecording ends the capture with the conversation.
func (s *State) stopRecording(b *batch, c *call) {
	if c.recording.runs() {
		s.stop(b, c, c.recording.object, false)
	}
}

func (s *State) stop(b *batch, c *call, object rivage.ID, destroy bool) {
	b.do(StopRecording{Interaction: c.row.ID, Principal: c.row.Principal, Object: object, Destroy: destroy})
}

// recordingEnded keeps what became of a recording; its interaction may be closed, or of another process's time.
func (s *State) recordingEnded(b *batch, r RecordingEnded) {
	f := r.Facts
	c := s.captures[f.Object]
	delete(s.captures, f.Object)
	if c == nil && r.Principal != "" {
		c = &call{row: rivage.InteractionRow{ID: f.Interaction, Principal: r.Principal}}
	}
	if c == nil {
		return
	}
	c.recording.ended = c.recording.object == f.Object
	b.about(c, rivage.Leaf{Role: "system", Mode: rivage.ModeCopy, Outcome: f.Outcome}, &f)
}

// restsNowhere refuses to record what would rest at a place that nobody declared, whatever rules say of unknown places.
var restsNowhere = rivage.Decision{Rule: "conservation", Reason: "Personne n'a déclaré où les enregistrements reposent."}

// rests is where recordings rest; not known when nobody declared it.
func (s *State) rests() rivage.Place {
	place := s.settings.PlaceOf(s.settings.Resting(rivage.RestRecordings))
	if place.Evidence == rivage.Declared {
		place.Zone = policy.ZoneOf(place.Country)
	}
	return place
}
