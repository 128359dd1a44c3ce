// SPDX-License-Identifier: EUPL-1.2

package floor

import (
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/flow"
)

// call is one interaction on the floor: its row as the entries so far make it, and what only a living process knows.
type call struct {
	row        rivage.InteractionRow
	caller     rivage.Phone // "" when withheld
	run        flow.Run
	live       bool // the caller is on the line
	playing    playing
	queuedAt   time.Duration
	answered   time.Duration
	heldSince  time.Duration
	held       time.Duration // sum of the holds that ended
	heldBefore time.Duration // of them, those of conversations that were lost before this one
	area       rivage.Area   // where the caller asked to be answered from; "" anywhere
	toldWait   time.Duration // for the area that they may choose, as they heard it; 0 for not said
	beforeLine func(*batch)  // what follows the choice of an area, until it was made
	told       rivage.ID     // sentence the caller has heard to its end
	offer      *offer        // nil when no agent is reserved
	again      string        // why it waits again
	recording  recording
	objects    []rivage.ID   // every recording of it
	talked     time.Duration // in conversations that were lost before this one
	wrap       time.Duration // when the conversation ended
	overdue    bool          // the wrap-up timer ran out without a disposition
	declined   []rivage.ID   // agents who refused it or did not answer
	timer      *deadline     // of the parking or the wrap-up
	position   *deadline     // of the next position announcement
	watch      *deadline     // of the next look whether anybody at work may answer
}

// offer is one agent reserved for one interaction.
type offer struct {
	id        rivage.ID
	agent     *agent
	leg       rivage.ID
	device    rivage.Device
	place     rivage.Place
	sentence  *rivage.Prompt // nil when there is nothing to play
	told      bool           // the caller knows where this agent sits
	connected bool           // media can flow to the agent's device
	accepted  bool
	acceptAt  time.Duration
	toldAt    time.Duration // 0 when the same sentence was heard before
	timer     *deadline
	notes     int // entries that say the agent has this offer
}

// playing is what the caller hears: a prompt that will end, or a loop.
type playing struct {
	id     rivage.ID // of the effect; "" for silence or a loop
	prompt *rivage.Prompt
	then   func(*batch, Played) // what its end leads to
}

// play starts a prompt that leads on when it ends. A prompt without audio is skipped: it ended after no frame.
func (s *State) play(b *batch, c *call, p *rivage.Prompt, then func(*batch, Played)) {
	audio, ok := audioOf(p)
	if !ok {
		c.playing = playing{}
		then(b, Played{Leg: c.row.CallerLeg})
		return
	}
	c.playing = playing{id: s.ids.New(), prompt: p, then: then}
	b.do(Play{Leg: c.row.CallerLeg, Play: c.playing.id, Audio: audio})
}

// music loops until something else plays. A queue without music is silent, which a caller takes for a dead line: the
// configuration asks for one.
func (s *State) music(b *batch, c *call) {
	c.playing = playing{}
	var p *rivage.Prompt
	if q := s.settings.Queues[c.row.Queue]; q != nil {
		p = s.settings.Prompts[q.Music]
	}
	if audio, ok := audioOf(p); ok {
		b.do(Play{Leg: c.row.CallerLeg, Play: s.ids.New(), Audio: audio, Loop: true})
		return
	}
	b.do(Silence{Leg: c.row.CallerLeg})
}

func audioOf(p *rivage.Prompt) (rivage.Hash, bool) {
	if p == nil || p.Audio == "" {
		return rivage.Hash{}, false
	}
	h, err := rivage.ParseHash(p.Audio)
	return h, err == nil
}

// played takes the end of a prompt. The end of one that was replaced meanwhile leads nowhere.
func (s *State) played(b *batch, p Played) {
	c := s.legs[p.Leg]
	if c == nil || c.playing.id == "" || c.playing.id != p.Play {
		return
	}
	then := c.playing.then
	c.playing.id = ""
	then(b, p)
}

// promptPlayed is the entry of an ordinary prompt; the sentence has its own.
func (b *batch) promptPlayed(c *call, prompt *rivage.Prompt, p Played) {
	if prompt == nil || p.Play == "" {
		return
	}
	b.about(c, rivage.Leaf{Role: "system", Outcome: ending(p.Complete)}, &rivage.PromptPlayed{
		Interaction: c.row.ID, Prompt: prompt.ID, Audio: prompt.Audio, Source: prompt.Source, Frames: p.Frames, Complete: p.Complete,
	})
}

func ending(complete bool) string {
	if complete {
		return "complete"
	}
	return "cut"
}

// party is who a leg belongs to.
type party struct {
	call  *call
	agent rivage.ID // "" for the caller
}

// legMeasured keeps the quality of a leg that is over. The interaction may be closed by then. A leg that never carried
// anything is not worth an entry.
func (s *State) legMeasured(b *batch, m LegMeasured) {
	f := m.Facts
	p := s.unmeasured[f.Leg]
	delete(s.unmeasured, f.Leg)
	if p.call == nil || f.In == 0 && f.Out == 0 {
		return
	}
	f.Interaction, f.Agent = p.call.row.ID, p.agent
	b.about(p.call, rivage.Leaf{Role: "system"}, &f)
}

// forget lets go of a call that owes nothing more to anybody here, save what its last legs and recording will report.
func (s *State) forget(c *call) {
	cancel(c.timer)
	cancel(c.position)
	cancel(c.watch)
	delete(s.calls, c.row.ID)
	s.drop(c.row.CallerLeg)
	s.drop(c.row.AgentLeg)
}

func (s *State) drop(leg rivage.ID) {
	if leg != "" {
		delete(s.legs, leg)
	}
}
