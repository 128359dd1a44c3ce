// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"crypto/rand"
	"time"

	"rivage.example/rivage"
)

// Start is when the days of these tests begin.
var Start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// Call writes the appends of one call as the floor does: each names its streams' versions.
type Call struct {
	ID, Person, Subject rivage.ID
	Principal, Queue    rivage.ID
	Agent               rivage.ID
	Number              string // of the caller; "" when withheld
	Known               bool   // Person and Subject exist already
	Now                 time.Time
	Object              rivage.ID // the recording, once started

	version      int64 // of the interaction's stream
	agentVersion int64
	offer, leg   rivage.ID
	queued       rivage.Micros
}

// newID is an ID as the floor makes them.
func newID() rivage.ID { return rivage.NewIDAt(time.Now()) }

// NewCall is a call of somebody new.
func NewCall(principal, queue, agent rivage.ID, number string, now time.Time) *Call {
	return &Call{
		ID: newID(), Person: newID(), Subject: newID(), Principal: principal, Queue: queue,
		Agent: agent, Number: number, Now: now, offer: newID(), leg: newID(),
	}
}

// Entry is an entry of the call's stream.
func (c *Call) Entry(f rivage.Facts) rivage.SealedEntry {
	return Entry(rivage.StreamOf("interaction", c.ID), c.Principal, c.Now, f)
}

// Entry is an entry with a salt and the leaf every entry has.
func Entry(stream rivage.Stream, principal rivage.ID, at time.Time, f rivage.Facts) rivage.SealedEntry {
	e := rivage.SealedEntry{Entry: rivage.Entry{
		Stream: stream, Principal: principal, At: at, Facts: f,
		Leaf: rivage.Leaf{Role: "system", Class: rivage.ClassTracking, Outcome: "done"},
	}}
	_, _ = rand.Read(e.Salt[:]) // never fails, crypto/rand documentation
	return e
}

// Append is what follows in the call's stream, one second later.
func (c *Call) Append(facts ...rivage.Facts) rivage.SealedAppend {
	a := rivage.SealedAppend{Expect: []rivage.StreamVersion{{Stream: rivage.StreamOf("interaction", c.ID), Version: c.version}}}
	for _, f := range facts {
		a.Entries = append(a.Entries, c.Entry(f))
	}
	c.version += int64(len(facts))
	c.Now = c.Now.Add(time.Second)
	return a
}

// agentIs adds the agent's new state to an append: both streams move or neither.
func (c *Call) agentIs(a rivage.SealedAppend, state rivage.AgentState, interaction rivage.ID) rivage.SealedAppend {
	stream := rivage.StreamOf("agent", c.Agent)
	a.Expect = append(a.Expect, rivage.StreamVersion{Stream: stream, Version: c.agentVersion})
	c.agentVersion++
	a.Entries = append(a.Entries, Entry(stream, rivage.Organisation, c.Now, &rivage.AgentStateSet{
		Agent: c.Agent, State: state, Since: rivage.At(c.Now), Interaction: interaction, IdleSince: rivage.At(Start),
		Session: "session", Device: "browser", Place: Brest,
	}))
	return a
}

// Brest is where the agents of these tests sit.
var Brest = rivage.Place{Site: "brest", Company: "ponant", Country: "FR", Zone: rivage.ZoneFR, Evidence: rivage.Attested}

// Opened is the first append, with the person, the sealed number and its blind index.
func (c *Call) Opened() rivage.SealedAppend {
	a := c.Append(&rivage.InteractionOpened{
		Interaction: c.ID, Person: c.Person, Subject: c.Subject, New: !c.Known, Channel: rivage.ChannelVoice,
		Number: "+33298000000", Trunk: "trunk", Flow: "accueil", FlowVersion: 1, Class: rivage.ClassTracking,
		CallerLeg: rivage.NewID(),
	})
	if !c.Known {
		a.Keys = []rivage.SubjectKey{Key(c.Subject)}
	}
	if c.Number != "" {
		e := &a.Entries[0]
		Seal(e, c.Subject, `{"caller":"`+c.Number+`"}`, rivage.Cell{Name: "caller", Value: []byte(c.Number)})
		e.Indexes = []rivage.Index{{Kind: "tel", Value: Blind(c.Principal, "tel", c.Number)}}
	}
	return a
}

// Played says that the greeting was heard.
func (c *Call) Played() rivage.SealedAppend {
	return c.Append(&rivage.PromptPlayed{Interaction: c.ID, Prompt: "bonjour", Source: "recorded", Frames: 100, Complete: true})
}

