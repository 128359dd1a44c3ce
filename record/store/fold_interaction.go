// SPDX-License-Identifier: EUPL-1.2

package store

import "rivage.example/rivage"

// opened makes an interaction, and at a first call the person and the subject.
func (s *state) opened(e *event, f *rivage.InteractionOpened) error {
	if err := e.on("interaction", f.Interaction); err != nil {
		return err
	}
	if s.interactions.at(f.Interaction) != nil {
		return invalid("interaction %s is open already", f.Interaction)
	}
	known := s.subjects.at(f.Subject)
	switch {
	case f.New && (known != nil || s.persons.at(f.Person) != nil):
		return invalid("person %s or subject %s exists already", f.Person, f.Subject)
	case !f.New && (known == nil || known.home() != f.Person || known.Principal != e.principal):
		return invalid("subject %s is not one of person %s under %s", f.Subject, f.Person, e.principal)
	case f.New:
		s.persons.put(&personRow{ID: f.Person, Principal: e.principal, CreatedAt: e.at})
		s.subjects.put(&subjectRow{ID: f.Subject, Principal: e.principal, Person: f.Person, Seq: e.seq})
	}
	r := &rivage.InteractionRow{
		ID: f.Interaction, Principal: e.principal, Person: f.Person, Subject: f.Subject, Channel: f.Channel,
		Number: f.Number, Trunk: f.Trunk, Flow: f.Flow, FlowVersion: f.FlowVersion, Class: f.Class,
		State: rivage.InFlow, CallerLeg: f.CallerLeg, OpenedAt: e.at, FirstSeq: e.seq, LastSeq: e.seq,
	}
	// A cell under another subject is not copied: the erasure of that subject would not find the copy.
	if e.subject == r.Subject {
		r.Caller = e.cell("caller")
	}
	s.interactions.put(r)
	return nil
}

// interactionOf names the interaction whose stream an entry of this kind stands in; "" for kinds that stand elsewhere.
func interactionOf(f rivage.Facts) rivage.ID {
	switch f := f.(type) {
	case *rivage.PromptPlayed:
		return f.Interaction
	case *rivage.InteractionQueued:
		return f.Interaction
	case *rivage.InteractionOffered:
		return f.Interaction
	case *rivage.OfferEnded:
		return f.Interaction
	case *rivage.AreaChosen:
		return f.Interaction
	case *rivage.OfferAccepted:
		return f.Interaction
	case *rivage.DisclosurePlayed:
		return f.Interaction
	case *rivage.InteractionAnswered:
		return f.Interaction
	case *rivage.InteractionHeld:
		return f.Interaction
	case *rivage.InteractionResumed:
		return f.Interaction
	case *rivage.InteractionParked:
		return f.Interaction
	case *rivage.InteractionRejoined:
		return f.Interaction
	case *rivage.InteractionEnded:
		return f.Interaction
	case *rivage.InteractionAbandoned:
		return f.Interaction
	case *rivage.InteractionDeflected:
		return f.Interaction
	case *rivage.InteractionFailed:
		return f.Interaction
	case *rivage.CallbackPromised:
		return f.Interaction
	case *rivage.CallbackClosed:
		return f.Interaction
	case *rivage.WrapUpExtended:
		return f.Interaction
	case *rivage.InteractionClosed:
		return f.Interaction
	case *rivage.RecordingOpposed:
		return f.Interaction
	case *rivage.LegMeasured:
		return f.Interaction
	}
	return ""
}

// interactionMoved changes the interaction an entry stands with. Kinds that move no row end here too.
func (s *state) interactionMoved(e *event) error {
	id := interactionOf(e.facts)
	if id == "" {
		return nil
	}
	r, err := s.touched(e, id)
	if err != nil {
		return err
	}
	if !offerMoved(r, e) && !talkMoved(r, e) {
		lifeMoved(r, e)
	}
	return nil
}

// offerMoved folds what happens between the queue and the conversation.
func offerMoved(r *rivage.InteractionRow, e *event) bool {
	switch f := e.facts.(type) {
	case *rivage.InteractionQueued:
		r.State, r.Queue, r.QueuedAt, r.Priority, r.Rank = rivage.Queued, f.Queue, f.QueuedAt, f.Priority, f.Rank
		r.Deadline, r.AcceptedAt, r.HeldAt, r.AgentLeg = 0, 0, 0, ""
	case *rivage.InteractionOffered:
		r.State, r.Agent, r.Offer, r.AgentLeg, r.Place = rivage.Offered, f.Agent, f.Offer, f.Leg, f.Place
		r.OfferedAt, r.AcceptedAt, r.Deadline = e.at, 0, f.Deadline
		if f.Sentence != "" {
			r.Sentence, r.ToldAt = f.Sentence, 0 // it begins now, and is still to be heard to its end
		}
	case *rivage.OfferEnded:
		r.Deadline, r.AcceptedAt, r.AgentLeg = 0, 0, "" // InteractionQueued, or an exit, follows
	case *rivage.OfferAccepted:
		r.AcceptedAt, r.AgentLeg = e.at, f.Leg
	case *rivage.DisclosurePlayed:
		if f.Complete {
			r.ToldAt, r.Sentence = e.at, f.Prompt
		}
	case *rivage.InteractionAnswered:
		r.State, r.Agent, r.Offer, r.AgentLeg, r.Place = rivage.Connected, f.Agent, f.Offer, f.Leg, f.Place
		r.Deadline = 0
		if r.AnsweredAt == 0 { // an interaction is answered once, whoever takes it over later
			r.AnsweredAt, r.Wait = e.at, f.Wait
		}
		r.Extra += f.Extra
	default:
		return false
	}
	return true
}