// Waits puts the call in its queue, again says why it is not the first time.
func (c *Call) Waits(again string) rivage.SealedAppend {
	if c.queued == 0 {
		c.queued = rivage.At(c.Now)
	}
	return c.Append(&rivage.InteractionQueued{
		Interaction: c.ID, Queue: c.Queue, QueuedAt: c.queued, Priority: 1, Rank: rivage.RankOf(c.queued, 1, 30e6), Again: again,
	})
}

// Offered reserves the agent.
func (c *Call) Offered() rivage.SealedAppend {
	return c.agentIs(c.Append(&rivage.InteractionOffered{
		Interaction: c.ID, Offer: c.offer, Agent: c.Agent, Leg: c.leg, Queue: c.Queue, Place: Brest, Device: "browser",
		Deadline: rivage.At(c.Now.Add(15 * time.Second)), Sentence: "en-france", Candidates: 1,
		SetAside: []rivage.Count{{Reason: "policy", Rule: "sante-france", Site: "lome", N: 3}},
	}), rivage.AgentOffered, c.ID)
}

// Accepted is the agent's yes, and Told the end of the sentence.
func (c *Call) Accepted() rivage.SealedAppend {
	return c.Append(&rivage.OfferAccepted{Interaction: c.ID, Offer: c.offer, Agent: c.Agent, Leg: c.leg})
}

// Told says that the caller heard where the agent sits.
func (c *Call) Told() rivage.SealedAppend {
	return c.Append(&rivage.DisclosurePlayed{
		Interaction: c.ID, Offer: c.offer, Agent: c.Agent, Prompt: "en-france", Source: "recorded", Frames: 150, Complete: true,
		Country: "FR", Evidence: rivage.Attested,
	})
}

// Answered opens the bridge after a wait in microseconds.
func (c *Call) Answered(wait int64) rivage.SealedAppend {
	return c.agentIs(c.Append(&rivage.InteractionAnswered{
		Interaction: c.ID, Offer: c.offer, Agent: c.Agent, Leg: c.leg, Place: Brest, Wait: wait, Extra: 200_000,
	}), rivage.AgentEngaged, c.ID)
}

// Records starts the recording.
func (c *Call) Records() rivage.SealedAppend {
	c.Object = newID()
	return c.Append(&rivage.RecordingStarted{
		Interaction: c.ID, Object: c.Object, Purpose: rivage.PurposeQuality, RetentionDays: 90, Site: "brest",
	})
}

// Recorded ends it.
func (c *Call) Recorded(outcome string) rivage.SealedAppend {
	return c.Append(&rivage.RecordingEnded{
		Interaction: c.ID, Object: c.Object, Outcome: outcome, Bytes: 96_000, Seconds: 6, Cipher: "ab",
	})
}

// Expired ends its retention.
func (c *Call) Expired() rivage.SealedAppend {
	return c.Append(&rivage.RecordingExpired{Interaction: c.ID, Object: c.Object, Purpose: rivage.PurposeQuality, RetentionDays: 90})
}

// Ended is the end of the conversation.
func (c *Call) Ended() rivage.SealedAppend {
	return c.agentIs(c.Append(&rivage.InteractionEnded{
		Interaction: c.ID, Agent: c.Agent, By: "caller", Cause: "bye", Talk: 60e6, Hold: 5e6, Deadline: rivage.At(c.Now.Add(time.Minute)),
	}), rivage.AgentWrapUp, c.ID)
}

// Closed ends the wrap-up, with a sealed note.
func (c *Call) Closed(note string) rivage.SealedAppend {
	a := c.Append(&rivage.InteractionClosed{Interaction: c.ID, Agent: c.Agent, Disposition: "resolu", Wrap: 20e6})
	if note != "" {
		Seal(&a.Entries[0], c.Subject, `{"note":"`+note+`"}`, rivage.Cell{Name: "note", Value: []byte(note)})
	}
	return c.agentIs(a, rivage.AgentReady, "")
}

// Whole is a call from arrival to the end of its wrap-up.
func (c *Call) Whole(wait int64) []rivage.SealedAppend {
	return []rivage.SealedAppend{
		c.Opened(), c.Played(), c.Waits(""), c.Offered(), c.Accepted(), c.Told(), c.Answered(wait), c.Records(),
		c.Recorded("complete"), c.Ended(), c.Closed("rappeler jeudi"),
	}
}

// Version is where the call's stream stands.
func (c *Call) Version() int64 { return c.version }

// Erased erases the call's person.
func (c *Call) Erased() rivage.SealedAppend {
	subjects := []rivage.ID{c.Subject}
	return rivage.SealedAppend{Erase: subjects, Entries: []rivage.SealedEntry{Entry(
		rivage.StreamOf("person", c.Person), c.Principal, c.Now, &rivage.PersonErased{Person: c.Person, Subjects: subjects, By: "dpo"})}}
}