// talkMoved folds the conversation and its wrap-up.
func talkMoved(r *rivage.InteractionRow, e *event) bool {
	switch f := e.facts.(type) {
	case *rivage.InteractionHeld:
		r.State, r.HeldAt = rivage.Held, e.at
	case *rivage.InteractionResumed:
		r.State, r.HeldAt = rivage.Connected, 0
		r.Hold += f.Held
	case *rivage.InteractionParked:
		r.State, r.Reason, r.Deadline, r.HeldAt, r.AgentLeg = rivage.Parked, f.Reason, f.Deadline, 0, ""
	case *rivage.InteractionRejoined:
		r.State, r.Agent, r.AgentLeg, r.Reason, r.Deadline = rivage.Connected, f.Agent, f.Leg, "", 0
	case *rivage.InteractionEnded:
		r.State, r.Agent, r.EndedAt, r.Deadline = rivage.WrapUp, f.Agent, e.at, f.Deadline
		r.By, r.Reason, r.Talk, r.Hold, r.HeldAt = f.By, f.Cause, f.Talk, f.Hold, 0
	case *rivage.WrapUpExtended:
		r.Deadline, r.Extended = f.Deadline, true
	case *rivage.InteractionClosed:
		r.State, r.ClosedAt, r.Wrap, r.Disposition, r.Deadline = rivage.Closed, e.at, f.Wrap, f.Disposition, 0
		note(r, e)
	default:
		return false
	}
	return true
}

// lifeMoved folds the exits without a conversation.
func lifeMoved(r *rivage.InteractionRow, e *event) {
	switch f := e.facts.(type) {
	case *rivage.InteractionAbandoned:
		exit(r, e, rivage.Abandoned, "caller", f.Cause)
		if r.AnsweredAt == 0 {
			r.Wait = f.Wait
		}
	case *rivage.InteractionDeflected:
		exit(r, e, rivage.Deflected, "system", f.Reason)
	case *rivage.InteractionFailed:
		exit(r, e, rivage.Failed, "system", f.Reason)
	case *rivage.CallbackPromised:
		exit(r, e, rivage.CallbackOwed, "system", f.Reason)
		r.ClosedAt, r.Queue, r.Rank = 0, f.Queue, f.Rank
	case *rivage.CallbackClosed:
		r.State, r.ClosedAt, r.Reason, r.Returned = rivage.Closed, e.at, f.Outcome, f.Return
	}
}

// exit ends an interaction without a wrap-up. A conversation that had ended already keeps its end.
func exit(r *rivage.InteractionRow, e *event, state rivage.InteractionState, by, reason string) {
	r.State, r.By, r.Reason, r.ClosedAt = state, by, reason, e.at
	r.Deadline, r.HeldAt, r.AgentLeg = 0, 0, ""
	if r.EndedAt == 0 {
		r.EndedAt = e.at
	}
}

// note copies the sealed note, when it is the caller's: see opened.
func note(r *rivage.InteractionRow, e *event) {
	if c := e.cell("note"); c != nil && e.subject == r.Subject {
		r.Note = c
	}
}

// recordingStarted makes the object's row. The recording follows the customer.
func (s *state) recordingStarted(e *event, f *rivage.RecordingStarted) error {
	r, err := s.touched(e, f.Interaction)
	if err != nil {
		return err
	}
	s.objects.put(&rivage.ObjectRow{
		ID: f.Object, Principal: e.principal, Interaction: f.Interaction, Subject: r.Subject, Purpose: f.Purpose,
		Site: f.Site, StartedAt: e.at, RetentionDays: f.RetentionDays, State: "open",
	})
	return nil
}

func (s *state) recordingEnded(e *event, f *rivage.RecordingEnded) error {
	if _, err := s.touched(e, f.Interaction); err != nil {
		return err
	}
	o := s.objects.edit(f.Object)
	if o == nil {
		return nil // the gate refused it before anything was captured
	}
	if o.State != "erased" { // its key is gone, whatever the file is
		o.State = f.Outcome
	}
	o.EndedAt, o.Bytes, o.Seconds, o.Dropped, o.Cipher = e.at, f.Bytes, f.Seconds, f.Dropped, f.Cipher
	return nil
}

// recordingExpired: nothing of it is left. What an opposition or an erasure destroyed before keeps its own reason.
func (s *state) recordingExpired(e *event, f *rivage.RecordingExpired) error {
	if _, err := s.touched(e, f.Interaction); err != nil {
		return err
	}
	o := s.objects.edit(f.Object)
	if o == nil {
		return invalid("%s speaks of recording %s, which never began", e.facts.Kind(), f.Object)
	}
	if o.Kept() {
		o.State = "expired"
	}
	return nil
}

// touched gives the interaction an entry stands with, moved to that entry.
func (s *state) touched(e *event, id rivage.ID) (*rivage.InteractionRow, error) {
	if err := e.on("interaction", id); err != nil {
		return nil, err
	}
	r := s.interactions.edit(id)
	if r == nil {
		return nil, invalid("%s speaks of interaction %s, which was never opened", e.facts.Kind(), id)
	}
	r.LastSeq = e.seq
	return r, nil
}
